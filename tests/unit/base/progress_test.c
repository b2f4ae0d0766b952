#include "base/progress.h"

#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int kept = -1;

/* Plays `fd` as stderr until unplay. */
static void play(int fd)
{
	(void)fflush(stderr);
	kept = dup(STDERR_FILENO);
	assert_true(kept >= 0);
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
}

static void unplay(void)
{
	(void)fflush(stderr);
	assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
	(void)close(kept);
}

/* What arrived at fd so far. */
static void arrived(int fd, char out[256])
{
	ssize_t n = read(fd, out, 255);

	out[n < 0 ? 0 : n] = '\0';
}

static void test_terminal(void **state)
{
	char first[256], drawn[256], again[256], end[256];
	struct saksi_progress p;
	int master, slave;

	(void)state;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	assert_int_equal(fcntl(master, F_SETFL, O_NONBLOCK), 0);
	play(slave);
	saksi_progress_begin(&p, "Hashing", 1000);
	saksi_progress_at(&p, 1);
	arrived(master, first);
	p.began_ms -= 2000; /* as if it had begun two seconds ago */
	saksi_progress_at(&p, 500);
	arrived(master, drawn);
	saksi_progress_at(&p, 501); /* too soon to draw again */
	arrived(master, again);
	saksi_progress_end(&p);
	arrived(master, end);
	saksi_progress_at(&p, 502);
	unplay();
	assert_string_equal(first, "");
	assert_non_null(strstr(drawn, "Hashing: 500 of 1000, 2"));
	assert_non_null(strstr(drawn, " a second, 2 s left"));
	assert_string_equal(again, "");
	assert_string_equal(end, "\r\033[K");
	arrived(master, end);
	assert_string_equal(end, "");
	(void)close(master);
	(void)close(slave);
}

static void test_no_terminal(void **state)
{
	char out[256];
	struct saksi_progress p;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	play(ends[1]);
	saksi_progress_begin(&p, "Hashing", 0);
	p.began_ms -= 5000;
	saksi_progress_at(&p, 500);
	saksi_progress_end(&p);
	unplay();
	arrived(ends[0], out);
	assert_string_equal(out, "");
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_terminal),
	    cmocka_unit_test(test_no_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
