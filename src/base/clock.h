/* Time is whole seconds UTC, and an argument of everything that judges. */
#ifndef SAKSI_BASE_CLOCK_H
#define SAKSI_BASE_CLOCK_H

#include "base/cursor.h"
#include "base/err.h"

#define SAKSI_TIME_TEXT_LEN 20 /* 2026-11-22T16:39:05Z, without the NUL */

/* Seconds since 1970; years 1970 to 9999, other instants as the nearest end of
 * that.  Pure. */
void saksi_time_text(int64_t utc, char out[SAKSI_TIME_TEXT_LEN + 1]);
/* Exactly the form above, a real day and time.  MALFORMED. */
SAKSI_MUST enum saksi_err saksi_time_read(struct saksi_bytes s, int64_t *utc);
/* The same instant for Indonesian eyes: "22 Nov 2026 23.39 WIB" (UTC+7; months
 * Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des).  Pure. */
void saksi_time_wib(int64_t utc, char out[32]);

/* Reads the system's clock.  Only cmd and servers call this. */
int64_t saksi_time_now(void);
/* Milliseconds that never go back, from an arbitrary start. */
int64_t saksi_time_ticks_ms(void);

#endif
