/* A witness: it cosigns a log's checkpoint only when it grew out of the last one
 * it cosigned, and remembers that one for ever.
 *
 * Spec: c2sp.org/tlog-witness (add-checkpoint and the monitoring GET; no
 * sign-subtree), c2sp.org/tlog-cosignature (Ed25519).  The folder byte by byte:
 * docs/formats/witness.md.
 *
 * Trust.  Whoever holds `key` can cosign anything in this witness's name.  Whoever
 * can put back an old state.db can make it cosign a second history: never restore
 * it from a backup while the key is in use; make a new key.
 *
 * Order of every cosignature, in one transaction (often shared by several): read
 * what is held -> decide -> write the new state -> on disk -> only then does the
 * answer leave.
 * Test: tests/unit/witness/{decide,witness,group,fault,http}_test.c */
#ifndef SAKSI_WITNESS_WITNESS_H
#define SAKSI_WITNESS_WITNESS_H

#include "net/server.h"
#include "note/note.h"
#include "witness/decide.h"

#define SAKSI_WITNESS_BODY_MAX 65536 /* bytes of a request */

struct saksi_witness;

/* Makes the folder (absent or empty) with a new key, and appends the vkey line,
 * without a newline, to out.  BADARG: a name that no key may have; REFUSED:
 * something is there already; IO. */
SAKSI_MUST enum saksi_err saksi_witness_init(const char *path, const char *name,
					     struct saksi_buf *out,
					     struct saksi_why *w);

/* Where time comes from: seconds UTC, 0 or less when there is none. */
struct saksi_witness_clock {
	int64_t (*now)(void *ctx);
	void *ctx;
};

/* With a clock: to serve (reads the key, takes the lock: BUSY when another process
 * serves this folder).  NULL: to add logs and look, also beside a server.
 * MISSING: no witness there, or its state is gone: it is never made anew, since a
 * witness that forgot would cosign a second history.  NEWER: state of a later
 * version.  REFUSED: others can read the key, or it is not this state's key.
 * MALFORMED, IO. */
SAKSI_MUST enum saksi_err saksi_witness_open(const char *path,
					     const struct saksi_witness_clock *clock,
					     struct saksi_witness **out,
					     struct saksi_why *w);
void saksi_witness_close(struct saksi_witness *w);                    /* NULL is fine */
struct saksi_bytes saksi_witness_vkey(const struct saksi_witness *w); /* a view */

/* Trust one more key (type 0x01) for a log.  A server sees it with its next
 * request.  origin NULL: the key's name.  The same again is OK.  MALFORMED, NEWER
 * (a kind of key that cannot be checked here), BADARG, LIMIT (64 keys), IO. */
SAKSI_MUST enum saksi_err saksi_witness_add(struct saksi_witness *w, const char *vkey,
					    const char *origin, int64_t now_utc,
					    struct saksi_why *why);

/* What to answer; body is the caller's to free.  From any thread. */
struct saksi_witness_answer {
	unsigned status; /* 200 400 403 404 409 422; 503 when the clock went back, the
			  * state cannot be written or there is no memory */
	const char *content_type; /* static */
	struct saksi_buf body;
};
/* One add-checkpoint.  When status is 200 the new state is on disk.  Of two for the
 * same log the one that came first is decided first.
 * Cost: one Ed25519 check and signature, one wait for the disk. */
void saksi_witness_submit(struct saksi_witness *w, struct saksi_bytes body,
			  struct saksi_witness_answer *out);
/* The same without waiting for the disk: all requests that arrive meanwhile share
 * one wait.  `done` is called exactly once, from this thread or another, also when
 * the witness is closed meanwhile; it takes the answer's body over and must not
 * call the witness.  `body` must live until then. */
typedef void saksi_witness_done(void *ctx, struct saksi_witness_answer *a);
void saksi_witness_submit_later(struct saksi_witness *w, struct saksi_bytes body,
				saksi_witness_done *done, void *ctx);
/* The latest note cosigned for the origin with this hash: with the log lines that
 * were verified and our cosignature.  Appends.  MISSING before the first. */
SAKSI_MUST enum saksi_err saksi_witness_latest(struct saksi_witness *w,
					       const struct saksi_hash *origin_hash,
					       struct saksi_buf *out);
/* For saksi_server_start: POST /add-checkpoint, GET /HASH/checkpoint, GET / and
 * /vkey.  ctx is the witness. */
void saksi_witness_serve(void *ctx, const struct saksi_call *c, struct saksi_reply *r);

/* ---- looking */

struct saksi_witness_log {
	struct saksi_bytes origin;
	uint64_t size;
	struct saksi_hash root;
	int64_t cosigned_utc;    /* 0: never yet */
	uint64_t keys, evidence; /* how many */
};
struct saksi_witness_seen {
	struct saksi_bytes origin;
	const char *kind; /* "root", "empty", "proof": see enum above */
	uint64_t size;
	struct saksi_hash root;
	int64_t seen_utc;
	struct saksi_bytes note, held; /* as signed; what was held then, or empty */
};
/* Call `each` for every log, by origin; for everything kept, by time.  Views last
 * for the call.  IO. */
SAKSI_MUST enum saksi_err
saksi_witness_each_log(struct saksi_witness *w,
		       void (*each)(void *ctx, const struct saksi_witness_log *l),
		       void *ctx);
SAKSI_MUST enum saksi_err
saksi_witness_each_seen(struct saksi_witness *w,
			void (*each)(void *ctx, const struct saksi_witness_seen *s),
			void *ctx);
/* When it last signed, of any log; 0: never.  IO. */
SAKSI_MUST enum saksi_err saksi_witness_signed(struct saksi_witness *w, int64_t *utc);

#endif
