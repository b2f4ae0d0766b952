/* The addendum of a disclosure, and whether a finding opens what it says. */
#include "statement/statement.h"

#include <string.h>

#include "base/text.h"
#include "statement/fields.h"

#define RULE_MAX 256
#define DETAIL_MAX (1U << 20)
#define OPENED_MAX 65536 /* bytes in one opening */

/* ---- reading */

static struct saksi_bytes read_bytes(struct saksi_fields *r, const struct saksi_json *v)
{
	const struct saksi_json *text =
	    saksi_field_get(r, v, "bytes", SAKSI_JSON_STRING);
	size_t len;
	uint8_t *room;

	if (text == NULL)
		return (struct saksi_bytes){NULL, 0};
	len = text->str.len / 2;
	if (len > OPENED_MAX) {
		saksi_fields_fail(r, SAKSI_MALFORMED, "an opening over 64 KiB",
				  text->at);
		return (struct saksi_bytes){NULL, 0};
	}
	room = saksi_fields_room(r, len + 1, 1);
	if (room != NULL && saksi_text_hex(text->str, room, len) != SAKSI_OK)
		saksi_fields_fail(r, SAKSI_MALFORMED, "bytes are not hexadecimal",
				  text->at);
	return (struct saksi_bytes){room, len};
}

static void read_path(struct saksi_fields *r, const struct saksi_json *v,
		      struct saksi_opening *o)
{
	const struct saksi_json *list = saksi_field_get(r, v, "path", SAKSI_JSON_ARRAY);
	struct saksi_hash *path;

	if (list == NULL)
		return;
	if (list->count > SAKSI_PATH_MAX) {
		saksi_fields_fail(r, SAKSI_MALFORMED, "a path of over 64 hashes",
				  list->at);
		return;
	}
	path = saksi_fields_room(r, list->count, sizeof(*path));
	for (const struct saksi_json *i = path == NULL ? NULL : list->child; i != NULL;
	     i = i->next)
		path[o->path_count++] = saksi_item_hash(r, i);
	o->path = path;
}

static struct saksi_opening read_opening(struct saksi_fields *r,
					 const struct saksi_json *obj, const char *name)
{
	static const char *const members[] = {"salt",  "bytes", "index",
					      "count", "path",  NULL};
	const struct saksi_json *v = saksi_field_get(r, obj, name, SAKSI_JSON_OBJECT);
	struct saksi_opening o = {0};

	if (v == NULL)
		return o;
	saksi_fields_only(r, v, members);
	saksi_field_key(r, v, "salt", o.salt);
	o.bytes = read_bytes(r, v);
	o.index = saksi_field_u64(r, v, "index");
	o.count = saksi_field_u64(r, v, "count");
	read_path(r, v, &o);
	return o;
}

/* Any bytes JSON can carry, also none: it is evidence, not a message. */
static struct saksi_bytes read_detail(struct saksi_fields *r,
				      const struct saksi_json *obj)
{
	const struct saksi_json *v =
	    saksi_field_get(r, obj, "detail", SAKSI_JSON_STRING);

	if (v == NULL)
		return (struct saksi_bytes){NULL, 0};
	if (v->str.len > DETAIL_MAX)
		saksi_fields_fail(r, SAKSI_MALFORMED, "a detail over 1 MiB", v->at);
	return v->str;
}

static void read_finding(struct saksi_fields *r, const struct saksi_json *v,
			 struct saksi_finding *d)
{
	static const char *const members[] = {"rule",        "detail", "in_vector",
					      "in_failures", "later",  NULL};
	static const char *const later_members[] = {"audit", "detail", "in_vector",
						    NULL};
	const struct saksi_json *later;

