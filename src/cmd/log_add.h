/* What "log add" is, to a folder or to a URL. */
#ifndef SAKSI_CMD_LOG_ADD_H
#define SAKSI_CMD_LOG_ADD_H

#include "cmd/cmd.h"

int saksi_log_add_run(struct saksi_cmd *c);
/* Says why a log could not be opened.  Settings that cannot be read tell nothing of
 * the log: cannot tell, not false. */
int saksi_log_unopened(const struct saksi_cmd *c, enum saksi_err err,
		       const struct saksi_why *w);

#endif
