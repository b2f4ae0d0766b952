/* A whole log in memory: entries, tiles, checkpoints, one witness; it can lie in
 * any byte it serves, and forget any resource. */
#ifndef MEMLOG_H
#define MEMLOG_H

#include "../ledger/world.h"

#include <stdlib.h>

#include "verify/verify.h"

#define MEM_ENTRIES 1024
#define MEM_ADDENDA 8
#define ORIGIN "log.example/mem"

struct memlog {
	struct saksi_bytes entries[MEM_ENTRIES];
	size_t count; /* entries added; the tree served is `size` */
	uint64_t size;
	struct saksi_bytes addenda[MEM_ADDENDA];
	size_t addenda_count;
	struct saksi_arena arena;
	struct saksi_signer *key, *witness;
	struct saksi_vkey vkey, wkey;
	struct saksi_policy policy;
	struct saksi_buf policy_text;
	struct saksi_source source;
	unsigned gets;
	/* the lies: */
	const char *lie_path; /* resource with a changed byte */
	size_t lie_at;
	const char *gone_path; /* not served */
};

static inline void mem_root(const struct memlog *m, uint64_t from, uint64_t to,
			    struct saksi_hash *out)
{
	struct saksi_hash *leaves = malloc((to - from + 1) * sizeof(*leaves));

	assert_non_null(leaves);
	saksi_hash_leaves(m->entries + from, to - from, leaves);
	*out = saksi_tree_root_of(leaves, to - from);
	free(leaves);
}

static inline enum saksi_err mem_tile(struct memlog *m, const struct saksi_tile *t,
				      struct saksi_buf *out)
{
	uint64_t span = 1;
	struct saksi_hash h;

	for (int l = 0; l < t->level; l++)
		span *= 256;
	for (uint64_t i = 0; i < t->width; i++) {
		uint64_t first = (t->index * 256 + i) * span;

		if (first + span > m->count)
			return SAKSI_MISSING;
		mem_root(m, first, first + span, &h);
		saksi_buf_put(out, saksi_hash_bytes(&h));
	}
	return SAKSI_OK;
}

static inline enum saksi_err mem_bundle(struct memlog *m, const struct saksi_tile *t,
					struct saksi_buf *out)
{
	for (uint64_t i = t->index * 256; i < t->index * 256 + t->width; i++) {
		if (i >= m->count)
			return SAKSI_MISSING;
		saksi_buf_put_be16(out, (uint16_t)m->entries[i].len);
		saksi_buf_put(out, m->entries[i]);
	}
	return SAKSI_OK;
}

static inline enum saksi_err mem_addendum(struct memlog *m, const char *path,
					  struct saksi_buf *out)
{
	char want[SAKSI_ADDENDUM_PATH_LEN];

	for (size_t i = 0; i < m->addenda_count; i++) {
		struct saksi_hash h = saksi_hash_of(m->addenda[i]);

		saksi_addendum_path(&h, want);
		if (strcmp(want, path) == 0) {
			saksi_buf_put(out, m->addenda[i]);
			return SAKSI_OK;
		}
	}
	return SAKSI_MISSING;
}

static inline enum saksi_err mem_get(void *ctx, const char *path, struct saksi_buf *out)
{
	struct memlog *m = ctx;
	struct saksi_tile t;
	size_t before = out->len;
	enum saksi_err err;

	m->gets++;
	if (m->gone_path != NULL && strcmp(m->gone_path, path) == 0)
		return SAKSI_MISSING;
	if (saksi_tile_read_path(saksi_bytes_of(path), &t) == SAKSI_OK)
		err = t.level == SAKSI_TILE_ENTRIES ? mem_bundle(m, &t, out)
						    : mem_tile(m, &t, out);
	else
		err = mem_addendum(m, path, out);
	if (err == SAKSI_OK && m->lie_path != NULL && strcmp(m->lie_path, path) == 0)
		out->at[before + m->lie_at] ^= 1;
	return err != SAKSI_OK ? err : saksi_buf_check(out);
}

