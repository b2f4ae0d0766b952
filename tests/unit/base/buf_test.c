#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Fails the n-th allocation from now on; 0: none. */
static int countdown;
void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_malloc(size_t n)
{
	if (countdown > 0 && --countdown == 0)
		return NULL;
	return __real_malloc(n);
}

static void assert_text(const struct saksi_buf *b, const char *want)
{
	assert_int_equal(b->len, strlen(want));
	if (b->len != 0)
		assert_memory_equal(b->at, want, b->len);
}

static void test_fixed(void **state)
{
	uint8_t room[6];
	struct saksi_buf b = saksi_buf_fixed(room, 5);

	(void)state;
	room[5] = 0xee;
	saksi_buf_puts(&b, "abc");
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	saksi_buf_puts(&b, "def"); /* one too many: changes nothing */
	assert_int_equal(saksi_buf_check(&b), SAKSI_LIMIT);
	assert_text(&b, "abc");
	saksi_buf_puts(&b, "d"); /* would fit, but the text is broken already */
	saksi_buf_put(&b, (struct saksi_bytes){NULL, 0});
	assert_text(&b, "abc");
	assert_null(saksi_buf_room(&b, 0));
	saksi_buf_clear(&b);
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	saksi_buf_puts(&b, "12345");
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	saksi_buf_puts(&b, "");
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	assert_ptr_equal(b.at, room);
	assert_int_equal(room[5], 0xee);
	assert_true(saksi_bytes_is(saksi_buf_bytes(&b), "12345"));
	saksi_buf_free(&b);
	assert_null(b.at);
	saksi_buf_free(&b);
}

static void test_growing(void **state)
{
	struct saksi_buf b = saksi_buf_growing(1000);
	uint8_t *at;

	(void)state;
	saksi_buf_put(&b, (struct saksi_bytes){NULL, 0});
	assert_null(b.at);
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	for (int i = 0; i < 1000; i++)
		saksi_buf_put_u8(&b, (uint8_t)i);
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	assert_int_equal(b.len, 1000);
	assert_true(b.cap <= 1000);
	saksi_buf_put_u8(&b, 0);
	assert_int_equal(saksi_buf_check(&b), SAKSI_LIMIT);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(b.at[i], (uint8_t)i);
	at = b.at;
	saksi_buf_clear(&b);
	saksi_buf_puts(&b, "again");
	assert_ptr_equal(b.at, at);
	assert_text(&b, "again");
	saksi_buf_free(&b);
	assert_null(b.at);
	assert_int_equal(b.max, 0);

	b = saksi_buf_growing(0);
	saksi_buf_put_u8(&b, 1);
	assert_int_equal(saksi_buf_check(&b), SAKSI_LIMIT);
	saksi_buf_free(&b);
	b = saksi_buf_growing(SIZE_MAX);
	saksi_buf_puts(&b, "x");
	assert_null(saksi_buf_room(&b, SIZE_MAX)); /* the sum overflows */
	assert_int_equal(saksi_buf_check(&b), SAKSI_LIMIT);
	assert_text(&b, "x");
	saksi_buf_free(&b);
	b = (struct saksi_buf){0};
	saksi_buf_put_u8(&b, 1);
	assert_int_equal(saksi_buf_check(&b), SAKSI_LIMIT);
	saksi_buf_free(&b);
}

/* What growing leaves behind must not hold the text any more. */
static const void *left_behind;
static uint8_t seen[6];
void __real_free(void *p);
void __wrap_free(void *p);
void __wrap_free(void *p)
{
	if (p != NULL && p == left_behind)
		memcpy(seen, p, sizeof seen);
	__real_free(p);
}

static void test_growing_wipes(void **state)
{
	struct saksi_buf b = saksi_buf_growing(1000);

	(void)state;
	saksi_buf_puts(&b, "secret");
	left_behind = b.at;
	memset(seen, 0xee, sizeof seen);
	saksi_buf_put(&b, (struct saksi_bytes){(const uint8_t[100]){1}, 100});
	left_behind = NULL;
	assert_memory_equal(b.at, "secret", 6);
	assert_memory_equal(seen, (const uint8_t[6]){0}, 6);
	saksi_buf_free(&b);
}

static void test_no_memory(void **state)
{
	/* Fail the first, second, ... allocation until none is left to fail. */
	(void)state;
	for (int n = 1;; n++) {
		struct saksi_buf b = saksi_buf_growing(1 << 20);
		size_t before = 0;

		countdown = n;
		for (int i = 0; i < 1000 && !b.full; i++) {
			before = b.len;
			saksi_buf_puts(&b, "0123456789");
		}
		if (countdown > 0) {
			countdown = 0;
			assert_int_equal(b.len, 10000);
			assert_true(n > 3);
			saksi_buf_free(&b);
			break;
		}
		assert_int_equal(saksi_buf_check(&b), SAKSI_LIMIT);
		assert_int_equal(b.len, before);
		for (size_t i = 0; i < b.len; i++)
			assert_int_equal(b.at[i], '0' + i % 10);
		saksi_buf_free(&b);
	}
}

