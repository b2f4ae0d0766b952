/* Inside the crypto room: the parts of which the calls in hash.h are made. */
#ifndef SAKSI_CRYPTO_HASH_ENGINES_H
#define SAKSI_CRYPTO_HASH_ENGINES_H

#include "crypto/hash.h"

/* FIPS 180-4 4.2.2 and 5.3.3. */
extern const uint32_t saksi_hash_k[64];
extern const uint32_t saksi_hash_start[8];

/* One block more for each lane: block[l] has its 64 bytes, and
 * state[i * lanes + l] is word i of lane l. */
void saksi_hash_lanes1(uint32_t state[8], const uint8_t *const block[1]);
void saksi_hash_lanes2(uint32_t state[16], const uint8_t *const block[2]);
void saksi_hash_lanes8(uint32_t state[64], const uint8_t *const block[8]);
void saksi_hash_lanes16(uint32_t state[128], const uint8_t *const block[16]);

/* For each value of the last byte of a node's text: for each round of its second
 * block, the constant and the word of the schedule, summed.  64 KiB, made once. */
struct saksi_hash_tail {
	uint32_t sum[64];
};
const struct saksi_hash_tail *saksi_hash_tails(void);

/* As many nodes as there are lanes: out[l] = node(in[2l], in[2l + 1]).  All is read
 * before anything is written. */
void saksi_hash_nodes2(const struct saksi_hash in[4], struct saksi_hash out[2]);
void saksi_hash_nodes8(const struct saksi_hash in[16], struct saksi_hash out[8]);
void saksi_hash_nodes16(const struct saksi_hash in[32], struct saksi_hash out[16]);

/* SHA-256 of `mark` (as it is; usually one byte or none) and `data`: by one lane,
 * and by libcrypto.  The library may say no (out of memory): false. */
struct saksi_hash saksi_hash_plain(struct saksi_bytes mark, struct saksi_bytes data);
bool saksi_hash_library(struct saksi_bytes mark, struct saksi_bytes data,
			struct saksi_hash *out);

static inline uint32_t saksi_hash_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

#endif
