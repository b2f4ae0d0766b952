/* 64-byte vectors in the test of 16 lanes; nothing passes one between files. */
#pragma GCC diagnostic ignored "-Wpsabi"
#include "crypto/digest.h"
#include "crypto/hash.h"

#include "base/text.h"
#include "crypto/hash_engines.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const engine_names[] = {"16 lanes", "2 lanes", "8 lanes", "library",
					   "1 lane"};

static uint8_t text[70000];

static int begin(void **state)
{
	uint32_t x = 1;

	(void)state;
	for (size_t i = 0; i < sizeof text; i++) {
		x = x * 1664525 + 1013904223;
		text[i] = (uint8_t)(x >> 24);
	}
	return sodium_init() < 0 ? -1 : 0;
}

/* The judge: libcrypto's own one-shot call, in agreement with libsodium. */
static struct saksi_hash judge(struct saksi_bytes b)
{
	struct saksi_hash by_openssl, by_sodium;

	assert_int_equal(
	    EVP_Digest(b.at, b.len, by_openssl.b, NULL, EVP_sha256(), NULL), 1);
	assert_int_equal(crypto_hash_sha256(by_sodium.b, b.at, b.len), 0);
	assert_memory_equal(by_openssl.b, by_sodium.b, SAKSI_HASH_LEN);
	return by_sodium;
}

static struct saksi_hash judge_marked(uint8_t mark, struct saksi_bytes b)
{
	static uint8_t marked[sizeof text + 1];

	marked[0] = mark;
	memcpy(marked + 1, b.at, b.len);
	return judge((struct saksi_bytes){marked, b.len + 1});
}

static void assert_hash(struct saksi_hash got, struct saksi_hash want)
{
	assert_memory_equal(got.b, want.b, SAKSI_HASH_LEN);
}

static void assert_hex(struct saksi_hash got, const char *want)
{
	char hex[2 * SAKSI_HASH_LEN + 1];

	saksi_text_to_hex(got.b, sizeof got.b, hex);
	assert_string_equal(hex, want);
}

/* Runs `test` under each engine of this machine; at least two exist anywhere. */
static void with_each_engine(void (*test)(void))
{
	size_t ran = 0;

	for (size_t i = 0; i < sizeof engine_names / sizeof *engine_names; i++) {
		if (!saksi_hash_force(engine_names[i]))
			continue;
		assert_string_equal(saksi_hash_engine(), engine_names[i]);
		test();
		ran++;
	}
	assert_true(saksi_hash_force(NULL));
	assert_true(ran >= 2);
}

