#include "statement/fields.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "statement/statement.h"

void saksi_fields_fail(struct saksi_fields *r, enum saksi_err err, const char *what,
		       size_t at)
{
	if (r->err == SAKSI_OK)
		r->err = saksi_fault_set(r->f, err, what, at, 0);
}

void saksi_fields_only(struct saksi_fields *r, const struct saksi_json *obj,
		       const char *const *keys)
{
	if (r->err != SAKSI_OK)
		return;
	if (obj->kind != SAKSI_JSON_OBJECT)
		saksi_fields_fail(r, SAKSI_MALFORMED, "an object should stand here",
				  obj->at);
	else
		r->err = saksi_json_only(obj, keys, r->f);
}

void *saksi_fields_room(struct saksi_fields *r, size_t count, size_t size)
{
	void *room;

	if (r->err != SAKSI_OK)
		return NULL;
	room = saksi_arena_new(r->a, count, size);
	if (room == NULL)
		saksi_fields_fail(r, SAKSI_LIMIT, "no room to read it", 0);
	return room;
}

const struct saksi_json *saksi_field_get(struct saksi_fields *r,
					 const struct saksi_json *obj, const char *key,
					 enum saksi_json_kind kind)
{
	const struct saksi_json *v;

	if (r->err != SAKSI_OK)
		return NULL;
	v = saksi_json_get(obj, key);
	if (v == NULL)
		saksi_fields_fail(r, SAKSI_MALFORMED, "a member is missing", obj->at);
	else if (v->kind != kind)
		saksi_fields_fail(r, SAKSI_MALFORMED, "a member of the wrong kind",
				  v->at);
	return r->err == SAKSI_OK ? v : NULL;
}

uint64_t saksi_field_u64(struct saksi_fields *r, const struct saksi_json *obj,
			 const char *key)
{
	const struct saksi_json *v = saksi_field_get(r, obj, key, SAKSI_JSON_INT);

	if (v == NULL)
		return 0;
	if (v->num < 0) {
		saksi_fields_fail(r, SAKSI_MALFORMED, "a negative number", v->at);
		return 0;
	}
	return (uint64_t)v->num;
}

bool saksi_field_bool(struct saksi_fields *r, const struct saksi_json *obj,
		      const char *key)
{
	const struct saksi_json *v = saksi_field_get(r, obj, key, SAKSI_JSON_BOOL);

	return v != NULL && v->num != 0;
}

/* Free text is shown on terminals: nothing in it may steer one. */
static bool text_good(struct saksi_bytes s, size_t max)
{
	if (s.len == 0 || s.len > max)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if ((s.at[i] < 0x20 && s.at[i] != '\n') || s.at[i] == 0x7f)
			return false;
	return true;
}

struct saksi_bytes saksi_field_text(struct saksi_fields *r,
				    const struct saksi_json *obj, const char *key,
				    size_t max)
{
	const struct saksi_json *v = saksi_field_get(r, obj, key, SAKSI_JSON_STRING);

	if (v == NULL)
		return (struct saksi_bytes){NULL, 0};
	if (!text_good(v->str, max)) {
		saksi_fields_fail(r, SAKSI_MALFORMED,
				  "text that is empty, too long or has control bytes",
				  v->at);
		return (struct saksi_bytes){NULL, 0};
	}
	return v->str;
}

bool saksi_name_good(struct saksi_bytes name)
{
	if (name.len == 0 || name.len > SAKSI_AUTHOR_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.at[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
		      c == '-'))
			return false;
	}
	return true;
}

struct saksi_bytes saksi_field_name(struct saksi_fields *r,
				    const struct saksi_json *obj, const char *key)
{
	const struct saksi_json *v = saksi_field_get(r, obj, key, SAKSI_JSON_STRING);

	if (v == NULL)
		return (struct saksi_bytes){NULL, 0};
	if (!saksi_name_good(v->str)) {
		saksi_fields_fail(r, SAKSI_MALFORMED, "not a name of [a-z0-9.-]",
				  v->at);
		return (struct saksi_bytes){NULL, 0};
	}
	return v->str;
}

