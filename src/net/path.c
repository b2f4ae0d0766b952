#include "net/path.h"

#include "base/text.h"

#include <string.h>

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum saksi_err saksi_path_unescape(char *s, size_t *len, bool form)
{
	size_t to = 0;

	for (size_t at = 0; at < *len; at++, to++) {
		char c = s[at];
		if (c == '%') {
			int high = *len - at > 2 ? digit(s[at + 1]) : -1;
			int low = high >= 0 ? digit(s[at + 2]) : -1;
			if (low < 0)
				return SAKSI_MALFORMED;
			c = (char)(unsigned char)(high * 16 + low);
			at += 2;
		} else if (form && c == '+') {
			c = ' ';
		}
		if ((unsigned char)c < 0x20 || (unsigned char)c == 0x7f)
			return SAKSI_MALFORMED;
		s[to] = c;
	}
	if (!saksi_text_utf8((struct saksi_bytes){(const uint8_t *)s, to}))
		return SAKSI_MALFORMED;
	*len = to;
	return SAKSI_OK;
}

bool saksi_path_plain(struct saksi_bytes path)
{
	if (path.len == 0 || path.at[0] != '/')
		return false;
	for (size_t from = 1, at = 1; at <= path.len; at++) {
		if (at < path.len && path.at[at] == '\\')
			return false;
		if (at < path.len && path.at[at] != '/')
			continue;
		struct saksi_bytes part = {path.at + from, at - from};
		if (saksi_bytes_is(part, ".") || saksi_bytes_is(part, ".."))
			return false;
		if (part.len == 0 && at < path.len)
			return false;
		from = at + 1;
	}
	return true;
}

enum saksi_err saksi_path_read(char *target, char **path, char **query)
{
	char *cut = strchr(target, '#');
	if (cut != NULL)
		*cut = '\0';
	char *mark = strchr(target, '?');
	if (mark != NULL)
		*mark = '\0';
	size_t len = strlen(target);
	SAKSI_TRY(saksi_path_unescape(target, &len, false));
	target[len] = '\0';
	if (!saksi_path_plain((struct saksi_bytes){(const uint8_t *)target, len}))
		return SAKSI_MALFORMED;
	*path = target;
	*query = mark != NULL ? mark + 1 : NULL;
	return SAKSI_OK;
}
