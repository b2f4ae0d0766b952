#include "witness/inside.h"

#include "base/text.h"
#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 4096 };

/* ---- making one */

static bool state_path(const char *path, char out[PATH_ROOM])
{
	int n = snprintf(out, PATH_ROOM, "%s/state.db", path);

	return n > 0 && n < PATH_ROOM;
}

static enum saksi_err write_key(int dir, const struct saksi_vkey *k,
				const struct saksi_signer *s, struct saksi_buf *vkey)
{
	char secret[SAKSI_WITNESS_KEY_TEXT], open[SAKSI_WITNESS_KEY_TEXT];
	struct saksi_buf b = saksi_buf_fixed(secret, sizeof secret);
	struct saksi_buf v = saksi_buf_fixed(open, sizeof open);

	saksi_skey_write(k, s, &b);
	saksi_buf_puts(&b, "\n");
	saksi_vkey_write(k, &v);
	saksi_buf_put(vkey, saksi_buf_bytes(&v));
	saksi_buf_puts(&v, "\n");
	enum saksi_err err = saksi_buf_check(&b);
	if (err == SAKSI_OK)
		err = saksi_buf_check(vkey);
	if (err == SAKSI_OK)
		err = saksi_file_create(dir, "vkey", saksi_buf_bytes(&v), 0644);
	/* The key last: a folder without one was never a witness. */
	if (err == SAKSI_OK)
		err = saksi_file_create(dir, "key", saksi_buf_bytes(&b), 0600);
	saksi_wipe(secret, sizeof secret);
	return err;
}

static enum saksi_err make_state(const char *path, int dir, const struct saksi_vkey *k,
				 struct saksi_why *w)
{
	char file[PATH_ROOM], text[SAKSI_WITNESS_KEY_TEXT];
	struct saksi_buf v = saksi_buf_fixed(text, sizeof text);

	saksi_vkey_write(k, &v);
	if (!state_path(path, file) || saksi_buf_check(&v) != SAKSI_OK)
		return saksi_why_set(w, SAKSI_BADARG, "%s: the path is too long", path);
	SAKSI_TRY(saksi_book_create(file, saksi_buf_bytes(&v), w));
	if (chmod(file, 0600) != 0 || saksi_dir_sync(dir) != SAKSI_OK)
		return saksi_why_set(w, SAKSI_IO, "%s: %s", file, strerror(errno));
	return SAKSI_OK;
}

static enum saksi_err make_in(const char *path, int dir, const char *name,
			      struct saksi_buf *out, struct saksi_why *w)
{
	struct saksi_vkey k;
	uint8_t key[SAKSI_KEY_LEN];
	struct saksi_signer *s;

	if (faccessat(dir, "key", F_OK, 0) == 0 ||
	    faccessat(dir, "state.db", F_OK, 0) == 0)
		return saksi_why_set(w, SAKSI_REFUSED,
				     "%s: a witness is there already; its key and its "
				     "memory are never overwritten",
				     path);
	s = saksi_signer_new();
	if (s == NULL)
		return saksi_why_set(w, SAKSI_NOMEM, "out of memory");
	saksi_signer_public(s, key);
	enum saksi_err err =
	    saksi_vkey_make(saksi_bytes_of(name), SAKSI_SIG_COSIGNATURE, key, &k);
	if (err != SAKSI_OK) {
		err = saksi_why_set(w, SAKSI_BADARG,
				    "no key may have this name: want 1 to %d bytes "
				    "without spaces and plus signs",
				    SAKSI_NAME_MAX);
	} else {
		err = make_state(path, dir, &k, w);
		if (err == SAKSI_OK) {
			err = write_key(dir, &k, s, out);
			if (err != SAKSI_OK)
				(void)saksi_why_set(w, err, "%s/key: %s", path,
						    strerror(errno));
		}
	}
	saksi_signer_free(s);
	return err;
}

enum saksi_err saksi_witness_init(const char *path, const char *name,
				  struct saksi_buf *out, struct saksi_why *w)
{
	int dir;

	SAKSI_TRY(saksi_crypto_begin());
	if (strlen(name) > SAKSI_NAME_MAX || !saksi_keyname_ok(saksi_bytes_of(name)))
		return saksi_why_set(w, SAKSI_BADARG,
				     "no key may have this name: want 1 to %d bytes "
				     "without spaces and plus signs",
				     SAKSI_NAME_MAX);
	enum saksi_err err = saksi_dir_make(AT_FDCWD, path, 0700);
	if (err == SAKSI_OK)
		err = saksi_dir_open(path, &dir);
	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "%s: %s", path, strerror(errno));
	err = make_in(path, dir, name, out, w);
	(void)close(dir);
	return err;
}

