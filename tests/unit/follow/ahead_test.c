/* A tree derived from a folder gives the same answer on one thread and on many,
 * whatever is wrong with its files; and what is made ahead comes in order. */
#include "../verify/memlog.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "follow/ahead.h"
#include "follow/look.h"
#include "store/files.h"

#define ENTRIES 1000 /* three whole tiles and one of 232 */

static int threads_left = -1; /* that pthread_create still gives; -1: all */

int __real_pthread_create(pthread_t *t, const pthread_attr_t *attr,
			  void *(*work)(void *), void *ctx);
int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *attr,
			  void *(*work)(void *), void *ctx);
int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *attr,
			  void *(*work)(void *), void *ctx)
{
	if (threads_left == 0)
		return EAGAIN;
	if (threads_left > 0)
		threads_left--;
	return __real_pthread_create(t, attr, work, ctx);
}

struct folder {
	struct memlog m;
	struct saksi_verifier v;
	struct saksi_judged j;
	char dir[64];
	int fd;
};

static void put_in(struct folder *f, const char *path, struct saksi_bytes data)
{
	char folder[128], *slash;

	(void)snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (slash != NULL) {
		*slash = '\0';
		CHECK(saksi_dir_make(f->fd, folder, 0755) == SAKSI_OK);
	}
	CHECK(saksi_file_place(f->fd, path, data, 0644) == SAKSI_OK);
}

static const char *const paths[] = {
    "tile/0/000",       "tile/0/001",       "tile/0/002",
    "tile/0/003.p/232", "tile/1/000.p/3",   "tile/entries/000",
    "tile/entries/001", "tile/entries/002", "tile/entries/003.p/232",
};
#define PATHS (sizeof(paths) / sizeof(paths[0]))
#define ABOVE 4 /* paths before are of level 0, paths after are bundles */

static void put_true(struct folder *f, size_t p)
{
	struct saksi_buf b = saksi_buf_growing(1U << 20);

	CHECK(mem_get(&f->m, paths[p], &b) == SAKSI_OK);
	put_in(f, paths[p], saksi_buf_bytes(&b));
	saksi_buf_free(&b);
}

static int begin(void **state)
{
	static struct folder f;
	struct saksi_bytes note;

	(void)snprintf(f.dir, sizeof(f.dir), "/tmp/saksi-ahead-XXXXXX");
	assert_non_null(mkdtemp(f.dir));
	CHECK(saksi_dir_open(f.dir, &f.fd) == SAKSI_OK);
	mem_begin(&f.m);
	mem_fill(&f.m, ENTRIES, 1);
	f.v = mem_verifier(&f.m, NULL);
	note = mem_point(&f.m, ENTRIES, NOON);
	f.j = mem_judged(&f.v, note);
	put_in(&f, "checkpoint", note);
	for (size_t p = 0; p < PATHS; p++)
		put_true(&f, p);
	*state = &f;
	return 0;
}

static int end(void **state)
{
	struct folder *f = *state;
	char cmd[128];

	(void)close(f->fd);
	mem_end(&f->m);
	(void)snprintf(cmd, sizeof(cmd), "rm -r %s", f->dir);
	return system(cmd);
}

static enum saksi_err derive(struct folder *f, uint8_t level, unsigned threads)
{
	struct saksi_place *place;
	enum saksi_err err;

	CHECK(saksi_place_open(f->dir, &place, NULL) == SAKSI_OK);
	struct saksi_ahead *a = saksi_ahead_begin(saksi_place_dir(place), level,
						  ENTRIES / SAKSI_TILE_WIDTH, threads);
	struct saksi_rederive r = {.source = saksi_place_source(place),
				   .level = level,
				   .ahead = saksi_ahead_root,
				   .ahead_ctx = a};

	CHECK((a != NULL) == (threads > 0));
	err = saksi_verify_tree(&r, &f->j);
	saksi_ahead_end(a);
	saksi_place_close(place);
	return err;
}

enum way { FIRST, MIDDLE, LAST, SHORT, LONG, GONE, NO_FILE, WAYS };

