/* The ledger: reading an entry, and the two doors through which it is judged.
 *
 * Invariants
 *  1. Judging (ledger_judge.c, ledger_rules.c) writes nothing but the arena;
 *     recording (ledger_record.c) decides nothing.
 *  2. Recording takes all its memory before it changes anything, so that a full
 *     arena leaves the ledger as it was.
 *  3. A record counts when its verdict is OK.  A revocation turns it to REFUSED
 *     and everything that came from it is derived again (ledger_revoke.c).
 *  4. An author's chain moves on by every statement that its author rightly
 *     signed, also one that breaks a rule: the number is spent. */
#include "ledger/ledger_inner.h"

#include <string.h>

/* What the worst entry can take: a JSON value a byte or two. */
#define ROOM_ENOUGH (4U << 20)

void saksi_ledger_begin(struct saksi_ledger *l, struct saksi_arena *a,
			const struct saksi_roots *roots,
			const struct saksi_limits *limits)
{
	memset(l, 0, sizeof(*l));
	l->arena = a;
	l->roots = *roots;
	l->limits = *limits;
	l->root.name = saksi_bytes_of("root");
	l->root.role = l->root.name;
	l->root.kinds = 1U << SAKSI_KIND_KEYS;
}

/* ---- lookups */

const struct saksi_record *saksi_ledger_find(const struct saksi_ledger *l,
					     const struct saksi_hash *id)
{
	struct saksi_hash key =
	    saksi_table_key(SAKSI_TAG_STATEMENT, saksi_hash_bytes(id));

	return saksi_table_get(l, &key);
}

const struct saksi_ledger_author *saksi_ledger_author_find(const struct saksi_ledger *l,
							   struct saksi_bytes name)
{
	struct saksi_hash key = saksi_table_key(SAKSI_TAG_AUTHOR, name);

	if (saksi_bytes_same(name, l->root.name))
		return &l->root;
	return saksi_table_get(l, &key);
}

struct saksi_ledger_key *saksi_ledger_key_find(const struct saksi_ledger *l,
					       const struct saksi_hash *keyid)
{
	struct saksi_hash key = saksi_table_key(SAKSI_TAG_KEY, saksi_hash_bytes(keyid));

	return saksi_table_get(l, &key);
}

struct saksi_ledger_server *saksi_ledger_server_find(const struct saksi_ledger *l,
						     struct saksi_bytes name)
{
	struct saksi_hash key = saksi_table_key(SAKSI_TAG_SERVER, name);

	return saksi_table_get(l, &key);
}

struct saksi_ledger_failure *saksi_failure_find(const struct saksi_ledger_audit *a,
						const struct saksi_hash *leaf)
{
	for (size_t i = 0; i < a->audit.failure_count; i++)
		if (saksi_hash_same(&a->audit.failures[i].leaf, leaf))
			return &a->failures[i];
	return NULL;
}

const uint8_t *saksi_roots_key(const struct saksi_roots *r,
			       const struct saksi_hash *keyid)
{
	for (size_t i = 0; i < r->key_count; i++) {
		struct saksi_hash id = saksi_keyid(r->keys[i].key);

		if (saksi_hash_same(&id, keyid))
			return r->keys[i].key;
	}
	return NULL;
}

const uint8_t *saksi_ledger_key_of(const struct saksi_ledger *l,
				   const struct saksi_pending *p,
				   const struct saksi_hash *keyid)
{
	const struct saksi_ledger_key *k;
	const uint8_t *key;

	if (p->statement.kind != SAKSI_KIND_KEYS) {
		k = saksi_ledger_key_find(l, keyid);
		return k == NULL || k->author == NULL ? NULL : k->key;
	}
	key = saksi_roots_key(&l->roots, keyid);
	return key == NULL && p->roots != NULL ? saksi_roots_key(p->roots, keyid) : key;
}

/* ---- reading */

/* Whoever is to replace the roots signs as well, so they are wanted before the
 * rules read the body.  What is wrong with it is theirs to say. */
