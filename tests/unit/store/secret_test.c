/* Who may own a secret, and a service's credentials. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/files.h"

#define STRANGER 54321
#define OTHER 54322

static char root[] = "/tmp/saksi-secret-XXXXXX";
static char creds[64];
static int dir, creds_dir;

static int setup(void **state)
{
	(void)state;
	if (mkdtemp(root) == NULL || chmod(root, 0755) != 0)
		return -1;
	(void)snprintf(creds, sizeof(creds), "%s/creds", root);
	if (mkdir(creds, 0700) != 0 || setenv("CREDENTIALS_DIRECTORY", creds, 1) != 0 ||
	    saksi_dir_open(root, &dir) != SAKSI_OK ||
	    saksi_dir_open(creds, &creds_dir) != SAKSI_OK)
		return -1;
	return saksi_file_create(dir, "key", saksi_bytes_of("from the folder"), 0600) ==
		       SAKSI_OK
		   ? 0
		   : -1;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	(void)close(dir);
	(void)close(creds_dir);
	(void)snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static void credential(const char *text, unsigned mode)
{
	assert_int_equal(
	    saksi_file_replace(creds_dir, "saksi.key", saksi_bytes_of(text), mode),
	    SAKSI_OK);
}

/* Reads `key`; on another answer than OK the words must be in what is said. */
static void reads(enum saksi_err want, const char *words)
{
	struct saksi_buf b = saksi_buf_growing(64);
	struct saksi_why w = {""};
	enum saksi_err err = saksi_file_read_credential(dir, "key", &b, &w);

	if (err != want)
		fail_msg("%d, not %d: %s", err, want, w.text);
	if (err == SAKSI_OK)
		assert_true(saksi_bytes_is(saksi_buf_bytes(&b), words));
	else
		assert_non_null(strstr(w.text, words));
	if (err != SAKSI_OK)
		assert_int_equal(b.len, 0);
	saksi_buf_free(&b);
}

static void a_credential_goes_before_the_folder(void **state)
{
	(void)state;
	reads(SAKSI_OK, "from the folder");
	credential("from systemd", 0400);
	reads(SAKSI_OK, "from systemd");
	credential("from systemd", 0600);
	reads(SAKSI_OK, "from systemd");
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	reads(SAKSI_OK, "from the folder");
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", creds, 1), 0);
	assert_int_equal(unlinkat(creds_dir, "saksi.key", 0), 0);
	reads(SAKSI_OK, "from the folder");
}

static void a_loose_credential_is_refused_not_passed_over(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 6; bit++) {
		credential("loose", 0400U | 1U << bit);
		/* 0440 of root and its group is what systemd shows. */
		if (bit == 5 && geteuid() == 0)
			reads(SAKSI_OK, "loose");
		else
			reads(SAKSI_REFUSED, "type chmod 400 /");
	}
	if (geteuid() == 0) {
		credential("loose", 0440);
		assert_int_equal(fchownat(creds_dir, "saksi.key", 0, STRANGER, 0), 0);
		reads(SAKSI_REFUSED, "type chmod 400 /");
		credential("another's", 0400);
		assert_int_equal(fchownat(creds_dir, "saksi.key", STRANGER, 0, 0), 0);
		reads(SAKSI_REFUSED, "type chown 0 /");
	}
	assert_int_equal(unlinkat(creds_dir, "saksi.key", 0), 0);
	assert_int_equal(symlinkat("../key", creds_dir, "saksi.key"), 0);
	reads(SAKSI_IO, "symbolic link");
	assert_int_equal(unlinkat(creds_dir, "saksi.key", 0), 0);
}

static void a_loose_folder_of_credentials_is_refused(void **state)
{
	(void)state;
	credential("from systemd", 0400);
	assert_int_equal(chmod(creds, 0720), 0);
	reads(SAKSI_REFUSED, "type chmod 500 /");
	assert_int_equal(chmod(creds, 0702), 0);
	reads(SAKSI_REFUSED, "type chmod 500 /");
	assert_int_equal(chmod(creds, 0550), 0);
	reads(SAKSI_OK, "from systemd");
	if (geteuid() == 0) {
		assert_int_equal(chown(creds, STRANGER, 0), 0);
		reads(SAKSI_REFUSED, "type chmod 500 /");
		assert_int_equal(chown(creds, 0, 0), 0);
	}
	assert_int_equal(chmod(creds, 0700), 0);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", "creds", 1), 0);
	reads(SAKSI_REFUSED, "no absolute path");
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", "/nonexistent/x", 1), 0);
	reads(SAKSI_OK, "from the folder");
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", creds, 1), 0);
	assert_int_equal(unlinkat(creds_dir, "saksi.key", 0), 0);
}

static int read_as(uid_t files, uid_t owner)
{
	struct saksi_buf b = saksi_buf_growing(64);
	struct saksi_why w = {""};
	int status;
	pid_t pid;

	assert_int_equal(fchownat(dir, "key", owner, owner, 0), 0);
	pid = fork();
	if (pid == 0) {
		(void)setfsuid(files);
		int err = (int)saksi_file_read_secret(dir, "key", &b, &w);

		/* The right to read as root is lent for that one file. */
		_exit((uid_t)setfsuid((uid_t)-1) == files ? err : 99);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(fchownat(dir, "key", 0, 0, 0), 0);
	return WEXITSTATUS(status);
}

static void root_working_as_another_reads_his_and_its_own(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(read_as(0, 0), SAKSI_OK);
	assert_int_equal(read_as(0, STRANGER), SAKSI_REFUSED);
	assert_int_equal(read_as(STRANGER, STRANGER), SAKSI_OK);
	assert_int_equal(read_as(STRANGER, 0), SAKSI_OK);
	assert_int_equal(read_as(STRANGER, OTHER), SAKSI_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_credential_goes_before_the_folder),
	    cmocka_unit_test(a_loose_credential_is_refused_not_passed_over),
	    cmocka_unit_test(a_loose_folder_of_credentials_is_refused),
	    cmocka_unit_test(root_working_as_another_reads_his_and_its_own),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
