/* HTTP client (libcurl).  Bounded in time and size, follows no redirect, takes no
 * proxy from the environment for a loopback address, calls itself "saksi". */
#ifndef SAKSI_NET_CLIENT_H
#define SAKSI_NET_CLIENT_H

#include "base/buf.h"

struct saksi_client; /* keeps connections; not for two threads at once */

struct saksi_request {
	const char *method;       /* "GET", "POST" */
	const char *url;          /* http or https only */
	struct saksi_bytes body;  /* POST */
	const char *content_type; /* or NULL */
	const char *accept;       /* or NULL */
	long timeout_ms;          /* whole request; 0: 10 s */
	size_t max;               /* bytes of answer; 0: 1 MiB */
};
struct saksi_answer {
	long status;           /* 0: none came */
	struct saksi_buf body; /* the caller frees */
	char content_type[64];
	long retry_after_s; /* -1 when not said */
	enum saksi_err err; /* OK when any HTTP answer came whole; IO; LIMIT */
	char why[160];      /* one line when err */
	bool late;          /* IO because the time was up */
	int tag;            /* the caller's */
};
SAKSI_MUST enum saksi_err saksi_client_new(struct saksi_client **out);
void saksi_client_free(struct saksi_client *c);
/* OK when an answer came, whatever its status; else what a->err says.  *a is
 * always written; its body is the caller's to free. */
SAKSI_MUST enum saksi_err saksi_client_do(struct saksi_client *c,
					  const struct saksi_request *r,
					  struct saksi_answer *a);
/* All at once.  `each` is called once for every request as its answer comes or
 * fails (it may move the body out); it returns false to drop the rest without
 * further calls.  Returns when all are answered, dropped or timed out: a slow
 * one never holds up another. */
void saksi_client_all(struct saksi_client *c, const struct saksi_request *r,
		      size_t count,
		      bool (*each)(void *ctx, size_t i, struct saksi_answer *a),
		      void *ctx);
/* From within `each` only.  Ask once more under the same i, now with r (which,
 * with what it points to, lives until `each` is called again for i).  IO. */
SAKSI_MUST enum saksi_err saksi_client_again(struct saksi_client *c, size_t i,
					     const struct saksi_request *r);
/* From within `each` only: whatever is not answered in ms from now is dropped. */
void saksi_client_hurry(struct saksi_client *c, long ms);

#endif
