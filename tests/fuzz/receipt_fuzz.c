/* rooms: base crypto note */
#include <stdlib.h>

#include "note/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What reads as a receipt is written back as the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct saksi_bytes text = {data, size};
	struct saksi_buf b = saksi_buf_growing(size + 1);
	struct saksi_receipt r;

	if (saksi_receipt_read(text, &r, NULL) == SAKSI_OK) {
		saksi_receipt_write(&r, &b);
		if (!saksi_bytes_same(saksi_buf_bytes(&b), text))
			abort();
	}
	saksi_buf_free(&b);
	return 0;
}
