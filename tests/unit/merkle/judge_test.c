/* Against vectors made by golang.org/x/mod/sumdb/tlog: roots, tiles, and a
 * digest over all proofs of each size. */
#include "tiles.h"
#include "vectors.h"

#include "base/text.h"

#define MAX 70000

static struct tiles all;
static struct saksi_arena arena;
static const struct saksi_json *vectors;

static int setup(void **state)
{
	(void)state;
	tiles_begin(&all, MAX);
	assert_int_equal(saksi_arena_map(&arena, 1U << 24), SAKSI_OK);
	vectors = vectors_load("tests/vectors/merkle.json", &arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tiles_end(&all);
	saksi_arena_end(&arena);
	return 0;
}

static void assert_hex(const struct saksi_hash *h, struct saksi_bytes hex)
{
	char text[2 * SAKSI_HASH_LEN + 1];

	saksi_text_to_hex(h->b, SAKSI_HASH_LEN, text);
	if (!saksi_bytes_is(hex, text))
		fail_msg("%s is not %.*s", text, (int)hex.len, (const char *)hex.at);
}

static void put_path(struct saksi_hash_run *run, const struct saksi_hash *path,
		     size_t count)
{
	uint8_t n = (uint8_t)count;

	saksi_hash_more(run, (struct saksi_bytes){&n, 1});
	saksi_hash_more(run, (struct saksi_bytes){path->b, count * sizeof(*path)});
}

/* All inclusion proofs of a size, or all consistency proofs to it. */
static struct saksi_hash digest(uint64_t size, uint64_t step,
				const struct saksi_hash *root, bool consistency)
{
	struct saksi_hash path[SAKSI_PATH_MAX];
	struct saksi_tiles from = tiles_of(&all);
	struct saksi_hash_run run;

	all.size = size;
	saksi_hash_begin(&run);
	for (uint64_t at = 0; at < size; at += step) {
		struct saksi_consistency c = {.path_count = 0};
		struct saksi_inclusion p = {.path_count = 0};

		if (consistency)
			assert_int_equal(saksi_consistency_prove(&from, at + 1, size,
								 root, &c, path),
					 SAKSI_OK);
		else
			assert_int_equal(
			    saksi_inclusion_prove(&from, at, size, root, &p, path),
			    SAKSI_OK);
		put_path(&run, path, consistency ? c.path_count : p.path_count);
	}
	return saksi_hash_end(&run);
}

static struct saksi_hash root_at(uint64_t size)
{
	struct saksi_edge e;

	saksi_edge_begin(&e);
	assert_int_equal(saksi_edge_add_many(&e, all.level[0], size), SAKSI_OK);
	return saksi_edge_root(&e);
}

static void test_all_small(void **state)
{
	const struct saksi_json *in = saksi_json_get(vectors, "inclusion")->child;
	const struct saksi_json *co = saksi_json_get(vectors, "consistency")->child;
	uint64_t size = 0;

	(void)state;
	for (const struct saksi_json *r = saksi_json_get(vectors, "roots")->child;
	     r != NULL; r = r->next, in = in->next, co = co->next, size++) {
		struct saksi_hash root = root_at(size), got;

		assert_hex(&root, r->str);
		got = digest(size, 1, &root, false);
		assert_hex(&got, in->str);
		got = digest(size, 1, &root, true);
		assert_hex(&got, co->str);
	}
	assert_true(size == 301);
}

static void test_large(void **state)
{
	unsigned count = 0;

	(void)state;
	for (const struct saksi_json *v = saksi_json_get(vectors, "large")->child;
	     v != NULL; v = v->next, count++) {
		uint64_t size = vectors_u64(v, "size"), step = vectors_u64(v, "step");
		struct saksi_hash root = root_at(size), got;

		assert_hex(&root, vectors_str(v, "root"));
		got = digest(size, step, &root, false);
		assert_hex(&got, vectors_str(v, "inclusion"));
		got = digest(size, step, &root, true);
		assert_hex(&got, vectors_str(v, "consistency"));
	}
	assert_int_equal(count, 10);
}

static enum saksi_err put_tile(void *ctx, const struct saksi_tile *t)
{
	struct saksi_hash hashes[SAKSI_TILE_WIDTH];
	struct saksi_hash_run *run = ctx;
	char path[SAKSI_TILE_PATH_LEN];

	saksi_tile_path(t, path);
	saksi_hash_more(run, saksi_bytes_of(path));
	saksi_hash_more(run, saksi_bytes_of("\n"));
	SAKSI_TRY(tiles_read(&all, t, hashes));
	saksi_hash_more(
	    run, (struct saksi_bytes){hashes[0].b, t->width * sizeof(hashes[0])});
	return SAKSI_OK;
}

static void test_tiles_written(void **state)
{
	unsigned count = 0;

	(void)state;
	for (const struct saksi_json *v = saksi_json_get(vectors, "grown")->child;
	     v != NULL; v = v->next, count++) {
		struct saksi_hash_run run;
		struct saksi_hash got;

		all.size = vectors_u64(v, "new");
		saksi_hash_begin(&run);
		assert_int_equal(
		    saksi_tiles_grown(vectors_u64(v, "old"), all.size, put_tile, &run),
		    SAKSI_OK);
		got = saksi_hash_end(&run);
		assert_hex(&got, vectors_str(v, "digest"));
	}
	assert_int_equal(count, 17);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_small),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_tiles_written),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
