/* Answers that come later: from another thread, to clients that are gone, while the
 * server stops, to thousands at once. */
#include "test.h"

#include "base/clock.h"
#include "net/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define MANY 3000
#define EACH (MANY + 8)

static struct saksi_server *server;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct saksi_later *held[MANY];
static struct saksi_bytes bodies[MANY];
static atomic_size_t count;
static atomic_int served;

static void reply_to(struct saksi_later *l, struct saksi_bytes body)
{
	struct saksi_reply r;

	saksi_reply_begin(&r);
	r.status = 200;
	r.content_type = "text/plain";
	r.body = saksi_buf_growing(1 << 20);
	saksi_buf_puts(&r.body, "late ");
	saksi_buf_put(&r.body, body);
	saksi_later_reply(l, &r);
}

static void serve(void *ctx, const struct saksi_call *c, struct saksi_reply *r)
{
	struct saksi_later *l;

	(void)ctx;
	served++;
	if (strcmp(c->path, "/pause") == 0)
		(void)usleep(300000);
	if (strcmp(c->path, "/now") == 0 || strcmp(c->path, "/pause") == 0) {
		saksi_serve_text(r, 200, "now\n");
		return;
	}
	l = saksi_call_later(c);
	if (strcmp(c->path, "/within") == 0) {
		reply_to(l, c->body);
	} else if (strcmp(c->path, "/as-it-comes") == 0) {
		saksi_reply_begin(r);
		saksi_later_reply(l, r);
	} else if (strcmp(c->path, "/file") == 0) {
		char name[] = "/tmp/saksi-later-XXXXXX";
		struct saksi_reply f;

		saksi_reply_begin(&f);
		f.status = 200;
		f.file_fd = mkstemp(name);
		(void)unlink(name);
		assert_int_equal(write(f.file_fd, "a file", 6), 6);
		saksi_later_reply(l, &f);
	} else {
		(void)pthread_mutex_lock(&lock);
		bodies[count] = c->body;
		held[count++] = l;
		(void)pthread_mutex_unlock(&lock);
	}
}

static void reply_all(void)
{
	(void)pthread_mutex_lock(&lock);
	for (size_t i = 0; i < count; i++)
		reply_to(held[i], bodies[i]);
	count = 0;
	(void)pthread_mutex_unlock(&lock);
}

static void await_held(size_t want)
{
	int64_t until = saksi_time_ticks_ms() + 20000;

	while (count < want && saksi_time_ticks_ms() < until)
		(void)usleep(1000);
	assert_int_equal(count, want);
}

static int connect_to(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)saksi_server_port(server)),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval t = {.tv_sec = 20};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Reads until `last` came, or the server closed. */
static void hear(int fd, const char *last, char *out, size_t cap)
{
	size_t len = 0;
	ssize_t n;

	out[0] = '\0';
	while (len < cap - 1 && strstr(out, last) == NULL &&
	       (n = recv(fd, out + len, cap - 1 - len, 0)) > 0) {
		len += (size_t)n;
		out[len] = '\0';
	}
	if (strstr(out, last) == NULL)
		fail_msg("no \"%s\" in:\n%s", last, out);
}

static void post(int fd, const char *path, const char *body)
{
	char request[256];

	(void)snprintf(request, sizeof request,
		       "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s",
		       path, strlen(body), body);
	say(fd, request);
}

static bool quiet(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 300) == 0;
}

/* ---- */

static void later_than_serve(void **state)
{
	char got[1024];
	int fd = connect_to();

	(void)state;
	post(fd, "/hold", "body-1");
	await_held(1);
	assert_true(quiet(fd));
	reply_all();
	hear(fd, "late body-1", got, sizeof got);
	assert_non_null(strstr(got, "HTTP/1.1 200 "));
	assert_non_null(strstr(got, "X-Content-Type-Options: nosniff"));
	assert_non_null(strstr(got, "Content-Length: 11\r\n"));
	/* The same connection goes on. */
	post(fd, "/hold", "body-2");
	await_held(1);
	reply_all();
	hear(fd, "late body-2", got, sizeof got);
	post(fd, "/now", "");
	hear(fd, "now\n", got, sizeof got);
	(void)close(fd);
}

