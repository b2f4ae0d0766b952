/* Out of a backup again, and whether the world has seen more since.
 *
 * 1. Every byte is checked against MANIFEST before anything uses it.
 * 2. `to` is made anew; nothing that exists is overwritten. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/inside.h"
#include "base/text.h"
#include "crypto/sign.h"
#include "follow/open.h"
#include "log/years.h"
#include "note/policy.h"
#include "store/files.h"
#include "vault/vault.h"

#define PATH_ROOM 4096
#define ARENA_MAX ((size_t)1 << 30)
#define COPY_MAX ((size_t)64 << 30)

/* A backup that was opened. */
struct opened {
	const char *path;
	int dir;
	struct saksi_buf text;
	struct saksi_arena arena;
	struct saksi_manifest m;
};

static void end(struct opened *b)
{
	if (b->dir >= 0)
		(void)close(b->dir);
	saksi_buf_free(&b->text);
	saksi_arena_end(&b->arena);
}

/* End with end() whatever it gives. */
static enum saksi_err begin(const char *path, struct opened *b, struct saksi_why *w)
{
	enum saksi_err err = saksi_crypto_begin();

	memset(b, 0, sizeof(*b));
	b->path = path;
	b->dir = -1;
	b->text = saksi_buf_growing(SAKSI_BACKUP_TEXT_MAX);
	if (err == SAKSI_OK)
		err = saksi_arena_map(&b->arena, ARENA_MAX);
	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "%s: out of memory", path);
	err = saksi_dir_open(path, &b->dir);
	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "%s: %s", path, strerror(errno));
	return saksi_backup_manifest(b->dir, path, &b->text, &b->arena, &b->m, w);
}

static void name_of(const struct saksi_backup_file *f,
		    char out[SAKSI_BACKUP_NAME_MAX + 1])
{
	memcpy(out, f->name.at, f->name.len);
	out[f->name.len] = '\0';
}

static enum saksi_err check_file(const struct opened *b,
				 const struct saksi_backup_file *f, struct saksi_why *w)
{
	char name[SAKSI_BACKUP_NAME_MAX + 1];
	struct saksi_hash digest;
	uint64_t len;
	enum saksi_err err;

	name_of(f, name);
	err = saksi_backup_digest(b->dir, name, &digest, &len);
	if (err == SAKSI_MISSING)
		return saksi_why_set(w, SAKSI_REFUSED, "%s/%s: is not there", b->path,
				     name);
	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "%s/%s: %s", b->path, name,
				     strerror(errno));
	if (len != f->len || !saksi_hash_same(&digest, &f->digest))
		return saksi_why_set(w, SAKSI_REFUSED,
				     "%s/%s: was changed since the backup was made",
				     b->path, name);
	return SAKSI_OK;
}

static enum saksi_err check_all(const struct opened *b, struct saksi_why *w)
{
	for (size_t i = 0; i < b->m.file_count; i++)
		SAKSI_TRY(check_file(b, &b->m.files[i], w));
	return SAKSI_OK;
}

enum saksi_err saksi_backup_look(const char *from, struct saksi_backup_done *out,
				 struct saksi_why *w)
{
	struct opened b;
	enum saksi_err err = begin(from, &b, w);

	if (err == SAKSI_OK)
		err = check_all(&b, w);
	if (err == SAKSI_OK)
		saksi_backup_told(&b.m, out);
	end(&b);
	return err;
}

/* ---- putting files back */

static enum saksi_err make_parents(int dir, const char *name, unsigned mode)
{
	char folder[SAKSI_BACKUP_NAME_MAX + 1];
	const char *slash = strrchr(name, '/');

	if (slash == NULL)
		return SAKSI_OK;
	(void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - name), name);
	return saksi_dir_make(dir, folder, mode);
}

static enum saksi_err put_back(const struct opened *b,
			       const struct saksi_backup_file *f, int to,
			       const uint8_t *secret, struct saksi_why *w)
{
	struct saksi_buf raw = saksi_buf_growing(COPY_MAX),
			 plain = saksi_buf_growing(COPY_MAX);
	char name[SAKSI_BACKUP_NAME_MAX + 1];
	struct saksi_bytes data;
	enum saksi_err err;
	bool shown = saksi_bytes_starts(f->name, "public/");

	name_of(f, name);
	err = saksi_file_read(b->dir, name, true, &raw);
	data = saksi_buf_bytes(&raw);
	if (err == SAKSI_OK && b->m.sealed) {
		err = saksi_vault_unlock(secret, data, &plain);
		data = saksi_buf_bytes(&plain);
	}
	if (err == SAKSI_OK)
		err = make_parents(to, name, 0755);
	if (err == SAKSI_OK)
		err = saksi_file_create(to, name, data, shown ? 0644 : 0600);
	saksi_wipe(raw.at, raw.len);
	saksi_wipe(plain.at, plain.len);
	saksi_buf_free(&raw);
	saksi_buf_free(&plain);
	if (err == SAKSI_REFUSED)
		return saksi_why_set(w, err, "%s/%s: not sealed to this box key",
				     b->path, name);
	return err == SAKSI_OK ? err
			       : saksi_why_set(w, err, "%s: %s", name,
					       err == SAKSI_IO ? strerror(errno)
							       : saksi_err_name(err));
}

