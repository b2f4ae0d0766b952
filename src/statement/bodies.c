/* The bodies of all kinds but audit, read and written side by side. */
#include "statement/statement.h"

#include <string.h>

#include "statement/fields.h"

#define TEXT_MAX 4096

static bool all_zero(const uint8_t *b, size_t n)
{
	uint8_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= b[i];
	return any == 0;
}

/* ---- keys */

static bool role_good(struct saksi_bytes role)
{
	static const char *const roles[] = {"commission", "auditor", "supervisor",
					    "society", "observer"};

	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++)
		if (saksi_bytes_is(role, roles[i]))
			return true;
	return false;
}

static void read_kind(struct saksi_fields *r, const struct saksi_json *item,
		      struct saksi_author_key *k, struct saksi_bytes *others)
{
	if (r->err != SAKSI_OK)
		return;
	if (item->kind != SAKSI_JSON_STRING || !saksi_name_good(item->str)) {
		saksi_fields_fail(r, SAKSI_MALFORMED, "not a kind's name", item->at);
		return;
	}
	for (unsigned i = 0; i < SAKSI_KIND_OTHER; i++) {
		if (!saksi_bytes_is(item->str, saksi_kind_name((enum saksi_kind)i)))
			continue;
		if ((k->kinds & 1U << i) != 0)
			saksi_fields_fail(r, SAKSI_MALFORMED, "a kind named twice",
					  item->at);
		k->kinds |= 1U << i;
		return;
	}
	others[k->other_count++] = item->str;
}

static void read_author(struct saksi_fields *r, const struct saksi_json *v,
			struct saksi_author_key *k)
{
	static const char *const members[] = {"author", "role",        "key", "box",
					      "kinds",  "heartbeat_s", NULL};
	const struct saksi_json *kinds;
	struct saksi_bytes *others;

	saksi_fields_only(r, v, members);
	k->author = saksi_field_name(r, v, "author");
	k->role = saksi_field_name(r, v, "role");
	if (r->err == SAKSI_OK && !role_good(k->role))
		saksi_fields_fail(r, SAKSI_MALFORMED, "a role that does not exist",
				  v->at);
	saksi_field_key(r, v, "key", k->key);
	if (r->err == SAKSI_OK && saksi_json_get(v, "box") != NULL) {
		saksi_field_key(r, v, "box", k->box);
		if (all_zero(k->box, sizeof(k->box)))
			saksi_fields_fail(r, SAKSI_MALFORMED, "a box key of zeroes",
					  v->at);
	}
	k->heartbeat_s = saksi_field_u64(r, v, "heartbeat_s");
	kinds = saksi_field_get(r, v, "kinds", SAKSI_JSON_ARRAY);
	if (kinds == NULL)
		return;
	others = saksi_fields_room(r, kinds->count, sizeof(*others));
	for (const struct saksi_json *i = kinds->child; i != NULL; i = i->next)
		read_kind(r, i, k, others);
	k->other_kinds = others;
}

static void read_revoked(struct saksi_fields *r, const struct saksi_json *v,
			 struct saksi_revoked_key *k)
{
	static const char *const members[] = {"key", "from", NULL};

	saksi_fields_only(r, v, members);
	saksi_field_key(r, v, "key", k->key);
	k->from = saksi_field_u64(r, v, "from");
}

static void read_root(struct saksi_fields *r, const struct saksi_json *v,
		      struct saksi_roots *b)
{
	static const char *const members[] = {"name", "key", NULL};
	size_t n = b->key_count++;

	saksi_fields_only(r, v, members);
	b->keys[n].name = saksi_field_name(r, v, "name");
	saksi_field_key(r, v, "key", b->keys[n].key);
	for (size_t i = 0; i < n; i++)
		if (saksi_bytes_same(b->keys[i].name, b->keys[n].name) ||
		    memcmp(b->keys[i].key, b->keys[n].key, sizeof(b->keys[n].key)) == 0)
			saksi_fields_fail(r, SAKSI_MALFORMED,
					  "a root's name or key stands twice", v->at);
}