/* What a reader of this file must say. */
static enum saksi_err spoil(struct folder *f, size_t p, enum way way)
{
	static const enum saksi_err of_tiles[WAYS] = {
	    SAKSI_REFUSED,   SAKSI_REFUSED, SAKSI_REFUSED, SAKSI_MALFORMED,
	    SAKSI_MALFORMED, SAKSI_MISSING, SAKSI_IO};
	static const enum saksi_err of_bundles[WAYS] = {
	    SAKSI_REFUSED, SAKSI_REFUSED, SAKSI_REFUSED,
	    SAKSI_REFUSED, SAKSI_OK, /* what comes after the entries is not read here */
	    SAKSI_MISSING, SAKSI_IO};
	struct saksi_buf b = saksi_buf_growing(1U << 20);

	CHECK(mem_get(&f->m, paths[p], &b) == SAKSI_OK);
	if (way <= LAST)
		b.at[way == FIRST ? 0 : way == MIDDLE ? b.len / 2 : b.len - 1] ^= 1;
	else if (way == SHORT)
		b.len--;
	else if (way == LONG)
		saksi_buf_put_u8(&b, 0);
	CHECK(unlinkat(f->fd, paths[p], 0) == 0);
	if (way == NO_FILE)
		CHECK(mkdirat(f->fd, paths[p], 0755) == 0);
	else if (way != GONE)
		put_in(f, paths[p], saksi_buf_bytes(&b));
	saksi_buf_free(&b);
	return p <= ABOVE ? of_tiles[way] : of_bundles[way];
}

static void mend(struct folder *f, size_t p, enum way way)
{
	if (way == NO_FILE)
		CHECK(unlinkat(f->fd, paths[p], AT_REMOVEDIR) == 0);
	put_true(f, p);
}

static void test_every_file(void **state)
{
	static const unsigned threads[] = {0, 1, 2, 8};
	struct folder *f = *state;

	for (size_t i = 0; i < 4; i++) {
		CHECK(derive(f, 0, threads[i]) == SAKSI_OK);
		CHECK(derive(f, SAKSI_TILE_ENTRIES, threads[i]) == SAKSI_OK);
	}
	for (size_t p = 0; p < PATHS; p++)
		for (enum way way = 0; way < WAYS; way++) {
			enum saksi_err must = spoil(f, p, way);

			for (size_t i = 0; i < 4; i++) {
				assert_int_equal(
				    derive(f, p <= ABOVE ? 0 : SAKSI_TILE_ENTRIES,
					   threads[i]),
				    must);
				/* and the others do not hear of it */
				CHECK(derive(f, p > ABOVE ? 0 : SAKSI_TILE_ENTRIES,
					     threads[i]) == SAKSI_OK);
			}
			mend(f, p, way);
		}
}

/* Of two that cannot be read the first in order answers. */
static void test_first_wins(void **state)
{
	struct folder *f = *state;

	for (unsigned threads = 0; threads <= 8; threads++) {
		(void)spoil(f, 1, GONE);
		(void)spoil(f, 2, SHORT);
		CHECK(derive(f, 0, threads) == SAKSI_MISSING);
		(void)spoil(f, 0, LONG);
		CHECK(derive(f, 0, threads) == SAKSI_MALFORMED);
		for (size_t p = 0; p < 3; p++)
			put_true(f, p);
		CHECK(derive(f, 0, threads) == SAKSI_OK);
	}
}

/* The whole look tells each of them, and says where as it did when it walked. */
static void test_look(void **state)
{
	struct folder *f = *state;

	for (size_t p = 0; p < PATHS; p++)
		for (enum way way = 0; way < WAYS; way++) {
			enum saksi_err must = spoil(f, p, way), err;
			struct saksi_place *place;
			struct saksi_look l;

			CHECK(saksi_place_open(f->dir, &place, NULL) == SAKSI_OK);
			err = saksi_look_at(&f->v, place, -1, true, &l);
			if (must == SAKSI_MALFORMED)
				must = SAKSI_REFUSED;
			assert_int_equal(err, must);
			assert_int_equal(l.derived, must == SAKSI_OK);
			CHECK((strncmp(l.why, "entry ", 6) == 0) == (must != SAKSI_OK));
			saksi_look_free(&l);
			saksi_place_close(place);
			mend(f, p, way);
		}
}

/* ---- many tiles, of seven contents */

