/* The database fails at the n-th call, for n = 1, 2, ... until a run has no
 * failure: nothing happened, or it happened and we were not told.  Whenever the
 * witness answered 200, the state is on disk; and whatever happened, it never
 * cosigns a second history. */
#include "fixture.h"

#include <sqlite3.h>

static int countdown, lies;
int __real_sqlite3_step(sqlite3_stmt *q);
int __wrap_sqlite3_step(sqlite3_stmt *q);
int __wrap_sqlite3_step(sqlite3_stmt *q)
{
	if (countdown > 0 && --countdown == 0) {
		if (lies)
			(void)__real_sqlite3_step(q);
		return SQLITE_IOERR;
	}
	return __real_sqlite3_step(q);
}

static char got[2048];

/* What a process started now would find. */
static uint64_t on_disk(const struct place *p)
{
	char file[128];
	sqlite3 *db;
	sqlite3_stmt *q;
	(void)snprintf(file, sizeof file, "%s/state.db", p->path);
	assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT size FROM log", -1, &q, NULL),
			 SQLITE_OK);
	assert_int_equal(__real_sqlite3_step(q), SQLITE_ROW);
	uint64_t size = (uint64_t)sqlite3_column_int64(q, 0);
	(void)sqlite3_finalize(q);
	(void)sqlite3_close(db);
	return size;
}

static int runs_of(struct request q, uint64_t held, unsigned want)
{
	int runs = 0, stood = 0;
	for (int n = 1;; n++, runs++) {
		struct place p;
		struct saksi_why why;
		countdown = 0;
		make_place(&p);
		assert_int_equal(grow(&p, 0, held), 200);
		countdown = n;
		unsigned status = send_request(&p, &q, got);
		bool fired = countdown == 0;
		countdown = 0;
		uint64_t disk = on_disk(&p);
		if (status == 200)
			assert_int_equal(disk, q.size);
		else
			assert_null(strstr(got, "\xe2\x80\x94"));
		assert_true(disk == held || disk == q.size);
		if (!fired)
			assert_int_equal(status, want);
		else if (want == 200)
			assert_int_equal(status, 503);
		else
			stood += status == want;
		/* afterwards it goes on, from whatever is on disk, here and anew */
		assert_int_equal(grow(&p, disk, disk), 200);
		assert_int_equal(reopen(&p, &why), SAKSI_OK);
		assert_int_equal(grow(&p, disk, 20), 200);
		struct request other = {.old_size = 20, .size = 30, .of = &lie};
		assert_int_equal(send_request(&p, &other, got), 422);
		end_place(&p);
		if (!fired) {
			/* the evidence's write and its commit take no refusal back */
			assert_true(want == 200 || stood >= 2);
			return runs;
		}
	}
}

static void growing(void **state)
{
	(void)state;
	for (lies = 0; lies < 2; lies++) {
		struct request q = {.old_size = 7, .size = 9, .of = &truth};
		assert_true(runs_of(q, 7, 200) >= 6);
	}
}

static void the_same_again(void **state)
{
	(void)state;
	for (lies = 0; lies < 2; lies++) {
		struct request q = {.old_size = 7, .size = 7, .of = &truth};
		assert_true(runs_of(q, 7, 200) >= 6);
	}
}

/* Keeping evidence may fail; the refusal stands. */
static void refusing(void **state)
{
	(void)state;
	for (lies = 0; lies < 2; lies++) {
		struct request q = {.old_size = 7, .size = 7, .of = &lie};
		assert_true(runs_of(q, 7, 422) >= 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(growing),
	    cmocka_unit_test(the_same_again),
	    cmocka_unit_test(refusing),
	};
	return cmocka_run_group_tests(tests, make_logs, free_logs);
}
