/* What the files behind `saksi key` share. */
#ifndef SAKSI_CMD_KEY_H
#define SAKSI_CMD_KEY_H

#include "cmd/cmd.h"

/* The next keys statement out of a log, with one change (cmd/key_change.c). */
int saksi_key_revoke_run(struct saksi_cmd *c);
int saksi_key_change_run(struct saksi_cmd *c);
/* The key of a log itself (cmd/key_log.c). */
int saksi_key_log_run(struct saksi_cmd *c);

#endif
