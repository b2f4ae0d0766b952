#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

/* `mask` is the alignment less one.  The address is what gets aligned, not
 * the offset: the memory given may begin anywhere. */
static uint8_t *take(struct saksi_arena *a, size_t bytes, size_t mask)
{
	size_t start, pad;

	if (a->base == NULL || a->used > a->cap)
		return NULL;
	pad = (size_t)(-(uintptr_t)(a->base + a->used) & mask);
	if (__builtin_add_overflow(a->used, pad, &start))
		return NULL;
	if (start > a->cap || bytes > a->cap - start)
		return NULL;
	a->used = start + bytes;
	return a->base + start;
}

void *saksi_arena_new(struct saksi_arena *a, size_t count, size_t size)
{
	size_t bytes;
	uint8_t *at;

	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	at = take(a, bytes, alignof(max_align_t) - 1);
	return at == NULL ? NULL : memset(at, 0, bytes);
}

struct saksi_bytes saksi_arena_copy(struct saksi_arena *a, struct saksi_bytes b)
{
	uint8_t *at = take(a, b.len, 0);

	if (at == NULL)
		return (struct saksi_bytes){NULL, 0};
	if (b.len != 0)
		memcpy(at, b.at, b.len);
	return (struct saksi_bytes){at, b.len};
}

void saksi_arena_rewind(struct saksi_arena *a, size_t mark)
{
	if (mark < a->used)
		a->used = mark;
}
