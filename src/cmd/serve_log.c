#include "cmd/log_add.h"
#include "cmd/serve.h"
#include "cmd/serving.h"
#include "log/log.h"

#define CONNECTIONS 512
#define THREADS 64 /* each holds one caller until its entry is on disk */

static void tell(void *ctx, const struct saksi_log_state *s)
{
	const struct saksi_cmd *c = ctx;

	if (s->misses > 0)
		saksi_cmd_say(c, "not published (%u in a row): %s", s->misses,
			      s->says.text);
	else if (s->says.text[0] != '\0')
		saksi_cmd_say(c, "published size %llu; %s",
			      (unsigned long long)s->published, s->says.text);
	else
		saksi_cmd_say(c, "published size %llu",
			      (unsigned long long)s->published);
}

static int serve(struct saksi_cmd *c, struct saksi_log *l, const sigset_t *ends)
{
	struct saksi_server_limits limits = {.connections = CONNECTIONS,
					     .per_address = CONNECTIONS,
					     .body_max = saksi_log_body_max(l),
					     .threads = THREADS};
	struct saksi_server *server = NULL;
	struct saksi_why w = {""};
	enum saksi_err err;

	saksi_log_tell(l, tell, c);
	err = saksi_log_start(l, &w);
	if (err == SAKSI_OK)
		err = saksi_server_start(saksi_cmd_option(c, "--listen"), &limits,
					 saksi_log_serve, l, &server, &w);
	if (err != SAKSI_OK)
		return saksi_cmd_fail(c, err, &w);
	saksi_serving_wait(c, server, saksi_cmd_option(c, "--listen"), ends);
	saksi_server_stop(server);
	saksi_log_stop(l);
	return SAKSI_EXIT_HOLDS;
}

int saksi_serve_log(struct saksi_cmd *c)
{
	struct saksi_why w = {""};
	struct saksi_log *l;
	enum saksi_err err;
	sigset_t ends;
	int rc;

	saksi_serving_begin(&ends);
	err = saksi_log_open(saksi_cmd_arg(c, 0), &l, &w);
	if (err != SAKSI_OK)
		return saksi_log_unopened(c, err, &w);
	rc = serve(c, l, &ends);
	saksi_log_close(l);
	return rc;
}
