/* The client against servers that are slow, false or endless. */
#include "test.h"

#include "fake.h"

#include "base/clock.h"
#include "net/client.h"

#include <signal.h>

static struct saksi_client *client;

static void url_of(const struct fake *f, const char *path, char out[64])
{
	(void)snprintf(out, 64, "http://127.0.0.1:%u%s", f->port, path);
}

static struct saksi_answer get(struct fake *f, size_t max, long ms)
{
	char url[64];
	struct saksi_answer a;
	url_of(f, "/", url);
	struct saksi_request r = {
	    .method = "GET", .url = url, .timeout_ms = ms, .max = max};
	enum saksi_err err = saksi_client_do(client, &r, &a);
	assert_int_equal(err, a.err);
	return a;
}

static void play_bytes(struct fake *f, int fd, char *body, size_t len)
{
	(void)body;
	(void)len;
	fake_puts(fd, f->ctx);
}

struct told {
	const char *says;
	enum saksi_err err;
	long status;
	const char *body;
};

/* Whole answers are answers, whatever they say; half ones are none. */
static void answers(void **state)
{
	static const struct told cases[] = {
	    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", SAKSI_OK, 200, "hi"},
	    {"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", SAKSI_OK, 404, ""},
	    {"HTTP/1.0 200 OK\r\n\r\nuntil the end", SAKSI_OK, 200, "until the end"},
	    {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
	     "Content-Length: 0\r\n\r\n",
	     SAKSI_OK, 302, ""},
	    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: "
	     "chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
	     SAKSI_OK, 200, "hi"},
	    /* says more than it sends, breaks off within a chunk */
	    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", SAKSI_IO, 0, ""},
	    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi", SAKSI_IO,
	     0, ""},
	    {"", SAKSI_IO, 0, ""},
	    {"garbage\r\n\r\n", SAKSI_IO, 0, ""},
	    {"SSH-2.0-OpenSSH_9.2\r\n", SAKSI_IO, 0, ""},
	    /* larger than 100 bytes, and says so */
	    {"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n"
	     "0123456789012345678901234567890123456789012345678901234567890123456789"
	     "0123456789012345678901234567890",
	     SAKSI_LIMIT, 200, ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fake f;
		fake_start(&f, play_bytes, (void *)(uintptr_t)cases[i].says);
		struct saksi_answer a = get(&f, 100, 3000);
		if (a.err != cases[i].err || a.status != cases[i].status)
			fail_msg("case %zu: err %d, status %ld", i, a.err, a.status);
		if (a.err != SAKSI_OK)
			assert_true(a.why[0] != '\0');
		assert_true(saksi_bytes_is(saksi_buf_bytes(&a.body), cases[i].body));
		saksi_buf_free(&a.body);
		fake_stop(&f);
	}
}

static void play_endless(struct fake *f, int fd, char *body, size_t len)
{
	char line[1024];
	(void)f;
	(void)body;
	(void)len;
	memset(line, 'x', sizeof line);
	fake_puts(fd, "HTTP/1.0 200 OK\r\n\r\n");
	for (;;)
		if (send(fd, line, sizeof line, MSG_NOSIGNAL) <= 0)
			return;
}

static void endless_body(void **state)
{
	struct fake f;
	(void)state;
	fake_start(&f, play_endless, NULL);
	int64_t began = saksi_time_ticks_ms();
	struct saksi_answer a = get(&f, 50000, 5000);
	assert_int_equal(a.err, SAKSI_LIMIT);
	assert_int_equal(a.body.len, 0);
	assert_true(saksi_time_ticks_ms() - began < 4000); /* broken off */
	fake_stop(&f);
}

static void play_endless_headers(struct fake *f, int fd, char *body, size_t len)
{
	(void)f;
	(void)body;
	(void)len;
	fake_puts(fd, "HTTP/1.1 200 OK\r\n");
	for (;;)
		if (send(fd, "X: yyyyyyyyyyyyyyyyyyyy\r\n", 25, MSG_NOSIGNAL) <= 0)
			return;
}

static void endless_headers(void **state)
{
	struct fake f;
	(void)state;
	fake_start(&f, play_endless_headers, NULL);
	struct saksi_answer a = get(&f, 50000, 5000);
	assert_int_not_equal(a.err, SAKSI_OK);
	fake_stop(&f);
}

static void play_drip(struct fake *f, int fd, char *body, size_t len)
{
	(void)f;
	(void)body;
	(void)len;
	fake_puts(fd, "HTTP/1.0 200 OK\r\n\r\n");
	while (send(fd, "x", 1, MSG_NOSIGNAL) > 0)
		(void)usleep(20000);
}

static void dripping_body(void **state)
{
	struct fake f;
	(void)state;
	fake_start(&f, play_drip, NULL);
	int64_t began = saksi_time_ticks_ms();
	struct saksi_answer a = get(&f, 50000, 400);
	assert_int_equal(a.err, SAKSI_IO);
	assert_int_equal(a.status, 0);
	assert_true(a.late);
	assert_true(saksi_time_ticks_ms() - began < 3000);
	fake_stop(&f);
}

static void play_retry(struct fake *f, int fd, char *body, size_t len)
{
	(void)body;
	(void)len;
	fake_answer(fd, "503 Later", f->ctx, "", 0);
}

