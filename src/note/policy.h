/* Which logs are accepted and which witnesses are enough.
 * Spec: c2sp.org/tlog-policy. */
#ifndef SAKSI_NOTE_POLICY_H
#define SAKSI_NOTE_POLICY_H

#include "note/checkpoint.h"

#define SAKSI_POLICY_MAX 256 /* logs, witnesses and groups, of each */

struct saksi_policy_log {
	struct saksi_vkey key;  /* of any type; its name is the origin */
	struct saksi_bytes url; /* empty when none */
};

/* A witness (member_count 0) or a group; members point to earlier ones. */
struct saksi_policy_party {
	struct saksi_bytes name;
	bool is_group;
	bool known; /* witness: a key type we can check; others never count */
	struct saksi_vkey key; /* witness */
	struct saksi_bytes url;
	uint32_t k;              /* group: how many members must have signed */
	const uint32_t *members; /* indexes into parties */
	uint32_t member_count;
};

struct saksi_policy {
	const struct saksi_policy_log *logs;
	uint32_t log_count;
	const struct saksi_policy_party *parties; /* in file order */
	uint32_t party_count;
	int32_t quorum; /* index into parties; -1 is "none" */
};

/* Strict: an unknown keyword, a duplicate key or name, a name used in two
 * groups, no quorum or two, no newline at the end, a witness with a log's key
 * type (0x01): MALFORMED with the line.  LIMIT, NOMEM.  Borrows text. */
SAKSI_MUST enum saksi_err saksi_policy_read(struct saksi_bytes text,
					    struct saksi_arena *a,
					    struct saksi_policy *out,
					    struct saksi_fault *f);

/* ---- judging a checkpoint: prepare, have signatures checked, conclude. */

/* One prepared check and whom it concerns. */
struct saksi_cosigner {
	int32_t party;     /* index into policy parties; -1: the log itself */
	uint64_t time_utc; /* of the cosignature, 0 for the log */
	struct saksi_sigcheck check;
};

struct saksi_judged {
	struct saksi_note note;
	struct saksi_checkpoint point;
	const struct saksi_policy_log *log; /* whose origin and key this is */
	struct saksi_cosigner *signers;     /* in the arena */
	size_t signer_count;
	uint64_t newest_utc; /* see saksi_judge_conclude */
};

/* Read the note and prepare every check the policy knows.  MALFORMED; MISSING:
 * no log of the policy has this origin; REFUSED: the log's own line is not
 * there; NEWER: it is there, of a key type that this program cannot check.  A
 * known key's line of wrong shape is an answer BAD, not a stop.  LIMIT, NOMEM.
 * A log with several keys may have several signers of party -1. */
SAKSI_MUST enum saksi_err saksi_judge_prepare(const struct saksi_policy *p,
					      struct saksi_bytes note,
					      struct saksi_arena *a,
					      struct saksi_judged *out,
					      struct saksi_fault *f);

/* After the checks are answered:
 *   OK         signed by the log, quorum met
 *   REFUSED    the log's signature is bad, or any known witness's is (a note
 *              with a bad known signature is false as a whole)
 *   QUORUM     signed by the log; too few cosigned
 *   MISSING    some check that matters is UNCHECKED: cannot tell
 * Sets j->newest_utc: the largest T such that the witnesses with time >= T
 * alone meet the quorum (0 when the policy asks for none): the instant as of
 * which a quorum vouches that this was the latest tree. */
SAKSI_MUST enum saksi_err saksi_judge_conclude(const struct saksi_policy *p,
					       struct saksi_judged *j);

/* Does the set of parties marked true in has[party_count] meet the quorum? */
bool saksi_policy_met(const struct saksi_policy *p, const bool *has);

#endif