static bool is_database(const struct saksi_backup_file *f)
{
	return saksi_bytes_is(f->name, "state.db");
}

static enum saksi_err database(const struct opened *b,
			       const struct saksi_backup_file *f, const char *to,
			       int dir, const uint8_t *secret, struct saksi_why *w)
{
	char in[PATH_ROOM], out[PATH_ROOM];
	enum saksi_err err;

	if (snprintf(in, sizeof(in), "%s/state.db", b->path) >= (int)sizeof(in) ||
	    snprintf(out, sizeof(out), "%s/state.db", to) >= (int)sizeof(out))
		return saksi_why_set(w, SAKSI_LIMIT, "%s: the path is too long", to);
	if (b->m.sealed) {
		SAKSI_TRY(put_back(b, f, dir, secret, w));
		if (renameat(dir, "state.db", dir, "sealed.db") != 0)
			return saksi_why_set(w, SAKSI_IO, "%s: %s", out,
					     strerror(errno));
		(void)snprintf(in, sizeof(in), "%s/sealed.db", to);
	}
	err = saksi_backup_database(in, out, "WAL", w);
	if (b->m.sealed)
		(void)unlinkat(dir, "sealed.db", 0);
	if (err == SAKSI_OK && fchmodat(dir, "state.db", 0600, 0) != 0)
		err = saksi_why_set(w, SAKSI_IO, "%s: %s", out, strerror(errno));
	return err;
}

static enum saksi_err restore(const struct opened *b, const char *to,
			      const uint8_t *secret, struct saksi_why *w)
{
	enum saksi_err err = SAKSI_OK;
	int dir = -1;

	if (b->m.sealed && secret == NULL)
		return saksi_why_set(w, SAKSI_MISSING,
				     "%s: it is sealed; give --box FILE", b->path);
	SAKSI_TRY(check_all(b, w));
	err = saksi_backup_folder(to, &dir, w);
	if (err == SAKSI_OK && !b->m.witness &&
	    (saksi_dir_make(dir, "public", 0755) != SAKSI_OK ||
	     saksi_dir_make(dir, "staging", 0700) != SAKSI_OK))
		err = saksi_why_set(w, SAKSI_IO, "%s: %s", to, strerror(errno));
	for (size_t i = 0; err == SAKSI_OK && i < b->m.file_count; i++)
		err = is_database(&b->m.files[i])
			  ? database(b, &b->m.files[i], to, dir, secret, w)
			  : put_back(b, &b->m.files[i], dir, secret, w);
	if (err == SAKSI_OK && saksi_dir_sync(dir) != SAKSI_OK)
		err = saksi_why_set(w, SAKSI_IO, "%s: %s", to, strerror(errno));
	if (dir >= 0)
		(void)close(dir);
	SAKSI_TRY(err);
	return b->m.witness ? SAKSI_OK : saksi_log_rebuild(to, w);
}

enum saksi_err saksi_backup_restore(const char *from, const char *to,
				    const uint8_t *secret, struct saksi_why *w)
{
	struct opened b;
	enum saksi_err err = begin(from, &b, w);

	if (err == SAKSI_OK)
		err = restore(&b, to, secret, w);
	end(&b);
	return err;
}

/* ---- has the world seen more? */

struct asked {
	struct saksi_arena arena;
	struct saksi_policy policy;
	struct saksi_vkey key;
	uint64_t size; /* what the restored log has signed */
	struct saksi_hash root;
	uint64_t seen;
	unsigned answered;
	struct saksi_why *w;
};

static enum saksi_err text_of(int dir, const char *name, struct saksi_arena *a,
			      struct saksi_bytes *out)
{
	struct saksi_buf b = saksi_buf_growing(SAKSI_BACKUP_TEXT_MAX);
	enum saksi_err err = saksi_file_read(dir, name, true, &b);

	if (err == SAKSI_OK) {
		*out = saksi_arena_copy(a, saksi_buf_bytes(&b));
		err = out->at == NULL ? SAKSI_LIMIT : SAKSI_OK;
	}
	saksi_buf_free(&b);
	return err;
}

/* A checkpoint of this log's own key says how far it had come. */
static enum saksi_err hold(struct asked *q, const char *where, struct saksi_bytes note)
{
	struct saksi_sigcheck check;
	struct saksi_checkpoint p;
	struct saksi_note n;
	uint64_t time;

