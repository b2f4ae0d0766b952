/* The canonical form of a rule set; docs/RULES.md, "Digest", byte by byte. */
#include "rules/rules.h"

#include <string.h>

static const char *const op_words[] = {
#define OP_WORD(e, w, v) w,
    SAKSI_RULE_OPS(OP_WORD)
#undef OP_WORD
};

static void quoted(struct saksi_bytes s, struct saksi_buf *out)
{
	saksi_buf_put_u8(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] == '"' || s.at[i] == '\\')
			saksi_buf_put_u8(out, '\\');
		saksi_buf_put_u8(out, s.at[i]);
	}
	saksi_buf_put_u8(out, '"');
}

static void put_value(const struct saksi_rule_value *v, struct saksi_buf *out)
{
	if (!v->attribute) {
		quoted(v->text, out);
		return;
	}
	saksi_buf_put_u8(out, '@');
	saksi_buf_put(out, v->text);
}

static void put_list(const struct saksi_rule_value *v, size_t count,
		     struct saksi_buf *out)
{
	saksi_buf_put_u8(out, '(');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			saksi_buf_puts(out, ", ");
		put_value(&v[i], out);
	}
	saksi_buf_put_u8(out, ')');
}

/* The word of a comparison; three negated ones are signs of their own. */
static void put_op(const struct saksi_rule_test *t, struct saksi_buf *out)
{
	const char *sign = t->op == SAKSI_RULE_OP_EQUAL  ? "!="
			   : t->op == SAKSI_RULE_OP_LESS ? ">="
			   : t->op == SAKSI_RULE_OP_MORE ? "<="
							 : NULL;

	if (!t->negated) {
		saksi_buf_puts(out, op_words[t->op]);
	} else if (sign != NULL) {
		saksi_buf_puts(out, sign);
	} else {
		saksi_buf_puts(out, "not ");
		saksi_buf_puts(out, op_words[t->op]);
	}
}

static void put_product(const struct saksi_rule_test *t, struct saksi_buf *out)
{
	saksi_buf_puts(out, " as ");
	put_value(&t->values[0], out);
	if (!t->relative)
		return;
	saksi_buf_puts(out, t->number < 0 ? " at now-" : " at now+");
	saksi_buf_put_decimal(out, (uint64_t)(t->number < 0 ? -t->number : t->number) /
				       86400);
	saksi_buf_put_u8(out, 'd');
}

/* Operator and values, with the space before. */
static void put_test(const struct saksi_rule_test *t, struct saksi_buf *out)
{
	saksi_buf_put_u8(out, ' ');
	if (t->op == SAKSI_RULE_OP_PRESENT) {
		saksi_buf_puts(out, t->negated ? "absent" : "present");
		return;
	}
	put_op(t, out);
	if (t->op == SAKSI_RULE_OP_SUPPORTED || t->op == SAKSI_RULE_OP_MAINTAINED) {
		put_product(t, out);
		return;
	}
	saksi_buf_put_u8(out, ' ');
	if (t->op == SAKSI_RULE_OP_IN || t->op == SAKSI_RULE_OP_LIKE ||
	    t->op == SAKSI_RULE_OP_BESIDES || t->op == SAKSI_RULE_OP_CONTAINS)
		put_list(t->values, t->value_count, out);
	else
		put_value(&t->values[0], out);
}

static void put_attribute(const struct saksi_rule_test *t, struct saksi_buf *out)
{
	saksi_buf_put(out, t->attribute);
	if (t->fallback.at != NULL) {
		saksi_buf_puts(out, " default ");
		quoted(t->fallback, out);
	}
	put_test(t, out);
}

static bool joins(const struct saksi_rule_expr *e)
{
	return e->node == SAKSI_RULE_AND || e->node == SAKSI_RULE_OR;
}

static bool quantifies(const struct saksi_rule_expr *e)
{
	return e->node >= SAKSI_RULE_ALL && e->node <= SAKSI_RULE_COUNT;
}

static void within(const struct saksi_rule_expr *e, bool parens, struct saksi_buf *out)
{
	if (parens)
		saksi_buf_put_u8(out, '(');
	saksi_rule_expr_write(e, out);
	if (parens)
		saksi_buf_put_u8(out, ')');
}

/* An AND needs no parentheses inside an OR, nor does the left part of a run. */
static void put_joined(const struct saksi_rule_expr *e, struct saksi_buf *out)
{
	const struct saksi_rule_expr *l = e->left, *r = e->right;
	bool is_or = e->node == SAKSI_RULE_OR;

	within(l, quantifies(l) || (l->node == SAKSI_RULE_OR && !is_or), out);
	saksi_buf_puts(out, is_or ? " or " : " and ");
	within(r,
	       quantifies(r) || r->node == SAKSI_RULE_OR ||
		   (r->node == SAKSI_RULE_AND && !is_or),
	       out);
}