static void test_numbers(void **state)
{
	uint8_t room[64];
	struct saksi_buf b = saksi_buf_fixed(room, sizeof room);

	(void)state;
	saksi_buf_put_u8(&b, 0x01);
	saksi_buf_put_be16(&b, 0x0203);
	saksi_buf_put_be32(&b, 0xf4050607);
	saksi_buf_put_be64(&b, 0xf8090a0b0c0d0e0f);
	assert_int_equal(b.len, 15);
	assert_memory_equal(room,
			    "\x01\x02\x03\xf4\x05\x06\x07\xf8\x09\x0a\x0b\x0c\x0d\x0e"
			    "\x0f",
			    15);
	saksi_buf_clear(&b);
	saksi_buf_put_decimal(&b, 0);
	saksi_buf_put_u8(&b, ' ');
	saksi_buf_put_decimal(&b, 1234567890);
	saksi_buf_put_u8(&b, ' ');
	saksi_buf_put_decimal(&b, UINT64_MAX);
	assert_text(&b, "0 1234567890 18446744073709551615");
	b = saksi_buf_fixed(room, 7);
	saksi_buf_put_be64(&b, 1);
	assert_int_equal(b.len, 0);
	assert_int_equal(saksi_buf_check(&b), SAKSI_LIMIT);
}

/* RFC 4648 section 10. */
static void test_hex_and_base64(void **state)
{
	static const char *const t[][3] = {
	    {"", "", ""},
	    {"f", "Zg==", "66"},
	    {"fo", "Zm8=", "666f"},
	    {"foo", "Zm9v", "666f6f"},
	    {"foob", "Zm9vYg==", "666f6f62"},
	    {"fooba", "Zm9vYmE=", "666f6f6261"},
	    {"foobar", "Zm9vYmFy", "666f6f626172"},
	    {"\xfb\xff\xbf", "+/+/", "fbffbf"},
	};
	uint8_t room[64];

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct saksi_buf b = saksi_buf_fixed(room, sizeof room);

		saksi_buf_put_base64(&b, saksi_bytes_of(t[i][0]));
		assert_text(&b, t[i][1]);
		saksi_buf_clear(&b);
		saksi_buf_put_hex(&b, saksi_bytes_of(t[i][0]));
		assert_text(&b, t[i][2]);
		/* One byte less room than needed: nothing. */
		if (i == 0)
			continue;
		b = saksi_buf_fixed(room, strlen(t[i][1]) - 1);
		saksi_buf_put_base64(&b, saksi_bytes_of(t[i][0]));
		assert_int_equal(b.len, 0);
		assert_true(b.full);
		b = saksi_buf_fixed(room, strlen(t[i][2]) - 1);
		saksi_buf_put_hex(&b, saksi_bytes_of(t[i][0]));
		assert_int_equal(b.len, 0);
		assert_true(b.full);
	}
	/* Sizes whose text would not fit any memory. */
	struct saksi_bytes huge = {room, SIZE_MAX};
	struct saksi_buf b = saksi_buf_fixed(room, sizeof room);

	saksi_buf_put_hex(&b, huge);
	assert_true(b.full);
	saksi_buf_clear(&b);
	saksi_buf_put_base64(&b, huge);
	assert_true(b.full);
}

static void test_printf(void **state)
{
	struct saksi_buf b = saksi_buf_growing(1000);
	char longer[701];

	(void)state;
	saksi_buf_printf(&b, "%d-%s", 7, "x");
	assert_text(&b, "7-x");
	memset(longer, 'y', 700);
	longer[700] = '\0';
	saksi_buf_printf(&b, "%s", longer);
	assert_int_equal(b.len, 703);
	assert_memory_equal(b.at + 3, longer, 700);
	saksi_buf_printf(&b, "%s", longer);
	assert_int_equal(b.len, 703);
	assert_int_equal(saksi_buf_check(&b), SAKSI_LIMIT);
	saksi_buf_clear(&b);
	for (int n = 510; n <= 514; n++) { /* around the room on the stack */
		longer[n] = '\0';
		saksi_buf_printf(&b, "%s", longer);
		assert_text(&b, longer);
		longer[n] = 'y';
		saksi_buf_clear(&b);
	}
	countdown = 1;
	saksi_buf_printf(&b, "%s", longer);
	countdown = 0;
	assert_int_equal(b.len, 0);
	assert_int_equal(saksi_buf_check(&b), SAKSI_LIMIT);
	saksi_buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fixed),         cmocka_unit_test(test_growing),
	    cmocka_unit_test(test_growing_wipes), cmocka_unit_test(test_no_memory),
	    cmocka_unit_test(test_numbers),       cmocka_unit_test(test_hex_and_base64),
	    cmocka_unit_test(test_printf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
