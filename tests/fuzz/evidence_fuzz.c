/* rooms: base crypto merkle note statement ledger verify */
/* Split-view evidence under a fixed policy.  Every known key is answered good, so
 * that the fuzzer gets past signatures; what then holds must truly not fit. */
#include "verify_room.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct saksi_verifier v;
	struct saksi_judged older, newer;
	enum saksi_err err;

	verify_room(&v);
	err = saksi_verify_evidence(&v, (struct saksi_bytes){data, size}, &older,
				    &newer, NULL);
	if (err == SAKSI_OK &&
	    (!saksi_bytes_same(older.point.origin, newer.point.origin) ||
	     older.point.size > newer.point.size ||
	     (older.point.size == newer.point.size &&
	      saksi_hash_same(&older.point.root, &newer.point.root))))
		abort();
	return 0;
}
