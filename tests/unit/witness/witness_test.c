/* A witness with its memory: what it answers, keeps and never does. */
#include "fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <sys/stat.h>

static char got[2048];

static void cosigns(void **state)
{
	struct place p;
	char room[16384];
	uint64_t when;
	(void)state;
	make_place(&p);
	struct request q = {.size = 7, .of = &truth};
	struct saksi_bytes body = write_request(&q, room, sizeof room);
	assert_int_equal(send_bytes(&p, body, got), 200);
	assert_true(cosigned(&p, text_of(body), got, &when));
	assert_int_equal(when, NOW);
	/* extension lines are cosigned too */
	q = (struct request){
	    .old_size = 7, .size = 9, .of = &truth, .extension = "more\n"};
	body = write_request(&q, room, sizeof room);
	p.now += 5;
	assert_int_equal(send_bytes(&p, body, got), 200);
	assert_true(cosigned(&p, text_of(body), got, &when));
	assert_int_equal(when, NOW + 5);
	assert_non_null(memmem(text_of(body).at, text_of(body).len, "more\n", 5));
	/* the same again: with a fresh time */
	q.old_size = 9;
	body = write_request(&q, room, sizeof room);
	p.now += 3600;
	assert_int_equal(send_bytes(&p, body, got), 200);
	assert_true(cosigned(&p, text_of(body), got, &when));
	assert_int_equal(when, NOW + 3605);
	/* in the same second too */
	assert_int_equal(send_bytes(&p, body, got), 200);
	end_place(&p);
}

static void statuses(void **state)
{
	struct place p;
	(void)state;
	make_place(&p);
	assert_int_equal(send_bytes(&p, saksi_bytes_of(""), got), 400);
	assert_int_equal(send_bytes(&p, saksi_bytes_of("old 0\n"), got), 400);
	assert_int_equal(send_bytes(&p, saksi_bytes_of("hello\n"), got), 400);
	uint8_t *big = calloc(1, SAKSI_WITNESS_BODY_MAX + 1);
	struct saksi_bytes b = {big, SAKSI_WITNESS_BODY_MAX + 1};
	assert_int_equal(send_bytes(&p, b, got), 400);
	free(big);
	struct request q = {.size = 7, .of = &truth, .origin = "unknown.example"};
	assert_int_equal(send_request(&p, &q, got), 404);
	q = (struct request){.size = 7, .of = &truth, .no_log_line = true};
	assert_int_equal(send_request(&p, &q, got), 403);
	q = (struct request){.size = 7, .of = &truth, .bad_line = true};
	assert_int_equal(send_request(&p, &q, got), 403);
	assert_int_equal(grow(&p, 0, 7), 200);
	assert_int_equal(grow(&p, 8, 7), 400);
	q = (struct request){.old_size = 3, .size = 9, .of = &truth};
	assert_int_equal(send_request(&p, &q, got), 409);
	assert_string_equal(got, "7\n");
	q = (struct request){.old_size = 7, .size = 9, .of = &lie};
	assert_int_equal(send_request(&p, &q, got), 422);
	end_place(&p);
}

static struct saksi_bytes latest(struct place *p, const char *origin, char room[8192])
{
	struct saksi_buf b = saksi_buf_fixed(room, 8192);
	struct saksi_hash h = saksi_hash_of(saksi_bytes_of(origin));
	enum saksi_err err = saksi_witness_latest(p->w, &h, &b);
	if (err == SAKSI_MISSING)
		return (struct saksi_bytes){NULL, 0};
	assert_int_equal(err, SAKSI_OK);
	return saksi_buf_bytes(&b);
}

