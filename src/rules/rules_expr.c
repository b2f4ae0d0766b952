/* The expressions of rule language v1, by recursive descent.  Spec:
 * docs/RULES.md, "Tests".  A function that fails has set l->what. */
#include "rules/rules_lex.h"

#include "base/clock.h"
#include "base/text.h"

#include <string.h>

#define DAY 86400

enum wants { TEXT, TEXTS, NUMBER, MODE, VERSION, TIME, PRODUCT, NOTHING };
static const struct {
	const char *word;
	enum wants wants;
} ops[] = {
#define OP_ROW(e, w, v) {w, v},
    SAKSI_RULE_OPS(OP_ROW)
#undef OP_ROW
};
#define OP_COUNT (sizeof(ops) / sizeof(ops[0]))

typedef const struct saksi_rule_expr *reader(struct saksi_lex *l);

static bool name_of(struct saksi_bytes s, const char *more, size_t max)
{
	if (s.len == 0 || s.len > max || s.at[0] < 'a' || s.at[0] > 'z')
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!(s.at[i] >= 'a' && s.at[i] <= 'z') &&
		    !(s.at[i] >= '0' && s.at[i] <= '9') &&
		    (s.at[i] == 0 || strchr(more, s.at[i]) == NULL))
			return false;
	return true;
}

static bool too_large(struct saksi_lex *l)
{
	if (l->what == NULL) {
		(void)saksi_lex_fail(l, "too large to read");
		l->err = SAKSI_LIMIT;
	}
	return false;
}

static struct saksi_rule_expr *node(struct saksi_lex *l, enum saksi_rule_node kind)
{
	struct saksi_rule_expr *e = saksi_arena_new(l->arena, 1, sizeof(*e));

	if (e != NULL)
		e->node = kind;
	else
		(void)too_large(l);
	return e;
}

static bool take(struct saksi_lex *l, struct saksi_bytes *out, const char *what)
{
	if (l->now.kind != SAKSI_LEX_WORD && l->now.kind != SAKSI_LEX_QUOTED)
		return saksi_lex_fail(l, what);
	*out = l->now.text;
	saksi_lex_next(l);
	return l->what == NULL;
}

/* ---- values */

static bool value(struct saksi_lex *l, struct saksi_rule_value *out)
{
	out->attribute = saksi_lex_accept(l, "@");
	if (out->attribute &&
	    (l->now.kind != SAKSI_LEX_WORD || !name_of(l->now.text, "-_.", 64)))
		return saksi_lex_fail(l, "after @ stands an attribute's name");
	return take(l, &out->text, "a value is missing here");
}

/* V or (V, V, ...); the list is kept in the arena. */
static bool values(struct saksi_lex *l, const struct saksi_rule_value **out,
		   size_t *count)
{
	struct saksi_rule_value list[SAKSI_RULE_VALUES_MAX], *kept;
	size_t n = 0;
	bool many = saksi_lex_accept(l, "(");

	do {
		if (n == SAKSI_RULE_VALUES_MAX)
			return saksi_lex_fail(l, "too many values in one list");
		if (!value(l, &list[n++]))
			return false;
	} while (many && saksi_lex_accept(l, ","));
	if (many && !saksi_lex_accept(l, ")"))
		return saksi_lex_fail(l, "expected , or ) in a list");
	kept = saksi_arena_new(l->arena, n, sizeof(*kept));
	if (kept == NULL)
		return too_large(l);
	memcpy(kept, list, n * sizeof(*kept));
	*out = kept;
	*count = n;
	return true;
}

static bool number(struct saksi_bytes s, int64_t *out)
{
	bool minus = s.len > 0 && s.at[0] == '-';
	uint64_t n;

	if (minus)
		s = (struct saksi_bytes){s.at + 1, s.len - 1};
	if (saksi_text_decimal(s, &n) != SAKSI_OK || n > INT64_MAX || (minus && n == 0))
		return false;
	*out = minus ? -(int64_t)n : (int64_t)n;
	return true;
}

/* "+30d" or "-90d"; at most a hundred years. */
static bool days(struct saksi_bytes s, int64_t *out)
{
	uint64_t n;

	if (s.len < 3 || (s.at[0] != '+' && s.at[0] != '-') || s.at[s.len - 1] != 'd' ||
	    saksi_text_decimal((struct saksi_bytes){s.at + 1, s.len - 2}, &n) !=
		SAKSI_OK ||
	    n == 0 || n > 36500)
		return false;
	*out = (s.at[0] == '-' ? -1 : 1) * (int64_t)n * DAY;
	return true;
}

