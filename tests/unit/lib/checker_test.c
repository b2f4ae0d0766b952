/* The library's face: five answers, one line why, and nothing left over between
 * two checks. */
#include "../verify/memlog.h"

#include "base/json.h"
#include "base/version.h"
#include "saksi.h"

struct face {
	struct memlog m;
	struct saksi_checker *c;
};

static void face_begin(struct face *f, size_t entries)
{
	char why[256] = "?";

	mem_begin(&f->m);
	mem_fill(&f->m, entries, 1);
	f->c = saksi_checker_new((const char *)f->m.policy_text.at,
				 f->m.policy_text.len, NULL, 0, why);
	assert_non_null(f->c);
}

static void face_end(struct face *f)
{
	saksi_checker_free(f->c);
	mem_end(&f->m);
}

static enum saksi_answer point(struct face *f, struct saksi_bytes note, int64_t now,
			       struct saksi_result *r)
{
	enum saksi_answer a = saksi_checker_checkpoint(f->c, note.at, note.len, now, r);

	assert_int_equal(a, r->answer);
	assert_int_equal(r->why[0] == '\0', a == SAKSI_IT_HOLDS);
	return a;
}

static void test_checkpoint(void **state)
{
	struct saksi_result r;
	struct saksi_bytes note;
	uint8_t bad[4096];
	struct face f;

	(void)state;
	face_begin(&f, 9);
	note = mem_point(&f.m, 9, NOON);
	assert_int_equal(point(&f, note, 0, &r), SAKSI_IT_HOLDS);
	assert_string_equal(r.origin, ORIGIN);
	assert_int_equal(r.size, 9);
	assert_int_equal(r.as_of_utc, NOON);
	assert_int_equal(point(&f, note, NOON + 3 * 3600, &r), SAKSI_IT_HOLDS);
	assert_int_equal(point(&f, note, NOON + 3 * 3600 + 1, &r), SAKSI_CANNOT_TELL);
	assert_int_equal(point(&f, mem_point(&f.m, 9, 0), 0, &r), SAKSI_QUORUM_NOT_MET);
	assert_int_equal(r.size, 9); /* the log did sign it */
	assert_int_equal(r.as_of_utc, 0);
	/* every single bit, many times over one arena */
	assert_true(note.len < sizeof(bad));
	for (size_t i = 0; i < note.len * 8; i++) {
		memcpy(bad, note.at, note.len);
		bad[i / 8] ^= (uint8_t)(1U << i % 8);
		assert_int_not_equal(
		    point(&f, (struct saksi_bytes){bad, note.len}, 0, &r),
		    SAKSI_IT_HOLDS);
	}
	assert_int_equal(point(&f, (struct saksi_bytes){bad, 0}, 0, &r),
			 SAKSI_IT_IS_FALSE);
	assert_int_equal(point(&f, note, 0, &r), SAKSI_IT_HOLDS);
	face_end(&f);
}

static struct saksi_bytes prove(struct face *f, uint64_t index)
{
	struct saksi_verifier v = mem_verifier(&f->m, NULL);
	struct saksi_judged j = mem_judged(&v, mem_point(&f->m, f->m.size, NOON));
	struct saksi_buf b = saksi_buf_growing(1U << 20);
	struct saksi_bytes out;

	CHECK(saksi_prove(&v, &f->m.source, &j, index, &b, NULL) == SAKSI_OK);
	out = saksi_arena_copy(&f->m.arena, saksi_buf_bytes(&b));
	saksi_buf_free(&b);
	return out;
}

