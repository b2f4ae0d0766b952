/* Takes connections off a listening socket that somebody else may hold, too.
 *
 * A library that is given the socket shuts it down when it ends, for every process
 * that holds it; here it is only read from, and closing it leaves whoever waits in
 * its queue to the next server (systemd's socket activation).
 * Test: tests/unit/net/listen_test.c, tests/cli/operate_test.sh */
#ifndef SAKSI_NET_DOOR_H
#define SAKSI_NET_DOOR_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"

struct saksi_door {
	int fd, bell;
	/* Is there room for one more?  Asked before each; else they wait outside. */
	bool (*room)(void *ctx);
	/* Takes the descriptor over.  Both in the door's own thread. */
	void (*enter)(void *ctx, int fd, const struct sockaddr *a, socklen_t len);
	void *ctx;
	atomic_bool closing;
	pthread_t thread;
};

/* fd listens and is the door's from here on, also on failure.  IO. */
SAKSI_MUST enum saksi_err saksi_door_open(struct saksi_door *d, int fd);
/* Nobody enters after this; our descriptor is closed, the socket is not shut. */
void saksi_door_close(struct saksi_door *d);

#endif