/* now, now+30d, now-90d, 2026-11-22. */
static bool moment(struct saksi_bytes s, struct saksi_rule_test *t)
{
	char full[SAKSI_TIME_TEXT_LEN + 1] = "0000-00-00T00:00:00Z";

	t->relative = saksi_bytes_starts(s, "now");
	if (t->relative && s.len == 3) {
		t->number = 0;
		return true;
	}
	if (t->relative)
		return days((struct saksi_bytes){s.at + 3, s.len - 3}, &t->number);
	if (s.len != 10)
		return false;
	memcpy(full, s.at, 10);
	return saksi_time_read(saksi_bytes_of(full), &t->number) == SAKSI_OK;
}

/* ---- ATTRIBUTE [default V] [not] OP VALUES */

static bool operand(struct saksi_lex *l, struct saksi_rule_test *t, enum wants wants)
{
	struct saksi_bytes when = {NULL, 0};
	struct saksi_lex_token at;
	bool good = true;

	if (wants == NOTHING)
		return true;
	if (wants == PRODUCT && !saksi_lex_accept(l, "as"))
		return saksi_lex_fail(l, "expected: as PRODUCT");
	if (wants != TEXTS && saksi_lex_is(l, "("))
		return saksi_lex_fail(l, "this comparison takes one value, not a list");
	at = l->now;
	if (!values(l, &t->values, &t->value_count))
		return false;
	if (wants == PRODUCT) {
		if (!saksi_lex_accept(l, "at"))
			return true;
		at = l->now;
		if (!take(l, &when, "expected a time like now+180d"))
			return false;
		good = moment(when, t) && t->relative && t->number != 0;
	} else if (t->values[0].attribute) {
		return wants == TEXT || wants == TEXTS || wants == NUMBER ||
		       wants == VERSION ||
		       saksi_lex_fail(l, "an @attribute cannot stand here");
	} else if (wants == NUMBER) {
		good = number(t->values[0].text, &t->number);
	} else if (wants == MODE) {
		good = t->values[0].text.len == 4 &&
		       saksi_octal_read(t->values[0].text, &t->number);
	} else if (wants == TIME) {
		good = moment(t->values[0].text, t);
	}
	if (good)
		return true;
	l->now = at;
	return saksi_lex_fail(l, wants == NUMBER ? "not a decimal number"
				 : wants == MODE
				     ? "not a mode of four octal digits"
				     : "not a time like now+30d or 2026-11-22");
}

static bool comparison(struct saksi_lex *l, struct saksi_rule_test *t)
{
	static const struct {
		const char *word;
		enum saksi_rule_op op;
	} negations[] = {{"!=", SAKSI_RULE_OP_EQUAL},
			 {">=", SAKSI_RULE_OP_LESS},
			 {"<=", SAKSI_RULE_OP_MORE},
			 {"absent", SAKSI_RULE_OP_PRESENT}};

	for (size_t i = 0; i < sizeof(negations) / sizeof(negations[0]); i++)
		if (saksi_lex_accept(l, negations[i].word)) {
			t->op = negations[i].op;
			t->negated = true;
			return operand(l, t, ops[t->op].wants);
		}
	t->negated = saksi_lex_accept(l, "not");
	for (size_t i = 0; i < OP_COUNT; i++) {
		bool word = ops[i].word[0] >= 'a';

		if ((t->negated && !word) || !saksi_lex_accept(l, ops[i].word))
			continue;
		t->op = (enum saksi_rule_op)i;
		if (t->negated && t->op == SAKSI_RULE_OP_PRESENT)
			return saksi_lex_fail(l, "say absent, not \"not present\"");
		return operand(l, t, ops[i].wants);
	}
	return saksi_lex_fail(
	    l, "expected a comparison: = != < <= > >= in like besides contains "
	       "within touches older before after supported "
	       "maintained present absent");
}

static bool attribute_test(struct saksi_lex *l, struct saksi_rule_test *t)
{
	if (saksi_lex_accept(l, "default") &&
	    !take(l, &t->fallback, "a value is missing after default"))
		return false;
	if (!comparison(l, t))
		return false;
	if (t->fallback.at != NULL && t->op == SAKSI_RULE_OP_PRESENT)
		return saksi_lex_fail(l, "a default cannot be present or absent");
	return true;
}

/* ---- and, or, not around leaves of either kind */

