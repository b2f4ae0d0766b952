/* Taking configuration text apart: lines, words, quotes.  Pure. */
#ifndef SAKSI_COLLECT_READ_TEXT_H
#define SAKSI_COLLECT_READ_TEXT_H

#include "base/cursor.h"
#include "base/err.h"

struct saksi_lines {
	struct saksi_bytes left;
	uint32_t number; /* of the line given last, from 1 */
};
/* The next line without "\n" or "\r\n", also a last one without newline. */
bool saksi_lines_next(struct saksi_lines *l, struct saksi_bytes *line);
/* The next line that is neither blank nor begins with one of `comments`, with
 * white space cut off at both ends. */
bool saksi_lines_said(struct saksi_lines *l, const char *comments,
		      struct saksi_bytes *line);

struct saksi_bytes saksi_text_trim(struct saksi_bytes s);
/* Cuts the next word off *s: up to white space or one of `more` (NULL: none). */
bool saksi_text_word(struct saksi_bytes *s, const char *more, struct saksi_bytes *word);
/* The same, where "..." or '...' may hold white space; quotes around the whole
 * word are taken off. */
bool saksi_text_quoted(struct saksi_bytes *s, struct saksi_bytes *word);
/* Cuts at the first `c`: before it and after it, both trimmed; false when there
 * is none (then *before is all, *after is empty). */
bool saksi_text_cut(struct saksi_bytes s, uint8_t c, struct saksi_bytes *before,
		    struct saksi_bytes *after);
bool saksi_text_is(struct saksi_bytes s, const char *word);     /* any case */
bool saksi_text_starts(struct saksi_bytes s, const char *word); /* any case */
bool saksi_text_ends(struct saksi_bytes s, const char *end);
bool saksi_text_has(struct saksi_bytes s, const char *part);
/* Lower case into out, cut to cap; NUL-terminated. */
const char *saksi_text_lower(struct saksi_bytes s, char *out, size_t cap);
/* Like saksi_text_decimal, but leading zeroes and a sign are fine, as the
 * programs whose files these are read them. */
bool saksi_text_number(struct saksi_bytes s, int64_t *out);
struct saksi_bytes saksi_text_unquote(struct saksi_bytes s);

/* "file", "directory", "symlink", "fifo", "socket", "device": of an st_mode. */
const char *saksi_mode_kind(unsigned mode);

#endif
