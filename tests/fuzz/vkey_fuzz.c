/* rooms: base crypto note */
/* A key of a type that can be written is written again as it was read. */
#include <stdlib.h>

#include "note/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[1U << 16];
	struct saksi_buf b = saksi_buf_fixed(out, sizeof(out));
	struct saksi_bytes text = {data, size};
	struct saksi_fault f = {.at = 0};
	enum saksi_err read, any;
	struct saksi_vkey k, again;

	any = saksi_vkey_read_any(text, &k, &f);
	read = saksi_vkey_read(text, &again, NULL);
	if (any != SAKSI_OK) {
		if (f.what == NULL || f.at > size + 1 || read != any)
			abort();
		return 0;
	}
	if (k.type != SAKSI_SIG_ED25519 && k.type != SAKSI_SIG_COSIGNATURE) {
		if (read != (k.type == SAKSI_SIG_MLDSA44 ? SAKSI_OK : SAKSI_NEWER))
			abort();
		return 0;
	}
	saksi_vkey_write(&k, &b);
	if (read != SAKSI_OK || !saksi_bytes_same(saksi_buf_bytes(&b), text) ||
	    saksi_vkey_id(k.name, k.type, k.key) != k.id)
		abort();
	return 0;
}
