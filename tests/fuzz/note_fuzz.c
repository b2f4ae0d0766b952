/* rooms: base crypto note */
/* A note that is read can be put together again from its parts, byte for byte;
 * the checks prepared from it borrow only from it and the arena. */
#include <stdlib.h>
#include <string.h>

#include "note/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[1U << 22], out[1U << 20];
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_buf b = saksi_buf_fixed(out, sizeof(out));
	struct saksi_bytes all = {data, size};
	struct saksi_fault f = {.at = 0};
	struct saksi_note n;

	if (saksi_note_read(all, &a, &n, &f) != SAKSI_OK) {
		if (f.what == NULL || f.at > size)
			abort();
		return 0;
	}
	saksi_buf_put(&b, n.text);
	saksi_buf_puts(&b, "\n");
	for (size_t i = 0; i < n.sig_count; i++) {
		const struct saksi_note_sig *s = &n.sigs[i];
		struct saksi_vkey k = {.name = s->name, .id = s->id};
		struct saksi_sigcheck c;
		uint64_t when;

		saksi_note_sig_write(&k, s->sig, &b);
		if (!saksi_keyname_ok(s->name))
			abort();
		for (uint8_t type = 1; type <= 4; type = (uint8_t)(type + 3)) {
			k.type = type;
			if (saksi_note_check_for(&n, &k, &a, &c, &when) ==
			    SAKSI_MISSING)
				abort();
		}
	}
	if (saksi_buf_check(&b) != SAKSI_OK ||
	    !saksi_bytes_same(saksi_buf_bytes(&b), all))
		abort();
	return 0;
}
