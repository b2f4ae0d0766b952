/* rooms: collect
 *
 * MySQL's and MariaDB's option files. */
#include "collect_root.h"

static const char *const FILES[] = {
    "/usr/sbin/mysqld/",
    "/etc/mysql/my.cnf",
    "/etc/my.cnf",
    "/etc/mysql/conf.d/a.cnf",
    NULL,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return root_run(data, size, FILES, saksi_read_mysql);
}
