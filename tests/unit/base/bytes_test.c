/* err, why, cursor, arena. */
#include "base/arena.h"
#include "base/cursor.h"
#include "base/err.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_exit_codes(void **state)
{
	static const int codes[] = {
	    [SAKSI_OK] = 0,     [SAKSI_REFUSED] = 1,   [SAKSI_QUORUM] = 4,
	    [SAKSI_SPLIT] = 5,  [SAKSI_MALFORMED] = 1, [SAKSI_NEWER] = 3,
	    [SAKSI_STALE] = 3,  [SAKSI_MISSING] = 3,   [SAKSI_LIMIT] = 3,
	    [SAKSI_BUSY] = 3,   [SAKSI_NOMEM] = 3,     [SAKSI_IO] = 3,
	    [SAKSI_BADARG] = 3,
	};

	(void)state;
	for (int e = SAKSI_OK; e <= SAKSI_BADARG; e++) {
		assert_int_equal(saksi_err_exit((enum saksi_err)e), codes[e]);
		for (int other = SAKSI_OK; other < e; other++)
			assert_string_not_equal(saksi_err_name((enum saksi_err)e),
						saksi_err_name((enum saksi_err)other));
	}
	assert_string_equal(saksi_err_name(SAKSI_REFUSED), "refused");
	assert_string_equal(saksi_err_name(SAKSI_QUORUM), "quorum not met");
	/* What this program does not know is never good. */
	assert_int_equal(saksi_err_exit((enum saksi_err)99), 3);
	assert_non_null(saksi_err_name((enum saksi_err)99));
}

