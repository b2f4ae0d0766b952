/* The last tree of a log, the log that goes on from it, and public/ made again.
 *
 * 1. The closing is over a tree that was published with its quorum.
 * 2. DIR/closed decides: once it is there no entry is taken and nothing signed.
 *    public/closing is its copy, and made again whenever it is not there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log/inside.h"
#include "log/years.h"
#include "store/files.h"

#define NOTE_MAX 8192
#define ARENA_MAX (1U << 20)

static enum saksi_err failed(const struct saksi_log *l, const char *file,
			     enum saksi_err err, struct saksi_why *w)
{
	return saksi_why_set(w, err, "%s/%s: %s", l->path, file,
			     err == SAKSI_IO ? strerror(errno) : saksi_err_name(err));
}

/* ---- closing */

static bool same_end(const struct saksi_closing *a, const struct saksi_closing *b)
{
	return a->has_successor == b->has_successor &&
	       saksi_bytes_same(a->url, b->url) &&
	       (!a->has_successor ||
		(a->successor.id == b->successor.id &&
		 memcmp(a->successor.key, b->successor.key, SAKSI_KEY_LEN) == 0));
}

/* It was closed before: is that what is wanted now? */
static enum saksi_err closed_already(struct saksi_log *l, struct saksi_closing *k,
				     struct saksi_buf *note, struct saksi_why *w)
{
	struct saksi_closing was;
	struct saksi_note n;
	enum saksi_err err = saksi_file_read(l->dir, "closed", true, note);

	if (err == SAKSI_OK)
		err = saksi_note_read(saksi_buf_bytes(note), &l->texts, &n, NULL);
	if (err == SAKSI_OK)
		err = saksi_closing_read(n.text, &was, NULL);
	if (err != SAKSI_OK)
		return failed(l, "closed", err, w);
	if (!same_end(&was, k))
		return saksi_why_set(w, SAKSI_REFUSED,
				     "%s: this log was closed before, with another "
				     "successor; a second closing would be a lie",
				     l->path);
	k->size = was.size;
	k->root = was.root;
	k->time_utc = was.time_utc;
	return SAKSI_OK;
}

static enum saksi_err close_now(struct saksi_log *l, int64_t now,
				struct saksi_closing *k, struct saksi_buf *note,
				struct saksi_why *w)
{
	struct saksi_buf text = saksi_buf_growing(NOTE_MAX);
	enum saksi_err err = saksi_log_publish(l, now, w);

	if (err != SAKSI_OK)
		return err;
	k->size = l->head.size;
	k->root = l->head.root;
	k->time_utc = now;
	saksi_closing_write(k, &text);
	err = saksi_log_say(l, saksi_buf_bytes(&text), note);
	if (err == SAKSI_OK)
		err = saksi_file_replace(l->dir, "closed", saksi_buf_bytes(note), 0600);
	saksi_buf_free(&text);
	return err == SAKSI_OK ? err : failed(l, "closed", err, w);
}

static enum saksi_err end(struct saksi_log *l, int64_t now, struct saksi_closing *k,
			  struct saksi_why *w)
{
	struct saksi_buf note = saksi_buf_growing(NOTE_MAX);
	enum saksi_err err =
	    l->closed ? closed_already(l, k, &note, w) : close_now(l, now, k, &note, w);

	if (err == SAKSI_OK) {
		err =
		    saksi_file_replace(l->pub, "closing", saksi_buf_bytes(&note), 0644);
		if (err != SAKSI_OK)
			(void)failed(l, "public/closing", err, w);
	}
	saksi_buf_free(&note);
	return err;
}

enum saksi_err saksi_log_end(const char *path, struct saksi_bytes successor,
			     struct saksi_bytes url, int64_t now,
			     struct saksi_closing *out, struct saksi_why *w)
{
	struct saksi_closing k = {.has_successor = successor.len > 0, .url = url};
	struct saksi_log *l = NULL;
	enum saksi_err err;

	if (k.has_successor &&
	    (saksi_vkey_read(successor, &k.successor, NULL) != SAKSI_OK ||
	     k.successor.type != SAKSI_SIG_ED25519))
		return saksi_why_set(w, SAKSI_BADARG,
				     "the successor is told by a log's verifier key");
	for (size_t i = 0; i < url.len; i++)
		if (url.at[i] <= ' ' || url.at[i] >= 0x7f || url.len > 2048)
			return saksi_why_set(w, SAKSI_BADARG,
					     "not a URL of at most 2048 characters");
	SAKSI_TRY(saksi_log_open(path, &l, w));
	k.origin = l->config.origin;
	err = end(l, now, &k, w);
	k.origin = (struct saksi_bytes){NULL, 0};
	saksi_log_close(l);
	if (err == SAKSI_OK)
		*out = k;
	return err;
}

/* ---- succession */

static enum saksi_err read_closing(struct saksi_bytes text, struct saksi_bytes vkey,
				   struct saksi_arena *a, struct saksi_vkey *by,
				   struct saksi_closing *k)
{
	struct saksi_sigcheck check;
	struct saksi_note n;
	uint64_t time;

