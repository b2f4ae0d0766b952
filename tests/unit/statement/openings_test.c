/* Does a finding open what it says?  True ones do, and no lie passes. */
#include "../ledger/world.h"

struct stage {
	struct world w;
	struct kept k, k2;
	const struct saksi_record *audit, *later;
	struct saksi_finding f;
	struct saksi_fault why;
};

/* A failure of rule 3 (second in the vector to fail, first in the list), fixed. */
static void begin(struct stage *s)
{
	world_with_inventory(&s->w);
	s->audit = say_audit(&s->w, say_plan(&s->w), "pfnfcep", &s->k);
	s->w.now += DAY;
	s->later = say_audit(&s->w, say_plan(&s->w), "pfnpcep", &s->k2);
	s->f = finding_of(&s->w, &s->k, 0);
	fixed_by(&s->w, &s->f, &s->k2, &s->later->id, 3);
	memset(&s->why, 0, sizeof(s->why));
}

static enum saksi_err check(struct stage *s)
{
	s->why.what = NULL;
	return saksi_finding_check(&s->f, &s->audit->audit->audit,
				   &s->later->audit->audit, &s->why);
}

#define LIE(s, reason)                                                                 \
	do {                                                                           \
		CHECK(check(s) == SAKSI_REFUSED);                                      \
		assert_string_equal((s)->why.what, reason);                            \
		(s)->f = finding_of(&(s)->w, &(s)->k, 0);                              \
		fixed_by(&(s)->w, &(s)->f, &(s)->k2, &(s)->later->id, 3);              \
	} while (0)

static void true_ones(void **state)
{
	struct stage s;

	(void)state;
	begin(&s);
	CHECK(check(&s) == SAKSI_OK);
	s.f.fixed = false;
	CHECK(saksi_finding_check(&s.f, &s.audit->audit->audit, NULL, NULL) ==
	      SAKSI_OK);
	world_end(&s.w);
}

static void lies(void **state)
{
	struct stage s;
	struct kept *k = &s.k;
	struct saksi_audit audit;

	(void)state;
	begin(&s);
	s.f.rule = saksi_bytes_of("rule-4");
	LIE(&s, "the leaf is of another rule");
	s.f.detail = saksi_bytes_of("facts 3 F");
	LIE(&s, "the detail is not what was sealed");
	s.f.in_vector = open_vector(&s.w, k, 1);
	s.f.rule = saksi_bytes_of(k->rule[1]);
	s.f.detail = saksi_bytes_of(k->detail[1]);
	LIE(&s, "the two lists say different things of one rule");
	s.f.in_vector = open_vector(&s.w, k, 0);
	s.f.rule = saksi_bytes_of(k->rule[0]);
	s.f.detail = saksi_bytes_of(k->detail[0]);
	LIE(&s, "it opens no failure");
	s.f.in_vector.count++;
	LIE(&s, "a leaf is not in its audit's verdict vector");
	s.f.in_vector.index = RULES;
	LIE(&s, "a leaf is not in its audit's verdict vector");
	s.f.in_failures.index ^= 1;
	LIE(&s, "a leaf is not in its audit's failure list");
	s.f.in_failures.count++;
	LIE(&s, "a leaf is not in its audit's failure list");
	s.f.in_failures = s.f.in_vector;
	LIE(&s, "a leaf is not in its audit's failure list");
	/* Published as milder than it was sealed. */
	audit = s.audit->audit->audit;
	k->failures[0].severity = SAKSI_INFO;
	audit.failures = k->failures;
	CHECK(saksi_finding_check(&s.f, &audit, &s.later->audit->audit, &s.why) ==
	      SAKSI_REFUSED);
	assert_string_equal(s.why.what, "the severity is not the one published");
	/* A root that fits, a list that does not. */
	k->failures[0].severity = SAKSI_HIGH;
	k->failures[0].leaf = hash_n(1);
	CHECK(saksi_finding_check(&s.f, &audit, &s.later->audit->audit, &s.why) ==
	      SAKSI_REFUSED);
	world_end(&s.w);
}

