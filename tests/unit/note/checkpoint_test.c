/* Checkpoints. */
#include "help.h"

#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

static void test_spec(void **state)
{
	static const char text[] = "example.com/behind-the-sofa\n20852163\n" ROOT;
	static const uint8_t begins[] = {0x0a, 0xc5, 0x18, 0x6a};
	struct saksi_checkpoint c;

	(void)state;
	assert_int_equal(saksi_checkpoint_read(str(text), &c, NULL), SAKSI_OK);
	assert_bytes(c.origin, "example.com/behind-the-sofa");
	assert_true(c.size == 20852163);
	assert_memory_equal(c.root.b, begins, sizeof(begins));
	assert_int_equal(c.extensions.len, 0);
}

static void test_round_trip(void **state)
{
	static const char *const texts[] = {
	    "o\n0\n" ROOT,
	    "o\n9223372036854775808\n" ROOT,
	    "an origin with spaces + plus \xe6\x97\xa5\n1\n" ROOT,
	    "o\n7\n" ROOT "an extension\n",
	    "o\n7\n" ROOT "one\n two \n\xe6\x97\xa5\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct saksi_checkpoint c;
		uint8_t room[256];
		struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));

		assert_int_equal(saksi_checkpoint_read(str(texts[i]), &c, NULL),
				 SAKSI_OK);
		saksi_checkpoint_write(&c, &b);
		assert_bytes(saksi_buf_bytes(&b), texts[i]);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		enum saksi_err err;
		uint32_t line;
	} bad[] = {
	    {"", SAKSI_MALFORMED, 1},
	    {"o", SAKSI_MALFORMED, 1},
	    {"\n1\n" ROOT, SAKSI_MALFORMED, 1},
	    {"o\n", SAKSI_MALFORMED, 2},
	    {"o\n1", SAKSI_MALFORMED, 2},
	    {"o\n\n" ROOT, SAKSI_MALFORMED, 2},
	    {"o\n01\n" ROOT, SAKSI_MALFORMED, 2},
	    {"o\n00\n" ROOT, SAKSI_MALFORMED, 2},
	    {"o\n+1\n" ROOT, SAKSI_MALFORMED, 2},
	    {"o\n-1\n" ROOT, SAKSI_MALFORMED, 2},
	    {"o\n 1\n" ROOT, SAKSI_MALFORMED, 2},
	    {"o\n1 \n" ROOT, SAKSI_MALFORMED, 2},
	    {"o\n0x1\n" ROOT, SAKSI_MALFORMED, 2},
	    {"o\n9223372036854775809\n" ROOT, SAKSI_LIMIT, 2},
	    {"o\n18446744073709551616\n" ROOT, SAKSI_LIMIT, 2},
	    {"o\n1\n", SAKSI_MALFORMED, 3},
	    {"o\n1\n\n", SAKSI_MALFORMED, 3},
	    {"o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", SAKSI_MALFORMED, 3},
	    {"o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n", SAKSI_MALFORMED,
	     3},
	    {"o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n", SAKSI_MALFORMED,
	     3},
	    {"o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2IA\n", SAKSI_MALFORMED,
	     3},
	    {"o\n1\n" ROOT "\n", SAKSI_MALFORMED, 4},
	    {"o\n1\n" ROOT "e", SAKSI_MALFORMED, 4},
	    {"o\n1\n" ROOT "e\n\n", SAKSI_MALFORMED, 5},
	    {"o\n1\n" ROOT "e\n\nf\n", SAKSI_MALFORMED, 5},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct saksi_checkpoint c = {.size = 55};
		struct saksi_fault f = {.line = 99};
		enum saksi_err err = saksi_checkpoint_read(str(bad[i].text), &c, &f);

		if (err != bad[i].err || f.line != bad[i].line)
			fail_msg("case %zu: %d, line %u", i, err, f.line);
		assert_true(c.size == 55);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_spec),
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
