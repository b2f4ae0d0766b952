/* rooms: rules */
/* Tables of ends of life, ours and distro-info's (as the first byte says): what is
 * taken can be found again under its own version. */
#include "rules/eol.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[1U << 22];
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_fault f = {.at = 0};
	static struct saksi_eol e;
	enum saksi_err err;

	e.count = 0;
	if (size < 1 || size > 65536)
		return 0;
	const struct saksi_bytes text = {data + 1, size - 1};
	err = data[0] % 2 == 0 ? saksi_eol_read(text, &a, &e, &f)
			       : saksi_eol_read_distro(text, "debian", &a, &e, &f);
	if (err != SAKSI_OK) {
		if (f.what == NULL || f.at > text.len || e.count != 0)
			abort();
		return 0;
	}
	if (e.count != 1)
		abort();
	for (size_t i = 0; i < e.table[0].count && i < 64; i++) {
		const struct saksi_eol_entry *n = &e.table[0].entry[i];
		const struct saksi_eol_table *at = NULL;

		/* What looks like an epoch is passed over in versions. */
		if (memchr(n->cycle.at, ':', n->cycle.len) != NULL)
			continue;
		if (saksi_eol_find(&e, n->product, n->cycle, &at) == NULL || !at)
			abort();
		(void)saksi_eol_check(&e, n->product, n->cycle, data[0] & 2,
				      1799971200);
	}
	return 0;
}
