#include "net/seats.h"

#include "base/clock.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

static void wait_ms(struct saksi_seats *s, long ms)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000L;
	if (t.tv_nsec >= 1000000000L) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000L;
	}
	(void)pthread_cond_timedwait(&s->bell, &s->lock, &t);
}

static void *watch(void *at)
{
	struct saksi_seats *s = at;

	(void)pthread_mutex_lock(&s->lock);
	while (!s->ending) {
		int64_t now = saksi_time_ticks_ms();
		for (size_t i = 0; i < s->count; i++) {
			struct saksi_seat *e = &s->all[i];
			int64_t limit = e->answering ? s->answer_ms : s->ask_ms;
			/* Under the lock the descriptor is still this client's:
			 * seats are left before it is closed. */
			if (e->taken && now - e->since_ms > limit)
				(void)shutdown(e->fd, SHUT_RDWR);
		}
		wait_ms(s, 200);
	}
	(void)pthread_mutex_unlock(&s->lock);
	return NULL;
}

enum saksi_err saksi_seats_begin(struct saksi_seats *s, size_t count, unsigned idle_s)
{
	pthread_condattr_t attr;

	*s = (struct saksi_seats){.count = count,
				  .ask_ms = (int64_t)idle_s * 2000,
				  .answer_ms = (int64_t)idle_s * 20000};
	s->all = calloc(count, sizeof *s->all);
	if (s->all == NULL)
		return SAKSI_NOMEM;
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&s->bell, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (pthread_create(&s->watch, NULL, watch, s) == 0)
		return SAKSI_OK;
	(void)pthread_cond_destroy(&s->bell);
	(void)pthread_mutex_destroy(&s->lock);
	free(s->all);
	return SAKSI_NOMEM;
}

void saksi_seats_end(struct saksi_seats *s)
{
	(void)pthread_mutex_lock(&s->lock);
	s->ending = true;
	(void)pthread_cond_broadcast(&s->bell);
	(void)pthread_mutex_unlock(&s->lock);
	(void)pthread_join(s->watch, NULL);
	(void)pthread_cond_destroy(&s->bell);
	(void)pthread_mutex_destroy(&s->lock);
	free(s->all);
}

struct saksi_seat *saksi_seat_take(struct saksi_seats *s, int fd)
{
	struct saksi_seat *seat = NULL;

	(void)pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->count && seat == NULL; i++)
		if (!s->all[i].taken)
			seat = &s->all[i];
	if (seat != NULL)
		*seat = (struct saksi_seat){
		    .fd = fd, .taken = true, .since_ms = saksi_time_ticks_ms()};
	(void)pthread_mutex_unlock(&s->lock);
	return seat;
}

void saksi_seat_leave(struct saksi_seats *s, struct saksi_seat *seat)
{
	if (seat == NULL)
		return;
	(void)pthread_mutex_lock(&s->lock);
	seat->taken = false;
	seat->answering = false;
	(void)pthread_cond_broadcast(&s->bell);
	(void)pthread_mutex_unlock(&s->lock);
}

void saksi_seat_mark(struct saksi_seats *s, struct saksi_seat *seat, bool answering)
{
	if (seat == NULL)
		return;
	(void)pthread_mutex_lock(&s->lock);
	seat->answering = answering;
	seat->since_ms = saksi_time_ticks_ms();
	(void)pthread_cond_broadcast(&s->bell);
	(void)pthread_mutex_unlock(&s->lock);
}

void saksi_seats_drain(struct saksi_seats *s, int64_t ms)
{
	int64_t until = saksi_time_ticks_ms() + ms;

	(void)pthread_mutex_lock(&s->lock);
	for (;;) {
		size_t busy = 0;
		for (size_t i = 0; i < s->count; i++)
			busy += s->all[i].taken && s->all[i].answering;
		if (busy == 0 || saksi_time_ticks_ms() >= until)
			break;
		wait_ms(s, 50);
	}
	(void)pthread_mutex_unlock(&s->lock);
}
