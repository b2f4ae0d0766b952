/* A trust folder: whom this user has decided to believe, as files
 *
 *   policy   logs, witnesses and quorum (c2sp.org/tlog-policy)
 *   roots    the k-of-n author roots (docs/formats/statements.md); without it
 *            statements are not judged
 *   limits   freshness and other times; optional
 *   receipt  one vkey a line: keys that sign the log's receipts; optional */
#ifndef SAKSI_CMD_TRUST_H
#define SAKSI_CMD_TRUST_H

#include "cmd/cmd.h"
#include "note/policy.h"
#include "ledger/ledger.h"

#define SAKSI_RECEIPT_KEYS 16

struct saksi_trust {
	struct saksi_policy policy;
	struct saksi_roots roots;
	bool has_roots; /* false: no statement is judged, see follow/look.h */
	struct saksi_limits limits;
	struct saksi_vkey receipts[SAKSI_RECEIPT_KEYS];
	size_t receipt_count;
	/* what the members above borrow */
	struct saksi_arena arena;
	struct saksi_buf texts[4];
};

/* SAKSI_EXIT_HOLDS, or said what is wrong with which file and line and the exit
 * code for it (*out is then zeroed).  A folder that cannot be read is never an
 * answer about a log: SAKSI_EXIT_UNKNOWN.  End with saksi_trust_end, which
 * takes a zeroed one too. */
int saksi_trust_open(const char *dir, struct saksi_trust *out,
		     const struct saksi_cmd *c);
void saksi_trust_end(struct saksi_trust *t);

#endif
