#include "base/json.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t room[1 << 20];

static enum saksi_err parse(struct saksi_bytes text, const struct saksi_json **out,
			    struct saksi_fault *f)
{
	static struct saksi_arena a;

	a = (struct saksi_arena){.base = room, .cap = sizeof room};
	return saksi_json_parse(text, &a, out, f);
}

static const struct saksi_json *good(const char *text)
{
	const struct saksi_json *j = NULL;
	struct saksi_fault f = {"", 0, 0};

	if (parse(saksi_bytes_of(text), &j, &f) != SAKSI_OK)
		fail_msg("%s: %s at %zu", text, f.what, f.at);
	return j;
}

/* The judge: jansson, as strict as it gets. */
static bool jansson_takes(struct saksi_bytes text)
{
	json_t *j = json_loadb((const char *)text.at, text.len,
			       JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	bool took = j != NULL;

	json_decref(j);
	return took;
}

static void test_bad(void **state)
{
	/* What, and the byte where reading stops.  "lenient": jansson takes it. */
	static const struct {
		const char *text;
		size_t at;
		bool lenient;
	} t[] = {
	    {"", 0, false},
	    {" ", 1, false},
	    {"\xef\xbb\xbf{}", 0, false}, /* BOM */
	    {"nul", 0, false},
	    {"nulL", 0, false},
	    {"nullx", 4, false},
	    {"True", 0, false},
	    {"tru", 0, false},
	    {"{} {}", 3, false},
	    {"{},", 2, false},
	    {"[] x", 3, false},
	    {"1 2", 2, false},
	    {"[1,]", 3, false},
	    {"[,1]", 1, false},
	    {"[1 2]", 3, false},
	    {"[1}", 2, false},
	    {"[", 1, false},
	    {"[1", 2, false},
	    {"[1,", 3, false},
	    {"]", 0, false},
	    {"{", 1, false},
	    {"{]", 1, false},
	    {"{\"a\"", 4, false},
	    {"{\"a\":", 5, false},
	    {"{\"a\":1", 6, false},
	    {"{\"a\":1,}", 7, false},
	    {"{\"a\" 1}", 5, false},
	    {"{\"a\":1]", 6, false},
	    {"{a:1}", 1, false},
	    {"{1:1}", 1, false},
	    {"{'a':1}", 1, false},
	    {"{\"a\":1,\"a\":2}", 7, false},
	    {"{\"a\":1,\"b\":2,\"a\":3}", 13, false},
	    {"{\"a\":1,\"\\u0061\":2}", 7, false},
	    {"{\"\\u00e9\":1,\"\xc3\xa9\":2}", 12, false},
	    {"{\"\":1,\"\":2}", 6, false},
	    {"1.0", 1, true},
	    {"1e3", 1, true},
	    {"1E3", 1, true},
	    {"-1.5", 2, true},
	    {"-", 1, false},
	    {"- 1", 1, false},
	    {"+1", 0, false},
	    {".5", 0, false},
	    {"01", 2, false},
	    {"-01", 3, false},
	    {"00", 2, false},
	    {"-0", 2, true},
	    {"0x10", 1, false},
	    {"9223372036854775808", 18, false},
	    {"-9223372036854775809", 19, false},
	    {"99999999999999999999", 18, false},
	    {"NaN", 0, false},
	    {"Infinity", 0, false},
	    {"\"", 1, false},
	    {"\"a", 2, false},
	    {"\"\\", 2, false},
	    {"\"\\\"", 3, false},
	    {"\"\\x\"", 2, false},
	    {"\"\\'\"", 2, false},
	    {"\"\\U0041\"", 2, false},
	    {"\"\\u\"", 3, false},
	    {"\"\\u004\"", 6, false},
	    {"\"\\u00g0\"", 5, false},
	    {"\"\\u0000\"", 7, false},
	    {"\"\\ud800\"", 7, false},
	    {"\"\\udc00\"", 7, false},
	    {"\"\\udfff\"", 7, false},
	    {"\"\\ud800x\"", 7, false},
	    {"\"\\ud800\\n\"", 7, false},
	    {"\"\\ud800\\u0041\"", 13, false},
	    {"\"\\ud800\\ud800\"", 13, false},
	    {"\"\\ud800\\ue000\"", 13, false},
	    {"\"\\ud800\\uffff\"", 13, false},
	    {"\"\\udc00\\ud800\"", 7, false},
	    {"\"a\nb\"", 2, false},
	    {"\"a\tb\"", 2, false},
	    {"\"\x01\"", 1, false},
	    {"\"\x1f\"", 1, false},
	    {"\"\\\x01\"", 2, false},
	    {"\"\xff\"", 1, false},
	    {"\"\xc3\"", 1, false},
	    {"\"\xc0\x80\"", 1, false},
	    {"\"\xed\xa0\x80\"", 1, false},
	    {"\"\xf4\x90\x80\x80\"", 1, false},
	    {"\xc2\xa0{}", 0, false},
	    {"{}\v", 2, false},
	    {"{}\f", 2, false},
	    {"// x\n{}", 0, false},
	    {"/* x */{}", 0, false},
	    {"{\"a\":undefined}", 5, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct saksi_bytes text = saksi_bytes_of(t[i].text);
		const struct saksi_json *j = (const void *)room;
		struct saksi_fault f = {NULL, 999, 9};

		if (parse(text, &j, &f) != SAKSI_MALFORMED)
			fail_msg("taken: %s", t[i].text);
		if (f.at != t[i].at || f.what == NULL || f.line != 0)
			fail_msg("%s: %s at %zu, not %zu", t[i].text, f.what, f.at,
				 t[i].at);
		assert_ptr_equal(j, (const void *)room);
		assert_int_equal(jansson_takes(text), t[i].lenient);
		assert_int_equal(parse(text, &j, NULL), SAKSI_MALFORMED);
	}
}

static void test_nul_bytes(void **state)
{
	static const struct {
		const char *text;
		size_t len, at;
	} t[] = {{"\0", 1, 0},         {"{}\0", 3, 2}, {"\"\0\"", 3, 1},
		 {"[1\0]", 4, 2},      {"1\0", 2, 1},  {"\"\\\0\"", 4, 2},
		 {"{\"a\"\0:1}", 8, 4}};
	const struct saksi_json *j;
	struct saksi_fault f;

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct saksi_bytes b = {(const uint8_t *)t[i].text, t[i].len};

		assert_int_equal(parse(b, &j, &f), SAKSI_MALFORMED);
		assert_int_equal(f.at, t[i].at);
	}
	assert_int_equal(parse((struct saksi_bytes){NULL, 0}, &j, &f), SAKSI_MALFORMED);
}

/* Cut anywhere, no text of ours is whole. */
static void test_truncated(void **state)
{
	static const char text[] =
	    "{\"a\":[1,-2,\"x\\u00e9\\ud83d\\ude00\",{\"b\":null}],"
	    "\"c\":true,\"d\":{},\"e\":[]}";
	const struct saksi_json *j;

	(void)state;
	assert_non_null(good(text));
	for (size_t n = 0; n < sizeof text - 1; n++) {
		/* A copy of just that size, for the sanitizer to guard. */
		uint8_t *cut = malloc(n ? n : 1);

		assert_non_null(cut);
		memcpy(cut, text, n);
		assert_int_equal(parse((struct saksi_bytes){cut, n}, &j, NULL),
				 SAKSI_MALFORMED);
		free(cut);
	}
}

static void test_values(void **state)
{
	const struct saksi_json *j, *m;

	(void)state;
	j = good(" \t\r\n{ \"a\" : [ 1 , -2,0 ] ,\"s\":\"q\", \"t\":true,\"f\":false,"
		 "\"n\":null,\"o\":{} } \n");
	assert_int_equal(j->kind, SAKSI_JSON_OBJECT);
	assert_int_equal(j->count, 6);
	assert_int_equal(j->at, 4);
	m = saksi_json_get(j, "a");
	assert_int_equal(m->kind, SAKSI_JSON_ARRAY);
	assert_int_equal(m->count, 3);
	assert_int_equal(m->at, 12);
	assert_int_equal(m->child->num, 1);
	assert_int_equal(m->child->next->num, -2);
	assert_int_equal(m->child->next->next->num, 0);
	assert_null(m->child->next->next->next);
	assert_true(saksi_bytes_is(saksi_json_get(j, "s")->str, "q"));
	assert_int_equal(saksi_json_get(j, "t")->kind, SAKSI_JSON_BOOL);
	assert_int_equal(saksi_json_get(j, "t")->num, 1);
	assert_int_equal(saksi_json_get(j, "f")->kind, SAKSI_JSON_BOOL);
	assert_int_equal(saksi_json_get(j, "f")->num, 0);
	assert_int_equal(saksi_json_get(j, "n")->kind, SAKSI_JSON_NULL);
	assert_int_equal(saksi_json_get(j, "o")->count, 0);
	assert_null(saksi_json_get(j, "o")->child);
	assert_null(saksi_json_get(j, "none"));
	assert_null(saksi_json_get(j, ""));
	assert_null(saksi_json_get(m, "a"));
	assert_null(saksi_json_get(NULL, "a"));
	assert_int_equal(good("9223372036854775807")->num, INT64_MAX);
	assert_int_equal(good("-9223372036854775808")->num, INT64_MIN);
	assert_int_equal(good("0")->num, 0);
	assert_int_equal(good("10")->num, 10);
	/* The same key in two objects is two keys. */
	assert_non_null(good("{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":2}]}"));
}

