/* The rule language: what is read, what is refused and where, and the digest. */
#include "rules_help.h"

static const char head[] = "rules 1\n";
static const char good[] = "[a-rule]\n"
			   "severity = high\n"
			   "title.id = Judul\n"
			   "title.en = A title\n"
			   "why.id = Sebab\n"
			   "why.en = A reason\n"
			   "needs = sshd file\n"
			   "when = sshd exists\n"
			   "test = sshd(permitrootlogin).value default no = no\n"
			   "  and (none file(/etc/*) where mode touches 0022)\n"
			   "fix.id = Kerjakan:\n"
			   "  perintah\n"
			   "fix.en = Do:\n"
			   "  command\n"
			   "ref = CIS-8 5.4; ISO-27001 A.8.2\n";
/* The canonical form of `good`, by hand from docs/RULES.md. */
static const char canonical[] =
    "rules 1\n"
    "[a-rule]\n"
    "severity = high\n"
    "needs = sshd file\n"
    "when = sshd exists\n"
    "test = sshd(\"permitrootlogin\").value default \"no\" = \"no\" and "
    "(none file(\"/etc/*\") where mode touches \"0022\")\n"
    "ref = CIS-8 5.4; ISO-27001 A.8.2\n";

/* good with the first `from` replaced by `to`. */
static const char *with(const char *from, const char *to)
{
	const char *at = strstr(good, from);
	size_t n = sizeof(head) + sizeof(good) + strlen(to);
	char *s = saksi_arena_new(&arena, n, 1);

	assert_non_null(at);
	assert_non_null(s);
	(void)snprintf(s, n, "%s%.*s%s%s", head, (int)(at - good), good, to,
		       at + strlen(from));
	return s;
}

static struct saksi_rules must_read(const char *text)
{
	struct saksi_rules_fault f;
	struct saksi_rules r;
	struct saksi_why w;

	if (read_rules(text, &r, &f) != SAKSI_OK) {
		saksi_rules_fault_say(&f, &w);
		fail_msg("%s\n%s", w.text, text);
	}
	return r;
}

static struct saksi_bytes written(const struct saksi_rules *r, bool texts)
{
	struct saksi_buf b = saksi_buf_fixed(saksi_arena_new(&arena, 65536, 1), 65536);

	saksi_rules_write(r, texts, &b);
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	return saksi_buf_bytes(&b);
}

static void test_canonical(void **state)
{
	struct saksi_rules r = must_read(with("[a-rule]", "[a-rule]"));
	struct saksi_bytes c = written(&r, false);
	struct saksi_hash h = saksi_hash_of(text_of(canonical));

	(void)state;
	assert_int_equal(c.len, strlen(canonical));
	assert_memory_equal(c.at, canonical, c.len);
	assert_true(saksi_hash_same(&r.digest, &h));
	assert_int_equal(saksi_rules_find(&r, text_of("a-rule")), 0);
	assert_true(saksi_rules_find(&r, text_of("a-rul")) == SIZE_MAX);
	/* Reading what was written gives the same again, texts and all. */
	struct saksi_bytes whole = written(&r, true);
	struct saksi_rules again = must_read(cstr(whole));
	assert_true(saksi_hash_same(&again.digest, &r.digest));
	assert_true(saksi_bytes_same(written(&again, true), whole));
	assert_true(saksi_bytes_is(again.rule[0].text[SAKSI_RULE_FIX][SAKSI_RULE_EN],
				   "Do:\ncommand"));
}

