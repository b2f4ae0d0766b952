/* A log's own key replaced, a log closed, a log that follows another, and its
 * public files made again from its entries.  Spec: docs/formats/years.md.
 *
 * All but saksi_log_rebuild take the log's lock: BUSY while it is served.  Each
 * step is durable before the next, and each call may be made again after a crash:
 * it goes on where it stood. */
#ifndef SAKSI_LOG_YEARS_H
#define SAKSI_LOG_YEARS_H

#include "log/log.h"
#include "note/years.h"

/* From now on a new key (DIR/next.key) signs beside the old one.
 *   1. next.key is made  2. public/keychange/ID, signed by both  3. the newest tree
 *   is signed by both  4. and published
 * Appends the new vkey.  QUORUM: all done but the witnesses' part, which the next
 * publication does.  REFUSED: the log is closed.  Else as saksi_log_open. */
SAKSI_MUST enum saksi_err saksi_log_rekey(const char *path, int64_t now,
					  struct saksi_buf *vkey, struct saksi_why *w);
/* The old key goes: next.key becomes key, and the newest tree is signed by it
 * alone.  MISSING: nothing was begun.  REFUSED: what is published is not yet
 * signed by both, or the log is closed. */
SAKSI_MUST enum saksi_err saksi_log_rekeyed(const char *path, int64_t now,
					    struct saksi_buf *vkey,
					    struct saksi_why *w);

/* Publishes all that was acknowledged, then says that this was the last tree:
 * DIR/closed (from here on it takes no entry), public/closing.  QUORUM: not
 * closed, the last tree could not be published.  successor: vkey text or empty;
 * url: or empty.  Closed already: OK when it says the same, else REFUSED. */
SAKSI_MUST enum saksi_err saksi_log_end(const char *path, struct saksi_bytes successor,
					struct saksi_bytes url, int64_t now,
					struct saksi_closing *out, struct saksi_why *w);
/* Commits to the last tree of a closed log: public/predecessor.  `closing` and
 * `vkey` are that log's public files.  REFUSED: not signed by that key, another
 * successor is named in it, or this log is closed itself. */
SAKSI_MUST enum saksi_err saksi_log_succeed(const char *path,
					    struct saksi_bytes closing,
					    struct saksi_bytes vkey, int64_t now,
					    struct saksi_why *w);

/* Makes tiles and bundles under public/ again from state.db, for a folder that
 * came out of a backup; no key is needed. */
SAKSI_MUST enum saksi_err saksi_log_rebuild(const char *path, struct saksi_why *w);

/* The newest tree that this folder's state.db has signed; no key is needed. */
SAKSI_MUST enum saksi_err saksi_log_size(const char *path, uint64_t *size,
					 struct saksi_hash *root, struct saksi_why *w);

#endif
