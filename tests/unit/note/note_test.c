/* Signed notes: shape, limits, and every single-bit lie. */
#include "help.h"

static const char spec_note[] =
    "This is an example message.\n\n"
    "\xe2\x80\x94 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlT"
    "gK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
static const char spec_vkey[] =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
static const char text[] = "log.example\n5\n"
			   "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";

enum { KEYS = 3 };
static struct holder keys[KEYS]; /* a log, two cosigners */

static int setup(void **state)
{
	(void)arena_setup(state);
	keys[0] = holder_new("log.example", SAKSI_SIG_ED25519, 1);
	keys[1] = holder_new("w1.example", SAKSI_SIG_COSIGNATURE, 2);
	keys[2] = holder_new("w2.example/\xe6\x97\xa5", SAKSI_SIG_COSIGNATURE, 3);
	return 0;
}

static int teardown(void **state)
{
	for (int i = 0; i < KEYS; i++)
		saksi_signer_free(keys[i].signer);
	return arena_teardown(state);
}

static struct saksi_buf buffer(size_t cap)
{
	return saksi_buf_fixed(saksi_arena_new(&arena, cap, 1), cap);
}

/* The text above, signed by all three. */
static struct saksi_bytes signed_note(void)
{
	struct saksi_buf b = buffer(2048);

	saksi_buf_puts(&b, text);
	saksi_buf_puts(&b, "\n");
	saksi_note_sign(str(text), &keys[0].key, keys[0].signer, &b);
	saksi_note_cosign(str(text), 1774000000, &keys[1].key, keys[1].signer, &b);
	saksi_note_cosign(str(text), 1774000060, &keys[2].key, keys[2].signer, &b);
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	return saksi_buf_bytes(&b);
}

/* What check_for says, with the signature checked; OK is a good one. */
static enum saksi_err ask(const struct saksi_note *n, const struct saksi_vkey *k,
			  uint64_t *time_utc)
{
	struct saksi_sigcheck c;
	enum saksi_err err = saksi_note_check_for(n, k, &arena, &c, time_utc);

	if (err != SAKSI_OK)
		return err;
	assert_int_equal(c.answer, SAKSI_SIG_UNCHECKED);
	saksi_sigchecks_run(&c, 1);
	return c.answer == SAKSI_SIG_GOOD ? SAKSI_OK : SAKSI_REFUSED;
}

static void test_spec(void **state)
{
	struct saksi_vkey k;
	struct saksi_note n;
	uint64_t when = 1;

	(void)state;
	assert_int_equal(saksi_vkey_read(str(spec_vkey), &k, NULL), SAKSI_OK);
	assert_int_equal(saksi_note_read(str(spec_note), &arena, &n, NULL), SAKSI_OK);
	assert_bytes(n.text, "This is an example message.\n");
	assert_int_equal(n.sig_count, 1);
	assert_bytes(n.sigs[0].name, "example.com/foo");
	assert_int_equal(n.sigs[0].line.len, strlen(spec_note) - 29);
	assert_int_equal(ask(&n, &k, &when), SAKSI_OK);
	assert_true(when == 0);
}

static void test_sign(void **state)
{
	static const uint64_t times[KEYS] = {0, 1774000000, 1774000060};
	struct saksi_bytes all = signed_note();
	struct saksi_note n;

	(void)state;
	assert_int_equal(saksi_note_read(all, &arena, &n, NULL), SAKSI_OK);
	assert_int_equal(n.sig_count, KEYS);
	assert_bytes(n.text, text);
	for (int i = 0; i < KEYS; i++) {
		uint64_t when = 1;

		assert_int_equal(ask(&n, &keys[i].key, &when), SAKSI_OK);
		assert_true(when == times[i]);
	}
}

/* Which keys signed well, as bits; -1 when the note is not to be taken: it
 * cannot be read, or a known key's line is bad. */
static int accepted(struct saksi_bytes all)
{
	size_t mark = arena.used;
	struct saksi_note n;
	int set = 0;

	if (saksi_note_read(all, &arena, &n, NULL) != SAKSI_OK)
		set = -1;
	for (int i = 0; i < KEYS && set >= 0; i++) {
		uint64_t when;
		enum saksi_err err = ask(&n, &keys[i].key, &when);

		if (err == SAKSI_OK)
			set |= 1 << i;
		else if (err != SAKSI_MISSING)
			set = -1;
	}
	if (set > 0)
		assert_bytes(n.text, text);
	saksi_arena_rewind(&arena, mark);
	return set;
}

