/* Checkpoints.  Spec: c2sp.org/tlog-checkpoint v1.0.0. */
#ifndef SAKSI_NOTE_CHECKPOINT_H
#define SAKSI_NOTE_CHECKPOINT_H

#include "note/note.h"

#define SAKSI_TREE_SIZE_MAX (UINT64_C(1) << 63) /* leaves */

struct saksi_checkpoint {
	struct saksi_bytes origin; /* borrows the note's text */
	uint64_t size;
	struct saksi_hash root;
	struct saksi_bytes extensions; /* opaque lines, empty in ours */
};

/* MALFORMED with byte and line; LIMIT above 2^63 leaves.  `text` is that of a
 * note and was checked as such.  Test: tests/unit/note/checkpoint_test.c */
SAKSI_MUST enum saksi_err saksi_checkpoint_read(struct saksi_bytes text,
						struct saksi_checkpoint *out,
						struct saksi_fault *f);
void saksi_checkpoint_write(const struct saksi_checkpoint *c, struct saksi_buf *out);

#endif
