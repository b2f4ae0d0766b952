/* The reasons for a verdict, from the facts: walks only the parts of the
 * expression that made it come out so.  Spec: docs/RULES.md, "Detail". */
#include "rules/judge_eval.h"

#include "base/text.h"

#include <string.h>

#define VALUE_SHOWN 160u  /* bytes of one subject or value */
#define LINES_UNTIL 1800u /* no further subject is listed after so many bytes */

struct telling {
	const struct saksi_judge_input *in;
	struct saksi_buf *out;
	bool *malformed;
};

/* As in a fact stream: % and two digits for control bytes, % and what is not
 * UTF-8 (here, when any part is not, for every byte above 0x7e). */
static void put_text(struct saksi_buf *out, struct saksi_bytes s)
{
	static const char hex[] = "0123456789ABCDEF";
	bool utf8 = saksi_text_utf8(s);
	size_t n = s.len < VALUE_SHOWN ? s.len : VALUE_SHOWN;

	while (utf8 && n < s.len && (s.at[n] & 0xc0) == 0x80)
		n--; /* not within a character */
	for (size_t i = 0; i < n; i++) {
		uint8_t c = s.at[i];

		if (c >= 0x20 && c != 0x7f && c != '%' && (c < 0x7f || utf8)) {
			saksi_buf_put_u8(out, c);
			continue;
		}
		saksi_buf_put_u8(out, '%');
		saksi_buf_put_u8(out, (uint8_t)hex[c >> 4]);
		saksi_buf_put_u8(out, (uint8_t)hex[c & 15]);
	}
	if (n < s.len)
		saksi_buf_puts(out, "...");
}

static void put_name(struct saksi_buf *out, struct saksi_bytes section,
		     struct saksi_bytes subject)
{
	saksi_buf_put(out, section);
	if (saksi_bytes_is(subject, "-"))
		return;
	saksi_buf_puts(out, "(");
	put_text(out, subject);
	saksi_buf_puts(out, ")");
}

/* Takes the last line (from `start`) back when it stands there already. */
static void once(struct saksi_buf *out, size_t start)
{
	size_t n = out->len - start;

	for (size_t i = 0; i + n <= start; i++)
		if ((i == 0 || out->at[i - 1] == '\n') &&
		    memcmp(out->at + i, out->at + start, n) == 0) {
			out->len = start;
			return;
		}
}

static bool room(const struct saksi_buf *out)
{
	return out->len < LINES_UNTIL;
}

/* Is this attribute shown already by an earlier test of the same condition? */
static bool shown_before(const struct saksi_rule_expr *e,
			 const struct saksi_rule_expr *me, bool *reached)
{
	if (e == NULL || *reached)
		return false;
	if (e == me) {
		*reached = true;
		return false;
	}
	if (e->node == SAKSI_RULE_TEST)
		return saksi_bytes_same(e->test.attribute, me->test.attribute);
	return shown_before(e->left, me, reached) ||
	       shown_before(e->right, me, reached);
}

static void put_attribute(const struct telling *t, const struct saksi_rule_test *test,
			  const struct saksi_eval_subject *s)
{
	struct saksi_fact_range v = saksi_eval_values(s, test->attribute);

	saksi_buf_puts(t->out, " ");
	saksi_buf_put(t->out, test->attribute);
	if (v.count == 0)
		saksi_buf_puts(t->out, " not there");
	for (size_t i = 0; i < v.count && i < 12; i++) {
		saksi_buf_puts(t->out, i == 0 ? "=" : ", ");
		put_text(t->out, v.at[i]->value);
	}
	if (v.count > 12)
		saksi_buf_puts(t->out, ", ...");
}

/* Attributes of all tests below e, each once. */
static void put_tests(const struct telling *t, const struct saksi_rule_expr *top,
		      const struct saksi_rule_expr *e,
		      const struct saksi_eval_subject *s)
{
	bool reached = false;

	if (e == NULL)
		return;
	if (e->node != SAKSI_RULE_TEST) {
		put_tests(t, top, e->left, s);
		put_tests(t, top, e->right, s);
		return;
	}
	(void)saksi_eval_test(t->in, &e->test, s, t->malformed);
	if (!saksi_bytes_is(e->test.attribute, "subject") &&
	    !shown_before(top, e, &reached))
		put_attribute(t, &e->test, s);
}

/* A rule that asks for nothing but the subject: then what it is. */
static void put_all(const struct telling *t, const struct saksi_eval_subject *s)
{
	for (size_t i = 0; i < s->facts.count && i < 12; i++) {
		saksi_buf_puts(t->out, " ");
		saksi_buf_put(t->out, s->facts.at[i]->attribute);
		saksi_buf_puts(t->out, "=");
		put_text(t->out, s->facts.at[i]->value);
	}
}

static void put_subject(const struct telling *t, const struct saksi_rule_expr *e,
			const struct saksi_eval_subject *s)
{
	put_name(t->out, s->section, s->name);
	saksi_buf_puts(t->out, ":");
	put_tests(t, e->left, e->left, s);
	put_tests(t, e->right, e->right, s);
	if (e->left == NULL && e->right == NULL)
		put_all(t, s);
	saksi_buf_puts(t->out, "\n");
}

