/* Offline proofs: one entry, its place, the checkpoint, and where the log holds
 * statements the keys statement that gave its author the right. */
#include "verify/verify.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "merkle/tree.h"

/* What `extra` carries, docs/FORMATS.md "Proof file". */
struct carried {
	struct saksi_bytes entry;
	bool has_keys;
	uint64_t keys_index;
	struct saksi_bytes keys_entry;
	struct saksi_hash keys_path[SAKSI_PATH_MAX];
	size_t keys_count;
};

static enum saksi_err base64_member(const struct saksi_json *o, const char *key,
				    struct saksi_arena *a, struct saksi_bytes *out)
{
	struct saksi_bytes text;
	uint8_t *room;
	size_t len;

	SAKSI_TRY(saksi_json_str(o, key, &text));
	len = text.len / 4 * 3;
	room = saksi_arena_new(a, len + 1, 1);
	if (room == NULL)
		return SAKSI_LIMIT;
	SAKSI_TRY(saksi_text_base64(text, room, &len));
	*out = (struct saksi_bytes){room, len};
	return SAKSI_OK;
}

static enum saksi_err read_keys(const struct saksi_json *k, struct saksi_arena *a,
				struct carried *c)
{
	static const char *const members[] = {"index", "entry", "path", NULL};
	const struct saksi_json *path = saksi_json_get(k, "path");

	SAKSI_TRY(saksi_json_only(k, members, NULL));
	SAKSI_TRY(saksi_json_u64(k, "index", &c->keys_index));
	SAKSI_TRY(base64_member(k, "entry", a, &c->keys_entry));
	if (path == NULL || path->kind != SAKSI_JSON_ARRAY ||
	    path->count > SAKSI_PATH_MAX)
		return SAKSI_MALFORMED;
	for (path = path->child; path != NULL; path = path->next) {
		if (path->kind != SAKSI_JSON_STRING)
			return SAKSI_MALFORMED;
		SAKSI_TRY(saksi_text_base64_exact(
		    path->str, c->keys_path[c->keys_count++].b, SAKSI_HASH_LEN));
	}
	c->has_keys = true;
	return SAKSI_OK;
}

static enum saksi_err read_extra(struct saksi_bytes extra, struct saksi_arena *a,
				 struct carried *c, struct saksi_fault *f)
{
	static const char *const members[] = {"version", "entry", "keys", NULL};
	const struct saksi_json *o, *k;
	uint64_t version;

	SAKSI_TRY(saksi_json_parse(extra, a, &o, f));
	if (saksi_json_u64(o, "version", &version) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_MALFORMED, "extra without a version", 0,
				       0);
	if (version != 1)
		return saksi_fault_set(f, SAKSI_NEWER, "extra of a newer version", 0,
				       0);
	SAKSI_TRY(saksi_json_only(o, members, f));
	if (base64_member(o, "entry", a, &c->entry) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_MALFORMED, "extra without an entry", 0,
				       0);
	k = saksi_json_get(o, "keys");
	if (k != NULL && read_keys(k, a, c) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_MALFORMED, "extra with unreadable keys",
				       k->at, 0);
	return SAKSI_OK;
}

/* ---- the author's right, from the keys statement alone */

/* Reads an entry as a signed statement; *e is for the signature checks. */
static enum saksi_err open_entry(const struct saksi_verifier *v, struct saksi_bytes raw,
				 struct saksi_envelope *e, struct saksi_statement *s,
				 struct saksi_fault *f)
{
	struct saksi_entry entry;

	SAKSI_TRY(saksi_entry_read(raw, &entry, f));
	SAKSI_TRY(saksi_envelope_read(entry.envelope, v->arena, e, f));
	SAKSI_TRY(saksi_statement_read(e->payload, v->arena, s, f));
	if (s->addenda_count != entry.count ||
	    (entry.count > 0 &&
	     memcmp(s->addenda, entry.digests.at, entry.digests.len) != 0))
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "attachments differ from what was signed", 0, 0);
	return SAKSI_OK;
}

