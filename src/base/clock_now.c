#include "base/clock.h"

#include <time.h>

int64_t saksi_time_now(void)
{
	return (int64_t)time(NULL);
}

int64_t saksi_time_ticks_ms(void)
{
	struct timespec t = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
