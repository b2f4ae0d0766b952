/* A small strict JSON reader for our own formats (RFC 8259, less): UTF-8, no
 * duplicate keys, integers only (int64), no NUL in strings, depth at most
 * SAKSI_JSON_DEPTH, nothing after the value.  Pure; also in WebAssembly.
 * Other tools' JSON is read with jansson. */
#ifndef SAKSI_BASE_JSON_H
#define SAKSI_BASE_JSON_H

#include "base/arena.h"
#include "base/buf.h"

#define SAKSI_JSON_DEPTH 32

enum saksi_json_kind {
	SAKSI_JSON_NULL,
	SAKSI_JSON_BOOL,
	SAKSI_JSON_INT,
	SAKSI_JSON_STRING,
	SAKSI_JSON_ARRAY,
	SAKSI_JSON_OBJECT,
};

/* A value in the arena.  Strings are decoded views (into the input where no
 * escape stood, else into the arena). */
struct saksi_json {
	enum saksi_json_kind kind;
	struct saksi_bytes key; /* within an object */
	struct saksi_bytes str; /* STRING */
	int64_t num;            /* INT; BOOL: 0 or 1 */
	const struct saksi_json *child, *next;
	uint32_t count; /* children of ARRAY and OBJECT */
	size_t at;      /* byte offset in the input */
};

/* MALFORMED with the byte in *f, LIMIT (depth, or the arena is too small).
 * The result borrows `text` and lives in `a`.  Cost: linear, but duplicate keys
 * are looked for within each object: keys^2 / 2 compares, so more than 4096
 * keys in one object are LIMIT.  On failure the arena is as it was. */
SAKSI_MUST enum saksi_err saksi_json_parse(struct saksi_bytes text,
					   struct saksi_arena *a,
					   const struct saksi_json **out,
					   struct saksi_fault *f);

/* The member, or NULL (also when obj is NULL or no object). */
const struct saksi_json *saksi_json_get(const struct saksi_json *obj, const char *key);

/* Typed members.  MISSING when not there, MALFORMED when of another kind. */
SAKSI_MUST enum saksi_err saksi_json_str(const struct saksi_json *obj, const char *key,
					 struct saksi_bytes *out);
SAKSI_MUST enum saksi_err saksi_json_int(const struct saksi_json *obj, const char *key,
					 int64_t *out);
SAKSI_MUST enum saksi_err saksi_json_u64(const struct saksi_json *obj, const char *key,
					 uint64_t *out); /* an int >= 0 */
SAKSI_MUST enum saksi_err saksi_json_hex(const struct saksi_json *obj, const char *key,
					 uint8_t *out, size_t out_len);
/* Does obj hold no member but those named?  keys ends with NULL.  MALFORMED
 * with the place of the first other one. */
SAKSI_MUST enum saksi_err saksi_json_only(const struct saksi_json *obj,
					  const char *const *keys,
					  struct saksi_fault *f);

/* ---- writing: compact, no spaces, UTF-8 kept, only what must be escaped is.
 * Members come out in the order put.  A comma is set by need.  What the reader
 * above would refuse (a string that is not UTF-8 or holds NUL, an integer over
 * INT64_MAX) is not written: it marks the buffer full, so saksi_buf_check says
 * LIMIT. */
struct saksi_jsonw {
	struct saksi_buf *out;
	bool comma;
};
void saksi_jsonw_open(struct saksi_jsonw *w, char bracket);  /* '{' or '[' */
void saksi_jsonw_close(struct saksi_jsonw *w, char bracket); /* '}' or ']' */
void saksi_jsonw_key(struct saksi_jsonw *w, const char *key);
void saksi_jsonw_str(struct saksi_jsonw *w, struct saksi_bytes s);
void saksi_jsonw_cstr(struct saksi_jsonw *w, const char *s);
void saksi_jsonw_u64(struct saksi_jsonw *w, uint64_t v);
void saksi_jsonw_int(struct saksi_jsonw *w, int64_t v);
void saksi_jsonw_bool(struct saksi_jsonw *w, bool v);
void saksi_jsonw_null(struct saksi_jsonw *w);
void saksi_jsonw_hex(struct saksi_jsonw *w, struct saksi_bytes b);
void saksi_jsonw_base64(struct saksi_jsonw *w, struct saksi_bytes b);
/* A value written elsewhere, put as it is. */
void saksi_jsonw_raw(struct saksi_jsonw *w, struct saksi_bytes value);

#endif
