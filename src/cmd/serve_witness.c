#include "base/clock.h"
#include "cmd/serve.h"
#include "cmd/serving.h"
#include "witness/witness.h"

#define CONNECTIONS 256
#define THREADS 4

static int64_t now(void *ctx)
{
	(void)ctx;
	return saksi_time_now();
}

static int serve(struct saksi_cmd *c, struct saksi_witness *witness,
		 const sigset_t *ends)
{
	struct saksi_server_limits limits = {.connections = CONNECTIONS,
					     .body_max = SAKSI_WITNESS_BODY_MAX,
					     .threads = THREADS};
	const char *listen = saksi_cmd_option(c, "--listen");
	struct saksi_server *server;
	struct saksi_why w = {""};
	enum saksi_err err = saksi_server_start(listen, &limits, saksi_witness_serve,
						witness, &server, &w);

	if (err == SAKSI_BADARG)
		return saksi_cmd_usage(c, "--listen: %s", w.text);
	if (err != SAKSI_OK)
		return saksi_cmd_fail(c, err, &w);
	saksi_serving_wait(c, server, listen, ends);
	saksi_server_stop(server);
	return SAKSI_EXIT_HOLDS;
}

int saksi_serve_witness(struct saksi_cmd *c)
{
	struct saksi_witness_clock clock = {now, NULL};
	struct saksi_witness *witness;
	struct saksi_why w = {""};
	sigset_t ends;

	saksi_serving_begin(&ends);
	enum saksi_err err =
	    saksi_witness_open(saksi_cmd_arg(c, 0), &clock, &witness, &w);
	if (err != SAKSI_OK)
		return saksi_cmd_fail(c, err, &w);
	int rc = serve(c, witness, &ends);
	saksi_witness_close(witness);
	return rc;
}