/* Which answer of a single subject proves the quantifier's? */
static enum saksi_tri proving(const struct saksi_rule_expr *e, enum saksi_tri value)
{
	if (value == SAKSI_TRI_UNKNOWN)
		return SAKSI_TRI_UNKNOWN;
	return e->node == SAKSI_RULE_ALL ? SAKSI_TRI_FALSE : SAKSI_TRI_TRUE;
}

static void put_counts(const struct telling *t, uint64_t listed, uint64_t more,
		       uint64_t seen, const struct saksi_rule_expr *e)
{
	if (more > 0) {
		saksi_buf_puts(t->out, "and ");
		saksi_buf_put_decimal(t->out, more);
		saksi_buf_puts(t->out, " more\n");
	}
	saksi_buf_put(t->out, e->section);
	saksi_buf_puts(t->out, ": ");
	saksi_buf_put_decimal(t->out, listed + more);
	saksi_buf_puts(t->out, " of ");
	saksi_buf_put_decimal(t->out, seen);
	saksi_buf_puts(t->out, "\n");
}

static void explain_quantified(const struct telling *t, const struct saksi_rule_expr *e,
			       enum saksi_tri value)
{
	struct saksi_coverage cover = saksi_facts_coverage(t->in->facts, e->section);
	struct saksi_fact_range rest = saksi_facts_section(t->in->facts, e->section);
	struct saksi_eval_subject s = {.section = e->section, .state = cover.state};
	enum saksi_tri want = proving(e, value);
	uint64_t listed = 0, more = 0, seen = 0;
	bool matched;

	while (saksi_eval_next(e, &rest, &s)) {
		seen++;
		if (saksi_eval_member(t->in, e, &s, &matched) != want)
			continue;
		if (!room(t->out)) {
			more++;
			continue;
		}
		put_subject(t, e, &s);
		listed++;
	}
	put_counts(t, listed, more, seen, e);
}

static void explain_one(const struct telling *t, const struct saksi_rule_expr *e)
{
	struct saksi_eval_subject s = saksi_eval_one(t->in, e);
	size_t start = t->out->len;

	(void)saksi_eval_test(t->in, &e->test, &s, t->malformed);
	if (!room(t->out))
		return;
	put_name(t->out, s.section, s.name);
	saksi_buf_puts(t->out, ":");
	put_attribute(t, &e->test, &s);
	if (e->test.fallback.at != NULL &&
	    saksi_eval_values(&s, e->test.attribute).count == 0) {
		saksi_buf_puts(t->out, ", default ");
		put_text(t->out, e->test.fallback);
	}
	saksi_buf_puts(t->out, "\n");
	once(t->out, start);
}

void saksi_explain_section(const struct saksi_judge_input *in,
			   struct saksi_bytes section, struct saksi_buf *out)
{
	struct saksi_coverage c = saksi_facts_coverage(in->facts, section);
	size_t start = out->len;

	saksi_buf_puts(out, "section ");
	saksi_buf_put(out, section);
	saksi_buf_puts(out, ": ");
	saksi_buf_puts(out, saksi_coverage_name(c.state));
	if (c.reason.len > 0) {
		saksi_buf_puts(out, ": ");
		put_text(out, c.reason);
	}
	saksi_buf_puts(out, "\n");
	once(out, start);
}

static void explain_leaf(const struct telling *t, const struct saksi_rule_expr *e,
			 enum saksi_tri value)
{
	enum saksi_coverage_state state =
	    saksi_facts_coverage(t->in->facts, e->section).state;

	if (state != SAKSI_COVERAGE_COMPLETE && room(t->out))
		saksi_explain_section(t->in, e->section, t->out);
	if (state == SAKSI_COVERAGE_NONE || state == SAKSI_COVERAGE_DENIED ||
	    state == SAKSI_COVERAGE_UNREAD || !room(t->out))
		return;
	if (e->node == SAKSI_RULE_ONE)
		explain_one(t, e);
	else if (e->node != SAKSI_RULE_EXISTS)
		explain_quantified(t, e, value);
	else if (state == SAKSI_COVERAGE_COMPLETE)
		saksi_explain_section(t->in, e->section, t->out);
}

void saksi_explain(const struct saksi_judge_input *in, const struct saksi_rule_expr *e,
		   enum saksi_tri value, struct saksi_buf *out, bool *malformed)
{
	struct telling t = {in, out, malformed};

	if (e->node > SAKSI_RULE_NOT) {
		explain_leaf(&t, e, value);
		return;
	}
	if (e->node == SAKSI_RULE_NOT) {
		saksi_explain(in, e->left,
			      value == SAKSI_TRI_UNKNOWN ? value
			      : value == SAKSI_TRI_TRUE  ? SAKSI_TRI_FALSE
							 : SAKSI_TRI_TRUE,
			      out, malformed);
		return;
	}
	if (saksi_eval_expr(in, e->left) == value)
		saksi_explain(in, e->left, value, out, malformed);
	if (saksi_eval_expr(in, e->right) == value)
		saksi_explain(in, e->right, value, out, malformed);
}
