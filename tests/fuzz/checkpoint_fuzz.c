/* rooms: base crypto note */
/* What is read is written again byte for byte: there is one form. */
#include <stdlib.h>

#include "note/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[1U << 20];
	struct saksi_buf b = saksi_buf_fixed(out, sizeof(out));
	struct saksi_bytes text = {data, size};
	struct saksi_fault f = {.at = 0};
	struct saksi_checkpoint c;

	if (saksi_checkpoint_read(text, &c, &f) != SAKSI_OK) {
		if (f.what == NULL || f.at > size)
			abort();
		return 0;
	}
	saksi_checkpoint_write(&c, &b);
	if (!saksi_bytes_same(saksi_buf_bytes(&b), text) || c.origin.len == 0)
		abort();
	return 0;
}
