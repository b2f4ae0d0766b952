/* What a statement of each kind must keep to, given all that came before.
 * Each broken rule has one sentence of its own. */
#include "ledger/ledger_inner.h"

#include <string.h>

#include "merkle/tree.h"

#define RULE(j, holds, reason)                                                         \
	do {                                                                           \
		if (!(holds)) {                                                        \
			saksi_judge_refuse(j, reason);                                 \
			return;                                                        \
		}                                                                      \
	} while (0)

/* The statement with this id when it counts and is of that kind. */
static const struct saksi_record *counting(const struct saksi_ledger *l,
					   const struct saksi_hash *id,
					   enum saksi_kind kind)
{
	const struct saksi_record *rec = saksi_ledger_find(l, id);

	return rec != NULL && rec->verdict == SAKSI_OK && rec->statement.kind == kind
		   ? rec
		   : NULL;
}

static bool subject_is(const struct saksi_statement *s, const struct saksi_hash *h)
{
	return saksi_hash_same(&s->subject, h);
}

/* ---- keys, inventory, plan */

static bool was_root(const struct saksi_ledger *l, const struct saksi_hash *keyid)
{
	struct saksi_hash at = saksi_table_key(SAKSI_TAG_ROOT, saksi_hash_bytes(keyid));

	return saksi_table_get(l, &at) != NULL;
}

/* A root's key now, before, or by this very statement. */
static bool root_key(const struct saksi_ledger *l, const struct saksi_keys *b,
		     const uint8_t key[SAKSI_KEY_LEN])
{
	struct saksi_hash keyid = saksi_keyid(key);

	return saksi_roots_key(&l->roots, &keyid) != NULL || was_root(l, &keyid) ||
	       (b->roots != NULL && saksi_roots_key(b->roots, &keyid) != NULL);
}

static bool distinct_from(const struct saksi_keys *k, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (saksi_bytes_same(k->authors[i].author, k->authors[n].author) ||
		    memcmp(k->authors[i].key, k->authors[n].key, SAKSI_KEY_LEN) == 0)
			return false;
	return true;
}

static bool changes_hands(const struct saksi_ledger *l,
			  const struct saksi_author_key *a)
{
	struct saksi_hash keyid = saksi_keyid(a->key);
	const struct saksi_ledger_key *k = saksi_ledger_key_find(l, &keyid);

	return k != NULL && k->author != NULL &&
	       !saksi_bytes_same(k->author->name, a->author);
}

/* A root that stays keeps its name: else one holder would come to two seats. */
static bool same_holder(const struct saksi_roots *now, const struct saksi_roots *next,
			size_t n)
{
	for (size_t i = 0; i < now->key_count; i++)
		if (memcmp(now->keys[i].key, next->keys[n].key, SAKSI_KEY_LEN) == 0)
			return saksi_bytes_same(now->keys[i].name, next->keys[n].name);
	return true;
}

static bool revokes(const struct saksi_keys *b, const uint8_t key[SAKSI_KEY_LEN])
{
	for (size_t i = 0; i < b->revoked_count; i++)
		if (memcmp(b->revoked[i].key, key, SAKSI_KEY_LEN) == 0)
			return true;
	return false;
}

static void rule_roots(const struct saksi_ledger *l, const struct saksi_keys *b,
		       struct saksi_judgement *j)
{
	for (size_t i = 0; i < b->roots->key_count; i++) {
		const uint8_t *key = b->roots->keys[i].key;
		struct saksi_hash keyid = saksi_keyid(key);
		const struct saksi_ledger_key *k = saksi_ledger_key_find(l, &keyid);

		RULE(j, same_holder(&l->roots, b->roots, i),
		     "a root's key given to another root");
		RULE(j, !was_root(l, &keyid), "a root that was replaced before");
		RULE(j,
		     !revokes(b, key) && (k == NULL || k->revoked_from == UINT64_MAX),
		     "a revoked key for a root");
		RULE(j, k == NULL || k->author == NULL, "an author's key for a root");
	}
}

static void rule_keys(const struct saksi_ledger *l, const struct saksi_pending *p,
		      struct saksi_judgement *j)
{
	const struct saksi_keys *b = &j->body.keys;
	struct saksi_hash subject = saksi_keys_subject(b);

	RULE(j, subject_is(&p->statement, &subject),
	     "the subject is not the authors' keys");
	for (size_t i = 0; i < b->author_count; i++) {
		RULE(j, !saksi_bytes_same(b->authors[i].author, l->root.name),
		     "the root named as an author");
		RULE(j, distinct_from(b, i), "one author or key named twice");
		RULE(j, !root_key(l, b, b->authors[i].key),
		     "a root's key for an author");
		RULE(j, !changes_hands(l, &b->authors[i]),
		     "another author's key given away");
	}
	if (b->roots != NULL)
		rule_roots(l, b, j);
}