static void test_proof(void **state)
{
	static const char roots[] = "quorum 1\nroot commission 8a88e3dd7409f195fd52db2"
				    "d3cba5d72ca6709bf1d94121bf3748801b40f6f5c\n";
	struct saksi_result r;
	struct saksi_bytes p;
	struct face f;

	(void)state;
	face_begin(&f, 300);
	p = prove(&f, 257);
	assert_int_equal(saksi_checker_proof(f.c, p.at, p.len, NULL, 0, &r),
			 SAKSI_IT_HOLDS);
	assert_int_equal(r.index, 257);
	assert_int_equal(r.size, 300);
	assert_string_equal(r.kind, "");
	/* an entry given beside it stands for the one inside */
	assert_int_equal(saksi_checker_proof(f.c, p.at, p.len, f.m.entries[257].at,
					     f.m.entries[257].len, &r),
			 SAKSI_IT_HOLDS);
	assert_int_equal(saksi_checker_proof(f.c, p.at, p.len, f.m.entries[256].at,
					     f.m.entries[256].len, &r),
			 SAKSI_IT_IS_FALSE);
	assert_int_equal(r.index, 0); /* nothing is told of what does not hold */
	assert_int_equal(saksi_checker_proof(f.c, p.at, p.len - 5, NULL, 0, &r),
			 SAKSI_IT_IS_FALSE);
	/* who pins roots asks for statements, and that entry is none */
	saksi_checker_free(f.c);
	f.c = saksi_checker_new((const char *)f.m.policy_text.at, f.m.policy_text.len,
				roots, strlen(roots), NULL);
	assert_non_null(f.c);
	assert_int_not_equal(saksi_checker_proof(f.c, p.at, p.len, NULL, 0, &r),
			     SAKSI_IT_HOLDS);
	face_end(&f);
}

static void test_evidence(void **state)
{
	struct saksi_buf b = saksi_buf_growing(1U << 20);
	struct saksi_verifier v;
	struct saksi_judged one, two;
	struct saksi_tiles tiles;
	struct saksi_result r;
	struct memlog other;
	struct face f;

	(void)state;
	face_begin(&f, 9);
	mem_begin(&other);
	mem_fill(&other, 7, 2);
	v = mem_verifier(&f.m, NULL);
	one = mem_judged(&v, mem_point(&other, 7, NOON));
	two = mem_judged(&v, mem_point(&f.m, 9, NOON));
	tiles = saksi_source_tiles(&f.m.source);
	CHECK(saksi_verify_growth(&one, &two, &tiles, &b, NULL) == SAKSI_SPLIT);
	assert_int_equal(saksi_checker_evidence(f.c, b.at, b.len, &r), SAKSI_IT_HOLDS);
	assert_int_equal(r.size, 9);
	b.at[b.len / 2] ^= 1;
	assert_int_equal(saksi_checker_evidence(f.c, b.at, b.len, &r),
			 SAKSI_IT_IS_FALSE);
	saksi_buf_free(&b);
	mem_end(&other);
	face_end(&f);
}

/* Two checkpoints of one honest log, dressed up as evidence, with a true path. */
static void test_no_evidence(void **state)
{
	struct saksi_buf b = saksi_buf_growing(1U << 20);
	struct saksi_jsonw w = {&b, false};
	struct saksi_hash root, path[SAKSI_PATH_MAX];
	struct saksi_tiles tiles;
	struct saksi_inclusion p;
	struct saksi_result r;
	struct face f;

	(void)state;
	face_begin(&f, 9);
	mem_root(&f.m, 0, 9, &root);
	tiles = saksi_source_tiles(&f.m.source);
	CHECK(saksi_inclusion_prove(&tiles, 6, 9, &root, &p, path) == SAKSI_OK);
	saksi_buf_puts(&b, "{\"version\":1,\"kind\":\"split-view\",\"older\":");
	saksi_jsonw_str(&w, mem_point(&f.m, 7, NOON));
	saksi_buf_puts(&b, ",\"newer\":");
	w.comma = false;
	saksi_jsonw_str(&w, mem_point(&f.m, 9, NOON));
	saksi_buf_puts(&b, ",\"leaf\":");
	w.comma = false;
	saksi_jsonw_base64(&w, saksi_hash_bytes(&p.leaf));
	saksi_buf_puts(&b, ",\"path\":[");
	w.comma = false;
	for (size_t i = 0; i < p.path_count; i++)
		saksi_jsonw_base64(&w, saksi_hash_bytes(&path[i]));
	saksi_buf_puts(&b, "]}");
	assert_int_equal(saksi_checker_evidence(f.c, b.at, b.len, &r),
			 SAKSI_IT_IS_FALSE);
	assert_string_equal(r.why, "the two trees fit");
	saksi_buf_free(&b);
	face_end(&f);
}

