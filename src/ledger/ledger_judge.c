/* Who said it, and is it the next thing its author says? */
#include "ledger/ledger_inner.h"

#include <string.h>

void saksi_judge_refuse(struct saksi_judgement *j, const char *reason)
{
	j->verdict = SAKSI_REFUSED;
	j->reason = reason;
}

static void judge_as(struct saksi_judgement *j, enum saksi_err verdict,
		     const char *reason)
{
	j->verdict = verdict;
	j->reason = reason;
}

/* ---- signatures.  All must be good and by keys in force: nobody can add a
 * signer, and a signer nobody knows makes the entry false. */

static enum saksi_sig_answer answer_to(const struct saksi_pending *p, size_t i,
				       const uint8_t key[SAKSI_KEY_LEN])
{
	for (size_t c = 0; c < p->check_count; c++)
		if (memcmp(p->checks[c].key, key, SAKSI_KEY_LEN) == 0 &&
		    memcmp(p->checks[c].sig, p->envelope.sigs[i].sig, SAKSI_SIG_LEN) ==
			0)
			return p->checks[c].answer;
	return SAKSI_SIG_UNCHECKED;
}

static bool all_good(const struct saksi_ledger *l, const struct saksi_pending *p,
		     struct saksi_judgement *j)
{
	bool unchecked = false;

	for (size_t i = 0; i < p->envelope.sig_count; i++) {
		const uint8_t *key =
		    saksi_ledger_key_of(l, p, &p->envelope.sigs[i].keyid);
		enum saksi_sig_answer answer;

		if (key == NULL) {
			saksi_judge_refuse(j, "signed by a key that nobody was given");
			return false;
		}
		answer = answer_to(p, i, key);
		if (answer == SAKSI_SIG_BAD) {
			saksi_judge_refuse(j, "a signature is false");
			return false;
		}
		unchecked = unchecked || answer != SAKSI_SIG_GOOD;
	}
	if (unchecked)
		judge_as(j, SAKSI_MISSING, "a signature was not checked");
	j->all_good = !unchecked;
	return j->all_good;
}

/* Envelopes hold each key once, so nobody is counted twice. */
static size_t signers_among(const struct saksi_roots *r, const struct saksi_envelope *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->sig_count; i++)
		n += saksi_roots_key(r, &e->sigs[i].keyid) != NULL;
	return n;
}

const char *saksi_roots_enough(const struct saksi_roots *now,
			       const struct saksi_roots *next,
			       const struct saksi_envelope *e)
{
	if (signers_among(now, e) < now->quorum)
		return "keys signed by too few of the pinned roots";
	if (next != NULL && signers_among(next, e) < next->quorum)
		return "new roots that too few of them have signed";
	return NULL;
}

static bool root_signed(struct saksi_ledger *l, const struct saksi_pending *p,
			struct saksi_judgement *j)
{
	const char *few;

	if (!saksi_bytes_same(p->statement.author, l->root.name)) {
		saksi_judge_refuse(j, "keys that do not name the root as author");
		return false;
	}
	few = saksi_roots_enough(&l->roots, p->roots, &p->envelope);
	if (few != NULL) {
		saksi_judge_refuse(j, few);
		return false;
	}
	j->author = &l->root;
	return true;
}

static bool in_force(const struct saksi_ledger *l, const struct saksi_pending *p,
		     struct saksi_judgement *j)
{
	for (size_t i = 0; i < p->envelope.sig_count; i++) {
		const struct saksi_ledger_key *k =
		    saksi_ledger_key_find(l, &p->envelope.sigs[i].keyid);

		if (k->revoked_from <= l->size) {
			saksi_judge_refuse(j, "signed by a revoked key");
			j->alarm = SAKSI_ALARM_REVOKED;
			j->revoked = true;
			return false;
		}
		if (!k->author->active ||
		    memcmp(k->author->key, k->key, SAKSI_KEY_LEN) != 0) {
			saksi_judge_refuse(j, "signed by a key no longer in force");
			return false;
		}
		if (saksi_bytes_same(k->author->name, p->statement.author))
			j->author = k->author;
	}
	if (j->author == NULL)
		saksi_judge_refuse(j, "not signed by its author");
	return j->author != NULL;
}

static bool right_roles(const struct saksi_ledger *l, const struct saksi_pending *p,
			struct saksi_judgement *j)
{
	bool two = p->statement.kind == SAKSI_KIND_EXTENSION ||
		   p->statement.kind == SAKSI_KIND_ACCEPTANCE;
	bool other_role = false;

	if (!two && p->envelope.sig_count != 1) {
		saksi_judge_refuse(j, "signed by others than its author");
		return false;
	}
	for (size_t i = 0; i < p->envelope.sig_count; i++) {
		const struct saksi_ledger_author *a =
		    saksi_ledger_key_find(l, &p->envelope.sigs[i].keyid)->author;

		if (a != j->author &&
		    !saksi_kinds_allow(a->kinds, a->other_kinds, a->other_count,
				       &p->statement)) {
			saksi_judge_refuse(j,
					   "signed by one who may not sign this kind");
			return false;
		}
		other_role = other_role || !saksi_bytes_same(a->role, j->author->role);
	}
	if (two && !other_role)
		saksi_judge_refuse(j, "postponed without a second role");
	return !two || other_role;
}

