/* rooms: base crypto merkle
 *
 * proof_bench SIZE MS: microseconds for one inclusion and one consistency
 * verification in a tree of SIZE, warm, over many places and older sizes. */
#include "bench.h"
#include "merkle/proof.h"
#include "merkle/tree.h"

#define PROOFS 512
#define LEVELS 4

/* Hashes of the tile levels, all in memory. */
static struct saksi_hash *level[LEVELS];
static uint64_t size;

static enum saksi_err read_tile(void *ctx, const struct saksi_tile *t,
				struct saksi_hash *out)
{
	(void)ctx;
	if (t->level >= LEVELS)
		return SAKSI_MISSING;
	memcpy(out, level[t->level] + t->index * SAKSI_TILE_WIDTH,
	       t->width * sizeof *out);
	return SAKSI_OK;
}

static const struct saksi_tiles tiles = {NULL, read_tile};
static struct saksi_inclusion in[PROOFS];
static struct saksi_consistency con[PROOFS];
static struct saksi_hash in_path[PROOFS][SAKSI_PATH_MAX];
static struct saksi_hash con_path[PROOFS][SAKSI_PATH_MAX], older[PROOFS], root;

static void grow(void)
{
	struct saksi_edge e;

	for (unsigned l = 0; l < LEVELS; l++) {
		uint64_t count = size >> 8 * l;

		level[l] = calloc(count + 1, sizeof *level[l]);
		if (level[l] == NULL)
			bench_fail("out of memory");
		for (uint64_t i = 0; i < count; i++) {
			struct saksi_hash below[SAKSI_TILE_WIDTH];

			if (l == 0) {
				struct saksi_bytes b = {(uint8_t *)&i, sizeof i};
				level[0][i] = saksi_hash_leaf(b);
				continue;
			}
			memcpy(below, level[l - 1] + i * SAKSI_TILE_WIDTH,
			       sizeof below);
			level[l][i] = saksi_tree_root_of(below, SAKSI_TILE_WIDTH);
		}
	}
	saksi_edge_begin(&e);
	if (saksi_edge_add_many(&e, level[0], size) != SAKSI_OK)
		bench_fail("no tree");
	root = saksi_edge_root(&e);
}

static void prove(void)
{
	struct saksi_edge e;
	uint64_t x = 1;

	saksi_edge_begin(&e);
	for (size_t i = 0; i < PROOFS; i++) {
		/* Older sizes of all kinds, in order, so that one tree grows by them.
		 */
		uint64_t size1 = 1 + i * (size - 1) / PROOFS;

		x = x * 6364136223846793005U + 1442695040888963407U;
		if (saksi_inclusion_prove(&tiles, (x >> 20) % size, size, &root, &in[i],
					  in_path[i]) != SAKSI_OK ||
		    saksi_consistency_prove(&tiles, size1, size, &root, &con[i],
					    con_path[i]) != SAKSI_OK)
			bench_fail("no proof");
		if (saksi_edge_add_many(&e, level[0] + e.size, size1 - e.size) !=
		    SAKSI_OK)
			bench_fail("no older tree");
		older[i] = saksi_edge_root(&e);
	}
}

static bool check_inclusion(size_t i)
{
	return saksi_inclusion_check(&in[i], &root) == SAKSI_OK;
}

static bool check_consistency(size_t i)
{
	return saksi_consistency_check(&con[i], &older[i], &root) == SAKSI_OK;
}

static double micros(bool (*check)(size_t i), double seconds)
{
	double began = bench_cpu(), took;
	size_t calls = 0;

	do {
		for (size_t i = 0; i < PROOFS; i++)
			if (!check(i))
				bench_fail("a true proof is refused");
		calls += PROOFS;
		took = bench_cpu() - began;
	} while (took < seconds);
	return took / (double)calls * 1e6;
}

int main(int argc, char **argv)
{
	double a[BENCH_TRIES], b[BENCH_TRIES];

	if (argc != 3 || (size = strtoull(argv[1], NULL, 10)) < 2)
		bench_fail("usage: proof_bench SIZE MS");
	grow();
	prove();
	in[0].index ^= 1; /* a check that cannot fail measures nothing */
	if (check_inclusion(0))
		bench_fail("a false proof is taken");
	in[0].index ^= 1;
	for (int t = 0; t < BENCH_TRIES; t++) {
		a[t] = micros(check_inclusion, atof(argv[2]) / 1e3);
		b[t] = micros(check_consistency, atof(argv[2]) / 1e3);
	}
	bench_tell("inclusion", a);
	bench_tell("consistency", b);
	for (unsigned l = 0; l < LEVELS; l++)
		free(level[l]);
	return 0;
}
