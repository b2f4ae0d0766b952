/* What a log promises its callers: order, durability, refusals, receipts. */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "log/state.h"
#include "statement/entry.h"

static void a_new_log_is_empty_signed_and_checked(void **state)
{
	struct fixture f;
	struct saksi_log_checked k;

	(void)state;
	fixture_open_log(&f, NULL);
	k = must_check(&f);
	assert_int_equal(k.acknowledged, 0);
	assert_int_equal(k.signed_count, 1);
	assert_int_equal(public_size(&f), 0);
	sh("test -f %s/public/vkey && test -f %s/public/receipt.vkey", f.path, f.path);
	sh("test ! -e %s/public/addenda.v1", f.path);
	sh("test $(stat -c %%a %s) = 700", f.path);
	sh("test $(stat -c %%a %s/key) = 600", f.path);
	sh("test $(stat -c %%a %s/receipt.key) = 600", f.path);
	sh("test $(stat -c %%a %s/state.db) = 600", f.path);
	sh("test $(stat -c %%a %s/public) = 755", f.path);
	fixture_end(&f);
}

static void init_refuses_what_is_there_and_what_is_wrong(void **state)
{
	struct fixture f;
	struct saksi_why w;
	struct saksi_log_new n = {.origin = saksi_bytes_of("a.example"), .open = true};

	(void)state;
	fixture_begin(&f);
	n.path = f.path;
	sh("mkdir %s; touch %s/x", f.path, f.path);
	assert_int_equal(saksi_log_init(&n, &w), SAKSI_REFUSED);
	sh("rm %s/x", f.path);
	n.origin = saksi_bytes_of("a b");
	assert_int_equal(saksi_log_init(&n, &w), SAKSI_MALFORMED);
	n.origin = saksi_bytes_of("a+b");
	assert_int_equal(saksi_log_init(&n, &w), SAKSI_MALFORMED);
	n.origin = saksi_bytes_of("a.example");
	n.policy = saksi_bytes_of("quorum nobody\n");
	assert_int_equal(saksi_log_init(&n, &w), SAKSI_MALFORMED);
	assert_non_null(strstr(w.text, "policy:1"));
	n.policy = saksi_bytes_of("");
	n.open = false;
	n.roots = saksi_bytes_of("nonsense\n");
	assert_int_equal(saksi_log_init(&n, &w), SAKSI_MALFORMED);
	assert_non_null(strstr(w.text, "roots:1"));
	n.open = true;
	n.batch = 1 << 20;
	assert_int_equal(saksi_log_init(&n, &w), SAKSI_MALFORMED);
	fixture_end(&f);
}

static void entries_get_their_indices_in_order(void **state)
{
	struct fixture f;
	struct saksi_log *l;

	(void)state;
	fixture_open_log(&f, NULL);
	l = must_open(&f);
	assert_int_equal(must_add(l, "zero"), 0);
	assert_int_equal(must_add(l, "one"), 1);
	must_publish(l);
	assert_int_equal(public_size(&f), 2);
	assert_int_equal(must_add(l, "two"), 2);
	saksi_log_close(l);
	assert_int_equal(must_check(&f).acknowledged, 3);
	assert_int_equal(public_size(&f), 2);
	l = must_open(&f);
	assert_int_equal(must_add(l, "three"), 3);
	must_publish(l);
	saksi_log_close(l);
	assert_int_equal(must_check(&f).published, 4);
	sh("printf '\\0\\4zero\\0\\3one' | cmp - %s/public/tile/entries/000.p/2",
	   f.path);
	fixture_end(&f);
}

static void identical_entries_keep_their_index(void **state)
{
	struct fixture f;
	struct saksi_log *l;
	struct saksi_add a[3] = {{.entry = saksi_bytes_of("x")},
				 {.entry = saksi_bytes_of("y")},
				 {.entry = saksi_bytes_of("x")}};

	(void)state;
	fixture_open_log(&f, "s/^dedup .*/dedup 4/");
	l = must_open(&f);
	assert_int_equal(saksi_log_add(l, a, 3), SAKSI_OK);
	assert_int_equal(a[2].index, 0);
	assert_true(a[2].repeat);
	assert_false(a[0].repeat);
	assert_int_equal(a[1].index, 1);
	saksi_log_close(l);
	l = must_open(&f); /* remembered across a restart */
	assert_int_equal(must_add(l, "y"), 1);
	assert_int_equal(must_add(l, "z"), 2);
	saksi_log_close(l);
	assert_int_equal(must_check(&f).acknowledged, 3);
	fixture_end(&f);
}

