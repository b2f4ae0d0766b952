/* Roots, edges, proofs from tiles: against the slow definition. */
#include "tiles.h"

#include "merkle/tree.h"

#define MAX 70000

static struct tiles all; /* the largest tree; smaller ones are its beginnings */

static int setup(void **state)
{
	(void)state;
	tiles_begin(&all, MAX);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tiles_end(&all);
	return 0;
}

/* The slow root, worked out once for each size. */
static struct saksi_hash root_at(uint64_t size)
{
	static struct saksi_hash known[MAX + 1];
	static bool is_known[MAX + 1];

	if (!is_known[size])
		known[size] = slow_root(all.level[0], 0, size);
	is_known[size] = true;
	return known[size];
}

static void assert_same(const struct saksi_hash *a, const struct saksi_hash *b)
{
	assert_memory_equal(a, b, sizeof(*a));
}

static void test_root_of(void **state)
{
	static const size_t large[] = {255, 256, 257, 1023, 1024, 1025, 4097, 70000};
	struct saksi_hash *copy = calloc(MAX, sizeof(*copy));

	(void)state;
	assert_non_null(copy);
	for (size_t n = 0; n <= 130 + sizeof(large) / sizeof(large[0]); n++) {
		size_t count = n <= 130 ? n : large[n - 131];
		struct saksi_hash want = root_at(count), got;

		memcpy(copy, all.level[0], count * sizeof(*copy));
		got = saksi_tree_root_of(copy, count);
		assert_same(&got, &want);
	}
	free(copy);
}

static void test_edge_add(void **state)
{
	struct saksi_edge e;
	struct saksi_hash got, want = saksi_hash_empty();

	(void)state;
	saksi_edge_begin(&e);
	got = saksi_edge_root(&e);
	assert_same(&got, &want);
	for (uint64_t n = 1; n <= 600; n++) {
		assert_int_equal(saksi_edge_add(&e, &all.level[0][n - 1]), SAKSI_OK);
		assert_true(e.size == n);
		got = saksi_edge_root(&e);
		want = root_at(n);
		assert_same(&got, &want);
	}
}

/* Any cut of the leaves into batches gives the same edge. */
static void test_edge_add_many(void **state)
{
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 60; round++) {
		struct saksi_edge e;
		struct saksi_hash got, want;

		saksi_edge_begin(&e);
		for (int part = 0; part < 6; part++) {
			size_t n = (size_t)rand_r(&seed) % (round % 2 ? 3000 : 20);

			assert_int_equal(
			    saksi_edge_add_many(&e, &all.level[0][e.size], n),
			    SAKSI_OK);
		}
		got = saksi_edge_root(&e);
		want = root_at(e.size);
		assert_same(&got, &want);
	}
}

/* Whole tiles by their roots make the same edge; only where a tile begins. */
static void test_edge_add_tile(void **state)
{
	struct saksi_hash leaves[SAKSI_TILE_WIDTH], root;
	struct saksi_edge by_tile, by_leaf, before;

	(void)state;
	saksi_edge_begin(&by_tile);
	saksi_edge_begin(&by_leaf);
	for (size_t n = 0; n < 9; n++) {
		const struct saksi_hash *from = &all.level[0][n * SAKSI_TILE_WIDTH];

		memcpy(leaves, from, sizeof(leaves));
		root = saksi_tree_root_of(leaves, SAKSI_TILE_WIDTH);
		assert_int_equal(saksi_edge_add_tile(&by_tile, &root), SAKSI_OK);
		assert_int_equal(saksi_edge_add_many(&by_leaf, from, SAKSI_TILE_WIDTH),
				 SAKSI_OK);
		assert_true(by_tile.size == by_leaf.size);
		for (unsigned i = 0; i < 64; i++)
			if ((by_leaf.size >> i & 1) != 0)
				assert_same(&by_tile.peaks[i], &by_leaf.peaks[i]);
	}
	assert_int_equal(saksi_edge_add(&by_tile, &root), SAKSI_OK);
	before = by_tile;
	assert_int_equal(saksi_edge_add_tile(&by_tile, &root), SAKSI_BADARG);
	assert_memory_equal(&by_tile, &before, sizeof(before));
	by_tile.size = UINT64_C(1) << 63;
	assert_int_equal(saksi_edge_add_tile(&by_tile, &root), SAKSI_LIMIT);
}

