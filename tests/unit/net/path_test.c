/* Targets of requests: decoded once, and refused when they could mean two things. */
#include "test.h"

#include "net/path.h"

static void plain_targets(void **state)
{
	static const struct {
		const char *target, *path, *query;
	} cases[] = {
	    {"/", "/", NULL},
	    {"/checkpoint", "/checkpoint", NULL},
	    {"/tile/0/x001/067.p/12", "/tile/0/x001/067.p/12", NULL},
	    {"/a%20b", "/a b", NULL},
	    {"/a+b", "/a+b", NULL},
	    {"/%41%7a", "/Az", NULL},
	    {"/caf%C3%A9", "/caf\xc3\xa9", NULL},
	    {"/a?b=c", "/a", "b=c"},
	    {"/a?", "/a", ""},
	    {"/a?b?c", "/a", "b?c"},
	    {"/a?b#c", "/a", "b"},
	    {"/a#b?c", "/a", NULL},
	    {"/dir/", "/dir/", NULL},
	    {"/...", "/...", NULL},
	    {"/.a", "/.a", NULL},
	    {"/%2541", "/%41", NULL}, /* decoded once */
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char target[64], *path, *query;
		strcpy(target, cases[i].target);
		assert_int_equal(saksi_path_read(target, &path, &query), SAKSI_OK);
		assert_string_equal(path, cases[i].path);
		if (cases[i].query == NULL)
			assert_null(query);
		else
			assert_string_equal(query, cases[i].query);
	}
}

static void refused_targets(void **state)
{
	static const char *const cases[] = {
	    "",        "a",       "*",         "http://x/",  "//",     "/a//b",
	    "/..",     "/../x",   "/a/..",     "/a/../b",    "/.",     "/a/./b",
	    "/%2e%2e", "/%2e./x", "/a%2f%2fb", "/a%2f..",    "/%00",   "/a%0ab",
	    "/%7f",    "/a\\b",   "/a%5cb",    "/%",         "/%4",    "/%zz",
	    "/%c3",    "/%ff",    "/%c0%af",   "/%ed%a0%80", "/a\x01", "///",
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char target[64], *path, *query;
		strcpy(target, cases[i]);
		if (saksi_path_read(target, &path, &query) != SAKSI_MALFORMED)
			fail_msg("taken: %s", cases[i]);
	}
}

/* Whatever two bytes stand behind '%': decoded or refused, never past the end. */
static void every_escape(void **state)
{
	(void)state;
	for (int a = 0; a < 256; a++)
		for (int b = 0; b < 256; b++) {
			char *s = malloc(3);
			size_t len = 3;
			s[0] = '%';
			s[1] = (char)a;
			s[2] = (char)b;
			char hex[3] = {(char)a, (char)b, 0}, *end;
			unsigned long v = strtoul(hex, &end, 16);
			bool two = end == hex + 2 && a > ' ' && a != '+' && a != '-' &&
				   (b != 'x' && b != 'X');
			bool good = two && v >= 0x20 && v < 0x7f;
			enum saksi_err err = saksi_path_unescape(s, &len, false);
			assert_int_equal(err == SAKSI_OK, good);
			if (good) {
				assert_int_equal(len, 1);
				assert_int_equal(s[0], (char)v);
			} else {
				assert_int_equal(len, 3);
			}
			free(s);
		}
}

/* An escape that the length cuts is cut, whatever stands behind it. */
static void cut_escape(void **state)
{
	char s[] = "%41";
	(void)state;
	for (size_t len = 1; len < 3; len++) {
		size_t got = len;
		assert_int_equal(saksi_path_unescape(s, &got, false), SAKSI_MALFORMED);
		assert_int_equal(got, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_targets),
	    cmocka_unit_test(refused_targets),
	    cmocka_unit_test(every_escape),
	    cmocka_unit_test(cut_escape),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