static const struct saksi_rule_expr *any(struct saksi_lex *l, reader *leaf);

/* A quantifier's conditions go as far as they can, so beside and, or, not it
 * stands in parentheses: nobody has to know how far. */
static bool apart(struct saksi_lex *l, const struct saksi_rule_expr *e, bool open)
{
	if (e == NULL)
		return false;
	if (open || e->node < SAKSI_RULE_ALL || e->node > SAKSI_RULE_COUNT)
		return true;
	return saksi_lex_fail(l,
			      "put all, some, none, count in parentheses beside and, "
			      "or, not");
}

static const struct saksi_rule_expr *unary(struct saksi_lex *l, reader *leaf)
{
	const struct saksi_rule_expr *inner = NULL;
	struct saksi_rule_expr *e;
	bool open;

	if (l->depth >= SAKSI_RULE_DEPTH_MAX) {
		(void)saksi_lex_fail(l, "nested too deeply");
		return NULL;
	}
	l->depth++;
	if (saksi_lex_accept(l, "not")) {
		e = node(l, SAKSI_RULE_NOT);
		open = saksi_lex_is(l, "(");
		if (e != NULL && apart(l, e->left = unary(l, leaf), open))
			inner = e;
	} else if (saksi_lex_accept(l, "(")) {
		inner = any(l, leaf);
		if (inner != NULL && !saksi_lex_accept(l, ")")) {
			(void)saksi_lex_fail(l, "expected and, or, or )");
			inner = NULL;
		}
	} else {
		inner = leaf(l);
	}
	l->depth--;
	return inner;
}

/* A run of one connective; the tree leans to the left. */
static const struct saksi_rule_expr *chain(struct saksi_lex *l, reader *leaf,
					   bool is_or)
{
	const struct saksi_rule_expr *left =
	    is_or ? chain(l, leaf, false) : unary(l, leaf);
	bool open;

	for (unsigned n = 0; left != NULL && saksi_lex_accept(l, is_or ? "or" : "and");
	     n++) {
		struct saksi_rule_expr *e =
		    node(l, is_or ? SAKSI_RULE_OR : SAKSI_RULE_AND);

		if (n == SAKSI_RULE_DEPTH_MAX) {
			(void)saksi_lex_fail(l, "too many parts: use a list after in");
			return NULL;
		}
		if (e == NULL)
			return NULL;
		open = saksi_lex_is(l, "(");
		e->left = left;
		e->right = is_or ? chain(l, leaf, false) : unary(l, leaf);
		left = apart(l, e->right, open) ? e : NULL;
	}
	return left;
}

static const struct saksi_rule_expr *any(struct saksi_lex *l, reader *leaf)
{
	return chain(l, leaf, true);
}

/* ---- leaves */

static const struct saksi_rule_expr *condition(struct saksi_lex *l)
{
	struct saksi_rule_expr *e = node(l, SAKSI_RULE_TEST);

	if (e == NULL)
		return NULL;
	if (l->now.kind != SAKSI_LEX_WORD || !name_of(l->now.text, "-_.", 64)) {
		(void)saksi_lex_fail(l, "expected an attribute's name");
		return NULL;
	}
	e->test.attribute = l->now.text;
	saksi_lex_next(l);
	return attribute_test(l, &e->test) ? e : NULL;
}

static bool section(struct saksi_lex *l, struct saksi_rule_expr *e)
{
	if (l->now.kind != SAKSI_LEX_WORD || !name_of(l->now.text, "-", 32) ||
	    saksi_bytes_is(l->now.text, "end"))
		return saksi_lex_fail(l, "expected a section of facts, or all, some, "
					 "none, count");
	e->section = l->now.text;
	saksi_lex_next(l);
	return l->what == NULL;
}

/* count's comparison: NUMBER ops only. */
static bool count_test(struct saksi_lex *l, struct saksi_rule_test *t)
{
	struct saksi_lex_token at = l->now;

	if (!comparison(l, t))
		return false;
	if (t->op == SAKSI_RULE_OP_EQUAL && !t->values[0].attribute &&
	    number(t->values[0].text, &t->number))
		return true;
	if ((t->op == SAKSI_RULE_OP_LESS || t->op == SAKSI_RULE_OP_MORE) &&
	    !t->values[0].attribute)
		return true;
	l->now = at;
	return saksi_lex_fail(l, "count is compared with a number: = != < <= > >=");
}

