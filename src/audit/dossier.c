#include "audit/dossier.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "crypto/sign.h"

#define DAY 86400

int64_t saksi_disclose_after(enum saksi_severity s)
{
	static const int64_t days[SAKSI_SEVERITIES] = {
	    [SAKSI_INFO] = 365, [SAKSI_LOW] = 180,     [SAKSI_MEDIUM] = 90,
	    [SAKSI_HIGH] = 30,  [SAKSI_CRITICAL] = 14,
	};

	return days[s] * DAY;
}

/* A number below n without bias. */
static uint32_t below(uint32_t n)
{
	uint32_t r, limit = UINT32_MAX - UINT32_MAX % n;

	do
		saksi_random(&r, sizeof(r));
	while (r >= limit);
	return r % n;
}

static void shuffle(struct saksi_dossier_failure *list, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t j = below((uint32_t)i);
		struct saksi_dossier_failure keep = list[i - 1];

		list[i - 1] = list[j];
		list[j] = keep;
	}
}

enum saksi_err saksi_dossier_seal(struct saksi_dossier *d,
				  const int64_t *first_seen_utc, struct saksi_arena *a)
{
	size_t n = 0;

	if (d->rule_count > UINT32_MAX)
		return SAKSI_LIMIT;
	for (size_t i = 0; i < d->rule_count; i++)
		n += d->rules[i].verdict == SAKSI_FAIL;
	d->failures = saksi_arena_new(a, n + 1, sizeof(*d->failures));
	if (d->failures == NULL)
		return SAKSI_LIMIT;
	d->failure_count = 0;
	for (size_t i = 0; i < d->rule_count; i++) {
		struct saksi_dossier_failure *f = &d->failures[d->failure_count];

		saksi_random(d->rules[i].salt, SAKSI_SALT_LEN);
		if (d->rules[i].verdict != SAKSI_FAIL)
			continue;
		f->rule = (uint32_t)i;
		f->first_seen_utc =
		    first_seen_utc[i] != 0 ? first_seen_utc[i] : d->to_utc;
		f->disclose_by_utc =
		    f->first_seen_utc + saksi_disclose_after(d->rules[i].severity);
		saksi_random(f->salt, SAKSI_SALT_LEN);
		d->failure_count++;
	}
	shuffle(d->failures, d->failure_count);
	return SAKSI_OK;
}

/* The content of rule i's leaf, the same in both lists. */
static void leaf_bytes(const struct saksi_dossier *d, uint32_t i,
		       uint8_t out[SAKSI_VERDICT_LEAF_LEN])
{
	const struct saksi_dossier_rule *r = &d->rules[i];
	struct saksi_verdict_leaf leaf = {
	    r->verdict, r->severity, i, saksi_hash_of(r->id), saksi_hash_of(r->detail)};

	saksi_verdict_leaf_write(&leaf, out);
}

static struct saksi_hash leaf_hash(const struct saksi_dossier *d, uint32_t i,
				   const uint8_t salt[SAKSI_SALT_LEN])
{
	uint8_t bytes[SAKSI_VERDICT_LEAF_LEN];

	leaf_bytes(d, i, bytes);
	return saksi_sealed_leaf(salt, (struct saksi_bytes){bytes, sizeof(bytes)});
}

struct lists {
	struct saksi_hash *vector, *failures, *scratch;
};

static enum saksi_err make_lists(const struct saksi_dossier *d, struct saksi_arena *a,
				 struct lists *l)
{
	size_t most =
	    d->rule_count > d->failure_count ? d->rule_count : d->failure_count;

	l->vector = saksi_arena_new(a, d->rule_count + 1, sizeof(*l->vector));
	l->failures = saksi_arena_new(a, d->failure_count + 1, sizeof(*l->failures));
	l->scratch = saksi_arena_new(a, most + 1, sizeof(*l->scratch));
	if (l->vector == NULL || l->failures == NULL || l->scratch == NULL)
		return SAKSI_LIMIT;
	for (size_t i = 0; i < d->rule_count; i++)
		l->vector[i] = leaf_hash(d, (uint32_t)i, d->rules[i].salt);
	for (size_t i = 0; i < d->failure_count; i++)
		l->failures[i] = leaf_hash(d, d->failures[i].rule, d->failures[i].salt);
	return SAKSI_OK;
}