static void test_edge_limit(void **state)
{
	struct saksi_edge e, before;

	(void)state;
	saksi_edge_begin(&e);
	e.size = (UINT64_C(1) << 63) - 1;
	before = e;
	assert_int_equal(saksi_edge_add_many(&e, all.level[0], 2), SAKSI_LIMIT);
	assert_memory_equal(&e, &before, sizeof(e));
	assert_int_equal(saksi_edge_add_many(&e, all.level[0], 1), SAKSI_OK);
	assert_true(e.size == UINT64_C(1) << 63);
	assert_int_equal(saksi_edge_add(&e, all.level[0]), SAKSI_LIMIT);
	assert_int_equal(saksi_edge_add_many(&e, all.level[0], 1), SAKSI_LIMIT);
	assert_int_equal(saksi_edge_add_many(&e, all.level[0], 0), SAKSI_OK);
	e.size++;
	assert_int_equal(saksi_edge_add_many(&e, all.level[0], 0), SAKSI_LIMIT);
}

/* At most two tiles of a level were read, and none that the size has not. */
static void assert_cheap(void)
{
	assert_false(all.wrong_width);
	for (int l = 0; l < 8; l++)
		assert_true(all.reads_of[l] <= 2);
}

static void check_edge(uint64_t size)
{
	struct saksi_hash root = root_at(size), got;
	struct saksi_tiles from = tiles_of(&all);
	struct saksi_edge e, want;

	all.size = size;
	assert_int_equal(saksi_edge_from_tiles(&e, &from, size, &root), SAKSI_OK);
	assert_cheap();
	saksi_edge_begin(&want);
	assert_int_equal(saksi_edge_add_many(&want, all.level[0], size), SAKSI_OK);
	got = saksi_edge_root(&e);
	assert_same(&got, &root);
	for (unsigned i = 0; i < 64; i++)
		if ((size >> i & 1) != 0)
			assert_same(&e.peaks[i], &want.peaks[i]);
	flip(&root, 5);
	want = e;
	assert_int_equal(saksi_edge_from_tiles(&e, &from, size, &root), SAKSI_REFUSED);
	assert_memory_equal(&e, &want, sizeof(e));
}

static void check_inclusion(uint64_t size, uint64_t at, struct saksi_hash *root,
			    bool slowly)
{
	struct saksi_hash path[SAKSI_PATH_MAX], want[SAKSI_PATH_MAX];
	struct saksi_tiles from = tiles_of(&all);
	struct saksi_inclusion p;

	all.size = size;
	assert_int_equal(saksi_inclusion_prove(&from, at, size, root, &p, path),
			 SAKSI_OK);
	assert_cheap();
	assert_ptr_equal(p.path, path);
	assert_same(&p.leaf, &all.level[0][at]);
	assert_int_equal(saksi_inclusion_check(&p, root), SAKSI_OK);
	if (slowly) {
		assert_int_equal(p.path_count,
				 slow_path(all.level[0], 0, size, at, want));
		assert_memory_equal(path, want, p.path_count * sizeof(path[0]));
	}
	flip(root, 200);
	assert_int_equal(saksi_inclusion_prove(&from, at, size, root, &p, path),
			 SAKSI_REFUSED);
	flip(root, 200);
}

static void check_consistency(uint64_t size1, uint64_t size2, struct saksi_hash *root2,
			      bool slowly)
{
	struct saksi_hash path[SAKSI_PATH_MAX], want[SAKSI_PATH_MAX];
	struct saksi_hash root1 = root_at(size1);
	struct saksi_tiles from = tiles_of(&all);
	struct saksi_consistency p;

	all.size = size2;
	assert_int_equal(saksi_consistency_prove(&from, size1, size2, root2, &p, path),
			 SAKSI_OK);
	assert_cheap();
	assert_true(p.size1 == size1 && p.size2 == size2 && p.path == path);
	assert_int_equal(saksi_consistency_check(&p, &root1, root2), SAKSI_OK);
	if (size1 == 0 || size1 == size2) {
		assert_int_equal(p.path_count, 0);
		return;
	}
	if (slowly) {
		uint64_t where[] = {0, size1, 0, size2};

		assert_int_equal(p.path_count,
				 slow_sub(all.level[0], where, true, want));
		assert_memory_equal(path, want, p.path_count * sizeof(path[0]));
	}
	flip(root2, 9);
	assert_int_equal(saksi_consistency_prove(&from, size1, size2, root2, &p, path),
			 SAKSI_REFUSED);
	flip(root2, 9);
}

static void test_small_sizes(void **state)
{
	(void)state;
	check_edge(0);
	for (uint64_t size = 1; size <= 300; size++) {
		struct saksi_hash root = root_at(size);
		bool slowly = size <= 130;

		check_edge(size);
		for (uint64_t at = 0; at < size; at += slowly ? 1 : 11)
			check_inclusion(size, at, &root, slowly);
		for (uint64_t size1 = 0; size1 <= size; size1 += slowly ? 1 : 11)
			check_consistency(size1, size, &root, slowly);
	}
}

