#include "cmd/witnessed.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

const char *saksi_tell_answer(enum saksi_err err)
{
	switch (saksi_err_exit(err)) {
	case SAKSI_EXIT_HOLDS:
		return "holds";
	case SAKSI_EXIT_FALSE:
		return "FALSE";
	case SAKSI_EXIT_QUORUM:
		return "quorum not met";
	case SAKSI_EXIT_SPLIT:
		return "SPLIT VIEW";
	default:
		return "cannot tell";
	}
}

void saksi_tell_json(struct saksi_buf *b)
{
	saksi_buf_puts(b, "\n");
	(void)fwrite(b->at, 1, b->len, stdout);
	saksi_buf_free(b);
}

struct telling {
	struct saksi_jsonw *w;
	size_t count;
};

static void alarm_text(const struct saksi_alarm *a)
{
	char since[SAKSI_TIME_TEXT_LEN + 1] = "";

	if (a->since_utc > 0)
		saksi_time_text(a->since_utc, since);
	printf("  ALARM      %s: ", saksi_alarm_name(a->kind));
	saksi_cmd_text(stdout, a->who);
	printf("%s%s (entry %llu%s%s)\n", a->who.len > 0 ? ": " : "", a->what,
	       (unsigned long long)a->index, since[0] != '\0' ? ", since " : "", since);
}

static void tell_alarm(void *ctx, const struct saksi_alarm *a)
{
	struct telling *t = ctx;
	char since[SAKSI_TIME_TEXT_LEN + 1];

	t->count++;
	if (t->w == NULL) {
		alarm_text(a);
		return;
	}
	saksi_jsonw_open(t->w, '{');
	saksi_jsonw_key(t->w, "alarm");
	saksi_jsonw_cstr(t->w, saksi_alarm_name(a->kind));
	saksi_jsonw_key(t->w, "entry");
	saksi_jsonw_u64(t->w, a->index);
	saksi_jsonw_key(t->w, "who");
	saksi_jsonw_str(t->w, a->who);
	saksi_jsonw_key(t->w, "what");
	saksi_jsonw_cstr(t->w, a->what);
	if (a->since_utc > 0) {
		saksi_time_text(a->since_utc, since);
		saksi_jsonw_key(t->w, "since");
		saksi_jsonw_cstr(t->w, since);
	}
	saksi_jsonw_close(t->w, '}');
}

size_t saksi_tell_alarms(const struct saksi_session *s, struct saksi_jsonw *w)
{
	struct telling t = {w, 0};
	int64_t now = s->verifier.now_utc;

	/* Nobody can say anything in a log after its end. */
	if (s->look.closed && s->look.closing.time_utc < now)
		now = s->look.closing.time_utc;
	if (s->look.read_all)
		saksi_ledger_alarms(&s->look.ledger, now, tell_alarm, &t);
	return t.count;
}

static void text_signers(const struct saksi_session *s)
{
	const struct saksi_judged *j = &s->look.judged;
	const char *sep = "";
	char at[SAKSI_TIME_TEXT_LEN + 1];

	printf("  cosigned   ");
	for (size_t i = 0; i < j->signer_count; i++) {
		const struct saksi_cosigner *c = &j->signers[i];

		if (c->party < 0 || c->check.answer != SAKSI_SIG_GOOD)
			continue;
		saksi_time_text((int64_t)c->time_utc, at);
		printf("%s%.*s %s", sep,
		       (int)s->trust.policy.parties[c->party].name.len,
		       (const char *)s->trust.policy.parties[c->party].name.at, at);
		sep = ", ";
	}
	printf("%s\n", sep[0] == '\0' ? "by nobody" : "");
}

static void text_closing(const struct saksi_closing *k)
{
	char at[SAKSI_TIME_TEXT_LEN + 1];

	saksi_time_text(k->time_utc, at);
	printf("  latest     CLOSED since %s", at);
	if (k->has_successor) {
		printf("; ");
		saksi_cmd_text(stdout, k->successor.name);
		printf(" goes on");
	}
	printf("%s", k->url.len > 0 ? " at " : "");
	saksi_cmd_text(stdout, k->url);
	printf("\n");
}

static void text_point(const struct saksi_session *s)
{
	const struct saksi_look *l = &s->look;
	char hex[2 * SAKSI_HASH_LEN + 1];

	saksi_text_to_hex(l->judged.point.root.b, SAKSI_HASH_LEN, hex);
	printf("  log        %.*s, %llu entries, root %.16s...\n",
	       (int)l->judged.point.origin.len, (const char *)l->judged.point.origin.at,
	       (unsigned long long)l->judged.point.size, hex);
	text_signers(s);
	if (l->closed)
		text_closing(&l->closing);
	else if (s->verifier.policy->quorum < 0)
		printf("  latest     not judged: the policy asks for no witness\n");
	if (l->had_seen)
		printf("  grown      from %llu entries seen before\n",
		       (unsigned long long)l->seen_size);
	else
		printf("  grown      nothing of this log was seen before\n");
	if (l->derived)
		printf("  tree       derived again from every entry\n");
	else if (!l->full && s->verifier.roots == NULL)
		printf(
		    "  entries    not read: --full reads them all, and every tile\n");
}

