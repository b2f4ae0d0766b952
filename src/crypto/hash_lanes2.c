/* Two messages at once by the processor's SHA instructions: each waits for its own
 * result so long that a second message costs nearly nothing more. */
#include "crypto/hash_engines.h"

#ifdef __x86_64__
#include <immintrin.h>

#define HOT __attribute__((target("sha,sse4.1")))
#define INLINE static inline __attribute__((always_inline, target("sha,sse4.1")))

/* The eight words of 6.2.2 in the order in which the instructions want them. */
struct half {
	__m128i abef, cdgh;
};

INLINE __m128i read16(const uint8_t *at)
{
	return _mm_loadu_si128((const __m128i *)(const void *)at);
}

INLINE __m128i swap(__m128i v)
{
	return _mm_shuffle_epi8(
	    v, _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
}

/* Rounds t + 4i to t + 4i + 3 of one message, and the words 16 rounds later. */
INLINE void quad(struct half *s, __m128i m[4], size_t t, size_t i)
{
	__m128i k = read16((const uint8_t *)&saksi_hash_k[t + 4 * i]);
	__m128i sum = _mm_add_epi32(m[i], k), last = m[(i + 3) % 4];

	s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, sum);
	s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(sum, 0x0e));
	if (t < 48) {
		sum = _mm_add_epi32(_mm_sha256msg1_epu32(m[i], m[(i + 1) % 4]),
				    _mm_alignr_epi8(last, m[(i + 2) % 4], 4));
		m[i] = _mm_sha256msg2_epu32(sum, last);
	}
}

/* One block of each message; m is used up. */
INLINE void rounds(struct half s[2], __m128i m[2][4])
{
	struct half a = s[0], b = s[1];

	for (size_t t = 0; t < 64; t += 16) {
		quad(&a, m[0], t, 0);
		quad(&b, m[1], t, 0);
		quad(&a, m[0], t, 1);
		quad(&b, m[1], t, 1);
		quad(&a, m[0], t, 2);
		quad(&b, m[1], t, 2);
		quad(&a, m[0], t, 3);
		quad(&b, m[1], t, 3);
	}
	s[0].abef = _mm_add_epi32(s[0].abef, a.abef);
	s[0].cdgh = _mm_add_epi32(s[0].cdgh, a.cdgh);
	s[1].abef = _mm_add_epi32(s[1].abef, b.abef);
	s[1].cdgh = _mm_add_epi32(s[1].cdgh, b.cdgh);
}

/* Words a to h, which stand `apart` from each other. */
INLINE struct half gather(const uint32_t *w, size_t apart)
{
	int32_t v[8];

	for (size_t i = 0; i < 8; i++)
		v[i] = (int32_t)w[i * apart];
	return (struct half){_mm_set_epi32(v[0], v[1], v[4], v[5]),
			     _mm_set_epi32(v[2], v[3], v[6], v[7])};
}

HOT void saksi_hash_lanes2(uint32_t state[16], const uint8_t *const block[2])
{
	struct half s[2] = {gather(state, 2), gather(state + 1, 2)};
	__m128i m[2][4];

	for (size_t l = 0; l < 2; l++)
		for (size_t i = 0; i < 4; i++)
			m[l][i] = swap(read16(block[l] + 16 * i));
	rounds(s, m);
	for (size_t l = 0; l < 2; l++) {
		uint32_t v[8];

		_mm_storeu_si128((__m128i *)(void *)v, s[l].abef);
		_mm_storeu_si128((__m128i *)(void *)(v + 4), s[l].cdgh);
		state[l] = v[3];
		state[2 + l] = v[2];
		state[4 + l] = v[7];
		state[6 + l] = v[6];
		state[8 + l] = v[1];
		state[10 + l] = v[0];
		state[12 + l] = v[5];
		state[14 + l] = v[4];
	}
}

INLINE void put(const struct half *s, struct saksi_hash *out)
{
	__m128i feba = _mm_shuffle_epi32(s->abef, 0x1b);
	__m128i dchg = _mm_shuffle_epi32(s->cdgh, 0xb1);

	_mm_storeu_si128((__m128i *)(void *)out->b,
			 swap(_mm_blend_epi16(feba, dchg, 0xf0)));
	_mm_storeu_si128((__m128i *)(void *)(out->b + 16),
			 swap(_mm_alignr_epi8(dchg, feba, 8)));
}

HOT void saksi_hash_nodes2(const struct saksi_hash in[4], struct saksi_hash out[2])
{
	struct half start = gather(saksi_hash_start, 1), s[2] = {start, start};
	__m128i m[2][4], mark = _mm_set_epi32(1 << 24, 0, 0, 0), end[2];

	for (size_t l = 0; l < 2; l++) {
		__m128i before = mark;

		for (size_t i = 0; i < 4; i++) {
			__m128i v = read16(in[2 * l + i / 2].b + 16 * (i % 2));

			m[l][i] = swap(_mm_alignr_epi8(v, before, 15));
			before = v;
		}
		/* The last byte, and what pads it. */
		end[l] = _mm_or_si128(_mm_srli_si128(before, 15),
				      _mm_set_epi32(0, 0, 0, 0x8000));
	}
	rounds(s, m);
	for (size_t l = 0; l < 2; l++) {
		m[l][0] = swap(end[l]);
		m[l][1] = m[l][2] = _mm_setzero_si128();
		m[l][3] = _mm_set_epi32(65 * 8, 0, 0, 0);
	}
	rounds(s, m);
	put(&s[0], &out[0]);
	put(&s[1], &out[1]);
}
#endif