static void test_strings(void **state)
{
	static const struct {
		const char *text, *want;
	} t[] = {
	    {"\"\"", ""},
	    {"\"abc\"", "abc"},
	    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
	    {"\"\\u0041\\u00e9\\u20ac\"", "A\xc3\xa9\xe2\x82\xac"},
	    {"\"\\u00E9\\u20aC\"", "\xc3\xa9\xe2\x82\xac"},
	    {"\"\\ud83d\\ude00x\"", "\xf0\x9f\x98\x80x"},
	    {"\"\\ud800\\udc00\"", "\xf0\x90\x80\x80"},
	    {"\"\\udbff\\udfff\"", "\xf4\x8f\xbf\xbf"},
	    {"\"\\u0001\\u007f\\u0080\\u07ff\\u0800\\uffff\"",
	     "\x01\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"},
	    {"\"\xc3\xa9\x7f\xf0\x9f\x98\x80\"", "\xc3\xa9\x7f\xf0\x9f\x98\x80"},
	    {"\"\\\\\"", "\\"},
	    {"\"a\\\\\\\"b\"", "a\\\"b"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		json_t *judge = json_loads(t[i].text, JSON_DECODE_ANY, NULL);

		assert_true(saksi_bytes_is(good(t[i].text)->str, t[i].want));
		assert_non_null(judge);
		assert_string_equal(json_string_value(judge), t[i].want);
		json_decref(judge);
	}
	/* Without an escape the string is a view into the input. */
	static const char plain[] = "\"view\"";
	assert_ptr_equal(good(plain)->str.at, plain + 1);
}

static void test_depth(void **state)
{
	char text[200];
	const struct saksi_json *j;
	struct saksi_fault f;

	(void)state;
	for (size_t depth = 1; depth <= 40; depth++) {
		for (int objects = 0; objects < 2; objects++) {
			struct saksi_buf b = saksi_buf_fixed(text, sizeof text);

			for (size_t i = 0; i < depth; i++)
				saksi_buf_puts(&b, objects && i > 0 ? "{\"\":" : "[");
			saksi_buf_puts(&b, objects && depth > 1 ? "0" : "");
			for (size_t i = depth; i-- > 0;)
				saksi_buf_puts(&b, objects && i > 0 ? "}" : "]");
			enum saksi_err err = parse(saksi_buf_bytes(&b), &j, &f);

			assert_int_equal(err, depth <= SAKSI_JSON_DEPTH ? SAKSI_OK
									: SAKSI_LIMIT);
			if (err != SAKSI_OK)
				assert_int_equal(f.at, objects ? 1 + 31 * 4 : 32);
		}
	}
}

static void test_many_keys(void **state)
{
	static char text[4097 * 12];
	struct saksi_buf b = saksi_buf_fixed(text, sizeof text);
	const struct saksi_json *j;
	struct saksi_fault f;

	(void)state;
	for (uint64_t keys = 4096; keys <= 4097; keys++) {
		saksi_buf_clear(&b);
		for (uint64_t i = 0; i < keys; i++) {
			saksi_buf_puts(&b, i == 0 ? "{\"" : ",\"");
			saksi_buf_put_decimal(&b, i);
			saksi_buf_puts(&b, "\":0");
		}
		saksi_buf_puts(&b, "}");
		assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
		assert_int_equal(parse(saksi_buf_bytes(&b), &j, &f),
				 keys == 4096 ? SAKSI_OK : SAKSI_LIMIT);
	}
	/* Arrays have no such bound. */
	saksi_buf_clear(&b);
	saksi_buf_puts(&b, "[0");
	for (int i = 1; i < 5000; i++)
		saksi_buf_puts(&b, ",0");
	saksi_buf_puts(&b, "]");
	assert_int_equal(parse(saksi_buf_bytes(&b), &j, &f), SAKSI_OK);
	assert_int_equal(j->count, 5000);
}

/* Every size of arena: either all is there, or LIMIT and nothing taken. */
static void test_small_arenas(void **state)
{
	static const char text[] = "{\"a\\n\":[1,\"\\u0041\"],\"b\":{}}";
	size_t needed = 0;

	(void)state;
	for (size_t cap = 0; cap < 2000; cap++) {
		struct saksi_arena a = {.base = room, .cap = cap + 3, .used = 3};
		const struct saksi_json *j = NULL;
		enum saksi_err err =
		    saksi_json_parse(saksi_bytes_of(text), &a, &j, NULL);

		if (err == SAKSI_OK) {
			needed = needed ? needed : cap;
			assert_int_equal(j->count, 2);
			continue;
		}
		assert_int_equal(err, SAKSI_LIMIT);
		assert_int_equal(needed, 0);
		assert_int_equal(a.used, 3);
		assert_null(j);
	}
	assert_true(needed > 0);
	struct saksi_arena a = {.base = room, .cap = sizeof room, .used = 7};
	const struct saksi_json *j;
	assert_int_equal(saksi_json_parse(saksi_bytes_of("[[1],[2],x]"), &a, &j, NULL),
			 SAKSI_MALFORMED);
	assert_int_equal(a.used, 7);
}

static void test_typed(void **state)
{
	const struct saksi_json *j = good("{\"s\":\"0aff\",\"i\":-3,\"u\":3,\"b\":true,"
					  "\"n\":null,\"bad\":\"0AFF\"}");
	struct saksi_bytes s = {NULL, 9};
	int64_t i = 42;
	uint64_t u = 42;
	uint8_t hex[2] = {1, 1};

	(void)state;
	assert_int_equal(saksi_json_str(j, "i", &s), SAKSI_MALFORMED);
	assert_int_equal(saksi_json_str(j, "n", &s), SAKSI_MALFORMED);
	assert_int_equal(saksi_json_str(j, "x", &s), SAKSI_MISSING);
	assert_int_equal(saksi_json_str(NULL, "x", &s), SAKSI_MISSING);
	assert_int_equal(s.len, 9);
	assert_int_equal(saksi_json_str(j, "s", &s), SAKSI_OK);
	assert_true(saksi_bytes_is(s, "0aff"));
	assert_int_equal(saksi_json_int(j, "s", &i), SAKSI_MALFORMED);
	assert_int_equal(saksi_json_int(j, "b", &i), SAKSI_MALFORMED);
	assert_int_equal(saksi_json_int(j, "x", &i), SAKSI_MISSING);
	assert_int_equal(i, 42);
	assert_int_equal(saksi_json_int(j, "i", &i), SAKSI_OK);
	assert_int_equal(i, -3);
	assert_int_equal(saksi_json_u64(j, "i", &u), SAKSI_MALFORMED);
	assert_int_equal(saksi_json_u64(j, "s", &u), SAKSI_MALFORMED);
	assert_int_equal(saksi_json_u64(j, "x", &u), SAKSI_MISSING);
	assert_int_equal(u, 42);
	assert_int_equal(saksi_json_u64(j, "u", &u), SAKSI_OK);
	assert_int_equal(u, 3);
	assert_int_equal(saksi_json_hex(j, "s", hex, 1), SAKSI_MALFORMED);
	assert_int_equal(saksi_json_hex(j, "bad", hex, 2), SAKSI_MALFORMED);
	assert_int_equal(saksi_json_hex(j, "u", hex, 2), SAKSI_MALFORMED);
	assert_int_equal(saksi_json_hex(j, "x", hex, 2), SAKSI_MISSING);
	assert_int_equal(hex[0], 1);
	assert_int_equal(saksi_json_hex(j, "s", hex, 2), SAKSI_OK);
	assert_int_equal(hex[1], 0xff);
}

static void test_only(void **state)
{
	static const char *const keys[] = {"a", "b", NULL}, *const none[] = {NULL};
	struct saksi_fault f = {"", 99, 0};

	(void)state;
	assert_int_equal(saksi_json_only(good("{\"b\":1}"), keys, &f), SAKSI_OK);
	assert_int_equal(saksi_json_only(good("{}"), none, &f), SAKSI_OK);
	assert_int_equal(f.at, 99);
	assert_int_equal(saksi_json_only(good("{\"b\":1,\"c\": 2}"), keys, &f),
			 SAKSI_MALFORMED);
	assert_int_equal(f.at, 12);
	assert_int_equal(saksi_json_only(good("[]"), keys, &f), SAKSI_MALFORMED);
	assert_int_equal(saksi_json_only(NULL, keys, &f), SAKSI_MALFORMED);
	assert_int_equal(saksi_json_only(good("{\"a\":1,\"ab\":2}"), keys, NULL),
			 SAKSI_MALFORMED);
}

static void test_writer(void **state)
{
	uint8_t text[400];
	struct saksi_buf b = saksi_buf_fixed(text, sizeof text);
	struct saksi_jsonw w = {.out = &b};

	(void)state;
	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "a\"");
	saksi_jsonw_open(&w, '[');
	saksi_jsonw_u64(&w, 0);
	saksi_jsonw_u64(&w, INT64_MAX);
	saksi_jsonw_int(&w, INT64_MIN);
	saksi_jsonw_int(&w, -1);
	saksi_jsonw_bool(&w, true);
	saksi_jsonw_bool(&w, false);
	saksi_jsonw_null(&w);
	saksi_jsonw_open(&w, '[');
	saksi_jsonw_close(&w, ']');
	saksi_jsonw_open(&w, '{');
	saksi_jsonw_close(&w, '}');
	saksi_jsonw_close(&w, ']');
	saksi_jsonw_key(&w, "s");
	saksi_jsonw_cstr(&w, " \"\\/\b\f\n\r\t\x01\x1f\x7f\xc3\xa9");
	saksi_jsonw_key(&w, "e");
	saksi_jsonw_str(&w, (struct saksi_bytes){NULL, 0});
	saksi_jsonw_key(&w, "h");
	saksi_jsonw_hex(&w, saksi_bytes_of("\x01\xfe"));
	saksi_jsonw_key(&w, "b");
	saksi_jsonw_base64(&w, saksi_bytes_of("f"));
	saksi_jsonw_key(&w, "r");
	saksi_jsonw_raw(&w, saksi_bytes_of("{\"x\":1}"));
	saksi_jsonw_key(&w, "z");
	saksi_jsonw_u64(&w, 1);
	saksi_jsonw_close(&w, '}');
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	assert_true(saksi_bytes_is(
	    saksi_buf_bytes(&b),
	    "{\"a\\\"\":[0,9223372036854775807,-9223372036854775808,-1,true,false,"
	    "null,[],{}],\"s\":\" \\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9\","
	    "\"e\":\"\",\"h\":\"01fe\",\"b\":\"Zg==\",\"r\":{\"x\":1},\"z\":1}"));
	const struct saksi_json *j;
	assert_int_equal(parse(saksi_buf_bytes(&b), &j, NULL), SAKSI_OK);
	assert_true(saksi_bytes_is(saksi_json_get(j, "s")->str,
				   " \"\\/\b\f\n\r\t\x01\x1f\x7f\xc3\xa9"));
	assert_true(jansson_takes(saksi_buf_bytes(&b)));
}

