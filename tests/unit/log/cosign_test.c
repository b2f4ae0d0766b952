/* Asking witnesses that are slow, dead, lying or right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../net/fake.h"

#include "base/clock.h"
#include "base/text.h"
#include "log/cosign.h"
#include "note/addcheckpoint.h"

#include <signal.h>
#include <stdio.h>

enum { LEAVES = 600, WITNESSES = 5, NOW = 1800000000 };

/* ---- a log of 600 leaves: slow tiles straight from the definition */

static struct saksi_hash leaves[LEAVES];

static struct saksi_hash root_of(uint64_t from, uint64_t count)
{
	struct saksi_hash copy[LEAVES];
	memcpy(copy, leaves + from, count * sizeof *copy);
	return saksi_tree_root_of(copy, count);
}

static bool tiles_lie;
static enum saksi_err read_tile(void *ctx, const struct saksi_tile *t,
				struct saksi_hash *out)
{
	(void)ctx;
	uint64_t span = t->level == 0 ? 1 : 256;
	assert_true(t->level <= 1);
	for (uint64_t i = 0; i < t->width; i++)
		out[i] = root_of((t->index * 256 + i) * span, span);
	if (tiles_lie)
		out[0].b[0] ^= 1;
	return SAKSI_OK;
}
static const struct saksi_tiles tiles = {NULL, read_tile};

static struct saksi_signer *log_signer;
static struct saksi_vkey log_key;

static struct saksi_bytes make_note(uint64_t size, char out[1024])
{
	struct saksi_buf b = saksi_buf_fixed(out, 1024), text;
	char body[256];
	struct saksi_checkpoint c = {.origin = log_key.name, .size = size};
	c.root = root_of(0, size);
	text = saksi_buf_fixed(body, sizeof body);
	saksi_checkpoint_write(&c, &text);
	saksi_buf_put(&b, saksi_buf_bytes(&text));
	saksi_buf_puts(&b, "\n");
	saksi_note_sign(saksi_buf_bytes(&text), &log_key, log_signer, &b);
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	return saksi_buf_bytes(&b);
}

/* ---- witnesses */

enum mode {
	RIGHT,
	SLOW,       /* right, after `delay_ms` */
	HANG,       /* reads and never answers */
	CUT,        /* closes in the middle of its line */
	GARBAGE,    /* 200 and no signature line */
	EMPTY,      /* 200 and nothing */
	HUGE_BODY,  /* 200, its good line, then megabytes */
	LONG_GOOD,  /* 200, its good line among lines of unknown keys */
	WRONG_KEY,  /* its name and id, signed by another key */
	OTHER_NAME, /* a good cosignature under a name nobody knows */
	OTHER_TEXT, /* its good cosignature of another checkpoint */
	BLANK_LINE, /* its good cosignature of text it smuggles in */
	PLAIN_SIG,  /* an Ed25519 signature without a time */
	TIME_ZERO,
	TIME_OLD,
	TIME_AHEAD,
	TIME_HUGE,
	TWICE,         /* its good line two times */
	CONFLICT,      /* holds `size`: 409 until asked from there, then right */
	CONFLICT_SAY,  /* always 409 with `size` */
	CONFLICT_WALK, /* 409 with another size each time */
	CONFLICT_BARE,
	CONFLICT_TEXT,
	STATUS, /* answers `status` */
};

struct witness {
	struct fake fake;
	struct saksi_signer *signer;
	struct saksi_vkey key;
	char name[32];
	enum mode mode;
	uint64_t size;
	int delay_ms;
	const char *status, *headers;
	uint64_t asked_old[4];
	bool bad_request; /* it got something that does not hold */
};
static struct witness all[WITNESSES];

static struct saksi_bytes checkpoint_text(struct saksi_bytes note)
{
	size_t len = note.len;
	while (len >= 2 && (note.at[len - 1] != '\n' || note.at[len - 2] != '\n'))
		len--;
	return (struct saksi_bytes){note.at, len - 1};
}

