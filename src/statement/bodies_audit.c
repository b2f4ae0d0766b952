/* The body of an audit, read and written side by side. */
#include "statement/statement.h"

#include "base/text.h"
#include "statement/fields.h"

static const char *const count_names[SAKSI_VERDICTS + 1] = {
    "pass", "fail", "not_applicable", "not_covered", "error", NULL};

static void read_counts(struct saksi_fields *r, const struct saksi_json *body,
			struct saksi_audit *b)
{
	const struct saksi_json *counts =
	    saksi_field_get(r, body, "counts", SAKSI_JSON_OBJECT);
	const struct saksi_json *failed =
	    saksi_field_get(r, body, "failed", SAKSI_JSON_OBJECT);
	const char *severities[SAKSI_SEVERITIES + 1] = {NULL};

	if (r->err != SAKSI_OK)
		return;
	saksi_fields_only(r, counts, count_names);
	for (unsigned i = 0; i < SAKSI_VERDICTS; i++)
		b->counts[i] = saksi_field_u64(r, counts, count_names[i]);
	for (unsigned i = 0; i < SAKSI_SEVERITIES; i++)
		severities[i] = saksi_severity_name((enum saksi_severity)i);
	saksi_fields_only(r, failed, severities);
	for (unsigned i = 0; i < SAKSI_SEVERITIES; i++)
		b->failed[i] = saksi_field_u64(r, failed, severities[i]);
}

static void read_vector(struct saksi_fields *r, const struct saksi_json *body,
			struct saksi_audit *b)
{
	static const char *const members[] = {"root", "leaves", NULL};
	const struct saksi_json *v =
	    saksi_field_get(r, body, "vector", SAKSI_JSON_OBJECT);
	const struct saksi_json *text;
	struct saksi_hash *leaves;
	size_t len;

	if (v == NULL)
		return;
	saksi_fields_only(r, v, members);
	b->vector_root = saksi_field_hash(r, v, "root");
	text = saksi_field_get(r, v, "leaves", SAKSI_JSON_STRING);
	if (text == NULL)
		return;
	len = text->str.len / 4 * 3;
	leaves = saksi_fields_room(r, len / sizeof(*leaves) + 1, sizeof(*leaves));
	if (leaves == NULL)
		return;
	if (saksi_text_base64(text->str, leaves->b, &len) != SAKSI_OK ||
	    len % sizeof(*leaves) != 0)
		saksi_fields_fail(r, SAKSI_MALFORMED,
				  "leaves are not the base64 of hashes", text->at);
	b->leaves = leaves;
	b->leaf_count = len / sizeof(*leaves);
}

static void read_failure(struct saksi_fields *r, const struct saksi_json *v,
			 struct saksi_failure *out)
{
	static const char *const members[] = {"leaf", "severity", "first_seen",
					      "disclose_by", NULL};
	const struct saksi_json *severity;

	saksi_fields_only(r, v, members);
	out->leaf = saksi_field_hash(r, v, "leaf");
	severity = saksi_field_get(r, v, "severity", SAKSI_JSON_STRING);
	if (severity != NULL &&
	    saksi_severity_read(severity->str, &out->severity) != SAKSI_OK)
		saksi_fields_fail(r, SAKSI_MALFORMED, "a severity that does not exist",
				  severity->at);
	out->first_seen_utc = saksi_field_time(r, v, "first_seen");
	out->disclose_by_utc = saksi_field_time(r, v, "disclose_by");
}

static void read_failures(struct saksi_fields *r, const struct saksi_json *body,
			  struct saksi_audit *b)
{
	static const char *const members[] = {"root", "items", NULL};
	const struct saksi_json *v =
	    saksi_field_get(r, body, "failures", SAKSI_JSON_OBJECT);
	const struct saksi_json *items;
	struct saksi_failure *list;

	if (v == NULL)
		return;
	saksi_fields_only(r, v, members);
	b->failure_root = saksi_field_hash(r, v, "root");
	items = saksi_field_get(r, v, "items", SAKSI_JSON_ARRAY);
	if (items == NULL)
		return;
	list = saksi_fields_room(r, items->count, sizeof(*list));
	for (const struct saksi_json *i = list == NULL ? NULL : items->child; i != NULL;
	     i = i->next)
		read_failure(r, i, &list[b->failure_count++]);
	b->failures = list;
}

