/* rooms: collect
 *
 * sshd_config of any bytes. */
#include "audit_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct saksi_bytes text = {data, size};

	if (size > 65536)
		return 0;
	saksi_read_sshd_text(fuzz_begin("sshd-match"), "/etc/ssh/sshd_config", text);
	fuzz_end();
	return 0;
}
