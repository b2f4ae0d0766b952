/* Bytes in, signature checks out, then a verdict.  One road for the command
 * line, libsaksi and the browser: signatures are answered by whoever has the
 * means (libsodium here, WebCrypto there), everything else is done here.
 *
 * A browser answers later: its `answer` leaves unknown checks UNCHECKED and
 * keeps them, the verdict is MISSING, and the same call is made again once
 * they are answered. */
#ifndef SAKSI_VERIFY_VERIFY_H
#define SAKSI_VERIFY_VERIFY_H

#include "note/policy.h"
#include "note/tlogproof.h"
#include "ledger/ledger.h"
#include "verify/source.h"

struct saksi_verifier {
	const struct saksi_policy *policy;
	const struct saksi_roots *roots; /* NULL: a log that holds no statements */
	struct saksi_limits limits;
	int64_t now_utc;
	void (*answer)(void *ctx, struct saksi_sigcheck *checks, size_t count);
	void *answer_ctx;
	struct saksi_arena *arena; /* results live here */
};

/* Is this note a checkpoint of a log the policy accepts, cosigned by the quorum?
 * OK, REFUSED, QUORUM (out is filled: the log did sign it), MISSING,
 * MALFORMED, LIMIT.  Spec: tlog-checkpoint, tlog-cosignature, tlog-policy. */
SAKSI_MUST enum saksi_err saksi_verify_point(const struct saksi_verifier *v,
					     struct saksi_bytes note,
					     struct saksi_judged *out,
					     struct saksi_fault *f);

#define SAKSI_CLOCK_SKEW_S 600 /* by how much clocks may differ */

/* Does a quorum vouch that this was the latest tree not longer ago than the
 * limit?  OK, STALE; MISSING when the policy asks for no witness, since then
 * nobody vouches for any time, or when the quorum's clocks are ahead of ours by
 * more than the skew. */
SAKSI_MUST enum saksi_err saksi_verify_fresh(const struct saksi_verifier *v,
					     const struct saksi_judged *j);

/* Did the log only grow since `older`?  Both were judged and carry the log's
 * signature; `tiles` belong to the newer.
 *   OK
 *   SPLIT    both signed, and they cannot both be true: *evidence (may be NULL)
 *            gets the file that proves it to anyone
 *   REFUSED  the tiles do not hash to the newer root, or newer is smaller: an
 *            older tree is shown than was seen before
 *   MISSING, IO, MALFORMED: the tiles could not be read */
SAKSI_MUST enum saksi_err saksi_verify_growth(const struct saksi_judged *older,
					      const struct saksi_judged *newer,
					      const struct saksi_tiles *tiles,
					      struct saksi_buf *evidence,
					      struct saksi_fault *f);

/* Split-view evidence (docs/FORMATS.md): holds when both notes carry the log's
 * signature and cannot both be true.
 *   OK        the log did sign two histories
 *   REFUSED   the file proves nothing of the kind
 *   MALFORMED, NEWER, MISSING */
SAKSI_MUST enum saksi_err saksi_verify_evidence(const struct saksi_verifier *v,
						struct saksi_bytes text,
						struct saksi_judged *older,
						struct saksi_judged *newer,
						struct saksi_fault *f);

/* What came out of reading all statements. */
struct saksi_verified {
	uint64_t entries, holding, repeats, revoked;
	uint64_t refused, unknown; /* REFUSED or MALFORMED; NEWER or MISSING */
	uint64_t attached, attached_gone, attached_false; /* addenda */
	uint64_t opened, opened_false;                    /* disclosures */
	/* the first thing found false, and the first that cannot be told */
	uint64_t bad_index, unknown_index;
	const char *bad, *unknown_what;
	bool has_bad, has_unknown;
	struct saksi_walked walked; /* when the walk itself stopped: where, why */
};

/* Applies entries [ledger->size, j->point.size) to the ledger, each checked
 * against the tree, and checks every attachment and opening.
 *   OK       everything read; see *r for what is false or unknown in it
 *   REFUSED  entry or tile does not belong to this tree (r->walked)
 *   MISSING, IO, MALFORMED, LIMIT */
SAKSI_MUST enum saksi_err saksi_verify_statements(const struct saksi_verifier *v,
						  struct saksi_source *source,
						  const struct saksi_judged *j,
						  struct saksi_ledger *ledger,
						  struct saksi_verified *r);

/* The whole tree derived again from the files of one level. */
struct saksi_rederive {
	struct saksi_source *source;
	/* SAKSI_TILE_ENTRIES: from the entries alone.  0: from the level-0 tiles,
	 * and each tile above them is compared with what they say. */
	uint8_t level;
	/* May be NULL.  Gives the root of the whole tile or bundle t when somebody
	 * has read it ahead and made that with saksi_source_root; false: it is to
	 * be read from `source`.  Asked for each once, in order. */
	bool (*ahead)(void *ctx, const struct saksi_tile *t, struct saksi_hash *root);
	void *ahead_ctx;
	void (*each)(void *ctx, uint64_t done); /* may be NULL: told how far */
	void *each_ctx;
};
/* OK, REFUSED, MISSING, IO, MALFORMED: that of the first file in order which is not
 * as it must be.  Memory: one bundle; 90 kB of stack. */
SAKSI_MUST enum saksi_err saksi_verify_tree(const struct saksi_rederive *r,
					    const struct saksi_judged *j);

#define SAKSI_ROTATIONS_MAX 64 /* of the roots, that a proof can carry */

/* ---- offline proofs (tlog-proof; `extra` as docs/FORMATS.md says) */
struct saksi_proven {
	struct saksi_judged judged;
	uint64_t index;
	struct saksi_bytes entry;
	bool is_statement; /* roots are pinned and it is one */
	struct saksi_statement statement;
	uint64_t keys_index; /* the keys statement its right rests on */
};
/* `entry` may be empty when the proof carries it.  OK; REFUSED; QUORUM; NEWER;
 * MISSING (no entry here, or a statement whose keys statement is not inside);
 * the keys stand on the pinned roots or on those that the proof's chain of
 * replacements leads to;
 * MALFORMED.  Never judges freshness: a proof answers "logged as of T". */
SAKSI_MUST enum saksi_err saksi_verify_proof(const struct saksi_verifier *v,
					     struct saksi_bytes text,
					     struct saksi_bytes entry,
					     struct saksi_proven *out,
					     struct saksi_fault *f);
/* Makes one from a source; index < j->point.size.  With roots pinned the newest
 * keys statement before `index` is put inside. */
SAKSI_MUST enum saksi_err saksi_prove(const struct saksi_verifier *v,
				      struct saksi_source *source,
				      const struct saksi_judged *j, uint64_t index,
				      struct saksi_buf *out, struct saksi_fault *f);

#endif
