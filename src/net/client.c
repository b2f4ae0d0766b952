/* Invariants
 * 1. flights[i] belongs to request i from its start until `each` was called for
 *    it; a flight that is not `up` owns no easy handle and no header list.
 * 2. An answer's body never grows over its request's max: the transfer is
 *    broken off by the first byte too many.
 * 3. All requests of one saksi_client_all end by their own timeouts, so the loop
 *    ends without a clock of its own. */
#include "net/client.h"

#include "base/clock.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct flight {
	CURL *easy;
	struct curl_slist *headers;
	struct saksi_answer answer;
	size_t index, max;
	bool up;
};
struct saksi_client {
	CURLM *multi;
	struct flight *flights; /* of the call under way */
	size_t count, up;
	int64_t until_ms; /* 0: no hurry */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool curl_ready;
static void begin_curl(void)
{
	curl_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

enum saksi_err saksi_client_new(struct saksi_client **out)
{
	(void)pthread_once(&once, begin_curl);
	struct saksi_client *c = curl_ready ? calloc(1, sizeof *c) : NULL;
	if (c == NULL)
		return SAKSI_NOMEM;
	c->multi = curl_multi_init();
	if (c->multi == NULL) {
		free(c);
		return SAKSI_NOMEM;
	}
	(void)curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, 64L);
	*out = c;
	return SAKSI_OK;
}

void saksi_client_free(struct saksi_client *c)
{
	if (c == NULL)
		return;
	(void)curl_multi_cleanup(c->multi);
	free(c);
}

static size_t take_body(char *data, size_t size, size_t count, void *at)
{
	struct flight *f = at;
	size_t len = size * count;

	saksi_buf_put(&f->answer.body,
		      (struct saksi_bytes){(const uint8_t *)data, len});
	/* Any other number than len breaks the transfer off. */
	return f->answer.body.full ? 0 : len;
}

/* A proxy named in the environment must not see, or answer for, this machine. */
static bool is_loopback(const char *url)
{
	CURLU *u = curl_url();
	char *host = NULL;
	bool is = false;

	if (u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK)
		is = strncmp(host, "127.", 4) == 0 || strcmp(host, "localhost") == 0 ||
		     strcmp(host, "[::1]") == 0;
	curl_free(host);
	curl_url_cleanup(u);
	return is;
}

static bool add_header(struct flight *f, const char *name, const char *value)
{
	char line[256];
	size_t name_len = strlen(name), value_len = strlen(value);

	if (name_len + value_len >= sizeof line)
		return false;
	memcpy(line, name, name_len);
	memcpy(line + name_len, value, value_len + 1);
	struct curl_slist *more = curl_slist_append(f->headers, line);
	if (more == NULL)
		return false;
	f->headers = more;
	return true;
}

static bool set_method(struct flight *f, const struct saksi_request *r)
{
	const char *type = r->content_type;

	if (strcmp(r->method, "POST") != 0)
		return strcmp(r->method, "GET") == 0;
	(void)curl_easy_setopt(f->easy, CURLOPT_POST, 1L);
	(void)curl_easy_setopt(f->easy, CURLOPT_POSTFIELDS,
			       r->body.len > 0 ? (const char *)r->body.at : "");
	(void)curl_easy_setopt(f->easy, CURLOPT_POSTFIELDSIZE_LARGE,
			       (curl_off_t)r->body.len);
	/* Waiting for "100 Continue" costs a second with servers that stay silent. */
	return add_header(f, "Expect:", "") &&
	       add_header(f, "Content-Type: ",
			  type != NULL ? type : "application/octet-stream");
}

static bool set_up(struct flight *f, const struct saksi_request *r)
{
	CURL *e = f->easy;
	long ms = r->timeout_ms > 0 ? r->timeout_ms : 10000;

	(void)curl_easy_setopt(e, CURLOPT_PRIVATE, f);
	(void)curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(e, CURLOPT_USERAGENT, "saksi");
	(void)curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, ms);
	(void)curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, ms);
	(void)curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body);
	(void)curl_easy_setopt(e, CURLOPT_WRITEDATA, f);
	if (is_loopback(r->url))
		(void)curl_easy_setopt(e, CURLOPT_PROXY, "");
	/* Without these two the library would read file: URLs and the like. */
	if (curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK ||
	    curl_easy_setopt(e, CURLOPT_URL, r->url) != CURLE_OK)
		return false;
	if (r->accept != NULL && !add_header(f, "Accept: ", r->accept))
		return false;
	return set_method(f, r) &&
	       curl_easy_setopt(e, CURLOPT_HTTPHEADER, f->headers) == CURLE_OK;
}

static void land(struct saksi_client *c, struct flight *f)
{
	if (f->up) {
		(void)curl_multi_remove_handle(c->multi, f->easy);
		c->up--;
	}
	curl_easy_cleanup(f->easy);
	curl_slist_free_all(f->headers);
	f->easy = NULL;
	f->headers = NULL;
	f->up = false;
}

static bool launch(struct saksi_client *c, struct flight *f,
		   const struct saksi_request *r)
{
	f->max = r->max > 0 ? r->max : 1U << 20;
	f->answer = (struct saksi_answer){.body = saksi_buf_growing(f->max),
					  .retry_after_s = -1};
	f->easy = curl_easy_init();
	if (f->easy != NULL && set_up(f, r) &&
	    curl_multi_add_handle(c->multi, f->easy) == CURLM_OK) {
		f->up = true;
		c->up++;
		return true;
	}
	land(c, f);
	return false;
}

static void say(struct saksi_answer *a, enum saksi_err err, const char *text)
{
	size_t len = strlen(text);

	if (len >= sizeof a->why)
		len = sizeof a->why - 1;
	a->err = err;
	memcpy(a->why, text, len);
	a->why[len] = '\0';
}

