/* A log: it fixes the order of entries, acknowledges them when they are on disk,
 * and publishes the tree over them.
 *
 * Spec: c2sp.org/tlog-tiles, tlog-checkpoint; docs/formats/logdir.md (the folder
 * byte by byte).  DESIGN "Log".
 *
 * Trust.  state.db is the lock store: it is trusted, and whoever can change it
 * can fork the log.  staging/ and public/ are the tile store: nothing read back
 * from there is believed, so a thief of it can hide things but not change them.
 *
 * Order of every publication; each step is durable before the next begins:
 *   1. the index of an entry is fixed and the entry is in state.db
 *      -> the caller is told the index (acknowledged)
 *   2. the new tiles and bundles are in staging/SIZE-ROOT
 *   3. the checkpoint is signed, and put into state.db if and only if the tree
 *      there still is the one it was built on (compare and swap)
 *   4. what was staged is copied to its public paths
 *   5. witnesses cosign until the quorum of `policy` is met
 *   6. public/checkpoint is replaced
 * Opening a log redoes step 4 for the tree in state.db, so a crash anywhere
 * loses no acknowledged entry; what lost at step 3 was never shown to anybody,
 * so no crash publishes a fork.
 * Test: tests/unit/log/fault_test.c fails each of them in turn. */
#ifndef SAKSI_LOG_LOG_H
#define SAKSI_LOG_LOG_H

#include "base/buf.h"
#include "log/cosign.h"
#include "net/server.h"
#include "note/receipt.h"

struct saksi_log;

/* ---- making one */

struct saksi_log_new {
	const char *path;            /* absent or an empty folder */
	struct saksi_bytes origin;   /* also the name of its key */
	bool open;                   /* anybody may add anything; no addenda */
	struct saksi_bytes roots;    /* text; needed unless open */
	struct saksi_bytes limits;   /* text or empty */
	struct saksi_bytes policy;   /* text; empty: "quorum none" */
	uint64_t batch, interval_ms; /* 0: the defaults */
};
/* Makes the folder with two new keys and the empty tree, signed; with a policy
 * that asks nobody also published.  What is wrong with the texts is said with the
 * line.  BADARG, MALFORMED, NEWER, REFUSED (something is there already), IO. */
SAKSI_MUST enum saksi_err saksi_log_init(const struct saksi_log_new *n,
					 struct saksi_why *w);

/* ---- opening it.  Takes the lock: BUSY when another process has it.  Redoes an
 * unfinished publication.  NEWER: state.db or config of a later version.
 * REFUSED: public/checkpoint, signed by this log's key, is not one that state.db
 * knows of: an old copy was put back, and going on would fork the log. */
SAKSI_MUST enum saksi_err saksi_log_open(const char *path, struct saksi_log **out,
					 struct saksi_why *w);
/* Stops what was started, gives the lock back. NULL is fine. */
void saksi_log_close(struct saksi_log *l);

/* From now on a writer thread commits what callers add, together, and a publisher
 * thread publishes every interval.  Before this call both are done in the
 * caller's thread, by one thread at a time. */
SAKSI_MUST enum saksi_err saksi_log_start(struct saksi_log *l, struct saksi_why *w);
/* Refuses new entries (BUSY), answers all that wait, publishes once more. */
void saksi_log_stop(struct saksi_log *l);

/* ---- adding */

struct saksi_add {
	struct saksi_bytes entry; /* in: borrowed until answered */
	/* out */
	enum saksi_err err;
	const char *reason; /* static, NULL when OK */
	uint64_t index;     /* OK: its place for ever */
	struct saksi_hash leaf;
	int64_t time_utc; /* when it was durable */
	bool repeat;      /* it was there already, under this index */
};
/* Returns when each is answered: OK only if it is on disk.
 *
 *   OK
 *   MALFORMED  empty, or not an entry as this log takes them
 *   REFUSED    read well, but its author may not say this (not in open mode)
 *   NEWER      a kind or version this log cannot judge
 *   LIMIT      over 65,535 bytes, or the ledger's memory (config ledger_mib)
 *   BUSY       too many wait, or the log is stopping: try later
 *   IO         the disk is full or broken: nothing was added; try later
 *
 * Gives OK when all are, else the first other answer; see each.  Many entries in
 * one call are committed together (in order, no gaps promised between them).
 * Identical entries among the last `dedup` ones are given the index they have.
 * Safe from any thread after saksi_log_start. */
SAKSI_MUST enum saksi_err saksi_log_add(struct saksi_log *l, struct saksi_add *adds,
					size_t count);
/* The same without a thread that waits.  All of *j and its adds are the log's
 * until it calls `done`: once, when every add is answered, whatever the answers;
 * then *j is the caller's again, and may be freed within `done`.  From the
 * writer's thread, so `done` should be short; or from within this call, when the
 * log takes nothing (BUSY) or was not started. */
