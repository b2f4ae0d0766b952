/* Inside the audit room only: three-valued evaluation of rule expressions. */
#ifndef SAKSI_RULES_JUDGE_EVAL_H
#define SAKSI_RULES_JUDGE_EVAL_H

#include "rules/judge.h"

enum saksi_tri {
	SAKSI_TRI_FALSE,
	SAKSI_TRI_TRUE,
	SAKSI_TRI_UNKNOWN,
};

/* What a test inside where and has is asked of. */
struct saksi_eval_subject {
	struct saksi_bytes section, name;
	struct saksi_fact_range facts;
	enum saksi_coverage_state state;
};

enum saksi_tri saksi_eval_expr(const struct saksi_judge_input *in,
			       const struct saksi_rule_expr *e);
/* A condition, of one subject. */
enum saksi_tri saksi_eval_condition(const struct saksi_judge_input *in,
				    const struct saksi_rule_expr *e,
				    const struct saksi_eval_subject *s);
/* A single comparison; *malformed becomes true when a value is not of the kind
 * compared, and stays as it is otherwise. */
enum saksi_tri saksi_eval_test(const struct saksi_judge_input *in,
			       const struct saksi_rule_test *t,
			       const struct saksi_eval_subject *s, bool *malformed);
/* where AND has, or for `all` whether has follows from where.  *matched: does
 * where hold? */
enum saksi_tri saksi_eval_member(const struct saksi_judge_input *in,
				 const struct saksi_rule_expr *e,
				 const struct saksi_eval_subject *s, bool *matched);
/* The next subject of a section that a quantifier looks at. */
bool saksi_eval_next(const struct saksi_rule_expr *e, struct saksi_fact_range *rest,
		     struct saksi_eval_subject *s);
/* The subject of SECTION(SUBJECT).ATTRIBUTE. */
struct saksi_eval_subject saksi_eval_one(const struct saksi_judge_input *in,
					 const struct saksi_rule_expr *e);
/* The facts of an attribute among a subject's. */
struct saksi_fact_range saksi_eval_values(const struct saksi_eval_subject *s,
					  struct saksi_bytes attribute);
/* * is any run, ? any one byte. */
bool saksi_eval_like(struct saksi_bytes pattern, struct saksi_bytes s);

/* Puts the facts that make `e` come out as `value`, and whether a malformed fact
 * is among the reasons. */
void saksi_explain(const struct saksi_judge_input *in, const struct saksi_rule_expr *e,
		   enum saksi_tri value, struct saksi_buf *out, bool *malformed);
/* "section file: denied: ..." */
void saksi_explain_section(const struct saksi_judge_input *in,
			   struct saksi_bytes section, struct saksi_buf *out);

#endif
