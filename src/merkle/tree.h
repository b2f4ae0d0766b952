/* Grow a tree, find its root, make proofs. */
#ifndef SAKSI_MERKLE_TREE_H
#define SAKSI_MERKLE_TREE_H

#include "merkle/proof.h"
#include "merkle/tile.h"

/* The right edge of a tree: all that is needed to append.  peaks[i] is the
 * root of a perfect subtree of 2^i leaves, used when bit i of size is set. */
struct saksi_edge {
	uint64_t size;
	struct saksi_hash peaks[64];
};

void saksi_edge_begin(struct saksi_edge *e);
/* Cost: amortised one node hash.  LIMIT at 2^63 leaves. */
SAKSI_MUST enum saksi_err saksi_edge_add(struct saksi_edge *e,
					 const struct saksi_hash *leaf);
/* `count` leaves at once through the many-lane hash.  LIMIT. */
SAKSI_MUST enum saksi_err saksi_edge_add_many(struct saksi_edge *e,
					      const struct saksi_hash *leaves,
					      size_t count);
/* A whole tile of SAKSI_TILE_WIDTH leaves by its root.  BADARG when the tree so far
 * does not end with a whole tile; LIMIT. */
SAKSI_MUST enum saksi_err saksi_edge_add_tile(struct saksi_edge *e,
					      const struct saksi_hash *root);
struct saksi_hash saksi_edge_root(const struct saksi_edge *e);

/* The root of `count` leaf hashes.  Clobbers `leaves`. */
struct saksi_hash saksi_tree_root_of(struct saksi_hash *leaves, size_t count);

/* ---- from tiles.  All give what the source gives, and REFUSED when the tiles
 * do not hash up to `root`: every hash that enters a proof is checked against
 * `root`, so a proof made from lying tiles is never handed out.
 * Cost: at most 2 tiles a level. */
SAKSI_MUST enum saksi_err saksi_edge_from_tiles(struct saksi_edge *e,
						const struct saksi_tiles *from,
						uint64_t size,
						const struct saksi_hash *root);
/* path has room for SAKSI_PATH_MAX.  BADARG: index >= size. */
SAKSI_MUST enum saksi_err saksi_inclusion_prove(const struct saksi_tiles *from,
						uint64_t index, uint64_t size,
						const struct saksi_hash *root,
						struct saksi_inclusion *out,
						struct saksi_hash path[SAKSI_PATH_MAX]);
/* BADARG: size1 > size2.  The path leads to root2; whether root1 agrees is for
 * saksi_consistency_check, since disagreement is evidence. */
SAKSI_MUST enum saksi_err
saksi_consistency_prove(const struct saksi_tiles *from, uint64_t size1, uint64_t size2,
			const struct saksi_hash *root2, struct saksi_consistency *out,
			struct saksi_hash path[SAKSI_PATH_MAX]);

/* Which tiles must be written when a tree grows from size1 to size2: calls
 * `emit` for each level-0..7 tile that is new or wider, full tiles full, the
 * last one partial where it is, in a fixed order (level, then index).
 * `emit` gives OK or stops the walk with its error. */
SAKSI_MUST enum saksi_err
saksi_tiles_grown(uint64_t size1, uint64_t size2,
		  enum saksi_err (*emit)(void *ctx, const struct saksi_tile *t),
		  void *ctx);

#endif
