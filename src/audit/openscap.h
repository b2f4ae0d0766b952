/* OpenSCAP as a limited, untrusted child.
 *
 * Only on the running system, never against a foreign root: version 1.3.7 runs
 * programs it finds there.  Content for another release is "not covered", never
 * "all rules not applicable", which oscap itself ends with exit code 0.
 *
 * The child has a private folder, limits on memory, processor time, wall time
 * and what it writes, no internet sockets (seccomp; its network namespace stays
 * ours, or kernel settings of an empty one would be judged), no privileges it
 * did not start with, and dies with us.  What it writes is read as XML without
 * a document type. */
#ifndef SAKSI_AUDIT_OPENSCAP_H
#define SAKSI_AUDIT_OPENSCAP_H

#include "base/arena.h"
#include "crypto/hash.h"

#define SAKSI_OPENSCAP_RULES_MAX 8192
#define SAKSI_OPENSCAP_RESULT_MAX (64u << 20) /* bytes it may write */

/* XCCDF 1.2, 6.6.4.2 */
enum saksi_xccdf_result {
	SAKSI_XCCDF_PASS,
	SAKSI_XCCDF_FAIL,
	SAKSI_XCCDF_ERROR,
	SAKSI_XCCDF_UNKNOWN,
	SAKSI_XCCDF_NOTAPPLICABLE,
	SAKSI_XCCDF_NOTCHECKED,
	SAKSI_XCCDF_NOTSELECTED,
	SAKSI_XCCDF_INFORMATIONAL,
	SAKSI_XCCDF_FIXED,
	SAKSI_XCCDF_RESULTS, /* how many there are */
};
const char *saksi_xccdf_result_name(enum saksi_xccdf_result r);

struct saksi_openscap_rule {
	struct saksi_bytes id; /* in the arena */
	enum saksi_xccdf_result result;
};

struct saksi_openscap_options {
	const char *engine;             /* NULL: /usr/bin/oscap */
	const char *content;            /* NULL: the packaged one for this system */
	const char *profile;            /* NULL: the content's default */
	const char *os_id, *os_version; /* of os-release: "debian", "12" */
	uint64_t memory_max;            /* bytes of address space; 0: 2 GiB */
	uint32_t seconds_max;           /* of wall time; 0: 900 */
};

struct saksi_openscap {
	bool covered;
	char reason[256]; /* why not, when not covered */
	uint32_t count[SAKSI_XCCDF_RESULTS];
	const struct saksi_openscap_rule *rules; /* in the order of the result */
	size_t rule_count;
	struct saksi_hash engine, content; /* SHA-256 of the files that were used */
};

/* Answers OK with `covered` true or false; other errors are ours (NOMEM, LIMIT:
 * the arena is too small, BADARG: no os_id).  A pass is never made up: what is
 * not covered has no rules. */
SAKSI_MUST enum saksi_err saksi_openscap_run(const struct saksi_openscap_options *o,
					     struct saksi_arena *a,
					     struct saksi_openscap *out);

/* ---- its parts, for tests and fuzzers */

enum saksi_fit { SAKSI_FIT_YES, SAKSI_FIT_NO, SAKSI_FIT_UNSAID };
/* Is this XCCDF (or data stream) for this system?  Looks at the platforms of
 * its Benchmark.  MALFORMED. */
SAKSI_MUST enum saksi_err saksi_openscap_fits(int fd, const char *os_id,
					      const char *os_version,
					      enum saksi_fit *out);
/* Reads rule results out of an XCCDF TestResult.  MALFORMED, LIMIT. */
SAKSI_MUST enum saksi_err saksi_openscap_read(struct saksi_bytes xml,
					      struct saksi_arena *a,
					      struct saksi_openscap *out);

#endif
