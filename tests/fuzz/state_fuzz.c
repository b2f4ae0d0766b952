/* rooms: base crypto merkle note statement ledger verify store net log */
/* What state.db holds, as somebody else may have written it: after four bytes of
 * sizes the body of a batch and, after its length, the right edge of the tree.
 * What is read is well formed, and an entry is handed on once and whole. */
#include "log/state.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char file[300];
static sqlite3 *db;
static struct saksi_state *state;

static void end(void)
{
	static const char *const tails[] = {"", "-wal", "-shm"};
	char path[320];

	saksi_state_close(state);
	(void)sqlite3_close(db);
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s%s", file, tails[i]);
		(void)unlink(path);
	}
	*strrchr(file, '/') = '\0';
	(void)rmdir(file);
}

static void begin(void)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(file, sizeof(file), "%s/fuzz-state-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(file))
		abort();
	(void)memcpy(file + strlen(file), "/state.db", sizeof("/state.db"));
	if (saksi_state_open(file, SAKSI_STATE_MAKE, &state, NULL) != SAKSI_OK ||
	    sqlite3_open(file, &db) != SQLITE_OK || atexit(end) != 0 ||
	    sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL) != SQLITE_OK)
		abort();
}

static void set(const char *sql, int64_t one, int64_t two, struct saksi_bytes blob)
{
	sqlite3_stmt *q;

	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK ||
	    sqlite3_bind_int64(q, 1, one) != SQLITE_OK ||
	    sqlite3_bind_int64(q, 2, two) != SQLITE_OK ||
	    sqlite3_bind_blob64(q, 3, blob.len > 0 ? blob.at : (const uint8_t *)"",
				blob.len, SQLITE_TRANSIENT) != SQLITE_OK ||
	    sqlite3_step(q) != SQLITE_DONE || sqlite3_finalize(q) != SQLITE_OK)
		abort();
}

struct walked {
	uint64_t next;
	size_t bytes;
};

static enum saksi_err each(void *ctx, uint64_t index, struct saksi_bytes entry)
{
	struct walked *w = ctx;

	if (index != w->next)
		abort();
	w->next++;
	w->bytes += 2 + entry.len;
	return SAKSI_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct saksi_frontier edge;
	struct saksi_head h;
	struct walked w = {0};
	uint64_t next;

	if (size < 6 || size > 65536)
		return 0;
	if (state == NULL)
		begin();
	const uint64_t count = (uint64_t)data[0] << 8 | data[1];
	const uint64_t tree = (uint64_t)data[2] << 8 | data[3];
	size_t body = (size_t)data[4] << 8 | data[5];
	if (body > size - 6)
		body = size - 6;
	const struct saksi_bytes first = {data + 6, body},
				 last = {data + 6 + body, size - 6 - body};
	set("REPLACE INTO batch VALUES (0, ?1, ?2, ?3)", (int64_t)count, 1, first);
	set("UPDATE tree SET size = ?1, placed = ?2, edge = ?3", (int64_t)tree, 1,
	    last);
	/* The root is wrong, which is told only after the edge is read. */
	const enum saksi_err err = saksi_state_head(state, &h, &edge);
	if (err != SAKSI_MALFORMED && (err != SAKSI_OK || edge.size != 0))
		abort();
	if (saksi_state_next(state, &next) != SAKSI_OK)
		abort();
	if (saksi_state_walk(state, 0, count, each, &w) == SAKSI_OK &&
	    (w.next != count || w.bytes != (count > 0 ? first.len : 0)))
		abort();
	return 0;
}
