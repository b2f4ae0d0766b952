/* The tiles of a true tree, some bytes of which lie, as the input says. */
#ifndef FUZZ_LYING_TILES_H
#define FUZZ_LYING_TILES_H

#include <stdlib.h>
#include <string.h>

#include "merkle/tree.h"

enum { TILE_LEAVES = 66000 }; /* three levels of tiles */

static struct saksi_hash tile_hashes[3][TILE_LEAVES];
static struct saksi_edge tile_edges[TILE_LEAVES / SAKSI_TILE_WIDTH + 1];

/* Lies: six bytes each: level, index (be16), which hash, which byte of it, what is
 * xor-ed there. */
struct lying {
	struct saksi_bytes lies;
	bool asked_a_lie;
};

static inline void tiles_begin(void)
{
	struct saksi_hash part[SAKSI_TILE_WIDTH];
	struct saksi_edge e;

	if (tile_edges[1].size != 0)
		return;
	saksi_edge_begin(&e);
	for (size_t i = 0; i < TILE_LEAVES; i++) {
		const uint8_t n[3] = {(uint8_t)(i >> 16), (uint8_t)(i >> 8),
				      (uint8_t)i};

		if (i % SAKSI_TILE_WIDTH == 0)
			tile_edges[i / SAKSI_TILE_WIDTH] = e;
		tile_hashes[0][i] = saksi_hash_leaf((struct saksi_bytes){n, 3});
		if (saksi_edge_add(&e, &tile_hashes[0][i]) != SAKSI_OK)
			abort();
	}
	for (size_t level = 1; level < 3; level++)
		for (size_t i = 0; i < TILE_LEAVES >> (8 * level); i++) {
			memcpy(part, &tile_hashes[level - 1][i * SAKSI_TILE_WIDTH],
			       sizeof(part));
			tile_hashes[level][i] =
			    saksi_tree_root_of(part, SAKSI_TILE_WIDTH);
		}
}

/* The true root of a tree of so many leaves. */
static inline struct saksi_hash tiles_root(uint64_t size)
{
	struct saksi_edge e = tile_edges[size / SAKSI_TILE_WIDTH];

	if (saksi_edge_add_many(&e, &tile_hashes[0][e.size], size - e.size) != SAKSI_OK)
		abort();
	return saksi_edge_root(&e);
}

static inline enum saksi_err tiles_read(void *ctx, const struct saksi_tile *t,
					struct saksi_hash *out)
{
	struct lying *l = ctx;
	const uint64_t from = t->index * SAKSI_TILE_WIDTH;

	if (t->width == 0 || t->width > SAKSI_TILE_WIDTH)
		abort();
	if (t->level > 2 || from + t->width > (uint64_t)TILE_LEAVES >> (8 * t->level))
		return SAKSI_MISSING;
	memcpy(out, &tile_hashes[t->level][from], t->width * sizeof(*out));
	for (size_t i = 0; i + 6 <= l->lies.len; i += 6) {
		const uint8_t *at = l->lies.at + i;
		const uint64_t index = (uint64_t)at[1] << 8 | at[2];

		if (at[0] % 3 != t->level || index != t->index || at[3] >= t->width ||
		    at[5] == 0)
			continue;
		out[at[3]].b[at[4] % SAKSI_HASH_LEN] ^= at[5];
		l->asked_a_lie = true;
	}
	return SAKSI_OK;
}

static inline uint64_t tiles_size(const uint8_t *at)
{
	return ((uint64_t)at[0] << 16 | (uint64_t)at[1] << 8 | at[2]) %
	       (TILE_LEAVES + 1);
}

#endif
