/* The private side of an audit: what it publishes, opens, and keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "audit/dossier.h"
#include "crypto/sign.h"
#include "merkle/tree.h"

#define N 40
#define DAY 86400

static struct saksi_arena arena;
static char ids[N][16], details[N][24];

static struct saksi_dossier make(const char *verdicts)
{
	struct saksi_dossier d = {0};
	static int64_t seen[N];

	d.server = saksi_bytes_of("srv-1");
	memset(d.nonce, 7, sizeof(d.nonce));
	d.checkpoint.size = 9;
	d.from_utc = 1000000;
	d.to_utc = 2000000;
	d.rules = saksi_arena_new(&arena, N, sizeof(*d.rules));
	assert_non_null(d.rules);
	d.rule_count = N;
	for (size_t i = 0; i < N; i++) {
		(void)snprintf(ids[i], sizeof(ids[i]), "rule-%zu", i);
		(void)snprintf(details[i], sizeof(details[i]), "saw \"%zu\"\n", i);
		d.rules[i].id = saksi_bytes_of(ids[i]);
		d.rules[i].detail = saksi_bytes_of(details[i]);
		d.rules[i].severity = (enum saksi_severity)(i % SAKSI_SEVERITIES);
		d.rules[i].verdict =
		    (enum saksi_verdict)(verdicts[i % strlen(verdicts)] - '0');
		seen[i] = i % 2 == 0 ? 0 : 500000;
	}
	assert_int_equal(saksi_dossier_seal(&d, seen, &arena), SAKSI_OK);
	return d;
}

static int setup(void **state)
{
	(void)state;
	return saksi_crypto_begin() == SAKSI_OK &&
		       saksi_arena_map(&arena, (size_t)256 << 20) == SAKSI_OK
		   ? 0
		   : -1;
}

static int teardown(void **state)
{
	(void)state;
	saksi_arena_end(&arena);
	return 0;
}

static void test_published(void **state)
{
	struct saksi_dossier d = make("01234");
	struct saksi_audit a;
	struct saksi_hash scratch[N], root;
	uint64_t sum = 0;

	(void)state;
	assert_int_equal(saksi_dossier_audit(&d, &arena, &a), SAKSI_OK);
	assert_int_equal(a.leaf_count, N);
	assert_int_equal(a.failure_count, N / 5);
	for (int v = 0; v < SAKSI_VERDICTS; v++) {
		assert_int_equal(a.counts[v], N / 5);
		sum += a.counts[v];
	}
	assert_int_equal(sum, N);
	memcpy(scratch, a.leaves, sizeof(scratch));
	root = saksi_tree_root_of(scratch, N);
	assert_true(saksi_hash_same(&root, &a.vector_root));
	for (size_t i = 0; i < a.failure_count; i++) {
		scratch[i] = a.failures[i].leaf;
		assert_int_equal(a.failures[i].severity,
				 d.rules[d.failures[i].rule].severity);
		assert_int_equal(a.failures[i].disclose_by_utc -
				     a.failures[i].first_seen_utc,
				 saksi_disclose_after(a.failures[i].severity));
		assert_int_equal(a.failures[i].first_seen_utc,
				 d.failures[i].rule % 2 == 0 ? d.to_utc : 500000);
		/* salts of its own: no leaf of one list stands in the other */
		for (size_t k = 0; k < N; k++)
			assert_false(
			    saksi_hash_same(&a.failures[i].leaf, &a.leaves[k]));
	}
	root = saksi_tree_root_of(scratch, a.failure_count);
	assert_true(saksi_hash_same(&root, &a.failure_root));
	assert_int_equal(saksi_disclose_after(SAKSI_CRITICAL), 14 * DAY);
	assert_int_equal(saksi_disclose_after(SAKSI_HIGH), 30 * DAY);
	assert_int_equal(saksi_disclose_after(SAKSI_MEDIUM), 90 * DAY);
	assert_int_equal(saksi_disclose_after(SAKSI_LOW), 180 * DAY);
	assert_int_equal(saksi_disclose_after(SAKSI_INFO), 365 * DAY);
}

