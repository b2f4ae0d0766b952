/* A folder served as it is, and nothing beside it. */
#include "test.h"

#include "net/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* Linked with --wrap=syscall: kernels without openat2 are played here. */
static int openat2_errno;
long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d);
long __wrap_syscall(long number, long a, long b, long c, long d)
{
	if (number == SYS_openat2 && openat2_errno != 0) {
		errno = openat2_errno;
		return -1;
	}
	return __real_syscall(number, a, b, c, d);
}

static char top[] = "/tmp/saksi-file-XXXXXX";
static int root;

static void put(const char *name, const char *text)
{
	char path[256];
	(void)snprintf(path, sizeof path, "%s/%s", top, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

static void dir(const char *name)
{
	char path[256];
	(void)snprintf(path, sizeof path, "%s/%s", top, name);
	assert_int_equal(mkdir(path, 0755), 0);
}

static int make(void **state)
{
	char path[256];
	(void)state;
	if (mkdtemp(top) == NULL)
		return -1;
	dir("pub");
	dir("pub/tile");
	dir("pub/tile/0");
	dir("pub/tile/0/000.p");
	dir("pub/sub");
	dir("pub/.hidden");
	put("secret", "secret");
	put("pub/checkpoint", "check");
	put("pub/index.html", "<p>");
	put("pub/sub/index.html", "<b>");
	put("pub/style.css", "p{}");
	put("pub/tile/0/000.p/5", "tile5");
	put("pub/tile/0/page.html", "no page");
	put("pub/.env", "hidden");
	put("pub/.hidden/x", "hidden");
	(void)snprintf(path, sizeof path, "%s/pub/out", top);
	assert_int_equal(symlink("../secret", path), 0);
	(void)snprintf(path, sizeof path, "%s/pub/in", top);
	assert_int_equal(symlink("checkpoint", path), 0);
	(void)snprintf(path, sizeof path, "%s/pub/up", top);
	assert_int_equal(symlink("..", path), 0);
	(void)snprintf(path, sizeof path, "%s/pub/alias", top);
	assert_int_equal(symlink("sub", path), 0);
	(void)snprintf(path, sizeof path, "%s/pub/fifo", top);
	assert_int_equal(mkfifo(path, 0644), 0);
	(void)snprintf(path, sizeof path, "%s/pub", top);
	root = open(path, O_RDONLY | O_DIRECTORY);
	return root >= 0 ? 0 : -1;
}

static int clean(void **state)
{
	char line[256];
	(void)state;
	(void)close(root);
	(void)snprintf(line, sizeof line, "rm -rf %s", top);
	return system(line);
}

static struct saksi_reply ask(const char *method, const char *path)
{
	struct saksi_call c = {.method = method, .path = path};
	struct saksi_reply r = {.status = 500, .retry_after_s = -1, .file_fd = -1};
	saksi_serve_file(root, &c, &r);
	return r;
}

static void expect_file(const char *path, const char *text, const char *type,
			const char *cache)
{
	char got[64] = "";
	struct saksi_reply r = ask("GET", path);
	if (r.status != 200 || r.file_fd < 0)
		fail_msg("%s: %u", path, r.status);
	assert_true(r.open);
	assert_int_equal(read(r.file_fd, got, sizeof got - 1), strlen(text));
	assert_string_equal(got, text);
	assert_string_equal(r.content_type, type);
	assert_string_equal(r.cache_control, cache);
	assert_int_equal(fcntl(r.file_fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	(void)close(r.file_fd);
}

static void expect_none(const char *method, const char *path, unsigned status)
{
	struct saksi_reply r = ask(method, path);
	if (r.status != status)
		fail_msg("%s: %u", path, r.status);
	assert_int_equal(r.file_fd, -1);
	saksi_buf_free(&r.body);
}

static void all_paths(void)
{
	const char *minute = "public, max-age=60", *text = "text/plain; charset=utf-8";
	const char *always = "public, max-age=31536000, immutable";

	expect_file("/checkpoint", "check", text, "public, max-age=5");
	expect_file("/", "<p>", "text/html; charset=utf-8", minute);
	expect_file("/sub/", "<b>", "text/html; charset=utf-8", minute);
	expect_file("/style.css", "p{}", "text/css; charset=utf-8", minute);
	expect_file("/tile/0/000.p/5", "tile5", "application/octet-stream", always);
	/* What submitters put into a tile never becomes a page of ours. */
	expect_file("/tile/0/page.html", "no page", "application/octet-stream", always);
	static const char *const none[] = {
	    "/nothing", "/.env",      "/.hidden/x",         "/sub/.x",
	    "/out",     "/in",        "/up/secret",         "/up/pub/checkpoint",
	    "/fifo",    "/alias/",    "/alias/index.html",  "/sub",
	    "/tile/0/", "/../secret", "/sub/../checkpoint", "/checkpoint/x",
	    "",
	};
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		expect_none("GET", none[i], 404);
	expect_none("POST", "/checkpoint", 405);
	struct saksi_reply r = ask("HEAD", "/checkpoint");
	assert_int_equal(r.status, 200);
	(void)close(r.file_fd);
}

static void with_openat2(void **state)
{
	(void)state;
	openat2_errno = 0;
	all_paths();
}

static void without_openat2(void **state)
{
	(void)state;
	openat2_errno = ENOSYS;
	all_paths();
	openat2_errno = EPERM;
	all_paths();
	openat2_errno = 0;
}

static void long_path(void **state)
{
	(void)state;
	char *path = malloc(5000);
	for (size_t len = 1000; len < 1040; len++) {
		memset(path, 'a', len);
		path[0] = '/';
		path[len] = '\0';
		expect_none("GET", path, 404);
		path[len - 1] = '/';
		expect_none("GET", path, 404);
	}
	memset(path, 'a', 4999);
	path[0] = '/';
	path[4999] = '\0';
	expect_none("GET", path, 404);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(with_openat2),
	    cmocka_unit_test(without_openat2),
	    cmocka_unit_test(long_path),
	};
	return cmocka_run_group_tests(tests, make, clean);
}
