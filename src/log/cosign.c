/* Invariants
 * 1. has[p] is true only when good[p] is a line whose signature over exactly this
 *    checkpoint's text verified with the key of party p: see judge_lines.
 * 2. What a witness says decides about its own voice alone.  Its size is only ever
 *    the size to prove from; nothing makes this log's tree smaller or other.
 * 3. Each witness is asked at most twice, the second time only after a 409. */
#include "log/cosign.h"

#include "base/clock.h"
#include "base/text.h"
#include "net/client.h"
#include "note/addcheckpoint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ARENA_CAP = 256 << 20, /* address space; touched only as needed */
	ANSWER_MAX = 65536,
	BODY_EXTRA = 4096, /* old size, 63 proof lines, blank lines */
	SKEW_S = 600,
	TIMEOUT_MS = 10000,
};

struct known {
	uint8_t key[SAKSI_KEY_LEN];
	uint32_t id;
	uint64_t size;
};
struct saksi_cosign {
	struct saksi_client *client;
	struct known known[SAKSI_POLICY_MAX];
	size_t known_count, oldest; /* the oldest is overwritten when all are used */
};

/* One witness under way. */
struct flight {
	uint32_t party;
	uint64_t old_size;
	bool retried, answered;
	struct saksi_request request;
};

struct asking {
	struct saksi_cosign *s;
	const struct saksi_cosign_ask *ask;
	struct saksi_arena arena;
	struct saksi_note note;
	struct saksi_bytes sent; /* the note without our witnesses' lines */
	struct flight *flights;
	struct saksi_request *requests;
	size_t count;
	struct saksi_voice *voices;
	struct saksi_bytes *good; /* by party: its cosignature line */
	bool *has;
	int64_t until_ms;
	bool met;
};

enum saksi_err saksi_cosign_new(struct saksi_cosign **out)
{
	struct saksi_cosign *s = calloc(1, sizeof *s);

	if (s == NULL)
		return SAKSI_NOMEM;
	enum saksi_err err = saksi_client_new(&s->client);
	if (err != SAKSI_OK) {
		free(s);
		return err;
	}
	*out = s;
	return SAKSI_OK;
}

void saksi_cosign_free(struct saksi_cosign *s)
{
	if (s == NULL)
		return;
	saksi_client_free(s->client);
	free(s);
}

uint64_t saksi_cosign_known(const struct saksi_cosign *s, const struct saksi_vkey *k)
{
	for (size_t i = 0; i < s->known_count; i++)
		if (s->known[i].id == k->id &&
		    memcmp(s->known[i].key, k->key, SAKSI_KEY_LEN) == 0)
			return s->known[i].size;
	return 0;
}

static void learn(struct saksi_cosign *s, const struct saksi_vkey *k, uint64_t size)
{
	struct known *at = NULL;

	for (size_t i = 0; i < s->known_count; i++)
		if (s->known[i].id == k->id &&
		    memcmp(s->known[i].key, k->key, SAKSI_KEY_LEN) == 0)
			at = &s->known[i];
	if (at == NULL && s->known_count < SAKSI_POLICY_MAX)
		at = &s->known[s->known_count++];
	if (at == NULL)
		at = &s->known[s->oldest++ % SAKSI_POLICY_MAX];
	memcpy(at->key, k->key, SAKSI_KEY_LEN);
	at->id = k->id;
	at->size = size;
}

__attribute__((format(printf, 3, 4))) static void
voice(struct saksi_voice *v, enum saksi_voice_kind kind, const char *format, ...)
{
	va_list ap;

	v->kind = kind;
	va_start(ap, format);
	(void)vsnprintf(v->says, sizeof v->says, format, ap);
	va_end(ap);
}

/* ---- asking */

static bool is_witness_line(const struct saksi_policy *p,
			    const struct saksi_note_sig *sig)
{
	for (uint32_t i = 0; i < p->party_count; i++)
		if (!p->parties[i].is_group &&
		    saksi_note_sig_is_by(sig, &p->parties[i].key))
			return true;
	return false;
}

static enum saksi_err strip_note(struct asking *k)
{
	size_t cap = k->note.all.len;
	struct saksi_buf b = saksi_buf_fixed(saksi_arena_new(&k->arena, cap, 1), cap);

