/* disclose and report: what the dossier opens, in public or for the auditor. */
#include "cmd/auditing.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* ---- disclose */

static bool later_of_same(const struct saksi_auditing *a, const struct saksi_hash *id,
			  const struct saksi_ledger_plan *later)
{
	for (const struct saksi_ledger_plan *p = a->s.look.ledger.plans; p != NULL;
	     p = p->next)
		if (saksi_hash_same(&p->record->id, id))
			return saksi_bytes_same(p->plan.server, later->plan.server) &&
			       p->audit->record->index < later->audit->record->index;
	return false;
}

/* The place of --rule number i among the dossier's rules; rule_count: said that it
 * is unknown or named twice. */
static uint32_t find_rule(const struct saksi_auditing *a, const struct saksi_dossier *d,
			  int i)
{
	const char *rule = saksi_cmd_option_at(a->cmd, "--rule", i);
	uint32_t at = 0;

	while (at < d->rule_count && !saksi_bytes_is(d->rules[at].id, rule))
		at++;
	if (at == d->rule_count)
		saksi_cmd_say(a->cmd, "this audit has no rule \"%s\"", rule);
	for (int k = 0; k < i; k++)
		if (strcmp(saksi_cmd_option_at(a->cmd, "--rule", k), rule) == 0) {
			saksi_cmd_say(a->cmd, "--rule %s stands twice", rule);
			return (uint32_t)d->rule_count;
		}
	return at;
}

static int open_findings(struct saksi_auditing *a, const struct saksi_dossier *d,
			 struct saksi_openings *o)
{
	const char *fixed = saksi_cmd_option(a->cmd, "--fixed-by");
	struct saksi_hash plan = a->plan_id, later_id = {{0}};
	const struct saksi_ledger_plan *lp = NULL;
	struct saksi_dossier later;
	struct saksi_finding *list;
	const char *rule;
	size_t n = 0;
	int code = SAKSI_EXIT_HOLDS;

	if (fixed != NULL) {
		code = saksi_auditing_find(a, fixed, &lp);
		if (code == SAKSI_EXIT_HOLDS && lp->audit == NULL) {
			saksi_cmd_say(a->cmd, "plan %s has no published audit", fixed);
			code = SAKSI_EXIT_UNKNOWN;
		}
		if (code == SAKSI_EXIT_HOLDS && !later_of_same(a, &plan, lp)) {
			saksi_cmd_say(a->cmd,
				      "--fixed-by takes a later audit of the same "
				      "server; plan %s is none",
				      fixed);
			code = SAKSI_EXIT_FALSE;
		}
		if (code == SAKSI_EXIT_HOLDS) {
			later_id = lp->audit->record->id;
			code = saksi_auditing_dossier(a, &lp->record->id, &later);
		}
		a->plan_id = plan;
		saksi_text_to_hex(plan.b, 8, a->plan_name);
		if (code != SAKSI_EXIT_HOLDS)
			return code;
	}
	list = saksi_arena_new(&a->arena, d->rule_count + 1, sizeof(*list));
	if (list == NULL)
		return saksi_cmd_fail(a->cmd, SAKSI_LIMIT, NULL);
	for (int i = 0; (rule = saksi_cmd_option_at(a->cmd, "--rule", i)) != NULL;
	     i++) {
		uint32_t at = find_rule(a, d, i);

		if (at == d->rule_count)
			return SAKSI_EXIT_USAGE;
		if (saksi_dossier_open(d, at, lp != NULL ? &later : NULL, &later_id,
				       &a->arena, &list[n]) != SAKSI_OK) {
			saksi_cmd_say(a->cmd, "%s did not fail in this audit%s", rule,
				      lp != NULL ? ", or does not pass in the later one"
						 : "");
			return SAKSI_EXIT_FALSE;
		}
		n++;
	}
	o->findings = list;
	o->finding_count = n;
	return SAKSI_EXIT_HOLDS;
}

static int publish_disclosure(struct saksi_auditing *a, const struct saksi_openings *o)
{
	struct saksi_buf body = saksi_buf_growing(SAKSI_PAYLOAD_MAX),
			 text = saksi_buf_growing(SAKSI_ADDENDUM_MAX);
	struct saksi_disclosure d = {.audit = o->audit, .item_count = o->finding_count};
	struct saksi_draft draft = {.kind = SAKSI_KIND_DISCLOSURE,
				    .subject = o->audit,
				    .subject_name = saksi_bytes_of("audit"),
				    .addenda_count = 1};
	struct saksi_published p = {0};
	struct saksi_bytes addendum;
	struct saksi_disclosed *items;
	int code;

	items = saksi_arena_new(&a->arena, o->finding_count + 1, sizeof(d.items[0]));
	if (items == NULL)
		return saksi_cmd_fail(a->cmd, SAKSI_LIMIT, NULL);
	saksi_openings_write(o, &text);
	addendum = saksi_buf_bytes(&text);
	d.openings = saksi_hash_of(addendum);
	for (size_t i = 0; i < o->finding_count; i++) {
		struct saksi_hash leaf = saksi_sealed_leaf(
		    o->findings[i].in_failures.salt, o->findings[i].in_failures.bytes);

		memcpy(&items[i], &(struct saksi_disclosed){leaf, o->findings[i].fixed},
		       sizeof(items[i]));
	}
	d.items = items;
	saksi_disclosure_write(&d, &body);
	draft.body = saksi_buf_bytes(&body);
	draft.addenda = &addendum;
	code = saksi_auditing_publish(a, &draft, &p);
	if (code == SAKSI_EXIT_HOLDS && !saksi_cmd_json(a->cmd))
		printf(
		    "%zu findings of plan %s are disclosed in entry %llu, witnessed\n",
		    o->finding_count, a->plan_name, (unsigned long long)p.index);
	saksi_buf_free(&p.entry);
	saksi_buf_free(&body);
	saksi_buf_free(&text);
	return code;
}

