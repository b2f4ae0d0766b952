/* The file `config` of a log's folder: lines "NAME VALUE", '#' comments.
 * Spec: docs/formats/logdir.md. */
#ifndef SAKSI_LOG_CONFIG_H
#define SAKSI_LOG_CONFIG_H

#include "base/buf.h"

/* X-macro: name, default, least, most. */
#define SAKSI_LOG_NUMBERS(X)                                                           \
	X(batch, 4096, 1, 65536)          /* entries in one commit, at most */         \
	X(gather_ms, 2, 0, 10000)         /* wait this long for a fuller batch */      \
	X(queue, 65536, 1, 16777216)      /* entries that may wait; more: BUSY */      \
	X(interval_ms, 1000, 1, 86400000) /* between publications */                   \
	X(recosign_s, 3600, 1, 31536000)  /* an unchanged tree is cosigned again */    \
	X(promise_s, 3600, 1, 31536000)   /* a receipt's due time */                   \
	X(witness_ms, 10000, 1, 600000)   /* one asking of the witnesses */            \
	X(grace_ms, 300, 0, 600000)       /* for those late when the quorum is met */  \
	X(dedup, 262144, 0, 16777216)     /* about so many known again; < 4: none */   \
	X(ledger_mib, 1024, 1, 1048576)   /* memory for judging submissions */         \
	X(addendum_mib, 16, 1, 64)        /* largest addendum taken */

struct saksi_log_config {
	struct saksi_bytes origin; /* borrows the text */
	bool open;
#define SAKSI_LOG_NUMBER(name, normal, least, most) uint64_t name;
	SAKSI_LOG_NUMBERS(SAKSI_LOG_NUMBER)
#undef SAKSI_LOG_NUMBER
};

void saksi_log_config_default(struct saksi_log_config *c);
/* "saksi-log 1" first, then each name at most once, origin and open always.
 * MALFORMED with the line; NEWER: another number in the first line. */
SAKSI_MUST enum saksi_err saksi_log_config_read(struct saksi_bytes text,
						struct saksi_log_config *out,
						struct saksi_fault *f);
void saksi_log_config_write(const struct saksi_log_config *c, struct saksi_buf *out);

#endif
