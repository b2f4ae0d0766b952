/* Recording what was judged: first all memory, then all changes. */
#include "ledger/ledger_inner.h"

#include <string.h>

/* Memory for everything one entry can change. */
struct change {
	struct saksi_record *rec;
	struct saksi_hash *keyids;
	struct saksi_ledger_told *told; /* 2, then one for each undone record */
	struct saksi_seen *seen;
	struct saksi_ledger_plan *plan;
	struct saksi_ledger_audit *audit;
	struct saksi_ledger_failure *failures;
	struct saksi_ledger_act *acts;
	struct saksi_ledger_inventory *inventory;
	struct saksi_ledger_server *servers;
	struct saksi_ledger_author *authors;
	struct saksi_ledger_key *keys;
	size_t puts; /* into the table, at most */
};

/* ---- memory */

static bool take(struct saksi_arena *a, void *at, size_t count, size_t size)
{
	void *room = saksi_arena_new(a, count, size);

	memcpy(at, &room, sizeof(room));
	return room != NULL;
}

static bool take_keys(struct saksi_ledger *l, const struct saksi_keys *k,
		      struct change *c)
{
	size_t undone = saksi_revoked_count(l, k);

	c->puts += 2 * k->author_count + k->revoked_count;
	if (k->roots != NULL)
		c->puts += l->roots.key_count;
	return take(l->arena, &c->authors, k->author_count, sizeof(*c->authors)) &&
	       take(l->arena, &c->keys, k->author_count + k->revoked_count,
		    sizeof(*c->keys)) &&
	       take(l->arena, &c->told, 2 + undone, sizeof(*c->told));
}

/* Only what the statement's kind needs. */
static bool take_effect(struct saksi_ledger *l, const struct saksi_pending *p,
			const struct saksi_judgement *j, struct change *c)
{
	struct saksi_arena *a = l->arena;

	switch (p->statement.kind) {
	case SAKSI_KIND_KEYS:
		return take_keys(l, &j->body.keys, c);
	case SAKSI_KIND_INVENTORY:
		c->puts += j->body.inventory.server_count;
		return take(a, &c->inventory, 1, sizeof(*c->inventory)) &&
		       take(a, &c->servers, j->body.inventory.server_count,
			    sizeof(*c->servers));
	case SAKSI_KIND_PLAN:
		c->puts++;
		return take(a, &c->plan, 1, sizeof(*c->plan));
	case SAKSI_KIND_AUDIT:
		return take(a, &c->audit, 1, sizeof(*c->audit)) &&
		       take(a, &c->failures, j->body.audit.failure_count,
			    sizeof(*c->failures));
	case SAKSI_KIND_DISCLOSURE:
		return take(a, &c->acts, j->body.disclosure.item_count,
			    sizeof(*c->acts));
	case SAKSI_KIND_EXTENSION:
	case SAKSI_KIND_ACCEPTANCE:
		return take(a, &c->acts, 1, sizeof(*c->acts));
	case SAKSI_KIND_ABANDONED:
	case SAKSI_KIND_OBSERVATION:
	case SAKSI_KIND_HEARTBEAT:
	case SAKSI_KIND_OTHER:
		break;
	}
	return true;
}

static bool has_effect(const struct saksi_judgement *j)
{
	return j->verdict == SAKSI_OK && !j->repeat;
}

static bool take_all(struct saksi_ledger *l, const struct saksi_pending *p,
		     const struct saksi_judgement *j, struct change *c)
{
	c->puts = 2; /* the id and the number */
	if (!take(l->arena, &c->rec, 1, sizeof(*c->rec)) ||
	    !take(l->arena, &c->keyids, p->envelope.sig_count, sizeof(*c->keyids)) ||
	    !take(l->arena, &c->seen, 1, sizeof(*c->seen)) ||
	    !take(l->arena, &c->told, 2, sizeof(*c->told)))
		return false;
	if (has_effect(j) && !take_effect(l, p, j, c))
		return false;
	/* Last: the table changes hands here. */
	return saksi_table_reserve(l, c->puts) == SAKSI_OK;
}

/* ---- changes */

