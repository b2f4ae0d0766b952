/* The server from outside: what it answers, and what it does not put up with. */
#include "test.h"

#include "base/clock.h"
#include "net/client.h"
#include "net/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>

static struct saksi_server *server;
static atomic_int calls, held;
static atomic_bool hold;

static void serve(void *ctx, const struct saksi_call *c, struct saksi_reply *r)
{
	(void)ctx;
	calls++;
	if (strcmp(c->path, "/echo") == 0) {
		r->status = 200;
		r->content_type = "text/x.echo";
		r->body = saksi_buf_growing(1 << 20);
		saksi_buf_put(&r->body, c->body);
	} else if (strcmp(c->path, "/page") == 0) {
		r->open = true;
		saksi_serve_text(r, 200, "<p>hello");
		r->content_type = "text/html; charset=utf-8";
	} else if (strcmp(c->path, "/busy") == 0) {
		saksi_serve_text(r, 503, "later\n");
		r->retry_after_s = 7;
	} else if (strcmp(c->path, "/query") == 0) {
		const char *a = saksi_call_query(c, "a"), *b = saksi_call_query(c, "b");
		r->status = 200;
		r->body = saksi_buf_growing(4096);
		saksi_buf_printf(&r->body, "%s|%s|%s", a != NULL ? a : "-",
				 b != NULL ? b : "-",
				 saksi_call_header(c, "X-Test") != NULL
				     ? saksi_call_header(c, "X-Test")
				     : "-");
	} else if (strcmp(c->path, "/hold") == 0) {
		held++;
		while (hold)
			(void)usleep(1000);
		saksi_serve_text(r, 200, "held\n");
	} else if (strcmp(c->path, "/file") == 0) {
		char name[] = "/tmp/saksi-serve-XXXXXX";
		r->file_fd = mkstemp(name);
		(void)unlink(name);
		r->status = 200;
		if (write(r->file_fd, "a file", 6) != 6)
			r->status = 500;
	} else if (strcmp(c->path, "/empty") == 0) {
		r->status = 204;
	} else if (strcmp(c->path, "/half") == 0) {
		r->status = 200;
		r->cache_control = "public, max-age=5";
		r->body = saksi_buf_growing(8);
		saksi_buf_puts(&r->body, "begins ");
		saksi_buf_puts(&r->body, "and ends");
	}
}

static int connect_to(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)saksi_server_port(server)),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	struct timeval t = {.tv_sec = 20};
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
	return fd;
}

/* Everything until the server closes. */
static size_t raw(const char *request, char *out, size_t cap)
{
	int fd = connect_to();
	size_t len = 0;
	ssize_t n = send(fd, request, strlen(request), MSG_NOSIGNAL);
	assert_int_equal(n, strlen(request));
	while (len < cap - 1 && (n = recv(fd, out + len, cap - 1 - len, 0)) > 0)
		len += (size_t)n;
	out[len] = '\0';
	(void)close(fd);
	return len;
}

static void has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("\"%s\" in:\n%s", part, text);
}

#define END "Host: x\r\nConnection: close\r\n\r\n"

static void headers(void **state)
{
	char got[4096];
	(void)state;
	raw("GET /page HTTP/1.1\r\n" END, got, sizeof got);
	has(got, "HTTP/1.1 200 ");
	has(got, "X-Content-Type-Options: nosniff");
	has(got, "Content-Security-Policy: default-src 'none'; style-src 'self'");
	has(got, "Access-Control-Allow-Origin: *");
	has(got, "\r\n\r\n<p>hello");
	lacks(got, "script-src");
	raw("HEAD /page HTTP/1.1\r\n" END, got, sizeof got);
	has(got, "Content-Length: 8");
	lacks(got, "<p>hello");
	raw("GET /busy HTTP/1.1\r\n" END, got, sizeof got);
	has(got, "HTTP/1.1 503 ");
	has(got, "Retry-After: 7\r\n");
	has(got, "Cache-Control: no-store");
	lacks(got, "Access-Control");
	lacks(got, "Content-Security-Policy");
	raw("GET /nothing HTTP/1.1\r\n" END, got, sizeof got);
	has(got, "HTTP/1.1 404 ");
	raw("GET /file HTTP/1.1\r\n" END, got, sizeof got);
	has(got, "\r\n\r\na file");
	raw("GET /empty HTTP/1.1\r\n" END, got, sizeof got);
	has(got, "HTTP/1.1 204 ");
}

