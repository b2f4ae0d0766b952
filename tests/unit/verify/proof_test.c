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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_revoked),
	    cmocka_unit_test(test_too_few_roots),
	    cmocka_unit_test(test_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
