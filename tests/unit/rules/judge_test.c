/* The judge: three-valued, and nothing passes that was not seen. */
#include "rules_help.h"

#include "rules/judge_eval.h"

#define PASS SAKSI_PASS
#define FAIL SAKSI_FAIL
#define NOT_COVERED SAKSI_NOT_COVERED
#define ERROR SAKSI_VERDICT_ERROR

static struct saksi_eol eol;

static int setup(void **state)
{
	if (arena_setup(state) != 0)
		return -1;
	eol = our_eol();
	return 0;
}

static const char facts_text[] = "user | root | uid | 0\n"
				 "user | root | shell | /bin/bash\n"
				 "user | budi | uid | 1000\n"
				 "user | budi | shell | /bin/sh\n"
				 "user | budi | group | sudo\n"
				 "user | budi | group | adm\n"
				 "user | ani | uid | 1001\n"
				 "user | - | total | 3\n"
				 "file | /a | mode | 0640\n"
				 "file | /a | when | 2027-01-14T00:00:00Z\n"
				 "file | /a | version | 1:2.0~rc1-1\n"
				 "file | /a | ciphers | aes128-cbc,aes256-ctr chacha\n"
				 "file | /b | mode | drwx\n";

struct row {
	const char *test;
	enum saksi_verdict complete, partial;
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char lines[1024];
		struct saksi_rules r;
		enum saksi_verdict v;

		(void)snprintf(lines, sizeof(lines), "needs = %s\ntest = %s\n",
			       strstr(rows[i].test, "user") != NULL ? "user" : "file",
			       rows[i].test);
		r = rule_of(lines);
		for (int partial = 0; partial < 2; partial++) {
			struct bending bend = {.states = partial ? "partial" : NULL};
			struct saksi_facts f =
			    facts_of(&r.rule[0], text_of(facts_text), &bend);

			v = judge_one(&r.rule[0], &f, &eol).verdict;
			if (v != (partial ? rows[i].partial : rows[i].complete))
				fail_msg("%s: %s when %s", rows[i].test,
					 saksi_verdict_name(v),
					 partial ? "partial" : "complete");
		}
	}
}
#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))

static void test_quantifiers(void **state)
{
	static const struct row rows[] = {
	    {"all user has uid present", PASS, NOT_COVERED},
	    {"all user has shell present", FAIL, NOT_COVERED},
	    {"all user has uid < 1001", FAIL, FAIL},
	    {"all user where uid = 0 has shell = /bin/bash", PASS, NOT_COVERED},
	    {"all user where uid = 0 has shell = /bin/sh", FAIL, FAIL},
	    {"all user where uid = 7 has shell = /bin/sh", NOT_COVERED, NOT_COVERED},
	    {"all user has shell like /bin/*", NOT_COVERED, NOT_COVERED}, /* ani's */
	    {"all user has shell default /bin/false like /bin/*", PASS, NOT_COVERED},
	    {"all user has shell = /bin/zsh", FAIL, FAIL},
	    {"all user(ani) where shell = /bin/sh has uid = 7", NOT_COVERED,
	     NOT_COVERED},
	    {"all user(ani) where shell = /bin/sh has uid = 1001", NOT_COVERED,
	     NOT_COVERED},
	    {"some user where uid = 0", PASS, NOT_COVERED},
	    {"some user where uid = 7", FAIL, NOT_COVERED},
	    {"some user where shell = /bin/zsh", NOT_COVERED, NOT_COVERED},
	    {"some user(ani, b*) has uid > 1000", PASS, NOT_COVERED},
	    {"some user(b*) has uid > 1000", FAIL, NOT_COVERED},
	    {"some user(x*)", FAIL, NOT_COVERED},
	    {"none user where uid = 7", PASS, NOT_COVERED},
	    {"none user where uid = 0", FAIL, FAIL},
	    {"none user where uid = 0 and shell = /bin/sh", PASS, NOT_COVERED},
	    {"none user where uid = 1001 and shell = /bin/sh", NOT_COVERED,
	     NOT_COVERED},
	    {"none user where uid = 1001 and shell default x = /bin/sh", PASS,
	     NOT_COVERED},
	    {"none user where subject = -", PASS, NOT_COVERED},
	    {"none user(\"*\") where subject = -", PASS, NOT_COVERED},
	    {"none user(-) where subject = -", FAIL, FAIL},
	    {"user.total = 3", PASS, NOT_COVERED},
	    {"count user is = 3", PASS, NOT_COVERED},
	    {"count user is < 3", FAIL, FAIL},
	    {"count user is < 4", PASS, NOT_COVERED},
	    {"count user is >= 3", PASS, NOT_COVERED},
	    {"count user is > 3", FAIL, NOT_COVERED},
	    {"count user where shell present is = 2", PASS, NOT_COVERED},
	    {"count user where shell = /bin/sh is != 1", NOT_COVERED, NOT_COVERED},
	    {"count user where shell = /bin/sh is < 3", PASS, NOT_COVERED},
	    {"count user where shell = /bin/sh is >= 1", PASS, NOT_COVERED},
	    {"user exists", PASS, NOT_COVERED},
	    {"not user exists", FAIL, FAIL},
	};

	(void)state;
	CHECK(rows);
}