static const struct saksi_roots *read_roots(struct saksi_fields *r,
					    const struct saksi_json *body)
{
	static const char *const members[] = {"quorum", "keys", NULL};
	const struct saksi_json *v =
	    saksi_field_get(r, body, "roots", SAKSI_JSON_OBJECT);
	const struct saksi_json *keys;
	struct saksi_roots *b = saksi_fields_room(r, 1, sizeof(*b));

	saksi_fields_only(r, v, members);
	keys = saksi_field_get(r, v, "keys", SAKSI_JSON_ARRAY);
	if (keys == NULL || b == NULL)
		return NULL;
	b->quorum = (size_t)saksi_field_u64(r, v, "quorum");
	if (keys->count > SAKSI_ROOTS_MAX)
		saksi_fields_fail(r, SAKSI_MALFORMED, "more than 16 roots", keys->at);
	else if (b->quorum == 0 || b->quorum > keys->count)
		saksi_fields_fail(r, SAKSI_MALFORMED,
				  "a quorum that these roots cannot meet", v->at);
	for (const struct saksi_json *i = keys->child; r->err == SAKSI_OK && i != NULL;
	     i = i->next)
		read_root(r, i, b);
	return b;
}

enum saksi_err saksi_keys_read(const struct saksi_statement *s, struct saksi_arena *a,
			       struct saksi_keys *out, struct saksi_fault *f)
{
	static const char *const first[] = {"authors", "revoked", NULL};
	static const char *const second[] = {"authors", "revoked", "roots", NULL};
	struct saksi_fields r = {a, f, SAKSI_OK};
	const struct saksi_json *authors, *revoked;
	struct saksi_author_key *k;
	struct saksi_revoked_key *v;
	struct saksi_keys b = {0};

	saksi_fields_only(&r, s->body, s->version == 2 ? second : first);
	authors = saksi_field_get(&r, s->body, "authors", SAKSI_JSON_ARRAY);
	revoked = saksi_field_get(&r, s->body, "revoked", SAKSI_JSON_ARRAY);
	if (r.err != SAKSI_OK)
		return r.err;
	k = saksi_fields_room(&r, authors->count, sizeof(*k));
	v = saksi_fields_room(&r, revoked->count, sizeof(*v));
	for (const struct saksi_json *i = authors->child; v != NULL && i != NULL;
	     i = i->next)
		read_author(&r, i, &k[b.author_count++]);
	for (const struct saksi_json *i = revoked->child; v != NULL && i != NULL;
	     i = i->next)
		read_revoked(&r, i, &v[b.revoked_count++]);
	b.authors = k;
	b.revoked = v;
	if (s->version == 2)
		b.roots = read_roots(&r, s->body);
	SAKSI_FIELDS_GIVE(r, out, b);
}

static void write_author(struct saksi_jsonw *w, const struct saksi_author_key *k)
{
	saksi_jsonw_open(w, '{');
	saksi_member_text(w, "author", k->author);
	saksi_member_text(w, "role", k->role);
	saksi_member_key(w, "key", k->key);
	if (!all_zero(k->box, sizeof(k->box)))
		saksi_member_key(w, "box", k->box);
	saksi_jsonw_key(w, "kinds");
	saksi_jsonw_open(w, '[');
	for (unsigned i = 0; i < SAKSI_KIND_OTHER; i++)
		if ((k->kinds & 1U << i) != 0)
			saksi_jsonw_cstr(w, saksi_kind_name((enum saksi_kind)i));
	for (size_t i = 0; i < k->other_count; i++)
		saksi_jsonw_str(w, k->other_kinds[i]);
	saksi_jsonw_close(w, ']');
	saksi_member_u64(w, "heartbeat_s", k->heartbeat_s);
	saksi_jsonw_close(w, '}');
}

static void write_roots(struct saksi_jsonw *w, const struct saksi_roots *b)
{
	saksi_jsonw_key(w, "roots");
	saksi_jsonw_open(w, '{');
	saksi_member_u64(w, "quorum", b->quorum);
	saksi_jsonw_key(w, "keys");
	saksi_jsonw_open(w, '[');
	for (size_t i = 0; i < b->key_count; i++) {
		saksi_jsonw_open(w, '{');
		saksi_member_text(w, "name", b->keys[i].name);
		saksi_member_key(w, "key", b->keys[i].key);
		saksi_jsonw_close(w, '}');
	}
	saksi_jsonw_close(w, ']');
	saksi_jsonw_close(w, '}');
}

void saksi_keys_write(const struct saksi_keys *b, struct saksi_buf *out)
{
	struct saksi_jsonw w = {out, false};

	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "authors");
	saksi_jsonw_open(&w, '[');
	for (size_t i = 0; i < b->author_count; i++)
		write_author(&w, &b->authors[i]);
	saksi_jsonw_close(&w, ']');
	saksi_jsonw_key(&w, "revoked");
	saksi_jsonw_open(&w, '[');
	for (size_t i = 0; i < b->revoked_count; i++) {
		saksi_jsonw_open(&w, '{');
		saksi_member_key(&w, "key", b->revoked[i].key);
		saksi_member_u64(&w, "from", b->revoked[i].from);
		saksi_jsonw_close(&w, '}');
	}
	saksi_jsonw_close(&w, ']');
	if (b->roots != NULL)
		write_roots(&w, b->roots);
	saksi_jsonw_close(&w, '}');
}

