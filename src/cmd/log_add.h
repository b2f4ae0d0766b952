/* What "log add" is, to a folder or to a URL. */
#ifndef SAKSI_CMD_LOG_ADD_H
#define SAKSI_CMD_LOG_ADD_H

#include "cmd/cmd.h"

int saksi_log_add_run(struct saksi_cmd *c);

#endif