static void rule_inventory(const struct saksi_pending *p, struct saksi_judgement *j)
{
	const struct saksi_inventory *b = &j->body.inventory;

	RULE(j, subject_is(&p->statement, &b->sealed),
	     "the subject is not the sealed inventory");
	for (size_t i = 0; i < b->server_count; i++)
		for (size_t k = 0; k < i; k++)
			RULE(j,
			     !saksi_bytes_same(b->servers[i].server,
					       b->servers[k].server),
			     "one server listed twice");
}

static bool nonce_free(const struct saksi_ledger *l, const struct saksi_pending *p,
		       const uint8_t nonce[32])
{
	struct saksi_hash key =
	    saksi_table_key(SAKSI_TAG_NONCE, (struct saksi_bytes){nonce, 32});
	const struct saksi_record *rec = saksi_table_get(l, &key);

	return rec == NULL || saksi_hash_same(&rec->id, &p->envelope.id);
}

static void rule_plan(const struct saksi_ledger *l, const struct saksi_pending *p,
		      struct saksi_judgement *j)
{
	const struct saksi_plan *b = &j->body.plan;
	const struct saksi_ledger_server *server =
	    saksi_ledger_server_find(l, b->server);

	RULE(j, subject_is(&p->statement, &b->rules),
	     "the subject is not the rule set");
	RULE(j,
	     server != NULL && l->inventory_record != NULL &&
		 server->listed == l->inventory_record,
	     "a server that is not in the newest inventory");
	RULE(j, nonce_free(l, p, b->nonce), "a nonce that was used before");
	RULE(j, b->checkpoint.size <= l->size,
	     "a checkpoint of a log longer than this was");
}

/* ---- audit, abandoned */

/* Finds the plan and whether this author may end it.  A second end is not
 * recorded as one, but it leaves its mark on the plan. */
static bool ends_plan(const struct saksi_ledger *l, const struct saksi_hash *id,
		      struct saksi_judgement *j)
{
	const struct saksi_record *rec = counting(l, id, SAKSI_KIND_PLAN);

	if (rec == NULL) {
		saksi_judge_refuse(j, "no plan before it");
		j->alarm = SAKSI_ALARM_NO_PLAN;
		return false;
	}
	if (rec->author != j->author) {
		saksi_judge_refuse(j, "another author's plan");
		return false;
	}
	j->plan = rec->plan;
	if (rec->plan->audit == NULL && rec->plan->abandoned == NULL)
		return true;
	saksi_judge_refuse(j, "a second end of one plan");
	j->alarm = SAKSI_ALARM_TWO_AUDITS;
	j->claims_too = true;
	return false;
}

static void rule_abandoned(const struct saksi_ledger *l, const struct saksi_pending *p,
			   struct saksi_judgement *j)
{
	RULE(j, subject_is(&p->statement, &j->body.abandoned.plan),
	     "the subject is not the plan");
	(void)ends_plan(l, &j->body.abandoned.plan, j);
}

static void as_planned(const struct saksi_ledger *l, const struct saksi_audit *b,
		       struct saksi_judgement *j)
{
	const struct saksi_plan *plan = &j->plan->plan;

	RULE(j, saksi_bytes_same(b->server, plan->server),
	     "another server than planned");
	RULE(j, memcmp(b->nonce, plan->nonce, sizeof(b->nonce)) == 0,
	     "another nonce than planned");
	RULE(j, saksi_hash_same(&b->rules, &plan->rules),
	     "another rule set than planned");
	RULE(j, b->leaf_count == plan->rule_count,
	     "more or fewer verdicts than the plan has rules");
	RULE(j, b->checkpoint.size > j->plan->record->index,
	     "its checkpoint does not cover its plan");
	RULE(j, b->checkpoint.size <= l->size,
	     "a checkpoint of a log longer than this was");
	RULE(j, b->from_utc <= b->to_utc, "a collection that ends before it begins");
}

static bool counts_fit(const struct saksi_audit *b)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < SAKSI_VERDICTS; i++) {
		if (b->counts[i] > b->leaf_count)
			return false;
		sum += b->counts[i];
	}
	return sum == b->leaf_count;
}

static bool severities_fit(const struct saksi_audit *b)
{
	uint64_t failed[SAKSI_SEVERITIES] = {0};

	for (size_t i = 0; i < b->failure_count; i++)
		failed[b->failures[i].severity]++;
	return memcmp(failed, b->failed, sizeof(failed)) == 0;
}

