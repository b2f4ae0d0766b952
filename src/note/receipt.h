/* The text of a log's receipt: "this entry is durable under this index, and a
 * published checkpoint will cover it by then".  It is the text of a signed note
 * whose key is named ORIGIN/receipt (a key of its own: one key, one purpose), so
 * saksi_note_read and saksi_note_check_for do the rest.
 * Spec: docs/formats/logdir.md, "Receipt".  Pure. */
#ifndef SAKSI_NOTE_RECEIPT_H
#define SAKSI_NOTE_RECEIPT_H

#include "base/buf.h"
#include "crypto/hash.h"

struct saksi_receipt {
	struct saksi_bytes origin; /* borrows the text */
	uint64_t index;
	struct saksi_hash leaf; /* RFC 6962 leaf hash of the entry */
	int64_t time_utc;       /* when it was durable */
	int64_t due_utc; /* a checkpoint larger than index is published by then */
};

/* One form only.  MALFORMED with byte and line; NEWER when the first line is
 * another "saksi/receipt/vN"; *out is untouched unless OK.
 * Test: tests/unit/log/receipt_test.c */
SAKSI_MUST enum saksi_err saksi_receipt_read(struct saksi_bytes text,
					     struct saksi_receipt *out,
					     struct saksi_fault *f);
void saksi_receipt_write(const struct saksi_receipt *r, struct saksi_buf *out);

#endif