static void test_comparisons(void **state)
{
	static const struct row rows[] = {
	    {"user(budi).group = sudo", PASS, NOT_COVERED},
	    {"user(budi).group = adm", PASS, NOT_COVERED},
	    {"user(budi).group != adm", FAIL, FAIL},
	    {"user(budi).group not in (x, y)", PASS, NOT_COVERED},
	    {"user(budi).group in (x, adm)", PASS, NOT_COVERED},
	    {"user(budi).group besides (sudo, x)", PASS, NOT_COVERED},
	    {"user(budi).group besides (sudo, ad?)", FAIL, FAIL},
	    {"user(budi).group not besides (sudo, adm)", PASS, NOT_COVERED},
	    {"user(budi).nothing besides x", NOT_COVERED, NOT_COVERED},
	    {"user(budi).nothing = x", NOT_COVERED, NOT_COVERED},
	    {"user(budi).nothing default x = x", PASS, NOT_COVERED},
	    {"user(budi).nothing default y = x", FAIL, NOT_COVERED},
	    {"user(budi).nothing absent", PASS, NOT_COVERED},
	    {"user(budi).group absent", FAIL, FAIL},
	    {"user(budi).nothing present", FAIL, NOT_COVERED},
	    {"user(siti).uid default 5 = 5", PASS, NOT_COVERED},
	    {"user(budi).uid > 999 and user(budi).uid <= 1000", PASS, NOT_COVERED},
	    {"user(budi).uid < -1", FAIL, FAIL},
	    {"user(budi).shell > 3", ERROR, ERROR},
	    {"user(budi).shell > 3 and user(budi).uid = 0", FAIL, FAIL},
	    {"user(budi).uid = @uid", PASS, NOT_COVERED},
	    {"user(budi).uid != @total", NOT_COVERED, NOT_COVERED},
	    {"user(budi).group = @subject", FAIL, FAIL},
	    {"file(/a).mode within 0640", PASS, NOT_COVERED},
	    {"file(/a).mode within 0600", FAIL, FAIL},
	    {"file(/a).mode within 0701", FAIL, FAIL},
	    {"file(/a).mode touches 0040", PASS, NOT_COVERED},
	    {"file(/a).mode touches 0007", FAIL, FAIL},
	    {"file(/b).mode touches 0007", ERROR, ERROR},
	    {"none file where mode touches 0007", ERROR, ERROR},
	    {"none file where mode touches 0040", FAIL, FAIL},
	    {"file(/a).when before now", PASS, NOT_COVERED},
	    {"file(/a).when before now-1d", FAIL, FAIL},
	    {"file(/a).when after now-2d", PASS, NOT_COVERED},
	    {"file(/a).when after 2027-01-14", FAIL, FAIL},
	    {"file(/a).when not before 2027-01-14", PASS, NOT_COVERED},
	    {"file(/a).mode before now", ERROR, ERROR},
	    {"file(/a).version older 1:2.0", PASS, NOT_COVERED},
	    {"file(/a).version older 2.0", FAIL, FAIL},
	    {"file(/a).version older 1:2.0~rc1-1", FAIL, FAIL},
	    {"file(/a).ciphers contains *-cbc", PASS, NOT_COVERED},
	    {"file(/a).ciphers contains (x, chacha)", PASS, NOT_COVERED},
	    {"file(/a).ciphers contains aes", FAIL, FAIL},
	    {"file(/a).ciphers like aes*", PASS, NOT_COVERED},
	    {"file(/a).ciphers not like *ctr", PASS, NOT_COVERED},
	    {"file(/a).mode supported as debian", NOT_COVERED, NOT_COVERED},
	};

	(void)state;
	CHECK(rows);
}

