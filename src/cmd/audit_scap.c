/* --openscap FILE: what a plan fixes of OpenSCAP, and what collect makes of it. */
#include "cmd/auditing.h"

#include <string.h>

#define ENGINE_NAME "oscap"
#define CONTENT_NAME "openscap-content"

/* Both look at this machine, so a folder of another cannot be meant. */
static int option(const struct saksi_auditing *a, const char **file)
{
	*file = saksi_cmd_option(a->cmd, "--openscap");
	if (*file != NULL && saksi_cmd_option(a->cmd, "--root") != NULL)
		return saksi_cmd_usage(a->cmd, "--openscap scans this machine; it "
					       "cannot go with --root");
	return SAKSI_EXIT_HOLDS;
}

static int digest(const struct saksi_auditing *a, const char *path,
		  struct saksi_hash *out)
{
	struct saksi_why w = {{0}};
	enum saksi_err err = saksi_scap_digest(path, out);

	if (err == SAKSI_OK)
		return SAKSI_EXIT_HOLDS;
	(void)saksi_why_set(&w, err, "%s: this file cannot be read: %s", path,
			    saksi_err_name(err));
	return saksi_cmd_fail(a->cmd, err, &w);
}

int saksi_audit_scap_plan(struct saksi_auditing *a, struct saksi_named_digest *list,
			  size_t *count)
{
	struct saksi_named_digest content = {saksi_bytes_of(CONTENT_NAME), {{0}}, {0}},
				  engine = {saksi_bytes_of(ENGINE_NAME), {{0}}, {0}};
	const char *file;
	int code = option(a, &file);

	if (code != SAKSI_EXIT_HOLDS || file == NULL)
		return code;
	code = digest(a, file, &content.digest);
	if (code == SAKSI_EXIT_HOLDS)
		code = digest(a, SAKSI_SCAP_ENGINE, &engine.digest);
	if (code != SAKSI_EXIT_HOLDS)
		return code;
	list[(*count)++] = content;
	list[(*count)++] = engine;
	return code;
}

static const struct saksi_hash *fixed(const struct saksi_plan *p, const char *name)
{
	for (size_t i = 0; i < p->engine_count; i++)
		if (saksi_bytes_is(p->engines[i].name, name))
			return &p->engines[i].digest;
	return NULL;
}

int saksi_audit_scap_begin(struct saksi_auditing *a,
			   const struct saksi_ledger_plan *plan,
			   struct saksi_scap_options *o)
{
	struct saksi_hash now;
	const char *file;
	int code = option(a, &file);

	*o = (struct saksi_scap_options){
	    .content = file,
	    .foreign = saksi_cmd_option(a->cmd, "--root") != NULL,
	    .content_digest = fixed(&plan->plan, CONTENT_NAME),
	    .engine_digest = fixed(&plan->plan, ENGINE_NAME)};
	if (code != SAKSI_EXIT_HOLDS || file == NULL)
		return code;
	if (o->content_digest == NULL) {
		saksi_cmd_say(a->cmd,
			      "plan %s fixes no OpenSCAP content: make a plan with "
			      "--openscap, or leave the option out",
			      a->plan_name);
		return SAKSI_EXIT_FALSE;
	}
	code = digest(a, file, &now);
	if (code == SAKSI_EXIT_HOLDS && !saksi_hash_same(&now, o->content_digest)) {
		saksi_cmd_say(a->cmd, "%s is not the content that plan %s fixes", file,
			      a->plan_name);
		code = SAKSI_EXIT_FALSE;
	}
	return code;
}

enum saksi_err saksi_audit_scap_more(void *ctx, struct saksi_facts_writer *w)
{
	return saksi_scap_collect(ctx, w);
}
