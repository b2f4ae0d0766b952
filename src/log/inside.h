/* What the files of this room share; nobody else includes it. */
#ifndef SAKSI_LOG_INSIDE_H
#define SAKSI_LOG_INSIDE_H

#include <pthread.h>

#include "log/config.h"
#include "log/counts.h"
#include "log/log.h"
#include "log/state.h"
#include "ledger/ledger.h"
#include "verify/source.h"

#define SAKSI_LOG_FILE_MAX (1U << 20)      /* of config, roots, limits, policy */
#define SAKSI_LOG_BATCH_BYTES (16U << 20)  /* of one commit, about */
#define SAKSI_LOG_STAGE_BYTES (256U << 20) /* of one publication, about */

#define SAKSI_SEEN_WAYS 4
/* A cell of the memory for identical entries. */
struct saksi_seen {
	struct saksi_hash leaf;
	uint64_t index1; /* index + 1; 0: free */
};

/* 1. `lock` guards queue, state and the three flags below it, nothing else.
 * 2. What is marked "sequencer" is touched by the writer thread alone once it
 *    runs; "publisher" likewise; each has its own connection to state.db.
 * 3. next == entries in state.db unless `unsure`; the ledger has applied exactly
 *    those unless `unsure`.
 * 4. head and edge are what state.db holds unless `adrift`. */
struct saksi_log {
	char *path;
	int dir, pub, staging, guard;
	struct saksi_arena texts; /* config, policy, roots, names of keys */
	struct saksi_log_config config;
	struct saksi_policy policy;
	bool has_witness;
	struct saksi_vkey key, receipt_key;
	struct saksi_signer *signer, *receipt_signer;
	struct saksi_vkey next_key; /* signs beside `key` while that is replaced ... */
	struct saksi_signer *next_signer; /* ... NULL: it is not */
	bool closed;                      /* for good: takes nothing, signs nothing */
	struct saksi_cosign *cosign;
	struct saksi_log_asker asker;
	void (*tell)(void *ctx, const struct saksi_log_state *s);
	void *tell_ctx;
	struct saksi_log_counts counts;

	/* sequencer */
	struct saksi_state *entries;
	uint64_t next;
	bool unsure;
	int64_t hold_ms; /* do not try the disk again before */
	const char *hold_reason;
	struct saksi_roots roots;
	struct saksi_limits limits;
	struct saksi_arena ledger_arena;
	struct saksi_ledger ledger;
	struct saksi_pending *pending;
	struct saksi_seen *seen; /* config.dedup of them */
	struct saksi_buf body;
	struct saksi_bytes *records; /* config.batch of each of these ... */
	struct saksi_hash *leaves;
	struct saksi_hash *named; /* ... but these grow with a batch's digests */
	uint64_t *named_by;
	size_t named_count, named_cap;

	/* publisher */
	struct saksi_state *tree;
	struct saksi_head head;
	struct saksi_frontier *edge, *grown;
	bool adrift;
	struct saksi_source source; /* public/, for proofs to witnesses */
	struct saksi_voice *voices; /* of the last asking, party_count of them */

	/* addenda */
	pthread_mutex_t addenda_lock;
	struct saksi_state *addenda;

	pthread_mutex_t lock;
	pthread_cond_t work, tick;
	struct saksi_job *first, *last;
	size_t queued, wanted; /* the writer is woken when so many wait; 0: not */
	bool started, stopping, drained;
	struct saksi_log_state state;
	bool stopped; /* only of the thread that stops */
	pthread_t writer, publisher;
	struct saksi_add **taken; /* the writer's batch, config.batch of each */
	struct saksi_job **taken_of;
};

/* open.c */
SAKSI_MUST enum saksi_err saksi_log_file(int dir, const char *path, const char *name,
					 struct saksi_buf *out, struct saksi_why *w);
/* For looking only: texts, key, public/ and l->tree, whoever has the lock.  End with
 * saksi_log_close. */
SAKSI_MUST enum saksi_err saksi_log_look(const char *path, struct saksi_log **out,
					 struct saksi_why *w);
/* sequence.c: judge, number and commit; answers every add.  count <= batch. */
void saksi_log_commit(struct saksi_log *l, struct saksi_add *const *adds, size_t count);
/* Reads state.db again after a doubt, or when opened. */
SAKSI_MUST enum saksi_err saksi_log_sure(struct saksi_log *l, struct saksi_why *w);

/* stage.c */
/* Writes staging/SIZE-ROOT with all that a tree of `to` entries, or of fewer when
 * those are large, has more than *edge, from the entries in `from`.  *edge is
 * moved there.  h gets size, root and staged. */
SAKSI_MUST enum saksi_err saksi_stage_write(int staging, struct saksi_state *from,
					    struct saksi_frontier *edge, uint64_t to,
					    struct saksi_head *h);
/* Copies it to its public paths, durably.  MISSING: no such file; REFUSED: not
 * the bytes that h tells. */
SAKSI_MUST enum saksi_err saksi_stage_place(int staging, int pub,
					    const struct saksi_head *h);
void saksi_stage_clear(int staging);

/* publish.c */
/* Step 4 again for the tree in state.db. */
SAKSI_MUST enum saksi_err saksi_log_recover(struct saksi_log *l, struct saksi_why *w);
SAKSI_MUST enum saksi_err saksi_log_integrate(struct saksi_log *l, int64_t now,
					      struct saksi_why *w);
SAKSI_MUST enum saksi_err saksi_log_show(struct saksi_log *l, int64_t now,
					 struct saksi_why *w);
/* h's checkpoint, signed by all keys there now are. */
SAKSI_MUST enum saksi_err saksi_log_sign(struct saksi_log *l, struct saksi_head *h);
/* Reads public/checkpoint and checks our own signature on it.  MISSING: none, or
 * not by this key. */
SAKSI_MUST enum saksi_err saksi_log_public_point(int pub, const struct saksi_vkey *key,
						 struct saksi_buf *text,
						 struct saksi_arena *a,
						 struct saksi_checkpoint *out);

/* rotate.c */
/* A second key, and whether the log is closed. */
SAKSI_MUST enum saksi_err saksi_log_open_years(struct saksi_log *l,
					       struct saksi_why *w);
/* For looking where the key itself is kept elsewhere: public/vkey. */
SAKSI_MUST enum saksi_err saksi_log_open_vkey(struct saksi_log *l, struct saksi_why *w);
/* REFUSED: the log is closed, so that its keys sign nothing more. */
SAKSI_MUST enum saksi_err saksi_log_not_closed(const struct saksi_log *l,
					       struct saksi_why *w);
/* Appends the note over `text` by all keys there now are. */
SAKSI_MUST enum saksi_err saksi_log_say(const struct saksi_log *l,
					struct saksi_bytes text,
					struct saksi_buf *note);

#endif
