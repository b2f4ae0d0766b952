/* Stored proofs and requests to witnesses: both are lines, then a note. */
#include "help.h"

#include "note/addcheckpoint.h"
#include "note/tlogproof.h"

#define V1 "c2sp.org/tlog-proof@v1\n"
#define H1 "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
#define H2 "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
#define NOTE "o\n1\n" H1 "\n\xe2\x80\x94 o AAAAAAAA\n"

/* `head`, `count` lines of a hash, an empty line, a note. */
static struct saksi_bytes many(const char *head, unsigned count)
{
	struct saksi_buf b = saksi_buf_fixed(saksi_arena_new(&arena, 8192, 1), 8192);

	saksi_buf_puts(&b, head);
	while (count-- > 0)
		saksi_buf_puts(&b, H1);
	saksi_buf_puts(&b, "\n" NOTE);
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	return saksi_buf_bytes(&b);
}

static void test_proof_round_trip(void **state)
{
	static const char *const texts[] = {
	    V1 "index 0\n\n" NOTE,
	    V1 "index 18446744073709551615\n" H1 "\n" NOTE,
	    V1 "extra AA==\nindex 7\n" H1 H2 H1 "\n" NOTE,
	    V1 "index 7\n" H2 "\nanything",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		uint8_t room[1024];
		struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));
		struct saksi_tlogproof p;

		assert_int_equal(saksi_tlogproof_read(str(texts[i]), &arena, &p, NULL),
				 SAKSI_OK);
		assert_int_equal(p.has_extra, i == 2);
		assert_int_equal(p.extra.len, i == 2);
		saksi_tlogproof_write(&p, &b);
		assert_bytes(saksi_buf_bytes(&b), texts[i]);
	}
}

static void test_proof_limits(void **state)
{
	struct saksi_tlogproof p;

	(void)state;
	assert_int_equal(
	    saksi_tlogproof_read(many(V1 "index 1\n", 64), &arena, &p, NULL), SAKSI_OK);
	assert_int_equal(p.path_count, 64);
	assert_int_equal(
	    saksi_tlogproof_read(many(V1 "index 1\n", 65), &arena, &p, NULL),
	    SAKSI_MALFORMED);
	/* No extra data makes no line. */
	p = (struct saksi_tlogproof){.has_extra = true, .checkpoint = str("x")};
	uint8_t room[64];
	struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));

	saksi_tlogproof_write(&p, &b);
	assert_bytes(saksi_buf_bytes(&b), V1 "index 0\n\nx");
}

static void test_proof_refused(void **state)
{
	static const struct {
		const char *text;
		enum saksi_err err;
		uint32_t line;
	} bad[] = {
	    {"", SAKSI_MALFORMED, 1},
	    {"c2sp.org/tlog-proof@v1", SAKSI_MALFORMED, 1},
	    {"c2sp.org/tlog-proof@v1 \nindex 1\n\n" NOTE, SAKSI_MALFORMED, 1},
	    {"c2sp.org/tlog-proof@v2\nindex 1\n\n" NOTE, SAKSI_NEWER, 1},
	    {"c2sp.org/tlog-proof@v10\n", SAKSI_NEWER, 1},
	    {"c2sp.org/tlog-proof@v\n", SAKSI_MALFORMED, 1},
	    {"c2sp.org/tlog-proof@v01\n", SAKSI_MALFORMED, 1},
	    {"c2sp.org/tlog-prooF@v1\nindex 1\n\n" NOTE, SAKSI_MALFORMED, 1},
	    {V1, SAKSI_MALFORMED, 2},
	    {V1 "\n", SAKSI_MALFORMED, 2},
	    {V1 "index 1", SAKSI_MALFORMED, 2},
	    {V1 "index\n\n" NOTE, SAKSI_MALFORMED, 2},
	    {V1 "index \n\n" NOTE, SAKSI_MALFORMED, 2},
	    {V1 "index  1\n\n" NOTE, SAKSI_MALFORMED, 2},
	    {V1 "index 01\n\n" NOTE, SAKSI_MALFORMED, 2},
	    {V1 "index -1\n\n" NOTE, SAKSI_MALFORMED, 2},
	    {V1 "index 1 \n\n" NOTE, SAKSI_MALFORMED, 2},
	    {V1 "index 18446744073709551616\n\n" NOTE, SAKSI_LIMIT, 2},
	    {V1 "Index 1\n\n" NOTE, SAKSI_MALFORMED, 2},
	    {V1 "extra \nindex 1\n\n" NOTE, SAKSI_MALFORMED, 2},
	    {V1 "extra A\nindex 1\n\n" NOTE, SAKSI_MALFORMED, 2},
	    {V1 "extra AB==\nindex 1\n\n" NOTE, SAKSI_MALFORMED, 2},
	    {V1 "extra AA==\n", SAKSI_MALFORMED, 3},
	    {V1 "extra AA==\nextra AA==\nindex 1\n\n" NOTE, SAKSI_MALFORMED, 3},
	    {V1 "index 1\nextra AA==\n\n" NOTE, SAKSI_MALFORMED, 3},
	    {V1 "index 1\n", SAKSI_MALFORMED, 3},
	    {V1 "index 1\n" H1, SAKSI_MALFORMED, 4},
	    {V1 "index 1\n" H1 "\n", SAKSI_MALFORMED, 4},
	    {V1 "index 1\n\n", SAKSI_MALFORMED, 3},
	    {V1 "index 1\nAA==\n\n" NOTE, SAKSI_MALFORMED, 3},
	    {V1 "index 1\n" H1 "AA==\n\n" NOTE, SAKSI_MALFORMED, 4},
	    {V1 "index 1\n " H1 "\n" NOTE, SAKSI_MALFORMED, 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct saksi_tlogproof p = {.index = 55};
		struct saksi_fault f = {.line = 99};
		enum saksi_err err =
		    saksi_tlogproof_read(str(bad[i].text), &arena, &p, &f);

		if (err != bad[i].err || f.line != bad[i].line)
			fail_msg("case %zu: %d, line %u", i, err, f.line);
		assert_true(p.index == 55);
	}
}

static void test_request_round_trip(void **state)
{
	static const char *const texts[] = {
	    "old 0\n\n" NOTE,
	    "old 20852014\n" H1 H2 "\n" NOTE,
	    "old 18446744073709551615\n" H1 "\nanything",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		uint8_t room[1024];
		struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));
		struct saksi_addcheckpoint r;

		assert_int_equal(
		    saksi_addcheckpoint_read(str(texts[i]), &arena, &r, NULL),
		    SAKSI_OK);
		saksi_addcheckpoint_write(&r, &b);
		assert_bytes(saksi_buf_bytes(&b), texts[i]);
	}
}

