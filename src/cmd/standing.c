#include "cmd/standing.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "verify/verify.h"

#define TEXT_MAX (1U << 20)
#define ARENA_MAX (16U << 20)

void saksi_standing_begin(struct saksi_standing *s, const char *thing)
{
	s->thing = thing;
	s->kind = "nothing known";
	s->answer = SAKSI_OK;
	s->why[0] = '\0';
	s->text = saksi_buf_growing(TEXT_MAX);
	s->json = saksi_buf_growing(TEXT_MAX);
	s->w = (struct saksi_jsonw){&s->json, false};
	saksi_jsonw_open(&s->w, '{');
	saksi_jsonw_key(&s->w, "thing");
	saksi_jsonw_cstr(&s->w, thing);
}

/* ---- the answer */

static int gravity(enum saksi_err err)
{
	switch (saksi_err_exit(err)) {
	case SAKSI_EXIT_HOLDS:
		return 0;
	case SAKSI_EXIT_QUORUM:
		return 2;
	case SAKSI_EXIT_FALSE:
		return 3;
	case SAKSI_EXIT_SPLIT:
		return 4;
	default:
		return 1;
	}
}

void saksi_standing_fault(struct saksi_standing *s, enum saksi_err err,
			  const char *format, ...)
{
	va_list ap;

	if (gravity(err) <= gravity(s->answer))
		return;
	s->answer = err;
	va_start(ap, format);
	(void)vsnprintf(s->why, sizeof(s->why), format, ap);
	va_end(ap);
}

static const char *word(enum saksi_err err)
{
	static const char *const words[] = {"well", "cannot tell", "QUORUM MISSING",
					    "WRONG", "EVIDENCE"};
	return words[gravity(err)];
}

/* Colour is for a terminal, and only where it is wanted. */
static void print_word(enum saksi_err err)
{
	static const char *const colours[] = {"1;32", "1;33", "1;33", "1;31", "1;31"};
	const char *unwanted = getenv("NO_COLOR");

	if (isatty(STDOUT_FILENO) && (unwanted == NULL || unwanted[0] == '\0'))
		(void)printf("\033[%sm%s\033[0m", colours[gravity(err)], word(err));
	else
		(void)printf("%s", word(err));
}

int saksi_standing_end(struct saksi_standing *s, struct saksi_buf *json)
{
	int code = saksi_err_exit(s->answer);

	saksi_jsonw_key(&s->w, "kind");
	saksi_jsonw_cstr(&s->w, s->kind);
	saksi_jsonw_key(&s->w, "answer");
	saksi_jsonw_cstr(&s->w, word(s->answer));
	saksi_jsonw_key(&s->w, "exit");
	saksi_jsonw_u64(&s->w, (uint64_t)code);
	saksi_jsonw_key(&s->w, "why");
	saksi_jsonw_cstr(&s->w, s->why);
	saksi_jsonw_close(&s->w, '}');
	if (json != NULL) {
		saksi_buf_put(json, saksi_buf_bytes(&s->json));
		json->full = json->full || s->json.full;
	} else {
		print_word(s->answer);
		(void)printf(": ");
		saksi_cmd_text(stdout, saksi_bytes_of(s->thing));
		(void)printf(" (%s)%s", s->kind, s->why[0] != '\0' ? ": " : "");
		saksi_cmd_text(stdout, saksi_bytes_of(s->why));
		(void)printf("\n%.*s", (int)s->text.len, (const char *)s->text.at);
	}
	saksi_buf_free(&s->text);
	saksi_buf_free(&s->json);
	return code;
}

/* ---- rows */

void saksi_standing_row(struct saksi_standing *s, const char *name, const char *format,
			...)
{
	char text[1024], *clean = NULL;
	size_t len = 0;
	FILE *out;
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	out = open_memstream(&clean, &len);
	if (out == NULL)
		return;
	saksi_cmd_text(out, saksi_bytes_of(text));
	(void)fclose(out);
	saksi_buf_printf(&s->text, "  %-10s %s\n", name, clean);
	free(clean);
}