static void for_monitors(void **state)
{
	struct place p;
	static char room[16384], note[8192];
	static uint8_t arena_room[1 << 16];
	struct saksi_arena a = {arena_room, 0, sizeof arena_room};
	struct saksi_note n;
	(void)state;
	make_place(&p);
	assert_null(latest(&p, (char *)log_name, note).at);
	assert_null(latest(&p, "unknown", note).at);
	/* a stranger's line is not handed on; the log's and ours are */
	struct request q = {.size = 7, .of = &truth, .other_line = true};
	struct saksi_bytes body = write_request(&q, room, sizeof room);
	assert_int_equal(send_bytes(&p, body, got), 200);
	struct saksi_bytes all = latest(&p, (char *)log_name, note);
	assert_int_equal(saksi_note_read(all, &a, &n, NULL), SAKSI_OK);
	assert_int_equal(n.sig_count, 2);
	assert_true(saksi_bytes_same(n.text, text_of(body)));
	assert_true(saksi_bytes_is(n.sigs[1].line, got));
	struct saksi_vkey keys[] = {log_key, p.key};
	for (int i = 0; i < 2; i++) {
		struct saksi_sigcheck check;
		uint64_t when;
		assert_int_equal(saksi_note_check_for(&n, &keys[i], &a, &check, &when),
				 SAKSI_OK);
		saksi_sigchecks_run(&check, 1);
		assert_int_equal(check.answer, SAKSI_SIG_GOOD);
	}
	/* a refusal changes nothing of it */
	q = (struct request){.old_size = 7, .size = 9, .of = &lie};
	assert_int_equal(send_request(&p, &q, got), 422);
	static char again[8192];
	assert_true(saksi_bytes_same(all, latest(&p, (char *)log_name, again)));
	/* the empty tree is a checkpoint too */
	struct saksi_why why;
	char vkey[512];
	assert_int_equal(
	    saksi_witness_add(p.w, vkey_text(&log_key, vkey), "empty", NOW, &why),
	    SAKSI_OK);
	assert_null(latest(&p, "empty", note).at);
	q = (struct request){.of = &truth, .origin = "empty"};
	struct saksi_hash nothing = saksi_hash_empty();
	q.root = &nothing;
	assert_int_equal(send_request(&p, &q, got), 200);
	assert_non_null(latest(&p, "empty", note).at);
	end_place(&p);
}

static void restart(void **state)
{
	struct place p;
	struct saksi_why why;
	(void)state;
	make_place(&p);
	assert_int_equal(grow(&p, 0, 7), 200);
	assert_int_equal(reopen(&p, &why), SAKSI_OK);
	assert_int_equal(grow(&p, 0, 9), 409);
	struct request q = {.old_size = 7, .size = 7, .of = &lie};
	assert_int_equal(send_request(&p, &q, got), 422);
	assert_int_equal(grow(&p, 7, 9), 200);
	/* two that serve the same folder: no */
	struct saksi_witness_clock clock = {place_now, &p};
	struct saksi_witness *second;
	assert_int_equal(saksi_witness_open(p.path, &clock, &second, &why), SAKSI_BUSY);
	end_place(&p);
}

static void expect_clock(struct place *p)
{
	struct request q = {.old_size = 7, .size = 9, .of = &truth};
	assert_int_equal(send_request(p, &q, got), 503);
	assert_non_null(strstr(got, "clock"));
}

static void clock_went_back(void **state)
{
	struct place p;
	struct saksi_why why;
	(void)state;
	make_place(&p);
	p.now = 0; /* a clock that tells nothing, before the first */
	struct request first = {.size = 7, .of = &truth};
	assert_int_equal(send_request(&p, &first, got), 503);
	assert_non_null(strstr(got, "clock"));
	p.now = NOW;
	assert_int_equal(grow(&p, 0, 7), 200);
	p.now = NOW - 1;
	expect_clock(&p);
	assert_int_equal(reopen(&p, &why), SAKSI_OK);
	expect_clock(&p);
	/* for another log it would be a lie as well */
	char vkey[512];
	assert_int_equal(
	    saksi_witness_add(p.w, vkey_text(&log_key, vkey), "second", NOW, &why),
	    SAKSI_OK);
	struct request q = {.size = 3, .of = &truth, .origin = "second"};
	assert_int_equal(send_request(&p, &q, got), 503);
	/* refusals need no clock */
	assert_int_equal(grow(&p, 3, 9), 409);
	p.now = 0;
	expect_clock(&p);
	p.now = NOW;
	assert_int_equal(grow(&p, 7, 9), 200);
	int64_t utc;
	assert_int_equal(saksi_witness_signed(p.w, &utc), SAKSI_OK);
	assert_int_equal(utc, NOW);
	end_place(&p);
}

