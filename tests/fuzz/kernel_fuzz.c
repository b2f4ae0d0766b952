/* rooms: collect
 *
 * sysctl, modules and exports. */
#include "collect_root.h"

static const char *const FILES[] = {
    "/etc/sysctl.conf",
    "/etc/sysctl.d/99-a.conf",
    "/usr/lib/sysctl.d/10-b.conf",
    "/proc/modules",
    "/etc/modprobe.d/a.conf",
    "/lib/modules/6.1/modules.dep",
    "/lib/modules/6.1/modules.builtin",
    "/proc/sys/kernel/randomize_va_space",
    "/etc/systemd/coredump.conf",
    "/etc/exports",
    "/etc/exports.d/a.exports",
    NULL,
};

static void read_all(struct saksi_gather *g)
{
	saksi_read_sysctl(g);
	saksi_read_module(g);
	saksi_read_coredump(g);
	saksi_read_nfs(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return root_run(data, size, FILES, read_all);
}
