/* Offline proofs: one entry, its place, the checkpoint, and where the log holds
 * statements the keys statement that gave its author the right. */
#include "verify/verify.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "merkle/tree.h"

#define EXTRA_MAX (8U << 20) /* of SAKSI_ROTATIONS_MAX entries and their paths */

/* An entry and its place in the tree of the proof's checkpoint. */
struct placed {
	uint64_t index;
	struct saksi_bytes entry;
	struct saksi_hash path[SAKSI_PATH_MAX];
	size_t path_count;
};
/* What `extra` carries, docs/formats/proof.md "Proof file". */
struct carried {
	struct saksi_bytes entry;
	bool has_keys;
	struct placed keys;
	struct placed *rotations; /* of the roots, oldest first */
	size_t rotation_count;
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

static enum saksi_err read_placed(const struct saksi_json *k, struct saksi_arena *a,
				  struct placed *c)
{
	static const char *const members[] = {"index", "entry", "path", NULL};
	const struct saksi_json *path = saksi_json_get(k, "path");

	SAKSI_TRY(saksi_json_only(k, members, NULL));
	SAKSI_TRY(saksi_json_u64(k, "index", &c->index));
	SAKSI_TRY(base64_member(k, "entry", a, &c->entry));
	if (path == NULL || path->kind != SAKSI_JSON_ARRAY ||
	    path->count > SAKSI_PATH_MAX)
		return SAKSI_MALFORMED;
	for (path = path->child; path != NULL; path = path->next) {
		if (path->kind != SAKSI_JSON_STRING)
			return SAKSI_MALFORMED;
		SAKSI_TRY(saksi_text_base64_exact(path->str, c->path[c->path_count++].b,
						  SAKSI_HASH_LEN));
	}
	return SAKSI_OK;
}

static enum saksi_err read_rotations(const struct saksi_json *list,
				     struct saksi_arena *a, struct carried *c)
{
	if (list->kind != SAKSI_JSON_ARRAY || list->count == 0 ||
	    list->count > SAKSI_ROTATIONS_MAX)
		return SAKSI_MALFORMED;
	c->rotations = saksi_arena_new(a, list->count, sizeof(*c->rotations));
	if (c->rotations == NULL)
		return SAKSI_LIMIT;
	for (const struct saksi_json *i = list->child; i != NULL; i = i->next)
		SAKSI_TRY(read_placed(i, a, &c->rotations[c->rotation_count++]));
	return SAKSI_OK;
}

static enum saksi_err read_extra(struct saksi_bytes extra, struct saksi_arena *a,
				 struct carried *c, struct saksi_fault *f)
{
	static const char *const first[] = {"version", "entry", "keys", NULL};
	static const char *const second[] = {"version", "entry", "keys", "roots", NULL};
	const struct saksi_json *o, *k;
	uint64_t version;

