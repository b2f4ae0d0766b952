/* What every `serve` does around its server: say where it listens, stay until it
 * is told to end. */
#ifndef SAKSI_CMD_SERVING_H
#define SAKSI_CMD_SERVING_H

#include <signal.h>

#include "cmd/cmd.h"
#include "net/server.h"

/* Before any thread is made, so that all of them leave SIGTERM and SIGINT to
 * saksi_serving_wait. SIGPIPE is ignored. */
void saksi_serving_begin(sigset_t *ends);
/* "http://127.0.0.1:8080": host as in `listen`, the port that was really taken. */
void saksi_serving_url(const char *listen, const struct saksi_server *server, char *out,
		       size_t len);
/* Prints "listening on URL" on stdout, waits for SIGTERM or SIGINT, says so. */
void saksi_serving_wait(const struct saksi_cmd *c, const struct saksi_server *server,
			const char *listen, const sigset_t *ends);

#endif