/* ---- opening */

static enum saksi_err parse_key(struct saksi_witness *w, struct saksi_bytes text,
				const char *path, struct saksi_why *why)
{
	struct saksi_fault f = {0};
	enum saksi_err err = saksi_skey_read(text, &w->key, &w->signer, &f);

	if (err == SAKSI_OK &&
	    (w->key.type != SAKSI_SIG_COSIGNATURE || w->key.name.len > SAKSI_NAME_MAX))
		err = SAKSI_MALFORMED;
	if (err != SAKSI_OK)
		return saksi_why_set(why, err, "%s/key: not the key of a witness: %s",
				     path, f.what != NULL ? f.what : "another type");
	memcpy(w->name, w->key.name.at, w->key.name.len);
	w->key.name.at = (const uint8_t *)w->name;
	return SAKSI_OK;
}

static enum saksi_err read_key(struct saksi_witness *w, int dir, const char *path,
			       struct saksi_why *why)
{
	uint8_t room[SAKSI_WITNESS_KEY_TEXT];
	struct saksi_buf text = saksi_buf_fixed(room, sizeof room);
	struct saksi_buf mine = saksi_buf_fixed((uint8_t[SAKSI_WITNESS_KEY_TEXT]){0},
						SAKSI_WITNESS_KEY_TEXT);
	enum saksi_err err = saksi_file_read_credential(dir, "key", &text, why);

	if (err == SAKSI_OK)
		err = parse_key(w, saksi_buf_bytes(&text), path, why);
	saksi_wipe(room, sizeof room);
	if (err != SAKSI_OK)
		return err;
	saksi_vkey_write(&w->key, &mine);
	if (!saksi_bytes_same(saksi_buf_bytes(&mine), saksi_buf_bytes(&w->vkey)))
		return saksi_why_set(
		    why, SAKSI_REFUSED,
		    "%s/key: is not the key that state.db was kept with", path);
	return SAKSI_OK;
}

static enum saksi_err open_in(struct saksi_witness *w, const char *path, int dir,
			      struct saksi_why *why)
{
	char file[PATH_ROOM];

	if (!state_path(path, file))
		return saksi_why_set(why, SAKSI_BADARG, "%s: the path is too long",
				     path);
	if (w->clock.now != NULL) {
		enum saksi_err err = saksi_dir_lock(dir, "lock", &w->lock_fd);
		if (err != SAKSI_OK)
			return saksi_why_set(why, err,
					     err == SAKSI_BUSY
						 ? "%s: another process serves this "
						   "witness"
						 : "%s/lock: cannot be taken",
					     path);
	}
	SAKSI_TRY(saksi_book_open(file, &w->book, why));
	SAKSI_TRY(saksi_book_open(file, &w->look, why));
	w->vkey = saksi_buf_growing(SAKSI_WITNESS_KEY_TEXT);
	if (saksi_book_vkey(w->book, &w->vkey) != SAKSI_OK)
		return saksi_why_set(why, SAKSI_IO, "%s: cannot be read", file);
	if (w->clock.now == NULL)
		return SAKSI_OK;
	SAKSI_TRY(read_key(w, dir, path, why));
	saksi_witness_begin(w);
	return SAKSI_OK;
}

enum saksi_err saksi_witness_open(const char *path,
				  const struct saksi_witness_clock *clock,
				  struct saksi_witness **out, struct saksi_why *why)
{
	struct saksi_witness *w;
	int dir;

	SAKSI_TRY(saksi_crypto_begin());
	enum saksi_err err = saksi_dir_open(path, &dir);
	if (err != SAKSI_OK)
		return saksi_why_set(why, err,
				     "%s: %s: make a witness there with "
				     "saksi witness init",
				     path, strerror(errno));
	w = calloc(1, sizeof *w);
	if (w == NULL) {
		(void)close(dir);
		return saksi_why_set(why, SAKSI_NOMEM, "out of memory");
	}
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_mutex_init(&w->look_lock, NULL);
	w->lock_fd = -1;
	w->dir = dir; /* kept open: it is locked, too */
	if (clock != NULL)
		w->clock = *clock;
	err = open_in(w, path, dir, why);
	if (err != SAKSI_OK) {
		saksi_witness_close(w);
		return err;
	}
	*out = w;
	return SAKSI_OK;
}

