#include "cmd/auditing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/sign.h"
#include "store/files.h"
#include "vault/vault.h"

#define ARENA_CAP ((size_t)1 << 30)

static int open_vault(struct saksi_auditing *a)
{
	const char *path = saksi_cmd_option(a->cmd, "--vault");
	struct saksi_why w = {{0}};
	enum saksi_err err;
	struct stat st;

	if (path == NULL)
		return SAKSI_EXIT_HOLDS;
	err = saksi_dir_make(AT_FDCWD, path, 0700);
	if (err == SAKSI_OK)
		err = saksi_dir_open(path, &a->vault);
	if (err != SAKSI_OK) {
		(void)saksi_why_set(&w, err, "%s: %s", path, strerror(errno));
		return saksi_cmd_fail(a->cmd, err, &w);
	}
	if (fstat(a->vault, &st) != 0 || (st.st_mode & 077) != 0) {
		saksi_cmd_say(a->cmd,
			      "%s: others can look into this vault; type: chmod 700 %s",
			      path, path);
		return SAKSI_EXIT_UNKNOWN;
	}
	return SAKSI_EXIT_HOLDS;
}

static int open_keys(struct saksi_auditing *a)
{
	const char *key = saksi_cmd_option(a->cmd, "--key"),
		   *box = saksi_cmd_option(a->cmd, "--box");
	int code = SAKSI_EXIT_HOLDS;

	if (key != NULL)
		code = saksi_keyfile_open(a->cmd, key, SAKSI_SIG_ED25519, &a->key);
	a->has_key = key != NULL && code == SAKSI_EXIT_HOLDS;
	if (code == SAKSI_EXIT_HOLDS && box != NULL)
		code = saksi_boxfile_open(a->cmd, box, &a->box);
	a->has_box = box != NULL && code == SAKSI_EXIT_HOLDS;
	return code;
}

int saksi_auditing_begin(struct saksi_auditing *a, const struct saksi_cmd *c)
{
	int code;

	memset(a, 0, sizeof(*a));
	a->cmd = c;
	a->vault = -1;
	code = saksi_session_begin(&a->s, c);
	if (code == SAKSI_EXIT_HOLDS &&
	    saksi_arena_map(&a->arena, ARENA_CAP) != SAKSI_OK)
		code = saksi_cmd_fail(c, SAKSI_NOMEM, NULL);
	if (code == SAKSI_EXIT_HOLDS && a->s.verifier.roots == NULL) {
		saksi_cmd_say(c,
			      "the trust folder pins no author roots: it has no file "
			      "\"roots\", so no plan can be checked");
		code = SAKSI_EXIT_UNKNOWN;
	}
	if (code == SAKSI_EXIT_HOLDS)
		code = open_keys(a);
	if (code == SAKSI_EXIT_HOLDS)
		code = open_vault(a);
	if (code == SAKSI_EXIT_HOLDS)
		code = saksi_session_place(&a->s, saksi_cmd_option(c, "--log"));
	return code;
}

void saksi_auditing_end(struct saksi_auditing *a)
{
	if (a->vault >= 0)
		(void)close(a->vault);
	if (a->has_key)
		saksi_keyfile_end(&a->key);
	saksi_wipe(&a->box, sizeof(a->box));
	/* Facts and dossiers lay in it. */
	if (a->arena.base != NULL)
		saksi_wipe(a->arena.base, a->arena.used);
	saksi_arena_end(&a->arena);
	saksi_session_end(&a->s);
}

/* The rules that came with this program: beside its sources or installed. */
static int own_rules(const struct saksi_cmd *c, char *out, size_t len)
{
	static const char *const places[] = {"../rules", "../share/saksi/rules"};
	char exe[2048];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	struct stat st;
	char *slash;

	exe[n > 0 ? n : 0] = '\0';
	slash = strrchr(exe, '/');
	for (size_t i = 0; slash != NULL && i < sizeof(places) / sizeof(places[0]);
	     i++) {
		if (snprintf(out, len, "%.*s/%s", (int)(slash - exe), exe, places[i]) <
			(int)len &&
		    stat(out, &st) == 0 && S_ISDIR(st.st_mode))
			return SAKSI_EXIT_HOLDS;
	}
	return saksi_cmd_usage(c, "no rules came with this program; give --rules PATH");
}

