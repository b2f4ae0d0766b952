/* Private evidence, encrypted at rest to named readers.
 * Spec: docs/FORMATS.md, "Vault object". */
#ifndef SAKSI_VAULT_VAULT_H
#define SAKSI_VAULT_VAULT_H

#include "base/buf.h"
#include "crypto/hash.h"
#include "crypto/seal.h"

/* Encrypts `plain` to 1..16 readers (a fresh content key, sealed to each;
 * secretstream body) and appends the object. The object says its version.  LIMIT,
 * BADARG. */
SAKSI_MUST enum saksi_err saksi_vault_lock(const uint8_t (*readers)[SAKSI_BOX_KEY_LEN],
					   size_t count, struct saksi_bytes plain,
					   struct saksi_buf *out);
/* Appends what was locked.  REFUSED: not for this key, or changed.  NEWER,
 * MALFORMED. */
SAKSI_MUST enum saksi_err saksi_vault_unlock(const uint8_t secret[SAKSI_BOX_KEY_LEN],
					     struct saksi_bytes object,
					     struct saksi_buf *out);
/* Files "NAME.vault" in an open directory (mode 0700, files 0600). */
SAKSI_MUST enum saksi_err saksi_vault_put(int dir, const char *name,
					  struct saksi_bytes object,
					  struct saksi_why *w);
SAKSI_MUST enum saksi_err saksi_vault_get(int dir, const char *name,
					  struct saksi_buf *out, struct saksi_why *w);
#endif