static void methods(void **state)
{
	char got[4096];
	(void)state;
	int before = calls;
	raw("OPTIONS /page HTTP/1.1\r\n" END, got, sizeof got);
	has(got, "HTTP/1.1 204 ");
	has(got, "Access-Control-Allow-Methods: GET, HEAD\r\n");
	raw("OPTIONS * HTTP/1.1\r\n" END, got, sizeof got);
	has(got, "HTTP/1.1 204 ");
	static const char *const none[] = {"PUT",   "DELETE", "TRACE",
					   "PATCH", "get",    "X"};
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		char request[128];
		(void)snprintf(request, sizeof request, "%s /page HTTP/1.1\r\n" END,
			       none[i]);
		raw(request, got, sizeof got);
		has(got, "HTTP/1.1 405 ");
		has(got, "Allow: GET, HEAD, POST, OPTIONS");
	}
	assert_int_equal(calls, before);
}

static void bad_paths(void **state)
{
	static const char *const paths[] = {"/..",  "/%2e%2e/x", "//page", "/a%00b",
					    "page", "/%",        "/%ff"};
	char got[4096];
	(void)state;
	int before = calls;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		char request[128];
		(void)snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n" END,
			       paths[i]);
		raw(request, got, sizeof got);
		has(got, "HTTP/1.1 400 ");
	}
	assert_int_equal(calls, before);
}

static void queries(void **state)
{
	static const struct {
		const char *ask, *want;
	} cases[] = {
	    {"/query", "-|-|yes"},
	    {"/query?", "-|-|yes"},
	    {"/query?a=1&b=2", "1|2|yes"},
	    {"/query?b=2&a=1", "1|2|yes"},
	    {"/query?a", "|-|yes"},
	    {"/query?a=", "|-|yes"},
	    {"/query?a=x+y%2B", "x y+|-|yes"},
	    {"/query?a=1&a=2", "1|-|yes"},
	    {"/query?%61=1&&b=&", "1||yes"},
	    {"/query?a=%0a&b=%", "-|-|yes"},
	    {"/query?a=b=c", "b=c|-|yes"},
	    {"/query?aa=1&ab=2&b", "-||yes"},
	};
	char got[4096], request[256], want[64];
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(request, sizeof request,
			       "GET %s HTTP/1.1\r\nx-test: yes\r\n" END, cases[i].ask);
		(void)snprintf(want, sizeof want, "\r\n\r\n%s", cases[i].want);
		raw(request, got, sizeof got);
		has(got, want);
	}
}

static void bodies(void **state)
{
	struct saksi_client *c;
	static uint8_t body[5001];
	char url[64];
	(void)state;
	for (size_t i = 0; i < sizeof body; i++)
		body[i] = (uint8_t)(i * 7);
	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/echo",
		       saksi_server_port(server));
	assert_int_equal(saksi_client_new(&c), SAKSI_OK);
	static const size_t lens[] = {0, 1, 4999, 5000};
	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
		struct saksi_request r = {
		    .method = "POST", .url = url, .body = {body, lens[i]}};
		struct saksi_answer a;
		assert_int_equal(saksi_client_do(c, &r, &a), SAKSI_OK);
		assert_int_equal(a.status, 200);
		assert_string_equal(a.content_type, "text/x.echo");
		assert_int_equal(a.retry_after_s, -1);
		assert_true(saksi_bytes_same(saksi_buf_bytes(&a.body), r.body));
		saksi_buf_free(&a.body);
	}
	struct saksi_request r = {.method = "POST", .url = url, .body = {body, 5001}};
	struct saksi_answer a;
	int before = calls;
	assert_int_equal(saksi_client_do(c, &r, &a), SAKSI_OK);
	assert_int_equal(a.status, 413);
	assert_int_equal(calls, before);
	saksi_buf_free(&a.body);
	saksi_client_free(c);
}

