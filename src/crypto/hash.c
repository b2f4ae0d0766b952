#include "crypto/hash.h"

#include <string.h>

/* FIPS 180-4 4.2.2. */
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
    0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
    0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
    0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
    0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
    0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2};

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t ror(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

/* FIPS 180-4 6.2.2. */
static void compress(uint32_t state[8], const uint8_t block[64])
{
	uint32_t w[64], s[8];

	for (size_t i = 0; i < 16; i++)
		w[i] = be32(block + 4 * i);
	for (size_t i = 16; i < 64; i++) {
		uint32_t s0 = ror(w[i - 15], 7) ^ ror(w[i - 15], 18) ^ w[i - 15] >> 3;
		uint32_t s1 = ror(w[i - 2], 17) ^ ror(w[i - 2], 19) ^ w[i - 2] >> 10;

		w[i] = w[i - 16] + s0 + w[i - 7] + s1;
	}
	memcpy(s, state, sizeof s);
	for (size_t i = 0; i < 64; i++) {
		uint32_t big1 = ror(s[4], 6) ^ ror(s[4], 11) ^ ror(s[4], 25);
		uint32_t pick = (s[4] & s[5]) ^ (~s[4] & s[6]);
		uint32_t t1 = s[7] + big1 + pick + K[i] + w[i];
		uint32_t big0 = ror(s[0], 2) ^ ror(s[0], 13) ^ ror(s[0], 22);
		uint32_t most = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);

		memmove(s + 1, s, 7 * sizeof s[0]);
		s[4] += t1;
		s[0] = t1 + big0 + most;
	}
	for (size_t i = 0; i < 8; i++)
		state[i] += s[i];
}

void saksi_hash_begin(struct saksi_hash_run *r)
{
	*r = (struct saksi_hash_run){.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
					       0xa54ff53a, 0x510e527f, 0x9b05688c,
					       0x1f83d9ab, 0x5be0cd19}};
}

void saksi_hash_more(struct saksi_hash_run *r, struct saksi_bytes data)
{
	r->total += data.len;
	while (data.len != 0) {
		size_t n = sizeof r->block - r->fill;

		if (r->fill == 0 && data.len >= sizeof r->block) {
			n = sizeof r->block;
			compress(r->state, data.at);
		} else {
			n = data.len < n ? data.len : n;
			memcpy(r->block + r->fill, data.at, n);
			r->fill += n;
		}
		if (r->fill == sizeof r->block) {
			compress(r->state, r->block);
			r->fill = 0;
		}
		data.at += n;
		data.len -= n;
	}
}

struct saksi_hash saksi_hash_end(struct saksi_hash_run *r)
{
	static const uint8_t pad[64] = {0x80};
	uint64_t bits = r->total * 8;
	size_t n = (r->fill < 56 ? 56 : 120) - r->fill;
	uint8_t tail[8];
	struct saksi_hash h;

	for (size_t i = 0; i < 8; i++)
		tail[i] = (uint8_t)(bits >> (56 - 8 * i));
	saksi_hash_more(r, (struct saksi_bytes){pad, n});
	saksi_hash_more(r, (struct saksi_bytes){tail, sizeof tail});
	for (size_t i = 0; i < 32; i++)
		h.b[i] = (uint8_t)(r->state[i / 4] >> (24 - 8 * (i % 4)));
	return h;
}

struct saksi_hash saksi_hash_of(struct saksi_bytes data)
{
	struct saksi_hash_run r;

	saksi_hash_begin(&r);
	saksi_hash_more(&r, data);
	return saksi_hash_end(&r);
}

struct saksi_hash saksi_hash_leaf(struct saksi_bytes record)
{
	static const uint8_t mark = 0;
	struct saksi_hash_run r;

	saksi_hash_begin(&r);
	saksi_hash_more(&r, (struct saksi_bytes){&mark, 1});
	saksi_hash_more(&r, record);
	return saksi_hash_end(&r);
}

struct saksi_hash saksi_hash_node(const struct saksi_hash *left,
				  const struct saksi_hash *right)
{
	uint8_t text[1 + 2 * SAKSI_HASH_LEN] = {1};

	memcpy(text + 1, left->b, sizeof left->b);
	memcpy(text + 1 + sizeof left->b, right->b, sizeof right->b);
	return saksi_hash_of((struct saksi_bytes){text, sizeof text});
}

struct saksi_hash saksi_hash_empty(void)
{
	return saksi_hash_of((struct saksi_bytes){NULL, 0});
}

bool saksi_hash_same(const struct saksi_hash *a, const struct saksi_hash *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}

struct saksi_bytes saksi_hash_bytes(const struct saksi_hash *h)
{
	return (struct saksi_bytes){h->b, sizeof h->b};
}
