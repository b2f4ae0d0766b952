/* backup, restore, restore --drill. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/backup.h"
#include "base/clock.h"
#include "base/text.h"
#include "cmd/keyfile.h"
#include "log/years.h"
#include "store/files.h"
#include "witness/witness.h"

#define PATH_ROOM 4096

static void put_text(struct saksi_jsonw *w, const char *key, const char *text)
{
	saksi_jsonw_key(w, key);
	saksi_jsonw_cstr(w, text);
}

static void put_number(struct saksi_jsonw *w, const char *key, uint64_t n)
{
	saksi_jsonw_key(w, key);
	saksi_jsonw_u64(w, n);
}

static void put_done(struct saksi_jsonw *w, const struct saksi_backup_done *d)
{
	char at[SAKSI_TIME_TEXT_LEN + 1];

	saksi_time_text(d->time_utc, at);
	put_text(w, "kind", d->witness ? "witness" : "log");
	put_text(w, "name", d->who);
	put_text(w, "time", at);
	put_number(w, "entries", d->entries);
	put_number(w, "size", d->size);
	saksi_jsonw_key(w, "root");
	saksi_jsonw_hex(w, saksi_hash_bytes(&d->root));
	put_number(w, "files", d->files);
	put_number(w, "bytes", d->bytes);
	saksi_jsonw_key(w, "keys");
	saksi_jsonw_bool(w, d->keys);
	saksi_jsonw_key(w, "sealed");
	saksi_jsonw_bool(w, d->sealed);
}

static void put_out(struct saksi_buf *b)
{
	saksi_buf_puts(b, "\n");
	(void)fwrite(b->at, 1, b->len, stdout);
	saksi_buf_free(b);
}

static void text_done(const struct saksi_backup_done *d)
{
	char hex[2 * SAKSI_HASH_LEN + 1], at[SAKSI_TIME_TEXT_LEN + 1];

	saksi_text_to_hex(d->root.b, SAKSI_HASH_LEN, hex);
	saksi_time_text(d->time_utc, at);
	(void)printf("%s ", d->witness ? "witness" : "log");
	saksi_cmd_text(stdout, saksi_bytes_of(d->who));
	(void)printf(", of %s: %llu files, %llu bytes%s%s\n", at,
		     (unsigned long long)d->files, (unsigned long long)d->bytes,
		     d->keys ? ", with its keys" : "", d->sealed ? ", sealed" : "");
	if (!d->witness)
		(void)printf("%llu entries, a signed tree of %llu, root %s\n",
			     (unsigned long long)d->entries,
			     (unsigned long long)d->size, hex);
}

/* What cannot be read is no answer; what was changed is. */
static int failed(const struct saksi_cmd *c, enum saksi_err err,
		  const struct saksi_why *w)
{
	int rc = saksi_cmd_fail(c, err, w);

	return err == SAKSI_MALFORMED ? SAKSI_EXIT_UNKNOWN : rc;
}

/* ---- backup */

static void tell_made(const struct saksi_cmd *c, const struct saksi_backup_done *d)
{
	struct saksi_buf b = saksi_buf_growing(65536);
	struct saksi_jsonw w = {&b, false};

	if (!saksi_cmd_json(c)) {
		saksi_buf_free(&b);
		text_done(d);
		return;
	}
	saksi_jsonw_open(&w, '{');
	put_done(&w, d);
	saksi_jsonw_close(&w, '}');
	put_out(&b);
}

static void advise(const struct saksi_cmd *c, const struct saksi_backup_done *d)
{
	if (d->witness)
		saksi_cmd_say(c,
			      "note: without the key, which is never backed up: after "
			      "a loss make a new witness; this copy is to be read");
	else if (!d->keys)
		saksi_cmd_say(c, "note: key and receipt.key are not in it: keep them "
				 "elsewhere, or the log cannot go on (--with-keys)");
	else if (!d->sealed)
		saksi_cmd_say(c, "note: the log's keys are in it and it is not sealed: "
				 "who has it can sign in the log's name");
}

