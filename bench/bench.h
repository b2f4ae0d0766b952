/* For the programs of this folder: time, tries and their median. */
#ifndef SAKSI_BENCH_H
#define SAKSI_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BENCH_TRIES 5

static inline double bench_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* What this process used of a core: what others do meanwhile counts little. */
static inline double bench_cpu(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline int bench_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* NAME MEDIAN MIN MAX, which is how the scripts read a figure. */
static inline void bench_tell(const char *name, double tries[BENCH_TRIES])
{
	qsort(tries, BENCH_TRIES, sizeof tries[0], bench_order);
	printf("%s %.6g %.6g %.6g\n", name, tries[BENCH_TRIES / 2], tries[0],
	       tries[BENCH_TRIES - 1]);
}

__attribute__((noreturn)) static inline void bench_fail(const char *what)
{
	(void)fprintf(stderr, "%s\n", what);
	exit(1);
}

#endif
