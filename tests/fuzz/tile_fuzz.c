/* rooms: base crypto merkle */
/* Proofs made from tiles that may lie: one that is handed out holds, and whoever
 * read only true bytes is given one. */
#include "lying_tiles.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void include(const struct saksi_tiles *tiles, struct lying *l, uint64_t index,
		    uint64_t size, const struct saksi_hash *root)
{
	struct saksi_hash path[SAKSI_PATH_MAX];
	struct saksi_inclusion p;
	enum saksi_err err;

	l->asked_a_lie = false;
	err = saksi_inclusion_prove(tiles, index, size, root, &p, path);
	if (err == SAKSI_OK) {
		if (saksi_inclusion_check(&p, root) != SAKSI_OK ||
		    !saksi_hash_same(&p.leaf, &tile_hashes[0][index]))
			abort();
	} else if (index < size ? err != SAKSI_REFUSED || !l->asked_a_lie
				: err != SAKSI_BADARG) {
		abort();
	}
}

static void grow(const struct saksi_tiles *tiles, struct lying *l, uint64_t from,
		 uint64_t size, const struct saksi_hash *root)
{
	const struct saksi_hash older = tiles_root(from);
	struct saksi_hash path[SAKSI_PATH_MAX];
	struct saksi_consistency p;
	struct saksi_edge e;
	struct saksi_hash again;
	enum saksi_err err;

	l->asked_a_lie = false;
	err = saksi_consistency_prove(tiles, from, size, root, &p, path);
	if (err == SAKSI_OK) {
		if (saksi_consistency_check(&p, &older, root) != SAKSI_OK)
			abort();
	} else if (from <= size ? err != SAKSI_REFUSED || !l->asked_a_lie
				: err != SAKSI_BADARG) {
		abort();
	}
	l->asked_a_lie = false;
	err = saksi_edge_from_tiles(&e, tiles, size, root);
	if (err != SAKSI_OK) {
		if (err != SAKSI_REFUSED || !l->asked_a_lie)
			abort();
		return;
	}
	again = saksi_edge_root(&e);
	if (e.size != size || !saksi_hash_same(&again, root))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lying l = {{NULL, 0}, false};
	const struct saksi_tiles tiles = {&l, tiles_read};
	uint64_t tree;

	if (size < 6 || size > 600)
		return 0;
	tiles_begin();
	l.lies = (struct saksi_bytes){data + 6, size - 6};
	tree = tiles_size(data);
	const struct saksi_hash root = tiles_root(tree);
	if (tiles_size(data + 3) < TILE_LEAVES)
		include(&tiles, &l, tiles_size(data + 3), tree, &root);
	grow(&tiles, &l, tiles_size(data + 3), tree, &root);
	return 0;
}
