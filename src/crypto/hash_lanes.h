/* SHA-256 of LANES messages at once, one 32-bit lane each: the text of FIPS 180-4
 * with a vector in place of each word.  hash_lanes8.c and hash_lanes16.c include
 * this with LANES, TARGET (for the function attribute), COMPRESS (its name) and NODES
 * (that of whole nodes, where wanted). */
#include "crypto/hash_engines.h"

#include <string.h>

#ifdef TARGET
#define HOT __attribute__((target(TARGET)))
#define INLINE static inline __attribute__((always_inline, target(TARGET)))
#else
#define HOT
#define INLINE static inline __attribute__((always_inline))
#endif

#if LANES == 1
typedef uint32_t lanes;
#else
typedef uint32_t lanes __attribute__((vector_size(4 * LANES)));
#endif

/* A macro, since how to pass a vector depends on the machine. */
#define ROR(x, n) ((x) >> (n) | (x) << (32 - (n)))

/* w[i] = word i of each lane's block, big-endian. */
#if LANES == 8
INLINE lanes swap(lanes v)
{
	v = (v >> 8 & 0x00ff00ff) | (v << 8 & 0xff00ff00);
	return v >> 16 | v << 16;
}

/* Turns an 8 by 8 square of words by three rounds of interleaving: words, then
 * pairs, then halves. */
