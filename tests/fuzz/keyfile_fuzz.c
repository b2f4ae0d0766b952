/* rooms: cmd */
/* Key files: whatever the bytes, no fault; what is read is written the same. */
#include <stdlib.h>
#include <string.h>

#include "cmd/keyfile.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return saksi_crypto_begin() == SAKSI_OK ? 0 : -1;
}

static void same(const struct saksi_buf *out, struct saksi_bytes text)
{
	if (!saksi_bytes_same(saksi_buf_bytes(out), text))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t memory[8192];
	struct saksi_bytes text = {data, size};
	struct saksi_buf out = saksi_buf_fixed(memory, sizeof(memory));
	struct saksi_boxfile b;
	struct saksi_keyfile k;
	struct saksi_fault f;

	if (size > 4096)
		return 0;
	if (saksi_boxfile_read(text, &b, &f) == SAKSI_OK) {
		saksi_boxfile_write(&b, &out);
		same(&out, text);
	}
	saksi_buf_clear(&out);
	if (saksi_keyfile_read(text, &k, &f) == SAKSI_OK) {
		saksi_skey_write(&k.vkey, k.signer, &out);
		saksi_buf_puts(&out, "\n");
		same(&out, text);
		saksi_keyfile_end(&k);
	}
	return 0;
}
