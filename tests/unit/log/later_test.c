/* Adds that are answered later: all of them once, durable before they are answered,
 * from within the call where nothing is taken, over HTTP by thousands. */
#include "fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "log/state.h"
#include "net/server.h"

#define MANY 2000

struct one {
	struct saksi_job job;
	struct saksi_add adds[3];
	char texts[3][32];
	atomic_int answers;
};
static struct one ones[MANY];
static atomic_size_t done_count;
static _Atomic pthread_t done_by;

static void done(struct saksi_job *j)
{
	struct one *o = (struct one *)j;

	o->answers++;
	done_by = pthread_self();
	done_count++;
}

static void send_in(struct saksi_log *l, size_t i, size_t adds)
{
	struct one *o = &ones[i];

	memset(o, 0, sizeof(*o));
	for (size_t k = 0; k < adds; k++) {
		(void)snprintf(o->texts[k], sizeof(o->texts[k]), "entry %zu of %zu", k,
			       i);
		o->adds[k].entry = saksi_bytes_of(o->texts[k]);
	}
	o->job = (struct saksi_job){.adds = o->adds, .count = adds, .done = done};
	saksi_log_add_later(l, &o->job);
}

static void await_done(size_t want)
{
	int64_t until = saksi_time_ticks_ms() + 30000;

	while (done_count < want && saksi_time_ticks_ms() < until)
		(void)usleep(1000);
	assert_int_equal(done_count, want);
}

/* Is this entry under this index on disk, as another connection sees it? */
static enum saksi_err same_entry(void *ctx, uint64_t index, struct saksi_bytes entry)
{
	const struct saksi_add *a = ctx;

	return index == a->index && saksi_bytes_same(entry, a->entry) ? SAKSI_OK
								      : SAKSI_REFUSED;
}

static void each_once_and_on_disk(void **state)
{
	static bool seen[3 * MANY];
	struct saksi_state *db;
	struct saksi_why w;
	struct fixture f;
	struct saksi_log *l;
	char name[512];
	size_t adds = 0;

	(void)state;
	done_count = 0;
	fixture_open_log(&f, "s/^interval_ms .*/interval_ms 20/;s/^batch .*/batch 64/");
	l = must_open(&f);
	assert_int_equal(saksi_log_start(l, &w), SAKSI_OK);
	(void)snprintf(name, sizeof(name), "%s/state.db", f.path);
	assert_int_equal(saksi_state_open(name, SAKSI_STATE_READ, &db, &w), SAKSI_OK);
	for (size_t i = 0; i < MANY; i++) {
		send_in(l, i, i % 4);
		adds += i % 4;
	}
	await_done(MANY);
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(ones[i].answers, 1);
		for (size_t k = 0; k < i % 4; k++) {
			struct saksi_add *a = &ones[i].adds[k];

			assert_int_equal(a->err, SAKSI_OK);
			assert_true(a->index < adds);
			assert_false(seen[a->index]);
			seen[a->index] = true;
			assert_int_equal(
			    saksi_state_walk(db, a->index, a->index + 1, same_entry, a),
			    SAKSI_OK);
		}
	}
	saksi_state_close(db);
	saksi_log_close(l);
	assert_int_equal(must_check(&f).published, adds);
	fixture_end(&f);
}

/* Not started, or stopping: the answer comes within the call. */
static void within_the_call(void **state)
{
	struct saksi_why w;
	struct fixture f;
	struct saksi_log *l;

	(void)state;
	done_count = 0;
	fixture_open_log(&f, NULL);
	l = must_open(&f);
	send_in(l, 0, 2);
	assert_int_equal(done_count, 1);
	assert_true(pthread_equal(done_by, pthread_self()));
	assert_int_equal(ones[0].adds[1].err, SAKSI_OK);
	assert_int_equal(ones[0].adds[1].index, 1);
	assert_int_equal(saksi_log_start(l, &w), SAKSI_OK);
	send_in(l, 1, 0);
	assert_int_equal(done_count, 2);
	saksi_log_stop(l);
	send_in(l, 2, 3);
	assert_int_equal(done_count, 3);
	assert_int_equal(ones[2].answers, 1);
	for (int k = 0; k < 3; k++)
		assert_int_equal(ones[2].adds[k].err, SAKSI_BUSY);
	saksi_log_close(l);
	fixture_end(&f);
}

/* What waits when the log is told to stop is answered, and none is lost. */
static void a_stop_answers_all(void **state)
{
	size_t ok = 0, busy = 0;
	struct saksi_why w;
	struct fixture f;
	struct saksi_log *l;

	(void)state;
	done_count = 0;
	fixture_open_log(&f, "s/^gather_ms .*/gather_ms 5000/");
	l = must_open(&f);
	assert_int_equal(saksi_log_start(l, &w), SAKSI_OK);
	for (size_t i = 0; i < 300; i++)
		send_in(l, i, 1);
	saksi_log_stop(l);
	assert_int_equal(done_count, 300);
	for (size_t i = 0; i < 300; i++) {
		ok += ones[i].adds[0].err == SAKSI_OK;
		busy += ones[i].adds[0].err == SAKSI_BUSY;
	}
	assert_int_equal(ok, 300);
	assert_int_equal(busy, 0);
	saksi_log_close(l);
	assert_int_equal(must_check(&f).published, 300);
	fixture_end(&f);
}

/* A writer that is woken for the first one still takes many together, and does
 * not wait for company that fills its batch already. */
