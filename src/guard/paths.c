/* Landlock.  The header of an older kernel does not name what a newer one can do, so
 * what came after the first version is named here; the kernel says what it knows. */
#include "guard/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FS_FIRST ((UINT64_C(1) << 13) - 1) /* execute ... make_sym: version 1 */
#define FS_REFER (UINT64_C(1) << 13)
#define FS_TRUNCATE (UINT64_C(1) << 14)
#define FS_IOCTL_DEV (UINT64_C(1) << 15)
#define NET_BIND (UINT64_C(1) << 0)
#define NET_CONNECT (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT (UINT64_C(1) << 0) /* unix sockets without a path */
#define SCOPE_SIGNAL (UINT64_C(1) << 1)
#define RULE_PORT 2

#define READ_FILE ((uint64_t)LANDLOCK_ACCESS_FS_READ_FILE)
#define READ (READ_FILE | (uint64_t)LANDLOCK_ACCESS_FS_READ_DIR)
#define OF_A_FILE (READ_FILE | (uint64_t)LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE)
#define WRITE                                                                          \
	(READ | OF_A_FILE | (uint64_t)LANDLOCK_ACCESS_FS_REMOVE_DIR |                  \
	 (uint64_t)LANDLOCK_ACCESS_FS_REMOVE_FILE |                                    \
	 (uint64_t)LANDLOCK_ACCESS_FS_MAKE_DIR |                                       \
	 (uint64_t)LANDLOCK_ACCESS_FS_MAKE_REG | FS_REFER)

struct ruleset {
	uint64_t fs, net, scoped;
};
struct port {
	uint64_t access, port;
};

/* What libcurl, OpenSSL and the resolver read to make a connection.  Those which a
 * system does not have are passed over. */
static const char *const CONNECTING[] = {
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/pki/tls",
    "/etc/pki/ca-trust",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/run/systemd/resolve",
    "/lib",
    "/usr/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/crypto-policies",
    NULL,
};

static int landlock_abi(void)
{
	long v = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
			 LANDLOCK_CREATE_RULESET_VERSION);

	return (int)v;
}

static struct ruleset rules_of(int abi)
{
	struct ruleset r = {.fs = FS_FIRST};

	if (abi >= 2)
		r.fs |= FS_REFER;
	if (abi >= 3)
		r.fs |= FS_TRUNCATE;
	if (abi >= SAKSI_GUARD_ABI_PORTS)
		r.net = NET_BIND | NET_CONNECT;
	if (abi >= 5)
		r.fs |= FS_IOCTL_DEV;
	if (abi >= SAKSI_GUARD_ABI_SCOPES)
		r.scoped = SCOPE_ABSTRACT | SCOPE_SIGNAL;
	return r;
}

static size_t size_of(int abi)
{
	return abi >= SAKSI_GUARD_ABI_SCOPES  ? sizeof(struct ruleset)
	       : abi >= SAKSI_GUARD_ABI_PORTS ? offsetof(struct ruleset, scoped)
					      : offsetof(struct ruleset, net);
}

static enum saksi_err allow(int rules, const char *path, uint64_t access,
			    struct saksi_why *w)
{
	struct landlock_path_beneath_attr beneath = {.allowed_access = access};
	struct stat st;
	long rc = -1;
	int reason;

	beneath.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (beneath.parent_fd < 0)
		return saksi_why_set(w, errno == ENOENT ? SAKSI_MISSING : SAKSI_IO,
				     "%s: %s", path, strerror(errno));
	if (fstat(beneath.parent_fd, &st) == 0) {
		if (!S_ISDIR(st.st_mode))
			beneath.allowed_access &= OF_A_FILE;
		rc = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
			     &beneath, 0U);
	}
	reason = errno;
	(void)close(beneath.parent_fd);
	if (rc == 0)
		return SAKSI_OK;
	return saksi_why_set(w, SAKSI_IO, "Landlock: %s: %s", path, strerror(reason));
}

static enum saksi_err allow_all(int rules, const char *const *paths, uint64_t access,
				struct saksi_why *w)
{
	for (; paths != NULL && *paths != NULL; paths++)
		SAKSI_TRY(allow(rules, *paths, access, w));
	return SAKSI_OK;
}

static enum saksi_err allow_connecting(int rules, const struct saksi_guard_wish *wish,
				       int abi, struct saksi_why *w)
{
	if (wish->port_count == 0)
		return SAKSI_OK;
	for (const char *const *p = CONNECTING; *p != NULL; p++)
		if (access(*p, F_OK) == 0)
			SAKSI_TRY(allow(rules, *p, READ, w));
	if (abi < SAKSI_GUARD_ABI_PORTS)
		return SAKSI_OK;
	for (size_t i = 0; i <= wish->port_count; i++) {
		/* A name server with a long answer is asked by TCP. */
		struct port p = {NET_CONNECT,
				 i < wish->port_count ? wish->ports[i] : 53};

		if (syscall(SYS_landlock_add_rule, rules, RULE_PORT, &p, 0U) != 0)
			return saksi_why_set(w, SAKSI_IO, "Landlock: port %u: %s",
					     (unsigned)p.port, strerror(errno));
	}
	return SAKSI_OK;
}

static enum saksi_err fill(int rules, const struct saksi_guard_wish *wish, int abi,
			   struct saksi_why *w)
{
	uint64_t known = rules_of(abi).fs;

	SAKSI_TRY(allow_all(rules, wish->reads, READ & known, w));
	SAKSI_TRY(allow_all(rules, wish->writes, WRITE & known, w));
	return allow_connecting(rules, wish, abi, w);
}

enum saksi_err saksi_guard_paths(const struct saksi_guard_wish *wish, int *fd, int *abi,
				 struct saksi_why *w)
{
	int v = landlock_abi(), rules;
	struct ruleset r;

	if (v < 1) {
		*abi = 0;
		*fd = -1;
		return errno == ENOSYS || errno == EOPNOTSUPP
			   ? SAKSI_OK
			   : saksi_why_set(w, SAKSI_IO, "Landlock: %s",
					   strerror(errno));
	}
	r = rules_of(v);
	rules = (int)syscall(SYS_landlock_create_ruleset, &r, size_of(v), 0U);
	if (rules < 0)
		return saksi_why_set(w, SAKSI_IO, "Landlock: %s", strerror(errno));
	enum saksi_err err = fill(rules, wish, v, w);
	if (err != SAKSI_OK) {
		(void)close(rules);
		return err;
	}
	*fd = rules;
	*abi = v;
	return SAKSI_OK;
}

enum saksi_err saksi_guard_paths_enter(int fd, struct saksi_why *w)
{
	long rc = syscall(SYS_landlock_restrict_self, fd, 0U);
	int reason = errno;

	(void)close(fd);
	if (rc == 0)
		return SAKSI_OK;
	return saksi_why_set(w, SAKSI_IO, "Landlock: %s", strerror(reason));
}
