/* Put one statement of one author into a log and wait until it is witnessed. */
#ifndef SAKSI_CMD_PUBLISH_H
#define SAKSI_CMD_PUBLISH_H

#include "cmd/keyfile.h"
#include "cmd/witnessed.h"

struct saksi_draft {
	enum saksi_kind kind;
	struct saksi_bytes author;
	struct saksi_bytes subject_name;
	struct saksi_hash subject;
	struct saksi_bytes body; /* JSON object */
	const struct saksi_bytes *addenda;
	size_t addenda_count;
};

struct saksi_published {
	uint64_t index;
	struct saksi_hash id;   /* of the statement */
	struct saksi_buf entry; /* as the log holds it; the caller frees */
};

/* Looks at the log of the session for the author's next number, signs, submits
 * (POST url/add), sends the attachments, and waits up to `wait_s` until a
 * checkpoint with a quorum covers it.  A saksi_exit; said what went wrong. */
int saksi_publish(struct saksi_session *s, const struct saksi_draft *d,
		  const struct saksi_keyfile *key, const char *url, int64_t wait_s,
		  struct saksi_published *out);

#endif