static void effect_author(struct saksi_ledger *l, const struct saksi_record *rec,
			  const struct saksi_author_key *k,
			  struct saksi_ledger_author *room)
{
	struct saksi_hash key = saksi_table_key(SAKSI_TAG_AUTHOR, k->author);
	struct saksi_ledger_author *a = saksi_table_get(l, &key);

	if (a == NULL) {
		a = room;
		a->name = k->author;
		saksi_table_put(l, &key, a);
		if (l->last_author == NULL)
			l->authors = a;
		else
			l->last_author->next = a;
		l->last_author = a;
		a->last_index = rec->index;
	}
	if (a->since_utc == 0)
		a->since_utc = rec->statement.time_utc;
	a->role = k->role;
	memcpy(a->key, k->key, sizeof(a->key));
	memcpy(a->box, k->box, sizeof(a->box));
	a->kinds = k->kinds;
	a->other_kinds = k->other_kinds;
	a->other_count = k->other_count;
	a->heartbeat_s = k->heartbeat_s;
	a->active = true;
}

/* The key's node, made from *room where there is none. */
static struct saksi_ledger_key *effect_key(struct saksi_ledger *l,
					   const uint8_t key[SAKSI_KEY_LEN],
					   struct saksi_ledger_key *room)
{
	struct saksi_hash keyid = saksi_keyid(key);
	struct saksi_hash at = saksi_table_key(SAKSI_TAG_KEY, saksi_hash_bytes(&keyid));
	struct saksi_ledger_key *k = saksi_table_get(l, &at);

	if (k != NULL)
		return k;
	memcpy(room->key, key, sizeof(room->key));
	room->revoked_from = UINT64_MAX;
	saksi_table_put(l, &at, room);
	return room;
}

static void effect_roots(struct saksi_ledger *l, const struct saksi_record *rec,
			 const struct saksi_roots *next)
{
	for (size_t i = 0; i < l->roots.key_count; i++) {
		struct saksi_hash keyid = saksi_keyid(l->roots.keys[i].key), at;

		if (saksi_roots_key(next, &keyid) != NULL)
			continue;
		at = saksi_table_key(SAKSI_TAG_ROOT, saksi_hash_bytes(&keyid));
		saksi_table_put(l, &at, l);
	}
	l->roots = *next;
	l->rotations++;
	l->rotated_at = rec->index;
}

static void effect_keys(struct saksi_ledger *l, const struct saksi_record *rec,
			const struct saksi_keys *b, struct change *c)
{
	struct saksi_ledger_key *room = c->keys;

	for (struct saksi_ledger_author *a = l->authors; a != NULL; a = a->next)
		a->active = false;
	for (size_t i = 0; i < b->author_count; i++) {
		struct saksi_hash key =
		    saksi_table_key(SAKSI_TAG_AUTHOR, b->authors[i].author);

		effect_author(l, rec, &b->authors[i], &c->authors[i]);
		effect_key(l, b->authors[i].key, room++)->author =
		    saksi_table_get(l, &key);
	}
	/* An absent author's silence counts from when it is named again. */
	for (struct saksi_ledger_author *a = l->authors; a != NULL; a = a->next)
		if (!a->active)
			a->since_utc = 0;
	for (size_t i = 0; i < b->revoked_count; i++) {
		struct saksi_ledger_key *k = effect_key(l, b->revoked[i].key, room++);

		if (b->revoked[i].from < k->revoked_from)
			k->revoked_from = b->revoked[i].from;
	}
	if (b->roots != NULL)
		effect_roots(l, rec, b->roots);
	l->has_keys = true;
	saksi_revoked_undo(l, c->told + 2);
}

static void effect_inventory(struct saksi_ledger *l, const struct saksi_record *rec,
			     const struct saksi_inventory *b, struct change *c)
{
	c->inventory->record = rec;
	c->inventory->inventory = *b;
	c->inventory->older = l->inventories;
	l->inventories = c->inventory;
	l->inventory = *b;
	l->inventory_record = rec;
	for (size_t i = 0; i < b->server_count; i++) {
		struct saksi_hash key =
		    saksi_table_key(SAKSI_TAG_SERVER, b->servers[i].server);
		struct saksi_ledger_server *s = saksi_table_get(l, &key);

		if (s == NULL) {
			s = &c->servers[i];
			saksi_table_put(l, &key, s);
		}
		s->listed = rec;
	}
}

