/* Where a verifier reads a log from: a directory or a URL behind one shape. */
#ifndef SAKSI_VERIFY_SOURCE_H
#define SAKSI_VERIFY_SOURCE_H

#include "base/buf.h"
#include "merkle/tile.h"

/* `get` appends the resource at `path` ("checkpoint", "tile/0/000.p/3",
 * "addenda/..") to out: OK, MISSING (not there), IO, LIMIT. */
struct saksi_source {
	void *ctx;
	enum saksi_err (*get)(void *ctx, const char *path, struct saksi_buf *out);
};
/* Tiles over a source; falls back from a partial tile to the full one.
 * MALFORMED for a tile of wrong length. */
struct saksi_tiles saksi_source_tiles(struct saksi_source *s);

/* One bundle of 256 entries of 65,535 bytes, each with its length. */
#define SAKSI_BUNDLE_MAX (SAKSI_TILE_WIDTH * (2U + 65535U))
/* The bundle t (level SAKSI_TILE_ENTRIES), or the full one where the partial is
 * gone: it holds t->width entries or more, unchecked.  Clears b first. */
SAKSI_MUST enum saksi_err saksi_source_bundle(struct saksi_source *s,
					      const struct saksi_tile *t,
					      struct saksi_buf *b);

/* The root of what a whole level-0 tile (level 0) or bundle (SAKSI_TILE_ENTRIES)
 * holds.  MALFORMED: a tile of another length; REFUSED: a bundle too short for the
 * entries it must hold.  Pure, so any thread may do it. */
SAKSI_MUST enum saksi_err saksi_source_root(uint8_t level, struct saksi_bytes bytes,
					    struct saksi_hash *root);

/* How far a walk came: the entry it was at and, when it was refused, what there
 * was false (static). */
struct saksi_walked {
	uint64_t index;
	const char *what;
};

/* Entries [from, to) in order, each checked against the tree (size, root):
 * REFUSED when a bundle does not hash to its level-0 tile or that tile not to
 * the root; *at says where and which.  `each` gets a view valid during the call
 * and stops the walk with anything but OK. Memory: one bundle. */
SAKSI_MUST enum saksi_err saksi_source_entries(
    struct saksi_source *s, uint64_t from, uint64_t to, uint64_t size,
    const struct saksi_hash *root,
    enum saksi_err (*each)(void *ctx, uint64_t index, struct saksi_bytes entry),
    void *ctx, struct saksi_walked *at);

#endif
