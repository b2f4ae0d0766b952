/* rooms: backup */
#include <stdlib.h>

#include "backup/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What reads as a manifest is written back as the same bytes, and no name in it
 * leads anywhere else. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t memory[1 << 20];
	struct saksi_arena a = {memory, 0, sizeof(memory)};
	struct saksi_bytes text = {data, size};
	struct saksi_buf b = saksi_buf_growing(size + 1);
	struct saksi_manifest m;

	if (saksi_manifest_read(text, &a, &m, NULL) == SAKSI_OK) {
		saksi_manifest_write(&m, &b);
		if (!saksi_bytes_same(saksi_buf_bytes(&b), text))
			abort();
		for (size_t i = 0; i < m.file_count; i++)
			if (!saksi_backup_name_ok(m.files[i].name))
				abort();
	}
	saksi_buf_free(&b);
	return 0;
}
