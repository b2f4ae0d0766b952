/* Fail the n-th system call, for n = 1, 2, ... until a run has no failure, twice:
 * once so that nothing happened, once so that it happened and we were not told.
 * Linked with -Wl,--wrap (Makefile, WRAP_store_fault), so the code needs no hook. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/files.h"

static int dir, countdown, lies, syncs, synced, faults;
static char root[] = "/tmp/saksi-fault-XXXXXX";

static int fault(void)
{
	if (countdown > 0 && --countdown == 0) {
		faults++;
		return 1;
	}
	return 0;
}

#define TELL(call)                                                                     \
	do {                                                                           \
		if (!fault())                                                          \
			return call;                                                   \
		if (lies)                                                              \
			(void)call;                                                    \
		errno = EIO;                                                           \
		return -1;                                                             \
	} while (0)

int __real_openat(int at, const char *name, int flags, ...);
int __real_open(const char *name, int flags, ...);
ssize_t __real_write(int fd, const void *buf, size_t n);
ssize_t __real_read(int fd, void *buf, size_t n);
int __real_fsync(int fd);
int __real_syncfs(int fd);
int __real_fchmod(int fd, mode_t mode);
int __real_close(int fd);
int __real_renameat(int a, const char *from, int b, const char *to);
int __real_linkat(int a, const char *from, int b, const char *to, int flags);
int __real_mkdirat(int at, const char *name, mode_t mode);
int __wrap_openat(int at, const char *name, int flags, int mode);
ssize_t __wrap_write(int fd, const void *buf, size_t n);
ssize_t __wrap_read(int fd, void *buf, size_t n);
int __wrap_fsync(int fd);
int __wrap_syncfs(int fd);
int __wrap_fchmod(int fd, mode_t mode);
int __wrap_close(int fd);
int __wrap_renameat(int a, const char *from, int b, const char *to);
int __wrap_linkat(int a, const char *from, int b, const char *to, int flags);
int __wrap_mkdirat(int at, const char *name, mode_t mode);

int __wrap_openat(int at, const char *name, int flags, int mode)
{
	if (!fault())
		return __real_openat(at, name, flags, mode);
	if (lies && (flags & O_CREAT) != 0) {
		int fd = __real_openat(at, name, flags, mode);

		if (fd >= 0)
			(void)__real_close(fd);
	}
	errno = EIO;
	return -1;
}
ssize_t __wrap_write(int fd, const void *buf, size_t n)
{
	TELL(__real_write(fd, buf, n > 1 ? n / 2 : n));
}
ssize_t __wrap_read(int fd, void *buf, size_t n)
{
	TELL(__real_read(fd, buf, n > 3 ? 3 : n));
}
int __wrap_fsync(int fd)
{
	int rc;

	syncs++;
	if (fault()) {
		if (lies)
			(void)__real_fsync(fd);
		errno = EIO;
		return -1;
	}
	rc = __real_fsync(fd);
	synced += rc == 0;
	return rc;
}
int __wrap_syncfs(int fd)
{
	TELL(__real_syncfs(fd));
}
int __wrap_fchmod(int fd, mode_t mode)
{
	TELL(__real_fchmod(fd, mode));
}
int __wrap_close(int fd)
{
	int bad = fault();
	int rc = __real_close(fd); /* a failed close closes */

	if (!bad)
		return rc;
	errno = EIO;
	return -1;
}
int __wrap_renameat(int a, const char *from, int b, const char *to)
{
	TELL(__real_renameat(a, from, b, to));
}
int __wrap_linkat(int a, const char *from, int b, const char *to, int flags)
{
	TELL(__real_linkat(a, from, b, to, flags));
}
int __wrap_mkdirat(int at, const char *name, mode_t mode)
{
	TELL(__real_mkdirat(at, name, mode));
}