static void effect_plan(struct saksi_ledger *l, struct saksi_record *rec,
			const struct saksi_plan *b, struct change *c)
{
	struct saksi_hash nonce =
	    saksi_table_key(SAKSI_TAG_NONCE, (struct saksi_bytes){b->nonce, 32});

	c->plan->record = rec;
	c->plan->plan = *b;
	rec->plan = c->plan;
	if (l->last_plan == NULL)
		l->plans = c->plan;
	else
		l->last_plan->next = c->plan;
	l->last_plan = c->plan;
	saksi_table_put(l, &nonce, rec);
	saksi_ledger_server_find(l, b->server)->plans++;
}

static void effect_audit(struct saksi_ledger *l, struct saksi_record *rec,
			 const struct saksi_audit *b, struct change *c)
{
	struct saksi_ledger_audit *audit = c->audit;

	audit->record = rec;
	audit->audit = *b;
	audit->failures = c->failures;
	for (size_t i = 0; i < b->failure_count; i++) {
		audit->failures[i].failure = &audit->audit.failures[i];
		saksi_failure_derive(&audit->failures[i]);
	}
	rec->audit = audit;
	rec->plan->audit = audit;
	if (l->last_audit == NULL)
		l->audits = audit;
	else
		l->last_audit->next = audit;
	l->last_audit = audit;
}

static void effect_act(struct saksi_ledger_failure *f, struct saksi_ledger_act *act)
{
	struct saksi_ledger_act **at = &f->acts;

	while (*at != NULL)
		at = &(*at)->next;
	*at = act;
	saksi_failure_derive(f);
}

static void effect_disclosure(const struct saksi_record *rec,
			      const struct saksi_judgement *j, struct change *c)
{
	const struct saksi_disclosure *b = &j->body.disclosure;

	for (size_t i = 0; i < b->item_count; i++) {
		c->acts[i].record = rec;
		c->acts[i].fixed = b->items[i].fixed;
		c->acts[i].opened = SAKSI_MISSING;
		effect_act(saksi_failure_find(j->audit, &b->items[i].leaf),
			   &c->acts[i]);
	}
}

static void make_effect(struct saksi_ledger *l, struct saksi_record *rec,
			const struct saksi_judgement *j, struct change *c)
{
	switch (rec->statement.kind) {
	case SAKSI_KIND_KEYS:
		effect_keys(l, rec, &j->body.keys, c);
		break;
	case SAKSI_KIND_INVENTORY:
		effect_inventory(l, rec, &j->body.inventory, c);
		break;
	case SAKSI_KIND_PLAN:
		effect_plan(l, rec, &j->body.plan, c);
		break;
	case SAKSI_KIND_AUDIT:
		effect_audit(l, rec, &j->body.audit, c);
		break;
	case SAKSI_KIND_ABANDONED:
		rec->plan->abandoned = rec;
		break;
	case SAKSI_KIND_DISCLOSURE:
		effect_disclosure(rec, j, c);
		break;
	case SAKSI_KIND_EXTENSION:
	case SAKSI_KIND_ACCEPTANCE:
		c->acts[0].record = rec;
		c->acts[0].until_utc = j->body.postponed.until_utc;
		effect_act(j->failure, &c->acts[0]);
		break;
	case SAKSI_KIND_OBSERVATION:
	case SAKSI_KIND_HEARTBEAT:
	case SAKSI_KIND_OTHER:
		break;
	}
}

/* ---- the record itself */

