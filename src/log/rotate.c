/* A second key beside the log's own, and the first one's end.
 *
 * 1. `key` is at every moment one that signed what is published: it is exchanged
 *    only when both keys did.
 * 2. public/keychange/ID is written once: a log that signed two successors of one
 *    key would be lying. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log/inside.h"
#include "log/years.h"
#include "store/files.h"

#define KEY_MAX 1024
#define NOTE_MAX 8192

static enum saksi_err failed(const struct saksi_log *l, const char *file,
			     enum saksi_err err, struct saksi_why *w)
{
	return saksi_why_set(w, err, "%s/%s: %s", l->path, file,
			     err == SAKSI_IO ? strerror(errno) : saksi_err_name(err));
}

/* ---- when a log is opened */

static enum saksi_err open_next(struct saksi_log *l, struct saksi_why *w)
{
	uint8_t room[KEY_MAX];
	struct saksi_buf text = saksi_buf_fixed(room, sizeof(room));
	struct saksi_why why = {""};
	enum saksi_err err = saksi_file_read_secret(l->dir, "next.key", &text, &why);

	if (err == SAKSI_MISSING) {
		err = SAKSI_OK; /* none */
	} else if (err != SAKSI_OK) {
		(void)saksi_why_set(w, err, "%s/%s", l->path, why.text);
	} else {
		err = saksi_skey_read(saksi_buf_bytes(&text), &l->next_key,
				      &l->next_signer, NULL);
		if (err == SAKSI_OK &&
		    (l->next_key.type != SAKSI_SIG_ED25519 ||
		     !saksi_bytes_same(l->next_key.name, l->config.origin)))
			err = SAKSI_REFUSED;
		l->next_key.name = l->config.origin;
		if (err != SAKSI_OK)
			(void)saksi_why_set(
			    w, err, "%s/next.key: not a key of this log", l->path);
	}
	saksi_wipe(room, sizeof(room));
	return err;
}

enum saksi_err saksi_log_open_years(struct saksi_log *l, struct saksi_why *w)
{
	struct saksi_buf text = saksi_buf_growing(NOTE_MAX);
	enum saksi_err err = saksi_file_read(l->dir, "closed", true, &text);

	saksi_buf_free(&text);
	l->closed = err == SAKSI_OK;
	if (err != SAKSI_OK && err != SAKSI_MISSING)
		return failed(l, "closed", err, w);
	return open_next(l, w);
}

enum saksi_err saksi_log_open_vkey(struct saksi_log *l, struct saksi_why *w)
{
	struct saksi_buf b = saksi_buf_growing(KEY_MAX);
	struct saksi_bytes text;
	enum saksi_err err = saksi_file_read(l->dir, "public/vkey", true, &b);

	if (err == SAKSI_OK) {
		text = saksi_arena_copy(&l->texts, saksi_buf_bytes(&b));
		text.len -= text.len > 0 && text.at[text.len - 1] == '\n';
		err = saksi_vkey_read(text, &l->key, NULL);
	}
	if (err == SAKSI_OK && !saksi_bytes_same(l->key.name, l->config.origin))
		err = SAKSI_REFUSED;
	saksi_buf_free(&b);
	return err == SAKSI_OK ? err : failed(l, "public/vkey", err, w);
}

/* ---- both */

static enum saksi_err make_next(struct saksi_log *l, struct saksi_why *w)
{
	struct saksi_signer *s = saksi_signer_new();
	uint8_t room[KEY_MAX], pub[SAKSI_KEY_LEN];
	struct saksi_buf text = saksi_buf_fixed(room, sizeof(room));
	struct saksi_vkey k;
	enum saksi_err err;

	if (s == NULL)
		return failed(l, "next.key", SAKSI_NOMEM, w);
	saksi_signer_public(s, pub);
	err = saksi_vkey_make(l->config.origin, SAKSI_SIG_ED25519, pub, &k);
	if (err == SAKSI_OK) {
		saksi_skey_write(&k, s, &text);
		saksi_buf_puts(&text, "\n");
		err =
		    saksi_file_create(l->dir, "next.key", saksi_buf_bytes(&text), 0600);
	}
	saksi_wipe(room, sizeof(room));
	saksi_signer_free(s);
	return err == SAKSI_OK ? open_next(l, w) : failed(l, "next.key", err, w);
}

enum saksi_err saksi_log_say(const struct saksi_log *l, struct saksi_bytes text,
			     struct saksi_buf *note)
{
	saksi_buf_put(note, text);
	saksi_buf_puts(note, "\n");
	saksi_note_sign(text, &l->key, l->signer, note);
	if (l->next_signer != NULL)
		saksi_note_sign(text, &l->next_key, l->next_signer, note);
	return saksi_buf_check(note);
}

/* Does the change that was published before name the key that we have? */
static enum saksi_err same_change(const struct saksi_log *l, struct saksi_bytes note)
{
	struct saksi_keychange k;
	struct saksi_arena a;
	struct saksi_note n;
	enum saksi_err err = saksi_arena_map(&a, 1U << 20);

	if (err == SAKSI_OK)
		err = saksi_note_read(note, &a, &n, NULL);
	if (err == SAKSI_OK)
		err = saksi_keychange_read(n.text, &k, NULL);
	if (err == SAKSI_OK &&
	    (k.next.id != l->next_key.id ||
	     memcmp(k.next.key, l->next_key.key, sizeof(k.next.key)) != 0))
		err = SAKSI_REFUSED;
	saksi_arena_end(&a);
	return err;
}

static enum saksi_err tell_change(struct saksi_log *l, int64_t now, struct saksi_why *w)
{
	struct saksi_keychange k = {l->config.origin, l->key, l->next_key, now};
	struct saksi_buf text = saksi_buf_growing(NOTE_MAX),
			 note = saksi_buf_growing(NOTE_MAX);
	char path[SAKSI_KEYCHANGE_PATH_LEN];
	enum saksi_err err;

