#include "statement/statement.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "statement/envelope.h"
#include "statement/entry.h"
#include "statement/fields.h"

#define STATEMENT_TYPE "https://in-toto.io/Statement/v1"
#define KIND_PREFIX "urn:saksi:"
#define SUBJECT_NAME_MAX 256
#define TIME_MAX 253402300799 /* 9999-12-31T23:59:59Z */

static const char *const kind_names[SAKSI_KIND_OTHER] = {
#define KIND_NAME(e, n) n,
    SAKSI_KINDS(KIND_NAME)
#undef KIND_NAME
};

const char *saksi_kind_name(enum saksi_kind k)
{
	return k < SAKSI_KIND_OTHER ? kind_names[k] : "other";
}

/* The newest version of a kind that is read and written here. */
static uint64_t newest_of(enum saksi_kind k)
{
	return k == SAKSI_KIND_KEYS ? 2 : 1;
}

static enum saksi_kind kind_of(struct saksi_bytes name)
{
	unsigned k = 0;

	while (k < SAKSI_KIND_OTHER && !saksi_bytes_is(name, kind_names[k]))
		k++;
	return (enum saksi_kind)k;
}

/* ---- reading */

/* "urn:saksi:KIND:VERSION" */
static uint64_t read_type(struct saksi_fields *r, const struct saksi_json *top,
			  struct saksi_statement *s)
{
	const struct saksi_json *v =
	    saksi_field_get(r, top, "predicateType", SAKSI_JSON_STRING);
	struct saksi_bytes rest, number;
	uint64_t version = 0;
	size_t colon = 0;

	if (v == NULL)
		return 0;
	if (!saksi_bytes_starts(v->str, KIND_PREFIX)) {
		saksi_fields_fail(r, SAKSI_MALFORMED, "predicateType is none of ours",
				  v->at);
		return 0;
	}
	rest.at = v->str.at + strlen(KIND_PREFIX);
	rest.len = v->str.len - strlen(KIND_PREFIX);
	while (colon < rest.len && rest.at[colon] != ':')
		colon++;
	s->kind_name = (struct saksi_bytes){rest.at, colon};
	number = colon < rest.len
		     ? (struct saksi_bytes){rest.at + colon + 1, rest.len - colon - 1}
		     : (struct saksi_bytes){NULL, 0};
	if (!saksi_name_good(s->kind_name) ||
	    saksi_text_decimal(number, &version) != SAKSI_OK || version == 0)
		saksi_fields_fail(r, SAKSI_MALFORMED,
				  "predicateType is not urn:saksi:KIND:VERSION", v->at);
	s->kind = kind_of(s->kind_name);
	return version;
}

static void read_subject(struct saksi_fields *r, const struct saksi_json *top,
			 struct saksi_statement *s)
{
	static const char *const members[] = {"name", "digest", NULL};
	static const char *const digests[] = {"sha256", NULL};
	const struct saksi_json *list =
	    saksi_field_get(r, top, "subject", SAKSI_JSON_ARRAY);
	const struct saksi_json *one, *digest;

	if (list == NULL)
		return;
	one = list->child;
	if (list->count != 1) {
		saksi_fields_fail(r, SAKSI_MALFORMED, "not exactly one subject",
				  list->at);
		return;
	}
	saksi_fields_only(r, one, members);
	s->subject_name = saksi_field_text(r, one, "name", SUBJECT_NAME_MAX);
	digest = saksi_field_get(r, one, "digest", SAKSI_JSON_OBJECT);
	if (digest != NULL)
		saksi_fields_only(r, digest, digests);
	s->subject = saksi_field_hash(r, digest, "sha256");
}

static void read_addenda(struct saksi_fields *r, const struct saksi_json *predicate,
			 struct saksi_statement *s)
{
	const struct saksi_json *list =
	    saksi_field_get(r, predicate, "addenda", SAKSI_JSON_ARRAY);
	struct saksi_hash *digests;
	size_t n = 0;