static void put_quantified(const struct saksi_rule_expr *e, struct saksi_buf *out)
{
	static const char *const words[] = {"all ", "some ", "none ", "count "};

	saksi_buf_puts(out, words[e->node - SAKSI_RULE_ALL]);
	saksi_buf_put(out, e->section);
	if (e->subject_count > 0)
		put_list(e->subjects, e->subject_count, out);
	if (e->left != NULL) {
		saksi_buf_puts(out, " where ");
		saksi_rule_expr_write(e->left, out);
	}
	if (e->right != NULL) {
		saksi_buf_puts(out, " has ");
		saksi_rule_expr_write(e->right, out);
	}
	if (e->node == SAKSI_RULE_COUNT) {
		saksi_buf_puts(out, " is");
		put_test(&e->test, out);
	}
}

void saksi_rule_expr_write(const struct saksi_rule_expr *e, struct saksi_buf *out)
{
	switch (e->node) {
	case SAKSI_RULE_AND:
	case SAKSI_RULE_OR:
		put_joined(e, out);
		return;
	case SAKSI_RULE_NOT:
		saksi_buf_puts(out, "not ");
		within(e->left, joins(e->left) || quantifies(e->left), out);
		return;
	case SAKSI_RULE_EXISTS:
		saksi_buf_put(out, e->section);
		saksi_buf_puts(out, " exists");
		return;
	case SAKSI_RULE_ONE:
		saksi_buf_put(out, e->section);
		put_list(e->subjects, 1, out);
		saksi_buf_put_u8(out, '.');
		put_attribute(&e->test, out);
		return;
	case SAKSI_RULE_TEST:
		put_attribute(&e->test, out);
		return;
	case SAKSI_RULE_ALL:
	case SAKSI_RULE_SOME:
	case SAKSI_RULE_NONE:
	case SAKSI_RULE_COUNT:
	default:
		put_quantified(e, out);
	}
}

static void put_words(const char *key, const struct saksi_bytes *words, size_t count,
		      const char *joint, struct saksi_buf *out)
{
	saksi_buf_puts(out, key);
	for (size_t i = 0; i < count; i++) {
		saksi_buf_puts(out, i == 0 ? " = " : joint);
		saksi_buf_put(out, words[i]);
	}
	saksi_buf_put_u8(out, '\n');
}

static void put_texts(const struct saksi_rule *r, struct saksi_buf *out)
{
	static const char *const keys[SAKSI_RULE_TEXTS][SAKSI_RULE_LANGS] = {
	    {"title.id = ", "title.en = "},
	    {"why.id = ", "why.en = "},
	    {"fix.id = ", "fix.en = "}};

	for (unsigned t = 0; t < SAKSI_RULE_TEXTS; t++)
		for (unsigned l = 0; l < SAKSI_RULE_LANGS; l++) {
			struct saksi_bytes text = r->text[t][l];

			saksi_buf_puts(out, keys[t][l]);
			for (size_t i = 0; i < text.len; i++) {
				saksi_buf_put_u8(out, text.at[i]);
				if (text.at[i] == '\n')
					saksi_buf_put_u8(out, '\t');
			}
			saksi_buf_put_u8(out, '\n');
		}
}

static void put_rule(const struct saksi_rule *r, bool texts, struct saksi_buf *out)
{
	struct saksi_bytes partial[SAKSI_RULE_NEEDS_MAX];
	size_t n = 0;

	saksi_buf_puts(out, "[");
	saksi_buf_put(out, r->id);
	saksi_buf_puts(out, "]\nseverity = ");
	saksi_buf_puts(out, saksi_severity_name(r->severity));
	saksi_buf_puts(out, "\n");
	put_words("needs", r->needs, r->need_count, " ", out);
	for (size_t i = 0; i < r->need_count; i++)
		if (r->partial_ok & 1U << i)
			partial[n++] = r->needs[i];
	if (n > 0)
		put_words("partial-ok", partial, n, " ", out);
	if (r->when != NULL) {
		saksi_buf_puts(out, "when = ");
		saksi_rule_expr_write(r->when, out);
		saksi_buf_puts(out, "\n");
	}
	saksi_buf_puts(out, "test = ");
	saksi_rule_expr_write(r->test, out);
	saksi_buf_puts(out, "\n");
	put_words("ref", r->refs, r->ref_count, "; ", out);
	if (texts)
		put_texts(r, out);
}

void saksi_rules_write(const struct saksi_rules *r, bool texts, struct saksi_buf *out)
{
	saksi_buf_puts(out, "rules 1\n");
	for (size_t i = 0; i < r->count; i++)
		put_rule(&r->rule[i], texts, out);
}
