#include "log/glance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log/inside.h"
#include "store/files.h"

#define ARENA_MAX (16U << 20)

/* The text of a file, in the arena. */
static enum saksi_err text_of(struct saksi_glance *g, int dir, const char *path,
			      const char *name, struct saksi_bytes *text,
			      struct saksi_why *w)
{
	struct saksi_buf b = saksi_buf_growing(SAKSI_LOG_FILE_MAX);
	enum saksi_err err = saksi_log_file(dir, path, name, &b, w);

	if (err == SAKSI_OK) {
		*text = saksi_arena_copy(&g->arena, saksi_buf_bytes(&b));
		if (b.len > 0 && text->at == NULL)
			err = saksi_why_set(w, SAKSI_NOMEM, "out of memory");
	}
	saksi_buf_free(&b);
	return err;
}

static enum saksi_err unread(const char *path, const char *name, enum saksi_err err,
			     const struct saksi_fault *f, struct saksi_why *w)
{
	return saksi_why_set(w, err, "%s/%s:%u: %s", path, name, f->line,
			     f->what != NULL ? f->what : saksi_err_name(err));
}

static enum saksi_err read_key(struct saksi_glance *g, int dir, const char *path,
			       struct saksi_why *w)
{
	struct saksi_fault f = {0};
	struct saksi_cursor lines;
	struct saksi_bytes text;
	enum saksi_err err = text_of(g, dir, path, "public/vkey", &text, w);

	if (err != SAKSI_OK)
		return err;
	lines = saksi_cursor_on(text);
	err = saksi_vkey_read(saksi_cursor_line(&lines), &g->key, &f);
	return err == SAKSI_OK ? err : unread(path, "public/vkey", err, &f, w);
}

static enum saksi_err read_texts(struct saksi_glance *g, int dir, const char *path,
				 struct saksi_why *w)
{
	struct saksi_fault f = {0};
	struct saksi_bytes text;
	enum saksi_err err = text_of(g, dir, path, "config", &text, w);

	if (err != SAKSI_OK)
		return err;
	err = saksi_log_config_read(text, &g->config, &f);
	if (err != SAKSI_OK)
		return unread(path, "config", err, &f, w);
	err = text_of(g, dir, path, "policy", &text, w);
	if (err != SAKSI_OK)
		return err;
	err = saksi_policy_read(text, &g->arena, &g->policy, &f);
	if (err != SAKSI_OK)
		return unread(path, "policy", err, &f, w);
	SAKSI_TRY(read_key(g, dir, path, w));
	/* Its policy need not name the log itself; its published key is taken. */
	g->self = (struct saksi_policy_log){.key = g->key};
	g->policy.logs = &g->self;
	g->policy.log_count = 1;
	return SAKSI_OK;
}

/* What the public is shown; nothing is believed of it but its size, and that only
 * to tell how long entries wait. */
static enum saksi_err read_point(struct saksi_glance *g, int dir, const char *path,
				 uint64_t *size, struct saksi_why *w)
{
	struct saksi_checkpoint point;
	struct saksi_note note;
	struct stat st;
	enum saksi_err err = saksi_file_read(dir, "public/checkpoint", true, &g->point);

	*size = 0;
	if (err == SAKSI_MISSING || (err == SAKSI_IO && errno == ENOENT))
		return SAKSI_OK;
	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "%s/public/checkpoint: %s", path,
				     err == SAKSI_IO ? strerror(errno)
						     : saksi_err_name(err));
	if (fstatat(dir, "public/checkpoint", &st, AT_SYMLINK_NOFOLLOW) == 0)
		g->point_utc = st.st_mtime;
	if (saksi_note_read(saksi_buf_bytes(&g->point), &g->arena, &note, NULL) ==
		SAKSI_OK &&
	    saksi_checkpoint_read(note.text, &point, NULL) == SAKSI_OK)
		*size = point.size;
	return SAKSI_OK;
}

static enum saksi_err read_tree(struct saksi_glance *g, struct saksi_state *s,
				uint64_t published)
{
	struct saksi_frontier *edge = malloc(sizeof(*edge));
	struct saksi_head head;
	enum saksi_err err =
	    edge != NULL ? saksi_state_next(s, &g->acknowledged) : SAKSI_NOMEM;

	if (err == SAKSI_OK)
		err = saksi_state_head(s, &head, edge);
	if (err == SAKSI_OK) {
		g->size = head.size;
		g->signed_utc = head.time_utc;
	}
	if (err == SAKSI_OK && published < g->acknowledged)
		err = saksi_state_when(s, published, &g->waiting_utc);
	free(edge);
	return err;
}

static enum saksi_err read_state(struct saksi_glance *g, const char *path,
				 uint64_t published, struct saksi_why *w)
{
	struct saksi_buf name = saksi_buf_growing(8192);
	struct saksi_state *s = NULL;
	enum saksi_err err;

	saksi_buf_printf(&name, "%s/state.db%c", path, '\0');
	err = saksi_buf_check(&name);
	if (err == SAKSI_OK)
		err = saksi_state_open((const char *)name.at, SAKSI_STATE_READ, &s, w);
	saksi_buf_free(&name);
	if (err != SAKSI_OK)
		return err;
	err = saksi_state_freeze(s);
	if (err == SAKSI_OK) {
		err = read_tree(g, s, published);
		saksi_state_thaw(s);
	}
	if (err != SAKSI_OK)
		(void)saksi_why_set(w, err, "%s/state.db: %s", path,
				    err == SAKSI_IO ? saksi_state_reason(s)
						    : "the tree there is damaged");
	saksi_state_close(s);
	return err;
}

enum saksi_err saksi_glance_at(const char *path, struct saksi_glance *out,
			       struct saksi_why *w)
{
	uint64_t published;
	enum saksi_err err;
	int dir;

	memset(out, 0, sizeof(*out));
	out->point = saksi_buf_growing(SAKSI_NOTE_MAX);
	SAKSI_TRY(saksi_crypto_begin());
	if (saksi_arena_map(&out->arena, ARENA_MAX) != SAKSI_OK)
		return saksi_why_set(w, SAKSI_NOMEM, "out of memory");
	err = saksi_dir_open(path, &dir);
	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "%s: %s", path, strerror(errno));
	out->closed = faccessat(dir, "closed", F_OK, 0) == 0;
	err = read_texts(out, dir, path, w);
	if (err == SAKSI_OK)
		err = read_point(out, dir, path, &published, w);
	(void)close(dir);
	return err == SAKSI_OK ? read_state(out, path, published, w) : err;
}

void saksi_glance_end(struct saksi_glance *g)
{
	saksi_buf_free(&g->point);
	saksi_arena_end(&g->arena);
}
