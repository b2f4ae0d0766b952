/* RFC 6962/9162 proofs: check them. */
#ifndef SAKSI_MERKLE_PROOF_H
#define SAKSI_MERKLE_PROOF_H

#include "base/err.h"
#include "crypto/hash.h"

#define SAKSI_PATH_MAX 64 /* hashes in any proof over 64-bit sizes */

/* A record, its place, and the siblings from leaf to root. */
struct saksi_inclusion {
	struct saksi_hash leaf;
	uint64_t index;                /* 0-based, in leaves */
	uint64_t size;                 /* leaves in the tree; index < size */
	const struct saksi_hash *path; /* borrowed */
	size_t path_count;             /* in hashes */
};

/* Does `root` commit to this leaf at this place?
 *
 *   OK         it does
 *   REFUSED    it does not, or the path is too short or too long
 *   BADARG     index >= size
 *
 * Pure: owns nothing, allocates nothing, reads no clock.
 * Cost: one hash per path element, at most 64.
 * Spec: RFC 9162 2.1.3.2.  Test: tests/unit/merkle/proof_test.c */
SAKSI_MUST enum saksi_err saksi_inclusion_check(const struct saksi_inclusion *p,
						const struct saksi_hash *root);

/* Two trees, the older a prefix of the newer. */
struct saksi_consistency {
	uint64_t size1, size2; /* size1 <= size2 */
	const struct saksi_hash *path;
	size_t path_count;
};

/* Is the tree (size1, root1) a prefix of (size2, root2)?  Size 0 is a prefix of
 * all, with an empty path and the empty root (c2sp.org/tlog-witness).  OK,
 * REFUSED, BADARG (size1 > size2).  Spec: RFC 9162 2.1.4.2.
 * Test: tests/unit/merkle/{proof,vectors,judge}_test.c */
SAKSI_MUST enum saksi_err saksi_consistency_check(const struct saksi_consistency *p,
						  const struct saksi_hash *root1,
						  const struct saksi_hash *root2);
/* What the path says the two roots are.  For split-view evidence: a path that
 * gives the newer root truly and another older one proves the lie.
 * OK, REFUSED (path too short or too long), BADARG (size1 is 0 or > size2;
 * equal sizes take an empty path and are REFUSED here: nothing to derive). */
SAKSI_MUST enum saksi_err
saksi_consistency_roots(const struct saksi_consistency *p,
			const struct saksi_hash *root1_claimed,
			struct saksi_hash *root1, struct saksi_hash *root2);

/* Subtrees [start, end) of draft-ietf-plants-merkle-tree-certs 4.1:
 * valid when start < end and start is a multiple of the least power of two
 * that is >= end - start.  OK, REFUSED, BADARG (not a valid subtree, outside
 * the tree or index outside it).
 *
 * p->index and p->size are those of the whole tree; of a consistency proof
 * only size2 is read.  The empty subtree (start == end) has the empty root, an
 * empty path and no index, and is consistent with every tree.
 * Spec: draft-ietf-plants-merkle-tree-certs-03 4.3, 4.4. */
SAKSI_MUST enum saksi_err
saksi_subtree_inclusion_check(const struct saksi_inclusion *p, uint64_t start,
			      uint64_t end, const struct saksi_hash *subtree);
SAKSI_MUST enum saksi_err saksi_subtree_consistency_check(
    uint64_t start, uint64_t end, const struct saksi_consistency *p,
    const struct saksi_hash *subtree, const struct saksi_hash *root);

#endif
