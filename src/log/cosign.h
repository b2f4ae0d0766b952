/* Ask the witnesses of a policy to cosign a checkpoint.
 * Spec: c2sp.org/tlog-witness, the client's side; c2sp.org/tlog-cosignature. */
#ifndef SAKSI_LOG_COSIGN_H
#define SAKSI_LOG_COSIGN_H

#include "merkle/tree.h"
#include "note/policy.h"

/* What one log remembers between two askings: its connections, and the size that
 * each witness is known to hold (in memory; a witness that knows better says so
 * with a 409 and is asked once more).  One for each log, long-lived.  Not for
 * two threads at once. */
struct saksi_cosign;
SAKSI_MUST enum saksi_err saksi_cosign_new(struct saksi_cosign **out);
void saksi_cosign_free(struct saksi_cosign *s);

/* How one party of the policy answered. */
enum saksi_voice_kind {
	SAKSI_VOICE_NONE = 0, /* a group, or a witness that was not asked: see `says` */
	SAKSI_VOICE_GOOD,     /* a cosignature that verifies over this checkpoint */
	SAKSI_VOICE_LATE,     /* no whole answer in time, or dropped after the grace */
	SAKSI_VOICE_DEAD,     /* no connection, or it broke */
	SAKSI_VOICE_BUSY,     /* 429 or 503 */
	SAKSI_VOICE_REFUSED,  /* any other status: 400, 403, 404, 422, ... */
	SAKSI_VOICE_LYING,    /* an answer 200 without a good cosignature of its key */
	SAKSI_VOICE_AHEAD, /* it holds a larger tree of this log than ours: look now */
	SAKSI_VOICE_SPLIT, /* it holds another tree of our size, or one that is no
			    * prefix of ours */
	SAKSI_VOICE_TILES, /* our own tiles gave no proof for it */
};
struct saksi_voice {
	enum saksi_voice_kind kind;
	long status;        /* HTTP, 0 when none came */
	uint64_t size_told; /* by a 409; AHEAD: the size it holds */
	uint64_t time_utc;  /* GOOD: of the cosignature */
	long retry_after_s; /* -1 when not said */
	char says[96]; /* one short English clause, never the witness's own words */
};

struct saksi_cosign_ask {
	const struct saksi_policy *policy;
	/* The checkpoint with the log's own signature(s).  Lines of the policy's
	 * witnesses in it are left out of what is sent and of out_note. */
	struct saksi_bytes signed_note;
	uint64_t size;          /* of that checkpoint ... */
	struct saksi_hash root; /* ... and its root: told again so that a caller's
				 * mix-up is BADARG and never goes out */
	const struct saksi_tiles *tiles; /* of this tree; read in the caller's thread */
	int64_t now_utc;
	long timeout_ms; /* for the whole asking, retries included; 0: 10 s */
	long grace_ms;   /* for those still under way when the quorum is met; 0: none */
	int64_t skew_s;  /* a cosignature dated further than this from now_utc does not
			  * count; 0: 600 */
	/* NULL, or policy->party_count of them, all written whenever the call answers
	 * OK or QUORUM. */
	struct saksi_voice *voices;
};

/* Asks all witnesses of the policy that have a URL, in parallel.
 *
 *   OK         the quorum is met.  The note with its log lines and all good
 *              cosignatures so far, in policy order, is appended to out_note.
 *              Nothing more is awaited than the grace.
 *   QUORUM     all answered or the time is up, and it is not met
 *   MALFORMED  signed_note is no checkpoint
 *   BADARG     it has another size or root than told
 *   LIMIT      out_note is too small;  NOMEM
 *
 * A quorum of "none" is met from the start: then all are asked and given the
 * grace, and with no grace nobody is asked.
 * On OK and QUORUM w names who is missing and how ("" when nobody is); a
 * witness that is AHEAD or holds a SPLIT is named first and in capitals, also
 * on OK: the log must never roll back to please it, a person must look.
 * out_note is untouched unless OK.  Every cosignature is verified before it
 * counts; nothing a witness says reaches out_note but that one line.
 * Cost: one request a witness (two after a 409), one proof for each old size.
 * Test: tests/unit/log/cosign_test.c */
SAKSI_MUST enum saksi_err saksi_cosign_collect(struct saksi_cosign *s,
					       const struct saksi_cosign_ask *ask,
					       struct saksi_buf *out_note,
					       struct saksi_why *w);

/* The size the witness with this key is known to hold; 0 when unknown. */
uint64_t saksi_cosign_known(const struct saksi_cosign *s, const struct saksi_vkey *k);

#endif
