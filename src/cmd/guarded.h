/* What each server keeps the right to do: see guard/guard.h, and for people
 * docs/SECURITY-OF-SERVERS.md.  Test: tests/cli/guard_test.sh */
#ifndef SAKSI_CMD_GUARDED_H
#define SAKSI_CMD_GUARDED_H

#include "cmd/cmd.h"
#include "log/log.h"

/* First in a server, before a secret is read: `folder` is what it serves.  A
 * saksi_exit. */
int saksi_guarded_begin(const struct saksi_cmd *c, const char *folder);
/* A site's folder is WHERE, or the trust folder where that is a URL. */
int saksi_guarded_site_begin(const struct saksi_cmd *c);

/* When sockets, keys and databases are open, and before threads.  A saksi_exit;
 * w->text is then one line to tell.
 *   log      writes its folder, connects to the ports of its witnesses
 *   witness  writes its folder, makes no connection
 *   site     reads WHERE and the trust folder, writes what it has seen (made here, but
 *            for --no-state); connects only where WHERE is a URL */
int saksi_guarded_log(const struct saksi_cmd *c, const struct saksi_log *l,
		      struct saksi_why *w);
int saksi_guarded_witness(const struct saksi_cmd *c, struct saksi_why *w);
int saksi_guarded_site(const struct saksi_cmd *c, struct saksi_why *w);

#endif
