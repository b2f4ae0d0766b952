#include "net/seats.h"

#include "base/clock.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATIENCE_MS 5000 /* for an answer being taken, when all else is full */

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

/* Has one who asks hung up?  The library is told of an end that comes together
 * with bytes only once, and then waits for more. */
static bool gone(const struct saksi_seat *e, int64_t now)
{
	char one;

	return !e->answering && now - e->since_ms > 1000 &&
	       recv(e->fd, &one, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static void *watch(void *at)
{
	struct saksi_seats *s = at;

	(void)pthread_mutex_lock(&s->lock);
	while (!s->ending) {
		int64_t now = saksi_time_ticks_ms();
		for (size_t i = 0; i < s->high; i++) {
			struct saksi_seat *e = &s->all[i];
			int64_t limit = e->answering ? s->answer_ms : s->ask_ms;
			/* Under the lock the descriptor is still this client's:
			 * seats are left before it is closed. */
			if (e->taken && (now - e->since_ms > limit || gone(e, now)))
				(void)shutdown(e->fd, SHUT_RDWR);
		}
		wait_ms(s, 200);
	}
	(void)pthread_mutex_unlock(&s->lock);
	return NULL;
}

enum saksi_err saksi_seats_begin(struct saksi_seats *s, size_t count, size_t each,
				 unsigned idle_s)
{
	pthread_condattr_t attr;

	*s = (struct saksi_seats){.count = count,
				  .each = each,
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

struct saksi_guest saksi_guest_of(const struct sockaddr *a)
{
	struct saksi_guest g = {{0}};
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;

	/* Copied out: what the library points to need not be aligned. */
	if (a != NULL && a->sa_family == AF_INET6) {
		memcpy(&v6, a, sizeof v6);
		g.b[0] = 6;
		memcpy(g.b + 1, v6.sin6_addr.s6_addr, 8);
	} else if (a != NULL && a->sa_family == AF_INET) {
		memcpy(&v4, a, sizeof v4);
		g.b[0] = 4;
		memcpy(g.b + 1, &v4.sin_addr, sizeof v4.sin_addr);
	}
	return g;
}

/* When few seats are left, whoever has asked longest without having asked a whole
 * request loses his (then whoever has taken longest to take an answer): else those
 * who sit still, from many addresses, would keep everybody out. */
static void make_room(struct saksi_seats *s)
{
	int64_t now = saksi_time_ticks_ms();
	struct saksi_seat *who = NULL;
	size_t taken = 0;

	for (size_t i = 0; i < s->high; i++) {
		struct saksi_seat *e = &s->all[i];

		taken += e->taken && !e->leaving;
		if (!e->taken || e->leaving ||
		    (e->answering && now - e->since_ms < PATIENCE_MS))
			continue;
		if (who == NULL || e->answering < who->answering ||
		    (e->answering == who->answering && e->since_ms < who->since_ms))
			who = e;
	}
	if (who == NULL || taken <= s->count - s->count / 8)
		return;
	who->leaving = true;
	(void)shutdown(who->fd, SHUT_RDWR);
}

/* Seats of this guest; the first free one, or NULL. */
static size_t look(struct saksi_seats *s, const struct saksi_guest *g,
		   struct saksi_seat **unused)
{
	size_t of_guest = 0;

	*unused = NULL;
	for (size_t i = 0; i < s->high; i++) {
		struct saksi_seat *e = &s->all[i];

		if (!e->taken && *unused == NULL)
			*unused = e;
		of_guest += e->taken && memcmp(&e->guest, g, sizeof *g) == 0;
	}
	if (*unused == NULL && s->high < s->count)
		*unused = &s->all[s->high];
	return of_guest;
}

bool saksi_seat_free(struct saksi_seats *s, const struct saksi_guest *g)
{
	struct saksi_seat *seat;

	(void)pthread_mutex_lock(&s->lock);
	bool may = look(s, g, &seat) < s->each;
	s->refused += !may;
	(void)pthread_mutex_unlock(&s->lock);
	return may;
}

struct saksi_seat *saksi_seat_take(struct saksi_seats *s, int fd,
				   const struct saksi_guest *g)
{
	struct saksi_seat *seat;

	(void)pthread_mutex_lock(&s->lock);
	if (look(s, g, &seat) >= s->each) {
		seat = NULL;
		s->refused++;
	}
	if (seat != NULL) {
		*seat = (struct saksi_seat){.fd = fd,
					    .taken = true,
					    .since_ms = saksi_time_ticks_ms(),
					    .guest = *g};
		if (seat == &s->all[s->high])
			s->high++;
		make_room(s);
	}
	(void)pthread_mutex_unlock(&s->lock);
	return seat;
}

/* Only somebody who drains listens. */
static void ring(struct saksi_seats *s)
{
	if (s->draining)
		(void)pthread_cond_broadcast(&s->bell);
}

void saksi_seat_leave(struct saksi_seats *s, struct saksi_seat *seat)
{
	if (seat == NULL)
		return;
	(void)pthread_mutex_lock(&s->lock);
	seat->taken = false;
	seat->answering = false;
	ring(s);
	(void)pthread_mutex_unlock(&s->lock);
}

void saksi_seat_mark(struct saksi_seats *s, struct saksi_seat *seat, bool answering)
{
	if (seat == NULL)
		return;
	(void)pthread_mutex_lock(&s->lock);
	seat->answering = answering;
	seat->since_ms = saksi_time_ticks_ms();
	ring(s);
	(void)pthread_mutex_unlock(&s->lock);
}

void saksi_seats_count(struct saksi_seats *s, unsigned *open, unsigned *answering,
		       uint64_t *refused)
{
	*open = *answering = 0;
	(void)pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->high; i++) {
		*open += s->all[i].taken;
		*answering += s->all[i].taken && s->all[i].answering;
	}
	*refused = s->refused;
	(void)pthread_mutex_unlock(&s->lock);
}

void saksi_seats_drain(struct saksi_seats *s, int64_t ms)
{
	int64_t until = saksi_time_ticks_ms() + ms;

	(void)pthread_mutex_lock(&s->lock);
	s->draining = true;
	for (;;) {
		size_t busy = 0;
		for (size_t i = 0; i < s->high; i++)
			busy += s->all[i].taken && s->all[i].answering;
		if (busy == 0 || saksi_time_ticks_ms() >= until)
			break;
		wait_ms(s, 50);
	}
	s->draining = false;
	(void)pthread_mutex_unlock(&s->lock);
}
