/* Statements read from a log that may lie, and offline proofs of them. */
#include "memlog.h"

struct scene {
	struct world w;
	struct memlog m;
	struct kept k;
	struct saksi_bytes addendum;
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

/* keys, inventory, plan, audit, disclosure */
static void scene_begin(struct scene *s)
{
	const struct saksi_record *plan, *audit;
	struct saksi_finding finding;
	struct saksi_disclosed *item;
	struct saksi_plan p;

	memset(s, 0, sizeof(*s));
	world_begin(&s->w);
	mem_begin(&s->m);
	item = saksi_arena_new(&s->w.scratch, 1, sizeof(*item));
	assert_non_null(item);
	say(s, draft_keys(&s->w));
	say(s, draft_inventory(&s->w, "server-a", "server-b"));
	p = plan_of(&s->w, "server-a");
	plan = say(s, draft_plan(&s->w, AUD, &p));
	audit_of(&s->w, plan, "pfpnfce", &s->k);
	audit = say(s, draft_audit(&s->w, AUD, &s->k.audit));
	must_be(audit, SAKSI_OK, NULL);
	finding = finding_of(&s->w, &s->k, 1);
	item->leaf = s->k.failure_leaves[1];
	s->addendum = addendum_of(&s->w, &audit->id, &finding, 1);
	must_be(say(s, draft_disclosure(&s->w, AUD, &audit->id, item, 1, s->addendum)),
		SAKSI_OK, NULL);
	s->m.addenda[s->m.addenda_count++] = s->addendum;
}

static void scene_end(struct scene *s)
{
	world_end(&s->w);
	mem_end(&s->m);
}

static enum saksi_err read_all(struct scene *s, struct saksi_verified *r)
{
	struct saksi_verifier v = mem_verifier(&s->m, &s->w.roots);
	struct saksi_judged j = mem_judged(&v, mem_point(&s->m, s->m.size, NOON));
	struct saksi_ledger l;

	memset(r, 0, sizeof(*r));
	saksi_ledger_begin(&l, &s->m.arena, &s->w.roots, &v.limits);
	return saksi_verify_statements(&v, &s->m.source, &j, &l, r);
}

static void test_all_hold(void **state)
{
	struct scene s;
	struct saksi_verified r;

	(void)state;
	scene_begin(&s);
	CHECK(read_all(&s, &r) == SAKSI_OK);
	assert_int_equal(r.holding, 5);
	assert_int_equal(r.refused + r.unknown + r.revoked, 0);
	assert_int_equal(r.attached, 1);
	assert_int_equal(r.opened, 1);
	CHECK(!r.has_bad && !r.has_unknown);
	scene_end(&s);
}

static void test_attachments(void **state)
{
	char path[SAKSI_ADDENDUM_PATH_LEN];
	struct saksi_hash digest;
	struct scene s;
	struct saksi_verified r;

	(void)state;
	scene_begin(&s);
	digest = saksi_hash_of(s.addendum);
	saksi_addendum_path(&digest, path);
	s.m.lie_path = path;
	for (s.m.lie_at = 0; s.m.lie_at < s.addendum.len; s.m.lie_at += 41) {
		CHECK(read_all(&s, &r) == SAKSI_OK);
		CHECK(r.has_bad && r.bad_index == 4 && r.attached_false == 1);
		assert_int_equal(r.opened, 0);
	}
	s.m.lie_path = NULL;
	s.m.gone_path = path;
	CHECK(read_all(&s, &r) == SAKSI_OK);
	CHECK(!r.has_bad && r.has_unknown && r.unknown_index == 4);
	assert_int_equal(r.attached_gone, 1);
	scene_end(&s);
}

/* A log that lets a false audit in does not make it hold. */
static void test_false_entry(void **state)
{
	struct scene s;
	struct saksi_verified r;
	struct draft d;

	(void)state;
	scene_begin(&s);
	d = draft_audit(&s.w, AUD, &s.k.audit); /* a second end for one plan */
	mem_add(&s.m, sealed(&s.w, &d));
	CHECK(read_all(&s, &r) == SAKSI_OK);
	CHECK(r.has_bad && r.bad_index == 5 && r.refused == 1);
	mem_add(&s.m, saksi_bytes_of("no statement at all"));
	CHECK(read_all(&s, &r) == SAKSI_OK);
	assert_int_equal(r.refused, 2);
	scene_end(&s);
}

static void test_unanswered(void **state)
{
	struct scene s;
	struct saksi_verified r = {0};
	struct saksi_verifier v;
	struct saksi_judged j;
	struct saksi_ledger l;

	(void)state;
	scene_begin(&s);
	v = mem_verifier(&s.m, &s.w.roots);
	j = mem_judged(&v, mem_point(&s.m, s.m.size, NOON));
	v.answer = mem_silence;
	saksi_ledger_begin(&l, &s.m.arena, &s.w.roots, &v.limits);
	CHECK(saksi_verify_statements(&v, &s.m.source, &j, &l, &r) == SAKSI_OK);
	assert_int_equal(r.holding, 0);
	CHECK(r.has_unknown);
	scene_end(&s);
}

/* ---- proofs */

static struct saksi_buf prove(struct scene *s, uint64_t index)
{
	struct saksi_verifier v = mem_verifier(&s->m, &s->w.roots);
	struct saksi_judged j = mem_judged(&v, mem_point(&s->m, s->m.size, NOON));
	struct saksi_buf out = saksi_buf_growing(1U << 20);

