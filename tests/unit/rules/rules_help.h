/* What the tests of rules and judge share: our rule set, small fact streams
 * written by hand, and verdicts on them. */
#ifndef RULES_HELP_H
#define RULES_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "rules/judge.h"
#include "base/clock.h"
#include "store/files.h"

#define NOW INT64_C(1799971200) /* 2027-01-15 */

static struct saksi_arena arena;

static inline int arena_setup(void **state)
{
	(void)state;
	return saksi_arena_map(&arena, (size_t)256 << 20) == SAKSI_OK ? 0 : -1;
}

static inline int arena_teardown(void **state)
{
	(void)state;
	saksi_arena_end(&arena);
	return 0;
}

static inline struct saksi_bytes text_of(const char *s)
{
	return saksi_bytes_of(s);
}

/* One rule file from a string. */
static inline enum saksi_err read_rules(const char *text, struct saksi_rules *r,
					struct saksi_rules_fault *f)
{
	struct saksi_rule_file file = {text_of("t.rules"), text_of(text)};

	return saksi_rules_read(&file, 1, &arena, r, f);
}

/* A whole rule around these lines. */
static inline struct saksi_rules rule_of(const char *lines)
{
	static char text[8192];
	struct saksi_rules_fault f;
	struct saksi_rules r;
	struct saksi_why w;

	(void)snprintf(
	    text, sizeof(text),
	    "rules 1\n[one-rule]\nseverity = high\ntitle.id = a\ntitle.en = b\n"
	    "why.id = c\nwhy.en = d\nfix.id = e\nfix.en = f\nref = CIS-8 1\n%s",
	    lines);
	struct saksi_rule_file file = {text_of("t.rules"),
				       saksi_arena_copy(&arena, text_of(text))};
	if (saksi_rules_read(&file, 1, &arena, &r, &f) != SAKSI_OK) {
		saksi_rules_fault_say(&f, &w);
		fail_msg("%s\n%s", w.text, lines);
	}
	return r;
}

static inline enum saksi_err into_buf(void *ctx, struct saksi_bytes piece)
{
	saksi_buf_put(ctx, piece);
	return saksi_buf_check(ctx);
}

/* Cuts the part before " | " off the front; the last part takes the rest. */
static inline struct saksi_bytes part(struct saksi_bytes *left)
{
	for (size_t i = 0; i + 1 < left->len; i++)
		if (left->at[i] == ' ' && left->at[i + 1] == '|') {
			struct saksi_bytes p = {left->at, i};
			size_t skip =
			    i + 2 < left->len && left->at[i + 2] == ' ' ? 3 : 2;

			left->at += i + skip;
			left->len -= i + skip;
			return p;
		}
	struct saksi_bytes p = *left;
	left->at += left->len;
	left->len = 0;
	return p;
}

/* How a stream is made from lines "section | subject | attribute | value" and
 * "= | section | state | reason". */
struct bending {
	const char *states;      /* of every section not said: NULL: complete */
	struct saksi_bytes only; /* bend this section alone; .at NULL: all */
	bool no_trailer;
	const char *more; /* further lines */
};

static inline enum saksi_coverage_state state_of(struct saksi_bytes s)
{
	for (int i = SAKSI_COVERAGE_NONE; i <= (int)SAKSI_COVERAGE_UNREAD; i++)
		if (saksi_bytes_is(s,
				   saksi_coverage_name((enum saksi_coverage_state)i)))
			return (enum saksi_coverage_state)i;
	fail_msg("no such state");
	return SAKSI_COVERAGE_NONE;
}

static inline const char *cstr(struct saksi_bytes b)
{
	char *s = saksi_arena_new(&arena, b.len + 1, 1);

	assert_non_null(s);
	if (b.len > 0)
		memcpy(s, b.at, b.len);
	return s;
}

