/* rooms: base crypto merkle note statement ledger verify store net log */
/* The right edge of a tree as state.db keeps it, behind four bytes of its size:
 * what is read is written the same, and grows as the tree of its hashes does. */
#include "log/frontier.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum saksi_err drop(void *ctx, const struct saksi_tile *t,
			   const struct saksi_hash *hashes)
{
	(void)ctx;
	(void)hashes;
	if (t->width == 0 || t->width > SAKSI_TILE_WIDTH)
		abort();
	return SAKSI_OK;
}

/* The same tree, from its peaks. */
static void edge_of(const struct saksi_frontier *f, struct saksi_edge *e)
{
	static struct saksi_hash part[SAKSI_TILE_WIDTH];

	saksi_edge_begin(e);
	e->size = f->size;
	for (unsigned level = 0; level < SAKSI_FRONTIER_LEVELS; level++) {
		size_t from = 0;

		for (unsigned bit = 8; bit-- > 0;) {
			const size_t n = (size_t)1 << bit;

			if ((f->size >> (8 * level + bit) & 1) == 0)
				continue;
			memcpy(part, &f->at[level][from], n * sizeof(*part));
			e->peaks[8 * level + bit] = saksi_tree_root_of(part, n);
			from += n;
		}
	}
}

static void grow(struct saksi_frontier *f, size_t count)
{
	static struct saksi_hash leaves[300];
	const struct saksi_tile_sink sink = {NULL, drop};
	struct saksi_edge e;
	struct saksi_hash a, b;

	edge_of(f, &e);
	for (size_t i = 0; i < count; i++)
		leaves[i].b[0] = (uint8_t)i;
	if (saksi_frontier_add(f, leaves, count, &sink) != SAKSI_OK ||
	    saksi_edge_add_many(&e, leaves, count) != SAKSI_OK)
		abort();
	a = saksi_frontier_root(f);
	b = saksi_edge_root(&e);
	if (f->size != e.size || !saksi_hash_same(&a, &b))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct saksi_frontier f;
	static uint8_t room[SAKSI_FRONTIER_MAX];
	struct saksi_buf out = saksi_buf_fixed(room, sizeof(room));
	uint64_t tree = 0;

	if (size < 4)
		return 0;
	for (size_t i = 0; i < 4; i++)
		tree = tree << 8 | data[i];
	const struct saksi_bytes text = {data + 4, size - 4};
	if (saksi_frontier_read(text, tree, &f) != SAKSI_OK)
		return 0;
	saksi_frontier_write(&f, &out);
	if (!saksi_bytes_same(saksi_buf_bytes(&out), text))
		abort();
	grow(&f, data[size - 1]);
	grow(&f, 44);
	return 0;
}
