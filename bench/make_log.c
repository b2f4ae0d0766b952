/* rooms: base crypto merkle note statement ledger verify store net log
 *
 * make_log LOG ENTRIES: fills a log that saksi log init --open made, and that is
 * empty, with ENTRIES small entries at once: the public folder, the batches and the
 * tree in state.db (docs/formats/logdir.md).  Nothing is made durable: it is for
 * measuring what a large log costs, and is thrown away. */
#include "bench.h"

#include "base/text.h"
#include "log/frontier.h"
#include "note/checkpoint.h"
#include "note/note.h"
#include "store/files.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENTRY_LEN 16
#define STEP (2 + ENTRY_LEN)
#define PER_BATCH 4096
#define TIME 1790000000 /* some instant, so that two runs give the same bytes */

static int pub;
static sqlite3 *db;
static uint8_t body[PER_BATCH * STEP];

static void put_file(const struct saksi_tile *t, const void *bytes, size_t len)
{
	char path[SAKSI_TILE_PATH_LEN];
	int fd;

	saksi_tile_path(t, path);
	fd = openat(pub, path, O_WRONLY | O_CREAT | O_EXCL, 0644);
	for (char *s = path; fd < 0 && (s = strchr(s, '/')) != NULL; s++) {
		*s = '\0';
		(void)mkdirat(pub, path, 0755);
		*s = '/';
	}
	if (fd < 0)
		fd = openat(pub, path, O_WRONLY | O_CREAT | O_EXCL, 0644);
	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) != 0)
		bench_fail("a tile cannot be written");
}

static enum saksi_err put_tile(void *ctx, const struct saksi_tile *t,
			       const struct saksi_hash *hashes)
{
	(void)ctx;
	put_file(t, hashes[0].b, (size_t)t->width * SAKSI_HASH_LEN);
	return SAKSI_OK;
}

static const struct saksi_tile_sink sink = {NULL, put_tile};

static void run(const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		bench_fail(sqlite3_errmsg(db));
}

static void step(sqlite3_stmt *q)
{
	if (sqlite3_step(q) != SQLITE_DONE || sqlite3_reset(q) != SQLITE_OK)
		bench_fail(sqlite3_errmsg(db));
}

static sqlite3_stmt *ask(const char *sql)
{
	sqlite3_stmt *q;

	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
		bench_fail(sqlite3_errmsg(db));
	return q;
}

/* `count` entries from `first` on, a multiple of 256. */
static void add(struct saksi_frontier *f, uint64_t first, size_t count)
{
	static struct saksi_bytes records[PER_BATCH];
	static struct saksi_hash leaves[PER_BATCH];

	for (size_t i = 0; i < count; i++) {
		char text[ENTRY_LEN + 1];
		uint8_t *at = body + i * STEP;

		(void)snprintf(text, sizeof text, "entry %010llu",
			       (unsigned long long)(first + i));
		at[0] = 0;
		at[1] = ENTRY_LEN;
		memcpy(at + 2, text, ENTRY_LEN);
		records[i] = (struct saksi_bytes){at + 2, ENTRY_LEN};
	}
	saksi_hash_leaves(records, count, leaves);
	if (saksi_frontier_add(f, leaves, count, &sink) != SAKSI_OK)
		bench_fail("no tree");
	for (size_t i = 0; i < count; i += SAKSI_TILE_WIDTH) {
		size_t n = count - i < SAKSI_TILE_WIDTH ? count - i : SAKSI_TILE_WIDTH;
		struct saksi_tile t = {SAKSI_TILE_ENTRIES,
				       (first + i) / SAKSI_TILE_WIDTH, (uint16_t)n};

		put_file(&t, body + i * STEP, n * STEP);
	}
}

static void sign(int dir, uint64_t size, const struct saksi_hash *root,
		 struct saksi_buf *note)
{
	uint8_t room[1024], text_room[1024];
	struct saksi_buf key = saksi_buf_fixed(room, sizeof room);
	struct saksi_buf text = saksi_buf_fixed(text_room, sizeof text_room);
	struct saksi_checkpoint p = {.size = size, .root = *root};
	struct saksi_signer *s;
	struct saksi_vkey k;

