/* Boxes that only their reader can open (libsodium). */
#ifndef SAKSI_CRYPTO_SEAL_H
#define SAKSI_CRYPTO_SEAL_H

#include "base/buf.h"
#include "base/err.h"

#define SAKSI_BOX_KEY_LEN 32
#define SAKSI_SEAL_EXTRA 48 /* bytes that sealing adds (crypto_box_SEALBYTES) */

/* An X25519 pair.  `secret` is the caller's to wipe. */
void saksi_box_pair(uint8_t pub[SAKSI_BOX_KEY_LEN], uint8_t secret[SAKSI_BOX_KEY_LEN]);
void saksi_box_public(const uint8_t secret[SAKSI_BOX_KEY_LEN],
		      uint8_t pub[SAKSI_BOX_KEY_LEN]);
/* Anonymous sealed box, appended to out.  LIMIT (this also marks out full);
 * BADARG when `pub` is no usable key (small order). */
SAKSI_MUST enum saksi_err saksi_seal(const uint8_t pub[SAKSI_BOX_KEY_LEN],
				     struct saksi_bytes plain, struct saksi_buf *out);
/* Appends what was sealed.  REFUSED when it is not for this key or was changed;
 * LIMIT. */
SAKSI_MUST enum saksi_err saksi_unseal(const uint8_t secret[SAKSI_BOX_KEY_LEN],
				       struct saksi_bytes sealed,
				       struct saksi_buf *out);
#endif
