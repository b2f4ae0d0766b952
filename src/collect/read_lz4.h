/* The LZ4 frame format (as apt keeps its lists), read from a descriptor. */
#ifndef SAKSI_COLLECT_READ_LZ4_H
#define SAKSI_COLLECT_READ_LZ4_H

#include "base/cursor.h"
#include "base/err.h"

/* Gives each run of decoded bytes to `piece`.  MALFORMED (also a frame that is cut
 * off or followed by something), LIMIT (over max decoded bytes), NOMEM, IO.
 * liblz4; memory: what one block of the frame takes, at most 4 MiB, twice. */
typedef void saksi_lz4_piece(void *ctx, struct saksi_bytes piece);
SAKSI_MUST enum saksi_err saksi_lz4_read(int fd, uint64_t max, saksi_lz4_piece *piece,
					 void *ctx);
#endif
