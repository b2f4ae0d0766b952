/* plan, collect, judge, publish: the four steps of an audit. */
#include "cmd/auditing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect/collect.h"
#include "rules/judge.h"
#include "base/clock.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/version.h"
#include "crypto/sign.h"
#include "store/files.h"
#include "vault/vault.h"

#define READERS_MAX 16
#define WAIT_S 120

/* ---- plan */

static const struct saksi_ledger_author *author_of_key(const struct saksi_auditing *a)
{
	for (const struct saksi_ledger_author *w = a->s.look.ledger.authors; w != NULL;
	     w = w->next)
		if (w->active && memcmp(w->key, a->key.vkey.key, SAKSI_KEY_LEN) == 0)
			return w;
	saksi_cmd_say(a->cmd,
		      "the key of --key is no author's in the newest keys statement");
	return NULL;
}

static size_t snapshots(const struct saksi_auditing *a, struct saksi_named_digest *list,
			char dates[][SAKSI_TIME_TEXT_LEN + 1])
{
	for (size_t i = 0; i < a->eol.count; i++) {
		const struct saksi_eol_table *t = &a->eol.table[i];

		saksi_time_text(t->as_of_utc, dates[i]);
		list[i] = (struct saksi_named_digest){t->name, t->digest, {NULL, 0}};
		if (t->as_of_utc != 0)
			list[i].date =
			    (struct saksi_bytes){(const uint8_t *)dates[i], 10};
	}
	return a->eol.count;
}

int saksi_auditing_keep(struct saksi_auditing *a, const char *prefix,
			const struct saksi_hash *id, const char *suffix,
			const struct saksi_published *p)
{
	char name[64], hex[SAKSI_PLAN_NAME_LEN];
	struct saksi_why w = {{0}};
	enum saksi_err err;

	saksi_text_to_hex(id->b, 8, hex);
	(void)snprintf(name, sizeof(name), "%s%s%s", prefix, hex, suffix);
	err = saksi_file_replace(a->vault, name, saksi_buf_bytes(&p->entry), 0600);
	if (err == SAKSI_OK)
		return SAKSI_EXIT_HOLDS;
	(void)saksi_why_set(&w, err, "vault: %s: %s", name, strerror(errno));
	return saksi_cmd_fail(a->cmd, err, &w);
}

/* Publishes a body as the author of --key. */
int saksi_auditing_publish(struct saksi_auditing *a, struct saksi_draft *d,
			   struct saksi_published *p)
{
	const struct saksi_ledger_author *who = author_of_key(a);
	int64_t wait;

	if (who == NULL)
		return SAKSI_EXIT_UNKNOWN;
	if (!saksi_cmd_seconds(a->cmd, "--wait", WAIT_S, &wait))
		return SAKSI_EXIT_USAGE;
	d->author = saksi_arena_copy(&a->arena, who->name);
	return saksi_publish(&a->s, d, &a->key, saksi_cmd_option(a->cmd, "--log"), wait,
			     p);
}

static int publish_plan(struct saksi_auditing *a, const struct saksi_plan *plan)
{
	struct saksi_buf body = saksi_buf_growing(SAKSI_PAYLOAD_MAX);
	struct saksi_draft d = {.kind = SAKSI_KIND_PLAN,
				.subject = plan->rules,
				.subject_name = saksi_bytes_of("rules")};
	struct saksi_published p = {0};
	int code;

	saksi_plan_write(plan, &body);
	d.body = saksi_buf_bytes(&body);
	code = saksi_auditing_publish(a, &d, &p);
	saksi_buf_free(&body);
	if (code != SAKSI_EXIT_HOLDS)
		return code;
	a->plan_id = p.id;
	saksi_text_to_hex(p.id.b, 8, a->plan_name);
	code = saksi_auditing_keep(a, "", &a->plan_id, ".plan", &p);
	if (code == SAKSI_EXIT_HOLDS && !saksi_cmd_json(a->cmd))
		printf("plan %s of %.*s is entry %llu, witnessed\n", a->plan_name,
		       (int)plan->server.len, (const char *)plan->server.at,
		       (unsigned long long)p.index);
	saksi_buf_free(&p.entry);
	return code;
}