	SAKSI_TRY(saksi_json_parse(extra, a, &o, f));
	if (saksi_json_u64(o, "version", &version) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_MALFORMED, "extra without a version", 0,
				       0);
	if (version != 1 && version != 2)
		return saksi_fault_set(f, SAKSI_NEWER, "extra of a newer version", 0,
				       0);
	SAKSI_TRY(saksi_json_only(o, version == 1 ? first : second, f));
	if (base64_member(o, "entry", a, &c->entry) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_MALFORMED, "extra without an entry", 0,
				       0);
	k = saksi_json_get(o, "keys");
	c->has_keys = k != NULL;
	if (k != NULL && read_placed(k, a, &c->keys) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_MALFORMED, "extra with unreadable keys",
				       k->at, 0);
	if (version == 1)
		return SAKSI_OK;
	k = saksi_json_get(o, "roots");
	if (k == NULL || read_rotations(k, a, c) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_MALFORMED,
				       "extra with unreadable roots", 0, 0);
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

/* A keys statement that stands on the roots `now`, as the ledger takes it. */
static enum saksi_err keys_signed(const struct saksi_verifier *v,
				  const struct saksi_roots *now,
				  const struct saksi_statement *s,
				  const struct saksi_keys *k,
				  const struct saksi_envelope *e, struct saksi_fault *f)
{
	const char *few = saksi_roots_enough(now, k->roots, e);

	if (few == NULL && !saksi_bytes_is(s->author, "root"))
		few = "keys that do not name the root as author";
	if (few != NULL)
		return saksi_fault_set(f, SAKSI_REFUSED, few, 0, 0);
	for (size_t i = 0; i < e->sig_count; i++) {
		const uint8_t *key = saksi_roots_key(now, &e->sigs[i].keyid);

		if (key == NULL && k->roots != NULL)
			key = saksi_roots_key(k->roots, &e->sigs[i].keyid);
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

/* Is it in the tree, before entry `before`? */
static enum saksi_err check_placed(const struct placed *c, uint64_t before,
				   const struct saksi_proven *out,
				   struct saksi_fault *f)
{
	struct saksi_inclusion p = {saksi_hash_leaf(c->entry), c->index,
				    out->judged.point.size, c->path, c->path_count};

	if (c->index >= before ||
	    saksi_inclusion_check(&p, &out->judged.point.root) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "its keys statement is not in the log before it",
				       0, 0);
	return SAKSI_OK;
}

static enum saksi_err open_keys(const struct saksi_verifier *v,
				const struct saksi_roots *now, struct saksi_bytes entry,
				struct saksi_keys *keys, uint64_t *sequence,
				struct saksi_fault *f)
{
	struct saksi_envelope e;
	struct saksi_statement s;

	SAKSI_TRY(open_entry(v, entry, &e, &s, f));
	if (s.kind != SAKSI_KIND_KEYS)
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "its keys statement is another kind", 0, 0);
	SAKSI_TRY(saksi_keys_read(&s, v->arena, keys, f));
	if (sequence != NULL)
		*sequence = s.sequence;
	return keys_signed(v, now, &s, keys, &e, f);
}

/* From the pinned roots to those in force before entry `before`. */
static enum saksi_err follow_roots(const struct saksi_verifier *v,
				   const struct carried *c, uint64_t before,
				   const struct saksi_proven *out,
				   struct saksi_roots *now, struct saksi_fault *f)
{
	uint64_t sequence = 0, last = 0;

	*now = *v->roots;
	for (size_t i = 0; i < c->rotation_count; i++) {
		const struct placed *r = &c->rotations[i];
		struct saksi_keys keys = {0};

		SAKSI_TRY(check_placed(r, before, out, f));
		SAKSI_TRY(open_keys(v, now, r->entry, &keys, &sequence, f));
		if (keys.roots == NULL ||
		    (i > 0 && (r->index <= r[-1].index || sequence <= last)))
			return saksi_fault_set(f, SAKSI_REFUSED,
					       "no chain of new roots", 0, 0);
		*now = *keys.roots;
		last = sequence;
	}
	return SAKSI_OK;
}

static enum saksi_err check_statement(const struct saksi_verifier *v,
				      const struct carried *c, struct saksi_proven *out,
				      struct saksi_fault *f)
{
	struct saksi_envelope e;
	struct saksi_keys keys;
	struct saksi_roots now;

	SAKSI_TRY(open_entry(v, out->entry, &e, &out->statement, f));
	out->is_statement = true;
	if (out->statement.kind == SAKSI_KIND_KEYS) {
		out->keys_index = out->index;
		SAKSI_TRY(follow_roots(v, c, out->index, out, &now, f));
		return open_keys(v, &now, out->entry, &keys, NULL, f);
	}
	if (!c->has_keys)
		return saksi_fault_set(f, SAKSI_MISSING,
				       "the proof does not carry its author's keys", 0,
				       0);
	SAKSI_TRY(check_placed(&c->keys, out->index, out, f));
	SAKSI_TRY(follow_roots(v, c, c->keys.index, out, &now, f));
	SAKSI_TRY(open_keys(v, &now, c->keys.entry, &keys, NULL, f));
	out->keys_index = c->keys.index;
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
	struct saksi_roots roots; /* in force so far */
	uint64_t index;
	bool has_keys, is_keys;
	struct saksi_bytes entry; /* copies in the arena, as are all below */
	struct placed keys, rotations[SAKSI_ROTATIONS_MAX];
	size_t rotation_count, usable; /* those before the keys */
};

/* Keys that replace the roots count only when they hold: anybody's else would
 * break the chain of an honest proof. */
static bool replaces_roots(struct search *s, const struct saksi_statement *st,
			   const struct saksi_envelope *e)
{
	struct saksi_keys k;

	if (st->version != 2 ||
	    saksi_keys_read(st, s->v->arena, &k, NULL) != SAKSI_OK ||
	    keys_signed(s->v, &s->roots, st, &k, e, NULL) != SAKSI_OK)
		return false;
	s->roots = *k.roots;
	return true;
}

static enum saksi_err keep(struct search *s, uint64_t index, struct saksi_bytes entry,
			   struct placed *out)
{
	out->index = index;
	out->entry = saksi_arena_copy(s->v->arena, entry);
	return out->entry.at != NULL ? SAKSI_OK : SAKSI_LIMIT;
}

static enum saksi_err each_entry(void *ctx, uint64_t index, struct saksi_bytes entry)
{
	struct search *s = ctx;
	size_t mark = s->v->arena->used;
	struct saksi_envelope e;
	struct saksi_statement st;
	bool keys = s->v->roots != NULL &&
		    open_entry(s->v, entry, &e, &st, NULL) == SAKSI_OK &&
		    st.kind == SAKSI_KIND_KEYS;

	if (!keys)
		saksi_arena_rewind(s->v->arena, mark);
	if (index == s->index) {
		s->is_keys = keys;
		s->usable = keys ? s->rotation_count : s->usable;
		s->entry = saksi_arena_copy(s->v->arena, entry);
		return s->entry.at != NULL ? SAKSI_OK : SAKSI_LIMIT;
	}
	if (!keys)
		return SAKSI_OK;
	s->has_keys = true;
	s->usable = s->rotation_count;
	SAKSI_TRY(keep(s, index, entry, &s->keys));
	if (!replaces_roots(s, &st, &e))
		return SAKSI_OK;
	if (s->rotation_count == SAKSI_ROTATIONS_MAX)
		return SAKSI_LIMIT;
	s->rotations[s->rotation_count++] = s->keys;
	return SAKSI_OK;
}

static void write_placed(struct saksi_jsonw *w, const struct placed *c)
{
	saksi_jsonw_open(w, '{');
	saksi_jsonw_key(w, "index");
	saksi_jsonw_u64(w, c->index);
	saksi_jsonw_key(w, "entry");
	saksi_jsonw_base64(w, c->entry);
	saksi_jsonw_key(w, "path");
	saksi_jsonw_open(w, '[');
	for (size_t i = 0; i < c->path_count; i++)
		saksi_jsonw_base64(w, saksi_hash_bytes(&c->path[i]));
	saksi_jsonw_close(w, ']');
	saksi_jsonw_close(w, '}');
}

/* Version 1 wherever no root was replaced, so that older verifiers read it. */
static enum saksi_err write_extra(const struct search *s, struct saksi_buf *out)
{
	struct saksi_jsonw w = {out, false};

	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "version");
	saksi_jsonw_u64(&w, s->usable > 0 ? 2 : 1);
	saksi_jsonw_key(&w, "entry");
	saksi_jsonw_base64(&w, s->entry);
	if (s->has_keys && !s->is_keys) {
		saksi_jsonw_key(&w, "keys");
		write_placed(&w, &s->keys);
	}
	if (s->usable > 0) {
		saksi_jsonw_key(&w, "roots");
		saksi_jsonw_open(&w, '[');
		for (size_t i = 0; i < s->usable; i++)
			write_placed(&w, &s->rotations[i]);
		saksi_jsonw_close(&w, ']');
	}
	saksi_jsonw_close(&w, '}');
	return saksi_buf_check(out);
}

static enum saksi_err place_one(const struct saksi_tiles *tiles,
				const struct saksi_judged *j, struct placed *c)
{
	struct saksi_inclusion p;

	SAKSI_TRY(saksi_inclusion_prove(tiles, c->index, j->point.size, &j->point.root,
					&p, c->path));
	c->path_count = p.path_count;
	return SAKSI_OK;
}

enum saksi_err saksi_prove(const struct saksi_verifier *v, struct saksi_source *source,
			   const struct saksi_judged *j, uint64_t index,
			   struct saksi_buf *out, struct saksi_fault *f)
{
	struct search *s = saksi_arena_new(v->arena, 1, sizeof(*s));
	struct saksi_tiles tiles = saksi_source_tiles(source);
	struct saksi_hash path[SAKSI_PATH_MAX];
	struct saksi_inclusion p;
	struct saksi_tlogproof proof = {.has_extra = true, .index = index};
	struct saksi_buf extra = saksi_buf_growing(EXTRA_MAX);
	struct saksi_walked at = {0, ""};
	uint64_t from = v->roots != NULL ? 0 : index;
	enum saksi_err err;

	if (index >= j->point.size)
		return saksi_fault_set(f, SAKSI_BADARG, "the log has no such entry yet",
				       0, 0);
	if (s == NULL)
		return saksi_fault_set(f, SAKSI_LIMIT, "no room", 0, 0);
	s->v = v;
	s->index = index;
	if (v->roots != NULL)
		s->roots = *v->roots;
	err = saksi_source_entries(source, from, index + 1, j->point.size,
				   &j->point.root, each_entry, s, &at);
	if (err == SAKSI_OK)
		err = saksi_inclusion_prove(&tiles, index, j->point.size,
					    &j->point.root, &p, path);
	if (err == SAKSI_OK && s->has_keys && !s->is_keys)
		err = place_one(&tiles, j, &s->keys);
	for (size_t i = 0; err == SAKSI_OK && i < s->usable; i++)
		err = place_one(&tiles, j, &s->rotations[i]);
	if (err == SAKSI_OK)
		err = write_extra(s, &extra);
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
