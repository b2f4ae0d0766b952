/* The n-th system call fails, for n = 1, 2, ... until a run has no failure, twice:
 * nothing happened, or it happened and we were not told.  What is remembered of a log
 * is then the old note or the new one; and a memory that cannot be read is never
 * taken for none: a look that it would have caught does not hold.
 * Linked with -Wl,--wrap (Makefile, WRAP_follow_fault), so the code needs no hook. */
#include "stage.h"

#include <dirent.h>
#include <errno.h>
#include <stdatomic.h>

static atomic_int countdown; /* 0 and below: no fault */
static bool lies;
static int synced;

static bool fault(void)
{
	return atomic_fetch_sub(&countdown, 1) == 1;
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
ssize_t __real_write(int fd, const void *buf, size_t n);
ssize_t __real_read(int fd, void *buf, size_t n);
int __real_fsync(int fd);
int __real_fchmod(int fd, mode_t mode);
int __real_close(int fd);
int __real_renameat(int a, const char *from, int b, const char *to);
int __real_mkdirat(int at, const char *name, mode_t mode);
int __wrap_openat(int at, const char *name, int flags, int mode);
ssize_t __wrap_write(int fd, const void *buf, size_t n);
ssize_t __wrap_read(int fd, void *buf, size_t n);
int __wrap_fsync(int fd);
int __wrap_fchmod(int fd, mode_t mode);
int __wrap_close(int fd);
int __wrap_renameat(int a, const char *from, int b, const char *to);
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
	TELL(__real_read(fd, buf, n));
}
int __wrap_fsync(int fd)
{
	if (fault()) {
		if (lies)
			(void)__real_fsync(fd);
		errno = EIO;
		return -1;
	}
	synced++;
	return __real_fsync(fd);
}
int __wrap_fchmod(int fd, mode_t mode)
{
	TELL(__real_fchmod(fd, mode));
}
int __wrap_close(int fd)
{
	bool bad = fault();
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
int __wrap_mkdirat(int at, const char *name, mode_t mode)
{
	TELL(__real_mkdirat(at, name, mode));
}

/* The n-th call from now on; how often did it come? */
static void arm(int n)
{
	synced = 0;
	atomic_store(&countdown, n);
}
static bool disarm(void)
{
	return atomic_exchange(&countdown, 0) <= 0;
}

/* ---- remembering */

#define OLD "an old note\n"
#define NEW "a newer note, and a longer one\n"

static const struct memory {
	enum saksi_err (*load)(int dir, struct saksi_bytes origin,
			       struct saksi_buf *note);
	enum saksi_err (*store)(int dir, struct saksi_bytes origin,
				struct saksi_bytes note);
} memories[] = {
    {saksi_seen_load, saksi_seen_store},
    {saksi_seen_closing_load, saksi_seen_closing_store},
};

static int open_memory(const char *path)
{
	int dir = -1;

	assert_int_equal(saksi_seen_open(path, &dir, NULL), SAKSI_OK);
	return dir;
}

static void store(const struct memory *m, const char *path, const char *note)
{
	int dir = open_memory(path);

	assert_int_equal(m->store(dir, saksi_bytes_of(ORIGIN), saksi_bytes_of(note)),
			 SAKSI_OK);
	(void)close(dir);
}

/* What is remembered, as one who starts now finds it; "": nothing. */
static const char *loaded(const struct memory *m, const char *path)
{
	static char room[128];
	struct saksi_buf b = saksi_buf_fixed(room, sizeof(room) - 1);
	int dir = open_memory(path);
	enum saksi_err err = m->load(dir, saksi_bytes_of(ORIGIN), &b);

	assert_true(err == SAKSI_OK ? b.len > 0 : err == SAKSI_MISSING && b.len == 0);
	room[b.len] = '\0';
	(void)close(dir);
	return room;
}

static int files_in(const char *path)
{
	DIR *d = opendir(path);
	int count = 0;

	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	(void)closedir(d);
	return count;
}

/* Remembers NEW with the n-th call failing; false: there was no such call. */
static bool one_store(const struct memory *m, int n, const char *before)
{
	char root[] = "/tmp/saksi-seen-XXXXXX", path[64], command[96];
	struct saksi_why w = {""};
	enum saksi_err err;
	bool reached;
	int dir = -1;

	assert_non_null(mkdtemp(root));
	(void)snprintf(path, sizeof(path), "%s/a/seen", root);
	if (*before != '\0')
		store(m, path, before);
	arm(n);
	err = saksi_seen_open(path, &dir, &w);
	if (err == SAKSI_OK)
		err = m->store(dir, saksi_bytes_of(ORIGIN), saksi_bytes_of(NEW));
	reached = disarm();
	if (err == SAKSI_OK)
		assert_true(synced >= 2); /* the file, then its folder */
	else
		assert_true(err == SAKSI_IO && reached);
	assert_int_equal(w.text[0] != '\0', dir < 0);
	if (dir >= 0)
		(void)close(dir);
	if (err == SAKSI_OK || strcmp(loaded(m, path), before) != 0)
		assert_string_equal(loaded(m, path), NEW);
	store(m, path, NEW);
	assert_string_equal(loaded(m, path), NEW);
	assert_int_equal(files_in(path), 1);
	(void)snprintf(command, sizeof(command), "rm -r %s", root);
	CHECK(system(command) == 0);
	return reached;
}

static void the_old_note_or_the_new(void **state)
{
	(void)state;
	for (size_t m = 0; m < 2; m++)
		for (int how = 0; how < 4; how++) {
			int n = 1;

			lies = how % 2 == 1;
			while (one_store(&memories[m], n, how < 2 ? OLD : ""))
				n++;
			assert_true(n > 7); /* or the wraps were not linked in */
		}
}

static void a_note_that_cannot_be_read_is_not_none(void **state)
{
	struct stage s;

	(void)state;
	lies = false;
	stage_begin(&s, 1);
	for (size_t m = 0; m < 2; m++) {
		bool reached = true;
		int dir, n;

		store(&memories[m], s.dir, OLD);
		dir = open_memory(s.dir);
		for (n = 1; reached; n++) {
			struct saksi_buf b = saksi_buf_growing(4096);
			enum saksi_err err;

			saksi_buf_puts(&b, "kept ");
			arm(n);
			err = memories[m].load(dir, saksi_bytes_of(ORIGIN), &b);
			reached = disarm();
			assert_true(err == SAKSI_OK || (err == SAKSI_IO && reached));
			assert_true(
			    saksi_bytes_is(saksi_buf_bytes(&b),
					   err == SAKSI_OK ? "kept " OLD : "kept "));
			saksi_buf_free(&b);
		}
		assert_true(n > 3);
		(void)close(dir);
	}
	stage_end(&s);
}

/* ---- looking with such a memory */

/* Looks with the n-th call failing; false: there was no such call. */
static bool one_look(struct stage *s, int n, int seen_dir, bool full,
		     enum saksi_err truth)
{
	struct saksi_place *place;
	struct saksi_look l;
	enum saksi_err err;
	bool reached;

	CHECK(saksi_place_open(s->dir, &place, NULL) == SAKSI_OK);
	arm(n);
	err = saksi_look_at(&s->v, place, seen_dir, full, &l);
	reached = disarm();
	if (err == truth) {
		assert_true(l.had_seen);
	} else {
		assert_true(reached);
		assert_int_equal(saksi_err_exit(err), 3); /* cannot tell */
		assert_string_not_equal(l.why, "");
	}
	assert_int_equal(l.evidence.len > 0, err == SAKSI_SPLIT);
	saksi_look_free(&l);
	saksi_place_close(place);
	return reached;
}

static void a_look_that_cannot_read_cannot_tell(void **state)
{
	struct memlog other;
	struct stage s;
	char path[128];
	int dir;

	(void)state;
	lies = false;
	stage_begin(&s, 13);
	mem_begin(&other);
	mem_fill(&other, 7, 2);
	put_log(&s.m, s.dir, mem_point(&s.m, 13, NOON));
	(void)snprintf(path, sizeof(path), "%s/seen", s.dir);
	dir = open_memory(path);
	for (int how = 0; how < 4; how++) {
		bool split = how < 2, full = how % 2 == 1;
		struct saksi_bytes seen =
		    split ? mem_point(&other, 7, NOON) : mem_point(&s.m, 9, NOON);
		int n = 1;

		CHECK(saksi_seen_store(dir, saksi_bytes_of(ORIGIN), seen) == SAKSI_OK);
		while (one_look(&s, n, dir, full, split ? SAKSI_SPLIT : SAKSI_OK))
			n++;
		assert_true(n > 5);
	}
	(void)close(dir);
	mem_end(&other);
	stage_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_old_note_or_the_new),
	    cmocka_unit_test(a_note_that_cannot_be_read_is_not_none),
	    cmocka_unit_test(a_look_that_cannot_read_cannot_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
