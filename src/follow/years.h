/* What a look asks of a log that may have got a new key or an end. */
#ifndef SAKSI_FOLLOW_YEARS_H
#define SAKSI_FOLLOW_YEARS_H

#include "follow/look.h"

/* The checkpoint bears no line of a known key.  MISSING, told in l->why, when the
 * key that is known vouches for the one that signed; else REFUSED. */
SAKSI_MUST enum saksi_err saksi_look_heir(const struct saksi_verifier *v,
					  struct saksi_place *place,
					  struct saksi_look *l);
/* Asks for the log's closing, there and in what was seen, and holds the judged
 * checkpoint against it.  OK: not closed, or l->closed and this is its last tree;
 * SPLIT with evidence; STALE; REFUSED; NEWER.  All but OK are told in l->why. */
SAKSI_MUST enum saksi_err saksi_look_closing(const struct saksi_verifier *v,
					     struct saksi_place *place, int seen_dir,
					     struct saksi_look *l);

#endif
