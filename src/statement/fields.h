/* Reading the members of our JSON strictly, with one memory of failure: after
 * the first thing wrong all reads give zeroes, so a body is read in one run of
 * calls and `err` is looked at once.  For this room only. */
#ifndef SAKSI_STATEMENT_FIELDS_H
#define SAKSI_STATEMENT_FIELDS_H

#include "base/json.h"
#include "crypto/hash.h"
#include "statement/statement.h"

struct saksi_fields {
	struct saksi_arena *a;
	struct saksi_fault *f; /* may be NULL */
	enum saksi_err err;
};

/* Keeps the first failure only. */
void saksi_fields_fail(struct saksi_fields *r, enum saksi_err err, const char *what,
		       size_t at);
/* `obj` must be an object of just these members; keys ends with NULL. */
void saksi_fields_only(struct saksi_fields *r, const struct saksi_json *obj,
		       const char *const *keys);
/* Zeroed objects in the arena; NULL after a failure. LIMIT. */
void *saksi_fields_room(struct saksi_fields *r, size_t count, size_t size);

/* The member of that kind; NULL after a failure. */
const struct saksi_json *saksi_field_get(struct saksi_fields *r,
					 const struct saksi_json *obj, const char *key,
					 enum saksi_json_kind kind);
uint64_t saksi_field_u64(struct saksi_fields *r, const struct saksi_json *obj,
			 const char *key);
bool saksi_field_bool(struct saksi_fields *r, const struct saksi_json *obj,
		      const char *key);
/* 1..max bytes, no control character but a new line. */
struct saksi_bytes saksi_field_text(struct saksi_fields *r,
				    const struct saksi_json *obj, const char *key,
				    size_t max);
/* 1..SAKSI_AUTHOR_MAX of [a-z0-9.-]: authors, servers, kinds. */
struct saksi_bytes saksi_field_name(struct saksi_fields *r,
				    const struct saksi_json *obj, const char *key);
/* 32 bytes in hexadecimal. */
struct saksi_hash saksi_field_hash(struct saksi_fields *r, const struct saksi_json *obj,
				   const char *key);
/* The same for an array's item. */
struct saksi_hash saksi_item_hash(struct saksi_fields *r,
				  const struct saksi_json *item);
int64_t saksi_field_time(struct saksi_fields *r, const struct saksi_json *obj,
			 const char *key);

/* "checkpoint":{"size","root"} */
struct saksi_point saksi_field_point(struct saksi_fields *r,
				     const struct saksi_json *body);
void saksi_field_key(struct saksi_fields *r, const struct saksi_json *obj,
		     const char *name, uint8_t out[32]);

bool saksi_name_good(struct saksi_bytes name);
void saksi_jsonw_time(struct saksi_jsonw *w, int64_t utc);
void saksi_jsonw_hash(struct saksi_jsonw *w, const struct saksi_hash *h);

/* A key and its value. */
void saksi_member_key(struct saksi_jsonw *w, const char *name, const uint8_t key[32]);
void saksi_member_hash(struct saksi_jsonw *w, const char *name,
		       const struct saksi_hash *h);
void saksi_member_u64(struct saksi_jsonw *w, const char *name, uint64_t v);
void saksi_member_text(struct saksi_jsonw *w, const char *name, struct saksi_bytes s);
void saksi_member_time(struct saksi_jsonw *w, const char *name, int64_t utc);
void saksi_member_point(struct saksi_jsonw *w, const struct saksi_point *p);

/* Ends each X_read: *out only when all went well. */
#define SAKSI_FIELDS_GIVE(r, out, body)                                                \
	do {                                                                           \
		if ((r).err == SAKSI_OK)                                               \
			*(out) = (body);                                               \
		return (r).err;                                                        \
	} while (0)

#endif
