/* The public face of libsaksi: include/saksi.h is the contract. */
#include "saksi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "crypto/sign.h"
#include "verify/verify.h"

#define TEXT_MAX (1U << 20)
#define ARENA_CAP ((size_t)256 << 20)
#define PATH_MAX_HASHES SAKSI_PATH_MAX

/* Invariants: what policy and roots borrow lies in `arena` below `mark`; a check
 * uses the rest and gives it back. */
struct saksi_checker {
	struct saksi_arena arena;
	size_t mark;
	struct saksi_policy policy;
	struct saksi_roots roots;
	struct saksi_verifier verifier;
};

const char *saksi_library_version(void)
{
	return SAKSI_VERSION;
}

static void answer(void *ctx, struct saksi_sigcheck *checks, size_t count)
{
	(void)ctx;
	saksi_sigchecks_run(checks, count);
}

static void tell_why(char *why, const char *file, const struct saksi_fault *f)
{
	if (why != NULL)
		(void)snprintf(why, 256, "%s, line %u: %s", file, (unsigned)f->line,
			       f->what != NULL ? f->what : "cannot be used");
}

static int read_trust(struct saksi_checker *c, struct saksi_bytes policy,
		      struct saksi_bytes roots, char *why)
{
	struct saksi_fault f = {0};
	struct saksi_bytes kept = saksi_arena_copy(&c->arena, policy);

	if (kept.at == NULL ||
	    saksi_policy_read(kept, &c->arena, &c->policy, &f) != SAKSI_OK) {
		tell_why(why, "policy", &f);
		return -1;
	}
	if (roots.len == 0)
		return 0;
	kept = saksi_arena_copy(&c->arena, roots);
	if (kept.at == NULL || saksi_roots_read(kept, &c->roots, &f) != SAKSI_OK) {
		tell_why(why, "roots", &f);
		return -1;
	}
	return 0;
}

struct saksi_checker *saksi_checker_new(const char *policy, size_t policy_len,
					const char *roots, size_t roots_len,
					char why[256])
{
	struct saksi_checker *c = calloc(1, sizeof(*c));

	if (c == NULL || saksi_crypto_begin() != SAKSI_OK ||
	    saksi_arena_map(&c->arena, ARENA_CAP) != SAKSI_OK ||
	    policy_len > TEXT_MAX || roots_len > TEXT_MAX) {
		if (why != NULL)
			(void)snprintf(why, 256,
				       "no memory, no randomness, or over 1 MiB");
		saksi_checker_free(c);
		return NULL;
	}
	if (read_trust(c, (struct saksi_bytes){(const uint8_t *)policy, policy_len},
		       (struct saksi_bytes){(const uint8_t *)roots, roots_len},
		       why) != 0) {
		saksi_checker_free(c);
		return NULL;
	}
	c->mark = c->arena.used;
	c->verifier = (struct saksi_verifier){.policy = &c->policy,
					      .roots = roots_len > 0 ? &c->roots : NULL,
					      .answer = answer,
					      .arena = &c->arena};
	saksi_limits_default(&c->verifier.limits);
	return c;
}

void saksi_checker_free(struct saksi_checker *c)
{
	if (c == NULL)
		return;
	saksi_arena_end(&c->arena);
	free(c);
}

/* ---- results */

static void copy(char *out, size_t room, struct saksi_bytes s)
{
	size_t n = s.len < room - 1 ? s.len : room - 1;

	if (n > 0)
		memcpy(out, s.at, n);
	out[n] = '\0';
}

static void fill_point(struct saksi_result *out, const struct saksi_judged *j)
{
	copy(out->origin, sizeof(out->origin), j->point.origin);
	out->size = j->point.size;
	if (j->newest_utc < INT64_MAX)
		out->as_of_utc = (int64_t)j->newest_utc;
}

static enum saksi_answer finish(struct saksi_checker *c, enum saksi_err err,
				const struct saksi_fault *f, struct saksi_result *out)
{
	if (err != SAKSI_OK)
		(void)snprintf(out->why, sizeof(out->why), "%s",
			       f->what != NULL ? f->what : saksi_err_name(err));
	saksi_arena_rewind(&c->arena, c->mark);
	out->answer = (enum saksi_answer)saksi_err_exit(err);
	return out->answer;
}

enum saksi_answer saksi_checker_checkpoint(struct saksi_checker *c, const void *note,
					   size_t note_len, int64_t now_utc,
					   struct saksi_result *out)
{
	struct saksi_fault f = {0};
	struct saksi_judged j;
	enum saksi_err err;

	memset(out, 0, sizeof(*out));
	err = saksi_verify_point(&c->verifier, (struct saksi_bytes){note, note_len}, &j,
				 &f);
	if (err == SAKSI_OK || err == SAKSI_QUORUM)
		fill_point(out, &j);
	if (err == SAKSI_OK && now_utc != 0) {
		c->verifier.now_utc = now_utc;
		err = saksi_verify_fresh(&c->verifier, &j);
		if (err != SAKSI_OK)
			(void)saksi_fault_set(
			    &f, err, "nobody vouches that this is the latest tree", 0,
			    0);
	}
	return finish(c, err, &f, out);
}

enum saksi_answer saksi_checker_proof(struct saksi_checker *c, const void *proof,
				      size_t proof_len, const void *entry,
				      size_t entry_len, struct saksi_result *out)
{
	struct saksi_fault f = {0};
	struct saksi_proven p;
	enum saksi_err err;

	memset(out, 0, sizeof(*out));
	err = saksi_verify_proof(&c->verifier, (struct saksi_bytes){proof, proof_len},
				 (struct saksi_bytes){entry, entry_len}, &p, &f);
	if (err == SAKSI_OK) {
		fill_point(out, &p.judged);
		out->index = p.index;
		if (p.is_statement) {
			copy(out->kind, sizeof(out->kind), p.statement.kind_name);
			copy(out->author, sizeof(out->author), p.statement.author);
		}
	}
	return finish(c, err, &f, out);
}

enum saksi_answer saksi_checker_evidence(struct saksi_checker *c, const void *text,
					 size_t text_len, struct saksi_result *out)
{
	struct saksi_fault f = {0};
	struct saksi_judged older, newer;
	enum saksi_err err;

	memset(out, 0, sizeof(*out));
	err = saksi_verify_evidence(&c->verifier, (struct saksi_bytes){text, text_len},
				    &older, &newer, &f);
	if (err == SAKSI_OK)
		fill_point(out, &newer);
	return finish(c, err, &f, out);
}

enum saksi_answer saksi_inclusion_holds(const void *entry, size_t entry_len,
					uint64_t index, uint64_t size,
					const uint8_t *path, size_t path_count,
					const uint8_t root[32])
{
	struct saksi_hash hashes[PATH_MAX_HASHES], want;
	struct saksi_inclusion p = {
	    saksi_hash_leaf((struct saksi_bytes){entry, entry_len}), index, size,
	    hashes, path_count};

	if (path_count > PATH_MAX_HASHES)
		return SAKSI_IT_IS_FALSE;
	if (path_count > 0)
		memcpy(hashes, path, path_count * SAKSI_HASH_LEN);
	memcpy(want.b, root, SAKSI_HASH_LEN);
	return (enum saksi_answer)saksi_err_exit(saksi_inclusion_check(&p, &want));
}