static void wrong_sizes_are_refused(void **state)
{
	static uint8_t big[SAKSI_ENTRY_MAX + 1];
	struct fixture f;
	struct saksi_log *l;
	struct saksi_add a[3] = {{.entry = {big, 0}},
				 {.entry = {big, SAKSI_ENTRY_MAX + 1}},
				 {.entry = {big, SAKSI_ENTRY_MAX}}};

	(void)state;
	fixture_open_log(&f, NULL);
	l = must_open(&f);
	assert_int_equal(saksi_log_add(l, a, 3), SAKSI_MALFORMED);
	assert_int_equal(a[0].err, SAKSI_MALFORMED);
	assert_int_equal(a[1].err, SAKSI_LIMIT);
	assert_int_equal(a[2].err, SAKSI_OK);
	assert_int_equal(a[2].index, 0);
	must_publish(l);
	saksi_log_close(l);
	assert_int_equal(must_check(&f).published, 1);
	fixture_end(&f);
}

/* Sizes around the edges of tiles, published in uneven steps. */
static void trees_of_all_shapes_check(void **state)
{
	static const size_t steps[] = {1, 1, 253, 1, 1, 255, 1, 300, 64000, 500, 224};
	struct fixture f;
	struct saksi_log *l;
	size_t size = 0;

	(void)state;
	fixture_open_log(&f, NULL);
	l = must_open(&f);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		must_add_many(l, "e", size, steps[i]);
		size += steps[i];
		must_publish(l);
		assert_int_equal(public_size(&f), size);
	}
	assert_int_equal(must_check(&f).signed_count,
			 1 + sizeof(steps) / sizeof(steps[0]));
	saksi_log_close(l);
	fixture_end(&f);
}

static void a_second_writer_is_refused(void **state)
{
	struct fixture f;
	struct saksi_log *l, *other = NULL;
	struct saksi_why w;

	(void)state;
	fixture_open_log(&f, NULL);
	l = must_open(&f);
	assert_int_equal(saksi_log_open(f.path, &other, &w), SAKSI_BUSY);
	assert_non_null(strstr(w.text, "another process has this log open"));
	assert_null(other);
	(void)must_check(&f); /* looking is allowed */
	saksi_log_close(l);
	l = must_open(&f);
	saksi_log_close(l);
	fixture_end(&f);
}

/* Should two writers get past the lock all the same, the swap stops one. */
/* As on a file system that locks no folders. */
static void lose_lock(const char *path)
{
	char link[64], to[PATH_MAX], real[PATH_MAX];

	sh("rm %s/lock", path);
	assert_non_null(realpath(path, real));
	for (int fd = 3; fd < 1024; fd++) {
		ssize_t n;

		(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, to, sizeof(to) - 1);
		if (n < 0)
			continue;
		to[n] = '\0';
		if (strcmp(to, real) == 0)
			(void)flock(fd, LOCK_UN);
	}
}

static void the_swap_has_one_winner(void **state)
{
	struct fixture f;
	struct saksi_log *a, *b;
	struct saksi_why w;
	enum saksi_err err;

	(void)state;
	fixture_open_log(&f, NULL);
	a = must_open(&f);
	lose_lock(f.path);
	b = must_open(&f);
	assert_int_equal(must_add(a, "from a"), 0);
	struct saksi_add add = {.entry = saksi_bytes_of("from b")};
	assert_int_equal(saksi_log_add(b, &add, 1), SAKSI_IO); /* index 0 is taken */
	must_publish(a);
	must_add_many(a, "more", 0, 5);
	err = saksi_log_publish(b, NOW, &w); /* built on size 0, which is no more */
	assert_int_equal(err, SAKSI_REFUSED);
	must_publish(b); /* it has looked again */
	err = saksi_log_publish(a, NOW, &w);
	assert_true(err == SAKSI_OK || err == SAKSI_REFUSED);
	saksi_log_close(a);
	saksi_log_close(b);
	assert_int_equal(must_check(&f).published, 6);
	fixture_end(&f);
}

/* ---- receipts */

