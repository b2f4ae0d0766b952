#include "base/arena.h"

#include <sys/mman.h>

enum saksi_err saksi_arena_map(struct saksi_arena *a, size_t cap)
{
	void *at;

	*a = (struct saksi_arena){NULL, 0, 0};
	if (cap == 0)
		return SAKSI_BADARG;
	at = mmap(NULL, cap, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (at == MAP_FAILED)
		return SAKSI_NOMEM;
	*a = (struct saksi_arena){.base = at, .used = 0, .cap = cap};
	return SAKSI_OK;
}

void saksi_arena_end(struct saksi_arena *a)
{
	if (a->base != NULL)
		(void)munmap(a->base, a->cap);
	*a = (struct saksi_arena){NULL, 0, 0};
}
