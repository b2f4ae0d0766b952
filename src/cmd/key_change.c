/* key rotate and key revoke of authors and roots: the newest keys statement of a
 * log that holds, with one change, as the next one.  Nobody has signed it yet. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/text.h"
#include "cmd/key.h"
#include "cmd/witnessed.h"
#include "store/files.h"

#define TEXT_MAX ((size_t)1 << 20)

/* What is to be different. */
struct wanted {
	const struct saksi_ledger_author *author; /* whose key; NULL: the roots' */
	bool has_key, has_box, revokes;
	uint8_t key[SAKSI_KEY_LEN], box[SAKSI_KEY_LEN];
	struct saksi_revoked_key revoked;
	struct saksi_roots roots;
	struct saksi_buf roots_text;
};

static int hex_option(const struct saksi_cmd *c, const char *name, uint8_t out[32],
		      bool *given)
{
	const char *text = saksi_cmd_option(c, name);

	*given = text != NULL;
	if (text != NULL && saksi_text_hex(saksi_bytes_of(text), out, 32) != SAKSI_OK)
		return saksi_cmd_usage(c,
				       "%s takes the 64 digits that 'saksi key show "
				       "FILE --only key' prints",
				       name);
	return SAKSI_EXIT_HOLDS;
}

static int find_author(const struct saksi_session *s, struct wanted *w)
{
	const char *name = saksi_cmd_arg(s->cmd, 0);

	w->author = saksi_ledger_author_find(&s->look.ledger, saksi_bytes_of(name));
	if (w->author != NULL && w->author != &s->look.ledger.root && w->author->active)
		return SAKSI_EXIT_HOLDS;
	saksi_cmd_say(
	    s->cmd, "the newest keys statement of this log names no author '%s'", name);
	return SAKSI_EXIT_UNKNOWN;
}

static int read_roots(const struct saksi_cmd *c, const char *path, struct wanted *w)
{
	struct saksi_fault f = {0};
	enum saksi_err err;

	errno = 0;
	err = saksi_file_read(AT_FDCWD, path, false, &w->roots_text);
	if (err != SAKSI_OK) {
		saksi_cmd_say(c, "%s: cannot be read: %s", path,
			      errno != 0 ? strerror(errno) : saksi_err_name(err));
		return SAKSI_EXIT_UNKNOWN;
	}
	err = saksi_roots_read(saksi_buf_bytes(&w->roots_text), &w->roots, &f);
	if (err == SAKSI_OK)
		return SAKSI_EXIT_HOLDS;
	(void)saksi_cmd_fault(c, path, err, &f);
	return SAKSI_EXIT_UNKNOWN;
}

/* ---- writing it */

static struct saksi_author_key as_listed(const struct saksi_ledger_author *a)
{
	struct saksi_author_key k = {.author = a->name,
				     .role = a->role,
				     .kinds = a->kinds,
				     .other_kinds = a->other_kinds,
				     .other_count = a->other_count,
				     .heartbeat_s = a->heartbeat_s};

	memcpy(k.key, a->key, sizeof(k.key));
	memcpy(k.box, a->box, sizeof(k.box));
	return k;
}

static enum saksi_err list_authors(struct saksi_session *s, const struct wanted *w,
				   struct saksi_keys *k)
{
	const struct saksi_ledger *l = &s->look.ledger;
	struct saksi_author_key *list;
	size_t n = 0;

	for (const struct saksi_ledger_author *a = l->authors; a != NULL; a = a->next)
		n++;
	list = saksi_arena_new(&s->arena, n + 1, sizeof(*list));
	if (list == NULL)
		return SAKSI_LIMIT;
	for (const struct saksi_ledger_author *a = l->authors; a != NULL; a = a->next) {
		if (!a->active || (a == w->author && !w->has_key))
			continue;
		list[k->author_count] = as_listed(a);
		if (a == w->author)
			memcpy(list[k->author_count].key, w->key, sizeof(w->key));
		if (a == w->author && w->has_box)
			memcpy(list[k->author_count].box, w->box, sizeof(w->box));
		k->author_count++;
	}
	k->authors = list;
	return SAKSI_OK;
}