static void a_receipt_is_signed_and_says_where(void **state)
{
	struct fixture f;
	struct saksi_log *l;
	struct saksi_add a = {.entry = saksi_bytes_of("entry")};
	struct saksi_buf out = saksi_buf_growing(4096);
	static uint8_t room[65536];
	struct saksi_arena arena = {room, 0, sizeof(room)};
	struct saksi_note note;
	struct saksi_receipt r;
	struct saksi_sigcheck sig;
	struct saksi_hash leaf = saksi_hash_leaf(a.entry);
	uint64_t time;

	(void)state;
	fixture_open_log(&f, "s/^promise_s .*/promise_s 77/");
	l = must_open(&f);
	assert_int_equal(must_add(l, "first"), 0);
	assert_int_equal(saksi_log_add(l, &a, 1), SAKSI_OK);
	assert_int_equal(saksi_log_receipt(l, &a, &out), SAKSI_OK);
	assert_int_equal(saksi_note_read(saksi_buf_bytes(&out), &arena, &note, NULL),
			 SAKSI_OK);
	assert_int_equal(saksi_receipt_read(note.text, &r, NULL), SAKSI_OK);
	assert_int_equal(r.index, 1);
	assert_true(saksi_bytes_is(r.origin, "test.example/log"));
	assert_true(saksi_hash_same(&r.leaf, &leaf));
	assert_int_equal(r.due_utc - r.time_utc, 77);
	assert_true(saksi_bytes_is(saksi_log_receipt_vkey(l)->name,
				   "test.example/log/receipt"));
	assert_int_equal(
	    saksi_note_check_for(&note, saksi_log_receipt_vkey(l), &arena, &sig, &time),
	    SAKSI_OK);
	saksi_sigchecks_run(&sig, 1);
	assert_int_equal(sig.answer, SAKSI_SIG_GOOD);
	/* one key, one purpose */
	assert_memory_not_equal(saksi_log_vkey(l)->key, saksi_log_receipt_vkey(l)->key,
				32);
	saksi_buf_free(&out);
	saksi_log_close(l);
	fixture_end(&f);
}

/* ---- threads */

struct adder {
	struct saksi_log *l;
	int number, count;
	uint64_t *index;
};

static void *adder(void *ctx)
{
	struct adder *a = ctx;
	char text[64];

	for (int i = 0; i < a->count; i++) {
		struct saksi_add add;

		(void)snprintf(text, sizeof(text), "%d/%d", a->number, i);
		add.entry = saksi_bytes_of(text);
		a->index[i] =
		    saksi_log_add(a->l, &add, 1) == SAKSI_OK ? add.index : UINT64_MAX;
	}
	return NULL;
}

static void many_callers_get_one_index_each(void **state)
{
	enum { CALLERS = 24, EACH = 100 };
	static uint64_t index[CALLERS][EACH];
	static bool seen[CALLERS * EACH];
	pthread_t threads[CALLERS];
	struct adder adders[CALLERS];
	struct saksi_why w;
	struct fixture f;
	struct saksi_log *l;

	(void)state;
	fixture_open_log(&f, "s/^interval_ms .*/interval_ms 20/;s/^batch .*/batch 7/");
	l = must_open(&f);
	assert_int_equal(saksi_log_start(l, &w), SAKSI_OK);
	for (int i = 0; i < CALLERS; i++) {
		adders[i] = (struct adder){l, i, EACH, index[i]};
		assert_int_equal(pthread_create(&threads[i], NULL, adder, &adders[i]),
				 0);
	}
	for (int i = 0; i < CALLERS; i++)
		(void)pthread_join(threads[i], NULL);
	for (int i = 0; i < CALLERS; i++)
		for (int k = 0; k < EACH; k++) {
			assert_true(index[i][k] < CALLERS * EACH);
			assert_false(seen[index[i][k]]);
			seen[index[i][k]] = true;
			assert_true(k == 0 || index[i][k] > index[i][k - 1]);
		}
	saksi_log_stop(l);
	struct saksi_add late = {.entry = saksi_bytes_of("late")};
	assert_int_equal(saksi_log_add(l, &late, 1), SAKSI_BUSY);
	saksi_log_close(l);
	assert_int_equal(public_size(&f), CALLERS * EACH); /* stopping published all */
	assert_int_equal(must_check(&f).published, CALLERS * EACH);
	fixture_end(&f);
}

