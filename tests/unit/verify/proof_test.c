/* The author's right in an offline proof: what a proof may carry beside it. */
#include "memlog.h"

#include "base/json.h"

struct scene {
	struct world w;
	struct memlog m;
};

static const struct saksi_record *say(struct scene *s, struct draft d)
{
	struct saksi_bytes entry = sealed(&s->w, &d);
	const struct saksi_record *rec = put_entry(&s->w, entry);

	mem_add(&s->m, entry);
	d.by->next = rec->statement.sequence + 1;
	d.by->last = rec->id;
	return rec;
}

static void begin(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	world_begin(&s->w);
	mem_begin(&s->m);
}

static void end(struct scene *s)
{
	world_end(&s->w);
	mem_end(&s->m);
}

static enum saksi_err prove_and_verify(struct scene *s, uint64_t index,
				       const char **why)
{
	struct saksi_verifier v = mem_verifier(&s->m, &s->w.roots);
	struct saksi_judged j = mem_judged(&v, mem_point(&s->m, s->m.size, NOON));
	struct saksi_buf out = saksi_buf_growing(1U << 20);
	struct saksi_fault f = {0};
	struct saksi_proven p;
	struct saksi_bytes kept;
	enum saksi_err err;

	CHECK(saksi_prove(&v, &s->m.source, &j, index, &out, NULL) == SAKSI_OK);
	kept = saksi_arena_copy(&s->m.arena, saksi_buf_bytes(&out));
	saksi_buf_free(&out);
	err = saksi_verify_proof(&v, kept, (struct saksi_bytes){NULL, 0}, &p, &f);
	if (why != NULL)
		*why = f.what;
	return err;
}

/* A key that the carried keys statement revokes from there on proves nothing. */
static void test_revoked(void **state)
{
	struct saksi_plan plan;
	struct scene s;
	const char *why;

	(void)state;
	begin(&s);
	say(&s, draft_keys(&s.w));
	say(&s, draft_inventory(&s.w, "server-a", "server-b"));
	saksi_signer_public(s.w.actor[AUD].signer, s.w.revoked[0].key);
	s.w.revoked[0].from = 3;
	s.w.revoked_count = 1;
	say(&s, draft_keys(&s.w));
	plan = plan_of(&s.w, "server-a");
	say(&s, draft_plan(&s.w, AUD, &plan));
	assert_int_equal(prove_and_verify(&s, 3, &why), SAKSI_REFUSED);
	assert_non_null(strstr(why, "revoked"));
	assert_int_equal(prove_and_verify(&s, 1, NULL), SAKSI_OK);
	end(&s);
}

/* Keys that too few roots signed give nobody a right, however they got in. */
static void test_too_few_roots(void **state)
{
	struct saksi_plan plan;
	struct draft d;
	struct scene s;

	(void)state;
	begin(&s);
	d = draft_keys(&s.w);
	d.signer_count = s.w.roots.quorum - 1;
	mem_add(&s.m, sealed(&s.w, &d));
	plan = plan_of(&s.w, "server-a");
	d = draft_plan(&s.w, AUD, &plan);
	mem_add(&s.m, sealed(&s.w, &d));
	assert_int_equal(prove_and_verify(&s, 0, NULL), SAKSI_REFUSED);
	assert_int_equal(prove_and_verify(&s, 1, NULL), SAKSI_REFUSED);
	end(&s);
}

/* A kind its author may not sign, and a second signature where one belongs. */
static void test_right(void **state)
{
	struct saksi_plan plan;
	struct draft d;
	struct scene s;

	(void)state;
	begin(&s);
	say(&s, draft_keys(&s.w));
	say(&s, draft_inventory(&s.w, "server-a", "server-b"));
	plan = plan_of(&s.w, "server-a");
	d = draft_plan(&s.w, OBS, &plan);
	mem_add(&s.m, sealed(&s.w, &d));
	d = draft_plan(&s.w, AUD, &plan);
	d.signers[d.signer_count++] = s.w.actor[AUD2].signer;
	mem_add(&s.m, sealed(&s.w, &d));
	assert_int_equal(prove_and_verify(&s, 2, NULL), SAKSI_REFUSED);
	assert_int_equal(prove_and_verify(&s, 3, NULL), SAKSI_REFUSED);
	end(&s);
}

