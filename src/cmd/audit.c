/* The rows of `saksi audit`. */
#include "cmd/auditing.h"

#include <stdio.h>
#include <string.h>

#include "collect/collect.h"
#include "base/text.h"

typedef int step_fn(struct saksi_auditing *a);

/* What is wrong with the options is said before anything is published. */
static int check_options(const struct saksi_cmd *c, int *limit)
{
	const char *on = saksi_cmd_option(c, "--fail-on");
	enum saksi_severity severity;
	int64_t seconds;

	*limit = SAKSI_SEVERITIES;
	if (!saksi_cmd_seconds(c, "--wait", 0, &seconds) ||
	    !saksi_cmd_seconds(c, "--deadline", 0, &seconds))
		return SAKSI_EXIT_USAGE;
	if (on == NULL)
		return SAKSI_EXIT_HOLDS;
	if (saksi_severity_read(saksi_bytes_of(on), &severity) != SAKSI_OK)
		return saksi_cmd_usage(c,
				       "--fail-on takes critical, high, medium, low "
				       "or info, not \"%s\"",
				       on);
	*limit = (int)severity;
	return SAKSI_EXIT_HOLDS;
}

/* --fail-on SEVERITY: a failure at or above it makes the answer false. */
static int failed_enough(const struct saksi_auditing *a, int limit)
{
	for (int s = limit; s < SAKSI_SEVERITIES; s++)
		if (a->failed[s] > 0)
			return SAKSI_EXIT_FALSE;
	return SAKSI_EXIT_HOLDS;
}

static void told(const struct saksi_auditing *a)
{
	struct saksi_buf b = saksi_buf_growing(1U << 20);
	struct saksi_jsonw w = {&b, false};
	char hex[2 * SAKSI_HASH_LEN + 1];

	saksi_text_to_hex(a->plan_id.b, SAKSI_HASH_LEN, hex);
	saksi_jsonw_open(&w, '{');
	if (a->plan_name[0] != '\0') {
		saksi_jsonw_key(&w, "plan");
		saksi_jsonw_cstr(&w, hex);
	}
	saksi_jsonw_key(&w, "entries");
	saksi_jsonw_u64(&w, a->s.look.judged.point.size);
	if (a->rules.count > 0) {
		saksi_jsonw_key(&w, "rules");
		saksi_jsonw_u64(&w, a->rules.count);
		for (int v = 0; v < SAKSI_VERDICTS; v++) {
			saksi_jsonw_key(&w, saksi_verdict_name((enum saksi_verdict)v));
			saksi_jsonw_u64(&w, a->verdicts[v]);
		}
		saksi_jsonw_key(&w, "failed");
		saksi_jsonw_open(&w, '{');
		for (int s = SAKSI_SEVERITIES - 1; s >= 0; s--) {
			saksi_jsonw_key(&w,
					saksi_severity_name((enum saksi_severity)s));
			saksi_jsonw_u64(&w, a->failed[s]);
		}
		saksi_jsonw_close(&w, '}');
	}
	saksi_jsonw_close(&w, '}');
	saksi_tell_json(&b);
}

/* One look, the plan of --plan where a command has it, then the steps in order. */
static int run_steps(struct saksi_cmd *c, step_fn *const *steps)
{
	struct saksi_auditing a;
	const struct saksi_ledger_plan *plan;
	const char *name = saksi_cmd_option(c, "--plan");
	int limit, code = check_options(c, &limit);

	if (code != SAKSI_EXIT_HOLDS)
		return code;
	code = saksi_auditing_begin(&a, c);
	if (code == SAKSI_EXIT_HOLDS && name != NULL) {
		code = saksi_auditing_look(&a);
		if (code == SAKSI_EXIT_HOLDS)
			code = saksi_auditing_find(&a, name, &plan);
	}
	for (; *steps != NULL && code == SAKSI_EXIT_HOLDS; steps++)
		code = (*steps)(&a);
	if (code == SAKSI_EXIT_HOLDS && saksi_cmd_json(c) && *steps == NULL &&
	    steps[-1] != saksi_audit_report)
		told(&a);
	if (code == SAKSI_EXIT_HOLDS)
		code = failed_enough(&a, limit);
	saksi_auditing_end(&a);
	return code;
}

#define STEPS(name, ...)                                                               \
	static int name(struct saksi_cmd *c)                                           \
	{                                                                              \
		static step_fn *const steps[] = {__VA_ARGS__, NULL};                   \
		return run_steps(c, steps);                                            \
	}
STEPS(run_plan, saksi_audit_plan)
STEPS(run_judge, saksi_audit_judge)
STEPS(run_publish, saksi_audit_publish)
STEPS(run_run, saksi_audit_plan, saksi_audit_collect, saksi_audit_judge,
      saksi_audit_publish)
STEPS(run_disclose, saksi_audit_disclose)
STEPS(run_abandon, saksi_audit_abandon)
STEPS(run_report, saksi_audit_report)
STEPS(run_collect, saksi_audit_collect)
STEPS(run_inventory, saksi_audit_inventory)

