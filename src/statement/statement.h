/* Signed public claims: the in-toto Statement inside an envelope.
 * Spec: in-toto Statement v1; docs/formats/statements.md, "Statements". */
#ifndef SAKSI_STATEMENT_STATEMENT_H
#define SAKSI_STATEMENT_STATEMENT_H

#include "base/json.h"
#include "crypto/hash.h"
#include "statement/sealed.h"

/* X-macro: enum, name in predicateType "urn:saksi:NAME:1". */
#define SAKSI_KINDS(X)                                                                 \
	X(KEYS, "keys")                                                                \
	X(INVENTORY, "inventory")                                                      \
	X(PLAN, "plan")                                                                \
	X(AUDIT, "audit")                                                              \
	X(ABANDONED, "abandoned")                                                      \
	X(OBSERVATION, "observation")                                                  \
	X(DISCLOSURE, "disclosure")                                                    \
	X(EXTENSION, "extension")                                                      \
	X(ACCEPTANCE, "acceptance")                                                    \
	X(HEARTBEAT, "heartbeat")
enum saksi_kind {
#define SAKSI_KIND_ENUM(e, n) SAKSI_KIND_##e,
	SAKSI_KINDS(SAKSI_KIND_ENUM)
#undef SAKSI_KIND_ENUM
	    SAKSI_KIND_OTHER, /* a kind this program does not know: cannot tell */
};
const char *saksi_kind_name(enum saksi_kind k); /* "other" for OTHER */

#define SAKSI_AUTHOR_MAX 64 /* [a-z0-9.-]+, also servers' pseudonyms */

struct saksi_statement {
	enum saksi_kind kind;
	uint64_t version; /* writing: 0 is 1 */
	struct saksi_bytes kind_name;
	struct saksi_bytes author;
	uint64_t sequence; /* from 0, per author */
	struct saksi_hash
	    previous;     /* id of the author's previous statement; zeroes at 0 */
	int64_t time_utc; /* as the author says */
	const struct saksi_hash *addenda;
	size_t addenda_count;
	struct saksi_bytes subject_name;
	struct saksi_hash subject;
	const struct saksi_json *body; /* an object */
};

/* Strict for what it knows: unknown members of the predicate are MALFORMED; a
 * kind it does not know is OK with SAKSI_KIND_OTHER; a version above 1 (of keys:
 * above 2) is NEWER, and *out is filled all the same (`body` may be NULL): who, which
 * number, when, which subject and attachments keep their meaning in every version.
 * MALFORMED with the byte.  LIMIT.  *out borrows `payload`. */
SAKSI_MUST enum saksi_err saksi_statement_read(struct saksi_bytes payload,
					       struct saksi_arena *a,
					       struct saksi_statement *out,
					       struct saksi_fault *f);
/* `body_json` is an object as text.  Only the header members of `s` are used.
 * LIMIT (payload too large), BADARG. */
SAKSI_MUST enum saksi_err saksi_statement_write(const struct saksi_statement *s,
						struct saksi_bytes body_json,
						struct saksi_buf *out);

/* ---- bodies, one struct a kind; X_read takes a statement of that kind and
 * gives MALFORMED with a fault; X_write appends the body as JSON. */