int saksi_auditing_rules(struct saksi_auditing *a)
{
	const char *path = saksi_cmd_option(a->cmd, "--rules");
	struct saksi_why w = {{0}};
	char tsv[4096], own[4000];
	enum saksi_err err;

	if (path == NULL) {
		int code = own_rules(a->cmd, own, sizeof(own));

		if (code != SAKSI_EXIT_HOLDS)
			return code;
		path = own;
	}
	err = saksi_rules_load(path, &a->arena, &a->rules, &w);
	if (err == SAKSI_OK) {
		if (snprintf(tsv, sizeof(tsv), "%s/eol.tsv", path) >= (int)sizeof(tsv))
			return saksi_cmd_usage(a->cmd,
					       "the path of --rules is too long");
		err = saksi_eol_load(tsv, NULL, &a->arena, &a->eol, &w);
	}
	/* A rule file that cannot be read makes no audit: it is no answer. */
	if (err != SAKSI_OK)
		return saksi_cmd_fail(a->cmd,
				      err == SAKSI_MALFORMED ? SAKSI_MISSING : err, &w);
	return SAKSI_EXIT_HOLDS;
}

int saksi_auditing_look(struct saksi_auditing *a)
{
	enum saksi_err err = saksi_session_look(&a->s, false);

	if (err != SAKSI_OK)
		saksi_cmd_say(a->cmd, "%s: %s", saksi_cmd_option(a->cmd, "--log"),
			      a->s.look.why[0] != '\0' ? a->s.look.why
						       : saksi_err_name(err));
	return saksi_err_exit(err);
}

static void name_plan(struct saksi_auditing *a, const struct saksi_hash *id)
{
	a->plan_id = *id;
	saksi_text_to_hex(id->b, 8, a->plan_name);
}

int saksi_auditing_find(struct saksi_auditing *a, const char *prefix,
			const struct saksi_ledger_plan **out)
{
	char hex[2 * SAKSI_HASH_LEN + 1];
	size_t len = strlen(prefix);

	*out = NULL;
	if (len < 8 || len > 64)
		return saksi_cmd_usage(a->cmd,
				       "--plan takes 8 to 64 hex digits of its id");
	for (const struct saksi_ledger_plan *p = a->s.look.ledger.plans; p != NULL;
	     p = p->next) {
		saksi_text_to_hex(p->record->id.b, SAKSI_HASH_LEN, hex);
		if (strncmp(hex, prefix, len) != 0)
			continue;
		if (*out != NULL)
			return saksi_cmd_usage(a->cmd, "%s begins more than one plan",
					       prefix);
		*out = p;
	}
	if (*out == NULL) {
		saksi_cmd_say(a->cmd, "no witnessed plan begins with %s", prefix);
		return SAKSI_EXIT_UNKNOWN;
	}
	name_plan(a, &(*out)->record->id);
	return SAKSI_EXIT_HOLDS;
}

int saksi_auditing_dossier(struct saksi_auditing *a, const struct saksi_hash *plan,
			   struct saksi_dossier *out)
{
	struct saksi_buf object = saksi_buf_growing(2 * SAKSI_DOSSIER_MAX),
			 plain = saksi_buf_growing(SAKSI_DOSSIER_MAX);
	struct saksi_bytes kept;
	struct saksi_fault f = {0};
	struct saksi_why w = {{0}};
	char name[48];
	enum saksi_err err;

	saksi_text_to_hex(plan->b, 8, name);
	memcpy(name + 16, "-dossier", 9);
	err = saksi_vault_get(a->vault, name, &object, &w);
	if (err == SAKSI_OK) {
		err =
		    saksi_vault_unlock(a->box.secret, saksi_buf_bytes(&object), &plain);
		if (err != SAKSI_OK)
			(void)saksi_why_set(
			    &w, err, "%s.vault is not for this box key, or was changed",
			    name);
	}
	if (err == SAKSI_OK) {
		kept = saksi_arena_copy(&a->arena, saksi_buf_bytes(&plain));
		err = kept.at == NULL ? SAKSI_LIMIT
				      : saksi_dossier_read(kept, &a->arena, out, &f);
		if (err != SAKSI_OK)
			(void)saksi_why_set(&w, err, "%s.vault: %s", name,
					    f.what != NULL ? f.what : "too large");
	}
	if (plain.at != NULL)
		saksi_wipe(plain.at, plain.len);
	saksi_buf_free(&plain);
	saksi_buf_free(&object);
	return err == SAKSI_OK ? SAKSI_EXIT_HOLDS : saksi_cmd_fail(a->cmd, err, &w);
}
