#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/sign.h"

/* A regular file opened for reading, and what it was when opened. */
static enum saksi_err open_regular(int dir, const char *name, bool nofollow, int *fd,
				   struct stat *st)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int reason;

	*fd = openat(dir, name, nofollow ? flags | O_NOFOLLOW : flags);
	if (*fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? SAKSI_MISSING : SAKSI_IO;
	if (fstat(*fd, st) != 0)
		reason = errno;
	else if (S_ISDIR(st->st_mode))
		reason = EISDIR;
	else if (!S_ISREG(st->st_mode))
		reason = EINVAL;
	else
		return SAKSI_OK;
	(void)close(*fd);
	errno = reason;
	return SAKSI_IO;
}

/* Puts all of fd into out, or leaves out as it was. */
static enum saksi_err read_all(int fd, struct saksi_buf *out)
{
	uint8_t part[16384];
	size_t before = out->len;
	enum saksi_err err = SAKSI_OK;
	int keep;

	if (out->full)
		return SAKSI_LIMIT;
	while (err == SAKSI_OK) {
		ssize_t n = read(fd, part, sizeof(part));

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			break;
		if (n < 0) {
			err = SAKSI_IO;
		} else {
			saksi_buf_put(out, (struct saksi_bytes){part, (size_t)n});
			err = saksi_buf_check(out);
		}
	}
	keep = errno;
	saksi_wipe(part, sizeof(part)); /* it may have been a key */
	if (err != SAKSI_OK) {
		if (out->len > before)
			saksi_wipe(out->at + before, out->len - before);
		out->len = before;
		out->full = false;
	}
	errno = keep;
	return err;
}

enum saksi_err saksi_file_read(int dir, const char *name, bool nofollow,
			       struct saksi_buf *out)
{
	enum saksi_err err;
	struct stat st;
	int fd, keep;

	SAKSI_TRY(open_regular(dir, name, nofollow, &fd, &st));
	err = read_all(fd, out);
	keep = errno;
	(void)close(fd);
	errno = keep;
	return err;
}

static enum saksi_err secret_read(int fd, const char *name, const struct stat *st,
				  struct saksi_buf *out, struct saksi_why *w)
{
	enum saksi_err err;

	if (st->st_uid != geteuid())
		return saksi_why_set(w, SAKSI_REFUSED,
				     "%s: a secret must be owned by the user that "
				     "reads it (uid %lu): type chown %lu %s",
				     name, (unsigned long)geteuid(),
				     (unsigned long)geteuid(), name);
	if ((st->st_mode & 077U) != 0)
		return saksi_why_set(w, SAKSI_REFUSED,
				     "%s: others can use this secret (mode %04o): type "
				     "chmod 600 %s",
				     name, (unsigned)(st->st_mode & 07777U), name);
	err = read_all(fd, out);
	if (err == SAKSI_LIMIT)
		return saksi_why_set(w, err, "%s: too long for a key file", name);
	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "%s: %s", name, strerror(errno));
	return SAKSI_OK;
}

enum saksi_err saksi_file_read_secret(int dir, const char *name, struct saksi_buf *out,
				      struct saksi_why *w)
{
	enum saksi_err err;
	struct stat st;
	int fd, keep;

	err = open_regular(dir, name, true, &fd, &st);
	if (err != SAKSI_OK) {
		keep = errno;
		(void)saksi_why_set(w, err, "%s: %s", name,
				    keep == ELOOP
					? "a secret may not be a symbolic link"
					: strerror(keep));
		errno = keep;
		return err;
	}
	err = secret_read(fd, name, &st, out, w);
	keep = errno;
	(void)close(fd);
	errno = keep;
	return err;
}