	while (vkey.len > 0 && vkey.at[vkey.len - 1] == '\n')
		vkey.len--;
	SAKSI_TRY(saksi_vkey_read(vkey, by, NULL));
	SAKSI_TRY(saksi_note_read(text, a, &n, NULL));
	SAKSI_TRY(saksi_closing_read(n.text, k, NULL));
	if (!saksi_bytes_same(by->name, k->origin) ||
	    saksi_note_check_for(&n, by, a, &check, &time) != SAKSI_OK)
		return SAKSI_REFUSED;
	saksi_sigchecks_run(&check, 1);
	return check.answer == SAKSI_SIG_GOOD ? SAKSI_OK : SAKSI_REFUSED;
}

static enum saksi_err succeed(struct saksi_log *l, const struct saksi_closing *k,
			      const struct saksi_vkey *by, int64_t now,
			      struct saksi_why *w)
{
	struct saksi_succession s = {l->config.origin, *by, k->size, k->root, now};
	struct saksi_buf text = saksi_buf_growing(NOTE_MAX),
			 note = saksi_buf_growing(NOTE_MAX);
	enum saksi_err err;

	SAKSI_TRY(saksi_log_not_closed(l, w));
	if (k->has_successor &&
	    (k->successor.id != l->key.id ||
	     memcmp(k->successor.key, l->key.key, SAKSI_KEY_LEN) != 0))
		return saksi_why_set(w, SAKSI_REFUSED,
				     "%s: the log that was closed names another "
				     "successor",
				     l->path);
	saksi_succession_write(&s, &text);
	err = saksi_log_say(l, saksi_buf_bytes(&text), &note);
	if (err == SAKSI_OK)
		err = saksi_file_create(l->pub, "predecessor", saksi_buf_bytes(&note),
					0644);
	saksi_buf_free(&text);
	saksi_buf_free(&note);
	return err == SAKSI_OK ? err : failed(l, "public/predecessor", err, w);
}

enum saksi_err saksi_log_succeed(const char *path, struct saksi_bytes closing,
				 struct saksi_bytes vkey, int64_t now,
				 struct saksi_why *w)
{
	struct saksi_closing k;
	struct saksi_log *l = NULL;
	struct saksi_vkey by;
	struct saksi_arena a;
	enum saksi_err err = saksi_arena_map(&a, ARENA_MAX);

	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "%s: out of memory", path);
	err = read_closing(closing, vkey, &a, &by, &k);
	if (err != SAKSI_OK)
		(void)saksi_why_set(
		    w, err,
		    "the closing of the log before cannot be read, or is "
		    "not signed by its key");
	if (err == SAKSI_OK)
		err = saksi_log_open(path, &l, w);
	if (err == SAKSI_OK)
		err = succeed(l, &k, &by, now, w);
	saksi_log_close(l);
	saksi_arena_end(&a);
	return err;
}

/* ---- public/ again */

/* All of it, piece after piece, until it is as large as head says. */
static enum saksi_err place_all(struct saksi_log *l, const struct saksi_head *head)
{
	struct saksi_head part = {0};

	saksi_frontier_begin(l->grown);
	do {
		memset(&part, 0, sizeof(part));
		SAKSI_TRY(saksi_stage_write(l->staging, l->tree, l->grown, head->size,
					    &part));
		SAKSI_TRY(saksi_stage_place(l->staging, l->pub, &part));
	} while (part.size < head->size);
	if (!saksi_hash_same(&part.root, &head->root))
		return SAKSI_REFUSED;
	saksi_stage_clear(l->staging);
	return SAKSI_OK;
}

enum saksi_err saksi_log_rebuild(const char *path, struct saksi_why *w)
{
	struct saksi_log *l = NULL;
	enum saksi_err err = saksi_log_look(path, &l, w);
	struct saksi_head head;

	if (err != SAKSI_OK)
		return err;
	l->edge = calloc(1, sizeof(*l->edge));
	l->grown = calloc(1, sizeof(*l->grown));
	if (l->edge == NULL || l->grown == NULL)
		err = SAKSI_NOMEM;
	else
		err = saksi_state_head(l->tree, &head, l->edge);
	if (err == SAKSI_OK)
		err = place_all(l, &head);
	if (err != SAKSI_OK)
		(void)failed(l, "public", err, w);
	saksi_log_close(l);
	return err;
}

enum saksi_err saksi_log_size(const char *path, uint64_t *size, struct saksi_hash *root,
			      struct saksi_why *w)
{
	struct saksi_frontier *edge = calloc(1, sizeof(*edge));
	struct saksi_log *l = NULL;
	struct saksi_head head;
	enum saksi_err err;

	if (edge == NULL)
		return saksi_why_set(w, SAKSI_NOMEM, "%s: out of memory", path);
	err = saksi_log_look(path, &l, w);
	if (err == SAKSI_OK) {
		err = saksi_state_head(l->tree, &head, edge);
		if (err != SAKSI_OK)
			(void)failed(l, "state.db", err, w);
	}
	if (err == SAKSI_OK) {
		*size = head.size;
		*root = head.root;
	}
	saksi_log_close(l);
	free(edge);
	return err;
}