	saksi_fields_only(r, v, members);
	d->rule = saksi_field_text(r, v, "rule", RULE_MAX);
	d->detail = read_detail(r, v);
	d->in_vector = read_opening(r, v, "in_vector");
	d->in_failures = read_opening(r, v, "in_failures");
	if (r->err != SAKSI_OK || saksi_json_get(v, "later") == NULL)
		return;
	later = saksi_field_get(r, v, "later", SAKSI_JSON_OBJECT);
	if (later == NULL)
		return;
	saksi_fields_only(r, later, later_members);
	d->fixed = true;
	d->later_audit = saksi_field_hash(r, later, "audit");
	d->later_detail = read_detail(r, later);
	d->later = read_opening(r, later, "in_vector");
}

enum saksi_err saksi_openings_read(struct saksi_bytes text, struct saksi_arena *a,
				   struct saksi_openings *out, struct saksi_fault *f)
{
	static const char *const members[] = {"version", "audit", "findings", NULL};
	struct saksi_fields r = {a, f, SAKSI_OK};
	struct saksi_openings o = {0};
	struct saksi_finding *list = NULL;
	const struct saksi_json *top, *findings;
	uint64_t version;

	SAKSI_TRY(saksi_json_parse(text, a, &top, f));
	version = saksi_field_u64(&r, top, "version");
	if (version > 1)
		saksi_fields_fail(&r, SAKSI_NEWER, "openings of a newer version", 0);
	if (version < 1)
		saksi_fields_fail(&r, SAKSI_MALFORMED, "openings without a version", 0);
	saksi_fields_only(&r, top, members);
	o.audit = saksi_field_hash(&r, top, "audit");
	findings = saksi_field_get(&r, top, "findings", SAKSI_JSON_ARRAY);
	if (findings != NULL)
		list = saksi_fields_room(&r, findings->count, sizeof(*list));
	for (const struct saksi_json *i = list == NULL ? NULL : findings->child;
	     i != NULL; i = i->next)
		read_finding(&r, i, &list[o.finding_count++]);
	o.findings = list;
	SAKSI_FIELDS_GIVE(r, out, o);
}

/* ---- writing */

static void write_opening(struct saksi_jsonw *w, const char *name,
			  const struct saksi_opening *o)
{
	saksi_jsonw_key(w, name);
	saksi_jsonw_open(w, '{');
	saksi_member_key(w, "salt", o->salt);
	saksi_jsonw_key(w, "bytes");
	saksi_jsonw_hex(w, o->bytes);
	saksi_member_u64(w, "index", o->index);
	saksi_member_u64(w, "count", o->count);
	saksi_jsonw_key(w, "path");
	saksi_jsonw_open(w, '[');
	for (size_t i = 0; i < o->path_count; i++)
		saksi_jsonw_hash(w, &o->path[i]);
	saksi_jsonw_close(w, ']');
	saksi_jsonw_close(w, '}');
}

static void write_finding(struct saksi_jsonw *w, const struct saksi_finding *d)
{
	saksi_jsonw_open(w, '{');
	saksi_member_text(w, "rule", d->rule);
	saksi_member_text(w, "detail", d->detail);
	write_opening(w, "in_vector", &d->in_vector);
	write_opening(w, "in_failures", &d->in_failures);
	if (d->fixed) {
		saksi_jsonw_key(w, "later");
		saksi_jsonw_open(w, '{');
		saksi_member_hash(w, "audit", &d->later_audit);
		saksi_member_text(w, "detail", d->later_detail);
		write_opening(w, "in_vector", &d->later);
		saksi_jsonw_close(w, '}');
	}
	saksi_jsonw_close(w, '}');
}

void saksi_openings_write(const struct saksi_openings *o, struct saksi_buf *out)
{
	struct saksi_jsonw w = {out, false};

	saksi_jsonw_open(&w, '{');
	saksi_member_u64(&w, "version", 1);
	saksi_member_hash(&w, "audit", &o->audit);
	saksi_jsonw_key(&w, "findings");
	saksi_jsonw_open(&w, '[');
	for (size_t i = 0; i < o->finding_count; i++)
		write_finding(&w, &o->findings[i]);
	saksi_jsonw_close(&w, ']');
	saksi_jsonw_close(&w, '}');
}

/* ---- judging */

