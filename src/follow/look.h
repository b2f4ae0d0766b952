/* One look at a log: everything a stranger can check of it, in one order. */
#ifndef SAKSI_FOLLOW_LOOK_H
#define SAKSI_FOLLOW_LOOK_H

#include "follow/open.h"
#include "note/years.h"
#include "verify/verify.h"

struct saksi_look {
	struct saksi_judged judged; /* valid when point is OK or QUORUM */
	enum saksi_err point;       /* signature of the log, quorum */
	enum saksi_err growth;      /* against what was seen; OK when nothing was */
	enum saksi_err statements;  /* the walk over all entries */
	enum saksi_err tree;        /* only with full, else OK */
	enum saksi_err fresh;
	enum saksi_err last; /* of a closed log: its last tree?  OK when not closed */
	bool had_seen;
	uint64_t seen_size;
	struct saksi_verified verified;
	struct saksi_ledger ledger; /* when roots are pinned */
	bool derived;  /* full, and every entry and tile fits the signed tree */
	bool read_all; /* the ledger holds every entry: alarms can be told */
	struct saksi_buf evidence; /* of a split view; saksi_look_free */
	struct saksi_buf note;     /* the checkpoint as fetched */
	bool closed; /* this is its last tree: nobody asks whether there is a newer */
	struct saksi_closing closing;  /* when closed ... */
	struct saksi_buf closing_note; /* ... as fetched; else empty */
	char why[320];                 /* one line for the first thing that is not OK */
	bool full;
};

/* Fetches `checkpoint` once and judges it; seen_dir (follow/seen.h; -1: none) is
 * asked for what was seen of just this log before.
 * The answer is the worst that matters, told in look->why:
 *   SPLIT, REFUSED, QUORUM, then cannot tell (STALE, NEWER, MISSING, IO, ...). */
SAKSI_MUST enum saksi_err saksi_look_at(const struct saksi_verifier *v,
					struct saksi_place *place, int seen_dir,
					bool full, struct saksi_look *look);
void saksi_look_free(struct saksi_look *look);

#endif
