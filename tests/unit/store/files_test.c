/* Files as seen by readers, by other writers and by those who may not. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/files.h"

static int dir;
static char root[] = "/tmp/saksi-files-XXXXXX";

static struct saksi_bytes text(const char *s)
{
	return saksi_bytes_of(s);
}

static void holds(const char *name, const char *want)
{
	struct saksi_buf b = saksi_buf_growing(4096);

	assert_int_equal(saksi_file_read(dir, name, true, &b), SAKSI_OK);
	assert_true(saksi_bytes_is(saksi_buf_bytes(&b), want));
	saksi_buf_free(&b);
}

static unsigned mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(fstatat(dir, name, &st, 0), 0);
	return st.st_mode & 07777U;
}

static size_t names_in(const char *path)
{
	char command[256], line[32];
	FILE *f;

	(void)snprintf(command, sizeof(command), "ls -A %s/%s | wc -l", root, path);
	f = popen(command, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	(void)pclose(f);
	return (size_t)strtoul(line, NULL, 10);
}

static void replace_gives_the_mode_asked_for(void **state)
{
	(void)state;
	mode_t old = umask(0077);

	assert_int_equal(saksi_file_replace(dir, "a", text("one"), 0644), SAKSI_OK);
	holds("a", "one");
	assert_int_equal(mode_of("a"), 0644);
	(void)umask(0);
	assert_int_equal(saksi_file_replace(dir, "a", text(""), 0600), SAKSI_OK);
	holds("a", "");
	assert_int_equal(mode_of("a"), 0600);
	assert_int_equal(saksi_file_place(dir, "a", text("placed"), 0640), SAKSI_OK);
	holds("a", "placed");
	assert_int_equal(mode_of("a"), 0640);
	assert_int_equal(saksi_dir_sync(dir), SAKSI_OK);
	(void)umask(old);
}

static void replace_needs_its_folder(void **state)
{
	(void)state;
	errno = 0;
	assert_int_equal(saksi_file_replace(dir, "no/such/a", text("x"), 0644),
			 SAKSI_IO);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(saksi_file_replace(dir, "", text("x"), 0644), SAKSI_IO);
	assert_int_equal(saksi_file_replace(dir, "slash/", text("x"), 0644), SAKSI_IO);
	assert_int_equal(saksi_dir_make(dir, "deep/er", 0755), SAKSI_OK);
	assert_int_equal(saksi_file_replace(dir, "deep/er/a", text("x"), 0644),
			 SAKSI_OK);
	holds("deep/er/a", "x");
	assert_int_equal(names_in("deep/er"), 1);
}

/* Two names whose temporary files would meet if they were one fixed name: one
 * writer is stopped by a lock on nothing, so race them for real. */
static void writers_of_different_names_never_meet(void **state)
{
	(void)state;
	pid_t child = fork();
	char big[20000];

	assert_int_not_equal(child, -1);
	memset(big, child == 0 ? 'c' : 'p', sizeof(big));
	for (int i = 0; i < 300; i++) {
		struct saksi_bytes data = {(const uint8_t *)big, sizeof(big)};

		if (saksi_file_place(dir, child == 0 ? "c" : "p", data, 0644) !=
		    SAKSI_OK) {
			if (child == 0)
				_exit(1);
			fail();
		}
	}
	if (child == 0)
		_exit(0);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	struct saksi_buf b = saksi_buf_growing(40000);
	assert_int_equal(saksi_file_read(dir, "c", true, &b), SAKSI_OK);
	assert_int_equal(b.len, sizeof(big));
	for (size_t i = 0; i < b.len; i++)
		assert_int_equal(b.at[i], 'c');
	saksi_buf_free(&b);
}

static void replace_does_not_write_through_a_planted_link(void **state)
{
	(void)state;
	assert_int_equal(saksi_file_replace(dir, "victim", text("safe"), 0600),
			 SAKSI_OK);
	assert_int_equal(symlinkat("victim", dir, ".target.next"), 0);
	assert_int_equal(saksi_file_replace(dir, "target", text("x"), 0644), SAKSI_IO);
	assert_int_equal(errno, ELOOP);
	holds("victim", "safe");
}

static void create_never_overwrites(void **state)
{
	(void)state;
	size_t before;

	assert_int_equal(saksi_file_create(dir, "key", text("first"), 0600), SAKSI_OK);
	before = names_in("");
	errno = 0;
	assert_int_equal(saksi_file_create(dir, "key", text("second"), 0600), SAKSI_IO);
	assert_int_equal(errno, EEXIST);
	holds("key", "first");
	assert_int_equal(mode_of("key"), 0600);
	assert_int_equal(names_in(""), before);
}

