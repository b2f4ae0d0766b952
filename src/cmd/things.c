/* verify: what is this file, and does it hold? */
#include "cmd/witnessed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "merkle/tree.h"
#include "note/receipt.h"
#include "store/files.h"
#include "verify/years.h"

#define THING_MAX ((size_t)64 << 20)

struct thing {
	const char *type;
	const char *starts; /* how the file begins; '#' stands for a number */
	enum saksi_err (*run)(struct saksi_session *s, struct saksi_bytes text,
			      struct saksi_buf *says, struct saksi_fault *f);
};

static void say_point(struct saksi_session *s, const struct saksi_judged *j,
		      struct saksi_buf *says)
{
	char at[SAKSI_TIME_TEXT_LEN + 1];

	(void)s;
	saksi_buf_puts(says, "log ");
	saksi_buf_put(says, j->point.origin);
	saksi_buf_printf(says, ", %llu entries", (unsigned long long)j->point.size);
	if (j->newest_utc > 0 && j->newest_utc < INT64_MAX) {
		saksi_time_text((int64_t)j->newest_utc, at);
		saksi_buf_printf(says, ", a quorum cosigned it as of %s", at);
	}
}

static void say_statement(const struct saksi_statement *st, struct saksi_buf *says)
{
	char at[SAKSI_TIME_TEXT_LEN + 1];

	saksi_time_text(st->time_utc, at);
	saksi_buf_puts(says, "; ");
	saksi_buf_put(says, st->kind_name);
	saksi_buf_puts(says, " number ");
	saksi_buf_put_decimal(says, st->sequence);
	saksi_buf_puts(says, " of ");
	saksi_buf_put(says, st->author);
	saksi_buf_printf(says, ", dated %s", at);
}

static enum saksi_err run_point(struct saksi_session *s, struct saksi_bytes text,
				struct saksi_buf *says, struct saksi_fault *f)
{
	struct saksi_judged j;

	SAKSI_TRY(saksi_verify_point(&s->verifier, text, &j, f));
	say_point(s, &j, says);
	switch ((int)saksi_verify_fresh(&s->verifier, &j)) {
	case SAKSI_STALE:
		return saksi_fault_set(
		    f, SAKSI_STALE, "older than the limit: is this the latest?", 0, 0);
	case SAKSI_MISSING:
		if (s->trust.policy.quorum >= 0)
			return saksi_fault_set(
			    f, SAKSI_MISSING,
			    "cosigned at a time that has not been yet: "
			    "compare the clocks",
			    0, 0);
	}
	return SAKSI_OK;
}

static enum saksi_err run_proof(struct saksi_session *s, struct saksi_bytes text,
				struct saksi_buf *says, struct saksi_fault *f)
{
	const char *path = saksi_cmd_option(s->cmd, "--entry");
	struct saksi_buf entry = saksi_buf_growing(SAKSI_ENTRY_MAX);
	struct saksi_bytes given = {NULL, 0};
	struct saksi_proven p;
	enum saksi_err err;

	if (path != NULL) {
		err = saksi_file_read(AT_FDCWD, path, false, &entry);
		if (err != SAKSI_OK) {
			saksi_buf_free(&entry);
			return saksi_fault_set(f, SAKSI_MISSING,
					       "the file of --entry could not be read",
					       0, 0);
		}
		given = saksi_arena_copy(&s->arena, saksi_buf_bytes(&entry));
	}
	saksi_buf_free(&entry);
	err = saksi_verify_proof(&s->verifier, text, given, &p, f);
	if (err != SAKSI_OK)
		return err;
	saksi_buf_printf(says, "entry %llu is in ", (unsigned long long)p.index);
	say_point(s, &p.judged, says);
	if (p.is_statement) {
		say_statement(&p.statement, says);
		saksi_buf_printf(says,
				 "; its author's right rests on entry %llu (a later "
				 "revocation is not seen offline)",
				 (unsigned long long)p.keys_index);
	}
	return SAKSI_OK;
}

static bool begins(struct saksi_bytes text, const char *starts);