static int run_backup(struct saksi_cmd *c)
{
	const char *reader = saksi_cmd_option(c, "--seal");
	uint8_t box[SAKSI_BOX_KEY_LEN];
	struct saksi_backup_ask ask = {.from = saksi_cmd_arg(c, 0),
				       .to = saksi_cmd_option(c, "--to"),
				       .with_keys = saksi_cmd_flag(c, "--with-keys")};
	struct saksi_backup_done done;
	struct saksi_why w = {""};
	enum saksi_err err;

	if (!saksi_cmd_now(c, &ask.now_utc))
		return SAKSI_EXIT_USAGE;
	if (reader != NULL &&
	    saksi_text_hex(saksi_bytes_of(reader), box, sizeof(box)) != SAKSI_OK)
		return saksi_cmd_usage(c, "--seal takes the 64 digits that 'saksi key "
					  "show BOXKEY --only key' prints");
	ask.reader = reader != NULL ? box : NULL;
	err = saksi_backup_make(&ask, &done, &w);
	if (err != SAKSI_OK)
		return failed(c, err, &w);
	tell_made(c, &done);
	advise(c, &done);
	return SAKSI_EXIT_HOLDS;
}

/* ---- restore */

struct again {
	const char *from;
	struct saksi_backup_done done;
	struct saksi_boxfile box;
	const uint8_t *secret;
};

static int begin(struct saksi_cmd *c, struct again *a)
{
	const char *box = saksi_cmd_option(c, "--box");
	struct saksi_why w = {""};
	enum saksi_err err;
	int rc;

	memset(a, 0, sizeof(*a));
	a->from = saksi_cmd_arg(c, 0);
	if (box != NULL) {
		rc = saksi_boxfile_open(c, box, &a->box);
		if (rc != SAKSI_EXIT_HOLDS)
			return rc;
		a->secret = a->box.secret;
	}
	err = saksi_backup_look(a->from, &a->done, &w);
	return err == SAKSI_OK ? SAKSI_EXIT_HOLDS : failed(c, err, &w);
}

static const char what_then[] =
    "this log has ended with the newest tree it has published: go on serving its "
    "public files, begin a new log with a new origin and key (saksi log init), and "
    "tell its readers and witnesses; docs/TRUST.md, \"Backups\"";

/* Durable when OK.  The files were synced where they were made. */
static enum saksi_err give_name(const char *beside, const char *path)
{
	enum saksi_err err;
	int dir;

	if (rename(beside, path) != 0)
		return SAKSI_IO;
	SAKSI_TRY(saksi_dir_open(path, &dir));
	err = saksi_dir_sync(dir); /* of its whole disk: also the new name */
	(void)close(dir);
	return err;
}

static int restore_to(struct saksi_cmd *c, const struct again *a, const char *path)
{
	char beside[PATH_ROOM];
	struct saksi_why w = {""};
	uint64_t seen = 0;
	enum saksi_err err;

	if (a->done.witness) {
		saksi_cmd_say(
		    c,
		    "%s: a witness is never restored: with an old state.db it "
		    "would cosign a second history; make a new one (saksi "
		    "witness init); --drill reads this copy",
		    a->from);
		return SAKSI_EXIT_FALSE;
	}
	if (snprintf(beside, sizeof(beside), "%s.restoring", path) >=
	    (int)sizeof(beside))
		return saksi_cmd_usage(c, "the path is too long");
	if (access(path, F_OK) == 0) {
		saksi_cmd_say(c, "%s: is there already", path);
		return SAKSI_EXIT_UNKNOWN;
	}
	/* Not ours to overwrite, nor to delete when something fails. */
	if (access(beside, F_OK) == 0) {
		saksi_cmd_say(c,
			      "%s: is there already, perhaps of a restore that was "
			      "interrupted: look at it and remove it",
			      beside);
		return SAKSI_EXIT_UNKNOWN;
	}
	err = saksi_backup_restore(a->from, beside, a->secret, &w);
	if (err == SAKSI_OK)
		err =
		    saksi_backup_older(beside, saksi_cmd_option(c, "--log"), &seen, &w);
	if (err == SAKSI_OK && give_name(beside, path) != SAKSI_OK)
		err = saksi_why_set(&w, SAKSI_IO, "%s: %s", path, strerror(errno));
	if (err == SAKSI_OK)
		return SAKSI_EXIT_HOLDS;
	(void)failed(c, err, &w);
	if (err == SAKSI_REFUSED && seen > 0)
		saksi_cmd_say(c, "%s", what_then);
	else if (err == SAKSI_MISSING)
		saksi_cmd_say(c,
			      "nothing was restored: whether a newer tree is out "
			      "could not be told; if it never can be, %s",
			      what_then);
	saksi_backup_drop(beside);
	return err == SAKSI_REFUSED ? SAKSI_EXIT_FALSE : SAKSI_EXIT_UNKNOWN;
}

