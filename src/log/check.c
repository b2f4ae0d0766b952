/* saksi_log_check: everything again from the entries in state.db.
 *
 * 1. Nothing under public/ is believed; it is compared with what the entries say.
 * 2. The tree is walked once, and stops at each size that was ever signed, at the
 *    published one and at the newest, to compare roots there. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/inside.h"
#include "store/files.h"

#define BUNDLE_MAX ((size_t)SAKSI_TILE_WIDTH * (2 + SAKSI_ENTRY_MAX))

struct check {
	struct saksi_log *l;
	void (*tell)(void *ctx, const struct saksi_log_flaw *f);
	void *ctx;
	struct saksi_log_checked *out;
	enum saksi_err worst;

	struct saksi_head head;
	struct saksi_frontier edge, now;
	bool has_point;
	struct saksi_checkpoint point;
	uint64_t must; /* public/ has to hold the files of a tree of this size */

	struct saksi_buf bundle, file, text;
	uint64_t bundle_first, at, hashed, signed_next;
	struct saksi_hash signed_root;
	struct saksi_bytes records[SAKSI_TILE_WIDTH];
	struct saksi_hash leaves[SAKSI_TILE_WIDTH];
};

/* A false thing outweighs one that could not be told. */
__attribute__((format(printf, 4, 5))) static void
flaw(struct check *c, enum saksi_err err, const char *where, const char *format, ...)
{
	struct saksi_why what;
	struct saksi_log_flaw f = {err, where, what.text};
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what.text, sizeof(what.text), format, args);
	va_end(args);
	c->out->flaws++;
	if (c->worst != SAKSI_REFUSED)
		c->worst = err;
	c->tell(c->ctx, &f);
}

/* ---- files */

static void compare(struct check *c, const struct saksi_tile *t,
		    struct saksi_bytes want)
{
	char path[SAKSI_TILE_PATH_LEN], where[SAKSI_TILE_PATH_LEN + 8] = "public/";
	enum saksi_err err;
	size_t i = 0;

	saksi_tile_path(t, path);
	memcpy(where + 7, path, strlen(path) + 1);
	saksi_buf_clear(&c->file);
	err = saksi_file_read(c->l->pub, path, true, &c->file);
	c->out->tiles++;
	if (err == SAKSI_MISSING) {
		flaw(c, SAKSI_REFUSED, where, "is not there");
		return;
	}
	if (err == SAKSI_LIMIT) {
		flaw(c, SAKSI_REFUSED, where, "is longer than it can be");
		return;
	}
	if (err != SAKSI_OK) {
		flaw(c, err, where, "cannot be read: %s", strerror(errno));
		return;
	}
	while (i < want.len && i < c->file.len && want.at[i] == c->file.at[i])
		i++;
	if (i < want.len || i < c->file.len)
		flaw(c, SAKSI_REFUSED, where,
		     "byte %zu differs from what the entries say (%zu bytes there, %zu "
		     "expected)",
		     i, c->file.len, want.len);
}

/* A log may drop a partial tile when the full one is there (which is compared in
 * its own time). */
static bool dropped(struct check *c, const struct saksi_tile *t)
{
	struct saksi_tile full = {t->level, t->index, SAKSI_TILE_WIDTH};
	char path[SAKSI_TILE_PATH_LEN];
	uint8_t level = t->level == SAKSI_TILE_ENTRIES ? 0 : t->level;

	if (saksi_tile_width_at(c->must, level, t->index) < SAKSI_TILE_WIDTH)
		return false;
	saksi_tile_path(t, path);
	saksi_buf_clear(&c->file);
	if (saksi_file_read(c->l->pub, path, true, &c->file) != SAKSI_MISSING)
		return false;
	saksi_tile_path(&full, path);
	saksi_buf_clear(&c->file);
	return saksi_file_read(c->l->pub, path, true, &c->file) == SAKSI_OK;
}