/* Kleene's tables, against the strong definition, through not, and, or. */
static void test_three_values(void **state)
{
	static const char *const leaf[3] = {"user(budi).uid = 1",
					    "user(budi).uid = 1000",
					    "user(budi).nothing = 1"}; /* F T U */
	static const enum saksi_verdict out[3] = {FAIL, PASS, NOT_COVERED};
	struct bending none = {0};

	(void)state;
	for (int a = 0; a < 3; a++)
		for (int b = 0; b < 3; b++)
			for (int op = 0; op < 3; op++) {
				char lines[512];
				/* by order F < U < T: and = least, or = greatest */
				static const int rank[3] = {0, 2, 1},
						 back[3] = {0, 2, 1};
				int ra = rank[a], rb = rank[b], want;

				(void)snprintf(lines, sizeof(lines),
					       "needs = user\ntest = %s%s%s%s\n",
					       op == 2 ? "not " : "", leaf[a],
					       op == 0 ? " and " : " or ", leaf[b]);
				want = op == 0   ? (ra < rb ? ra : rb)
				       : op == 1 ? (ra > rb ? ra : rb)
						 : (2 - ra > rb ? 2 - ra : rb);
				struct saksi_rules r = rule_of(lines);
				struct saksi_facts f =
				    facts_of(&r.rule[0], text_of(facts_text), &none);
				assert_int_equal(
				    judge_one(&r.rule[0], &f, &eol).verdict,
				    out[back[want]]);
			}
}

