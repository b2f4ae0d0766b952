#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backup/inside.h"
#include "crypto/digest.h"
#include "store/files.h"

#define CHUNK 65536
#define PASSES 600 /* times a tenth of a second that a writer may hold us up */

enum saksi_err saksi_backup_folder(const char *path, int *dir, struct saksi_why *w)
{
	enum saksi_err err = saksi_dir_fresh(path, 0700, dir);

	if (err == SAKSI_REFUSED)
		return saksi_why_set(
		    w, err, "%s: needs a folder that is absent or empty", path);
	return err == SAKSI_OK ? err
			       : saksi_why_set(w, err, "%s: %s", path, strerror(errno));
}

/* ---- digests: of files as large as state.db, so by the library */

static enum saksi_err digest_file(int fd, struct saksi_digest *d, uint64_t *len)
{
	uint8_t chunk[CHUNK];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
		SAKSI_TRY(saksi_digest_more(d, (struct saksi_bytes){chunk, (size_t)n}));
		*len += (uint64_t)n;
	}
	return n == 0 ? SAKSI_OK : SAKSI_IO;
}

enum saksi_err saksi_backup_digest(int dir, const char *name, struct saksi_hash *digest,
				   uint64_t *len)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct saksi_digest *d;
	enum saksi_err err;
	int keep;

	if (fd < 0)
		return errno == ENOENT ? SAKSI_MISSING : SAKSI_IO;
	*len = 0;
	d = saksi_digest_begin();
	err = d != NULL ? digest_file(fd, d, len) : SAKSI_NOMEM;
	keep = errno;
	if (err == SAKSI_OK)
		err = saksi_digest_end(d, digest);
	saksi_digest_free(d);
	(void)close(fd);
	errno = keep;
	return err;
}

static enum saksi_err copy_pages(sqlite3 *in, sqlite3 *out, const char *mode)
{
	sqlite3_backup *b = sqlite3_backup_init(out, "main", in, "main");
	char pragma[64];
	int rc = SQLITE_ERROR;

	if (b == NULL)
		return SAKSI_IO;
	/* All pages in one step: one state, whoever writes meanwhile. */
	for (int i = 0; i < PASSES; i++) {
		rc = sqlite3_backup_step(b, -1);
		if (rc != SQLITE_BUSY && rc != SQLITE_LOCKED)
			break;
		(void)sqlite3_sleep(100);
	}
	if (sqlite3_backup_finish(b) != SQLITE_OK || rc != SQLITE_DONE)
		return SAKSI_IO;
	(void)sqlite3_snprintf(sizeof(pragma), pragma, "PRAGMA journal_mode = %s",
			       mode);
	rc = sqlite3_exec(out, pragma, NULL, NULL, NULL);
	return rc == SQLITE_OK ? SAKSI_OK : SAKSI_IO;
}

/* SQLite makes a database only when something is written, and a URI has no
 * surprises: the file must be there. */
enum saksi_err saksi_backup_database(const char *from, const char *to, const char *mode,
				     struct saksi_why *w)
{
	sqlite3 *in = NULL, *out = NULL;
	enum saksi_err err = SAKSI_IO;
	const char *what = "";

	if (sqlite3_open_v2(from, &in, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_open_v2(to, &out, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			    NULL) == SQLITE_OK) {
		(void)sqlite3_exec(out, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
		err = copy_pages(in, out, mode);
	}
	if (err != SAKSI_OK) {
		what = sqlite3_errcode(in) != SQLITE_OK ? sqlite3_errmsg(in)
							: sqlite3_errmsg(out);
		(void)saksi_why_set(w, err, "%s could not be copied to %s: %s", from,
				    to, what);
	}
	(void)sqlite3_close(in);
	if (sqlite3_close(out) != SQLITE_OK && err == SAKSI_OK)
		err = saksi_why_set(w, SAKSI_IO, "%s: not closed", to);
	return err;
}

enum saksi_err saksi_backup_manifest(int dir, const char *path, struct saksi_buf *text,
				     struct saksi_arena *a, struct saksi_manifest *out,
				     struct saksi_why *w)
{
	struct saksi_fault f = {NULL, 0, 0};
	enum saksi_err err = saksi_file_read(dir, SAKSI_BACKUP_MANIFEST, true, text);

	if (err == SAKSI_MISSING)
		return saksi_why_set(w, err,
				     "%s: no backup, or one that was not finished: it "
				     "has no " SAKSI_BACKUP_MANIFEST,
				     path);
	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "%s/" SAKSI_BACKUP_MANIFEST ": %s", path,
				     err == SAKSI_IO ? strerror(errno)
						     : saksi_err_name(err));
	err = saksi_manifest_read(saksi_buf_bytes(text), a, out, &f);
	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "%s/" SAKSI_BACKUP_MANIFEST ":%u: %s",
				     path, f.line,
				     f.what != NULL ? f.what : "unreadable");
	return SAKSI_OK;
}

void saksi_backup_told(const struct saksi_manifest *m, struct saksi_backup_done *out)
{
	memset(out, 0, sizeof(*out));
	out->witness = m->witness;
	out->keys = m->keys;
	out->sealed = m->sealed;
	out->entries = m->entries;
	out->size = m->size;
	out->root = m->root;
	out->time_utc = m->time_utc;
	out->files = m->file_count;
	for (size_t i = 0; i < m->file_count; i++)
		out->bytes += m->files[i].len;
	(void)snprintf(out->who, sizeof(out->who), "%.*s", (int)m->who.len,
		       (const char *)m->who.at);
}

static int drop_one(const char *path, const struct stat *st, int flag, struct FTW *f)
{
	(void)st;
	(void)flag;
	(void)f;
	return remove(path);
}

void saksi_backup_drop(const char *path)
{
	(void)nftw(path, drop_one, 16, FTW_DEPTH | FTW_PHYS);
}
