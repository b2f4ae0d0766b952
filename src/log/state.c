/* state.db.
 *
 * 1. Every change is one transaction, begun IMMEDIATE, so that what it checked
 *    still holds when it writes.
 * 2. A call that fails leaves no transaction open.
 * 3. Batches are contiguous from 0: the primary key and the check in append.
 * 4. Prepared once; a statement is reset as soon as it is done with. */
#include "log/state.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define VERSION 1
#define APPLICATION 0x53616b69 /* "Saki" */

enum sql {
	BEGIN,
	BEGIN_READ,
	COMMIT,
	ROLLBACK,
	NEXT,
	APPEND,
	NAME,
	WALK,
	WHEN,
	HEAD,
	SWAP,
	SIGN,
	RENOTE,
	PLACED,
	SIGNED,
	NAMED,
	RECEIVED,
	EACH_NAMED,
	SQLS,
};
static const char *const sql_text[SQLS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [BEGIN_READ] = "BEGIN",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [NEXT] = "SELECT first + count FROM batch ORDER BY first DESC LIMIT 1",
    [APPEND] = "INSERT INTO batch (first, count, time, body) VALUES (?, ?, ?, ?)",
    [NAME] = "INSERT OR IGNORE INTO addendum (digest, entry, received) "
	     "VALUES (?, ?, 0)",
    [WALK] = "SELECT first, count, body FROM batch WHERE first >= coalesce((SELECT "
	     "max(first) FROM batch WHERE first <= ?1), 0) AND first < ?2 "
	     "ORDER BY first",
    [WHEN] = "SELECT time FROM batch WHERE first <= ? ORDER BY first DESC LIMIT 1",
    [HEAD] = "SELECT size, root, edge, staged, placed, time, note FROM tree",
    [SWAP] = "UPDATE tree SET size = ?1, root = ?2, edge = ?3, staged = ?4, "
	     "placed = 0, time = ?5, note = ?8 WHERE size = ?6 AND root = ?7 AND ?1 <= "
	     "(SELECT first + count FROM batch ORDER BY first DESC LIMIT 1)",
    [SIGN] = "INSERT INTO signed (size, root, time) VALUES (?1, ?2, ?5)",
    [RENOTE] = "UPDATE tree SET note = ?3 WHERE size = ?1 AND root = ?2",
    [PLACED] = "UPDATE tree SET placed = 1 WHERE size = ?",
    [SIGNED] = "SELECT size, root FROM signed WHERE size >= ? ORDER BY size LIMIT 1",
    [NAMED] = "SELECT received FROM addendum WHERE digest = ?",
    [RECEIVED] = "UPDATE addendum SET received = 1 WHERE digest = ?",
    [EACH_NAMED] = "SELECT digest, received FROM addendum ORDER BY digest",
};

/* The empty tree counts as signed: any size-0 checkpoint says the same. */
static const char schema[] =
    "CREATE TABLE batch (first INTEGER PRIMARY KEY, count INTEGER NOT NULL, "
    "time INTEGER NOT NULL, body BLOB NOT NULL);"
    "CREATE TABLE tree (one INTEGER PRIMARY KEY CHECK (one = 1), "
    "size INTEGER NOT NULL, root BLOB NOT NULL, edge BLOB NOT NULL, "
    "staged BLOB NOT NULL, placed INTEGER NOT NULL, time INTEGER NOT NULL, note BLOB "
    "NOT NULL);"
    "CREATE TABLE signed (size INTEGER PRIMARY KEY, root BLOB NOT NULL, "
    "time INTEGER NOT NULL);"
    "CREATE TABLE addendum (digest BLOB PRIMARY KEY, entry INTEGER NOT NULL, "
    "received INTEGER NOT NULL) WITHOUT ROWID;"
    "INSERT INTO tree SELECT 1, 0, x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca4"
    "95991b7852b855', x'', x'', 1, 0, x'';"
    "INSERT INTO signed SELECT size, root, time FROM tree;";

struct saksi_state {
	sqlite3 *db;
	sqlite3_stmt *sql[SQLS];
	struct saksi_buf edge;
	int rc, sys; /* of the last call that failed, and errno where SQLite tells */
};

static enum saksi_err failed(struct saksi_state *s, int rc)
{
	s->rc = rc;
	s->sys = s->db != NULL ? sqlite3_system_errno(s->db) : 0;
	return SAKSI_IO;
}

static const char full[] = "the disk of the log is full: free space; reading goes on";

