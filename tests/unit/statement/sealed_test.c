/* Sealed lists against the definition of RFC 9162, and verdict leaves. */
#include "../merkle/slow.h"
#include "../ledger/world.h"

#define MAX 70

static void roots_and_paths(void **state)
{
	struct saksi_hash leaves[MAX], scratch[MAX], path[SAKSI_PATH_MAX], slow[64];
	const struct saksi_hash *same = leaves;
	uint8_t salt[MAX][SAKSI_SALT_LEN], bytes[4] = {1, 2, 3, 4};

	(void)state;
	for (size_t i = 0; i < MAX; i++) {
		memset(salt[i], (int)i, SAKSI_SALT_LEN);
		leaves[i] =
		    saksi_sealed_leaf(salt[i], (struct saksi_bytes){bytes, i % 5});
	}
	for (size_t n = 1; n <= MAX; n++) {
		struct saksi_hash root = saksi_sealed_root(leaves, n, scratch);
		struct saksi_hash want = slow_root(same, 0, n);

		CHECK(saksi_hash_same(&root, &want));
		for (size_t i = 0; i < n; i++) {
			struct saksi_opening o;
			size_t count, slow_count = slow_path(same, 0, n, i, slow);

			CHECK(saksi_sealed_path(leaves, n, i, scratch, path, &count) ==
			      SAKSI_OK);
			CHECK(count == slow_count);
			CHECK(memcmp(path, slow, 32 * count) == 0);
			memcpy(o.salt, salt[i], SAKSI_SALT_LEN);
			o.bytes = (struct saksi_bytes){bytes, i % 5};
			o.index = i;
			o.count = n;
			o.path = path;
			o.path_count = count;
			CHECK(saksi_opening_check(&o, &root) == SAKSI_OK);
			o.salt[31] ^= 1;
			CHECK(saksi_opening_check(&o, &root) == SAKSI_REFUSED);
			o.salt[31] ^= 1;
			o.bytes.len = (i + 1) % 5;
			CHECK(saksi_opening_check(&o, &root) == SAKSI_REFUSED);
			o.index = n;
			CHECK(saksi_opening_check(&o, &root) == SAKSI_BADARG);
		}
		CHECK(saksi_sealed_path(leaves, n, n, scratch, path, &n) ==
		      SAKSI_BADARG);
	}
}

/* leaf = SHA-256(0x00 || salt || bytes), which is RFC 9162's leaf of the two. */
static void leaf(void **state)
{
	uint8_t both[SAKSI_SALT_LEN + 3];
	struct saksi_hash a, b;

	(void)state;
	memset(both, 7, sizeof(both));
	a = saksi_sealed_leaf(both, (struct saksi_bytes){both + SAKSI_SALT_LEN, 3});
	b = saksi_hash_leaf((struct saksi_bytes){both, sizeof(both)});
	CHECK(saksi_hash_same(&a, &b));
}

static void verdict_leaf(void **state)
{
	uint8_t b[SAKSI_VERDICT_LEAF_LEN], again[SAKSI_VERDICT_LEAF_LEN];
	struct saksi_verdict_leaf l = {SAKSI_NOT_COVERED, SAKSI_CRITICAL, 0x01020304,
				       hash_n(5), hash_n(6)};
	static const uint8_t head[] = {1, 3, 4, 0, 1, 2, 3, 4, 5};
	struct saksi_verdict_leaf back;
	struct saksi_bytes all = {b, sizeof(b)};

	(void)state;
	saksi_verdict_leaf_write(&l, b);
	CHECK(memcmp(b, head, sizeof(head)) == 0 && b[40] == 6 && b[71] == 1);
	CHECK(saksi_verdict_leaf_read(all, &back) == SAKSI_OK);
	saksi_verdict_leaf_write(&back, again);
	CHECK(memcmp(b, again, sizeof(b)) == 0);
	for (size_t n = 1; n < sizeof(b); n++)
		CHECK(saksi_verdict_leaf_read((struct saksi_bytes){b, n}, &back) ==
		      SAKSI_MALFORMED);
	CHECK(saksi_verdict_leaf_read((struct saksi_bytes){b, 0}, &back) ==
	      SAKSI_MALFORMED);
	for (unsigned v = 0; v < 256; v++) {
		b[1] = (uint8_t)v;
		CHECK((saksi_verdict_leaf_read(all, &back) == SAKSI_OK) ==
		      (v < SAKSI_VERDICTS));
		b[1] = 0;
		b[2] = (uint8_t)v;
		CHECK((saksi_verdict_leaf_read(all, &back) == SAKSI_OK) ==
		      (v < SAKSI_SEVERITIES));
		b[2] = 0;
		b[3] = (uint8_t)v;
		CHECK((saksi_verdict_leaf_read(all, &back) == SAKSI_OK) == (v == 0));
		b[3] = 0;
		b[0] = (uint8_t)v;
		CHECK(saksi_verdict_leaf_read(all, &back) ==
		      (v == 1 ? SAKSI_OK : SAKSI_NEWER));
		b[0] = 1;
	}
}

static void names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SAKSI_VERDICTS; i++) {
		enum saksi_verdict v;
		const char *name = saksi_verdict_name((enum saksi_verdict)i);

		CHECK(saksi_verdict_read(saksi_bytes_of(name), &v) == SAKSI_OK);
		CHECK(v == (enum saksi_verdict)i);
	}
	for (unsigned i = 0; i < SAKSI_SEVERITIES; i++) {
		enum saksi_severity s;
		const char *name = saksi_severity_name((enum saksi_severity)i);

		CHECK(saksi_severity_read(saksi_bytes_of(name), &s) == SAKSI_OK);
		CHECK(s == (enum saksi_severity)i);
		CHECK(saksi_severity_read(saksi_bytes_of("Low"), &s) ==
		      SAKSI_MALFORMED);
	}
	assert_string_equal(saksi_verdict_name(SAKSI_NOT_APPLICABLE), "not-applicable");
	assert_string_equal(saksi_severity_name(SAKSI_CRITICAL), "critical");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(roots_and_paths),
	    cmocka_unit_test(leaf),
	    cmocka_unit_test(verdict_leaf),
	    cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
