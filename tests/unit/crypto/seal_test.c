#include "crypto/seal.h"

#include "crypto/sign.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t pub[2][32], secret[2][32];

static int begin(void **state)
{
	(void)state;
	if (saksi_crypto_begin() != SAKSI_OK)
		return -1;
	saksi_box_pair(pub[0], secret[0]);
	saksi_box_pair(pub[1], secret[1]);
	return 0;
}

static void test_pair(void **state)
{
	uint8_t again[32];

	(void)state;
	saksi_box_public(secret[0], again);
	assert_memory_equal(again, pub[0], 32);
	assert_memory_not_equal(pub[0], pub[1], 32);
	/* RFC 7748 6.1, Alice. */
	static const uint8_t alice[32] = {
	    0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1,
	    0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0,
	    0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a};
	static const uint8_t want[32] = {
	    0x85, 0x20, 0xf0, 0x09, 0x89, 0x30, 0xa7, 0x54, 0x74, 0x8b, 0x7d,
	    0xdc, 0xb4, 0x3e, 0xf7, 0x5a, 0x0d, 0xbf, 0x3a, 0x0d, 0x26, 0x38,
	    0x1a, 0xf4, 0xeb, 0xa4, 0xa9, 0x8e, 0xaa, 0x9b, 0x4e, 0x6a};
	saksi_box_public(alice, again);
	assert_memory_equal(again, want, 32);
}

static void test_round_trip(void **state)
{
	uint8_t text[300];

	(void)state;
	saksi_random(text, sizeof text);
	for (size_t n = 0; n <= sizeof text; n += 7) {
		struct saksi_buf box = saksi_buf_growing(1000),
				 out = saksi_buf_growing(1000);
		struct saksi_bytes plain = {text, n};

		saksi_buf_puts(&out, ">");
		assert_int_equal(saksi_seal(pub[0], plain, &box), SAKSI_OK);
		assert_int_equal(box.len, n + SAKSI_SEAL_EXTRA);
		assert_int_equal(saksi_unseal(secret[1], saksi_buf_bytes(&box), &out),
				 SAKSI_REFUSED);
		assert_int_equal(out.len, 1);
		assert_int_equal(saksi_unseal(secret[0], saksi_buf_bytes(&box), &out),
				 SAKSI_OK);
		assert_int_equal(out.len, 1 + n);
		assert_memory_equal(out.at + 1, text, n);
		saksi_buf_free(&box);
		saksi_buf_free(&out);
	}
}

static void test_every_bit_flip(void **state)
{
	struct saksi_buf box = saksi_buf_growing(1000), out = saksi_buf_growing(1000);

	(void)state;
	assert_int_equal(saksi_seal(pub[0], saksi_bytes_of("salt"), &box), SAKSI_OK);
	for (size_t i = 0; i < 8 * box.len; i++) {
		box.at[i / 8] ^= (uint8_t)(1U << i % 8);
		/* X25519 ignores the top bit of a public key, but the nonce of the
		 * box hashes it. */
		assert_int_equal(saksi_unseal(secret[0], saksi_buf_bytes(&box), &out),
				 SAKSI_REFUSED);
		assert_int_equal(out.len, 0);
		box.at[i / 8] ^= (uint8_t)(1U << i % 8);
	}
	for (size_t n = 0; n < box.len; n++)
		assert_int_equal(
		    saksi_unseal(secret[0], (struct saksi_bytes){box.at, n}, &out),
		    SAKSI_REFUSED);
	assert_int_equal(saksi_unseal(secret[0], saksi_buf_bytes(&box), &out),
			 SAKSI_OK);
	saksi_buf_free(&box);
	saksi_buf_free(&out);
}

static void test_limits(void **state)
{
	static const uint8_t zero[32];
	uint8_t room[52];
	struct saksi_buf box = saksi_buf_fixed(room, 51), out;

	(void)state;
	assert_int_equal(saksi_seal(pub[0], saksi_bytes_of("1234"), &box), SAKSI_LIMIT);
	assert_int_equal(box.len, 0);
	box = saksi_buf_fixed(room, 52);
	assert_int_equal(saksi_seal(zero, saksi_bytes_of("1234"), &box), SAKSI_BADARG);
	assert_int_equal(box.len, 0);
	assert_int_equal(saksi_seal(pub[0], (struct saksi_bytes){room, SIZE_MAX}, &box),
			 SAKSI_LIMIT);
	assert_int_equal(saksi_seal(pub[0], saksi_bytes_of("1234"), &box), SAKSI_OK);
	out = saksi_buf_fixed(NULL, 0);
	assert_int_equal(saksi_unseal(secret[0], saksi_buf_bytes(&box), &out),
			 SAKSI_LIMIT);
	assert_int_equal(out.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pair),
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_every_bit_flip),
	    cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
