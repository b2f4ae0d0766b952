/* What every test of this room starts with. */
#ifndef HELP_H
#define HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "note/policy.h"

static struct saksi_arena arena;

static inline int arena_setup(void **state)
{
	(void)state;
	assert_int_equal(saksi_crypto_begin(), SAKSI_OK);
	assert_int_equal(saksi_arena_map(&arena, 1U << 26), SAKSI_OK);
	return 0;
}

static inline int arena_teardown(void **state)
{
	(void)state;
	saksi_arena_end(&arena);
	return 0;
}

static inline struct saksi_bytes str(const char *s)
{
	return saksi_bytes_of(s);
}

static inline void assert_bytes(struct saksi_bytes got, const char *want)
{
	if (!saksi_bytes_is(got, want))
		fail_msg("%.*s is not %s", (int)got.len, (const char *)got.at, want);
}

/* A key that is the same in every run. */
struct holder {
	struct saksi_vkey key;
	struct saksi_signer *signer;
};

static inline struct holder holder_new(const char *name, uint8_t type, uint8_t seed)
{
	uint8_t bytes[SAKSI_SEED_LEN], key[SAKSI_KEY_LEN];
	struct holder h;

	memset(bytes, seed, sizeof(bytes));
	h.signer = saksi_signer_from_seed(bytes);
	assert_non_null(h.signer);
	saksi_signer_public(h.signer, key);
	assert_int_equal(saksi_vkey_make(str(name), type, key, &h.key), SAKSI_OK);
	return h;
}

/* The vkey as text, in the arena. */
static inline const char *holder_vkey(const struct holder *h)
{
	struct saksi_buf b = saksi_buf_fixed(saksi_arena_new(&arena, 512, 1), 511);

	saksi_vkey_write(&h->key, &b);
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	return (const char *)b.at;
}

#endif
