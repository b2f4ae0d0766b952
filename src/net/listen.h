/* A listening socket from a text like "127.0.0.1:8080" or "[::1]:0". */
#ifndef SAKSI_NET_LISTEN_H
#define SAKSI_NET_LISTEN_H

#include "base/err.h"

/* Numeric addresses only, so that no resolver decides where a server is seen.
 * The socket is the caller's to close.  BADARG, IO with why. */
SAKSI_MUST enum saksi_err saksi_listen(const char *at, int *fd, unsigned *port,
				       struct saksi_why *w);

#endif
