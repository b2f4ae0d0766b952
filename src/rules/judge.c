#include "rules/judge.h"

#include "rules/judge_eval.h"

#include <string.h>

/* The detail of one verdict is built here and then kept in the arena. */
struct draft {
	uint8_t room[2 * SAKSI_DETAIL_MAX + 65536];
	struct saksi_buf buf;
};

/* What may be told was told; a longer one is cut at a line and says so. */
static struct saksi_bytes keep(struct draft *d, struct saksi_arena *a)
{
	static const char cut[] = "...\n";
	struct saksi_bytes b = saksi_buf_bytes(&d->buf);
	size_t n = SAKSI_DETAIL_MAX - (sizeof(cut) - 1);

	if (b.len > SAKSI_DETAIL_MAX) {
		while (n > 0 && b.at[n - 1] != '\n')
			n--;
		memcpy(d->room + n, cut, sizeof(cut) - 1);
		b.len = n + sizeof(cut) - 1;
	}
	return saksi_arena_copy(a, b);
}

/* A pass rests on everything it needs having been read. */
static bool gaps(const struct saksi_judge_input *in, const struct saksi_rule *rule,
		 struct saksi_buf *out)
{
	bool any = !in->facts->whole;

	if (any)
		saksi_buf_puts(out, "the fact stream was cut off\n");
	for (size_t i = 0; i < rule->need_count; i++) {
		enum saksi_coverage_state state =
		    saksi_facts_coverage(in->facts, rule->needs[i]).state;

		if (state == SAKSI_COVERAGE_COMPLETE ||
		    state == SAKSI_COVERAGE_ABSENT ||
		    (state == SAKSI_COVERAGE_PARTIAL && rule->partial_ok & 1U << i))
			continue;
		saksi_explain_section(in, rule->needs[i], out);
		any = true;
	}
	return any;
}

static enum saksi_verdict unknown(const struct saksi_judge_input *in,
				  const struct saksi_rule_expr *e,
				  struct saksi_buf *out)
{
	bool malformed = false;

	saksi_explain(in, e, SAKSI_TRI_UNKNOWN, out, &malformed);
	return malformed ? SAKSI_VERDICT_ERROR : SAKSI_NOT_COVERED;
}

static enum saksi_verdict judge(const struct saksi_judge_input *in,
				const struct saksi_rule *rule, struct saksi_buf *out)
{
	enum saksi_tri when = SAKSI_TRI_TRUE, test;
	bool malformed = false;

	if (rule->when != NULL)
		when = saksi_eval_expr(in, rule->when);
	if (when == SAKSI_TRI_UNKNOWN)
		return unknown(in, rule->when, out);
	if (when == SAKSI_TRI_FALSE) {
		if (!in->facts->whole) {
			saksi_buf_puts(out, "the fact stream was cut off\n");
			return SAKSI_NOT_COVERED;
		}
		saksi_explain(in, rule->when, when, out, &malformed);
		return SAKSI_NOT_APPLICABLE;
	}
	test = saksi_eval_expr(in, rule->test);
	if (test == SAKSI_TRI_UNKNOWN)
		return unknown(in, rule->test, out);
	if (test == SAKSI_TRI_TRUE && gaps(in, rule, out))
		return SAKSI_NOT_COVERED;
	saksi_explain(in, rule->test, test, out, &malformed);
	return test == SAKSI_TRI_TRUE ? SAKSI_PASS : SAKSI_FAIL;
}

enum saksi_err saksi_judge_facts(const struct saksi_judge_input *in,
				 struct saksi_arena *a, struct saksi_judgement *out)
{
	struct draft d;

	for (size_t i = 0; i < in->rules->count; i++) {
		const struct saksi_rule *rule = &in->rules->rule[i];

		d.buf = saksi_buf_fixed(d.room, sizeof(d.room));
		out[i].verdict = judge(in, rule, &d.buf);
		out[i].severity = rule->severity;
		out[i].rule = (uint32_t)i;
		out[i].detail = keep(&d, a);
		if (out[i].detail.at == NULL)
			return SAKSI_LIMIT;
	}
	return SAKSI_OK;
}
