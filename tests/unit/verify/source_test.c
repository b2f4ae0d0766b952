/* Entries and tiles of a log that may lie in any byte. */
#include "memlog.h"

struct got {
	uint64_t next, count;
	const struct memlog *m;
};

static enum saksi_err each(void *ctx, uint64_t index, struct saksi_bytes entry)
{
	struct got *g = ctx;

	assert_int_equal(index, g->next++);
	CHECK(saksi_bytes_same(entry, g->m->entries[index]));
	g->count++;
	return SAKSI_OK;
}

static enum saksi_err walk(struct memlog *m, uint64_t from, uint64_t to, struct got *g,
			   struct saksi_walked *at)
{
	struct saksi_hash root;

	mem_root(m, 0, m->size, &root);
	*g = (struct got){from, 0, m};
	return saksi_source_entries(&m->source, from, to, m->size, &root, each, g, at);
}

static void test_every_size(void **state)
{
	static const size_t sizes[] = {1,   2,   3,   7,   255, 256,
				       257, 300, 511, 512, 513, 770};
	struct got g;
	struct saksi_walked at;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct memlog m;

		mem_begin(&m);
		mem_fill(&m, sizes[i], 1);
		CHECK(walk(&m, 0, m.size, &g, &at) == SAKSI_OK);
		assert_int_equal(g.count, m.size);
		assert_int_equal(at.index, m.size);
		CHECK(walk(&m, m.size / 2, m.size, &g, &at) == SAKSI_OK);
		assert_int_equal(g.count, m.size - m.size / 2);
		CHECK(walk(&m, m.size, m.size, &g, &at) == SAKSI_OK);
		assert_int_equal(g.count, 0);
		CHECK(walk(&m, 0, m.size + 1, &g, &at) == SAKSI_BADARG);
		mem_end(&m);
	}
}

/* A changed byte anywhere in bundle or tiles is refused, never handed on. */
static void test_every_byte(void **state)
{
	static const char *const paths[] = {"tile/entries/000", "tile/entries/001.p/44",
					    "tile/0/000", "tile/0/001.p/44",
					    "tile/1/000.p/1"};
	static const size_t lens[] = {0, 0, 8192, 44 * 32, 32};
	struct memlog m;
	struct got g;
	struct saksi_walked at;

	(void)state;
	mem_begin(&m);
	mem_fill(&m, 300, 2);
	for (size_t p = 0; p < 5; p++) {
		size_t len = lens[p];

		for (size_t i = p == 0 ? 0 : 256;
		     len == 0 || (p < 2 && i < (p ? 300 : 256)); i++)
			len += 2 + m.entries[i].len;
		m.lie_path = paths[p];
		for (m.lie_at = 0; m.lie_at < len; m.lie_at += 1 + len / 97) {
			enum saksi_err err = walk(&m, 0, m.size, &g, &at);

			if (err != SAKSI_REFUSED)
				print_message("%s byte %zu gave %s\n", paths[p],
					      m.lie_at, saksi_err_name(err));
			assert_int_equal(err, SAKSI_REFUSED);
			/* entries of bundles before the lie are true ones */
			CHECK(g.count == 0 || g.count == 256);
		}
	}
	mem_end(&m);
}

static void test_gone(void **state)
{
	struct memlog m;
	struct got g;
	struct saksi_walked at;

	(void)state;
	mem_begin(&m);
	mem_fill(&m, 300, 3);
	m.gone_path = "tile/entries/001.p/44";
	CHECK(walk(&m, 0, m.size, &g, &at) == SAKSI_MISSING);
	assert_int_equal(at.index, 256);
	m.gone_path = "tile/0/000";
	CHECK(walk(&m, 0, m.size, &g, &at) == SAKSI_MISSING);
	/* a partial tile that is gone because the log has grown past it */
	mem_fill(&m, 300, 3);
	m.size = 300;
	m.gone_path = "tile/entries/001.p/44";
	CHECK(walk(&m, 0, m.size, &g, &at) == SAKSI_OK);
	m.gone_path = "tile/0/001.p/44";
	CHECK(walk(&m, 0, m.size, &g, &at) == SAKSI_OK);
	assert_int_equal(g.count, 300);
	mem_end(&m);
}

static void test_tree(void **state)
{
	struct memlog m;
	struct saksi_verifier v;
	struct saksi_judged j;
	struct saksi_rederive r = {.source = &m.source, .level = SAKSI_TILE_ENTRIES};

	(void)state;
	mem_begin(&m);
	mem_fill(&m, 513, 4);
	v = mem_verifier(&m, NULL);
	j = mem_judged(&v, mem_point(&m, 513, NOON));
	CHECK(saksi_verify_tree(&r, &j) == SAKSI_OK);
	m.lie_path = "tile/entries/002.p/1";
	m.lie_at = 3;
	CHECK(saksi_verify_tree(&r, &j) == SAKSI_REFUSED);
	m.lie_path = NULL;
	m.gone_path = "tile/entries/000";
	CHECK(saksi_verify_tree(&r, &j) == SAKSI_MISSING);
	mem_end(&m);
}

