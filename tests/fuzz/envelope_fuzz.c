/* rooms: base crypto statement merkle note */
/* What is read is written again byte for byte: there is one form. */
#include <stdlib.h>
#include <string.h>

#include "statement/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[1U << 17], out[1U << 17];
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_buf b = saksi_buf_fixed(out, sizeof(out));
	struct saksi_buf pae = saksi_buf_fixed(room + (1U << 16), 1U << 16);
	struct saksi_bytes text = {data, size};
	struct saksi_fault f = {.at = 0};
	struct saksi_envelope e;
	struct saksi_hash id;

	if (saksi_envelope_read(text, &a, &e, &f) != SAKSI_OK) {
		if (f.what == NULL || f.at > size || a.used != 0)
			abort();
		return 0;
	}
	if (saksi_envelope_write(&e, &b) != SAKSI_OK ||
	    !saksi_bytes_same(saksi_buf_bytes(&b), text))
		abort();
	id = saksi_hash_of(e.payload);
	saksi_envelope_pae(e.payload, &pae);
	if (!saksi_hash_same(&id, &e.id) ||
	    !saksi_bytes_same(saksi_buf_bytes(&pae), e.pae))
		abort();
	return 0;
}
