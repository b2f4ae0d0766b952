#include "merkle/tree.h"

#include <string.h>

#define SIZE_MAX_LEAVES (UINT64_C(1) << 63)
#define TILE_LEVELS 8 /* 2^8 leaves a tile */
#define BLOCK 1024    /* leaves hashed in one go: 16 kB of scratch on the stack */

void saksi_edge_begin(struct saksi_edge *e)
{
	memset(e, 0, sizeof(*e));
}

/* Append a perfect subtree of 2^level leaves; size is a multiple of that. */
static void add_perfect(struct saksi_edge *e, unsigned level, struct saksi_hash h)
{
	uint64_t count = UINT64_C(1) << level;

	for (; (e->size >> level & 1) != 0; level++)
		h = saksi_hash_node(&e->peaks[level], &h);
	e->peaks[level] = h;
	e->size += count;
}

enum saksi_err saksi_edge_add(struct saksi_edge *e, const struct saksi_hash *leaf)
{
	if (e->size >= SIZE_MAX_LEAVES)
		return SAKSI_LIMIT;
	add_perfect(e, 0, *leaf);
	return SAKSI_OK;
}

/* The root of 2^level leaves, at most BLOCK of them. */
static struct saksi_hash root_of_perfect(const struct saksi_hash *leaves,
					 unsigned level)
{
	struct saksi_hash scratch[BLOCK / 2];

	if (level == 0)
		return leaves[0];
	saksi_hash_nodes(leaves, (size_t)1 << (level - 1), scratch);
	for (unsigned l = level - 1; l > 0; l--)
		saksi_hash_nodes(scratch, (size_t)1 << (l - 1), scratch);
	return scratch[0];
}

enum saksi_err saksi_edge_add_many(struct saksi_edge *e,
				   const struct saksi_hash *leaves, size_t count)
{
	if (e->size > SIZE_MAX_LEAVES || count > SIZE_MAX_LEAVES - e->size)
		return SAKSI_LIMIT;
	while (count > 0) {
		/* The largest block that is aligned, there, and not too large. */
		uint64_t align = e->size | BLOCK;
		unsigned level = (unsigned)__builtin_ctzll(align);
		size_t block;

		while ((block = (size_t)1 << level) > count)
			level--;
		add_perfect(e, level, root_of_perfect(leaves, level));
		leaves += block;
		count -= block;
	}
	return SAKSI_OK;
}

enum saksi_err saksi_edge_add_tile(struct saksi_edge *e, const struct saksi_hash *root)
{
	if (e->size % SAKSI_TILE_WIDTH != 0)
		return SAKSI_BADARG;
	if (e->size > SIZE_MAX_LEAVES - SAKSI_TILE_WIDTH)
		return SAKSI_LIMIT;
	add_perfect(e, TILE_LEVELS, *root);
	return SAKSI_OK;
}

/* The root of what lies right of the last multiple of 2^below leaves. */
static struct saksi_hash fold(const struct saksi_edge *e, unsigned below)
{
	struct saksi_hash h = saksi_hash_empty();
	bool any = false;

	for (unsigned i = 0; i < below; i++) {
		if ((e->size >> i & 1) == 0)
			continue;
		h = any ? saksi_hash_node(&e->peaks[i], &h) : e->peaks[i];
		any = true;
	}
	return h;
}

struct saksi_hash saksi_edge_root(const struct saksi_edge *e)
{
	return fold(e, 64);
}

struct saksi_hash saksi_tree_root_of(struct saksi_hash *leaves, size_t count)
{
	if (count == 0)
		return saksi_hash_empty();
	while (count > 1) {
		saksi_hash_nodes(leaves, count / 2, leaves);
		/* One without a sibling waits for the level where it has one. */
		if (count % 2 == 1)
			leaves[count / 2] = leaves[count - 1];
		count = count / 2 + count % 2;
	}
	return leaves[0];
}

/* ---- from tiles */

/* The tile read last, so that one path reads each of its tiles once. */
struct reader {
	const struct saksi_tiles *from;
	uint64_t size;
	struct saksi_tile tile; /* width 0: none yet */
	struct saksi_hash hashes[SAKSI_TILE_WIDTH];
};

/* The root of the perfect subtree `index` of 2^level leaves. */
static enum saksi_err read_node(struct reader *r, unsigned level, uint64_t index,
				struct saksi_hash *out)
{
	uint64_t first = index << level % 8; /* in hashes of the tile's level */
	struct saksi_tile t = {.level = (uint8_t)(level / 8),
			       .index = first / SAKSI_TILE_WIDTH};

	if (r->tile.width == 0 || r->tile.level != t.level ||
	    r->tile.index != t.index) {
		t.width = saksi_tile_width_at(r->size, t.level, t.index);
		r->tile.width = 0;
		SAKSI_TRY(r->from->read(r->from->ctx, &t, r->hashes));
		r->tile = t;
	}
	*out = root_of_perfect(&r->hashes[first % SAKSI_TILE_WIDTH], level % 8);
	return SAKSI_OK;
}

