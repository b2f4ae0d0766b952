/* rooms: site */
/* Text of others in a page: no byte of it is markup. */
#include "site/html.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct saksi_buf out = saksi_buf_growing(8 * size + 64);

	saksi_html_text(&out, (struct saksi_bytes){data, size});
	if (out.full)
		abort();
	for (size_t i = 0; i < out.len; i++) {
		const uint8_t b = out.at[i];

		if (b == '<' || b == '>' || b == '"' || b == '\'' ||
		    (b < 0x20 && b != '\n'))
			abort();
	}
	saksi_buf_free(&out);
	return 0;
}
