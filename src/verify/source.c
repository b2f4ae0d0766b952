#include "verify/source.h"

#include <string.h>

#include "merkle/tree.h"

static enum saksi_err read_tile(void *ctx, const struct saksi_tile *t,
				struct saksi_hash *out)
{
	struct saksi_source *s = ctx;
	uint8_t room[SAKSI_TILE_WIDTH * SAKSI_HASH_LEN];
	struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));
	char path[SAKSI_TILE_PATH_LEN];
	struct saksi_tile full = *t;
	size_t need = (size_t)t->width * SAKSI_HASH_LEN;
	enum saksi_err err;

	saksi_tile_path(t, path);
	err = s->get(s->ctx, path, &b);
	if (err == SAKSI_OK && b.len != need)
		return SAKSI_MALFORMED;
	if (err == SAKSI_MISSING && t->width < SAKSI_TILE_WIDTH) {
		/* A log may drop a partial tile once the full one is there. */
		full.width = SAKSI_TILE_WIDTH;
		saksi_tile_path(&full, path);
		saksi_buf_clear(&b);
		err = s->get(s->ctx, path, &b);
		if (err == SAKSI_OK && b.len != sizeof(room))
			return SAKSI_MALFORMED;
	}
	if (err == SAKSI_LIMIT)
		return SAKSI_MALFORMED; /* longer than any tile */
	if (err != SAKSI_OK)
		return err;
	memcpy(out, room, need);
	return SAKSI_OK;
}

struct saksi_tiles saksi_source_tiles(struct saksi_source *s)
{
	return (struct saksi_tiles){s, read_tile};
}

enum saksi_err saksi_source_bundle(struct saksi_source *s, const struct saksi_tile *t,
				   struct saksi_buf *b)
{
	char path[SAKSI_TILE_PATH_LEN];
	struct saksi_tile full = *t;
	enum saksi_err err;

	saksi_buf_clear(b);
	saksi_tile_path(t, path);
	err = s->get(s->ctx, path, b);
	if (err == SAKSI_MISSING && t->width < SAKSI_TILE_WIDTH) {
		full.width = SAKSI_TILE_WIDTH;
		saksi_tile_path(&full, path);
		saksi_buf_clear(b);
		err = s->get(s->ctx, path, b);
	}
	return err;
}

/* How many path elements of a tile's first leaf lie inside a tile this wide. */
static size_t inner_count(uint16_t width)
{
	size_t n = 0;

	while ((1U << n) < width)
		n++;
	return n;
}

/* The level-0 tile of a bundle, proven to belong to the tree.  Tiles are
 * aligned, so the tree over the tiles' own roots is itself an RFC 6962 tree, the
 * last leaf of which is the root of the partial tile. */
static enum saksi_err leaves_of(struct saksi_source *s, const struct saksi_tile *bundle,
				uint64_t size, const struct saksi_hash *root,
				struct saksi_hash leaves[SAKSI_TILE_WIDTH])
{
	struct saksi_tiles tiles = saksi_source_tiles(s);
	struct saksi_tile level0 = {0, bundle->index, bundle->width};
	struct saksi_hash path[SAKSI_PATH_MAX], scratch[SAKSI_TILE_WIDTH];
	struct saksi_inclusion p;
	size_t inner = inner_count(bundle->width);

	SAKSI_TRY(read_tile(s, &level0, leaves));
	SAKSI_TRY(saksi_inclusion_prove(&tiles, bundle->index * SAKSI_TILE_WIDTH, size,
					root, &p, path));
	if (p.path_count < inner)
		return SAKSI_REFUSED;
	memcpy(scratch, leaves, sizeof(scratch[0]) * bundle->width);
	p.leaf = saksi_tree_root_of(scratch, bundle->width);
	p.index = bundle->index;
	p.size = size / SAKSI_TILE_WIDTH + (size % SAKSI_TILE_WIDTH != 0);
	p.path += inner;
	p.path_count -= inner;
	return saksi_inclusion_check(&p, root);
}

/* Splits the bundle, checks each entry against its leaf, hands on those asked. */
struct walk {
	uint64_t from, to;
	enum saksi_err (*each)(void *ctx, uint64_t index, struct saksi_bytes entry);
	void *ctx;
	struct saksi_walked *at;
};

static enum saksi_err walk_bundle(const struct walk *w, const struct saksi_tile *t,
				  struct saksi_bytes bundle,
				  const struct saksi_hash *leaves)
{
	struct saksi_cursor c = saksi_cursor_on(bundle);
	struct saksi_bytes entries[SAKSI_TILE_WIDTH];
	struct saksi_hash got[SAKSI_TILE_WIDTH];
	uint64_t first = t->index * SAKSI_TILE_WIDTH;

	w->at->what = "a bundle is too short for the entries it must hold";
	for (uint16_t i = 0; i < t->width; i++) {
		w->at->index = first + i;
		entries[i] = saksi_cursor_take(&c, saksi_cursor_be16(&c));
		if (!c.ok)
			return SAKSI_REFUSED;
	}
	saksi_hash_leaves(entries, t->width, got);
	for (uint16_t i = 0; i < t->width; i++) {
		w->at->index = first + i;
		w->at->what = "an entry is not the one in the signed tree";
		if (!saksi_hash_same(&got[i], &leaves[i]))
			return SAKSI_REFUSED;
	}
	for (uint16_t i = 0; i < t->width; i++) {
		w->at->index = first + i;
		if (first + i >= w->from && first + i < w->to)
			SAKSI_TRY(w->each(w->ctx, first + i, entries[i]));
	}
	return SAKSI_OK;
}

enum saksi_err saksi_source_entries(struct saksi_source *s, uint64_t from, uint64_t to,
				    uint64_t size, const struct saksi_hash *root,
				    enum saksi_err (*each)(void *ctx, uint64_t index,
							   struct saksi_bytes entry),
				    void *ctx, struct saksi_walked *at)
{
	struct saksi_hash leaves[SAKSI_TILE_WIDTH];
	struct walk w = {from, to, each, ctx, at};
	struct saksi_buf bundle;
	enum saksi_err err = SAKSI_OK;

	*at = (struct saksi_walked){from, ""};
	if (from > to || to > size)
		return SAKSI_BADARG;
	bundle = saksi_buf_growing(SAKSI_BUNDLE_MAX);
	while (at->index < to && err == SAKSI_OK) {
		struct saksi_tile t = {SAKSI_TILE_ENTRIES, at->index / SAKSI_TILE_WIDTH,
				       0};

		t.width = saksi_tile_width_at(size, 0, t.index);
		at->what = "a tile does not belong to the signed tree";
		err = leaves_of(s, &t, size, root, leaves);
		if (err == SAKSI_OK)
			err = saksi_source_bundle(s, &t, &bundle);
		if (err == SAKSI_OK)
			err = walk_bundle(&w, &t, saksi_buf_bytes(&bundle), leaves);
		if (err == SAKSI_OK)
			at->index = (t.index + 1) * SAKSI_TILE_WIDTH;
	}
	if (err == SAKSI_OK)
		at->index = to;
	saksi_buf_free(&bundle);
	return err;
}