struct saksi_hash saksi_keys_subject(const struct saksi_keys *k)
{
	struct saksi_hash_run run;

	saksi_hash_begin(&run);
	for (size_t i = 0; i < k->author_count; i++)
		saksi_hash_more(&run, (struct saksi_bytes){k->authors[i].key,
							   sizeof(k->authors[i].key)});
	if (k->roots != NULL) {
		uint8_t quorum = (uint8_t)k->roots->quorum;

		saksi_hash_more(&run, (struct saksi_bytes){&quorum, 1});
		for (size_t i = 0; i < k->roots->key_count; i++)
			saksi_hash_more(
			    &run, (struct saksi_bytes){k->roots->keys[i].key,
						       sizeof(k->roots->keys[i].key)});
	}
	return saksi_hash_end(&run);
}

/* ---- inventory */

enum saksi_err saksi_inventory_read(const struct saksi_statement *s,
				    struct saksi_arena *a, struct saksi_inventory *out,
				    struct saksi_fault *f)
{
	static const char *const members[] = {"servers", "sealed", NULL};
	static const char *const server_members[] = {"server", "role", NULL};
	struct saksi_fields r = {a, f, SAKSI_OK};
	struct saksi_inventory b = {0};
	const struct saksi_json *list;
	struct saksi_scoped_server *servers = NULL;

	saksi_fields_only(&r, s->body, members);
	list = saksi_field_get(&r, s->body, "servers", SAKSI_JSON_ARRAY);
	if (list != NULL)
		servers = saksi_fields_room(&r, list->count, sizeof(*servers));
	for (const struct saksi_json *i = servers == NULL ? NULL : list->child;
	     i != NULL; i = i->next) {
		saksi_fields_only(&r, i, server_members);
		servers[b.server_count].server = saksi_field_name(&r, i, "server");
		servers[b.server_count++].role =
		    saksi_field_text(&r, i, "role", TEXT_MAX);
	}
	b.servers = servers;
	b.sealed = saksi_field_hash(&r, s->body, "sealed");
	SAKSI_FIELDS_GIVE(r, out, b);
}

void saksi_inventory_write(const struct saksi_inventory *b, struct saksi_buf *out)
{
	struct saksi_jsonw w = {out, false};

	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "servers");
	saksi_jsonw_open(&w, '[');
	for (size_t i = 0; i < b->server_count; i++) {
		saksi_jsonw_open(&w, '{');
		saksi_member_text(&w, "server", b->servers[i].server);
		saksi_member_text(&w, "role", b->servers[i].role);
		saksi_jsonw_close(&w, '}');
	}
	saksi_jsonw_close(&w, ']');
	saksi_member_hash(&w, "sealed", &b->sealed);
	saksi_jsonw_close(&w, '}');
}

/* ---- plan */

static const struct saksi_named_digest *read_named(struct saksi_fields *r,
						   const struct saksi_json *body,
						   const char *name, size_t *count)
{
	static const char *const members[] = {"name", "digest", "date", NULL};
	const struct saksi_json *list =
	    saksi_field_get(r, body, name, SAKSI_JSON_ARRAY);
	struct saksi_named_digest *d;
	size_t n = 0;

	if (list == NULL)
		return NULL;
	d = saksi_fields_room(r, list->count, sizeof(*d));
	for (const struct saksi_json *i = d == NULL ? NULL : list->child; i != NULL;
	     i = i->next, n++) {
		saksi_fields_only(r, i, members);
		d[n].name = saksi_field_text(r, i, "name", TEXT_MAX);
		d[n].digest = saksi_field_hash(r, i, "digest");
		if (r->err == SAKSI_OK && saksi_json_get(i, "date") != NULL)
			d[n].date = saksi_field_text(r, i, "date", TEXT_MAX);
	}
	*count = n;
	return d;
}

static void write_named(struct saksi_jsonw *w, const char *name,
			const struct saksi_named_digest *d, size_t count)
{
	saksi_jsonw_key(w, name);
	saksi_jsonw_open(w, '[');
	for (size_t i = 0; i < count; i++) {
		saksi_jsonw_open(w, '{');
		saksi_member_text(w, "name", d[i].name);
		saksi_member_hash(w, "digest", &d[i].digest);
		if (d[i].date.len > 0)
			saksi_member_text(w, "date", d[i].date);
		saksi_jsonw_close(w, '}');
	}
	saksi_jsonw_close(w, ']');
}