	if (saksi_note_read(note, &q->arena, &n, NULL) != SAKSI_OK ||
	    saksi_checkpoint_read(n.text, &p, NULL) != SAKSI_OK ||
	    saksi_note_check_for(&n, &q->key, &q->arena, &check, &time) != SAKSI_OK)
		return saksi_why_set(q->w, SAKSI_MISSING,
				     "%s: shows no checkpoint of this log's key",
				     where);
	saksi_sigchecks_run(&check, 1);
	if (check.answer != SAKSI_SIG_GOOD || !saksi_bytes_same(p.origin, q->key.name))
		return saksi_why_set(q->w, SAKSI_MISSING,
				     "%s: shows no checkpoint of this log's key",
				     where);
	q->answered++;
	q->seen = p.size > q->seen ? p.size : q->seen;
	if (p.size > q->size ||
	    (p.size == q->size && !saksi_hash_same(&p.root, &q->root)))
		return saksi_why_set(
		    q->w, SAKSI_REFUSED,
		    "%s has a tree of %llu entries that this backup does not hold (it "
		    "has %llu): going on from it would sign a second history",
		    where, (unsigned long long)p.size, (unsigned long long)q->size);
	return SAKSI_OK;
}

/* absent: a witness that never saw the log answers so, and that is an answer. */
static enum saksi_err ask(struct asked *q, const char *where, const char *path,
			  bool absent)
{
	struct saksi_buf note = saksi_buf_growing(SAKSI_NOTE_MAX);
	struct saksi_place *place = NULL;
	struct saksi_source *s;
	struct saksi_bytes kept;
	enum saksi_err err = saksi_place_open(where, &place, q->w);

	if (err == SAKSI_OK) {
		s = saksi_place_source(place);
		err = s->get(s->ctx, path, &note);
		if (err == SAKSI_MISSING && absent) {
			q->answered++;
			err = SAKSI_OK;
		} else if (err != SAKSI_OK) {
			err = saksi_why_set(q->w, SAKSI_MISSING,
					    "%s could not be asked: %s", where,
					    saksi_place_why(place));
		} else {
			kept = saksi_arena_copy(&q->arena, saksi_buf_bytes(&note));
			err = kept.at == NULL ? SAKSI_LIMIT : hold(q, where, kept);
		}
	} else {
		err = SAKSI_MISSING;
	}
	saksi_place_close(place);
	saksi_buf_free(&note);
	return err;
}

/* A refusal outweighs one that could not be asked. */
static enum saksi_err worse(enum saksi_err a, enum saksi_err b)
{
	if (a == SAKSI_REFUSED || b == SAKSI_OK)
		return a;
	return b;
}

static enum saksi_err ask_witnesses(struct asked *q)
{
	struct saksi_hash origin = saksi_hash_of(q->key.name);
	char hex[2 * SAKSI_HASH_LEN + 1], path[96], url[2049];
	enum saksi_err err = SAKSI_OK;

	saksi_text_to_hex(origin.b, SAKSI_HASH_LEN, hex);
	(void)snprintf(path, sizeof(path), "%s/checkpoint", hex);
	for (uint32_t i = 0; i < q->policy.party_count && err != SAKSI_REFUSED; i++) {
		const struct saksi_policy_party *p = &q->policy.parties[i];

		if (p->is_group || p->url.len == 0 || p->url.len >= sizeof(url))
			continue;
		(void)snprintf(url, sizeof(url), "%.*s", (int)p->url.len,
			       (const char *)p->url.at);
		err = worse(err, ask(q, url, path, true));
	}
	return err;
}

static enum saksi_err read_restored(struct asked *q, const char *folder)
{
	struct saksi_bytes text;
	enum saksi_err err;
	int dir;

	SAKSI_TRY(saksi_dir_open(folder, &dir));
	err = text_of(dir, "policy", &q->arena, &text);
	if (err == SAKSI_OK)
		err = saksi_policy_read(text, &q->arena, &q->policy, NULL);
	if (err == SAKSI_OK)
		err = text_of(dir, "public/vkey", &q->arena, &text);
	if (err == SAKSI_OK) {
		text.len -= text.len > 0 && text.at[text.len - 1] == '\n';
		err = saksi_vkey_read(text, &q->key, NULL);
	}
	(void)close(dir);
	return err;
}

enum saksi_err saksi_backup_older(const char *folder, const char *live, uint64_t *seen,
				  struct saksi_why *w)
{
	struct asked q = {.w = w};
	struct saksi_why why = {""};
	enum saksi_err err = saksi_arena_map(&q.arena, ARENA_MAX);

	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "%s: out of memory", folder);
	err = read_restored(&q, folder);
	if (err == SAKSI_OK)
		err = saksi_log_size(folder, &q.size, &q.root, w);
	else
		(void)saksi_why_set(w, err, "%s: not a restored log", folder);
	if (err == SAKSI_OK && live != NULL)
		err = ask(&q, live, "checkpoint", false);
	if (err == SAKSI_MISSING)
		why = *w;
	if (err == SAKSI_OK || err == SAKSI_MISSING) {
		enum saksi_err others = ask_witnesses(&q);

		if (others == SAKSI_OK && err == SAKSI_MISSING)
			*w = why;
		err = worse(others, err);
	}
	if (err == SAKSI_OK && q.answered == 0)
		err =
		    saksi_why_set(w, SAKSI_MISSING,
				  "nobody was asked: give --log URL or folder of what "
				  "the log has published");
	*seen = q.seen;
	saksi_arena_end(&q.arena);
	return err;
}