static enum saksi_err compare_tile(void *ctx, const struct saksi_tile *t,
				   const struct saksi_hash *hashes)
{
	struct check *c = ctx;
	struct saksi_bytes want = {hashes[0].b, (size_t)t->width * SAKSI_HASH_LEN};

	if (c->now.size <= c->must && (t->width == SAKSI_TILE_WIDTH || !dropped(c, t)))
		compare(c, t, want);
	return SAKSI_OK;
}

static void compare_bundle(struct check *c)
{
	struct saksi_tile t = {SAKSI_TILE_ENTRIES, c->bundle_first / SAKSI_TILE_WIDTH,
			       (uint16_t)(c->at - c->bundle_first)};

	if (t.width > 0 && c->at <= c->must &&
	    (t.width == SAKSI_TILE_WIDTH || !dropped(c, &t)))
		compare(c, &t, saksi_buf_bytes(&c->bundle));
}

/* ---- the walk */

/* Hashes what was gathered since the last time. */
static enum saksi_err hash_up(struct check *c)
{
	struct saksi_tile_sink sink = {c, compare_tile};
	struct saksi_cursor k = saksi_cursor_on(saksi_buf_bytes(&c->bundle));
	size_t count = (size_t)(c->at - c->bundle_first);
	size_t skip = (size_t)(c->hashed - c->bundle_first);

	SAKSI_TRY(saksi_buf_check(&c->bundle));
	for (size_t i = 0; i < count; i++)
		c->records[i] = saksi_cursor_take(&k, saksi_cursor_be16(&k));
	saksi_hash_leaves(c->records + skip, count - skip, c->leaves);
	c->hashed = c->at;
	return saksi_frontier_add(&c->now, c->leaves, count - skip, &sink);
}

static void next_signed(struct check *c)
{
	enum saksi_err err = saksi_state_signed(c->l->tree, c->signed_next,
						&c->signed_next, &c->signed_root);

	if (err != SAKSI_OK)
		c->signed_next = UINT64_MAX;
	if (err != SAKSI_OK && err != SAKSI_MISSING)
		flaw(c, err, "state.db", "the signed checkpoints cannot be read");
}

/* The tree has a size at which something is to be compared. */
static enum saksi_err stop_here(struct check *c)
{
	struct saksi_tile_sink sink = {c, compare_tile};
	struct saksi_hash root = saksi_frontier_root(&c->now);

	if (c->at == c->signed_next) {
		c->out->signed_count++;
		if (!saksi_hash_same(&root, &c->signed_root))
			flaw(c, SAKSI_REFUSED, "state.db",
			     "a checkpoint of size %llu was signed that is not over "
			     "these "
			     "entries",
			     (unsigned long long)c->at);
		c->signed_next++;
		next_signed(c);
	}
	if (c->has_point && c->at == c->point.size &&
	    !saksi_hash_same(&root, &c->point.root))
		flaw(c, SAKSI_REFUSED, "public/checkpoint",
		     "its root is not that of the first %llu entries",
		     (unsigned long long)c->at);
	if (c->at == c->head.size && !saksi_hash_same(&root, &c->head.root))
		flaw(c, SAKSI_REFUSED, "state.db",
		     "the root of the newest tree is not that of its entries");
	if ((c->has_point && c->at == c->point.size) || c->at == c->must) {
		compare_bundle(c);
		return saksi_frontier_partials(&c->now, 0, &sink);
	}
	return SAKSI_OK;
}

static bool is_stop(const struct check *c)
{
	return c->at == c->signed_next || c->at == c->head.size || c->at == c->must ||
	       (c->has_point && c->at == c->point.size);
}

static enum saksi_err take_entry(void *ctx, uint64_t index, struct saksi_bytes entry)
{
	struct check *c = ctx;
	bool full;

	saksi_buf_put_be16(&c->bundle, (uint16_t)entry.len);
	saksi_buf_put(&c->bundle, entry);
	c->at = index + 1;
	full = c->at % SAKSI_TILE_WIDTH == 0;
	if (full || is_stop(c))
		SAKSI_TRY(hash_up(c));
	if (full) {
		compare_bundle(c);
		c->bundle_first = c->at;
		saksi_buf_clear(&c->bundle);
	}
	return is_stop(c) ? stop_here(c) : SAKSI_OK;
}

