/* rooms: engine */
/* os-release as the engine reads it: what is taken can be part of a file's name. */
#include "engine/system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[64];
	static int fd = -1;
	struct saksi_scap_system s;
	char name[256];

	if (fd < 0) {
		fd = memfd_create("os-release", MFD_CLOEXEC);
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (fd < 0 || ftruncate(fd, 0) != 0 ||
	    pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	if (saksi_scap_system_read(path, &s) != SAKSI_OK)
		return 0;
	for (int i = 0; saksi_scap_system_content(&s, "/d", i, name, sizeof(name)); i++)
		if (strncmp(name, "/d/ssg-", 7) != 0 || strchr(name + 3, '/') != NULL ||
		    i > 2)
			abort();
	return 0;
}