static enum saksi_err check_one(const struct saksi_verifier *v,
				const struct saksi_envelope *e, size_t i,
				const uint8_t key[SAKSI_KEY_LEN], struct saksi_fault *f)
{
	struct saksi_sigcheck *check = saksi_arena_new(v->arena, 1, sizeof(*check));

	if (check == NULL)
		return SAKSI_LIMIT;
	SAKSI_TRY(saksi_envelope_check(e, i, key, check));
	v->answer(v->answer_ctx, check, 1);
	if (check->answer == SAKSI_SIG_UNCHECKED)
		return saksi_fault_set(f, SAKSI_MISSING, "a signature was not checked",
				       0, 0);
	if (check->answer != SAKSI_SIG_GOOD)
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "an author's signature is false", 0, 0);
	return SAKSI_OK;
}

static enum saksi_err keys_signed(const struct saksi_verifier *v,
				  const struct saksi_envelope *e, struct saksi_fault *f)
{
	if (e->sig_count < v->roots->quorum)
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "keys signed by too few of the pinned roots", 0,
				       0);
	for (size_t i = 0; i < e->sig_count; i++) {
		const uint8_t *key = NULL;

		for (size_t r = 0; r < v->roots->key_count; r++) {
			struct saksi_hash id = saksi_keyid(v->roots->keys[r].key);

			if (saksi_hash_same(&id, &e->sigs[i].keyid))
				key = v->roots->keys[r].key;
		}
		if (key == NULL)
			return saksi_fault_set(
			    f, SAKSI_REFUSED,
			    "keys signed by a root that is not pinned", 0, 0);
		SAKSI_TRY(check_one(v, e, i, key, f));
	}
	return SAKSI_OK;
}

static const struct saksi_author_key *author_of(const struct saksi_keys *k,
						const struct saksi_hash *keyid)
{
	for (size_t i = 0; i < k->author_count; i++) {
		struct saksi_hash id = saksi_keyid(k->authors[i].key);

		if (saksi_hash_same(&id, keyid))
			return &k->authors[i];
	}
	return NULL;
}

static bool revoked_at(const struct saksi_keys *k, const uint8_t key[SAKSI_KEY_LEN],
		       uint64_t index)
{
	for (size_t i = 0; i < k->revoked_count; i++)
		if (memcmp(k->revoked[i].key, key, SAKSI_KEY_LEN) == 0 &&
		    index >= k->revoked[i].from)
			return true;
	return false;
}

/* Every signature counts: nobody can add a signer. */
static enum saksi_err author_right(const struct saksi_verifier *v,
				   const struct saksi_keys *k,
				   const struct saksi_envelope *e,
				   const struct saksi_proven *p, struct saksi_fault *f)
{
	bool two = p->statement.kind == SAKSI_KIND_EXTENSION ||
		   p->statement.kind == SAKSI_KIND_ACCEPTANCE;
	struct saksi_bytes first_role = {NULL, 0};
	bool author_signed = false, other_role = false;

	for (size_t i = 0; i < e->sig_count; i++) {
		const struct saksi_author_key *a = author_of(k, &e->sigs[i].keyid);

		if (a == NULL || !saksi_kinds_allow(a->kinds, a->other_kinds,
						    a->other_count, &p->statement))
			return saksi_fault_set(f, SAKSI_REFUSED,
					       "signed by a key without the right to",
					       0, 0);
		if (revoked_at(k, a->key, p->index))
			return saksi_fault_set(f, SAKSI_REFUSED,
					       "signed by a revoked key", 0, 0);
		SAKSI_TRY(check_one(v, e, i, a->key, f));
		author_signed |= saksi_bytes_same(a->author, p->statement.author);
		if (i == 0)
			first_role = a->role;
		else if (!saksi_bytes_same(first_role, a->role))
			other_role = true;
	}
	if (!author_signed)
		return saksi_fault_set(f, SAKSI_REFUSED, "not signed by its author", 0,
				       0);
	if (two ? !other_role : e->sig_count != 1)
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "signed by the wrong number of roles", 0, 0);
	return SAKSI_OK;
}

