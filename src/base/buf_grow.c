#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

static bool grow(struct saksi_buf *b, size_t need)
{
	size_t cap = b->cap < 64 ? 64 : b->cap;
	uint8_t *at;

	/* Doubling that would pass max ends at max; need <= max is known. */
	while (cap < need)
		cap = cap > b->max / 2 ? b->max : 2 * cap;
	if (cap > b->max)
		cap = b->max;
	at = malloc(cap);
	if (at == NULL)
		return false;
	/* Not realloc: it would leave a copy of what may be a key behind. */
	if (b->at != NULL) {
		memcpy(at, b->at, b->len);
		explicit_bzero(b->at, b->len);
		free(b->at);
	}
	b->at = at;
	b->cap = cap;
	return true;
}

struct saksi_buf saksi_buf_growing(size_t max)
{
	return (struct saksi_buf){.max = max, .grow = grow};
}

void saksi_buf_free(struct saksi_buf *b)
{
	if (b->grow != NULL)
		free(b->at);
	*b = (struct saksi_buf){0};
}
