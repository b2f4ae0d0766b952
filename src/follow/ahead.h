/* Reads the whole tiles of a folder ahead, on several threads. */
#ifndef SAKSI_FOLLOW_AHEAD_H
#define SAKSI_FOLLOW_AHEAD_H

#include "base/buf.h"
#include "merkle/tile.h"

#define SAKSI_AHEAD_THREADS 8 /* at most */

struct saksi_ahead;

/* Begins to read tiles [0, tiles) of level 0 or SAKSI_TILE_ENTRIES below dir (which
 * stays the caller's, and open until the end) on `threads` threads, and makes their
 * roots with saksi_source_root.  NULL when no thread can be had or threads is 0: then
 * the caller reads for himself.  Memory: at most 4 MiB a thread, and 40 kB. */
struct saksi_ahead *saksi_ahead_begin(int dir, uint8_t level, uint64_t tiles,
				      unsigned threads);
/* The root of t, to be asked for in order, by one thread; waits for it.  `ctx` is the
 * struct saksi_ahead or NULL.  False: not made ahead, or anything was not as it must be
 * with that file: whoever asks reads it himself and meets the same, so that no error
 * comes from here.  Fits struct saksi_rederive. */
bool saksi_ahead_root(void *ctx, const struct saksi_tile *t, struct saksi_hash *root);
/* Stops, also halfway.  NULL is fine. */
void saksi_ahead_end(struct saksi_ahead *a);
/* As many as this process has cores, at most SAKSI_AHEAD_THREADS. */
unsigned saksi_ahead_cores(void);

#endif