static void test_request_refused(void **state)
{
	static const struct {
		const char *text;
		uint32_t line;
	} bad[] = {
	    {"", 1},
	    {"old 0", 1},
	    {"old\n\n" NOTE, 1},
	    {"old 00\n\n" NOTE, 1},
	    {"old  0\n\n" NOTE, 1},
	    {"old -1\n\n" NOTE, 1},
	    {"old 18446744073709551616\n\n" NOTE, 1},
	    {"new 0\n\n" NOTE, 1},
	    {"old 0\n", 2},
	    {"old 0\n\n", 2},
	    {"old 0\n" H1, 3},
	    {"old 0\n" H1 "\n", 3},
	    {"old 0\nx\n\n" NOTE, 2},
	    {"old 0\n" H1 "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3sw==\n\n" NOTE, 3},
	};
	struct saksi_addcheckpoint r;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct saksi_fault f = {.line = 99};

		r.old_size = 55;
		if (saksi_addcheckpoint_read(str(bad[i].text), &arena, &r, &f) !=
			SAKSI_MALFORMED ||
		    f.line != bad[i].line)
			fail_msg("case %zu: line %u", i, f.line);
		assert_true(r.old_size == 55);
	}
	assert_int_equal(
	    saksi_addcheckpoint_read(many("old 1\n", 63), &arena, &r, NULL), SAKSI_OK);
	assert_int_equal(r.path_count, 63);
	assert_int_equal(
	    saksi_addcheckpoint_read(many("old 1\n", 64), &arena, &r, NULL),
	    SAKSI_MALFORMED);
}

static void test_little_memory(void **state)
{
	uint8_t *room = saksi_arena_new(&arena, 4096, 1);
	size_t nomem = 0;

	(void)state;
	for (size_t cap = 0; cap < 4096; cap += 16) {
		struct saksi_arena small = {room, 0, cap};
		struct saksi_tlogproof p;
		struct saksi_addcheckpoint r;
		enum saksi_err err = saksi_tlogproof_read(
		    str(V1 "extra AAAA\nindex 1\n" H1 H2 "\n" NOTE), &small, &p, NULL);

		assert_true(err == SAKSI_OK || err == SAKSI_NOMEM);
		nomem += err == SAKSI_NOMEM;
		small.used = 0;
		err = saksi_addcheckpoint_read(str("old 1\n" H1 H2 "\n" NOTE), &small,
					       &r, NULL);
		assert_true(err == SAKSI_OK || err == SAKSI_NOMEM);
		nomem += err == SAKSI_NOMEM;
	}
	assert_true(nomem > 4 && nomem < 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_proof_round_trip),
	    cmocka_unit_test(test_proof_limits),
	    cmocka_unit_test(test_proof_refused),
	    cmocka_unit_test(test_request_round_trip),
	    cmocka_unit_test(test_request_refused),
	    cmocka_unit_test(test_little_memory),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
