/* The files of a trust folder that this room reads. */
#include "world.h"

#define A "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"
#define B "8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394"

static void roots(void **state)
{
	struct saksi_roots r;
	struct saksi_fault f = {0};

	(void)state;
	CHECK(saksi_roots_read(saksi_bytes_of("# pinned in 2026\n\nquorum 2\nroot "
					      "commission " A "\nroot society " B "\n"),
			       &r, &f) == SAKSI_OK);
	CHECK(r.key_count == 2 && r.quorum == 2 && r.keys[1].key[0] == 0x81);
	CHECK(saksi_bytes_is(r.keys[0].name, "commission"));
}

static void bad_roots(void **state)
{
	static const struct {
		const char *text;
		uint32_t line;
	} bad[] = {
	    {"", 0},
	    {"quorum 1\n", 0},
	    {"root a " A "\n", 0},
	    {"quorum 2\nroot a " A "\n", 0},
	    {"quorum 0\nroot a " A "\n", 1},
	    {"quorum 01\nroot a " A "\n", 1},
	    {"quorum 17\nroot a " A "\n", 1},
	    {"quorum 1\nquorum 1\nroot a " A "\n", 2},
	    {"quorum 1\nroot a " A, 2},
	    {"quorum 1\r\nroot a " A "\n", 1},
	    {"quorum 1\nroot A " A "\n", 2},
	    {"quorum 1\nroot  " A "\n", 2},
	    {"quorum 1\nroot a  " A "\n", 2},
	    {"quorum 1\nroot a " A " \n", 2},
	    {"quorum 1\nroot a " A "ab\n", 2},
	    {"quorum 1\nroot a " A "\nroot b " A "\n", 3},
	    {"quorum 1\nroot a " A "\nroot a " B "\n", 3},
	    {"quorum 1\nleaf a " A "\n", 2},
	    {"quorum 1\nroot\n", 2},
	    {" quorum 1\n", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct saksi_roots r = {.quorum = 99};
		struct saksi_fault f = {0};

		CHECK(saksi_roots_read(saksi_bytes_of(bad[i].text), &r, &f) ==
		      SAKSI_MALFORMED);
		CHECK(f.what != NULL && f.line == bad[i].line && r.quorum == 99);
	}
}

static void too_many_roots(void **state)
{
	char text[4096] = "quorum 1\n";
	struct saksi_roots r;

	(void)state;
	for (unsigned i = 0; i < 17; i++) {
		size_t n = strlen(text);

		(void)snprintf(text + n, sizeof(text) - n,
			       "root r%u %02x"
			       "%.62s\n",
			       i, i, &A[2]);
		CHECK(saksi_roots_read(saksi_bytes_of(text), &r, NULL) ==
		      (i < 16 ? SAKSI_OK : SAKSI_MALFORMED));
	}
}

static void limits(void **state)
{
	struct saksi_limits l;

	(void)state;
	CHECK(saksi_limits_read(saksi_bytes_of(""), &l, NULL) == SAKSI_OK);
	CHECK(l.freshness_s == 10800 && l.silence_s == 3600 &&
	      l.extension_max_s == 90 * DAY && l.acceptance_max_s == 730 * DAY);
	CHECK(saksi_limits_read(saksi_bytes_of("# ours\nfreshness 90s\nsilence "
					       "2m\nextension 3h\nacceptance 4d\n"),
				&l, NULL) == SAKSI_OK);
	CHECK(l.freshness_s == 90 && l.silence_s == 120 && l.extension_max_s == 10800 &&
	      l.acceptance_max_s == 4 * DAY);
}

static void bad_limits(void **state)
{
	static const char *const bad[] = {
	    "freshness 3\n",
	    "freshness h\n",
	    "freshness 3w\n",
	    "freshness -3h\n",
	    "freshness 3 h\n",
	    "freshness 3h",
	    "freshness 3h \n",
	    "fresh 3h\n",
	    "freshness\n",
	    "silence 1h\nsilence 1h\n",
	    "extension 36601d\n",
	    "extension 99999999999999999999d\n",
	    "extension 9223372036854775807d\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct saksi_limits l = {.silence_s = 5};
		struct saksi_fault f = {0};

		CHECK(saksi_limits_read(saksi_bytes_of(bad[i]), &l, &f) ==
		      SAKSI_MALFORMED);
		CHECK(f.line >= 1 && l.silence_s == 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(roots),          cmocka_unit_test(bad_roots),
	    cmocka_unit_test(too_many_roots), cmocka_unit_test(limits),
	    cmocka_unit_test(bad_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
