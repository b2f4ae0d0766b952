#include "follow/seen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "store/files.h"

enum saksi_err saksi_seen_path(char *out, size_t len, struct saksi_why *w)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n;

	if (state != NULL && state[0] == '/')
		n = snprintf(out, len, "%s/saksi/seen", state);
	else if (home != NULL && home[0] == '/')
		n = snprintf(out, len, "%s/.local/state/saksi/seen", home);
	else
		return saksi_why_set(w, SAKSI_IO,
				     "no home folder to remember in; give --state DIR");
	if (n < 0 || (size_t)n >= len)
		return saksi_why_set(w, SAKSI_LIMIT,
				     "the home folder's name is too long");
	return SAKSI_OK;
}

enum saksi_err saksi_seen_open(const char *path, int *dir, struct saksi_why *w)
{
	char own[512];
	enum saksi_err err;

	if (path == NULL) {
		SAKSI_TRY(saksi_seen_path(own, sizeof(own), w));
		path = own;
	}
	err = saksi_dir_make(AT_FDCWD, path, 0700);
	if (err == SAKSI_OK)
		err = saksi_dir_open(path, dir);
	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "%s: %s; give --state DIR", path,
				     strerror(errno));
	return SAKSI_OK;
}

/* Named by hash: an origin may hold any character. */
static void name_of(struct saksi_bytes origin, const char *end, char out[80])
{
	struct saksi_hash h = saksi_hash_of(origin);

	saksi_text_to_hex(h.b, SAKSI_HASH_LEN, out);
	memcpy(out + 64, end, strlen(end) + 1);
}

enum saksi_err saksi_seen_load(int dir, struct saksi_bytes origin,
			       struct saksi_buf *note)
{
	char name[80];

	name_of(origin, ".seen", name);
	return saksi_file_read(dir, name, true, note);
}

enum saksi_err saksi_seen_closing_load(int dir, struct saksi_bytes origin,
				       struct saksi_buf *note)
{
	char name[80];

	name_of(origin, ".closing", name);
	return saksi_file_read(dir, name, true, note);
}

enum saksi_err saksi_seen_closing_store(int dir, struct saksi_bytes origin,
					struct saksi_bytes note)
{
	char name[80];

	name_of(origin, ".closing", name);
	return saksi_file_replace(dir, name, note, 0600);
}

enum saksi_err saksi_seen_store(int dir, struct saksi_bytes origin,
				struct saksi_bytes note)
{
	char name[80];

	name_of(origin, ".seen", name);
	return saksi_file_replace(dir, name, note, 0600);
}
