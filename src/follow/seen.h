/* What this user saw of each log before: one checkpoint note a log. */
#ifndef SAKSI_FOLLOW_SEEN_H
#define SAKSI_FOLLOW_SEEN_H

#include "base/buf.h"

/* Opens the folder that remembers (made when not there): `path`, or when NULL
 * $XDG_STATE_HOME/saksi/seen, or ~/.local/state/saksi/seen.  IO with why. */
SAKSI_MUST enum saksi_err saksi_seen_open(const char *path, int *dir,
					  struct saksi_why *w);
/* That folder's path, where none is given. */
SAKSI_MUST enum saksi_err saksi_seen_path(char *out, size_t len, struct saksi_why *w);
/* Appends the note last remembered for this origin.  MISSING: none yet. */
SAKSI_MUST enum saksi_err saksi_seen_load(int dir, struct saksi_bytes origin,
					  struct saksi_buf *note);
/* Durable before it answers. */
SAKSI_MUST enum saksi_err saksi_seen_store(int dir, struct saksi_bytes origin,
					   struct saksi_bytes note);

/* The same for the log's closing. */
SAKSI_MUST enum saksi_err saksi_seen_closing_load(int dir, struct saksi_bytes origin,
						  struct saksi_buf *note);
SAKSI_MUST enum saksi_err saksi_seen_closing_store(int dir, struct saksi_bytes origin,
						   struct saksi_bytes note);

#endif