/* Nothing is written that would not be read. */
static void test_writer_refuses(void **state)
{
	uint8_t text[64];
	struct saksi_buf b = saksi_buf_fixed(text, sizeof text);

	(void)state;
	saksi_jsonw_str(&(struct saksi_jsonw){.out = &b}, saksi_bytes_of("\xff"));
	assert_int_equal(saksi_buf_check(&b), SAKSI_LIMIT);
	saksi_buf_clear(&b);
	saksi_jsonw_str(&(struct saksi_jsonw){.out = &b},
			(struct saksi_bytes){(const uint8_t *)"a\0b", 3});
	assert_int_equal(saksi_buf_check(&b), SAKSI_LIMIT);
	saksi_buf_clear(&b);
	saksi_jsonw_key(&(struct saksi_jsonw){.out = &b}, "\xc3");
	assert_int_equal(saksi_buf_check(&b), SAKSI_LIMIT);
	saksi_buf_clear(&b);
	saksi_jsonw_u64(&(struct saksi_jsonw){.out = &b}, (uint64_t)INT64_MAX + 1);
	assert_int_equal(saksi_buf_check(&b), SAKSI_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bad),       cmocka_unit_test(test_nul_bytes),
	    cmocka_unit_test(test_truncated), cmocka_unit_test(test_values),
	    cmocka_unit_test(test_strings),   cmocka_unit_test(test_depth),
	    cmocka_unit_test(test_many_keys), cmocka_unit_test(test_small_arenas),
	    cmocka_unit_test(test_typed),     cmocka_unit_test(test_only),
	    cmocka_unit_test(test_writer),    cmocka_unit_test(test_writer_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