static inline void mem_begin(struct memlog *m)
{
	uint8_t pub[SAKSI_KEY_LEN], seed[SAKSI_SEED_LEN] = {77},
				    wseed[SAKSI_SEED_LEN] = {78};
	struct saksi_fault f = {0};

	memset(m, 0, sizeof(*m));
	CHECK(saksi_crypto_begin() == SAKSI_OK);
	CHECK(saksi_arena_map(&m->arena, (size_t)256 << 20) == SAKSI_OK);
	m->key = saksi_signer_from_seed(seed);
	m->witness = saksi_signer_from_seed(wseed);
	CHECK(m->key != NULL && m->witness != NULL);
	saksi_signer_public(m->key, pub);
	CHECK(saksi_vkey_make(saksi_bytes_of(ORIGIN), SAKSI_SIG_ED25519, pub,
			      &m->vkey) == SAKSI_OK);
	saksi_signer_public(m->witness, pub);
	CHECK(saksi_vkey_make(saksi_bytes_of("witness.example/w"),
			      SAKSI_SIG_COSIGNATURE, pub, &m->wkey) == SAKSI_OK);
	m->policy_text = saksi_buf_growing(4096);
	saksi_buf_puts(&m->policy_text, "log ");
	saksi_vkey_write(&m->vkey, &m->policy_text);
	saksi_buf_puts(&m->policy_text, "\nwitness w ");
	saksi_vkey_write(&m->wkey, &m->policy_text);
	saksi_buf_puts(&m->policy_text, "\nquorum w\n");
	CHECK(saksi_policy_read(saksi_buf_bytes(&m->policy_text), &m->arena, &m->policy,
				&f) == SAKSI_OK);
	m->source = (struct saksi_source){m, mem_get};
}

static inline void mem_end(struct memlog *m)
{
	saksi_signer_free(m->key);
	saksi_signer_free(m->witness);
	saksi_buf_free(&m->policy_text);
	saksi_arena_end(&m->arena);
}

static inline void mem_add(struct memlog *m, struct saksi_bytes entry)
{
	CHECK(m->count < MEM_ENTRIES);
	m->entries[m->count] = saksi_arena_copy(&m->arena, entry);
	assert_non_null(m->entries[m->count].at);
	m->size = ++m->count;
}

/* Entries that are no statements. */
static inline void mem_fill(struct memlog *m, size_t count, uint32_t tag)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t word[2] = {tag ^ (uint32_t)m->count << 8, tag};

		mem_add(m,
			(struct saksi_bytes){(const uint8_t *)word, 4 + m->count % 5});
	}
}

/* The checkpoint over the first `size` entries, cosigned at `time` (0: not). */
static inline struct saksi_bytes mem_point(struct memlog *m, uint64_t size,
					   int64_t time)
{
	struct saksi_checkpoint c = {saksi_bytes_of(ORIGIN), size, {{0}}, {NULL, 0}};
	struct saksi_buf text = saksi_buf_growing(8192), note = saksi_buf_growing(8192);
	struct saksi_bytes out;

	mem_root(m, 0, size, &c.root);
	saksi_checkpoint_write(&c, &text);
	saksi_buf_put(&note, saksi_buf_bytes(&text));
	saksi_buf_puts(&note, "\n");
	saksi_note_sign(saksi_buf_bytes(&text), &m->vkey, m->key, &note);
	if (time != 0)
		saksi_note_cosign(saksi_buf_bytes(&text), (uint64_t)time, &m->wkey,
				  m->witness, &note);
	out = saksi_arena_copy(&m->arena, saksi_buf_bytes(&note));
	saksi_buf_free(&text);
	saksi_buf_free(&note);
	return out;
}

static inline void mem_answer(void *ctx, struct saksi_sigcheck *checks, size_t count)
{
	(void)ctx;
	saksi_sigchecks_run(checks, count);
}

/* Answers nothing, as a browser does the first time. */
static inline void mem_silence(void *ctx, struct saksi_sigcheck *checks, size_t count)
{
	(void)ctx;
	(void)checks;
	(void)count;
}

static inline struct saksi_verifier mem_verifier(struct memlog *m,
						 const struct saksi_roots *roots)
{
	struct saksi_verifier v = {.policy = &m->policy,
				   .roots = roots,
				   .now_utc = NOON,
				   .answer = mem_answer,
				   .arena = &m->arena};

	saksi_limits_default(&v.limits);
	return v;
}

static inline struct saksi_judged mem_judged(const struct saksi_verifier *v,
					     struct saksi_bytes note)
{
	struct saksi_judged j;

	CHECK(saksi_verify_point(v, note, &j, NULL) == SAKSI_OK);
	return j;
}

#endif
