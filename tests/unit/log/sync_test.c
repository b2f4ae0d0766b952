/* What a publication places is durable, files and then their folders, before state.db
 * notes it as placed: each fsync and syncfs is written down, and so is that note.
 * Linked with -Wl,--wrap (Makefile, WRAP_log_sync). */
#include "fixture.h"

#include <ftw.h>
#include <limits.h>
#include <sqlite3.h>
#include <sys/stat.h>

#define EVENTS 512

static struct {
	char path[192]; /* "*": the whole disk; "placed": noted in state.db */
} events[EVENTS];
static size_t event_count;

static void note(const char *what)
{
	assert_true(event_count < EVENTS);
	(void)snprintf(events[event_count++].path, sizeof(events[0].path), "%s", what);
}

static void note_fd(int fd)
{
	char link[64], path[PATH_MAX];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	assert_true(n > 0);
	path[n] = '\0';
	note(path);
}

int __real_sqlite3_step(sqlite3_stmt *q);
int __real_fsync(int fd);
int __real_syncfs(int fd);
int __wrap_sqlite3_step(sqlite3_stmt *q);
int __wrap_fsync(int fd);
int __wrap_syncfs(int fd);

int __wrap_sqlite3_step(sqlite3_stmt *q)
{
	if (strstr(sqlite3_sql(q), "SET placed = 1") != NULL)
		note("placed");
	return __real_sqlite3_step(q);
}
int __wrap_fsync(int fd)
{
	note_fd(fd);
	return __real_fsync(fd);
}
int __wrap_syncfs(int fd)
{
	note("*");
	return __real_syncfs(fd);
}

/* The place of the first such event at or after `from`; event_count: none. */
static size_t find(const char *path, size_t from)
{
	while (from < event_count && strcmp(events[from].path, path) != 0)
		from++;
	return from;
}

static size_t placed, whole, seen;
static struct timespec since;

static int look(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	char folder[PATH_MAX];
	size_t file;

	if (kind != FTW_F || st->st_ctim.tv_sec < since.tv_sec ||
	    (st->st_ctim.tv_sec == since.tv_sec &&
	     st->st_ctim.tv_nsec <= since.tv_nsec))
		return 0;
	seen++;
	if (whole < placed)
		return 0; /* one wait for all of them */
	file = find(path, 0);
	(void)snprintf(folder, sizeof(folder), "%.*s", at->base - 1, path);
	if (file >= placed)
		fail_msg("%s was not synced before it was noted as placed", path);
	if (find(folder, file) >= placed)
		fail_msg("%s: its folder was not synced before that", path);
	return 0;
}

/* Publishes, and looks at each file that came since. */
static void publish_and_look(const struct fixture *f, struct saksi_log *l, size_t files)
{
	char tile[128], mark[128];
	struct stat st;

	(void)snprintf(mark, sizeof(mark), "%s/mark", f->root);
	(void)usleep(20000); /* files tell their time in ticks */
	sh("touch %s", mark);
	(void)usleep(20000);
	assert_int_equal(stat(mark, &st), 0);
	since = st.st_ctim;
	event_count = seen = 0;
	must_publish(l);
	placed = find("placed", 0);
	whole = find("*", 0);
	assert_true(placed < event_count);
	assert_int_equal(find("placed", placed + 1), event_count);
	(void)snprintf(tile, sizeof(tile), "%s/public/tile", f->path);
	assert_int_equal(nftw(tile, look, 16, FTW_PHYS), 0);
	assert_int_equal(seen, files);
}

static void test_placed_is_durable(void **state)
{
	struct fixture f;
	struct saksi_log *l;

	(void)state;
	fixture_open_log(&f, NULL);
	l = must_open(&f);
	must_add_many(l, "a", 0, 3);
	publish_and_look(&f, l, 2); /* tile/0/000.p/3 and its bundle */
	assert_true(whole > placed);
	must_add_many(l, "b", 0, 2);
	publish_and_look(&f, l, 2); /* in folders that were there */
	must_add_many(l, "c", 0, 300);
	publish_and_look(&f, l, 5); /* in several folders, and level 1 */
	assert_true(whole > placed);
	for (size_t i = 0; i < 26; i++)
		must_add_many(l, "d", i * 256, 256);
	publish_and_look(&f, l, 55); /* too many to sync one by one */
	assert_true(whole < placed);
	saksi_log_close(l);
	fixture_end(&f);
}

static int setup(void **state)
{
	(void)state;
	return saksi_crypto_begin() == SAKSI_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_placed_is_durable),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
