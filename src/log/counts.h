/* What a log counts of itself while it runs, for whoever operates it. */
#ifndef SAKSI_LOG_COUNTS_H
#define SAKSI_LOG_COUNTS_H

#include "log/cosign.h"
#include "net/metrics.h"

#define SAKSI_LOG_ANSWERS ((size_t)SAKSI_BADARG + 1)
#define SAKSI_VOICE_KINDS ((size_t)SAKSI_VOICE_TILES + 1)

enum saksi_log_stage { SAKSI_LOG_INTEGRATE, SAKSI_LOG_COSIGN, SAKSI_LOG_SHOW };
#define SAKSI_LOG_STAGES ((size_t)SAKSI_LOG_SHOW + 1)

/* Counted by any thread, read by any.  `voices` has party_count rows. */
struct saksi_log_counts {
	_Atomic uint64_t answers[SAKSI_LOG_ANSWERS], repeats;
	_Atomic uint64_t rounds[SAKSI_LOG_ANSWERS]; /* publications */
	_Atomic int last_round;                     /* what the last one came to */
	struct saksi_meter add, stage[SAKSI_LOG_STAGES];
	_Atomic uint64_t (*voices)[SAKSI_VOICE_KINDS];
	/* saksi_meter_now when the thread began what it is at; 0: it waits. */
	_Atomic uint64_t writing_us, publishing_us;
};

struct saksi_log;
struct saksi_add;

/* Everything above and the state as metrics saksi_log_*.  Labels hold no more than
 * names of witnesses, of stages and of answers.  Cost: the log's lock for some
 * words, a few system calls. */
void saksi_log_metrics(struct saksi_log *l, struct saksi_metrics *m);
/* Should somebody look?  OK; IO: the disk refuses writes; QUORUM, IO, ...: three
 * publications in a row came to nothing, or the last one is overdue by far.  One
 * line why. */
SAKSI_MUST enum saksi_err saksi_log_health(struct saksi_log *l, struct saksi_why *w);
/* false: the writer or the publisher is at one thing for longer than any disk or
 * network takes; only a new process helps. */
bool saksi_log_alive(struct saksi_log *l);
/* "size 12, published 12 3 s ago, 0 wait", for a status line. */
void saksi_log_oneline(struct saksi_log *l, char *out, size_t len);

/* ---- within this room */

/* Counts what was answered to an add that came at since_us. */
void saksi_log_count_add(struct saksi_log_counts *c, const struct saksi_add *a,
			 uint64_t since_us, uint64_t now_us);
void saksi_log_count_voices(struct saksi_log_counts *c, const struct saksi_voice *v,
			    size_t count);

#endif
