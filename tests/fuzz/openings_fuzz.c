/* rooms: base crypto statement merkle note */
/* Whatever is read can be written, and what was written reads as the same. */
#include <stdlib.h>

#include "statement/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[16U << 20], out[2][4U << 20];
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_buf first = saksi_buf_fixed(out[0], sizeof(out[0]));
	struct saksi_buf second = saksi_buf_fixed(out[1], sizeof(out[1]));
	struct saksi_audit audit = {.leaf_count = 7};
	struct saksi_fault f = {.at = 0};
	struct saksi_openings o;

	if (saksi_openings_read((struct saksi_bytes){data, size}, &a, &o, &f) !=
	    SAKSI_OK) {
		if (f.what == NULL || f.at > size)
			abort();
		return 0;
	}
	/* Nothing opens a root of zeroes. */
	for (size_t i = 0; i < o.finding_count; i++)
		if (saksi_finding_check(&o.findings[i], &audit, &audit, NULL) ==
		    SAKSI_OK)
			abort();
	saksi_openings_write(&o, &first);
	if (saksi_buf_check(&first) != SAKSI_OK)
		return 0;
	if (saksi_openings_read(saksi_buf_bytes(&first), &a, &o, &f) != SAKSI_OK)
		abort();
	saksi_openings_write(&o, &second);
	if (!saksi_bytes_same(saksi_buf_bytes(&first), saksi_buf_bytes(&second)))
		abort();
	return 0;
}
