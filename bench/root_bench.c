/* rooms: base crypto merkle note statement ledger verify store
 *
 * root_bench tiles|entries PUBLIC SIZE: the root of a log's public folder, from its
 * level-0 tiles or from its entry bundles, with the processor
 * time it took: "root HEX seconds S".  From entries it is what saksi verify --full
 * does. */
#include "bench.h"

#include "base/text.h"
#include "merkle/tree.h"
#include "store/files.h"
#include "verify/source.h"

#include <unistd.h>

static int dir;

static enum saksi_err get(void *ctx, const char *path, struct saksi_buf *out)
{
	(void)ctx;
	return saksi_file_read(dir, path, true, out);
}

static struct saksi_source source = {NULL, get};

static size_t from_tile(struct saksi_tile *t, struct saksi_hash *leaves)
{
	struct saksi_tiles tiles = saksi_source_tiles(&source);

	t->level = 0;
	if (tiles.read(tiles.ctx, t, leaves) != SAKSI_OK)
		bench_fail("a tile cannot be read");
	return t->width;
}

static size_t from_entries(struct saksi_tile *t, struct saksi_hash *leaves)
{
	static struct saksi_bytes entries[SAKSI_TILE_WIDTH];
	static struct saksi_buf bundle;

	if (bundle.cap == 0)
		bundle = saksi_buf_growing(SAKSI_BUNDLE_MAX);
	t->level = SAKSI_TILE_ENTRIES;
	if (saksi_source_bundle(&source, t, &bundle) != SAKSI_OK)
		bench_fail("a bundle cannot be read");
	struct saksi_cursor c = saksi_cursor_on(saksi_buf_bytes(&bundle));
	for (uint16_t i = 0; i < t->width; i++)
		entries[i] = saksi_cursor_take(&c, saksi_cursor_be16(&c));
	saksi_hash_leaves(entries, t->width, leaves);
	return t->width;
}

int main(int argc, char **argv)
{
	struct saksi_hash leaves[SAKSI_TILE_WIDTH], root;
	struct saksi_edge e;
	uint64_t size;
	char hex[2 * SAKSI_HASH_LEN + 1];
	bool entries;

	if (argc != 4 || saksi_dir_open(argv[2], &dir) != SAKSI_OK)
		bench_fail("usage: root_bench tiles|entries PUBLIC SIZE");
	entries = strcmp(argv[1], "entries") == 0;
	size = strtoull(argv[3], NULL, 10);
	double began = bench_cpu();
	saksi_edge_begin(&e);
	while (e.size < size) {
		struct saksi_tile t = {.index = e.size / SAKSI_TILE_WIDTH};

		t.width = saksi_tile_width_at(size, 0, t.index);
		size_t count =
		    entries ? from_entries(&t, leaves) : from_tile(&t, leaves);
		if (saksi_edge_add_many(&e, leaves, count) != SAKSI_OK)
			bench_fail("no tree");
	}
	root = saksi_edge_root(&e);
	double took = bench_cpu() - began;
	saksi_text_to_hex(root.b, sizeof root.b, hex);
	printf("root %s seconds %.4f\n", hex, took);
	(void)close(dir);
	return 0;
}