static int run_restore_to(struct saksi_cmd *c, const struct again *a)
{
	const char *path = saksi_cmd_arg(c, 1);
	int rc = restore_to(c, a, path);

	if (rc != SAKSI_EXIT_HOLDS)
		return rc;
	if (saksi_cmd_json(c))
		tell_made(c, &a->done);
	else
		(void)printf("restored to %s\n", path);
	if (!a->done.keys)
		saksi_cmd_say(c,
			      "note: put key and receipt.key back into %s before it "
			      "is served",
			      path);
	return SAKSI_EXIT_HOLDS;
}

/* ---- the drill */

struct drill {
	const struct saksi_cmd *c;
	struct saksi_log_checked checked;
	char first[256];      /* the first thing that differs */
	enum saksi_err older; /* against what is live; BADARG: not asked */
	uint64_t seen, logs, evidence;
};

static void keep_flaw(void *ctx, const struct saksi_log_flaw *f)
{
	struct drill *d = ctx;

	if (d->first[0] == '\0')
		(void)snprintf(d->first, sizeof(d->first), "%s: %s", f->where, f->what);
}

static void count_log(void *ctx, const struct saksi_witness_log *l)
{
	struct drill *d = ctx;

	d->logs++;
	d->evidence += l->evidence;
}

static enum saksi_err open_restored(struct drill *d, const struct again *a,
				    const char *path, struct saksi_why *w)
{
	struct saksi_witness *witness = NULL;
	const char *live = saksi_cmd_option(d->c, "--log");
	enum saksi_err err;

	if (!a->done.witness) {
		err = saksi_log_check(path, keep_flaw, d, &d->checked, w);
		if (d->first[0] != '\0')
			(void)saksi_why_set(w, err, "%s", d->first);
		if (err == SAKSI_OK && live != NULL)
			d->older = saksi_backup_older(path, live, &d->seen, w);
		return err;
	}
	err = saksi_witness_open(path, NULL, &witness, w);
	if (err == SAKSI_OK)
		err = saksi_witness_each_log(witness, count_log, d);
	saksi_witness_close(witness);
	return err;
}

/* How many entries of the live log this backup would not bring back. */
static uint64_t missing(const struct drill *d, const struct again *a)
{
	return d->seen > a->done.entries ? d->seen - a->done.entries : 0;
}

static void text_drill(const struct drill *d, const struct again *a, int64_t now,
		       int64_t took_ms)
{
	text_done(&a->done);
	(void)printf("%lld s old; restored and read again in %lld.%03lld s\n",
		     (long long)(now - a->done.time_utc), (long long)(took_ms / 1000),
		     (long long)(took_ms % 1000));
	if (a->done.witness)
		(void)printf("%llu logs, %llu pieces of evidence\n",
			     (unsigned long long)d->logs,
			     (unsigned long long)d->evidence);
	else
		(void)printf("%llu entries and %llu files fit\n",
			     (unsigned long long)d->checked.acknowledged,
			     (unsigned long long)d->checked.tiles);
	if (d->older == SAKSI_REFUSED)
		(void)printf("older than what is live: %llu entries of %llu would be "
			     "missing, and it could not go on\n",
			     (unsigned long long)missing(d, a),
			     (unsigned long long)d->seen);
	else if (d->older == SAKSI_OK)
		(void)printf("nothing that is live would be missing\n");
}

static void json_drill(const struct drill *d, const struct again *a, int64_t now,
		       int64_t took_ms)
{
	struct saksi_buf b = saksi_buf_growing(65536);
	struct saksi_jsonw w = {&b, false};

	saksi_jsonw_open(&w, '{');
	put_done(&w, &a->done);
	put_number(&w, "age_s",
		   now > a->done.time_utc ? (uint64_t)(now - a->done.time_utc) : 0);
	put_number(&w, "took_ms", (uint64_t)took_ms);
	if (a->done.witness) {
		put_number(&w, "logs", d->logs);
		put_number(&w, "evidence", d->evidence);
	}
	if (d->older != SAKSI_BADARG) {
		put_text(&w, "could_go_on", saksi_err_name(d->older));
		put_number(&w, "live", d->seen);
		put_number(&w, "missing", missing(d, a));
	}
	saksi_jsonw_close(&w, '}');
	put_out(&b);
}

