/* statement new, sign, show: claims made, signed by as many keys as needed, on as
 * many machines as needed, and read before anybody signs them. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/keyfile.h"
#include "cmd/table.h"
#include "cmd/witnessed.h"
#include "statement/entry.h"
#include "statement/envelope.h"
#include "store/files.h"

#define ARENA_MAX ((size_t)8 << 20)

/* A file that holds a statement: bare, signed, or as a log's entry. */
struct read {
	struct saksi_arena arena;
	struct saksi_buf text;
	bool is_signed, is_entry;
	struct saksi_envelope envelope; /* of a bare one: only payload and id */
	struct saksi_statement statement;
};

static int read_file(const struct saksi_cmd *c, const char *path, struct saksi_buf *out)
{
	errno = 0;
	enum saksi_err err = saksi_file_read(AT_FDCWD, path, false, out);
	if (err == SAKSI_OK)
		return SAKSI_EXIT_HOLDS;
	saksi_cmd_say(c, "%s: cannot be read: %s", path,
		      errno != 0 ? strerror(errno) : saksi_err_name(err));
	return SAKSI_EXIT_UNKNOWN;
}

/* What cannot be read is no answer about the claim in it. */
static int fault(const struct saksi_cmd *c, const char *path, enum saksi_err err,
		 const struct saksi_fault *f)
{
	int rc = saksi_cmd_fault(c, path, err, f);
	return err == SAKSI_MALFORMED ? SAKSI_EXIT_UNKNOWN : rc;
}

