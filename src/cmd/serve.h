/* The runs of the commands "serve ...", for the rows in saksi_commands_serve.  Each
 * prints its URL as one line on stdout when it can be reached, and ends well on
 * SIGTERM and SIGINT. */
#ifndef SAKSI_CMD_SERVE_H
#define SAKSI_CMD_SERVE_H

#include "cmd/cmd.h"

/* serve log DIR --listen ADDR: POST /add and /addenda, GET of public/.  At the end
 * it answers whom it took in and publishes once more. */
int saksi_serve_log(struct saksi_cmd *c);
int saksi_serve_witness(struct saksi_cmd *c);
int saksi_serve_site(struct saksi_cmd *c);

#endif
