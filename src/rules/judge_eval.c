#include "rules/judge_eval.h"
#include "rules/rules_lex.h"

#include "facts/version.h"
#include "base/clock.h"
#include "base/text.h"

#include <string.h>

bool saksi_eval_like(struct saksi_bytes p, struct saksi_bytes s)
{
	size_t i = 0, j = 0, star = SIZE_MAX, back = 0;

	while (j < s.len) {
		if (i < p.len && p.at[i] == '*') {
			star = i++;
			back = j;
		} else if (i < p.len && (p.at[i] == '?' || p.at[i] == s.at[j])) {
			i++;
			j++;
		} else if (star != SIZE_MAX) {
			i = star + 1;
			j = ++back;
		} else {
			return false;
		}
	}
	while (i < p.len && p.at[i] == '*')
		i++;
	return i == p.len;
}

static enum saksi_tri tri(bool b)
{
	return b ? SAKSI_TRI_TRUE : SAKSI_TRI_FALSE;
}

static enum saksi_tri negate(enum saksi_tri t)
{
	return t == SAKSI_TRI_UNKNOWN ? t : tri(t == SAKSI_TRI_FALSE);
}

static enum saksi_tri both(enum saksi_tri a, enum saksi_tri b)
{
	if (a == SAKSI_TRI_FALSE || b == SAKSI_TRI_FALSE)
		return SAKSI_TRI_FALSE;
	return a == SAKSI_TRI_TRUE && b == SAKSI_TRI_TRUE ? SAKSI_TRI_TRUE
							  : SAKSI_TRI_UNKNOWN;
}

static enum saksi_tri either(enum saksi_tri a, enum saksi_tri b)
{
	return negate(both(negate(a), negate(b)));
}

/* ---- one value against one value */

static bool number(struct saksi_bytes s, int64_t *out)
{
	bool minus = s.len > 1 && s.at[0] == '-';
	struct saksi_bytes rest = {s.at + minus, s.len - minus};
	uint64_t n;

	if (saksi_text_decimal(rest, &n) != SAKSI_OK || n > INT64_MAX)
		return false;
	*out = minus ? -(int64_t)n : (int64_t)n;
	return true;
}

/* A full time, or a day, which is its first second. */
static bool moment(struct saksi_bytes s, int64_t *out)
{
	char full[SAKSI_TIME_TEXT_LEN + 1] = "0000-00-00T00:00:00Z";

	if (s.len == 10)
		memcpy(full, s.at, 10);
	return saksi_time_read(s.len == 10 ? saksi_bytes_of(full) : s, out) == SAKSI_OK;
}

/* Is a word of the value (at spaces and commas) like the pattern? */
static bool contains(struct saksi_bytes v, struct saksi_bytes pattern)
{
	size_t begin = 0;

	for (size_t i = 0; i <= v.len; i++) {
		if (i < v.len && v.at[i] != ' ' && v.at[i] != ',' && v.at[i] != '\t')
			continue;
		if (i > begin && saksi_eval_like(pattern, (struct saksi_bytes){
							      v.at + begin, i - begin}))
			return true;
		begin = i + 1;
	}
	return false;
}

static enum saksi_tri cared_for(const struct saksi_judge_input *in,
				const struct saksi_rule_test *t, struct saksi_bytes v,
				struct saksi_bytes product)
{
	enum saksi_err err =
	    in->eol == NULL
		? SAKSI_MISSING
		: saksi_eol_check(in->eol, product, v, t->op == SAKSI_RULE_OP_SUPPORTED,
				  in->now_utc + (t->relative ? t->number : 0));

	if (err != SAKSI_OK && err != SAKSI_REFUSED)
		return SAKSI_TRI_UNKNOWN;
	return tri(err == SAKSI_OK);
}

/* A number, mode or time on the left; `right` is the rule's. */
static enum saksi_tri measured(const struct saksi_judge_input *in,
			       const struct saksi_rule_test *t, struct saksi_bytes v,
			       struct saksi_bytes w, bool *malformed)
{
	int64_t left = 0, right = t->number;
	bool mode = t->op == SAKSI_RULE_OP_WITHIN || t->op == SAKSI_RULE_OP_TOUCHES;
	bool time = t->op == SAKSI_RULE_OP_BEFORE || t->op == SAKSI_RULE_OP_AFTER;
	bool good = mode   ? saksi_octal_read(v, &left)
		    : time ? moment(v, &left)
			   : number(v, &left);

