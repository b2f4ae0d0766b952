/* rooms: collect
 *
 * PostgreSQL's configuration and its rules for access. */
#include "collect_root.h"

static const char *const FILES[] = {
    "/etc/postgresql/15/main/postgresql.conf", "/etc/postgresql/15/main/pg_hba.conf",
    "/etc/postgresql/15/main/conf.d/a.conf",   "/var/lib/pgsql/data/postgresql.conf",
    "/var/lib/pgsql/data/pg_hba.conf",         NULL,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return root_run(data, size, FILES, saksi_read_postgresql);
}