/* Does the body say what its kind asks for, and which subject belongs to it? */
static enum saksi_err body_subject(const struct saksi_statement *s,
				   struct saksi_arena *a, struct saksi_hash *subject,
				   struct saksi_fault *f)
{
	union saksi_body b;
	switch (s->kind) {
#define CASE(kind, noun, member)                                                       \
	case SAKSI_KIND_##kind:                                                        \
		SAKSI_TRY(saksi_##noun##_read(s, a, &b.noun, f));                      \
		*subject = b.noun.member;                                              \
		return SAKSI_OK;
		CASE(INVENTORY, inventory, sealed)
		CASE(PLAN, plan, rules)
		CASE(AUDIT, audit, vector_root)
		CASE(ABANDONED, abandoned, plan)
		CASE(OBSERVATION, observation, of)
		CASE(DISCLOSURE, disclosure, audit)
		CASE(EXTENSION, postponed, audit)
		CASE(ACCEPTANCE, postponed, audit)
		CASE(HEARTBEAT, heartbeat, checkpoint.root)
#undef CASE
	case SAKSI_KIND_KEYS:
		SAKSI_TRY(saksi_keys_read(s, a, &b.keys, f));
		*subject = saksi_keys_subject(&b.keys);
		return SAKSI_OK;
	case SAKSI_KIND_OTHER:
		break;
	}
	return saksi_fault_set(f, SAKSI_NEWER, "a kind this program does not know", 0,
			       0);
}

/* ---- reading one */

static enum saksi_err read_text(struct read *r, struct saksi_fault *f)
{
	struct saksi_bytes text = saksi_buf_bytes(&r->text);
	struct saksi_entry entry;
	if (saksi_bytes_starts(text, "{\"_type\":")) {
		if (text.at[text.len - 1] == '\n')
			text.len--;
		r->envelope.payload = text;
		r->envelope.id = saksi_hash_of(text);
	} else {
		r->is_signed = true;
		struct saksi_bytes line = text;
		if (line.len > 0 && line.at[line.len - 1] == '\n')
			line.len--;
		size_t mark = r->arena.used;
		enum saksi_err err =
		    saksi_envelope_read(line, &r->arena, &r->envelope, f);
		if (err != SAKSI_OK) {
			saksi_arena_rewind(&r->arena, mark);
			if (saksi_entry_read(text, &entry, NULL) != SAKSI_OK)
				return err;
			r->is_entry = true;
			SAKSI_TRY(saksi_envelope_read(entry.envelope, &r->arena,
						      &r->envelope, f));
		}
	}
	return saksi_statement_read(r->envelope.payload, &r->arena, &r->statement, f);
}

static void read_end(struct read *r)
{
	saksi_buf_free(&r->text);
	saksi_arena_end(&r->arena);
}

/* End with read_end whatever it gives. */
static int read_open(const struct saksi_cmd *c, const char *path, struct read *r)
{
	struct saksi_fault f = {0};
	memset(r, 0, sizeof(*r));
	r->text = saksi_buf_growing((size_t)1 << 20);
	int rc = read_file(c, path, &r->text);
	if (rc != SAKSI_EXIT_HOLDS)
		return rc;
	if (saksi_arena_map(&r->arena, ARENA_MAX) != SAKSI_OK)
		return saksi_cmd_fail(c, SAKSI_NOMEM, NULL);
	enum saksi_err err = read_text(r, &f);
	return err == SAKSI_OK ? SAKSI_EXIT_HOLDS : fault(c, path, err, &f);
}

static int write_result(const struct saksi_cmd *c, struct saksi_bytes text)
{
	return saksi_cmd_output(c, saksi_cmd_option(c, "--output"), text);
}

/* ---- statement new */

static int kind_named(const struct saksi_cmd *c, const char *name, enum saksi_kind *out)
{
	const char *best = NULL;
	for (int k = 0; k < SAKSI_KIND_OTHER; k++) {
		const char *one = saksi_kind_name((enum saksi_kind)k);
		if (strcmp(one, name) == 0) {
			*out = (enum saksi_kind)k;
			return SAKSI_EXIT_HOLDS;
		}
		best = saksi_word_nearer(name, best, one);
	}
	if (best != NULL)
		return saksi_cmd_usage(c, "there is no kind '%s'; is it '%s'?", name,
				       best);
	return saksi_cmd_usage(
	    c,
	    "there is no kind '%s'; there are keys, inventory, plan, "
	    "audit, abandoned, observation, disclosure, extension, "
	    "acceptance and heartbeat",
	    name);
}

/* The author's next number and the statement before it, out of a log that
 * holds; keys statements have a chain of their own. */
static int place_from_log(struct saksi_cmd *c, struct saksi_statement *s)
{
	struct saksi_session session;
	int rc = SAKSI_EXIT_USAGE;
	if (saksi_cmd_option(c, "--trust") == NULL)
		return saksi_cmd_usage(c, "--log needs --trust DIR: a log is believed "
					  "only as far as it can be checked");
	rc = saksi_session_begin(&session, c);
	if (rc == SAKSI_EXIT_HOLDS)
		rc = saksi_session_place(&session, saksi_cmd_option(c, "--log"));
	if (rc == SAKSI_EXIT_HOLDS) {
		enum saksi_err err = saksi_session_look(&session, false);
		rc = saksi_err_exit(err);
		if (err != SAKSI_OK)
			saksi_cmd_say(c, "%s: %s (or give --sequence and --previous)",
				      saksi_cmd_option(c, "--log"), session.look.why);
	}
	if (rc == SAKSI_EXIT_HOLDS) {
		const struct saksi_ledger *l = &session.look.ledger;
		const struct saksi_ledger_author *a =
		    s->kind == SAKSI_KIND_KEYS ? &l->root
					       : saksi_ledger_author_find(l, s->author);
		s->sequence = a != NULL ? a->next_sequence : 0;
		if (a != NULL)
			s->previous = a->last;
	}
	saksi_session_end(&session);
	return rc;
}

static int place_from_words(const struct saksi_cmd *c, struct saksi_statement *s)
{
	const char *previous = saksi_cmd_option(c, "--previous");
	if (!saksi_cmd_flag(c, "--sequence"))
		return saksi_cmd_usage(c, "--log WHERE or --sequence N is needed: an "
					  "author numbers its statements");
	if (!saksi_cmd_number(c, "--sequence", 0, &s->sequence))
		return SAKSI_EXIT_USAGE;
	if ((s->sequence > 0) != (previous != NULL))
		return saksi_cmd_usage(c, s->sequence > 0
					      ? "--previous HEX is needed: the id of "
						"the author's statement before this one"
					      : "statement 0 has no --previous");
	if (previous != NULL && saksi_text_hex(saksi_bytes_of(previous), s->previous.b,
					       sizeof(s->previous.b)) != SAKSI_OK)
		return saksi_cmd_usage(c, "--previous '%s' is not 64 digits 0-9a-f",
				       previous);
	return SAKSI_EXIT_HOLDS;
}

static int head_from_words(struct saksi_cmd *c, struct saksi_statement *s)
{
	const char *time = saksi_cmd_option(c, "--time");
	const char *subject = saksi_cmd_option(c, "--subject");
	int rc = kind_named(c, saksi_cmd_arg(c, 0), &s->kind);
	if (rc != SAKSI_EXIT_HOLDS)
		return rc;
	s->author = saksi_bytes_of(saksi_cmd_option(c, "--author"));
	s->subject_name =
	    saksi_bytes_of(subject != NULL ? subject : saksi_kind_name(s->kind));
	if (!saksi_cmd_now(c, &s->time_utc))
		return SAKSI_EXIT_USAGE;
	if (time != NULL &&
	    saksi_time_read(saksi_bytes_of(time), &s->time_utc) != SAKSI_OK)
		return saksi_cmd_usage(
		    c, "--time '%s' is no time such as 2026-11-22T16:39:05Z", time);
	if (saksi_cmd_option(c, "--log") == NULL)
		return place_from_words(c, s);
	if (saksi_cmd_flag(c, "--sequence") || saksi_cmd_flag(c, "--previous"))
		return saksi_cmd_usage(c,
				       "--log finds --sequence and --previous itself");
	return place_from_log(c, s);
}

static int addenda_digests(const struct saksi_cmd *c, struct saksi_hash *out,
			   size_t *count)
{
	const char *path;
	for (*count = 0;
	     (path = saksi_cmd_option_at(c, "--addendum", (int)*count)) != NULL;
	     (*count)++) {
		if (*count == SAKSI_ADDENDA_MAX)
			return saksi_cmd_usage(c, "at most %d addenda",
					       SAKSI_ADDENDA_MAX);
		struct saksi_buf text = saksi_buf_growing(SAKSI_ADDENDUM_MAX);
		int rc = read_file(c, path, &text);
		out[*count] = saksi_hash_of(saksi_buf_bytes(&text));
		saksi_buf_free(&text);
		if (rc != SAKSI_EXIT_HOLDS)
			return rc;
	}
	return SAKSI_EXIT_HOLDS;
}

/* Blanks between the parts of a JSON text mean nothing; a statement has none. */
static void put_compact(struct saksi_bytes json, struct saksi_buf *out)
{
	bool in_string = false, escaped = false;
	for (size_t i = 0; i < json.len; i++) {
		uint8_t b = json.at[i];
		if (in_string || (b != ' ' && b != '\t' && b != '\n' && b != '\r'))
			saksi_buf_put_u8(out, b);
		if (!escaped && b == '"')
			in_string = !in_string;
		escaped = in_string && !escaped && b == '\\';
	}
}

static int read_body(const struct saksi_cmd *c, struct saksi_arena *a,
		     struct saksi_statement *s, struct saksi_buf *out)
{
	const char *path = saksi_cmd_option(c, "--body");
	struct saksi_buf text = saksi_buf_growing((size_t)1 << 20);
	struct saksi_fault f = {0};
	const struct saksi_json *json;
	int rc = read_file(c, path, &text);
	if (rc == SAKSI_EXIT_HOLDS) {
		enum saksi_err err =
		    saksi_json_parse(saksi_buf_bytes(&text), a, &json, &f);
		if (err == SAKSI_OK && json->kind != SAKSI_JSON_OBJECT)
			err = saksi_fault_set(&f, SAKSI_MALFORMED,
					      "a body is a JSON object", 0, 0);
		if (err == SAKSI_OK && s->kind == SAKSI_KIND_KEYS &&
		    saksi_json_get(json, "roots") != NULL)
			s->version = 2;
		if (err == SAKSI_OK)
			put_compact(saksi_buf_bytes(&text), out);
		else
			rc = fault(c, path, err, &f);
	}
	saksi_buf_free(&text);
	return rc;
}

/* Written, read back and written again: its subject comes out of its body. */
static int write_payload(const struct saksi_cmd *c, struct saksi_statement *s,
			 struct saksi_bytes body, struct saksi_arena *a)
{
	struct saksi_buf out = saksi_buf_growing((size_t)1 << 20);
	struct saksi_statement back;
	struct saksi_fault f = {0};
	int rc;
	enum saksi_err err = saksi_statement_write(s, body, &out);
	if (err != SAKSI_OK) {
		saksi_cmd_say(c, "this statement cannot be written: %s",
			      err == SAKSI_LIMIT
				  ? "larger than 48,000 bytes"
				  : "an author's name has 1 to 64 of a-z, "
				    "0-9, '.', '-'; a subject's at most 256 "
				    "bytes of UTF-8");
		rc = SAKSI_EXIT_USAGE;
		goto done;
	}
	err = saksi_statement_read(saksi_buf_bytes(&out), a, &back, &f);
	if (err == SAKSI_OK)
		err = body_subject(&back, a, &s->subject, &f);
	if (err != SAKSI_OK) {
		saksi_cmd_say(c, "%s: not the body of %s %s statement: %s",
			      saksi_cmd_option(c, "--body"),
			      strchr("aeio", saksi_kind_name(s->kind)[0]) ? "an" : "a",
			      saksi_kind_name(s->kind),
			      f.what != NULL ? f.what : saksi_err_name(err));
		rc = SAKSI_EXIT_UNKNOWN;
		goto done;
	}
	saksi_buf_clear(&out);
	err = saksi_statement_write(s, body, &out);
	saksi_buf_puts(&out, "\n");
	rc = err == SAKSI_OK ? write_result(c, saksi_buf_bytes(&out))
			     : saksi_cmd_fail(c, err, NULL);
done:
	saksi_buf_free(&out);
	return rc;
}

static int statement_new(struct saksi_cmd *c)
{
	struct saksi_statement s = {0};
	struct saksi_hash addenda[SAKSI_ADDENDA_MAX];
	struct saksi_arena arena = {0};
	struct saksi_buf body = saksi_buf_growing((size_t)1 << 20);
	int rc = head_from_words(c, &s);
	if (rc == SAKSI_EXIT_HOLDS)
		rc = addenda_digests(c, addenda, &s.addenda_count);
	s.addenda = addenda;
	if (rc == SAKSI_EXIT_HOLDS && saksi_arena_map(&arena, ARENA_MAX) != SAKSI_OK)
		rc = saksi_cmd_fail(c, SAKSI_NOMEM, NULL);
	if (rc == SAKSI_EXIT_HOLDS)
		rc = read_body(c, &arena, &s, &body);
	if (rc == SAKSI_EXIT_HOLDS)
		rc = write_payload(c, &s, saksi_buf_bytes(&body), &arena);
	saksi_buf_free(&body);
	saksi_arena_end(&arena);
	return rc;
}

/* ---- statement sign */

static int sign_with(const struct saksi_cmd *c, const char *path,
		     struct saksi_envelope *e)
{
	struct saksi_keyfile key;
	int rc = saksi_keyfile_open(c, path, SAKSI_SIG_ED25519, &key);
	if (rc != SAKSI_EXIT_HOLDS)
		return rc;
	enum saksi_err err = saksi_envelope_sign(e, key.signer);
	if (err == SAKSI_BADARG)
		saksi_cmd_say(c, "%s: this key has signed it already", path);
	else if (err != SAKSI_OK)
		saksi_cmd_say(c, "%s: no more than %d keys sign a statement", path,
			      SAKSI_ENVELOPE_SIGS);
	saksi_keyfile_end(&key);
	return saksi_err_exit(err);
}

static int statement_sign(struct saksi_cmd *c)
{
	const char *path = saksi_cmd_arg(c, 0), *key;
	struct saksi_buf out = saksi_buf_growing((size_t)1 << 20);
	struct saksi_hash subject;
	struct saksi_fault f = {0};
	struct read r;
	int rc = read_open(c, path, &r);
	if (rc == SAKSI_EXIT_HOLDS && r.is_entry) {
		saksi_cmd_say(
		    c, "%s: this is a log's entry; nothing can be added to it", path);
		rc = SAKSI_EXIT_UNKNOWN;
	}
	/* What cannot be read in full is not signed. */
	enum saksi_err err = SAKSI_OK;
	if (rc == SAKSI_EXIT_HOLDS)
		err = body_subject(&r.statement, &r.arena, &subject, &f);
	if (err == SAKSI_OK && rc == SAKSI_EXIT_HOLDS &&
	    !saksi_hash_same(&subject, &r.statement.subject))
		err = saksi_fault_set(&f, SAKSI_REFUSED,
				      "the subject is not the one of this body", 0, 0);
	if (err != SAKSI_OK)
		rc = fault(c, path, err, &f);
	for (int i = 0; rc == SAKSI_EXIT_HOLDS &&
			(key = saksi_cmd_option_at(c, "--key", i)) != NULL;
	     i++)
		rc = sign_with(c, key, &r.envelope);
	if (rc == SAKSI_EXIT_HOLDS) {
		err = saksi_envelope_write(&r.envelope, &out);
		saksi_buf_puts(&out, "\n");
		rc = err == SAKSI_OK ? write_result(c, saksi_buf_bytes(&out))
				     : saksi_cmd_fail(c, err, NULL);
	}
	saksi_buf_free(&out);
	read_end(&r);
	return rc;
}

/* ---- statement show */

/* The body as it stands: from its brace to the one that closes it. */
static struct saksi_bytes body_text(const struct read *r)
{
	struct saksi_bytes p = r->envelope.payload;
	size_t at = r->statement.body != NULL ? r->statement.body->at : p.len, end = at;
	bool in_string = false;
	int depth = 0;
	for (; end < p.len; end++) {
		uint8_t b = p.at[end];
		if (in_string && b == '\\')
			end++;
		else if (b == '"')
			in_string = !in_string;
		else if (!in_string && (b == '{' || b == '['))
			depth++;
		else if (!in_string && (b == '}' || b == ']') && --depth == 0)
			return (struct saksi_bytes){p.at + at, end + 1 - at};
	}
	return saksi_bytes_of("{}");
}

static void show_json(const struct read *r)
{
	const struct saksi_statement *s = &r->statement;
	char time[SAKSI_TIME_TEXT_LEN + 1];
	struct saksi_buf b = saksi_buf_growing((size_t)1 << 20);
	struct saksi_jsonw w = {.out = &b};
	saksi_time_text(s->time_utc, time);
	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "id");
	saksi_jsonw_hex(&w, saksi_hash_bytes(&r->envelope.id));
	saksi_jsonw_key(&w, "kind");
	saksi_jsonw_str(&w, s->kind_name);
	saksi_jsonw_key(&w, "author");
	saksi_jsonw_str(&w, s->author);
	saksi_jsonw_key(&w, "sequence");
	saksi_jsonw_u64(&w, s->sequence);
	saksi_jsonw_key(&w, "time");
	saksi_jsonw_cstr(&w, time);
	saksi_jsonw_key(&w, "subject");
	saksi_jsonw_hex(&w, saksi_hash_bytes(&s->subject));
	saksi_jsonw_key(&w, "addenda");
	saksi_jsonw_open(&w, '[');
	for (size_t i = 0; i < s->addenda_count; i++)
		saksi_jsonw_hex(&w, saksi_hash_bytes(&s->addenda[i]));
	saksi_jsonw_close(&w, ']');
	saksi_jsonw_key(&w, "signers");
	saksi_jsonw_open(&w, '[');
	for (size_t i = 0; i < r->envelope.sig_count; i++)
		saksi_jsonw_hex(&w, saksi_hash_bytes(&r->envelope.sigs[i].keyid));
	saksi_jsonw_close(&w, ']');
	saksi_jsonw_key(&w, "body");
	saksi_jsonw_raw(&w, body_text(r));
	saksi_jsonw_close(&w, '}');
	(void)fwrite(b.at, 1, b.len, stdout);
	(void)fputc('\n', stdout);
	saksi_buf_free(&b);
}