static enum saksi_err write_next(struct saksi_session *s, const struct wanted *w,
				 struct saksi_buf *out)
{
	const struct saksi_ledger_author *root = &s->look.ledger.root;
	struct saksi_statement st = {.kind = SAKSI_KIND_KEYS,
				     .version = w->author == NULL ? 2 : 1,
				     .author = root->name,
				     .sequence = root->next_sequence,
				     .previous = root->last,
				     .time_utc = s->verifier.now_utc,
				     .subject_name = saksi_bytes_of("author keys")};
	struct saksi_keys k = {.revoked = &w->revoked,
			       .revoked_count = w->revokes,
			       .roots = w->author == NULL ? &w->roots : NULL};
	struct saksi_buf body = saksi_buf_growing(TEXT_MAX);
	enum saksi_err err = list_authors(s, w, &k);

	if (err == SAKSI_OK) {
		saksi_keys_write(&k, &body);
		st.subject = saksi_keys_subject(&k);
		err = saksi_buf_check(&body);
	}
	if (err == SAKSI_OK)
		err = saksi_statement_write(&st, saksi_buf_bytes(&body), out);
	saksi_buf_puts(out, "\n");
	saksi_buf_free(&body);
	return err;
}

static void name_roots(const struct saksi_cmd *c, const char *which,
		       const struct saksi_roots *r)
{
	char line[2048];
	size_t at = 0;

	for (size_t i = 0; i < r->key_count && at < sizeof(line) - 80; i++)
		at += (size_t)snprintf(line + at, sizeof(line) - at, "%s%.*s",
				       i > 0 ? ", " : "", (int)r->keys[i].name.len,
				       (const char *)r->keys[i].name.at);
	saksi_cmd_say(c, "note: to be signed by %zu of %s: %s", r->quorum, which, line);
}

static int tell_next(const struct saksi_session *s, const struct wanted *w,
		     struct saksi_bytes text)
{
	const struct saksi_cmd *c = s->cmd;
	int rc = saksi_cmd_output(c, saksi_cmd_option(c, "--output"), text);

	if (rc != SAKSI_EXIT_HOLDS)
		return rc;
	name_roots(c, "the roots in force", &s->look.ledger.roots);
	if (w->author == NULL)
		name_roots(c, "the new roots", &w->roots);
	saksi_cmd_say(c, "note: each reads it ('saksi statement show'), signs it on a "
			 "machine of their own ('saksi statement sign'), then 'saksi "
			 "log add' puts it into the log");
	return SAKSI_EXIT_HOLDS;
}

/* ---- both commands */

static int look(struct saksi_session *s)
{
	const char *log = saksi_cmd_option(s->cmd, "--log");
	enum saksi_err err;
	int rc;

	if (saksi_cmd_option(s->cmd, "--trust") == NULL)
		return saksi_cmd_usage(
		    s->cmd, "--log needs --trust DIR: a log is believed only "
			    "as far as it can be checked");
	rc = saksi_session_begin(s, s->cmd);
	if (rc == SAKSI_EXIT_HOLDS && s->verifier.roots == NULL) {
		saksi_cmd_say(s->cmd, "%s: the trust folder has no file roots",
			      saksi_cmd_option(s->cmd, "--trust"));
		rc = SAKSI_EXIT_UNKNOWN;
	}
	if (rc == SAKSI_EXIT_HOLDS)
		rc = saksi_session_place(s, log);
	if (rc != SAKSI_EXIT_HOLDS)
		return rc;
	err = saksi_session_look(s, false);
	if (err != SAKSI_OK)
		saksi_cmd_say(s->cmd, "%s: %s", log, s->look.why);
	return saksi_err_exit(err);
}