/* The race of the spec: two requests from the same old size, many times.  Each
 * answer 200 is one step of a chain that only grows. */
struct racer {
	struct place *p;
	uint64_t step;
	uint64_t sizes[LEAVES], count;
};

static void *race_one(void *at)
{
	struct racer *r = at;
	char *room = malloc(16384);
	uint64_t held = 0;
	while (held < LEAVES - 8) {
		struct request q = {
		    .old_size = held, .size = held + r->step, .of = &truth};
		struct saksi_witness_answer a;
		saksi_witness_submit(r->p->w, write_request(&q, room, 16384), &a);
		if (a.status == 200) {
			held = q.size;
			r->sizes[r->count++] = held;
		} else if (a.status == 409) {
			struct saksi_bytes told = {a.body.at, a.body.len - 1};
			if (saksi_text_decimal(told, &held) != SAKSI_OK)
				abort();
		} else if (a.status != 503) {
			abort();
		}
		saksi_buf_free(&a.body);
	}
	free(room);
	return NULL;
}

static void race(void **state)
{
	struct place p;
	pthread_t t[4];
	struct racer r[4];
	uint8_t seen[LEAVES + 1] = {0};
	(void)state;
	make_place(&p);
	for (int i = 0; i < 4; i++) {
		r[i] = (struct racer){.p = &p, .step = (uint64_t)i + 1};
		assert_int_equal(pthread_create(&t[i], NULL, race_one, &r[i]), 0);
	}
	for (int i = 0; i < 4; i++)
		(void)pthread_join(t[i], NULL);
	for (int i = 0; i < 4; i++)
		for (uint64_t j = 0; j < r[i].count; j++) {
			/* nobody was given a size that another had already */
			assert_int_equal(seen[r[i].sizes[j]]++, 0);
			if (j > 0)
				assert_true(r[i].sizes[j] > r[i].sizes[j - 1]);
		}
	end_place(&p);
}

/* Another process adds a log; the one that serves sees it at once. */
static void hot_reload(void **state)
{
	struct place p;
	struct saksi_witness *beside;
	struct saksi_why why;
	char vkey[512];
	(void)state;
	make_place(&p);
	struct request q = {.size = 3, .of = &truth, .origin = "new.example"};
	assert_int_equal(send_request(&p, &q, got), 404);
	assert_int_equal(saksi_witness_open(p.path, NULL, &beside, &why), SAKSI_OK);
	assert_int_equal(saksi_witness_add(beside, vkey_text(&other_key, vkey),
					   "new.example", NOW, &why),
			 SAKSI_OK);
	assert_int_equal(send_request(&p, &q, got),
			 403); /* other_key's log, not ours */
	assert_int_equal(saksi_witness_add(beside, vkey_text(&log_key, vkey),
					   "new.example", NOW, &why),
			 SAKSI_OK);
	assert_int_equal(send_request(&p, &q, got), 200);
	assert_int_equal(saksi_witness_add(beside, vkey_text(&log_key, vkey),
					   "new.example", NOW, &why),
			 SAKSI_OK);
	/* adding again does not forget */
	assert_int_equal(send_request(&p, &q, got), 409);
	/* without a clock it looks and never signs */
	struct saksi_witness_answer a;
	static char room[16384];
	q.old_size = 3;
	saksi_witness_submit(beside, write_request(&q, room, sizeof room), &a);
	assert_int_equal(a.status, 503);
	saksi_buf_free(&a.body);
	saksi_witness_close(beside);
	end_place(&p);
}

/* Another process in the middle of writing: waited for, not failed on. */
static void *write_slowly(void *at)
{
	sqlite3 *db = at;
	(void)usleep(300000);
	return sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ? db : NULL;
}

static void writer_beside(void **state)
{
	struct place p;
	char file[256];
	sqlite3 *db;
	pthread_t t;
	void *done;
	(void)state;
	make_place(&p);
	assert_int_equal(grow(&p, 0, 7), 200);
	(void)snprintf(file, sizeof file, "%s/state.db", p.path);
	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "BEGIN IMMEDIATE; "
				      "INSERT INTO key VALUES ('x', 'y', 1)",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(pthread_create(&t, NULL, write_slowly, db), 0);
	assert_int_equal(grow(&p, 7, 9), 200);
	(void)pthread_join(t, &done);
	assert_non_null(done);
	(void)sqlite3_close(db);
	end_place(&p);
}

