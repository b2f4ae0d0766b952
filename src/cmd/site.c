/* serve site: the public page beside the log's own files. */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/guarded.h"
#include "cmd/serve.h"
#include "cmd/serving.h"
#include "cmd/witnessed.h"
#include "net/server.h"
#include "site/page.h"
#include "store/files.h"

#define PAGE_MAX ((size_t)64 << 20)
#define FRESH_MS 2000
#define ANSWERS ((size_t)SAKSI_BADARG + 1)

/* Invariants: `pages` is what the last finished look drew; the lock is held to
 * read or replace it, and while looking, so one look runs at a time. */
struct serving {
	struct saksi_cmd *cmd;
	const char *log;
	const char *shown_url; /* how the page says the log is reached */
	int dir;               /* the log's public folder, -1: a URL elsewhere */
	pthread_mutex_t lock;
	struct saksi_buf pages[SAKSI_LANGS];
	int64_t drawn_ms;
	bool drawn;
	/* For /metrics; any thread. */
	_Atomic uint64_t looks[ANSWERS];
	_Atomic int last;         /* what the last look answered; -1: none yet */
	_Atomic int64_t last_utc; /* when; 0: none yet */
	struct saksi_meter took;
};

static void draw(struct serving *v, const struct saksi_session *s, enum saksi_err err)
{
	for (int lang = 0; lang < SAKSI_LANGS; lang++) {
		struct saksi_buf out = saksi_buf_growing(PAGE_MAX);
		struct saksi_page p = {
		    .look = &s->look,
		    .answer = err,
		    .policy = &s->trust.policy,
		    .place = s->place,
		    .arena = s->verifier.arena,
		    .log_url = v->shown_url,
		    .now_utc = s->verifier.now_utc,
		    .lang = (enum saksi_lang)lang,
		};

		if (saksi_page_write(&p, &out) == SAKSI_OK) {
			saksi_buf_free(&v->pages[lang]);
			v->pages[lang] = out;
		} else {
			saksi_buf_free(&out);
			saksi_buf_free(&v->pages[lang]);
		}
	}
}

/* Looks and draws again unless it was done just now. */
static void refresh(struct serving *v)
{
	struct saksi_session s;
	int64_t now = saksi_time_ticks_ms();
	uint64_t began = saksi_meter_now();
	enum saksi_err err = SAKSI_MISSING;
	int code;

	if (v->drawn && now - v->drawn_ms < FRESH_MS)
		return;
	code = saksi_session_begin(&s, v->cmd);
	if (code == SAKSI_EXIT_HOLDS)
		code = saksi_session_place(&s, v->log);
	if (code == SAKSI_EXIT_HOLDS) {
		err = saksi_session_look(&s, false);
		draw(v, &s, err);
	} else { /* an old page would still say that it holds */
		for (int lang = 0; lang < SAKSI_LANGS; lang++)
			saksi_buf_free(&v->pages[lang]);
	}
	saksi_session_end(&s);
	atomic_fetch_add(&v->looks[err], 1);
	atomic_store(&v->last, (int)err);
	atomic_store(&v->last_utc, saksi_time_now());
	saksi_meter_add(&v->took, saksi_meter_now() - began, 1);
	v->drawn_ms = saksi_time_ticks_ms();
	v->drawn = true;
}

static void page(struct serving *v, enum saksi_lang lang, struct saksi_reply *r)
{
	(void)pthread_mutex_lock(&v->lock);
	refresh(v);
	if (v->pages[lang].len > 0) {
		r->body = saksi_buf_growing(PAGE_MAX);
		saksi_buf_put(&r->body, saksi_buf_bytes(&v->pages[lang]));
		r->status = 200;
		r->content_type = "text/html; charset=utf-8";
		r->cache_control = "no-cache";
	}
	(void)pthread_mutex_unlock(&v->lock);
	if (r->status != 200)
		saksi_serve_text(r, 503, "the log could not be read just now\n");
}

static void serve(void *ctx, const struct saksi_call *c, struct saksi_reply *r)
{
	struct serving *v = ctx;
	bool reads = strcmp(c->method, "GET") == 0 || strcmp(c->method, "HEAD") == 0;

	if (reads && strcmp(c->path, "/") == 0) {
		page(v, SAKSI_LANG_ID, r);
	} else if (reads && strcmp(c->path, "/en") == 0) {
		page(v, SAKSI_LANG_EN, r);
	} else if (reads && strcmp(c->path, "/style.css") == 0) {
		r->status = 200;
		r->content_type = "text/css; charset=utf-8";
		r->cache_control = "max-age=60";
		r->body = saksi_buf_growing(PAGE_MAX);
		saksi_buf_put(&r->body, saksi_page_style());
	} else if (v->dir >= 0) {
		saksi_serve_file(v->dir, c, r);
	}
}

