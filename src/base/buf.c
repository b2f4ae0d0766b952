#include "base/buf.h"

#include <string.h>

struct saksi_buf saksi_buf_fixed(void *at, size_t cap)
{
	return (struct saksi_buf){.at = at, .cap = cap, .max = cap};
}

void saksi_buf_clear(struct saksi_buf *b)
{
	b->len = 0;
	b->full = false;
}

uint8_t *saksi_buf_room(struct saksi_buf *b, size_t n)
{
	size_t need;

	if (b->full)
		return NULL;
	if (__builtin_add_overflow(b->len, n, &need) || need > b->max ||
	    (need > b->cap && (b->grow == NULL || !b->grow(b, need)))) {
		b->full = true;
		return NULL;
	}
	if (b->at == NULL) {
		/* n == 0 in a buffer without memory: there is no place to name. */
		static uint8_t nowhere;
		return &nowhere;
	}
	uint8_t *at = b->at + b->len;
	b->len = need;
	return at;
}

void saksi_buf_put(struct saksi_buf *b, struct saksi_bytes data)
{
	uint8_t *at = saksi_buf_room(b, data.len);

	if (at != NULL && data.len != 0)
		memcpy(at, data.at, data.len);
}

void saksi_buf_puts(struct saksi_buf *b, const char *s)
{
	saksi_buf_put(b, saksi_bytes_of(s));
}

static void put_number(struct saksi_buf *b, uint64_t v, size_t bytes)
{
	uint8_t *at = saksi_buf_room(b, bytes);

	for (size_t i = 0; at != NULL && i < bytes; i++)
		at[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
}

void saksi_buf_put_u8(struct saksi_buf *b, uint8_t v)
{
	put_number(b, v, 1);
}

void saksi_buf_put_be16(struct saksi_buf *b, uint16_t v)
{
	put_number(b, v, 2);
}

void saksi_buf_put_be32(struct saksi_buf *b, uint32_t v)
{
	put_number(b, v, 4);
}

void saksi_buf_put_be64(struct saksi_buf *b, uint64_t v)
{
	put_number(b, v, 8);
}

void saksi_buf_put_decimal(struct saksi_buf *b, uint64_t v)
{
	uint8_t digits[20];
	size_t first = sizeof digits;

	do {
		digits[--first] = (uint8_t)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	saksi_buf_put(b, (struct saksi_bytes){digits + first, sizeof digits - first});
}

void saksi_buf_put_hex(struct saksi_buf *b, struct saksi_bytes data)
{
	static const char digit[] = "0123456789abcdef";
	size_t n;
	uint8_t *at;

	if (__builtin_mul_overflow(data.len, (size_t)2, &n)) {
		b->full = true;
		return;
	}
	at = saksi_buf_room(b, n);
	for (size_t i = 0; at != NULL && i < data.len; i++) {
		at[2 * i] = (uint8_t)digit[data.at[i] >> 4];
		at[2 * i + 1] = (uint8_t)digit[data.at[i] & 15];
	}
}

void saksi_buf_put_base64(struct saksi_buf *b, struct saksi_bytes data)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t groups = data.len / 3 + (data.len % 3 != 0), n;
	uint8_t *at;

	if (__builtin_mul_overflow(groups, (size_t)4, &n)) {
		b->full = true;
		return;
	}
	at = saksi_buf_room(b, n);
	for (size_t i = 0; at != NULL && i < data.len; i += 3, at += 4) {
		size_t left = data.len - i;
		uint32_t v = (uint32_t)data.at[i] << 16;

		v |= left > 1 ? (uint32_t)data.at[i + 1] << 8 : 0;
		v |= left > 2 ? (uint32_t)data.at[i + 2] : 0;
		at[0] = (uint8_t)digit[v >> 18];
		at[1] = (uint8_t)digit[v >> 12 & 63];
		at[2] = (uint8_t)(left > 1 ? digit[v >> 6 & 63] : '=');
		at[3] = (uint8_t)(left > 2 ? digit[v & 63] : '=');
	}
}

struct saksi_bytes saksi_buf_bytes(const struct saksi_buf *b)
{
	return (struct saksi_bytes){b->at, b->len};
}

enum saksi_err saksi_buf_check(const struct saksi_buf *b)
{
	return b->full ? SAKSI_LIMIT : SAKSI_OK;
}
