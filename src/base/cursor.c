#include "base/cursor.h"

#include <string.h>

struct saksi_bytes saksi_bytes_of(const char *s)
{
	return (struct saksi_bytes){(const uint8_t *)s, strlen(s)};
}

bool saksi_bytes_same(struct saksi_bytes a, struct saksi_bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool saksi_bytes_is(struct saksi_bytes a, const char *s)
{
	return saksi_bytes_same(a, saksi_bytes_of(s));
}

bool saksi_bytes_starts(struct saksi_bytes a, const char *prefix)
{
	struct saksi_bytes p = saksi_bytes_of(prefix);

	if (a.len < p.len)
		return false;
	a.len = p.len;
	return saksi_bytes_same(a, p);
}

int saksi_bytes_order(struct saksi_bytes a, struct saksi_bytes b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int by_content = common == 0 ? 0 : memcmp(a.at, b.at, common);

	if (by_content != 0)
		return by_content;
	return (a.len > b.len) - (a.len < b.len);
}

struct saksi_cursor saksi_cursor_on(struct saksi_bytes b)
{
	return (struct saksi_cursor){.left = b, .ok = true};
}

struct saksi_bytes saksi_cursor_take(struct saksi_cursor *c, size_t n)
{
	struct saksi_bytes got = {NULL, 0};

	if (!c->ok || n > c->left.len) {
		c->ok = false;
		return got;
	}
	got = (struct saksi_bytes){c->left.at, n};
	if (n != 0)
		c->left.at += n;
	c->left.len -= n;
	return got;
}

/* The next n <= 8 bytes as one big-endian number. */
static uint64_t take_number(struct saksi_cursor *c, size_t n)
{
	struct saksi_bytes b = saksi_cursor_take(c, n);
	uint64_t v = 0;

	for (size_t i = 0; i < b.len; i++)
		v = v << 8 | b.at[i];
	return v;
}

uint8_t saksi_cursor_u8(struct saksi_cursor *c)
{
	return (uint8_t)take_number(c, 1);
}

uint16_t saksi_cursor_be16(struct saksi_cursor *c)
{
	return (uint16_t)take_number(c, 2);
}

uint32_t saksi_cursor_be32(struct saksi_cursor *c)
{
	return (uint32_t)take_number(c, 4);
}

uint64_t saksi_cursor_be64(struct saksi_cursor *c)
{
	return take_number(c, 8);
}

struct saksi_bytes saksi_cursor_line(struct saksi_cursor *c)
{
	struct saksi_bytes line;

	if (c->ok) {
		for (size_t i = 0; i < c->left.len; i++) {
			if (c->left.at[i] != '\n')
				continue;
			line = saksi_cursor_take(c, i);
			(void)saksi_cursor_take(c, 1);
			return line;
		}
	}
	c->ok = false;
	return (struct saksi_bytes){NULL, 0};
}

bool saksi_cursor_expect(struct saksi_cursor *c, const char *s)
{
	if (!c->ok || !saksi_bytes_starts(c->left, s)) {
		c->ok = false;
		return false;
	}
	(void)saksi_cursor_take(c, strlen(s));
	return true;
}