	if (b.at == NULL)
		return SAKSI_NOMEM;
	saksi_buf_put(&b, k->note.text);
	saksi_buf_puts(&b, "\n");
	for (size_t i = 0; i < k->note.sig_count; i++)
		if (!is_witness_line(k->ask->policy, &k->note.sigs[i]))
			saksi_buf_put(&b, k->note.sigs[i].line);
	k->sent = saksi_buf_bytes(&b);
	return saksi_buf_check(&b);
}

static enum saksi_err read_ask(struct asking *k, struct saksi_why *w)
{
	struct saksi_checkpoint point;
	struct saksi_fault f = {0};
	enum saksi_err err =
	    saksi_note_read(k->ask->signed_note, &k->arena, &k->note, &f);

	if (err == SAKSI_OK)
		err = saksi_checkpoint_read(k->note.text, &point, &f);
	if (err != SAKSI_OK)
		return saksi_why_set(w, err,
				     "the checkpoint to be cosigned: byte %zu: %s",
				     f.at, f.what != NULL ? f.what : "not readable");
	if (point.size != k->ask->size || !saksi_hash_same(&point.root, &k->ask->root))
		return saksi_why_set(
		    w, SAKSI_BADARG,
		    "the checkpoint to be cosigned is not of the tree told");
	err = strip_note(k);
	if (err != SAKSI_OK)
		return saksi_why_set(w, err,
				     "the checkpoint is too large to be cosigned");
	return SAKSI_OK;
}

/* The body for a witness that holds old_size; TILES and false when our tiles
 * cannot prove growth from there. */
static bool write_body(struct asking *k, struct flight *f, uint64_t old_size)
{
	struct saksi_hash path[SAKSI_PATH_MAX];
	struct saksi_consistency proof = {.path = path};
	struct saksi_voice *v = &k->voices[f->party];
	size_t cap = k->sent.len + BODY_EXTRA;

	if (old_size > 0) {
		enum saksi_err err = saksi_consistency_prove(
		    k->ask->tiles, old_size, k->ask->size, &k->ask->root, &proof, path);
		if (err != SAKSI_OK) {
			voice(v, SAKSI_VOICE_TILES,
			      "our own tiles gave no proof from its size %llu: %s",
			      (unsigned long long)old_size, saksi_err_name(err));
			return false;
		}
	}
	struct saksi_addcheckpoint add = {.old_size = old_size,
					  .path = proof.path,
					  .path_count = proof.path_count,
					  .checkpoint = k->sent};
	struct saksi_buf b = saksi_buf_fixed(saksi_arena_new(&k->arena, cap, 1), cap);
	if (b.at != NULL)
		saksi_addcheckpoint_write(&add, &b);
	if (b.at == NULL || saksi_buf_check(&b) != SAKSI_OK) {
		voice(v, SAKSI_VOICE_NONE, "no memory to ask it");
		return false;
	}
	f->old_size = old_size;
	f->request.body = saksi_buf_bytes(&b);
	return true;
}

static char *url_of(struct asking *k, struct saksi_bytes prefix)
{
	static const char end[] = "/add-checkpoint";
	char *url = saksi_arena_new(&k->arena, prefix.len + sizeof end, 1);

	while (prefix.len > 0 && prefix.at[prefix.len - 1] == '/')
		prefix.len--;
	if (url != NULL) {
		memcpy(url, prefix.at, prefix.len);
		memcpy(url + prefix.len, end, sizeof end);
	}
	return url;
}

static void plan_one(struct asking *k, uint32_t party)
{
	const struct saksi_policy_party *p = &k->ask->policy->parties[party];
	struct saksi_voice *v = &k->voices[party];
	struct flight *f = &k->flights[k->count];

	if (p->is_group)
		return;
	if (!p->known) {
		voice(v, SAKSI_VOICE_NONE, "its kind of key cannot be checked here");
		return;
	}
	if (p->url.len == 0) {
		voice(v, SAKSI_VOICE_NONE, "the policy gives no URL to ask it");
		return;
	}
	*f = (struct flight){.party = party};
	f->request = (struct saksi_request){.method = "POST",
					    .url = url_of(k, p->url),
					    .content_type = "text/plain; charset=utf-8",
					    .timeout_ms = k->ask->timeout_ms,
					    .max = ANSWER_MAX};
	if (f->request.timeout_ms <= 0)
		f->request.timeout_ms = TIMEOUT_MS;
	if (k->met) /* the quorum of none: wait no longer than the grace */
		f->request.timeout_ms = k->ask->grace_ms;
	k->until_ms = saksi_time_ticks_ms() + f->request.timeout_ms;
	uint64_t old = saksi_cosign_known(k->s, &p->key);
	/* It may hold more than we have now: let it say so. */
	if (f->request.url != NULL && write_body(k, f, old <= k->ask->size ? old : 0)) {
		voice(v, SAKSI_VOICE_LATE, "no whole answer in time");
		k->count++;
	}
}

