#include "base/text.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct saksi_bytes raw(const char *s, size_t len)
{
	return (struct saksi_bytes){(const uint8_t *)s, len};
}

static void test_decimal(void **state)
{
	static const struct {
		const char *text;
		enum saksi_err err;
		uint64_t v;
	} t[] = {
	    {"0", SAKSI_OK, 0},
	    {"7", SAKSI_OK, 7},
	    {"10", SAKSI_OK, 10},
	    {"18446744073709551615", SAKSI_OK, UINT64_MAX},
	    {"18446744073709551616", SAKSI_LIMIT, 0},
	    {"18446744073709551620", SAKSI_LIMIT, 0},
	    {"20000000000000000000", SAKSI_LIMIT, 0},
	    {"184467440737095516150", SAKSI_LIMIT, 0},
	    {"99999999999999999999999999999999", SAKSI_LIMIT, 0},
	    {"9999999999999999999999999999999x", SAKSI_MALFORMED, 0},
	    {"", SAKSI_MALFORMED, 0},
	    {"00", SAKSI_MALFORMED, 0},
	    {"01", SAKSI_MALFORMED, 0},
	    {"+1", SAKSI_MALFORMED, 0},
	    {"-1", SAKSI_MALFORMED, 0},
	    {" 1", SAKSI_MALFORMED, 0},
	    {"1 ", SAKSI_MALFORMED, 0},
	    {"1\n", SAKSI_MALFORMED, 0},
	    {"0x1", SAKSI_MALFORMED, 0},
	    {"1/", SAKSI_MALFORMED, 0},
	    {"1:", SAKSI_MALFORMED, 0},
	    {"1e3", SAKSI_MALFORMED, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		uint64_t v = 4242;

		assert_int_equal(saksi_text_decimal(saksi_bytes_of(t[i].text), &v),
				 t[i].err);
		assert_int_equal(v, t[i].err == SAKSI_OK ? t[i].v : 4242);
	}
}

static void test_hex(void **state)
{
	static const char *const bad[] = {"",     "0",    "000",  "00000", "0g0g",
					  "0G00", "ABCD", "aB00", "00 0",  "/000",
					  ":000", "`000", "@000"};
	uint8_t out[2] = {7, 7};
	char text[5];

	(void)state;
	assert_int_equal(saksi_text_hex(saksi_bytes_of("0af9"), out, 2), SAKSI_OK);
	assert_int_equal(out[0], 0x0a);
	assert_int_equal(out[1], 0xf9);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(saksi_text_hex(saksi_bytes_of(bad[i]), out, 2),
				 SAKSI_MALFORMED);
	assert_int_equal(saksi_text_hex(raw("00\0a", 4), out, 2), SAKSI_MALFORMED);
	assert_int_equal(out[0], 0x0a); /* untouched by all of them */
	assert_int_equal(out[1], 0xf9);
	assert_int_equal(saksi_text_hex(saksi_bytes_of(""), out, 0), SAKSI_OK);
	for (unsigned v = 0; v < 65536; v += 257 / 3) {
		uint8_t b[2] = {(uint8_t)(v >> 8), (uint8_t)v};

		saksi_text_to_hex(b, 2, text);
		assert_int_equal(strtoul(text, NULL, 16), v);
		assert_int_equal(saksi_text_hex(saksi_bytes_of(text), out, 2),
				 SAKSI_OK);
		assert_memory_equal(out, b, 2);
	}
}

/* The judge of every four-character text: libsodium's strict decoder. */
static void test_base64_all_tails(void **state)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvw"
				     "xyz0123456789+/=-_ \n\x7f.";
	const size_t n = sizeof digits - 1;
	char text[] = "AAAA0000";

	(void)state;
	for (size_t i = 0; i < n * n * n; i++) {
		uint8_t ours[6] = {0}, judge[6] = {0};
		size_t ours_len = sizeof ours, judge_len = 0;
		bool good;

		text[5] = digits[i % n];
		text[6] = digits[i / n % n];
		text[7] = digits[i / n / n];
		good = sodium_base642bin(judge, sizeof judge, text, 8, NULL, &judge_len,
					 NULL, sodium_base64_VARIANT_ORIGINAL) == 0;
		if (good) {
			assert_int_equal(
			    saksi_text_base64(raw(text, 8), ours, &ours_len), SAKSI_OK);
			assert_int_equal(ours_len, judge_len);
			assert_memory_equal(ours, judge, judge_len);
		} else {
			assert_int_equal(
			    saksi_text_base64(raw(text, 8), ours, &ours_len),
			    SAKSI_MALFORMED);
			assert_int_equal(ours_len, sizeof ours);
		}
	}
}

