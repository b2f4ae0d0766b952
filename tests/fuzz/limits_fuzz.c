/* rooms: base crypto statement ledger merkle note */
#include <stdlib.h>

#include "ledger/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct saksi_fault f = {.at = 0};
	struct saksi_limits l;

	if (saksi_limits_read((struct saksi_bytes){data, size}, &l, &f) != SAKSI_OK) {
		if (f.what == NULL || f.at > size || f.line == 0)
			abort();
		return 0;
	}
	if (l.freshness_s < 0 || l.silence_s < 0 || l.extension_max_s < 0 ||
	    l.acceptance_max_s < 0)
		abort();
	return 0;
}
