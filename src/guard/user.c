/* Who a server runs as. */
#include "guard/inside.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PASSWD_ROOM 16384
#define CAPS_MAX 64

enum saksi_err saksi_guard_user_of(const char *folder, struct saksi_guard_user *u,
				   struct saksi_why *w)
{
	char room[PASSWD_ROOM];
	struct passwd pw, *found = NULL;
	struct stat st = {.st_uid = geteuid(), .st_gid = getegid()};

	if (folder != NULL && geteuid() == 0 && stat(folder, &st) != 0)
		return saksi_why_set(w, errno == ENOENT ? SAKSI_MISSING : SAKSI_IO,
				     "%s: %s", folder, strerror(errno));
	*u = (struct saksi_guard_user){.uid = st.st_uid, .gid = st.st_gid};
	if (getpwuid_r(st.st_uid, &pw, room, sizeof(room), &found) == 0 &&
	    found != NULL) {
		(void)snprintf(u->name, sizeof(u->name), "%s", found->pw_name);
		if (geteuid() == 0)
			u->gid = found->pw_gid;
	} else if (u->uid != 0 && u->gid == 0 && geteuid() == 0) {
		return saksi_why_set(
		    w, SAKSI_REFUSED,
		    "%s: belongs to uid %lu, whom this system does not "
		    "know, and to root's group: type chown USER:GROUP "
		    "%s",
		    folder, (unsigned long)u->uid, folder);
	}
	return SAKSI_OK;
}

static bool groups_of(const struct saksi_guard_user *u)
{
	return u->name[0] != '\0' ? initgroups(u->name, u->gid) == 0
				  : setgroups(1, &u->gid) == 0;
}

enum saksi_err saksi_guard_files_as(const struct saksi_guard_user *u,
				    struct saksi_why *w)
{
	if (geteuid() != 0 || u->uid == 0)
		return SAKSI_OK;
	if (!groups_of(u))
		return saksi_why_set(w, SAKSI_IO,
				     "cannot take the groups of uid %lu: %s",
				     (unsigned long)u->uid, strerror(errno));
	/* They tell what it was before; asked again they tell what it is. */
	(void)setfsgid(u->gid);
	(void)setfsuid(u->uid);
	if ((uid_t)setfsuid(u->uid) != u->uid || (gid_t)setfsgid(u->gid) != u->gid)
		return saksi_why_set(w, SAKSI_IO, "cannot make files as uid %lu",
				     (unsigned long)u->uid);
	return SAKSI_OK;
}

static enum saksi_err failed(const char *what, struct saksi_why *w)
{
	return saksi_why_set(w, SAKSI_IO, "cannot give up rights: %s: %s", what,
			     strerror(errno));
}

/* So that not even another program run as root would have a capability.  Those who
 * may not change these sets have nothing to lose in them. */
static void bound(void)
{
	for (unsigned long cap = 0; cap < CAPS_MAX; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	(void)prctl(PR_SET_SECUREBITS,
		    SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
			SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED,
		    0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static enum saksi_err no_capability(struct saksi_why *w)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct caps[2] = {{0, 0, 0}, {0, 0, 0}};

	/* A filter of systemd's may forbid it to those who have none: they count. */
	(void)syscall(SYS_capset, &head, caps);
	if (syscall(SYS_capget, &head, caps) != 0)
		return failed("capabilities", w);
	for (int i = 0; i < 2; i++)
		if (caps[i].effective != 0 || caps[i].permitted != 0 ||
		    caps[i].inheritable != 0)
			return saksi_why_set(w, SAKSI_IO,
					     "cannot give up rights: a capability is "
					     "still there");
	return SAKSI_OK;
}

/* There must be no way back. */
static enum saksi_err check(const struct saksi_guard_user *u, struct saksi_why *w)
{
	uid_t r, e, s;
	gid_t gr, ge, gs;

	if (getresuid(&r, &e, &s) != 0 || getresgid(&gr, &ge, &gs) != 0)
		return failed("ids", w);
	if (r != u->uid || e != u->uid || s != u->uid || gr != u->gid || ge != u->gid ||
	    gs != u->gid || setresuid((uid_t)-1, 0, (uid_t)-1) == 0 ||
	    (u->gid != 0 && setresgid((gid_t)-1, 0, (gid_t)-1) == 0))
		return saksi_why_set(w, SAKSI_IO,
				     "cannot give up rights: still not only uid %lu",
				     (unsigned long)u->uid);
	return SAKSI_OK;
}

enum saksi_err saksi_guard_become(const struct saksi_guard_user *u, struct saksi_why *w)
{
	bool other = geteuid() == 0 && u->uid != 0;

	bound();
	if (other) {
		if (!groups_of(u))
			return failed("groups", w);
		if (setresgid(u->gid, u->gid, u->gid) != 0)
			return failed("group", w);
		if (setresuid(u->uid, u->uid, u->uid) != 0)
			return failed("user", w);
	}
	SAKSI_TRY(no_capability(w));
	return other ? check(u, w) : SAKSI_OK;
}
