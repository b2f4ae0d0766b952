/* Who is connected, since when, and who has sat too long.  libmicrohttpd's own
 * time limit starts anew with every byte, so a client that sends one byte every
 * few seconds would keep its place for ever; here it loses it. */
#ifndef SAKSI_NET_SEATS_H
#define SAKSI_NET_SEATS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct saksi_seat {
	int fd;
	bool taken, answering;
	int64_t since_ms;
};
struct saksi_seats {
	pthread_mutex_t lock;
	pthread_cond_t bell;
	pthread_t watch;
	struct saksi_seat *all;
	size_t count;
	int64_t ask_ms, answer_ms; /* longest request, longest answer */
	bool ending;
};

SAKSI_MUST enum saksi_err saksi_seats_begin(struct saksi_seats *s, size_t count,
					    unsigned idle_s);
void saksi_seats_end(struct saksi_seats *s);
/* NULL when all are taken. */
struct saksi_seat *saksi_seat_take(struct saksi_seats *s, int fd);
/* All take a NULL seat. */
void saksi_seat_leave(struct saksi_seats *s, struct saksi_seat *seat);
void saksi_seat_mark(struct saksi_seats *s, struct saksi_seat *seat, bool answering);
/* Waits until nobody is being answered, ms at most. */
void saksi_seats_drain(struct saksi_seats *s, int64_t ms);

#endif
