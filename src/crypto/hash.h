/* SHA-256, one at a time and many at once. */
#ifndef SAKSI_CRYPTO_HASH_H
#define SAKSI_CRYPTO_HASH_H

#include "base/cursor.h"

#define SAKSI_HASH_LEN 32

struct saksi_hash {
	uint8_t b[SAKSI_HASH_LEN];
};

/* FIPS 180-4 of `data`. */
struct saksi_hash saksi_hash_of(struct saksi_bytes data);
/* RFC 9162 2.1.1: 0x00 marks a leaf and 0x01 a node, so that no leaf can be
 * passed off as a node.  The root of no leaves is SHA-256 of nothing. */
struct saksi_hash saksi_hash_leaf(struct saksi_bytes record);
struct saksi_hash saksi_hash_node(const struct saksi_hash *left,
				  const struct saksi_hash *right);
struct saksi_hash saksi_hash_empty(void);
bool saksi_hash_same(const struct saksi_hash *a, const struct saksi_hash *b);
struct saksi_bytes saksi_hash_bytes(const struct saksi_hash *h); /* a view */

/* out[i] = node(in[2i], in[2i + 1]) for i < count.  `out` may be `in`.
 * Many lanes where the machine has them.  Cost: 2 compressions each. */
void saksi_hash_nodes(const struct saksi_hash *in, size_t count,
		      struct saksi_hash *out);
/* out[i] = leaf(records[i]).  Records of different lengths are fine. */
void saksi_hash_leaves(const struct saksi_bytes *records, size_t count,
		       struct saksi_hash *out);

/* A running hash for what does not fit in memory. */
struct saksi_hash_run {
	uint32_t state[8];
	uint64_t total;
	uint8_t block[64];
	size_t fill;
};
void saksi_hash_begin(struct saksi_hash_run *r);
void saksi_hash_more(struct saksi_hash_run *r, struct saksi_bytes data);
struct saksi_hash saksi_hash_end(struct saksi_hash_run *r);

/* How the many-at-once calls work here: "16 lanes" (AVX-512), "2 lanes" (the SHA
 * instructions), "8 lanes" (AVX2), "library", "1 lane".  saksi_hash_force picks one for
 * tests and benches (NULL: by the machine); false when this machine cannot. */
const char *saksi_hash_engine(void);
bool saksi_hash_force(const char *engine);

#endif
