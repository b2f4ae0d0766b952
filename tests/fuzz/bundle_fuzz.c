/* rooms: base crypto merkle note statement ledger verify */
/* An entry bundle and its level-0 tile from a server that lies: the first byte is
 * the tree's size, then the tile's hashes when the second is odd (else the true
 * ones), then the bundle.  What is handed on must hash to the signed root. */
#include <stdlib.h>
#include <string.h>

#include "merkle/tree.h"
#include "verify/source.h"

struct server {
	struct saksi_bytes tile, bundle;
};

static enum saksi_err get(void *ctx, const char *path, struct saksi_buf *out)
{
	const struct server *s = ctx;

	if (strncmp(path, "tile/entries/", 13) == 0)
		saksi_buf_put(out, s->bundle);
	else if (strncmp(path, "tile/0/", 7) == 0)
		saksi_buf_put(out, s->tile);
	else
		return SAKSI_MISSING;
	return saksi_buf_check(out);
}

struct got {
	struct saksi_hash leaves[SAKSI_TILE_WIDTH];
	size_t count;
};

static enum saksi_err each(void *ctx, uint64_t index, struct saksi_bytes entry)
{
	struct got *g = ctx;

	if (index != g->count || g->count == SAKSI_TILE_WIDTH)
		abort();
	g->leaves[g->count++] = saksi_hash_leaf(entry);
	return SAKSI_OK;
}

/* The hashes of the entries that the bundle holds; what is not there is zero. */
static void true_leaves(struct saksi_bytes bundle, uint64_t count,
			struct saksi_hash *leaves)
{
	struct saksi_cursor c = saksi_cursor_on(bundle);

	memset(leaves, 0, count * sizeof(*leaves));
	for (uint64_t i = 0; i < count; i++) {
		struct saksi_bytes e = saksi_cursor_take(&c, saksi_cursor_be16(&c));

		if (c.ok)
			leaves[i] = saksi_hash_leaf(e);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct saksi_hash leaves[SAKSI_TILE_WIDTH], scratch[SAKSI_TILE_WIDTH];
	static struct got g;
	struct saksi_walked at;
	struct saksi_hash root;
	uint64_t count = size > 0 ? data[0] : 0;
	size_t tile = count * SAKSI_HASH_LEN;
	bool lies = size > 1 && data[1] % 2 == 1;
	struct server s;
	struct saksi_source source = {&s, get};
	enum saksi_err err;

	if (size < 2 + (lies ? tile : 0) || count == 0)
		return 0;
	s.bundle = (struct saksi_bytes){data + 2 + (lies ? tile : 0),
					size - 2 - (lies ? tile : 0)};
	true_leaves(s.bundle, count, leaves);
	memcpy(scratch, leaves, sizeof(scratch));
	root = saksi_tree_root_of(scratch, count);
	s.tile = lies ? (struct saksi_bytes){data + 2, tile}
		      : (struct saksi_bytes){leaves[0].b, tile};
	g.count = 0;
	err = saksi_source_entries(&source, 0, count, count, &root, each, &g, &at);
	if (err == SAKSI_OK) {
		struct saksi_hash sum = saksi_tree_root_of(g.leaves, g.count);

		if (g.count != count || !saksi_hash_same(&sum, &root))
			abort();
	} else if (g.count > 0 || at.index > count) {
		abort(); /* nothing of a false bundle may be handed on */
	}
	return 0;
}