static enum saksi_err walk(struct check *c)
{
	enum saksi_err err = SAKSI_OK;

	next_signed(c);
	if (is_stop(c))
		err = stop_here(c);
	if (err == SAKSI_OK)
		err = saksi_state_walk(c->l->tree, 0, c->out->acknowledged, take_entry,
				       c);
	if (err == SAKSI_IO)
		flaw(c, err, "state.db", "%s", saksi_state_reason(c->l->tree));
	else if (err != SAKSI_OK)
		flaw(c, SAKSI_REFUSED, "state.db",
		     "its entry batches do not fit together after entry %llu",
		     (unsigned long long)c->at);
	if (err == SAKSI_OK && c->signed_next != UINT64_MAX)
		flaw(c, SAKSI_REFUSED, "state.db",
		     "a checkpoint of size %llu was signed, but it has only %llu "
		     "entries",
		     (unsigned long long)c->signed_next, (unsigned long long)c->at);
	return err;
}

/* ---- single things */

static void check_point(struct check *c)
{
	enum saksi_err err = saksi_log_public_point(c->l->pub, &c->l->key, &c->text,
						    &c->l->texts, &c->point);

	c->has_point = err == SAKSI_OK;
	if (err == SAKSI_OK)
		c->out->published = c->point.size;
	else if (err == SAKSI_MISSING && c->text.len == 0)
		flaw(c, err, "public/checkpoint", "nothing is published yet");
	else if (err == SAKSI_IO)
		flaw(c, err, "public/checkpoint", "cannot be read: %s",
		     strerror(errno));
	else if (err == SAKSI_REFUSED)
		flaw(c, err, "public/checkpoint", "this log's signature on it is bad");
	else if (err == SAKSI_MISSING)
		flaw(c, SAKSI_REFUSED, "public/checkpoint",
		     "it is not signed by this log's key");
	else
		flaw(c, SAKSI_REFUSED, "public/checkpoint", "it is not a checkpoint");
}

static void check_point_signed(struct check *c)
{
	uint64_t size = 0;
	struct saksi_hash root;

	if (c->has_point &&
	    (saksi_state_signed(c->l->tree, c->point.size, &size, &root) != SAKSI_OK ||
	     size != c->point.size || !saksi_hash_same(&root, &c->point.root)))
		flaw(c, SAKSI_REFUSED, "public/checkpoint",
		     "signed by this log's key, but state.db knows nothing of it: a "
		     "fork, "
		     "or an old state.db");
}

static void check_note(struct check *c)
{
	struct saksi_bytes text = {c->head.note, c->head.note_len};
	struct saksi_sigcheck check;
	struct saksi_checkpoint p;
	struct saksi_note n;
	uint64_t time;

	if (text.len == 0 && c->head.size == 0)
		return;
	if (saksi_note_read(text, &c->l->texts, &n, NULL) != SAKSI_OK ||
	    saksi_checkpoint_read(n.text, &p, NULL) != SAKSI_OK ||
	    saksi_note_check_for(&n, &c->l->key, &c->l->texts, &check, &time) !=
		SAKSI_OK) {
		flaw(c, SAKSI_REFUSED, "state.db",
		     "its checkpoint is not one of this log");
		return;
	}
	saksi_sigchecks_run(&check, 1);
	if (check.answer != SAKSI_SIG_GOOD || p.size != c->head.size ||
	    !saksi_hash_same(&p.root, &c->head.root))
		flaw(c, SAKSI_REFUSED, "state.db",
		     "its checkpoint is not a signature over the newest tree");
}

