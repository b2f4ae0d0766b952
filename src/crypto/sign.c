#include "crypto/sign.h"

#include <sodium.h>

_Static_assert(SAKSI_KEY_LEN == crypto_sign_PUBLICKEYBYTES, "Ed25519 key");
_Static_assert(SAKSI_SIG_LEN == crypto_sign_BYTES, "Ed25519 signature");
_Static_assert(SAKSI_SEED_LEN == crypto_sign_SEEDBYTES, "Ed25519 seed");

struct saksi_signer {
	uint8_t secret[crypto_sign_SECRETKEYBYTES]; /* seed, then public key */
};

enum saksi_err saksi_crypto_begin(void)
{
	return sodium_init() < 0 ? SAKSI_IO : SAKSI_OK;
}

void saksi_random(void *out, size_t len)
{
	randombytes_buf(out, len);
}

struct saksi_signer *saksi_signer_new(void)
{
	uint8_t seed[SAKSI_SEED_LEN];
	struct saksi_signer *s;

	saksi_random(seed, sizeof seed);
	s = saksi_signer_from_seed(seed);
	saksi_wipe(seed, sizeof seed);
	return s;
}

struct saksi_signer *saksi_signer_from_seed(const uint8_t seed[SAKSI_SEED_LEN])
{
	uint8_t key[SAKSI_KEY_LEN];
	struct saksi_signer *s = sodium_malloc(sizeof *s);

	if (s == NULL)
		return NULL;
	(void)crypto_sign_seed_keypair(key, s->secret, seed);
	return s;
}

void saksi_signer_free(struct saksi_signer *s)
{
	sodium_free(s);
}

void saksi_signer_public(const struct saksi_signer *s, uint8_t key[SAKSI_KEY_LEN])
{
	(void)crypto_sign_ed25519_sk_to_pk(key, s->secret);
}

void saksi_signer_seed(const struct saksi_signer *s, uint8_t seed[SAKSI_SEED_LEN])
{
	(void)crypto_sign_ed25519_sk_to_seed(seed, s->secret);
}

void saksi_sign(const struct saksi_signer *s, struct saksi_bytes message,
		uint8_t sig[SAKSI_SIG_LEN])
{
	(void)crypto_sign_detached(sig, NULL, message.at, message.len, s->secret);
}

bool saksi_sign_check(const uint8_t key[SAKSI_KEY_LEN], struct saksi_bytes message,
		      const uint8_t sig[SAKSI_SIG_LEN])
{
	return crypto_sign_verify_detached(sig, message.at, message.len, key) == 0;
}

void saksi_sigchecks_run(struct saksi_sigcheck *checks, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct saksi_sigcheck *c = &checks[i];

		if (c->answer == SAKSI_SIG_UNCHECKED)
			c->answer = saksi_sign_check(c->key, c->message, c->sig)
					? SAKSI_SIG_GOOD
					: SAKSI_SIG_BAD;
	}
}

void saksi_wipe(void *at, size_t len)
{
	sodium_memzero(at, len);
}