#define MANY 2500U /* more than are ever read ahead */
#define KINDS 7

static void put_many(struct folder *f, struct saksi_hash roots[KINDS])
{
	char name[SAKSI_TILE_PATH_LEN], path[SAKSI_TILE_PATH_LEN];
	uint8_t bytes[SAKSI_TILE_WIDTH * SAKSI_HASH_LEN];

	CHECK(saksi_dir_make(f->fd, "many/tile/0/x001", 0755) == SAKSI_OK);
	CHECK(saksi_dir_make(f->fd, "many/tile/0/x002", 0755) == SAKSI_OK);
	for (unsigned i = 0; i < KINDS; i++) {
		struct saksi_bytes tile = {bytes, sizeof(bytes)};

		memset(bytes, (int)i, sizeof(bytes));
		CHECK(saksi_source_root(0, tile, &roots[i]) == SAKSI_OK);
		(void)snprintf(name, sizeof(name), "many/%u", i);
		put_in(f, name, tile);
	}
	for (unsigned i = 0; i < MANY; i++) {
		struct saksi_tile t = {0, i, SAKSI_TILE_WIDTH};
		char full[SAKSI_TILE_PATH_LEN + 8];

		saksi_tile_path(&t, path);
		(void)snprintf(name, sizeof(name), "many/%u", i % KINDS);
		(void)snprintf(full, sizeof(full), "many/%s", path);
		CHECK(linkat(f->fd, name, f->fd, full, 0) == 0);
	}
}

static void test_order(void **state)
{
	struct folder *f = *state;
	struct saksi_hash roots[KINDS], got;
	int many;

	put_many(f, roots);
	many = openat(f->fd, "many", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(many >= 0);
	CHECK(unlinkat(many, "tile/0/x001/777", 0) == 0);
	for (unsigned threads = 1; threads <= 9; threads += 4) {
		struct saksi_ahead *a = saksi_ahead_begin(many, 0, MANY, threads);
		struct saksi_tile t = {SAKSI_TILE_ENTRIES, 0, SAKSI_TILE_WIDTH};

		CHECK(!saksi_ahead_root(a, &t, &got)); /* not of this level */
		t.level = 0;
		(void)usleep(200000); /* they may come far ahead, not too far */
		for (; t.index < MANY; t.index++) {
			bool made = saksi_ahead_root(a, &t, &got);

			assert_int_equal(made, t.index != 1777);
			if (made)
				CHECK(saksi_hash_same(&got, &roots[t.index % KINDS]));
		}
		CHECK(!saksi_ahead_root(a, &t, &got)); /* past the last */
		t.index = 0;
		CHECK(!saksi_ahead_root(a, &t, &got)); /* long gone */
		saksi_ahead_end(a);
		/* given up at once, and halfway */
		saksi_ahead_end(saksi_ahead_begin(many, 0, MANY, threads));
		a = saksi_ahead_begin(many, 0, MANY, threads);
		t = (struct saksi_tile){0, 0, SAKSI_TILE_WIDTH};
		for (; t.index < 300; t.index++)
			CHECK(saksi_ahead_root(a, &t, &got));
		saksi_ahead_end(a);
	}
	(void)close(many);
}

static void test_no_thread(void **state)
{
	struct folder *f = *state;
	struct saksi_hash root;
	struct saksi_tile t = {0, 0, SAKSI_TILE_WIDTH};

	CHECK(saksi_ahead_begin(f->fd, 0, 0, 2) == NULL);
	CHECK(saksi_ahead_begin(f->fd, 0, 3, 0) == NULL);
	CHECK(!saksi_ahead_root(NULL, &t, &root));
	saksi_ahead_end(NULL);
	threads_left = 0;
	CHECK(saksi_ahead_begin(f->fd, 0, 3, 2) == NULL);
	threads_left = 1; /* then there is one */
	CHECK(derive(f, 0, 2) == SAKSI_OK);
	threads_left = -1;
	CHECK(saksi_ahead_cores() >= 1 && saksi_ahead_cores() <= SAKSI_AHEAD_THREADS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_file), cmocka_unit_test(test_first_wins),
	    cmocka_unit_test(test_look),       cmocka_unit_test(test_order),
	    cmocka_unit_test(test_no_thread),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