static bool well_signed(struct saksi_ledger *l, const struct saksi_pending *p,
			struct saksi_judgement *j)
{
	if (p->statement.kind != SAKSI_KIND_KEYS && !l->has_keys) {
		saksi_judge_refuse(j, "before any keys statement");
		return false;
	}
	if (!all_good(l, p, j))
		return false;
	if (p->statement.kind == SAKSI_KIND_KEYS)
		return root_signed(l, p, j);
	return in_force(l, p, j) && right_roles(l, p, j);
}

static bool attached_as_signed(const struct saksi_pending *p, struct saksi_judgement *j)
{
	const struct saksi_statement *s = &p->statement;

	j->well_made = s->addenda_count == p->entry.count &&
		       (p->entry.count == 0 || memcmp(s->addenda, p->entry.digests.at,
						      p->entry.digests.len) == 0);
	if (!j->well_made)
		saksi_judge_refuse(j, "attachments differ from what was signed");
	return j->well_made;
}

/* ---- the author's chain */

/* Is this the next, the same again, or something that cannot be? */
static bool chained(const struct saksi_ledger *l, const struct saksi_pending *p,
		    struct saksi_judgement *j)
{
	const struct saksi_statement *s = &p->statement;
	struct saksi_hash key = saksi_table_number(s->author, s->sequence);
	const struct saksi_ledger_author *a = j->author;
	bool again = false;

	for (const struct saksi_seen *n = saksi_table_get(l, &key); n != NULL;
	     n = n->next) {
		if (!saksi_hash_same(&n->id, &p->envelope.id))
			j->equivocation = true;
		else
			j->seen = true;
		again = again || (n->taken && saksi_hash_same(&n->id, &p->envelope.id));
	}
	if (again)
		return true;
	if (s->sequence < a->next_sequence) {
		saksi_judge_refuse(j, "one number, two statements");
		j->alarm = SAKSI_ALARM_EQUIVOCATION;
		return false;
	}
	if (s->sequence > a->next_sequence ||
	    (s->sequence > 0 && !saksi_hash_same(&s->previous, &a->last))) {
		saksi_judge_refuse(j, "a gap in its author's chain");
		j->alarm = SAKSI_ALARM_GAP;
		return false;
	}
	j->steps = true;
	return true;
}

/* Did these very words count before?  Then they change nothing; a reading that
 * was refused is judged again, since what it lacked may have come. */
static bool said_before(const struct saksi_ledger *l, const struct saksi_pending *p,
			struct saksi_judgement *j)
{
	const struct saksi_record *rec = saksi_ledger_find(l, &p->envelope.id);

	if (rec == NULL || (rec->verdict != SAKSI_OK && rec->verdict != SAKSI_NEWER))
		return false;
	judge_as(j, rec->verdict, rec->reason);
	j->repeat = true;
	return true;
}

static bool same_entry(const struct saksi_ledger *l, const struct saksi_pending *p)
{
	const struct saksi_record *rec = saksi_ledger_find(l, &p->envelope.id);
	struct saksi_hash entry;

	if (rec == NULL)
		return false;
	entry = saksi_hash_of(p->raw);
	return saksi_hash_same(&rec->entry, &entry);
}

enum saksi_err saksi_ledger_judge(struct saksi_ledger *l, const struct saksi_pending *p,
				  struct saksi_judgement *j)
{
	memset(j, 0, sizeof(*j));
	j->alarm = SAKSI_ALARM_FALSE_ENTRY;
	if (p->read != SAKSI_OK && p->read != SAKSI_NEWER) {
		judge_as(j, p->read,
			 p->fault.what != NULL ? p->fault.what : "unreadable");
		return SAKSI_OK;
	}
	/* The same bytes carry the same signatures: whoever sends them. */
	if (same_entry(l, p) && said_before(l, p, j))
		return SAKSI_OK;
	if (l->newer_keys) {
		judge_as(j, SAKSI_NEWER,
			 "after a keys statement newer than this program");
		return SAKSI_OK;
	}
	if (!well_signed(l, p, j) || !attached_as_signed(p, j) || !chained(l, p, j))
		return SAKSI_OK;
	if (!j->steps && said_before(l, p, j))
		return SAKSI_OK;
	if (!saksi_kinds_allow(j->author->kinds, j->author->other_kinds,
			       j->author->other_count, &p->statement))
		saksi_judge_refuse(j, "its author may not sign this kind");
	else if (p->read == SAKSI_NEWER)
		judge_as(j, SAKSI_NEWER, p->fault.what);
	else if (p->statement.kind == SAKSI_KIND_OTHER)
		judge_as(j, SAKSI_NEWER, "a kind this program does not know");
	else
		return saksi_rules_judge(l, p, j);
	return SAKSI_OK;
}
