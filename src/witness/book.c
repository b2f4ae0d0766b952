/* Invariants
 * 1. WAL and synchronous=FULL: a COMMIT that answered OK survives a power cut.
 * 2. A transaction is begun IMMEDIATE: what was read in it still holds when it
 *    writes, also against another process.
 * 3. Statements are prepared once and kept; each is run and reset in one function:
 *    none is left half read, which would keep an old snapshot alive. */
#include "witness/book.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	VERSION = 1,
	APPLICATION = 0x53616b77,
	BUSY_MS = 5000,
	KEYS_MAX = 64,
	ASKED_MAX = 24 /* different statements in this file */
};

static const char schema[] =
    "PRAGMA application_id = 1398893431; PRAGMA user_version = 1;"
    "CREATE TABLE witness (one INTEGER PRIMARY KEY CHECK (one = 1), "
    "vkey TEXT NOT NULL, signed INTEGER NOT NULL);"
    "CREATE TABLE log (origin TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, "
    "size INTEGER NOT NULL, root BLOB NOT NULL, time INTEGER NOT NULL, "
    "note BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE key (origin TEXT NOT NULL, vkey TEXT NOT NULL, "
    "added INTEGER NOT NULL, PRIMARY KEY (origin, vkey)) WITHOUT ROWID;"
    "CREATE TABLE evidence (origin TEXT NOT NULL, kind TEXT NOT NULL, "
    "size INTEGER NOT NULL, root BLOB NOT NULL, time INTEGER NOT NULL, "
    "note BLOB NOT NULL, held BLOB NOT NULL, "
    "PRIMARY KEY (origin, kind, size, root)) WITHOUT ROWID;";

struct saksi_book {
	sqlite3 *db;
	struct {
		const char *sql; /* a literal, known by its address */
		sqlite3_stmt *q;
	} asked[ASKED_MAX];
};

/* ---- running statements */

static sqlite3_stmt *ask(struct saksi_book *b, const char *sql)
{
	size_t i = 0;

	while (i < ASKED_MAX && b->asked[i].sql != NULL && b->asked[i].sql != sql)
		i++;
	if (i == ASKED_MAX)
		return NULL;
	if (b->asked[i].sql == NULL) {
		if (sqlite3_prepare_v3(b->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
				       &b->asked[i].q, NULL) != SQLITE_OK)
			return NULL;
		b->asked[i].sql = sql;
	}
	return b->asked[i].q;
}

/* What was bound is the caller's and does not outlive the call. */
static void done(sqlite3_stmt *q)
{
	if (q == NULL)
		return;
	(void)sqlite3_reset(q);
	(void)sqlite3_clear_bindings(q);
}

static void end(struct saksi_book *b)
{
	for (size_t i = 0; i < ASKED_MAX; i++)
		(void)sqlite3_finalize(b->asked[i].q);
	(void)sqlite3_close(b->db);
}

/* All bindings take a NULL statement, and fail later in `run` and `row`. */
static void put_text(sqlite3_stmt *q, int at, struct saksi_bytes s)
{
	if (q != NULL)
		(void)sqlite3_bind_text64(q, at, (const char *)s.at, s.len,
					  SQLITE_STATIC, SQLITE_UTF8);
}

static void put_blob(sqlite3_stmt *q, int at, struct saksi_bytes s)
{
	/* A NULL pointer would bind NULL instead of nothing. */
	if (q != NULL)
		(void)sqlite3_bind_blob64(q, at, s.len > 0 ? (const void *)s.at : "",
					  s.len, SQLITE_STATIC);
}

static void put_int(sqlite3_stmt *q, int at, int64_t v)
{
	if (q != NULL)
		(void)sqlite3_bind_int64(q, at, v);
}

/* Runs what gives no row, and ends it. */
static enum saksi_err run(sqlite3_stmt *q)
{
	if (q == NULL)
		return SAKSI_IO;
	int rc = sqlite3_step(q);
	done(q);
	return rc == SQLITE_DONE ? SAKSI_OK : SAKSI_IO;
}

/* OK: there is a row, MISSING: no more. */
static enum saksi_err row(sqlite3_stmt *q)
{
	if (q == NULL)
		return SAKSI_IO;
	int rc = sqlite3_step(q);
	return rc == SQLITE_ROW    ? SAKSI_OK
	       : rc == SQLITE_DONE ? SAKSI_MISSING
				   : SAKSI_IO;
}

static struct saksi_bytes column(sqlite3_stmt *q, int at)
{
	const void *blob = sqlite3_column_blob(q, at);
	int len = sqlite3_column_bytes(q, at);

	return (struct saksi_bytes){blob, blob != NULL && len > 0 ? (size_t)len : 0};
}

static enum saksi_err column_hash(sqlite3_stmt *q, int at, struct saksi_hash *out)
{
	struct saksi_bytes b = column(q, at);

