/* SHA-256 (FIPS 180-4) of one long message in pieces, by libcrypto: several times as
 * fast as saksi_hash_more, but it owns memory, so not for WebAssembly.
 * Test: tests/unit/crypto/hash_test.c */
#ifndef SAKSI_CRYPTO_DIGEST_H
#define SAKSI_CRYPTO_DIGEST_H

#include "base/err.h"
#include "crypto/hash.h"

struct saksi_digest;

struct saksi_digest *saksi_digest_begin(void); /* NULL: no memory */
/* NOMEM: the library failed; the digest is of no use then. */
SAKSI_MUST enum saksi_err saksi_digest_more(struct saksi_digest *d,
					    struct saksi_bytes data);
/* Once; *out is written only with OK.  NOMEM. */
SAKSI_MUST enum saksi_err saksi_digest_end(struct saksi_digest *d,
					   struct saksi_hash *out);
void saksi_digest_free(struct saksi_digest *d); /* NULL is fine */

#endif
