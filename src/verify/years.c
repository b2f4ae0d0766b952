#include "verify/years.h"

#include <string.h>

#include "base/json.h"

#define HEIRS_MAX 16 /* changes of a key that are followed */
#define FILE_MAX (64U << 10)

/* ---- closing */

/* Of each of the log's keys in the policy: its line must be good, one must be. */
static enum saksi_err by_log(const struct saksi_verifier *v, const struct saksi_note *n,
			     struct saksi_bytes origin, struct saksi_fault *f)
{
	bool known = false, good = false;

	for (uint32_t i = 0; i < v->policy->log_count; i++) {
		const struct saksi_vkey *k = &v->policy->logs[i].key;
		struct saksi_sigcheck *check;
		enum saksi_err err;
		uint64_t time;

		if (!saksi_bytes_same(k->name, origin) || k->type != SAKSI_SIG_ED25519)
			continue;
		known = true;
		check = saksi_arena_new(v->arena, 1, sizeof(*check));
		if (check == NULL)
			return SAKSI_LIMIT;
		err = saksi_note_check_for(n, k, v->arena, check, &time);
		if (err == SAKSI_MISSING)
			continue;
		if (err == SAKSI_OK)
			v->answer(v->answer_ctx, check, 1);
		if (err == SAKSI_OK && check->answer == SAKSI_SIG_UNCHECKED)
			return saksi_fault_set(f, SAKSI_MISSING,
					       "a signature was not checked", 0, 0);
		if (err != SAKSI_OK || check->answer != SAKSI_SIG_GOOD)
			return saksi_fault_set(f, SAKSI_REFUSED,
					       "the log's signature is false", 0, 0);
		good = true;
	}
	if (!known)
		return saksi_fault_set(f, SAKSI_MISSING,
				       "no log of the policy has this origin", 0, 0);
	return good ? SAKSI_OK
		    : saksi_fault_set(f, SAKSI_REFUSED, "the log itself did not sign",
				      0, 0);
}

enum saksi_err saksi_verify_closing(const struct saksi_verifier *v,
				    struct saksi_bytes note, struct saksi_closing *out,
				    struct saksi_bytes *text, struct saksi_fault *f)
{
	struct saksi_closing k;
	struct saksi_note n;

	SAKSI_TRY(saksi_note_read(note, v->arena, &n, f));
	SAKSI_TRY(saksi_closing_read(n.text, &k, f));
	SAKSI_TRY(by_log(v, &n, k.origin, f));
	*out = k;
	if (text != NULL)
		*text = n.text;
	return SAKSI_OK;
}

static void write_evidence(const char *kind, const char *first, struct saksi_bytes a,
			   struct saksi_bytes b, struct saksi_buf *out)
{
	struct saksi_jsonw w = {out, false};

	if (out == NULL)
		return;
	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "version");
	saksi_jsonw_u64(&w, 1);
	saksi_jsonw_key(&w, "kind");
	saksi_jsonw_cstr(&w, kind);
	saksi_jsonw_key(&w, first);
	saksi_jsonw_str(&w, a);
	saksi_jsonw_key(&w, "newer");
	saksi_jsonw_str(&w, b);
	saksi_jsonw_close(&w, '}');
	saksi_buf_puts(out, "\n");
}

/* A log that is closed signs no larger tree, and no other of that size. */
static bool beyond(const struct saksi_closing *k, const struct saksi_checkpoint *p)
{
	return p->size > k->size ||
	       (p->size == k->size && !saksi_hash_same(&p->root, &k->root));
}

enum saksi_err saksi_verify_last(struct saksi_bytes closing_note,
				 const struct saksi_closing *closing,
				 const struct saksi_judged *point,
				 struct saksi_buf *evidence)
{
	if (beyond(closing, &point->point)) {
		write_evidence("after-closing", "closing", closing_note,
			       point->note.all, evidence);
		return SAKSI_SPLIT;
	}
	return point->point.size < closing->size ? SAKSI_STALE : SAKSI_OK;
}

enum saksi_err saksi_verify_closings(struct saksi_bytes older, struct saksi_bytes newer,
				     struct saksi_buf *evidence)
{
	write_evidence("two-closings", "older", older, newer, evidence);
	return SAKSI_SPLIT;
}

/* ---- evidence */

static enum saksi_err head(const struct saksi_json *o, bool *after,
			   struct saksi_fault *f)
{
	static const char *const one[] = {"version", "kind", "closing", "newer", NULL};
	static const char *const two[] = {"version", "kind", "older", "newer", NULL};
	struct saksi_bytes kind;
	uint64_t version;

	if (saksi_json_u64(o, "version", &version) != SAKSI_OK ||
	    saksi_json_str(o, "kind", &kind) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_MALFORMED, "no evidence", 0, 0);
	if (version != 1)
		return saksi_fault_set(f, SAKSI_NEWER, "evidence of a newer version", 0,
				       0);
	*after = saksi_bytes_is(kind, "after-closing");
	if (!*after && !saksi_bytes_is(kind, "two-closings"))
		return saksi_fault_set(f, SAKSI_NEWER,
				       "evidence of a kind not known here", 0, 0);
	return saksi_json_only(o, *after ? one : two, f);
}

static enum saksi_err went_on(const struct saksi_verifier *v, struct saksi_bytes note,
			      const struct saksi_closing *k, struct saksi_fault *f)
{
	struct saksi_judged j;
	enum saksi_err err = saksi_verify_point(v, note, &j, f);

	if (err != SAKSI_OK && err != SAKSI_QUORUM)
		return err;
	if (!saksi_bytes_same(j.point.origin, k->origin))
		return saksi_fault_set(f, SAKSI_REFUSED, "two different logs", 0, 0);
	if (!beyond(k, &j.point))
		return saksi_fault_set(f, SAKSI_REFUSED, "the tree fits the closing", 0,
				       0);
	return SAKSI_OK;
}

