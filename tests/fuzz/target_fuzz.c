/* rooms: base crypto net */
/* The target of a request line: what is taken is plain, and means the same when
 * every byte of it is escaped. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same_escaped(const char *path)
{
	static const char digits[] = "0123456789abcdef";
	size_t len = strlen(path);
	char *all = malloc(3 * len + 1), *again, *query;

	if (all == NULL)
		return;
	for (size_t i = 0; i < len; i++) {
		all[3 * i] = '%';
		all[3 * i + 1] = digits[(uint8_t)path[i] >> 4];
		all[3 * i + 2] = digits[(uint8_t)path[i] & 15];
	}
	all[3 * len] = '\0';
	if (saksi_path_read(all, &again, &query) != SAKSI_OK || query != NULL ||
	    strcmp(again, path) != 0)
		__builtin_trap();
	free(all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *target = malloc(size + 1), *path, *query;

	if (target == NULL)
		return 0;
	if (size > 0)
		memcpy(target, data, size);
	target[size] = '\0';
	if (saksi_path_read(target, &path, &query) == SAKSI_OK) {
		if (path[0] != '/' || strstr(path, "/../") != NULL ||
		    strstr(path, "//") != NULL ||
		    (strlen(path) >= 3 && strcmp(path + strlen(path) - 3, "/..") == 0))
			__builtin_trap();
		same_escaped(path);
		if (query != NULL) {
			size_t len = strlen(query), was = len;
			if (saksi_path_unescape(query, &len, true) == SAKSI_OK &&
			    (len > was || memchr(query, '\0', len) != NULL))
				__builtin_trap();
		}
	}
	free(target);
	return 0;
}