/* The peaks below 2^below leaves, as the tiles tell it. */
static enum saksi_err read_peaks(const struct saksi_tiles *from, uint64_t size,
				 unsigned below, struct saksi_edge *e)
{
	struct reader r = {.from = from, .size = size};

	memset(e, 0, sizeof(*e));
	e->size = size;
	for (unsigned i = 0; i < below; i++)
		if ((size >> i & 1) != 0)
			SAKSI_TRY(read_node(&r, i, (size >> i) - 1, &e->peaks[i]));
	return SAKSI_OK;
}

enum saksi_err saksi_edge_from_tiles(struct saksi_edge *e,
				     const struct saksi_tiles *from, uint64_t size,
				     const struct saksi_hash *root)
{
	struct saksi_edge got;
	struct saksi_hash told;

	if (size > SIZE_MAX_LEAVES)
		return SAKSI_LIMIT;
	SAKSI_TRY(read_peaks(from, size, 64, &got));
	told = saksi_edge_root(&got);
	if (!saksi_hash_same(&told, root))
		return SAKSI_REFUSED;
	*e = got;
	return SAKSI_OK;
}

/* The siblings on the way from node `at` of `level` up to the root. */
static enum saksi_err climb(struct reader *r, unsigned level, uint64_t at,
			    struct saksi_hash *path, size_t *count)
{
	for (; (r->size - 1) >> level != 0; level++, at /= 2) {
		uint64_t last = (r->size - 1) >> level;
		bool ragged = (r->size & ((UINT64_C(1) << level) - 1)) != 0;

		if (at == last && at % 2 == 0)
			continue;
		if (at % 2 == 0 && at + 1 == last && ragged) {
			/* Happens once: above it, `at` is on the edge itself. */
			struct saksi_edge edge;

			SAKSI_TRY(read_peaks(r->from, r->size, level, &edge));
			path[*count] = fold(&edge, level);
		} else {
			SAKSI_TRY(read_node(r, level, at ^ 1, &path[*count]));
		}
		(*count)++;
	}
	return SAKSI_OK;
}

/* NOLINTNEXTLINE(readability-function-size): a proof has these six parts */
enum saksi_err saksi_inclusion_prove(const struct saksi_tiles *from, uint64_t index,
				     uint64_t size, const struct saksi_hash *root,
				     struct saksi_inclusion *out,
				     struct saksi_hash path[SAKSI_PATH_MAX])
{
	struct reader r = {.from = from, .size = size};
	struct saksi_hash found[SAKSI_PATH_MAX];
	struct saksi_inclusion p = {.index = index, .size = size, .path = found};

	if (index >= size)
		return SAKSI_BADARG;
	SAKSI_TRY(read_node(&r, 0, index, &p.leaf));
	SAKSI_TRY(climb(&r, 0, index, found, &p.path_count));
	SAKSI_TRY(saksi_inclusion_check(&p, root));
	memcpy(path, found, p.path_count * sizeof(found[0]));
	p.path = path;
	*out = p;
	return SAKSI_OK;
}

/* NOLINTNEXTLINE(readability-function-size): a proof has these six parts */
enum saksi_err saksi_consistency_prove(const struct saksi_tiles *from, uint64_t size1,
				       uint64_t size2, const struct saksi_hash *root2,
				       struct saksi_consistency *out,
				       struct saksi_hash path[SAKSI_PATH_MAX])
{
	struct reader r = {.from = from, .size = size2};
	struct saksi_hash found[SAKSI_PATH_MAX], whole, old, new;
	struct saksi_consistency p = {.size1 = size1, .size2 = size2, .path = found};
	unsigned level;

	if (size1 > size2)
		return SAKSI_BADARG;
	if (size1 != 0 && size1 != size2) {
		/* The largest node that ends where the older tree ends. */
		level = (unsigned)__builtin_ctzll(size1);
		SAKSI_TRY(read_node(&r, level, (size1 >> level) - 1, &whole));
		if (size1 >> level != 1) /* else it is the older root */
			found[p.path_count++] = whole;
		SAKSI_TRY(climb(&r, level, (size1 >> level) - 1, found, &p.path_count));
		SAKSI_TRY(saksi_consistency_roots(&p, &whole, &old, &new));
		if (!saksi_hash_same(&new, root2))
			return SAKSI_REFUSED;
		memcpy(path, found, p.path_count * sizeof(found[0]));
	}
	p.path = path;
	*out = p;
	return SAKSI_OK;
}

enum saksi_err saksi_tiles_grown(uint64_t size1, uint64_t size2,
				 enum saksi_err (*emit)(void *ctx,
							const struct saksi_tile *t),
				 void *ctx)
{
	if (size1 > size2)
		return SAKSI_BADARG;
	for (unsigned level = 0; level < 8; level++) {
		uint64_t old = size1 >> 8 * level, new = size2 >> 8 * level;
		struct saksi_tile t = {.level = (uint8_t)level};

		if (old == new)
			continue;
		for (t.index = old / SAKSI_TILE_WIDTH;; t.index++) {
			t.width = saksi_tile_width_at(size2, t.level, t.index);
			if (t.width == 0)
				break;
			SAKSI_TRY(emit(ctx, &t));
		}
	}
	return SAKSI_OK;
}