enum saksi_err saksi_dossier_audit(const struct saksi_dossier *d, struct saksi_arena *a,
				   struct saksi_audit *out)
{
	struct saksi_failure *list;
	struct lists l;

	SAKSI_TRY(make_lists(d, a, &l));
	list = saksi_arena_new(a, d->failure_count + 1, sizeof(*list));
	if (list == NULL)
		return SAKSI_LIMIT;
	memset(out, 0, sizeof(*out));
	out->plan = d->plan;
	out->server = d->server;
	memcpy(out->nonce, d->nonce, sizeof(out->nonce));
	out->rules = d->rule_set;
	out->checkpoint = d->checkpoint;
	out->from_utc = d->from_utc;
	out->to_utc = d->to_utc;
	out->facts = d->facts;
	for (size_t i = 0; i < d->rule_count; i++)
		out->counts[d->rules[i].verdict]++;
	for (size_t i = 0; i < d->failure_count; i++)
		list[i] = (struct saksi_failure){
		    l.failures[i], d->rules[d->failures[i].rule].severity,
		    d->failures[i].first_seen_utc, d->failures[i].disclose_by_utc};
	out->leaves = l.vector;
	out->leaf_count = d->rule_count;
	out->vector_root = saksi_sealed_root(l.vector, d->rule_count, l.scratch);
	out->failures = list;
	out->failure_count = d->failure_count;
	out->failure_root = saksi_sealed_root(l.failures, d->failure_count, l.scratch);
	return SAKSI_OK;
}

/* ---- opening */

static enum saksi_err open_leaf(const struct saksi_dossier *d, uint32_t rule,
				const uint8_t salt[SAKSI_SALT_LEN],
				struct saksi_arena *a, struct saksi_opening *out)
{
	uint8_t *bytes = saksi_arena_new(a, SAKSI_VERDICT_LEAF_LEN, 1);

	if (bytes == NULL)
		return SAKSI_LIMIT;
	leaf_bytes(d, rule, bytes);
	memcpy(out->salt, salt, SAKSI_SALT_LEN);
	out->bytes = (struct saksi_bytes){bytes, SAKSI_VERDICT_LEAF_LEN};
	return SAKSI_OK;
}

struct place {
	const struct saksi_hash *list;
	size_t count, index;
};

static enum saksi_err add_path(struct place at, struct saksi_hash *scratch,
			       struct saksi_arena *a, struct saksi_opening *out)
{
	struct saksi_hash *path = saksi_arena_new(a, SAKSI_PATH_MAX, sizeof(*path));

	if (path == NULL)
		return SAKSI_LIMIT;
	out->index = at.index;
	out->count = at.count;
	out->path = path;
	return saksi_sealed_path(at.list, at.count, at.index, scratch, path,
				 &out->path_count);
}

static enum saksi_err open_later(const struct saksi_dossier *later,
				 struct saksi_bytes rule_id, struct saksi_arena *a,
				 struct saksi_finding *out)
{
	struct lists l;
	uint32_t i = 0;

	while (i < later->rule_count && !saksi_bytes_same(later->rules[i].id, rule_id))
		i++;
	if (i == later->rule_count || later->rules[i].verdict != SAKSI_PASS)
		return SAKSI_MISSING;
	SAKSI_TRY(make_lists(later, a, &l));
	SAKSI_TRY(open_leaf(later, i, later->rules[i].salt, a, &out->later));
	out->later_detail = later->rules[i].detail;
	return add_path((struct place){l.vector, later->rule_count, i}, l.scratch, a,
			&out->later);
}

enum saksi_err saksi_dossier_open(const struct saksi_dossier *d, uint32_t rule,
				  const struct saksi_dossier *later,
				  const struct saksi_hash *later_audit,
				  struct saksi_arena *a, struct saksi_finding *out)
{
	struct saksi_finding f = {0};
	struct lists l;
	size_t at = 0;

