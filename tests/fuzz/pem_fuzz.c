/* rooms: collect
 *
 * Files that look like keys and certificates, and names that look like dumps. */
#include "collect/read_pem.h"
#include "collect/read_walk.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct saksi_bytes file = {data, size};
	struct saksi_key_file key;
	struct saksi_certificate c;
	char name[256];

	if (size > 65536)
		return 0;
	if (saksi_key_file_read(file, &key) &&
	    memchr(key.type, '\0', sizeof(key.type)) == NULL)
		abort();
	(void)saksi_certificate_count(file);
	if (saksi_certificate_read(file, &c) &&
	    (memchr(c.signature, '\0', sizeof(c.signature)) == NULL || !c.key_type))
		abort();
	if (size > 0 && size < sizeof(name) && memchr(data, '\0', size) == NULL) {
		memcpy(name, data, size);
		name[size] = '\0';
		(void)saksi_name_is_key(name);
		(void)saksi_name_dump(name);
	}
	return 0;
}