static void a_full_queue_pushes_back(void **state)
{
	struct fixture f;
	struct saksi_log *l;
	struct saksi_why w;
	struct saksi_add one = {.entry = saksi_bytes_of("one")};
	uint64_t index[50];
	struct adder waiting = {NULL, 1, 1, index};
	pthread_t t;
	enum saksi_err err = SAKSI_OK;

	(void)state;
	/* the writer gathers for long, so that what comes first waits */
	fixture_open_log(&f, "s/^gather_ms .*/gather_ms 1500/;s/^queue .*/queue 1/");
	l = must_open(&f);
	assert_int_equal(saksi_log_start(l, &w), SAKSI_OK);
	waiting.l = l;
	assert_int_equal(pthread_create(&t, NULL, adder, &waiting), 0);
	for (int i = 0; i < 100 && err == SAKSI_OK; i++) {
		(void)usleep(5000);
		if (i >= 20)
			err = saksi_log_add(l, &one, 1);
	}
	assert_int_equal(err, SAKSI_BUSY);
	assert_non_null(strstr(one.reason, "try again"));
	(void)pthread_join(t, NULL);
	assert_int_equal(index[0], 0);
	saksi_log_close(l);
	fixture_end(&f);
}

/* ---- quorum */

struct played {
	_Atomic(enum saksi_err) answer;
	atomic_int calls;
	atomic_ulong size;
};

static enum saksi_err played_collect(void *ctx, const struct saksi_cosign_ask *ask,
				     struct saksi_buf *out, struct saksi_why *w)
{
	struct played *p = ctx;
	struct saksi_hash path[SAKSI_PATH_MAX];
	struct saksi_consistency proof;

	p->calls++;
	p->size = ask->size;
	/* the tiles are there before anybody is asked */
	if (ask->size > 1)
		assert_int_equal(saksi_consistency_prove(ask->tiles, 1, ask->size,
							 &ask->root, &proof, path),
				 SAKSI_OK);
	if (p->answer == SAKSI_OK) {
		saksi_buf_put(out, ask->signed_note);
		saksi_buf_puts(out, "\xe2\x80\x94 witness.example AAAAAAAA\n");
	}
	return saksi_why_set(w, p->answer, p->answer == SAKSI_OK ? "" : "two are dead");
}

/* Witnesses that nobody asks: the asking is played. */
static void fixture_witnessed(struct fixture *f, const char *settings)
{
	struct saksi_signer *s = saksi_signer_new();
	struct saksi_buf policy = saksi_buf_growing(4096);
	struct saksi_vkey k;
	uint8_t key[32];
	struct saksi_log_new n = {.path = f->path,
				  .origin = saksi_bytes_of("test.example/log"),
				  .open = true};
	struct saksi_why w;

	assert_non_null(s);
	saksi_signer_public(s, key);
	assert_int_equal(saksi_vkey_make(saksi_bytes_of("witness.example"),
					 SAKSI_SIG_COSIGNATURE, key, &k),
			 SAKSI_OK);
	saksi_buf_puts(&policy, "witness w ");
	saksi_vkey_write(&k, &policy);
	saksi_buf_puts(&policy, " http://127.0.0.1:1/\nquorum w\n");
	n.policy = saksi_buf_bytes(&policy);
	fixture_begin(f);
	if (saksi_log_init(&n, &w) != SAKSI_OK)
		fail_msg("init: %s", w.text);
	saksi_buf_free(&policy);
	saksi_signer_free(s);
	if (settings != NULL)
		sh("sed -i '%s' %s/config", settings, f->path);
}

static void without_quorum_the_older_checkpoint_stays(void **state)
{
	struct played p = {SAKSI_OK, 0, 0};
	struct saksi_log_asker by = {&p, played_collect};
	struct saksi_log_state s;
	struct saksi_why w = {""};
	struct saksi_log *l;
	struct fixture f;

	(void)state;
	fixture_witnessed(&f, NULL);
	sh("test ! -e %s/public/checkpoint", f.path);
	l = must_open(&f);
	saksi_log_ask_by(l, &by);
	must_add_many(l, "e", 0, 3);
	must_publish(l);
	assert_int_equal(public_size(&f), 3);
	sh("grep -q witness.example %s/public/checkpoint", f.path);
	p.answer = SAKSI_QUORUM;
	must_add_many(l, "e", 3, 300);
	assert_int_equal(saksi_log_publish(l, NOW, &w), SAKSI_QUORUM);
	assert_string_equal(w.text, "two are dead");
	assert_int_equal(public_size(&f), 3);
	saksi_log_state(l, &s);
	assert_int_equal(s.size, 303);
	assert_int_equal(s.published, 3);
	assert_int_equal(must_check(&f).published, 3);
	p.answer = SAKSI_OK;
	must_publish(l);
	assert_int_equal(public_size(&f), 303);
	saksi_log_close(l);
	assert_int_equal(must_check(&f).signed_count, 3);
	fixture_end(&f);
}

