/* rooms: collect
 *
 * Apache's and PHP's configuration. */
#include "collect_root.h"

static const char *const FILES[] = {
    "/usr/sbin/apache2/",
    "/etc/apache2/apache2.conf",
    "/etc/apache2/envvars",
    "/etc/apache2/ports.conf",
    "/etc/apache2/sites-enabled/000-default.conf",
    "/etc/apache2/mods-enabled/ssl.conf",
    "/etc/php/8.2/apache2/php.ini",
    "/etc/php/8.2/apache2/conf.d/20-x.ini",
    NULL,
};

static void read_all(struct saksi_gather *g)
{
	saksi_read_apache(g);
	saksi_read_php(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return root_run(data, size, FILES, read_all);
}
