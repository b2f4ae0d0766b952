/* The judge: facts and rules in, a verdict for every rule out.
 * Nothing that was not seen passes.  Spec: docs/RULES.md, "Verdicts".
 * Pure: no I/O, no clock; results live in the arena given.
 * Test: tests/unit/rules/judge_test.c, and each rule's fixtures. */
#ifndef SAKSI_RULES_JUDGE_H
#define SAKSI_RULES_JUDGE_H

#include "rules/eol.h"
#include "facts/facts.h"
#include "rules/rules.h"

#define SAKSI_DETAIL_MAX 2048 /* bytes */

struct saksi_judge_input {
	const struct saksi_rules *rules;
	const struct saksi_facts *facts;
	const struct saksi_eol *eol; /* NULL: every question about age cannot be told */
	int64_t now_utc;
};

/* detail: canonical, the same for the same input; holds names of the server's
 * files and settings, so it is sealed and never public. */
struct saksi_judgement {
	enum saksi_verdict verdict;
	enum saksi_severity severity;
	uint32_t rule; /* place in the rule set, which is also its place here */
	struct saksi_bytes detail;
};

/* Fills out[0 .. rules->count).
 *   PASS            the test holds and every section it needs was read whole
 *   FAIL            the test is false; what was seen is enough to know
 *   NOT_APPLICABLE  `when` is false, and everything needed to know was read
 *   NOT_COVERED     cannot tell: a section or fact is missing, or the stream
 *                   was cut off
 *   VERDICT_ERROR   a fact is not of the kind that the rule compares (a number,
 *                   a mode, a time)
 * LIMIT: the arena is too small; out is then not to be used.
 * Cost: rules times the facts of the sections they name. */
SAKSI_MUST enum saksi_err saksi_judge_facts(const struct saksi_judge_input *in,
					    struct saksi_arena *a,
					    struct saksi_judgement *out);

#endif
