/* What every `serve` does around its server: take its sockets, say where it
 * listens, tell how it is (journal, systemd, Prometheus), stay until it is told to
 * end.
 *
 *   begin    signals, sockets, form of the lines on stderr: before threads are made
 *            and before rights are given up
 *   run      serves, says READY, stays; SIGTERM or SIGINT: says STOPPING, answers
 *            whom it took in
 *   end
 *
 * Test: tests/unit/cmd/serving_test.c, tests/cli/operate_test.sh */
#ifndef SAKSI_CMD_SERVING_H
#define SAKSI_CMD_SERVING_H

#include <pthread.h>
#include <signal.h>

#include "base/event.h"
#include "cmd/cmd.h"
#include "net/metrics.h"
#include "net/notify.h"
#include "net/server.h"

/* How one kind of server tells of itself.  Called from the threads of the metrics
 * listener and from saksi_serving_run; ctx as in saksi_serving. */
struct saksi_serving_kind {
	void (*metrics)(void *ctx, struct saksi_metrics *m);
	enum saksi_err (*health)(void *ctx, struct saksi_why *w);
	bool (*alive)(void *ctx);                          /* NULL: always */
	void (*oneline)(void *ctx, char *out, size_t len); /* a status line */
};

enum saksi_serving_form { SAKSI_FORM_TEXT, SAKSI_FORM_LOGFMT, SAKSI_FORM_JSON };

struct saksi_serving {
	struct saksi_cmd *cmd;
	const struct saksi_serving_kind *kind;
	void *ctx; /* set before saksi_serving_run */
	sigset_t ends;
	enum saksi_serving_form form;
	bool journal;       /* stderr is its stream */
	int fd, metrics_fd; /* listening; -1: none */
	unsigned port;
	char url[128], metrics_url[128];
	struct saksi_notify notify;
	struct saksi_process process;
	struct saksi_why guarded;    /* told once it listens; "": nothing to tell */
	pthread_mutex_t lock;        /* guards: */
	struct saksi_server *server; /* NULL: not yet, or no longer */
	struct saksi_server *metrics;
	_Atomic int phase; /* enum saksi_serving_phase */
};

/* Reads --listen, --metrics and --log-format.  A saksi_exit; saksi_serving_end is
 * needed only after SAKSI_EXIT_HOLDS. */
int saksi_serving_begin(struct saksi_serving *s, struct saksi_cmd *c,
			const struct saksi_serving_kind *kind);
/* Serves until told to end.  A saksi_exit; afterwards nobody is being answered. */
int saksi_serving_run(struct saksi_serving *s, const struct saksi_server_limits *limits,
		      saksi_serve_fn *serve, void *serve_ctx);
/* Closes what begin opened; the metrics listener lives until here, so that a last
 * publication can be watched. */
void saksi_serving_end(struct saksi_serving *s);

/* One event on stderr: on a terminal and by default `says` as every command says
 * things, in the journal and with --log-format a line of base/event.h.  Any
 * thread. */
void saksi_serving_tell(const struct saksi_serving *s, const struct saksi_event *e);

/* /metrics, /health and /ready.  A saksi_serve_fn; ctx is the saksi_serving.
 * (cmd/serving_http.c) */
void saksi_serving_serve(void *ctx, const struct saksi_call *c, struct saksi_reply *r);
enum saksi_serving_phase { SAKSI_STARTING, SAKSI_READY, SAKSI_STOPPING };

#define SAKSI_SERVING_OPTIONS                                                          \
	{"--listen", "ADDR:PORT", "where to answer; port 0 picks one; fd: as given",   \
	 false, false},                                                                \
	    {"--metrics", "ADDR:PORT", "where /metrics, /health and /ready answer",    \
	     false, false},                                                            \
	{                                                                              \
		"--log-format", "FORM", "lines on stderr: text, logfmt, json", false,  \
		    false                                                              \
	}

#endif