/* One opening of a vector: belongs to the root, is a verdict leaf, stands at its
 * rule's place, and carries this detail. */
static enum saksi_err check_leaf(const struct saksi_opening *o,
				 const struct saksi_audit *audit,
				 struct saksi_bytes detail,
				 struct saksi_verdict_leaf *leaf, struct saksi_fault *f)
{
	struct saksi_hash said = saksi_hash_of(detail);
	enum saksi_err err;

	if (o->count != audit->leaf_count || o->index >= o->count ||
	    saksi_opening_check(o, &audit->vector_root) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "a leaf is not in its audit's verdict vector", 0,
				       0);
	err = saksi_verdict_leaf_read(o->bytes, leaf);
	if (err == SAKSI_NEWER)
		return saksi_fault_set(f, err, "a verdict leaf of a newer version", 0,
				       0);
	if (err != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "what a leaf holds is no verdict", 0, 0);
	if (leaf->rule != o->index)
		return saksi_fault_set(
		    f, SAKSI_REFUSED, "a verdict stands at another rule's place", 0, 0);
	if (!saksi_hash_same(&leaf->detail, &said))
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "the detail is not what was sealed", 0, 0);
	return SAKSI_OK;
}

static enum saksi_err check_failure(const struct saksi_finding *d,
				    const struct saksi_audit *audit,
				    const struct saksi_verdict_leaf *leaf,
				    struct saksi_fault *f)
{
	const struct saksi_opening *o = &d->in_failures;
	struct saksi_hash sealed = saksi_sealed_leaf(o->salt, o->bytes);

	if (leaf->verdict != SAKSI_FAIL)
		return saksi_fault_set(f, SAKSI_REFUSED, "it opens no failure", 0, 0);
	if (o->count != audit->failure_count || o->index >= o->count ||
	    saksi_opening_check(o, &audit->failure_root) != SAKSI_OK ||
	    !saksi_hash_same(&sealed, &audit->failures[o->index].leaf))
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "a leaf is not in its audit's failure list", 0,
				       0);
	if (!saksi_bytes_same(o->bytes, d->in_vector.bytes))
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "the two lists say different things of one rule",
				       0, 0);
	if (audit->failures[o->index].severity != leaf->severity)
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "the severity is not the one published", 0, 0);
	return SAKSI_OK;
}

static enum saksi_err check_fixed(const struct saksi_finding *d,
				  const struct saksi_audit *audit,
				  const struct saksi_audit *later,
				  const struct saksi_hash *rule_id,
				  struct saksi_fault *f)
{
	struct saksi_verdict_leaf leaf = {0};

	if (later == NULL)
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "fixed, but there is no later audit", 0, 0);
	if (!saksi_bytes_same(later->server, audit->server) ||
	    later->from_utc < audit->to_utc)
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "fixed by an audit that is not a later one of "
				       "the same server",
				       0, 0);
	SAKSI_TRY(check_leaf(&d->later, later, d->later_detail, &leaf, f));
	if (leaf.verdict != SAKSI_PASS || !saksi_hash_same(&leaf.rule_id, rule_id))
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "the later leaf is no pass of the same rule", 0,
				       0);
	return SAKSI_OK;
}

enum saksi_err saksi_finding_check(const struct saksi_finding *d,
				   const struct saksi_audit *audit,
				   const struct saksi_audit *later,
				   struct saksi_fault *f)
{
	struct saksi_hash rule_id = saksi_hash_of(d->rule);
	struct saksi_verdict_leaf leaf = {0};

	SAKSI_TRY(check_leaf(&d->in_vector, audit, d->detail, &leaf, f));
	if (!saksi_hash_same(&leaf.rule_id, &rule_id))
		return saksi_fault_set(f, SAKSI_REFUSED, "the leaf is of another rule",
				       0, 0);
	SAKSI_TRY(check_failure(d, audit, &leaf, f));
	return d->fixed ? check_fixed(d, audit, later, &rule_id, f) : SAKSI_OK;
}
