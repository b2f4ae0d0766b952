/* Progress on a terminal for everything that takes over a second. */
#ifndef SAKSI_BASE_PROGRESS_H
#define SAKSI_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* One line on stderr, redrawn at most ten times a second and only when stderr
 * is a terminal: what, done, of, rate, time left.  Nothing is drawn in the
 * first second. */
struct saksi_progress {
	const char *what;     /* static */
	uint64_t done, total; /* total 0: not known */
	int64_t began_ms, drawn_ms;
	bool on;
};
void saksi_progress_begin(struct saksi_progress *p, const char *what, uint64_t total);
void saksi_progress_at(struct saksi_progress *p, uint64_t done);
void saksi_progress_end(struct saksi_progress *p); /* wipes the line */

#endif
