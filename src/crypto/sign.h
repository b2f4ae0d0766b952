/* Ed25519 (RFC 8032) by libsodium, and checks that wait for an answer. */
#ifndef SAKSI_CRYPTO_SIGN_H
#define SAKSI_CRYPTO_SIGN_H

#include "base/cursor.h"
#include "base/err.h"
#include "crypto/hash.h"

#define SAKSI_KEY_LEN 32
#define SAKSI_SIG_LEN 64
#define SAKSI_SEED_LEN 32

/* A signature to be checked by whoever has the means: libsodium here,
 * WebCrypto in a browser.  Pure rooms make these and later read `answer`.
 * UNCHECKED is never good: it means cannot tell. */
enum saksi_sig_answer { SAKSI_SIG_UNCHECKED = 0, SAKSI_SIG_GOOD, SAKSI_SIG_BAD };
struct saksi_sigcheck {
	uint8_t key[SAKSI_KEY_LEN];
	uint8_t sig[SAKSI_SIG_LEN];
	struct saksi_bytes message; /* borrowed */
	enum saksi_sig_answer answer;
};

/* ---- not in WebAssembly from here on */

/* A signing key.  Lives in memory from saksi_signer_new, is wiped at the end. */
struct saksi_signer;

/* Call once before anything else in this room with libsodium; safe to repeat.
 * IO when the machine has no randomness. */
SAKSI_MUST enum saksi_err saksi_crypto_begin(void);

void saksi_random(void *out, size_t len);
/* A new key from randomness; NULL when out of memory. */
struct saksi_signer *saksi_signer_new(void);
struct saksi_signer *saksi_signer_from_seed(const uint8_t seed[SAKSI_SEED_LEN]);
void saksi_signer_free(struct saksi_signer *s);
void saksi_signer_public(const struct saksi_signer *s, uint8_t key[SAKSI_KEY_LEN]);
/* Copies the seed out, for writing a key file; the caller wipes it. */
void saksi_signer_seed(const struct saksi_signer *s, uint8_t seed[SAKSI_SEED_LEN]);
void saksi_sign(const struct saksi_signer *s, struct saksi_bytes message,
		uint8_t sig[SAKSI_SIG_LEN]);
/* Strict libsodium verification. */
bool saksi_sign_check(const uint8_t key[SAKSI_KEY_LEN], struct saksi_bytes message,
		      const uint8_t sig[SAKSI_SIG_LEN]);
/* Answers every UNCHECKED check. Cost: about 60 us each. */
void saksi_sigchecks_run(struct saksi_sigcheck *checks, size_t count);
void saksi_wipe(void *at, size_t len);

#endif
