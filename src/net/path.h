/* What a request line asks for: decoded once, then plain text.  Pure. */
#ifndef SAKSI_NET_PATH_H
#define SAKSI_NET_PATH_H

#include "base/cursor.h"
#include "base/err.h"

/* Decodes %XX within s (and '+' as a space when `form`) in place; the result is
 * never longer.  Gives the new length.  MALFORMED: a bad escape, a control byte
 * or what is no UTF-8 afterwards; *len is untouched then. */
SAKSI_MUST enum saksi_err saksi_path_unescape(char *s, size_t *len, bool form);

/* Is this decoded path one that can be looked up?  It begins with '/', and has
 * no empty segment but a last one, no "." or ".." and no backslash. */
bool saksi_path_plain(struct saksi_bytes path);

/* Splits and decodes the target of a request, "/a%20b?x=y", in place: *path and
 * *query (NULL when there is no '?') are NUL-terminated within it; the query is
 * left encoded, and a '#' with what follows is cut off.  MALFORMED. */
SAKSI_MUST enum saksi_err saksi_path_read(char *target, char **path, char **query);

#endif