static void put_hash(const char *label, const struct saksi_hash *h)
{
	char hex[2 * SAKSI_HASH_LEN + 1];
	saksi_text_to_hex(h->b, SAKSI_HASH_LEN, hex);
	(void)printf("%-9s %s\n", label, hex);
}

static void put_text(const char *label, struct saksi_bytes text)
{
	(void)printf("%-9s ", label);
	saksi_cmd_text(stdout, text);
	(void)fputc('\n', stdout);
}

static void show_text(const struct read *r)
{
	const struct saksi_statement *s = &r->statement;
	char time[SAKSI_TIME_TEXT_LEN + 1];
	saksi_time_text(s->time_utc, time);
	put_hash("id", &r->envelope.id);
	put_text("kind", s->kind_name);
	put_text("author", s->author);
	(void)printf("%-9s %llu\n", "sequence", (unsigned long long)s->sequence);
	if (s->sequence > 0)
		put_hash("previous", &s->previous);
	(void)printf("%-9s %s\n", "time", time);
	put_text("subject", s->subject_name);
	put_hash("", &s->subject);
	for (size_t i = 0; i < s->addenda_count; i++)
		put_hash(i == 0 ? "addenda" : "", &s->addenda[i]);
	for (size_t i = 0; i < r->envelope.sig_count; i++)
		put_hash(i == 0 ? "signers" : "", &r->envelope.sigs[i].keyid);
	put_text("body", body_text(r));
}