enum saksi_err saksi_audit_read(const struct saksi_statement *s, struct saksi_arena *a,
				struct saksi_audit *out, struct saksi_fault *f)
{
	static const char *const members[] = {
	    "plan",   "server", "nonce",  "rules",    "checkpoint", "collected",
	    "counts", "failed", "vector", "failures", "facts",      NULL};
	static const char *const collected_members[] = {"from", "to", NULL};
	struct saksi_fields r = {a, f, SAKSI_OK};
	const struct saksi_json *collected;
	struct saksi_audit b = {0};

	saksi_fields_only(&r, s->body, members);
	b.plan = saksi_field_hash(&r, s->body, "plan");
	b.server = saksi_field_name(&r, s->body, "server");
	saksi_field_key(&r, s->body, "nonce", b.nonce);
	b.rules = saksi_field_hash(&r, s->body, "rules");
	b.checkpoint = saksi_field_point(&r, s->body);
	collected = saksi_field_get(&r, s->body, "collected", SAKSI_JSON_OBJECT);
	if (collected != NULL)
		saksi_fields_only(&r, collected, collected_members);
	b.from_utc = saksi_field_time(&r, collected, "from");
	b.to_utc = saksi_field_time(&r, collected, "to");
	read_counts(&r, s->body, &b);
	read_vector(&r, s->body, &b);
	read_failures(&r, s->body, &b);
	b.facts = saksi_field_hash(&r, s->body, "facts");
	SAKSI_FIELDS_GIVE(r, out, b);
}

static void write_counts(struct saksi_jsonw *w, const struct saksi_audit *b)
{
	uint64_t failed[SAKSI_SEVERITIES] = {0};

	for (size_t i = 0; i < b->failure_count; i++)
		failed[b->failures[i].severity]++;
	saksi_jsonw_key(w, "counts");
	saksi_jsonw_open(w, '{');
	for (unsigned i = 0; i < SAKSI_VERDICTS; i++)
		saksi_member_u64(w, count_names[i], b->counts[i]);
	saksi_jsonw_close(w, '}');
	saksi_jsonw_key(w, "failed");
	saksi_jsonw_open(w, '{');
	for (unsigned i = SAKSI_SEVERITIES; i-- > 0;)
		saksi_member_u64(w, saksi_severity_name((enum saksi_severity)i),
				 failed[i]);
	saksi_jsonw_close(w, '}');
}

static void write_lists(struct saksi_jsonw *w, const struct saksi_audit *b)
{
	struct saksi_bytes leaves = {b->leaf_count > 0 ? b->leaves->b : NULL,
				     b->leaf_count * sizeof(*b->leaves)};

	saksi_jsonw_key(w, "vector");
	saksi_jsonw_open(w, '{');
	saksi_member_hash(w, "root", &b->vector_root);
	saksi_jsonw_key(w, "leaves");
	saksi_jsonw_base64(w, leaves);
	saksi_jsonw_close(w, '}');
	saksi_jsonw_key(w, "failures");
	saksi_jsonw_open(w, '{');
	saksi_member_hash(w, "root", &b->failure_root);
	saksi_jsonw_key(w, "items");
	saksi_jsonw_open(w, '[');
	for (size_t i = 0; i < b->failure_count; i++) {
		const struct saksi_failure *x = &b->failures[i];

		saksi_jsonw_open(w, '{');
		saksi_member_hash(w, "leaf", &x->leaf);
		saksi_member_text(w, "severity",
				  saksi_bytes_of(saksi_severity_name(x->severity)));
		saksi_member_time(w, "first_seen", x->first_seen_utc);
		saksi_member_time(w, "disclose_by", x->disclose_by_utc);
		saksi_jsonw_close(w, '}');
	}
	saksi_jsonw_close(w, ']');
	saksi_jsonw_close(w, '}');
}

void saksi_audit_write(const struct saksi_audit *b, struct saksi_buf *out)
{
	struct saksi_jsonw w = {out, false};

	saksi_jsonw_open(&w, '{');
	saksi_member_hash(&w, "plan", &b->plan);
	saksi_member_text(&w, "server", b->server);
	saksi_member_key(&w, "nonce", b->nonce);
	saksi_member_hash(&w, "rules", &b->rules);
	saksi_member_point(&w, &b->checkpoint);
	saksi_jsonw_key(&w, "collected");
	saksi_jsonw_open(&w, '{');
	saksi_member_time(&w, "from", b->from_utc);
	saksi_member_time(&w, "to", b->to_utc);
	saksi_jsonw_close(&w, '}');
	write_counts(&w, b);
	write_lists(&w, b);
	saksi_member_hash(&w, "facts", &b->facts);
	saksi_jsonw_close(&w, '}');
}
