/* Offline proofs of inclusion.  Spec: c2sp.org/tlog-proof v1. */
#ifndef SAKSI_NOTE_TLOGPROOF_H
#define SAKSI_NOTE_TLOGPROOF_H

#include "merkle/proof.h"
#include "note/note.h"

struct saksi_tlogproof {
	struct saksi_bytes extra; /* decoded, empty when none; not authenticated */
	bool has_extra;
	uint64_t index;
	const struct saksi_hash *path; /* in the arena */
	size_t path_count;
	struct saksi_bytes checkpoint; /* the note, verbatim */
};

/* MALFORMED with byte and line; NEWER for another "c2sp.org/tlog-proof@vN";
 * LIMIT for an index above 64 bits; NOMEM.  An extra line without data and more
 * than SAKSI_PATH_MAX hashes are MALFORMED; the checkpoint is not read here. */
SAKSI_MUST enum saksi_err saksi_tlogproof_read(struct saksi_bytes text,
					       struct saksi_arena *a,
					       struct saksi_tlogproof *out,
					       struct saksi_fault *f);
/* Empty extra data makes no line. */
void saksi_tlogproof_write(const struct saksi_tlogproof *p, struct saksi_buf *out);

#endif
