/* The LZ4 frame format (as apt keeps its lists), read from a descriptor. */
#ifndef SAKSI_AUDIT_READ_LZ4_H
#define SAKSI_AUDIT_READ_LZ4_H

#include "base/cursor.h"
#include "base/err.h"

/* Gives each run of decoded bytes to `piece`.  MALFORMED, LIMIT (over max
 * decoded bytes), NOMEM, IO.  Checksums are skipped: what damage could do here
 * is done by the list's owner anyway.  Memory: twice the frame's block size,
 * at most 8.1 MiB. */
typedef void saksi_lz4_piece(void *ctx, struct saksi_bytes piece);
SAKSI_MUST enum saksi_err saksi_lz4_read(int fd, uint64_t max, saksi_lz4_piece *piece,
					 void *ctx);
/* One block: appends to out[*len], whose earlier bytes are its history.
 * MALFORMED, LIMIT (over cap).  Pure. */
SAKSI_MUST enum saksi_err saksi_lz4_block(struct saksi_bytes in, uint8_t *out,
					  size_t cap, size_t *len);

#endif
