/* What the audit commands share: the log, the vault, the plan at hand. */
#ifndef SAKSI_CMD_AUDITING_H
#define SAKSI_CMD_AUDITING_H

#include "audit/dossier.h"
#include "rules/eol.h"
#include "rules/rules.h"
#include "cmd/keyfile.h"
#include "cmd/publish.h"
#include "cmd/witnessed.h"
#include "engine/scap.h"

#define SAKSI_PLAN_NAME_LEN 17 /* 16 hex digits of the plan's id, and a NUL */

struct saksi_auditing {
	struct saksi_session s;
	const struct saksi_cmd *cmd;
	int vault;                /* open folder, -1: none */
	struct saksi_arena arena; /* rules, facts, dossiers */
	struct saksi_rules rules;
	struct saksi_eol eol;
	char plan_name[SAKSI_PLAN_NAME_LEN];
	struct saksi_hash plan_id;
	struct saksi_keyfile key; /* --key */
	struct saksi_boxfile box; /* --box; wiped at the end */
	bool has_key, has_box;
	size_t failed[SAKSI_SEVERITIES]; /* after judging */
	size_t verdicts[SAKSI_VERDICTS];
};

/* Each gives a saksi_exit and has said what went wrong. */
int saksi_auditing_begin(struct saksi_auditing *a, const struct saksi_cmd *c);
void saksi_auditing_end(struct saksi_auditing *a);
int saksi_auditing_rules(struct saksi_auditing *a);
int saksi_auditing_look(struct saksi_auditing *a); /* a look that must hold */
/* The plan that --plan names (8 or more hex digits of its id). */
int saksi_auditing_find(struct saksi_auditing *a, const char *prefix,
			const struct saksi_ledger_plan **out);
int saksi_auditing_dossier(struct saksi_auditing *a, const struct saksi_hash *plan,
			   struct saksi_dossier *out);

/* Has the plan ended, in an audit or by being abandoned?  Says so: FALSE. */
int saksi_auditing_ended(const struct saksi_auditing *a,
			 const struct saksi_ledger_plan *plan);
/* That plan in the newest look, or NULL. */
const struct saksi_ledger_plan *saksi_auditing_plan(const struct saksi_auditing *a);
/* Publishes d's body as the author whose key --key is, and waits as --wait says. */
int saksi_auditing_publish(struct saksi_auditing *a, struct saksi_draft *d,
			   struct saksi_published *p);

/* Keeps the published entry in the vault as PREFIX, 16 hex digits of id, SUFFIX. */
int saksi_auditing_keep(struct saksi_auditing *a, const char *prefix,
			const struct saksi_hash *id, const char *suffix,
			const struct saksi_published *p);

/* --openscap FILE.  _plan adds what a plan fixes of it to `list`, up to
 * SAKSI_SCAP_ENGINES more; _begin refuses content that the plan does not fix, and
 * says how to collect (*o borrows from `plan`); _more is a collector's hook. */
#define SAKSI_SCAP_ENGINES 2
int saksi_audit_scap_plan(struct saksi_auditing *a, struct saksi_named_digest *list,
			  size_t *count);
int saksi_audit_scap_begin(struct saksi_auditing *a,
			   const struct saksi_ledger_plan *plan,
			   struct saksi_scap_options *o);
enum saksi_err saksi_audit_scap_more(void *ctx, struct saksi_facts_writer *w);

int saksi_audit_inventory(struct saksi_auditing *a);
int saksi_audit_plan(struct saksi_auditing *a);
int saksi_audit_collect(struct saksi_auditing *a);
int saksi_audit_judge(struct saksi_auditing *a);
int saksi_audit_publish(struct saksi_auditing *a);
int saksi_audit_disclose(struct saksi_auditing *a);
int saksi_audit_abandon(struct saksi_auditing *a);
int saksi_audit_report(struct saksi_auditing *a);

#endif