/* What judges is this program, byte for byte (its libraries are Debian's). */
static int own_engine(const struct saksi_auditing *a, struct saksi_named_digest *out)
{
	*out = (struct saksi_named_digest){
	    saksi_bytes_of("saksi " SAKSI_VERSION), {{0}}, {NULL, 0}};
	if (saksi_scap_digest("/proc/self/exe", &out->digest) == SAKSI_OK)
		return SAKSI_EXIT_HOLDS;
	saksi_cmd_say(a->cmd, "this program could not read itself: is /proc there?");
	return SAKSI_EXIT_UNKNOWN;
}

int saksi_audit_plan(struct saksi_auditing *a)
{
	struct saksi_named_digest snaps[SAKSI_EOL_TABLES_MAX],
	    engines[1 + SAKSI_SCAP_ENGINES] = {
		{saksi_bytes_of("saksi " SAKSI_VERSION), {{0}}, {NULL, 0}}};
	char dates[SAKSI_EOL_TABLES_MAX][SAKSI_TIME_TEXT_LEN + 1];
	struct saksi_plan plan = {0};
	int64_t deadline;
	int code = saksi_auditing_rules(a);

	if (code == SAKSI_EXIT_HOLDS)
		code = saksi_auditing_look(a);
	if (code != SAKSI_EXIT_HOLDS)
		return code;
	if (!saksi_cmd_seconds(a->cmd, "--deadline", 2 * 86400, &deadline))
		return SAKSI_EXIT_USAGE;
	plan.server = saksi_bytes_of(saksi_cmd_option(a->cmd, "--server"));
	saksi_random(plan.nonce, sizeof(plan.nonce));
	plan.rules = a->rules.digest;
	plan.rule_count = a->rules.count;
	code = own_engine(a, &engines[0]);
	if (code != SAKSI_EXIT_HOLDS)
		return code;
	plan.engines = engines;
	plan.engine_count = 1;
	code = saksi_audit_scap_plan(a, engines, &plan.engine_count);
	if (code != SAKSI_EXIT_HOLDS)
		return code;
	plan.snapshots = snaps;
	plan.snapshot_count = snapshots(a, snaps, dates);
	plan.checkpoint.size = a->s.look.judged.point.size;
	plan.checkpoint.root = a->s.look.judged.point.root;
	plan.deadline_utc = a->s.verifier.now_utc + deadline;
	return publish_plan(a, &plan);
}

/* ---- collect */

static enum saksi_err sink(void *ctx, struct saksi_bytes piece)
{
	saksi_buf_put(ctx, piece);
	return saksi_buf_check(ctx);
}

static void walked(void *ctx, const char *section, uint64_t files)
{
	(void)section;
	saksi_progress_at(ctx, files);
}

static int lock_and_put(struct saksi_auditing *a, const char *suffix,
			struct saksi_bytes plain,
			const uint8_t (*readers)[SAKSI_BOX_KEY_LEN], size_t count)
{
	struct saksi_buf object = saksi_buf_growing(plain.len + (1U << 20));
	char name[64];
	struct saksi_why w = {{0}};
	enum saksi_err err = saksi_vault_lock(readers, count, plain, &object);

	(void)snprintf(name, sizeof(name), "%s%s", a->plan_name, suffix);
	if (err == SAKSI_OK)
		err = saksi_vault_put(a->vault, name, saksi_buf_bytes(&object), &w);
	saksi_buf_free(&object);
	return err == SAKSI_OK ? SAKSI_EXIT_HOLDS : saksi_cmd_fail(a->cmd, err, &w);
}

static bool has_box(const uint8_t box[SAKSI_BOX_KEY_LEN])
{
	static const uint8_t none[SAKSI_BOX_KEY_LEN];

	return memcmp(box, none, sizeof(none)) != 0;
}

