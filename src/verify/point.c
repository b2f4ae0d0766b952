/* Checkpoints: judged, fresh, and grown from what was seen before. */
#include "verify/verify.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "merkle/tree.h"

/* A note that no known log's origin heads, but that bears a known log's
 * signature line, is no stranger's: it was changed. */
static bool names_known_log(const struct saksi_verifier *v, struct saksi_bytes text)
{
	size_t mark = v->arena->used;
	struct saksi_note n;
	bool yes = false;

	if (saksi_note_read(text, v->arena, &n, NULL) == SAKSI_OK)
		for (size_t i = 0; i < n.sig_count; i++)
			for (uint32_t k = 0; k < v->policy->log_count; k++)
				yes |= n.sigs[i].id == v->policy->logs[k].key.id &&
				       saksi_bytes_same(n.sigs[i].name,
							v->policy->logs[k].key.name);
	saksi_arena_rewind(v->arena, mark);
	return yes;
}

enum saksi_err saksi_verify_point(const struct saksi_verifier *v,
				  struct saksi_bytes note, struct saksi_judged *out,
				  struct saksi_fault *f)
{
	enum saksi_err err = saksi_judge_prepare(v->policy, note, v->arena, out, f);

	if (err == SAKSI_MISSING && names_known_log(v, note))
		return saksi_fault_set(
		    f, SAKSI_REFUSED,
		    "signed in the name of a known log, for another origin", 0, 0);
	if (err != SAKSI_OK)
		return err;
	for (size_t i = 0; i < out->signer_count; i++)
		if (out->signers[i].check.answer == SAKSI_SIG_UNCHECKED)
			v->answer(v->answer_ctx, &out->signers[i].check, 1);
	err = saksi_judge_conclude(v->policy, out);
	if (err == SAKSI_REFUSED)
		return saksi_fault_set(f, err, "a known key's signature is false", 0,
				       0);
	if (err == SAKSI_QUORUM)
		return saksi_fault_set(f, err, "too few witnesses cosigned", 0, 0);
	if (err != SAKSI_OK)
		return saksi_fault_set(f, err, "a signature was not checked", 0, 0);
	return SAKSI_OK;
}

enum saksi_err saksi_verify_fresh(const struct saksi_verifier *v,
				  const struct saksi_judged *j)
{
	if (v->policy->quorum < 0)
		return SAKSI_MISSING;
	/* A quorum whose clocks run ahead vouches for no instant that has been. */
	if (j->newest_utc > INT64_MAX ||
	    (int64_t)j->newest_utc - v->now_utc > SAKSI_CLOCK_SKEW_S)
		return SAKSI_MISSING;
	return v->now_utc - (int64_t)j->newest_utc > v->limits.freshness_s ? SAKSI_STALE
									   : SAKSI_OK;
}

/* The root of the leaves 0..index, told by the inclusion path of leaf `index`
 * in a larger tree: its left siblings are just the peaks of that prefix. */
static struct saksi_hash prefix_root(const struct saksi_inclusion *p)
{
	struct saksi_hash h = p->leaf;
	uint64_t at = p->index, last = p->size - 1;

	for (size_t i = 0; i < p->path_count; i++) {
		if (at % 2 == 1 || at == last) {
			h = saksi_hash_node(&p->path[i], &h);
			while (at % 2 == 0 && at != 0) {
				at /= 2;
				last /= 2;
			}
		}
		at /= 2;
		last /= 2;
	}
	return h;
}

/* {"version":1,"kind":"split-view","older":NOTE,"newer":NOTE[,"leaf":B64,"path":[B64..]]}
 */
static void evidence_write(const struct saksi_judged *older,
			   const struct saksi_judged *newer,
			   const struct saksi_inclusion *p, struct saksi_buf *out)
{
	struct saksi_jsonw w = {out, false};

	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "version");
	saksi_jsonw_u64(&w, 1);
	saksi_jsonw_key(&w, "kind");
	saksi_jsonw_cstr(&w, "split-view");
	saksi_jsonw_key(&w, "older");
	saksi_jsonw_str(&w, older->note.all);
	saksi_jsonw_key(&w, "newer");
	saksi_jsonw_str(&w, newer->note.all);
	if (p != NULL) {
		saksi_jsonw_key(&w, "leaf");
		saksi_jsonw_base64(&w, saksi_hash_bytes(&p->leaf));
		saksi_jsonw_key(&w, "path");
		saksi_jsonw_open(&w, '[');
		for (size_t i = 0; i < p->path_count; i++)
			saksi_jsonw_base64(&w, saksi_hash_bytes(&p->path[i]));
		saksi_jsonw_close(&w, ']');
	}
	saksi_jsonw_close(&w, '}');
	saksi_buf_puts(out, "\n");
}

static enum saksi_err split(const struct saksi_judged *older,
			    const struct saksi_judged *newer,
			    const struct saksi_inclusion *p, struct saksi_buf *evidence,
			    struct saksi_fault *f)
{
	if (evidence != NULL)
		evidence_write(older, newer, p, evidence);
	return saksi_fault_set(f, SAKSI_SPLIT,
			       "the log signed two histories that cannot both be true",
			       0, 0);
}

enum saksi_err saksi_verify_growth(const struct saksi_judged *older,
				   const struct saksi_judged *newer,
				   const struct saksi_tiles *tiles,
				   struct saksi_buf *evidence, struct saksi_fault *f)
{
	const struct saksi_checkpoint *a = &older->point, *b = &newer->point;
	struct saksi_hash path[SAKSI_PATH_MAX], was;
	struct saksi_inclusion p;
	enum saksi_err err;