static int drill_at(struct saksi_cmd *c, const struct again *a, const char *path)
{
	struct drill d = {.c = c, .older = SAKSI_BADARG};
	struct saksi_why w = {""};
	int64_t now, began = saksi_time_ticks_ms();
	enum saksi_err err;

	if (!saksi_cmd_now(c, &now))
		return SAKSI_EXIT_USAGE;
	err = saksi_backup_restore(a->from, path, a->secret, &w);
	if (err == SAKSI_OK)
		err = open_restored(&d, a, path, &w);
	if (err != SAKSI_OK)
		return failed(c, err, &w);
	if (saksi_cmd_json(c))
		json_drill(&d, a, now, saksi_time_ticks_ms() - began);
	else
		text_drill(&d, a, now, saksi_time_ticks_ms() - began);
	if (d.older == SAKSI_MISSING)
		saksi_cmd_say(c, "%s", w.text);
	return d.older == SAKSI_BADARG ? SAKSI_EXIT_HOLDS : saksi_err_exit(d.older);
}

static int run_drill(struct saksi_cmd *c, const struct again *a)
{
	const char *at = saksi_cmd_option(c, "--at"), *tmp = getenv("TMPDIR");
	char folder[PATH_ROOM], path[PATH_ROOM + 16];
	int rc;

	if (at == NULL)
		at = tmp != NULL && tmp[0] == '/' ? tmp : "/var/tmp";
	if (snprintf(folder, sizeof(folder), "%s/saksi-drill-XXXXXX", at) >=
	    (int)sizeof(folder))
		return saksi_cmd_usage(c, "the path is too long");
	if (mkdtemp(folder) == NULL) {
		saksi_cmd_say(c, "%s: %s", at, strerror(errno));
		return SAKSI_EXIT_UNKNOWN;
	}
	(void)snprintf(path, sizeof(path), "%s/again", folder);
	rc = drill_at(c, a, path);
	saksi_backup_drop(folder);
	return rc;
}

static int run_restore(struct saksi_cmd *c)
{
	bool drill = saksi_cmd_flag(c, "--drill");
	struct again a;
	int rc;

	if (drill == (saksi_cmd_arg_count(c) == 2))
		return saksi_cmd_usage(c, "name where it goes, or --drill");
	rc = begin(c, &a);
	if (rc == SAKSI_EXIT_HOLDS)
		rc = drill ? run_drill(c, &a) : run_restore_to(c, &a);
	saksi_wipe(&a.box, sizeof(a.box));
	return rc;
}

/* ---- the rows */

static const struct saksi_option backup_options[] = {
    {"--to", "FOLDER", "where it goes; absent or empty", true, false},
    {"--with-keys", NULL, "the log's secret keys, too", false, false},
    {"--seal", "HEX", "encrypt all of it to this box key", false, false},
    {"--now", "TIME", "date it as of this instant", false, false},
    {NULL, NULL, NULL, false, false},
};
static const struct saksi_option restore_options[] = {
    {"--drill", NULL, "only try: restore beside, read all of it, delete", false, false},
    {"--log", "WHERE", "what the log has published: URL or folder", false, false},
    {"--box", "FILE", "box key that it was sealed to", false, false},
    {"--at", "DIR", "where the drill may write; else TMPDIR or /var/tmp", false, false},
    {"--now", "TIME", "tell its age as of this instant", false, false},
    {NULL, NULL, NULL, false, false},
};

const struct saksi_command saksi_commands_backup[] = {
    {"backup", "DIR", "copy a log or a witness while it runs",
     "Copies DIR, a log's or a witness's folder, into a new folder with a MANIFEST of "
     "digests: settings, entries, attachments, the published checkpoint. Tiles are "
     "made again when it is restored. The log's keys are in it only with --with-keys. "
     "A "
     "witness's key never is: a witness that goes on with an old state.db would cosign "
     "a "
     "second history.",
     backup_options, 1, 1, run_backup},
    {"restore", "FOLDER [DIR]", "bring a log back from a backup, or try it",
     "Checks every digest, makes DIR (absent) and its public files again, and asks "
     "--log "
     "and every witness of the log's policy whether the world has seen more than the "
     "backup holds. Only when nobody has does DIR stay: a log that goes on from an "
     "older "
     "tree signs a second history. When somebody has, it has ended: go on serving its "
     "public files, and begin a new log (docs/TRUST.md, \"Backups\").\n\n"
     "With --drill it restores to a temporary folder, reads everything again as 'saksi "
     "log "
     "check' does, tells size, root, age, what would be missing, and how long it took, "
     "and deletes the folder.\n\n"
     "Answers: 0 it can be brought back (and go on, where that was asked); 1 changed, "
     "or "
     "older than what is live; 3 cannot tell.",
     restore_options, 1, 2, run_restore},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