static void batches_are_whole(void **state)
{
	int64_t began = saksi_time_ticks_ms();
	struct saksi_why w;
	struct fixture f;
	struct saksi_log *l;

	(void)state;
	done_count = 0;
	fixture_open_log(&f, "s/^gather_ms .*/gather_ms 5000/;s/^batch .*/batch 50/");
	l = must_open(&f);
	assert_int_equal(saksi_log_start(l, &w), SAKSI_OK);
	for (size_t i = 0; i < 100; i++)
		send_in(l, i, 1);
	await_done(100);
	assert_true(saksi_time_ticks_ms() - began < 4500);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(ones[i].adds[0].index, i);
	saksi_log_close(l);
	fixture_end(&f);
}

/* ---- over HTTP */

static int connect_to(unsigned port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval t = {.tv_sec = 20};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	return fd;
}

static void post(int fd, const char *query, const char *entry)
{
	char text[256];
	int n = snprintf(text, sizeof(text),
			 "POST /add%s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n"
			 "\r\n%s",
			 query, strlen(entry), entry);

	assert_int_equal(send(fd, text, (size_t)n, MSG_NOSIGNAL), n);
}

/* One whole answer; where its body is. */
static char *hear(int fd, char got[4096])
{
	size_t len = 0;
	char *body = NULL;

	for (;;) {
		ssize_t n = recv(fd, got + len, 4095 - len, 0);

		if (n <= 0)
			fail_msg("no answer (%s) after \"%.*s\"",
				 n == 0 ? "closed" : strerror(errno), (int)len, got);
		len += (size_t)n;
		got[len] = '\0';
		body = strstr(got, "\r\n\r\n");
		if (body != NULL && strstr(got, "Content-Length: 0\r\n") != NULL)
			return body + 4;
		if (body != NULL && len > (size_t)(body + 4 - got) &&
		    got[len - 1] == '\n')
			return body + 4;
	}
}

static void thousands_over_http(void **state)
{
	struct saksi_server_limits limits = {
	    .connections = 1500, .per_address = 1100, .body_max = 65535, .threads = 2};
	static int fds[1000];
	static bool seen[2001];
	char got[4096], entry[32], repeated[32];
	struct saksi_server *server;
	struct saksi_why w;
	struct fixture f;
	struct saksi_log *l;

	(void)state;
	if (saksi_server_room(3000) < 2200)
		skip();
	fixture_open_log(&f, "s/^interval_ms .*/interval_ms 50/");
	l = must_open(&f);
	assert_int_equal(saksi_log_start(l, &w), SAKSI_OK);
	assert_int_equal(
	    saksi_server_start("127.0.0.1:0", &limits, saksi_log_serve, l, &server, &w),
	    SAKSI_OK);
	for (int i = 0; i < 1000; i++)
		fds[i] = connect_to(saksi_server_port(server));
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 1000; i++) {
			(void)snprintf(entry, sizeof(entry), "%d in %d", i, round);
			post(fds[i], "", entry);
		}
		for (int i = 0; i < 1000; i++) {
			unsigned long index = strtoul(hear(fds[i], got), NULL, 10);

			assert_non_null(strstr(got, "HTTP/1.1 200 "));
			assert_true(index < 2000);
			assert_false(seen[index]);
			seen[index] = true;
		}
	}
	/* One that hangs up before its answer is an entry all the same. */
	post(fds[0], "", "gone");
	(void)close(fds[0]);
	post(fds[1], "", "0 in 0");
	(void)snprintf(repeated, sizeof(repeated), "%s", hear(fds[1], got));
	post(fds[1], "?receipt=1", "0 in 0");
	assert_memory_equal(hear(fds[1], got), "saksi/receipt/v1\n", 17);
	post(fds[2], "?receipt=2", "0 in 0");
	assert_string_equal(hear(fds[2], got), repeated);
	for (int i = 1; i < 1000; i++)
		(void)close(fds[i]);
	saksi_server_stop(server);
	saksi_log_close(l);
	assert_int_equal(must_check(&f).published, 2001);
	fixture_end(&f);
}

/* A stopping log answers 503 with when to try again. */
static void a_stopped_log_over_http(void **state)
{
	struct saksi_server_limits limits = {.body_max = 65535};
	struct saksi_server *server;
	struct saksi_why w;
	struct fixture f;
	struct saksi_log *l;
	char got[4096];

	(void)state;
	fixture_open_log(&f, NULL);
	l = must_open(&f);
	assert_int_equal(saksi_log_start(l, &w), SAKSI_OK);
	assert_int_equal(
	    saksi_server_start("127.0.0.1:0", &limits, saksi_log_serve, l, &server, &w),
	    SAKSI_OK);
	saksi_log_stop(l);
	int fd = connect_to(saksi_server_port(server));
	post(fd, "", "too late");
	assert_non_null(strstr(hear(fd, got), "try again"));
	assert_non_null(strstr(got, "HTTP/1.1 503 "));
	assert_non_null(strstr(got, "Retry-After: 1\r\n"));
	post(fd, "", "");
	(void)hear(fd, got);
	assert_non_null(strstr(got, "HTTP/1.1 503 "));
	(void)close(fd);
	saksi_server_stop(server);
	saksi_log_close(l);
	fixture_end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_once_and_on_disk),
	    cmocka_unit_test(within_the_call),
	    cmocka_unit_test(a_stop_answers_all),
	    cmocka_unit_test(batches_are_whole),
	    cmocka_unit_test(thousands_over_http),
	    cmocka_unit_test(a_stopped_log_over_http),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