	if (!saksi_bytes_same(a->origin, b->origin))
		return saksi_fault_set(f, SAKSI_BADARG, "two different logs", 0, 0);
	if (a->size > b->size)
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "an older tree is shown than was seen before", 0,
				       0);
	if (a->size == b->size) {
		if (saksi_hash_same(&a->root, &b->root))
			return SAKSI_OK;
		return split(older, newer, NULL, evidence, f);
	}
	if (a->size == 0) {
		was = saksi_hash_empty();
		if (saksi_hash_same(&a->root, &was))
			return SAKSI_OK;
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "an empty tree with a false root", 0, 0);
	}
	err = saksi_inclusion_prove(tiles, a->size - 1, b->size, &b->root, &p, path);
	if (err != SAKSI_OK)
		return saksi_fault_set(f, err,
				       err == SAKSI_REFUSED
					   ? "a tile does not belong to the signed tree"
					   : "a tile could not be read",
				       0, 0);
	was = prefix_root(&p);
	if (saksi_hash_same(&was, &a->root))
		return SAKSI_OK;
	return split(older, newer, &p, evidence, f);
}

/* A checkpoint that carries the log's signature; the quorum is not asked for,
 * since a log must not sign two histories even when nobody cosigned one. */
static enum saksi_err signed_point(const struct saksi_verifier *v,
				   const struct saksi_json *o, const char *key,
				   struct saksi_judged *out, struct saksi_fault *f)
{
	struct saksi_bytes note;
	enum saksi_err err = saksi_json_str(o, key, &note);

	if (err != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_MALFORMED, "a checkpoint is missing", 0,
				       0);
	err = saksi_verify_point(v, note, out, f);
	return err == SAKSI_QUORUM ? SAKSI_OK : err;
}

static enum saksi_err read_path(const struct saksi_json *o, struct saksi_inclusion *p,
				struct saksi_hash path[SAKSI_PATH_MAX],
				struct saksi_fault *f)
{
	const struct saksi_json *list = saksi_json_get(o, "path"), *at;
	struct saksi_bytes leaf;
	size_t n = 0;

	if (saksi_json_str(o, "leaf", &leaf) != SAKSI_OK ||
	    saksi_text_base64_exact(leaf, p->leaf.b, SAKSI_HASH_LEN) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_MALFORMED, "no leaf hash", 0, 0);
	if (list == NULL || list->kind != SAKSI_JSON_ARRAY ||
	    list->count > SAKSI_PATH_MAX)
		return saksi_fault_set(f, SAKSI_MALFORMED, "no path", 0, 0);
	for (at = list->child; at != NULL; at = at->next, n++)
		if (at->kind != SAKSI_JSON_STRING ||
		    saksi_text_base64_exact(at->str, path[n].b, SAKSI_HASH_LEN) !=
			SAKSI_OK)
			return saksi_fault_set(f, SAKSI_MALFORMED, "no hash", at->at,
					       0);
	p->path = path;
	p->path_count = n;
	return SAKSI_OK;
}

static enum saksi_err evidence_head(const struct saksi_json *o, struct saksi_fault *f)
{
	static const char *const keys[] = {"version", "kind", "older", "newer",
					   "leaf",    "path", NULL};
	struct saksi_bytes kind;
	uint64_t version;

	if (saksi_json_u64(o, "version", &version) != SAKSI_OK ||
	    saksi_json_str(o, "kind", &kind) != SAKSI_OK ||
	    !saksi_bytes_is(kind, "split-view"))
		return saksi_fault_set(f, SAKSI_MALFORMED, "no split-view evidence", 0,
				       0);
	if (version != 1)
		return saksi_fault_set(f, SAKSI_NEWER, "evidence of a newer version", 0,
				       0);
	return saksi_json_only(o, keys, f);
}

enum saksi_err saksi_verify_evidence(const struct saksi_verifier *v,
				     struct saksi_bytes text,
				     struct saksi_judged *older,
				     struct saksi_judged *newer, struct saksi_fault *f)
{
	struct saksi_hash path[SAKSI_PATH_MAX], was;
	struct saksi_inclusion p = {0};
	const struct saksi_json *o;

	SAKSI_TRY(saksi_json_parse(text, v->arena, &o, f));
	SAKSI_TRY(evidence_head(o, f));
	SAKSI_TRY(signed_point(v, o, "older", older, f));
	SAKSI_TRY(signed_point(v, o, "newer", newer, f));
	if (!saksi_bytes_same(older->point.origin, newer->point.origin))
		return saksi_fault_set(f, SAKSI_REFUSED, "two different logs", 0, 0);
	if (older->point.size == newer->point.size) {
		if (saksi_hash_same(&older->point.root, &newer->point.root))
			return saksi_fault_set(f, SAKSI_REFUSED, "both say the same", 0,
					       0);
		return SAKSI_OK;
	}
	if (older->point.size > newer->point.size || older->point.size == 0)
		return saksi_fault_set(f, SAKSI_REFUSED, "proves nothing", 0, 0);
	SAKSI_TRY(read_path(o, &p, path, f));
	p.index = older->point.size - 1;
	p.size = newer->point.size;
	if (saksi_inclusion_check(&p, &newer->point.root) != SAKSI_OK)
		return saksi_fault_set(
		    f, SAKSI_REFUSED, "its path does not lead to the newer root", 0, 0);
	was = prefix_root(&p);
	if (saksi_hash_same(&was, &older->point.root))
		return saksi_fault_set(f, SAKSI_REFUSED, "the two trees fit", 0, 0);
	return SAKSI_OK;
}
