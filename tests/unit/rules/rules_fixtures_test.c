/* Every rule of ours passes, fails and does not apply where its fixtures say so;
 * and never passes on what was not seen. */
#include "rules_help.h"

static struct saksi_rules rules;
static struct saksi_eol eol;

static int setup(void **state)
{
	if (arena_setup(state) != 0)
		return -1;
	rules = our_rules();
	eol = our_eol();
	return 0;
}

/* The lines below [name] in the rule's fixture; .at NULL when it has none. */
static struct saksi_bytes fixture(const struct saksi_rule *rule, const char *name)
{
	struct saksi_buf buf =
	    saksi_buf_fixed(saksi_arena_new(&arena, 65536, 1), 65536);
	struct saksi_bytes out = {NULL, 0};
	char path[256], head[64];
	bool inside = false;

	(void)snprintf(path, sizeof(path), "tests/audit/fixtures/%.*s.facts",
		       (int)rule->id.len, (const char *)rule->id.at);
	(void)snprintf(head, sizeof(head), "[%s]", name);
	if (saksi_file_read(AT_FDCWD, path, false, &buf) != SAKSI_OK)
		fail_msg("%s is missing", path);
	struct saksi_cursor c = saksi_cursor_on(saksi_buf_bytes(&buf));
	while (c.left.len > 0) {
		struct saksi_bytes line = saksi_cursor_line(&c);

		assert_true(c.ok);
		if (line.len > 0 && line.at[0] == '[') {
			inside = saksi_bytes_is(line, head);
			if (inside)
				out = (struct saksi_bytes){c.left.at, 0};
		} else if (inside) {
			out.len = (size_t)(c.left.at - out.at);
		}
	}
	return out;
}

static void expect(const struct saksi_rule *rule, const struct saksi_facts *facts,
		   enum saksi_verdict verdict, const char *what)
{
	struct saksi_judgement j = judge_one(rule, facts, &eol);

	if (j.verdict != verdict)
		fail_msg("%.*s, %s: %s instead of %s\n%.*s", (int)rule->id.len,
			 (const char *)rule->id.at, what, saksi_verdict_name(j.verdict),
			 saksi_verdict_name(verdict), (int)j.detail.len,
			 (const char *)j.detail.at);
	assert_int_equal(j.severity, rule->severity);
}

static void test_fixtures(void **state)
{
	static const struct {
		const char *name;
		enum saksi_verdict verdict;
	} parts[] = {{"pass", SAKSI_PASS},
		     {"fail", SAKSI_FAIL},
		     {"not-applicable", SAKSI_NOT_APPLICABLE}};
	struct bending none = {0};

	(void)state;
	assert_true(rules.count >= 150);
	for (size_t i = 0; i < rules.count; i++)
		for (size_t p = 0; p < 3; p++) {
			size_t mark = arena.used;
			struct saksi_bytes lines =
			    fixture(&rules.rule[i], parts[p].name);

			if (p == 2 && rules.rule[i].when == NULL) {
				assert_null(lines.at);
				continue;
			}
			if (lines.at == NULL)
				fail_msg("%.*s has no [%s]", (int)rules.rule[i].id.len,
					 (const char *)rules.rule[i].id.at,
					 parts[p].name);
			struct saksi_facts f = facts_of(&rules.rule[i], lines, &none);
			expect(&rules.rule[i], &f, parts[p].verdict, parts[p].name);
			saksi_arena_rewind(&arena, mark);
		}
}

/* Denied, unread, not said: the verdict is not covered, whatever the facts say. */
static void test_unseen(void **state)
{
	static const char *const states[] = {"denied", "unread", "none"};

	(void)state;
	for (size_t i = 0; i < rules.count; i++)
		for (size_t s = 0; s < 3; s++)
			for (size_t p = 0; p < 2; p++) {
				size_t mark = arena.used;
				struct bending bend = {.states = states[s]};
				struct saksi_facts f = facts_of(
				    &rules.rule[i],
				    fixture(&rules.rule[i], p == 0 ? "pass" : "fail"),
				    &bend);

				expect(&rules.rule[i], &f, SAKSI_NOT_COVERED,
				       states[s]);
				saksi_arena_rewind(&arena, mark);
			}
}

/* One section not seen whole, or no trailer: never a pass and never "does not
 * apply", unless the rule says that a part will do. */
