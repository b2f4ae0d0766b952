/* Read a log from where it lies: a directory or a URL. */
#ifndef SAKSI_FOLLOW_OPEN_H
#define SAKSI_FOLLOW_OPEN_H

#include "verify/source.h"

struct saksi_place;

/* thing: "http://..", "https://..", or a directory that holds `checkpoint`.
 * Small resources that never change (tiles) are kept: at most 64 of 8 KiB.
 * Not for two threads at once.  MISSING, IO with why. */
SAKSI_MUST enum saksi_err saksi_place_open(const char *thing, struct saksi_place **out,
					   struct saksi_why *w);
void saksi_place_close(struct saksi_place *p);
/* Lives as long as the place. */
struct saksi_source *saksi_place_source(struct saksi_place *p);
/* The directory, which stays the place's; -1 for a URL. */
int saksi_place_dir(const struct saksi_place *p);
/* Why the last `get` failed: one line, or "". */
const char *saksi_place_why(const struct saksi_place *p);

#endif
