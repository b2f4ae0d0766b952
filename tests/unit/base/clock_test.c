#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* The judge: the C library's calendar. */
static void by_libc(int64_t utc, char out[32])
{
	time_t t = (time_t)utc;
	struct tm tm;

	assert_non_null(gmtime_r(&t, &tm));
	assert_int_equal(strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm), 20);
}

static void test_every_day(void **state)
{
	char ours[SAKSI_TIME_TEXT_LEN + 1], judge[32];
	int64_t last = INT64_C(253402300799), back;

	(void)state;
	for (int64_t day = 0; day <= last / 86400; day++) {
		int64_t utc = day * 86400 + day * 7919 % 86400;

		saksi_time_text(utc, ours);
		by_libc(utc, judge);
		assert_string_equal(ours, judge);
		assert_int_equal(saksi_time_read(saksi_bytes_of(ours), &back),
				 SAKSI_OK);
		assert_int_equal(back, utc);
	}
	for (int64_t utc = 951782400 - 5; utc < 951782400 + 86400 + 5; utc += 1) {
		saksi_time_text(utc, ours); /* each second around 29 February 2000 */
		assert_int_equal(saksi_time_read(saksi_bytes_of(ours), &back),
				 SAKSI_OK);
		assert_int_equal(back, utc);
	}
}

static void test_ends(void **state)
{
	char t[SAKSI_TIME_TEXT_LEN + 1];

	(void)state;
	saksi_time_text(0, t);
	assert_string_equal(t, "1970-01-01T00:00:00Z");
	saksi_time_text(-1, t);
	assert_string_equal(t, "1970-01-01T00:00:00Z");
	saksi_time_text(INT64_MIN, t);
	assert_string_equal(t, "1970-01-01T00:00:00Z");
	saksi_time_text(INT64_C(253402300799), t);
	assert_string_equal(t, "9999-12-31T23:59:59Z");
	saksi_time_text(INT64_C(253402300800), t);
	assert_string_equal(t, "9999-12-31T23:59:59Z");
	saksi_time_text(INT64_MAX, t);
	assert_string_equal(t, "9999-12-31T23:59:59Z");
}

static void test_bad(void **state)
{
	static const char *const bad[] = {
	    "",
	    "2026-11-22T16:39:05",
	    "2026-11-22T16:39:05Z ",
	    " 2026-11-22T16:39:05Z",
	    "2026-11-22 16:39:05Z",
	    "2026-11-22t16:39:05Z",
	    "2026-11-22T16:39:05z",
	    "2026-11-22T16:39:60Z",
	    "2026-11-22T16:60:05Z",
	    "2026-11-22T24:00:00Z",
	    "2026-00-22T16:39:05Z",
	    "2026-13-22T16:39:05Z",
	    "2026-11-00T16:39:05Z",
	    "2026-11-31T16:39:05Z",
	    "2026-02-29T16:39:05Z",
	    "2100-02-29T00:00:00Z",
	    "2000-02-30T00:00:00Z",
	    "1969-12-31T23:59:59Z",
	    "0000-01-01T00:00:00Z",
	    "2026-1a-22T16:39:05Z",
	    "2026-11-22T16:39:0/Z",
	    "2026-11-22T16:39:0:Z",
	    "+026-11-22T16:39:05Z",
	    "2026/11/22T16:39:05Z",
	    "2026-11-22T16.39.05Z",
	    "2026-04-31T00:00:00Z",
	    "2026-06-31T00:00:00Z",
	    "2026-09-31T00:00:00Z",
	    "2026-12-32T00:00:00Z",
	    "2026-11-22T16:39:05+",
	    "10000-01-01T00:00:00Z",
	};
	int64_t utc = 77;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(saksi_time_read(saksi_bytes_of(bad[i]), &utc),
				 SAKSI_MALFORMED);
		assert_int_equal(utc, 77);
	}
	assert_int_equal(saksi_time_read(saksi_bytes_of("2000-02-29T00:00:00Z"), &utc),
			 SAKSI_OK);
	assert_int_equal(utc, 951782400);
	assert_int_equal(saksi_time_read(saksi_bytes_of("2024-02-29T23:59:59Z"), &utc),
			 SAKSI_OK);
}

static void test_wib(void **state)
{
	static const struct {
		int64_t utc;
		const char *text;
	} t[] = {
	    {1795365545, "22 Nov 2026 23.39 WIB"}, {0, "1 Jan 1970 07.00 WIB"},
	    {1798736399, "31 Des 2026 23.59 WIB"}, {1798736400, "1 Jan 2027 00.00 WIB"},
	    {1777568400, "1 Mei 2026 00.00 WIB"},  {1785600000, "1 Agu 2026 23.00 WIB"},
	    {1790982000, "3 Okt 2026 06.00 WIB"},  {INT64_MAX, "31 Des 9999 23.59 WIB"},
	};
	char out[32];

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		saksi_time_wib(t[i].utc, out);
		assert_string_equal(out, t[i].text);
	}
}

static void test_now(void **state)
{
	int64_t before = saksi_time_ticks_ms();

	(void)state;
	assert_true(llabs((long long)(saksi_time_now() - time(NULL))) <= 1);
	assert_true(saksi_time_now() > 1700000000);
	assert_true(saksi_time_ticks_ms() >= before);
	nanosleep(&(struct timespec){0, 20000000}, NULL);
	assert_true(saksi_time_ticks_ms() >= before + 19);
	assert_true(saksi_time_ticks_ms() < before + 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_day), cmocka_unit_test(test_ends),
	    cmocka_unit_test(test_bad),       cmocka_unit_test(test_wib),
	    cmocka_unit_test(test_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