static void within_serve(void **state)
{
	char got[1024];
	int fd = connect_to();

	(void)state;
	for (int i = 0; i < 100; i++) {
		post(fd, "/within", "here");
		hear(fd, "late here", got, sizeof got);
	}
	post(fd, "/as-it-comes", "");
	hear(fd, "\r\n\r\n", got, sizeof got);
	assert_non_null(strstr(got, "HTTP/1.1 404 "));
	post(fd, "/file", "");
	hear(fd, "\r\n\r\na file", got, sizeof got);
	(void)close(fd);
}

/* Answers keep the order of the questions, whenever they are given. */
static void pipelined(void **state)
{
	char got[4096];
	int fd = connect_to();

	(void)state;
	say(fd,
	    "POST /hold HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\noneGET /now "
	    "HTTP/1.1\r\nHost: x\r\n\r\n"
	    "POST /hold HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\ntwo");
	await_held(1);
	assert_true(quiet(fd));
	assert_int_equal(count, 1);
	reply_all();
	await_held(1);
	reply_all();
	hear(fd, "late two", got, sizeof got);
	const char *one = strstr(got, "late one"), *now = strstr(got, "now\n");
	assert_true(one != NULL && now != NULL && one < now);
	assert_true(now < strstr(got, "late two"));
	(void)close(fd);
}

/* A client that hangs up, or half of it, or resets: the reply is given all the
 * same, and the server goes on. */
static void gone_meanwhile(void **state)
{
	static const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	struct saksi_server_counts c;
	char got[1024];
	int half = connect_to();

	(void)state;
	for (int i = 0; i < 60; i++) {
		int fd = connect_to();

		post(fd, "/hold", "gone");
		await_held((size_t)i + 1);
		if (i % 2 == 0)
			(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset,
					 sizeof reset);
		(void)close(fd);
	}
	post(half, "/hold", "half");
	(void)shutdown(half, SHUT_WR);
	await_held(61);
	reply_all();
	(void)recv(half, got, sizeof got, 0);
	(void)close(half);
	int fd = connect_to();
	post(fd, "/now", "");
	hear(fd, "now\n", got, sizeof got);
	(void)close(fd);
	for (int i = 0; i < 5000; i++) {
		saksi_server_counts(server, &c);
		if (c.open == 0 && c.answering == 0)
			break;
		(void)usleep(1000);
	}
	assert_int_equal(c.open, 0);
	assert_int_equal(c.answering, 0);
}

static void *reply_slowly(void *at)
{
	(void)at;
	for (size_t i = 0; i < MANY; i++)
		reply_to(held[i], bodies[i]);
	return NULL;
}

/* Far more wait than there are threads, longer than a silent client may sit, and
 * another is served meanwhile. */
static void thousands(void **state)
{
	static int fds[MANY];
	struct saksi_server_counts c;
	char got[1024];
	pthread_t t;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		char body[16];

		fds[i] = connect_to();
		(void)snprintf(body, sizeof body, "%d.", i);
		post(fds[i], "/hold", body);
	}
	await_held(MANY);
	saksi_server_counts(server, &c);
	assert_int_equal(c.open, MANY);
	assert_int_equal(c.answering, MANY);
	int fd = connect_to();
	post(fd, "/now", "");
	hear(fd, "now\n", got, sizeof got);
	(void)close(fd);
	(void)usleep(5500000);
	assert_int_equal(pthread_create(&t, NULL, reply_slowly, NULL), 0);
	for (int i = 0; i < MANY; i++) {
		char want[32];

		(void)snprintf(want, sizeof want, "\r\n\r\nlate %d.", i);
		hear(fds[i], want, got, sizeof got);
		(void)close(fds[i]);
	}
	(void)pthread_join(t, NULL);
	count = 0;
}

/* ---- stopping */

/* While the one thread is busy exactly as many become ready as one look of it can
 * see, or twice that: it must not wait for more before it serves them. */