enum saksi_err saksi_plan_read(const struct saksi_statement *s, struct saksi_arena *a,
			       struct saksi_plan *out, struct saksi_fault *f)
{
	static const char *const members[] = {"server",     "nonce",    "rules",
					      "rule_count", "engines",  "snapshots",
					      "checkpoint", "deadline", NULL};
	struct saksi_fields r = {a, f, SAKSI_OK};
	struct saksi_plan b = {0};

	saksi_fields_only(&r, s->body, members);
	b.server = saksi_field_name(&r, s->body, "server");
	saksi_field_key(&r, s->body, "nonce", b.nonce);
	b.rules = saksi_field_hash(&r, s->body, "rules");
	b.rule_count = saksi_field_u64(&r, s->body, "rule_count");
	if (r.err == SAKSI_OK && b.rule_count == 0)
		saksi_fields_fail(&r, SAKSI_MALFORMED, "a plan without rules",
				  s->body->at);
	b.engines = read_named(&r, s->body, "engines", &b.engine_count);
	b.snapshots = read_named(&r, s->body, "snapshots", &b.snapshot_count);
	b.checkpoint = saksi_field_point(&r, s->body);
	b.deadline_utc = saksi_field_time(&r, s->body, "deadline");
	SAKSI_FIELDS_GIVE(r, out, b);
}

void saksi_plan_write(const struct saksi_plan *b, struct saksi_buf *out)
{
	struct saksi_jsonw w = {out, false};

	saksi_jsonw_open(&w, '{');
	saksi_member_text(&w, "server", b->server);
	saksi_member_key(&w, "nonce", b->nonce);
	saksi_member_hash(&w, "rules", &b->rules);
	saksi_member_u64(&w, "rule_count", b->rule_count);
	write_named(&w, "engines", b->engines, b->engine_count);
	write_named(&w, "snapshots", b->snapshots, b->snapshot_count);
	saksi_member_point(&w, &b->checkpoint);
	saksi_member_time(&w, "deadline", b->deadline_utc);
	saksi_jsonw_close(&w, '}');
}

/* ---- abandoned, observation */

enum saksi_err saksi_abandoned_read(const struct saksi_statement *s,
				    struct saksi_arena *a, struct saksi_abandoned *out,
				    struct saksi_fault *f)
{
	static const char *const members[] = {"plan", "reason", NULL};
	struct saksi_fields r = {a, f, SAKSI_OK};
	struct saksi_abandoned b;

	saksi_fields_only(&r, s->body, members);
	b.plan = saksi_field_hash(&r, s->body, "plan");
	b.reason = saksi_field_text(&r, s->body, "reason", TEXT_MAX);
	SAKSI_FIELDS_GIVE(r, out, b);
}

void saksi_abandoned_write(const struct saksi_abandoned *b, struct saksi_buf *out)
{
	struct saksi_jsonw w = {out, false};

	saksi_jsonw_open(&w, '{');
	saksi_member_hash(&w, "plan", &b->plan);
	saksi_member_text(&w, "reason", b->reason);
	saksi_jsonw_close(&w, '}');
}

enum saksi_err saksi_observation_read(const struct saksi_statement *s,
				      struct saksi_arena *a,
				      struct saksi_observation *out,
				      struct saksi_fault *f)
{
	static const char *const members[] = {"of", "saw", NULL};
	struct saksi_fields r = {a, f, SAKSI_OK};
	struct saksi_observation b;

	saksi_fields_only(&r, s->body, members);
	b.of = saksi_field_hash(&r, s->body, "of");
	b.saw = saksi_field_text(&r, s->body, "saw", TEXT_MAX);
	SAKSI_FIELDS_GIVE(r, out, b);
}

void saksi_observation_write(const struct saksi_observation *b, struct saksi_buf *out)
{
	struct saksi_jsonw w = {out, false};

	saksi_jsonw_open(&w, '{');
	saksi_member_hash(&w, "of", &b->of);
	saksi_member_text(&w, "saw", b->saw);
	saksi_jsonw_close(&w, '}');
}

/* ---- disclosure, extension and acceptance */

enum saksi_err saksi_disclosure_read(const struct saksi_statement *s,
				     struct saksi_arena *a,
				     struct saksi_disclosure *out,
				     struct saksi_fault *f)
{
	static const char *const members[] = {"audit", "openings", "items", NULL};
	static const char *const item_members[] = {"leaf", "fixed", NULL};
	struct saksi_fields r = {a, f, SAKSI_OK};
	struct saksi_disclosure b = {0};
	struct saksi_disclosed *items = NULL;
	const struct saksi_json *list;