static void wait_for(struct played *p, int calls)
{
	for (int i = 0; i < 500 && p->calls < calls; i++)
		(void)usleep(10000);
	assert_true(p->calls >= calls);
}

static void a_missing_quorum_is_asked_again_and_told(void **state)
{
	struct played p = {SAKSI_QUORUM, 0, 0};
	struct saksi_log_asker by = {&p, played_collect};
	struct saksi_log_state s;
	struct saksi_why w = {""};
	struct saksi_log *l;
	struct fixture f;

	(void)state;
	fixture_witnessed(&f, "s/^interval_ms .*/interval_ms 10/");
	l = must_open(&f);
	saksi_log_ask_by(l, &by);
	assert_int_equal(saksi_log_start(l, &w), SAKSI_OK);
	wait_for(&p, 2); /* after a pause of a second */
	(void)usleep(300000);
	assert_true(p.calls <= 3); /* no storm at 10 ms */
	saksi_log_state(l, &s);
	assert_true(s.misses >= 1);
	assert_string_equal(s.says.text, "two are dead");
	assert_int_equal(s.published_utc, 0);
	p.answer = SAKSI_OK;
	wait_for(&p, 3);
	saksi_log_stop(l);
	saksi_log_state(l, &s);
	assert_int_equal(s.misses, 0);
	assert_string_equal(s.says.text, "");
	assert_int_equal(public_size(&f), 0);
	saksi_log_close(l);
	fixture_end(&f);
}

static void an_unchanged_tree_is_cosigned_again(void **state)
{
	struct played p = {SAKSI_OK, 0, 0};
	struct saksi_log_asker by = {&p, played_collect};
	struct saksi_why w = {""};
	struct saksi_log *l;
	struct fixture f;

	(void)state;
	fixture_witnessed(&f, "s/^interval_ms .*/interval_ms 10/;"
			      "s/^recosign_s .*/recosign_s 1/");
	l = must_open(&f);
	saksi_log_ask_by(l, &by);
	assert_int_equal(saksi_log_start(l, &w), SAKSI_OK);
	wait_for(&p, 3);
	saksi_log_close(l);
	assert_true(p.calls <= 5);
	assert_int_equal(p.size, 0);
	fixture_end(&f);
}

/* ---- trust */

/* Every damage to what the public sees is found, and said with its place. */
static void check_finds_each_damage(void **state)
{
	static const struct {
		const char *damage, *where;
	} cases[] = {
	    {"printf X | dd of=$L/public/tile/0/000 bs=1 seek=77 conv=notrunc "
	     "2>/dev/null",
	     "public/tile/0/000"},
	    {"printf X | dd of=$L/public/tile/entries/000 bs=1 seek=77 conv=notrunc "
	     "2>/dev/null",
	     "public/tile/entries/000"},
	    {"truncate -s -1 $L/public/tile/0/001.p/44", "public/tile/0/001.p/44"},
	    {"printf X >> $L/public/tile/1/000.p/1", "public/tile/1/000.p/1"},
	    {"rm $L/public/tile/entries/001.p/44", "public/tile/entries/001.p/44"},
	    {"sed -i 2s/300/299/ $L/public/checkpoint", "public/checkpoint"},
	    {"sed -i 's/^\xe2\x80\x94 test.example.log ..../&A/' $L/public/checkpoint",
	     "public/checkpoint"},
	    {"echo x > $L/public/checkpoint", "public/checkpoint"},
	    {"echo x > $L/public/vkey", "public/vkey"},
	};
	struct saksi_log_checked k;
	struct flaws flaws;
	struct fixture f;
	struct saksi_log *l;

	(void)state;
	fixture_open_log(&f, NULL);
	l = must_open(&f);
	must_add_many(l, "e", 0, 300);
	must_publish(l);
	saksi_log_close(l);
	sh("cp -a %s/public %s/good", f.path, f.root);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sh("L=%s; %s", f.path, cases[i].damage);
		assert_int_equal(check(&f, &flaws, &k), SAKSI_REFUSED);
		assert_string_equal(flaws.where, cases[i].where);
		sh("rm -rf %s/public && cp -a %s/good %s/public", f.path, f.root,
		   f.path);
		(void)must_check(&f);
	}
	fixture_end(&f);
}