static void test_partly_seen(void **state)
{
	static const char *const states[] = {"denied", "unread", "none", "partial",
					     "absent"};

	(void)state;
	for (size_t i = 0; i < rules.count; i++)
		for (size_t n = 0; n < rules.rule[i].need_count; n++)
			for (size_t s = 0; s < 5; s++) {
				const struct saksi_rule *rule = &rules.rule[i];
				size_t mark = arena.used;
				struct bending bend = {.states = states[s],
						       .only = rule->needs[n]};
				struct saksi_facts f =
				    facts_of(rule, fixture(rule, "pass"), &bend);
				struct saksi_judgement j = judge_one(rule, &f, &eol);

				if (s == 3 && rule->partial_ok & 1U << n)
					continue;
				if (j.verdict == SAKSI_PASS && s != 4)
					fail_msg("%.*s passes with %s",
						 (int)rule->id.len,
						 (const char *)rule->id.at, states[s]);
				if (s < 4)
					assert_int_not_equal(j.verdict,
							     SAKSI_NOT_APPLICABLE);
				saksi_arena_rewind(&arena, mark);
			}
}

static void test_cut_off(void **state)
{
	struct bending bend = {.no_trailer = true};

	(void)state;
	for (size_t i = 0; i < rules.count; i++) {
		const struct saksi_rule *rule = &rules.rule[i];
		size_t mark = arena.used;
		struct saksi_facts f = facts_of(rule, fixture(rule, "pass"), &bend);

		expect(rule, &f, SAKSI_NOT_COVERED, "cut off");
		f = facts_of(rule, fixture(rule, "fail"), &bend);
		expect(rule, &f, SAKSI_FAIL, "a failure seen before the cut");
		if (rule->when != NULL) {
			f = facts_of(rule, fixture(rule, "not-applicable"), &bend);
			expect(rule, &f, SAKSI_NOT_COVERED, "cut off, not applicable");
		}
		saksi_arena_rewind(&arena, mark);
	}
}

/* No facts at all, and sections said complete that hold nothing for a rule. */
static void test_nothing(void **state)
{
	struct saksi_judgement *out =
	    saksi_arena_new(&arena, rules.count, sizeof(*out));
	struct saksi_facts none = {.whole = true};
	struct saksi_judge_input in = {&rules, &none, &eol, NOW};

	(void)state;
	assert_int_equal(saksi_judge_facts(&in, &arena, out), SAKSI_OK);
	for (size_t i = 0; i < rules.count; i++) {
		assert_int_equal(out[i].verdict, SAKSI_NOT_COVERED);
		assert_int_equal(out[i].rule, i);
	}
}

/* A container's mark, and any other file nobody asked about, changes nothing. */
static void test_dockerenv(void **state)
{
	struct bending bend = {.more = "file | /.dockerenv | state | present\n"
				       "file | /.dockerenv | kind | file\n"
				       "file | /.dockerenv | mode | 0755\n"
				       "file | /.dockerenv | uid | 0\n"};
	static const char *const parts[] = {"pass", "fail", "not-applicable"};
	static const enum saksi_verdict verdicts[] = {SAKSI_PASS, SAKSI_FAIL,
						      SAKSI_NOT_APPLICABLE};

	(void)state;
	for (size_t i = 0; i < rules.count; i++)
		for (size_t p = 0; p < 3; p++) {
			size_t mark = arena.used;
			struct saksi_bytes lines = fixture(&rules.rule[i], parts[p]);
			if (lines.at == NULL)
				continue;
			struct saksi_facts f = facts_of(&rules.rule[i], lines, &bend);
			struct saksi_facts plain =
			    facts_of(&rules.rule[i], lines, &(struct bending){0});
			struct saksi_judgement a, b;

			a = judge_one(&rules.rule[i], &f, &eol);
			b = judge_one(&rules.rule[i], &plain, &eol);
			assert_int_equal(a.verdict, verdicts[p]);
			assert_int_equal(a.verdict, b.verdict);
			saksi_arena_rewind(&arena, mark);
		}
}

/* Every rule speaks to people in both languages and names all four standards. */
static void test_texts(void **state)
{
	static const char *const schemes[] = {"CIS-8 ", "ISO-27001 A.", "CSF-2.0 ",
					      "BSSN-4-2021 "};

	(void)state;
	for (size_t i = 0; i < rules.count; i++) {
		const struct saksi_rule *r = &rules.rule[i];

		for (unsigned t = 0; t < SAKSI_RULE_TEXTS; t++) {
			assert_true(r->text[t][0].len > 10 && r->text[t][1].len > 10);
			assert_false(saksi_bytes_same(r->text[t][0], r->text[t][1]));
		}
		assert_non_null(memchr(r->text[SAKSI_RULE_FIX][0].at, '\n',
				       r->text[SAKSI_RULE_FIX][0].len));
		for (size_t s = 0; s < 4; s++) {
			bool any = false;

			for (size_t n = 0; n < r->ref_count; n++)
				any |= saksi_bytes_starts(r->refs[n], schemes[s]);
			assert_true(any);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fixtures),    cmocka_unit_test(test_unseen),
	    cmocka_unit_test(test_partly_seen), cmocka_unit_test(test_cut_off),
	    cmocka_unit_test(test_nothing),     cmocka_unit_test(test_dockerenv),
	    cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, setup, arena_teardown);
}
