/* rooms: collect
 *
 * What says which system it is, how it boots and where it swaps. */
#include "collect_root.h"

static const char *const FILES[] = {
    "/sbin/init>/lib/systemd/systemd",
    "/etc/os-release",
    "/etc/debian_version",
    "/proc/cmdline",
    "/boot/grub/grub.cfg",
    "/proc/swaps",
    "/etc/crypttab",
    "/sys/block/dm-0/dm/name",
    "/sys/block/dm-0/dm/uuid",
    "/sys/devices/system/cpu/vulnerabilities/meltdown",
    "/sys/kernel/security/apparmor/profiles",
    "/sys/kernel/security/lsm",
    "/sys/kernel/security/lockdown",
    "/etc/selinux/config",
    "/etc/apparmor.d/usr.sbin.x",
    NULL,
};

static void read_all(struct saksi_gather *g)
{
	saksi_read_os(g);
	saksi_read_cpu(g);
	saksi_read_mac(g);
	saksi_read_boot(g);
	saksi_read_disk(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return root_run(data, size, FILES, read_all);
}