/* The published order says nothing of the rules': over many seals every failure
 * stands in every place. */
static void test_shuffled(void **state)
{
	bool stood[4][4] = {{false}};

	(void)state;
	for (int round = 0; round < 400; round++) {
		struct saksi_dossier d = make("1000000000");

		assert_int_equal(d.failure_count, 4);
		for (size_t i = 0; i < 4; i++)
			stood[i][d.failures[i].rule / 10] = true;
	}
	for (size_t i = 0; i < 16; i++)
		assert_true(stood[i / 4][i % 4]);
}

static void test_opened(void **state)
{
	struct saksi_dossier d = make("01234"), later = make("00000");
	struct saksi_hash later_id = saksi_hash_of(saksi_bytes_of("later"));
	struct saksi_audit a, b;
	struct saksi_finding f;

	(void)state;
	assert_int_equal(saksi_dossier_audit(&d, &arena, &a), SAKSI_OK);
	later.from_utc = d.to_utc; /* later than the one that failed */
	assert_int_equal(saksi_dossier_audit(&later, &arena, &b), SAKSI_OK);
	for (uint32_t i = 0; i < N; i++) {
		enum saksi_err want =
		    d.rules[i].verdict == SAKSI_FAIL ? SAKSI_OK : SAKSI_MISSING;

		assert_int_equal(saksi_dossier_open(&d, i, NULL, NULL, &arena, &f),
				 want);
		if (want != SAKSI_OK)
			continue;
		assert_int_equal(saksi_finding_check(&f, &a, NULL, NULL), SAKSI_OK);
		assert_int_equal(saksi_finding_check(&f, &b, NULL, NULL),
				 SAKSI_REFUSED);
		assert_int_equal(
		    saksi_dossier_open(&d, i, &later, &later_id, &arena, &f), SAKSI_OK);
		assert_int_equal(saksi_finding_check(&f, &a, &b, NULL), SAKSI_OK);
		assert_int_equal(saksi_finding_check(&f, &a, &a, NULL), SAKSI_REFUSED);
		/* what still fails later is not fixed */
		assert_int_equal(saksi_dossier_open(&d, i, &d, &later_id, &arena, &f),
				 SAKSI_MISSING);
	}
}

static void test_kept(void **state)
{
	struct saksi_dossier d = make("01234"), back;
	struct saksi_buf text = saksi_buf_growing(SAKSI_DOSSIER_MAX),
			 again = saksi_buf_growing(SAKSI_DOSSIER_MAX);
	struct saksi_bytes whole;

	(void)state;
	saksi_dossier_write(&d, &text);
	whole = saksi_buf_bytes(&text);
	assert_int_equal(saksi_dossier_read(whole, &arena, &back, NULL), SAKSI_OK);
	saksi_dossier_write(&back, &again);
	assert_true(saksi_bytes_same(whole, saksi_buf_bytes(&again)));
	for (size_t cut = 0; cut < whole.len; cut += 37)
		assert_int_not_equal(
		    saksi_dossier_read((struct saksi_bytes){whole.at, cut}, &arena,
				       &back, NULL),
		    SAKSI_OK);
	text.at[11] = '2'; /* {"version":2 */
	assert_int_equal(saksi_dossier_read(whole, &arena, &back, NULL), SAKSI_NEWER);
	saksi_buf_free(&text);
	saksi_buf_free(&again);
}

/* A failure that names a rule which is not there would read outside the list. */
static void test_lies(void **state)
{
	struct saksi_dossier d = make("1"), back;
	struct saksi_buf text = saksi_buf_growing(SAKSI_DOSSIER_MAX);

	(void)state;
	d.failures[0].rule = N;
	saksi_dossier_write(&d, &text);
	assert_int_equal(
	    saksi_dossier_read(saksi_buf_bytes(&text), &arena, &back, NULL),
	    SAKSI_MALFORMED);
	saksi_buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_published), cmocka_unit_test(test_shuffled),
	    cmocka_unit_test(test_opened),    cmocka_unit_test(test_kept),
	    cmocka_unit_test(test_lies),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
