/* A listening socket from a text like "127.0.0.1:8080" or "[::1]:0", or one that
 * the process was given: "fd", "fd:NAME".
 * Test: tests/unit/net/server_test.c, tests/unit/net/listen_test.c */
#ifndef SAKSI_NET_LISTEN_H
#define SAKSI_NET_LISTEN_H

#include <stdbool.h>

#include "base/err.h"

#define SAKSI_LISTEN_METRICS "metrics" /* not what "fd" alone means */

/* Numeric addresses only, so that no resolver decides where a server is seen.
 * The socket is the caller's to close.  BADARG, IO with why.
 *
 * "fd:NAME" is the first socket of that name in LISTEN_FDNAMES, "fd" the first that
 * is not named "metrics" (sd_listen_fds(3): systemd holds it open, so that nobody is
 * turned away while this program is restarted).  It gets close-on-exec.  BADARG:
 * there is none, or it is no listening TCP socket. */
SAKSI_MUST enum saksi_err saksi_listen(const char *at, int *fd, unsigned *port,
				       struct saksi_why *w);
/* Was such a socket given to this process?  name NULL: as in "fd". */
bool saksi_listen_held(const char *name);
/* "http://127.0.0.1:8080", "http://[::1]:80": where this socket really is. */
void saksi_listen_url(int fd, char *out, size_t len);

#endif
