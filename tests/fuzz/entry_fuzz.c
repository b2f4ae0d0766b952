/* rooms: base crypto statement merkle note */
/* What is read is written again byte for byte: attachments have one place. */
#include <stdlib.h>
#include <string.h>

#include "statement/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[SAKSI_ENTRY_MAX];
	struct saksi_hash digests[SAKSI_ADDENDA_MAX];
	struct saksi_buf b = saksi_buf_fixed(out, sizeof(out));
	struct saksi_bytes text = {data, size};
	struct saksi_fault f = {.at = 0};
	struct saksi_entry e;

	if (saksi_entry_read(text, &e, &f) != SAKSI_OK) {
		if (f.what == NULL || f.at > size)
			abort();
		return 0;
	}
	if (e.count > 0)
		memcpy(digests, e.digests.at, e.digests.len);
	if (saksi_entry_write(e.envelope, digests, e.count, &b) != SAKSI_OK ||
	    !saksi_bytes_same(saksi_buf_bytes(&b), text))
		abort();
	return 0;
}