static int open_dir(struct serving *v)
{
	struct saksi_why w = {{0}};
	struct stat st;
	enum saksi_err err;

	if (stat(v->log, &st) != 0 || !S_ISDIR(st.st_mode))
		return SAKSI_EXIT_HOLDS;
	err = saksi_dir_open(v->log, &v->dir);
	if (err == SAKSI_OK)
		return SAKSI_EXIT_HOLDS;
	(void)saksi_why_set(&w, err, "%s: %s", v->log, strerror(errno));
	return saksi_cmd_fail(v->cmd, err, &w);
}

/* ---- how it is */

static void metrics(void *ctx, struct saksi_metrics *m)
{
	struct serving *v = ctx;
	int64_t at = atomic_load(&v->last_utc);

	saksi_metrics_family(m, "saksi_site_looks_total", SAKSI_COUNTER,
			     "Looks at the log, by what they came to.");
	for (size_t i = 0; i < ANSWERS; i++) {
		struct saksi_label one = {
		    "answer", saksi_bytes_of(saksi_err_name((enum saksi_err)i))};

		saksi_metrics_put(m, &one, 1, atomic_load(&v->looks[i]));
	}
	saksi_metrics_one(m, "saksi_site_look_timestamp_seconds", SAKSI_GAUGE,
			  "When the log was last looked at, in seconds since 1970; 0: "
			  "never.",
			  at > 0 ? (uint64_t)at : 0);
	saksi_metrics_family(m, "saksi_site_look_duration_seconds", SAKSI_HISTOGRAM,
			     "Time of a look, with drawing the pages.");
	saksi_metrics_put_meter(m, NULL, 0, &v->took);
}

/* A page that says what is wrong is what the site is for, but somebody should look. */
static enum saksi_err health(void *ctx, struct saksi_why *w)
{
	struct serving *v = ctx;
	int last = atomic_load(&v->last);

	if (last <= SAKSI_OK)
		return SAKSI_OK;
	return saksi_why_set(w, (enum saksi_err)last, "the last look at the log: %s",
			     saksi_err_name((enum saksi_err)last));
}

static void oneline(void *ctx, char *out, size_t len)
{
	struct serving *v = ctx;
	uint64_t looks = 0;
	int last = atomic_load(&v->last);

	for (size_t i = 0; i < ANSWERS; i++)
		looks += atomic_load(&v->looks[i]);
	(void)snprintf(out, len, "%" PRIu64 " looks, last: %s", looks,
		       last < 0 ? "none yet" : saksi_err_name((enum saksi_err)last));
}

static int run(struct serving *v)
{
	static const struct saksi_serving_kind kind = {metrics, health, NULL, oneline};
	static const struct saksi_server_limits limits = {0};
	struct saksi_serving s;
	char url[128];
	int code = saksi_serving_begin(&s, v->cmd, &kind);

	if (code != SAKSI_EXIT_HOLDS)
		return code;
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", s.port);
	if (v->dir >= 0 && v->shown_url == v->log)
		v->shown_url = url;
	s.ctx = v;
	code = saksi_guarded_site(v->cmd, &s.guarded);
	if (code == SAKSI_EXIT_HOLDS)
		code = saksi_serving_run(&s, &limits, serve, v);
	saksi_serving_end(&s);
	v->shown_url = v->log;
	return code;
}

/* A trust folder that cannot be read is told when it begins, not to visitors. */
static int check_trust(const struct saksi_cmd *c)
{
	struct saksi_session s;
	int code = saksi_session_begin(&s, c);

	saksi_session_end(&s);
	return code;
}

int saksi_serve_site(struct saksi_cmd *c)
{
	struct serving v = {
	    .cmd = c, .log = saksi_cmd_arg(c, 0), .dir = -1, .last = -1};
	const char *url = saksi_cmd_option(c, "--url");
	int code;

	v.shown_url = url != NULL ? url : v.log;
	if (pthread_mutex_init(&v.lock, NULL) != 0)
		return saksi_cmd_fail(c, SAKSI_NOMEM, NULL);
	code = saksi_guarded_site_begin(c);
	if (code == SAKSI_EXIT_HOLDS)
		code = check_trust(c);
	if (code == SAKSI_EXIT_HOLDS)
		code = open_dir(&v);
	if (code == SAKSI_EXIT_HOLDS)
		code = run(&v);
	for (int lang = 0; lang < SAKSI_LANGS; lang++)
		saksi_buf_free(&v.pages[lang]);
	if (v.dir >= 0)
		(void)close(v.dir);
	(void)pthread_mutex_destroy(&v.lock);
	return code;
}
