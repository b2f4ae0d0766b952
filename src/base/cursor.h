/* Read untrusted bytes without ever passing their end. */
#ifndef SAKSI_BASE_CURSOR_H
#define SAKSI_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A borrowed view.  Never freed; lives as long as what it points into. */
struct saksi_bytes {
	const uint8_t *at;
	size_t len;
};

/* A view of a string literal or of a NUL-terminated string. */
struct saksi_bytes saksi_bytes_of(const char *s);
bool saksi_bytes_same(struct saksi_bytes a, struct saksi_bytes b);
bool saksi_bytes_is(struct saksi_bytes a, const char *s);
bool saksi_bytes_starts(struct saksi_bytes a, const char *prefix);
/* Orders like memcmp, a prefix before what it begins: < 0, 0, > 0. */
int saksi_bytes_order(struct saksi_bytes a, struct saksi_bytes b);

/* A view plus memory of failure: after one short read, all reads fail. */
struct saksi_cursor {
	struct saksi_bytes left;
	bool ok;
};

struct saksi_cursor saksi_cursor_on(struct saksi_bytes b);
/* The next n bytes; {NULL, 0} and ok = false when fewer are left. */
struct saksi_bytes saksi_cursor_take(struct saksi_cursor *c, size_t n);
uint8_t saksi_cursor_u8(struct saksi_cursor *c);
uint16_t saksi_cursor_be16(struct saksi_cursor *c);
uint32_t saksi_cursor_be32(struct saksi_cursor *c);
uint64_t saksi_cursor_be64(struct saksi_cursor *c);
/* The bytes before the next '\n', which is consumed and not part of the
 * result.  No newline left: ok = false, nothing consumed. */
struct saksi_bytes saksi_cursor_line(struct saksi_cursor *c);
/* Consumes `s` exactly or sets ok = false. */
bool saksi_cursor_expect(struct saksi_cursor *c, const char *s);

#endif