static void fill_record(const struct saksi_ledger *l, const struct saksi_pending *p,
			const struct saksi_judgement *j, struct change *c)
{
	struct saksi_record *rec = c->rec;

	rec->index = l->size;
	rec->verdict = j->verdict;
	rec->reason = j->reason;
	rec->repeat = j->repeat;
	rec->revoked = j->revoked;
	rec->id = p->envelope.id;
	rec->entry = saksi_hash_of(p->raw);
	rec->statement = p->statement;
	rec->readable = p->read == SAKSI_OK || p->read == SAKSI_NEWER;
	rec->stepped = j->steps;
	if (j->all_good) {
		for (size_t i = 0; i < p->envelope.sig_count; i++)
			c->keyids[i] = p->envelope.sigs[i].keyid;
		rec->keyids = c->keyids;
		rec->keyid_count = p->envelope.sig_count;
		memcpy(rec->key, saksi_ledger_key_of(l, p, &c->keyids[0]),
		       sizeof(rec->key));
	}
	if (j->repeat)
		return;
	rec->author = j->author;
	if (j->verdict == SAKSI_OK || j->claims_too)
		rec->plan = j->plan;
	if (j->verdict == SAKSI_OK)
		rec->audit = j->audit;
}

static void tell(struct saksi_ledger *l, const struct saksi_judgement *j,
		 const struct saksi_record *rec, struct saksi_ledger_told *told)
{
	struct saksi_alarm a = {j->alarm, rec->index, rec->statement.author,
				rec->reason, 0};

	if (rec->verdict == SAKSI_REFUSED || rec->verdict == SAKSI_MALFORMED) {
		told[0].alarm = a;
		saksi_told_add(l, &told[0]);
	}
	if (j->equivocation && j->alarm != SAKSI_ALARM_EQUIVOCATION) {
		a.kind = SAKSI_ALARM_EQUIVOCATION;
		a.what = "one number, two statements";
		told[1].alarm = a;
		saksi_told_add(l, &told[1]);
	}
}

/* The author said this under this number, whatever the rules made of it. */
static void mark_said(struct saksi_ledger *l, const struct saksi_pending *p,
		      const struct saksi_judgement *j, struct saksi_seen *room)
{
	const struct saksi_statement *s = &p->statement;
	struct saksi_hash key = saksi_table_number(s->author, s->sequence);
	struct saksi_seen *n = saksi_table_get(l, &key);

	if (!j->seen) {
		room->id = p->envelope.id;
		room->next = n;
		n = room;
		saksi_table_put(l, &key, n);
	}
	if (!j->steps)
		return;
	while (!saksi_hash_same(&n->id, &p->envelope.id))
		n = n->next;
	n->taken = true;
	j->author->next_sequence = s->sequence + 1;
	j->author->last = p->envelope.id;
	j->author->last_utc = s->time_utc;
	j->author->last_index = l->size;
}

/* The record that counts is the one found by its id. */
static void file_record(struct saksi_ledger *l, struct saksi_record *rec)
{
	struct saksi_hash key =
	    saksi_table_key(SAKSI_TAG_STATEMENT, saksi_hash_bytes(&rec->id));
	const struct saksi_record *old = saksi_table_get(l, &key);

	/* Without an envelope there is no id. */
	if (rec->readable &&
	    (old == NULL || (old->verdict != SAKSI_OK && old->verdict != SAKSI_NEWER)))
		saksi_table_put(l, &key, rec);
	if (l->last_record == NULL)
		l->records = rec;
	else
		l->last_record->next = rec;
	l->last_record = rec;
}

enum saksi_err saksi_ledger_record(struct saksi_ledger *l,
				   const struct saksi_pending *p,
				   const struct saksi_judgement *j,
				   struct saksi_record **out)
{
	struct change c = {0};

	if (!take_all(l, p, j, &c))
		return SAKSI_LIMIT;
	fill_record(l, p, j, &c);
	file_record(l, c.rec);
	tell(l, j, c.rec, c.told);
	if (j->well_made)
		mark_said(l, p, j, c.seen);
	if (j->claims_too) {
		j->plan->extra_claims++;
		j->plan->broken = true;
	}
	if (has_effect(j))
		make_effect(l, c.rec, j, &c);
	if (j->verdict == SAKSI_NEWER && !j->repeat &&
	    p->statement.kind == SAKSI_KIND_KEYS)
		l->newer_keys = true;
	l->size++;
	*out = c.rec;
	return SAKSI_OK;
}