static void test_inclusion(void **state)
{
	struct saksi_hash root, path[SAKSI_PATH_MAX];
	struct saksi_tiles tiles;
	struct saksi_inclusion p;
	struct face f;

	(void)state;
	face_begin(&f, 11);
	mem_root(&f.m, 0, 11, &root);
	tiles = saksi_source_tiles(&f.m.source);
	CHECK(saksi_inclusion_prove(&tiles, 4, 11, &root, &p, path) == SAKSI_OK);
	assert_int_equal(saksi_inclusion_holds(f.m.entries[4].at, f.m.entries[4].len, 4,
					       11, path[0].b, p.path_count, root.b),
			 SAKSI_IT_HOLDS);
	assert_int_equal(saksi_inclusion_holds(f.m.entries[5].at, f.m.entries[5].len, 4,
					       11, path[0].b, p.path_count, root.b),
			 SAKSI_IT_IS_FALSE);
	assert_int_equal(saksi_inclusion_holds(f.m.entries[4].at, f.m.entries[4].len, 4,
					       11, path[0].b, p.path_count - 1, root.b),
			 SAKSI_IT_IS_FALSE);
	assert_int_equal(saksi_inclusion_holds(f.m.entries[4].at, f.m.entries[4].len,
					       11, 11, path[0].b, p.path_count, root.b),
			 SAKSI_CANNOT_TELL);
	assert_int_equal(saksi_inclusion_holds(f.m.entries[4].at, f.m.entries[4].len, 4,
					       11, path[0].b, SIZE_MAX, root.b),
			 SAKSI_IT_IS_FALSE);
	/* also where no path at all would do */
	root = saksi_hash_leaf(f.m.entries[4]);
	assert_int_equal(saksi_inclusion_holds(f.m.entries[4].at, f.m.entries[4].len, 0,
					       1, path[0].b, SIZE_MAX, root.b),
			 SAKSI_IT_IS_FALSE);
	face_end(&f);
}

static void test_begin(void **state)
{
	struct memlog m;
	char why[256], *large = calloc(1, (1U << 20) + 1);

	(void)state;
	assert_non_null(large);
	assert_string_equal(saksi_library_version(), SAKSI_VERSION);
	mem_begin(&m);
	assert_null(saksi_checker_new("log\n", 4, NULL, 0, why));
	assert_non_null(strstr(why, "policy, line 1: "));
	assert_null(saksi_checker_new("log\n", 4, NULL, 0, NULL));
	assert_null(saksi_checker_new((const char *)m.policy_text.at, m.policy_text.len,
				      "quorum 1\nroot a\n", 16, why));
	assert_non_null(strstr(why, "roots, line 2: "));
	assert_null(saksi_checker_new(large, (1U << 20) + 1, NULL, 0, why));
	assert_non_null(strstr(why, "1 MiB"));
	assert_null(saksi_checker_new((const char *)m.policy_text.at, m.policy_text.len,
				      large, (1U << 20) + 1, why));
	assert_non_null(strstr(why, "1 MiB"));
	saksi_checker_free(NULL);
	free(large);
	mem_end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_checkpoint), cmocka_unit_test(test_proof),
	    cmocka_unit_test(test_evidence),   cmocka_unit_test(test_inclusion),
	    cmocka_unit_test(test_begin),      cmocka_unit_test(test_no_evidence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