/* SHA-256 of the bytes above, by sha256sum. */
static void test_digest_vector(void **state)
{
	static const char expected[] =
	    "e073a5ac58e912695739336cd0f6750cc58a0b9eb1b611bae2b00c98e693e569";
	char hex[2 * SAKSI_HASH_LEN + 1];
	struct saksi_rules r = must_read(with("[a-rule]", "[a-rule]"));

	(void)state;
	for (size_t i = 0; i < SAKSI_HASH_LEN; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", r.digest.b[i]);
	assert_string_equal(hex, expected);
}

static void test_what_the_digest_covers(void **state)
{
	static const struct {
		const char *from, *to;
		bool same;
	} changes[] = {
	    {"A title", "Another", true},
	    {"Judul", "Lain", true},
	    {"A reason", "Another", true},
	    {"perintah", "perintah lain", true},
	    {"  and (none", "\tand   ( none", true},
	    {"default no = no", "default \"no\" = \"no\"", true},
	    {"severity = high", "severity = low", false},
	    {"[a-rule]", "[b-rule]", false},
	    {"sshd file", "file sshd", false},
	    {"0022", "0002", false},
	    {"= no\n", "= yes\n", false},
	    {"default no", "default yes", false},
	    {"/etc/*", "/etc/?", false},
	    {"sshd exists", "not sshd exists", false},
	    {"none file", "some file", false},
	    {"permitrootlogin", "permitrootlogim", false},
	    {"  and (", "  or (", false},
	    {"when = sshd exists\n", "", false},
	    {"sshd file\n", "sshd file\npartial-ok = file\n", false},
	    {"CIS-8 5.4", "CIS-8 5.5", false},
	    {"; ISO-27001 A.8.2", "", false},
	};
	struct saksi_rules base = must_read(with("[a-rule]", "[a-rule]"));

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct saksi_rules r = must_read(with(changes[i].from, changes[i].to));

		if (saksi_hash_same(&r.digest, &base.digest) != changes[i].same)
			fail_msg("%s -> %s", changes[i].from, changes[i].to);
	}
}

