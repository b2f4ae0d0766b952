/* rooms: collect
 *
 * A frame of any bytes; a smaller bound is kept, and what came before it is the
 * same. */
#include "collect/read_lz4.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MAX = 1 << 20 };

struct got {
	uint8_t bytes[MAX];
	size_t len;
};

static void piece(void *ctx, struct saksi_bytes p)
{
	struct got *g = ctx;

	if (p.len > MAX - g->len)
		abort();
	memcpy(g->bytes + g->len, p.at, p.len);
	g->len += p.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct got whole, half;
	static int fd = -1;

	if (size > 65536)
		return 0;
	if (fd < 0)
		fd = memfd_create("lz4", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) != 0 ||
	    pwrite(fd, data, size, 0) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	whole.len = half.len = 0;
	if (saksi_lz4_read(fd, MAX, piece, &whole) != SAKSI_OK)
		return 0;
	if (lseek(fd, 0, SEEK_SET) != 0 || whole.len == 0)
		return 0;
	/* A smaller bound is kept, and what came before it is the same. */
	if (saksi_lz4_read(fd, whole.len - 1, piece, &half) != SAKSI_LIMIT ||
	    half.len >= whole.len || memcmp(half.bytes, whole.bytes, half.len) != 0)
		abort();
	return 0;
}