static enum saksi_err run_evidence(struct saksi_session *s, struct saksi_bytes text,
				   struct saksi_buf *says, struct saksi_fault *f)
{
	struct saksi_judged older, newer;
	struct saksi_closing closing;

	if (begins(text, "{\"version\":#,\"kind\":\"after-closing\"") ||
	    begins(text, "{\"version\":#,\"kind\":\"two-closings\"")) {
		SAKSI_TRY(saksi_verify_closing_lie(&s->verifier, text, &closing, f));
		saksi_buf_puts(says, "proven: ");
		saksi_buf_put(says, closing.origin);
		saksi_buf_puts(says, begins(text, "{\"version\":#,\"kind\":\"two")
					 ? " signed two different ends"
					 : " went on after it had signed its end");
		return SAKSI_OK;
	}
	SAKSI_TRY(saksi_verify_evidence(&s->verifier, text, &older, &newer, f));
	saksi_buf_puts(says, "proven: ");
	saksi_buf_put(says, older.point.origin);
	saksi_buf_printf(says, " signed two histories, at %llu and %llu entries",
			 (unsigned long long)older.point.size,
			 (unsigned long long)newer.point.size);
	return SAKSI_OK;
}

static enum saksi_err run_closing(struct saksi_session *s, struct saksi_bytes text,
				  struct saksi_buf *says, struct saksi_fault *f)
{
	struct saksi_closing k;
	char at[SAKSI_TIME_TEXT_LEN + 1];

	SAKSI_TRY(saksi_verify_closing(&s->verifier, text, &k, NULL, f));
	saksi_time_text(k.time_utc, at);
	saksi_buf_put(says, k.origin);
	saksi_buf_printf(says, " ended with %llu entries on %s",
			 (unsigned long long)k.size, at);
	if (k.has_successor) {
		saksi_buf_puts(says, "; ");
		saksi_vkey_write(&k.successor, says);
		saksi_buf_puts(says, " goes on");
	}
	return SAKSI_OK;
}

/* Text of others into an answer of several lines: it must not make lines. */
static void say_foreign(struct saksi_buf *says, struct saksi_bytes text)
{
	while (text.len > 0 && text.at[text.len - 1] == '\n')
		text.len--;
	for (size_t i = 0; i < text.len; i++)
		saksi_buf_put_u8(says, text.at[i] == '\n' ? (uint8_t)' ' : text.at[i]);
}

/* What needs the log's other statements: one look at --log, without memory. */
static enum saksi_err look_at_log(struct saksi_session *s, struct saksi_fault *f)
{
	const char *log = saksi_cmd_option(s->cmd, "--log");
	enum saksi_err err;

	if (log == NULL)
		return saksi_fault_set(
		    f, SAKSI_MISSING,
		    "this needs the log it is in: give --log URL or DIR", 0, 0);
	if (saksi_session_place(s, log) != SAKSI_EXIT_HOLDS)
		return saksi_fault_set(f, SAKSI_MISSING, "the log could not be opened",
				       0, 0);
	err = saksi_session_look(s, false);
	if (err != SAKSI_OK)
		return saksi_fault_set(
		    f, err, s->look.why[0] != '\0' ? s->look.why : saksi_err_name(err),
		    0, 0);
	return SAKSI_OK;
}

static enum saksi_err look_at_statements(struct saksi_session *s, struct saksi_fault *f)
{
	if (s->verifier.roots == NULL)
		return saksi_fault_set(f, SAKSI_MISSING,
				       "the trust folder has no file roots", 0, 0);
	return look_at_log(s, f);
}

static enum saksi_err run_entry(struct saksi_session *s, struct saksi_bytes text,
				struct saksi_buf *says, struct saksi_fault *f)
{
	struct saksi_entry entry;
	struct saksi_envelope e;
	const struct saksi_record *r;

