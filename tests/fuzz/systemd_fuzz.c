/* rooms: collect
 *
 * Unit files with their drop-ins and links. */
#include "collect_root.h"

static const char *const FILES[] = {
    "/etc/systemd/system/multi-user.target.wants/a.service>/lib/systemd/system/"
    "a.service",
    "/etc/systemd/system/b.service>/dev/null",
    "/etc/rc2.d/S01old>../init.d/old",
    "/lib/systemd/system/a.service",
    "/etc/systemd/system/a.service.d/o.conf",
    "/lib/systemd/system/a.timer",
    "/lib/systemd/system/c@.service",
    "/etc/init.d/old",
    NULL,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return root_run(data, size, FILES, saksi_read_systemd);
}