static enum saksi_err check_statement(const struct saksi_verifier *v,
				      const struct carried *c, struct saksi_proven *out,
				      struct saksi_fault *f)
{
	struct saksi_envelope e, ke;
	struct saksi_statement ks;
	struct saksi_keys keys;
	struct saksi_inclusion p = {0};

	SAKSI_TRY(open_entry(v, out->entry, &e, &out->statement, f));
	out->is_statement = true;
	if (out->statement.kind == SAKSI_KIND_KEYS) {
		out->keys_index = out->index;
		return keys_signed(v, &e, f);
	}
	if (!c->has_keys)
		return saksi_fault_set(f, SAKSI_MISSING,
				       "the proof does not carry its author's keys", 0,
				       0);
	p = (struct saksi_inclusion){saksi_hash_leaf(c->keys_entry), c->keys_index,
				     out->judged.point.size, c->keys_path,
				     c->keys_count};
	if (c->keys_index >= out->index ||
	    saksi_inclusion_check(&p, &out->judged.point.root) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "its keys statement is not in the log before it",
				       0, 0);
	SAKSI_TRY(open_entry(v, c->keys_entry, &ke, &ks, f));
	if (ks.kind != SAKSI_KIND_KEYS)
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "its keys statement is another kind", 0, 0);
	SAKSI_TRY(keys_signed(v, &ke, f));
	SAKSI_TRY(saksi_keys_read(&ks, v->arena, &keys, f));
	out->keys_index = c->keys_index;
	SAKSI_TRY(author_right(v, &keys, &e, out, f));
	if (out->statement.kind == SAKSI_KIND_OTHER)
		return saksi_fault_set(f, SAKSI_NEWER,
				       "a kind this program does not know", 0, 0);
	return SAKSI_OK;
}

enum saksi_err saksi_verify_proof(const struct saksi_verifier *v,
				  struct saksi_bytes text, struct saksi_bytes entry,
				  struct saksi_proven *out, struct saksi_fault *f)
{
	struct saksi_tlogproof proof;
	struct carried *c = saksi_arena_new(v->arena, 1, sizeof(*c));
	struct saksi_inclusion p;

	memset(out, 0, sizeof(*out));
	if (c == NULL)
		return SAKSI_LIMIT;
	SAKSI_TRY(saksi_tlogproof_read(text, v->arena, &proof, f));
	if (proof.has_extra)
		SAKSI_TRY(read_extra(proof.extra, v->arena, c, f));
	if (entry.at == NULL && !proof.has_extra)
		return saksi_fault_set(
		    f, SAKSI_MISSING,
		    "the proof carries no entry; give it with --entry", 0, 0);
	out->entry = entry.at != NULL ? entry : c->entry;
	out->index = proof.index;
	SAKSI_TRY(saksi_verify_point(v, proof.checkpoint, &out->judged, f));
	p = (struct saksi_inclusion){saksi_hash_leaf(out->entry), proof.index,
				     out->judged.point.size, proof.path,
				     proof.path_count};
	if (saksi_inclusion_check(&p, &out->judged.point.root) != SAKSI_OK)
		return saksi_fault_set(
		    f, SAKSI_REFUSED,
		    "this entry is not at this place in the signed tree", 0, 0);
	if (v->roots == NULL)
		return SAKSI_OK;
	return check_statement(v, c, out, f);
}

/* ---- making one */

struct search {
	const struct saksi_verifier *v;
	uint64_t index, keys_index;
	bool has_keys, is_keys;
	struct saksi_bytes entry, keys_entry; /* copies in the arena */
};

static bool is_keys(const struct saksi_verifier *v, struct saksi_bytes raw)
{
	size_t mark = v->arena->used;
	struct saksi_envelope e;
	struct saksi_statement s;
	bool yes =
	    open_entry(v, raw, &e, &s, NULL) == SAKSI_OK && s.kind == SAKSI_KIND_KEYS;

	saksi_arena_rewind(v->arena, mark);
	return yes;
}