static const char *io_reason(const struct saksi_state *s)
{
	switch (s->sys) {
	case ENOSPC:
		return full;
	case EDQUOT:
		return "the quota of the log's disk is used up: free space; reading "
		       "goes on";
	case EROFS:
		return "the disk of the log is read-only; reading goes on";
	default:
		return "the disk of the log failed to read or write state.db; reading "
		       "goes on";
	}
}

const char *saksi_state_reason(const struct saksi_state *s)
{
	switch (s->rc & 0xff) {
	case SQLITE_FULL:
		return full;
	case SQLITE_IOERR:
		return io_reason(s);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return "state.db is held by another program";
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		return "state.db may not be written: look at its owner and mode";
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return "state.db is damaged: restore the log from its backup";
	case SQLITE_NOMEM:
		return "out of memory";
	default:
		return "state.db cannot be used";
	}
}

/* ---- running a statement */

static sqlite3_stmt *use(struct saksi_state *s, enum sql which)
{
	(void)sqlite3_reset(s->sql[which]);
	(void)sqlite3_clear_bindings(s->sql[which]);
	return s->sql[which];
}

/* Runs one that gives no row. */
static enum saksi_err run(struct saksi_state *s, sqlite3_stmt *q)
{
	int rc = sqlite3_step(q);

	(void)sqlite3_reset(q);
	return rc == SQLITE_DONE ? SAKSI_OK : failed(s, rc);
}

/* Ends what begin began: all of it, or nothing when err is not OK. */
static enum saksi_err end(struct saksi_state *s, enum saksi_err err)
{
	int rc = s->rc, sys;

	if (err == SAKSI_OK)
		err = run(s, use(s, COMMIT));
	if (err == SAKSI_OK)
		return SAKSI_OK;
	if (err == SAKSI_IO && s->rc != rc)
		rc = s->rc;
	sys = s->sys;
	if (!sqlite3_get_autocommit(s->db))
		(void)run(s, use(s, ROLLBACK));
	s->rc = rc;
	s->sys = sys;
	return err;
}

/* A BEGIN that says it failed may have begun all the same. */
static enum saksi_err begin(struct saksi_state *s, enum sql how)
{
	enum saksi_err err = run(s, use(s, how));

	return err == SAKSI_OK ? SAKSI_OK : end(s, err);
}

static void bind_u64(sqlite3_stmt *q, int at, uint64_t v)
{
	(void)sqlite3_bind_int64(q, at, (sqlite3_int64)v);
}

/* A failed bind leaves NULL, which every column here refuses. */
static void bind_bytes(sqlite3_stmt *q, int at, struct saksi_bytes b)
{
	(void)sqlite3_bind_blob64(q, at, b.len > 0 ? (const void *)b.at : "", b.len,
				  SQLITE_STATIC);
}

static void bind_hash(sqlite3_stmt *q, int at, const struct saksi_hash *h)
{
	bind_bytes(q, at, saksi_hash_bytes(h));
}

static struct saksi_bytes column(sqlite3_stmt *q, int at)
{
	const void *b = sqlite3_column_blob(q, at);
	int len = sqlite3_column_bytes(q, at);

	return (struct saksi_bytes){b, b == NULL || len < 0 ? 0 : (size_t)len};
}

static bool column_hash(sqlite3_stmt *q, int at, struct saksi_hash *h)
{
	struct saksi_bytes b = column(q, at);

	if (b.len != SAKSI_HASH_LEN)
		return false;
	memcpy(h->b, b.at, SAKSI_HASH_LEN);
	return true;
}

static uint64_t column_u64(sqlite3_stmt *q, int at)
{
	return (uint64_t)sqlite3_column_int64(q, at);
}

/* ---- opening */

static enum saksi_err number(struct saksi_state *s, const char *pragma, int *out)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(s->db, pragma, -1, &q, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int(q, 0);
	(void)sqlite3_finalize(q);
	return rc == SQLITE_ROW ? SAKSI_OK : failed(s, rc);
}

static enum saksi_err script(struct saksi_state *s, const char *text)
{
	int rc = sqlite3_exec(s->db, text, NULL, NULL, NULL);

	return rc == SQLITE_OK ? SAKSI_OK : failed(s, rc);
}

static enum saksi_err make(struct saksi_state *s)
{
	char mark[96];

	(void)sqlite3_snprintf(sizeof(mark), mark,
			       "PRAGMA application_id = %d; PRAGMA user_version = %d;",
			       APPLICATION, VERSION);
	SAKSI_TRY(script(s, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; "
			    "PRAGMA synchronous = FULL; BEGIN IMMEDIATE;"));
	SAKSI_TRY(script(s, schema));
	SAKSI_TRY(script(s, mark));
	return script(s, "COMMIT");
}

