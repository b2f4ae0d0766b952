/* A log entry: envelope || addenda digests || index.
 * Spec: tlog-addenda (draft at 76aa865), docs/formats/statements.md. */
#ifndef SAKSI_STATEMENT_ENTRY_H
#define SAKSI_STATEMENT_ENTRY_H

#include "base/buf.h"
#include "crypto/hash.h"

#define SAKSI_ENTRY_MAX 65535
#define SAKSI_ADDENDA_MAX 255
#define SAKSI_ADDENDUM_MAX (64U << 20) /* bytes in one addendum, ours */

struct saksi_entry {
	struct saksi_bytes envelope;
	struct saksi_bytes digests; /* 32 * count bytes */
	uint8_t count;
};

/* With length L and N digests, offset_i = L - 36 N - 1 + 32 i exactly; any
 * other offset is REFUSED (somebody moved an attachment); too short for its N:
 * MALFORMED. */
SAKSI_MUST enum saksi_err saksi_entry_read(struct saksi_bytes entry,
					   struct saksi_entry *out,
					   struct saksi_fault *f);
/* LIMIT when over SAKSI_ENTRY_MAX. */
SAKSI_MUST enum saksi_err saksi_entry_write(struct saksi_bytes envelope,
					    const struct saksi_hash *digests,
					    uint8_t count, struct saksi_buf *out);
#define SAKSI_ADDENDUM_PATH_LEN 80
/* "addenda/9f/86/9f86..." */
void saksi_addendum_path(const struct saksi_hash *digest,
			 char out[SAKSI_ADDENDUM_PATH_LEN]);

#endif
