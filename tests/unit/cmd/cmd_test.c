/* Reading words against the table, and showing text from outside. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/table.h"

static int run_nothing(struct saksi_cmd *c)
{
	(void)c;
	return SAKSI_EXIT_HOLDS;
}

static const struct saksi_option options[] = {
    {"--name", "NAME", "a name", true, false},
    {"--key", "FILE", "a key", false, true},
    {"--output", "FILE", "out", false, false},
    {"--dry", NULL, "only say", false, false},
    {"--size", "N", "a number", false, false},
    {"--wait", "TIME", "so long", false, false},
    {NULL, NULL, NULL, false, false},
};
static const struct saksi_command row = {
    "try it", "FILE [N]", "for tests", NULL, options, 1, 2, run_nothing};

struct call {
	struct saksi_cmd c;
	const char *args[16];
	struct saksi_given given[16];
	int rc;
};

/* Reads a line of words; errors go to a silent stderr. */
static void call(struct call *t, char *line)
{
	char *words[16], *rest = NULL;
	int n = 0;

	memset(t, 0, sizeof(*t));
	t->c = (struct saksi_cmd){.row = &row, .args = t->args, .given = t->given};
	for (char *w = strtok_r(line, " ", &rest); w != NULL;
	     w = strtok_r(NULL, " ", &rest))
		words[n++] = w;
	t->rc = saksi_cmd_read(&t->c, n, words);
}

#define CALL(t, text)                                                                  \
	char text_##t[] = text;                                                        \
	struct call t;                                                                 \
	call(&t, text_##t)

static void words_are_read(void **state)
{
	(void)state;
	CALL(t, "a --name x --key k1 --dry 7 --key=k2 --json");
	assert_int_equal(t.rc, SAKSI_EXIT_HOLDS);
	assert_int_equal(saksi_cmd_arg_count(&t.c), 2);
	assert_string_equal(saksi_cmd_arg(&t.c, 0), "a");
	assert_string_equal(saksi_cmd_arg(&t.c, 1), "7");
	assert_null(saksi_cmd_arg(&t.c, 2));
	assert_null(saksi_cmd_arg(&t.c, -1));
	assert_string_equal(saksi_cmd_option(&t.c, "--name"), "x");
	assert_string_equal(saksi_cmd_option_at(&t.c, "--key", 0), "k1");
	assert_string_equal(saksi_cmd_option_at(&t.c, "--key", 1), "k2");
	assert_null(saksi_cmd_option_at(&t.c, "--key", 2));
	assert_true(saksi_cmd_flag(&t.c, "--dry"));
	assert_false(saksi_cmd_flag(&t.c, "--output"));
	assert_true(saksi_cmd_json(&t.c));
}

static void options_end(void **state)
{
	(void)state;
	CALL(t, "--name=x=y -- --dry -");
	assert_int_equal(t.rc, SAKSI_EXIT_HOLDS);
	assert_string_equal(saksi_cmd_option(&t.c, "--name"), "x=y");
	assert_string_equal(saksi_cmd_arg(&t.c, 0), "--dry");
	assert_string_equal(saksi_cmd_arg(&t.c, 1), "-");
	assert_false(saksi_cmd_flag(&t.c, "--dry"));
	assert_false(saksi_cmd_json(&t.c));
	CALL(o, "a --name x -o f");
	assert_int_equal(o.rc, SAKSI_EXIT_HOLDS);
	assert_string_equal(saksi_cmd_option(&o.c, "--output"), "f");
	CALL(h, "-h");
	assert_int_equal(h.rc, SAKSI_EXIT_HOLDS);
	assert_true(h.c.help);
	CALL(help, "--help"); /* asks for no argument and no needed option */
	assert_int_equal(help.rc, SAKSI_EXIT_HOLDS);
	assert_true(help.c.help);
}

static void wrong_words_are_refused(void **state)
{
	static const char *const lines[] = {
	    "--name x",                 /* no FILE */
	    "a",                        /* no --name */
	    "a b c --name x",           /* one too many */
	    "a --name x --name y",      /* repeated */
	    "a --name x --dry --dry",   /* a repeated flag, too */
	    "a --name x --json --json", /* and those of all commands */
	    "a --name x --output f -o g",
	    "a --name x --dry=yes",
	    "a --name",
	    "a --name --dry",
	    "a --name x --nope",
	    "a --name x --nam y",
	    "a --name x -n y",
	    "a --name x ---",
	    "a --nameless x",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char line[64];
		struct call t;
		(void)snprintf(line, sizeof(line), "%s", lines[i]);
		call(&t, line);
		if (t.rc != SAKSI_EXIT_USAGE)
			fail_msg("accepted: %s", lines[i]);
	}
}

static void numbers_and_times(void **state)
{
	static const struct {
		const char *line;
		bool good;
		int64_t seconds;
	} waits[] = {
	    {"a --name x --wait 30", true, 30},
	    {"a --name x --wait 30s", true, 30},
	    {"a --name x --wait 15m", true, 900},
	    {"a --name x --wait 3h", true, 10800},
	    {"a --name x --wait 90d", true, 7776000},
	    {"a --name x --wait 0", true, 0},
	    {"a --name x", true, 5},
	    {"a --name x --wait 3w", false, 0},
	    {"a --name x --wait h", false, 0},
	    {"a --name x --wait 03h", false, 0},
	    {"a --name x --wait -3h", false, 0},
	    {"a --name x --wait 3hh", false, 0},
	    {"a --name x --wait 106751991167301d", false, 0},
	    {"a --name x --wait 9223372036854775808", false, 0},
	    {"a --name x --wait 9223372036854775807", true, INT64_MAX},
	};
	struct call t;
	uint64_t n = 0;
	int64_t s = 0;
	(void)state;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		char line[64];
		(void)snprintf(line, sizeof(line), "%s", waits[i].line);
		call(&t, line);
		assert_int_equal(t.rc, SAKSI_EXIT_HOLDS);
		if (saksi_cmd_seconds(&t.c, "--wait", 5, &s) != waits[i].good)
			fail_msg("%s", waits[i].line);
		if (waits[i].good)
			assert_true(s == waits[i].seconds);
	}
	CALL(big, "a --name x --size 18446744073709551615");
	assert_true(saksi_cmd_number(&big.c, "--size", 0, &n));
	assert_true(n == UINT64_MAX);
	CALL(over, "a --name x --size 18446744073709551616");
	assert_false(saksi_cmd_number(&over.c, "--size", 0, &n));
	CALL(none, "a --name x");
	assert_true(saksi_cmd_number(&none.c, "--size", 256, &n));
	assert_int_equal(n, 256);
}

