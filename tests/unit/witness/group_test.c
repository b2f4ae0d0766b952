/* Requests that wait together are decided together: in order, on disk with one
 * commit, and with nothing told that is not there when that fails or the process
 * dies. */
#include "fixture.h"

#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <time.h>

static _Atomic int countdown, lies, commits;
int __real_sqlite3_step(sqlite3_stmt *q);
int __wrap_sqlite3_step(sqlite3_stmt *q);
int __wrap_sqlite3_step(sqlite3_stmt *q)
{
	const char *sql = sqlite3_sql(q);

	if (sql != NULL && strcmp(sql, "COMMIT") == 0)
		commits++;
	if (countdown > 0 && --countdown == 0) {
		if (lies)
			(void)__real_sqlite3_step(q);
		return SQLITE_IOERR;
	}
	return __real_sqlite3_step(q);
}

/* ---- a clock that holds the deciding thread, so that others queue behind it */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;
static bool shut, waits;

static int64_t gate_now(void *ctx)
{
	const struct place *p = ctx;

	(void)pthread_mutex_lock(&gate);
	waits = true;
	(void)pthread_cond_broadcast(&bell);
	while (shut)
		(void)pthread_cond_wait(&bell, &gate);
	waits = false;
	(void)pthread_mutex_unlock(&gate);
	return p->now;
}

static void open_gate(void)
{
	(void)pthread_mutex_lock(&gate);
	shut = false;
	(void)pthread_cond_broadcast(&bell);
	(void)pthread_mutex_unlock(&gate);
}

/* A second log, so that the first request of a test is of no other's log. */
static const char second[] = "second.example/fixture";

static void make_gated(struct place *p)
{
	struct saksi_witness_clock clock = {gate_now, p};
	struct saksi_why why = {""};
	char room[512];

	make_place(p);
	saksi_witness_close(p->w);
	assert_int_equal(saksi_witness_open(p->path, &clock, &p->w, &why), SAKSI_OK);
	assert_int_equal(
	    saksi_witness_add(p->w, vkey_text(&log_key, room), second, NOW, &why),
	    SAKSI_OK);
}

/* ---- requests that wait */

enum { MOST = 8 };
struct told {
	char room[16384];
	unsigned status, times;
	char body[2048];
};
static struct told told[MOST];
static _Atomic unsigned arrived;

static void note_it(void *ctx, struct saksi_witness_answer *a)
{
	struct told *t = ctx;

	t->status = a->status;
	t->times++;
	memcpy(t->body, a->body.at, a->body.len);
	t->body[a->body.len] = '\0';
	saksi_buf_free(&a->body);
	arrived++;
}

static void send_later(struct place *p, size_t i, const struct request *q)
{
	told[i].status = told[i].times = 0;
	saksi_witness_submit_later(p->w,
				   write_request(q, told[i].room, sizeof told[i].room),
				   note_it, &told[i]);
}

static void pause_ms(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	(void)nanosleep(&t, NULL);
}

static void await(unsigned count)
{
	for (int i = 0; arrived < count && i < 20000; i++)
		pause_ms(1);
	assert_int_equal(arrived, count);
}

/* What is sent from here on queues behind one of the second log (in told[MOST - 1]),
 * until open_gate. */
static void hold(struct place *p)
{
	struct request first = {.size = 1, .of = &truth, .origin = second};

	arrived = 0;
	shut = true;
	send_later(p, MOST - 1, &first);
	(void)pthread_mutex_lock(&gate);
	while (!waits)
		(void)pthread_cond_wait(&bell, &gate);
	(void)pthread_mutex_unlock(&gate);
}

static uint64_t on_disk(const struct place *p, const char *origin)
{
	char file[128];
	sqlite3 *db;
	sqlite3_stmt *q;

	(void)snprintf(file, sizeof file, "%s/state.db", p->path);
	assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT size FROM log WHERE origin = ?",
					    -1, &q, NULL),
			 SQLITE_OK);
	(void)sqlite3_bind_text(q, 1, origin, -1, SQLITE_STATIC);
	assert_int_equal(__real_sqlite3_step(q), SQLITE_ROW);
	uint64_t size = (uint64_t)sqlite3_column_int64(q, 0);
	(void)sqlite3_finalize(q);
	(void)sqlite3_close(db);
	return size;
}

static size_t kept;
static void count_kept(void *ctx, const struct saksi_witness_seen *s)
{
	(void)ctx;
	assert_string_equal(s->kind, "root");
	kept++;
}