static void db(const struct fixture *f, const char *sql)
{
	char name[128];
	sqlite3 *d;

	(void)snprintf(name, sizeof(name), "%s/state.db", f->path);
	assert_int_equal(sqlite3_open(name, &d), SQLITE_OK);
	assert_int_equal(sqlite3_exec(d, sql, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(d);
}

static void check_finds_a_lock_store_that_lies(void **state)
{
	static const char *const damages[] = {
	    "UPDATE batch SET body = zeroblob(length(body)) WHERE first = 0",
	    "UPDATE batch SET count = count + 1 WHERE first = 0",
	    "UPDATE signed SET root = zeroblob(32) WHERE size = 3",
	    "INSERT INTO signed VALUES (9, zeroblob(32), 0)",
	    "UPDATE tree SET root = zeroblob(32)",
	    "UPDATE tree SET edge = zeroblob(length(edge))",
	    "UPDATE tree SET note = x'00'",
	    "DELETE FROM signed WHERE size = 5",
	    "DELETE FROM batch WHERE first = 3",
	    "UPDATE batch SET body = x'0003652d330003652d35' WHERE first = 3",
	};
	struct saksi_log_checked k;
	struct flaws flaws;
	struct fixture f;
	struct saksi_log *l;

	(void)state;
	fixture_open_log(&f, NULL);
	l = must_open(&f);
	must_add_many(l, "e", 0, 3);
	must_publish(l);
	must_add_many(l, "e", 3, 2);
	must_publish(l);
	saksi_log_close(l);
	sh("cp %s/state.db %s/good.db", f.path, f.root);
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		db(&f, damages[i]);
		if (check(&f, &flaws, &k) != SAKSI_REFUSED)
			fail_msg("not found: %s", damages[i]);
		sh("rm -f %s/state.db*; cp %s/good.db %s/state.db", f.path, f.root,
		   f.path);
		(void)must_check(&f);
	}
	fixture_end(&f);
}

static void a_newer_state_is_not_touched(void **state)
{
	struct saksi_log_checked k;
	struct saksi_log *l = NULL;
	struct flaws flaws;
	struct fixture f;
	struct saksi_why w;

	(void)state;
	fixture_open_log(&f, NULL);
	db(&f, "PRAGMA user_version = 2");
	assert_int_equal(saksi_log_open(f.path, &l, &w), SAKSI_NEWER);
	assert_non_null(strstr(w.text, "later version"));
	assert_int_equal(check(&f, &flaws, &k), SAKSI_NEWER);
	db(&f, "PRAGMA user_version = 1; PRAGMA application_id = 7");
	assert_int_equal(saksi_log_open(f.path, &l, &w), SAKSI_MALFORMED);
	sh("sed -i '1s/1/2/' %s/config", f.path);
	assert_int_equal(saksi_log_open(f.path, &l, &w), SAKSI_NEWER);
	sh("echo nonsense > %s/state.db; sed -i '1s/2/1/' %s/config", f.path, f.path);
	assert_int_not_equal(saksi_log_open(f.path, &l, &w), SAKSI_OK);
	fixture_end(&f);
}

/* An old backup of state.db put back would sign a second history. */
static void a_rolled_back_state_is_refused(void **state)
{
	struct saksi_log_checked k;
	struct saksi_log *l;
	struct flaws flaws;
	struct fixture f;
	struct saksi_why w;

	(void)state;
	fixture_open_log(&f, NULL);
	l = must_open(&f);
	must_add_many(l, "e", 0, 3);
	must_publish(l);
	saksi_log_close(l);
	sh("cp %s/state.db %s/old.db", f.path, f.root);
	l = must_open(&f);
	must_add_many(l, "e", 3, 3);
	must_publish(l);
	saksi_log_close(l);
	sh("rm -f %s/state.db*; cp %s/old.db %s/state.db", f.path, f.root, f.path);
	l = NULL;
	assert_int_equal(saksi_log_open(f.path, &l, &w), SAKSI_REFUSED);
	assert_null(l);
	assert_non_null(strstr(w.text, "fork"));
	assert_int_equal(check(&f, &flaws, &k), SAKSI_REFUSED);
	fixture_end(&f);
}

/* Nothing under public/ or staging/ is believed: a log that lost both makes them
 * again, and damaged tiles do not get into later ones. */
static void the_tile_store_is_not_trusted(void **state)
{
	struct fixture f;
	struct saksi_log *l;

	(void)state;
	fixture_open_log(&f, NULL);
	l = must_open(&f);
	must_add_many(l, "e", 0, 300);
	must_publish(l);
	sh("find %s/public/tile -type f | while read -r t; do printf X > $t; done",
	   f.path);
	must_add_many(l, "e", 300, 300);
	must_publish(l);
	saksi_log_close(l);
	sh("cd %s/public && test $(wc -c <tile/0/001) = 8192", f.path);
	db(&f, "UPDATE tree SET placed = 0");
	sh("rm -rf %s/public/tile %s/public/checkpoint", f.path, f.path);
	l = must_open(&f);
	must_publish(l);
	saksi_log_close(l);
	/* partial tiles of older sizes are not made again, and not asked for */
	assert_int_equal(must_check(&f).published, 600);
	fixture_end(&f);
}

/* A publication stopped between the swap and its public paths; then somebody changes
 * what was staged. */
static void what_was_staged_is_not_trusted(void **state)
{
	struct saksi_why w = {""};
	struct fixture f;
	struct saksi_log *l;

	(void)state;
	fixture_open_log(&f, NULL);
	l = must_open(&f);
	must_add_many(l, "e", 0, 300);
	sh("touch %s/public/tile", f.path); /* where a folder is to be */
	assert_int_equal(saksi_log_publish(l, NOW, &w), SAKSI_IO);
	saksi_log_close(l);
	assert_int_equal(public_size(&f), 0);
	sh("cd %s && rm public/tile && cp -a . ../stopped", f.path);
	sh("cd %s/staging && test $(ls | wc -l) = 1 && printf X | dd of=$(ls) bs=1 "
	   "seek=5000 conv=notrunc 2>/dev/null",
	   f.path);
	l = must_open(&f);
	saksi_log_close(l);
	assert_int_equal(must_check(&f).size, 300);
	sh("cd %s && rm -rf log && mv stopped log && truncate -s 3000 log/staging/*",
	   f.root);
	l = must_open(&f);
	must_publish(l);
	saksi_log_close(l);
	assert_int_equal(must_check(&f).published, 300);
	sh("test -z \"$(ls %s/staging)\"", f.path);
	fixture_end(&f);
}

static void a_batch_comes_next_or_not_at_all(void **state)
{
	struct saksi_batch b = {.count = 1, .body = {(const uint8_t *)"\0\1x", 3}};
	struct saksi_state *s;
	struct saksi_why w;
	struct fixture f;
	char name[128];
	uint64_t next;

	(void)state;
	fixture_open_log(&f, NULL);
	(void)snprintf(name, sizeof(name), "%s/state.db", f.path);
	assert_int_equal(saksi_state_open(name, SAKSI_STATE_WRITE, &s, &w), SAKSI_OK);
	b.first = 1;
	assert_int_equal(saksi_state_append(s, &b), SAKSI_REFUSED); /* a gap */
	b.first = 0;
	assert_int_equal(saksi_state_append(s, &b), SAKSI_OK);
	assert_int_equal(saksi_state_append(s, &b), SAKSI_REFUSED);
	assert_int_equal(saksi_state_next(s, &next), SAKSI_OK);
	assert_int_equal(next, 1);
	saksi_state_close(s);
	fixture_end(&f);
}

static void keys_and_config_are_read_strictly(void **state)
{
	static const struct {
		const char *damage, *says;
	} cases[] = {
	    {"chmod 644 $L/key", "chmod 600"},
	    {"echo x > $L/key", "not a key file"},
	    {"cp $L/receipt.key $L/key", "another name"},
	    {"sed -i s/^batch/batches/ $L/config", "config:4: a setting"},
	    {"echo 'batch 2' >> $L/config", "twice"},
	    {"sed -i 's/^batch .*/batch 0/' $L/config", "limits"},
	    {"sed -i 's/^batch .*/batch 01/' $L/config", "whole number"},
	    {"rm $L/config", "log init"},
	    {"rm $L/state.db", "state.db"},
	    {"echo quorum >> $L/policy", "policy:3"},
	};
	struct fixture f;
	struct saksi_log *l = NULL;
	struct saksi_why w;

	(void)state;
	fixture_open_log(&f, NULL);
	sh("cp -a %s %s/good", f.path, f.root);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sh("L=%s; %s", f.path, cases[i].damage);
		assert_int_not_equal(saksi_log_open(f.path, &l, &w), SAKSI_OK);
		assert_null(l);
		if (strstr(w.text, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].damage, w.text);
		sh("rm -rf %s && cp -a %s/good %s", f.path, f.root, f.path);
	}
	fixture_end(&f);
}

