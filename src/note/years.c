#include "note/years.h"

#include <stdio.h>

#include "base/text.h"
#include "note/words.h"

#define CHANGE "saksi/log-key/v"
#define CLOSING "saksi/closing/v"
#define SUCCESSION "saksi/succession/v"
#define SIZE_MAX_TREE (1ULL << 63)
#define URL_MAX 2048

static void put_number(struct saksi_buf *out, const char *word, uint64_t n)
{
	saksi_buf_puts(out, word);
	saksi_buf_put_decimal(out, n);
	saksi_buf_puts(out, "\n");
}

static void put_key(struct saksi_buf *out, const char *word, const struct saksi_vkey *k)
{
	saksi_buf_puts(out, word);
	saksi_vkey_write(k, out);
	saksi_buf_puts(out, "\n");
}

static void put_hash(struct saksi_buf *out, const char *word,
		     const struct saksi_hash *h)
{
	saksi_buf_puts(out, word);
	saksi_buf_put_base64(out, saksi_hash_bytes(h));
	saksi_buf_puts(out, "\n");
}

static void put_first(struct saksi_buf *out, const char *form,
		      struct saksi_bytes origin)
{
	saksi_buf_puts(out, form);
	saksi_buf_puts(out, "1\n");
	saksi_buf_put(out, origin);
	saksi_buf_puts(out, "\n");
}

static enum saksi_err first(struct saksi_words *r, const char *form,
			    struct saksi_bytes *origin)
{
	SAKSI_TRY(saksi_words_first(r, form));
	SAKSI_TRY(saksi_words_line(r, origin));
	return origin->len > 0 ? SAKSI_OK : saksi_words_wrong(r, "no origin");
}

static enum saksi_err time_of(struct saksi_words *r, int64_t *out)
{
	uint64_t n = 0;

	SAKSI_TRY(saksi_words_number(r, "time ", INT64_MAX, &n));
	*out = (int64_t)n;
	return SAKSI_OK;
}

/* ---- key change */

enum saksi_err saksi_keychange_read(struct saksi_bytes text,
				    struct saksi_keychange *out, struct saksi_fault *f)
{
	struct saksi_words r = saksi_words_on(text, f);
	struct saksi_keychange k;

	SAKSI_TRY(first(&r, CHANGE, &k.origin));
	SAKSI_TRY(saksi_words_key(&r, "old ", &k.old));
	SAKSI_TRY(saksi_words_key(&r, "new ", &k.next));
	if (!saksi_bytes_same(k.old.name, k.origin) ||
	    !saksi_bytes_same(k.next.name, k.origin))
		return saksi_words_wrong(&r, "a key of another name than the log's");
	if (k.old.id == k.next.id)
		return saksi_words_wrong(&r, "a key that replaces itself");
	SAKSI_TRY(time_of(&r, &k.time_utc));
	SAKSI_TRY(saksi_words_end(&r));
	*out = k;
	return SAKSI_OK;
}

void saksi_keychange_write(const struct saksi_keychange *k, struct saksi_buf *out)
{
	put_first(out, CHANGE, k->origin);
	put_key(out, "old ", &k->old);
	put_key(out, "new ", &k->next);
	put_number(out, "time ", (uint64_t)k->time_utc);
}

void saksi_keychange_path(const struct saksi_vkey *old,
			  char out[SAKSI_KEYCHANGE_PATH_LEN])
{
	(void)snprintf(out, SAKSI_KEYCHANGE_PATH_LEN, "keychange/%08x", old->id);
}

/* ---- closing */

enum saksi_err saksi_closing_read(struct saksi_bytes text, struct saksi_closing *out,
				  struct saksi_fault *f)
{
	struct saksi_words r = saksi_words_on(text, f), ahead;
	struct saksi_closing k = {.has_successor = true};
	struct saksi_bytes none;

	SAKSI_TRY(first(&r, CLOSING, &k.origin));
	SAKSI_TRY(saksi_words_number(&r, "size ", SIZE_MAX_TREE, &k.size));
	SAKSI_TRY(saksi_words_hash(&r, "root ", &k.root));
	SAKSI_TRY(time_of(&r, &k.time_utc));
	ahead = r;
	ahead.f = NULL;
	if (saksi_words_value(&ahead, "successor ", &none) == SAKSI_OK &&
	    saksi_bytes_is(none, "none")) {
		k.has_successor = false;
		r.c = ahead.c;
		r.line = ahead.line;
	} else {
		SAKSI_TRY(saksi_words_key(&r, "successor ", &k.successor));
	}
	SAKSI_TRY(saksi_words_value(&r, "url ", &k.url));
	if (k.url.len == 0 || k.url.len > URL_MAX)
		return saksi_words_wrong(&r, "no URL, and not \"none\"");
	if (saksi_bytes_is(k.url, "none"))
		k.url = (struct saksi_bytes){NULL, 0};
	SAKSI_TRY(saksi_words_end(&r));
	*out = k;
	return SAKSI_OK;
}

void saksi_closing_write(const struct saksi_closing *k, struct saksi_buf *out)
{
	put_first(out, CLOSING, k->origin);
	put_number(out, "size ", k->size);
	put_hash(out, "root ", &k->root);
	put_number(out, "time ", (uint64_t)k->time_utc);
	if (k->has_successor)
		put_key(out, "successor ", &k->successor);
	else
		saksi_buf_puts(out, "successor none\n");
	saksi_buf_puts(out, "url ");
	if (k->url.len > 0)
		saksi_buf_put(out, k->url);
	else
		saksi_buf_puts(out, "none");
	saksi_buf_puts(out, "\n");
}

/* ---- succession */

enum saksi_err saksi_succession_read(struct saksi_bytes text,
				     struct saksi_succession *out,
				     struct saksi_fault *f)
{
	struct saksi_words r = saksi_words_on(text, f);
	struct saksi_succession k;

	SAKSI_TRY(first(&r, SUCCESSION, &k.origin));
	SAKSI_TRY(saksi_words_key(&r, "predecessor ", &k.predecessor));
	SAKSI_TRY(saksi_words_number(&r, "size ", SIZE_MAX_TREE, &k.size));
	SAKSI_TRY(saksi_words_hash(&r, "root ", &k.root));
	SAKSI_TRY(time_of(&r, &k.time_utc));
	SAKSI_TRY(saksi_words_end(&r));
	*out = k;
	return SAKSI_OK;
}

void saksi_succession_write(const struct saksi_succession *k, struct saksi_buf *out)
{
	put_first(out, SUCCESSION, k->origin);
	put_key(out, "predecessor ", &k->predecessor);
	put_number(out, "size ", k->size);
	put_hash(out, "root ", &k->root);
	put_number(out, "time ", (uint64_t)k->time_utc);
}
