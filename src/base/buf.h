/* A growing run of bytes with a stated maximum. */
#ifndef SAKSI_BASE_BUF_H
#define SAKSI_BASE_BUF_H

#include "base/cursor.h"
#include "base/err.h"

/* Two kinds: fixed (the caller's memory, never grows; pure rooms use this)
 * and growing (malloc'ed, up to `max`; release with saksi_buf_free).  A put
 * that does not fit sets `full` and changes nothing; all later puts do
 * nothing, so a writer may check once at the end. */
struct saksi_buf {
	uint8_t *at;
	size_t len, cap, max;
	bool full;
	/* Make cap at least `need` <= max, or say no; NULL: a fixed buffer.  A
	 * pointer, so that WebAssembly links without an allocator. */
	bool (*grow)(struct saksi_buf *b, size_t need);
};

struct saksi_buf saksi_buf_fixed(void *at, size_t cap);
struct saksi_buf saksi_buf_growing(size_t max);
/* free(NULL)-like on a zeroed or fixed buffer; leaves *b zeroed.  Growing wipes
 * what it leaves behind; after a secret wipe at[0, cap) before this. */
void saksi_buf_free(struct saksi_buf *b);
/* Forget the content, keep the memory and the maximum; clears `full`. */
void saksi_buf_clear(struct saksi_buf *b);

/* Appends n bytes for the caller to fill, and says where; NULL and `full` when
 * they do not fit.  Valid until the next put. */
uint8_t *saksi_buf_room(struct saksi_buf *b, size_t n);
/* `data` may not lie in the buffer itself. */
void saksi_buf_put(struct saksi_buf *b, struct saksi_bytes data);
void saksi_buf_puts(struct saksi_buf *b, const char *s);
void saksi_buf_put_u8(struct saksi_buf *b, uint8_t v);
void saksi_buf_put_be16(struct saksi_buf *b, uint16_t v);
void saksi_buf_put_be32(struct saksi_buf *b, uint32_t v);
void saksi_buf_put_be64(struct saksi_buf *b, uint64_t v);
void saksi_buf_put_decimal(struct saksi_buf *b, uint64_t v);
void saksi_buf_put_hex(struct saksi_buf *b, struct saksi_bytes data);    /* lowercase */
void saksi_buf_put_base64(struct saksi_buf *b, struct saksi_bytes data); /* padded */
/* printf for rooms with I/O; not in WebAssembly. */
__attribute__((format(printf, 2, 3))) void saksi_buf_printf(struct saksi_buf *b,
							    const char *format, ...);
struct saksi_bytes saksi_buf_bytes(const struct saksi_buf *b);
/* OK, or LIMIT when something did not fit (NOMEM is also told as LIMIT). */
SAKSI_MUST enum saksi_err saksi_buf_check(const struct saksi_buf *b);

#endif
