/* state.db, the lock store: acknowledged entries and the newest signed tree.
 * Trusted.  SQLite in WAL mode with synchronous=FULL: what a call here answered
 * with OK survives a power cut.  Layout: docs/formats/logdir.md. */
#ifndef SAKSI_LOG_STATE_H
#define SAKSI_LOG_STATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "crypto/hash.h"
#include "log/frontier.h"

struct saksi_state; /* one connection, for one thread at a time */

enum saksi_state_how { SAKSI_STATE_MAKE, SAKSI_STATE_WRITE, SAKSI_STATE_READ };

/* IO, NEWER (a later version wrote it), MALFORMED (not a log's state). */
SAKSI_MUST enum saksi_err saksi_state_open(const char *path, enum saksi_state_how how,
					   struct saksi_state **out,
					   struct saksi_why *w);
void saksi_state_close(struct saksi_state *s);
/* Why the last call gave IO: one static English clause. */
const char *saksi_state_reason(const struct saksi_state *s);
/* All reading between the two sees one state of the database. */
SAKSI_MUST enum saksi_err saksi_state_freeze(struct saksi_state *s);
void saksi_state_thaw(struct saksi_state *s);

/* ---- entries */

struct saksi_batch {
	uint64_t first, count;
	int64_t time_utc;
	struct saksi_bytes body; /* as an entry bundle: be16 length || entry, ... */
	const struct saksi_hash *named; /* digests of addenda its entries name ... */
	const uint64_t *named_by;       /* ... and which entry does */
	size_t named_count;
};
/* The index the next entry gets. */
SAKSI_MUST enum saksi_err saksi_state_next(struct saksi_state *s, uint64_t *next);
/* When the entry at this index, less than that, was written.  MISSING: no entries. */
SAKSI_MUST enum saksi_err saksi_state_when(struct saksi_state *s, uint64_t index,
					   int64_t *utc);
/* REFUSED: `first` is not the next index (somebody else wrote). */
SAKSI_MUST enum saksi_err saksi_state_append(struct saksi_state *s,
					     const struct saksi_batch *b);
typedef enum saksi_err saksi_state_entry_fn(void *ctx, uint64_t index,
					    struct saksi_bytes entry);
/* Entries [from, to) in order; what `each` gives, if not OK, ends the walk.
 * MALFORMED: the batches there do not fit together. */
SAKSI_MUST enum saksi_err saksi_state_walk(struct saksi_state *s, uint64_t from,
					   uint64_t to, saksi_state_entry_fn *each,
					   void *ctx);

/* ---- the tree */

#define SAKSI_LOG_NOTE_MAX 2048 /* bytes of a checkpoint signed by the log alone */
struct saksi_head {
	uint64_t size;
	struct saksi_hash root;
	struct saksi_hash staged;         /* SHA-256 of staging/SIZE-ROOT */
	bool placed;                      /* all of it is under public/ */
	int64_t time_utc;                 /* when it was signed */
	uint8_t note[SAKSI_LOG_NOTE_MAX]; /* the signed checkpoint */
	size_t note_len;                  /* 0: the empty tree, not yet signed */
};
/* The newest signed tree with its right edge.  MALFORMED: the edge does not have
 * that root. */
SAKSI_MUST enum saksi_err saksi_state_head(struct saksi_state *s, struct saksi_head *h,
					   struct saksi_frontier *edge);
/* Compare and swap: next becomes the newest tree if `old` still is, in one
 * transaction that also remembers that it was signed.  REFUSED: it is not.
 * After IO the caller asks saksi_state_head which of the two it now is. */
SAKSI_MUST enum saksi_err saksi_state_swap(struct saksi_state *s,
					   const struct saksi_head *old,
					   const struct saksi_head *next,
					   const struct saksi_frontier *edge);
/* h->note in place of the note of the very same tree: it is signed by other keys.
 * REFUSED: the newest tree is another. */
SAKSI_MUST enum saksi_err saksi_state_renote(struct saksi_state *s,
					     const struct saksi_head *h);
/* The tree of this size is all under public/ now. */
SAKSI_MUST enum saksi_err saksi_state_placed(struct saksi_state *s, uint64_t size);
/* The smallest signed size >= at_least and its root.  MISSING: none. */
SAKSI_MUST enum saksi_err saksi_state_signed(struct saksi_state *s, uint64_t at_least,
					     uint64_t *size, struct saksi_hash *root);

/* ---- addenda */

/* MISSING: no acknowledged entry names it. */
SAKSI_MUST enum saksi_err saksi_state_named(struct saksi_state *s,
					    const struct saksi_hash *digest,
					    bool *received);
SAKSI_MUST enum saksi_err saksi_state_received(struct saksi_state *s,
					       const struct saksi_hash *digest);
SAKSI_MUST enum saksi_err saksi_state_each_named(
    struct saksi_state *s,
    enum saksi_err (*each)(void *ctx, const struct saksi_hash *digest, bool received),
    void *ctx);

#endif