static void read_tells_missing_limit_and_what_is_no_file(void **state)
{
	(void)state;
	struct saksi_buf b = saksi_buf_growing(8);

	saksi_buf_puts(&b, "was");
	assert_int_equal(saksi_file_read(dir, "absent", true, &b), SAKSI_MISSING);
	assert_int_equal(saksi_file_replace(dir, "five", text("12345"), 0644),
			 SAKSI_OK);
	assert_int_equal(saksi_file_replace(dir, "six", text("123456"), 0644),
			 SAKSI_OK);
	assert_int_equal(saksi_file_read(dir, "six", true, &b), SAKSI_LIMIT);
	assert_int_equal(b.len, 3);
	assert_false(b.full);
	assert_int_equal(saksi_file_read(dir, "five", true, &b), SAKSI_OK);
	assert_true(saksi_bytes_is(saksi_buf_bytes(&b), "was12345"));
	saksi_buf_clear(&b);
	assert_int_equal(mkfifoat(dir, "pipe", 0600), 0);
	assert_int_equal(saksi_file_read(dir, "pipe", true, &b), SAKSI_IO);
	assert_int_equal(mkdirat(dir, "folder", 0700), 0);
	assert_int_equal(saksi_file_read(dir, "folder", true, &b), SAKSI_IO);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(symlinkat("five", dir, "link"), 0);
	assert_int_equal(saksi_file_read(dir, "link", true, &b), SAKSI_IO);
	assert_int_equal(errno, ELOOP);
	assert_int_equal(saksi_file_read(dir, "link", false, &b), SAKSI_OK);
	saksi_buf_free(&b);
}

static void read_exact_takes_just_one_length(void **state)
{
	uint8_t at[8] = {0};

	(void)state;
	assert_int_equal(saksi_file_replace(dir, "exact", text("12345"), 0644),
			 SAKSI_OK);
	assert_int_equal(saksi_file_read_exact(dir, "exact", at, 5), SAKSI_OK);
	assert_memory_equal(at, "12345", 6); /* nothing after it was written */
	assert_int_equal(saksi_file_read_exact(dir, "exact", at, 4), SAKSI_MALFORMED);
	assert_int_equal(saksi_file_read_exact(dir, "exact", at, 6), SAKSI_MALFORMED);
	assert_int_equal(saksi_file_replace(dir, "nothing", text(""), 0644), SAKSI_OK);
	assert_int_equal(saksi_file_read_exact(dir, "nothing", at, 5), SAKSI_MALFORMED);
	assert_int_equal(saksi_file_read_exact(dir, "nothing", at, 0), SAKSI_OK);
	assert_int_equal(saksi_file_read_exact(dir, "not there", at, 5), SAKSI_MISSING);
	assert_int_equal(mkdirat(dir, "exact.d", 0755), 0);
	assert_int_equal(saksi_file_read_exact(dir, "exact.d", at, 5), SAKSI_IO);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(symlinkat("exact", dir, "exact.link"), 0);
	assert_int_equal(saksi_file_read_exact(dir, "exact.link", at, 5), SAKSI_IO);
	assert_int_equal(mkfifoat(dir, "exact.pipe", 0644), 0);
	assert_int_equal(saksi_file_read_exact(dir, "exact.pipe", at, 5), SAKSI_IO);
}

static void a_secret_is_ours_alone(void **state)
{
	(void)state;
	struct saksi_buf b = saksi_buf_growing(64);
	struct saksi_why w = {""};

	for (unsigned bit = 0; bit < 6; bit++) {
		unsigned mode = 0600U | 1U << bit;

		assert_int_equal(saksi_file_replace(dir, "s", text("secret"), mode),
				 SAKSI_OK);
		assert_int_equal(saksi_file_read_secret(dir, "s", &b, &w),
				 SAKSI_REFUSED);
		assert_non_null(strstr(w.text, "chmod 600 s"));
		assert_int_equal(b.len, 0);
	}
	assert_int_equal(saksi_file_replace(dir, "s", text("secret"), 0600), SAKSI_OK);
	assert_int_equal(saksi_file_read_secret(dir, "s", &b, &w), SAKSI_OK);
	assert_true(saksi_bytes_is(saksi_buf_bytes(&b), "secret"));
	assert_int_equal(symlinkat("s", dir, "to-s"), 0);
	assert_int_equal(saksi_file_read_secret(dir, "to-s", &b, &w), SAKSI_IO);
	assert_non_null(strstr(w.text, "symbolic link"));
	assert_int_equal(saksi_file_read_secret(dir, "none", &b, &w), SAKSI_MISSING);
	assert_non_null(strstr(w.text, "none"));
	if (geteuid() == 0) {
		assert_int_equal(fchownat(dir, "s", 12345, (gid_t)-1, 0), 0);
		assert_int_equal(saksi_file_read_secret(dir, "s", &b, &w),
				 SAKSI_REFUSED);
		assert_non_null(strstr(w.text, "chown"));
	}
	saksi_buf_free(&b);
}

