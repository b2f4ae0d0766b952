/* Every step of a publication fails, in turn and in four ways: it is refused; it
 * happened although we are told it failed; the process dies before it; the process
 * dies after it.  Once where the caller publishes, once where the writer and the
 * publisher of a log that serves do.  Whatever happens, afterwards
 *   - each entry that was acknowledged is there under its index, and once,
 *   - all checkpoints ever signed are of one history (saksi_log_check derives each),
 *   - what the public saw before is one of them,
 *   - the log goes on.
 * Linked with -Wl,--wrap (Makefile, WRAP_log_fault), so the code needs no hook. */
#include "fixture.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum way { REFUSE, LIE, DIE_BEFORE, DIE_AFTER, WAYS };
#define AT_ONCE 32
#define DIED 66
#define NOT_REACHED 77

enum part { DATABASE = 1, FILES = 2 };

static atomic_int countdown; /* 0 and below: no fault */
static atomic_int broken;    /* these parts refuse every time */
static enum way way;

/* What is to be done instead of the call: 0 the call itself. */
static int fault(enum part p)
{
	if (atomic_load(&broken) & (int)p)
		return 1;
	if (atomic_fetch_sub(&countdown, 1) != 1)
		return 0;
	if (way == DIE_BEFORE)
		_exit(DIED);
	return 1;
}