	if (saksi_file_read(dir, "key", true, &key) != SAKSI_OK ||
	    saksi_skey_read(saksi_buf_bytes(&key), &k, &s, NULL) != SAKSI_OK)
		bench_fail("the log's key cannot be read");
	p.origin = k.name;
	saksi_checkpoint_write(&p, &text);
	saksi_buf_put(note, saksi_buf_bytes(&text));
	saksi_buf_puts(note, "\n");
	saksi_note_sign(saksi_buf_bytes(&text), &k, s, note);
	if (saksi_buf_check(note) != SAKSI_OK)
		bench_fail("no checkpoint");
	saksi_signer_free(s);
}

static void put_tree(const struct saksi_frontier *f, const struct saksi_hash *root,
		     struct saksi_bytes note)
{
	struct saksi_buf edge = saksi_buf_growing(SAKSI_FRONTIER_MAX);
	sqlite3_stmt *q =
	    ask("UPDATE tree SET size = ?1, root = ?2, edge = ?3, staged = ?2, "
		"placed = 1, time = ?4, note = ?5");

	saksi_frontier_write(f, &edge);
	(void)sqlite3_bind_int64(q, 1, (int64_t)f->size);
	(void)sqlite3_bind_blob(q, 2, root->b, sizeof root->b, SQLITE_STATIC);
	(void)sqlite3_bind_blob64(q, 3, edge.len > 0 ? (void *)edge.at : "", edge.len,
				  SQLITE_STATIC);
	(void)sqlite3_bind_int64(q, 4, TIME);
	(void)sqlite3_bind_blob64(q, 5, note.at, note.len, SQLITE_STATIC);
	step(q);
	(void)sqlite3_finalize(q);
	run("INSERT INTO signed SELECT size, root, time FROM tree");
	saksi_buf_free(&edge);
}

static void fill(struct saksi_frontier *f, uint64_t entries)
{
	sqlite3_stmt *q = ask("INSERT INTO batch (first, count, time, body) "
			      "VALUES (?1, ?2, ?3, ?4)");

	while (f->size < entries) {
		uint64_t first = f->size, left = entries - first;
		size_t count = left < PER_BATCH ? (size_t)left : PER_BATCH;

		add(f, first, count);
		(void)sqlite3_bind_int64(q, 1, (int64_t)first);
		(void)sqlite3_bind_int64(q, 2, (int64_t)count);
		(void)sqlite3_bind_int64(q, 3, TIME);
		(void)sqlite3_bind_blob64(q, 4, body, count * STEP, SQLITE_STATIC);
		step(q);
	}
	(void)sqlite3_finalize(q);
}

int main(int argc, char **argv)
{
	struct saksi_frontier *f = calloc(1, sizeof *f);
	struct saksi_buf note = saksi_buf_growing(4096);
	char state[4096];
	int dir;

	if (argc != 3 || f == NULL || saksi_crypto_begin() != SAKSI_OK)
		bench_fail("usage: make_log LOG ENTRIES");
	(void)snprintf(state, sizeof state, "%s/state.db", argv[1]);
	if (saksi_dir_open(argv[1], &dir) != SAKSI_OK ||
	    (pub = openat(dir, "public", O_RDONLY | O_DIRECTORY)) < 0 ||
	    sqlite3_open_v2(state, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		bench_fail("no log there: make one with saksi log init --open");
	run("PRAGMA synchronous = OFF; PRAGMA cache_size = -8000; BEGIN IMMEDIATE");
	saksi_frontier_begin(f);
	fill(f, strtoull(argv[2], NULL, 10));
	if (saksi_frontier_partials(f, 0, &sink) != SAKSI_OK)
		bench_fail("no partial tiles");
	struct saksi_hash root = saksi_frontier_root(f);
	sign(dir, f->size, &root, &note);
	put_tree(f, &root, saksi_buf_bytes(&note));
	run("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
	if (saksi_file_replace(pub, "checkpoint", saksi_buf_bytes(&note), 0644) !=
	    SAKSI_OK)
		bench_fail("the checkpoint cannot be written");
	(void)sqlite3_close(db);
	saksi_buf_free(&note);
	free(f);
	return 0;
}
