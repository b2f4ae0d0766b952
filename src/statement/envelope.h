/* DSSE envelopes around in-toto Statements.
 * Spec: github.com/secure-systems-lab/dsse v1.0.2; docs/formats/statements.md. */
#ifndef SAKSI_STATEMENT_ENVELOPE_H
#define SAKSI_STATEMENT_ENVELOPE_H

#include "base/arena.h"
#include "base/buf.h"
#include "crypto/sign.h"

#define SAKSI_PAYLOAD_TYPE "application/vnd.in-toto+json"
#define SAKSI_PAYLOAD_MAX 48000 /* bytes, so that an entry stays under 65,535 */
#define SAKSI_ENVELOPE_SIGS 16

struct saksi_envelope {
	struct saksi_bytes payload; /* decoded, in the arena */
	struct saksi_bytes pae;     /* what is signed, in the arena */
	struct saksi_hash id;       /* SHA-256 of the payload: the statement's name */
	struct {
		struct saksi_hash keyid; /* SHA-256 of the 32-byte key */
		uint8_t sig[SAKSI_SIG_LEN];
	} sigs[SAKSI_ENVELOPE_SIGS];
	size_t sig_count; /* 1..16, keyids distinct */
};

/* One byte form only: {"payload":"..","payloadType":"..","signatures":[{"keyid":
 * "..","sig":".."},..]} without spaces; anything else is MALFORMED, so that no
 * changed byte is read as the same envelope.  LIMIT. */
SAKSI_MUST enum saksi_err saksi_envelope_read(struct saksi_bytes text,
					      struct saksi_arena *a,
					      struct saksi_envelope *out,
					      struct saksi_fault *f);
/* "DSSEv1 28 application/vnd.in-toto+json LEN PAYLOAD" */
void saksi_envelope_pae(struct saksi_bytes payload, struct saksi_buf *out);
/* BADARG: no signature or too many.  LIMIT: payload too large. */
SAKSI_MUST enum saksi_err saksi_envelope_write(const struct saksi_envelope *e,
					       struct saksi_buf *out);
struct saksi_hash saksi_keyid(const uint8_t key[SAKSI_KEY_LEN]);

/* Prepares the check of signature i with `key`; REFUSED when the keyid is not
 * that key's.  Borrows the envelope. */
SAKSI_MUST enum saksi_err saksi_envelope_check(const struct saksi_envelope *e, size_t i,
					       const uint8_t key[SAKSI_KEY_LEN],
					       struct saksi_sigcheck *out);

/* ---- not in WebAssembly (statement/signing.c) */

/* Signs `payload` (borrowed) or adds a signature to an envelope that has some;
 * sets `id`, leaves `pae` as it is.  LIMIT: 16 signatures, or payload too large.
 * BADARG: this key has signed already. */
SAKSI_MUST enum saksi_err saksi_envelope_sign(struct saksi_envelope *e,
					      const struct saksi_signer *s);

#endif
