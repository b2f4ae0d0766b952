/* Making a backup.
 *
 * 1. The order: published files, state.db, attachments; so state.db knows every
 *    checkpoint that is in the backup, and no attachment it names as received is
 *    missing.
 * 2. MANIFEST is written when all else is on disk. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/inside.h"
#include "log/config.h"
#include "log/state.h"
#include "store/files.h"
#include "vault/vault.h"
#include "witness/witness.h"

#define PATH_ROOM 4096
#define FILES_MAX (4U << 20)

struct making {
	const struct saksi_backup_ask *ask;
	int from, to;
	struct saksi_arena arena;
	struct saksi_backup_file *files; /* grown by doubling */
	size_t count, cap;
	struct saksi_manifest m;
	struct saksi_why *w;
};

static enum saksi_err failed(const struct making *m, const char *name,
			     enum saksi_err err)
{
	return saksi_why_set(m->w, err, "%s/%s: %s", m->ask->from, name,
			     err == SAKSI_IO ? strerror(errno) : saksi_err_name(err));
}

/* ---- one file */

static enum saksi_err note_file(struct making *m, const char *name)
{
	struct saksi_backup_file *f;
	enum saksi_err err;

	if (m->count == m->cap) {
		size_t cap = m->cap == 0 ? 64 : 2 * m->cap;

		if (cap > FILES_MAX)
			return failed(m, name, SAKSI_LIMIT);
		f = realloc(m->files, cap * sizeof(*f));
		if (f == NULL)
			return failed(m, name, SAKSI_NOMEM);
		m->files = f;
		m->cap = cap;
	}
	f = &m->files[m->count];
	f->name = saksi_arena_copy(&m->arena, saksi_bytes_of(name));
	if (f->name.at == NULL || !saksi_backup_name_ok(f->name))
		return failed(m, name, SAKSI_LIMIT);
	err = saksi_backup_digest(m->to, name, &f->digest, &f->len);
	if (err != SAKSI_OK)
		return failed(m, name, err);
	m->count++;
	return SAKSI_OK;
}

static enum saksi_err seal(const struct making *m, struct saksi_bytes plain,
			   struct saksi_buf *out)
{
	uint8_t reader[1][SAKSI_BOX_KEY_LEN];

	memcpy(reader[0], m->ask->reader, sizeof(reader[0]));
	return saksi_vault_lock((const uint8_t(*)[SAKSI_BOX_KEY_LEN])reader, 1, plain,
				out);
}

static enum saksi_err put(struct making *m, const char *name, struct saksi_bytes data)
{
	struct saksi_buf sealed = saksi_buf_growing(SAKSI_BACKUP_SEAL_MAX + (1U << 24));
	enum saksi_err err = SAKSI_OK;

	if (m->ask->reader != NULL) {
		err = seal(m, data, &sealed);
		data = saksi_buf_bytes(&sealed);
	}
	if (err == SAKSI_OK)
		err = saksi_file_create(m->to, name, data, 0600);
	saksi_buf_free(&sealed);
	return err == SAKSI_OK ? note_file(m, name) : failed(m, name, err);
}

/* needed: MISSING is a failure. */
static enum saksi_err copy(struct making *m, const char *name, bool needed)
{
	struct saksi_buf b = saksi_buf_growing(SAKSI_BACKUP_TEXT_MAX);
	enum saksi_err err = saksi_file_read(m->from, name, true, &b);

	if (err == SAKSI_OK)
		err = put(m, name, saksi_buf_bytes(&b));
	else if (err == SAKSI_MISSING && !needed)
		err = SAKSI_OK;
	else
		(void)failed(m, name, err);
	saksi_wipe(b.at, b.len);
	saksi_buf_free(&b);
	return err;
}

static enum saksi_err copy_all(struct making *m, const char *const *names, bool needed)
{
	for (; *names != NULL; names++)
		SAKSI_TRY(copy(m, *names, needed));
	return SAKSI_OK;
}