	SAKSI_TRY(saksi_entry_read(text, &entry, f));
	SAKSI_TRY(saksi_envelope_read(entry.envelope, &s->arena, &e, f));
	SAKSI_TRY(look_at_statements(s, f));
	r = saksi_ledger_find(&s->look.ledger, &e.id);
	if (r == NULL)
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "the log does not hold this statement", 0, 0);
	if (r->verdict != SAKSI_OK)
		return saksi_fault_set(f, r->verdict, r->reason, 0, 0);
	if (r->revoked)
		return saksi_fault_set(f, SAKSI_REFUSED, "its key was revoked", 0, 0);
	saksi_buf_printf(says, "entry %llu of ", (unsigned long long)r->index);
	say_point(s, &s->look.judged, says);
	say_statement(&r->statement, says);
	return SAKSI_OK;
}

static enum saksi_err run_openings(struct saksi_session *s, struct saksi_bytes text,
				   struct saksi_buf *says, struct saksi_fault *f)
{
	struct saksi_openings o;
	const struct saksi_audit *audit;

	SAKSI_TRY(saksi_openings_read(text, &s->arena, &o, f));
	SAKSI_TRY(look_at_statements(s, f));
	audit = saksi_ledger_audit_find(&s->look.ledger, &o.audit);
	if (audit == NULL)
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "the log holds no audit that these open", 0, 0);
	saksi_buf_puts(says, "opens in the audit of ");
	say_foreign(says, audit->server);
	for (size_t i = 0; i < o.finding_count; i++) {
		const struct saksi_finding *d = &o.findings[i];

		SAKSI_TRY(saksi_finding_check(
		    d, audit,
		    d->fixed ? saksi_ledger_audit_find(&s->look.ledger, &d->later_audit)
			     : NULL,
		    f));
		saksi_buf_puts(says, "\n  ");
		say_foreign(says, d->rule);
		saksi_buf_puts(says, d->fixed ? " (fixed): " : ": ");
		say_foreign(says, d->detail);
	}
	return SAKSI_OK;
}

/* The log is asked, with all that a look checks, whether it kept its word. */
static enum saksi_err kept_word(struct saksi_session *s, const struct saksi_receipt *r,
				struct saksi_buf *says, struct saksi_fault *f)
{
	struct saksi_tiles tiles;
	struct saksi_hash path[SAKSI_PATH_MAX];
	struct saksi_inclusion p;
	const struct saksi_checkpoint *point = &s->look.judged.point;
	enum saksi_err err;

	SAKSI_TRY(look_at_log(s, f));
	if (!saksi_bytes_same(point->origin, r->origin))
		return saksi_fault_set(f, SAKSI_MISSING, "--log is another log", 0, 0);
	if (r->index >= point->size && s->verifier.now_utc > r->due_utc)
		return saksi_fault_set(
		    f, SAKSI_REFUSED,
		    "the log broke its promise: the time is up and its tree "
		    "does not hold the entry",
		    0, 0);
	if (r->index >= point->size)
		return saksi_fault_set(f, SAKSI_MISSING,
				       "not in the tree yet, and not due yet", 0, 0);
	tiles = saksi_source_tiles(saksi_place_source(s->place));
	err = saksi_inclusion_prove(&tiles, r->index, point->size, &point->root, &p,
				    path);
	if (err != SAKSI_OK)
		return saksi_fault_set(f, err,
				       "a tile of the log could not be read, or does "
				       "not belong to its tree",
				       0, 0);
	if (!saksi_hash_same(&p.leaf, &r->leaf))
		return saksi_fault_set(
		    f, SAKSI_REFUSED,
		    "the log broke its promise: another entry is in its place", 0, 0);
	saksi_buf_puts(says, "; the log kept its promise");
	return SAKSI_OK;
}

/* Is this the receipt key of that log, and of no other? */
static bool receipt_key_of(const struct saksi_vkey *k, struct saksi_bytes origin)
{
	static const char suffix[] = "/receipt";

	return k->name.len == origin.len + sizeof(suffix) - 1 &&
	       memcmp(k->name.at, origin.at, origin.len) == 0 &&
	       memcmp(k->name.at + origin.len, suffix, sizeof(suffix) - 1) == 0;
}

static enum saksi_err receipt_signed(struct saksi_session *s,
				     const struct saksi_note *n,
				     struct saksi_bytes origin, struct saksi_fault *f)
{
	struct saksi_sigcheck check;
	uint64_t time;

