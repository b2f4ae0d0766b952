#include "crypto/sign.h"

#include "base/text.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int begin(void **state)
{
	(void)state;
	if (saksi_crypto_begin() != SAKSI_OK)
		return -1;
	return saksi_crypto_begin() == SAKSI_OK ? 0 : -1; /* safe to repeat */
}

static void hex(const char *text, uint8_t *out, size_t len)
{
	assert_int_equal(saksi_text_hex(saksi_bytes_of(text), out, len), SAKSI_OK);
}

/* RFC 8032 7.1: TEST 1, 2, 3. */
static void test_rfc8032(void **state)
{
	static const struct {
		const char *seed, *key, *message, *sig;
	} t[] = {
	    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb882159"
	     "0"
	     "a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
	    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
	     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43"
	     "e"
	     "15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
	    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
	     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538"
	     "d"
	     "16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		uint8_t seed[32], key[32], want_key[32], sig[64], want[64], message[2];
		uint8_t seed_again[32];
		struct saksi_bytes m = {message, strlen(t[i].message) / 2};
		struct saksi_signer *s;

		hex(t[i].seed, seed, 32);
		hex(t[i].key, want_key, 32);
		hex(t[i].sig, want, 64);
		hex(t[i].message, message, m.len);
		s = saksi_signer_from_seed(seed);
		assert_non_null(s);
		saksi_signer_public(s, key);
		assert_memory_equal(key, want_key, 32);
		saksi_signer_seed(s, seed_again);
		assert_memory_equal(seed_again, seed, 32);
		saksi_sign(s, m, sig);
		assert_memory_equal(sig, want, 64);
		assert_true(saksi_sign_check(key, m, sig));
		saksi_signer_free(s);
	}
}

static void test_every_bit_flip(void **state)
{
	struct saksi_signer *s = saksi_signer_new();
	uint8_t key[32], sig[64], text[] = "witnessed";
	struct saksi_bytes m = {text, sizeof text};

	(void)state;
	assert_non_null(s);
	saksi_signer_public(s, key);
	saksi_sign(s, m, sig);
	saksi_signer_free(s);
	for (size_t i = 0; i < 8 * (sizeof key + sizeof sig + sizeof text); i++) {
		uint8_t bit = (uint8_t)(1U << i % 8);
		uint8_t *at = i / 8 < 32   ? &key[i / 8]
			      : i / 8 < 96 ? &sig[i / 8 - 32]
					   : &text[i / 8 - 96];

		*at ^= bit;
		assert_false(saksi_sign_check(key, m, sig));
		*at ^= bit;
	}
	assert_true(saksi_sign_check(key, m, sig));
	m.len--;
	assert_false(saksi_sign_check(key, m, sig));
}

/* What lax verifiers take: S + L, and keys of small order. */
static void test_strict(void **state)
{
	static const uint8_t order[32] = {
	    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
	    0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
	    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
	struct saksi_signer *s = saksi_signer_new();
	struct saksi_bytes m = saksi_bytes_of("m");
	uint8_t key[32], sig[64], zero_key[32] = {0}, one_key[32] = {1};
	uint8_t easy[64] = {1}; /* R = identity, S = 0 */
	unsigned carry = 0;

	(void)state;
	assert_non_null(s);
	saksi_signer_public(s, key);
	saksi_sign(s, m, sig);
	saksi_signer_free(s);
	for (size_t i = 0; i < 32; i++) {
		carry += (unsigned)sig[32 + i] + order[i];
		sig[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	assert_false(saksi_sign_check(key, m, sig));
	assert_false(saksi_sign_check(one_key, m, easy));
	assert_false(saksi_sign_check(zero_key, m, easy));
}

static void test_sigchecks(void **state)
{
	struct saksi_signer *s = saksi_signer_new();
	struct saksi_sigcheck c[4] = {0};

	(void)state;
	assert_non_null(s);
	for (size_t i = 0; i < 4; i++) {
		c[i].message = saksi_bytes_of("same");
		saksi_signer_public(s, c[i].key);
		saksi_sign(s, c[i].message, c[i].sig);
	}
	saksi_signer_free(s);
	c[1].sig[5] ^= 1;
	c[2].answer = SAKSI_SIG_BAD; /* answered before: not asked again */
	saksi_sigchecks_run(c, 3);
	assert_int_equal(c[0].answer, SAKSI_SIG_GOOD);
	assert_int_equal(c[1].answer, SAKSI_SIG_BAD);
	assert_int_equal(c[2].answer, SAKSI_SIG_BAD);
	assert_int_equal(c[3].answer, SAKSI_SIG_UNCHECKED);
	saksi_sigchecks_run(NULL, 0);
}

static bool no_memory;
void *__real_sodium_malloc(size_t n);
void *__wrap_sodium_malloc(size_t n);
void *__wrap_sodium_malloc(size_t n)
{
	return no_memory ? NULL : __real_sodium_malloc(n);
}

static void test_signer_memory(void **state)
{
	uint8_t seed[32] = {0};

	(void)state;
	no_memory = true;
	assert_null(saksi_signer_new());
	assert_null(saksi_signer_from_seed(seed));
	no_memory = false;
	saksi_signer_free(NULL);
}

static void test_random_and_wipe(void **state)
{
	uint8_t a[32] = {0}, b[32] = {0}, zero[32] = {0};
	struct saksi_signer *s = saksi_signer_new(), *t = saksi_signer_new();

	(void)state;
	saksi_random(a, 32);
	saksi_random(b, 32);
	assert_memory_not_equal(a, b, 32);
	saksi_wipe(a, 31);
	assert_memory_equal(a, zero, 31);
	assert_non_null(s);
	assert_non_null(t);
	saksi_signer_public(s, a);
	saksi_signer_public(t, b);
	assert_memory_not_equal(a, b, 32);
	saksi_signer_free(s);
	saksi_signer_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rfc8032),
	    cmocka_unit_test(test_every_bit_flip),
	    cmocka_unit_test(test_strict),
	    cmocka_unit_test(test_sigchecks),
	    cmocka_unit_test(test_signer_memory),
	    cmocka_unit_test(test_random_and_wipe),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
