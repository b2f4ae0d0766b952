/* Every step of a publication fails, in turn and in four ways: it is refused; it
 * happened although we are told it failed; the process dies before it; the process
 * dies after it.  Whatever happens, afterwards
 *   - each entry that was acknowledged is there under its index,
 *   - all checkpoints ever signed are of one history (saksi_log_check derives each),
 *   - what the public saw before is one of them,
 *   - the log goes on.
 * Linked with -Wl,--wrap (Makefile, WRAP_log_fault), so the code needs no hook. */
#include "fixture.h"

#include <errno.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum way { REFUSE, LIE, DIE_BEFORE, DIE_AFTER, WAYS };
#define AT_ONCE 16
#define DIED 66
#define NOT_REACHED 77

static int countdown;
static enum way way;

/* What is to be done instead of the call: 0 the call itself. */
static int fault(void)
{
	if (countdown <= 0 || --countdown > 0)
		return 0;
	if (way == DIE_BEFORE)
		_exit(DIED);
	return 1;
}

#define PLAY(call, failed)                                                             \
	do {                                                                           \
		if (!fault())                                                          \
			return call;                                                   \
		if (way != REFUSE)                                                     \
			(void)call;                                                    \
		if (way == DIE_AFTER)                                                  \
			_exit(DIED);                                                   \
		errno = EIO;                                                           \
		return failed;                                                         \
	} while (0)

int __real_sqlite3_step(sqlite3_stmt *q);
ssize_t __real_write(int fd, const void *buf, size_t n);
int __real_fsync(int fd);
int __real_syncfs(int fd);
int __real_renameat(int a, const char *from, int b, const char *to);
int __wrap_sqlite3_step(sqlite3_stmt *q);
ssize_t __wrap_write(int fd, const void *buf, size_t n);
int __wrap_fsync(int fd);
int __wrap_syncfs(int fd);
int __wrap_renameat(int a, const char *from, int b, const char *to);

int __wrap_sqlite3_step(sqlite3_stmt *q)
{
	PLAY(__real_sqlite3_step(q), SQLITE_IOERR);
}
ssize_t __wrap_write(int fd, const void *buf, size_t n)
{
	PLAY(__real_write(fd, buf, n), -1);
}
int __wrap_fsync(int fd)
{
	PLAY(__real_fsync(fd), -1);
}
int __wrap_syncfs(int fd)
{
	PLAY(__real_syncfs(fd), -1);
}
int __wrap_renameat(int a, const char *from, int b, const char *to)
{
	PLAY(__real_renameat(a, from, b, to), -1);
}

/* ---- one life of a log that meets one fault */

#define ENTRIES 320

/* index + 1 of each entry that was acknowledged; shared with the process that dies */
static uint32_t *acknowledged;

static void add_some(struct saksi_log *l, size_t from, size_t count)
{
	static char texts[ENTRIES][16];
	static struct saksi_add adds[ENTRIES];

	/* A second call, after the pause for a disk that failed, must succeed. */
	for (int try = 0; try < 2; try++) {
		for (size_t i = from; i < from + count; i++) {
			(void)snprintf(texts[i], sizeof(texts[i]), "entry %zu", i);
			adds[i].entry = saksi_bytes_of(texts[i]);
		}
		enum saksi_err err = saksi_log_add(l, adds + from, count);

		for (size_t i = from; i < from + count; i++)
			if (adds[i].err == SAKSI_OK)
				acknowledged[i] = (uint32_t)adds[i].index + 1;
		if (err == SAKSI_OK)
			return;
		(void)usleep(1100000);
	}
	_exit(2);
}

static void publish(struct saksi_log *l)
{
	struct saksi_why w = {""};

	if (saksi_log_publish(l, NOW, &w) == SAKSI_OK)
		return;
	if (saksi_log_publish(l, NOW, &w) == SAKSI_OK)
		return;
	(void)fprintf(stderr, "second publish: %s\n", w.text);
	_exit(3);
}

