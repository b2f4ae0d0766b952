#include "crypto/hash_engines.h"

#include <pthread.h>

static struct saksi_hash_tail tails[256];

static uint32_t ror(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static void make(void)
{
	for (uint32_t last = 0; last < 256; last++) {
		uint32_t w[64] = {last << 24 | 0x80U << 16, [15] = 65 * 8};

		for (size_t t = 16; t < 64; t++)
			w[t] =
			    w[t - 16] + w[t - 7] +
			    (ror(w[t - 15], 7) ^ ror(w[t - 15], 18) ^ w[t - 15] >> 3) +
			    (ror(w[t - 2], 17) ^ ror(w[t - 2], 19) ^ w[t - 2] >> 10);
		for (size_t t = 0; t < 64; t++)
			tails[last].sum[t] = w[t] + saksi_hash_k[t];
	}
}

const struct saksi_hash_tail *saksi_hash_tails(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, make);
	return tails;
}
