/* The body of a witness's add-checkpoint request.  Spec: c2sp.org/tlog-witness. */
#ifndef SAKSI_NOTE_ADDCHECKPOINT_H
#define SAKSI_NOTE_ADDCHECKPOINT_H

#include "merkle/proof.h"
#include "note/note.h"

#define SAKSI_ADDCHECKPOINT_PATH_MAX 63 /* lines of proof, as the spec says */

struct saksi_addcheckpoint {
	uint64_t old_size;
	const struct saksi_hash *path; /* in the arena; at most 63 */
	size_t path_count;
	struct saksi_bytes checkpoint; /* the note, verbatim */
};
/* MALFORMED with byte and line, NOMEM.  The checkpoint is not read here. */
SAKSI_MUST enum saksi_err saksi_addcheckpoint_read(struct saksi_bytes body,
						   struct saksi_arena *a,
						   struct saksi_addcheckpoint *out,
						   struct saksi_fault *f);
void saksi_addcheckpoint_write(const struct saksi_addcheckpoint *r,
			       struct saksi_buf *out);

#endif