static int open_files(void)
{
	int n = 0;

	for (int fd = 3; fd < 64; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

static void read_back(const char *name, char out[16])
{
	int fd = __real_openat(dir, name, O_RDONLY, 0);
	ssize_t n = 0;

	if (fd >= 0)
		n = __real_read(fd, out, 15);
	assert_true(n >= 0);
	out[n] = '\0';
	if (fd >= 0)
		(void)__real_close(fd);
}

static void replace_shows_old_or_new(void **state)
{
	struct saksi_bytes old = saksi_bytes_of("old-old"),
			   new = saksi_bytes_of("new-new");
	char got[16];

	(void)state;
	for (lies = 0; lies < 2; lies++) {
		for (int n = 1;; n++) {
			int files = open_files();
			enum saksi_err err;

			countdown = 0;
			assert_int_equal(saksi_file_replace(dir, "head", old, 0644),
					 SAKSI_OK);
			countdown = n;
			syncs = 0;
			err = saksi_file_replace(dir, "head", new, 0644);
			int reason = errno;
			read_back("head", got);
			assert_true(strcmp(got, "old-old") == 0 ||
				    strcmp(got, "new-new") == 0);
			assert_int_equal(open_files(), files);
			if (err != SAKSI_OK) {
				assert_int_equal(err, SAKSI_IO);
				assert_int_equal(reason, EIO);
				read_back(".head.next", got);
				assert_string_equal(got, "");
				continue;
			}
			assert_string_equal(got, "new-new");
			if (countdown == 0)
				continue; /* only a close of a folder failed */
			assert_int_equal(syncs, 2); /* the file, then its folder */
			break;
		}
	}
	countdown = 0;
}

static void create_is_whole_or_absent(void **state)
{
	struct saksi_bytes key = saksi_bytes_of("the-key");
	char got[16];

	(void)state;
	for (lies = 0; lies < 2; lies++) {
		for (int n = 1;; n++) {
			enum saksi_err err;

			countdown = 0;
			(void)unlinkat(dir, "key", 0);
			countdown = n;
			syncs = 0;
			err = saksi_file_create(dir, "key", key, 0600);
			read_back("key", got);
			assert_true(got[0] == '\0' || strcmp(got, "the-key") == 0);
			if (err != SAKSI_OK) {
				assert_int_equal(err, SAKSI_IO);
				continue;
			}
			assert_string_equal(got, "the-key");
			if (countdown == 0)
				continue;
			assert_int_equal(syncs, 2);
			break;
		}
	}
	countdown = 0;
}

static void read_gives_all_or_nothing(void **state)
{
	struct saksi_buf b = saksi_buf_growing(64);

	(void)state;
	countdown = 0;
	lies = 0;
	assert_int_equal(
	    saksi_file_replace(dir, "long", saksi_bytes_of("0123456789"), 0600),
	    SAKSI_OK);
	for (int n = 1;; n++) {
		enum saksi_err err;

		saksi_buf_clear(&b);
		saksi_buf_puts(&b, "was");
		countdown = n;
		err = saksi_file_read(dir, "long", true, &b);
		if (err != SAKSI_OK) {
			assert_int_equal(err, SAKSI_IO);
			assert_int_equal(errno, EIO);
			assert_true(saksi_bytes_is(saksi_buf_bytes(&b), "was"));
			continue;
		}
		assert_true(saksi_bytes_is(saksi_buf_bytes(&b), "was0123456789"));
		if (countdown > 0)
			break;
	}
	countdown = 0;
	saksi_buf_free(&b);
}

/* What a failed call left must not let the next one answer OK without a sync. */
static void a_folder_that_was_not_synced_is_not_believed(void **state)
{
	(void)state;
	for (lies = 0; lies < 2; lies++) {
		for (int n = 1;; n++) {
			int files = open_files();
			enum saksi_err err;

			(void)unlinkat(dir, "one/two", AT_REMOVEDIR);
			(void)unlinkat(dir, "one", AT_REMOVEDIR);
			countdown = n;
			synced = 0;
			err = saksi_dir_make(dir, "one/two", 0755);
			if (err == SAKSI_OK && countdown > 0)
				break;
			countdown = 0;
			assert_int_equal(open_files(), files);
			if (err == SAKSI_OK)
				continue;
			syncs = 0;
			int left_synced = synced;
			int there = faccessat(dir, "one", F_OK, 0) == 0;
			int both = faccessat(dir, "one/two", F_OK, 0) == 0;
			assert_int_equal(saksi_dir_make(dir, "one/two", 0755),
					 SAKSI_OK);
			/* each folder made now costs two; one that stayed was synced,
			 * unless mkdir itself lied */
			if (!lies)
				assert_int_equal(syncs, 2 * (2 - there - both));
			if (!lies)
				assert_true(left_synced >= 2 * (there + both));
		}
	}
	countdown = 0;
}

static void sync_and_lock_say_so(void **state)
{
	int fd = -1;

	(void)state;
	for (int n = 1; n <= 2; n++) {
		countdown = n;
		assert_int_equal(saksi_dir_sync(dir), SAKSI_IO);
		assert_int_equal(errno, EIO);
	}
	countdown = 1;
	assert_int_equal(saksi_dir_lock(dir, "lock", &fd), SAKSI_IO);
	assert_int_equal(fd, -1);
	countdown = 0;
}

static int setup(void **state)
{
	(void)state;
	return mkdtemp(root) != NULL && saksi_dir_open(root, &dir) == SAKSI_OK ? 0 : -1;
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	countdown = 0;
	assert_true(faults > 40);
	(void)snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(replace_shows_old_or_new),
	    cmocka_unit_test(create_is_whole_or_absent),
	    cmocka_unit_test(read_gives_all_or_nothing),
	    cmocka_unit_test(a_folder_that_was_not_synced_is_not_believed),
	    cmocka_unit_test(sync_and_lock_say_so),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
