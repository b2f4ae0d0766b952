/* What the files of this room share; nobody else includes it. */
#ifndef SAKSI_GUARD_INSIDE_H
#define SAKSI_GUARD_INSIDE_H

#include <stdbool.h>
#include <sys/types.h>

#include "guard/guard.h"

/* Whom a server becomes. */
struct saksi_guard_user {
	uid_t uid;
	gid_t gid;
	char name[64]; /* "" when the system knows none */
};

/* user.c */
/* The owner of `folder`; NULL: who we are.  MISSING, REFUSED, IO with why. */
SAKSI_MUST enum saksi_err saksi_guard_user_of(const char *folder,
					      struct saksi_guard_user *u,
					      struct saksi_why *w);
/* Opens and makes files as u from now on, when we are root and u is not. */
SAKSI_MUST enum saksi_err saksi_guard_files_as(const struct saksi_guard_user *u,
					       struct saksi_why *w);
/* Becomes u for good, without a capability, and makes sure of it. */
SAKSI_MUST enum saksi_err saksi_guard_become(const struct saksi_guard_user *u,
					     struct saksi_why *w);

/* paths.c: *abi is the Landlock version in force, 0 when this kernel has none; the
 * ruleset is *fd then, else -1.  Nothing is enforced before saksi_guard_paths_enter,
 * which closes it. */
#define SAKSI_GUARD_ABI_PORTS 4
#define SAKSI_GUARD_ABI_SCOPES 6
SAKSI_MUST enum saksi_err saksi_guard_paths(const struct saksi_guard_wish *wish,
					    int *fd, int *abi, struct saksi_why *w);
SAKSI_MUST enum saksi_err saksi_guard_paths_enter(int fd, struct saksi_why *w);

/* calls.c: *filtered is false where no filter can be had. */
SAKSI_MUST enum saksi_err saksi_guard_calls(const struct saksi_guard_wish *wish,
					    bool *filtered, struct saksi_why *w);

#endif