static int run_list(struct saksi_cmd *c)
{
	struct saksi_buf b = saksi_buf_growing(4U << 20),
			 json = saksi_buf_growing(8U << 20);
	struct saksi_jsonw w = {&json, false};

	saksi_collect_list(&b);
	saksi_buf_puts(&b,
		       "openscap: runs /usr/bin/oscap, confined, with content for this "
		       "system, which reads what that asks for\n");
	if (saksi_cmd_json(c)) {
		saksi_jsonw_open(&w, '[');
		for (size_t i = 0, from = 0; i < b.len; i++) {
			if (b.at[i] != '\n')
				continue;
			saksi_jsonw_str(&w,
					(struct saksi_bytes){b.at + from, i - from});
			from = i + 1;
		}
		saksi_jsonw_close(&w, ']');
		saksi_tell_json(&json);
	} else {
		(void)fwrite(b.at, 1, b.len, stdout);
	}
	saksi_buf_free(&b);
	return SAKSI_EXIT_HOLDS;
}

/* Reads a rule set and says what it is: for people who write rules. */
static int run_rules(struct saksi_cmd *c)
{
	struct saksi_arena arena;
	struct saksi_rules rules;
	struct saksi_why w = {{0}};
	struct saksi_buf b = saksi_buf_growing(16U << 20);
	char hex[2 * SAKSI_HASH_LEN + 1];
	enum saksi_err err;

	if (saksi_arena_map(&arena, (size_t)64 << 20) != SAKSI_OK)
		return saksi_cmd_fail(c, SAKSI_NOMEM, NULL);
	err = saksi_rules_load(saksi_cmd_arg(c, 0), &arena, &rules, &w);
	if (err != SAKSI_OK) {
		saksi_arena_end(&arena);
		return saksi_cmd_fail(c, err, &w);
	}
	saksi_text_to_hex(rules.digest.b, SAKSI_HASH_LEN, hex);
	if (saksi_cmd_flag(c, "--print")) {
		saksi_rules_write(&rules, true, &b);
		(void)fwrite(b.at, 1, b.len, stdout);
	} else if (saksi_cmd_json(c)) {
		printf("{\"rules\":%zu,\"digest\":\"%s\"}\n", rules.count, hex);
	} else {
		printf("%zu rules, digest %s\n", rules.count, hex);
	}
	saksi_buf_free(&b);
	saksi_arena_end(&arena);
	return SAKSI_EXIT_HOLDS;
}

#define LOG_OPTIONS                                                                    \
	{"--log", "WHERE", "URL of the log (a folder is enough to read)", true,        \
	 false},                                                                       \
	    {"--trust", "DIR", "trust folder: policy, roots, limits", true, false},    \
	    {"--state", "DIR", "where what was seen is remembered", false, false},     \
	    {"--no-state", NULL, "neither compare with nor remember what was seen",    \
	     false, false},                                                            \
	{                                                                              \
		"--now", "TIME", "judge the log as of this instant", false, false      \
	}
#define VAULT_OPTION                                                                   \
	{                                                                              \
		"--vault", "DIR", "private evidence is kept here, encrypted", true,    \
		    false                                                              \
	}
#define PLAN_OPTION                                                                    \
	{                                                                              \
		"--plan", "ID", "the plan: 8 or more hex digits of its id", true,      \
		    false                                                              \
	}
#define KEY_OPTION                                                                     \
	{                                                                              \
		"--key", "FILE", "the author's signing key", true, false               \
	}
#define BOX_OPTION                                                                     \
	{                                                                              \
		"--box", "FILE", "the author's box key, to open the vault", true,      \
		    false                                                              \
	}
#define RULES_OPTION                                                                   \
	{                                                                              \
		"--rules", "PATH",                                                     \
		    "rule file or folder (the ones that came with this)", false, false \
	}
#define WAIT_OPTION                                                                    \
	{                                                                              \
		"--wait", "TIME", "how long to wait for the witnesses (2m)", false,    \
		    false                                                              \
	}
#define SERVER_OPTION                                                                  \
	{                                                                              \
		"--server", "NAME", "the server's pseudonym in the inventory", true,   \
		    false                                                              \
	}
#define DEADLINE_OPTION                                                                \
	{                                                                              \
		"--deadline", "TIME", "the audit must be published by then (2d)",      \
		    false, false                                                       \
	}
#define ROOT_OPTION                                                                    \
	{                                                                              \
		"--root", "DIR", "look below this folder instead of this machine",     \
		    false, false                                                       \
	}
#define NO_WALK_OPTION                                                                 \
	{                                                                              \
		"--no-walk", NULL, "leave out the rules that walk all files", false,   \
		    false                                                              \
	}
#define OPENSCAP_OPTION                                                                \
	{                                                                              \
		"--openscap", "FILE",                                                  \
		    "SCAP content, a data stream (what is installed for this system)", \
		    false, false                                                       \
	}
