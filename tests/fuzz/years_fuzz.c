/* rooms: base crypto note */
#include <stdlib.h>

#include "note/years.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(struct saksi_bytes text, struct saksi_buf *b)
{
	if (!saksi_bytes_same(saksi_buf_bytes(b), text))
		abort();
	saksi_buf_clear(b);
}

/* What reads as one of a log's words about itself is written back as the same bytes,
 * and as no other of them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct saksi_bytes text = {data, size};
	struct saksi_buf b = saksi_buf_growing(size + 4096);
	struct saksi_keychange k;
	struct saksi_closing c;
	struct saksi_succession s;
	int forms = 0;

	if (saksi_keychange_read(text, &k, NULL) == SAKSI_OK) {
		saksi_keychange_write(&k, &b);
		same(text, &b);
		forms++;
	}
	if (saksi_closing_read(text, &c, NULL) == SAKSI_OK) {
		saksi_closing_write(&c, &b);
		same(text, &b);
		forms++;
	}
	if (saksi_succession_read(text, &s, NULL) == SAKSI_OK) {
		saksi_succession_write(&s, &b);
		same(text, &b);
		forms++;
	}
	if (forms > 1)
		abort();
	saksi_buf_free(&b);
	return 0;
}
