/* rooms: collect
 *
 * fstab and mountinfo. */
#include "collect_root.h"

static const char *const FILES[] = {
    "/etc/fstab",
    "/proc/self/mountinfo",
    NULL,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return root_run(data, size, FILES, saksi_read_mount);
}
