/* Sealed lists: commit to items now, open single ones later.
 * Spec: docs/formats/statements.md, "Sealed list" and "Verdict leaf". */
#ifndef SAKSI_STATEMENT_SEALED_H
#define SAKSI_STATEMENT_SEALED_H

#include "base/buf.h"
#include "merkle/proof.h"

#define SAKSI_SALT_LEN 32

/* leaf = RFC 6962 leaf hash of salt || bytes. */
struct saksi_hash saksi_sealed_leaf(const uint8_t salt[SAKSI_SALT_LEN],
				    struct saksi_bytes bytes);

struct saksi_opening {
	uint8_t salt[SAKSI_SALT_LEN];
	struct saksi_bytes bytes;
	uint64_t index, count;
	const struct saksi_hash *path;
	size_t path_count;
};
/* OK, REFUSED, BADARG (index >= count). */
SAKSI_MUST enum saksi_err saksi_opening_check(const struct saksi_opening *o,
					      const struct saksi_hash *root);

/* Root and path over leaf hashes held in memory. Clobbers nothing. */
struct saksi_hash saksi_sealed_root(const struct saksi_hash *leaves, size_t count,
				    struct saksi_hash *scratch /* count hashes */);
/* BADARG: index >= count. */
SAKSI_MUST enum saksi_err saksi_sealed_path(const struct saksi_hash *leaves,
					    size_t count, size_t index,
					    struct saksi_hash *scratch,
					    struct saksi_hash path[SAKSI_PATH_MAX],
					    size_t *path_count);

/* ---- the fixed-size content of a verdict leaf */
enum saksi_verdict {
	SAKSI_PASS = 0,
	SAKSI_FAIL,
	SAKSI_NOT_APPLICABLE,
	SAKSI_NOT_COVERED,
	SAKSI_VERDICT_ERROR,
};
#define SAKSI_VERDICTS 5
enum saksi_severity {
	SAKSI_INFO = 0,
	SAKSI_LOW,
	SAKSI_MEDIUM,
	SAKSI_HIGH,
	SAKSI_CRITICAL,
};
#define SAKSI_SEVERITIES 5
/* "pass" "fail" "not-applicable" "not-covered" "error"; "info" .. "critical" */
const char *saksi_verdict_name(enum saksi_verdict v);
const char *saksi_severity_name(enum saksi_severity s);
SAKSI_MUST enum saksi_err saksi_severity_read(struct saksi_bytes name,
					      enum saksi_severity *out);
SAKSI_MUST enum saksi_err saksi_verdict_read(struct saksi_bytes name,
					     enum saksi_verdict *out);

#define SAKSI_VERDICT_LEAF_LEN 72
struct saksi_verdict_leaf {
	enum saksi_verdict verdict;
	enum saksi_severity severity;
	uint32_t rule;             /* place in the rule set, 0-based */
	struct saksi_hash rule_id; /* SHA-256 of the rule's id */
	struct saksi_hash detail;  /* SHA-256 of the proving facts or the reason */
};
void saksi_verdict_leaf_write(const struct saksi_verdict_leaf *l,
			      uint8_t out[SAKSI_VERDICT_LEAF_LEN]);
/* MALFORMED, NEWER (first byte is not 1). */
SAKSI_MUST enum saksi_err saksi_verdict_leaf_read(struct saksi_bytes b,
						  struct saksi_verdict_leaf *out);

#endif