static enum saksi_err check_version(struct saksi_state *s, const char *path,
				    struct saksi_why *w)
{
	int application = 0, version = 0;

	SAKSI_TRY(number(s, "PRAGMA application_id", &application));
	SAKSI_TRY(number(s, "PRAGMA user_version", &version));
	if (application != APPLICATION || version < 1)
		return saksi_why_set(w, SAKSI_MALFORMED,
				     "%s: not the state of a log; restore it from the "
				     "backup",
				     path);
	if (version > VERSION)
		return saksi_why_set(w, SAKSI_NEWER,
				     "%s: written by a later version of this program "
				     "(%d, this one knows %d); use that one",
				     path, version, VERSION);
	return SAKSI_OK;
}

static enum saksi_err open_db(struct saksi_state *s, const char *path,
			      enum saksi_state_how how, struct saksi_why *w)
{
	int flags = how == SAKSI_STATE_MAKE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
		    : how == SAKSI_STATE_READ ? SQLITE_OPEN_READONLY
					      : SQLITE_OPEN_READWRITE;
	int rc = sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL);

	if (rc != SQLITE_OK)
		return failed(s, rc);
	(void)sqlite3_busy_timeout(s->db, 10000);
	if (how == SAKSI_STATE_MAKE)
		SAKSI_TRY(make(s));
	SAKSI_TRY(check_version(s, path, w));
	if (how != SAKSI_STATE_READ)
		SAKSI_TRY(script(s, "PRAGMA synchronous = FULL; "
				    "PRAGMA wal_autocheckpoint = 2000; "
				    "PRAGMA journal_size_limit = 67108864"));
	for (int i = 0; i < SQLS; i++) {
		rc = sqlite3_prepare_v3(s->db, sql_text[i], -1,
					SQLITE_PREPARE_PERSISTENT, &s->sql[i], NULL);
		if (rc != SQLITE_OK)
			return failed(s, rc);
	}
	return SAKSI_OK;
}

enum saksi_err saksi_state_open(const char *path, enum saksi_state_how how,
				struct saksi_state **out, struct saksi_why *w)
{
	struct saksi_state *s = calloc(1, sizeof(*s));
	enum saksi_err err;

	if (s == NULL)
		return saksi_why_set(w, SAKSI_NOMEM, "%s: out of memory", path);
	s->edge = saksi_buf_growing(SAKSI_FRONTIER_MAX);
	err = open_db(s, path, how, w);
	if (err == SAKSI_OK) {
		*out = s;
		return SAKSI_OK;
	}
	if (err == SAKSI_IO)
		(void)saksi_why_set(w, err, "%s: %s", path, saksi_state_reason(s));
	saksi_state_close(s);
	return err;
}

void saksi_state_close(struct saksi_state *s)
{
	if (s == NULL)
		return;
	for (int i = 0; i < SQLS; i++)
		(void)sqlite3_finalize(s->sql[i]);
	(void)sqlite3_close(s->db);
	saksi_buf_free(&s->edge);
	free(s);
}

enum saksi_err saksi_state_freeze(struct saksi_state *s)
{
	return begin(s, BEGIN_READ);
}

void saksi_state_thaw(struct saksi_state *s)
{
	if (!sqlite3_get_autocommit(s->db))
		(void)run(s, use(s, ROLLBACK));
}

/* ---- entries */

enum saksi_err saksi_state_next(struct saksi_state *s, uint64_t *next)
{
	sqlite3_stmt *q = use(s, NEXT);
	int rc = sqlite3_step(q);

	if (rc == SQLITE_ROW)
		*next = column_u64(q, 0);
	else if (rc == SQLITE_DONE)
		*next = 0;
	(void)sqlite3_reset(q);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SAKSI_OK : failed(s, rc);
}

enum saksi_err saksi_state_when(struct saksi_state *s, uint64_t index, int64_t *utc)
{
	sqlite3_stmt *q = use(s, WHEN);
	int rc;

	bind_u64(q, 1, index);
	rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		*utc = sqlite3_column_int64(q, 0);
	(void)sqlite3_reset(q);
	return rc == SQLITE_ROW    ? SAKSI_OK
	       : rc == SQLITE_DONE ? SAKSI_MISSING
				   : failed(s, rc);
}

static enum saksi_err append(struct saksi_state *s, const struct saksi_batch *b)
{
	sqlite3_stmt *q;
	uint64_t next;

