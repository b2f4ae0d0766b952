#include "audit/read_lz4.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HISTORY 65536

/* A length whose first four bits were 15 goes on in bytes of 255. */
static bool longer(struct saksi_cursor *c, size_t *n)
{
	uint8_t more = 255;

	while (c->ok && more == 255 && *n < SIZE_MAX / 2) {
		more = saksi_cursor_u8(c);
		*n += more;
	}
	return c->ok;
}

enum saksi_err saksi_lz4_block(struct saksi_bytes in, uint8_t *out, size_t cap,
			       size_t *len)
{
	struct saksi_cursor c = saksi_cursor_on(in);
	size_t n = *len;

	while (c.left.len > 0) {
		const uint8_t token = saksi_cursor_u8(&c);
		size_t run = token >> 4, back, copy = token & 15;
		if (run == 15 && !longer(&c, &run))
			return SAKSI_MALFORMED;
		const struct saksi_bytes plain = saksi_cursor_take(&c, run);
		if (!c.ok)
			return SAKSI_MALFORMED;
		if (run > cap - n)
			return SAKSI_LIMIT;
		if (run > 0)
			memcpy(out + n, plain.at, run);
		n += run;
		if (c.left.len == 0)
			break; /* the last sequence has no match */
		back = saksi_cursor_u8(&c);
		back |= (size_t)saksi_cursor_u8(&c) << 8;
		if (copy == 15 && !longer(&c, &copy))
			return SAKSI_MALFORMED;
		copy += 4;
		if (!c.ok || back == 0 || back > n)
			return SAKSI_MALFORMED;
		if (copy > cap - n)
			return SAKSI_LIMIT;
		for (; copy > 0; copy--, n++)
			out[n] = out[n - back];
	}
	*len = n;
	return SAKSI_OK;
}

struct frame {
	int fd;
	uint8_t *in, *out; /* out: HISTORY bytes, then a block */
	size_t block, history;
	bool block_sum;
	uint64_t left;
	saksi_lz4_piece *piece;
	void *ctx;
};

static enum saksi_err exactly(int fd, void *to, size_t n)
{
	uint8_t *at = to;

	while (n > 0) {
		const ssize_t got = read(fd, at, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return SAKSI_IO;
		if (got == 0)
			return SAKSI_MALFORMED;
		at += got;
		n -= (size_t)got;
	}
	return SAKSI_OK;
}

static uint32_t le32(const uint8_t b[4])
{
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
	       (uint32_t)b[3] << 24;
}

static enum saksi_err begin(struct frame *f)
{
	uint8_t head[6], skip[13];

	SAKSI_TRY(exactly(f->fd, head, sizeof(head)));
	const uint8_t flags = head[4], size = (head[5] >> 4) & 7;
	if (le32(head) != 0x184D2204 || flags >> 6 != 1 || size < 4)
		return SAKSI_MALFORMED;
	if (flags & 1)
		return SAKSI_MALFORMED; /* needs a dictionary we do not have */
	f->block_sum = flags & 16;
	f->block = (size_t)1 << (8 + 2 * size);
	SAKSI_TRY(exactly(f->fd, skip, flags & 8 ? 9 : 1));
	f->in = malloc(f->block);
	f->out = malloc(HISTORY + f->block);
	return f->in && f->out ? SAKSI_OK : SAKSI_NOMEM;
}

/* Decodes one block behind the history and keeps its end as the next one's. */
static enum saksi_err block(struct frame *f, bool *end)
{
	uint8_t word[4];

	SAKSI_TRY(exactly(f->fd, word, 4));
	const uint32_t size = le32(word) & 0x7fffffff;
	const bool plain = word[3] & 0x80;
	*end = le32(word) == 0;
	if (*end)
		return SAKSI_OK;
	if (size > f->block)
		return SAKSI_MALFORMED;
	SAKSI_TRY(exactly(f->fd, f->in, size));
	if (f->block_sum)
		SAKSI_TRY(exactly(f->fd, word, 4));
	size_t len = f->history;
	if (plain) {
		memcpy(f->out + len, f->in, size);
		len += size;
	} else {
		SAKSI_TRY(saksi_lz4_block((struct saksi_bytes){f->in, size}, f->out,
					  f->history + f->block, &len));
	}
	if (len - f->history > f->left)
		return SAKSI_LIMIT;
	f->left -= len - f->history;
	f->piece(f->ctx, (struct saksi_bytes){f->out + f->history, len - f->history});
	f->history = len < HISTORY ? len : HISTORY;
	memmove(f->out, f->out + len - f->history, f->history);
	return SAKSI_OK;
}

enum saksi_err saksi_lz4_read(int fd, uint64_t max, saksi_lz4_piece *piece, void *ctx)
{
	struct frame f = {.fd = fd, .left = max, .piece = piece, .ctx = ctx};
	bool end = false;

	enum saksi_err err = begin(&f);
	while (err == SAKSI_OK && !end)
		err = block(&f, &end);
	free(f.in);
	free(f.out);
	return err;
}