static void test_every_bit(void **state)
{
	struct saksi_bytes all = signed_note();
	uint8_t *lie = saksi_arena_new(&arena, all.len, 1);
	unsigned refused = 0, fewer = 0;

	(void)state;
	memcpy(lie, all.at, all.len);
	assert_int_equal(accepted((struct saksi_bytes){lie, all.len}), 7);
	for (size_t bit = 0; bit < 8 * all.len; bit++) {
		int set;

		lie[bit / 8] = (uint8_t)(lie[bit / 8] ^ 1U << bit % 8);
		set = accepted((struct saksi_bytes){lie, all.len});
		/* Only a line that is no longer a known key's is not counted. */
		assert_int_not_equal(set, 7);
		refused += set < 0;
		fewer += set >= 0;
		lie[bit / 8] = (uint8_t)(lie[bit / 8] ^ 1U << bit % 8);
	}
	assert_true(refused > 2000 && fewer > 100);
	for (size_t len = 0; len < all.len; len++)
		assert_int_not_equal(accepted((struct saksi_bytes){lie, len}), 7);
}

/* The text goes up to the last empty line. */
static void test_split(void **state)
{
	static const char *const texts[] = {"\n", "\n\n\n", "a\n\nb\n",
					    "a\n\n\xe2\x80\x94 x AAAAAAAA\n",
					    "\xe2\x80\x94 x AAAAAAAA\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct saksi_buf b = buffer(512);
		struct saksi_note n;
		uint64_t when;

		saksi_buf_puts(&b, texts[i]);
		saksi_buf_puts(&b, "\n");
		saksi_note_sign(str(texts[i]), &keys[0].key, keys[0].signer, &b);
		assert_int_equal(saksi_note_read(saksi_buf_bytes(&b), &arena, &n, NULL),
				 SAKSI_OK);
		assert_bytes(n.text, texts[i]);
		assert_int_equal(n.sig_count, 1);
		assert_int_equal(ask(&n, &keys[0].key, &when), SAKSI_OK);
	}
}

#define DASH "\xe2\x80\x94 "