	SAKSI_TRY(saksi_state_next(s, &next));
	if (next != b->first)
		return SAKSI_REFUSED;
	q = use(s, APPEND);
	bind_u64(q, 1, b->first);
	bind_u64(q, 2, b->count);
	(void)sqlite3_bind_int64(q, 3, b->time_utc);
	bind_bytes(q, 4, b->body);
	SAKSI_TRY(run(s, q));
	for (size_t i = 0; i < b->named_count; i++) {
		q = use(s, NAME);
		bind_hash(q, 1, &b->named[i]);
		bind_u64(q, 2, b->named_by[i]);
		SAKSI_TRY(run(s, q));
	}
	return SAKSI_OK;
}

enum saksi_err saksi_state_append(struct saksi_state *s, const struct saksi_batch *b)
{
	SAKSI_TRY(begin(s, BEGIN));
	return end(s, append(s, b));
}

/* The entries of one batch that lie in [from, to). */
static enum saksi_err walk_batch(const struct saksi_batch *b, uint64_t from,
				 uint64_t to, saksi_state_entry_fn *each, void *ctx)
{
	struct saksi_cursor c = saksi_cursor_on(b->body);

	for (uint64_t i = 0; i < b->count; i++) {
		uint16_t len = saksi_cursor_be16(&c);
		struct saksi_bytes entry = saksi_cursor_take(&c, len);

		if (!c.ok)
			return SAKSI_MALFORMED;
		if (b->first + i >= from && b->first + i < to)
			SAKSI_TRY(each(ctx, b->first + i, entry));
	}
	return c.left.len == 0 ? SAKSI_OK : SAKSI_MALFORMED;
}

enum saksi_err saksi_state_walk(struct saksi_state *s, uint64_t from, uint64_t to,
				saksi_state_entry_fn *each, void *ctx)
{
	sqlite3_stmt *q = use(s, WALK);
	enum saksi_err err = SAKSI_OK;
	uint64_t at = from;
	int rc = SQLITE_DONE;

	bind_u64(q, 1, from);
	bind_u64(q, 2, to);
	while (err == SAKSI_OK && from < to && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		struct saksi_batch b = {.first = column_u64(q, 0),
					.count = column_u64(q, 1),
					.body = column(q, 2)};

		if (b.first > at || (at != from && b.first != at) ||
		    b.count > b.body.len || b.first + b.count <= at)
			err = SAKSI_MALFORMED;
		else
			err = walk_batch(&b, from, to, each, ctx);
		at = b.first + b.count;
	}
	(void)sqlite3_reset(q);
	if (err != SAKSI_OK)
		return err;
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return failed(s, rc);
	return at < to ? SAKSI_MALFORMED : SAKSI_OK;
}

/* ---- the tree */

static enum saksi_err head_read(sqlite3_stmt *q, struct saksi_head *h,
				struct saksi_frontier *edge)
{
	struct saksi_bytes staged = column(q, 3), note = column(q, 6);
	struct saksi_hash root;

	h->size = column_u64(q, 0);
	h->placed = sqlite3_column_int(q, 4) != 0;
	h->time_utc = sqlite3_column_int64(q, 5);
	memset(&h->staged, 0, sizeof(h->staged));
	if (staged.len == SAKSI_HASH_LEN)
		memcpy(h->staged.b, staged.at, SAKSI_HASH_LEN);
	if (!column_hash(q, 1, &h->root) || note.len > sizeof(h->note))
		return SAKSI_MALFORMED;
	h->note_len = note.len;
	if (note.len > 0)
		memcpy(h->note, note.at, note.len);
	SAKSI_TRY(saksi_frontier_read(column(q, 2), h->size, edge));
	root = saksi_frontier_root(edge);
	return saksi_hash_same(&root, &h->root) ? SAKSI_OK : SAKSI_MALFORMED;
}

enum saksi_err saksi_state_head(struct saksi_state *s, struct saksi_head *h,
				struct saksi_frontier *edge)
{
	sqlite3_stmt *q = use(s, HEAD);
	int rc = sqlite3_step(q);
	enum saksi_err err = SAKSI_MALFORMED;

	if (rc == SQLITE_ROW)
		err = head_read(q, h, edge);
	else if (rc != SQLITE_DONE)
		err = failed(s, rc);
	(void)sqlite3_reset(q);
	return err;
}