static void half_a_body(void **state)
{
	char got[4096];
	(void)state;
	raw("GET /half HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", got,
	    sizeof got);
	has(got, "HTTP/1.1 503 ");
	has(got, "Retry-After: 10\r\n");
	has(got, "Cache-Control: no-store\r\n");
	lacks(got, "begins");
}

static void too_much_at_the_door(void **state)
{
	char got[4096];
	(void)state;
	int before = calls;
	/* Answered before any of the body is sent. */
	raw("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5001\r\n\r\n", got,
	    sizeof got);
	has(got, "HTTP/1.1 413 ");
	raw("POST /echo HTTP/1.1\r\nHost: x\r\n"
	    "Content-Length: 18446744073709551615\r\n\r\n",
	    got, sizeof got);
	lacks(got, "HTTP/1.1 200");
	assert_int_equal(calls, before);
}

static void chunks(void **state)
{
	char got[4096], request[16384];
	(void)state;
	raw("POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
	    got, sizeof got);
	has(got, "\r\n\r\nabcde");
	int before = calls;
	int n =
	    snprintf(request, sizeof request,
		     "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
		     "Transfer-Encoding: chunked\r\n\r\n1771\r\n%06001d\r\n0\r\n\r\n",
		     0);
	assert_true(n > 6001);
	raw(request, got, sizeof got);
	has(got, "HTTP/1.1 413 ");
	/* One without end is hung up on. */
	int fd = connect_to();
	const char *head = "POST /echo HTTP/1.1\r\nHost: x\r\n"
			   "Transfer-Encoding: chunked\r\n\r\n";
	assert_true(send(fd, head, strlen(head), MSG_NOSIGNAL) > 0);
	size_t sent = 0;
	for (int i = 0; i < 100000; i++) {
		if (send(fd, "1000\r\n", 6, MSG_NOSIGNAL) <= 0 ||
		    send(fd, request + n - 6000, 4096, MSG_NOSIGNAL) <= 0 ||
		    send(fd, "\r\n", 2, MSG_NOSIGNAL) <= 0)
			break;
		sent += 4096;
	}
	assert_true(sent < 64U << 20);
	(void)close(fd);
	assert_int_equal(calls, before);
}

/* One byte a while keeps libmicrohttpd's own clock from ever running out. */
static void slow_drip(const char *start, const char *drip)
{
	int fd = connect_to();
	int64_t began = saksi_time_ticks_ms();
	assert_true(send(fd, start, strlen(start), MSG_NOSIGNAL) > 0);
	char got[256];
	for (;;) {
		ssize_t n = recv(fd, got, sizeof got, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN) ||
		    send(fd, drip, 1, MSG_NOSIGNAL) <= 0)
			break;
		assert_true(saksi_time_ticks_ms() - began < 15000);
		(void)usleep(200000);
	}
	(void)close(fd);
	assert_true(saksi_time_ticks_ms() - began > 1000);
}

static void slow_headers(void **state)
{
	(void)state;
	slow_drip("GET /page HTTP/1.1\r\nHost: x\r\nX: ", "a");
}

static void slow_body(void **state)
{
	(void)state;
	slow_drip("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n",
		  "a");
}

static void silent(void **state)
{
	char got[16];
	(void)state;
	int64_t began = saksi_time_ticks_ms();
	int fd = connect_to();
	assert_int_equal(recv(fd, got, sizeof got, 0), 0);
	assert_true(saksi_time_ticks_ms() - began < 10000);
	(void)close(fd);
}

static size_t served_of_nine(void)
{
	int fds[9];
	char got[512];
	for (size_t i = 0; i < 9; i++)
		fds[i] = connect_to();
	(void)usleep(200000);
	const char *ask = "GET /page HTTP/1.1\r\n" END;
	size_t served = 0;
	for (size_t i = 0; i < 9; i++) {
		(void)send(fds[i], ask, strlen(ask), MSG_NOSIGNAL);
		ssize_t n = recv(fds[i], got, sizeof got - 1, 0);
		served += n > 0;
	}
	for (size_t i = 0; i < 9; i++)
		(void)close(fds[i]);
	(void)usleep(300000);
	return served;
}