	CHECK(saksi_prove(&v, &s->m.source, &j, index, &out, NULL) == SAKSI_OK);
	return out;
}

static void test_proofs(void **state)
{
	static const enum saksi_kind kinds[] = {SAKSI_KIND_KEYS, SAKSI_KIND_INVENTORY,
						SAKSI_KIND_PLAN, SAKSI_KIND_AUDIT,
						SAKSI_KIND_DISCLOSURE};
	struct scene s;
	struct saksi_verifier v;
	struct saksi_proven p;

	(void)state;
	scene_begin(&s);
	v = mem_verifier(&s.m, &s.w.roots);
	for (uint64_t i = 0; i < 5; i++) {
		struct saksi_buf proof = prove(&s, i);

		CHECK(saksi_verify_proof(&v, saksi_buf_bytes(&proof),
					 (struct saksi_bytes){NULL, 0}, &p,
					 NULL) == SAKSI_OK);
		assert_int_equal(p.index, i);
		CHECK(p.is_statement && p.statement.kind == kinds[i]);
		CHECK(saksi_bytes_same(p.entry, s.m.entries[i]));
		/* the entry of another place */
		CHECK(saksi_verify_proof(&v, saksi_buf_bytes(&proof),
					 s.m.entries[(i + 1) % 5], &p,
					 NULL) == SAKSI_REFUSED);
		saksi_buf_free(&proof);
	}
	scene_end(&s);
}

/* No changed bit of a proof file is accepted as something else. */
static void test_every_bit(void **state)
{
	struct scene s;
	struct saksi_verifier v;
	struct saksi_buf proof;
	struct saksi_proven p;
	size_t mark, accepted = 0;

	(void)state;
	scene_begin(&s);
	v = mem_verifier(&s.m, &s.w.roots);
	proof = prove(&s, 3);
	mark = s.m.arena.used;
	for (size_t bit = 0; bit < proof.len * 8; bit += bit < 40000 ? 7 : 3) {
		enum saksi_err err;

		proof.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
		err = saksi_verify_proof(&v, saksi_buf_bytes(&proof),
					 (struct saksi_bytes){NULL, 0}, &p, NULL);
		if (err == SAKSI_OK) {
			accepted++;
			assert_int_equal(p.index, 3);
			CHECK(saksi_bytes_same(p.entry, s.m.entries[3]));
		}
		proof.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
		saksi_arena_rewind(&s.m.arena, mark);
	}
	assert_int_equal(accepted, 0);
	saksi_buf_free(&proof);
	scene_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_hold),    cmocka_unit_test(test_attachments),
	    cmocka_unit_test(test_false_entry), cmocka_unit_test(test_unanswered),
	    cmocka_unit_test(test_proofs),      cmocka_unit_test(test_every_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
