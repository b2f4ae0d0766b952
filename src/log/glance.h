/* A look at a log's folder from beside: whoever serves it, without its keys, taking
 * no lock and changing nothing.  What `saksi status` tells. */
#ifndef SAKSI_LOG_GLANCE_H
#define SAKSI_LOG_GLANCE_H

#include "log/config.h"
#include "note/policy.h"

struct saksi_glance {
	struct saksi_log_config config;
	struct saksi_policy policy; /* with the log itself among its logs */
	struct saksi_vkey key;      /* as it is published */
	uint64_t acknowledged, size;
	int64_t signed_utc;       /* the newest tree; 0: not yet */
	int64_t waiting_utc;      /* the oldest entry not published; 0: none waits */
	struct saksi_buf point;   /* public/checkpoint; empty: there is none */
	int64_t point_utc;        /* when that file was written; 0 */
	struct saksi_arena arena; /* what the above borrow */
	struct saksi_policy_log self;
	bool closed; /* it has ended: nothing more is published */
};

/* MISSING: no log there.  Else as saksi_log_open, but nobody is BUSY and no key is
 * read.  End with saksi_glance_end, after any answer. */
SAKSI_MUST enum saksi_err saksi_glance_at(const char *path, struct saksi_glance *out,
					  struct saksi_why *w);
void saksi_glance_end(struct saksi_glance *g);

#endif