	while (at < d->failure_count && d->failures[at].rule != rule)
		at++;
	if (at == d->failure_count)
		return SAKSI_MISSING;
	SAKSI_TRY(make_lists(d, a, &l));
	f.rule = d->rules[rule].id;
	f.detail = d->rules[rule].detail;
	SAKSI_TRY(open_leaf(d, rule, d->rules[rule].salt, a, &f.in_vector));
	SAKSI_TRY(add_path((struct place){l.vector, d->rule_count, rule}, l.scratch, a,
			   &f.in_vector));
	SAKSI_TRY(open_leaf(d, rule, d->failures[at].salt, a, &f.in_failures));
	SAKSI_TRY(add_path((struct place){l.failures, d->failure_count, at}, l.scratch,
			   a, &f.in_failures));
	if (later != NULL) {
		f.fixed = true;
		f.later_audit = *later_audit;
		SAKSI_TRY(open_later(later, f.rule, a, &f));
	}
	*out = f;
	return SAKSI_OK;
}

/* ---- as text */

static void put_time(struct saksi_jsonw *w, const char *key, int64_t utc)
{
	char text[SAKSI_TIME_TEXT_LEN + 1];

	saksi_time_text(utc, text);
	saksi_jsonw_key(w, key);
	saksi_jsonw_cstr(w, text);
}

static void put_hash(struct saksi_jsonw *w, const char *key, const uint8_t b[32])
{
	saksi_jsonw_key(w, key);
	saksi_jsonw_hex(w, (struct saksi_bytes){b, 32});
}

static void put_head(struct saksi_jsonw *w, const struct saksi_dossier *d)
{
	saksi_jsonw_key(w, "version");
	saksi_jsonw_u64(w, 1);
	put_hash(w, "plan", d->plan.b);
	put_hash(w, "rule_set", d->rule_set.b);
	put_hash(w, "facts", d->facts.b);
	saksi_jsonw_key(w, "server");
	saksi_jsonw_str(w, d->server);
	put_hash(w, "nonce", d->nonce);
	saksi_jsonw_key(w, "size");
	saksi_jsonw_u64(w, d->checkpoint.size);
	put_hash(w, "root", d->checkpoint.root.b);
	put_time(w, "from", d->from_utc);
	put_time(w, "to", d->to_utc);
}

static void put_rule(struct saksi_jsonw *w, const struct saksi_dossier_rule *r)
{
	saksi_jsonw_open(w, '{');
	saksi_jsonw_key(w, "id");
	saksi_jsonw_str(w, r->id);
	saksi_jsonw_key(w, "verdict");
	saksi_jsonw_cstr(w, saksi_verdict_name(r->verdict));
	saksi_jsonw_key(w, "severity");
	saksi_jsonw_cstr(w, saksi_severity_name(r->severity));
	put_hash(w, "salt", r->salt);
	saksi_jsonw_key(w, "detail");
	saksi_jsonw_str(w, r->detail);
	saksi_jsonw_close(w, '}');
}

void saksi_dossier_write(const struct saksi_dossier *d, struct saksi_buf *out)
{
	struct saksi_jsonw w = {out, false};

	saksi_jsonw_open(&w, '{');
	put_head(&w, d);
	saksi_jsonw_key(&w, "rules");
	saksi_jsonw_open(&w, '[');
	for (size_t i = 0; i < d->rule_count; i++)
		put_rule(&w, &d->rules[i]);
	saksi_jsonw_close(&w, ']');
	saksi_jsonw_key(&w, "failures");
	saksi_jsonw_open(&w, '[');
	for (size_t i = 0; i < d->failure_count; i++) {
		saksi_jsonw_open(&w, '{');
		saksi_jsonw_key(&w, "rule");
		saksi_jsonw_u64(&w, d->failures[i].rule);
		put_hash(&w, "salt", d->failures[i].salt);
		put_time(&w, "first_seen", d->failures[i].first_seen_utc);
		put_time(&w, "disclose_by", d->failures[i].disclose_by_utc);
		saksi_jsonw_close(&w, '}');
	}
	saksi_jsonw_close(&w, ']');
	saksi_jsonw_close(&w, '}');
}

static enum saksi_err get_time(const struct saksi_json *o, const char *key,
			       int64_t *utc)
{
	struct saksi_bytes text;

	SAKSI_TRY(saksi_json_str(o, key, &text));
	return saksi_time_read(text, utc);
}