static void text_statements(const struct saksi_session *s)
{
	const struct saksi_verified *r = &s->look.verified;

	if (s->verifier.roots == NULL)
		return;
	printf(
	    "  statements %llu hold, %llu false, %llu cannot be told, %llu revoked\n",
	    (unsigned long long)r->holding, (unsigned long long)r->refused,
	    (unsigned long long)r->unknown, (unsigned long long)r->revoked);
	if (s->look.ledger.rotations > 0)
		printf("  roots      replaced %llu times, last by entry %llu\n",
		       (unsigned long long)s->look.ledger.rotations,
		       (unsigned long long)s->look.ledger.rotated_at);
	if (r->attached > 0)
		printf("  attached   %llu, of these not served %llu, changed %llu; "
		       "disclosures opened %llu\n",
		       (unsigned long long)r->attached,
		       (unsigned long long)r->attached_gone,
		       (unsigned long long)r->attached_false,
		       (unsigned long long)r->opened);
	(void)saksi_tell_alarms(s, NULL);
}

static void json_signers(const struct saksi_session *s, struct saksi_jsonw *w)
{
	const struct saksi_judged *j = &s->look.judged;
	char at[SAKSI_TIME_TEXT_LEN + 1];

	saksi_jsonw_key(w, "cosigned");
	saksi_jsonw_open(w, '[');
	for (size_t i = 0; i < j->signer_count; i++) {
		if (j->signers[i].party < 0 ||
		    j->signers[i].check.answer != SAKSI_SIG_GOOD)
			continue;
		saksi_time_text((int64_t)j->signers[i].time_utc, at);
		saksi_jsonw_open(w, '{');
		saksi_jsonw_key(w, "witness");
		saksi_jsonw_str(w, s->trust.policy.parties[j->signers[i].party].name);
		saksi_jsonw_key(w, "time");
		saksi_jsonw_cstr(w, at);
		saksi_jsonw_close(w, '}');
	}
	saksi_jsonw_close(w, ']');
}

static void json_number(struct saksi_jsonw *w, const char *key, uint64_t n)
{
	saksi_jsonw_key(w, key);
	saksi_jsonw_u64(w, n);
}

static void json_statements(const struct saksi_session *s, struct saksi_jsonw *w)
{
	const struct saksi_verified *r = &s->look.verified;

	saksi_jsonw_key(w, "statements");
	saksi_jsonw_open(w, '{');
	json_number(w, "hold", r->holding);
	json_number(w, "false", r->refused);
	json_number(w, "unknown", r->unknown);
	json_number(w, "revoked", r->revoked);
	json_number(w, "attached", r->attached);
	json_number(w, "attached_not_served", r->attached_gone);
	json_number(w, "attached_changed", r->attached_false);
	json_number(w, "disclosures_opened", r->opened);
	json_number(w, "roots_replaced", s->look.ledger.rotations);
	saksi_jsonw_close(w, '}');
	saksi_jsonw_key(w, "alarms");
	saksi_jsonw_open(w, '[');
	(void)saksi_tell_alarms(s, w);
	saksi_jsonw_close(w, ']');
}

static void json_look(const struct saksi_session *s, const char *thing,
		      enum saksi_err err, int code)
{
	const struct saksi_look *l = &s->look;
	struct saksi_buf b = saksi_buf_growing(64U << 20);
	struct saksi_jsonw w = {&b, false};

	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "thing");
	saksi_jsonw_cstr(&w, thing);
	saksi_jsonw_key(&w, "answer");
	saksi_jsonw_cstr(&w, saksi_err_name(err));
	json_number(&w, "exit", (uint64_t)code);
	saksi_jsonw_key(&w, "why");
	saksi_jsonw_cstr(&w, l->why);
	if (l->judged.note.all.at != NULL) {
		saksi_jsonw_key(&w, "origin");
		saksi_jsonw_str(&w, l->judged.point.origin);
		json_number(&w, "size", l->judged.point.size);
		saksi_jsonw_key(&w, "root");
		saksi_jsonw_hex(&w, saksi_hash_bytes(&l->judged.point.root));
		json_signers(s, &w);
		saksi_jsonw_key(&w, "closed");
		saksi_jsonw_bool(&w, l->closed);
		if (l->had_seen)
			json_number(&w, "seen_size", l->seen_size);
		saksi_jsonw_key(&w, "entries_read");
		saksi_jsonw_bool(&w, l->read_all || l->derived);
		saksi_jsonw_key(&w, "statements_judged");
		saksi_jsonw_bool(&w, l->read_all);
		if (l->read_all)
			json_statements(s, &w);
	}
	saksi_jsonw_close(&w, '}');
	saksi_tell_json(&b);
}

void saksi_tell_look(const struct saksi_session *s, const char *thing,
		     enum saksi_err err, int code)
{
	const struct saksi_look *l = &s->look;

	if (saksi_cmd_json(s->cmd)) {
		json_look(s, thing, err, code);
		return;
	}
	printf("%s: %s%s",
	       code == saksi_err_exit(err) ? saksi_tell_answer(err) : "ALARM", thing,
	       l->why[0] != '\0' ? ": " : "");
	saksi_cmd_text(stdout, saksi_bytes_of(l->why));
	printf("\n");
	if (l->judged.note.all.at == NULL || l->point == SAKSI_REFUSED)
		return;
	text_point(s);
	if (s->verifier.roots == NULL)
		printf("  statements not judged: the trust folder has no file roots\n");
	else if (l->read_all)
		text_statements(s);
	else
		printf("  statements not all read: no alarm can be told\n");
}