static enum saksi_err check_addendum(void *ctx, const struct saksi_hash *digest,
				     bool received)
{
	struct check *c = ctx;
	char path[SAKSI_ADDENDUM_PATH_LEN],
	    where[SAKSI_ADDENDUM_PATH_LEN + 8] = "public/";
	struct saksi_buf b = saksi_buf_growing(SAKSI_ADDENDUM_MAX);
	struct saksi_hash got;
	enum saksi_err err;

	saksi_addendum_path(digest, path);
	memcpy(where + 7, path, strlen(path) + 1);
	err = saksi_file_read(c->l->pub, path, true, &b);
	got = saksi_hash_of(saksi_buf_bytes(&b));
	if (err == SAKSI_OK && !saksi_hash_same(&got, digest))
		flaw(c, SAKSI_REFUSED, where, "its digest is not its name");
	else if (err == SAKSI_MISSING && received)
		flaw(c, SAKSI_REFUSED, where, "was taken and is not there");
	else if (err != SAKSI_OK && err != SAKSI_MISSING)
		flaw(c, err, where, "cannot be read: %s", strerror(errno));
	if (received || err == SAKSI_OK)
		c->out->addenda++;
	else
		c->out->addenda_awaited++;
	saksi_buf_free(&b);
	return SAKSI_OK;
}

static void check_vkey(struct check *c)
{
	uint8_t room[1024];
	struct saksi_buf want = saksi_buf_fixed(room, sizeof(room));

	saksi_vkey_write(&c->l->key, &want);
	saksi_buf_puts(&want, "\n");
	saksi_buf_clear(&c->file);
	if (saksi_file_read(c->l->pub, "vkey", true, &c->file) != SAKSI_OK ||
	    !saksi_bytes_same(saksi_buf_bytes(&want), saksi_buf_bytes(&c->file)))
		flaw(c, SAKSI_REFUSED, "public/vkey", "it is not this log's key");
}

/* ---- all of it */

static void check_all(struct check *c)
{
	enum saksi_err err;

	/* Read before state.db is frozen, so that it cannot be newer. */
	check_point(c);
	check_vkey(c);
	if (saksi_state_freeze(c->l->tree) != SAKSI_OK ||
	    saksi_state_next(c->l->tree, &c->out->acknowledged) != SAKSI_OK) {
		flaw(c, SAKSI_IO, "state.db", "%s", saksi_state_reason(c->l->tree));
		return;
	}
	err = saksi_state_head(c->l->tree, &c->head, &c->edge);
	if (err != SAKSI_OK) {
		flaw(c, err == SAKSI_IO ? err : SAKSI_REFUSED, "state.db",
		     "the newest tree there does not fit its own right edge");
		return;
	}
	c->out->size = c->head.size;
	c->must = c->head.placed ? c->head.size : c->has_point ? c->point.size : 0;
	check_note(c);
	check_point_signed(c);
	if (walk(c) != SAKSI_OK)
		return;
	if (saksi_state_each_named(c->l->tree, check_addendum, c) != SAKSI_OK)
		flaw(c, SAKSI_IO, "state.db", "%s", saksi_state_reason(c->l->tree));
}

enum saksi_err saksi_log_check(const char *path,
			       void (*tell)(void *ctx, const struct saksi_log_flaw *f),
			       void *ctx, struct saksi_log_checked *out,
			       struct saksi_why *w)
{
	struct check *c = calloc(1, sizeof(*c));
	enum saksi_err err;

	if (c == NULL)
		return saksi_why_set(w, SAKSI_NOMEM, "out of memory");
	memset(out, 0, sizeof(*out));
	c->tell = tell;
	c->ctx = ctx;
	c->out = out;
	c->bundle = saksi_buf_growing(BUNDLE_MAX);
	c->file = saksi_buf_growing(BUNDLE_MAX);
	c->text = saksi_buf_growing(SAKSI_LOG_FILE_MAX);
	err = saksi_log_look(path, &c->l, w);
	if (err == SAKSI_OK) {
		check_all(c);
		saksi_state_thaw(c->l->tree);
		err = c->worst;
		(void)saksi_why_set(w, err, "%s: %llu things differ or cannot be read",
				    path, (unsigned long long)out->flaws);
	}
	saksi_log_close(c->l);
	saksi_buf_free(&c->bundle);
	saksi_buf_free(&c->file);
	saksi_buf_free(&c->text);
	free(c);
	return err;
}