static void test_refused(void **state)
{
	static const struct {
		const char *note;
		size_t at;
		uint32_t line;
	} bad[] = {
	    {"", 0, 1},
	    {"\n", 1, 2},
	    {"a", 1, 1},
	    {"a\n", 2, 2},
	    {"a\n\n", 3, 3},
	    {DASH "x AAAAAAAA\n", 15, 2},
	    {"a\n" DASH "x AAAAAAAA\n", 17, 3},
	    {"\n" DASH "x AAAAAAAA\n", 16, 3},
	    {"a\n\n" DASH "x AAAAAAAA", 17, 3},
	    {"a\n\n" DASH "x AAAAAAAA\n\n", 19, 5},
	    {"a\n\nb\n", 3, 3},
	    {"a\n\n- x AAAAAAAA\n", 3, 3},
	    {"a\n\n\xe2\x80\x94x AAAAAAAA\n", 3, 3},
	    {"a\n\n" DASH "x\n", 3, 3},
	    {"a\n\n" DASH "x \n", 3, 3},
	    {"a\n\n" DASH " AAAAAAAA\n", 3, 3},
	    {"a\n\n" DASH "x AAAA\n", 3, 3},     /* no key id */
	    {"a\n\n" DASH "x AAAAAA==\n", 3, 3}, /* a key id and nothing more */
	    {"a\n\n" DASH "x AAAAAAB=\n", 3, 3}, /* unused bits are not zero */
	    {"a\n\n" DASH "x AAAAAAA\n", 3, 3},
	    {"a\n\n" DASH "x AAAAAAAA \n", 3, 3},
	    {"a\n\n" DASH "x  AAAAAAAA\n", 3, 3},
	    {"a\n\n" DASH "x+y AAAAAAAA\n", 3, 3},
	    {"a\n\n" DASH "x\xc2\xa0y AAAAAAAA\n", 3, 3},
	    {"a\n\n" DASH "x AAAAAAAA\nb\n", 18, 4},
	    {"a\n\n" DASH "x AAAAAAAA\n" DASH "x AA\n", 18, 4},
	    {"a\x01\n\n" DASH "x AAAAAAAA\n", 1, 1},
	    {"a\tb\n\n" DASH "x AAAAAAAA\n", 1, 1},
	    {"a\n\n" DASH "x AAAAAAAA\r\n", 17, 3},
	    {"a\n\xff\n\n" DASH "x AAAAAAAA\n", 2, 2},
	    {"a\n\n" DASH "x\xc0\xaf AAAAAAAA\n", 8, 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct saksi_note n = {.sig_count = 55};
		struct saksi_fault f = {.at = 999};
		enum saksi_err err = saksi_note_read(str(bad[i].note), &arena, &n, &f);

		if (err != SAKSI_MALFORMED || f.at != bad[i].at ||
		    f.line != bad[i].line)
			fail_msg("case %zu: %d, byte %zu, line %u", i, err, f.at,
				 f.line);
		assert_int_equal(n.sig_count, 55);
	}
	assert_int_equal(saksi_note_read(
			     (struct saksi_bytes){
				 (const uint8_t *)"a\0\n\n" DASH "x AAAAAAAA\n", 19},
			     &arena, &(struct saksi_note){.sig_count = 0}, NULL),
			 SAKSI_MALFORMED);
}

/* Signatures of n - 5 bytes by strangers, then the log's. */
static struct saksi_bytes with_strangers(unsigned count, size_t len)
{
	struct saksi_buf b = buffer(count * (len * 2 + 64) + 512);
	uint8_t *sig = saksi_arena_new(&arena, len, 1);
	struct saksi_vkey k = keys[1].key;

	saksi_buf_puts(&b, text);
	saksi_buf_puts(&b, "\n");
	for (unsigned i = 0; i < count; i++) {
		k.id = i;
		saksi_note_sig_write(&k, (struct saksi_bytes){sig, len}, &b);
	}
	saksi_note_sign(str(text), &keys[0].key, keys[0].signer, &b);
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	return saksi_buf_bytes(&b);
}

static void test_limits(void **state)
{
	struct saksi_note n;
	uint8_t *large;
	uint64_t when;

	(void)state;
	/* Room for post-quantum cosignatures, and for the most lines. */
	assert_int_equal(
	    saksi_note_read(with_strangers(16, 8 + 2420), &arena, &n, NULL), SAKSI_OK);
	assert_int_equal(n.sigs[15].sig.len, 2428);
	assert_int_equal(ask(&n, &keys[0].key, &when), SAKSI_OK);
	assert_int_equal(saksi_note_read(with_strangers(127, 64), &arena, &n, NULL),
			 SAKSI_OK);
	assert_int_equal(n.sig_count, 128);
	assert_int_equal(saksi_note_read(with_strangers(128, 64), &arena, &n, NULL),
			 SAKSI_LIMIT);
	large = saksi_arena_new(&arena, SAKSI_NOTE_MAX + 1, 1);
	memset(large, 'a', SAKSI_NOTE_MAX + 1);
	memcpy(large + SAKSI_NOTE_MAX - 17, "\n\n" DASH "x AAAAAAAA\n", 17);
	assert_int_equal(saksi_note_read((struct saksi_bytes){large, SAKSI_NOTE_MAX},
					 &arena, &n, NULL),
			 SAKSI_OK);
	memcpy(large + SAKSI_NOTE_MAX - 16, "\n\n" DASH "x AAAAAAAA\n", 17);
	assert_int_equal(
	    saksi_note_read((struct saksi_bytes){large, SAKSI_NOTE_MAX + 1}, &arena, &n,
			    NULL),
	    SAKSI_LIMIT);
}

/* Signature lines of every short length are written as they are read. */
static void test_sig_lengths(void **state)
{
	(void)state;
	for (size_t len = 1; len < 20; len++) {
		struct saksi_buf b = buffer(256);
		struct saksi_note n;
		uint8_t sig[20];

		for (size_t i = 0; i < len; i++)
			sig[i] = (uint8_t)(17 * i + len);
		saksi_buf_puts(&b, "t\n\n");
		saksi_note_sig_write(&keys[0].key, (struct saksi_bytes){sig, len}, &b);
		assert_int_equal(saksi_note_read(saksi_buf_bytes(&b), &arena, &n, NULL),
				 SAKSI_OK);
		assert_int_equal(n.sigs[0].id, keys[0].key.id);
		assert_int_equal(n.sigs[0].sig.len, len);
		assert_memory_equal(n.sigs[0].sig.at, sig, len);
	}
}

static enum saksi_err ask_line(const struct saksi_vkey *k, const uint8_t *sig,
			       size_t len, unsigned times)
{
	struct saksi_buf b = buffer(1024);
	struct saksi_note n;
	uint64_t when = 99;
	struct saksi_sigcheck c = {.answer = SAKSI_SIG_BAD};
	enum saksi_err err;

	saksi_buf_puts(&b, "t\n\n");
	while (times-- > 0)
		saksi_note_sig_write(k, (struct saksi_bytes){sig, len}, &b);
	assert_int_equal(saksi_note_read(saksi_buf_bytes(&b), &arena, &n, NULL),
			 SAKSI_OK);
	err = saksi_note_check_for(&n, k, &arena, &c, &when);
	if (err != SAKSI_OK) {
		assert_true(when == 99); /* untouched */
		assert_int_equal(c.answer, SAKSI_SIG_BAD);
	}
	return err;
}

static void test_check_for(void **state)
{
	uint8_t sig[100] = {0, 0, 0, 0, 0, 0, 0, 1};
	struct saksi_vkey other = keys[0].key;
	struct saksi_note n;

	(void)state;
	assert_int_equal(ask_line(&keys[0].key, sig, 64, 1), SAKSI_OK);
	assert_int_equal(ask_line(&keys[0].key, sig, 63, 1), SAKSI_MALFORMED);
	assert_int_equal(ask_line(&keys[0].key, sig, 65, 1), SAKSI_MALFORMED);
	assert_int_equal(ask_line(&keys[0].key, sig, 64, 2), SAKSI_MALFORMED);
	assert_int_equal(ask_line(&keys[1].key, sig, 72, 1), SAKSI_OK);
	assert_int_equal(ask_line(&keys[1].key, sig, 71, 1), SAKSI_MALFORMED);
	assert_int_equal(ask_line(&keys[1].key, sig, 73, 1), SAKSI_MALFORMED);
	assert_int_equal(ask_line(&keys[1].key, sig, 64, 1), SAKSI_MALFORMED);
	assert_int_equal(ask_line(&keys[1].key, sig, 72, 3), SAKSI_MALFORMED);
	sig[7] = 0; /* no time */
	assert_int_equal(ask_line(&keys[1].key, sig, 72, 1), SAKSI_MALFORMED);
	memset(sig, 0xff, 8);
	sig[0] = 0x7f; /* 2^63 - 1, the last one */
	assert_int_equal(ask_line(&keys[1].key, sig, 72, 1), SAKSI_OK);
	memset(sig, 0, 8);
	sig[0] = 0x80;
	assert_int_equal(ask_line(&keys[1].key, sig, 72, 1), SAKSI_MALFORMED);
	/* The same name or the same id alone is a stranger's line. */
	assert_int_equal(saksi_note_read(signed_note(), &arena, &n, NULL), SAKSI_OK);
	other.id ^= 1;
	assert_int_equal(ask(&n, &other, &(uint64_t){0}), SAKSI_MISSING);
	other = keys[0].key;
	other.name = str("log.exampl");
	assert_int_equal(ask(&n, &other, &(uint64_t){0}), SAKSI_MISSING);
	other = keys[0].key;
	other.type = SAKSI_SIG_MLDSA44;
	assert_int_equal(ask(&n, &other, &(uint64_t){0}), SAKSI_BADARG);
}

/* With less memory than needed: NOMEM and nothing else, for every lack. */
static void test_little_memory(void **state)
{
	struct saksi_bytes all = signed_note();
	uint8_t *room = saksi_arena_new(&arena, 8192, 1);
	size_t cap = 0;

	(void)state;
	for (;; cap += 16) {
		struct saksi_arena small = {room, 0, cap};
		struct saksi_note n = {.sig_count = 55};
		struct saksi_sigcheck c;
		uint64_t when;
		enum saksi_err err = saksi_note_read(all, &small, &n, NULL);

		if (err != SAKSI_OK) {
			assert_int_equal(err, SAKSI_NOMEM);
			assert_int_equal(n.sig_count, 55);
			continue;
		}
		err = saksi_note_check_for(&n, &keys[1].key, &small, &c, &when);
		if (err == SAKSI_OK)
			break;
		assert_int_equal(err, SAKSI_NOMEM);
	}
	assert_true(cap > 256 && cap < 4096);
}

/* A buffer without room for a line is full and holds none of it that counts. */
static void test_full_buffer(void **state)
{
	uint8_t room[64];
	struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));

	(void)state;
	saksi_note_sign(str(text), &keys[0].key, keys[0].signer, &b);
	assert_int_equal(saksi_buf_check(&b), SAKSI_LIMIT);
	b = saksi_buf_fixed(room, sizeof(room));
	saksi_note_cosign(str(text), 5, &keys[1].key, keys[1].signer, &b);
	assert_int_equal(saksi_buf_check(&b), SAKSI_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_spec),          cmocka_unit_test(test_sign),
	    cmocka_unit_test(test_every_bit),     cmocka_unit_test(test_split),
	    cmocka_unit_test(test_refused),       cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_sig_lengths),   cmocka_unit_test(test_check_for),
	    cmocka_unit_test(test_little_memory), cmocka_unit_test(test_full_buffer),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
