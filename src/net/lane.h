/* One thread that serves connections with a daemon of libmicrohttpd of its own.
 *
 * The library's own threads (0.9.75) wait for further events, up to the time limit of
 * a connection, whenever exactly 128 connections became ready at once (or a multiple),
 * and serve none of them meanwhile; many who wait for one commit are ready at once.
 * Here the thread is ours: it waits, and MHD_run never does.
 * Test: tests/unit/net/later_test.c, many_at_once */
#ifndef SAKSI_NET_LANE_H
#define SAKSI_NET_LANE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"

struct MHD_Daemon;
struct saksi_lane_guest;

struct saksi_lane {
	struct MHD_Daemon
	    *daemon; /* MHD_USE_EPOLL without a thread, with MHD_USE_ITC */
	int events, bell;
	/* Who came and is not yet the daemon's, newest first. */
	_Atomic(struct saksi_lane_guest *) came;
	void (*refused)(void *ctx); /* the daemon did not take one; from the thread */
	void *ctx;
	atomic_bool rung, ending;
	pthread_t thread;
};

/* l->daemon, refused and ctx are set; the daemon stays the caller's when this fails,
 * and is stopped by saksi_lane_stop else.  IO. */
SAKSI_MUST enum saksi_err saksi_lane_start(struct saksi_lane *l);
/* Hands over an accepted socket, from any thread; closed when it cannot be taken.
 * NOMEM: it is closed, and `refused` is not called. */
SAKSI_MUST enum saksi_err saksi_lane_enter(struct saksi_lane *l, int fd,
					   const struct sockaddr *a, socklen_t len);
/* After MHD_resume_connection, from any thread, for a connection of this lane: it is
 * looked after.  Many rings are heard as one. */
void saksi_lane_ring(struct saksi_lane *l);
/* Nobody enters any more.  Ends the thread, then the daemon with its connections. */
void saksi_lane_stop(struct saksi_lane *l);

#endif
