/* Who is connected, from where, since when, and who has sat too long.
 * libmicrohttpd's own time limit starts anew with every byte, so a client that
 * sends one byte every few seconds would keep its place for ever; here it loses
 * it. */
#ifndef SAKSI_NET_SEATS_H
#define SAKSI_NET_SEATS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"

/* Whom a seat counts for: an IPv4 address, or an IPv6 /64, since whoever has one
 * address there has them all. */
struct saksi_guest {
	uint8_t b[9];
};
struct saksi_seat {
	int64_t since_ms;
	int fd;
	bool taken, answering, leaving;
	struct saksi_guest guest;
};
struct saksi_seats {
	pthread_mutex_t lock;
	pthread_cond_t bell;
	pthread_t watch;
	struct saksi_seat *all;
	size_t count, high;        /* no seat from `high` on was ever taken */
	size_t each;               /* most seats of one guest */
	uint64_t refused;          /* guests turned away because they had so many */
	int64_t ask_ms, answer_ms; /* longest request, longest answer */
	bool ending, draining;
};

/* NOMEM: also when there is no thread left. */
SAKSI_MUST enum saksi_err saksi_seats_begin(struct saksi_seats *s, size_t count,
					    size_t each, unsigned idle_s);
void saksi_seats_end(struct saksi_seats *s);
struct saksi_guest saksi_guest_of(const struct sockaddr *a);
/* May this guest have one more?  Counts it as refused when not. */
bool saksi_seat_free(struct saksi_seats *s, const struct saksi_guest *g);
/* NULL when all are taken, or this guest has as many as it may.  From seven eighths
 * full on, each that comes makes the one leave that has sat longest without asking
 * a whole request. */
struct saksi_seat *saksi_seat_take(struct saksi_seats *s, int fd,
				   const struct saksi_guest *g);
/* All take a NULL seat. */
void saksi_seat_leave(struct saksi_seats *s, struct saksi_seat *seat);
void saksi_seat_mark(struct saksi_seats *s, struct saksi_seat *seat, bool answering);
/* Waits until nobody is being answered, ms at most. */
void saksi_seats_drain(struct saksi_seats *s, int64_t ms);
void saksi_seats_count(struct saksi_seats *s, unsigned *open, unsigned *answering,
		       uint64_t *refused);

#endif
