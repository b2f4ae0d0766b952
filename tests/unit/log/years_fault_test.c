/* A key replaced and a log closed while every step fails, in turn and in four ways
 * (see fault_test.c).  Whatever happens, the same command again brings it to its end,
 * one key follows one key, one end is signed, and no entry is lost. */
#include "fixture.h"

#include <errno.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include "log/years.h"

enum way { REFUSE, LIE, DIE_BEFORE, DIE_AFTER, WAYS };
/* Refused and dead after it: each step; the other two: every third. */
#define STRIDE(how) ((how) == REFUSE || (how) == DIE_AFTER ? 1 : 3)
#define DIED 66
#define NOT_REACHED 77
#define FAILED 78

static int countdown;
static enum way way;

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
int __real_linkat(int a, const char *from, int b, const char *to, int flags);
int __wrap_sqlite3_step(sqlite3_stmt *q);
ssize_t __wrap_write(int fd, const void *buf, size_t n);
int __wrap_fsync(int fd);
int __wrap_syncfs(int fd);
int __wrap_renameat(int a, const char *from, int b, const char *to);
int __wrap_linkat(int a, const char *from, int b, const char *to, int flags);

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
int __wrap_linkat(int a, const char *from, int b, const char *to, int flags)
{
	PLAY(__real_linkat(a, from, b, to, flags), -1);
}

/* ---- the three commands */

static enum saksi_err rekey(const struct fixture *f)
{
	struct saksi_buf vkey = saksi_buf_growing(4096);
	struct saksi_why w = {""};
	enum saksi_err err = saksi_log_rekey(f->path, NOW, &vkey, &w);

	saksi_buf_free(&vkey);
	return err;
}

static enum saksi_err rekeyed(const struct fixture *f)
{
	struct saksi_buf vkey = saksi_buf_growing(4096);
	struct saksi_why w = {""};
	enum saksi_err err = saksi_log_rekeyed(f->path, NOW, &vkey, &w);

	saksi_buf_free(&vkey);
	return err;
}

static enum saksi_err end(const struct fixture *f)
{
	struct saksi_closing k;
	struct saksi_why w = {""};

	return saksi_log_end(f->path, saksi_bytes_of(""), saksi_bytes_of(""), NOW, &k,
			     &w);
}

static void begun(struct fixture *f)
{
	struct saksi_log *l;

	fixture_open_log(f, NULL);
	l = must_open(f);
	must_add_many(l, "before", 0, 5);
	must_publish(l);
	must_add_many(l, "waiting", 0, 3); /* acknowledged, not yet in a tree */
	saksi_log_close(l);
}

/* Runs it with the n-th call failing; NOT_REACHED when there is none. */
static int meet(const struct fixture *f, enum saksi_err (*run)(const struct fixture *f),
		enum way how, int n)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		enum saksi_err err;

		way = how;
		countdown = n;
		err = run(f);
		_exit(countdown > 0 ? NOT_REACHED : err == SAKSI_OK ? 0 : FAILED);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	status = WEXITSTATUS(status);
	assert_true(status == 0 || status == DIED || status == NOT_REACHED ||
		    status == FAILED);
	return status;
}

static void one_change(const struct fixture *f)
{
	sh("test $(ls %s/public/keychange | wc -l) = 1", f->path);
	sh("grep -qF \"$(cat %s/public/vkey)\" %s/public/keychange/*", f->path,
	   f->path);
	sh("test ! -e %s/next.key", f->path);
	sh("test $(grep -c '^\xe2\x80\x94' %s/public/checkpoint) = 1", f->path);
}

static void all_there(const struct fixture *f)
{
	struct saksi_log *l = must_open(f);

	must_add_many(l, "after", 0, 1);
	must_publish(l);
	saksi_log_close(l);
	assert_true(must_check(f).published == 9);
}

static void key_begins(void **state)
{
	(void)state;
	for (enum way how = 0; how < WAYS; how++)
		for (int n = 1, met = 0; met != NOT_REACHED; n += STRIDE(how)) {
			struct fixture f;

			begun(&f);
			met = meet(&f, rekey, how, n);
			(void)must_check(&f);
			assert_int_equal(rekey(&f), SAKSI_OK);
			(void)must_check(&f);
			assert_int_equal(rekeyed(&f), SAKSI_OK);
			one_change(&f);
			all_there(&f);
			fixture_end(&f);
		}
}

static void key_ends(void **state)
{
	(void)state;
	for (enum way how = 0; how < WAYS; how++)
		for (int n = 1, met = 0; met != NOT_REACHED; n += STRIDE(how)) {
			struct fixture f;
			struct saksi_log *l;
			enum saksi_err err;

			begun(&f);
			assert_int_equal(rekey(&f), SAKSI_OK);
			met = meet(&f, rekeyed, how, n);
			/* As it was left it goes on; then it is ended once more. */
			l = must_open(&f);
			must_publish(l);
			saksi_log_close(l);
			err = rekeyed(&f);
			assert_true(err == SAKSI_OK || err == SAKSI_MISSING);
			l = must_open(&f);
			must_add_many(l, "then", 0, 1);
			must_publish(l);
			saksi_log_close(l);
			one_change(&f);
			assert_true(must_check(&f).published == 9);
			fixture_end(&f);
		}
}

static void log_ends(void **state)
{
	(void)state;
	for (enum way how = 0; how < WAYS; how++)
		for (int n = 1, met = 0; met != NOT_REACHED; n += STRIDE(how)) {
			struct fixture f;
			struct saksi_log *l;
			struct saksi_add a = {.entry = saksi_bytes_of("late")};

			begun(&f);
			met = meet(&f, end, how, n);
			sh("cp %s/closed %s/was 2>/dev/null || :", f.path, f.root);
			assert_int_equal(end(&f), SAKSI_OK);
			/* Who saw an end sees the same one. */
			sh("test ! -e %s/was || cmp %s/was %s/closed", f.root, f.root,
			   f.path);
			sh("cmp %s/closed %s/public/closing", f.path, f.path);
			sh("grep -qx 'size 8' %s/closed", f.path);
			assert_true(must_check(&f).published == 8);
			l = must_open(&f);
			assert_int_equal(saksi_log_add(l, &a, 1), SAKSI_REFUSED);
			must_publish(l);
			saksi_log_close(l);
			assert_true(must_check(&f).published == 8);
			fixture_end(&f);
		}
}

static int setup(void **state)
{
	(void)state;
	return saksi_crypto_begin() == SAKSI_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(key_begins),
	    cmocka_unit_test(key_ends),
	    cmocka_unit_test(log_ends),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
