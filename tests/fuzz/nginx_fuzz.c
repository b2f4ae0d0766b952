/* rooms: collect
 *
 * nginx configuration with what it includes. */
#include "collect_root.h"

static const char *const FILES[] = {
    "/usr/sbin/nginx/",
    "/etc/nginx/nginx.conf",
    "/etc/nginx/conf.d/a.conf",
    "/etc/nginx/sites-enabled/default",
    NULL,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return root_run(data, size, FILES, saksi_read_nginx);
}