/* ---- judging answers */

static bool time_fits(const struct asking *k, uint64_t time_utc)
{
	int64_t skew = k->ask->skew_s > 0 ? k->ask->skew_s : SKEW_S;
	int64_t off = (int64_t)time_utc - k->ask->now_utc; /* both are below 2^63 */

	return off <= skew && off >= -skew;
}

/* A 200: is there one line that is its cosignature of this checkpoint? */
static void judge_lines(struct asking *k, const struct flight *f,
			struct saksi_bytes body)
{
	const struct saksi_vkey *key = &k->ask->policy->parties[f->party].key;
	struct saksi_voice *v = &k->voices[f->party];
	struct saksi_sigcheck check;
	struct saksi_note note;
	size_t cap = k->note.text.len + 1 + body.len;
	struct saksi_buf b = saksi_buf_fixed(saksi_arena_new(&k->arena, cap, 1), cap);

	voice(v, SAKSI_VOICE_LYING, "sent no cosignature that can be read");
	if (b.at == NULL)
		return;
	saksi_buf_put(&b, k->note.text);
	saksi_buf_puts(&b, "\n");
	saksi_buf_put(&b, body);
	/* The blank line must be ours: one in the body would move the split. */
	if (saksi_note_read(saksi_buf_bytes(&b), &k->arena, &note, NULL) != SAKSI_OK ||
	    note.text.len != k->note.text.len)
		return;
	enum saksi_err err =
	    saksi_note_check_for(&note, key, &k->arena, &check, &v->time_utc);
	if (err == SAKSI_MISSING)
		voice(v, SAKSI_VOICE_LYING, "sent no cosignature of its key");
	if (err != SAKSI_OK)
		return;
	saksi_sigchecks_run(&check, 1);
	if (check.answer != SAKSI_SIG_GOOD) {
		voice(v, SAKSI_VOICE_LYING, "sent a cosignature that does not verify");
		return;
	}
	if (!time_fits(k, v->time_utc)) {
		voice(v, SAKSI_VOICE_LYING, "dated its cosignature far from our clock");
		return;
	}
	for (size_t i = 0; i < note.sig_count; i++)
		if (saksi_note_sig_is_by(&note.sigs[i], key))
			k->good[f->party] = note.sigs[i].line;
	k->has[f->party] = true;
	learn(k->s, key, k->ask->size);
	voice(v, SAKSI_VOICE_GOOD, "cosigned");
}

/* false: nothing more is to be asked of it. */
static bool judge_conflict(struct asking *k, struct flight *f, struct saksi_bytes body)
{
	struct saksi_voice *v = &k->voices[f->party];

	if (body.len > 0 && body.at[body.len - 1] == '\n')
		body.len--;
	if (body.len == 0) {
		voice(v, SAKSI_VOICE_SPLIT,
		      "answered 409 without a size: it may hold another root");
		return false;
	}
	if (saksi_text_decimal(body, &v->size_told) != SAKSI_OK) {
		voice(v, SAKSI_VOICE_LYING, "answered 409 with what is no size");
		return false;
	}
	learn(k->s, &k->ask->policy->parties[f->party].key, v->size_told);
	if (v->size_told > k->ask->size) {
		voice(v, SAKSI_VOICE_AHEAD,
		      "it holds size %llu of this log, we have %llu",
		      (unsigned long long)v->size_told,
		      (unsigned long long)k->ask->size);
		return false;
	}
	if (f->retried || v->size_told == f->old_size) {
		voice(v, SAKSI_VOICE_LYING, "answered 409 to the size it told");
		return false;
	}
	return true;
}