/* ---- a full disk */

/* In a child, so that the limit ends with it: files may not grow past 200 kB. */
static void full_disk_child(const struct fixture *f)
{
	struct rlimit small = {200 * 1024, RLIM_INFINITY},
		      none = {RLIM_INFINITY, RLIM_INFINITY};
	static uint8_t data[60000];
	struct saksi_add a = {.entry = {data, sizeof(data)}};
	struct saksi_log *l = must_open(f);
	struct saksi_why w = {""};
	struct saksi_log_state s;
	enum saksi_err err = SAKSI_OK;
	uint64_t taken = 0;

	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &small) != 0 || saksi_log_start(l, &w) != SAKSI_OK)
		_exit(10);
	for (; taken < 50 && err == SAKSI_OK; taken += err == SAKSI_OK) {
		data[0]++;
		err = saksi_log_add(l, &a, 1);
	}
	if (err != SAKSI_IO || strstr(a.reason, "disk") == NULL)
		_exit(11);
	saksi_log_state(l, &s);
	if (!s.refusing || s.acknowledged != taken)
		_exit(12);
	if (saksi_log_add(l, &a, 1) != SAKSI_IO) /* held back, not tried */
		_exit(13);
	if (setrlimit(RLIMIT_FSIZE, &none) != 0)
		_exit(14);
	for (int i = 0; i < 100 && saksi_log_add(l, &a, 1) != SAKSI_OK; i++)
		(void)usleep(50000);
	saksi_log_state(l, &s);
	if (a.err != SAKSI_OK || a.index != taken || s.refusing)
		_exit(15);
	saksi_log_close(l);
	_exit(public_size(f) == taken + 1 ? 0 : 16);
}