#define PLAY(part, call, failed)                                                       \
	do {                                                                           \
		if (!fault(part))                                                      \
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
	PLAY(DATABASE, __real_sqlite3_step(q), SQLITE_IOERR);
}
ssize_t __wrap_write(int fd, const void *buf, size_t n)
{
	PLAY(FILES, __real_write(fd, buf, n), -1);
}
int __wrap_fsync(int fd)
{
	PLAY(FILES, __real_fsync(fd), -1);
}
int __wrap_syncfs(int fd)
{
	PLAY(FILES, __real_syncfs(fd), -1);
}
int __wrap_renameat(int a, const char *from, int b, const char *to)
{
	PLAY(FILES, __real_renameat(a, from, b, to), -1);
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

/* ---- one life of a log that serves: its own two threads meet the fault */

struct sent {
	struct saksi_job job;
	struct saksi_add add;
	char text[16];
	atomic_int answers;
};
static struct sent sent[ENTRIES];

#define SERVES "s/^interval_ms .*/interval_ms 5/;s/^gather_ms .*/gather_ms 1/"

static void answered(struct saksi_job *j)
{
	struct sent *s = (struct sent *)j;
	uint32_t *at = &acknowledged[s - sent];

	if (s->add.err == SAKSI_OK && *at != 0 && *at != s->add.index + 1)
		_exit(20); /* another index than before */
	if (s->add.err == SAKSI_OK)
		*at = (uint32_t)s->add.index + 1;
	atomic_fetch_add(&s->answers, 1);
}

/* All at once, each a job of its own; were all of them taken?  Those that were not
 * are told that the disk failed. */
static bool send_some(struct saksi_log *l, size_t from, size_t count)
{
	bool all = true;

	for (size_t i = from; i < from + count; i++) {
		struct sent *s = &sent[i];

		(void)snprintf(s->text, sizeof(s->text), "entry %zu", i);
		s->add = (struct saksi_add){.entry = saksi_bytes_of(s->text)};
		s->job =
		    (struct saksi_job){.adds = &s->add, .count = 1, .done = answered};
		atomic_store(&s->answers, 0);
		saksi_log_add_later(l, &s->job);
	}
	for (size_t i = from; i < from + count; i++) {
		struct saksi_add *a = &sent[i].add;

		while (atomic_load(&sent[i].answers) == 0)
			(void)usleep(100); /* the alarm ends who waits for ever */
		if (a->err != SAKSI_OK && (a->err != SAKSI_IO || a->reason == NULL))
			_exit(21);
		all = all && a->err == SAKSI_OK;
	}
	return all;
}

/* As a client does that was told to try later. */
static void send_until_taken(struct saksi_log *l, size_t from, size_t count)
{
	if (send_some(l, from, count))
		return;
	(void)usleep(1100000);
	if (!send_some(l, from, count))
		_exit(22);
}

static void await_shown(struct saksi_log *l, uint64_t size)
{
	struct saksi_log_state s;

	do {
		(void)usleep(500);
		saksi_log_state(l, &s);
	} while (s.published < size || s.misses > 0);
}

static void serve(const struct fixture *f)
{
	struct saksi_why w = {""};
	struct saksi_log *l = NULL;

	(void)alarm(60);
	if (saksi_log_open(f->path, &l, &w) != SAKSI_OK &&
	    saksi_log_open(f->path, &l, &w) != SAKSI_OK)
		_exit(4);
	if (saksi_log_start(l, &w) != SAKSI_OK)
		_exit(5);
	send_until_taken(l, 0, 3);
	await_shown(l, 3);
	send_until_taken(l, 3, 300);
	await_shown(l, 303);
	send_until_taken(l, 303, 2);
	saksi_log_close(l);
	for (size_t i = 0; i < 305; i++)
		if (sent[i].answers != 1)
			_exit(23);
	_exit(countdown > 0 ? NOT_REACHED : 0);
}

/* ---- */

static void (*life)(const struct fixture *f);
static char serving[] = "serving"; /* the state of tests of a log that serves */

static uint64_t acknowledged_count(void)
{
	uint64_t count = 0;

	for (size_t i = 0; i < ENTRIES; i++)
		count += acknowledged[i] != 0;
	return count;
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
	fixture_open_log(&f, life == serve ? SERVES : NULL);
	child = fork();
	if (child == 0) {
		way = how;
		countdown = n;
		life(&f);
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
	if (status != DIED && k.acknowledged != acknowledged_count() + 3)
		return 12; /* one that was sent again is there twice */
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
	life = *state == serving ? serve : live;
	each_step_fails(REFUSE);
}

static void each_step_happens_but_is_told_to_fail(void **state)
{
	life = *state == serving ? serve : live;
	each_step_fails(LIE);
}

static void it_dies_before_each_step(void **state)
{
	life = *state == serving ? serve : live;
	each_step_fails(DIE_BEFORE);
}

static void it_dies_after_each_step(void **state)
{
	life = *state == serving ? serve : live;
	each_step_fails(DIE_AFTER);
}

/* ---- a disk that refuses for a while, below a log that serves */

static struct saksi_log *served(struct fixture *f)
{
	struct saksi_why w = {""};
	struct saksi_log *l;

	acknowledged = calloc(ENTRIES, sizeof(*acknowledged));
	assert_non_null(acknowledged);
	fixture_open_log(f, SERVES);
	l = must_open(f);
	(void)alarm(60);
	assert_int_equal(saksi_log_start(l, &w), SAKSI_OK);
	assert_true(send_some(l, 0, 3));
	await_shown(l, 3);
	way = REFUSE;
	return l;
}

static void served_end(struct fixture *f, struct saksi_log *l, uint64_t want)
{
	saksi_log_close(l);
	(void)alarm(0);
	struct saksi_log_checked k = must_check(f);
	assert_int_equal(k.acknowledged, want);
	assert_int_equal(k.published, want);
	assert_int_equal(acknowledged_count(), want);
	free(acknowledged);
	fixture_end(f);
}

static void state_db_refuses_for_a_while(void **state)
{
	struct saksi_log_state s;
	struct fixture f;
	struct saksi_log *l = served(&f);

	(void)state;
	atomic_store(&broken, DATABASE);
	/* at the first try, while nothing is tried, and when it is tried again */
	for (int try = 0; try < 3; try++) {
		assert_false(send_some(l, 3, 5));
		for (size_t i = 3; i < 8; i++)
			assert_int_equal(sent[i].add.err, SAKSI_IO);
		saksi_log_state(l, &s);
		assert_true(s.refusing);
		assert_int_equal(s.acknowledged, 3);
		assert_int_equal(s.published, 3);
		(void)usleep(try == 1 ? 1100000 : 1000);
	}
	atomic_store(&broken, 0);
	(void)usleep(1100000);
	assert_true(send_some(l, 3, 5));
	await_shown(l, 8);
	saksi_log_state(l, &s);
	assert_false(s.refusing);
	served_end(&f, l, 8);
}

static void files_refuse_for_a_while(void **state)
{
	struct saksi_log_state s;
	struct fixture f;
	struct saksi_log *l = served(&f);

	(void)state;
	atomic_store(&broken, FILES);
	/* entries need no file but state.db */
	assert_true(send_some(l, 3, 5));
	do {
		(void)usleep(500);
		saksi_log_state(l, &s);
	} while (s.misses < 2);
	assert_true(send_some(l, 8, 1));
	assert_string_not_equal(s.says.text, "");
	assert_false(s.refusing);
	assert_int_equal(s.published, 3);
	assert_int_equal(public_size(&f), 3);
	atomic_store(&broken, 0);
	await_shown(l, 9);
	saksi_log_state(l, &s);
	assert_string_equal(s.says.text, "");
	served_end(&f, l, 9);
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
	    cmocka_unit_test_prestate(each_step_is_refused, serving),
	    cmocka_unit_test_prestate(each_step_happens_but_is_told_to_fail, serving),
	    cmocka_unit_test_prestate(it_dies_before_each_step, serving),
	    cmocka_unit_test_prestate(it_dies_after_each_step, serving),
	    cmocka_unit_test(state_db_refuses_for_a_while),
	    cmocka_unit_test(files_refuse_for_a_while),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
