#include "crypto/seal.h"

#include <sodium.h>

_Static_assert(SAKSI_BOX_KEY_LEN == crypto_box_PUBLICKEYBYTES, "X25519 key");
_Static_assert(SAKSI_BOX_KEY_LEN == crypto_box_SECRETKEYBYTES, "X25519 secret");
_Static_assert(SAKSI_SEAL_EXTRA == crypto_box_SEALBYTES, "sealed box");

void saksi_box_pair(uint8_t pub[SAKSI_BOX_KEY_LEN], uint8_t secret[SAKSI_BOX_KEY_LEN])
{
	(void)crypto_box_keypair(pub, secret);
}

void saksi_box_public(const uint8_t secret[SAKSI_BOX_KEY_LEN],
		      uint8_t pub[SAKSI_BOX_KEY_LEN])
{
	(void)crypto_scalarmult_base(pub, secret);
}

enum saksi_err saksi_seal(const uint8_t pub[SAKSI_BOX_KEY_LEN],
			  struct saksi_bytes plain, struct saksi_buf *out)
{
	size_t before = out->len, n;
	uint8_t *at;

	if (__builtin_add_overflow(plain.len, (size_t)SAKSI_SEAL_EXTRA, &n))
		return SAKSI_LIMIT;
	at = saksi_buf_room(out, n);
	if (at == NULL)
		return SAKSI_LIMIT;
	if (crypto_box_seal(at, plain.at, plain.len, pub) != 0) {
		out->len = before;
		return SAKSI_BADARG;
	}
	return SAKSI_OK;
}

enum saksi_err saksi_unseal(const uint8_t secret[SAKSI_BOX_KEY_LEN],
			    struct saksi_bytes sealed, struct saksi_buf *out)
{
	uint8_t pub[SAKSI_BOX_KEY_LEN], *at;
	size_t before = out->len;

	if (sealed.len < SAKSI_SEAL_EXTRA)
		return SAKSI_REFUSED;
	at = saksi_buf_room(out, sealed.len - SAKSI_SEAL_EXTRA);
	if (at == NULL)
		return SAKSI_LIMIT;
	saksi_box_public(secret, pub);
	if (crypto_box_seal_open(at, sealed.at, sealed.len, pub, secret) != 0) {
		out->len = before;
		return SAKSI_REFUSED;
	}
	return SAKSI_OK;
}
