#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/notify.h"

/* An abstract socket leaves nothing behind. */
static int hear(char name[64])
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int n = snprintf(name, 64, "@saksi-test-%d", (int)getpid());

	memcpy(a.sun_path + 1, name + 1, (size_t)n - 1);
	assert_int_equal(
	    bind(fd, (struct sockaddr *)&a,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n)),
	    0);
	return fd;
}

static void told(void **state)
{
	char name[64], got[64];
	struct saksi_notify n;
	int fd = hear(name);

	(void)state;
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	assert_int_equal(setenv("WATCHDOG_USEC", "3000000", 1), 0);
	saksi_notify_open(&n);
	assert_true(n.fd >= 0);
	assert_int_equal(n.watchdog_ms, 1500);
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_null(getenv("WATCHDOG_USEC"));
	saksi_notify_send(&n, "READY=1");
	assert_int_equal(recv(fd, got, sizeof got, 0), 7);
	assert_memory_equal(got, "READY=1", 7);
	saksi_notify_close(&n);
	saksi_notify_send(&n, "READY=1");
	assert_int_equal(recv(fd, got, sizeof got, 0), -1);
	(void)close(fd);
}

static void nobody_listens(void **state)
{
	static const char *const where[] = {"", "x", "relative/path",
					    "/nowhere/at/all"};
	struct saksi_notify n;

	(void)state;
	(void)unsetenv("NOTIFY_SOCKET");
	assert_int_equal(setenv("WATCHDOG_USEC", "3000000", 1), 0);
	saksi_notify_open(&n);
	assert_int_equal(n.fd, -1);
	assert_int_equal(n.watchdog_ms, 0);
	for (size_t i = 0; i < sizeof where / sizeof where[0]; i++) {
		assert_int_equal(setenv("NOTIFY_SOCKET", where[i], 1), 0);
		saksi_notify_open(&n);
		assert_int_equal(n.fd, -1);
	}
}

/* A watchdog that is another process's, or none that can be kept. */
static void watchdogs(void **state)
{
	static const struct {
		const char *usec, *pid;
	} none[] = {{"3000000", "1"}, {"0", NULL},  {"1999", NULL},
		    {"-5", NULL},     {"3s", NULL}, {"3000000", "me"}};
	char name[64], me[24];
	struct saksi_notify n;
	int fd = hear(name);

	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
		assert_int_equal(setenv("WATCHDOG_USEC", none[i].usec, 1), 0);
		if (none[i].pid != NULL)
			assert_int_equal(setenv("WATCHDOG_PID", none[i].pid, 1), 0);
		saksi_notify_open(&n);
		assert_int_equal(n.watchdog_ms, 0);
		saksi_notify_close(&n);
	}
	(void)snprintf(me, sizeof me, "%d", (int)getpid());
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	assert_int_equal(setenv("WATCHDOG_USEC", "2000000", 1), 0);
	assert_int_equal(setenv("WATCHDOG_PID", me, 1), 0);
	saksi_notify_open(&n);
	assert_int_equal(n.watchdog_ms, 1000);
	saksi_notify_close(&n);
	(void)close(fd);
}

static void journal(void **state)
{
	char told_as[64];
	struct stat st;
	FILE *f = tmpfile();

	(void)state;
	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	(void)unsetenv("JOURNAL_STREAM");
	assert_false(saksi_notify_is_journal(fileno(f)));
	(void)snprintf(told_as, sizeof told_as, "%llu:%llu",
		       (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	assert_int_equal(setenv("JOURNAL_STREAM", told_as, 1), 0);
	assert_true(saksi_notify_is_journal(fileno(f)));
	(void)snprintf(told_as, sizeof told_as, "%llu:%llu",
		       (unsigned long long)st.st_dev,
		       (unsigned long long)st.st_ino + 1);
	assert_int_equal(setenv("JOURNAL_STREAM", told_as, 1), 0);
	assert_false(saksi_notify_is_journal(fileno(f)));
	assert_int_equal(setenv("JOURNAL_STREAM", "nonsense", 1), 0);
	assert_false(saksi_notify_is_journal(fileno(f)));
	(void)fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(told),
	    cmocka_unit_test(nobody_listens),
	    cmocka_unit_test(watchdogs),
	    cmocka_unit_test(journal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
