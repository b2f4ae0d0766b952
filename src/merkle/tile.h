/* Tiles: the tree as files of up to 256 hashes.  Spec: c2sp.org/tlog-tiles. */
#ifndef SAKSI_MERKLE_TILE_H
#define SAKSI_MERKLE_TILE_H

#include "base/err.h"
#include "crypto/hash.h"

#define SAKSI_TILE_WIDTH 256
#define SAKSI_TILE_PATH_LEN 64 /* room for any path with its NUL */
#define SAKSI_TILE_ENTRIES 255 /* as level: the entry bundles */

struct saksi_tile {
	uint8_t level;  /* 0..7, or SAKSI_TILE_ENTRIES */
	uint64_t index; /* in tiles */
	uint16_t width; /* 1..256; 256 is a full tile */
};

/* "tile/0/x001/x234/067.p/12", "tile/entries/000": with its NUL. */
void saksi_tile_path(const struct saksi_tile *t, char out[SAKSI_TILE_PATH_LEN]);
/* The other way, one form only.  MALFORMED. */
SAKSI_MUST enum saksi_err saksi_tile_read_path(struct saksi_bytes path,
					       struct saksi_tile *out);
/* How many hashes tile `index` of `level` has in a tree of `size`: 0..256. */
uint16_t saksi_tile_width_at(uint64_t size, uint8_t level, uint64_t index);

/* Where hashes come from.  `read` fills t->width hashes; it may give OK,
 * MISSING, IO, MALFORMED (wrong length).  It may be asked for a tile twice.
 * Sources are not trusted: see saksi_tiles_checked. */
struct saksi_tiles {
	void *ctx;
	enum saksi_err (*read)(void *ctx, const struct saksi_tile *t,
			       struct saksi_hash *out);
};

#endif
