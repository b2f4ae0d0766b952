/* rooms: base crypto
 *
 * hash_bench ENGINE MS: millions of Merkle nodes (65 bytes) a second, by one engine
 * of ours and by OpenSSL's EVP with one context for all, in turns of MS milliseconds.
 * ENGINE is as saksi_hash_force takes it; "-": what this machine would take. */
#include "bench.h"
#include "crypto/hash.h"

#include <openssl/evp.h>

#define NODES 1024

static struct saksi_hash in[2 * NODES], out[NODES], want[NODES];
static EVP_MD_CTX *context;
static EVP_MD *sha256;

static void by_engine(void)
{
	saksi_hash_nodes(in, NODES, out);
}

static void by_evp(void)
{
	uint8_t text[65] = {1};

	for (size_t i = 0; i < NODES; i++) {
		memcpy(text + 1, in[2 * i].b, 64);
		if (EVP_DigestInit_ex2(context, sha256, NULL) != 1 ||
		    EVP_DigestUpdate(context, text, sizeof text) != 1 ||
		    EVP_DigestFinal_ex(context, out[i].b, NULL) != 1)
			bench_fail("EVP says no");
	}
}

/* Each round hashes what the one before gave, so that none can be left out. */
static double rate(void (*work)(void), double seconds)
{
	double began = bench_cpu(), took;
	size_t rounds = 0;

	do {
		work();
		memcpy(&in[rounds % NODES], &out[rounds % NODES], sizeof in[0]);
		rounds++;
		took = bench_cpu() - began;
	} while (took < seconds);
	return (double)rounds * NODES / took / 1e6;
}

int main(int argc, char **argv)
{
	double ours[BENCH_TRIES], evp[BENCH_TRIES], seconds;

	if (argc != 3)
		bench_fail("usage: hash_bench ENGINE MS");
	seconds = atof(argv[2]) / 1e3;
	if (strcmp(argv[1], "-") != 0 && !saksi_hash_force(argv[1])) {
		(void)fprintf(stderr, "no engine \"%s\" on this machine\n", argv[1]);
		return 77;
	}
	context = EVP_MD_CTX_new();
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (context == NULL || sha256 == NULL)
		bench_fail("no EVP");
	for (size_t i = 0; i < sizeof in; i++)
		in[i / 32].b[i % 32] = (uint8_t)(i * 7 + i / 256);
	by_evp();
	memcpy(want, out, sizeof want);
	by_engine();
	if (memcmp(want, out, sizeof want) != 0)
		bench_fail("two engines, two answers");
	for (int t = 0; t < BENCH_TRIES; t++) {
		ours[t] = rate(by_engine, seconds);
		evp[t] = rate(by_evp, seconds);
	}
	printf("engine %s\n", saksi_hash_engine());
	bench_tell("ours", ours);
	bench_tell("evp", evp);
	EVP_MD_free(sha256);
	EVP_MD_CTX_free(context);
	return 0;
}