static void bad_keys_to_add(void **state)
{
	struct place p;
	struct saksi_why why;
	char vkey[512];
	(void)state;
	make_place(&p);
	assert_int_equal(saksi_witness_add(p.w, "no key", NULL, NOW, &why),
			 SAKSI_MALFORMED);
	assert_int_equal(saksi_witness_add(p.w, p.vkey, NULL, NOW, &why), SAKSI_BADARG);
	const char *good = vkey_text(&log_key, vkey);
	assert_int_equal(saksi_witness_add(p.w, good, "", NOW, &why), SAKSI_BADARG);
	assert_int_equal(saksi_witness_add(p.w, good, "a\nb", NOW, &why), SAKSI_BADARG);
	assert_int_equal(saksi_witness_add(p.w, good, "\xff", NOW, &why), SAKSI_BADARG);
	vkey[strlen(vkey) - 3] ^= 1;
	assert_int_equal(saksi_witness_add(p.w, vkey, NULL, NOW, &why),
			 SAKSI_MALFORMED);
	/* 64 keys and no more */
	for (int i = 0; i < 64; i++) {
		struct saksi_signer *s = saksi_signer_new();
		struct saksi_vkey k;
		make_key("many", SAKSI_SIG_ED25519, s, &k);
		saksi_signer_free(s);
		assert_int_equal(
		    saksi_witness_add(p.w, vkey_text(&k, vkey), "many", NOW, &why),
		    SAKSI_OK);
	}
	assert_int_equal(
	    saksi_witness_add(p.w, vkey_text(&log_key, vkey), "many", NOW, &why),
	    SAKSI_LIMIT);
	struct request q = {.size = 3, .of = &truth, .origin = "many"};
	assert_int_equal(send_request(&p, &q, got), 403);
	end_place(&p);
}

struct seen {
	int count;
	char kinds[8][8];
	bool whole;
};
static void see(void *ctx, const struct saksi_witness_seen *s)
{
	struct seen *all = ctx;
	assert_true(all->count < 8);
	strcpy(all->kinds[all->count++], s->kind);
	assert_true(saksi_bytes_is(s->origin, (char *)log_name));
	/* the signed note as it came, without strangers' lines, is enough to prove */
	static uint8_t room[1 << 16];
	struct saksi_arena a = {room, 0, sizeof room};
	struct saksi_note n;
	struct saksi_checkpoint c;
	struct saksi_sigcheck check;
	uint64_t when;
	assert_int_equal(saksi_note_read(s->note, &a, &n, NULL), SAKSI_OK);
	assert_int_equal(n.sig_count, 1);
	assert_int_equal(saksi_note_check_for(&n, &log_key, &a, &check, &when),
			 SAKSI_OK);
	saksi_sigchecks_run(&check, 1);
	assert_int_equal(check.answer, SAKSI_SIG_GOOD);
	assert_int_equal(saksi_checkpoint_read(n.text, &c, NULL), SAKSI_OK);
	assert_int_equal(c.size, s->size);
	assert_true(saksi_hash_same(&c.root, &s->root));
	/* and what was held, cosigned */
	assert_int_equal(saksi_note_read(s->held, &a, &n, NULL), SAKSI_OK);
	assert_int_equal(saksi_checkpoint_read(n.text, &c, NULL), SAKSI_OK);
	assert_int_equal(c.size, 7);
}

static void see_log(void *ctx, const struct saksi_witness_log *l)
{
	struct saksi_witness_log *out = ctx;
	assert_true(saksi_bytes_is(l->origin, (char *)log_name));
	*out = *l;
}