static enum saksi_err ended_twice(const struct saksi_verifier *v,
				  struct saksi_bytes note, struct saksi_bytes first,
				  const struct saksi_closing *k, struct saksi_fault *f)
{
	struct saksi_closing other;
	struct saksi_bytes second;

	SAKSI_TRY(saksi_verify_closing(v, note, &other, &second, f));
	if (!saksi_bytes_same(other.origin, k->origin))
		return saksi_fault_set(f, SAKSI_REFUSED, "two different logs", 0, 0);
	if (saksi_bytes_same(first, second))
		return saksi_fault_set(f, SAKSI_REFUSED, "both say the same", 0, 0);
	return SAKSI_OK;
}

enum saksi_err saksi_verify_closing_lie(const struct saksi_verifier *v,
					struct saksi_bytes text,
					struct saksi_closing *out,
					struct saksi_fault *f)
{
	const struct saksi_json *o;
	struct saksi_closing k;
	struct saksi_bytes older, newer, first;
	bool after = false;

	SAKSI_TRY(saksi_json_parse(text, v->arena, &o, f));
	SAKSI_TRY(head(o, &after, f));
	if (saksi_json_str(o, after ? "closing" : "older", &older) != SAKSI_OK ||
	    saksi_json_str(o, "newer", &newer) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_MALFORMED, "a note is missing", 0, 0);
	SAKSI_TRY(saksi_verify_closing(v, older, &k, &first, f));
	if (after)
		SAKSI_TRY(went_on(v, newer, &k, f));
	else
		SAKSI_TRY(ended_twice(v, newer, first, &k, f));
	*out = k;
	return SAKSI_OK;
}

/* ---- a key that was replaced */

static bool has_line(const struct saksi_note *n, const struct saksi_vkey *k)
{
	for (size_t i = 0; i < n->sig_count; i++)
		if (saksi_note_sig_is_by(&n->sigs[i], k))
			return true;
	return false;
}

static enum saksi_err good_line(const struct saksi_verifier *v,
				const struct saksi_note *n, const struct saksi_vkey *k)
{
	struct saksi_sigcheck *check = saksi_arena_new(v->arena, 1, sizeof(*check));
	uint64_t time;

	if (check == NULL)
		return SAKSI_LIMIT;
	if (saksi_note_check_for(n, k, v->arena, check, &time) != SAKSI_OK)
		return SAKSI_REFUSED;
	v->answer(v->answer_ctx, check, 1);
	return check->answer == SAKSI_SIG_GOOD ? SAKSI_OK : SAKSI_REFUSED;
}

/* The change that `key` itself announced. */
static enum saksi_err change_of(const struct saksi_verifier *v,
				struct saksi_source *source,
				const struct saksi_vkey *key,
				struct saksi_keychange *out)
{
	char path[SAKSI_KEYCHANGE_PATH_LEN];
	struct saksi_buf text = saksi_buf_growing(FILE_MAX);
	struct saksi_bytes kept = {NULL, 0};
	struct saksi_note n;
	enum saksi_err err;

	saksi_keychange_path(key, path);
	err = source->get(source->ctx, path, &text);
	if (err == SAKSI_OK) {
		kept = saksi_arena_copy(v->arena, saksi_buf_bytes(&text));
		err = kept.at == NULL ? SAKSI_LIMIT : SAKSI_OK;
	}
	saksi_buf_free(&text);
	SAKSI_TRY(err);
	SAKSI_TRY(saksi_note_read(kept, v->arena, &n, NULL));
	SAKSI_TRY(saksi_keychange_read(n.text, out, NULL));
	if (!saksi_bytes_same(out->origin, key->name) || out->old.id != key->id ||
	    memcmp(out->old.key, key->key, SAKSI_KEY_LEN) != 0)
		return SAKSI_REFUSED;
	SAKSI_TRY(good_line(v, &n, &out->old));
	return good_line(v, &n, &out->next);
}

static enum saksi_err heir_of(const struct saksi_verifier *v,
			      struct saksi_source *source, const struct saksi_note *n,
			      struct saksi_vkey key, struct saksi_vkey *out)
{
	struct saksi_keychange c;

	for (int i = 0; i < HEIRS_MAX; i++) {
		if (change_of(v, source, &key, &c) != SAKSI_OK)
			return SAKSI_REFUSED;
		key = c.next;
		if (good_line(v, n, &key) == SAKSI_OK) {
			*out = key;
			return SAKSI_OK;
		}
	}
	return SAKSI_REFUSED;
}

enum saksi_err saksi_verify_heir(const struct saksi_verifier *v,
				 struct saksi_source *source, struct saksi_bytes note,
				 struct saksi_vkey *out)
{
	struct saksi_checkpoint point;
	struct saksi_note n;

	SAKSI_TRY(saksi_note_read(note, v->arena, &n, NULL));
	SAKSI_TRY(saksi_checkpoint_read(n.text, &point, NULL));
	for (uint32_t i = 0; i < v->policy->log_count; i++)
		if (saksi_bytes_same(v->policy->logs[i].key.name, point.origin) &&
		    has_line(&n, &v->policy->logs[i].key))
			return SAKSI_REFUSED;
	for (uint32_t i = 0; i < v->policy->log_count; i++) {
		const struct saksi_vkey *k = &v->policy->logs[i].key;

		if (saksi_bytes_same(k->name, point.origin) &&
		    k->type == SAKSI_SIG_ED25519 &&
		    heir_of(v, source, &n, *k, out) == SAKSI_OK)
			return SAKSI_OK;
	}
	return SAKSI_REFUSED;
}