static int gather(struct saksi_auditing *a, const struct saksi_ledger_plan *plan,
		  struct saksi_buf *facts)
{
	struct saksi_progress progress;
	struct saksi_hash root = a->s.look.judged.point.root;
	struct saksi_collect_options o = {
	    .root = saksi_cmd_option(a->cmd, "--root"),
	    .nonce = {plan->plan.nonce, sizeof(plan->plan.nonce)},
	    .checkpoint_size = a->s.look.judged.point.size,
	    .checkpoint_root = &root,
	    .collector = "saksi " SAKSI_VERSION,
	    .now_utc = saksi_time_now(),
	    .clock = saksi_time_now,
	    .no_walk = saksi_cmd_flag(a->cmd, "--no-walk"),
	    .progress = walked,
	    .ctx = &progress,
	};
	struct saksi_scap_options scap;
	struct saksi_why w = {{0}};
	enum saksi_err err;
	int code = saksi_audit_scap_begin(a, plan, &scap);

	if (code != SAKSI_EXIT_HOLDS)
		return code;
	o.more = saksi_audit_scap_more;
	o.more_ctx = &scap;
	saksi_progress_begin(&progress, "files", 0);
	err = saksi_collect(&o, sink, facts, &w);
	saksi_progress_end(&progress);
	return err == SAKSI_OK ? SAKSI_EXIT_HOLDS : saksi_cmd_fail(a->cmd, err, &w);
}

const struct saksi_ledger_plan *saksi_auditing_plan(const struct saksi_auditing *a)
{
	for (const struct saksi_ledger_plan *p = a->s.look.ledger.plans; p != NULL;
	     p = p->next)
		if (saksi_hash_same(&p->record->id, &a->plan_id))
			return p;
	return NULL;
}

int saksi_auditing_ended(const struct saksi_auditing *a,
			 const struct saksi_ledger_plan *plan)
{
	if (plan->audit != NULL)
		saksi_cmd_say(a->cmd, "plan %s has its audit already: entry %llu",
			      a->plan_name,
			      (unsigned long long)plan->audit->record->index);
	else if (plan->abandoned != NULL)
		saksi_cmd_say(a->cmd, "plan %s was abandoned: entry %llu", a->plan_name,
			      (unsigned long long)plan->abandoned->index);
	else
		return SAKSI_EXIT_HOLDS;
	return SAKSI_EXIT_FALSE;
}

/* Evidence is gathered once and judged once for each plan: a second try until the
 * result pleases would need a second plan, in public. */
