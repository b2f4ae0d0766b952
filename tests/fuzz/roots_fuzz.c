/* rooms: base crypto statement ledger merkle note */
#include <stdlib.h>

#include "ledger/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct saksi_fault f = {.at = 0};
	struct saksi_roots r;

	if (saksi_roots_read((struct saksi_bytes){data, size}, &r, &f) != SAKSI_OK) {
		if (f.what == NULL || f.at > size)
			abort();
		return 0;
	}
	if (r.quorum == 0 || r.quorum > r.key_count || r.key_count > 16)
		abort();
	return 0;
}
