/* Memory with one owner, one cap and one end. */
#ifndef SAKSI_BASE_ARENA_H
#define SAKSI_BASE_ARENA_H

#include "base/cursor.h"
#include "base/err.h"

struct saksi_arena {
	uint8_t *base;
	size_t used, cap;
};

/* Returns `count` zeroed objects of `size` bytes, or NULL when they do not
 * fit (the arena is then unmodified).  Alignment is that of max_align_t.
 * Freed only with the whole arena.  Pure: works in any memory given. */
void *saksi_arena_new(struct saksi_arena *a, size_t count, size_t size);
/* A copy of b in the arena, at any alignment; .at == NULL when it does not fit. */
struct saksi_bytes saksi_arena_copy(struct saksi_arena *a, struct saksi_bytes b);
/* Everything since `mark` (an earlier a->used) is given back. */
void saksi_arena_rewind(struct saksi_arena *a, size_t mark);

/* Reserve `cap` bytes of address space; pages are taken only when touched.
 * On anything but OK *a is zeroed.  End with saksi_arena_end (a zeroed arena
 * is fine).  NOMEM, BADARG (cap 0).  Not for secrets. */
SAKSI_MUST enum saksi_err saksi_arena_map(struct saksi_arena *a, size_t cap);
void saksi_arena_end(struct saksi_arena *a);

#endif
