/* rooms: base crypto merkle note store net witness */
/* An add-checkpoint request, as if the log had signed it, to a witness that holds
 * a tree as large as the first byte: what it would cosign has grown out of that. */
#include "witness/decide.h"

#include "merkle/tree.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct saksi_hash root_of(uint64_t count)
{
	struct saksi_hash leaves[16];

	for (uint8_t i = 0; i < count; i++)
		leaves[i] = saksi_hash_leaf((struct saksi_bytes){&i, 1});
	return saksi_tree_root_of(leaves, count);
}

static void agreed(const struct saksi_witness_ask *ask,
		   const struct saksi_witness_held *held)
{
	if (ask->add.old_size != held->size || ask->point.size < held->size ||
	    (ask->point.size == held->size &&
	     !saksi_hash_same(&ask->point.root, &held->root)))
		abort();
	/* Growth is never believed without a proof. */
	if (held->size > 0 && ask->add.path_count == 0 && ask->point.size != held->size)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[1U << 22];
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_witness_verdict v;
	struct saksi_witness_held held;
	struct saksi_witness_ask ask;
	struct saksi_fault f = {.at = 0};

	if (size < 1)
		return 0;
	held.size = data[0] % 17;
	held.root = root_of(held.size);
	if (saksi_witness_read((struct saksi_bytes){data + 1, size - 1}, &a, &ask,
			       &f) != SAKSI_OK) {
		if (f.what == NULL || f.at > size)
			abort();
		return 0;
	}
	v = saksi_witness_decide(&ask, &held);
	if (v.says == NULL ||
	    (v.status != 200 && v.status != 400 && v.status != 409 && v.status != 422))
		abort();
	if (v.status == 200) {
		if (v.evidence != SAKSI_EVIDENCE_NONE)
			abort();
		agreed(&ask, &held);
	}
	return 0;
}