static void cosign_line(struct witness *w, struct saksi_bytes text, uint64_t when,
			struct saksi_buf *out)
{
	struct saksi_vkey key = w->key;
	struct saksi_signer *other = saksi_signer_new();
	if (w->mode == OTHER_NAME)
		assert_int_equal(saksi_vkey_make(saksi_bytes_of("stranger"),
						 SAKSI_SIG_COSIGNATURE, key.key, &key),
				 SAKSI_OK);
	if (w->mode == PLAIN_SIG) {
		uint8_t sig[SAKSI_SIG_LEN];
		saksi_sign(w->signer, text, sig);
		saksi_note_sig_write(&key, (struct saksi_bytes){sig, sizeof sig}, out);
	} else {
		saksi_note_cosign(text, when, &key,
				  w->mode == WRONG_KEY ? other : w->signer, out);
	}
	saksi_signer_free(other);
}

/* Is this a request that a right witness would take? */
static void check_request(struct witness *w, const struct saksi_addcheckpoint *r)
{
	uint8_t room[65536];
	struct saksi_arena a = {room, 0, sizeof room};
	struct saksi_checkpoint c;
	struct saksi_note n;
	if (saksi_note_read(r->checkpoint, &a, &n, NULL) != SAKSI_OK ||
	    saksi_checkpoint_read(n.text, &c, NULL) != SAKSI_OK || n.sig_count != 1) {
		w->bad_request = true;
		return;
	}
	struct saksi_consistency p = {r->old_size, c.size, r->path, r->path_count};
	struct saksi_hash old = root_of(0, r->old_size);
	if (r->old_size > 0 && saksi_consistency_check(&p, &old, &c.root) != SAKSI_OK)
		w->bad_request = true;
	if (r->old_size == 0 && r->path_count > 0)
		w->bad_request = true;
}

static void say_conflict(int fd, const char *text)
{
	fake_answer(fd, "409 Conflict", "Content-Type: text/x.tlog.size\r\n", text,
		    strlen(text));
}