static bool retry(struct asking *k, size_t i)
{
	struct flight *f = &k->flights[i];
	struct saksi_voice *v = &k->voices[f->party];
	int64_t left = k->until_ms - saksi_time_ticks_ms();

	f->retried = true;
	if (left <= 0 || !write_body(k, f, v->size_told))
		return false;
	f->request.timeout_ms = (long)left;
	voice(v, SAKSI_VOICE_LATE, "no whole answer in time");
	return saksi_client_again(k->s->client, i, &f->request) == SAKSI_OK;
}

static void judge_status(struct asking *k, const struct flight *f,
			 const struct saksi_answer *a)
{
	struct saksi_voice *v = &k->voices[f->party];

	if (a->status == 422 && f->old_size > 0)
		voice(v, SAKSI_VOICE_SPLIT,
		      "answered 422: its tree of size %llu is not ours",
		      (unsigned long long)f->old_size);
	else if (a->status == 429 || a->status == 503)
		voice(v, SAKSI_VOICE_BUSY, "asked to come later (%ld)", a->status);
	else if (a->status == 403)
		voice(v, SAKSI_VOICE_REFUSED, "does not trust this log's key (403)");
	else if (a->status == 404)
		voice(v, SAKSI_VOICE_REFUSED, "does not know this log (404)");
	else
		voice(v, SAKSI_VOICE_REFUSED, "answered %ld", a->status);
}

static void judge_answer(struct asking *k, size_t i, const struct saksi_answer *a)
{
	struct flight *f = &k->flights[i];
	struct saksi_voice *v = &k->voices[f->party];
	struct saksi_bytes body = saksi_buf_bytes(&a->body);

	f->answered = true;
	v->status = a->status;
	v->retry_after_s = a->retry_after_s;
	if (a->err == SAKSI_LIMIT)
		voice(v, SAKSI_VOICE_LYING, "sent an answer of more than 64 KiB");
	else if (a->err != SAKSI_OK && !a->late)
		voice(v, SAKSI_VOICE_DEAD, "cannot be reached");
	else if (a->err != SAKSI_OK)
		voice(v, SAKSI_VOICE_LATE, "no whole answer in time");
	else if (a->status == 200)
		judge_lines(k, f, body);
	else if (a->status != 409)
		judge_status(k, f, a);
	else if (judge_conflict(k, f, body))
		f->answered = !retry(k, i);
}

static bool on_answer(void *ctx, size_t i, struct saksi_answer *a)
{
	struct asking *k = ctx;

	judge_answer(k, i, a);
	if (k->met || !saksi_policy_met(k->ask->policy, k->has))
		return true;
	k->met = true;
	if (k->ask->grace_ms <= 0)
		return false;
	saksi_client_hurry(k->s->client, k->ask->grace_ms);
	return true;
}

/* ---- telling */

static void tell_loud(const struct asking *k, struct saksi_buf *b)
{
	for (uint32_t i = 0; i < k->ask->policy->party_count; i++) {
		const struct saksi_voice *v = &k->voices[i];
		struct saksi_bytes name = k->ask->policy->parties[i].name;
		if (v->kind != SAKSI_VOICE_AHEAD && v->kind != SAKSI_VOICE_SPLIT)
			continue;
		saksi_buf_printf(
		    b, "%s %.*s: %s; %s; ",
		    v->kind == SAKSI_VOICE_AHEAD ? "WITNESS AHEAD OF THIS LOG"
						 : "WITNESS HOLDS ANOTHER TREE",
		    (int)name.len, (const char *)name.at, v->says,
		    v->kind == SAKSI_VOICE_AHEAD
			? "an old copy of this log, or a second signer: stop and look"
			: "stop and compare the two checkpoints");
	}
}

static enum saksi_err tell(const struct asking *k, enum saksi_err err,
			   struct saksi_why *w)
{
	struct saksi_buf b = saksi_buf_growing(1 << 16);
	unsigned good = 0, of = 0;
	const char *before = "missing: ";