static void test_fault_and_why(void **state)
{
	struct saksi_fault f = {"", 1, 2};
	struct saksi_why w;
	char longer[600];

	(void)state;
	assert_int_equal(saksi_fault_set(&f, SAKSI_LIMIT, "too long", 7, 3),
			 SAKSI_LIMIT);
	assert_string_equal(f.what, "too long");
	assert_int_equal(f.at, 7);
	assert_int_equal(f.line, 3);
	assert_int_equal(saksi_fault_set(NULL, SAKSI_IO, "x", 0, 0), SAKSI_IO);
	assert_int_equal(saksi_why_set(&w, SAKSI_BUSY, "%s %d", "port", 80),
			 SAKSI_BUSY);
	assert_string_equal(w.text, "port 80");
	assert_int_equal(saksi_why_set(NULL, SAKSI_IO, "%d", 1), SAKSI_IO);
	memset(longer, 'y', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	assert_int_equal(saksi_why_set(&w, SAKSI_IO, "%s", longer), SAKSI_IO);
	assert_int_equal(strlen(w.text), sizeof w.text - 1);
}

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

static void test_views(void **state)
{
	static const char *const sorted[] = {"", "a", "aa", "ab", "b", "\xff"};
	struct saksi_bytes none = {NULL, 0}, abc = saksi_bytes_of("abc");

	(void)state;
	for (int i = 0; i < 6; i++) {
		for (int k = 0; k < 6; k++) {
			struct saksi_bytes a = saksi_bytes_of(sorted[i]),
					   b = saksi_bytes_of(sorted[k]);

			assert_int_equal(sign(saksi_bytes_order(a, b)), sign(i - k));
			assert_int_equal(saksi_bytes_same(a, b), i == k);
		}
	}
	assert_int_equal(saksi_bytes_order(none, abc), -1);
	assert_int_equal(saksi_bytes_order(none, none), 0);
	assert_true(saksi_bytes_same(none, saksi_bytes_of("")));
	assert_true(saksi_bytes_is(abc, "abc"));
	assert_false(saksi_bytes_is(abc, "ab"));
	assert_false(saksi_bytes_is(abc, "abcd"));
	assert_true(saksi_bytes_starts(abc, ""));
	assert_true(saksi_bytes_starts(abc, "ab"));
	assert_true(saksi_bytes_starts(abc, "abc"));
	assert_false(saksi_bytes_starts(abc, "abcd"));
	assert_false(saksi_bytes_starts(abc, "b"));
	assert_true(saksi_bytes_starts(none, ""));
}

static void test_cursor_numbers(void **state)
{
	static const uint8_t b[] = {0x01, 0x02, 0x03, 0xf4, 0xf5, 0x06, 0x07, 0x08,
				    0x09, 0x8a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f};
	struct saksi_cursor c = saksi_cursor_on((struct saksi_bytes){b, sizeof b});

	(void)state;
	assert_int_equal(saksi_cursor_u8(&c), 0x01);
	assert_int_equal(saksi_cursor_be16(&c), 0x0203);
	assert_int_equal(saksi_cursor_be32(&c), 0xf4f50607);
	assert_int_equal(saksi_cursor_be64(&c), 0x08098a0b0c0d0e0f);
	assert_true(c.ok);
	assert_int_equal(c.left.len, 0);
	assert_int_equal(saksi_cursor_u8(&c), 0);
	assert_false(c.ok);
	/* Each number, one byte short: zero, and nothing consumed. */
	for (size_t n = 0; n < 8; n++) {
		c = saksi_cursor_on((struct saksi_bytes){b, n});
		assert_int_equal(saksi_cursor_be64(&c), 0);
		assert_false(c.ok);
		assert_int_equal(c.left.len, n);
		assert_int_equal(saksi_cursor_u8(&c), 0); /* failure is remembered */
		assert_int_equal(c.left.len, n);
		assert_false(saksi_cursor_expect(&c, ""));
		assert_null(saksi_cursor_line(&c).at);
	}
	c = saksi_cursor_on((struct saksi_bytes){b, 3});
	(void)saksi_cursor_be32(&c);
	assert_false(c.ok);
	c = saksi_cursor_on((struct saksi_bytes){b, 1});
	(void)saksi_cursor_be16(&c);
	assert_false(c.ok);
	c = saksi_cursor_on((struct saksi_bytes){NULL, 0});
	assert_int_equal(saksi_cursor_take(&c, 0).len, 0);
	assert_true(c.ok);
	assert_null(saksi_cursor_take(&c, SIZE_MAX).at);
	assert_false(c.ok);
}

static void test_cursor_lines(void **state)
{
	struct saksi_cursor c = saksi_cursor_on(saksi_bytes_of("one\n\nthree\nrest"));
	struct saksi_bytes line;

	(void)state;
	assert_true(saksi_bytes_is(saksi_cursor_line(&c), "one"));
	line = saksi_cursor_line(&c);
	assert_non_null(line.at);
	assert_int_equal(line.len, 0);
	assert_true(saksi_bytes_is(saksi_cursor_line(&c), "three"));
	assert_true(c.ok);
	assert_null(saksi_cursor_line(&c).at);
	assert_false(c.ok);
	assert_true(saksi_bytes_is(c.left, "rest"));

	c = saksi_cursor_on(saksi_bytes_of("saksi 1"));
	assert_true(saksi_cursor_expect(&c, "saksi "));
	assert_false(saksi_cursor_expect(&c, "2"));
	assert_false(c.ok);
	assert_true(saksi_bytes_is(c.left, "1"));
	c = saksi_cursor_on(saksi_bytes_of("sak"));
	assert_false(saksi_cursor_expect(&c, "saksi"));
}

static void test_arena(void **state)
{
	static const uint8_t other[200];
	alignas(max_align_t) uint8_t room[200];
	struct saksi_arena a = {.base = room + 1, .cap = 150};
	uint8_t *p, *q;
	size_t mark;

	(void)state;
	memset(room, 0xee, sizeof room);
	p = saksi_arena_new(&a, 3, 7);
	assert_non_null(p);
	assert_int_equal((uintptr_t)p % alignof(max_align_t), 0); /* base is odd */
	for (size_t i = 0; i < 21; i++)
		assert_int_equal(p[i], 0);
	assert_int_equal(p[21], 0xee);
	q = saksi_arena_new(&a, 1, 1);
	assert_true(q >= p + 21);
	assert_int_equal((uintptr_t)q % alignof(max_align_t), 0);
	/* Too much, one byte too much, and overflow: nothing changes. */
	mark = a.used;
	assert_null(saksi_arena_new(&a, 1, 151));
	assert_null(saksi_arena_new(&a, SIZE_MAX / 2, 3));
	assert_null(saksi_arena_new(&a, 1, SIZE_MAX));
	assert_int_equal(a.used, mark);
	assert_null(
	    saksi_arena_copy(&a, (struct saksi_bytes){other, a.cap - mark + 1}).at);
	assert_int_equal(a.used, mark);
	assert_non_null(
	    saksi_arena_copy(&a, (struct saksi_bytes){other, a.cap - mark}).at);
	assert_int_equal(a.used, a.cap);
	assert_non_null(saksi_arena_copy(&a, (struct saksi_bytes){NULL, 0}).at);
	assert_null(saksi_arena_copy(&a, (struct saksi_bytes){other, 1}).at);
	saksi_arena_rewind(&a, mark);
	assert_int_equal(a.used, mark);
	saksi_arena_rewind(&a, mark + 50); /* not backwards: nothing */
	assert_int_equal(a.used, mark);
	assert_ptr_equal(saksi_arena_copy(&a, saksi_bytes_of("x")).at, a.base + mark);
	a = (struct saksi_arena){0};
	assert_null(saksi_arena_new(&a, 0, 0));
	assert_null(saksi_arena_copy(&a, (struct saksi_bytes){NULL, 0}).at);
}

static void test_arena_map(void **state)
{
	struct saksi_arena a = {(uint8_t *)1, 2, 3};
	uint8_t *p;

	(void)state;
	assert_int_equal(saksi_arena_map(&a, SIZE_MAX / 2), SAKSI_NOMEM);
	assert_null(a.base);
	assert_int_equal(a.cap, 0);
	saksi_arena_end(&a);
	assert_int_equal(saksi_arena_map(&a, 0), SAKSI_BADARG);
	/* Far more than the machine's memory is only address space. */
	assert_int_equal(saksi_arena_map(&a, (size_t)1 << 40), SAKSI_OK);
	p = saksi_arena_new(&a, 1 << 20, 1);
	assert_non_null(p);
	memset(p, 1, 1 << 20);
	saksi_arena_end(&a);
	assert_null(a.base);
	assert_int_equal(a.used, 0);
	assert_int_equal(a.cap, 0);
	saksi_arena_end(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_exit_codes),   cmocka_unit_test(test_fault_and_why),
	    cmocka_unit_test(test_views),        cmocka_unit_test(test_cursor_numbers),
	    cmocka_unit_test(test_cursor_lines), cmocka_unit_test(test_arena),
	    cmocka_unit_test(test_arena_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
