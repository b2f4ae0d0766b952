#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "cmd/guarded.h"
#include "cmd/serve.h"
#include "cmd/serving.h"
#include "witness/counts.h"
#include "witness/witness.h"

#define CONNECTIONS 256
#define THREADS 4

static int64_t now(void *ctx)
{
	(void)ctx;
	return saksi_time_now();
}

static void metrics(void *ctx, struct saksi_metrics *m)
{
	saksi_witness_metrics(ctx, m);
}

static enum saksi_err health(void *ctx, struct saksi_why *w)
{
	return saksi_witness_health(ctx, saksi_time_now(), w);
}

static void oneline(void *ctx, char *out, size_t len)
{
	const struct saksi_witness_counts *n = saksi_witness_counts(ctx);
	char when[SAKSI_TIME_TEXT_LEN + 1];
	struct saksi_why w = {""};
	int64_t at = 0;

	if (saksi_witness_health(ctx, saksi_time_now(), &w) != SAKSI_OK) {
		(void)snprintf(out, len, "%s", w.text);
		return;
	}
	if (saksi_witness_signed(ctx, &at) != SAKSI_OK)
		at = 0;
	saksi_time_text(at, when);
	(void)snprintf(out, len, "%" PRIu64 " cosigned since it began, last %s",
		       atomic_load(&n->answers[0]), at > 0 ? when : "never");
}

static const struct saksi_serving_kind witness_kind = {metrics, health, NULL, oneline};

int saksi_serve_witness(struct saksi_cmd *c)
{
	static const struct saksi_server_limits limits = {.connections = CONNECTIONS,
							  .body_max =
							      SAKSI_WITNESS_BODY_MAX,
							  .threads = THREADS};
	struct saksi_witness_clock clock = {now, NULL};
	struct saksi_witness *witness;
	struct saksi_serving v;
	struct saksi_why w = {""};
	int code = saksi_guarded_begin(c, saksi_cmd_arg(c, 0));

	if (code == SAKSI_EXIT_HOLDS)
		code = saksi_serving_begin(&v, c, &witness_kind);
	if (code != SAKSI_EXIT_HOLDS)
		return code;
	enum saksi_err err =
	    saksi_witness_open(saksi_cmd_arg(c, 0), &clock, &witness, &w);
	if (err == SAKSI_OK) {
		v.ctx = witness;
		code = saksi_guarded_witness(c, &v.guarded);
	} else {
		code = saksi_cmd_fail(c, err, &w);
	}
	if (code == SAKSI_EXIT_HOLDS)
		code = saksi_serving_run(&v, &limits, saksi_witness_serve, witness);
	saksi_serving_end(&v);
	if (err == SAKSI_OK)
		saksi_witness_close(witness);
	return code;
}
