/* Sockets that were given to the process, and the door that takes from them. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/door.h"
#include "net/listen.h"

/* Listening sockets as descriptors 3 and 4, named as told. */
static void give(const char *names, const char *count)
{
	char me[24];

	(void)snprintf(me, sizeof me, "%d", (int)getpid());
	assert_int_equal(setenv("LISTEN_PID", me, 1), 0);
	assert_int_equal(setenv("LISTEN_FDS", count, 1), 0);
	assert_int_equal(setenv("LISTEN_FDNAMES", names, 1), 0);
	for (int fd = 3; fd < 5; fd++) {
		struct saksi_why w = {""};
		unsigned port;
		int s;

		assert_int_equal(saksi_listen("127.0.0.1:0", &s, &port, &w), SAKSI_OK);
		assert_int_equal(dup2(s, fd), fd);
		if (s != fd)
			(void)close(s);
	}
}

static void by_name(void **state)
{
	struct saksi_why w = {""};
	unsigned port = 0;
	int fd = -1;
	char url[64], want[64];

	(void)state;
	give("metrics:log", "2");
	assert_true(saksi_listen_held(NULL));
	assert_true(saksi_listen_held("metrics"));
	assert_false(saksi_listen_held("other"));
	assert_int_equal(saksi_listen("fd", &fd, &port, &w), SAKSI_OK);
	assert_int_equal(fd, 4);
	assert_true(port > 0);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	saksi_listen_url(fd, url, sizeof url);
	(void)snprintf(want, sizeof want, "http://127.0.0.1:%u", port);
	assert_string_equal(url, want);
	assert_int_equal(saksi_listen("fd:metrics", &fd, &port, &w), SAKSI_OK);
	assert_int_equal(fd, 3);
	assert_int_equal(saksi_listen("fd:log", &fd, &port, &w), SAKSI_OK);
	assert_int_equal(fd, 4);
	fd = -7;
	assert_int_equal(saksi_listen("fd:other", &fd, &port, &w), SAKSI_BADARG);
	assert_int_equal(fd, -7);
}

static void not_ours(void **state)
{
	struct saksi_why w = {""};
	unsigned port;
	int fd, pair[2];

	(void)state;
	give("metrics", "1");
	assert_false(saksi_listen_held(NULL)); /* "fd" never means the metrics */
	give("log", "2000");
	assert_false(saksi_listen_held(NULL));
	give("log", "2");
	assert_int_equal(setenv("LISTEN_PID", "1", 1), 0);
	assert_false(saksi_listen_held(NULL));
	assert_int_equal(saksi_listen("fd", &fd, &port, &w), SAKSI_BADARG);
	give("log", "2");
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(dup2(pair[0], 3), 3);
	assert_int_equal(saksi_listen("fd", &fd, &port, &w), SAKSI_BADARG);
	assert_non_null(strstr(w.text, "no listening TCP socket"));
	(void)close(pair[0]);
	(void)close(pair[1]);
}

/* ---- the door */

static atomic_int entered;
static atomic_int most = 1000;

static bool room(void *ctx)
{
	(void)ctx;
	return entered < most;
}

static void enter(void *ctx, int fd, const struct sockaddr *a, socklen_t len)
{
	(void)ctx;
	assert_int_equal(a->sa_family, AF_INET);
	assert_int_equal(len, sizeof(struct sockaddr_in));
	entered++;
	(void)close(fd);
}

static int knock(unsigned port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	return fd;
}

static void await(int want)
{
	for (int i = 0; i < 2000 && entered < want; i++)
		(void)usleep(5000);
	assert_int_equal(entered, want);
}

/* Who knocks while there is no room, or no server, is let in later. */
static void nobody_is_turned_away(void **state)
{
	struct saksi_door d = {.room = room, .enter = enter};
	struct saksi_why w = {""};
	unsigned port;
	int held, fds[6];

	(void)state;
	assert_int_equal(saksi_listen("127.0.0.1:0", &held, &port, &w), SAKSI_OK);
	entered = 0;
	most = 2;
	assert_int_equal(saksi_door_open(&d, dup(held)), SAKSI_OK);
	for (int i = 0; i < 4; i++)
		fds[i] = knock(port);
	await(2);
	(void)usleep(100000);
	assert_int_equal(entered, 2);
	most = 1000;
	await(4);
	saksi_door_close(&d);
	for (int i = 4; i < 6; i++) /* the socket still listens */
		fds[i] = knock(port);
	(void)usleep(50000);
	assert_int_equal(entered, 4);
	assert_int_equal(saksi_door_open(&d, dup(held)), SAKSI_OK);
	await(6);
	saksi_door_close(&d);
	for (int i = 0; i < 6; i++)
		(void)close(fds[i]);
	(void)close(held);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(by_name),
	    cmocka_unit_test(not_ours),
	    cmocka_unit_test(nobody_is_turned_away),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
