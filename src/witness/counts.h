/* What a witness counts of itself while it runs, for whoever operates it. */
#ifndef SAKSI_WITNESS_COUNTS_H
#define SAKSI_WITNESS_COUNTS_H

#include "net/metrics.h"
#include "witness/witness.h"

/* Answers to add-checkpoint by status, in this order; the last: any other. */
#define SAKSI_WITNESS_STATUSES 8
struct saksi_witness_counts {
	_Atomic uint64_t answers[SAKSI_WITNESS_STATUSES];
	struct saksi_meter answer;
	_Atomic unsigned last; /* status answered last; 0: none yet */
};

struct saksi_witness_counts *saksi_witness_counts(struct saksi_witness *w);
void saksi_witness_count(struct saksi_witness_counts *c, unsigned status,
			 uint64_t took_us);

/* Everything above, the logs and the evidence as metrics saksi_witness_*.  The one
 * label that others wrote is the origin of a log that was added here.  Cost: reads
 * all logs and what was kept, under the witness's lock. */
void saksi_witness_metrics(struct saksi_witness *w, struct saksi_metrics *m);
/* Should somebody look?  OK; REFUSED: the clock went back; IO: the state cannot be
 * read or written.  One line why. */
SAKSI_MUST enum saksi_err saksi_witness_health(struct saksi_witness *w, int64_t now_utc,
					       struct saksi_why *why);

#endif