static enum saksi_err swap(struct saksi_state *s, const struct saksi_head *old,
			   const struct saksi_head *next)
{
	sqlite3_stmt *q = use(s, SWAP);

	bind_u64(q, 1, next->size);
	bind_hash(q, 2, &next->root);
	bind_bytes(q, 3, saksi_buf_bytes(&s->edge));
	bind_hash(q, 4, &next->staged);
	(void)sqlite3_bind_int64(q, 5, next->time_utc);
	bind_u64(q, 6, old->size);
	bind_hash(q, 7, &old->root);
	bind_bytes(q, 8, (struct saksi_bytes){next->note, next->note_len});
	SAKSI_TRY(run(s, q));
	if (sqlite3_changes(s->db) != 1)
		return SAKSI_REFUSED;
	q = use(s, SIGN);
	bind_u64(q, 1, next->size);
	bind_hash(q, 2, &next->root);
	(void)sqlite3_bind_int64(q, 5, next->time_utc);
	return run(s, q);
}

enum saksi_err saksi_state_swap(struct saksi_state *s, const struct saksi_head *old,
				const struct saksi_head *next,
				const struct saksi_frontier *edge)
{
	saksi_buf_clear(&s->edge);
	saksi_frontier_write(edge, &s->edge);
	SAKSI_TRY(saksi_buf_check(&s->edge));
	SAKSI_TRY(begin(s, BEGIN));
	return end(s, swap(s, old, next));
}

static enum saksi_err renote(struct saksi_state *s, const struct saksi_head *h)
{
	sqlite3_stmt *q = use(s, RENOTE);

	bind_u64(q, 1, h->size);
	bind_hash(q, 2, &h->root);
	bind_bytes(q, 3, (struct saksi_bytes){h->note, h->note_len});
	SAKSI_TRY(run(s, q));
	return sqlite3_changes(s->db) == 1 ? SAKSI_OK : SAKSI_REFUSED;
}

enum saksi_err saksi_state_renote(struct saksi_state *s, const struct saksi_head *h)
{
	SAKSI_TRY(begin(s, BEGIN));
	return end(s, renote(s, h));
}

enum saksi_err saksi_state_placed(struct saksi_state *s, uint64_t size)
{
	sqlite3_stmt *q;

	SAKSI_TRY(begin(s, BEGIN));
	q = use(s, PLACED);
	bind_u64(q, 1, size);
	return end(s, run(s, q));
}

enum saksi_err saksi_state_signed(struct saksi_state *s, uint64_t at_least,
				  uint64_t *size, struct saksi_hash *root)
{
	sqlite3_stmt *q = use(s, SIGNED);
	enum saksi_err err = SAKSI_MISSING;
	int rc;

	bind_u64(q, 1, at_least);
	rc = sqlite3_step(q);
	if (rc == SQLITE_ROW) {
		*size = column_u64(q, 0);
		err = column_hash(q, 1, root) ? SAKSI_OK : SAKSI_MALFORMED;
	} else if (rc != SQLITE_DONE) {
		err = failed(s, rc);
	}
	(void)sqlite3_reset(q);
	return err;
}

/* ---- addenda */

enum saksi_err saksi_state_named(struct saksi_state *s, const struct saksi_hash *digest,
				 bool *received)
{
	sqlite3_stmt *q = use(s, NAMED);
	int rc;

	bind_hash(q, 1, digest);
	rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		*received = sqlite3_column_int(q, 0) != 0;
	(void)sqlite3_reset(q);
	if (rc == SQLITE_ROW)
		return SAKSI_OK;
	return rc == SQLITE_DONE ? SAKSI_MISSING : failed(s, rc);
}

enum saksi_err saksi_state_received(struct saksi_state *s,
				    const struct saksi_hash *digest)
{
	sqlite3_stmt *q;

	SAKSI_TRY(begin(s, BEGIN));
	q = use(s, RECEIVED);
	bind_hash(q, 1, digest);
	return end(s, run(s, q));
}

enum saksi_err saksi_state_each_named(
    struct saksi_state *s,
    enum saksi_err (*each)(void *ctx, const struct saksi_hash *digest, bool received),
    void *ctx)
{
	sqlite3_stmt *q = use(s, EACH_NAMED);
	enum saksi_err err = SAKSI_OK;
	int rc = SQLITE_DONE;

	while (err == SAKSI_OK && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		struct saksi_hash digest;

		err = SAKSI_MALFORMED;
		if (column_hash(q, 0, &digest))
			err = each(ctx, &digest, sqlite3_column_int(q, 1) != 0);
	}
	(void)sqlite3_reset(q);
	if (err == SAKSI_OK && rc != SQLITE_DONE)
		return failed(s, rc);
	return err;
}
