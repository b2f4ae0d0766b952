/* Tile paths and widths.  Examples are those of c2sp.org/tlog-tiles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "merkle/tile.h"

static void same(const struct saksi_tile *a, const struct saksi_tile *b)
{
	assert_int_equal(a->level, b->level);
	assert_true(a->index == b->index);
	assert_int_equal(a->width, b->width);
}

static void test_known(void **state)
{
	static const struct {
		const char *path;
		struct saksi_tile tile;
	} known[] = {
	    {"tile/0/000", {0, 0, 256}},
	    {"tile/7/000.p/1", {7, 0, 1}},
	    {"tile/0/x001/x234/067", {0, 1234067, 256}},
	    {"tile/0/x001/x234/067.p/12", {0, 1234067, 12}},
	    {"tile/3/999.p/255", {3, 999, 255}},
	    {"tile/3/x001/000.p/100", {3, 1000, 100}},
	    {"tile/3/x001/000.p/99", {3, 1000, 99}},
	    {"tile/entries/000", {SAKSI_TILE_ENTRIES, 0, 256}},
	    {"tile/entries/x273/x000/273.p/9", {SAKSI_TILE_ENTRIES, 273000273, 9}},
	    {"tile/1/x018/x446/x744/x073/x709/x551/615.p/255", {1, UINT64_MAX, 255}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		char path[SAKSI_TILE_PATH_LEN];
		struct saksi_tile t;

		saksi_tile_path(&known[i].tile, path);
		assert_string_equal(path, known[i].path);
		assert_int_equal(
		    saksi_tile_read_path(saksi_bytes_of(known[i].path), &t), SAKSI_OK);
		same(&t, &known[i].tile);
	}
}

static void test_round_trip(void **state)
{
	(void)state;
	for (unsigned level = 0; level < 9; level++)
		for (uint64_t index = 1; index < UINT64_MAX / 7; index = index * 3 + 1)
			for (unsigned width = 1; width <= 256; width++) {
				char path[SAKSI_TILE_PATH_LEN];
				struct saksi_tile t,
				    in = {(uint8_t)level, index, (uint16_t)width};

				if (level == 8)
					in.level = SAKSI_TILE_ENTRIES;
				saksi_tile_path(&in, path);
				assert_int_equal(
				    saksi_tile_read_path(saksi_bytes_of(path), &t),
				    SAKSI_OK);
				same(&t, &in);
			}
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
	    "",
	    "tile",
	    "tile/",
	    "tile/0",
	    "tile/0/",
	    "/tile/0/000",
	    "tile/0/00",
	    "tile/0/0000",
	    "tile/0/000/",
	    "tile/0/000 ",
	    "tile/00/000",
	    "tile/8/000",
	    "tile/63/000",
	    "tile/-1/000",
	    "tile/x/000",
	    "tile/data/000",
	    "tile/entries",
	    "tile/entries/",
	    "tile/entriesx/000",
	    "tile/0/x000/000",
	    "tile/0/x000/x001/000",
	    "tile/0/x001",
	    "tile/0/x001/",
	    "tile/0/x001x002/003",
	    "tile/0/001/002",
	    "tile/0/x001/x002",
	    "tile/0/a00",
	    "tile/0/0a0",
	    "tile/0/00:",
	    "tile/0/00/",
	    "tile/0/+01",
	    "tile/0/000.p",
	    "tile/0/000.p/",
	    "tile/0/000.p/0",
	    "tile/0/000.p/01",
	    "tile/0/000.p/256",
	    "tile/0/000.p/1000",
	    "tile/0/000.p/65537",
	    "tile/0/000.p/4294967297",
	    "tile/0/000.p/18446744073709551617",
	    "tile/0/000.p/1/",
	    "tile/0/000.p/-1",
	    "tile/0/000.q/1",
	    "tile/0/000/p/1",
	    "tile/0/../000",
	    "tile/0/x018/x446/x744/x073/x709/x551/616",
	    "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
	};
	struct saksi_tile t = {3, 4, 5};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(saksi_tile_read_path(saksi_bytes_of(bad[i]), &t),
				 SAKSI_MALFORMED);
	assert_int_equal(
	    saksi_tile_read_path(
		(struct saksi_bytes){(const uint8_t *)"tile/0/000\0", 11}, &t),
	    SAKSI_MALFORMED);
	same(&t, &(struct saksi_tile){3, 4, 5});
}

static void test_widths(void **state)
{
	static const struct {
		uint64_t size, index;
		uint16_t width;
		uint8_t level;
	} known[] = {
	    {70000, 0, 256, 0},
	    {70000, 272, 256, 0},
	    {70000, 273, 112, 0},
	    {70000, 274, 0, 0},
	    {70000, 0, 256, 1},
	    {70000, 1, 17, 1},
	    {70000, 2, 0, 1},
	    {70000, 0, 1, 2},
	    {70000, 0, 0, 3},
	    {256, 0, 256, 0},
	    {256, 1, 0, 0},
	    {256, 0, 1, 1},
	    {255, 0, 255, 0},
	    {255, 0, 0, 1},
	    {0, 0, 0, 0},
	    {1, 0, 1, 0},
	    {1, UINT64_MAX, 0, 0},
	    {257, 1, 1, 0},
	    {70000, 273, 112, 255},
	    {256, 0, 256, 255},
	    {70000, 0, 0, 8},
	    {UINT64_C(1) << 63, 0, 128, 7},
	    {UINT64_MAX, UINT64_MAX / 256, 255, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_int_equal(
		    saksi_tile_width_at(known[i].size, known[i].level, known[i].index),
		    known[i].width);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_known),
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_widths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