static void test_large_sizes(void **state)
{
	static const uint64_t sizes[] = {511,   512,   513,   1000,  65279, 65280,
					 65535, 65536, 65537, 65792, 69999, 70000};
	unsigned seed = 11;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint64_t size = sizes[i];
		struct saksi_hash root = root_at(size);

		check_edge(size);
		for (int n = 0; n < 10; n++) {
			uint64_t at = (uint64_t)rand_r(&seed) % size;

			at = n == 0 ? 0 : n == 1 ? size - 1 : at;
			check_inclusion(size, at, &root, n < 2);
			check_consistency(n < 4 ? sizes[n % (int)(i + 1)] : at, size,
					  &root, n < 2);
		}
	}
}

static void test_bad_arguments(void **state)
{
	struct saksi_hash root = root_at(5), path[SAKSI_PATH_MAX];
	struct saksi_tiles from = tiles_of(&all);
	struct saksi_consistency c = {.size1 = 77};
	struct saksi_inclusion p = {.index = 77};
	struct saksi_edge e = {.size = 77};

	(void)state;
	all.size = 5;
	assert_int_equal(saksi_inclusion_prove(&from, 5, 5, &root, &p, path),
			 SAKSI_BADARG);
	assert_int_equal(saksi_inclusion_prove(&from, 0, 0, &root, &p, path),
			 SAKSI_BADARG);
	assert_int_equal(saksi_consistency_prove(&from, 6, 5, &root, &c, path),
			 SAKSI_BADARG);
	assert_int_equal(
	    saksi_edge_from_tiles(&e, &from, (UINT64_C(1) << 63) + 1, &root),
	    SAKSI_LIMIT);
	assert_int_equal(saksi_edge_from_tiles(&e, &from, 0, &root), SAKSI_REFUSED);
	assert_true(p.index == 77 && c.size1 == 77 && e.size == 77);
	assert_int_equal(all.reads, 0);
}

/* What the three makers give from lying tiles: refused, or just what they give
 * from true ones, where the lie was not asked for.  Says how many were refused. */
static unsigned lie_once(uint64_t size, uint64_t size1, uint64_t at,
			 const struct saksi_hash *root)
{
	struct saksi_hash path[SAKSI_PATH_MAX], root1 = root_at(size1);
	struct saksi_tiles from = tiles_of(&all);
	struct saksi_consistency c = {.size1 = 99};
	struct saksi_inclusion p = {.index = 99};
	struct saksi_edge e = {.size = 99};
	enum saksi_err err[3];
	unsigned refused = 0;

	err[0] = saksi_edge_from_tiles(&e, &from, size, root);
	err[1] = saksi_inclusion_prove(&from, at, size, root, &p, path);
	if (err[1] == SAKSI_OK) {
		assert_int_equal(saksi_inclusion_check(&p, root), SAKSI_OK);
		assert_same(&p.leaf, &all.level[0][at]);
	}
	err[2] = saksi_consistency_prove(&from, size1, size, root, &c, path);
	if (err[2] == SAKSI_OK)
		assert_int_equal(saksi_consistency_check(&c, &root1, root), SAKSI_OK);
	if (err[0] == SAKSI_OK) {
		struct saksi_hash got = saksi_edge_root(&e);

		assert_same(&got, root);
	}
	assert_true(err[0] == SAKSI_OK || e.size == 99);
	assert_true(err[1] == SAKSI_OK || p.index == 99);
	assert_true(err[2] == SAKSI_OK || c.size1 == 99);
	for (int i = 0; i < 3; i++) {
		assert_true(err[i] == SAKSI_OK || err[i] == SAKSI_REFUSED);
		refused += err[i] == SAKSI_REFUSED;
	}
	return refused;
}

static void test_lying_tiles(void **state)
{
	static const uint64_t sizes[] = {1, 5, 255, 256, 257, 700, 65536, 70000};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint64_t size = sizes[i], at = size / 3, size1 = size - size / 4;
		struct saksi_hash root = root_at(size);
		unsigned refused = 0;

		all.size = size;
		all.lies = true;
		for (unsigned level = 0; level < 3; level++)
			for (uint64_t n = 0; n < 256 * (size >> 8 * level); n += 256) {
				uint64_t index = n / 256 / 256;

				all.lie_in.level = (uint8_t)level;
				all.lie_in.index = index;
				all.lie_at = n / 256 % 256;
				all.lie_bit = (unsigned)(n / 256 * 7 % 256);
				/* Only tiles near the path can matter. */
				if (level == 0 && index != at / 256 &&
				    index != (size - 1) / 256 &&
				    index != (size1 - 1) / 256)
					continue;
				refused += lie_once(size, size1, at, &root);
			}
		all.lies = false;
		assert_true(refused > 0);
		/* A leaf's own hash and its sibling always matter. */
		all.lies = true;
		all.lie_in = (struct saksi_tile){0, at / 256, 0};
		all.lie_at = at % 256;
		assert_true(lie_once(size, size1, at, &root) >= 1);
		all.lies = false;
	}
}