/* FIPS 180-4 examples (NIST CSRC, "SHA256.pdf" and the long-message ones). */
static void fips(void)
{
	uint8_t *million = malloc(1000000);
	struct saksi_hash_run r;

	assert_hex(saksi_hash_of(saksi_bytes_of("abc")),
		   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_hex(saksi_hash_of(saksi_bytes_of(
		       "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
		   "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	assert_hex(saksi_hash_of(saksi_bytes_of("")),
		   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_hex(saksi_hash_empty(),
		   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_non_null(million);
	memset(million, 'a', 1000000);
	assert_hex(saksi_hash_of((struct saksi_bytes){million, 1000000}),
		   "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	saksi_hash_begin(&r);
	for (int i = 0; i < 1000; i++)
		saksi_hash_more(&r, (struct saksi_bytes){million, 1000});
	assert_hex(saksi_hash_end(&r),
		   "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(million);
}

static void test_fips(void **state)
{
	(void)state;
	with_each_engine(fips);
}

/* RFC 9162 2.1.1 by its smallest trees (the vectors of Certificate Transparency). */
static void test_rfc9162(void **state)
{
	struct saksi_hash a = saksi_hash_leaf(saksi_bytes_of("")),
			  b = saksi_hash_leaf(
			      (struct saksi_bytes){(const uint8_t *)"\0", 1});

	(void)state;
	assert_hex(a,
		   "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
	assert_hex(b,
		   "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7");
	assert_hex(saksi_hash_node(&a, &b),
		   "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
}

static struct saksi_hash in_two(struct saksi_bytes b, size_t cut)
{
	struct saksi_digest *d = saksi_digest_begin();
	struct saksi_bytes rest = {b.at + cut, b.len - cut};
	struct saksi_hash out;

	assert_non_null(d);
	assert_int_equal(saksi_digest_more(d, (struct saksi_bytes){b.at, cut}),
			 SAKSI_OK);
	assert_int_equal(saksi_digest_more(d, rest), SAKSI_OK);
	assert_int_equal(saksi_digest_end(d, &out), SAKSI_OK);
	saksi_digest_free(d);
	return out;
}

static void lengths(void)
{
	for (size_t n = 0; n <= 300; n++) {
		struct saksi_bytes b = {text + n % 7, n};
		struct saksi_hash_run r;

		assert_hash(saksi_hash_of(b), judge(b));
		assert_hash(saksi_hash_plain((struct saksi_bytes){NULL, 0}, b),
			    judge(b));
		assert_hash(saksi_hash_leaf(b), judge_marked(0, b));
		/* In two pieces, cut at each place. */
		for (size_t cut = 0; cut <= n; cut += n < 130 ? 1 : 13) {
			saksi_hash_begin(&r);
			saksi_hash_more(&r, (struct saksi_bytes){b.at, cut});
			saksi_hash_more(&r, (struct saksi_bytes){b.at + cut, n - cut});
			assert_hash(saksi_hash_end(&r), judge(b));
			assert_hash(in_two(b, cut), judge(b));
		}
	}
}

static void test_lengths(void **state)
{
	(void)state;
	with_each_engine(lengths);
}

static void nodes(void)
{
	for (size_t count = 0; count <= 40; count++) {
		/* A guard page right behind each: nothing is read or written there. */
		struct saksi_hash *in = sodium_malloc(2 * count * sizeof *in);
		struct saksi_hash *out = sodium_malloc(count * sizeof *out);
		struct saksi_hash *place = sodium_malloc(2 * count * sizeof *place);

		assert_true(in != NULL && out != NULL && place != NULL);
		memcpy(in, text, 2 * count * sizeof *in);
		memcpy(place, text, 2 * count * sizeof *in);
		saksi_hash_nodes(in, count, out);
		saksi_hash_nodes(place, count, place);
		for (size_t i = 0; i < count; i++) {
			struct saksi_hash want =
			    judge_marked(1, (struct saksi_bytes){in[2 * i].b, 64});

			assert_hash(saksi_hash_node(&in[2 * i], &in[2 * i + 1]), want);
			assert_hash(out[i], want);
			assert_hash(place[i], want);
		}
		/* What lies behind the results stays. */
		assert_memory_equal(&place[count], &in[count], count * sizeof *in);
		sodium_free(in);
		sodium_free(out);
		sodium_free(place);
	}
}

static void test_nodes(void **state)
{
	(void)state;
	with_each_engine(nodes);
}

static void leaves(void)
{
	static struct saksi_bytes records[40];
	static struct saksi_hash out[41];

	for (size_t count = 0; count <= 40; count++) {
		for (size_t i = 0; i < count; i++)
			records[i] =
			    (struct saksi_bytes){text + i, (i * 37 + count * 61) % 300};
		memset(out, 0xee, sizeof out);
		saksi_hash_leaves(records, count, out);
		for (size_t i = 0; i < count; i++)
			assert_hash(out[i], judge_marked(0, records[i]));
		for (size_t i = 0; i < sizeof *out; i++)
			assert_int_equal(out[count].b[i], 0xee);
	}
}

static void test_leaves(void **state)
{
	(void)state;
	with_each_engine(leaves);
}

/* Every length in one call, then short beside long and empty. */
static void lengths_at_once(void)
{
	static struct saksi_bytes records[301];
	static struct saksi_hash out[301];
	static const size_t odd[] = {0,    65535, 1,  999, 1000, 0,
				     1001, 64,    55, 63,  20000};

	for (size_t n = 0; n <= 300; n++)
		records[n] = (struct saksi_bytes){text + 3, n};
	saksi_hash_leaves(records, 301, out);
	for (size_t n = 0; n <= 300; n++)
		assert_hash(out[n], judge_marked(0, records[n]));
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		records[i] = (struct saksi_bytes){odd[i] ? text : NULL, odd[i]};
	saksi_hash_leaves(records, sizeof odd / sizeof *odd, out);
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		records[i].at = text;
		assert_hash(out[i], judge_marked(0, records[i]));
	}
}

static void test_lengths_at_once(void **state)
{
	(void)state;
	with_each_engine(lengths_at_once);
}

/* The text of the 16-lane engine, without the instructions that not every
 * machine has; what differs on one that has them is the compiler's. */
#undef LANES
#define LANES 16
#define COMPRESS sixteen
#define NODES sixteen_nodes
void sixteen(uint32_t state[128], const uint8_t *const block[16]);
void sixteen_nodes(const struct saksi_hash in[32], struct saksi_hash out[16]);
#include "crypto/hash_lanes.h"

static void test_sixteen_lanes(void **state)
{
	uint32_t many[128], one[8];
	const uint8_t *block[16];

	(void)state;
	for (size_t l = 0; l < 16; l++) {
		block[l] = text + 100 * l + l;
		for (size_t i = 0; i < 8; i++)
			many[i * 16 + l] = saksi_hash_start[i] + (uint32_t)l;
	}
	sixteen(many, block);
	for (size_t l = 0; l < 16; l++) {
		for (size_t i = 0; i < 8; i++)
			one[i] = saksi_hash_start[i] + (uint32_t)l;
		saksi_hash_lanes1(one, &block[l]);
		for (size_t i = 0; i < 8; i++)
			assert_int_equal(many[i * 16 + l], one[i]);
	}
}

static void test_sixteen_nodes(void **state)
{
	struct saksi_hash in[32], out[16];

	(void)state;
	memcpy(in, text, sizeof in);
	sixteen_nodes(in, out);
	for (size_t l = 0; l < 16; l++)
		assert_hash(out[l],
			    judge_marked(1, (struct saksi_bytes){in[2 * l].b, 64}));
	sixteen_nodes(in, in);
	assert_memory_equal(in, out, sizeof out);
}

static void test_engines(void **state)
{
	const char *here;

	(void)state;
	assert_true(saksi_hash_force(NULL));
	here = saksi_hash_engine();
	assert_false(saksi_hash_force("9 lanes"));
	assert_false(saksi_hash_force(""));
	assert_string_equal(saksi_hash_engine(), here);
	assert_true(saksi_hash_force("1 lane"));
	assert_string_equal(saksi_hash_engine(), "1 lane");
	assert_true(saksi_hash_force(NULL));
	assert_string_equal(saksi_hash_engine(), here);
	assert_true(saksi_hash_force(here));
	assert_true(saksi_hash_force(NULL));
#ifdef __x86_64__
	/* What the machine has is what it takes. */
	assert_int_equal(saksi_hash_force("8 lanes"),
			 __builtin_cpu_supports("avx2") != 0);
	assert_int_equal(saksi_hash_force("16 lanes"),
			 __builtin_cpu_supports("avx512f") != 0);
	assert_true(saksi_hash_force(NULL));
#endif
}

static void test_same(void **state)
{
	struct saksi_hash a = saksi_hash_of(saksi_bytes_of("a")), b = a;

	(void)state;
	assert_true(saksi_hash_same(&a, &b));
	for (size_t bit = 0; bit < 256; bit++) {
		b = a;
		b.b[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_false(saksi_hash_same(&a, &b));
	}
	assert_ptr_equal(saksi_hash_bytes(&a).at, a.b);
	assert_int_equal(saksi_hash_bytes(&a).len, 32);
}

static void *hash_in_thread(void *arg)
{
	struct saksi_bytes b = {text, (size_t)(uintptr_t)arg};
	struct saksi_hash h = saksi_hash_of(b);
	struct saksi_hash *out = malloc(sizeof *out);

	for (int i = 0; i < 1000; i++)
		h = saksi_hash_of(b);
	if (out != NULL)
		*out = h;
	return out;
}

static void test_threads(void **state)
{
	pthread_t t[8];

	(void)state;
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&t[i], NULL, hash_in_thread,
						(void *)(uintptr_t)(100 + i)),
				 0);
	for (size_t i = 0; i < 8; i++) {
		void *out;

		assert_int_equal(pthread_join(t[i], &out), 0);
		assert_non_null(out);
		assert_memory_equal(out, judge((struct saksi_bytes){text, 100 + i}).b,
				    32);
		free(out);
	}
}

/* A library that says no must not change any hash. */
static bool library_fails;
static _Atomic unsigned library_calls;
int __real_EVP_DigestInit_ex2(EVP_MD_CTX *c, const EVP_MD *md, const OSSL_PARAM *p);
int __wrap_EVP_DigestInit_ex2(EVP_MD_CTX *c, const EVP_MD *md, const OSSL_PARAM *p);
int __wrap_EVP_DigestInit_ex2(EVP_MD_CTX *c, const EVP_MD *md, const OSSL_PARAM *p)
{
	library_calls++;
	return library_fails ? 0 : __real_EVP_DigestInit_ex2(c, md, p);
}

static void test_one_lane_is_ours_alone(void **state)
{
	struct saksi_hash h = saksi_hash_of(saksi_bytes_of("x"));

	(void)state;
	assert_true(saksi_hash_force("1 lane"));
	library_calls = 0;
	assert_hash(saksi_hash_of(saksi_bytes_of("x")), h);
	h = saksi_hash_node(&h, &h);
	saksi_hash_leaves(&(struct saksi_bytes){text, 9}, 1, &h);
	assert_int_equal(library_calls, 0);
	assert_true(saksi_hash_force(NULL));
}

static void test_library_fails(void **state)
{
	struct saksi_bytes b = {text, 100};
	struct saksi_hash want = judge(b), got = {{0}};
	pthread_t t;
	void *out;

	(void)state;
	assert_true(saksi_hash_force("library"));
	library_fails = true;
	assert_false(saksi_hash_library((struct saksi_bytes){NULL, 0}, b, &got));
	assert_int_equal(got.b[0], 0);
	got = saksi_hash_of(b);
	/* Also where a thread has no context yet. */
	assert_int_equal(
	    pthread_create(&t, NULL, hash_in_thread, (void *)(uintptr_t)100), 0);
	assert_int_equal(pthread_join(t, &out), 0);
	library_fails = false;
	assert_true(saksi_hash_force(NULL));
	assert_hash(got, want);
	assert_non_null(out);
	assert_memory_equal(out, want.b, 32);
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fips),
	    cmocka_unit_test(test_rfc9162),
	    cmocka_unit_test(test_lengths),
	    cmocka_unit_test(test_nodes),
	    cmocka_unit_test(test_leaves),
	    cmocka_unit_test(test_lengths_at_once),
	    cmocka_unit_test(test_sixteen_lanes),
	    cmocka_unit_test(test_sixteen_nodes),
	    cmocka_unit_test(test_engines),
	    cmocka_unit_test(test_same),
	    cmocka_unit_test(test_threads),
	    cmocka_unit_test(test_library_fails),
	    cmocka_unit_test(test_one_lane_is_ours_alone),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
