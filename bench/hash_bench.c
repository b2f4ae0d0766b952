/* How many Merkle nodes (65 bytes) a second does each engine hash here, and how
 * many does libcrypto's own one-shot call?
 * cc -O2 -D_GNU_SOURCE -Isrc bench/hash_bench.c src/crypto/hash*.c src/base/cursor.c
 * -lcrypto */
#include "crypto/hash.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <time.h>

#define NODES 4096
#define ROUNDS 200
#define TRIES 5

static struct saksi_hash in[2 * NODES], out[NODES];

static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void by_engine(void)
{
	saksi_hash_nodes(in, NODES, out);
}

static void by_single_calls(void)
{
	for (size_t i = 0; i < NODES; i++)
		out[i] = saksi_hash_node(&in[2 * i], &in[2 * i + 1]);
}

static void by_one_shot(void)
{
	uint8_t text[65] = {1};

	for (size_t i = 0; i < NODES; i++) {
		for (size_t k = 0; k < 64; k++)
			text[1 + k] = in[2 * i + k / 32].b[k % 32];
		if (EVP_Digest(text, sizeof text, out[i].b, NULL, EVP_sha256(), NULL) !=
		    1)
			return;
	}
}

/* The best of some tries: the others measure who else uses the machine. */
static void measure(const char *name, void (*work)(void))
{
	double best = 1e9;

	for (int t = 0; t < TRIES; t++) {
		double began = seconds();

		for (int i = 0; i < ROUNDS; i++)
			work();
		if (seconds() - began < best)
			best = seconds() - began;
	}
	printf("%-24s %7.2f M nodes/s\n", name, NODES * ROUNDS / best / 1e6);
}

int main(void)
{
	static const char *const names[] = {"16 lanes", "8 lanes", "library", "1 lane"};

	for (size_t i = 0; i < sizeof in; i++)
		in[i / 32].b[i % 32] = (uint8_t)(i * 7);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (saksi_hash_force(names[i]))
			measure(names[i], by_engine);
		else
			printf("%-24s not on this machine\n", names[i]);
	}
	(void)saksi_hash_force(NULL);
	measure("one call a node", by_single_calls);
	measure("EVP_Digest one-shot", by_one_shot);
	printf("chosen here: %s\n", saksi_hash_engine());
	return 0;
}
