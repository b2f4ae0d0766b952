/* rooms: collect
 *
 * Installed packages, and what a security suite offers for them. */
#include "collect_root.h"

static const char *const FILES[] = {
    "/var/lib/dpkg/status",
    "/var/lib/apt/lists/s_dists_bookworm-security_InRelease",
    "/var/lib/apt/lists/s_dists_bookworm-security_main_binary-amd64_Packages",
    "/var/lib/apt/lists/s_dists_bookworm-security_contrib_binary-amd64_Packages.lz4",
    "/lib/apk/db/installed",
    NULL,
};

static void read_all(struct saksi_gather *g)
{
	saksi_read_package(g);
	saksi_read_updates(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return root_run(data, size, FILES, read_all);
}