void saksi_witness_close(struct saksi_witness *w)
{
	if (w == NULL)
		return;
	saksi_witness_end(w);
	saksi_book_close(w->look);
	saksi_book_close(w->book);
	saksi_signer_free(w->signer);
	saksi_buf_free(&w->vkey);
	if (w->lock_fd >= 0)
		(void)close(w->lock_fd);
	(void)close(w->dir);
	(void)pthread_mutex_destroy(&w->look_lock);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

struct saksi_bytes saksi_witness_vkey(const struct saksi_witness *w)
{
	return saksi_buf_bytes(&w->vkey);
}

/* What can stand in the first line of a checkpoint. */
static bool origin_ok(struct saksi_bytes s)
{
	if (s.len == 0 || s.len > SAKSI_NAME_MAX)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] < 0x20 || s.at[i] == 0x7f)
			return false;
	return true;
}

enum saksi_err saksi_witness_add(struct saksi_witness *w, const char *vkey,
				 const char *origin, int64_t now_utc,
				 struct saksi_why *why)
{
	struct saksi_fault f = {0};
	struct saksi_vkey k;
	enum saksi_err err = saksi_vkey_read(saksi_bytes_of(vkey), &k, &f);

	if (err != SAKSI_OK)
		return saksi_why_set(why, err, "the log's vkey: byte %zu: %s", f.at,
				     f.what != NULL ? f.what : "cannot be read");
	if (k.type != SAKSI_SIG_ED25519)
		return saksi_why_set(
		    why, k.type == SAKSI_SIG_COSIGNATURE ? SAKSI_BADARG : SAKSI_NEWER,
		    "the log's vkey: type 0x%02x is not a log's that "
		    "this program can check (0x01)",
		    k.type);
	struct saksi_bytes name = origin != NULL ? saksi_bytes_of(origin) : k.name;
	if (!origin_ok(name) || !saksi_text_utf8(name))
		return saksi_why_set(why, SAKSI_BADARG,
				     "this origin cannot stand in a checkpoint");
	(void)pthread_mutex_lock(&w->lock);
	err = saksi_book_add(w->book, name, saksi_bytes_of(vkey), now_utc);
	(void)pthread_mutex_unlock(&w->lock);
	if (err == SAKSI_LIMIT)
		return saksi_why_set(why, err, "this log has 64 keys already");
	if (err != SAKSI_OK)
		return saksi_why_set(why, err, "state.db: cannot be written");
	return SAKSI_OK;
}

struct saksi_witness_counts *saksi_witness_counts(struct saksi_witness *w)
{
	return &w->counts;
}

/* ---- looking */

enum saksi_err saksi_witness_latest(struct saksi_witness *w,
				    const struct saksi_hash *origin_hash,
				    struct saksi_buf *out)
{
	(void)pthread_mutex_lock(&w->look_lock);
	enum saksi_err err = saksi_book_latest(w->look, origin_hash, out);
	(void)pthread_mutex_unlock(&w->look_lock);
	return err;
}

enum saksi_err saksi_witness_each_log(struct saksi_witness *w,
				      void (*each)(void *ctx,
						   const struct saksi_witness_log *l),
				      void *ctx)
{
	(void)pthread_mutex_lock(&w->look_lock);
	enum saksi_err err = saksi_book_each_log(w->look, each, ctx);
	(void)pthread_mutex_unlock(&w->look_lock);
	return err;
}

enum saksi_err saksi_witness_each_seen(struct saksi_witness *w,
				       void (*each)(void *ctx,
						    const struct saksi_witness_seen *s),
				       void *ctx)
{
	(void)pthread_mutex_lock(&w->look_lock);
	enum saksi_err err = saksi_book_each_seen(w->look, each, ctx);
	(void)pthread_mutex_unlock(&w->look_lock);
	return err;
}

enum saksi_err saksi_witness_signed(struct saksi_witness *w, int64_t *utc)
{
	(void)pthread_mutex_lock(&w->look_lock);
	enum saksi_err err = saksi_book_signed(w->look, utc);
	(void)pthread_mutex_unlock(&w->look_lock);
	return err;
}