	if (list == NULL)
		return;
	if (list->count > SAKSI_ADDENDA_MAX) {
		saksi_fields_fail(r, SAKSI_MALFORMED, "more than 255 addenda",
				  list->at);
		return;
	}
	digests = saksi_fields_room(r, list->count, sizeof(*digests));
	if (digests == NULL)
		return;
	for (const struct saksi_json *v = list->child; v != NULL; v = v->next)
		digests[n++] = saksi_item_hash(r, v);
	s->addenda = digests;
	s->addenda_count = n;
}

static void read_place(struct saksi_fields *r, const struct saksi_json *predicate,
		       struct saksi_statement *s)
{
	const struct saksi_json *previous =
	    saksi_field_get(r, predicate, "previous", SAKSI_JSON_STRING);

	s->author = saksi_field_name(r, predicate, "author");
	s->sequence = saksi_field_u64(r, predicate, "sequence");
	s->time_utc = saksi_field_time(r, predicate, "time");
	if (previous == NULL || r->err != SAKSI_OK)
		return;
	if (s->sequence > 0)
		s->previous = saksi_item_hash(r, previous);
	else if (previous->str.len != 0)
		saksi_fields_fail(r, SAKSI_MALFORMED,
				  "the first statement names a previous one",
				  previous->at);
}

/* What every version says the same way is read whatever the version. */
static void read_predicate(struct saksi_fields *r, const struct saksi_json *top,
			   uint64_t type_version, struct saksi_statement *s)
{
	static const char *const members[] = {"version",  "author", "sequence",
					      "previous", "time",   "addenda",
					      "body",     NULL};
	const struct saksi_json *p =
	    saksi_field_get(r, top, "predicate", SAKSI_JSON_OBJECT);
	uint64_t version = saksi_field_u64(r, p, "version");

	if (r->err != SAKSI_OK)
		return;
	if (version != type_version) {
		saksi_fields_fail(r, SAKSI_MALFORMED,
				  "version differs from the predicateType's", p->at);
		return;
	}
	s->version = version;
	if (version <= newest_of(s->kind)) {
		saksi_fields_only(r, p, members);
		s->body = saksi_field_get(r, p, "body", SAKSI_JSON_OBJECT);
	}
	read_place(r, p, s);
	read_addenda(r, p, s);
	if (version > newest_of(s->kind))
		saksi_fields_fail(r, SAKSI_NEWER,
				  "a version this program does not know", p->at);
}

enum saksi_err saksi_statement_read(struct saksi_bytes payload, struct saksi_arena *a,
				    struct saksi_statement *out, struct saksi_fault *f)
{
	static const char *const members[] = {"_type", "subject", "predicateType",
					      "predicate", NULL};
	struct saksi_fields r = {a, f, SAKSI_OK};
	struct saksi_statement s = {0};
	const struct saksi_json *top, *type;
	uint64_t version;

	if (payload.len > SAKSI_PAYLOAD_MAX)
		return saksi_fault_set(f, SAKSI_LIMIT, "payload over 48,000 bytes", 0,
				       0);
	SAKSI_TRY(saksi_json_parse(payload, a, &top, f));
	saksi_fields_only(&r, top, members);
	type = saksi_field_get(&r, top, "_type", SAKSI_JSON_STRING);
	if (type != NULL && !saksi_bytes_is(type->str, STATEMENT_TYPE))
		saksi_fields_fail(&r, SAKSI_MALFORMED, "not an in-toto Statement v1",
				  type->at);
	version = read_type(&r, top, &s);
	read_subject(&r, top, &s);
	read_predicate(&r, top, version, &s);
	if (r.err == SAKSI_OK || r.err == SAKSI_NEWER)
		*out = s;
	return r.err;
}

/* ---- writing */