/* An entry and its hash in the tile changed to fit each other: only the way up to
 * the signed root tells.  Entry 5 is no neighbour of what the path itself reads. */
static enum saksi_err get_both(void *ctx, const char *path, struct saksi_buf *out)
{
	struct memlog *m = ctx;
	uint8_t changed[4096];
	struct saksi_bytes was = m->entries[5];
	struct saksi_hash leaf;
	uint8_t *at;
	enum saksi_err err = mem_get(m, path, out);

	if (err != SAKSI_OK || was.len > sizeof(changed))
		return err;
	memcpy(changed, was.at, was.len);
	changed[was.len - 1] ^= 1;
	leaf = saksi_hash_leaf((struct saksi_bytes){changed, was.len});
	if (strcmp(path, "tile/0/000") == 0) {
		memcpy(out->at + (size_t)5 * SAKSI_HASH_LEN, leaf.b, SAKSI_HASH_LEN);
	} else if (strcmp(path, "tile/entries/000") == 0) {
		at = memmem(out->at, out->len, was.at, was.len);
		CHECK(at != NULL);
		memcpy(at, changed, was.len);
	}
	return SAKSI_OK;
}

static void test_both_lie(void **state)
{
	struct saksi_walked at;
	struct memlog m;
	struct got g;

	(void)state;
	mem_begin(&m);
	mem_fill(&m, 600, 1);
	m.source = (struct saksi_source){&m, get_both};
	CHECK(walk(&m, 0, m.size, &g, &at) == SAKSI_REFUSED);
	assert_int_equal(g.count, 0);
	mem_end(&m);
}

/* The tile changes only when its leaves are read, and is the true one when the way
 * up to the root is made: what was read has to be what was proven. */
static unsigned tile_reads;

static enum saksi_err get_both_once(void *ctx, const char *path, struct saksi_buf *out)
{
	if (strcmp(path, "tile/0/000") == 0 && tile_reads++ > 0)
		return mem_get(ctx, path, out);
	return get_both(ctx, path, out);
}

static void test_lies_at_first(void **state)
{
	struct saksi_walked at;
	struct memlog m;
	struct got g;

	(void)state;
	mem_begin(&m);
	mem_fill(&m, 600, 1);
	tile_reads = 0;
	m.source = (struct saksi_source){&m, get_both_once};
	CHECK(walk(&m, 0, m.size, &g, &at) == SAKSI_REFUSED);
	CHECK(tile_reads > 1);
	assert_int_equal(g.count, 0);
	mem_end(&m);
}

/* A tile is as long as it must be: the one asked for, and the full one in its place. */
static const char *other_length;
static int by;

static enum saksi_err get_other_length(void *ctx, const char *path,
				       struct saksi_buf *out)
{
	enum saksi_err err = mem_get(ctx, path, out);

	if (err != SAKSI_OK || strcmp(path, other_length) != 0)
		return err;
	if (by < 0)
		out->len -= (size_t)-by;
	for (int i = 0; i < by; i++)
		saksi_buf_put_u8(out, 0);
	return saksi_buf_check(out);
}

static void test_lengths(void **state)
{
	static const char *const paths[] = {"tile/0/000", "tile/0/001.p/44",
					    "tile/0/001", "tile/1/000.p/1"};
	static const int lengths[] = {-32, -1, 1, 32};
	struct saksi_walked at;
	struct memlog m;
	struct got g;

	(void)state;
	mem_begin(&m);
	mem_fill(&m, 600, 1);
	m.size = 300;
	m.source = (struct saksi_source){&m, get_other_length};
	for (size_t p = 0; p < 4; p++)
		for (size_t i = 0; i < 4; i++) {
			other_length = paths[p];
			m.gone_path = p == 2 ? "tile/0/001.p/44" : NULL;
			by = 0;
			CHECK(walk(&m, 0, m.size, &g, &at) == SAKSI_OK);
			by = lengths[i];
			CHECK(walk(&m, 0, m.size, &g, &at) == SAKSI_MALFORMED);
		}
	mem_end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_size), cmocka_unit_test(test_every_byte),
	    cmocka_unit_test(test_both_lie),   cmocka_unit_test(test_gone),
	    cmocka_unit_test(test_tree),       cmocka_unit_test(test_lies_at_first),
	    cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