	for (size_t i = 0; i < s->trust.receipt_count; i++) {
		enum saksi_err err = saksi_note_check_for(n, &s->trust.receipts[i],
							  &s->arena, &check, &time);

		if (err == SAKSI_MISSING)
			continue;
		if (!receipt_key_of(&s->trust.receipts[i], origin))
			return saksi_fault_set(
			    f, SAKSI_REFUSED,
			    "signed by the receipt key of another log", 0, 0);
		if (err == SAKSI_OK)
			saksi_sigchecks_run(&check, 1);
		if (err != SAKSI_OK || check.answer != SAKSI_SIG_GOOD)
			return saksi_fault_set(f, SAKSI_REFUSED,
					       "its signature is false", 0, 0);
		return SAKSI_OK;
	}
	return saksi_fault_set(f, SAKSI_MISSING,
			       "signed by no key of the trust folder's file receipt", 0,
			       0);
}

static enum saksi_err run_receipt(struct saksi_session *s, struct saksi_bytes text,
				  struct saksi_buf *says, struct saksi_fault *f)
{
	struct saksi_receipt r;
	struct saksi_note n;
	char due[SAKSI_TIME_TEXT_LEN + 1];

	SAKSI_TRY(saksi_note_read(text, &s->arena, &n, f));
	SAKSI_TRY(saksi_receipt_read(n.text, &r, f));
	SAKSI_TRY(receipt_signed(s, &n, r.origin, f));
	saksi_time_text(r.due_utc, due);
	saksi_buf_put(says, r.origin);
	saksi_buf_printf(says, " took entry %llu in and promised it by %s",
			 (unsigned long long)r.index, due);
	if (saksi_cmd_option(s->cmd, "--log") == NULL)
		return SAKSI_OK;
	return kept_word(s, &r, says, f);
}

static const struct thing things[] = {
    {"receipt", "saksi/receipt/v", run_receipt},
    {"proof", "c2sp.org/tlog-proof@v", run_proof},
    {"evidence", "{\"version\":#,\"kind\":\"split-view\"", run_evidence},
    {"evidence", "{\"version\":#,\"kind\":\"after-closing\"", run_evidence},
    {"evidence", "{\"version\":#,\"kind\":\"two-closings\"", run_evidence},
    {"closing", "saksi/closing/v", run_closing},
    {"openings", "{\"version\":#,\"audit\":", run_openings},
    {"entry", "{\"payload\":", run_entry},
    {"checkpoint", "", run_point},
};

static bool begins(struct saksi_bytes text, const char *starts)
{
	size_t at = 0;

	for (; *starts != '\0'; starts++) {
		size_t digits = 0;

		while (*starts == '#' && at + digits < text.len &&
		       text.at[at + digits] >= '0' && text.at[at + digits] <= '9')
			digits++;
		if (*starts == '#' ? digits == 0
				   : at == text.len || text.at[at] != (uint8_t)*starts)
			return false;
		at += *starts == '#' ? digits : 1;
	}
	return true;
}

/* A note that a log of this name heads, or one with a number in its second line that
 * bears a signature in its name: with its first line changed it is a changed
 * checkpoint, not a stranger's file. */
static bool is_point(struct saksi_bytes text, struct saksi_bytes name)
{
	static const char dash[] = "\n\xe2\x80\x94 ";
	size_t skip = sizeof(dash) - 1, first = 0;

	if (text.len > name.len && text.at[name.len] == '\n' &&
	    memcmp(text.at, name.at, name.len) == 0)
		return true;
	while (first < text.len && text.at[first] != '\n')
		first++;
	text.at += first;
	text.len -= first;
	if (!begins(text, "\n#\n"))
		return false;
	for (size_t i = 0; i + skip + name.len < text.len; i++)
		if (memcmp(text.at + i, dash, skip) == 0 &&
		    memcmp(text.at + i + skip, name.at, name.len) == 0 &&
		    text.at[i + skip + name.len] == ' ')
			return true;
	return false;
}

