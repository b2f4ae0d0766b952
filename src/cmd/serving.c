#include "cmd/serving.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/table.h"
#include "net/listen.h"

#define LINE_MAX 4096
#define STATUS_MS 10000 /* between two status lines */

/* ---- lines */

void saksi_serving_tell(const struct saksi_serving *s, const struct saksi_event *e)
{
	char room[LINE_MAX];
	struct saksi_buf line = saksi_buf_fixed(room, sizeof(room));
	struct saksi_event timed = *e;

	if (s->form == SAKSI_FORM_TEXT) {
		saksi_cmd_say(s->cmd, "%s", e->says != NULL ? e->says : e->name);
		return;
	}
	if (s->journal)
		saksi_buf_printf(&line, "<%d>", (int)e->level);
	else
		timed.time_utc = saksi_time_now();
	size_t mark = line.len;
	enum saksi_event_form form =
	    s->form == SAKSI_FORM_JSON ? SAKSI_EVENT_JSON : SAKSI_EVENT_LOGFMT;
	saksi_event_write(&timed, form, &line);
	if (line.full) { /* too long for one line: without its words */
		line.full = false;
		line.len = mark;
		timed.says = "(too long)";
		timed.field_count = 0;
		saksi_event_write(&timed, form, &line);
	}
	/* One write, so that lines of two threads never mix. */
	if (write(STDERR_FILENO, line.at, line.len) < 0)
		return; /* nobody reads: there is nowhere to say so */
}

/* What saksi_cmd_say says while this command serves. */
static void say_failed(void *ctx, const char *text)
{
	struct saksi_event e = {
	    .level = SAKSI_LEVEL_ERROR, .name = "failed", .says = text};

	saksi_serving_tell(ctx, &e);
}

static int read_form(struct saksi_serving *s)
{
	const char *form = saksi_cmd_option(s->cmd, "--log-format");

	s->journal = saksi_notify_is_journal(STDERR_FILENO);
	s->form = s->journal ? SAKSI_FORM_LOGFMT : SAKSI_FORM_TEXT;
	if (form == NULL)
		return SAKSI_EXIT_HOLDS;
	if (strcmp(form, "text") == 0)
		s->form = SAKSI_FORM_TEXT;
	else if (strcmp(form, "logfmt") == 0)
		s->form = SAKSI_FORM_LOGFMT;
	else if (strcmp(form, "json") == 0)
		s->form = SAKSI_FORM_JSON;
	else
		return saksi_cmd_usage(s->cmd,
				       "--log-format takes text, logfmt or json, not "
				       "\"%s\"",
				       form);
	return SAKSI_EXIT_HOLDS;
}

/* ---- sockets */

static int take_socket(struct saksi_serving *s, const char *option, const char *held,
		       int *fd, char url[128])
{
	const char *at = saksi_cmd_option(s->cmd, option);
	struct saksi_why w = {""};
	enum saksi_err err;
	unsigned port = 0;

	if (at == NULL && saksi_listen_held(held))
		at = held == NULL ? "fd" : "fd:" SAKSI_LISTEN_METRICS;
	if (at == NULL)
		return held != NULL
			   ? SAKSI_EXIT_HOLDS
			   : saksi_cmd_usage(s->cmd, "--listen ADDR:PORT is needed: "
						     "where to answer; port 0 picks "
						     "one");
	err = saksi_listen(at, fd, &port, &w);
	if (err == SAKSI_BADARG)
		return saksi_cmd_usage(s->cmd, "%s: %s", option, w.text);
	if (err != SAKSI_OK)
		return saksi_cmd_fail(s->cmd, err, &w);
	if (held == NULL)
		s->port = port;
	saksi_listen_url(*fd, url, 128);
	return SAKSI_EXIT_HOLDS;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

int saksi_serving_begin(struct saksi_serving *s, struct saksi_cmd *c,
			const struct saksi_serving_kind *kind)
{
	int code;

	memset(s, 0, sizeof(*s));
	s->cmd = c;
	s->kind = kind;
	s->fd = s->metrics_fd = s->notify.fd = -1;
	code = read_form(s);
	if (code != SAKSI_EXIT_HOLDS)
		return code;
	(void)pthread_mutex_init(&s->lock, NULL);
	if (s->form != SAKSI_FORM_TEXT) {
		c->says = say_failed;
		c->says_ctx = s;
	}
	(void)sigemptyset(&s->ends);
	(void)sigaddset(&s->ends, SIGTERM);
	(void)sigaddset(&s->ends, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, &s->ends, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	code = take_socket(s, "--listen", NULL, &s->fd, s->url);
	if (code == SAKSI_EXIT_HOLDS)
		code = take_socket(s, "--metrics", SAKSI_LISTEN_METRICS, &s->metrics_fd,
				   s->metrics_url);
	if (code != SAKSI_EXIT_HOLDS) {
		close_fd(&s->fd);
		c->says = NULL;
		return code;
	}
	saksi_notify_open(&s->notify);
	saksi_process_begin(&s->process, saksi_time_now());
	return SAKSI_EXIT_HOLDS;
}

/* ---- serving */

static void say_listening(const struct saksi_serving *s)
{
	char room[512], says[300];
	struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));
	struct saksi_jsonw w = {&b, false};
	bool metrics = s->metrics_url[0] != '\0';
	struct saksi_event_field fields[] = {{"url", s->url, 0},
					     {"metrics", s->metrics_url, 0}};
	struct saksi_event e = {.level = SAKSI_LEVEL_NOTICE,
				.name = "listening",
				.says = says,
				.fields = fields,
				.field_count = metrics ? 2 : 1};

	if (saksi_cmd_json(s->cmd)) {
		saksi_jsonw_open(&w, '{');
		saksi_jsonw_key(&w, "listening");
		saksi_jsonw_cstr(&w, s->url);
		saksi_jsonw_key(&w, "metrics");
		if (metrics)
			saksi_jsonw_cstr(&w, s->metrics_url);
		else
			saksi_jsonw_null(&w);
		saksi_jsonw_close(&w, '}');
		(void)printf("%.*s\n", (int)b.len, (const char *)b.at);
	} else {
		(void)printf("listening on %s\n", s->url);
		if (metrics)
			(void)printf("metrics on %s/metrics\n", s->metrics_url);
	}
	(void)fflush(stdout);
	(void)snprintf(says, sizeof(says), "listening on %s", s->url);
	if (s->form != SAKSI_FORM_TEXT) /* else stdout said it */
		saksi_serving_tell(s, &e);
}