/* A source that fails at its n-th read is told as it says, for every n. */
static void test_failing_tiles(void **state)
{
	static const enum saksi_err how[] = {SAKSI_MISSING, SAKSI_IO, SAKSI_MALFORMED};
	struct saksi_hash root = root_at(MAX), path[SAKSI_PATH_MAX];

	(void)state;
	all.size = MAX;
	for (size_t h = 0; h < 3; h++)
		for (int what = 0; what < 3; what++)
			for (all.fail_at = 1;; all.fail_at++) {
				struct saksi_tiles from = tiles_of(&all);
				struct saksi_consistency c;
				struct saksi_inclusion p;
				struct saksi_edge e;
				enum saksi_err err;

				all.fail_with = how[h];
				if (what == 0)
					err = saksi_edge_from_tiles(&e, &from, MAX,
								    &root);
				else if (what == 1)
					err = saksi_inclusion_prove(&from, 40000, MAX,
								    &root, &p, path);
				else
					err = saksi_consistency_prove(&from, 40001, MAX,
								      &root, &c, path);
				if (err == SAKSI_OK) {
					assert_true(all.fail_at > 3);
					break;
				}
				assert_int_equal(err, how[h]);
			}
	all.fail_at = 0;
}

struct grown {
	uint64_t size1, size2;
	struct saksi_tile last;
	bool any;
	unsigned count, stop_at;
};

static enum saksi_err on_grown(void *ctx, const struct saksi_tile *t)
{
	struct grown *g = ctx;

	if (g->count + 1 == g->stop_at)
		return SAKSI_IO;
	assert_true(t->level < 8);
	assert_true(!g->any || t->level > g->last.level ||
		    (t->level == g->last.level && t->index > g->last.index));
	assert_int_equal(t->width, saksi_tile_width_at(g->size2, t->level, t->index));
	assert_int_not_equal(t->width,
			     saksi_tile_width_at(g->size1, t->level, t->index));
	g->last = *t;
	g->any = true;
	g->count++;
	return SAKSI_OK;
}

/* How many tiles differ, by looking at every tile. */
static unsigned slow_grown(uint64_t size1, uint64_t size2)
{
	unsigned count = 0;

	for (unsigned level = 0; level < 8; level++)
		for (uint64_t i = 0; i <= (size2 >> 8 * level) / 256; i++)
			count += saksi_tile_width_at(size1, (uint8_t)level, i) !=
				 saksi_tile_width_at(size2, (uint8_t)level, i);
	return count;
}

static void check_grown(uint64_t size1, uint64_t size2)
{
	struct grown g = {.size1 = size1, .size2 = size2};

	assert_int_equal(saksi_tiles_grown(size1, size2, on_grown, &g), SAKSI_OK);
	assert_int_equal(g.count, slow_grown(size1, size2));
}

static void test_grown(void **state)
{
	struct grown g = {.size1 = 0, .size2 = 70000, .stop_at = 2};

	(void)state;
	for (uint64_t size1 = 0; size1 <= 1030; size1++)
		for (uint64_t size2 = size1; size2 <= 1030; size2++)
			check_grown(size1, size2);
	for (uint64_t size1 = 65270; size1 <= 65800; size1 += 3)
		for (uint64_t size2 = size1; size2 <= 65800; size2 += 5)
			check_grown(size1, size2);
	for (uint64_t d = 0; d <= 20; d++)
		check_grown(65526 + d, 65546);
	check_grown(0, 70000);
	assert_int_equal(saksi_tiles_grown(0, 70000, on_grown, &g), SAKSI_IO);
	assert_int_equal(g.count, 1);
	assert_int_equal(saksi_tiles_grown(2, 1, on_grown, &g), SAKSI_BADARG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_root_of),       cmocka_unit_test(test_edge_add),
	    cmocka_unit_test(test_edge_add_many), cmocka_unit_test(test_edge_add_tile),
	    cmocka_unit_test(test_edge_limit),    cmocka_unit_test(test_small_sizes),
	    cmocka_unit_test(test_large_sizes),   cmocka_unit_test(test_bad_arguments),
	    cmocka_unit_test(test_lying_tiles),   cmocka_unit_test(test_failing_tiles),
	    cmocka_unit_test(test_grown),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