/* Two steps of one log, one that comes too late, a fork, and one without trust. */
static void in_order(void **state)
{
	struct place p;
	struct request q[] = {
	    {.old_size = 7, .size = 9, .of = &truth},
	    {.old_size = 9, .size = 12, .of = &truth},
	    {.old_size = 7, .size = 10, .of = &truth},
	    {.old_size = 12, .size = 12, .of = &lie},
	    {.old_size = 12, .size = 20, .of = &truth, .no_log_line = true},
	    {.old_size = 12, .size = 13, .of = &truth},
	};
	static const unsigned want[] = {200, 200, 409, 422, 403, 200};
	uint64_t when, before = 0;

	(void)state;
	make_gated(&p);
	assert_int_equal(grow(&p, 0, 7), 200);
	commits = 0;
	hold(&p);
	for (size_t i = 0; i < 6; i++)
		send_later(&p, i, &q[i]);
	open_gate();
	await(7);
	assert_int_equal(told[MOST - 1].status, 200);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(told[i].status, want[i]);
		assert_int_equal(told[i].times, 1);
		if (want[i] != 200)
			continue;
		struct saksi_bytes body = saksi_bytes_of(told[i].room);
		assert_true(cosigned(&p, text_of(body), told[i].body, &when));
		assert_true(when >= before);
		before = when;
	}
	/* as it was when its turn came, not as it was before the group */
	assert_string_equal(told[2].body, "12\n");
	assert_int_equal(commits, 2); /* the one held, and all of these */
	assert_int_equal(on_disk(&p, (char *)log_name), 13);
	kept = 0;
	assert_int_equal(saksi_witness_each_seen(p.w, count_kept, NULL), SAKSI_OK);
	assert_int_equal(kept, 1);
	end_place(&p);
}

/* A clock that went back refuses what is new in a group, and nothing else of it. */
static void clock_in_group(void **state)
{
	struct place p;
	struct request q[] = {{.old_size = 7, .size = 9, .of = &truth},
			      {.old_size = 3, .size = 9, .of = &truth}};

	(void)state;
	make_gated(&p);
	assert_int_equal(grow(&p, 0, 7), 200);
	p.now -= 100;
	arrived = 0;
	send_later(&p, 0, &q[0]);
	send_later(&p, 1, &q[1]);
	await(2);
	assert_int_equal(told[0].status, 503);
	assert_non_null(strstr(told[0].body, "clock"));
	assert_int_equal(told[1].status, 409);
	assert_int_equal(on_disk(&p, (char *)log_name), 7);
	end_place(&p);
}

/* The database fails at the n-th call of the group, or says that it did. */
static unsigned fail_at(int n)
{
	struct place p;
	struct saksi_why why;
	struct request q[] = {{.old_size = 7, .size = 9, .of = &truth},
			      {.old_size = 9, .size = 12, .of = &truth},
			      {.old_size = 12, .size = 12, .of = &lie}};
	uint64_t disk;
	bool fired;

	make_gated(&p);
	assert_int_equal(grow(&p, 0, 7), 200);
	/* Reading what a request brings asks the database too: that comes before. */
	hold(&p);
	for (size_t i = 0; i < 3; i++)
		send_later(&p, i, &q[i]);
	countdown = n;
	open_gate();
	await(4);
	fired = countdown == 0;
	countdown = 0;
	disk = on_disk(&p, (char *)log_name);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(told[i].times, 1);
		if (told[i].status == 200)
			assert_true(disk >= q[i].size);
		else
			assert_null(strstr(told[i].body, "\xe2\x80\x94"));
	}
	assert_true(told[2].status != 200);
	if (told[MOST - 1].status == 200)
		assert_int_equal(on_disk(&p, second), 1);
	assert_true(disk == 7 || disk == 9 || disk == 12);
	if (!fired)
		assert_int_equal(disk, 12);
	/* afterwards it goes on, here and anew, and never as another history */
	assert_int_equal(grow(&p, disk, 20), 200);
	assert_int_equal(reopen(&p, &why), SAKSI_OK);
	assert_int_equal(grow(&p, 20, 21), 200);
	struct request other = {.old_size = 21, .size = 30, .of = &lie};
	char got[2048];
	assert_int_equal(send_request(&p, &other, got), 422);
	end_place(&p);
	return fired;
}

static void group_fails(void **state)
{
	(void)state;
	for (lies = 0; lies < 2; lies++) {
		int n = 1;

		while (fail_at(n))
			n++;
		assert_true(n > 12); /* begin, three reads, writes, commit, and alone */
	}
}

