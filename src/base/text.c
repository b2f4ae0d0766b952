#include "base/text.h"

enum saksi_err saksi_text_decimal(struct saksi_bytes s, uint64_t *out)
{
	uint64_t v = 0;
	bool over = false;

	if (s.len == 0 || (s.len > 1 && s.at[0] == '0'))
		return SAKSI_MALFORMED;
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return SAKSI_MALFORMED;
		over = over || __builtin_mul_overflow(v, (uint64_t)10, &v) ||
		       __builtin_add_overflow(v, (uint64_t)(s.at[i] - '0'), &v);
	}
	if (over)
		return SAKSI_LIMIT;
	*out = v;
	return SAKSI_OK;
}

/* 0..15, or 16 for no lowercase hexadecimal digit. */
static unsigned hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - (unsigned)'0';
	if (c >= 'a' && c <= 'f')
		return c - (unsigned)'a' + 10;
	return 16;
}

enum saksi_err saksi_text_hex(struct saksi_bytes s, uint8_t *out, size_t out_len)
{
	if (s.len % 2 != 0 || s.len / 2 != out_len)
		return SAKSI_MALFORMED;
	for (size_t i = 0; i < s.len; i++) {
		if (hex_digit(s.at[i]) > 15)
			return SAKSI_MALFORMED;
	}
	for (size_t i = 0; i < out_len; i++)
		out[i] =
		    (uint8_t)(hex_digit(s.at[2 * i]) << 4 | hex_digit(s.at[2 * i + 1]));
	return SAKSI_OK;
}

/* 0..63, or 64 for no digit of RFC 4648 table 1. */
static uint32_t base64_digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - (uint32_t)'A';
	if (c >= 'a' && c <= 'z')
		return c - (uint32_t)'a' + 26;
	if (c >= '0' && c <= '9')
		return c - (uint32_t)'0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : 64;
}

/* One group of four digits, the last `pads` of them '='. */
static bool base64_group(const uint8_t g[4], size_t pads, uint8_t *out)
{
	uint32_t v = 0;

	for (size_t i = 0; i < 4; i++) {
		uint32_t d = i < 4 - pads ? base64_digit(g[i]) : 0;

		if (d > 63)
			return false;
		v = v << 6 | d;
	}
	/* Unused bits: two texts must never mean the same bytes. */
	if ((v & ((1U << 8 * pads) - 1)) != 0)
		return false;
	for (size_t i = 0; i < 3 - pads; i++)
		out[i] = (uint8_t)(v >> (16 - 8 * i));
	return true;
}

enum saksi_err saksi_text_base64(struct saksi_bytes s, uint8_t *out, size_t *out_len)
{
	size_t pads = 0, n;

	if (s.len % 4 != 0)
		return SAKSI_MALFORMED;
	if (s.len != 0 && s.at[s.len - 1] == '=')
		pads = s.at[s.len - 2] == '=' ? 2 : 1;
	n = s.len / 4 * 3 - pads;
	if (n > *out_len)
		return SAKSI_LIMIT;
	for (size_t i = 0; i < s.len; i += 4) {
		if (!base64_group(s.at + i, i + 4 == s.len ? pads : 0, out + i / 4 * 3))
			return SAKSI_MALFORMED;
	}
	*out_len = n;
	return SAKSI_OK;
}

enum saksi_err saksi_text_base64_exact(struct saksi_bytes s, uint8_t *out,
				       size_t out_len)
{
	size_t n = out_len;

	/* The length first: a longer text is another thing, not a larger one. */
	if (s.len != (out_len / 3 + (out_len % 3 != 0)) * 4)
		return SAKSI_MALFORMED;
	if (saksi_text_base64(s, out, &n) != SAKSI_OK || n != out_len)
		return SAKSI_MALFORMED;
	return SAKSI_OK;
}

/* Decodes the character at s.at; its length, or 0 when it is not one of
 * Unicode table 3-7 (well-formed UTF-8 byte sequences). */
static size_t rune_at(struct saksi_bytes s, uint32_t *rune)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint8_t c;
	size_t n;
	uint32_t v;

	if (s.len == 0)
		return 0;
	c = s.at[0];
	if (c < 0x80) {
		*rune = c;
		return 1;
	}
	n = c >= 0xf8 ? 0 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 0;
	if (n == 0 || n > s.len)
		return 0;
	v = c & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s.at[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (s.at[i] & 0x3fU);
	}
	if (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return 0;
	*rune = v;
	return n;
}

size_t saksi_text_utf8_prefix(struct saksi_bytes s)
{
	struct saksi_bytes left = s;

	while (left.len != 0) {
		uint32_t rune;
		size_t n = rune_at(left, &rune);

		if (n == 0)
			break;
		left.at += n;
		left.len -= n;
	}
	return s.len - left.len;
}

bool saksi_text_utf8(struct saksi_bytes s)
{
	return saksi_text_utf8_prefix(s) == s.len;
}

/* Unicode PropList.txt, White_Space; stable by Unicode policy in practice. */
static bool is_space(uint32_t r)
{
	return (r >= 0x09 && r <= 0x0d) || r == 0x20 || r == 0x85 || r == 0xa0 ||
	       r == 0x1680 || (r >= 0x2000 && r <= 0x200a) || r == 0x2028 ||
	       r == 0x2029 || r == 0x202f || r == 0x205f || r == 0x3000;
}

bool saksi_text_has_space(struct saksi_bytes s)
{
	while (s.len != 0) {
		uint32_t rune;
		size_t n = rune_at(s, &rune);

		if (n == 0)
			return false;
		if (is_space(rune))
			return true;
		s.at += n;
		s.len -= n;
	}
	return false;
}

void saksi_text_to_hex(const uint8_t *b, size_t n, char *out)
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digit[b[i] >> 4];
		out[2 * i + 1] = digit[b[i] & 15];
	}
	out[2 * n] = '\0';
}