static enum saksi_err read_roots(struct saksi_ledger *l, struct saksi_pending *p)
{
	struct saksi_keys keys;
	enum saksi_err err;

	if (p->statement.kind != SAKSI_KIND_KEYS || p->statement.version != 2)
		return SAKSI_OK;
	err = saksi_keys_read(&p->statement, l->arena, &keys, NULL);
	if (err == SAKSI_OK)
		p->roots = keys.roots;
	return err == SAKSI_LIMIT ? err : SAKSI_OK;
}

static enum saksi_err read_all(struct saksi_ledger *l, struct saksi_pending *p,
			       size_t *mark)
{
	SAKSI_TRY(saksi_entry_read(p->raw, &p->entry, &p->fault));
	SAKSI_TRY(
	    saksi_envelope_read(p->entry.envelope, l->arena, &p->envelope, &p->fault));
	*mark = l->arena->used;
	SAKSI_TRY(saksi_statement_read(p->envelope.payload, l->arena, &p->statement,
				       &p->fault));
	return read_roots(l, p);
}

static void make_checks(const struct saksi_ledger *l, struct saksi_pending *p)
{
	for (size_t i = 0; i < p->envelope.sig_count; i++) {
		const uint8_t *key =
		    saksi_ledger_key_of(l, p, &p->envelope.sigs[i].keyid);

		if (key != NULL &&
		    saksi_envelope_check(&p->envelope, i, key,
					 &p->checks[p->check_count]) == SAKSI_OK)
			p->check_count++;
	}
}

enum saksi_err saksi_ledger_prepare(struct saksi_ledger *l, struct saksi_bytes entry,
				    struct saksi_pending *p)
{
	size_t mark = l->arena->used, room = l->arena->cap - mark;

	memset(p, 0, sizeof(*p));
	p->statement.kind = SAKSI_KIND_OTHER;
	if (entry.len > 0) {
		p->raw = saksi_arena_copy(l->arena, entry);
		if (p->raw.at == NULL)
			return SAKSI_LIMIT;
		mark = l->arena->used;
	}
	p->read = read_all(l, p, &mark);
	if (p->read == SAKSI_LIMIT && room < ROOM_ENOUGH + entry.len)
		return SAKSI_LIMIT;
	/* With room enough it is the entry that is beyond a bound. */
	if (p->read == SAKSI_LIMIT)
		p->read = SAKSI_MALFORMED;
	if (p->read == SAKSI_OK || p->read == SAKSI_NEWER)
		make_checks(l, p);
	else
		saksi_arena_rewind(l->arena, mark);
	return SAKSI_OK;
}

/* ---- the two doors */

enum saksi_err saksi_ledger_apply(struct saksi_ledger *l, struct saksi_pending *p,
				  const struct saksi_record **out)
{
	size_t mark = l->arena->used;
	struct saksi_judgement j;
	struct saksi_record *rec = NULL;
	enum saksi_err err = saksi_ledger_judge(l, p, &j);

	if (err == SAKSI_OK)
		err = saksi_ledger_record(l, p, &j, &rec);
	if (err != SAKSI_OK) {
		saksi_arena_rewind(l->arena, mark);
		return err;
	}
	if (out != NULL)
		*out = rec;
	return SAKSI_OK;
}

enum saksi_err saksi_ledger_would(struct saksi_ledger *l, struct saksi_pending *p,
				  const char **reason)
{
	size_t mark = l->arena->used;
	struct saksi_judgement j;
	enum saksi_err err = saksi_ledger_judge(l, p, &j);

	saksi_arena_rewind(l->arena, mark);
	*reason = err == SAKSI_OK ? j.reason : "no room to judge it";
	return err == SAKSI_OK ? j.verdict : err;
}

const struct saksi_audit *saksi_ledger_audit_find(const struct saksi_ledger *l,
						  const struct saksi_hash *id)
{
	const struct saksi_record *r = saksi_ledger_find(l, id);

	if (r == NULL || r->audit == NULL || r->revoked)
		return NULL;
	return &r->audit->audit;
}