	saksi_keychange_path(&l->key, path);
	err = saksi_file_read(l->pub, path, true, &note);
	if (err == SAKSI_OK) {
		err = same_change(l, saksi_buf_bytes(&note));
		if (err != SAKSI_OK)
			err = saksi_why_set(
			    w, SAKSI_REFUSED,
			    "%s/public/%s: this key was replaced by another "
			    "key before; put that next.key back, since a second "
			    "change would be a lie",
			    l->path, path);
	} else if (err == SAKSI_MISSING) {
		saksi_keychange_write(&k, &text);
		err = saksi_log_say(l, saksi_buf_bytes(&text), &note);
		if (err == SAKSI_OK)
			err = saksi_dir_make(l->pub, "keychange", 0755);
		if (err == SAKSI_OK)
			err = saksi_file_replace(l->pub, path, saksi_buf_bytes(&note),
						 0644);
		if (err != SAKSI_OK)
			(void)failed(l, "public/keychange", err, w);
	} else {
		(void)failed(l, "public/keychange", err, w);
	}
	saksi_buf_free(&text);
	saksi_buf_free(&note);
	return err;
}

/* The newest tree signed again by the keys that there now are, and shown. */
static enum saksi_err sign_again(struct saksi_log *l, int64_t now, struct saksi_why *w)
{
	enum saksi_err err = saksi_log_sign(l, &l->head);

	if (err == SAKSI_OK)
		err = saksi_state_renote(l->tree, &l->head);
	if (err != SAKSI_OK)
		return failed(l, "state.db", err, w);
	return saksi_log_show(l, now, w);
}

enum saksi_err saksi_log_not_closed(const struct saksi_log *l, struct saksi_why *w)
{
	if (!l->closed)
		return SAKSI_OK;
	return saksi_why_set(w, SAKSI_REFUSED,
			     "%s: this log is closed; its key signs no more", l->path);
}

static enum saksi_err begin(struct saksi_log *l, int64_t now, struct saksi_buf *vkey,
			    struct saksi_why *w)
{
	SAKSI_TRY(saksi_log_not_closed(l, w));
	if (l->next_signer == NULL)
		SAKSI_TRY(make_next(l, w));
	SAKSI_TRY(tell_change(l, now, w));
	saksi_vkey_write(&l->next_key, vkey);
	return sign_again(l, now, w);
}

enum saksi_err saksi_log_rekey(const char *path, int64_t now, struct saksi_buf *vkey,
			       struct saksi_why *w)
{
	struct saksi_log *l = NULL;
	enum saksi_err err;

	SAKSI_TRY(saksi_log_open(path, &l, w));
	err = begin(l, now, vkey, w);
	saksi_log_close(l);
	return err;
}

/* ---- the end of the old key */

static bool signed_by(struct saksi_log *l, struct saksi_bytes note,
		      const struct saksi_vkey *k)
{
	size_t mark = l->texts.used;
	struct saksi_sigcheck check;
	struct saksi_note n;
	uint64_t time;
	bool yes = saksi_note_read(note, &l->texts, &n, NULL) == SAKSI_OK &&
		   saksi_note_check_for(&n, k, &l->texts, &check, &time) == SAKSI_OK;

	if (yes) {
		saksi_sigchecks_run(&check, 1);
		yes = check.answer == SAKSI_SIG_GOOD;
	}
	saksi_arena_rewind(&l->texts, mark);
	return yes;
}

static enum saksi_err exchange(struct saksi_log *l, struct saksi_why *w)
{
	struct saksi_buf text = saksi_buf_growing(SAKSI_LOG_FILE_MAX);
	enum saksi_err err;
	bool both;

	if (l->next_signer == NULL)
		return saksi_why_set(w, SAKSI_MISSING,
				     "%s: no new key was begun (there is no next.key)",
				     l->path);
	err = saksi_file_read(l->pub, "checkpoint", true, &text);
	both = err == SAKSI_OK && signed_by(l, saksi_buf_bytes(&text), &l->next_key) &&
	       signed_by(l, (struct saksi_bytes){l->head.note, l->head.note_len},
			 &l->next_key);
	saksi_buf_clear(&text);
	saksi_vkey_write(&l->next_key, &text);
	saksi_buf_puts(&text, "\n");
	if (!both)
		err = saksi_why_set(w, SAKSI_REFUSED,
				    "%s: what is published is not yet signed by both "
				    "keys: 'saksi key rotate %s' once more, then "
				    "--finish",
				    l->path, l->path);
	else
		err = saksi_file_replace(l->pub, "vkey", saksi_buf_bytes(&text), 0644);
	if (err == SAKSI_OK && renameat(l->dir, "next.key", l->dir, "key") != 0)
		err = SAKSI_IO;
	if (err == SAKSI_OK)
		err = saksi_dir_sync(l->dir);
	saksi_buf_free(&text);
	return err == SAKSI_OK || !both ? err : failed(l, "key", err, w);
}

enum saksi_err saksi_log_rekeyed(const char *path, int64_t now, struct saksi_buf *vkey,
				 struct saksi_why *w)
{
	struct saksi_log *l = NULL;
	enum saksi_err err;

	SAKSI_TRY(saksi_log_open(path, &l, w));
	err = saksi_log_not_closed(l, w);
	if (err == SAKSI_OK)
		err = exchange(l, w);
	saksi_log_close(l);
	SAKSI_TRY(err);
	SAKSI_TRY(saksi_log_open(path, &l, w));
	saksi_vkey_write(&l->key, vkey);
	err = sign_again(l, now, w);
	saksi_log_close(l);
	return err;
}