/* The definition, by cases, without a table. */
static unsigned slow_distance(const char *a, size_t m, const char *b, size_t n)
{
	unsigned best, one;
	if (m == 0 || n == 0)
		return (unsigned)(m + n);
	best = slow_distance(a, m - 1, b, n) + 1;
	one = slow_distance(a, m, b, n - 1) + 1;
	best = one < best ? one : best;
	one = slow_distance(a, m - 1, b, n - 1) + (a[m - 1] != b[n - 1]);
	best = one < best ? one : best;
	if (m > 1 && n > 1 && a[m - 1] == b[n - 2] && a[m - 2] == b[n - 1]) {
		one = slow_distance(a, m - 2, b, n - 2) + 1;
		best = one < best ? one : best;
	}
	return best;
}

static void distance_is_its_definition(void **state)
{
	(void)state;
	/* every pair of words over {a, b} of up to 5 letters */
	for (unsigned i = 1; i < 64; i++)
		for (unsigned j = 1; j < 64; j++) {
			char a[8], b[8];
			size_t m = 0, n = 0;
			for (unsigned v = i; v > 1; v >>= 1)
				a[m++] = (v & 1) != 0 ? 'b' : 'a';
			for (unsigned v = j; v > 1; v >>= 1)
				b[n++] = (v & 1) != 0 ? 'b' : 'a';
			a[m] = b[n] = '\0';
			assert_int_equal(saksi_word_distance(a, b),
					 slow_distance(a, m, b, n));
		}
	assert_int_equal(saksi_word_distance("kye", "key"), 1);
	assert_int_equal(saksi_word_distance("12345678901234567890123456789012", "a"),
			 99);
	assert_string_equal(saksi_word_nearer("verfiy", NULL, "verify"), "verify");
	assert_null(saksi_word_nearer("x", NULL, "verify"));
	assert_null(saksi_word_nearer("log", NULL, "key"));
	/* two slips are near in a word of four letters, one in a shorter one */
	assert_string_equal(saksi_word_nearer("abcd", NULL, "abxy"), "abxy");
	assert_null(saksi_word_nearer("abcd", NULL, "axyz"));
	assert_string_equal(saksi_word_nearer("abc", NULL, "axc"), "axc");
	assert_null(saksi_word_nearer("abc", NULL, "axy"));
	assert_string_equal(saksi_word_nearer("logg", "legs", "log"), "log");
}