static void many_at_once(void **state)
{
	static const struct saksi_server_limits one = {.connections = 512,
						       .per_address = 512,
						       .idle_s = 5,
						       .body_max = 5000,
						       .threads = 1};
	struct saksi_server *outer = server;
	static int fds[257];
	struct saksi_why w;
	char got[1024];

	(void)state;
	assert_int_equal(
	    saksi_server_start("127.0.0.1:0", &one, serve, NULL, &server, &w),
	    SAKSI_OK);
	for (int n = 127; n <= 256; n += n < 129 ? 1 : 127) {
		int64_t began;

		for (int i = 0; i <= n; i++) {
			fds[i] = connect_to();
			post(fds[i], "/now", "");
			hear(fds[i], "now\n", got, sizeof got);
		}
		began = saksi_time_ticks_ms();
		post(fds[n], "/pause", "");
		(void)usleep(50000);
		for (int i = 0; i < n; i++)
			post(fds[i], "/now", "");
		for (int i = 0; i <= n; i++) {
			hear(fds[i], "now\n", got, sizeof got);
			(void)close(fds[i]);
		}
		assert_true(saksi_time_ticks_ms() - began < 3000);
	}
	saksi_server_stop(server);
	server = outer;
}

static void *stop_it(void *at)
{
	atomic_bool *done = at;

	saksi_server_stop(server);
	*done = true;
	return NULL;
}

static int start(void **state);

/* Those that wait get their reply while the server stops; new calls on old
 * connections do not. */
static void stop_waits(void **state)
{
	atomic_bool done = false;
	int fd = connect_to(), other = connect_to(), soon = connect_to();
	char got[1024];
	pthread_t t;

	(void)state;
	post(other, "/now", "");
	hear(other, "now\n", got, sizeof got);
	post(soon, "/now", "");
	hear(soon, "now\n", got, sizeof got);
	post(fd, "/hold", "last");
	await_held(1);
	assert_int_equal(pthread_create(&t, NULL, stop_it, &done), 0);
	/* Who asks at once is answered, for the last time. */
	do {
		post(soon, "/now", "");
		hear(soon, "now\n", got, sizeof got);
		assert_non_null(strstr(got, "HTTP/1.1 200 "));
		(void)usleep(5000);
	} while (strstr(got, "Connection: close") == NULL);
	assert_int_equal(recv(soon, got, sizeof got, 0), 0);
	(void)close(soon);
	(void)usleep(2000000); /* past the lingering, within idle_s */
	assert_false(done);
	post(other, "/now", "");
	hear(other, "later\n", got, sizeof got);
	assert_non_null(strstr(got, "HTTP/1.1 503 "));
	assert_non_null(strstr(got, "Connection: close"));
	assert_non_null(strstr(got, "Retry-After: 1\r\n"));
	assert_int_equal(recv(other, got, sizeof got, 0), 0);
	reply_all();
	hear(fd, "late last", got, sizeof got);
	(void)pthread_join(t, NULL);
	assert_true(done);
	(void)close(fd);
	(void)close(other);
	assert_int_equal(start(NULL), 0);
}

/* Nobody replies: the clients are told 503, the server ends, and the replies that
 * come afterwards find nobody and harm nobody. */
static void stop_gives_up(void **state)
{
	int64_t began = saksi_time_ticks_ms();
	int fds[20];
	char got[1024];

	(void)state;
	for (size_t i = 0; i < 20; i++) {
		fds[i] = connect_to();
		post(fds[i], "/hold", "never");
	}
	await_held(20);
	saksi_server_stop(server);
	assert_true(saksi_time_ticks_ms() - began >= 9000);
	assert_true(saksi_time_ticks_ms() - began < 20000);
	for (size_t i = 0; i < 20; i++) {
		hear(fds[i], "later\n", got, sizeof got);
		assert_non_null(strstr(got, "HTTP/1.1 503 "));
		(void)close(fds[i]);
	}
	for (size_t i = 0; i < 20; i++)
		assert_true(saksi_bytes_is(bodies[i], "never"));
	reply_all();
	assert_int_equal(start(NULL), 0);
}

static void *reply_randomly(void *at)
{
	atomic_bool *end = at;

	while (!*end) {
		(void)usleep(500);
		reply_all();
	}
	return NULL;
}