struct saksi_job {
	struct saksi_add *adds; /* in */
	size_t count;           /* in */
	void (*done)(struct saksi_job *j);
	size_t taken, answered; /* the log's */
	uint64_t since_us;      /* the log's: when it came */
	struct saksi_job *next;
};
void saksi_log_add_later(struct saksi_log *l, struct saksi_job *j);
/* A signed receipt for an answered OK add, appended to out. */
SAKSI_MUST enum saksi_err saksi_log_receipt(const struct saksi_log *l,
					    const struct saksi_add *a,
					    struct saksi_buf *out);
/* Takes an addendum that an acknowledged entry names: durable under
 * public/addenda/ when OK, and *digest is its SHA-256.  MISSING: no entry names
 * it (or the log is open and takes none).  LIMIT: over config addendum_mib.  IO. */
SAKSI_MUST enum saksi_err saksi_log_addendum(struct saksi_log *l,
					     struct saksi_bytes addendum,
					     struct saksi_hash *digest);

/* ---- publishing */

/* Steps 2 to 6 once, over all that is acknowledged; not after saksi_log_start.
 *   OK      public/checkpoint covers all
 *   QUORUM  the tree is signed and public, but too few cosigned: the older
 *           checkpoint stays
 *   IO, REFUSED (another writer changed the tree), NOMEM, LIMIT */
SAKSI_MUST enum saksi_err saksi_log_publish(struct saksi_log *l, int64_t now,
					    struct saksi_why *w);

/* Who asks the witnesses: saksi_cosign_collect, unless a test says otherwise
 * before saksi_log_start. Not called when the policy names no witness. */
struct saksi_log_asker {
	void *ctx;
	enum saksi_err (*collect)(void *ctx, const struct saksi_cosign_ask *ask,
				  struct saksi_buf *out_note, struct saksi_why *w);
};
void saksi_log_ask_by(struct saksi_log *l, const struct saksi_log_asker *a);

/* How it stands.  Safe from any thread. */
struct saksi_log_state {
	uint64_t acknowledged; /* entries on disk */
	uint64_t size;         /* of the newest signed tree */
	uint64_t published;    /* of public/checkpoint */
	int64_t published_utc; /* 0: not since it was opened */
	bool refusing;         /* writes are refused: the disk */
	unsigned misses;       /* publications in a row that came to nothing */
	struct saksi_why says; /* of the last one; "" when all is well */
};
void saksi_log_state(struct saksi_log *l, struct saksi_log_state *out);
/* Called after each publication that changed what state says.  From the
 * publisher's thread; set before saksi_log_start. */
void saksi_log_tell(struct saksi_log *l,
		    void (*tell)(void *ctx, const struct saksi_log_state *s),
		    void *ctx);

/* The verifier keys, views as long as the log is open. */
const struct saksi_vkey *saksi_log_vkey(const struct saksi_log *l);
const struct saksi_vkey *saksi_log_receipt_vkey(const struct saksi_log *l);
/* Whom it asks; a view, too. */
const struct saksi_policy *saksi_log_policy(const struct saksi_log *l);

/* A saksi_serve_fn with the log as ctx: POST /add[?receipt=1], POST /addenda,
 * GET and HEAD of public/.  400 413 403 404 503 as docs/formats/logdir.md. */
void saksi_log_serve(void *log, const struct saksi_call *c, struct saksi_reply *r);
/* Bytes of the largest body it takes, for saksi_server_limits. */
size_t saksi_log_body_max(const struct saksi_log *l);

/* ---- checking one, whether or not somebody has it open */

struct saksi_log_flaw {
	enum saksi_err err; /* REFUSED: it is wrong; else: cannot tell why not */
	const char *where;  /* "public/tile/0/000", "state.db" */
	const char *what;
};
struct saksi_log_checked {
	uint64_t acknowledged, size, published, signed_count, tiles, addenda;
	uint64_t addenda_awaited; /* named by an entry, not yet received */
	uint64_t flaws;
};
/* Derives everything again from the entries in state.db: leaf hashes, the root of
 * every checkpoint ever signed, all tiles and bundles, the partial ones of the
 * published and the newest tree, the checkpoint and its signature, addenda.
 * Calls `tell` for each thing that differs.  OK; REFUSED: something is wrong;
 * else it could not tell (the message says why).  Changes nothing.
 * Cost: hashes all entries; memory: one bundle. */
SAKSI_MUST enum saksi_err
saksi_log_check(const char *path,
		void (*tell)(void *ctx, const struct saksi_log_flaw *f), void *ctx,
		struct saksi_log_checked *out, struct saksi_why *w);

#endif