struct saksi_hash saksi_item_hash(struct saksi_fields *r, const struct saksi_json *item)
{
	struct saksi_hash h = {{0}};

	if (r->err != SAKSI_OK)
		return h;
	if (item->kind != SAKSI_JSON_STRING ||
	    saksi_text_hex(item->str, h.b, sizeof(h.b)) != SAKSI_OK)
		saksi_fields_fail(r, SAKSI_MALFORMED, "not 64 hexadecimal digits",
				  item->at);
	return h;
}

struct saksi_hash saksi_field_hash(struct saksi_fields *r, const struct saksi_json *obj,
				   const char *key)
{
	const struct saksi_json *v = saksi_field_get(r, obj, key, SAKSI_JSON_STRING);

	return v == NULL ? (struct saksi_hash){{0}} : saksi_item_hash(r, v);
}

int64_t saksi_field_time(struct saksi_fields *r, const struct saksi_json *obj,
			 const char *key)
{
	const struct saksi_json *v = saksi_field_get(r, obj, key, SAKSI_JSON_STRING);
	int64_t utc = 0;

	if (v != NULL && saksi_time_read(v->str, &utc) != SAKSI_OK)
		saksi_fields_fail(r, SAKSI_MALFORMED,
				  "not a time like 2026-11-22T16:39:05Z", v->at);
	return utc;
}

void saksi_jsonw_time(struct saksi_jsonw *w, int64_t utc)
{
	char text[SAKSI_TIME_TEXT_LEN + 1];

	saksi_time_text(utc, text);
	saksi_jsonw_cstr(w, text);
}

void saksi_jsonw_hash(struct saksi_jsonw *w, const struct saksi_hash *h)
{
	saksi_jsonw_hex(w, saksi_hash_bytes(h));
}

struct saksi_point saksi_field_point(struct saksi_fields *r,
				     const struct saksi_json *body)
{
	const char *const members[] = {"size", "root", NULL};
	const struct saksi_json *v =
	    saksi_field_get(r, body, "checkpoint", SAKSI_JSON_OBJECT);
	struct saksi_point p = {0};

	if (v == NULL)
		return p;
	saksi_fields_only(r, v, members);
	p.size = saksi_field_u64(r, v, "size");
	p.root = saksi_field_hash(r, v, "root");
	return p;
}

void saksi_member_point(struct saksi_jsonw *w, const struct saksi_point *p)
{
	saksi_jsonw_key(w, "checkpoint");
	saksi_jsonw_open(w, '{');
	saksi_jsonw_key(w, "size");
	saksi_jsonw_u64(w, p->size);
	saksi_jsonw_key(w, "root");
	saksi_jsonw_hash(w, &p->root);
	saksi_jsonw_close(w, '}');
}

void saksi_field_key(struct saksi_fields *r, const struct saksi_json *obj,
		     const char *name, uint8_t out[32])
{
	struct saksi_hash h = saksi_field_hash(r, obj, name);

	memcpy(out, h.b, sizeof(h.b));
}

void saksi_member_key(struct saksi_jsonw *w, const char *name, const uint8_t key[32])
{
	saksi_jsonw_key(w, name);
	saksi_jsonw_hex(w, (struct saksi_bytes){key, 32});
}

void saksi_member_hash(struct saksi_jsonw *w, const char *name,
		       const struct saksi_hash *h)
{
	saksi_jsonw_key(w, name);
	saksi_jsonw_hash(w, h);
}

void saksi_member_u64(struct saksi_jsonw *w, const char *name, uint64_t v)
{
	saksi_jsonw_key(w, name);
	saksi_jsonw_u64(w, v);
}

void saksi_member_text(struct saksi_jsonw *w, const char *name, struct saksi_bytes s)
{
	saksi_jsonw_key(w, name);
	saksi_jsonw_str(w, s);
}

void saksi_member_time(struct saksi_jsonw *w, const char *name, int64_t utc)
{
	saksi_jsonw_key(w, name);
	saksi_jsonw_time(w, utc);
}