int saksi_audit_disclose(struct saksi_auditing *a)
{
	const struct saksi_ledger_plan *plan = saksi_auditing_plan(a);
	struct saksi_openings o = {0};
	struct saksi_dossier d;
	int code;

	if (plan->audit == NULL) {
		saksi_cmd_say(a->cmd, "plan %s has no published audit", a->plan_name);
		return SAKSI_EXIT_UNKNOWN;
	}
	o.audit = plan->audit->record->id;
	code = saksi_auditing_dossier(a, &a->plan_id, &d);
	if (code == SAKSI_EXIT_HOLDS)
		code = open_findings(a, &d, &o);
	return code == SAKSI_EXIT_HOLDS ? publish_disclosure(a, &o) : code;
}

/* ---- report: for the auditor's eyes */

static struct saksi_bytes title_of(const struct saksi_auditing *a,
				   struct saksi_bytes id, enum saksi_rule_text what)
{
	size_t at = saksi_rules_find(&a->rules, id);

	if (at == SIZE_MAX)
		return (struct saksi_bytes){NULL, 0};
	return a->rules.rule[at].text[what][SAKSI_RULE_EN];
}

/* What was seen comes from a server that may be anybody's by now: its lines stay
 * indented, and steer no terminal. */
static void print_detail(struct saksi_bytes s)
{
	const char *label = "    saw: ";

	for (size_t i = 0, from = 0; i <= s.len; i++) {
		if (i < s.len && s.at[i] != '\n')
			continue;
		if (i > from || i < s.len) {
			printf("%s", label);
			saksi_cmd_text(stdout,
				       (struct saksi_bytes){s.at + from, i - from});
			printf("\n");
			label = "         ";
		}
		from = i + 1;
	}
}

static void print_rule(const struct saksi_auditing *a,
		       const struct saksi_dossier_rule *r)
{
	struct saksi_bytes title = title_of(a, r->id, SAKSI_RULE_TITLE),
			   fix = title_of(a, r->id, SAKSI_RULE_FIX);

	printf("%-14s %-8s %.*s: %.*s\n", saksi_verdict_name(r->verdict),
	       saksi_severity_name(r->severity), (int)r->id.len, (const char *)r->id.at,
	       (int)title.len, (const char *)title.at);
	if (r->verdict == SAKSI_PASS)
		return;
	print_detail(r->detail);
	if (r->verdict == SAKSI_FAIL)
		printf("    fix: %.*s\n", (int)fix.len, (const char *)fix.at);
}

int saksi_audit_report(struct saksi_auditing *a)
{
	static const enum saksi_verdict order[] = {SAKSI_FAIL, SAKSI_VERDICT_ERROR,
						   SAKSI_NOT_COVERED,
						   SAKSI_NOT_APPLICABLE, SAKSI_PASS};
	struct saksi_buf text = saksi_buf_growing(SAKSI_DOSSIER_MAX);
	struct saksi_dossier d;
	int code = saksi_auditing_rules(a);

	if (code == SAKSI_EXIT_HOLDS)
		code = saksi_auditing_dossier(a, &a->plan_id, &d);
	if (code != SAKSI_EXIT_HOLDS)
		return code;
	if (saksi_cmd_json(a->cmd)) {
		saksi_dossier_write(&d, &text);
		saksi_tell_json(&text);
		return SAKSI_EXIT_HOLDS;
	}
	for (size_t v = 0; v < SAKSI_VERDICTS; v++)
		for (int sev = SAKSI_CRITICAL; sev >= 0; sev--)
			for (size_t i = 0; i < d.rule_count; i++)
				if (d.rules[i].verdict == order[v] &&
				    d.rules[i].severity == (enum saksi_severity)sev &&
				    (order[v] != SAKSI_PASS ||
				     saksi_cmd_flag(a->cmd, "--all")))
					print_rule(a, &d.rules[i]);
	return SAKSI_EXIT_HOLDS;
}
