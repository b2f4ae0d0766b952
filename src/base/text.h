/* Text forms of numbers and bytes, read strictly: one form each, so that two
 * different texts never mean the same thing. */
#ifndef SAKSI_BASE_TEXT_H
#define SAKSI_BASE_TEXT_H

#include "base/cursor.h"
#include "base/err.h"

/* ASCII decimal without leading zeroes or sign.  MALFORMED; LIMIT above
 * UINT64_MAX.  *out is untouched on failure (so for all below). */
SAKSI_MUST enum saksi_err saksi_text_decimal(struct saksi_bytes s, uint64_t *out);
/* Exactly 2 * out_len lowercase hexadecimal digits. */
SAKSI_MUST enum saksi_err saksi_text_hex(struct saksi_bytes s, uint8_t *out,
					 size_t out_len);
/* RFC 4648 section 4, padded, no white space, unused bits zero.  *out_len is
 * the room on the way in and the decoded bytes on the way out.  MALFORMED,
 * LIMIT (does not fit).  `out` may hold scratch after a failure; *out_len not. */
SAKSI_MUST enum saksi_err saksi_text_base64(struct saksi_bytes s, uint8_t *out,
					    size_t *out_len);
/* Base64 of exactly out_len bytes. */
SAKSI_MUST enum saksi_err saksi_text_base64_exact(struct saksi_bytes s, uint8_t *out,
						  size_t out_len);
/* Well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF)? */
bool saksi_text_utf8(struct saksi_bytes s);
/* The length of the longest beginning of s that is well-formed UTF-8. */
size_t saksi_text_utf8_prefix(struct saksi_bytes s);
/* Any Unicode White_Space character in valid UTF-8 text? (signed-note names) */
bool saksi_text_has_space(struct saksi_bytes s);

/* Writes out 2 * n lowercase digits and a NUL: out has 2 * n + 1 bytes. */
void saksi_text_to_hex(const uint8_t *b, size_t n, char *out);

#endif
