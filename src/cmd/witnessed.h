/* What the commands verify, prove and monitor share: a trust folder, a clock,
 * a place to read from and what was seen before. */
#ifndef SAKSI_CMD_WITNESSED_H
#define SAKSI_CMD_WITNESSED_H

#include "cmd/cmd.h"
#include "cmd/trust.h"
#include "follow/look.h"
#include "follow/open.h"

struct saksi_session {
	const struct saksi_cmd *cmd;
	struct saksi_trust trust;
	struct saksi_arena arena; /* of results; 1 GiB of address space */
	struct saksi_verifier verifier;
	struct saksi_place *place; /* NULL until saksi_session_place */
	int seen_dir;              /* -1: nothing is remembered */
	bool looked;
	struct saksi_look look;
};

/* Reads --trust and --now.  A saksi_exit; end with saksi_session_end always. */
int saksi_session_begin(struct saksi_session *s, const struct saksi_cmd *c);
/* Opens where the log is read from. */
int saksi_session_place(struct saksi_session *s, const char *thing);
/* One look, with what was seen before unless --no-state, and remembers what was
 * seen now when it is signed, cosigned and grown from before.  The error of the
 * look; s->look tells more. */
enum saksi_err saksi_session_look(struct saksi_session *s, bool full);
void saksi_session_end(struct saksi_session *s);

/* ---- telling (cmd/tell.c) */

/* "holds", "FALSE", "cannot tell", "quorum not met", "SPLIT VIEW". */
const char *saksi_tell_answer(enum saksi_err err);
/* The result of a look on stdout, as text or JSON; code is what the command
 * exits with, which alarms may turn to SAKSI_EXIT_FALSE. */
void saksi_tell_look(const struct saksi_session *s, const char *thing,
		     enum saksi_err err, int code);
/* All alarms as of now; returns how many.  As JSON when w is not NULL.  None when
 * not all entries were read: what is missing may be what ends an alarm. */
size_t saksi_tell_alarms(const struct saksi_session *s, struct saksi_jsonw *w);
void saksi_tell_json(struct saksi_buf *b); /* to stdout with a newline, and frees */

/* Files that are no logs (cmd/things.c). */
int saksi_verify_file(struct saksi_session *s, const char *path);

#endif