static int statement_show(struct saksi_cmd *c)
{
	struct read r;
	int rc = read_open(c, saksi_cmd_arg(c, 0), &r);
	if (rc == SAKSI_EXIT_HOLDS && saksi_cmd_json(c))
		show_json(&r);
	else if (rc == SAKSI_EXIT_HOLDS)
		show_text(&r);
	if (rc == SAKSI_EXIT_HOLDS)
		saksi_cmd_say(c, r.is_signed ? "note: shown as it says; signatures are "
					       "checked by 'saksi verify'"
					     : "note: signed by nobody yet");
	read_end(&r);
	return rc;
}

#define OUTPUT                                                                         \
	{                                                                              \
		"--output", "FILE", "where it goes, or -o; else to stdout", false,     \
		    false                                                              \
	}

static const struct saksi_option new_options[] = {
    {"--author", "NAME", "who says it, as the keys statement names them", true, false},
    {"--body", "FILE", "what it says: a JSON object (docs/formats)", true, false},
    {"--subject", "NAME", "name of what it is about; the kind where not given", false,
     false},
    {"--log", "WHERE", "take the author's next number from this log", false, false},
    {"--trust", "DIR", "trust folder to check that log with", false, false},
    {"--sequence", "N", "the author's number for it, from 0", false, false},
    {"--previous", "HEX", "id of the author's statement before it", false, false},
    {"--time", "TIME", "when it is said, such as 2026-11-22T16:39:05Z; else now", false,
     false},
    {"--addendum", "FILE", "an attachment it commits to", false, true},
    {"--state", "DIR", "what was seen of logs before", false, false},
    {"--no-state", NULL, "remember nothing", false, false},
    OUTPUT,
    {NULL, NULL, NULL, false, false},
};
static const struct saksi_option sign_options[] = {
    {"--key", "FILE", "author key that signs", true, true},
    OUTPUT,
    {NULL, NULL, NULL, false, false},
};

const struct saksi_command saksi_commands_statement[] = {
    {"statement new", "KIND", "write down a claim, not yet signed",
     "KIND is keys, inventory, plan, audit, abandoned, observation, disclosure, "
     "extension, acceptance or heartbeat. The body is checked and the subject taken "
     "from it. The other commands make statements themselves where they can; this one "
     "is for what people decide, such as the keys statement.\n\n"
     "  saksi statement new keys --author root --body keys.json --sequence 0 -o keys",
     new_options, 1, 1, statement_new},
    {"statement sign", "FILE", "sign a claim, or add a signature to it",
     "For a quorum of keys on different machines: each adds its signature to the file "
     "the one before made, none needs a network. What this program cannot read in full "
     "it does not sign.\n\n"
     "  saksi statement sign keys --key root-1.key -o keys.signed",
     sign_options, 1, 1, statement_sign},
    {"statement show", "FILE", "what a claim, signed claim or log entry says",
     "Signatures are not checked here: who signed is told by the id of the key.", NULL,
     1, 1, statement_show},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