static void evidence(void **state)
{
	struct place p;
	struct seen seen = {0};
	struct saksi_witness_log l;
	(void)state;
	make_place(&p);
	assert_int_equal(saksi_witness_each_log(p.w, see_log, &l), SAKSI_OK);
	assert_int_equal(l.cosigned_utc, 0);
	assert_int_equal(grow(&p, 0, 7), 200);
	struct request fork = {
	    .old_size = 7, .size = 7, .of = &lie, .other_line = true};
	struct request late = {.old_size = 0, .size = 7, .of = &lie};
	struct request grown = {.old_size = 7, .size = 9, .of = &lie};
	struct request empty = {.of = &truth, .root = &truth.leaves[0]};
	struct request forged = {
	    .old_size = 7, .size = 7, .of = &lie, .no_log_line = true};
	assert_int_equal(send_request(&p, &forged, got), 403);
	assert_int_equal(send_request(&p, &late, got), 409);
	p.now++;
	assert_int_equal(send_request(&p, &fork, got), 422); /* the same: once */
	assert_int_equal(send_request(&p, &grown, got), 422);
	p.now++;
	assert_int_equal(send_request(&p, &empty, got), 409);
	assert_int_equal(saksi_witness_each_seen(p.w, see, &seen), SAKSI_OK);
	assert_int_equal(seen.count, 3);
	assert_string_equal(seen.kinds[0], "root");
	assert_string_equal(seen.kinds[1], "proof");
	assert_string_equal(seen.kinds[2], "empty");
	assert_int_equal(saksi_witness_each_log(p.w, see_log, &l), SAKSI_OK);
	assert_int_equal(l.size, 7);
	assert_int_equal(l.cosigned_utc, NOW);
	assert_int_equal(l.keys, 1);
	assert_int_equal(l.evidence, 3);
	end_place(&p);
}

static void count_seen(void *ctx, const struct saksi_witness_seen *s)
{
	(void)s;
	(*(int *)ctx)++;
}

/* Evidence never fills the disk. */
static void evidence_is_bounded(void **state)
{
	struct place p;
	int count = 0;
	(void)state;
	make_place(&p);
	assert_int_equal(grow(&p, 0, 7), 200);
	for (int i = 0; i < 270; i++) {
		struct saksi_hash root = truth.leaves[i];
		struct request q = {
		    .old_size = 7, .size = 8, .of = &truth, .root = &root};
		assert_int_equal(send_request(&p, &q, got), 422);
	}
	assert_int_equal(saksi_witness_each_seen(p.w, count_seen, &count), SAKSI_OK);
	assert_int_equal(count, 256);
	end_place(&p);
}

/* Whichever bit of a valid request is changed: a cosignature is only ever over
 * the checkpoint that the log signed. */
static void every_bit(void **state)
{
	struct place p;
	static char room[16384], changed[16384];
	uint64_t when;
	unsigned given = 0;
	(void)state;
	make_place(&p);
	assert_int_equal(grow(&p, 0, 7), 200);
	struct request q = {.old_size = 7, .size = 7, .of = &truth, .other_line = true};
	struct saksi_bytes body = write_request(&q, room, sizeof room);
	for (size_t at = 0; at < body.len; at++)
		for (int bit = 0; bit < 8; bit++) {
			memcpy(changed, room, body.len);
			changed[at] = (char)(changed[at] ^ (1 << bit));
			struct saksi_bytes b = {(uint8_t *)changed, body.len};
			if (send_bytes(&p, b, got) != 200)
				continue;
			given++;
			if (!cosigned(&p, text_of(body), got, &when) || when != NOW)
				fail_msg("byte %zu bit %d", at, bit);
		}
	/* changes within the stranger's line alone are no change to what counts */
	assert_true(given > 0 && given < 8 * 120);
	/* and of a growing one, with a proof */
	q = (struct request){.old_size = 7, .size = 12, .of = &truth};
	body = write_request(&q, room, sizeof room);
	for (size_t at = 0; at < body.len; at++)
		for (int bit = 0; bit < 8; bit++) {
			memcpy(changed, room, body.len);
			changed[at] = (char)(changed[at] ^ (1 << bit));
			struct saksi_bytes b = {(uint8_t *)changed, body.len};
			if (send_bytes(&p, b, got) == 200)
				fail_msg("byte %zu bit %d", at, bit);
		}
	assert_int_equal(send_bytes(&p, body, got), 200);
	end_place(&p);
}