static bool writable(const struct saksi_statement *s, struct saksi_bytes body)
{
	static const struct saksi_hash none = {{0}};

	return s->kind < SAKSI_KIND_OTHER && s->version <= newest_of(s->kind) &&
	       saksi_name_good(s->author) && s->sequence <= INT64_MAX &&
	       (s->sequence > 0 || saksi_hash_same(&s->previous, &none)) &&
	       s->time_utc >= 0 && s->time_utc <= TIME_MAX &&
	       s->addenda_count <= SAKSI_ADDENDA_MAX && s->subject_name.len > 0 &&
	       s->subject_name.len <= SUBJECT_NAME_MAX &&
	       saksi_text_utf8(s->subject_name) && body.len > 0;
}

static uint64_t version_of(const struct saksi_statement *s)
{
	return s->version == 0 ? 1 : s->version;
}

static void write_head(struct saksi_jsonw *w, const struct saksi_statement *s)
{
	uint8_t room[64];
	struct saksi_buf type = saksi_buf_fixed(room, sizeof(room));

	saksi_jsonw_key(w, "_type");
	saksi_jsonw_cstr(w, STATEMENT_TYPE);
	saksi_jsonw_key(w, "subject");
	saksi_jsonw_open(w, '[');
	saksi_jsonw_open(w, '{');
	saksi_jsonw_key(w, "name");
	saksi_jsonw_str(w, s->subject_name);
	saksi_jsonw_key(w, "digest");
	saksi_jsonw_open(w, '{');
	saksi_jsonw_key(w, "sha256");
	saksi_jsonw_hash(w, &s->subject);
	saksi_jsonw_close(w, '}');
	saksi_jsonw_close(w, '}');
	saksi_jsonw_close(w, ']');
	saksi_buf_puts(&type, KIND_PREFIX);
	saksi_buf_puts(&type, kind_names[s->kind]);
	saksi_buf_puts(&type, ":");
	saksi_buf_put_decimal(&type, version_of(s));
	saksi_jsonw_key(w, "predicateType");
	saksi_jsonw_str(w, saksi_buf_bytes(&type));
}

static void write_predicate(struct saksi_jsonw *w, const struct saksi_statement *s,
			    struct saksi_bytes body)
{
	saksi_jsonw_key(w, "version");
	saksi_jsonw_u64(w, version_of(s));
	saksi_jsonw_key(w, "author");
	saksi_jsonw_str(w, s->author);
	saksi_jsonw_key(w, "sequence");
	saksi_jsonw_u64(w, s->sequence);
	saksi_jsonw_key(w, "previous");
	if (s->sequence == 0)
		saksi_jsonw_cstr(w, "");
	else
		saksi_jsonw_hash(w, &s->previous);
	saksi_jsonw_key(w, "time");
	saksi_jsonw_time(w, s->time_utc);
	saksi_jsonw_key(w, "addenda");
	saksi_jsonw_open(w, '[');
	for (size_t i = 0; i < s->addenda_count; i++)
		saksi_jsonw_hash(w, &s->addenda[i]);
	saksi_jsonw_close(w, ']');
	saksi_jsonw_key(w, "body");
	saksi_jsonw_raw(w, body);
}

enum saksi_err saksi_statement_write(const struct saksi_statement *s,
				     struct saksi_bytes body_json,
				     struct saksi_buf *out)
{
	size_t before = out->len;
	struct saksi_jsonw w = {out, false};

	if (!writable(s, body_json))
		return SAKSI_BADARG;
	saksi_jsonw_open(&w, '{');
	write_head(&w, s);
	saksi_jsonw_key(&w, "predicate");
	saksi_jsonw_open(&w, '{');
	write_predicate(&w, s, body_json);
	saksi_jsonw_close(&w, '}');
	saksi_jsonw_close(&w, '}');
	SAKSI_TRY(saksi_buf_check(out));
	return out->len - before > SAKSI_PAYLOAD_MAX ? SAKSI_LIMIT : SAKSI_OK;
}
