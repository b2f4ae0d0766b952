/* Private evidence, encrypted at rest to named readers.
 * Spec: docs/formats/vault.md.  Test: tests/unit/vault/vault_test.c */
#ifndef SAKSI_VAULT_VAULT_H
#define SAKSI_VAULT_VAULT_H

#include "base/buf.h"
#include "crypto/hash.h"
#include "crypto/seal.h"

/* Encrypts `plain` to 1..16 readers (a fresh content key, sealed to each;
 * secretstream body) and appends the object. The object says its version.  LIMIT,
 * BADARG (count, or a key that is none).  Cost: one pass, and 100 us a reader. */
SAKSI_MUST enum saksi_err saksi_vault_lock(const uint8_t (*readers)[SAKSI_BOX_KEY_LEN],
					   size_t count, struct saksi_bytes plain,
					   struct saksi_buf *out);
/* Appends what was locked.  REFUSED: not for this key, or changed.  NEWER,
 * MALFORMED, LIMIT (over out->max).  After a failure out holds what it held, and
 * no plain byte is left behind it; wiping it after OK is the caller's. */
SAKSI_MUST enum saksi_err saksi_vault_unlock(const uint8_t secret[SAKSI_BOX_KEY_LEN],
					     struct saksi_bytes object,
					     struct saksi_buf *out);
/* Files "NAME.vault" in an open directory (mode 0700, files 0600); NAME is 1 to
 * 200 of A-Z a-z 0-9 - _ . and does not begin with '.'.  Put never overwrites:
 * IO with EEXIST.  IO, BADARG; get: MISSING, LIMIT. */
SAKSI_MUST enum saksi_err saksi_vault_put(int dir, const char *name,
					  struct saksi_bytes object,
					  struct saksi_why *w);
SAKSI_MUST enum saksi_err saksi_vault_get(int dir, const char *name,
					  struct saksi_buf *out, struct saksi_why *w);
#endif
