/* One lane, in plain C: the definition.  For WebAssembly this file is enough;
 * elsewhere hash_many.c chooses among faster engines. */
#define LANES 1
#define COMPRESS saksi_hash_lanes1
#include "crypto/hash_lanes.h"

const uint32_t saksi_hash_k[64] = {
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
const uint32_t saksi_hash_start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
				      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

void saksi_hash_begin(struct saksi_hash_run *r)
{
	r->total = 0;
	r->fill = 0;
	memcpy(r->state, saksi_hash_start, sizeof r->state);
}

void saksi_hash_more(struct saksi_hash_run *r, struct saksi_bytes data)
{
	r->total += data.len;
	while (data.len != 0) {
		size_t n = sizeof r->block - r->fill;
		const uint8_t *block = r->block;

		if (r->fill == 0 && data.len >= sizeof r->block) {
			block = data.at;
			r->fill = n;
		} else {
			n = data.len < n ? data.len : n;
			memcpy(r->block + r->fill, data.at, n);
			r->fill += n;
		}
		if (r->fill == sizeof r->block) {
			saksi_hash_lanes1(r->state, &block);
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

struct saksi_hash saksi_hash_plain(struct saksi_bytes mark, struct saksi_bytes data)
{
	struct saksi_hash_run r;

	saksi_hash_begin(&r);
	saksi_hash_more(&r, mark);
	saksi_hash_more(&r, data);
	return saksi_hash_end(&r);
}

struct saksi_hash saksi_hash_empty(void)
{
	return saksi_hash_plain((struct saksi_bytes){NULL, 0},
				(struct saksi_bytes){NULL, 0});
}

bool saksi_hash_same(const struct saksi_hash *a, const struct saksi_hash *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}

struct saksi_bytes saksi_hash_bytes(const struct saksi_hash *h)
{
	return (struct saksi_bytes){h->b, sizeof h->b};
}

#ifdef __wasm__
static const uint8_t leaf_mark = 0, node_mark = 1;

struct saksi_hash saksi_hash_of(struct saksi_bytes data)
{
	return saksi_hash_plain((struct saksi_bytes){NULL, 0}, data);
}

struct saksi_hash saksi_hash_leaf(struct saksi_bytes record)
{
	return saksi_hash_plain((struct saksi_bytes){&leaf_mark, 1}, record);
}

struct saksi_hash saksi_hash_node(const struct saksi_hash *left,
				  const struct saksi_hash *right)
{
	struct saksi_hash both[2] = {*left, *right};

	return saksi_hash_plain((struct saksi_bytes){&node_mark, 1},
				(struct saksi_bytes){both[0].b, sizeof both});
}

void saksi_hash_nodes(const struct saksi_hash *in, size_t count, struct saksi_hash *out)
{
	for (size_t i = 0; i < count; i++)
		out[i] = saksi_hash_node(&in[2 * i], &in[2 * i + 1]);
}

void saksi_hash_leaves(const struct saksi_bytes *records, size_t count,
		       struct saksi_hash *out)
{
	for (size_t i = 0; i < count; i++)
		out[i] = saksi_hash_leaf(records[i]);
}
#endif