/* Whoever waits when it closes is answered. */
static void closing(void **state)
{
	struct place p;
	struct request q[] = {{.old_size = 7, .size = 9, .of = &truth},
			      {.old_size = 9, .size = 12, .of = &truth}};

	(void)state;
	make_gated(&p);
	assert_int_equal(grow(&p, 0, 7), 200);
	arrived = 0;
	for (size_t i = 0; i < 2; i++)
		send_later(&p, i, &q[i]);
	saksi_witness_close(p.w);
	p.w = NULL;
	assert_int_equal(arrived, 2);
	assert_int_equal(told[0].status, 200);
	assert_int_equal(told[1].status, 200);
	assert_int_equal(on_disk(&p, (char *)log_name), 12);
	end_place(&p);
}

/* ---- kill -9 */

enum { LOGS = 4, ROUNDS = 12 };

static void log_origin(size_t i, char room[64])
{
	(void)snprintf(room, 64, "log%zu.example/fixture", i);
}

struct runner {
	struct saksi_witness *w;
	size_t log;
	int out;
};

/* Grows one log by one, and says so only after the answer. */
static void *grow_on(void *at)
{
	struct runner *r = at;
	char origin[64], *room = malloc(16384);

	log_origin(r->log, origin);
	for (uint64_t size = 0; size + 1 < LEAVES; size++) {
		struct request q = {
		    .old_size = size, .size = size + 1, .of = &truth, .origin = origin};
		struct saksi_witness_answer a;
		uint64_t line[2] = {r->log, size + 1};

		saksi_witness_submit(r->w, write_request(&q, room, 16384), &a);
		saksi_buf_free(&a.body);
		if (a.status != 200 || write(r->out, line, sizeof line) != sizeof line)
			break;
	}
	free(room);
	return NULL;
}

static int64_t steady(void *ctx)
{
	(void)ctx;
	return NOW;
}

static void child(const struct place *p, int out)
{
	struct saksi_witness_clock clock = {steady, NULL};
	struct runner r[LOGS] = {{0}};
	struct saksi_why why;
	pthread_t t[LOGS];

	if (saksi_witness_open(p->path, &clock, &r[0].w, &why) != SAKSI_OK)
		_exit(1);
	for (size_t i = 0; i < LOGS; i++) {
		r[i] = (struct runner){r[0].w, i, out};
		if (pthread_create(&t[i], NULL, grow_on, &r[i]) != 0)
			_exit(1);
	}
	for (size_t i = 0; i < LOGS; i++)
		(void)pthread_join(t[i], NULL);
	_exit(0);
}

static void kill_once(long ms, uint64_t *answers)
{
	struct place p;
	struct saksi_why why = {""};
	uint64_t line[2], last[LOGS] = {0};
	char room[512], origin[64], got[2048];
	int ends[2];

	make_place(&p);
	for (size_t i = 0; i < LOGS; i++) {
		log_origin(i, origin);
		assert_int_equal(saksi_witness_add(p.w, vkey_text(&log_key, room),
						   origin, NOW, &why),
				 SAKSI_OK);
	}
	saksi_witness_close(p.w);
	p.w = NULL;
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0)
		child(&p, ends[1]);
	(void)close(ends[1]);
	pause_ms(ms);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	while (read(ends[0], line, sizeof line) == sizeof line) {
		last[line[0]] = line[1];
		(*answers)++;
	}
	(void)close(ends[0]);
	assert_int_equal(reopen(&p, &why), SAKSI_OK);
	for (size_t i = 0; i < LOGS; i++) {
		log_origin(i, origin);
		uint64_t disk = on_disk(&p, origin);
		/* All that was answered, and at most the one that was under way. */
		assert_true(disk == last[i] || disk == last[i] + 1);
		/* and never another history of it: they part at leaf 5 */
		struct request other = {
		    .old_size = disk, .size = disk + 6, .of = &lie, .origin = origin};
		if (disk > 5)
			assert_int_equal(send_request(&p, &other, got), 422);
	}
	end_place(&p);
}

static void killed(void **state)
{
	uint64_t answers = 0, x = 12345;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		x = x * 6364136223846793005U + 1442695040888963407U;
		kill_once(20 + (long)(x >> 33) % 120, &answers);
	}
	assert_true(answers > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(in_order),    cmocka_unit_test(clock_in_group),
	    cmocka_unit_test(group_fails), cmocka_unit_test(closing),
	    cmocka_unit_test(killed),
	};
	return cmocka_run_group_tests(tests, make_logs, free_logs);
}
