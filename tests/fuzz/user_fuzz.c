/* rooms: collect
 *
 * Accounts, their groups, keys, limits and shells. */
#include "collect_root.h"

static const char *const FILES[] = {
    "/etc/passwd",
    "/etc/group",
    "/etc/shadow",
    "/root/.ssh/authorized_keys",
    "/etc/login.defs",
    "/etc/security/limits.conf",
    "/etc/security/limits.d/a.conf",
    "/etc/profile",
    "/etc/profile.d/a.sh",
    NULL,
};

static void read_all(struct saksi_gather *g)
{
	saksi_read_user(g);
	saksi_read_login(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return root_run(data, size, FILES, read_all);
}