/* Replies and a stop at the same time, again and again. */
static void stop_races(void **state)
{
	(void)state;
	for (int round = 0; round < 20; round++) {
		atomic_bool end = false;
		pthread_t t;
		int fds[16];

		for (size_t i = 0; i < 16; i++) {
			fds[i] = connect_to();
			post(fds[i], "/hold", "race");
		}
		assert_int_equal(pthread_create(&t, NULL, reply_randomly, &end), 0);
		saksi_server_stop(server);
		end = true;
		(void)pthread_join(t, NULL);
		reply_all();
		for (size_t i = 0; i < 16; i++)
			(void)close(fds[i]);
		assert_int_equal(start(NULL), 0);
	}
}

/* ---- counts */

static void counts(void **state)
{
	struct saksi_server_counts a, b;
	char got[1024];
	int fd = connect_to();

	(void)state;
	post(fd, "/now", "");
	hear(fd, "now\n", got, sizeof got);
	saksi_server_counts(server, &a);
	assert_true(a.open >= 1);
	post(fd, "/within", "12345");
	hear(fd, "late 12345", got, sizeof got);
	post(fd, "/as-it-comes", "");
	hear(fd, "\r\n\r\n", got, sizeof got);
	say(fd, "PUT / HTTP/1.1\r\nHost: x\r\n\r\n");
	hear(fd, "\r\n\r\n", got, sizeof got);
	saksi_server_counts(server, &b);
	assert_int_equal(b.requests - a.requests, 3);
	assert_int_equal(b.by_class[2] - a.by_class[2], 1);
	assert_int_equal(b.by_class[4] - a.by_class[4], 2);
	assert_int_equal(b.by_class[5], a.by_class[5]);
	assert_int_equal(b.bytes_in - a.bytes_in, 5);
	assert_true(b.bytes_out - a.bytes_out >= 10);
	(void)close(fd);
}

/* ---- 10,000 connections */

static int connect_from(const char *from)
{
	struct sockaddr_in me = {.sin_family = AF_INET}, a = {0};
	struct timeval t = {.tv_sec = 5};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_family = AF_INET;
	a.sin_port = htons((uint16_t)saksi_server_port(server));
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(inet_pton(AF_INET, from, &me.sin_addr), 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&me, sizeof me), 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
	if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* One address tries 10,000 times and holds what it gets, dripping half a request;
 * another address is served all the while. */
static void one_address_of_many(void **state)
{
	static int fds[10000];
	struct saksi_server_counts c;
	char got[1024];

	(void)state;
	if (saksi_server_room(2 * 10000) < 10000 + MANY)
		skip();
	for (int i = 0; i < 10000; i++) {
		fds[i] = connect_from("127.0.0.2");
		if (fds[i] >= 0)
			(void)send(fds[i], "GET /now HT", 11, MSG_NOSIGNAL);
		if (i % 500 == 499) {
			int fd = connect_from("127.0.0.3");

			assert_true(fd >= 0);
			post(fd, "/now", "");
			hear(fd, "now\n", got, sizeof got);
			(void)close(fd);
		}
	}
	/* Those in the listening queue are looked at one by one. */
	for (int i = 0; i < 2000; i++) {
		saksi_server_counts(server, &c);
		if (c.refused > 0)
			break;
		(void)usleep(5000);
	}
	assert_true(c.refused > 0);
	assert_true(c.open <= EACH + 1); /* and one of the other address */
	for (int i = 0; i < 10000; i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
}

static int start(void **state)
{
	static const struct saksi_server_limits limits = {.connections = MANY + 512,
							  .per_address = EACH,
							  .idle_s = 5,
							  .body_max = 5000,
							  .threads = 2};
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
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(later_than_serve),    cmocka_unit_test(within_serve),
	    cmocka_unit_test(pipelined),           cmocka_unit_test(counts),
	    cmocka_unit_test(gone_meanwhile),      cmocka_unit_test(thousands),
	    cmocka_unit_test(many_at_once),        cmocka_unit_test(stop_waits),
	    cmocka_unit_test(stop_gives_up),       cmocka_unit_test(stop_races),
	    cmocka_unit_test(one_address_of_many),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	if (saksi_server_room(2 * MANY + 1000) < 2 * MANY)
		return 1;
	return cmocka_run_group_tests(tests, start, stop);
}