/* On a slow machine the connection of the test before may still be counted, so
 * fewer are served at first; never more. */
static void per_address(void **state)
{
	size_t served = 0;
	(void)state;
	for (int i = 0; i < 10 && served != 8; i++) {
		served = served_of_nine();
		assert_true(served <= 8);
	}
	assert_int_equal(served, 8);
}

static void *hold_one(void *out)
{
	raw("GET /hold HTTP/1.1\r\n" END, out, 4096);
	return NULL;
}

static const struct saksi_server_limits limits = {
    .connections = 16, .per_address = 8, .idle_s = 1, .body_max = 5000, .threads = 2};

static int start(void **state)
{
	struct saksi_why w;
	(void)state;
	return saksi_server_start("127.0.0.1:0", &limits, serve, NULL, &server, &w) ==
		       SAKSI_OK
		   ? 0
		   : -1;
}

static int stop(void **state)
{
	(void)state;
	saksi_server_stop(server);
	server = NULL;
	return 0;
}

struct stopping {
	atomic_bool done;
};
static void *stop_it(void *at)
{
	struct stopping *s = at;
	saksi_server_stop(server);
	s->done = true;
	return NULL;
}

/* Stopping lets a call under way finish and takes no new one. */
static void graceful(void **state)
{
	char got[4096];
	struct stopping s = {0};
	pthread_t asking, stopping;
	unsigned port = saksi_server_port(server);
	(void)state;
	hold = true;
	held = 0;
	assert_int_equal(pthread_create(&asking, NULL, hold_one, got), 0);
	while (held == 0)
		(void)usleep(1000);
	assert_int_equal(pthread_create(&stopping, NULL, stop_it, &s), 0);
	(void)usleep(300000);
	assert_false(s.done);
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_not_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	(void)close(fd);
	hold = false;
	(void)pthread_join(asking, NULL);
	(void)pthread_join(stopping, NULL);
	has(got, "held\n");
	assert_int_equal(start(NULL), 0);
}

static void addresses(void **state)
{
	static const char *const bad[] = {
	    "",
	    "8080",
	    ":8080",
	    "127.0.0.1",
	    "127.0.0.1:",
	    "127.0.0.1:65536",
	    "localhost:8080",
	    "127.0.0.1:080",
	    "[::1]",
	    "[::1:80",
	    "::1:80",
	    "127.0.0.1:-1",
	    "[127.0.0.1]:80",
	    "256.0.0.1:80",
	};
	struct saksi_server *s;
	struct saksi_why w;
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (saksi_server_start(bad[i], &limits, serve, NULL, &s, &w) !=
		    SAKSI_BADARG)
			fail_msg("taken: %s", bad[i]);
	char same[32];
	(void)snprintf(same, sizeof same, "127.0.0.1:%u", saksi_server_port(server));
	assert_int_equal(saksi_server_start(same, &limits, serve, NULL, &s, &w),
			 SAKSI_IO);
	has(w.text, same);
	if (saksi_server_start("[::1]:0", &limits, serve, NULL, &s, &w) == SAKSI_OK) {
		assert_true(saksi_server_port(s) > 0);
		saksi_server_stop(s);
	}
	saksi_server_stop(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(headers),      cmocka_unit_test(methods),
	    cmocka_unit_test(bad_paths),    cmocka_unit_test(queries),
	    cmocka_unit_test(bodies),       cmocka_unit_test(too_much_at_the_door),
	    cmocka_unit_test(half_a_body),  cmocka_unit_test(chunks),
	    cmocka_unit_test(slow_headers), cmocka_unit_test(slow_body),
	    cmocka_unit_test(silent),       cmocka_unit_test(per_address),
	    cmocka_unit_test(addresses),    cmocka_unit_test(graceful),
	};
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, start, stop);
}