struct saksi_author_key {
	struct saksi_bytes author,
	    role; /* commission auditor supervisor society observer */
	uint8_t key[32];
	uint8_t box[32]; /* X25519 key to seal openings to; zeroes when none */
	uint32_t kinds;  /* bit 1 << enum saksi_kind */
	const struct saksi_bytes *other_kinds; /* names this program does not know */
	size_t other_count;
	uint64_t heartbeat_s; /* 0: declares none */
};
struct saksi_revoked_key {
	uint8_t key[32];
	uint64_t from; /* log index from which its entries are invalid */
};
/* The author roots: k of n offline keys. */
#define SAKSI_ROOTS_MAX 16
struct saksi_roots {
	struct {
		struct saksi_bytes name;
		uint8_t key[32];
	} keys[SAKSI_ROOTS_MAX];
	size_t key_count, quorum;
};
/* Version 2 is version 1 with `roots`, which replace the roots before. */
struct saksi_keys { /* subject: saksi_keys_subject */
	const struct saksi_author_key *authors;
	size_t author_count;
	const struct saksi_revoked_key *revoked;
	size_t revoked_count;
	const struct saksi_roots *roots; /* NULL: as they were */
};
struct saksi_scoped_server {
	struct saksi_bytes server, role; /* pseudonym; what it does, free text */
};
struct saksi_inventory {
	const struct saksi_scoped_server *servers;
	size_t server_count;
	struct saksi_hash
	    sealed; /* root of the sealed names and addresses = the subject */
};
struct saksi_named_digest {
	struct saksi_bytes name;
	struct saksi_hash digest;
	struct saksi_bytes date; /* snapshots: "2026-11-22", else empty */
};
struct saksi_point {
	uint64_t size;
	struct saksi_hash root;
};
struct saksi_plan {
	struct saksi_bytes server;
	uint8_t nonce[32];
	struct saksi_hash rules; /* = the subject */
	uint64_t rule_count;
	const struct saksi_named_digest *engines, *snapshots;
	size_t engine_count, snapshot_count;
	struct saksi_point checkpoint; /* recent when planned */
	int64_t deadline_utc;
};
struct saksi_failure {
	struct saksi_hash leaf;
	enum saksi_severity severity;
	int64_t first_seen_utc, disclose_by_utc;
};
struct saksi_audit {
	struct saksi_hash plan; /* id of the plan statement */
	struct saksi_bytes server;
	uint8_t nonce[32];
	struct saksi_hash rules;
	struct saksi_point checkpoint; /* already covers the plan */
	int64_t from_utc, to_utc;      /* of the collection */
	uint64_t counts[SAKSI_VERDICTS];
	uint64_t failed[SAKSI_SEVERITIES]; /* X_write counts them itself */
	struct saksi_hash vector_root;     /* = the subject */
	const struct saksi_hash *leaves;
	size_t leaf_count;
	struct saksi_hash failure_root;
	const struct saksi_failure *failures; /* in shuffled order */
	size_t failure_count;
	struct saksi_hash facts; /* SHA-256 of the encrypted fact stream in the vault */
};
struct saksi_abandoned {
	struct saksi_hash plan; /* = the subject */
	struct saksi_bytes reason;
};
struct saksi_observation {
	struct saksi_hash of; /* a plan or audit statement = the subject */
	struct saksi_bytes saw;
};
struct saksi_disclosed {
	struct saksi_hash leaf; /* in the failure list */
	bool fixed;             /* else due or by choice */
};
struct saksi_disclosure {
	struct saksi_hash audit;    /* id of the audit statement = the subject */
	struct saksi_hash openings; /* digest of the one addendum that holds them */
	const struct saksi_disclosed *items;
	size_t item_count;
};
struct saksi_postponed {         /* extension and acceptance */
	struct saksi_hash audit; /* = the subject */
	struct saksi_hash leaf;
	int64_t until_utc;
	struct saksi_bytes reason;
};
struct saksi_heartbeat {
	struct saksi_point checkpoint; /* the one it saw; root = the subject */
	uint64_t statements;           /* so far by this author, this one not counted */
};
/* Room for the body of any kind. */
union saksi_body {
	struct saksi_keys keys;
	struct saksi_inventory inventory;
	struct saksi_plan plan;
	struct saksi_audit audit;
	struct saksi_abandoned abandoned;
	struct saksi_observation observation;
	struct saksi_disclosure disclosure;
	struct saksi_postponed postponed;
	struct saksi_heartbeat heartbeat;
};
#define SAKSI_BODY(noun)                                                               \
	SAKSI_MUST enum saksi_err saksi_##noun##_read(                                 \
	    const struct saksi_statement *s, struct saksi_arena *a,                    \
	    struct saksi_##noun *out, struct saksi_fault *f);                          \
	void saksi_##noun##_write(const struct saksi_##noun *b, struct saksi_buf *out);
SAKSI_BODY(keys)
SAKSI_BODY(inventory)
SAKSI_BODY(plan)
SAKSI_BODY(audit)
SAKSI_BODY(abandoned)
SAKSI_BODY(observation)
SAKSI_BODY(disclosure)
SAKSI_BODY(postponed)
SAKSI_BODY(heartbeat)
#undef SAKSI_BODY

/* The subject of a keys statement: SHA-256 of its authors' keys in order and,
 * where it replaces the roots, of one byte for their quorum and of their keys. */
struct saksi_hash saksi_keys_subject(const struct saksi_keys *k);

/* May one who was given these kinds (of a keys statement) sign `s`?  Pure. */
bool saksi_kinds_allow(uint32_t kinds, const struct saksi_bytes *other,
		       size_t other_count, const struct saksi_statement *s);

/* ---- the addendum of a disclosure: all its openings in one JSON document.
 * Each opens the failure leaf and the verdict leaf of the same rule; a fixed
 * one also the later passing leaf. */
struct saksi_finding {
	struct saksi_bytes rule;   /* its id; SHA-256 must equal the leaf's rule_id */
	struct saksi_bytes detail; /* proving facts, UTF-8 without NUL; SHA-256 must
				      equal the leaf's */
	struct saksi_opening in_vector, in_failures;
	bool fixed;
	struct saksi_hash later_audit; /* when fixed: id of the later audit */
	struct saksi_bytes later_detail;
	struct saksi_opening later; /* when fixed: in its vector */
};
struct saksi_openings {
	struct saksi_hash audit;
	const struct saksi_finding *findings;
	size_t finding_count;
};
SAKSI_MUST enum saksi_err saksi_openings_read(struct saksi_bytes text,
					      struct saksi_arena *a,
					      struct saksi_openings *out,
					      struct saksi_fault *f);
void saksi_openings_write(const struct saksi_openings *o, struct saksi_buf *out);
/* Does this finding open leaves of that audit (and, when fixed, a passing leaf
 * of the same rule in `later`, an audit of the same server collected after it;
 * NULL otherwise)?  OK, REFUSED with what, NEWER (leaves of a newer version). */
SAKSI_MUST enum saksi_err saksi_finding_check(const struct saksi_finding *d,
					      const struct saksi_audit *audit,
					      const struct saksi_audit *later,
					      struct saksi_fault *f);

#endif