static void path_in(const struct place *p, const char *name, char out[256])
{
	(void)snprintf(out, 256, "%s/%s", p->path, name);
}

static void what_will_not_open(void **state)
{
	struct place p;
	struct saksi_why why;
	struct saksi_witness *w;
	char file[256], to[256], kept[256], other[64];
	(void)state;
	make_place(&p);
	assert_int_equal(grow(&p, 0, 7), 200);
	/* a key that others can read */
	path_in(&p, "key", file);
	struct stat st;
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(chmod(file, 0640), 0);
	assert_int_equal(reopen(&p, &why), SAKSI_REFUSED);
	assert_non_null(strstr(why.text, "chmod"));
	assert_int_equal(chmod(file, 0600), 0);
	assert_int_equal(reopen(&p, &why), SAKSI_OK);
	saksi_witness_close(p.w);
	p.w = NULL;
	/* another witness's key */
	struct place q;
	make_place(&q);
	path_in(&q, "key", to);
	path_in(&p, "kept", kept);
	assert_int_equal(rename(file, kept), 0);
	assert_int_equal(rename(to, file), 0);
	assert_int_equal(reopen(&p, &why), SAKSI_REFUSED);
	assert_int_equal(rename(kept, file), 0);
	end_place(&q);
	/* a log's key */
	struct saksi_buf text = saksi_buf_growing(4096);
	saksi_skey_write(&log_key, log_signer, &text);
	assert_int_equal(unlink(file), 0);
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_int_equal(write(fd, text.at, text.len), text.len);
	(void)close(fd);
	saksi_buf_free(&text);
	assert_int_equal(reopen(&p, &why), SAKSI_MALFORMED);
	/* a newer state */
	path_in(&p, "state.db", file);
	sqlite3 *db;
	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 2", NULL, NULL, NULL),
			 SQLITE_OK);
	(void)sqlite3_close(db);
	assert_int_equal(saksi_witness_open(p.path, NULL, &w, &why), SAKSI_NEWER);
	/* another program's database, and none */
	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "PRAGMA user_version = 1; "
				      "PRAGMA application_id = 1",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	(void)sqlite3_close(db);
	assert_int_equal(saksi_witness_open(p.path, NULL, &w, &why), SAKSI_MALFORMED);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(saksi_witness_open(p.path, NULL, &w, &why), SAKSI_MISSING);
	assert_int_not_equal(access(file, F_OK), 0); /* never made anew */
	strcpy(other, "/tmp/saksi-no-such-folder");
	assert_int_equal(saksi_witness_open(other, NULL, &w, &why), SAKSI_MISSING);
	end_place(&p);
}

static void init_refuses(void **state)
{
	struct place p;
	struct saksi_why why;
	uint8_t room[512];
	struct saksi_buf out = saksi_buf_fixed(room, sizeof room);
	char path[256];
	(void)state;
	make_place(&p);
	assert_int_equal(saksi_witness_init(p.path, "again", &out, &why),
			 SAKSI_REFUSED);
	static const char *const names[] = {"", "a b", "a+b", "a\nb", "\xff"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		path_in(&p, "new", path);
		assert_int_equal(saksi_witness_init(path, names[i], &out, &why),
				 SAKSI_BADARG);
		assert_int_not_equal(access(path, F_OK), 0);
	}
	assert_int_equal(out.len, 0);
	end_place(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cosigns),
	    cmocka_unit_test(statuses),
	    cmocka_unit_test(for_monitors),
	    cmocka_unit_test(restart),
	    cmocka_unit_test(clock_went_back),
	    cmocka_unit_test(race),
	    cmocka_unit_test(hot_reload),
	    cmocka_unit_test(writer_beside),
	    cmocka_unit_test(bad_keys_to_add),
	    cmocka_unit_test(evidence),
	    cmocka_unit_test(evidence_is_bounded),
	    cmocka_unit_test(every_bit),
	    cmocka_unit_test(what_will_not_open),
	    cmocka_unit_test(init_refuses),
	};
	return cmocka_run_group_tests(tests, make_logs, free_logs);
}
