/* rooms: base crypto merkle note statement ledger verify store net log */
#include <stdlib.h>

#include "log/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What reads as a config is written so that it reads as the same again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct saksi_buf one = saksi_buf_growing(size + 4096);
	struct saksi_buf two = saksi_buf_growing(size + 4096);
	struct saksi_log_config c;

	if (saksi_log_config_read((struct saksi_bytes){data, size}, &c, NULL) ==
	    SAKSI_OK) {
		saksi_log_config_write(&c, &one);
		if (saksi_log_config_read(saksi_buf_bytes(&one), &c, NULL) != SAKSI_OK)
			abort();
		saksi_log_config_write(&c, &two);
		if (!saksi_bytes_same(saksi_buf_bytes(&one), saksi_buf_bytes(&two)))
			abort();
	}
	saksi_buf_free(&one);
	saksi_buf_free(&two);
	return 0;
}