static int not_yet(const struct saksi_auditing *a, const char *suffix, const char *what)
{
	char name[64];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%s%s.vault", a->plan_name, suffix);
	if (fstatat(a->vault, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return SAKSI_EXIT_HOLDS;
	saksi_cmd_say(a->cmd, "%s is in the vault: %s; a new try needs a new plan",
		      name, what);
	return SAKSI_EXIT_FALSE;
}

int saksi_audit_collect(struct saksi_auditing *a)
{
	const struct saksi_ledger_plan *plan = saksi_auditing_plan(a);
	const struct saksi_ledger_author *who;
	uint8_t readers[1][SAKSI_BOX_KEY_LEN];
	struct saksi_buf facts = saksi_buf_growing(SAKSI_FACTS_BYTES_MAX);
	int code = saksi_auditing_ended(a, plan);

	if (code == SAKSI_EXIT_HOLDS)
		code = not_yet(a, "-facts", "this plan's facts were gathered");
	if (code != SAKSI_EXIT_HOLDS)
		return code;
	who =
	    saksi_ledger_author_find(&a->s.look.ledger, plan->record->statement.author);
	if (who == NULL || !has_box(who->box)) {
		saksi_cmd_say(a->cmd,
			      "the plan's author has no box key in the keys statement, "
			      "so facts could not be encrypted to anyone");
		return SAKSI_EXIT_UNKNOWN;
	}
	memcpy(readers[0], who->box, SAKSI_BOX_KEY_LEN);
	code = gather(a, plan, &facts);
	if (code == SAKSI_EXIT_HOLDS)
		code = lock_and_put(a, "-facts", saksi_buf_bytes(&facts),
				    (const uint8_t(*)[SAKSI_BOX_KEY_LEN])readers, 1);
	if (code == SAKSI_EXIT_HOLDS && !saksi_cmd_json(a->cmd))
		printf("facts of %.*s: %zu bytes, encrypted to %.*s\n",
		       (int)plan->plan.server.len, (const char *)plan->plan.server.at,
		       facts.len, (int)who->name.len, (const char *)who->name.at);
	if (facts.at != NULL)
		saksi_wipe(facts.at, facts.len);
	saksi_buf_free(&facts);
	return code;
}

/* ---- judge */

static int open_facts(struct saksi_auditing *a, struct saksi_facts *facts,
		      struct saksi_hash *digest)
{
	struct saksi_buf object = saksi_buf_growing(SAKSI_FACTS_BYTES_MAX + (1U << 20)),
			 plain = saksi_buf_growing(SAKSI_FACTS_BYTES_MAX);
	struct saksi_bytes kept = {NULL, 0};
	struct saksi_fault f = {0};
	struct saksi_why w = {{0}};
	char name[64];
	enum saksi_err err;

	(void)snprintf(name, sizeof(name), "%s-facts", a->plan_name);
	err = saksi_vault_get(a->vault, name, &object, &w);
	if (err == SAKSI_OK) {
		*digest = saksi_hash_of(saksi_buf_bytes(&object));
		err =
		    saksi_vault_unlock(a->box.secret, saksi_buf_bytes(&object), &plain);
		if (err != SAKSI_OK)
			(void)saksi_why_set(&w, err,
					    "%s.vault is not for this box key, or "
					    "was changed",
					    name);
	}
	if (err == SAKSI_OK) {
		kept = saksi_arena_copy(&a->arena, saksi_buf_bytes(&plain));
		err = kept.at == NULL ? SAKSI_LIMIT
				      : saksi_facts_parse(kept, &a->arena, facts, &f);
		if (err != SAKSI_OK)
			(void)saksi_why_set(
			    &w, err, "facts, line %u: %s", (unsigned)f.line,
			    f.what != NULL ? f.what : saksi_err_name(err));
	}
	if (plain.at != NULL)
		saksi_wipe(plain.at, plain.len);
	saksi_buf_free(&plain);
	saksi_buf_free(&object);
	return err == SAKSI_OK ? SAKSI_EXIT_HOLDS : saksi_cmd_fail(a->cmd, err, &w);
}

/* Facts belong to this plan when they carry its nonce, and show that they were
 * gathered after it when they carry a checkpoint that covers it. */
static int facts_fit(struct saksi_auditing *a, const struct saksi_ledger_plan *plan,
		     const struct saksi_facts *facts, struct saksi_dossier *d)
{
	const struct saksi_fact *nonce = saksi_facts_get(facts, "meta", "-", "nonce"),
				*size = saksi_facts_get(facts, "meta", "-",
							"checkpoint-size"),
				*root = saksi_facts_get(facts, "meta", "-",
							"checkpoint-root"),
				*from = saksi_facts_get(facts, "meta", "-", "began"),
				*to = saksi_facts_get(facts, "meta", "-", "ended");
	char hex[65];

	saksi_text_to_hex(plan->plan.nonce, 32, hex);
	if (nonce == NULL || !saksi_bytes_is(nonce->value, hex)) {
		saksi_cmd_say(a->cmd,
			      "these facts were not gathered for this plan: they do "
			      "not carry its nonce");
		return SAKSI_EXIT_FALSE;
	}
	if (size == NULL || root == NULL || from == NULL || to == NULL ||
	    saksi_text_decimal(size->value, &d->checkpoint.size) != SAKSI_OK ||
	    saksi_text_hex(root->value, d->checkpoint.root.b, SAKSI_HASH_LEN) !=
		SAKSI_OK ||
	    saksi_time_read(from->value, &d->from_utc) != SAKSI_OK ||
	    saksi_time_read(to->value, &d->to_utc) != SAKSI_OK) {
		saksi_cmd_say(a->cmd, "these facts do not say when they were gathered");
		return SAKSI_EXIT_UNKNOWN;
	}
	if (d->checkpoint.size <= plan->record->index) {
		saksi_cmd_say(
		    a->cmd, "these facts were gathered before the plan was witnessed");
		return SAKSI_EXIT_FALSE;
	}
	return SAKSI_EXIT_HOLDS;
}

/* Since when each rule has failed on this server, from the audit before. */
static int64_t *first_seen(struct saksi_auditing *a,
			   const struct saksi_ledger_plan *plan)
{
	int64_t *seen = saksi_arena_new(&a->arena, a->rules.count + 1, sizeof(*seen));
	const struct saksi_ledger_audit *before = NULL;
	struct saksi_dossier old;

	if (seen == NULL)
		return NULL;
	for (const struct saksi_ledger_audit *x = a->s.look.ledger.audits; x != NULL;
	     x = x->next)
		if (saksi_bytes_same(x->audit.server, plan->plan.server) &&
		    !x->record->revoked &&
		    (before == NULL || x->record->index > before->record->index))
			before = x;
	if (before == NULL)
		return seen;
	if (saksi_auditing_dossier(a, &before->audit.plan, &old) != SAKSI_EXIT_HOLDS) {
		saksi_cmd_say(
		    a->cmd,
		    "warning: so what failed in the audit before (entry %llu) "
		    "counts as first seen now; put its dossier into the vault "
		    "and judge with a key that can read it",
		    (unsigned long long)before->record->index);
		return seen;
	}
	for (size_t i = 0; i < old.failure_count; i++) {
		size_t at =
		    saksi_rules_find(&a->rules, old.rules[old.failures[i].rule].id);

		if (at != SIZE_MAX)
			seen[at] = old.failures[i].first_seen_utc;
	}
	return seen;
}

static size_t dossier_readers(const struct saksi_auditing *a,
			      const struct saksi_ledger_plan *plan,
			      uint8_t readers[READERS_MAX][SAKSI_BOX_KEY_LEN])
{
	size_t n = 0;

	for (const struct saksi_ledger_author *w = a->s.look.ledger.authors;
	     w != NULL && n < READERS_MAX; w = w->next) {
		bool author = saksi_bytes_same(w->name, plan->record->statement.author),
		     watches = saksi_bytes_is(w->role, "auditor") ||
			       saksi_bytes_is(w->role, "supervisor");

		if (w->active && has_box(w->box) && (author || watches))
			memcpy(readers[n++], w->box, SAKSI_BOX_KEY_LEN);
	}
	return n;
}

static int keep_dossier(struct saksi_auditing *a, const struct saksi_ledger_plan *plan,
			const struct saksi_dossier *d)
{
	uint8_t readers[READERS_MAX][SAKSI_BOX_KEY_LEN];
	size_t count = dossier_readers(a, plan, readers);
	struct saksi_buf text = saksi_buf_growing(SAKSI_DOSSIER_MAX);
	int code;

	saksi_dossier_write(d, &text);
	if (saksi_buf_check(&text) != SAKSI_OK)
		code = saksi_cmd_fail(a->cmd, SAKSI_LIMIT, NULL);
	else
		code =
		    lock_and_put(a, "-dossier", saksi_buf_bytes(&text),
				 (const uint8_t(*)[SAKSI_BOX_KEY_LEN])readers, count);
	if (text.at != NULL)
		saksi_wipe(text.at, text.len);
	saksi_buf_free(&text);
	return code;
}

static void fill_rules(struct saksi_auditing *a, const struct saksi_judgement *j,
		       struct saksi_dossier *d)
{
	for (size_t i = 0; i < a->rules.count; i++) {
		d->rules[i].id = a->rules.rule[i].id;
		d->rules[i].verdict = j[i].verdict;
		d->rules[i].severity = a->rules.rule[i].severity;
		d->rules[i].detail = j[i].detail;
		a->verdicts[j[i].verdict]++;
		if (j[i].verdict == SAKSI_FAIL)
			a->failed[a->rules.rule[i].severity]++;
	}
	d->rule_count = a->rules.count;
}

static int judge_facts(struct saksi_auditing *a, const struct saksi_ledger_plan *plan,
		       const struct saksi_facts *facts, struct saksi_dossier *d)
{
	struct saksi_judgement *j =
	    saksi_arena_new(&a->arena, a->rules.count + 1, sizeof(*j));
	int64_t *seen = first_seen(a, plan);
	enum saksi_err err = SAKSI_LIMIT;

	d->rules = saksi_arena_new(&a->arena, a->rules.count + 1, sizeof(*d->rules));
	if (j != NULL && seen != NULL && d->rules != NULL) {
		struct saksi_judge_input in = {&a->rules, facts, &a->eol, d->to_utc};

		err = saksi_judge_facts(&in, &a->arena, j);
	}
	if (err == SAKSI_OK) {
		fill_rules(a, j, d);
		err = saksi_dossier_seal(d, seen, &a->arena);
	}
	return err == SAKSI_OK ? SAKSI_EXIT_HOLDS : saksi_cmd_fail(a->cmd, err, NULL);
}

static void tell_verdicts(const struct saksi_auditing *a)
{
	printf("%zu rules: %zu pass, %zu fail, %zu not applicable, %zu not covered, "
	       "%zu error\n",
	       a->rules.count, a->verdicts[SAKSI_PASS], a->verdicts[SAKSI_FAIL],
	       a->verdicts[SAKSI_NOT_APPLICABLE], a->verdicts[SAKSI_NOT_COVERED],
	       a->verdicts[SAKSI_VERDICT_ERROR]);
	printf("failures: %zu critical, %zu high, %zu medium, %zu low, %zu info\n",
	       a->failed[SAKSI_CRITICAL], a->failed[SAKSI_HIGH],
	       a->failed[SAKSI_MEDIUM], a->failed[SAKSI_LOW], a->failed[SAKSI_INFO]);
}

static bool is_fixed(const struct saksi_named_digest *list, size_t count,
		     struct saksi_bytes name, const struct saksi_hash *digest)
{
	for (size_t i = 0; i < count; i++)
		if (saksi_bytes_same(list[i].name, name) &&
		    saksi_hash_same(&list[i].digest, digest))
			return true;
	return false;
}

/* Rules, engine and data are those that the plan fixed in public before looking. */
static int as_planned(const struct saksi_auditing *a, const struct saksi_plan *plan)
{
	struct saksi_named_digest engine;
	int code = own_engine(a, &engine);

	if (code != SAKSI_EXIT_HOLDS)
		return code;
	if (!saksi_hash_same(&a->rules.digest, &plan->rules)) {
		saksi_cmd_say(a->cmd, "these are not the rules that the plan fixed");
		return SAKSI_EXIT_FALSE;
	}
	if (!is_fixed(plan->engines, plan->engine_count, engine.name, &engine.digest)) {
		saksi_cmd_say(
		    a->cmd,
		    "the plan fixed another program than this saksi " SAKSI_VERSION
		    ": judge with that one, or make a new plan");
		return SAKSI_EXIT_FALSE;
	}
	if (a->eol.count != plan->snapshot_count) {
		saksi_cmd_say(a->cmd, "the plan fixed other data than the tables of "
				      "--rules");
		return SAKSI_EXIT_FALSE;
	}
	for (size_t i = 0; i < a->eol.count; i++)
		if (!is_fixed(plan->snapshots, plan->snapshot_count,
			      a->eol.table[i].name, &a->eol.table[i].digest)) {
			saksi_cmd_say(a->cmd,
				      "the table \"%.*s\" is not the one that the plan "
				      "fixed",
				      (int)a->eol.table[i].name.len,
				      (const char *)a->eol.table[i].name.at);
			return SAKSI_EXIT_FALSE;
		}
	return SAKSI_EXIT_HOLDS;
}

int saksi_audit_judge(struct saksi_auditing *a)
{
	const struct saksi_ledger_plan *plan = saksi_auditing_plan(a);
	struct saksi_facts facts;
	struct saksi_dossier d = {0};
	int code = a->rules.count > 0 ? SAKSI_EXIT_HOLDS : saksi_auditing_rules(a);

	if (code == SAKSI_EXIT_HOLDS)
		code = saksi_auditing_ended(a, plan);
	if (code == SAKSI_EXIT_HOLDS)
		code = not_yet(a, "-dossier", "this plan's facts were judged");
	if (code == SAKSI_EXIT_HOLDS)
		code = as_planned(a, &plan->plan);
	if (code != SAKSI_EXIT_HOLDS)
		return code;
	d.plan = a->plan_id;
	d.rule_set = a->rules.digest;
	d.server = plan->plan.server;
	memcpy(d.nonce, plan->plan.nonce, sizeof(d.nonce));
	code = open_facts(a, &facts, &d.facts);
	if (code == SAKSI_EXIT_HOLDS)
		code = facts_fit(a, plan, &facts, &d);
	if (code == SAKSI_EXIT_HOLDS)
		code = judge_facts(a, plan, &facts, &d);
	if (code == SAKSI_EXIT_HOLDS)
		code = keep_dossier(a, plan, &d);
	if (code == SAKSI_EXIT_HOLDS && !saksi_cmd_json(a->cmd))
		tell_verdicts(a);
	return code;
}

/* ---- publish */

/* The facts in the vault are those that were judged. */
static int facts_kept(const struct saksi_auditing *a, const struct saksi_dossier *d)
{
	struct saksi_buf object = saksi_buf_growing(SAKSI_FACTS_BYTES_MAX + (1U << 20));
	struct saksi_why w = {{0}};
	struct saksi_hash got;
	char name[64];
	enum saksi_err err;

	(void)snprintf(name, sizeof(name), "%s-facts", a->plan_name);
	err = saksi_vault_get(a->vault, name, &object, &w);
	got = saksi_hash_of(saksi_buf_bytes(&object));
	if (err == SAKSI_OK && !saksi_hash_same(&got, &d->facts))
		err = saksi_why_set(&w, SAKSI_REFUSED,
				    "%s.vault was changed after it was judged", name);
	saksi_buf_free(&object);
	return err == SAKSI_OK ? SAKSI_EXIT_HOLDS : saksi_cmd_fail(a->cmd, err, &w);
}

int saksi_audit_publish(struct saksi_auditing *a)
{
	struct saksi_buf body = saksi_buf_growing(SAKSI_PAYLOAD_MAX);
	struct saksi_draft draft = {.kind = SAKSI_KIND_AUDIT,
				    .subject_name = saksi_bytes_of("verdicts")};
	struct saksi_published p = {0};
	struct saksi_dossier d;
	struct saksi_audit audit;
	int code = saksi_auditing_ended(a, saksi_auditing_plan(a));

	if (code == SAKSI_EXIT_HOLDS)
		code = saksi_auditing_dossier(a, &a->plan_id, &d);
	if (code == SAKSI_EXIT_HOLDS)
		code = facts_kept(a, &d);
	if (code != SAKSI_EXIT_HOLDS)
		return code;
	if (saksi_dossier_audit(&d, &a->arena, &audit) != SAKSI_OK)
		return saksi_cmd_fail(a->cmd, SAKSI_LIMIT, NULL);
	saksi_audit_write(&audit, &body);
	draft.subject = audit.vector_root;
	draft.body = saksi_buf_bytes(&body);
	code = saksi_auditing_publish(a, &draft, &p);
	saksi_buf_free(&body);
	if (code != SAKSI_EXIT_HOLDS)
		return code;
	code = saksi_auditing_keep(a, "", &a->plan_id, ".audit", &p);
	if (!saksi_cmd_json(a->cmd))
		printf("audit of plan %s is entry %llu, witnessed; %zu verdicts are "
		       "committed, %zu failures sealed\n",
		       a->plan_name, (unsigned long long)p.index, audit.leaf_count,
		       audit.failure_count);
	saksi_buf_free(&p.entry);
	return code;
}

int saksi_audit_abandon(struct saksi_auditing *a)
{
	struct saksi_buf body = saksi_buf_growing(SAKSI_PAYLOAD_MAX);
	struct saksi_draft draft = {.kind = SAKSI_KIND_ABANDONED,
				    .subject_name = saksi_bytes_of("plan"),
				    .subject = a->plan_id};
	struct saksi_abandoned b = {
	    a->plan_id, saksi_bytes_of(saksi_cmd_option(a->cmd, "--reason"))};
	struct saksi_published p = {0};
	int code = saksi_auditing_ended(a, saksi_auditing_plan(a));

	if (code != SAKSI_EXIT_HOLDS)
		return code;
	saksi_abandoned_write(&b, &body);
	draft.body = saksi_buf_bytes(&body);
	code = saksi_auditing_publish(a, &draft, &p);
	saksi_buf_free(&body);
	if (code == SAKSI_EXIT_HOLDS && !saksi_cmd_json(a->cmd))
		printf("plan %s is abandoned in entry %llu, witnessed\n", a->plan_name,
		       (unsigned long long)p.index);
	saksi_buf_free(&p.entry);
	return code;
}