static void read_headers(struct flight *f)
{
	struct curl_header *h;
	char *type = NULL;
	curl_off_t wait = 0;

	(void)curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &f->answer.status);
	(void)curl_easy_getinfo(f->easy, CURLINFO_CONTENT_TYPE, &type);
	if (type != NULL && strlen(type) < sizeof f->answer.content_type)
		memcpy(f->answer.content_type, type, strlen(type) + 1);
	if (curl_easy_header(f->easy, "Retry-After", 0, CURLH_HEADER, -1, &h) !=
	    CURLHE_OK)
		return;
	(void)curl_easy_getinfo(f->easy, CURLINFO_RETRY_AFTER, &wait);
	/* A date that has passed comes as a number below zero. */
	f->answer.retry_after_s = wait > 86400 ? 86400 : wait < 0 ? 0 : (long)wait;
}

static void conclude(struct flight *f, CURLcode code)
{
	struct saksi_answer *a = &f->answer;

	read_headers(f);
	a->late = code == CURLE_OPERATION_TIMEDOUT;
	if (a->body.full)
		say(a, SAKSI_LIMIT, "the answer is larger than allowed");
	else if (a->late)
		say(a, SAKSI_IO, "no whole answer in time");
	else if (code != CURLE_OK)
		say(a, SAKSI_IO, curl_easy_strerror(code));
	else if (a->status < 100 || a->status > 999) /* libcurl reads any digits */
		say(a, SAKSI_IO, "no HTTP answer");
	if (a->err == SAKSI_OK)
		return;
	/* Half an answer is none. */
	saksi_buf_free(&a->body);
	if (a->err != SAKSI_LIMIT)
		a->status = 0;
}

typedef bool each_fn(void *ctx, size_t i, struct saksi_answer *a);

/* Hands one answer out; false: drop the rest. */
static bool hand_out(struct saksi_client *c, struct flight *f, each_fn *each, void *ctx)
{
	struct saksi_answer a = f->answer;

	land(c, f);
	f->answer = (struct saksi_answer){0};
	bool more = each(ctx, f->index, &a);
	saksi_buf_free(&a.body);
	return more;
}

enum saksi_err saksi_client_again(struct saksi_client *c, size_t i,
				  const struct saksi_request *r)
{
	if (c->flights == NULL || i >= c->count || c->flights[i].up)
		return SAKSI_BADARG;
	return launch(c, &c->flights[i], r) ? SAKSI_OK : SAKSI_IO;
}

void saksi_client_hurry(struct saksi_client *c, long ms)
{
	c->until_ms = saksi_time_ticks_ms() + (ms > 0 ? ms : 0);
	if (c->until_ms == 0)
		c->until_ms = 1;
}

/* false: the rest is to be dropped. */
static bool take_landed(struct saksi_client *c, each_fn *each, void *ctx)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(c->multi, &left)) != NULL) {
		struct flight *f;
		if (m->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &f);
		conclude(f, m->data.result);
		if (!hand_out(c, f, each, ctx))
			return false;
	}
	return true;
}

static void fly(struct saksi_client *c, each_fn *each, void *ctx)
{
	while (c->up > 0) {
		int running, wait = 1000;
		if (curl_multi_perform(c->multi, &running) != CURLM_OK)
			return;
		if (!take_landed(c, each, ctx) || c->up == 0)
			return;
		if (c->until_ms != 0) {
			int64_t left = c->until_ms - saksi_time_ticks_ms();
			if (left <= 0)
				return;
			wait = left < wait ? (int)left : wait;
		}
		if (curl_multi_poll(c->multi, NULL, 0, wait, NULL) != CURLM_OK)
			return;
	}
}

static bool fail_one(struct saksi_client *c, size_t i, each_fn *each, void *ctx)
{
	struct flight *f = &c->flights[i];

	saksi_buf_free(&f->answer.body);
	f->answer = (struct saksi_answer){.retry_after_s = -1};
	say(&f->answer, SAKSI_IO, "not a request that can be sent: want http or https");
	return hand_out(c, f, each, ctx);
}

void saksi_client_all(struct saksi_client *c, const struct saksi_request *r,
		      size_t count, each_fn *each, void *ctx)
{
	bool more = true;

	struct flight *flights = calloc(count > 0 ? count : 1, sizeof *flights);
	c->flights = flights;
	c->count = flights != NULL ? count : 0;
	c->up = 0;
	c->until_ms = 0;
	for (size_t i = 0; i < count && more; i++) {
		struct saksi_answer a = {.retry_after_s = -1};
		if (flights != NULL) {
			flights[i].index = i;
			if (!launch(c, &flights[i], &r[i]))
				more = fail_one(c, i, each, ctx);
			continue;
		}
		say(&a, SAKSI_NOMEM, "out of memory");
		more = each(ctx, i, &a);
	}
	if (more)
		fly(c, each, ctx);
	for (size_t i = 0; i < c->count; i++) {
		land(c, &flights[i]);
		saksi_buf_free(&flights[i].answer.body);
	}
	c->flights = NULL;
	c->count = 0;
	free(flights);
}

static bool keep_one(void *ctx, size_t i, struct saksi_answer *a)
{
	struct saksi_answer *out = ctx;

	(void)i;
	*out = *a;
	a->body = (struct saksi_buf){0};
	return true;
}

enum saksi_err saksi_client_do(struct saksi_client *c, const struct saksi_request *r,
			       struct saksi_answer *a)
{
	*a = (struct saksi_answer){.retry_after_s = -1};
	say(a, SAKSI_IO, "the request could not be sent");
	saksi_client_all(c, r, 1, keep_one, a);
	return a->err;
}
