/* rooms: vault */
/* An object of the vault: what is locked can be unlocked by its reader alone, and
 * any bytes, or a locked object with one byte changed, are refused without a byte
 * put out. */
#include "vault/vault.h"
#include "crypto/sign.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t secret[SAKSI_BOX_KEY_LEN], other[SAKSI_BOX_KEY_LEN];
static uint8_t reader[1][SAKSI_BOX_KEY_LEN];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (saksi_crypto_begin() != SAKSI_OK)
		return -1;
	memset(secret, 5, sizeof(secret));
	memset(other, 6, sizeof(other));
	saksi_box_public(secret, reader[0]);
	return 0;
}

static void refused(const uint8_t *key, struct saksi_bytes object,
		    struct saksi_buf *out)
{
	if (saksi_vault_unlock(key, object, out) == SAKSI_OK || out->len != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct saksi_bytes plain = {data, size};
	struct saksi_buf object = saksi_buf_growing(size + 65536);
	struct saksi_buf out = saksi_buf_growing(size + 65536);

	if (size == 0 || size > 65536)
		goto done;
	if (saksi_vault_unlock(secret, plain, &out) != SAKSI_OK && out.len != 0)
		abort();
	saksi_buf_clear(&out);
	if (saksi_vault_lock((const uint8_t(*)[SAKSI_BOX_KEY_LEN])reader, 1, plain,
			     &object) != SAKSI_OK)
		abort();
	refused(other, saksi_buf_bytes(&object), &out);
	object.at[((size_t)data[0] << 8 | data[size - 1]) % object.len] ^= 1;
	refused(secret, saksi_buf_bytes(&object), &out);
	object.at[((size_t)data[0] << 8 | data[size - 1]) % object.len] ^= 1;
	if (saksi_vault_unlock(secret, saksi_buf_bytes(&object), &out) != SAKSI_OK ||
	    !saksi_bytes_same(saksi_buf_bytes(&out), plain))
		abort();
done:
	saksi_buf_free(&object);
	saksi_buf_free(&out);
	return 0;
}