static enum saksi_err each_entry(void *ctx, uint64_t index, struct saksi_bytes entry)
{
	struct search *s = ctx;
	bool keys = s->v->roots != NULL && is_keys(s->v, entry);

	if (index == s->index) {
		s->is_keys = keys;
		s->entry = saksi_arena_copy(s->v->arena, entry);
		return s->entry.at != NULL ? SAKSI_OK : SAKSI_LIMIT;
	}
	if (!keys)
		return SAKSI_OK;
	s->has_keys = true;
	s->keys_index = index;
	s->keys_entry = saksi_arena_copy(s->v->arena, entry);
	return s->keys_entry.at != NULL ? SAKSI_OK : SAKSI_LIMIT;
}

static enum saksi_err write_extra(const struct search *s,
				  const struct saksi_inclusion *keys,
				  struct saksi_buf *out)
{
	struct saksi_jsonw w = {out, false};

	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "version");
	saksi_jsonw_u64(&w, 1);
	saksi_jsonw_key(&w, "entry");
	saksi_jsonw_base64(&w, s->entry);
	if (keys != NULL) {
		saksi_jsonw_key(&w, "keys");
		saksi_jsonw_open(&w, '{');
		saksi_jsonw_key(&w, "index");
		saksi_jsonw_u64(&w, s->keys_index);
		saksi_jsonw_key(&w, "entry");
		saksi_jsonw_base64(&w, s->keys_entry);
		saksi_jsonw_key(&w, "path");
		saksi_jsonw_open(&w, '[');
		for (size_t i = 0; i < keys->path_count; i++)
			saksi_jsonw_base64(&w, saksi_hash_bytes(&keys->path[i]));
		saksi_jsonw_close(&w, ']');
		saksi_jsonw_close(&w, '}');
	}
	saksi_jsonw_close(&w, '}');
	return saksi_buf_check(out);
}

enum saksi_err saksi_prove(const struct saksi_verifier *v, struct saksi_source *source,
			   const struct saksi_judged *j, uint64_t index,
			   struct saksi_buf *out, struct saksi_fault *f)
{
	struct search s = {.v = v, .index = index};
	struct saksi_tiles tiles = saksi_source_tiles(source);
	struct saksi_hash path[SAKSI_PATH_MAX], keys_path[SAKSI_PATH_MAX];
	struct saksi_inclusion p, kp;
	struct saksi_tlogproof proof = {.has_extra = true, .index = index};
	struct saksi_buf extra = saksi_buf_growing(1U << 20);
	struct saksi_walked at = {0, ""};
	uint64_t from = v->roots != NULL ? 0 : index;
	enum saksi_err err;

	if (index >= j->point.size)
		return saksi_fault_set(f, SAKSI_BADARG, "the log has no such entry yet",
				       0, 0);
	err = saksi_source_entries(source, from, index + 1, j->point.size,
				   &j->point.root, each_entry, &s, &at);
	if (err == SAKSI_OK)
		err = saksi_inclusion_prove(&tiles, index, j->point.size,
					    &j->point.root, &p, path);
	if (err == SAKSI_OK && s.has_keys && !s.is_keys)
		err = saksi_inclusion_prove(&tiles, s.keys_index, j->point.size,
					    &j->point.root, &kp, keys_path);
	if (err == SAKSI_OK)
		err = write_extra(&s, s.has_keys && !s.is_keys ? &kp : NULL, &extra);
	if (err == SAKSI_OK) {
		proof.extra = saksi_buf_bytes(&extra);
		proof.path = path;
		proof.path_count = p.path_count;
		proof.checkpoint = j->note.all;
		saksi_tlogproof_write(&proof, out);
		err = saksi_buf_check(out);
	} else {
		(void)saksi_fault_set(f, err,
				      "entries or tiles do not fit the signed tree",
				      (size_t)at.index, 0);
	}
	saksi_buf_free(&extra);
	return err;
}