static const struct thing *which(const struct saksi_session *s, struct saksi_bytes text)
{
	const char *as = saksi_cmd_option(s->cmd, "--as");

	for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
		if (as != NULL
			? strcmp(as, things[i].type) == 0
			: things[i].starts[0] != '\0' && begins(text, things[i].starts))
			return &things[i];
	}
	for (uint32_t i = 0; as == NULL && i < s->trust.policy.log_count; i++)
		if (is_point(text, s->trust.policy.logs[i].key.name))
			return &things[sizeof(things) / sizeof(things[0]) - 1];
	return NULL;
}

/* Our lines stay lines; what others wrote in them does not steer a terminal. */
static void print_lines(struct saksi_bytes text)
{
	size_t from = 0;

	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && text.at[i] != '\n')
			continue;
		saksi_cmd_text(stdout, (struct saksi_bytes){text.at + from, i - from});
		(void)fputc('\n', stdout);
		from = i + 1;
	}
}

static void tell(const struct saksi_session *s, const char *path, const char *type,
		 enum saksi_err err, struct saksi_buf *says, const char *why)
{
	struct saksi_buf b = saksi_buf_growing(THING_MAX);
	struct saksi_jsonw w = {&b, false};

	if (!saksi_cmd_json(s->cmd)) {
		printf("%s: %s: %s: ", saksi_tell_answer(err), type, path);
		print_lines(err == SAKSI_OK ? saksi_buf_bytes(says)
					    : saksi_bytes_of(why));
		return;
	}
	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "thing");
	saksi_jsonw_cstr(&w, path);
	saksi_jsonw_key(&w, "type");
	saksi_jsonw_cstr(&w, type);
	saksi_jsonw_key(&w, "answer");
	saksi_jsonw_cstr(&w, saksi_err_name(err));
	saksi_jsonw_key(&w, "exit");
	saksi_jsonw_int(&w, saksi_err_exit(err));
	saksi_jsonw_key(&w, "why");
	if (err == SAKSI_OK)
		saksi_jsonw_str(&w, saksi_buf_bytes(says));
	else
		saksi_jsonw_cstr(&w, why);
	saksi_jsonw_close(&w, '}');
	saksi_tell_json(&b);
}

static enum saksi_err judge(struct saksi_session *s, const char *path,
			    struct saksi_bytes text)
{
	const struct thing *t = which(s, text);
	struct saksi_buf says = saksi_buf_growing(THING_MAX);
	struct saksi_fault f = {0};
	char why[512];
	enum saksi_err err;

	if (t == NULL) {
		tell(s, path, "unknown", SAKSI_MISSING, &says,
		     text.len == 0
			 ? "the file is empty"
			 : "this is no checkpoint, entry, proof, receipt, openings or "
			   "evidence of a log in the trust folder; say which with "
			   "--as TYPE");
		saksi_buf_free(&says);
		return SAKSI_MISSING;
	}
	err = t->run(s, text, &says, &f);
	if (f.line > 0)
		(void)snprintf(why, sizeof(why), "line %u: %s", (unsigned)f.line,
			       f.what);
	else if (f.what != NULL && f.at > 0)
		(void)snprintf(why, sizeof(why), "byte %zu: %s", f.at, f.what);
	else
		(void)snprintf(why, sizeof(why), "%s",
			       f.what != NULL ? f.what : saksi_err_name(err));
	tell(s, path, t->type, err, &says, why);
	saksi_buf_free(&says);
	return err;
}

int saksi_verify_file(struct saksi_session *s, const char *path)
{
	struct saksi_buf text = saksi_buf_growing(THING_MAX);
	struct saksi_why w = {{0}};
	enum saksi_err err = saksi_file_read(AT_FDCWD, path, false, &text);
	int code;

	if (err != SAKSI_OK) {
		(void)saksi_why_set(&w, SAKSI_MISSING, "%s: %s", path,
				    err == SAKSI_LIMIT ? "larger than 64 MiB"
						       : strerror(errno));
		code = saksi_cmd_fail(s->cmd, SAKSI_MISSING, &w);
	} else {
		code = saksi_err_exit(judge(s, path, saksi_buf_bytes(&text)));
	}
	saksi_buf_free(&text);
	return code;
}
