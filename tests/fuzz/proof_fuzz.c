/* rooms: base crypto merkle note statement ledger verify */
/* Proof files with what they carry, with and without pinned roots. */
#include "verify_room.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct saksi_bytes none;
	struct saksi_bytes text = {data, size};
	struct saksi_verifier v;
	struct saksi_proven with, bare;
	enum saksi_err err, plain;

	verify_room(&v);
	err = saksi_verify_proof(&v, text, none, &with, NULL);
	v.roots = NULL;
	plain = saksi_verify_proof(&v, text, none, &bare, NULL);
	/* Roots only ever ask for more. */
	if (err == SAKSI_OK &&
	    (plain != SAKSI_OK || !with.is_statement ||
	     with.index >= with.judged.point.size || with.keys_index > with.index))
		abort();
	return 0;
}
