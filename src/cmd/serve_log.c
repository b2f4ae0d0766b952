#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/guarded.h"
#include "cmd/log_add.h"
#include "cmd/serve.h"
#include "cmd/serving.h"
#include "log/counts.h"
#include "log/log.h"

/* Adders wait without a thread, so thousands may; a proxy in front is one address,
 * and still leaves seats for others. */
#define CONNECTIONS 4096

static void metrics(void *ctx, struct saksi_metrics *m)
{
	saksi_log_metrics(ctx, m);
}

static enum saksi_err health(void *ctx, struct saksi_why *w)
{
	return saksi_log_health(ctx, w);
}

static bool alive(void *ctx)
{
	return saksi_log_alive(ctx);
}

static void oneline(void *ctx, char *out, size_t len)
{
	saksi_log_oneline(ctx, out, len);
}

static const struct saksi_serving_kind log_kind = {metrics, health, alive, oneline};

static void tell(void *ctx, const struct saksi_log_state *s)
{
	struct saksi_event_field fields[] = {{"size", NULL, s->published},
					     {"entries", NULL, s->acknowledged},
					     {"missed", NULL, s->misses},
					     {"why", s->says.text, 0}};
	bool missed = s->misses > 0, why = s->says.text[0] != '\0';
	char says[700];
	struct saksi_event e = {.level =
				    missed ? SAKSI_LEVEL_WARNING : SAKSI_LEVEL_INFO,
				.name = missed ? "not_published" : "published",
				.says = says,
				.fields = fields,
				.field_count = why ? 4 : 3};

	if (missed)
		(void)snprintf(says, sizeof(says), "not published (%u in a row): %s",
			       s->misses, s->says.text);
	else
		(void)snprintf(says, sizeof(says), "published size %llu%s%s",
			       (unsigned long long)s->published, why ? "; " : "",
			       s->says.text);
	saksi_serving_tell(ctx, &e);
}

static int serve(struct saksi_serving *v, struct saksi_log *l)
{
	unsigned seats = saksi_server_room(CONNECTIONS);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct saksi_server_limits limits = {.connections = seats,
					     .per_address = seats - seats / 4,
					     .body_max = saksi_log_body_max(l),
					     .threads =
						 cores > 1 ? (unsigned)cores : 2};
	struct saksi_why w = {""};
	enum saksi_err err;
	int code = saksi_guarded_log(v->cmd, l, &v->guarded);

	if (code != SAKSI_EXIT_HOLDS)
		return code;
	saksi_log_tell(l, tell, v);
	err = saksi_log_start(l, &w);
	if (err != SAKSI_OK)
		return saksi_cmd_fail(v->cmd, err, &w);
	v->ctx = l;
	code = saksi_serving_run(v, &limits, saksi_log_serve, l);
	saksi_log_stop(l);
	return code;
}

int saksi_serve_log(struct saksi_cmd *c)
{
	struct saksi_serving v;
	struct saksi_why w = {""};
	struct saksi_log *l;
	enum saksi_err err;
	int code = saksi_guarded_begin(c, saksi_cmd_arg(c, 0));

	if (code == SAKSI_EXIT_HOLDS)
		code = saksi_serving_begin(&v, c, &log_kind);
	if (code != SAKSI_EXIT_HOLDS)
		return code;
	err = saksi_log_open(saksi_cmd_arg(c, 0), &l, &w);
	if (err == SAKSI_OK)
		code = serve(&v, l);
	else
		code = saksi_log_unopened(c, err, &w);
	saksi_serving_end(&v);
	if (err == SAKSI_OK)
		saksi_log_close(l);
	return code;
}