static void false_fixes(void **state)
{
	struct stage s;
	struct saksi_audit audit;

	(void)state;
	begin(&s);
	CHECK(saksi_finding_check(&s.f, &s.audit->audit->audit, NULL, &s.why) ==
	      SAKSI_REFUSED);
	assert_string_equal(s.why.what, "fixed, but there is no later audit");
	fixed_by(&s.w, &s.f, &s.k2, &s.later->id, 1); /* still failing, other rule */
	LIE(&s, "the later leaf is no pass of the same rule");
	fixed_by(&s.w, &s.f, &s.k2, &s.later->id, 0); /* passing, another rule */
	LIE(&s, "the later leaf is no pass of the same rule");
	s.f.later_detail = saksi_bytes_of("x");
	LIE(&s, "the detail is not what was sealed");
	s.f.later = s.f.in_vector; /* the old leaf again */
	LIE(&s, "a leaf is not in its audit's verdict vector");
	audit = s.later->audit->audit;
	audit.server = saksi_bytes_of("server-b");
	CHECK(saksi_finding_check(&s.f, &s.audit->audit->audit, &audit, &s.why) ==
	      SAKSI_REFUSED);
	audit = s.later->audit->audit;
	audit.from_utc = s.audit->audit->audit.to_utc - 1;
	CHECK(saksi_finding_check(&s.f, &s.audit->audit->audit, &audit, &s.why) ==
	      SAKSI_REFUSED);
	audit.from_utc++;
	CHECK(saksi_finding_check(&s.f, &s.audit->audit->audit, &audit, &s.why) ==
	      SAKSI_OK);
	/* An audit is not later than itself. */
	CHECK(saksi_finding_check(&s.f, &s.audit->audit->audit, &s.audit->audit->audit,
				  &s.why) == SAKSI_REFUSED);
	world_end(&s.w);
}

/* What still fails is not fixed, and a count is part of what is opened. */
static void still_failing(void **state)
{
	struct stage s;
	struct kept k;
	const struct saksi_record *rec;

	(void)state;
	begin(&s);
	s.w.now += DAY;
	rec = say_audit(&s.w, say_plan(&s.w), "fffffff", &k);
	fixed_by(&s.w, &s.f, &k, &rec->id, 3);
	CHECK(saksi_finding_check(&s.f, &s.audit->audit->audit, &rec->audit->audit,
				  &s.why) == SAKSI_REFUSED);
	assert_string_equal(s.why.what, "the later leaf is no pass of the same rule");
	s.f = finding_of(&s.w, &k, 3);
	CHECK(saksi_finding_check(&s.f, &rec->audit->audit, NULL, NULL) == SAKSI_OK);
	s.f.in_failures.count++; /* the same path fits eight */
	CHECK(saksi_finding_check(&s.f, &rec->audit->audit, NULL, NULL) ==
	      SAKSI_REFUSED);
	world_end(&s.w);
}

/* An auditor who moves a verdict to another rule's place: all hashes fit. */
static void moved_verdict(void **state)
{
	struct stage s;
	struct kept k;
	struct saksi_verdict_leaf leaf;
	uint8_t bytes[SAKSI_VERDICT_LEAF_LEN];

	(void)state;
	begin(&s);
	k = s.k;
	leaf = k.leaf[3];
	leaf.rule = 2;
	saksi_verdict_leaf_write(&leaf, bytes);
	k.leaf[3] = leaf;
	k.leaves[3] =
	    saksi_sealed_leaf(k.salt[3], (struct saksi_bytes){bytes, sizeof(bytes)});
	k.audit.leaves = k.leaves;
	k.failure_leaves[0] = saksi_sealed_leaf(
	    k.failure_salt[0], (struct saksi_bytes){bytes, sizeof(bytes)});
	k.failures[0].leaf = k.failure_leaves[0];
	k.audit.failures = k.failures;
	kept_roots(&k);
	s.f = finding_of(&s.w, &k, 0);
	CHECK(saksi_finding_check(&s.f, &k.audit, NULL, &s.why) == SAKSI_REFUSED);
	assert_string_equal(s.why.what, "a verdict stands at another rule's place");
	/* A leaf of a later version is not a lie. */
	bytes[0] = 2;
	k.leaves[3] =
	    saksi_sealed_leaf(k.salt[3], (struct saksi_bytes){bytes, sizeof(bytes)});
	kept_roots(&k);
	s.f.in_vector.bytes = (struct saksi_bytes){bytes, sizeof(bytes)};
	CHECK(saksi_finding_check(&s.f, &k.audit, NULL, &s.why) == SAKSI_NEWER);
	world_end(&s.w);
}