/* What is not there: only `exists` may say so, and only of a section. */
static void test_absent(void **state)
{
	static const struct {
		const char *when, *test;
		enum saksi_verdict v;
	} rows[] = {
	    {"user exists", "user.total = 3", SAKSI_NOT_APPLICABLE},
	    {NULL, "user exists and user.total = 3", FAIL},
	    {NULL, "not user exists", PASS},
	    {NULL, "none user where uid = 7", NOT_COVERED},
	    {NULL, "all user has uid = 7", NOT_COVERED},
	    {NULL, "some user where uid = 7", NOT_COVERED},
	    {NULL, "count user is < 9", NOT_COVERED},
	    {NULL, "user.other default x = x", NOT_COVERED},
	    {"user.present = yes", "user.total = 3", SAKSI_NOT_APPLICABLE},
	    {"some user where uid = 7", "user.total = 3", NOT_COVERED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char lines[512];
		struct bending none = {0};

		(void)snprintf(lines, sizeof(lines), "needs = user\n%s%s%stest = %s\n",
			       rows[i].when == NULL ? "" : "when = ",
			       rows[i].when == NULL ? "" : rows[i].when,
			       rows[i].when == NULL ? "" : "\n", rows[i].test);
		struct saksi_rules r = rule_of(lines);
		struct saksi_facts f = facts_of(
		    &r.rule[0],
		    text_of(
			"user | - | present | no\n= | user | absent | not installed\n"),
		    &none);
		struct saksi_judgement j = judge_one(&r.rule[0], &f, &eol);
		if (j.verdict != rows[i].v)
			fail_msg("%s: %s", rows[i].test, saksi_verdict_name(j.verdict));
		assert_non_null(strstr(
		    cstr(j.detail), i == 8 ? "present=no" : "absent: not installed"));
	}
}

/* Facts in a section that is said to be absent prove nothing about its members. */
static void test_absent_but_there(void **state)
{
	struct saksi_rules r =
	    rule_of("needs = user\ntest = none user where uid = 0\n");
	struct bending absent = {.states = "absent"};
	struct saksi_facts f = facts_of(&r.rule[0], text_of(facts_text), &absent);

	(void)state;
	assert_int_equal(judge_one(&r.rule[0], &f, &eol).verdict, NOT_COVERED);
}

/* partial-ok: a part is enough to pass, and still not enough to deny. */
static void test_partial_ok(void **state)
{
	struct saksi_rules r = rule_of(
	    "needs = user\npartial-ok = user\ntest = some user where uid = 0\n");
	struct saksi_rules none = rule_of(
	    "needs = user\npartial-ok = user\ntest = none user where uid = 7\n");
	struct bending partial = {.states = "partial"}, denied = {.states = "denied"};
	struct saksi_facts f = facts_of(&r.rule[0], text_of(facts_text), &partial);
	struct saksi_facts g = facts_of(&r.rule[0], text_of(facts_text), &denied);

	(void)state;
	assert_int_equal(judge_one(&r.rule[0], &f, &eol).verdict, PASS);
	assert_int_equal(judge_one(&none.rule[0], &f, &eol).verdict, NOT_COVERED);
	assert_int_equal(judge_one(&r.rule[0], &g, &eol).verdict, NOT_COVERED);
}

static const char *detail(const char *lines, const char *text)
{
	struct saksi_rules r = rule_of(lines);
	struct bending none = {0};
	struct saksi_facts f = facts_of(&r.rule[0], text_of(text), &none);

	return cstr(judge_one(&r.rule[0], &f, &eol).detail);
}

/* The detail is canonical: byte for byte what docs/RULES.md says. */
static void test_details(void **state)
{
	static char many[65536];

	(void)state;
	assert_string_equal(
	    detail(
		"needs = user\ntest = none user where uid < 1001 and shell present\n",
		facts_text),
	    "user(budi): uid=1000 shell=/bin/sh\n"
	    "user(root): uid=0 shell=/bin/bash\n"
	    "user: 2 of 3\n");
	assert_string_equal(
	    detail("needs = user\ntest = none user where uid = 7\n", facts_text),
	    "user: 0 of 3\n");
	assert_string_equal(
	    detail("needs = user\ntest = user(budi).group = x or user.total = 4\n",
		   facts_text),
	    "user(budi): group=sudo, adm\nuser: total=3\n");
	assert_string_equal(
	    detail("needs = user\ntest = user.gone default no = no\n", facts_text),
	    "user: gone not there, default no\n");
	assert_string_equal(detail("needs = user\ntest = none user(b*)\n", facts_text),
			    "user(budi): group=sudo group=adm shell=/bin/sh uid=1000\n"
			    "user: 1 of 1\n");
	assert_string_equal(
	    detail("needs = user\ntest = user.total = 4 or user.total = 5\n",
		   facts_text),
	    "user: total=3\n"); /* each line once */
	assert_string_equal(
	    detail("needs = user\ntest = all user has uid > 0\n", facts_text),
	    "user(root): uid=0\nuser: 1 of 3\n");
	/* Only what made the answer: here the right side. */
	assert_string_equal(
	    detail("needs = user\ntest = user.total = 3 and user(ani).uid = 7\n",
		   facts_text),
	    "user(ani): uid=1001\n");
	assert_string_equal(detail("needs = user\ntest = user.gone = no\n", facts_text),
			    "user: gone not there\n");
	assert_string_equal(
	    detail("needs = user\ntest = user.a = b\n", "user | - | a | %\t\n"),
	    "user: a=%25%09\n");
	assert_string_equal(detail("needs = user\ntest = none user where a = b\n",
				   "user | \xff | a | b\nuser | \xc3\xa9 | a | b\n"),
			    "user(\xc3\xa9): a=b\nuser(%FF): a=b\nuser: 2 of 2\n");
	assert_string_equal(detail("needs = user\ntest = user.a = b\n",
				   "= | user | denied | no right to read\n"),
			    "section user: denied: no right to read\n");
	/* Bounded, and it says how many it left out. */
	for (int i = 0; i < 1000; i++)
		(void)snprintf(many + strlen(many), 64, "user | name%04d | uid | 0\n",
			       i);
	const char *d = detail("needs = user\ntest = none user where uid = 0\n", many);
	assert_true(strlen(d) <= SAKSI_DETAIL_MAX && strlen(d) > 1700);
	assert_non_null(strstr(d, "more\nuser: 1000 of 1000\n"));
	/* One long subject cannot pass the bound either. */
	memset(many, 'x', 6000);
	memcpy(many, "user | ", 7);
	(void)strcpy(many + 6000, " | uid | 0\n");
	d = detail("needs = user\ntest = none user where uid = 0\n", many);
	assert_true(strlen(d) < 400 && strstr(d, "...") != NULL);
}

/* A pattern matcher by recursion, as definition. */
static bool slow_like(const char *p, const char *s)
{
	if (*p == 0)
		return *s == 0;
	if (*p == '*')
		return slow_like(p + 1, s) || (*s != 0 && slow_like(p, s + 1));
	return *s != 0 && (*p == '?' || *p == *s) && slow_like(p + 1, s + 1);
}

static void test_like(void **state)
{
	static const char alphabet[] = "ab*?";
	unsigned tried = 0;

	(void)state;
	for (unsigned p = 0; p < 4096; p++)
		for (unsigned s = 0; s < 64; s++) {
			char pattern[7] = {0}, string[7] = {0};

			for (unsigned i = 0; i < 1 + p % 6; i++)
				pattern[i] = alphabet[p >> 2 * i & 3];
			for (unsigned i = 0; i < s % 7; i++)
				string[i] = alphabet[s >> i & 1];
			assert_int_equal(
			    saksi_eval_like(text_of(pattern), text_of(string)),
			    slow_like(pattern, string));
			tried++;
		}
	assert_true(tried > 200000);
	/* No blow-up: quadratic at worst. */
	static char stars[2001], as[8001];
	for (int i = 0; i < 2000; i += 2)
		memcpy(stars + i, "*a", 2);
	memset(as, 'a', 8000);
	stars[1999] = 'b';
	assert_false(saksi_eval_like(text_of(stars), text_of(as)));
}

static void test_small_arena(void **state)
{
	struct saksi_rules r =
	    rule_of("needs = user\ntest = none user where uid = 7\n");
	struct bending none = {0};
	struct saksi_facts f = facts_of(&r.rule[0], text_of(facts_text), &none);
	struct saksi_judge_input in = {&r, &f, NULL, NOW};
	struct saksi_judgement out;
	uint8_t room[8];
	struct saksi_arena tiny = {room, 0, sizeof(room)};

	(void)state;
	assert_int_equal(saksi_judge_facts(&in, &tiny, &out), SAKSI_LIMIT);
}

/* Without end-of-life data nobody can tell. */
static void test_no_table(void **state)
{
	struct saksi_rules r =
	    rule_of("needs = os\ntest = os.version-id maintained as @id\n");
	struct bending none = {0};
	struct saksi_facts f = facts_of(
	    &r.rule[0], text_of("os | - | id | debian\nos | - | version-id | 12\n"),
	    &none);

	(void)state;
	assert_int_equal(judge_one(&r.rule[0], &f, &eol).verdict, PASS);
	assert_int_equal(judge_one(&r.rule[0], &f, NULL).verdict, NOT_COVERED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_quantifiers),      cmocka_unit_test(test_comparisons),
	    cmocka_unit_test(test_three_values),     cmocka_unit_test(test_absent),
	    cmocka_unit_test(test_absent_but_there), cmocka_unit_test(test_partial_ok),
	    cmocka_unit_test(test_details),          cmocka_unit_test(test_like),
	    cmocka_unit_test(test_small_arena),      cmocka_unit_test(test_no_table),
	};

	return cmocka_run_group_tests(tests, setup, arena_teardown);
}