static bool failures_distinct(const struct saksi_audit *b)
{
	for (size_t i = 0; i < b->failure_count; i++)
		for (size_t k = 0; k < i; k++)
			if (saksi_hash_same(&b->failures[i].leaf, &b->failures[k].leaf))
				return false;
	return true;
}

static bool dates_fit(const struct saksi_audit *b)
{
	for (size_t i = 0; i < b->failure_count; i++)
		if (b->failures[i].disclose_by_utc < b->failures[i].first_seen_utc)
			return false;
	return true;
}

static void adds_up(const struct saksi_audit *b, struct saksi_hash *scratch,
		    struct saksi_judgement *j)
{
	struct saksi_hash root = saksi_sealed_root(b->leaves, b->leaf_count, scratch);

	RULE(j, saksi_hash_same(&root, &b->vector_root),
	     "the verdicts do not make the stated root");
	for (size_t i = 0; i < b->failure_count; i++)
		scratch[i] = b->failures[i].leaf;
	root = b->failure_count == 0 ? saksi_hash_empty()
				     : saksi_tree_root_of(scratch, b->failure_count);
	RULE(j, saksi_hash_same(&root, &b->failure_root),
	     "the failures do not make the stated root");
	RULE(j, counts_fit(b), "the counts do not add up to the rules");
	RULE(j, b->failure_count == b->counts[SAKSI_FAIL],
	     "more or fewer failures than counted");
	RULE(j, severities_fit(b), "the severities do not add up to the failures");
	RULE(j, failures_distinct(b), "one failure listed twice");
	RULE(j, dates_fit(b), "a failure due before it was seen");
}

static enum saksi_err rule_audit(const struct saksi_ledger *l,
				 const struct saksi_pending *p,
				 struct saksi_judgement *j)
{
	const struct saksi_audit *b = &j->body.audit;
	struct saksi_hash *scratch;
	size_t mark = l->arena->used;
	size_t most =
	    b->leaf_count > b->failure_count ? b->leaf_count : b->failure_count;

	if (!subject_is(&p->statement, &b->vector_root)) {
		saksi_judge_refuse(j, "the subject is not the verdict vector");
		return SAKSI_OK;
	}
	if (!ends_plan(l, &b->plan, j))
		return SAKSI_OK;
	as_planned(l, b, j);
	if (j->verdict != SAKSI_OK)
		return SAKSI_OK;
	scratch = saksi_arena_new(l->arena, most, sizeof(*scratch));
	if (scratch == NULL)
		return SAKSI_LIMIT;
	adds_up(b, scratch, j);
	saksi_arena_rewind(l->arena, mark);
	return SAKSI_OK;
}

/* ---- observation, heartbeat */

static void rule_observation(const struct saksi_ledger *l,
			     const struct saksi_pending *p, struct saksi_judgement *j)
{
	const struct saksi_hash *of = &j->body.observation.of;

	RULE(j, subject_is(&p->statement, of), "the subject is not what was observed");
	RULE(j,
	     counting(l, of, SAKSI_KIND_PLAN) != NULL ||
		 counting(l, of, SAKSI_KIND_AUDIT) != NULL,
	     "no such plan or audit before it");
}

static void rule_heartbeat(const struct saksi_ledger *l, const struct saksi_pending *p,
			   struct saksi_judgement *j)
{
	const struct saksi_heartbeat *b = &j->body.heartbeat;

	RULE(j, subject_is(&p->statement, &b->checkpoint.root),
	     "the subject is not the checkpoint");
	RULE(j, b->checkpoint.size <= l->size,
	     "a checkpoint of a log longer than this was");
	RULE(j, b->statements == p->statement.sequence,
	     "a count of statements that is not its number");
}

/* ---- disclosure, extension, acceptance */

static bool about_audit(const struct saksi_ledger *l, const struct saksi_pending *p,
			const struct saksi_hash *id, struct saksi_judgement *j)
{
	const struct saksi_record *rec = counting(l, id, SAKSI_KIND_AUDIT);

	if (!subject_is(&p->statement, id))
		saksi_judge_refuse(j, "the subject is not the audit");
	else if (rec == NULL)
		saksi_judge_refuse(j, "no such audit before it");
	else
		j->audit = rec->audit;
	return j->audit != NULL;
}

static void rule_disclosure(const struct saksi_ledger *l, const struct saksi_pending *p,
			    struct saksi_judgement *j)
{
	const struct saksi_disclosure *b = &j->body.disclosure;

	if (!about_audit(l, p, &b->audit, j))
		return;
	RULE(j,
	     p->statement.addenda_count == 1 &&
		 saksi_hash_same(&p->statement.addenda[0], &b->openings),
	     "a disclosure whose one attachment is not its openings");
	for (size_t i = 0; i < b->item_count; i++) {
		RULE(j, saksi_failure_find(j->audit, &b->items[i].leaf) != NULL,
		     "a failure that its audit does not list");
		for (size_t k = 0; k < i; k++)
			RULE(j, !saksi_hash_same(&b->items[i].leaf, &b->items[k].leaf),
			     "one failure disclosed twice");
	}
}

