/* What a witness may cosign.  Spec: c2sp.org/tlog-witness, add-checkpoint.
 *
 * Pure: a request, what is held and the log's keys in; a status out.  Reads no
 * clock, no disk, and signs nothing.  Test: tests/unit/witness/decide_test.c */
#ifndef SAKSI_WITNESS_DECIDE_H
#define SAKSI_WITNESS_DECIDE_H

#include "note/addcheckpoint.h"
#include "note/checkpoint.h"

/* A request that could be read: the checkpoint borrows the body. */
struct saksi_witness_ask {
	struct saksi_addcheckpoint add;
	struct saksi_note note;
	struct saksi_checkpoint point;
	struct saksi_bytes log_lines; /* after saksi_witness_trusts: in the arena */
};

/* The latest checkpoint cosigned for a log: size 0 and the empty root before the
 * first. */
struct saksi_witness_held {
	uint64_t size;
	struct saksi_hash root;
};

/* Why a signed checkpoint that is not cosigned is worth keeping. */
enum saksi_witness_evidence {
	SAKSI_EVIDENCE_NONE = 0,
	SAKSI_EVIDENCE_ROOT,  /* two roots of one size: with the held note, a proof */
	SAKSI_EVIDENCE_EMPTY, /* an empty tree with another root: a proof by itself */
	SAKSI_EVIDENCE_PROOF, /* no proof that it fits.  Anybody can send a true
			       * checkpoint with a false proof: a reason to ask */
};

struct saksi_witness_verdict {
	unsigned status;  /* 200: may be cosigned once it is on disk */
	const char *says; /* one English line, static; 409: the size is the answer */
	enum saksi_witness_evidence evidence;
};

/* MALFORMED with *f: answer 400.  NOMEM. */
SAKSI_MUST enum saksi_err saksi_witness_read(struct saksi_bytes body,
					     struct saksi_arena *a,
					     struct saksi_witness_ask *out,
					     struct saksi_fault *f);

/* Is the note signed by one of these keys, and by none of them badly?  Sets
 * ask->log_lines to the good lines.  OK; REFUSED: answer 403; NOMEM. */
SAKSI_MUST enum saksi_err saksi_witness_trusts(struct saksi_witness_ask *ask,
					       const struct saksi_vkey *keys,
					       size_t count, struct saksi_arena *a);

/* For an ask that is trusted. */
struct saksi_witness_verdict
saksi_witness_decide(const struct saksi_witness_ask *ask,
		     const struct saksi_witness_held *held);

#endif
