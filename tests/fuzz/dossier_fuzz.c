/* rooms: audit */
/* A dossier that can be read is written again as bytes that read the same, and
 * what it publishes can be made of it. */
#include <stdlib.h>
#include <string.h>

#include "audit/dossier.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[16U << 20];
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_buf once = saksi_buf_growing(SAKSI_DOSSIER_MAX),
			 twice = saksi_buf_growing(SAKSI_DOSSIER_MAX);
	struct saksi_dossier d, again;
	struct saksi_audit audit;

	if (saksi_dossier_read((struct saksi_bytes){data, size}, &a, &d, NULL) ==
	    SAKSI_OK) {
		saksi_dossier_write(&d, &once);
		if (saksi_dossier_read(saksi_buf_bytes(&once), &a, &again, NULL) !=
		    SAKSI_OK)
			abort();
		saksi_dossier_write(&again, &twice);
		if (!saksi_bytes_same(saksi_buf_bytes(&once), saksi_buf_bytes(&twice)))
			abort();
		if (saksi_dossier_audit(&d, &a, &audit) == SAKSI_OK &&
		    (audit.leaf_count != d.rule_count ||
		     audit.failure_count != d.failure_count))
			abort();
	}
	saksi_buf_free(&once);
	saksi_buf_free(&twice);
	return 0;
}
