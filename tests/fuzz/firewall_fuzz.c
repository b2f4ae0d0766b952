/* rooms: collect
 *
 * Rules of nftables, iptables and ufw. */
#include "collect_root.h"

static const char *const FILES[] = {
    "/usr/sbin/nft/",
    "/usr/sbin/firewalld/",
    "/etc/nftables.conf",
    "/etc/iptables/rules.v4",
    "/etc/sysconfig/ip6tables",
    "/etc/ufw/ufw.conf",
    "/etc/default/ufw",
    "/proc/modules",
    NULL,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return root_run(data, size, FILES, saksi_read_firewall);
}
