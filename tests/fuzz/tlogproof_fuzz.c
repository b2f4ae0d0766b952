/* rooms: base crypto merkle note */
/* What is read is written again byte for byte: there is one form. */
#include <stdlib.h>

#include "note/tlogproof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[1U << 21], out[1U << 20];
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_buf b = saksi_buf_fixed(out, sizeof(out));
	struct saksi_bytes text = {data, size};
	struct saksi_fault f = {.at = 0};
	struct saksi_tlogproof p;

	if (saksi_tlogproof_read(text, &a, &p, &f) != SAKSI_OK) {
		if (f.what == NULL || f.at > size)
			abort();
		return 0;
	}
	saksi_tlogproof_write(&p, &b);
	if (!saksi_bytes_same(saksi_buf_bytes(&b), text))
		abort();
	return 0;
}
