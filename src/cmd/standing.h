/* What `saksi status` finds out of one thing: rows for people and the same as JSON,
 * and the gravest of all that is wrong. */
#ifndef SAKSI_CMD_STANDING_H
#define SAKSI_CMD_STANDING_H

#include "cmd/cmd.h"
#include "cmd/trust.h"
#include "note/policy.h"

struct saksi_standing {
	const struct saksi_cmd *cmd;
	const char *thing, *kind;
	const struct saksi_trust *trust; /* NULL: none given */
	int64_t now_utc;
	enum saksi_err answer;
	char why[400];         /* the gravest, one line */
	struct saksi_buf text; /* the rows, indented */
	struct saksi_buf json; /* an open object */
	struct saksi_jsonw w;
};

void saksi_standing_begin(struct saksi_standing *s, const char *thing);
/* Prints the text (JSON is the caller's to print) and releases it; the exit code. */
int saksi_standing_end(struct saksi_standing *s, struct saksi_buf *json);
/* Something is not as it should be: SPLIT (evidence), REFUSED (wrong), QUORUM, and
 * all the rest (cannot tell), in this order.  The first of the gravest is kept. */
__attribute__((format(printf, 3, 4))) void
saksi_standing_fault(struct saksi_standing *s, enum saksi_err err, const char *format,
		     ...);

/* A row for people: "  name       text"; bytes from outside come out escaped. */
__attribute__((format(printf, 3, 4))) void
saksi_standing_row(struct saksi_standing *s, const char *name, const char *format, ...);
/* "3 s", "12 min", "5 h", "40 d"; negative ones as 0 s. */
const char *saksi_standing_age(int64_t seconds, char room[24]);
/* "2026-11-22T16:39:05Z, 3 s ago", or "never" for 0. */
const char *saksi_standing_when(const struct saksi_standing *s, int64_t utc,
				char room[64]);
void saksi_standing_time(struct saksi_standing *s, const char *key, int64_t utc);
void saksi_standing_u64(struct saksi_standing *s, const char *key, uint64_t v);

/* A checkpoint under a policy: rows on size, root and every witness, and whether
 * the quorum is met.  `must_be_fresh_s` >= 0: how old a quorum's word may be. */
struct saksi_point_told {
	bool read;
	uint64_t size;
	int64_t vouched_utc; /* as of when a quorum vouches; 0: nobody does */
};
void saksi_standing_point(struct saksi_standing *s, const struct saksi_policy *p,
			  struct saksi_bytes note, int64_t must_be_fresh_s,
			  struct saksi_point_told *out);
/* The same where nobody's keys are known: told, not judged. */
void saksi_standing_unjudged(struct saksi_standing *s, struct saksi_bytes text);

/* cmd/status_web.c: what is behind a URL. */
void saksi_standing_web(struct saksi_standing *s);

#endif
