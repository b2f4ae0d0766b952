/* Chooses an engine, and keeps its lanes busy.
 *
 * 1. A leaf is a mark byte and a record; its block k covers the record's bytes from
 *    64k - 1 on.
 * 2. Each lane works on one leaf; when that ends, its hash goes out and the lane
 *    takes the next record, so lengths may differ.
 * 3. Nodes are all of one length: as many as there are lanes are read, then hashed,
 *    then written, so that writing over what was read is fine. */
#include "crypto/hash_engines.h"

#ifdef __x86_64__
#include <cpuid.h>
#endif
#include <string.h>

#define LANES_MAX 16
/* From here on a lane alone costs more than the library's whole hash. */
#define LONG_RECORD 1000

struct engine {
	const char *name;
	size_t lanes;
	size_t worth; /* fewer messages than this are faster one by one */
	void (*compress)(uint32_t *state, const uint8_t *const *block);
	void (*nodes)(const struct saksi_hash *in, struct saksi_hash *out);
	bool (*works)(void);
};

static bool always(void)
{
	return true;
}

#ifdef __x86_64__
static bool has_avx512(void)
{
	return __builtin_cpu_supports("avx512f") != 0;
}

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2") != 0;
}

/* Not every compiler's __builtin_cpu_supports knows the name. */
static bool has_sha(void)
{
	unsigned a, b = 0, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0 &&
	       __builtin_cpu_supports("sse4.1") != 0;
}
#endif

/* Best first, as bench/hash_bench measures them. */
static const struct engine engines[] = {
#ifdef __x86_64__
    {"16 lanes", 16, 3, saksi_hash_lanes16, saksi_hash_nodes16, has_avx512},
    {"2 lanes", 2, 2, saksi_hash_lanes2, saksi_hash_nodes2, has_sha},
    {"8 lanes", 8, 3, saksi_hash_lanes8, saksi_hash_nodes8, has_avx2},
#endif
    {"library", 0, SIZE_MAX, NULL, NULL, always},
    {"1 lane", 1, SIZE_MAX, NULL, NULL, always},
};

static const struct engine *forced;

/* Same answer in every thread, so a race to store it is harmless. */
static const struct engine *engine(void)
{
	static const struct engine *best;
	const struct engine *e = __atomic_load_n(&forced, __ATOMIC_ACQUIRE);

	if (e == NULL)
		e = __atomic_load_n(&best, __ATOMIC_ACQUIRE);
	if (e != NULL)
		return e;
	e = engines;
	while (!e->works())
		e++;
	__atomic_store_n(&best, e, __ATOMIC_RELEASE);
	return e;
}

const char *saksi_hash_engine(void)
{
	return engine()->name;
}

bool saksi_hash_force(const char *name)
{
	const struct engine *e = NULL;

	for (size_t i = 0; name != NULL && i < sizeof engines / sizeof *engines; i++) {
		if (strcmp(name, engines[i].name) == 0 && engines[i].works())
			e = &engines[i];
	}
	if (name != NULL && e == NULL)
		return false;
	__atomic_store_n(&forced, e, __ATOMIC_RELEASE);
	return true;
}

/* ---- one at a time */

static const uint8_t leaf_mark = 0, node_mark = 1;

static struct saksi_hash hash_one(struct saksi_bytes mark, struct saksi_bytes data)
{
	struct saksi_hash h;

	if (engine()->lanes != 1 && saksi_hash_library(mark, data, &h))
		return h;
	return saksi_hash_plain(mark, data);
}

struct saksi_hash saksi_hash_of(struct saksi_bytes data)
{
	return hash_one((struct saksi_bytes){NULL, 0}, data);
}

struct saksi_hash saksi_hash_leaf(struct saksi_bytes record)
{
	return hash_one((struct saksi_bytes){&leaf_mark, 1}, record);
}

struct saksi_hash saksi_hash_node(const struct saksi_hash *left,
				  const struct saksi_hash *right)
{
	struct saksi_hash both[2] = {*left, *right};

	return hash_one((struct saksi_bytes){&node_mark, 1},
			(struct saksi_bytes){both[0].b, sizeof both});
}

/* ---- many at once */

struct job {
	const struct saksi_bytes *records;
	size_t next, count;
	struct saksi_hash *out;
};

struct lane {
	struct saksi_bytes record;
	size_t index, block, blocks; /* blocks == 0: idle */
	uint8_t made[64];
};