/* Puts the facts of the lines; gives the state said of `section`, or NONE. */
static inline enum saksi_coverage_state put_lines(struct saksi_facts_writer *w,
						  struct saksi_bytes lines,
						  struct saksi_bytes section,
						  const char **reason)
{
	enum saksi_coverage_state state = SAKSI_COVERAGE_NONE;
	struct saksi_cursor c = saksi_cursor_on(lines);

	while (c.left.len > 0) {
		struct saksi_bytes line = saksi_cursor_line(&c);
		if (!c.ok)
			break;
		struct saksi_bytes a = part(&line), b = part(&line), d = part(&line);

		if (a.len == 0 || a.at[0] == '#')
			continue;
		if (saksi_bytes_is(a, "=") && saksi_bytes_same(b, section)) {
			state = state_of(d);
			*reason = cstr(line);
		} else if (!saksi_bytes_is(a, "=") && section.at == NULL) {
			saksi_facts_put(w, cstr(a), b, cstr(d), line);
		}
	}
	return state;
}

static inline struct saksi_facts facts_of(const struct saksi_rule *rule,
					  struct saksi_bytes lines,
					  const struct bending *bend)
{
	struct saksi_buf buf =
	    saksi_buf_fixed(saksi_arena_new(&arena, 1U << 18, 1), 1U << 18);
	struct saksi_facts_writer *w = saksi_arena_new(&arena, 1, sizeof(*w));
	const char *reason = "";
	struct saksi_fault f = {0};
	struct saksi_facts facts;

	saksi_facts_begin(w, into_buf, &buf);
	(void)put_lines(w, lines, (struct saksi_bytes){NULL, 0}, &reason);
	if (bend->more != NULL)
		(void)put_lines(w, text_of(bend->more), (struct saksi_bytes){NULL, 0},
				&reason);
	for (size_t i = 0; i < rule->need_count; i++) {
		struct saksi_bytes s = rule->needs[i];
		enum saksi_coverage_state state = put_lines(w, lines, s, &reason);
		bool mine = bend->only.at == NULL || saksi_bytes_same(bend->only, s);

		if (bend->states != NULL && mine) {
			state = state_of(text_of(bend->states));
			if (state == SAKSI_COVERAGE_NONE)
				continue;
			reason = "bent by the test";
		} else if (state == SAKSI_COVERAGE_NONE) {
			state = SAKSI_COVERAGE_COMPLETE;
		}
		saksi_facts_cover(w, cstr(s), state,
				  state == SAKSI_COVERAGE_COMPLETE ? "" : reason);
	}
	assert_int_equal(saksi_facts_end(w), SAKSI_OK);
	struct saksi_bytes text = saksi_buf_bytes(&buf);
	if (bend->no_trailer)
		for (text.len--; text.at[text.len - 1] != '\n';)
			text.len--;
	if (saksi_facts_parse(text, &arena, &facts, &f) != SAKSI_OK)
		fail_msg("fact line %u: %s", f.line, f.what);
	return facts;
}

static inline struct saksi_eol our_eol(void)
{
	struct saksi_eol e;
	struct saksi_why w = {""};

	if (saksi_eol_load("rules/eol.tsv", "/nowhere", &arena, &e, &w) != SAKSI_OK)
		fail_msg("%s", w.text);
	return e;
}

static inline struct saksi_rules our_rules(void)
{
	struct saksi_rules r;
	struct saksi_why w = {""};

	if (saksi_rules_load("rules", &arena, &r, &w) != SAKSI_OK)
		fail_msg("%s", w.text);
	return r;
}

static inline struct saksi_judgement judge_one(const struct saksi_rule *rule,
					       const struct saksi_facts *facts,
					       const struct saksi_eol *eol)
{
	struct saksi_rules one = {.rule = rule, .count = 1};
	struct saksi_judge_input in = {&one, facts, eol, NOW};
	struct saksi_judgement out;

	assert_int_equal(saksi_judge_facts(&in, &arena, &out), SAKSI_OK);
	assert_true(out.detail.len > 0 && out.detail.len <= SAKSI_DETAIL_MAX);
	return out;
}

#endif