static void test_base64_lengths(void **state)
{
	uint8_t data[200], out[200];
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 151 + 3);
	for (size_t n = 0; n <= sizeof data; n++) {
		size_t len = sizeof out, text_len;

		sodium_bin2base64(text, sizeof text, data, n,
				  sodium_base64_VARIANT_ORIGINAL);
		text_len = strlen(text);
		assert_int_equal(saksi_text_base64(raw(text, text_len), out, &len),
				 SAKSI_OK);
		assert_int_equal(len, n);
		assert_memory_equal(out, data, n);
		len = n; /* exactly the room needed */
		assert_int_equal(saksi_text_base64(raw(text, text_len), out, &len),
				 SAKSI_OK);
		assert_int_equal(saksi_text_base64_exact(raw(text, text_len), out, n),
				 SAKSI_OK);
		assert_int_equal(
		    saksi_text_base64_exact(raw(text, text_len), out, n + 1),
		    SAKSI_MALFORMED);
		if (n == 0)
			continue;
		len = n - 1;
		assert_int_equal(saksi_text_base64(raw(text, text_len), out, &len),
				 SAKSI_LIMIT);
		assert_int_equal(len, n - 1);
		assert_int_equal(
		    saksi_text_base64_exact(raw(text, text_len), out, n - 1),
		    SAKSI_MALFORMED);
		len = sizeof out;
		for (size_t cut = 1; cut < 4; cut++)
			assert_int_equal(
			    saksi_text_base64(raw(text, text_len - cut), out, &len),
			    SAKSI_MALFORMED);
	}
	/* Padding anywhere but at the end; white space. */
	static const char *const bad[] = {
	    "Zg==Zg==",  "Zm8=Zm8=", "Z===", "====", "=AAA", "Zm9v\n",
	    "Zm9v\nZm9", " Zm9v",    "Zm 9", "AA=A", "A=AA", "Zg==\n"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		size_t len = sizeof out;

		assert_int_equal(saksi_text_base64(saksi_bytes_of(bad[i]), out, &len),
				 SAKSI_MALFORMED);
	}
}

