/* The frontier against the slow definition, and the writing of its tiles against
 * saksi_tiles_grown, which knows nothing of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "log/frontier.h"

#define SIZE 66200 /* over one full level-1 tile */

static struct saksi_hash *leaves;

struct tiles {
	struct saksi_tile at[2048];
	size_t count, seen;
	uint64_t from, to;
};

/* RFC 9162 2.1.1 by the other road: an edge that takes one leaf at a time. */
static struct saksi_hash edge_root(uint64_t from, uint64_t to)
{
	struct saksi_edge e;

	saksi_edge_begin(&e);
	for (uint64_t i = from; i < to; i++)
		assert_int_equal(saksi_edge_add(&e, &leaves[i]), SAKSI_OK);
	return saksi_edge_root(&e);
}

static enum saksi_err expect(void *ctx, const struct saksi_tile *t)
{
	struct tiles *all = ctx;

	assert_true(all->count < 2048);
	all->at[all->count++] = *t;
	return SAKSI_OK;
}

static enum saksi_err put(void *ctx, const struct saksi_tile *t,
			  const struct saksi_hash *hashes)
{
	struct tiles *all = ctx;
	uint64_t span = UINT64_C(1) << (8 * t->level);
	bool wanted = false;

	for (size_t i = 0; i < all->count; i++)
		wanted |= memcmp(&all->at[i], t, sizeof(*t)) == 0;
	assert_true(wanted);
	all->seen++;
	for (uint64_t i = 0; i<t->width; i += t->width> 1 ? t->width - 1 : 1) {
		uint64_t at = (t->index * 256 + i) * span;
		struct saksi_hash want = edge_root(at, at + span);

		assert_true(saksi_hash_same(&want, &hashes[i]));
	}
	return SAKSI_OK;
}

static struct saksi_frontier f, back;

static void grow(uint64_t to)
{
	static struct tiles all;
	struct saksi_tile_sink sink = {&all, put};
	uint64_t from = f.size;
	struct saksi_hash root, want;
	static uint8_t room[SAKSI_FRONTIER_MAX];
	struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));

	memset(&all, 0, sizeof(all));
	assert_int_equal(saksi_tiles_grown(from, to, expect, &all), SAKSI_OK);
	assert_int_equal(
	    saksi_frontier_add(&f, leaves + from, (size_t)(to - from), &sink),
	    SAKSI_OK);
	assert_int_equal(saksi_frontier_partials(&f, from, &sink), SAKSI_OK);
	assert_int_equal(all.seen, all.count); /* each of them, none twice */
	root = saksi_frontier_root(&f);
	want = edge_root(0, to);
	assert_true(saksi_hash_same(&root, &want));
	saksi_frontier_write(&f, &b);
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	assert_int_equal(saksi_frontier_read(saksi_buf_bytes(&b), to, &back), SAKSI_OK);
	root = saksi_frontier_root(&back);
	assert_true(saksi_hash_same(&root, &want));
	for (int d = -1; d <= 1; d += 2) {
		struct saksi_bytes wrong = {b.at, b.len + (size_t)d};

		assert_int_equal(saksi_frontier_read(wrong, to, &back),
				 SAKSI_MALFORMED);
	}
}

static void each_size_up_to_600_one_by_one(void **state)
{
	(void)state;
	saksi_frontier_begin(&f);
	for (uint64_t size = 0; size <= 600; size++)
		grow(size);
}

static void jumps_over_the_edges_of_tiles(void **state)
{
	static const uint64_t to[] = {255,   256,   257,   511,   513,   65279,
				      65280, 65535, 65536, 65537, 65792, SIZE};

	(void)state;
	saksi_frontier_begin(&f);
	for (size_t i = 0; i < sizeof(to) / sizeof(to[0]); i++)
		grow(to[i]);
}

static enum saksi_err put_none(void *ctx, const struct saksi_tile *t,
			       const struct saksi_hash *hashes)
{
	(void)ctx;
	(void)t;
	(void)hashes;
	return SAKSI_IO;
}

static void what_the_sink_says_ends_it(void **state)
{
	struct saksi_tile_sink sink = {NULL, put_none};

	(void)state;
	saksi_frontier_begin(&f);
	assert_int_equal(saksi_frontier_add(&f, leaves, 255, &sink), SAKSI_OK);
	assert_int_equal(saksi_frontier_partials(&f, 0, &sink), SAKSI_IO);
	assert_int_equal(saksi_frontier_add(&f, leaves, 1, &sink), SAKSI_IO);
	f.size = UINT64_C(1) << 63;
	assert_int_equal(saksi_frontier_add(&f, leaves, 1, &sink), SAKSI_LIMIT);
}

static int setup(void **state)
{
	(void)state;
	leaves = calloc(SIZE, sizeof(*leaves));
	for (uint64_t i = 0; leaves != NULL && i < SIZE; i++)
		leaves[i] =
		    saksi_hash_of((struct saksi_bytes){(const uint8_t *)&i, sizeof(i)});
	return leaves == NULL;
}

static int teardown(void **state)
{
	(void)state;
	free(leaves);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_size_up_to_600_one_by_one),
	    cmocka_unit_test(jumps_over_the_edges_of_tiles),
	    cmocka_unit_test(what_the_sink_says_ends_it),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
