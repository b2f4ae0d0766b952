/* A log of known leaves in memory, as tiles; it can lie and it can fail. */
#ifndef TILES_H
#define TILES_H

#include "slow.h"

#include <stdlib.h>
#include <string.h>

#include "merkle/tree.h"

struct tiles {
	struct saksi_hash *level[8];
	uint64_t count[8];
	uint64_t size; /* of the tree that is asked about */
	unsigned reads, reads_of[8];
	bool wrong_width; /* somebody asked for a tile that the size has not */
	/* The lie: one bit of one hash. */
	bool lies;
	struct saksi_tile lie_in;
	size_t lie_at;
	unsigned lie_bit;
	/* The fault: at the n-th read, from 1. */
	unsigned fail_at;
	enum saksi_err fail_with;
};

static inline void tiles_begin(struct tiles *t, uint64_t size)
{
	memset(t, 0, sizeof(*t));
	t->size = size;
	for (unsigned l = 0; l < 8; l++) {
		t->count[l] = size >> 8 * l;
		if (t->count[l] == 0)
			break;
		t->level[l] = calloc(t->count[l], sizeof(struct saksi_hash));
		assert_non_null(t->level[l]);
		for (uint64_t i = 0; i < t->count[l]; i++)
			t->level[l][i] =
			    l == 0 ? slow_leaf(i)
				   : slow_root(t->level[l - 1], 256 * i, 256 * i + 256);
	}
}

static inline void tiles_end(struct tiles *t)
{
	for (unsigned l = 0; l < 8; l++)
		free(t->level[l]);
}

static inline enum saksi_err tiles_read(void *ctx, const struct saksi_tile *tile,
					struct saksi_hash *out)
{
	struct tiles *t = ctx;
	uint64_t count, first = tile->index * 256;

	t->reads++;
	t->reads_of[tile->level]++;
	if (t->fail_at != 0 && t->reads == t->fail_at)
		return t->fail_with;
	count = tile->level < 8 ? t->size >> 8 * tile->level : 0;
	if (first >= count || tile->width == 0 || tile->width > 256 ||
	    tile->width != (count - first < 256 ? count - first : 256)) {
		t->wrong_width = true;
		return SAKSI_MISSING;
	}
	memcpy(out, &t->level[tile->level][first], tile->width * sizeof(*out));
	if (t->lies && tile->level == t->lie_in.level &&
	    tile->index == t->lie_in.index && t->lie_at < tile->width)
		flip(&out[t->lie_at], t->lie_bit);
	return SAKSI_OK;
}

static inline struct saksi_tiles tiles_of(struct tiles *t)
{
	t->reads = 0;
	memset(t->reads_of, 0, sizeof(t->reads_of));
	return (struct saksi_tiles){t, tiles_read};
}

#endif