	for (uint32_t i = 0; i < k->ask->policy->party_count; i++) {
		of += !k->ask->policy->parties[i].is_group;
		good += k->voices[i].kind == SAKSI_VOICE_GOOD;
	}
	tell_loud(k, &b);
	if (err == SAKSI_QUORUM)
		saksi_buf_printf(
		    &b, "%u of %u witnesses cosigned, too few for the policy; ", good,
		    of);
	for (uint32_t i = 0; i < k->ask->policy->party_count; i++) {
		const struct saksi_voice *v = &k->voices[i];
		struct saksi_bytes name = k->ask->policy->parties[i].name;
		if (k->ask->policy->parties[i].is_group ||
		    v->kind == SAKSI_VOICE_GOOD || v->kind == SAKSI_VOICE_AHEAD ||
		    v->kind == SAKSI_VOICE_SPLIT)
			continue;
		saksi_buf_printf(&b, "%s%.*s (%s)", before, (int)name.len,
				 (const char *)name.at, v->says);
		before = ", ";
	}
	err =
	    saksi_why_set(w, err, "%.*s", (int)b.len, b.at != NULL ? (char *)b.at : "");
	saksi_buf_free(&b);
	return err;
}

static enum saksi_err hand_out(struct asking *k, struct saksi_buf *out,
			       struct saksi_why *w)
{
	size_t cap = k->sent.len;

	for (uint32_t i = 0; i < k->ask->policy->party_count; i++)
		cap += k->good[i].len;
	struct saksi_buf b = saksi_buf_fixed(saksi_arena_new(&k->arena, cap, 1), cap);
	if (b.at == NULL)
		return saksi_why_set(w, SAKSI_NOMEM, "no memory for the cosigned note");
	saksi_buf_put(&b, k->sent);
	for (uint32_t i = 0; i < k->ask->policy->party_count; i++)
		saksi_buf_put(&b, k->good[i]);
	saksi_buf_put(out, saksi_buf_bytes(&b));
	if (saksi_buf_check(out) != SAKSI_OK)
		return saksi_why_set(w, SAKSI_LIMIT, "no room for the cosigned note");
	return tell(k, SAKSI_OK, w);
}

static enum saksi_err begin(struct asking *k)
{
	uint32_t count = k->ask->policy->party_count;
	size_t room = count > 0 ? count : 1;

	k->flights = saksi_arena_new(&k->arena, room, sizeof *k->flights);
	k->requests = saksi_arena_new(&k->arena, room, sizeof *k->requests);
	k->voices = saksi_arena_new(&k->arena, room, sizeof *k->voices);
	k->good = saksi_arena_new(&k->arena, room, sizeof *k->good);
	k->has = saksi_arena_new(&k->arena, room, sizeof *k->has);
	if (k->flights == NULL || k->requests == NULL || k->voices == NULL ||
	    k->good == NULL || k->has == NULL)
		return SAKSI_NOMEM;
	for (uint32_t i = 0; i < count; i++)
		k->voices[i].retry_after_s = -1;
	return SAKSI_OK;
}

static enum saksi_err collect(struct asking *k, struct saksi_buf *out,
			      struct saksi_why *w)
{
	const struct saksi_cosign_ask *ask = k->ask;

	if (begin(k) != SAKSI_OK)
		return saksi_why_set(w, SAKSI_NOMEM, "no memory to ask the witnesses");
	SAKSI_TRY(read_ask(k, w));
	k->met = saksi_policy_met(ask->policy, k->has);
	for (uint32_t i = 0; i < ask->policy->party_count; i++)
		plan_one(k, i);
	for (size_t i = 0; i < k->count; i++)
		k->requests[i] = k->flights[i].request;
	if (!k->met || ask->grace_ms > 0)
		saksi_client_all(k->s->client, k->requests, k->count, on_answer, k);
	if (ask->voices != NULL && ask->policy->party_count > 0)
		memcpy(ask->voices, k->voices,
		       ask->policy->party_count * sizeof *ask->voices);
	return k->met ? hand_out(k, out, w) : tell(k, SAKSI_QUORUM, w);
}

enum saksi_err saksi_cosign_collect(struct saksi_cosign *s,
				    const struct saksi_cosign_ask *ask,
				    struct saksi_buf *out_note, struct saksi_why *w)
{
	struct asking k = {.s = s, .ask = ask};
	enum saksi_err err = saksi_arena_map(&k.arena, ARENA_CAP);

	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "no memory to ask the witnesses");
	err = collect(&k, out_note, w);
	saksi_arena_end(&k.arena);
	return err;
}