/* Every regular file below; folders are made as they are met. */
static enum saksi_err copy_folder(struct making *m, const char *name)
{
	int fd = openat(m->from, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	enum saksi_err err = SAKSI_OK;
	struct dirent *e;

	if (d == NULL)
		return fd < 0 && errno == ENOENT ? SAKSI_OK : failed(m, name, SAKSI_IO);
	err = saksi_dir_make(m->to, name, 0700);
	while (err == SAKSI_OK && (e = readdir(d)) != NULL) {
		char path[SAKSI_BACKUP_NAME_MAX + 1];
		struct stat st;

		if (e->d_name[0] == '.')
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", name, e->d_name) >=
			(int)sizeof(path) ||
		    fstatat(m->from, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
			err = failed(m, name, SAKSI_IO);
		else
			err = S_ISDIR(st.st_mode) ? copy_folder(m, path)
						  : copy(m, path, true);
	}
	(void)closedir(d);
	return err;
}

/* ---- state.db */

static bool path_of(const char *folder, const char *name, char out[PATH_ROOM])
{
	return snprintf(out, PATH_ROOM, "%s/%s", folder, name) < PATH_ROOM;
}

static enum saksi_err seal_database(struct making *m)
{
	struct saksi_buf plain = saksi_buf_growing(SAKSI_BACKUP_SEAL_MAX);
	enum saksi_err err = saksi_file_read(m->to, "state.db", true, &plain);

	if (err == SAKSI_OK && unlinkat(m->to, "state.db", 0) != 0)
		err = SAKSI_IO;
	if (err == SAKSI_OK)
		err = put(m, "state.db", saksi_buf_bytes(&plain));
	else if (err == SAKSI_LIMIT)
		(void)saksi_why_set(m->w, err,
				    "%s/state.db: too large to be sealed in one piece; "
				    "make the backup without --seal onto an encrypted "
				    "disk",
				    m->ask->from);
	else
		(void)failed(m, "state.db", err);
	saksi_buf_free(&plain);
	return err;
}

static enum saksi_err log_numbers(struct making *m, const char *path)
{
	struct saksi_frontier *edge = calloc(1, sizeof(*edge));
	struct saksi_head *head = calloc(1, sizeof(*head));
	struct saksi_state *s = NULL;
	enum saksi_err err = edge == NULL || head == NULL ? SAKSI_NOMEM : SAKSI_OK;

	if (err == SAKSI_OK)
		err = saksi_state_open(path, SAKSI_STATE_READ, &s, m->w);
	if (err == SAKSI_OK)
		err = saksi_state_next(s, &m->m.entries);
	if (err == SAKSI_OK)
		err = saksi_state_head(s, head, edge);
	if (err == SAKSI_OK) {
		m->m.size = head->size;
		m->m.root = head->root;
	}
	if (s != NULL && err != SAKSI_OK)
		(void)failed(m, "state.db", err);
	saksi_state_close(s);
	free(edge);
	free(head);
	return err;
}

static enum saksi_err database(struct making *m)
{
	char from[PATH_ROOM], to[PATH_ROOM];

	if (!path_of(m->ask->from, "state.db", from) ||
	    !path_of(m->ask->to, "state.db", to))
		return failed(m, "state.db", SAKSI_LIMIT);
	SAKSI_TRY(saksi_backup_database(from, to, "DELETE", m->w));
	if (fchmodat(m->to, "state.db", 0600, 0) != 0)
		return failed(m, "state.db", SAKSI_IO);
	if (!m->m.witness)
		SAKSI_TRY(log_numbers(m, to));
	return m->ask->reader != NULL ? seal_database(m) : note_file(m, "state.db");
}

/* ---- both kinds */

static enum saksi_err make_log(struct making *m)
{
	static const char *const needed[] = {"config", "policy", "public/vkey",
					     "public/receipt.vkey", NULL};
	static const char *const wanted[] = {"roots",
					     "limits",
					     "closed",
					     "public/checkpoint",
					     "public/addenda.v1",
					     "public/closing",
					     "public/predecessor",
					     NULL};
	static const char *const keys[] = {"key", "receipt.key", NULL};

	SAKSI_TRY(saksi_dir_make(m->to, "public", 0700));
	SAKSI_TRY(copy_all(m, needed, true));
	SAKSI_TRY(copy_all(m, wanted, false));
	SAKSI_TRY(copy_folder(m, "public/keychange"));
	if (m->ask->with_keys) {
		SAKSI_TRY(copy_all(m, keys, true));
		SAKSI_TRY(copy(m, "next.key", false));
	}
	SAKSI_TRY(database(m));
	return copy_folder(m, "public/addenda");
}

static enum saksi_err make_witness(struct making *m)
{
	if (m->ask->with_keys)
		return saksi_why_set(
		    m->w, SAKSI_REFUSED,
		    "%s: a witness's key is not backed up: with it and "
		    "an old state.db it would cosign a second history; "
		    "after a loss make a new witness",
		    m->ask->from);
	m->m.root = saksi_hash_empty();
	SAKSI_TRY(copy(m, "vkey", true));
	return database(m);
}

static enum saksi_err name_of(struct making *m, struct saksi_buf *text)
{
	struct saksi_log_config c;
	struct saksi_bytes all;
	struct saksi_vkey k;
	struct saksi_fault f = {NULL, 0, 0};
	enum saksi_err err;

	SAKSI_TRY(
	    saksi_file_read(m->from, m->m.witness ? "vkey" : "config", true, text));
	all = saksi_buf_bytes(text);
	if (!m->m.witness) {
		err = saksi_log_config_read(all, &c, &f);
		m->m.who = c.origin;
	} else {
		all.len -= all.len > 0;
		err = saksi_vkey_read(all, &k, &f);
		m->m.who = k.name;
	}
	if (err != SAKSI_OK)
		return err;
	m->m.who = saksi_arena_copy(&m->arena, m->m.who);
	return m->m.who.at != NULL ? SAKSI_OK : SAKSI_LIMIT;
}

static int by_name(const void *a, const void *b)
{
	const struct saksi_backup_file *x = a, *y = b;

	return saksi_bytes_order(x->name, y->name);
}

static enum saksi_err finish(struct making *m)
{
	struct saksi_buf text = saksi_buf_growing(SAKSI_BACKUP_TEXT_MAX);
	enum saksi_err err;

	qsort(m->files, m->count, sizeof(*m->files), by_name);
	m->m.files = m->files;
	m->m.file_count = m->count;
	saksi_manifest_write(&m->m, &text);
	err = saksi_buf_check(&text);
	if (err == SAKSI_OK)
		err = saksi_dir_sync(m->to);
	if (err == SAKSI_OK)
		err = saksi_file_create(m->to, SAKSI_BACKUP_MANIFEST,
					saksi_buf_bytes(&text), 0600);
	saksi_buf_free(&text);
	return err == SAKSI_OK ? err : failed(m, SAKSI_BACKUP_MANIFEST, err);
}

/* A log has a config, a witness a vkey beside its state. */
static enum saksi_err kind_of(struct making *m)
{
	bool log = faccessat(m->from, "config", F_OK, 0) == 0;

	m->m.witness = !log && faccessat(m->from, "vkey", F_OK, 0) == 0;
	if (!log && !m->m.witness)
		return saksi_why_set(m->w, SAKSI_MISSING,
				     "%s: neither a log (config) nor a witness (vkey)",
				     m->ask->from);
	return SAKSI_OK;
}

static enum saksi_err make(struct making *m)
{
	struct saksi_buf text = saksi_buf_growing(SAKSI_BACKUP_TEXT_MAX);
	enum saksi_err err = kind_of(m);

	if (err == SAKSI_OK) {
		err = name_of(m, &text);
		if (err != SAKSI_OK)
			(void)failed(m, m->m.witness ? "vkey" : "config", err);
	}
	saksi_buf_free(&text);
	SAKSI_TRY(err);
	SAKSI_TRY(saksi_backup_folder(m->ask->to, &m->to, m->w));
	SAKSI_TRY(m->m.witness ? make_witness(m) : make_log(m));
	return finish(m);
}

enum saksi_err saksi_backup_make(const struct saksi_backup_ask *ask,
				 struct saksi_backup_done *out, struct saksi_why *w)
{
	struct making m = {.ask = ask, .from = -1, .to = -1, .w = w};
	enum saksi_err err = saksi_crypto_begin();

	if (err == SAKSI_OK)
		err = saksi_arena_map(&m.arena, (size_t)1 << 30);
	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "%s: out of memory", ask->from);
	m.m.time_utc = ask->now_utc;
	m.m.keys = ask->with_keys;
	m.m.sealed = ask->reader != NULL;
	err = saksi_dir_open(ask->from, &m.from);
	if (err != SAKSI_OK)
		(void)saksi_why_set(w, err, "%s: %s", ask->from, strerror(errno));
	else
		err = make(&m);
	if (err == SAKSI_OK)
		saksi_backup_told(&m.m, out);
	if (m.from >= 0)
		(void)close(m.from);
	if (m.to >= 0)
		(void)close(m.to);
	free(m.files);
	saksi_arena_end(&m.arena);
	return err;
}
