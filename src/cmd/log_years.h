/* `saksi log close` and `log succeed`, and `log init --succeeds`. */
#ifndef SAKSI_CMD_LOG_YEARS_H
#define SAKSI_CMD_LOG_YEARS_H

#include "cmd/cmd.h"

int saksi_log_close_run(struct saksi_cmd *c);
int saksi_log_succeed_run(struct saksi_cmd *c);
/* Reads closing and key of the closed log at `where`, a folder or URL, and has
 * the log in `dir` commit to its last tree.  A saksi_exit. */
int saksi_log_succeed_to(const struct saksi_cmd *c, const char *dir, const char *where);

#endif