/* Every bit of the addendum's text: read as something else, it is refused. */
static void every_bit(void **state)
{
	struct stage s;
	struct saksi_bytes text;
	uint8_t *copy;
	size_t read = 0;

	(void)state;
	begin(&s);
	text = addendum_of(&s.w, &s.audit->id, &s.f, 1);
	copy = saksi_arena_new(&s.w.scratch, text.len, 1);
	for (size_t bit = 0; bit < 8 * text.len; bit++) {
		struct saksi_openings o;
		size_t mark = s.w.scratch.used;
		struct saksi_bytes bad = {copy, text.len};

		memcpy(copy, text.at, text.len);
		copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
		if (saksi_openings_read(bad, &s.w.scratch, &o, NULL) == SAKSI_OK) {
			bool same =
			    saksi_hash_same(&o.audit, &s.audit->id) &&
			    o.finding_count == 1 &&
			    saksi_hash_same(&o.findings[0].later_audit, &s.later->id);

			read++;
			if (same && saksi_finding_check(
					&o.findings[0], &s.audit->audit->audit,
					&s.later->audit->audit, NULL) == SAKSI_OK)
				fail_msg("bit %zu changes nothing", bit);
		}
		saksi_arena_rewind(&s.w.scratch, mark);
	}
	CHECK(read > 500);
	world_end(&s.w);
}

static void strict(void **state)
{
	static const char *const bad[] = {
	    "",
	    "[]",
	    "{}",
	    "{\"version\":0,\"audit\":\"\",\"findings\":[]}",
	    "{\"version\":1,\"audit\":\"00\",\"findings\":[]}",
	    "{\"version\":1,\"audit\":\""
	    "0123456789abcdef0123456789abcdef0123456789abcdef"
	    "0123456789abcdef\",\"findings\":[{}]}",
	    "{\"version\":1,\"audit\":\""
	    "0123456789abcdef0123456789abcdef0123456789abcdef"
	    "0123456789abcdef\",\"findings\":[],\"x\":0}",
	};
	static uint8_t room[65536];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct saksi_arena a = {room, 0, sizeof(room)};
		struct saksi_openings o = {.finding_count = 9};

		CHECK(saksi_openings_read(saksi_bytes_of(bad[i]), &a, &o, NULL) ==
		      SAKSI_MALFORMED);
		CHECK(o.finding_count == 9);
	}
}

/* Whatever else a later version holds, it is not false. */
static void of_a_later_version(void **state)
{
	static const char *const later[] = {
	    "{\"version\":2}",
	    "{\"version\":2,\"audit\":\""
	    "0123456789abcdef0123456789abcdef0123456789abcdef"
	    "0123456789abcdef\",\"findings\":[],\"x\":0}",
	};
	static uint8_t room[65536];

	(void)state;
	for (size_t i = 0; i < sizeof(later) / sizeof(*later); i++) {
		struct saksi_arena a = {room, 0, sizeof(room)};
		struct saksi_openings o = {.finding_count = 9};

		CHECK(saksi_openings_read(saksi_bytes_of(later[i]), &a, &o, NULL) ==
		      SAKSI_NEWER);
		CHECK(o.finding_count == 9);
	}
}

/* The example of docs/formats/statements.md, read and written back. */
static void example(void **state)
{
	static uint8_t text[8192], out[8192], room[65536];
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_buf b = saksi_buf_fixed(out, sizeof(out));
	FILE *f = fopen("tests/vectors/statement-openings.json", "rb");
	struct saksi_bytes all = {text, 0};
	struct saksi_openings o;

	(void)state;
	assert_non_null(f);
	all.len = fread(text, 1, sizeof(text), f);
	(void)fclose(f);
	CHECK(saksi_openings_read(all, &a, &o, NULL) == SAKSI_OK);
	CHECK(o.finding_count == 2 && o.findings[0].fixed && !o.findings[1].fixed);
	saksi_openings_write(&o, &b);
	CHECK(saksi_bytes_same(saksi_buf_bytes(&b), all));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(true_ones),     cmocka_unit_test(lies),
	    cmocka_unit_test(false_fixes),   cmocka_unit_test(moved_verdict),
	    cmocka_unit_test(still_failing), cmocka_unit_test(every_bit),
	    cmocka_unit_test(strict),        cmocka_unit_test(of_a_later_version),
	    cmocka_unit_test(example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