const char *saksi_standing_age(int64_t seconds, char room[24])
{
	static const struct {
		int64_t from, each;
		const char *unit;
	} units[] = {{2 * 86400, 86400, "d"}, {2 * 3600, 3600, "h"}, {120, 60, "min"}};

	if (seconds < 0)
		seconds = 0;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (seconds >= units[i].from) {
			(void)snprintf(room, 24, "%" PRId64 " %s",
				       seconds / units[i].each, units[i].unit);
			return room;
		}
	(void)snprintf(room, 24, "%" PRId64 " s", seconds);
	return room;
}

const char *saksi_standing_when(const struct saksi_standing *s, int64_t utc,
				char room[64])
{
	char at[SAKSI_TIME_TEXT_LEN + 1], age[24];

	if (utc <= 0)
		return "never";
	saksi_time_text(utc, at);
	(void)snprintf(room, 64, "%s, %s ago", at,
		       saksi_standing_age(s->now_utc - utc, age));
	return room;
}

void saksi_standing_time(struct saksi_standing *s, const char *key, int64_t utc)
{
	char at[SAKSI_TIME_TEXT_LEN + 1];

	saksi_jsonw_key(&s->w, key);
	if (utc <= 0) {
		saksi_jsonw_null(&s->w);
		return;
	}
	saksi_time_text(utc, at);
	saksi_jsonw_cstr(&s->w, at);
}

void saksi_standing_u64(struct saksi_standing *s, const char *key, uint64_t v)
{
	saksi_jsonw_key(&s->w, key);
	saksi_jsonw_u64(&s->w, v);
}

/* ---- a checkpoint */

static void answer(void *ctx, struct saksi_sigcheck *checks, size_t count)
{
	(void)ctx;
	saksi_sigchecks_run(checks, count);
}

static const struct saksi_cosigner *cosigner(const struct saksi_judged *j,
					     uint32_t party)
{
	for (size_t i = 0; i < j->signer_count; i++)
		if (j->signers[i].party == (int32_t)party)
			return &j->signers[i];
	return NULL;
}

static const char *signed_how(const struct saksi_cosigner *c)
{
	if (c == NULL)
		return "missing";
	return c->check.answer == SAKSI_SIG_GOOD ? "cosigned" : "bad";
}

static void tell_witness(struct saksi_standing *s, const struct saksi_policy_party *p,
			 const struct saksi_cosigner *c)
{
	const char *how = signed_how(c);
	bool good = strcmp(how, "cosigned") == 0;
	int64_t at = good ? (int64_t)c->time_utc : 0;
	char room[64];

	saksi_standing_row(s, "", "%-9s %.*s%s%s",
			   good                      ? how
			   : strcmp(how, "bad") == 0 ? "BAD"
						     : "MISSING",
			   (int)p->name.len, (const char *)p->name.at, good ? ", " : "",
			   good ? saksi_standing_when(s, at, room) : "");
	saksi_jsonw_open(&s->w, '{');
	saksi_jsonw_key(&s->w, "witness");
	saksi_jsonw_str(&s->w, p->name);
	saksi_jsonw_key(&s->w, "answer");
	saksi_jsonw_cstr(&s->w, how);
	saksi_standing_time(s, "time", at);
	saksi_jsonw_close(&s->w, '}');
}

static void tell_witnesses(struct saksi_standing *s, const struct saksi_policy *p,
			   const struct saksi_judged *j, enum saksi_err err)
{
	unsigned all = 0, good = 0;

	for (uint32_t i = 0; i < p->party_count; i++) {
		const struct saksi_cosigner *c = cosigner(j, i);

		if (p->parties[i].is_group)
			continue;
		all++;
		good += c != NULL && c->check.answer == SAKSI_SIG_GOOD;
	}
	if (p->quorum < 0)
		saksi_standing_row(s, "witnesses", "the policy asks for none");
	else
		saksi_standing_row(s, "witnesses", "%u of %u cosigned: quorum %s", good,
				   all, err == SAKSI_OK ? "met" : "NOT MET");
	saksi_jsonw_key(&s->w, "witnesses");
	saksi_jsonw_open(&s->w, '[');
	for (uint32_t i = 0; i < p->party_count; i++)
		if (!p->parties[i].is_group)
			tell_witness(s, &p->parties[i], cosigner(j, i));
	saksi_jsonw_close(&s->w, ']');
}

