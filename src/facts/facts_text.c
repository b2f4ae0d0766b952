#include "facts/facts_text.h"
#include "base/text.h"

#include <string.h>

static bool lower(uint8_t c)
{
	return c >= 'a' && c <= 'z';
}

static bool digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

bool saksi_facts_is_section(struct saksi_bytes s)
{
	if (s.len == 0 || s.len > 32 || !lower(s.at[0]) || saksi_bytes_is(s, "end"))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!lower(s.at[i]) && !digit(s.at[i]) && s.at[i] != '-')
			return false;
	return true;
}

bool saksi_facts_is_attribute(struct saksi_bytes s)
{
	if (s.len == 0 || s.len > 64)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!lower(s.at[i]) && !digit(s.at[i]) && s.at[i] != '-' &&
		    s.at[i] != '_' && s.at[i] != '.')
			return false;
	return true;
}

size_t saksi_facts_char(struct saksi_bytes s)
{
	if (s.len == 0)
		return 0;
	if (s.at[0] < 0x80)
		return 1;
	const size_t n = s.at[0] >= 0xf0 ? 4 : s.at[0] >= 0xe0 ? 3 : 2;
	if (n > s.len || !saksi_text_utf8((struct saksi_bytes){s.at, n}))
		return 0;
	return n;
}

/* Does this byte, when it is a character by itself, stand for itself? */
static bool plain(uint8_t c)
{
	return c >= 0x20 && c != 0x7f && c != '%';
}

static bool all_plain(struct saksi_bytes s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!plain(s.at[i]) || s.at[i] >= 0x80)
			return false;
	return true;
}

static int nibble(uint8_t c)
{
	if (digit(c))
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static enum saksi_err unescape(struct saksi_bytes in, uint8_t *to, size_t *len)
{
	size_t n = 0;

	for (size_t i = 0; i < in.len; i++) {
		if (in.at[i] != '%') {
			to[n++] = in.at[i];
			continue;
		}
		if (in.len - i < 3)
			return SAKSI_MALFORMED;
		const int high = nibble(in.at[i + 1]), low = nibble(in.at[i + 2]);
		if (high < 0 || low < 0)
			return SAKSI_MALFORMED;
		to[n++] = (uint8_t)(high * 16 + low);
		i += 2;
	}
	*len = n;
	return SAKSI_OK;
}

/* Decoding alone would take many spellings of one text: what was decoded must
 * encode to exactly what was read. */
static bool one_spelling(struct saksi_bytes in, struct saksi_bytes decoded)
{
	uint8_t piece[256];

	while (decoded.len > 0) {
		const size_t n = saksi_facts_encode(&decoded, piece, sizeof(piece));
		if (n > in.len || memcmp(in.at, piece, n) != 0)
			return false;
		in.at += n;
		in.len -= n;
	}
	return in.len == 0;
}

enum saksi_err saksi_facts_decode(struct saksi_bytes in, struct saksi_arena *a,
				  struct saksi_bytes *out)
{
	const size_t mark = a->used;
	struct saksi_bytes got;

	if (in.len > 3 * (size_t)SAKSI_FACTS_FIELD_MAX)
		return SAKSI_MALFORMED;
	if (all_plain(in) && in.len <= SAKSI_FACTS_FIELD_MAX) {
		*out = in;
		return SAKSI_OK;
	}
	uint8_t *to = saksi_arena_new(a, in.len, 1);
	if (!to)
		return SAKSI_LIMIT;
	got.at = to;
	if (unescape(in, to, &got.len) != SAKSI_OK || got.len > SAKSI_FACTS_FIELD_MAX ||
	    !one_spelling(in, got)) {
		saksi_arena_rewind(a, mark);
		return SAKSI_MALFORMED;
	}
	*out = got;
	return SAKSI_OK;
}

size_t saksi_facts_encode(struct saksi_bytes *in, uint8_t *out, size_t cap)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t n = 0;

	while (in->len > 0 && cap - n >= 4) {
		const size_t len = saksi_facts_char(*in);
		const uint8_t c = in->at[0];
		if (len > 1 || (len == 1 && plain(c))) {
			memcpy(out + n, in->at, len);
			n += len;
			in->at += len;
			in->len -= len;
		} else {
			out[n++] = '%';
			out[n++] = (uint8_t)digits[c >> 4];
			out[n++] = (uint8_t)digits[c & 15];
			in->at++;
			in->len--;
		}
	}
	return n;
}