static void live(const struct fixture *f)
{
	struct saksi_why w = {""};
	struct saksi_log *l = NULL;

	/* Opening may meet the fault too; then it is simply opened again. */
	if (saksi_log_open(f->path, &l, &w) != SAKSI_OK &&
	    saksi_log_open(f->path, &l, &w) != SAKSI_OK)
		_exit(4);
	add_some(l, 0, 3);
	publish(l);
	add_some(l, 3, 300);
	publish(l);
	add_some(l, 303, 2);
	add_some(l, 305, 1);
	publish(l);
	saksi_log_close(l);
	_exit(countdown > 0 ? NOT_REACHED : 0);
}

/* In a process of its own: 0, NOT_REACHED, or what went wrong. */
static int one(enum way how, int n)
{
	struct fixture f;
	struct saksi_log *l;
	int status;
	pid_t child;

	acknowledged = mmap(NULL, ENTRIES * sizeof(*acknowledged),
			    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fixture_open_log(&f, NULL);
	child = fork();
	if (child == 0) {
		way = how;
		countdown = n;
		live(&f);
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return 9;
	status = WEXITSTATUS(status);
	if (status != 0 && status != DIED && status != NOT_REACHED)
		return status;
	(void)must_check(&f); /* as it was left: all that is public is true */
	l = must_open(&f);
	for (size_t i = 0; i < ENTRIES; i++) {
		char text[16];

		(void)snprintf(text, sizeof(text), "entry %zu", i);
		if (acknowledged[i] != 0 && must_add(l, text) + 1 != acknowledged[i])
			return 10;
	}
	must_add_many(l, "after", 0, 3);
	must_publish(l);
	saksi_log_close(l);
	struct saksi_log_checked k = must_check(&f);
	if (k.published != k.acknowledged || k.published < 3)
		return 11;
	fixture_end(&f);
	return status == NOT_REACHED ? NOT_REACHED : 0;
}

static int wait_one(int *running, bool *last)
{
	int status;

	if (wait(&status) < 0 || !WIFEXITED(status))
		return -1;
	(*running)--;
	if (WEXITSTATUS(status) == NOT_REACHED)
		*last = true;
	else if (WEXITSTATUS(status) != 0)
		return WEXITSTATUS(status);
	return 0;
}

static void each_step_fails(enum way how)
{
	int running = 0, n, bad = 0;
	bool last = false;

	for (n = 1; !last && bad == 0; n++) {
		pid_t child = fork();

		assert_int_not_equal(child, -1);
		if (child == 0)
			_exit(one(how, n));
		if (++running == AT_ONCE)
			bad = wait_one(&running, &last);
		if (bad != 0)
			(void)fprintf(stderr, "way %d, about step %d: %d\n", (int)how,
				      n, bad);
	}
	while (running > 0) {
		int rc = wait_one(&running, &last);

		bad = bad != 0 ? bad : rc;
	}
	assert_int_equal(bad, 0);
	assert_true(n > 100); /* or the wraps were not linked in */
}

static void each_step_is_refused(void **state)
{
	(void)state;
	each_step_fails(REFUSE);
}

static void each_step_happens_but_is_told_to_fail(void **state)
{
	(void)state;
	each_step_fails(LIE);
}

static void it_dies_before_each_step(void **state)
{
	(void)state;
	each_step_fails(DIE_BEFORE);
}

static void it_dies_after_each_step(void **state)
{
	(void)state;
	each_step_fails(DIE_AFTER);
}

static int setup(void **state)
{
	(void)state;
	return saksi_crypto_begin() == SAKSI_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_step_is_refused),
	    cmocka_unit_test(each_step_happens_but_is_told_to_fail),
	    cmocka_unit_test(it_dies_before_each_step),
	    cmocka_unit_test(it_dies_after_each_step),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