/* Three new roots in place of the world's; signed by two of each. */
static void rotate(struct scene *s, uint8_t seed, struct saksi_roots *next)
{
	struct saksi_signer *key[3];
	struct draft d;

	*next = s->w.ledger.roots;
	for (unsigned i = 0; i < 3; i++) {
		key[i] = signer_of((uint8_t)(seed + i));
		saksi_signer_public(key[i], next->keys[i].key);
	}
	s->w.next_roots = next;
	d = draft_keys(&s->w);
	s->w.next_roots = NULL;
	d.signers[2] = key[0];
	d.signers[3] = key[1];
	d.signer_count = 4;
	must_be(say(s, d), SAKSI_OK, NULL);
	for (unsigned i = 0; i < 3; i++) {
		saksi_signer_free(s->w.root[i]);
		s->w.root[i] = key[i];
	}
}

static struct saksi_bytes proof_of(struct scene *s, uint64_t index)
{
	struct saksi_verifier v = mem_verifier(&s->m, &s->w.roots);
	struct saksi_judged j = mem_judged(&v, mem_point(&s->m, s->m.size, NOON));
	struct saksi_buf out = saksi_buf_growing(1U << 20);
	struct saksi_bytes kept;

	CHECK(saksi_prove(&v, &s->m.source, &j, index, &out, NULL) == SAKSI_OK);
	kept = saksi_arena_copy(&s->m.arena, saksi_buf_bytes(&out));
	saksi_buf_free(&out);
	return kept;
}

static enum saksi_err verify_as(struct scene *s, const struct saksi_roots *roots,
				struct saksi_bytes proof)
{
	struct saksi_verifier v = mem_verifier(&s->m, roots);
	struct saksi_fault f = {0};
	struct saksi_proven p;
	size_t mark = s->m.arena.used;
	enum saksi_err err =
	    saksi_verify_proof(&v, proof, (struct saksi_bytes){NULL, 0}, &p, &f);

	saksi_arena_rewind(&s->m.arena, mark);
	return err;
}

/* Whoever pinned the first roots is led to those in force by the proof itself. */
static void test_rotated(void **state)
{
	struct saksi_roots next[3], strange;
	struct saksi_plan plan;
	struct scene s;
	struct saksi_bytes proof, early;

	(void)state;
	begin(&s);
	say(&s, draft_keys(&s.w));
	say(&s, draft_inventory(&s.w, "server-a", "server-b"));
	for (uint8_t i = 0; i < 3; i++)
		rotate(&s, (uint8_t)(20 + 10 * i), &next[i]);
	say(&s, draft_keys(&s.w));
	plan = plan_of(&s.w, "server-a");
	say(&s, draft_plan(&s.w, AUD, &plan));
	for (uint64_t i = 0; i < s.m.size; i++)
		assert_int_equal(prove_and_verify(&s, i, NULL), SAKSI_OK);
	proof = proof_of(&s, 6);
	early = proof_of(&s, 1);
	/* What was said before the first change is proved as it always was. */
	CHECK(verify_as(&s, &s.w.roots, early) == SAKSI_OK);
	strange = s.w.roots;
	strange.keys[0].key[0] ^= 1;
	strange.keys[1].key[0] ^= 1;
	CHECK(verify_as(&s, &strange, proof) == SAKSI_REFUSED);
	CHECK(verify_as(&s, &next[2], proof) == SAKSI_REFUSED);
	end(&s);
}

static void put_json(const struct saksi_json *v, struct saksi_buf *out)
{
	struct saksi_jsonw w = {out, false};
	bool list = v->kind == SAKSI_JSON_ARRAY;

	if (v->kind == SAKSI_JSON_INT)
		saksi_jsonw_int(&w, v->num);
	else if (v->kind == SAKSI_JSON_STRING)
		saksi_jsonw_str(&w, v->str);
	if (!list && v->kind != SAKSI_JSON_OBJECT)
		return;
	saksi_buf_puts(out, list ? "[" : "{");
	for (const struct saksi_json *i = v->child; i != NULL; i = i->next) {
		if (!list) {
			saksi_buf_puts(out, "\"");
			saksi_buf_put(out, i->key);
			saksi_buf_puts(out, "\":");
		}
		put_json(i, out);
		if (i->next != NULL)
			saksi_buf_puts(out, ",");
	}
	saksi_buf_puts(out, list ? "]" : "}");
}

