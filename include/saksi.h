/* libsaksi: check what a Saksi log has published, offline.
 *
 * One checker holds what you have decided to believe: a policy (which logs, which
 * witnesses, how many; c2sp.org/tlog-policy) and, when the log holds statements,
 * the author roots.  Every call answers one of five things and says why in one
 * line; "cannot tell" is never a weaker "it holds".
 *
 * Bytes are borrowed for the call.  No call reads a clock, a file or the network.
 * A checker is for one thread at a time.  Link with -lsaksi (pkg-config saksi). */
#ifndef SAKSI_H
#define SAKSI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SAKSI_PUBLIC __attribute__((visibility("default")))
#else
#define SAKSI_PUBLIC
#endif

/* The same numbers as the exit codes of the saksi command. */
enum saksi_answer {
	SAKSI_IT_HOLDS = 0,
	SAKSI_IT_IS_FALSE = 1,
	SAKSI_CANNOT_TELL = 3, /* unread, stale, newer than this library, no memory */
	SAKSI_QUORUM_NOT_MET = 4,
	SAKSI_SPLIT_VIEW = 5, /* of the log: it signed two histories */
};

/* Filled by every check; text is UTF-8 with its NUL, cut to its room. */
struct saksi_result {
	enum saksi_answer answer;
	char why[256];    /* "" when it holds */
	char origin[256]; /* of the log */
	uint64_t size;    /* entries in the tree */
	uint64_t index;   /* of the entry; proofs only */
	int64_t
	    as_of_utc; /* a quorum vouches for the tree as of then; 0: nobody does */
	char kind[64]; /* of the statement, "" when it is none: "audit", ... */
	char author[80];
};

struct saksi_checker;

/* "0.1.0" */
SAKSI_PUBLIC const char *saksi_library_version(void);

/* policy: text of a tlog-policy. roots: text of a roots file, or NULL with length 0
 * for a log without statements.  Both are copied.  NULL when they cannot be used;
 * why (NULL or 256 bytes) then says what is wrong and in which line.
 * End with saksi_checker_free; NULL is fine there. */
SAKSI_PUBLIC struct saksi_checker *saksi_checker_new(const char *policy,
						     size_t policy_len,
						     const char *roots,
						     size_t roots_len, char why[256]);
SAKSI_PUBLIC void saksi_checker_free(struct saksi_checker *c);

/* Is this a checkpoint of a log in the policy, cosigned by the quorum?  And when
 * now_utc is not 0: vouched for not longer than three hours ago? */
SAKSI_PUBLIC enum saksi_answer
saksi_checker_checkpoint(struct saksi_checker *c, const void *note, size_t note_len,
			 int64_t now_utc, struct saksi_result *out);

/* A .tlog-proof file as `saksi prove` writes it, or one made by others together
 * with its entry (NULL and 0 when the proof carries it).  Checks log, quorum,
 * inclusion and, with roots, the author's right.  Answers "logged as of", for
 * ever: freshness plays no part. */
SAKSI_PUBLIC enum saksi_answer saksi_checker_proof(struct saksi_checker *c,
						   const void *proof, size_t proof_len,
						   const void *entry, size_t entry_len,
						   struct saksi_result *out);

/* A split-view evidence file: it holds when the log did sign two histories. */
SAKSI_PUBLIC enum saksi_answer saksi_checker_evidence(struct saksi_checker *c,
						      const void *text, size_t text_len,
						      struct saksi_result *out);

/* RFC 6962 inclusion by itself: entry at index in the tree (size, root), path of
 * path_count 32-byte hashes.  CANNOT_TELL when index >= size. */
SAKSI_PUBLIC enum saksi_answer saksi_inclusion_holds(const void *entry,
						     size_t entry_len, uint64_t index,
						     uint64_t size, const uint8_t *path,
						     size_t path_count,
						     const uint8_t root[32]);

#ifdef __cplusplus
}
#endif
#endif