static void tell_tree(struct saksi_standing *s, const struct saksi_checkpoint *p)
{
	char hex[2 * SAKSI_HASH_LEN + 1];

	saksi_text_to_hex(p->root.b, SAKSI_HASH_LEN, hex);
	saksi_standing_row(s, "published", "%" PRIu64 " entries, root %.16s...",
			   p->size, hex);
	saksi_standing_u64(s, "published", p->size);
	saksi_jsonw_key(&s->w, "root");
	saksi_jsonw_cstr(&s->w, hex);
}

static void judge_age(struct saksi_standing *s, const struct saksi_judged *j,
		      int64_t fresh_s)
{
	char room[64], age[24];
	int64_t at = (int64_t)j->newest_utc;

	saksi_standing_row(s, "vouched", "%s", saksi_standing_when(s, at, room));
	saksi_standing_time(s, "vouched", at);
	if (fresh_s < 0)
		return;
	if (at > s->now_utc + SAKSI_CLOCK_SKEW_S)
		saksi_standing_fault(s, SAKSI_MISSING,
				     "the witnesses' clocks are ahead of this one");
	else if (s->now_utc - at > fresh_s)
		saksi_standing_fault(s, SAKSI_STALE,
				     "stale: a quorum last vouched for it %s ago",
				     saksi_standing_age(s->now_utc - at, age));
}

void saksi_standing_point(struct saksi_standing *s, const struct saksi_policy *p,
			  struct saksi_bytes note, int64_t must_be_fresh_s,
			  struct saksi_point_told *out)
{
	struct saksi_verifier v = {
	    .policy = p, .now_utc = s->now_utc, .answer = answer};
	struct saksi_judged j = {0};
	struct saksi_fault f = {0};
	struct saksi_arena arena;
	enum saksi_err err;

	*out = (struct saksi_point_told){0};
	if (saksi_arena_map(&arena, ARENA_MAX) != SAKSI_OK) {
		saksi_standing_fault(s, SAKSI_NOMEM, "out of memory");
		return;
	}
	v.arena = &arena;
	err = saksi_verify_point(&v, note, &j, &f);
	if (err != SAKSI_OK && err != SAKSI_QUORUM)
		saksi_standing_fault(s, err, "the checkpoint: %s",
				     f.what != NULL ? f.what
				     : err == SAKSI_REFUSED
					 ? "a signature on it is false"
					 : saksi_err_name(err));
	if (err == SAKSI_QUORUM)
		saksi_standing_fault(s, err, "too few witnesses cosigned");
	if (err == SAKSI_OK || err == SAKSI_QUORUM) {
		tell_tree(s, &j.point);
		tell_witnesses(s, p, &j, err);
		if (p->quorum >= 0)
			judge_age(s, &j, must_be_fresh_s);
		*out = (struct saksi_point_told){true, j.point.size,
						 (int64_t)j.newest_utc};
	}
	saksi_arena_end(&arena);
}

void saksi_standing_unjudged(struct saksi_standing *s, struct saksi_bytes text)
{
	struct saksi_checkpoint point;
	struct saksi_fault f = {0};
	struct saksi_arena arena;
	struct saksi_note note;
	enum saksi_err err = saksi_arena_map(&arena, ARENA_MAX);

	if (err == SAKSI_OK) {
		err = saksi_note_read(text, &arena, &note, &f);
		if (err == SAKSI_OK)
			err = saksi_checkpoint_read(note.text, &point, &f);
		if (err == SAKSI_OK) {
			saksi_standing_row(s, "origin", "%.*s", (int)point.origin.len,
					   (const char *)point.origin.at);
			saksi_jsonw_key(&s->w, "origin");
			saksi_jsonw_str(&s->w, point.origin);
			tell_tree(s, &point);
			saksi_standing_row(s, "signed",
					   "%zu lines, of nobody that is known here",
					   note.sig_count);
		}
		saksi_arena_end(&arena);
	}
	if (err != SAKSI_OK)
		saksi_standing_fault(s, err, "the checkpoint: %s",
				     f.what != NULL ? f.what : saksi_err_name(err));
	saksi_standing_fault(s, SAKSI_MISSING,
			     "signatures are judged only with --trust DIR");
}
