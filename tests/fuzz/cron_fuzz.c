/* rooms: collect
 *
 * A crontab of any bytes, with and without a column for the user. */
#include "audit_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct saksi_bytes text = {data, size};

	if (size > 65536)
		return 0;
	struct saksi_gather *g = fuzz_begin("cron");
	saksi_read_cron_text(g, "/etc/crontab", text, NULL);
	saksi_read_cron_text(g, "/var/spool/cron/crontabs/a", text, "a");
	fuzz_end();
	return 0;
}