	if (time && t->relative)
		right += in->now_utc;
	if (good && !mode && !time)
		good = number(w, &right);
	if (!good) {
		*malformed = true;
		return SAKSI_TRI_UNKNOWN;
	}
	if (t->op == SAKSI_RULE_OP_WITHIN)
		return tri((left & ~right) == 0);
	if (t->op == SAKSI_RULE_OP_TOUCHES)
		return tri((left & right) != 0);
	if (t->op == SAKSI_RULE_OP_LESS || t->op == SAKSI_RULE_OP_BEFORE)
		return tri(left < right);
	return tri(left > right);
}

static enum saksi_tri compare(const struct saksi_judge_input *in,
			      const struct saksi_rule_test *t, struct saksi_bytes v,
			      struct saksi_bytes w, bool *malformed)
{
	switch (t->op) {
	case SAKSI_RULE_OP_EQUAL:
	case SAKSI_RULE_OP_IN:
		return tri(saksi_bytes_same(v, w));
	case SAKSI_RULE_OP_LIKE:
	case SAKSI_RULE_OP_BESIDES: /* turned round by against_all */
		return tri(saksi_eval_like(w, v));
	case SAKSI_RULE_OP_CONTAINS:
		return tri(contains(v, w));
	case SAKSI_RULE_OP_OLDER:
		return tri(saksi_debian_version_order(v, w) < 0);
	case SAKSI_RULE_OP_SUPPORTED:
	case SAKSI_RULE_OP_MAINTAINED:
		return cared_for(in, t, v, w);
	case SAKSI_RULE_OP_PRESENT:
		return SAKSI_TRI_TRUE;
	case SAKSI_RULE_OP_LESS:
	case SAKSI_RULE_OP_MORE:
	case SAKSI_RULE_OP_WITHIN:
	case SAKSI_RULE_OP_TOUCHES:
	case SAKSI_RULE_OP_BEFORE:
	case SAKSI_RULE_OP_AFTER:
	default:
		return measured(in, t, v, w, malformed);
	}
}

/* ---- tests of a subject */

static struct saksi_fact_range run_of(struct saksi_fact_range facts,
				      struct saksi_bytes attribute)
{
	struct saksi_fact_range r = {facts.at, 0};

	for (size_t i = 0; i < facts.count; i++) {
		if (!saksi_bytes_same(facts.at[i]->attribute, attribute)) {
			if (r.count > 0)
				break;
			continue;
		}
		if (r.count++ == 0)
			r.at = facts.at + i;
	}
	return r;
}

struct saksi_fact_range saksi_eval_values(const struct saksi_eval_subject *s,
					  struct saksi_bytes attribute)
{
	return run_of(s->facts, attribute);
}

/* v against each of the rule's values, of which an @attribute may be several. */
static enum saksi_tri against_all(const struct saksi_judge_input *in,
				  const struct saksi_rule_test *t,
				  const struct saksi_eval_subject *s,
				  struct saksi_bytes v, bool *malformed)
{
	static const struct saksi_bytes nothing;
	enum saksi_tri sum = SAKSI_TRI_FALSE;

	if (t->value_count == 0)
		return compare(in, t, v, nothing, malformed);
	for (size_t i = 0; i < t->value_count && sum != SAKSI_TRI_TRUE; i++) {
		struct saksi_fact_range other;

		if (!t->values[i].attribute) {
			sum = either(sum,
				     compare(in, t, v, t->values[i].text, malformed));
			continue;
		}
		if (saksi_bytes_is(t->values[i].text, "subject")) {
			sum = either(sum, compare(in, t, v, s->name, malformed));
			continue;
		}
		other = saksi_eval_values(s, t->values[i].text);
		if (other.count == 0)
			sum = either(sum, SAKSI_TRI_UNKNOWN);
		for (size_t j = 0; j < other.count; j++)
			sum = either(sum,
				     compare(in, t, v, other.at[j]->value, malformed));
	}
	return t->op == SAKSI_RULE_OP_BESIDES ? negate(sum) : sum;
}

