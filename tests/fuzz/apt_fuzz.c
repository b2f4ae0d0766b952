/* rooms: collect
 *
 * apt's configuration and sources. */
#include "collect_root.h"

static const char *const FILES[] = {
    "/etc/apt/apt.conf.d/20auto-upgrades",
    "/etc/apt/apt.conf",
    "/etc/apt/sources.list",
    "/etc/apt/sources.list.d/a.list",
    "/etc/apt/sources.list.d/b.sources",
    NULL,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return root_run(data, size, FILES, saksi_read_apt);
}