/* Expressions and their one form. */
static void test_expressions(void **state)
{
	static const char *const pairs[][2] = {
	    {"os.id = debian", "os(\"-\").id = \"debian\""},
	    {"os.a != x", "os(\"-\").a != \"x\""},
	    {"os.a >= 3 and os.b <= -4",
	     "os(\"-\").a >= \"3\" and os(\"-\").b <= \"-4\""},
	    {"os.a < 3 or os.b > 4", "os(\"-\").a < \"3\" or os(\"-\").b > \"4\""},
	    {"os.a in x", "os(\"-\").a in (\"x\")"},
	    {"os.a not in (x,y , \"z\\\"\\\\\")",
	     "os(\"-\").a not in (\"x\", \"y\", \"z\\\"\\\\\")"},
	    {"os.a not like */x or not os.b present",
	     "os(\"-\").a not like (\"*/x\") or not os(\"-\").b present"},
	    {"os.a absent", "os(\"-\").a absent"},
	    {"os.a besides a", "os(\"-\").a besides (\"a\")"},
	    {"os.a contains (a, b)", "os(\"-\").a contains (\"a\", \"b\")"},
	    {"os.a within 0640 and os.b not touches 7777",
	     "os(\"-\").a within \"0640\" and os(\"-\").b not touches \"7777\""},
	    {"os.a not older 1:2.3-4", "os(\"-\").a not older \"1:2.3-4\""},
	    {"os.a before now and os.b after now+30d and os.c before now-1d",
	     "os(\"-\").a before \"now\" and os(\"-\").b after \"now+30d\" and "
	     "os(\"-\").c before \"now-1d\""},
	    {"os.a not before 2026-11-22", "os(\"-\").a not before \"2026-11-22\""},
	    {"os.v supported as debian", "os(\"-\").v supported as \"debian\""},
	    {"os.v not maintained as @id at now+180d",
	     "os(\"-\").v not maintained as @id at now+180d"},
	    {"os.a = @b", "os(\"-\").a = @b"},
	    {"((os.a = 1))", "os(\"-\").a = \"1\""},
	    {"os.a = 1 or os.b = 2 and os.c = 3",
	     "os(\"-\").a = \"1\" or os(\"-\").b = \"2\" and os(\"-\").c = \"3\""},
	    {"(os.a = 1 or os.b = 2) and os.c = 3",
	     "(os(\"-\").a = \"1\" or os(\"-\").b = \"2\") and os(\"-\").c = \"3\""},
	    {"os.a = 1 or (os.b = 2 or os.c = 3)",
	     "os(\"-\").a = \"1\" or (os(\"-\").b = \"2\" or os(\"-\").c = \"3\")"},
	    {"not (os.a = 1 and os.b = 2)",
	     "not (os(\"-\").a = \"1\" and os(\"-\").b = \"2\")"},
	    {"not not os.a = 1", "not not os(\"-\").a = \"1\""},
	    {"none os", "none os"},
	    {"some os(x@y, \"-\") where a = 1 or b = 2",
	     "some os(\"x@y\", \"-\") where a = \"1\" or b = \"2\""},
	    {"all os where a = 1 and (b = 2 or c = 3) has not d present",
	     "all os where a = \"1\" and (b = \"2\" or c = \"3\") has not d present"},
	    {"count os where a = 1 is >= 3", "count os where a = \"1\" is >= \"3\""},
	    {"count os is = 0", "count os is = \"0\""},
	    {"not (none os) or (some os has subject like a*)",
	     "not (none os) or (some os has subject like (\"a*\"))"},
	    {"os(\"a b\").c.d_e default \"\" = \"\"",
	     "os(\"a b\").c.d_e default \"\" = \"\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		char lines[1024];
		struct saksi_buf b =
		    saksi_buf_fixed(saksi_arena_new(&arena, 4096, 1), 4096);

		(void)snprintf(lines, sizeof(lines), "needs = os\ntest = %s\n",
			       pairs[i][0]);
		struct saksi_rules r = rule_of(lines);
		saksi_rule_expr_write(r.rule[0].test, &b);
		assert_string_equal(cstr(saksi_buf_bytes(&b)), pairs[i][1]);
		(void)snprintf(lines, sizeof(lines), "needs = os\ntest = %s\n",
			       pairs[i][1]);
		struct saksi_rules again = rule_of(lines);
		assert_true(saksi_hash_same(&r.digest, &again.digest));
	}
}

/* Every refusal, with its line and column. */
static void test_faults(void **state)
{
	static const struct {
		const char *from, *to, *says; /* "" for from: the whole text is `to` */
	} faults[] = {
	    {"", "", "t.rules:1:1: the first line must be: rules 1"},
	    {"", "[a]\n", "t.rules:1:1: the first line must be: rules 1 \"[a]\""},
	    {"", "rules 01\n",
	     "t.rules:1:1: the first line must be: rules 1 \"rules 01\""},
	    {"", "rules 1\nsize = 3\n",
	     "t.rules:2:1: expected [ID] on a line of its own \"size = 3\""},
	    {"", "rules 1\n[a-b\n",
	     "t.rules:2:1: expected [ID] on a line of its own \"[a-b\""},
	    {"[a-rule]", "[A]",
	     "t.rules:2:2: an id is 2 to 63 of a-z 0-9 -, not beginning with - \"A\""},
	    {"severity", "severty", "t.rules:3:1: unknown key \"severty\""},
	    {"= high", "= huge",
	     "t.rules:3:12: severity is critical, high, medium, low or info \"huge\""},
	    {"severity = high\n", "",
	     "t.rules:2:2: severity is missing in rule \"a-rule\""},
	    {"title.en = A title\n", "",
	     "t.rules:2:2: title.en is missing in rule \"a-rule\""},
	    {"test = sshd(permitrootlogin).value default no = no\n  and (none "
	     "file(/etc/*) where mode touches 0022)\n",
	     "", "t.rules:2:2: test is missing in rule \"a-rule\""},
	    {"title.en = A title\n", "title.en = A\ntitle.en = B\n",
	     "t.rules:6:1: this key stands twice \"title.en\""},
	    {"title.en = A title\n", "title.en =\n",
	     "t.rules:5:1: a value is missing after \"title.en\""},
	    {"title.en = A title\n", "title.en A\n",
	     "t.rules:5:1: expected KEY = VALUE or [ID] \"title.en A\""},
	    {"severity", "  x\nseverity",
	     "t.rules:3:3: an indented line continues nothing \"x\""},
	    {"sshd file\n", "sshd\n",
	     "t.rules:11:13: needs does not name this section \"file\""},
	    {"sshd file\n", "sshd file os\n",
	     "t.rules:8:19: needs names a section that is not used \"os\""},
	    {"sshd file\n", "sshd sshd\n", "t.rules:8:14: named twice \"sshd\""},
	    {"sshd file\n", "sshd File\n",
	     "t.rules:8:14: not a section's name \"File\""},
	    {"sshd file\n", "sshd file\npartial-ok = os\n",
	     "t.rules:9:14: needs, above, must name it \"os\""},
	    {"= no\n", "== no\n", "t.rules:10:48: a value is missing here \"=\""},
	    {"0022", "022", "t.rules:11:45: not a mode of four octal digits \"022\""},
	    {"touches 0022", "< 1x", "t.rules:11:39: not a decimal number \"1x\""},
	    {"touches 0022", "before then",
	     "t.rules:11:44: not a time like now+30d or 2026-11-22 \"then\""},
	    {"touches 0022", "before 2026-02-30",
	     "t.rules:11:44: not a time like now+30d or 2026-11-22 \"2026-02-30\""},
	    {"touches 0022", "touches @uid",
	     "t.rules:11:49: an @attribute cannot stand here \")\""},
	    {"touches 0022", "within (0022)",
	     "t.rules:11:44: this comparison takes one value, not a list \"(\""},
	    {"touches 0022", "supported debian",
	     "t.rules:11:47: expected: as PRODUCT \"debian\""},
	    {"touches 0022", "not present",
	     "t.rules:11:48: say absent, not \"not present\" \")\""},
	    {"touches 0022", "default 1 present",
	     "t.rules:11:54: a default cannot be present or absent \")\""},
	    {"touches 0022", "in (a, b", "t.rules:11:46: expected and, or, or )"},
	    {"touches 0022", "in (a b)",
	     "t.rules:11:43: expected , or ) in a list \"b\""},
	    {"touches 0022)", "in \"a",
	     "t.rules:11:40: a quote that does not end on its line \"\"\""},
	    {"where mode touches 0022)", "where Mode = 1)",
	     "t.rules:11:32: expected an attribute's name \"Mode\""},
	    {"where mode touches 0022)", "where mode)",
	     "t.rules:11:36: expected a comparison: = != < <= > >= in like besides "
	     "contains "
	     "within touches older before after supported maintained present absent "
	     "\")\""},
	    {"(none file", "(all file",
	     "t.rules:11:48: all needs: has CONDITION \")\""},
	    {"(none file", "(count file",
	     "t.rules:11:50: count ends with: is < NUMBER \")\""},
	    {"(none file(/etc/*) where mode touches 0022)",
	     "none file where mode touches 0022",
	     "t.rules:11:40: put all, some, none, count in parentheses beside and, or, "
	     "not"},
	    {"sshd exists", "sshd exist",
	     "t.rules:9:13: after a section stands exists, (SUBJECT) or .ATTRIBUTE "
	     "\"exist\""},
	    {"sshd exists", "sshd exists x",
	     "t.rules:9:20: nothing may follow here; put and, or, or parentheses "
	     "\"x\""},
	    {"sshd exists", "not",
	     "t.rules:9:11: expected a section of facts, or all, some, none, count"},
	    {"CIS-8 5.4", "CIS 5.4",
	     "t.rules:16:7: expected SCHEME PLACE with one of CIS-8 ISO-27001 CSF-2.0 "
	     "BSSN-4-2021 BSSN-8-2024 UU-27-2022 PERPRES-95-2018 NIST-VTS-200-1, but "
	     "it is \"CIS 5.4\""},
	    {"A reason", "A\x01reason", "t.rules:7:11: a control character"},
	    {"A reason", "A\xffreason", "t.rules:1:1: not UTF-8 text"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const char *text = faults[i].from[0] == 0
				       ? faults[i].to
				       : with(faults[i].from, faults[i].to);
		struct saksi_rules_fault f;
		struct saksi_rules r = {.count = 77};
		struct saksi_why w;

		assert_int_equal(read_rules(text, &r, &f), SAKSI_MALFORMED);
		saksi_rules_fault_say(&f, &w);
		assert_string_equal(w.text, faults[i].says);
		assert_int_equal(r.count, 77); /* untouched on failure */
		assert_int_equal(read_rules(text, &r, NULL), SAKSI_MALFORMED);
	}
}

static void test_newer_and_limits(void **state)
{
	struct saksi_rules_fault f;
	struct saksi_rules r;
	struct saksi_rule_file same[2] = {{text_of("a"), text_of(head)},
					  {text_of("a"), text_of(head)}};
	static char deep[4096];
	struct saksi_arena tiny = {arena.base, 0, 512};

	(void)state;
	assert_int_equal(read_rules("rules 2\nwhatever this is\n", &r, &f),
			 SAKSI_NEWER);
	assert_int_equal(saksi_rules_read(same, 0, &arena, &r, &f), SAKSI_BADARG);
	assert_int_equal(saksi_rules_read(same, 2, &arena, &r, &f), SAKSI_LIMIT);
	(void)strcat(deep, "needs = os\ntest = ");
	for (int i = 0; i < SAKSI_RULE_DEPTH_MAX + 1; i++)
		(void)strcat(deep, "(");
	(void)strcat(deep, "os.a = 1\n");
	struct saksi_rule_file f1 = {text_of("t"),
				     text_of(with("needs = sshd file\n", deep))};
	assert_int_equal(saksi_rules_read(&f1, 1, &arena, &r, &f), SAKSI_MALFORMED);
	assert_string_equal(f.what, "nested too deeply");
	/* a list may hold so many values, and not one more */
	for (int more = 0; more < 2; more++) {
		(void)strcpy(deep, "in (v");
		for (int i = 1; i < SAKSI_RULE_VALUES_MAX + more; i++)
			(void)strcat(deep, ",v");
		(void)strcat(deep, ")\n");
		f1.text = text_of(with("default no = no\n", deep));
		enum saksi_err err = saksi_rules_read(&f1, 1, &arena, &r, &f);
		assert_int_equal(more == 1, err == SAKSI_MALFORMED);
		if (more == 1)
			assert_string_equal(f.what, "too many values in one list");
	}
	/* Every arena that is too small is told, none is overrun. */
	for (size_t cap = 0; cap < 4096; cap += 16) {
		uint8_t *room = saksi_arena_new(&arena, cap + 64, 1);
		struct saksi_rule_file f2 = {text_of("t"),
					     text_of(with("[a-rule]", "[a-rule]"))};
		enum saksi_err err;

		memset(room + cap, 0xa5, 64);
		tiny = (struct saksi_arena){room, 0, cap};
		err = saksi_rules_read(&f2, 1, &tiny, &r, &f);
		assert_true(err == SAKSI_OK || err == SAKSI_LIMIT);
		for (size_t i = 0; i < 64; i++)
			assert_int_equal(room[cap + i], 0xa5);
	}
}

/* Files count in the order of their names, and an id is unique among them all. */
static void test_files(void **state)
{
	struct saksi_rule_file two[2] = {
	    {text_of("b.rules"), text_of(with("[a-rule]", "[bb]"))},
	    {text_of("a.rules"), text_of(with("[a-rule]", "[aa]"))}};
	struct saksi_rules r, turned;
	struct saksi_rules_fault f;
	struct saksi_why w;

	(void)state;
	assert_int_equal(saksi_rules_read(two, 2, &arena, &r, &f), SAKSI_OK);
	assert_int_equal(r.count, 2);
	assert_true(saksi_bytes_is(r.rule[0].id, "aa"));
	assert_true(saksi_bytes_is(r.rule[1].id, "bb"));
	struct saksi_rule_file swap = two[0];
	two[0] = two[1];
	two[1] = swap;
	assert_int_equal(saksi_rules_read(two, 2, &arena, &turned, &f), SAKSI_OK);
	assert_true(saksi_hash_same(&r.digest, &turned.digest));
	two[1].text = two[0].text;
	assert_int_equal(saksi_rules_read(two, 2, &arena, &turned, &f),
			 SAKSI_MALFORMED);
	saksi_rules_fault_say(&f, &w);
	assert_string_equal(w.text, "b.rules:2:2: this id stands twice \"aa\"");
	assert_int_equal(saksi_rules_load("/nowhere/rules", &arena, &r, &w),
			 SAKSI_MISSING);
	assert_int_equal(saksi_rules_load("tests/unit/audit", &arena, &r, &w),
			 SAKSI_MISSING);
	assert_int_equal(saksi_rules_load("rules/eol.tsv", &arena, &r, &w),
			 SAKSI_MALFORMED);
	assert_non_null(strstr(w.text, ":1: the first line must be: rules 1"));
	assert_int_equal(saksi_rules_load("rules/30-ssh.rules", &arena, &r, &w),
			 SAKSI_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_canonical),
	    cmocka_unit_test(test_digest_vector),
	    cmocka_unit_test(test_what_the_digest_covers),
	    cmocka_unit_test(test_expressions),
	    cmocka_unit_test(test_faults),
	    cmocka_unit_test(test_newer_and_limits),
	    cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