static int run(struct saksi_cmd *c,
	       int (*want)(const struct saksi_session *s, struct wanted *w))
{
	struct saksi_session s = {.cmd = c, .seen_dir = -1};
	struct wanted w = {.roots_text = saksi_buf_growing(TEXT_MAX)};
	struct saksi_buf out = saksi_buf_growing(TEXT_MAX);
	enum saksi_err err;
	int rc = look(&s);

	if (rc == SAKSI_EXIT_HOLDS)
		rc = want(&s, &w);
	if (rc == SAKSI_EXIT_HOLDS) {
		err = write_next(&s, &w, &out);
		rc = err == SAKSI_OK ? tell_next(&s, &w, saksi_buf_bytes(&out))
				     : saksi_cmd_fail(c, err, NULL);
	}
	saksi_buf_free(&w.roots_text);
	saksi_buf_free(&out);
	saksi_session_end(&s);
	return rc;
}

static int want_change(const struct saksi_session *s, struct wanted *w)
{
	const struct saksi_cmd *c = s->cmd;
	const char *roots = saksi_cmd_option(c, "--roots");
	int rc;

	if (roots != NULL)
		return read_roots(c, roots, w);
	rc = find_author(s, w);
	if (rc == SAKSI_EXIT_HOLDS)
		rc = hex_option(c, "--new", w->key, &w->has_key);
	if (rc == SAKSI_EXIT_HOLDS)
		rc = hex_option(c, "--box", w->box, &w->has_box);
	if (rc != SAKSI_EXIT_HOLDS)
		return rc;
	if (!w->has_key && !w->has_box)
		return saksi_cmd_usage(c, "--new HEX or --box HEX says the new key");
	if (!w->has_key)
		memcpy(w->key, w->author->key, sizeof(w->key));
	w->has_key = true;
	return SAKSI_EXIT_HOLDS;
}

int saksi_key_change_run(struct saksi_cmd *c)
{
	bool roots = saksi_cmd_option(c, "--roots") != NULL;

	if (saksi_cmd_flag(c, "--finish"))
		return saksi_cmd_usage(c, "--finish is for the key of a log itself; "
					  "leave --log away");
	if (roots != (saksi_cmd_arg_count(c) == 0))
		return saksi_cmd_usage(
		    c, "name one author and --new, or no author and --roots");
	if (roots && (saksi_cmd_option(c, "--new") != NULL ||
		      saksi_cmd_option(c, "--box") != NULL))
		return saksi_cmd_usage(c, "--roots changes no author's key; one change "
					  "at a time");
	return run(c, want_change);
}

static int want_revoke(const struct saksi_session *s, struct wanted *w)
{
	const struct saksi_cmd *c = s->cmd;
	bool given = false;
	int rc = find_author(s, w);

	if (rc == SAKSI_EXIT_HOLDS)
		rc = hex_option(c, "--new", w->key, &w->has_key);
	if (rc == SAKSI_EXIT_HOLDS)
		rc = hex_option(c, "--key", w->revoked.key, &given);
	if (rc != SAKSI_EXIT_HOLDS)
		return rc;
	if (!saksi_cmd_number(c, "--from", 0, &w->revoked.from))
		return SAKSI_EXIT_USAGE;
	if (!given)
		memcpy(w->revoked.key, w->author->key, SAKSI_KEY_LEN);
	/* An older key of the author: the one in force stays. */
	if (memcmp(w->revoked.key, w->author->key, SAKSI_KEY_LEN) != 0 && !w->has_key) {
		memcpy(w->key, w->author->key, sizeof(w->key));
		w->has_key = true;
	}
	w->revokes = true;
	return SAKSI_EXIT_HOLDS;
}

int saksi_key_revoke_run(struct saksi_cmd *c)
{
	return run(c, want_revoke);
}