/* The proof's extra data with one member of the chain left out, moved or bent. */
static enum saksi_err bent_proof(struct scene *s, uint64_t index,
				 void (*bend)(struct saksi_json *o))
{
	struct saksi_bytes proof = proof_of(s, index);
	struct saksi_tlogproof t;
	const struct saksi_json *o;
	struct saksi_buf extra = saksi_buf_growing(1U << 20);
	struct saksi_buf out = saksi_buf_growing(1U << 20);
	struct saksi_bytes kept;

	CHECK(saksi_tlogproof_read(proof, &s->m.arena, &t, NULL) == SAKSI_OK);
	CHECK(saksi_json_parse(t.extra, &s->m.arena, &o, NULL) == SAKSI_OK);
	bend((struct saksi_json *)(uintptr_t)o);
	put_json(o, &extra);
	t.extra = saksi_buf_bytes(&extra);
	saksi_tlogproof_write(&t, &out);
	kept = saksi_arena_copy(&s->m.arena, saksi_buf_bytes(&out));
	saksi_buf_free(&extra);
	saksi_buf_free(&out);
	return verify_as(s, &s->w.roots, kept);
}

static struct saksi_json *roots_of(struct saksi_json *o)
{
	return (struct saksi_json *)(uintptr_t)saksi_json_get(o, "roots");
}

static void bend_nothing(struct saksi_json *o)
{
	(void)o;
}

static void drop_first(struct saksi_json *o)
{
	struct saksi_json *r = roots_of(o);

	r->child = r->child->next;
	r->count--;
}

static void drop_middle(struct saksi_json *o)
{
	struct saksi_json *first = (struct saksi_json *)(uintptr_t)roots_of(o)->child;

	first->next = first->next->next;
	roots_of(o)->count--;
}

static void drop_last(struct saksi_json *o)
{
	struct saksi_json *first = (struct saksi_json *)(uintptr_t)roots_of(o)->child;

	((struct saksi_json *)(uintptr_t)first->next)->next = NULL;
	roots_of(o)->count--;
}

static void twice(struct saksi_json *o)
{
	static struct saksi_json copy;
	struct saksi_json *first = (struct saksi_json *)(uintptr_t)roots_of(o)->child;

	copy = *first;
	first->next = &copy;
	roots_of(o)->count++;
}

static void test_bent_chain(void **state)
{
	struct saksi_roots next[3];
	struct saksi_plan plan;
	struct scene s;

	(void)state;
	begin(&s);
	say(&s, draft_keys(&s.w));
	say(&s, draft_inventory(&s.w, "server-a", "server-b"));
	for (uint8_t i = 0; i < 3; i++)
		rotate(&s, (uint8_t)(20 + 10 * i), &next[i]);
	say(&s, draft_keys(&s.w));
	plan = plan_of(&s.w, "server-a");
	say(&s, draft_plan(&s.w, AUD, &plan));
	CHECK(bent_proof(&s, 6, bend_nothing) == SAKSI_OK);
	CHECK(bent_proof(&s, 6, drop_first) == SAKSI_REFUSED);
	CHECK(bent_proof(&s, 6, drop_middle) == SAKSI_REFUSED);
	CHECK(bent_proof(&s, 6, drop_last) == SAKSI_REFUSED);
	CHECK(bent_proof(&s, 6, twice) == SAKSI_REFUSED);
	end(&s);
}

/* Every bit of a proof that carries a change of roots. */
static void test_rotated_bits(void **state)
{
	struct saksi_roots next;
	struct saksi_plan plan;
	struct scene s;
	struct saksi_bytes proof;
	uint8_t *copy;
	size_t held = 0;

	(void)state;
	begin(&s);
	for (unsigned i = AUD2; i < ACTORS; i++) {
		saksi_signer_free(s.w.actor[i].signer);
		s.w.actor[i].signer = NULL;
	}
	say(&s, draft_keys(&s.w));
	say(&s, draft_inventory(&s.w, "server-a", "server-b"));
	rotate(&s, 20, &next);
	say(&s, draft_keys(&s.w));
	plan = plan_of(&s.w, "server-a");
	say(&s, draft_plan(&s.w, AUD, &plan));
	proof = proof_of(&s, 4);
	copy = saksi_arena_new(&s.m.arena, proof.len, 1);
	for (size_t bit = 0; bit < 8 * proof.len; bit += 3) {
		memcpy(copy, proof.at, proof.len);
		copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
		held += verify_as(&s, &s.w.roots,
				  (struct saksi_bytes){copy, proof.len}) == SAKSI_OK;
	}
	assert_int_equal(held, 0);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_revoked),    cmocka_unit_test(test_too_few_roots),
	    cmocka_unit_test(test_right),      cmocka_unit_test(test_rotated),
	    cmocka_unit_test(test_bent_chain), cmocka_unit_test(test_rotated_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