static void shown(const char *in, size_t len, char *out, size_t room)
{
	FILE *f = fmemopen(out, room, "w");
	assert_non_null(f);
	saksi_cmd_text(f, (struct saksi_bytes){(const uint8_t *)in, len});
	(void)fclose(f);
}

static void text_from_outside(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x97\xb3", /* e acute, euro, ballot
								box */
	     "plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x97\xb3"},
	    {"\x1b[31m", "\\x1b[31m"},
	    {"a\nb\r\t\x7f", "a\\x0ab\\x0d\\x09\\x7f"},
	    {"\xc2\x9b", "\\xc2\\x9b"},          /* C1 control */
	    {"\xe2\x80\xae", "\\xe2\\x80\\xae"}, /* right-to-left override */
	    {"\xe2\x81\xa6", "\\xe2\\x81\\xa6"}, /* isolate */
	    {"\xe2\x80\x8b", "\\xe2\\x80\\x8b"}, /* zero width space */
	    {"\xe2\x80\xa9", "\\xe2\\x80\\xa9"}, /* paragraph separator */
	    {"\xef\xbb\xbf", "\\xef\\xbb\\xbf"}, /* byte order mark */
	    {"\xff\xc0\x80\xe2\x82", "\\xff\\xc0\\x80\\xe2\\x82"}, /* no UTF-8 */
	    {"\xed\xa0\x80", "\\xed\\xa0\\x80"},                   /* a surrogate */
	};
	char out[256];
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(out, 0, sizeof(out));
		shown(cases[i].in, strlen(cases[i].in), out, sizeof(out));
		assert_string_equal(out, cases[i].out);
	}
	memset(out, 0, sizeof(out));
	shown("a\0b", 3, out, sizeof(out));
	assert_string_equal(out, "a\\x00b");
}

/* Each row can be found by its name, is said once, and fits its own limits. */
static void table_is_sound(void **state)
{
	const struct saksi_command *r, *other;
	(void)state;
	for (size_t i = 0; (r = saksi_table_at(i)) != NULL; i++) {
		char name[64], *words[2];
		int n = 1, used = 0;
		(void)snprintf(name, sizeof(name), "%s", r->name);
		words[0] = name;
		words[1] = strchr(name, ' ');
		if (words[1] != NULL) {
			*words[1]++ = '\0';
			n = 2;
		}
		assert_ptr_equal(saksi_table_find(n, words, &used), r);
		assert_int_equal(used, n);
		assert_non_null(r->run);
		assert_non_null(r->says);
		assert_true(r->max_args < 0 || r->min_args <= r->max_args);
		assert_true((r->max_args != 0) == (r->args[0] != '\0'));
		for (size_t j = 0; (other = saksi_table_at(j)) != NULL; j++)
			assert_true(i == j || strcmp(r->name, other->name) != 0);
		for (const struct saksi_option *o = r->options;
		     o != NULL && o->name != NULL; o++) {
			assert_true(strncmp(o->name, "--", 2) == 0);
			assert_true(strcmp(o->name, "--json") != 0 &&
				    strcmp(o->name, "--help") != 0);
			for (const struct saksi_option *p = r->options; p != o; p++)
				assert_string_not_equal(o->name, p->name);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_are_read),
	    cmocka_unit_test(options_end),
	    cmocka_unit_test(wrong_words_are_refused),
	    cmocka_unit_test(numbers_and_times),
	    cmocka_unit_test(distance_is_its_definition),
	    cmocka_unit_test(text_from_outside),
	    cmocka_unit_test(table_is_sound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