#define FAIL_OPTION                                                                    \
	{                                                                              \
		"--fail-on", "SEVERITY",                                               \
		    "answer 1 when a failure is this severe or more", false, false     \
	}
#define END_OPTION                                                                     \
	{                                                                              \
		NULL, NULL, NULL, false, false                                         \
	}

static const struct saksi_option plan_options[] = {
    SERVER_OPTION,   KEY_OPTION,  VAULT_OPTION, RULES_OPTION, OPENSCAP_OPTION,
    DEADLINE_OPTION, WAIT_OPTION, LOG_OPTIONS,  END_OPTION};
static const struct saksi_option collect_options[] = {
    PLAN_OPTION,     VAULT_OPTION, ROOT_OPTION, NO_WALK_OPTION,
    OPENSCAP_OPTION, LOG_OPTIONS,  END_OPTION};
static const struct saksi_option judge_options[] = {
    PLAN_OPTION, VAULT_OPTION, BOX_OPTION, RULES_OPTION,
    FAIL_OPTION, LOG_OPTIONS,  END_OPTION};
static const struct saksi_option publish_options[] = {
    PLAN_OPTION, KEY_OPTION,  BOX_OPTION, VAULT_OPTION,
    WAIT_OPTION, LOG_OPTIONS, END_OPTION};
static const struct saksi_option run_options[] = {
    SERVER_OPTION,   KEY_OPTION,  BOX_OPTION,     VAULT_OPTION, RULES_OPTION,
    DEADLINE_OPTION, ROOT_OPTION, NO_WALK_OPTION, FAIL_OPTION,  OPENSCAP_OPTION,
    WAIT_OPTION,     LOG_OPTIONS, END_OPTION};
static const struct saksi_option disclose_options[] = {
    PLAN_OPTION,
    {"--rule", "ID", "a rule that failed in it", true, true},
    {"--fixed-by", "ID", "the later plan whose audit shows them passing", false, false},
    KEY_OPTION,
    BOX_OPTION,
    VAULT_OPTION,
    WAIT_OPTION,
    LOG_OPTIONS,
    END_OPTION};
static const struct saksi_option inventory_options[] = {
    {"--server", "NAME=ROLE=PRIVATE",
     "a server: pseudonym and role in public, name and address sealed", true, true},
    KEY_OPTION,
    BOX_OPTION,
    VAULT_OPTION,
    WAIT_OPTION,
    LOG_OPTIONS,
    END_OPTION};
static const struct saksi_option abandon_options[] = {
    PLAN_OPTION, {"--reason", "TEXT", "why no audit follows, in public", true, false},
    KEY_OPTION,  WAIT_OPTION,
    LOG_OPTIONS, END_OPTION};
static const struct saksi_option report_options[] = {
    PLAN_OPTION,
    BOX_OPTION,
    VAULT_OPTION,
    RULES_OPTION,
    {"--all", NULL, "rules that pass, too", false, false},
    LOG_OPTIONS,
    END_OPTION};
static const struct saksi_option rules_options[] = {
    {"--print", NULL, "print the rules in their one canonical form", false, false},
    END_OPTION};
static const struct saksi_option no_options[] = {END_OPTION};

const struct saksi_command saksi_commands_audit[] = {
    {"audit inventory", "", "say which servers are in scope, their names sealed",
     "Publishes how many servers are in scope, each under a pseudonym, with its role.\n"
     "Names and addresses go into a sealed list, and to the vault.",
     inventory_options, 0, 0, run_inventory},
    {"audit run", "", "plan, collect, judge and publish in one go",
     "Publishes a plan and waits until the witnesses have seen it, gathers facts from\n"
     "this machine (or below --root), judges every rule of the set the plan fixed, "
     "and\n"
     "publishes the sealed audit. Failures stay sealed until they are disclosed.",
     run_options, 0, 0, run_run},
    {"audit plan", "", "fix server, rules and deadline in public before looking", NULL,
     plan_options, 0, 0, run_plan},
    {"audit collect", "", "gather facts for a witnessed plan, encrypted to its author",
     NULL, collect_options, 0, 0, run_collect},
    {"audit list", "", "print what collect would read, and read nothing", NULL,
     no_options, 0, 0, run_list},
    {"audit judge", "", "judge collected facts by the rules of the plan", NULL,
     judge_options, 0, 0, run_judge},
    {"audit publish", "", "publish the sealed verdicts of a judged plan", NULL,
     publish_options, 0, 0, run_publish},
    {"audit report", "", "print the private findings of an audit with their fixes",
     NULL, report_options, 0, 0, run_report},
    {"audit disclose", "", "open findings of a published audit to everyone", NULL,
     disclose_options, 0, 0, run_disclose},
    {"audit abandon", "", "say in public why a plan ends without an audit", NULL,
     abandon_options, 0, 0, run_abandon},
    {"audit rules", "PATH", "read a rule file or folder and print its digest", NULL,
     rules_options, 1, 1, run_rules},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
