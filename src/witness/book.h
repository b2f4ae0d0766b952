/* state.db of a witness.  Within this room. */
#ifndef SAKSI_WITNESS_BOOK_H
#define SAKSI_WITNESS_BOOK_H

#include "witness/witness.h"

struct saksi_book; /* not for two threads at once */

/* Create: the file must not exist.  Both IO; open also MISSING, NEWER, MALFORMED. */
SAKSI_MUST enum saksi_err saksi_book_create(const char *file, struct saksi_bytes vkey,
					    struct saksi_why *w);
SAKSI_MUST enum saksi_err saksi_book_open(const char *file, struct saksi_book **out,
					  struct saksi_why *w);
void saksi_book_close(struct saksi_book *b);

/* The vkey this state belongs to.  Appends. */
SAKSI_MUST enum saksi_err saksi_book_vkey(struct saksi_book *b, struct saksi_buf *out);
/* LIMIT: more than 64 keys for one log. */
SAKSI_MUST enum saksi_err saksi_book_add(struct saksi_book *b,
					 struct saksi_bytes origin,
					 struct saksi_bytes vkey, int64_t now_utc);
/* The keys trusted for origin, in the arena.  MISSING: unknown.  IO, NOMEM. */
SAKSI_MUST enum saksi_err
saksi_book_keys(struct saksi_book *b, struct saksi_bytes origin, struct saksi_arena *a,
		const struct saksi_vkey **keys, size_t *count);

/* A transaction: begin, some of these, then commit or drop.  commit: OK only if it
 * is on disk; after anything else it is not known whether it is, and the
 * transaction is over. */
SAKSI_MUST enum saksi_err saksi_book_begin(struct saksi_book *b);
SAKSI_MUST enum saksi_err saksi_book_held(struct saksi_book *b,
					  struct saksi_bytes origin,
					  struct saksi_witness_held *held,
					  int64_t *signed_utc);
SAKSI_MUST enum saksi_err saksi_book_put(struct saksi_book *b,
					 const struct saksi_checkpoint *p,
					 int64_t now_utc, struct saksi_bytes note);
/* Keeps at most SAKSI_BOOK_KEEP of a kind for a log, one for each root. */
#define SAKSI_BOOK_KEEP 256
SAKSI_MUST enum saksi_err saksi_book_keep(struct saksi_book *b,
					  const struct saksi_checkpoint *p,
					  const char *kind, int64_t now_utc,
					  struct saksi_bytes note);
SAKSI_MUST enum saksi_err saksi_book_commit(struct saksi_book *b);
void saksi_book_drop(struct saksi_book *b);

SAKSI_MUST enum saksi_err saksi_book_latest(struct saksi_book *b,
					    const struct saksi_hash *origin_hash,
					    struct saksi_buf *out);
SAKSI_MUST enum saksi_err saksi_book_signed(struct saksi_book *b, int64_t *utc);
SAKSI_MUST enum saksi_err
saksi_book_each_log(struct saksi_book *b,
		    void (*each)(void *ctx, const struct saksi_witness_log *l),
		    void *ctx);
SAKSI_MUST enum saksi_err
saksi_book_each_seen(struct saksi_book *b,
		     void (*each)(void *ctx, const struct saksi_witness_seen *s),
		     void *ctx);

#endif