/* The first and the last blocks of a message are not found in the record. */
static const uint8_t *make_block(struct lane *l)
{
	size_t total = l->record.len + 1, at = 64 * l->block;
	size_t n = at < total ? total - at : 0, skip = at == 0;
	uint64_t bits = 8 * (uint64_t)total;

	n = n > 64 ? 64 : n;
	memset(l->made + n, 0, 64 - n);
	l->made[0] = leaf_mark;
	if (n > skip)
		memcpy(l->made + skip, l->record.at + at + skip - 1, n - skip);
	if (total >= at && total < at + 64)
		l->made[total - at] = 0x80;
	if (l->block + 1 == l->blocks) {
		for (size_t i = 0; i < 8; i++)
			l->made[56 + i] = (uint8_t)(bits >> (56 - 8 * i));
	}
	return l->made;
}

static const uint8_t *next_block(struct lane *l)
{
	if (l->block == 0 || 64 * (l->block + 1) > l->record.len + 1)
		return make_block(l);
	return l->record.at + 64 * l->block - 1;
}

/* Gives the lane its next message; long ones are done at once, elsewhere. */
static void refill(struct job *j, const struct engine *e, struct lane *l,
		   uint32_t *state)
{
	l->blocks = 0;
	while (j->next < j->count) {
		l->index = j->next++;
		l->record = j->records[l->index];
		if (l->record.len < LONG_RECORD) {
			l->block = 0;
			l->blocks = (l->record.len + 1 + 8) / 64 + 1;
			for (size_t i = 0; i < 8; i++)
				state[i * e->lanes] = saksi_hash_start[i];
			return;
		}
		j->out[l->index] = saksi_hash_leaf(l->record);
	}
}

static void put_hash(struct saksi_hash *out, const uint32_t *state, size_t lanes)
{
	for (size_t i = 0; i < 8; i++) {
		uint32_t v = state[i * lanes];

		out->b[4 * i] = (uint8_t)(v >> 24);
		out->b[4 * i + 1] = (uint8_t)(v >> 16);
		out->b[4 * i + 2] = (uint8_t)(v >> 8);
		out->b[4 * i + 3] = (uint8_t)v;
	}
}

/* One block of every lane; false when all are idle. */
static bool advance(struct job *j, const struct engine *e, struct lane *lane,
		    uint32_t *state)
{
	static const uint8_t nothing[64];
	const uint8_t *block[LANES_MAX];
	bool busy = false;

	for (size_t i = 0; i < e->lanes; i++) {
		bool idle = lane[i].blocks == 0;

		block[i] = idle ? nothing : next_block(&lane[i]);
		busy = busy || !idle;
	}
	if (!busy)
		return false;
	e->compress(state, block);
	for (size_t i = 0; i < e->lanes; i++) {
		struct lane *l = &lane[i];

		if (l->blocks == 0 || ++l->block < l->blocks)
			continue;
		put_hash(&j->out[l->index], state + i, e->lanes);
		refill(j, e, l, state + i);
	}
	return true;
}

void saksi_hash_leaves(const struct saksi_bytes *records, size_t count,
		       struct saksi_hash *out)
{
	struct job j = {.records = records, .count = count, .out = out};
	const struct engine *e = engine();
	uint32_t state[8 * LANES_MAX] __attribute__((aligned(64))) = {0};
	struct lane lane[LANES_MAX];

	if (count < e->worth) {
		for (size_t i = 0; i < count; i++)
			out[i] = saksi_hash_leaf(records[i]);
		return;
	}
	for (size_t i = 0; i < e->lanes; i++)
		refill(&j, e, &lane[i], state + i);
	while (advance(&j, e, lane, state))
		;
}

void saksi_hash_nodes(const struct saksi_hash *in, size_t count, struct saksi_hash *out)
{
	struct saksi_hash some[2 * LANES_MAX], got[LANES_MAX];
	const struct engine *e = engine();
	size_t i = 0;

	for (; e->nodes != NULL && count - i >= e->lanes; i += e->lanes)
		e->nodes(in + 2 * i, out + i);
	if (e->nodes != NULL && count - i >= e->worth) {
		memset(some, 0, sizeof some);
		memcpy(some, in + 2 * i, 2 * (count - i) * sizeof *in);
		e->nodes(some, got);
		memcpy(out + i, got, (count - i) * sizeof *out);
		return;
	}
	for (; i < count; i++)
		out[i] = saksi_hash_node(&in[2 * i], &in[2 * i + 1]);
}
