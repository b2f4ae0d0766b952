/* GET /metrics, /health and /ready of a server's own listener. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/version.h"
#include "cmd/serving.h"

#define METRICS_MAX (16U << 20)

static void put_classes(struct saksi_metrics *m, const struct saksi_server_counts *n)
{
	saksi_metrics_family(m, "saksi_http_requests_total", SAKSI_COUNTER,
			     "Answers to requests, by class of the status.");
	for (size_t i = 1; i <= 5; i++) {
		char text[8];
		struct saksi_label class = {"class", saksi_bytes_of(text)};

		(void)snprintf(text, sizeof(text), "%zuxx", i);
		class.value.len = 3;
		saksi_metrics_put(m, &class, 1, n->by_class[i]);
	}
}

static void put_http(struct saksi_serving *s, struct saksi_metrics *m)
{
	struct saksi_server_counts n = {0};

	(void)pthread_mutex_lock(&s->lock);
	if (s->server != NULL)
		saksi_server_counts(s->server, &n);
	(void)pthread_mutex_unlock(&s->lock);
	put_classes(m, &n);
	saksi_metrics_one(m, "saksi_http_connections", SAKSI_GAUGE,
			  "Connections that are open.", n.open);
	saksi_metrics_one(m, "saksi_http_connections_refused_total", SAKSI_COUNTER,
			  "Connections turned away: one address had too many.",
			  n.refused);
	saksi_metrics_one(m, "saksi_http_received_bytes_total", SAKSI_COUNTER,
			  "Bytes of bodies taken in.", n.bytes_in);
	saksi_metrics_one(m, "saksi_http_sent_bytes_total", SAKSI_COUNTER,
			  "Bytes of bodies answered.", n.bytes_out);
}

static void metrics(struct saksi_serving *s, struct saksi_reply *r)
{
	struct saksi_buf out = saksi_buf_growing(METRICS_MAX);
	struct saksi_metrics m = {&out, NULL};
	struct saksi_why w = {""};

	saksi_process_metrics(&s->process, SAKSI_VERSION, &m);
	put_http(s, &m);
	saksi_metrics_one(&m, "saksi_healthy", SAKSI_GAUGE,
			  "1 when /health answers 200.",
			  s->kind->health(s->ctx, &w) == SAKSI_OK);
	s->kind->metrics(s->ctx, &m);
	if (saksi_buf_check(&out) != SAKSI_OK) { /* half of it would mislead */
		saksi_buf_free(&out);
		saksi_serve_text(r, 503, "too much to tell, or no memory\n");
		return;
	}
	r->status = 200;
	r->content_type = SAKSI_METRICS_TYPE;
	r->body = out;
}

static void health(struct saksi_serving *s, struct saksi_reply *r)
{
	struct saksi_why w = {""};
	char line[600];

	if (s->kind->health(s->ctx, &w) == SAKSI_OK) {
		saksi_serve_text(r, 200, "ok\n");
		return;
	}
	(void)snprintf(line, sizeof(line), "%s\n", w.text);
	saksi_serve_text(r, 503, line);
}

static void ready(const struct saksi_serving *s, struct saksi_reply *r)
{
	switch ((enum saksi_serving_phase)atomic_load(&s->phase)) {
	case SAKSI_READY:
		saksi_serve_text(r, 200, "ready\n");
		return;
	case SAKSI_STARTING:
		saksi_serve_text(r, 503, "starting\n");
		return;
	case SAKSI_STOPPING:
		break;
	}
	saksi_serve_text(r, 503, "stopping\n");
}

void saksi_serving_serve(void *ctx, const struct saksi_call *c, struct saksi_reply *r)
{
	struct saksi_serving *s = ctx;

	if (strcmp(c->method, "POST") == 0)
		saksi_serve_text(r, 405, "GET only\n");
	else if (strcmp(c->path, "/metrics") == 0)
		metrics(s, r);
	else if (strcmp(c->path, "/health") == 0)
		health(s, r);
	else if (strcmp(c->path, "/ready") == 0)
		ready(s, r);
	else
		saksi_serve_text(r, 404, "here are /metrics, /health and /ready\n");
}
