#include "engine/system.h"

#include "store/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define OS_RELEASE_MAX 65536

static struct saksi_bytes unquoted(struct saksi_bytes v)
{
	if (v.len >= 2 && (v.at[0] == '"' || v.at[0] == '\'') &&
	    v.at[v.len - 1] == v.at[0])
		return (struct saksi_bytes){v.at + 1, v.len - 2};
	return v;
}

static enum saksi_err take(struct saksi_bytes v, char out[32])
{
	v = unquoted(v);
	if (v.len == 0 || v.len > 31)
		return SAKSI_MALFORMED;
	for (size_t i = 0; i < v.len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789._-", v.at[i]) ==
			NULL ||
		    v.at[i] == '\0')
			return SAKSI_MALFORMED;
	memcpy(out, v.at, v.len);
	out[v.len] = '\0';
	return SAKSI_OK;
}

static enum saksi_err read_lines(struct saksi_bytes text, struct saksi_scap_system *out)
{
	struct saksi_cursor c = saksi_cursor_on(text);
	struct saksi_scap_system s = {.id = ""};

	while (c.left.len > 0) {
		struct saksi_bytes line = saksi_cursor_line(&c);

		if (!c.ok) { /* the last one may lack its newline */
			line = c.left;
			c.left.len = 0;
		}
		if (saksi_bytes_starts(line, "ID="))
			SAKSI_TRY(take((struct saksi_bytes){line.at + 3, line.len - 3},
				       s.id));
		else if (saksi_bytes_starts(line, "VERSION_ID="))
			SAKSI_TRY(
			    take((struct saksi_bytes){line.at + 11, line.len - 11},
				 s.version));
	}
	if (s.id[0] == '\0' || s.version[0] == '\0')
		return SAKSI_MALFORMED;
	*out = s;
	return SAKSI_OK;
}

enum saksi_err saksi_scap_system_read(const char *path, struct saksi_scap_system *out)
{
	struct saksi_buf b = saksi_buf_growing(OS_RELEASE_MAX);
	enum saksi_err err = saksi_file_read(AT_FDCWD, path, false, &b);

	if (err == SAKSI_OK)
		err = read_lines(saksi_buf_bytes(&b), out);
	saksi_buf_free(&b);
	return err;
}

bool saksi_scap_system_content(const struct saksi_scap_system *s, const char *dir,
			       int i, char *out, size_t room)
{
	char version[32];
	size_t n = 0;
	int len;

	for (const char *p = s->version; *p != '\0' && i < 2; p++) {
		if (*p == '.' && i == 1)
			break;
		if (*p != '.')
			version[n++] = *p;
	}
	version[n] = '\0';
	if (i > 2)
		return false;
	len = snprintf(out, room, "%s/ssg-%s%s-ds.xml", dir, s->id, version);
	return len > 0 && (size_t)len < room;
}