static void say_guarded(const struct saksi_serving *s)
{
	struct saksi_event e = {
	    .level = SAKSI_LEVEL_INFO, .name = "guarded", .says = s->guarded.text};

	if (s->guarded.text[0] != '\0')
		saksi_serving_tell(s, &e);
}

static void say_stopping(const struct saksi_serving *s, int got)
{
	struct saksi_event_field signal = {"signal",
					   got == SIGINT ? "SIGINT" : "SIGTERM", 0};
	struct saksi_event e = {.level = SAKSI_LEVEL_NOTICE,
				.name = "stopping",
				.says = "stopping",
				.fields = &signal,
				.field_count = 1};

	saksi_serving_tell(s, &e);
}

static void say_status(const struct saksi_serving *s, const char *before)
{
	char line[512] = "", text[640];

	s->kind->oneline(s->ctx, line, sizeof(line));
	(void)snprintf(text, sizeof(text), "%sSTATUS=%s", before, line);
	saksi_notify_send(&s->notify, text);
}

/* true: told to end. */
static bool wait_ms(const struct saksi_serving *s, int64_t ms, int *got)
{
	struct timespec t = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};

	*got = sigtimedwait(&s->ends, NULL, &t);
	return *got > 0;
}

/* The main thread has nothing else to do: it looks whether the others live. */
static void stay(const struct saksi_serving *s)
{
	int64_t each = s->notify.watchdog_ms, told = saksi_time_ticks_ms();
	bool stuck = false;
	int got;

	if (each <= 0 || each > STATUS_MS)
		each = STATUS_MS;
	while (!wait_ms(s, each, &got)) {
		bool alive = s->kind->alive == NULL || s->kind->alive(s->ctx);

		if (alive && s->notify.watchdog_ms > 0)
			saksi_notify_send(&s->notify, "WATCHDOG=1");
		if (!alive && !stuck) {
			struct saksi_event e = {
			    .level = SAKSI_LEVEL_ERROR,
			    .name = "stuck",
			    .says = "the writer or the publisher is stuck"};
			saksi_serving_tell(s, &e);
		}
		stuck = !alive;
		if (saksi_time_ticks_ms() - told < STATUS_MS)
			continue;
		told = saksi_time_ticks_ms();
		say_status(s, "");
	}
	say_stopping(s, got);
}

static int start_metrics(struct saksi_serving *s)
{
	static const struct saksi_server_limits few = {
	    .connections = 16, .per_address = 16, .body_max = 1, .threads = 1};
	struct saksi_why w = {""};
	enum saksi_err err;
	int fd = s->metrics_fd;

	if (fd < 0)
		return SAKSI_EXIT_HOLDS;
	s->metrics_fd = -1;
	err = saksi_server_start_on(fd, &few, saksi_serving_serve, s, &s->metrics, &w);
	return err == SAKSI_OK ? SAKSI_EXIT_HOLDS : saksi_cmd_fail(s->cmd, err, &w);
}

int saksi_serving_run(struct saksi_serving *s, const struct saksi_server_limits *limits,
		      saksi_serve_fn *serve, void *serve_ctx)
{
	struct saksi_why w = {""};
	enum saksi_err err;
	int fd = s->fd, code = start_metrics(s);

	if (code != SAKSI_EXIT_HOLDS)
		return code;
	s->fd = -1;
	err = saksi_server_start_on(fd, limits, serve, serve_ctx, &s->server, &w);
	if (err != SAKSI_OK)
		return saksi_cmd_fail(s->cmd, err, &w);
	atomic_store(&s->phase, SAKSI_READY);
	say_listening(s);
	say_guarded(s);
	say_status(s, "READY=1\n");
	stay(s);
	atomic_store(&s->phase, SAKSI_STOPPING);
	say_status(s, "STOPPING=1\n");
	/* The metrics listener reads its counts: not of one that is gone. */
	(void)pthread_mutex_lock(&s->lock);
	struct saksi_server *ending = s->server;
	s->server = NULL;
	(void)pthread_mutex_unlock(&s->lock);
	saksi_server_stop(ending);
	return SAKSI_EXIT_HOLDS;
}

void saksi_serving_end(struct saksi_serving *s)
{
	saksi_server_stop(s->metrics);
	s->metrics = NULL;
	close_fd(&s->fd);
	close_fd(&s->metrics_fd);
	saksi_notify_close(&s->notify);
	saksi_process_end(&s->process);
	(void)pthread_mutex_destroy(&s->lock);
	s->cmd->says = NULL;
}
