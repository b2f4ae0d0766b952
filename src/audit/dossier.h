/* The private side of one audit: every verdict with its salt and its detail, so
 * that it can be committed now and opened later.  Kept in the vault, for the
 * auditor and the supervisor; never public.
 * Spec: docs/formats/dossier.md. */
#ifndef SAKSI_AUDIT_DOSSIER_H
#define SAKSI_AUDIT_DOSSIER_H

#include "base/arena.h"
#include "base/buf.h"
#include "statement/statement.h"

#define SAKSI_DOSSIER_MAX ((size_t)32 << 20) /* bytes as text */

struct saksi_dossier_rule {
	struct saksi_bytes id;     /* of the rule */
	struct saksi_bytes detail; /* proving facts or reason */
	enum saksi_verdict verdict;
	enum saksi_severity severity;
	uint8_t salt[SAKSI_SALT_LEN];
};
struct saksi_dossier_failure { /* in the shuffled order that is published */
	uint32_t rule;
	uint8_t salt[SAKSI_SALT_LEN];
	int64_t first_seen_utc, disclose_by_utc;
};
struct saksi_dossier {
	struct saksi_hash plan, rule_set, facts;
	struct saksi_bytes server;
	uint8_t nonce[32];
	struct saksi_point checkpoint;
	int64_t from_utc, to_utc;
	struct saksi_dossier_rule *rules; /* in rule-set order */
	size_t rule_count;
	struct saksi_dossier_failure *failures;
	size_t failure_count;
};

/* How long after it was first seen a failure may stay sealed: 14 days when
 * critical, 30 high, 90 medium, 180 low, 365 info. In seconds. */
int64_t saksi_disclose_after(enum saksi_severity s);

/* Draws the salts, makes the failure list from the verdicts in d->rules and
 * shuffles it.  first_seen_utc[i] is for rule i (0: seen now, at d->to_utc).
 * LIMIT: the arena. */
SAKSI_MUST enum saksi_err saksi_dossier_seal(struct saksi_dossier *d,
					     const int64_t *first_seen_utc,
					     struct saksi_arena *a);
/* What is published of it. LIMIT: the arena. */
SAKSI_MUST enum saksi_err saksi_dossier_audit(const struct saksi_dossier *d,
					      struct saksi_arena *a,
					      struct saksi_audit *out);
/* Opens the failure of rule `rule`; `later` (with the id of its audit) is the
 * dossier that shows it passing, or NULL.  MISSING: it did not fail here, or does
 * not pass there.  LIMIT. */
SAKSI_MUST enum saksi_err saksi_dossier_open(const struct saksi_dossier *d,
					     uint32_t rule,
					     const struct saksi_dossier *later,
					     const struct saksi_hash *later_audit,
					     struct saksi_arena *a,
					     struct saksi_finding *out);

void saksi_dossier_write(const struct saksi_dossier *d, struct saksi_buf *out);
/* MALFORMED, NEWER, LIMIT. */
SAKSI_MUST enum saksi_err saksi_dossier_read(struct saksi_bytes text,
					     struct saksi_arena *a,
					     struct saksi_dossier *out,
					     struct saksi_fault *f);

#endif