static void retry_after(void **state)
{
	static const struct {
		const char *header;
		long want;
	} cases[] = {
	    {"", -1},
	    {"Retry-After: 7\r\n", 7},
	    {"Retry-After: 0\r\n", 0},
	    {"Retry-After: 99999999\r\n", 86400},
	    {"Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n", 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fake f;
		fake_start(&f, play_retry, (void *)(uintptr_t)cases[i].header);
		struct saksi_answer a = get(&f, 0, 3000);
		assert_int_equal(a.status, 503);
		/* libcurl from 8.12 on stops at six hours itself */
		if (cases[i].want != 86400 || a.retry_after_s != 21600)
			assert_int_equal(a.retry_after_s, cases[i].want);
		saksi_buf_free(&a.body);
		fake_stop(&f);
	}
}

static void not_sendable(void **state)
{
	static const char *const urls[] = {
	    "file:///etc/passwd",
	    "ftp://127.0.0.1/x",
	    "gopher://127.0.0.1/",
	    "",
	    "http://",
	    "http://127.0.0.1:99999/",
	};
	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		struct saksi_request r = {.method = "GET", .url = urls[i]};
		struct saksi_answer a;
		assert_int_equal(saksi_client_do(client, &r, &a), SAKSI_IO);
		assert_int_equal(a.status, 0);
		assert_int_equal(a.body.len, 0);
		if (i < 3) /* not even read */
			assert_non_null(strstr(a.why, "protocol"));
	}
	struct saksi_request r = {.method = "PUT", .url = "http://127.0.0.1:1/"};
	struct saksi_answer a;
	assert_int_equal(saksi_client_do(client, &r, &a), SAKSI_IO);
	r.method = "GET"; /* nobody listens there */
	assert_int_equal(saksi_client_do(client, &r, &a), SAKSI_IO);
}

static void play_echo(struct fake *f, int fd, char *body, size_t len)
{
	(void)f;
	fake_answer(fd, "200 OK", "", body, len);
}

/* A proxy in the environment neither sees nor answers for loopback. */
static void no_proxy_for_loopback(void **state)
{
	struct fake f, proxy;
	(void)state;
	fake_start(&f, play_echo, NULL);
	fake_start(&proxy, play_bytes,
		   (void *)(uintptr_t) "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	char url[64];
	url_of(&proxy, "", url);
	assert_int_equal(setenv("http_proxy", url, 1), 0);
	struct saksi_answer a = get(&f, 0, 3000);
	assert_int_equal(a.status, 200);
	saksi_buf_free(&a.body);
	assert_int_equal(fake_calls(&proxy), 0);
	assert_int_equal(fake_calls(&f), 1);
	assert_int_equal(unsetenv("http_proxy"), 0);
	fake_stop(&f);
	fake_stop(&proxy);
}

static void play_slow(struct fake *f, int fd, char *body, size_t len)
{
	(void)f;
	(void)usleep(1500000);
	fake_answer(fd, "200 OK", "", body, len);
}

struct seen {
	int count, order[8];
	long hurry;
	bool drop;
	const struct saksi_request *again;
};

static bool on_answer(void *ctx, size_t i, struct saksi_answer *a)
{
	struct seen *s = ctx;
	assert_true(s->count < 8);
	s->order[s->count++] = (int)i;
	if (s->again != NULL && a->status == 200 && a->body.len == 1) {
		assert_int_equal(saksi_client_again(client, i, s->again), SAKSI_OK);
		return true;
	}
	if (s->hurry > 0)
		saksi_client_hurry(client, s->hurry);
	return !s->drop;
}

static void all_at_once(void **state)
{
	struct fake fast, slow;
	char fast_url[64], slow_url[64];
	(void)state;
	fake_start(&fast, play_echo, NULL);
	fake_start(&slow, play_slow, NULL);
	url_of(&fast, "/", fast_url);
	url_of(&slow, "/", slow_url);
	struct saksi_request r[3] = {
	    {.method = "POST", .url = slow_url, .body = {(const uint8_t *)"s", 1}},
	    {.method = "POST", .url = fast_url, .body = {(const uint8_t *)"ff", 2}},
	    {.method = "GET", .url = "file:///etc/passwd"},
	};
	struct seen s = {0};
	saksi_client_all(client, r, 3, on_answer, &s);
	assert_int_equal(s.count, 3);
	assert_int_equal(s.order[2], 0); /* the slow one last */

	int64_t began = saksi_time_ticks_ms();
	s = (struct seen){.hurry = 100};
	saksi_client_all(client, r, 2, on_answer, &s);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.order[0], 1);
	assert_true(saksi_time_ticks_ms() - began < 1000);

	s = (struct seen){.drop = true};
	saksi_client_all(client, r, 2, on_answer, &s);
	assert_int_equal(s.count, 1);

	saksi_client_all(client, r, 0, on_answer, &s);
	assert_int_equal(s.count, 1);

	struct saksi_request once[1] = {r[1]}, again = r[1];
	once[0].body.len = 1;
	s = (struct seen){.again = &again};
	saksi_client_all(client, once, 1, on_answer, &s);
	assert_int_equal(s.count, 2);
	fake_stop(&fast);
	fake_stop(&slow);
}

static int begin(void **state)
{
	(void)state;
	return saksi_client_new(&client) == SAKSI_OK ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	saksi_client_free(client);
	saksi_client_free(NULL);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers),
	    cmocka_unit_test(endless_body),
	    cmocka_unit_test(endless_headers),
	    cmocka_unit_test(dripping_body),
	    cmocka_unit_test(retry_after),
	    cmocka_unit_test(not_sendable),
	    cmocka_unit_test(no_proxy_for_loopback),
	    cmocka_unit_test(all_at_once),
	};
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, begin, end);
}