static const struct saksi_rule_expr *quantified(struct saksi_lex *l,
						enum saksi_rule_node kind)
{
	struct saksi_rule_expr *e = node(l, kind);

	if (e == NULL || !section(l, e))
		return NULL;
	if (saksi_lex_is(l, "(") && !values(l, &e->subjects, &e->subject_count))
		return NULL;
	for (size_t i = 0; i < e->subject_count; i++)
		if (e->subjects[i].attribute) {
			(void)saksi_lex_fail(l, "a subject cannot be an @attribute");
			return NULL;
		}
	if (saksi_lex_accept(l, "where") && (e->left = any(l, condition)) == NULL)
		return NULL;
	if (kind == SAKSI_RULE_COUNT)
		return saksi_lex_accept(l, "is") && count_test(l, &e->test)
			   ? e
			   : (saksi_lex_fail(l, "count ends with: is < NUMBER"), NULL);
	if (saksi_lex_accept(l, "has") && (e->right = any(l, condition)) == NULL)
		return NULL;
	if (kind == SAKSI_RULE_ALL && e->right == NULL) {
		(void)saksi_lex_fail(l, "all needs: has CONDITION");
		return NULL;
	}
	return e;
}

/* SECTION(SUBJECT).ATTRIBUTE, or SECTION.ATTRIBUTE for the subject "-". */
static const struct saksi_rule_expr *one(struct saksi_lex *l)
{
	static const uint8_t dash[] = "-";
	struct saksi_rule_expr *e = node(l, SAKSI_RULE_ONE);
	struct saksi_rule_value *subject =
	    saksi_arena_new(l->arena, 1, sizeof(*subject));
	struct saksi_bytes word = l->now.text, attribute;
	const uint8_t *dot;

	if (e == NULL || subject == NULL) {
		(void)too_large(l);
		return NULL;
	}
	subject->text = (struct saksi_bytes){dash, 1};
	e->subjects = subject;
	e->subject_count = 1;
	dot = l->now.kind == SAKSI_LEX_WORD ? memchr(word.at, '.', word.len) : NULL;
	if (dot != NULL) {
		e->section = (struct saksi_bytes){word.at, (size_t)(dot - word.at)};
		attribute = (struct saksi_bytes){dot, word.len - e->section.len};
		saksi_lex_next(l);
	} else {
		if (!section(l, e))
			return NULL;
		if (saksi_lex_accept(l, "exists")) {
			e->node = SAKSI_RULE_EXISTS;
			e->subject_count = 0;
			return e;
		}
		if (!saksi_lex_accept(l, "(")) {
			(void)saksi_lex_fail(l, "after a section stands exists, "
						"(SUBJECT) or .ATTRIBUTE");
			return NULL;
		}
		if (!take(l, &subject->text, "expected a subject"))
			return NULL;
		attribute = l->now.text;
		if (saksi_lex_accept(l, ")")) {
			attribute = l->now.text;
			if (l->now.kind != SAKSI_LEX_WORD)
				attribute.len = 0;
			saksi_lex_next(l);
		} else {
			attribute.len = 0;
		}
	}
	if (attribute.len > 0 && attribute.at[0] == '.')
		attribute = (struct saksi_bytes){attribute.at + 1, attribute.len - 1};
	else
		attribute.len = 0;
	if (!name_of(e->section, "-", 32) || !name_of(attribute, "-_.", 64)) {
		(void)saksi_lex_fail(l, "expected SECTION(SUBJECT).ATTRIBUTE");
		return NULL;
	}
	e->test.attribute = attribute;
	return attribute_test(l, &e->test) ? e : NULL;
}

static const struct saksi_rule_expr *check(struct saksi_lex *l)
{
	if (saksi_lex_accept(l, "all"))
		return quantified(l, SAKSI_RULE_ALL);
	if (saksi_lex_accept(l, "some"))
		return quantified(l, SAKSI_RULE_SOME);
	if (saksi_lex_accept(l, "none"))
		return quantified(l, SAKSI_RULE_NONE);
	if (saksi_lex_accept(l, "count"))
		return quantified(l, SAKSI_RULE_COUNT);
	return one(l);
}

const struct saksi_rule_expr *saksi_rule_expr_read(struct saksi_lex *l)
{
	const struct saksi_rule_expr *e = any(l, check);

	if (e != NULL && l->now.kind != SAKSI_LEX_END && l->what == NULL)
		(void)saksi_lex_fail(l, "nothing may follow here; put and, or, or "
					"parentheses");
	return l->what == NULL ? e : NULL;
}