/* An attribute that is not there: the default where all was read. */
static enum saksi_tri not_there(const struct saksi_judge_input *in,
				const struct saksi_rule_test *t,
				const struct saksi_eval_subject *s, bool *malformed)
{
	if (s->state != SAKSI_COVERAGE_COMPLETE)
		return SAKSI_TRI_UNKNOWN;
	if (t->op == SAKSI_RULE_OP_PRESENT)
		return SAKSI_TRI_FALSE;
	if (t->fallback.at == NULL)
		return SAKSI_TRI_UNKNOWN;
	return against_all(in, t, s, t->fallback, malformed);
}

enum saksi_tri saksi_eval_test(const struct saksi_judge_input *in,
			       const struct saksi_rule_test *t,
			       const struct saksi_eval_subject *s, bool *malformed)
{
	enum saksi_tri sum = SAKSI_TRI_FALSE;
	struct saksi_fact_range values;

	if (s->state == SAKSI_COVERAGE_NONE || s->state == SAKSI_COVERAGE_DENIED ||
	    s->state == SAKSI_COVERAGE_UNREAD)
		return SAKSI_TRI_UNKNOWN;
	values = saksi_eval_values(s, t->attribute);
	if (saksi_bytes_is(t->attribute, "subject"))
		sum = against_all(in, t, s, s->name, malformed);
	else if (values.count == 0)
		sum = not_there(in, t, s, malformed);
	for (size_t i = 0; i < values.count && sum != SAKSI_TRI_TRUE; i++)
		sum =
		    either(sum, against_all(in, t, s, values.at[i]->value, malformed));
	return t->negated ? negate(sum) : sum;
}

enum saksi_tri saksi_eval_condition(const struct saksi_judge_input *in,
				    const struct saksi_rule_expr *e,
				    const struct saksi_eval_subject *s)
{
	bool ignored = false;
	enum saksi_tri left;

	if (e->node == SAKSI_RULE_TEST)
		return saksi_eval_test(in, &e->test, s, &ignored);
	left = saksi_eval_condition(in, e->left, s);
	if (e->node == SAKSI_RULE_NOT)
		return negate(left);
	if (e->node == SAKSI_RULE_AND)
		return left == SAKSI_TRI_FALSE
			   ? left
			   : both(left, saksi_eval_condition(in, e->right, s));
	return left == SAKSI_TRI_TRUE
		   ? left
		   : either(left, saksi_eval_condition(in, e->right, s));
}

/* ---- quantifiers */

enum saksi_tri saksi_eval_member(const struct saksi_judge_input *in,
				 const struct saksi_rule_expr *e,
				 const struct saksi_eval_subject *s, bool *matched)
{
	enum saksi_tri where = SAKSI_TRI_TRUE, has = SAKSI_TRI_TRUE;

	if (e->left != NULL)
		where = saksi_eval_condition(in, e->left, s);
	*matched = where == SAKSI_TRI_TRUE;
	if (e->right != NULL && where != SAKSI_TRI_FALSE)
		has = saksi_eval_condition(in, e->right, s);
	if (e->node == SAKSI_RULE_ALL)
		return either(negate(where), has);
	return both(where, has);
}

bool saksi_eval_next(const struct saksi_rule_expr *e, struct saksi_fact_range *rest,
		     struct saksi_eval_subject *s)
{
	while (saksi_facts_next(rest, &s->facts)) {
		bool wanted = e->subject_count == 0;

		s->name = s->facts.at[0]->subject;
		/* Facts about the section as a whole are asked for by name. */
		if (saksi_bytes_is(s->name, "-"))
			wanted = false;
		for (size_t i = 0; i < e->subject_count && !wanted; i++)
			wanted = saksi_bytes_is(s->name, "-")
				     ? saksi_bytes_is(e->subjects[i].text, "-")
				     : saksi_eval_like(e->subjects[i].text, s->name);
		if (wanted)
			return true;
	}
	return false;
}