static void say_lines(struct witness *w, int fd, struct saksi_bytes text)
{
	char *room = malloc(1 << 21);
	struct saksi_buf b = saksi_buf_fixed(room, 1 << 21);
	uint64_t when = NOW;
	if (w->mode == TIME_ZERO)
		when = 0;
	if (w->mode == TIME_OLD)
		when = NOW - 601;
	if (w->mode == TIME_AHEAD)
		when = NOW + 601;
	if (w->mode == TIME_HUGE)
		when = UINT64_MAX;
	if (w->mode == GARBAGE)
		saksi_buf_puts(&b, "thank you\n");
	if (w->mode == OTHER_TEXT)
		text.len -= 2; /* any other text will do */
	if (w->mode == BLANK_LINE) {
		char both[1024];
		struct saksi_buf t = saksi_buf_fixed(both, sizeof both);
		saksi_buf_put(&t, text);
		saksi_buf_puts(&t, "\nsmuggled\n");
		saksi_buf_puts(&b, "smuggled\n\n");
		cosign_line(w, saksi_buf_bytes(&t), when, &b);
	} else if (w->mode != GARBAGE && w->mode != EMPTY) {
		cosign_line(w, text, when, &b);
	}
	if (w->mode == TWICE)
		cosign_line(w, text, when, &b);
	for (int i = 0; w->mode == LONG_GOOD && i < 50; i++) {
		enum mode keep = w->mode;
		w->mode = OTHER_NAME;
		cosign_line(w, text, when, &b);
		w->mode = keep;
	}
	while (w->mode == HUGE_BODY && b.len < 1 << 20)
		saksi_buf_puts(&b, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
	if (w->mode == CUT) {
		fake_puts(fd, "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n");
		fake_send(fd, b.at, b.len / 2);
	} else {
		fake_answer(fd, "200 OK", "", b.at, b.len);
	}
	free(room);
}

static void play(struct fake *f, int fd, char *body, size_t len)
{
	struct witness *w = f->ctx;
	uint8_t *room = malloc(1 << 18);
	struct saksi_arena a = {room, 0, 1 << 18};
	struct saksi_addcheckpoint r;
	char told[32];

	if (saksi_addcheckpoint_read((struct saksi_bytes){(uint8_t *)body, len}, &a, &r,
				     NULL) != SAKSI_OK) {
		w->bad_request = true;
		fake_answer(fd, "400 Bad", "", "", 0);
		free(room);
		return;
	}
	w->asked_old[fake_calls(f) & 3] = r.old_size;
	check_request(w, &r);
	(void)snprintf(told, sizeof told, "%llu\n", (unsigned long long)w->size);
	if (w->mode == HANG) {
		(void)usleep(1500000);
	} else if (w->mode == STATUS) {
		fake_answer(fd, w->status, w->headers != NULL ? w->headers : "", "no\n",
			    3);
	} else if (w->mode == CONFLICT_SAY ||
		   (w->mode == CONFLICT && r.old_size != w->size)) {
		say_conflict(fd, told);
	} else if (w->mode == CONFLICT_WALK) {
		(void)snprintf(told, sizeof told, "%d\n", fake_calls(f));
		say_conflict(fd, told);
	} else if (w->mode == CONFLICT_BARE) {
		fake_answer(fd, "409 Conflict", "", "", 0);
	} else if (w->mode == CONFLICT_TEXT) {
		say_conflict(fd, "lots\n");
	} else {
		if (w->mode == SLOW)
			(void)usleep((unsigned)w->delay_ms * 1000);
		say_lines(w, fd, checkpoint_text(r.checkpoint));
	}
	free(room);
}

/* ---- a policy: w0 w1 w2 any two, w3 w4 any one, both */

static struct saksi_policy policy;
static uint8_t policy_room[1 << 16];
static char policy_text[4096];

static void make_policy(const char *quorum)
{
	struct saksi_buf b = saksi_buf_fixed(policy_text, sizeof policy_text);
	struct saksi_arena a = {policy_room, 0, sizeof policy_room};
	struct saksi_fault f = {0};
	saksi_buf_puts(&b, "log ");
	saksi_vkey_write(&log_key, &b);
	saksi_buf_puts(&b, "\n");
	for (int i = 0; i < WITNESSES; i++) {
		saksi_buf_printf(&b, "witness w%d ", i);
		saksi_vkey_write(&all[i].key, &b);
		saksi_buf_printf(&b, " http://127.0.0.1:%u/sub%s\n", all[i].fake.port,
				 i == 1 ? "/" : "");
	}
	saksi_buf_puts(&b, "group state 2 w0 w1 w2\ngroup society 1 w3 w4\n"
			   "group both all state society\nquorum ");
	saksi_buf_puts(&b, quorum);
	saksi_buf_puts(&b, "\n");
	if (saksi_policy_read(saksi_buf_bytes(&b), &a, &policy, &f) != SAKSI_OK)
		fail_msg("line %u: %s", f.line, f.what);
}

static int party_of(int witness)
{
	char name[8];
	(void)snprintf(name, sizeof name, "w%d", witness);
	for (uint32_t i = 0; i < policy.party_count; i++)
		if (saksi_bytes_is(policy.parties[i].name, name))
			return (int)i;
	return -1;
}

static void wake(void)
{
	for (int i = 0; i < WITNESSES; i++) {
		struct witness *w = &all[i];
		w->mode = RIGHT;
		w->size = 0;
		w->bad_request = false;
		w->headers = NULL;
		fake_start(&w->fake, play, w);
	}
	make_policy("both");
}

static void rest(void)
{
	for (int i = 0; i < WITNESSES; i++) {
		fake_stop(&all[i].fake);
		assert_false(all[i].bad_request);
	}
}

static struct saksi_voice voices[16];
static char out_room[1 << 16];
static struct saksi_buf out;
static struct saksi_why why;
static int64_t took_ms;

static enum saksi_err ask(struct saksi_cosign *s, uint64_t size, long grace_ms)
{
	static char note[1024];
	struct saksi_cosign_ask q = {.policy = &policy,
				     .signed_note = make_note(size, note),
				     .size = size,
				     .root = root_of(0, size),
				     .tiles = &tiles,
				     .now_utc = NOW,
				     .timeout_ms = 1000,
				     .grace_ms = grace_ms,
				     .voices = voices};
	out = saksi_buf_fixed(out_room, sizeof out_room);
	int64_t began = saksi_time_ticks_ms();
	enum saksi_err err = saksi_cosign_collect(s, &q, &out, &why);
	took_ms = saksi_time_ticks_ms() - began;
	if (err != SAKSI_OK)
		assert_int_equal(out.len, 0);
	return err;
}

/* What came out, judged by the rooms that judge for everybody. */
static enum saksi_err judge_out(size_t want_witnesses)
{
	static uint8_t room[1 << 18];
	struct saksi_arena a = {room, 0, sizeof room};
	struct saksi_judged j;
	size_t seen = 0;
	assert_int_equal(
	    saksi_judge_prepare(&policy, saksi_buf_bytes(&out), &a, &j, NULL),
	    SAKSI_OK);
	for (size_t i = 0; i < j.signer_count; i++) {
		saksi_sigchecks_run(&j.signers[i].check, 1);
		seen += j.signers[i].party >= 0;
	}
	assert_int_equal(seen, want_witnesses);
	return saksi_judge_conclude(&policy, &j);
}

static struct saksi_cosign *fresh(void)
{
	struct saksi_cosign *s;
	assert_int_equal(saksi_cosign_new(&s), SAKSI_OK);
	return s;
}

/* ---- tests */

static void all_right(void **state)
{
	(void)state;
	wake();
	struct saksi_cosign *s = fresh();
	assert_int_equal(ask(s, 10, 800), SAKSI_OK);
	assert_int_equal(judge_out(5), SAKSI_OK);
	assert_string_equal(why.text, "");
	/* in policy order, whoever answered first */
	const char *at = (const char *)out.at;
	out.at[out.len] = '\0';
	for (int i = 0; i < WITNESSES; i++) {
		at = strstr(at, all[i].name);
		assert_non_null(at);
		assert_int_equal(voices[party_of(i)].kind, SAKSI_VOICE_GOOD);
		assert_int_equal(voices[party_of(i)].time_utc, NOW);
		assert_int_equal(saksi_cosign_known(s, &all[i].key), 10);
	}
	/* the next tree is proved from the size they are known to hold */
	assert_int_equal(ask(s, 600, 800), SAKSI_OK);
	assert_int_equal(judge_out(5), SAKSI_OK);
	for (int i = 0; i < WITNESSES; i++) {
		assert_int_equal(all[i].fake.calls, 2);
		assert_int_equal(all[i].asked_old[2], 10);
	}
	/* and the same tree again, hourly */
	assert_int_equal(ask(s, 600, 800), SAKSI_OK);
	assert_int_equal(judge_out(5), SAKSI_OK);
	saksi_cosign_free(s);
	rest();
}

/* Each kind of trouble at one state witness and one society witness: the quorum
 * of the others is met, nothing of theirs gets into the note. */
static void each_trouble(void **state)
{
	static const struct {
		enum mode mode;
		enum saksi_voice_kind kind;
		uint64_t size;
		const char *status;
	} cases[] = {
	    {HANG, SAKSI_VOICE_LATE, 0, NULL},
	    {CUT, SAKSI_VOICE_DEAD, 0, NULL},
	    {GARBAGE, SAKSI_VOICE_LYING, 0, NULL},
	    {EMPTY, SAKSI_VOICE_LYING, 0, NULL},
	    {HUGE_BODY, SAKSI_VOICE_LYING, 0, NULL},
	    {WRONG_KEY, SAKSI_VOICE_LYING, 0, NULL},
	    {OTHER_NAME, SAKSI_VOICE_LYING, 0, NULL},
	    {OTHER_TEXT, SAKSI_VOICE_LYING, 0, NULL},
	    {BLANK_LINE, SAKSI_VOICE_LYING, 0, NULL},
	    {PLAIN_SIG, SAKSI_VOICE_LYING, 0, NULL},
	    {TIME_ZERO, SAKSI_VOICE_LYING, 0, NULL},
	    {TIME_OLD, SAKSI_VOICE_LYING, 0, NULL},
	    {TIME_AHEAD, SAKSI_VOICE_LYING, 0, NULL},
	    {TIME_HUGE, SAKSI_VOICE_LYING, 0, NULL},
	    {TWICE, SAKSI_VOICE_LYING, 0, NULL},
	    {CONFLICT_SAY, SAKSI_VOICE_AHEAD, 21, NULL},
	    {CONFLICT_SAY, SAKSI_VOICE_LYING, 0, NULL},
	    {CONFLICT_SAY, SAKSI_VOICE_LYING, 7, NULL},
	    {CONFLICT_SAY, SAKSI_VOICE_LYING, 20, NULL},
	    {CONFLICT_WALK, SAKSI_VOICE_LYING, 0, NULL},
	    {CONFLICT_BARE, SAKSI_VOICE_SPLIT, 0, NULL},
	    {CONFLICT_TEXT, SAKSI_VOICE_LYING, 0, NULL},
	    {STATUS, SAKSI_VOICE_REFUSED, 0, "400 Bad Request"},
	    {STATUS, SAKSI_VOICE_REFUSED, 0, "403 Forbidden"},
	    {STATUS, SAKSI_VOICE_REFUSED, 0, "404 Not Found"},
	    {STATUS, SAKSI_VOICE_REFUSED, 0, "422 Unprocessable Entity"},
	    {STATUS, SAKSI_VOICE_REFUSED, 0, "201 Created"},
	    {STATUS, SAKSI_VOICE_REFUSED, 0, "302 Found"},
	    {STATUS, SAKSI_VOICE_REFUSED, 0, "500 Internal"},
	    {STATUS, SAKSI_VOICE_BUSY, 0, "429 Too Many Requests"},
	    {STATUS, SAKSI_VOICE_BUSY, 0, "503 Unavailable"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct saksi_cosign *s = fresh();
		wake();
		for (int w = 2; w <= 3; w++) {
			all[w].mode = cases[i].mode;
			all[w].size = cases[i].size;
			all[w].status = cases[i].status;
		}
		/* the grace outlasts all but the one that hangs */
		enum saksi_err err = ask(s, 20, 900);
		int kind = (int)voices[party_of(2)].kind;
		if (err != SAKSI_OK || kind != (int)cases[i].kind)
			fail_msg("case %zu: %d, voice %d: %s", i, err, kind, why.text);
		assert_int_equal(judge_out(3), SAKSI_OK);
		assert_true(fake_calls(&all[2].fake) <= 2);
		bool loud = cases[i].kind == SAKSI_VOICE_AHEAD ||
			    cases[i].kind == SAKSI_VOICE_SPLIT;
		assert_int_equal(strncmp(why.text, "WITNESS", 7) == 0, loud);
		assert_non_null(strstr(why.text, "w2"));
		assert_non_null(strstr(why.text, "w3"));
		assert_null(strstr(why.text, "w4"));
		saksi_cosign_free(s);
		rest();
	}
}

static void nobody_is_enough(void **state)
{
	(void)state;
	wake();
	struct saksi_cosign *s = fresh();
	all[1].mode = HANG;
	all[2].mode = GARBAGE;
	assert_int_equal(ask(s, 20, 0), SAKSI_QUORUM);
	assert_non_null(strstr(why.text, "3 of 5 witnesses cosigned"));
	assert_non_null(strstr(why.text, "w1 (no whole answer in time)"));
	assert_non_null(strstr(why.text, "w2 (sent no cosignature that can be read)"));
	assert_true(took_ms >= 900 && took_ms < 3000);
	rest();
	/* all of the state without society is not enough either */
	wake();
	for (int i = 0; i < WITNESSES; i++)
		all[i].mode = i < 3 ? RIGHT : GARBAGE;
	assert_int_equal(ask(s, 20, 0), SAKSI_QUORUM);
	saksi_cosign_free(s);
	rest();
	/* nobody listens any more */
	s = fresh();
	assert_int_equal(ask(s, 20, 0), SAKSI_QUORUM);
	for (int i = 0; i < WITNESSES; i++)
		assert_int_equal(voices[party_of(i)].kind, SAKSI_VOICE_DEAD);
	saksi_cosign_free(s);
}

/* The slow hold nobody up: met at once, and within the grace they still count. */
static void grace(void **state)
{
	(void)state;
	wake();
	all[2].mode = all[4].mode = SLOW;
	all[2].delay_ms = 250;
	all[4].delay_ms = 900;
	struct saksi_cosign *s = fresh();
	assert_int_equal(ask(s, 20, 0), SAKSI_OK);
	assert_true(took_ms < 240);
	assert_int_equal(judge_out(3), SAKSI_OK);
	assert_int_equal(voices[party_of(2)].kind, SAKSI_VOICE_LATE);
	assert_int_equal(ask(s, 20, 500), SAKSI_OK);
	assert_true(took_ms < 800);
	assert_int_equal(judge_out(4), SAKSI_OK);
	assert_int_equal(voices[party_of(2)].kind, SAKSI_VOICE_GOOD);
	assert_int_equal(voices[party_of(4)].kind, SAKSI_VOICE_LATE);
	saksi_cosign_free(s);
	rest();
}

static void learns_sizes(void **state)
{
	static const uint64_t sizes[] = {1, 255, 256, 257, 511, 599};
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		wake();
		for (int w = 0; w < WITNESSES; w++) {
			all[w].mode = CONFLICT;
			all[w].size = sizes[i];
		}
		struct saksi_cosign *s = fresh();
		assert_int_equal(ask(s, 600, 900), SAKSI_OK);
		assert_int_equal(judge_out(5), SAKSI_OK);
		for (int w = 0; w < WITNESSES; w++) {
			assert_int_equal(all[w].fake.calls, 2);
			assert_int_equal(saksi_cosign_known(s, &all[w].key), 600);
		}
		saksi_cosign_free(s);
		rest();
	}
}

/* 422 to a proof from the size it is known to hold: its tree is not ours. */
static void holds_another_tree(void **state)
{
	(void)state;
	wake();
	struct saksi_cosign *s = fresh();
	assert_int_equal(ask(s, 10, 800), SAKSI_OK);
	all[0].mode = STATUS;
	all[0].status = "422 Unprocessable Entity";
	assert_int_equal(ask(s, 20, 800), SAKSI_OK);
	assert_int_equal(voices[party_of(0)].kind, SAKSI_VOICE_SPLIT);
	assert_int_equal(strncmp(why.text, "WITNESS HOLDS ANOTHER TREE w0", 29), 0);
	saksi_cosign_free(s);
	rest();
}

/* A witness ahead of us: said loudly, and we never ask it to go back. */
static void never_backwards(void **state)
{
	(void)state;
	wake();
	struct saksi_cosign *s = fresh();
	assert_int_equal(ask(s, 600, 800), SAKSI_OK);
	for (int i = 0; i < WITNESSES; i++) {
		all[i].mode = CONFLICT_SAY;
		all[i].size = 600;
	}
	assert_int_equal(ask(s, 20, 800), SAKSI_QUORUM);
	assert_int_equal(strncmp(why.text, "WITNESS AHEAD OF THIS LOG w0", 28), 0);
	for (int i = 0; i < WITNESSES; i++) {
		assert_int_equal(voices[party_of(i)].kind, SAKSI_VOICE_AHEAD);
		assert_int_equal(voices[party_of(i)].size_told, 600);
		assert_int_equal(all[i].fake.calls, 2); /* not asked a second time */
	}
	saksi_cosign_free(s);
	rest();
}

static void our_tiles_lie(void **state)
{
	(void)state;
	wake();
	struct saksi_cosign *s = fresh();
	assert_int_equal(ask(s, 10, 800), SAKSI_OK);
	tiles_lie = true;
	assert_int_equal(ask(s, 600, 800), SAKSI_QUORUM);
	tiles_lie = false;
	for (int i = 0; i < WITNESSES; i++) {
		assert_int_equal(voices[party_of(i)].kind, SAKSI_VOICE_TILES);
		assert_int_equal(all[i].fake.calls, 1); /* nothing false was sent */
	}
	saksi_cosign_free(s);
	rest();
}

static void strangers_are_left_out(void **state)
{
	(void)state;
	wake();
	for (int i = 0; i < WITNESSES; i++)
		all[i].mode = LONG_GOOD;
	struct saksi_cosign *s = fresh();
	assert_int_equal(ask(s, 20, 800), SAKSI_OK);
	assert_int_equal(judge_out(5), SAKSI_OK);
	out.at[out.len] = '\0';
	assert_null(strstr((char *)out.at, "stranger"));
	saksi_cosign_free(s);
	rest();
}

/* A note that was cosigned before is asked anew: old lines are not carried on. */
static void old_lines_are_dropped(void **state)
{
	static char before[1 << 16];
	(void)state;
	wake();
	struct saksi_cosign *s = fresh();
	assert_int_equal(ask(s, 20, 800), SAKSI_OK);
	size_t len = out.len;
	memcpy(before, out.at, len);
	for (int i = 0; i < WITNESSES; i++)
		all[i].mode = i == 2 ? GARBAGE : RIGHT;
	struct saksi_cosign_ask q = {.policy = &policy,
				     .signed_note = {(uint8_t *)before, len},
				     .size = 20,
				     .root = root_of(0, 20),
				     .tiles = &tiles,
				     .now_utc = NOW,
				     .grace_ms = 800};
	out = saksi_buf_fixed(out_room, sizeof out_room);
	assert_int_equal(saksi_cosign_collect(s, &q, &out, &why), SAKSI_OK);
	assert_int_equal(judge_out(4), SAKSI_OK);
	saksi_cosign_free(s);
	rest(); /* which also saw that they were sent one signature line */
}

static void quorum_of_none(void **state)
{
	(void)state;
	wake();
	make_policy("none");
	struct saksi_cosign *s = fresh();
	assert_int_equal(ask(s, 20, 0), SAKSI_OK);
	assert_int_equal(judge_out(0), SAKSI_OK);
	for (int i = 0; i < WITNESSES; i++)
		assert_int_equal(fake_calls(&all[i].fake), 0);
	all[0].mode = HANG;
	assert_int_equal(ask(s, 20, 300), SAKSI_OK);
	assert_int_equal(judge_out(4), SAKSI_OK);
	assert_true(took_ms < 900);
	saksi_cosign_free(s);
	rest();
}

static void callers_mistakes(void **state)
{
	char note[1024], small[100];
	(void)state;
	wake();
	struct saksi_cosign *s = fresh();
	struct saksi_cosign_ask q = {.policy = &policy,
				     .signed_note = make_note(20, note),
				     .size = 20,
				     .root = root_of(0, 20),
				     .tiles = &tiles,
				     .now_utc = NOW};
	out = saksi_buf_fixed(out_room, sizeof out_room);
	q.size = 21;
	assert_int_equal(saksi_cosign_collect(s, &q, &out, &why), SAKSI_BADARG);
	q.size = 20;
	q.root.b[31] ^= 1;
	assert_int_equal(saksi_cosign_collect(s, &q, &out, &why), SAKSI_BADARG);
	q.root.b[31] ^= 1;
	q.signed_note = saksi_bytes_of("no note");
	assert_int_equal(saksi_cosign_collect(s, &q, &out, &why), SAKSI_MALFORMED);
	for (int i = 0; i < WITNESSES; i++)
		assert_int_equal(fake_calls(&all[i].fake), 0);
	q.signed_note = make_note(20, note);
	out = saksi_buf_fixed(small, sizeof small);
	assert_int_equal(saksi_cosign_collect(s, &q, &out, &why), SAKSI_LIMIT);
	assert_int_equal(out.len, 0);
	saksi_cosign_free(s);
	saksi_cosign_free(NULL);
	rest();
}

static int begin(void **state)
{
	uint8_t key[SAKSI_KEY_LEN];
	(void)state;
	if (saksi_crypto_begin() != SAKSI_OK)
		return -1;
	for (size_t i = 0; i < LEAVES; i++)
		leaves[i] = saksi_hash_leaf(
		    (struct saksi_bytes){(const uint8_t *)&i, sizeof i});
	log_signer = saksi_signer_new();
	assert_non_null(log_signer);
	saksi_signer_public(log_signer, key);
	assert_int_equal(saksi_vkey_make(saksi_bytes_of("log.example/x"),
					 SAKSI_SIG_ED25519, key, &log_key),
			 SAKSI_OK);
	for (int i = 0; i < WITNESSES; i++) {
		(void)snprintf(all[i].name, sizeof all[i].name, "witness%d.example", i);
		all[i].signer = saksi_signer_new();
		assert_non_null(all[i].signer);
		saksi_signer_public(all[i].signer, key);
		assert_int_equal(saksi_vkey_make(saksi_bytes_of(all[i].name),
						 SAKSI_SIG_COSIGNATURE, key,
						 &all[i].key),
				 SAKSI_OK);
	}
	return 0;
}

static int end(void **state)
{
	(void)state;
	saksi_signer_free(log_signer);
	for (int i = 0; i < WITNESSES; i++)
		saksi_signer_free(all[i].signer);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_right),
	    cmocka_unit_test(each_trouble),
	    cmocka_unit_test(nobody_is_enough),
	    cmocka_unit_test(grace),
	    cmocka_unit_test(learns_sizes),
	    cmocka_unit_test(holds_another_tree),
	    cmocka_unit_test(never_backwards),
	    cmocka_unit_test(our_tiles_lie),
	    cmocka_unit_test(strangers_are_left_out),
	    cmocka_unit_test(old_lines_are_dropped),
	    cmocka_unit_test(quorum_of_none),
	    cmocka_unit_test(callers_mistakes),
	};
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, begin, end);
}