	saksi_fields_only(&r, s->body, members);
	b.audit = saksi_field_hash(&r, s->body, "audit");
	b.openings = saksi_field_hash(&r, s->body, "openings");
	list = saksi_field_get(&r, s->body, "items", SAKSI_JSON_ARRAY);
	if (list != NULL && list->count == 0)
		saksi_fields_fail(&r, SAKSI_MALFORMED, "a disclosure of nothing",
				  list->at);
	if (list != NULL)
		items = saksi_fields_room(&r, list->count, sizeof(*items));
	for (const struct saksi_json *i = items == NULL ? NULL : list->child; i != NULL;
	     i = i->next) {
		saksi_fields_only(&r, i, item_members);
		items[b.item_count].leaf = saksi_field_hash(&r, i, "leaf");
		items[b.item_count++].fixed = saksi_field_bool(&r, i, "fixed");
	}
	b.items = items;
	SAKSI_FIELDS_GIVE(r, out, b);
}

void saksi_disclosure_write(const struct saksi_disclosure *b, struct saksi_buf *out)
{
	struct saksi_jsonw w = {out, false};

	saksi_jsonw_open(&w, '{');
	saksi_member_hash(&w, "audit", &b->audit);
	saksi_member_hash(&w, "openings", &b->openings);
	saksi_jsonw_key(&w, "items");
	saksi_jsonw_open(&w, '[');
	for (size_t i = 0; i < b->item_count; i++) {
		saksi_jsonw_open(&w, '{');
		saksi_member_hash(&w, "leaf", &b->items[i].leaf);
		saksi_jsonw_key(&w, "fixed");
		saksi_jsonw_bool(&w, b->items[i].fixed);
		saksi_jsonw_close(&w, '}');
	}
	saksi_jsonw_close(&w, ']');
	saksi_jsonw_close(&w, '}');
}

enum saksi_err saksi_postponed_read(const struct saksi_statement *s,
				    struct saksi_arena *a, struct saksi_postponed *out,
				    struct saksi_fault *f)
{
	static const char *const members[] = {"audit", "leaf", "until", "reason", NULL};
	struct saksi_fields r = {a, f, SAKSI_OK};
	struct saksi_postponed b;

	saksi_fields_only(&r, s->body, members);
	b.audit = saksi_field_hash(&r, s->body, "audit");
	b.leaf = saksi_field_hash(&r, s->body, "leaf");
	b.until_utc = saksi_field_time(&r, s->body, "until");
	b.reason = saksi_field_text(&r, s->body, "reason", TEXT_MAX);
	SAKSI_FIELDS_GIVE(r, out, b);
}

void saksi_postponed_write(const struct saksi_postponed *b, struct saksi_buf *out)
{
	struct saksi_jsonw w = {out, false};

	saksi_jsonw_open(&w, '{');
	saksi_member_hash(&w, "audit", &b->audit);
	saksi_member_hash(&w, "leaf", &b->leaf);
	saksi_member_time(&w, "until", b->until_utc);
	saksi_member_text(&w, "reason", b->reason);
	saksi_jsonw_close(&w, '}');
}

/* ---- heartbeat */

enum saksi_err saksi_heartbeat_read(const struct saksi_statement *s,
				    struct saksi_arena *a, struct saksi_heartbeat *out,
				    struct saksi_fault *f)
{
	static const char *const members[] = {"checkpoint", "statements", NULL};
	struct saksi_fields r = {a, f, SAKSI_OK};
	struct saksi_heartbeat b;

	saksi_fields_only(&r, s->body, members);
	b.checkpoint = saksi_field_point(&r, s->body);
	b.statements = saksi_field_u64(&r, s->body, "statements");
	SAKSI_FIELDS_GIVE(r, out, b);
}

void saksi_heartbeat_write(const struct saksi_heartbeat *b, struct saksi_buf *out)
{
	struct saksi_jsonw w = {out, false};

	saksi_jsonw_open(&w, '{');
	saksi_member_point(&w, &b->checkpoint);
	saksi_member_u64(&w, "statements", b->statements);
	saksi_jsonw_close(&w, '}');
}

bool saksi_kinds_allow(uint32_t kinds, const struct saksi_bytes *other,
		       size_t other_count, const struct saksi_statement *s)
{
	if (s->kind != SAKSI_KIND_OTHER)
		return (kinds & 1U << s->kind) != 0;
	for (size_t i = 0; i < other_count; i++)
		if (saksi_bytes_same(other[i], s->kind_name))
			return true;
	return false;
}
