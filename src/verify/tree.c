/* The tree derived again from entries or level-0 tiles.
 *
 * A whole tile's root may have been made ahead, by another thread, from bytes it
 * read; whatever was not is read and hashed here, so that answers never depend on
 * who came first. */
#include "verify/verify.h"

#include <string.h>

#include "merkle/tree.h"

#define LEVELS 7 /* of tiles above level 0 */

static enum saksi_err bundle_leaves(struct saksi_bytes bundle, uint16_t width,
				    struct saksi_hash leaves[SAKSI_TILE_WIDTH])
{
	struct saksi_cursor c = saksi_cursor_on(bundle);
	struct saksi_bytes entries[SAKSI_TILE_WIDTH];

	for (uint16_t i = 0; i < width; i++) {
		entries[i] = saksi_cursor_take(&c, saksi_cursor_be16(&c));
		if (!c.ok)
			return SAKSI_REFUSED;
	}
	saksi_hash_leaves(entries, width, leaves);
	return SAKSI_OK;
}

enum saksi_err saksi_source_root(uint8_t level, struct saksi_bytes bytes,
				 struct saksi_hash *root)
{
	struct saksi_hash leaves[SAKSI_TILE_WIDTH];

	if (level == SAKSI_TILE_ENTRIES)
		SAKSI_TRY(bundle_leaves(bytes, SAKSI_TILE_WIDTH, leaves));
	else if (bytes.len != sizeof(leaves))
		return SAKSI_MALFORMED;
	else
		memcpy(leaves, bytes.at, sizeof(leaves));
	*root = saksi_tree_root_of(leaves, SAKSI_TILE_WIDTH);
	return SAKSI_OK;
}

/* What the tiles of level 1 and above must hold: of each level the last tile. */
struct above {
	struct saksi_tiles tiles;
	uint64_t count[LEVELS]; /* hashes of level i + 1 so far */
	struct saksi_hash last[LEVELS][SAKSI_TILE_WIDTH];
};

static enum saksi_err compare(const struct above *a, unsigned i)
{
	struct saksi_hash got[SAKSI_TILE_WIDTH];
	uint64_t at = a->count[i] - 1;
	struct saksi_tile t = {(uint8_t)(i + 1), at / SAKSI_TILE_WIDTH,
			       (uint16_t)(at % SAKSI_TILE_WIDTH + 1)};

	SAKSI_TRY(a->tiles.read(a->tiles.ctx, &t, got));
	return memcmp(got, a->last[i], t.width * sizeof(got[0])) == 0 ? SAKSI_OK
								      : SAKSI_REFUSED;
}

/* A whole tile of level 0 has this root. */
static enum saksi_err add_above(struct above *a, struct saksi_hash root)
{
	for (unsigned i = 0; i < LEVELS; i++) {
		a->last[i][a->count[i]++ % SAKSI_TILE_WIDTH] = root;
		if (a->count[i] % SAKSI_TILE_WIDTH != 0)
			return SAKSI_OK;
		SAKSI_TRY(compare(a, i));
		root = saksi_tree_root_of(a->last[i], SAKSI_TILE_WIDTH);
	}
	return SAKSI_OK;
}

static enum saksi_err compare_partials(const struct above *a)
{
	for (unsigned i = 0; i < LEVELS; i++)
		if (a->count[i] % SAKSI_TILE_WIDTH != 0)
			SAKSI_TRY(compare(a, i));
	return SAKSI_OK;
}

struct deriving {
	const struct saksi_rederive *r;
	struct saksi_buf bundle;
	struct saksi_edge edge;
	struct above above;
};

static enum saksi_err read_leaves(struct deriving *d, const struct saksi_tile *t,
				  struct saksi_hash leaves[SAKSI_TILE_WIDTH])
{
	if (t->level != SAKSI_TILE_ENTRIES)
		return d->above.tiles.read(d->above.tiles.ctx, t, leaves);
	SAKSI_TRY(saksi_source_bundle(d->r->source, t, &d->bundle));
	return bundle_leaves(saksi_buf_bytes(&d->bundle), t->width, leaves);
}

static enum saksi_err take_tile(struct deriving *d, const struct saksi_tile *t)
{
	struct saksi_hash leaves[SAKSI_TILE_WIDTH], root;
	const struct saksi_rederive *r = d->r;
	bool whole = t->width == SAKSI_TILE_WIDTH;

	if (!whole || r->ahead == NULL || !r->ahead(r->ahead_ctx, t, &root)) {
		SAKSI_TRY(read_leaves(d, t, leaves));
		if (!whole)
			return saksi_edge_add_many(&d->edge, leaves, t->width);
		root = saksi_tree_root_of(leaves, t->width);
	}
	SAKSI_TRY(saksi_edge_add_tile(&d->edge, &root));
	return t->level == 0 ? add_above(&d->above, root) : SAKSI_OK;
}

enum saksi_err saksi_verify_tree(const struct saksi_rederive *r,
				 const struct saksi_judged *j)
{
	struct deriving d = {.r = r, .bundle = saksi_buf_growing(SAKSI_BUNDLE_MAX)};
	enum saksi_err err = SAKSI_OK;
	struct saksi_hash root;

	d.above.tiles = saksi_source_tiles(r->source);
	saksi_edge_begin(&d.edge);
	while (d.edge.size < j->point.size && err == SAKSI_OK) {
		struct saksi_tile t = {r->level, d.edge.size / SAKSI_TILE_WIDTH, 0};

		t.width = saksi_tile_width_at(j->point.size, 0, t.index);
		err = take_tile(&d, &t);
		if (err == SAKSI_OK && r->each != NULL)
			r->each(r->each_ctx, d.edge.size);
	}
	saksi_buf_free(&d.bundle);
	SAKSI_TRY(err);
	SAKSI_TRY(compare_partials(&d.above));
	root = saksi_edge_root(&d.edge);
	return saksi_hash_same(&root, &j->point.root) ? SAKSI_OK : SAKSI_REFUSED;
}
