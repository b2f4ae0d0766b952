/* rooms: base crypto merkle */
/* A path that is read is written again as it was: there is one form. */
#include <stdlib.h>

#include "merkle/tile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct saksi_bytes path = {data, size};
	char out[SAKSI_TILE_PATH_LEN];
	struct saksi_tile t;

	if (saksi_tile_read_path(path, &t) != SAKSI_OK)
		return 0;
	saksi_tile_path(&t, out);
	if (!saksi_bytes_is(path, out))
		abort();
	return 0;
}