static void a_full_disk_stops_writes_and_ends_well(void **state)
{
	struct fixture f;
	int status;
	pid_t child;

	(void)state;
	fixture_open_log(&f, NULL);
	child = fork();
	if (child == 0)
		full_disk_child(&f);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	(void)must_check(&f);
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
	    cmocka_unit_test(a_new_log_is_empty_signed_and_checked),
	    cmocka_unit_test(init_refuses_what_is_there_and_what_is_wrong),
	    cmocka_unit_test(entries_get_their_indices_in_order),
	    cmocka_unit_test(identical_entries_keep_their_index),
	    cmocka_unit_test(wrong_sizes_are_refused),
	    cmocka_unit_test(trees_of_all_shapes_check),
	    cmocka_unit_test(a_second_writer_is_refused),
	    cmocka_unit_test(the_swap_has_one_winner),
	    cmocka_unit_test(a_receipt_is_signed_and_says_where),
	    cmocka_unit_test(many_callers_get_one_index_each),
	    cmocka_unit_test(a_full_queue_pushes_back),
	    cmocka_unit_test(without_quorum_the_older_checkpoint_stays),
	    cmocka_unit_test(a_missing_quorum_is_asked_again_and_told),
	    cmocka_unit_test(an_unchanged_tree_is_cosigned_again),
	    cmocka_unit_test(check_finds_each_damage),
	    cmocka_unit_test(check_finds_a_lock_store_that_lies),
	    cmocka_unit_test(a_newer_state_is_not_touched),
	    cmocka_unit_test(a_rolled_back_state_is_refused),
	    cmocka_unit_test(the_tile_store_is_not_trusted),
	    cmocka_unit_test(what_was_staged_is_not_trusted),
	    cmocka_unit_test(a_batch_comes_next_or_not_at_all),
	    cmocka_unit_test(keys_and_config_are_read_strictly),
	    cmocka_unit_test(a_full_disk_stops_writes_and_ends_well),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