INLINE void turn(lanes r[8])
{
	lanes s[8];

	for (size_t i = 0; i < 8; i += 2) {
		s[i] =
		    __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
		s[i + 1] =
		    __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
	}
	for (size_t i = 0; i < 8; i++) {
		size_t a = (i & 4) | (i >> 1 & 1);

		r[i] = i % 2 == 0 ? __builtin_shufflevector(s[a], s[a + 2], 0, 1, 8, 9,
							    4, 5, 12, 13)
				  : __builtin_shufflevector(s[a], s[a + 2], 2, 3, 10,
							    11, 6, 7, 14, 15);
	}
	for (size_t i = 0; i < 4; i++) {
		s[i] =
		    __builtin_shufflevector(r[i], r[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
		s[i + 4] =
		    __builtin_shufflevector(r[i], r[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
	}
	memcpy(r, s, sizeof s);
}

INLINE void load(const uint8_t *const block[LANES], lanes w[16])
{
	for (size_t half = 0; half < 16; half += 8) {
		for (size_t i = 0; i < 8; i++)
			memcpy(&w[half + i], block[i] + 4 * half, sizeof w[0]);
		turn(w + half);
		for (size_t i = 0; i < 8; i++)
			w[half + i] = swap(w[half + i]);
	}
}

/* kw[i] = word t + i of each lane's sums. */
INLINE void gather(const uint32_t *const tail[LANES], size_t t, lanes kw[8])
{
	for (size_t l = 0; l < 8; l++)
		memcpy(&kw[l], tail[l] + t, sizeof kw[0]);
	turn(kw);
}

/* The lanes' hashes, in order. */
INLINE void put(lanes s[8], struct saksi_hash *out)
{
	for (size_t i = 0; i < 8; i++)
		s[i] = swap(s[i]);
	turn(s);
	for (size_t l = 0; l < LANES; l++)
		memcpy(out[l].b, &s[l], sizeof out[l].b);
}
#else
INLINE void load(const uint8_t *const block[LANES], lanes w[16])
{
	for (size_t i = 0; i < 16; i++) {
		uint32_t word[LANES] __attribute__((aligned(4 * LANES)));

		for (size_t l = 0; l < LANES; l++)
			word[l] = saksi_hash_be32(block[l] + 4 * i);
		memcpy(&w[i], word, sizeof w[i]);
	}
}

INLINE void gather(const uint32_t *const tail[LANES], size_t t, lanes kw[8])
{
	for (size_t i = 0; i < 8; i++) {
		uint32_t word[LANES] __attribute__((aligned(4 * LANES)));

		for (size_t l = 0; l < LANES; l++)
			word[l] = tail[l][t + i];
		memcpy(&kw[i], word, sizeof kw[i]);
	}
}

INLINE void put(lanes s[8], struct saksi_hash *out)
{
	for (size_t i = 0; i < 8; i++) {
		uint32_t word[LANES] __attribute__((aligned(4 * LANES)));

		memcpy(word, &s[i], sizeof word);
		for (size_t l = 0; l < LANES; l++) {
			out[l].b[4 * i] = (uint8_t)(word[l] >> 24);
			out[l].b[4 * i + 1] = (uint8_t)(word[l] >> 16);
			out[l].b[4 * i + 2] = (uint8_t)(word[l] >> 8);
			out[l].b[4 * i + 3] = (uint8_t)word[l];
		}
	}
}
#endif

/* One round, with the sum of its constant and its word of the schedule.  s[-i mod 8]
 * plays a of 6.2.2 and the next ones b to h: the names move instead of the values.  i
 * is a constant, so that s stays in registers.  *bc is b ^ c, which the round before
 * had as its a ^ b. */
INLINE void step(lanes s[8], lanes *bc, lanes kw, size_t i)
{
	lanes a = s[(16 - i) % 8], b = s[(17 - i) % 8], ab = a ^ b;
	lanes e = s[(20 - i) % 8], f = s[(21 - i) % 8], g = s[(22 - i) % 8];
	lanes t1 = s[(23 - i) % 8] + kw + (ROR(e, 6) ^ ROR(e, 11) ^ ROR(e, 25)) +
		   (g ^ (e & (f ^ g)));

	s[(19 - i) % 8] += t1;
	s[(23 - i) % 8] = t1 + (ROR(a, 2) ^ ROR(a, 13) ^ ROR(a, 22)) + (b ^ (ab & *bc));
	*bc = ab;
}

/* Round t + i, and the word 16 rounds later. */
INLINE void grow(lanes s[8], lanes w[16], lanes *bc, size_t t, size_t i)
{
	lanes w1 = w[(i + 1) % 16], w14 = w[(i + 14) % 16];

	step(s, bc, w[i] + saksi_hash_k[t + i], i);
	if (t < 48)
		w[i] += (ROR(w1, 7) ^ ROR(w1, 18) ^ w1 >> 3) + w[(i + 9) % 16] +
			(ROR(w14, 17) ^ ROR(w14, 19) ^ w14 >> 10);
}

/* The 64 rounds of 6.2.2 over the block in w, which is used up. */
INLINE void rounds(lanes s[8], lanes w[16])
{
	lanes before[8], bc = s[1] ^ s[2];

	memcpy(before, s, sizeof before);
	for (size_t t = 0; t < 64; t += 16) {
		grow(s, w, &bc, t, 0);
		grow(s, w, &bc, t, 1);
		grow(s, w, &bc, t, 2);
		grow(s, w, &bc, t, 3);
		grow(s, w, &bc, t, 4);
		grow(s, w, &bc, t, 5);
		grow(s, w, &bc, t, 6);
		grow(s, w, &bc, t, 7);
		grow(s, w, &bc, t, 8);
		grow(s, w, &bc, t, 9);
		grow(s, w, &bc, t, 10);
		grow(s, w, &bc, t, 11);
		grow(s, w, &bc, t, 12);
		grow(s, w, &bc, t, 13);
		grow(s, w, &bc, t, 14);
		grow(s, w, &bc, t, 15);
	}
	for (size_t i = 0; i < 8; i++)
		s[i] += before[i];
}

HOT void COMPRESS(uint32_t state[8 * LANES], const uint8_t *const block[LANES])
{
	lanes w[16], s[8];

	memcpy(s, state, sizeof s);
	load(block, w);
	rounds(s, w);
	memcpy(state, s, sizeof s);
}

#ifdef NODES
/* The rounds over a block of which tail[l] has lane l's sums for each round. */
INLINE void rounds_known(lanes s[8], const uint32_t *const tail[LANES])
{
	lanes before[8], kw[8], bc = s[1] ^ s[2];

	memcpy(before, s, sizeof before);
	for (size_t t = 0; t < 64; t += 8) {
		gather(tail, t, kw);
		step(s, &bc, kw[0], 0);
		step(s, &bc, kw[1], 1);
		step(s, &bc, kw[2], 2);
		step(s, &bc, kw[3], 3);
		step(s, &bc, kw[4], 4);
		step(s, &bc, kw[5], 5);
		step(s, &bc, kw[6], 6);
		step(s, &bc, kw[7], 7);
	}
	for (size_t i = 0; i < 8; i++)
		s[i] += before[i];
}

/* A node's 65 bytes are two blocks: the mark and all but the last byte of the two
 * hashes; then that byte, the padding and the length, of which just the byte is
 * unknown, so that saksi_hash_tails has its whole schedule. */
HOT void NODES(const struct saksi_hash in[2 * LANES], struct saksi_hash out[LANES])
{
	const struct saksi_hash_tail *tails = saksi_hash_tails();
	const uint8_t *block[LANES];
	const uint32_t *tail[LANES];
	lanes w[16], u[16], s[8], zero = {0};

	for (size_t l = 0; l < LANES; l++) {
		block[l] = in[2 * l].b;
		tail[l] = tails[in[2 * l + 1].b[31]].sum;
	}
	load(block, u);
	w[0] = u[0] >> 8 | 1U << 24;
	for (size_t i = 1; i < 16; i++)
		w[i] = u[i - 1] << 24 | u[i] >> 8;
	for (size_t i = 0; i < 8; i++)
		s[i] = zero + saksi_hash_start[i];
	rounds(s, w);
	rounds_known(s, tail);
	put(s, out);
}
#endif