/* Table 3-7 of the Unicode Standard, by its definition: decode, then encode. */
static bool utf8_slow(const uint8_t *b, size_t len)
{
	size_t i = 0;

	while (i < len) {
		uint8_t again[4];
		uint32_t c = b[i];
		size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

		if (c >= 0x80 && c < 0xc0)
			return false;
		if (i + n > len)
			return false;
		if (n > 1) {
			c &= 0xffU >> (n + 1);
			for (size_t k = 1; k < n; k++)
				c = c << 6 | (b[i + k] & 0x3f);
		}
		if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
			return false;
		if (c < 0x80) {
			again[0] = (uint8_t)c;
			c = 1;
		} else if (c < 0x800) {
			again[0] = (uint8_t)(0xc0 | c >> 6);
			again[1] = (uint8_t)(0x80 | (c & 0x3f));
			c = 2;
		} else if (c < 0x10000) {
			again[0] = (uint8_t)(0xe0 | c >> 12);
			again[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
			again[2] = (uint8_t)(0x80 | (c & 0x3f));
			c = 3;
		} else {
			again[0] = (uint8_t)(0xf0 | c >> 18);
			again[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
			again[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
			again[3] = (uint8_t)(0x80 | (c & 0x3f));
			c = 4;
		}
		if (c != n || memcmp(again, b + i, n) != 0)
			return false;
		i += n;
	}
	return true;
}

static void test_utf8_all_short(void **state)
{
	uint8_t b[4];

	(void)state;
	assert_true(saksi_text_utf8((struct saksi_bytes){NULL, 0}));
	for (uint32_t v = 0; v < 1 << 24; v++) { /* every text of 1 to 3 bytes */
		b[0] = (uint8_t)(v >> 16);
		b[1] = (uint8_t)(v >> 8);
		b[2] = (uint8_t)v;
		for (size_t n = v % 256 ? 3 : v % 65536 ? 2 : 1; n <= 3; n++) {
			if (saksi_text_utf8((struct saksi_bytes){b, n}) !=
			    utf8_slow(b, n))
				fail_msg("%06x %zu", v, n);
		}
	}
	for (uint32_t v = 0; v < 1 << 20; v++) { /* four bytes, the ends of ranges */
		static const uint8_t ends[] = {0x00, 0x7f, 0x80, 0x81, 0x8f, 0x90,
					       0x9f, 0xa0, 0xbf, 0xc0, 0xff, 0xbe,
					       0xb0, 0xaf, 0x88, 0x84};

		b[0] = (uint8_t)(v >> 12);
		for (size_t k = 1; k < 4; k++)
			b[k] = ends[v >> 4 * (k - 1) & 15];
		if (saksi_text_utf8((struct saksi_bytes){b, 4}) != utf8_slow(b, 4))
			fail_msg("%02x%02x%02x%02x", b[0], b[1], b[2], b[3]);
	}
}

static void test_utf8_prefix(void **state)
{
	(void)state;
	assert_int_equal(saksi_text_utf8_prefix(saksi_bytes_of("abc")), 3);
	assert_int_equal(saksi_text_utf8_prefix(saksi_bytes_of("a\xc3\xa9\xff z")), 3);
	assert_int_equal(saksi_text_utf8_prefix(saksi_bytes_of("ab\xe2\x82")), 2);
	assert_int_equal(saksi_text_utf8_prefix(saksi_bytes_of("\x80")), 0);
	assert_int_equal(saksi_text_utf8_prefix(saksi_bytes_of("\xf0\x9f\x98\x80")), 4);
	assert_int_equal(saksi_text_utf8_prefix((struct saksi_bytes){NULL, 0}), 0);
}

/* PropList.txt of Unicode 15, White_Space: these 25 and no others. */
static void test_spaces(void **state)
{
	static const uint32_t spaces[] = {
	    0x09,   0x0a,   0x0b,   0x0c,   0x0d,   0x20,   0x85,   0xa0,   0x1680,
	    0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008,
	    0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000};
	size_t found = 0;

	(void)state;
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		uint8_t b[6] = {'x'};
		size_t n = 1;
		bool is = false;

		if (c >= 0xd800 && c < 0xe000)
			continue;
		if (c < 0x80) {
			b[n++] = (uint8_t)c;
		} else if (c < 0x800) {
			b[n++] = (uint8_t)(0xc0 | c >> 6);
		} else if (c < 0x10000) {
			b[n++] = (uint8_t)(0xe0 | c >> 12);
			b[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		} else {
			b[n++] = (uint8_t)(0xf0 | c >> 18);
			b[n++] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
			b[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		}
		if (c >= 0x80)
			b[n++] = (uint8_t)(0x80 | (c & 0x3f));
		for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
			is = is || spaces[i] == c;
		found += is;
		if (saksi_text_has_space((struct saksi_bytes){b, n}) != is)
			fail_msg("U+%04X", c);
	}
	assert_int_equal(found, 25);
	assert_false(saksi_text_has_space((struct saksi_bytes){NULL, 0}));
	assert_false(saksi_text_has_space(saksi_bytes_of("a\xff b")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_decimal),
	    cmocka_unit_test(test_hex),
	    cmocka_unit_test(test_base64_all_tails),
	    cmocka_unit_test(test_base64_lengths),
	    cmocka_unit_test(test_utf8_all_short),
	    cmocka_unit_test(test_utf8_prefix),
	    cmocka_unit_test(test_spaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
