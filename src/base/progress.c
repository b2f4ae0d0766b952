#include "base/progress.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

void saksi_progress_begin(struct saksi_progress *p, const char *what, uint64_t total)
{
	*p = (struct saksi_progress){.what = what,
				     .total = total,
				     .began_ms = saksi_time_ticks_ms(),
				     .on = isatty(STDERR_FILENO) == 1};
}

static void draw(const struct saksi_progress *p, int64_t now_ms)
{
	double seconds = (double)(now_ms - p->began_ms) / 1000.0;
	double rate = (double)p->done / seconds;

	(void)fprintf(stderr, "\r\033[K%s: %" PRIu64, p->what, p->done);
	if (p->total != 0)
		(void)fprintf(stderr, " of %" PRIu64, p->total);
	(void)fprintf(stderr, ", %.0f a second", rate);
	if (p->done != 0 && p->total > p->done)
		(void)fprintf(stderr, ", %.0f s left",
			      (double)(p->total - p->done) / rate);
	(void)fflush(stderr);
}

void saksi_progress_at(struct saksi_progress *p, uint64_t done)
{
	int64_t now_ms;

	p->done = done;
	if (!p->on)
		return;
	now_ms = saksi_time_ticks_ms();
	if (now_ms - p->began_ms < 1000 || now_ms - p->drawn_ms < 100)
		return;
	p->drawn_ms = now_ms;
	draw(p, now_ms);
}

void saksi_progress_end(struct saksi_progress *p)
{
	if (p->on && p->drawn_ms != 0)
		(void)fputs("\r\033[K", stderr);
	p->on = false;
}