	if (b.len != sizeof out->b)
		return SAKSI_IO;
	memcpy(out->b, b.at, sizeof out->b);
	return SAKSI_OK;
}

static enum saksi_err number(struct saksi_book *b, const char *sql, int64_t *out)
{
	sqlite3_stmt *q = ask(b, sql);
	enum saksi_err err = row(q);

	if (err == SAKSI_OK)
		*out = sqlite3_column_int64(q, 0);
	done(q);
	return err == SAKSI_MISSING ? SAKSI_IO : err;
}

/* ---- opening */

static enum saksi_err set_up(struct saksi_book *b)
{
	(void)sqlite3_busy_timeout(b->db, BUSY_MS);
	int rc =
	    sqlite3_exec(b->db,
			 "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			 "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;",
			 NULL, NULL, NULL);
	return rc == SQLITE_OK ? SAKSI_OK : SAKSI_IO;
}

static enum saksi_err fill(struct saksi_book *b, struct saksi_bytes vkey)
{
	SAKSI_TRY(set_up(b));
	if (sqlite3_exec(b->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(b->db, schema, NULL, NULL, NULL) != SQLITE_OK)
		return SAKSI_IO;
	sqlite3_stmt *q = ask(b, "INSERT INTO witness VALUES (1, ?, 0)");
	put_text(q, 1, vkey);
	SAKSI_TRY(run(q));
	return sqlite3_exec(b->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ? SAKSI_OK
									    : SAKSI_IO;
}

enum saksi_err saksi_book_create(const char *file, struct saksi_bytes vkey,
				 struct saksi_why *w)
{
	struct saksi_book b = {0};
	enum saksi_err err = SAKSI_IO;

	if (access(file, F_OK) == 0)
		return saksi_why_set(w, SAKSI_REFUSED, "%s: is there already", file);
	if (sqlite3_open_v2(file, &b.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			    NULL) == SQLITE_OK)
		err = fill(&b, vkey);
	if (err != SAKSI_OK)
		(void)saksi_why_set(w, err, "%s: cannot be written: %s", file,
				    b.db != NULL ? sqlite3_errmsg(b.db) : "no memory");
	end(&b);
	return err;
}

static enum saksi_err check(struct saksi_book *b, const char *file, struct saksi_why *w)
{
	int64_t version, application;

	if (set_up(b) != SAKSI_OK || number(b, "PRAGMA user_version", &version) != 0 ||
	    number(b, "PRAGMA application_id", &application) != 0)
		return saksi_why_set(w, SAKSI_IO, "%s: cannot be read: %s", file,
				     sqlite3_errmsg(b->db));
	if (application != APPLICATION)
		return saksi_why_set(w, SAKSI_MALFORMED,
				     "%s: is not the state of a witness", file);
	if (version > VERSION)
		return saksi_why_set(w, SAKSI_NEWER,
				     "%s: is of version %lld, this program knows %d: "
				     "use a newer saksi",
				     file, (long long)version, VERSION);
	sqlite3_stmt *q = ask(b, "PRAGMA quick_check(1)");
	bool whole = row(q) == SAKSI_OK && saksi_bytes_is(column(q, 0), "ok");
	done(q);
	if (!whole)
		return saksi_why_set(
		    w, SAKSI_MALFORMED,
		    "%s: is damaged: make a new witness with a new key; "
		    "an old copy would forget what it cosigned",
		    file);
	return SAKSI_OK;
}

enum saksi_err saksi_book_open(const char *file, struct saksi_book **out,
			       struct saksi_why *w)
{
	struct saksi_book *b;

	if (access(file, F_OK) != 0 && errno == ENOENT)
		return saksi_why_set(
		    w, SAKSI_MISSING,
		    "%s: is not there; if this witness ever cosigned, "
		    "make a new one with a new key: without its memory "
		    "it would cosign a second history",
		    file);
	b = calloc(1, sizeof *b);
	if (b == NULL)
		return saksi_why_set(w, SAKSI_NOMEM, "out of memory");
	enum saksi_err err;
	if (sqlite3_open_v2(file, &b->db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK)
		err = check(b, file, w);
	else
		err =
		    saksi_why_set(w, SAKSI_IO, "%s: cannot be opened: %s", file,
				  b->db != NULL ? sqlite3_errmsg(b->db) : "no memory");
	if (err != SAKSI_OK) {
		saksi_book_close(b);
		return err;
	}
	*out = b;
	return SAKSI_OK;
}

void saksi_book_close(struct saksi_book *b)
{
	if (b == NULL)
		return;
	end(b);
	free(b);
}

/* ---- logs and keys */

enum saksi_err saksi_book_vkey(struct saksi_book *b, struct saksi_buf *out)
{
	sqlite3_stmt *q = ask(b, "SELECT vkey FROM witness");
	enum saksi_err err = row(q);

	if (err == SAKSI_OK) {
		saksi_buf_put(out, column(q, 0));
		err = saksi_buf_check(out);
	}
	done(q);
	return err == SAKSI_MISSING ? SAKSI_IO : err;
}

static enum saksi_err add(struct saksi_book *b, struct saksi_bytes origin,
			  struct saksi_bytes vkey, int64_t now_utc)
{
	struct saksi_hash hash = saksi_hash_of(origin), empty = saksi_hash_empty();

	sqlite3_stmt *q = ask(b, "INSERT OR IGNORE INTO log (origin, hash, size, root, "
				 "time, note) VALUES (?, ?, 0, ?, 0, x'')");
	put_text(q, 1, origin);
	put_blob(q, 2, saksi_hash_bytes(&hash));
	put_blob(q, 3, saksi_hash_bytes(&empty));
	SAKSI_TRY(run(q));
	q = ask(b, "INSERT OR IGNORE INTO key VALUES (?, ?, ?)");
	put_text(q, 1, origin);
	put_text(q, 2, vkey);
	put_int(q, 3, now_utc);
	SAKSI_TRY(run(q));
	q = ask(b, "SELECT count(*) FROM key WHERE origin = ?");
	put_text(q, 1, origin);
	bool fits = row(q) == SAKSI_OK && sqlite3_column_int64(q, 0) <= KEYS_MAX;
	done(q);
	return fits ? SAKSI_OK : SAKSI_LIMIT;
}

enum saksi_err saksi_book_add(struct saksi_book *b, struct saksi_bytes origin,
			      struct saksi_bytes vkey, int64_t now_utc)
{
	SAKSI_TRY(saksi_book_begin(b));
	enum saksi_err err = add(b, origin, vkey, now_utc);
	if (err == SAKSI_OK)
		return saksi_book_commit(b);
	saksi_book_drop(b);
	return err;
}

static enum saksi_err take_key(sqlite3_stmt *q, struct saksi_arena *a,
			       struct saksi_vkey *out)
{
	struct saksi_bytes text = saksi_arena_copy(a, column(q, 0));

	if (text.at == NULL)
		return SAKSI_NOMEM;
	return saksi_vkey_read(text, out, NULL) == SAKSI_OK ? SAKSI_OK : SAKSI_IO;
}

enum saksi_err saksi_book_keys(struct saksi_book *b, struct saksi_bytes origin,
			       struct saksi_arena *a, const struct saksi_vkey **keys,
			       size_t *count)
{
	struct saksi_vkey *all = saksi_arena_new(a, KEYS_MAX, sizeof *all);
	size_t n = 0;
	enum saksi_err err;

	if (all == NULL)
		return SAKSI_NOMEM;
	sqlite3_stmt *q = ask(b, "SELECT vkey FROM key WHERE origin = ? ORDER BY vkey");
	put_text(q, 1, origin);
	while ((err = row(q)) == SAKSI_OK) {
		err = n < KEYS_MAX ? take_key(q, a, &all[n]) : SAKSI_LIMIT;
		if (err != SAKSI_OK)
			break;
		n++;
	}
	done(q);
	if (err != SAKSI_MISSING)
		return err;
	if (n == 0)
		return SAKSI_MISSING;
	*keys = all;
	*count = n;
	return SAKSI_OK;
}

/* ---- one transaction */

enum saksi_err saksi_book_begin(struct saksi_book *b)
{
	saksi_book_drop(b); /* left open when an earlier drop failed */
	return run(ask(b, "BEGIN IMMEDIATE"));
}

enum saksi_err saksi_book_commit(struct saksi_book *b)
{
	enum saksi_err err = run(ask(b, "COMMIT"));

	saksi_book_drop(b);
	return err;
}

void saksi_book_drop(struct saksi_book *b)
{
	if (sqlite3_get_autocommit(b->db) == 0)
		(void)sqlite3_exec(b->db, "ROLLBACK", NULL, NULL, NULL);
}

enum saksi_err saksi_book_held(struct saksi_book *b, struct saksi_bytes origin,
			       struct saksi_witness_held *held, int64_t *signed_utc)
{
	sqlite3_stmt *q = ask(b, "SELECT log.size, log.root, witness.signed "
				 "FROM log, witness WHERE origin = ?");
	put_text(q, 1, origin);
	enum saksi_err err = row(q);
	if (err == SAKSI_OK) {
		held->size = (uint64_t)sqlite3_column_int64(q, 0);
		*signed_utc = sqlite3_column_int64(q, 2);
		err = column_hash(q, 1, &held->root);
	}
	done(q);
	return err;
}

enum saksi_err saksi_book_put(struct saksi_book *b, const struct saksi_checkpoint *p,
			      int64_t now_utc, struct saksi_bytes note)
{
	sqlite3_stmt *q =
	    ask(b, "UPDATE log SET size = ?, root = ?, time = ?, note = ? "
		   "WHERE origin = ? AND size <= ?1");
	put_int(q, 1, (int64_t)p->size);
	put_blob(q, 2, saksi_hash_bytes(&p->root));
	put_int(q, 3, now_utc);
	put_blob(q, 4, note);
	put_text(q, 5, p->origin);
	SAKSI_TRY(run(q));
	if (sqlite3_changes(b->db) != 1)
		return SAKSI_IO;
	q = ask(b, "UPDATE witness SET signed = ? WHERE signed <= ?1");
	put_int(q, 1, now_utc);
	SAKSI_TRY(run(q));
	return sqlite3_changes(b->db) == 1 ? SAKSI_OK : SAKSI_IO;
}

enum saksi_err saksi_book_keep(struct saksi_book *b, const struct saksi_checkpoint *p,
			       const char *kind, int64_t now_utc,
			       struct saksi_bytes note)
{
	sqlite3_stmt *q =
	    ask(b, "INSERT OR IGNORE INTO evidence SELECT ?1, ?2, ?3, ?4, ?5, ?6, "
		   "log.note FROM log WHERE origin = ?1 AND (SELECT count(*) FROM "
		   "evidence WHERE origin = ?1 AND kind = ?2) < ?7");
	put_text(q, 1, p->origin);
	put_text(q, 2, saksi_bytes_of(kind));
	put_int(q, 3, (int64_t)p->size);
	put_blob(q, 4, saksi_hash_bytes(&p->root));
	put_int(q, 5, now_utc);
	put_blob(q, 6, note);
	put_int(q, 7, SAKSI_BOOK_KEEP);
	return run(q);
}

/* ---- looking */

enum saksi_err saksi_book_latest(struct saksi_book *b,
				 const struct saksi_hash *origin_hash,
				 struct saksi_buf *out)
{
	sqlite3_stmt *q = ask(b, "SELECT note FROM log WHERE hash = ? AND time > 0");
	put_blob(q, 1, saksi_hash_bytes(origin_hash));
	enum saksi_err err = row(q);
	if (err == SAKSI_OK) {
		saksi_buf_put(out, column(q, 0));
		err = saksi_buf_check(out);
	}
	done(q);
	return err;
}

enum saksi_err saksi_book_signed(struct saksi_book *b, int64_t *utc)
{
	return number(b, "SELECT signed FROM witness", utc);
}

enum saksi_err saksi_book_each_log(struct saksi_book *b,
				   void (*each)(void *ctx,
						const struct saksi_witness_log *l),
				   void *ctx)
{
	sqlite3_stmt *q =
	    ask(b, "SELECT origin, size, root, time, "
		   "(SELECT count(*) FROM key WHERE key.origin = log.origin), "
		   "(SELECT count(*) FROM evidence WHERE evidence.origin = log.origin) "
		   "FROM log ORDER BY origin");
	enum saksi_err err;

	while ((err = row(q)) == SAKSI_OK) {
		struct saksi_witness_log l = {
		    .origin = column(q, 0),
		    .size = (uint64_t)sqlite3_column_int64(q, 1),
		    .cosigned_utc = sqlite3_column_int64(q, 3),
		    .keys = (uint64_t)sqlite3_column_int64(q, 4),
		    .evidence = (uint64_t)sqlite3_column_int64(q, 5)};
		err = column_hash(q, 2, &l.root);
		if (err != SAKSI_OK)
			break;
		each(ctx, &l);
	}
	done(q);
	return err == SAKSI_MISSING ? SAKSI_OK : err;
}

static const char *kind_of(struct saksi_bytes text)
{
	return saksi_bytes_is(text, "root")    ? "root"
	       : saksi_bytes_is(text, "empty") ? "empty"
					       : "proof";
}

enum saksi_err saksi_book_each_seen(struct saksi_book *b,
				    void (*each)(void *ctx,
						 const struct saksi_witness_seen *s),
				    void *ctx)
{
	sqlite3_stmt *q =
	    ask(b, "SELECT origin, kind, size, root, time, note, held "
		   "FROM evidence ORDER BY time, origin, kind, size, root");
	enum saksi_err err;

	while ((err = row(q)) == SAKSI_OK) {
		struct saksi_witness_seen s = {.origin = column(q, 0),
					       .kind = kind_of(column(q, 1)),
					       .size =
						   (uint64_t)sqlite3_column_int64(q, 2),
					       .seen_utc = sqlite3_column_int64(q, 4),
					       .note = column(q, 5),
					       .held = column(q, 6)};
		err = column_hash(q, 3, &s.root);
		if (err != SAKSI_OK)
			break;
		each(ctx, &s);
	}
	done(q);
	return err == SAKSI_MISSING ? SAKSI_OK : err;
}