static void folders_are_made_with_their_mode(void **state)
{
	(void)state;
	char path[256];
	int fd = -1;

	assert_int_equal(saksi_dir_make(dir, "x/y//z/", 0711), SAKSI_OK);
	assert_int_equal(mode_of("x/y/z"), 0711);
	assert_int_equal(saksi_dir_make(dir, "x/y/z", 0700),
			 SAKSI_OK); /* there already */
	assert_int_equal(mode_of("x/y/z"), 0711);
	(void)snprintf(path, sizeof(path), "%s/abs/olute", root);
	assert_int_equal(saksi_dir_make(AT_FDCWD, path, 0700), SAKSI_OK);
	assert_int_equal(saksi_dir_open(path, &fd), SAKSI_OK);
	(void)close(fd);
	assert_int_equal(saksi_file_replace(dir, "plain", text("x"), 0644), SAKSI_OK);
	assert_int_equal(saksi_dir_make(dir, "plain/sub", 0700), SAKSI_IO);
	assert_int_equal(saksi_dir_open("/nonexistent/nowhere", &fd), SAKSI_MISSING);
}

static void a_fresh_folder_is_empty(void **state)
{
	char path[256];
	int fd = -7;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/fresh/one", root);
	assert_int_equal(saksi_dir_fresh(path, 0700, &fd), SAKSI_OK);
	assert_int_equal(mode_of("fresh/one"), 0700);
	(void)close(fd);
	fd = -7;
	assert_int_equal(saksi_dir_fresh(path, 0700, &fd), SAKSI_OK); /* empty still */
	assert_int_equal(saksi_file_create(fd, ".hidden", text("x"), 0600), SAKSI_OK);
	(void)close(fd);
	fd = -7;
	assert_int_equal(saksi_dir_fresh(path, 0700, &fd), SAKSI_REFUSED);
	(void)snprintf(path, sizeof(path), "%s/fresh/one/.hidden", root);
	assert_int_equal(saksi_dir_fresh(path, 0700, &fd), SAKSI_IO);
	assert_int_equal(errno, ENOTDIR);
	assert_int_equal(fd, -7);
}

static void a_lock_has_one_holder(void **state)
{
	(void)state;
	int fd = -1, other = -1, status;

	assert_int_equal(saksi_dir_lock(dir, "lock", &fd), SAKSI_OK);
	assert_int_equal(saksi_dir_lock(dir, "lock", &other), SAKSI_BUSY);
	assert_int_equal(other, -1);
	pid_t child = fork();
	if (child == 0) {
		(void)close(fd); /* the inherited one would not be its own */
		_exit(saksi_dir_lock(dir, "lock", &other) == SAKSI_BUSY ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	/* another process would open the folder anew, and find no lock file */
	int folder = -1;
	assert_int_equal(unlinkat(dir, "lock", 0), 0);
	assert_int_equal(saksi_dir_open(root, &folder), SAKSI_OK);
	assert_int_equal(saksi_dir_lock(folder, "lock", &other), SAKSI_BUSY);
	assert_int_equal(other, -1);
	(void)close(folder);
	(void)close(fd);
	assert_int_equal(saksi_dir_lock(dir, "lock", &fd), SAKSI_OK);
	(void)close(fd);
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
	(void)snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(replace_gives_the_mode_asked_for),
	    cmocka_unit_test(replace_needs_its_folder),
	    cmocka_unit_test(writers_of_different_names_never_meet),
	    cmocka_unit_test(replace_does_not_write_through_a_planted_link),
	    cmocka_unit_test(create_never_overwrites),
	    cmocka_unit_test(read_tells_missing_limit_and_what_is_no_file),
	    cmocka_unit_test(read_exact_takes_just_one_length),
	    cmocka_unit_test(a_secret_is_ours_alone),
	    cmocka_unit_test(folders_are_made_with_their_mode),
	    cmocka_unit_test(a_fresh_folder_is_empty),
	    cmocka_unit_test(a_lock_has_one_holder),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
