/* Order, for each step needs what the next takes away:
 * 1. begin: no dump; groups and file rights of the owner (root keeps its capabilities,
 *    for ports below 1024)
 * 2. enter: no new privileges; the paths are opened; bounding set, groups, group, user,
 *    capabilities; no dump again, for a change of user may allow it; Landlock; and last
 *    the filter of calls, which forbids all of these. */
#include "guard/guard.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "guard/inside.h"

static enum saksi_err no_dump(struct saksi_why *w)
{
	const struct rlimit none = {0, 0};

	/* A filter of systemd's may forbid the first; the second alone is enough. */
	(void)setrlimit(RLIMIT_CORE, &none);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return saksi_why_set(w, SAKSI_IO, "cannot forbid core dumps: %s",
				     strerror(errno));
	return SAKSI_OK;
}

enum saksi_err saksi_guard_begin(const char *folder, struct saksi_why *w)
{
	struct saksi_guard_user u;

	SAKSI_TRY(no_dump(w));
	SAKSI_TRY(saksi_guard_user_of(folder, &u, w));
	return saksi_guard_files_as(&u, w);
}

/* A thread that is there already would keep all rights. */
static enum saksi_err alone(struct saksi_why *w)
{
	DIR *d = opendir("/proc/self/task");
	unsigned threads = 0;

	if (d == NULL) /* without /proc nobody can tell; it is a programmer's mistake */
		return SAKSI_OK;
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
		if (e->d_name[0] != '.')
			threads++;
	(void)closedir(d);
	if (threads == 1)
		return SAKSI_OK;
	return saksi_why_set(w, SAKSI_BADARG,
			     "rights must be given up before threads are made");
}

/* "guarded as saksi (uid 104)", and what this kernel or build cannot do. */
static void tell(const struct saksi_guard_user *u, int abi, bool filtered,
		 struct saksi_why *w)
{
	char room[512];
	struct saksi_buf b = saksi_buf_fixed(room, sizeof(room) - 1);
	const char *lacks = "; not limited here:";

	if (u->uid == 0)
		saksi_buf_puts(&b, "guarded as root without capabilities");
	else if (u->name[0] != '\0')
		saksi_buf_printf(&b, "guarded as %s (uid %lu)", u->name,
				 (unsigned long)u->uid);
	else
		saksi_buf_printf(&b, "guarded as uid %lu", (unsigned long)u->uid);
	if (abi < SAKSI_GUARD_ABI_PORTS) {
		if (abi == 0)
			saksi_buf_printf(
			    &b, "%s files, ports (no Landlock in this kernel)", lacks);
		else
			saksi_buf_printf(
			    &b, "%s ports (Landlock of this kernel is version %d)",
			    lacks, abi);
		lacks = ",";
	}
	if (!filtered)
		saksi_buf_printf(
		    &b, "%s system calls (no filter in this kernel or build)", lacks);
	(void)saksi_why_set(w, SAKSI_OK, "%.*s", (int)b.len, (const char *)b.at);
}

enum saksi_err saksi_guard_enter(const struct saksi_guard_wish *wish,
				 struct saksi_why *w)
{
	struct saksi_guard_user u;
	bool filtered = false;
	int rules = -1, abi = 0;

	if (wish->port_count > SAKSI_GUARD_PORTS)
		return saksi_why_set(w, SAKSI_BADARG,
				     "more than %d ports to connect to",
				     SAKSI_GUARD_PORTS);
	SAKSI_TRY(alone(w));
	SAKSI_TRY(saksi_guard_user_of(wish->folder, &u, w));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return saksi_why_set(w, SAKSI_IO, "cannot give up new privileges: %s",
				     strerror(errno));
	SAKSI_TRY(saksi_guard_paths(wish, &rules, &abi, w));
	SAKSI_TRY(saksi_guard_become(&u, w));
	SAKSI_TRY(no_dump(w));
	if (abi > 0)
		SAKSI_TRY(saksi_guard_paths_enter(rules, w));
	SAKSI_TRY(saksi_guard_calls(wish, &filtered, w));
	tell(&u, abi, filtered, w);
	return SAKSI_OK;
}
