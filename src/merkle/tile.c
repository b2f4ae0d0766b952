#include "merkle/tile.h"

#include "base/text.h"

#include <string.h>

#define GROUP 1000 /* an index is written three digits at a time */

static char *put(char *at, const char *s)
{
	while (*s != '\0')
		*at++ = *s++;
	return at;
}

static char *put_digits(char *at, uint64_t v, int digits)
{
	for (int i = digits - 1; i >= 0; i--) {
		at[i] = (char)('0' + v % 10);
		v /= 10;
	}
	return at + digits;
}

void saksi_tile_path(const struct saksi_tile *t, char out[SAKSI_TILE_PATH_LEN])
{
	uint64_t top = 1; /* the weight of the first group */
	char *at = put(out, "tile/");

	if (t->level == SAKSI_TILE_ENTRIES)
		at = put(at, "entries");
	else
		at = put_digits(at, t->level, 1);
	while (t->index / top >= GROUP)
		top *= GROUP;
	for (; top > 1; top /= GROUP) {
		at = put(at, "/x");
		at = put_digits(at, t->index / top % GROUP, 3);
	}
	at = put(at, "/");
	at = put_digits(at, t->index % GROUP, 3);
	if (t->width < SAKSI_TILE_WIDTH) {
		at = put(at, ".p/");
		at = put_digits(at, t->width,
				t->width < 10    ? 1
				: t->width < 100 ? 2
						 : 3);
	}
	*at = '\0';
}

static enum saksi_err read_level(struct saksi_cursor *c, uint8_t *level)
{
	uint8_t d;

	if (!saksi_cursor_expect(c, "tile/"))
		return SAKSI_MALFORMED;
	if (saksi_bytes_starts(c->left, "entries/")) {
		*level = SAKSI_TILE_ENTRIES;
		(void)saksi_cursor_take(c, strlen("entries/"));
		return SAKSI_OK;
	}
	d = saksi_cursor_u8(c);
	if (!c->ok || d < '0' || d > '7' || !saksi_cursor_expect(c, "/"))
		return SAKSI_MALFORMED;
	*level = (uint8_t)(d - '0');
	return SAKSI_OK;
}

static enum saksi_err read_group(struct saksi_cursor *c, uint64_t *index)
{
	struct saksi_bytes digits = saksi_cursor_take(c, 3);
	uint64_t v = 0;

	for (size_t i = 0; i < digits.len; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '9')
			return SAKSI_MALFORMED;
		v = v * 10 + (uint64_t)(digits.at[i] - '0');
	}
	if (!c->ok || __builtin_mul_overflow(*index, (uint64_t)GROUP, index) ||
	    __builtin_add_overflow(*index, v, index))
		return SAKSI_MALFORMED;
	return SAKSI_OK;
}

static enum saksi_err read_index(struct saksi_cursor *c, uint64_t *index)
{
	*index = 0;
	while (saksi_bytes_starts(c->left, "x")) {
		(void)saksi_cursor_take(c, 1);
		SAKSI_TRY(read_group(c, index));
		/* A leading group of zeroes would be a second form. */
		if (*index == 0 || !saksi_cursor_expect(c, "/"))
			return SAKSI_MALFORMED;
	}
	return read_group(c, index);
}

enum saksi_err saksi_tile_read_path(struct saksi_bytes path, struct saksi_tile *out)
{
	struct saksi_cursor c = saksi_cursor_on(path);
	struct saksi_tile t = {.width = SAKSI_TILE_WIDTH};
	uint64_t width;

	SAKSI_TRY(read_level(&c, &t.level));
	SAKSI_TRY(read_index(&c, &t.index));
	if (c.left.len > 0) {
		if (!saksi_cursor_expect(&c, ".p/") ||
		    saksi_text_decimal(c.left, &width) != SAKSI_OK || width == 0 ||
		    width >= SAKSI_TILE_WIDTH)
			return SAKSI_MALFORMED;
		t.width = (uint16_t)width;
	}
	*out = t;
	return SAKSI_OK;
}

uint16_t saksi_tile_width_at(uint64_t size, uint8_t level, uint64_t index)
{
	uint64_t count, full;

	if (level == SAKSI_TILE_ENTRIES)
		level = 0;
	if (level > 7)
		return 0;
	count = size >> (8 * level);
	full = count / SAKSI_TILE_WIDTH;
	if (index < full)
		return SAKSI_TILE_WIDTH;
	return index == full ? (uint16_t)(count % SAKSI_TILE_WIDTH) : 0;
}
