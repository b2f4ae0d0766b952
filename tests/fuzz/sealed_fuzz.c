/* rooms: base crypto merkle note statement */
/* A verdict leaf that is read is written again byte for byte; and an opening of a
 * list that the input makes holds, with any other byte it does not. */
#include "statement/sealed.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void opened(const uint8_t *data, size_t size)
{
	struct saksi_hash leaves[64], scratch[64], path[SAKSI_PATH_MAX], root;
	const size_t count = 1 + data[0] % 64, index = data[1] % count;
	struct saksi_opening o = {.index = index, .count = count, .path = path};

	for (size_t i = 0; i < count; i++) {
		memset(o.salt, (int)i, sizeof(o.salt));
		leaves[i] = saksi_sealed_leaf(o.salt, (struct saksi_bytes){data, size});
	}
	root = saksi_sealed_root(leaves, count, scratch);
	if (saksi_sealed_path(leaves, count, index, scratch, path, &o.path_count) !=
	    SAKSI_OK)
		abort();
	memset(o.salt, (int)index, sizeof(o.salt));
	o.bytes = (struct saksi_bytes){data, size};
	if (saksi_opening_check(&o, &root) != SAKSI_OK)
		abort();
	o.salt[data[1] % SAKSI_SALT_LEN] ^= 1;
	if (saksi_opening_check(&o, &root) != SAKSI_REFUSED)
		abort();
	o.salt[data[1] % SAKSI_SALT_LEN] ^= 1;
	o.index = data[2] % count;
	if (o.index != index && saksi_opening_check(&o, &root) != SAKSI_REFUSED)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct saksi_bytes text = {data, size};
	uint8_t again[SAKSI_VERDICT_LEAF_LEN];
	struct saksi_verdict_leaf l;

	if (saksi_verdict_leaf_read(text, &l) == SAKSI_OK) {
		saksi_verdict_leaf_write(&l, again);
		if (size != sizeof(again) || memcmp(again, data, size) != 0)
			abort();
	}
	if (size >= 3)
		opened(data, size);
	return 0;
}