/* No later than `most` after `from`, without overflow. */
static bool within(int64_t until, int64_t from, int64_t most)
{
	int64_t cap;

	return __builtin_add_overflow(from, most, &cap) || until <= cap;
}

static void rule_postponed(const struct saksi_ledger *l, const struct saksi_pending *p,
			   struct saksi_judgement *j)
{
	const struct saksi_postponed *b = &j->body.postponed;

	if (!about_audit(l, p, &b->audit, j))
		return;
	j->failure = saksi_failure_find(j->audit, &b->leaf);
	RULE(j, j->failure != NULL, "a failure that its audit does not list");
	RULE(j, b->until_utc > j->failure->due_utc, "it postpones nothing");
	if (p->statement.kind == SAKSI_KIND_EXTENSION)
		RULE(j,
		     within(b->until_utc, j->failure->failure->disclose_by_utc,
			    l->limits.extension_max_s),
		     "an extension beyond the limit");
	else
		RULE(j,
		     within(b->until_utc, p->statement.time_utc,
			    l->limits.acceptance_max_s),
		     "an acceptance beyond the limit");
}

/* ---- all kinds */

static enum saksi_err read_body(const struct saksi_ledger *l,
				const struct saksi_statement *s,
				struct saksi_judgement *j, struct saksi_fault *f)
{
	struct saksi_arena *a = l->arena;

	switch (s->kind) {
	case SAKSI_KIND_KEYS:
		return saksi_keys_read(s, a, &j->body.keys, f);
	case SAKSI_KIND_INVENTORY:
		return saksi_inventory_read(s, a, &j->body.inventory, f);
	case SAKSI_KIND_PLAN:
		return saksi_plan_read(s, a, &j->body.plan, f);
	case SAKSI_KIND_AUDIT:
		return saksi_audit_read(s, a, &j->body.audit, f);
	case SAKSI_KIND_ABANDONED:
		return saksi_abandoned_read(s, a, &j->body.abandoned, f);
	case SAKSI_KIND_OBSERVATION:
		return saksi_observation_read(s, a, &j->body.observation, f);
	case SAKSI_KIND_DISCLOSURE:
		return saksi_disclosure_read(s, a, &j->body.disclosure, f);
	case SAKSI_KIND_EXTENSION:
	case SAKSI_KIND_ACCEPTANCE:
		return saksi_postponed_read(s, a, &j->body.postponed, f);
	case SAKSI_KIND_HEARTBEAT:
		return saksi_heartbeat_read(s, a, &j->body.heartbeat, f);
	case SAKSI_KIND_OTHER:
		break;
	}
	return SAKSI_BADARG;
}

static enum saksi_err judge_body(const struct saksi_ledger *l,
				 const struct saksi_pending *p,
				 struct saksi_judgement *j)
{
	switch (p->statement.kind) {
	case SAKSI_KIND_KEYS:
		rule_keys(l, p, j);
		break;
	case SAKSI_KIND_INVENTORY:
		rule_inventory(p, j);
		break;
	case SAKSI_KIND_PLAN:
		rule_plan(l, p, j);
		break;
	case SAKSI_KIND_AUDIT:
		return rule_audit(l, p, j);
	case SAKSI_KIND_ABANDONED:
		rule_abandoned(l, p, j);
		break;
	case SAKSI_KIND_OBSERVATION:
		rule_observation(l, p, j);
		break;
	case SAKSI_KIND_DISCLOSURE:
		rule_disclosure(l, p, j);
		break;
	case SAKSI_KIND_EXTENSION:
	case SAKSI_KIND_ACCEPTANCE:
		rule_postponed(l, p, j);
		break;
	case SAKSI_KIND_HEARTBEAT:
		rule_heartbeat(l, p, j);
		break;
	case SAKSI_KIND_OTHER:
		return SAKSI_BADARG;
	}
	return SAKSI_OK;
}

enum saksi_err saksi_rules_judge(const struct saksi_ledger *l,
				 const struct saksi_pending *p,
				 struct saksi_judgement *j)
{
	struct saksi_fault f = {"a body that cannot be read", 0, 0};
	enum saksi_err err = read_body(l, &p->statement, j, &f);

	if (err == SAKSI_MALFORMED) {
		j->verdict = err;
		j->reason = f.what;
		return SAKSI_OK;
	}
	SAKSI_TRY(err);
	return judge_body(l, p, j);
}