static enum saksi_err get_head(const struct saksi_json *o, struct saksi_dossier *d)
{
	SAKSI_TRY(saksi_json_hex(o, "plan", d->plan.b, 32));
	SAKSI_TRY(saksi_json_hex(o, "rule_set", d->rule_set.b, 32));
	SAKSI_TRY(saksi_json_hex(o, "facts", d->facts.b, 32));
	SAKSI_TRY(saksi_json_str(o, "server", &d->server));
	SAKSI_TRY(saksi_json_hex(o, "nonce", d->nonce, 32));
	SAKSI_TRY(saksi_json_u64(o, "size", &d->checkpoint.size));
	SAKSI_TRY(saksi_json_hex(o, "root", d->checkpoint.root.b, 32));
	SAKSI_TRY(get_time(o, "from", &d->from_utc));
	return get_time(o, "to", &d->to_utc);
}

static enum saksi_err get_rule(const struct saksi_json *o, struct saksi_dossier_rule *r)
{
	struct saksi_bytes verdict, severity;

	SAKSI_TRY(saksi_json_str(o, "id", &r->id));
	SAKSI_TRY(saksi_json_str(o, "verdict", &verdict));
	SAKSI_TRY(saksi_json_str(o, "severity", &severity));
	SAKSI_TRY(saksi_json_hex(o, "salt", r->salt, SAKSI_SALT_LEN));
	SAKSI_TRY(saksi_json_str(o, "detail", &r->detail));
	SAKSI_TRY(saksi_verdict_read(verdict, &r->verdict));
	return saksi_severity_read(severity, &r->severity);
}

static enum saksi_err get_failure(const struct saksi_json *o,
				  const struct saksi_dossier *d,
				  struct saksi_dossier_failure *f)
{
	uint64_t rule;

	SAKSI_TRY(saksi_json_u64(o, "rule", &rule));
	if (rule >= d->rule_count)
		return SAKSI_MALFORMED;
	f->rule = (uint32_t)rule;
	SAKSI_TRY(saksi_json_hex(o, "salt", f->salt, SAKSI_SALT_LEN));
	SAKSI_TRY(get_time(o, "first_seen", &f->first_seen_utc));
	return get_time(o, "disclose_by", &f->disclose_by_utc);
}

static enum saksi_err get_lists(const struct saksi_json *o, struct saksi_arena *a,
				struct saksi_dossier *d)
{
	const struct saksi_json *rules = saksi_json_get(o, "rules"),
				*failures = saksi_json_get(o, "failures"), *at;

	if (rules == NULL || rules->kind != SAKSI_JSON_ARRAY || failures == NULL ||
	    failures->kind != SAKSI_JSON_ARRAY)
		return SAKSI_MALFORMED;
	d->rules = saksi_arena_new(a, (size_t)rules->count + 1, sizeof(*d->rules));
	d->failures =
	    saksi_arena_new(a, (size_t)failures->count + 1, sizeof(*d->failures));
	if (d->rules == NULL || d->failures == NULL)
		return SAKSI_LIMIT;
	for (at = rules->child; at != NULL; at = at->next)
		SAKSI_TRY(get_rule(at, &d->rules[d->rule_count++]));
	for (at = failures->child; at != NULL; at = at->next)
		SAKSI_TRY(get_failure(at, d, &d->failures[d->failure_count++]));
	return SAKSI_OK;
}

enum saksi_err saksi_dossier_read(struct saksi_bytes text, struct saksi_arena *a,
				  struct saksi_dossier *out, struct saksi_fault *f)
{
	struct saksi_dossier d = {0};
	const struct saksi_json *o;
	uint64_t version;
	enum saksi_err err;

	SAKSI_TRY(saksi_json_parse(text, a, &o, f));
	if (saksi_json_u64(o, "version", &version) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_MALFORMED, "no dossier", 0, 0);
	if (version != 1)
		return saksi_fault_set(f, SAKSI_NEWER, "a dossier of a newer version",
				       0, 0);
	err = get_head(o, &d);
	if (err == SAKSI_OK)
		err = get_lists(o, a, &d);
	if (err == SAKSI_LIMIT)
		return err;
	if (err != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_MALFORMED, "a damaged dossier", 0, 0);
	*out = d;
	return SAKSI_OK;
}
