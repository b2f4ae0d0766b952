#include "log/frontier.h"

#include <string.h>

static uint16_t width_of(uint64_t size, unsigned level)
{
	return (uint16_t)(size >> (8 * level) & 0xff);
}

void saksi_frontier_begin(struct saksi_frontier *f)
{
	memset(f, 0, sizeof(*f));
}

/* Level `level` has become full: put it, and carry its root up, which may fill
 * the next. */
static enum saksi_err carry(struct saksi_frontier *f, unsigned level,
			    const struct saksi_tile_sink *sink)
{
	for (; level + 1 < SAKSI_FRONTIER_LEVELS; level++) {
		struct saksi_tile t = {(uint8_t)level,
				       (f->size >> (8 * (level + 1))) - 1,
				       SAKSI_TILE_WIDTH};
		uint16_t next = width_of(f->size - 1, level + 1);

		SAKSI_TRY(sink->put(sink->ctx, &t, f->at[level]));
		f->at[level + 1][next] =
		    saksi_tree_root_of(f->at[level], SAKSI_TILE_WIDTH);
		if (next + 1 < SAKSI_TILE_WIDTH)
			break;
	}
	return SAKSI_OK;
}

enum saksi_err saksi_frontier_add(struct saksi_frontier *f,
				  const struct saksi_hash *leaves, size_t count,
				  const struct saksi_tile_sink *sink)
{
	if (count > (UINT64_C(1) << 63) - f->size)
		return SAKSI_LIMIT;
	while (count > 0) {
		size_t have = width_of(f->size, 0), n = SAKSI_TILE_WIDTH - have;

		if (n > count)
			n = count;
		memcpy(&f->at[0][have], leaves, n * sizeof(*leaves));
		f->size += n;
		leaves += n;
		count -= n;
		if (have + n == SAKSI_TILE_WIDTH)
			SAKSI_TRY(carry(f, 0, sink));
	}
	return SAKSI_OK;
}

enum saksi_err saksi_frontier_partials(const struct saksi_frontier *f, uint64_t since,
				       const struct saksi_tile_sink *sink)
{
	for (unsigned level = 0; level < SAKSI_FRONTIER_LEVELS; level++) {
		uint16_t width = width_of(f->size, level);
		struct saksi_tile t = {(uint8_t)level, 0, width};

		if (width == 0 || f->size >> (8 * level) == since >> (8 * level))
			continue;
		if (level + 1 < SAKSI_FRONTIER_LEVELS)
			t.index = f->size >> (8 * (level + 1));
		SAKSI_TRY(sink->put(sink->ctx, &t, f->at[level]));
	}
	return SAKSI_OK;
}

/* A partial tile of w hashes is one perfect subtree for each set bit of w, the
 * largest first. */
struct saksi_hash saksi_frontier_root(const struct saksi_frontier *f)
{
	struct saksi_hash part[SAKSI_TILE_WIDTH];
	struct saksi_edge e;

	saksi_edge_begin(&e);
	e.size = f->size;
	for (unsigned level = 0; level < SAKSI_FRONTIER_LEVELS; level++) {
		uint16_t width = width_of(f->size, level);
		size_t from = 0;

		for (unsigned bit = 8; bit-- > 0;) {
			size_t n = (size_t)1 << bit;

			if ((width & n) == 0)
				continue;
			memcpy(part, &f->at[level][from], n * sizeof(part[0]));
			e.peaks[8 * level + bit] = saksi_tree_root_of(part, n);
			from += n;
		}
	}
	return saksi_edge_root(&e);
}

void saksi_frontier_write(const struct saksi_frontier *f, struct saksi_buf *out)
{
	for (unsigned level = 0; level < SAKSI_FRONTIER_LEVELS; level++)
		saksi_buf_put(out,
			      (struct saksi_bytes){f->at[level][0].b,
						   (size_t)width_of(f->size, level) *
						       SAKSI_HASH_LEN});
}

enum saksi_err saksi_frontier_read(struct saksi_bytes b, uint64_t size,
				   struct saksi_frontier *f)
{
	struct saksi_cursor c = saksi_cursor_on(b);
	size_t want = 0;

	for (unsigned level = 0; level < SAKSI_FRONTIER_LEVELS; level++)
		want += (size_t)width_of(size, level) * SAKSI_HASH_LEN;
	if (b.len != want || size > UINT64_C(1) << 63)
		return SAKSI_MALFORMED;
	saksi_frontier_begin(f);
	f->size = size;
	for (unsigned level = 0; level < SAKSI_FRONTIER_LEVELS; level++) {
		struct saksi_bytes part = saksi_cursor_take(
		    &c, (size_t)width_of(size, level) * SAKSI_HASH_LEN);

		if (part.len > 0)
			memcpy(f->at[level], part.at, part.len);
	}
	return SAKSI_OK;
}
