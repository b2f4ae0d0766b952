/* rooms: collect
 *
 * shadow, and the socket tables of the kernel, of any bytes. */
#include "audit_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct saksi_bytes text = {data, size};

	if (size > 65536)
		return 0;
	struct saksi_gather *g = fuzz_begin("user");
	saksi_read_shadow_text(g, text);
	saksi_read_listen_text(g, "tcp", text);
	saksi_read_listen_text(g, "udp6", text);
	fuzz_end();
	return 0;
}
