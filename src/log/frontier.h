/* The right edge of a tiled tree: its partial tiles, and nothing else.  All that
 * is needed to grow the tree and to know its root, in at most 64 KiB. */
#ifndef SAKSI_LOG_FRONTIER_H
#define SAKSI_LOG_FRONTIER_H

#include "base/buf.h"
#include "merkle/tree.h"

#define SAKSI_FRONTIER_LEVELS 8
/* Bytes of the longest written form. */
#define SAKSI_FRONTIER_MAX                                                             \
	((size_t)SAKSI_FRONTIER_LEVELS * (SAKSI_TILE_WIDTH - 1) * SAKSI_HASH_LEN)

/* Level L holds (size >> 8 L) mod 256 hashes. */
struct saksi_frontier {
	uint64_t size;
	struct saksi_hash at[SAKSI_FRONTIER_LEVELS][SAKSI_TILE_WIDTH];
};

/* Where a finished tile goes. */
struct saksi_tile_sink {
	void *ctx;
	enum saksi_err (*put)(void *ctx, const struct saksi_tile *t,
			      const struct saksi_hash *hashes);
};

void saksi_frontier_begin(struct saksi_frontier *f);
/* Appends leaf hashes; every tile that becomes full is put, level 0 first.
 * LIMIT at 2^63 leaves; what the sink gives (then f is spoilt).
 * Cost: one node hash a leaf, by the many-lane call. */
SAKSI_MUST enum saksi_err saksi_frontier_add(struct saksi_frontier *f,
					     const struct saksi_hash *leaves,
					     size_t count,
					     const struct saksi_tile_sink *sink);
/* Puts the partial tiles that a tree of size `since` did not have. */
SAKSI_MUST enum saksi_err saksi_frontier_partials(const struct saksi_frontier *f,
						  uint64_t since,
						  const struct saksi_tile_sink *sink);
struct saksi_hash saksi_frontier_root(const struct saksi_frontier *f);

/* All hashes, level 0 first. */
void saksi_frontier_write(const struct saksi_frontier *f, struct saksi_buf *out);
/* MALFORMED: not the length that `size` asks for. */
SAKSI_MUST enum saksi_err saksi_frontier_read(struct saksi_bytes b, uint64_t size,
					      struct saksi_frontier *f);

#endif