static enum saksi_tri counted(const struct saksi_rule_test *t, int64_t sure,
			      int64_t perhaps, bool more)
{
	enum saksi_tri result = SAKSI_TRI_UNKNOWN;
	int64_t most = more ? INT64_MAX : sure + perhaps;

	if (t->op == SAKSI_RULE_OP_LESS) {
		if (most < t->number || sure >= t->number)
			result = tri(most < t->number);
	} else if (t->op == SAKSI_RULE_OP_MORE) {
		if (sure > t->number || most <= t->number)
			result = tri(sure > t->number);
	} else if (sure > t->number || most < t->number) {
		result = SAKSI_TRI_FALSE;
	} else if (sure == most) {
		result = SAKSI_TRI_TRUE;
	}
	return t->negated ? negate(result) : result;
}

static enum saksi_tri quantified(const struct saksi_judge_input *in,
				 const struct saksi_rule_expr *e,
				 enum saksi_coverage_state state)
{
	struct saksi_fact_range rest = saksi_facts_section(in->facts, e->section);
	struct saksi_eval_subject s = {.section = e->section, .state = state};
	enum saksi_tri sum = tri(e->node == SAKSI_RULE_ALL), now;
	bool all = e->node == SAKSI_RULE_ALL, matched = false, any = false;
	bool whole = state == SAKSI_COVERAGE_COMPLETE;
	int64_t sure = 0, perhaps = 0;

	while (saksi_eval_next(e, &rest, &s)) {
		now = saksi_eval_member(in, e, &s, &matched);
		any |= matched;
		sure += now == SAKSI_TRI_TRUE;
		perhaps += now == SAKSI_TRI_UNKNOWN;
		sum = all ? both(sum, now) : either(sum, now);
	}
	if (e->node == SAKSI_RULE_COUNT)
		return counted(&e->test, sure, perhaps, !whole);
	/* What was not read may hold another; and `all` of nothing says nothing. */
	if (all && sum == SAKSI_TRI_TRUE && (!whole || !any))
		return SAKSI_TRI_UNKNOWN;
	if (!all && sum == SAKSI_TRI_FALSE && !whole)
		return SAKSI_TRI_UNKNOWN;
	return e->node == SAKSI_RULE_NONE ? negate(sum) : sum;
}

struct saksi_eval_subject saksi_eval_one(const struct saksi_judge_input *in,
					 const struct saksi_rule_expr *e)
{
	return (struct saksi_eval_subject){
	    e->section, e->subjects[0].text,
	    saksi_facts_subject(in->facts, e->section, e->subjects[0].text),
	    saksi_facts_coverage(in->facts, e->section).state};
}

static enum saksi_tri exists(const struct saksi_judge_input *in,
			     const struct saksi_rule_expr *e,
			     enum saksi_coverage_state state)
{
	bool any = saksi_facts_section(in->facts, e->section).count > 0;

	if (state == SAKSI_COVERAGE_ABSENT)
		return SAKSI_TRI_FALSE;
	return any || state == SAKSI_COVERAGE_COMPLETE ? tri(any) : SAKSI_TRI_UNKNOWN;
}

static enum saksi_tri leaf(const struct saksi_judge_input *in,
			   const struct saksi_rule_expr *e)
{
	enum saksi_coverage_state state =
	    saksi_facts_coverage(in->facts, e->section).state;
	struct saksi_eval_subject s;
	bool ignored = false;

	if (state == SAKSI_COVERAGE_NONE || state == SAKSI_COVERAGE_DENIED ||
	    state == SAKSI_COVERAGE_UNREAD)
		return SAKSI_TRI_UNKNOWN;
	if (e->node == SAKSI_RULE_EXISTS)
		return exists(in, e, state);
	if (e->node == SAKSI_RULE_ONE) {
		s = saksi_eval_one(in, e);
		return saksi_eval_test(in, &e->test, &s, &ignored);
	}
	return state == SAKSI_COVERAGE_ABSENT ? SAKSI_TRI_UNKNOWN
					      : quantified(in, e, state);
}

enum saksi_tri saksi_eval_expr(const struct saksi_judge_input *in,
			       const struct saksi_rule_expr *e)
{
	if (e->node > SAKSI_RULE_NOT)
		return leaf(in, e);
	if (e->node == SAKSI_RULE_NOT)
		return negate(saksi_eval_expr(in, e->left));
	if (e->node == SAKSI_RULE_AND)
		return both(saksi_eval_expr(in, e->left),
			    saksi_eval_expr(in, e->right));
	return either(saksi_eval_expr(in, e->left), saksi_eval_expr(in, e->right));
}
