#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
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

enum saksi_err saksi_file_read_exact(int dir, const char *name, uint8_t *at, size_t len)
{
	enum saksi_err err = SAKSI_OK;
	size_t got = 0;
	struct stat st;
	int fd, keep;

	SAKSI_TRY(open_regular(dir, name, true, &fd, &st));
	while (err == SAKSI_OK && got <= len) {
		/* One byte more than there should be: fewer are the end. */
		ssize_t n = read(fd, at + got, len + 1 - got);

		if (n < 0 && errno != EINTR)
			err = SAKSI_IO;
		if (n > 0)
			got += (size_t)n;
		if (n == 0 || (got == len && (uint64_t)st.st_size == len))
			break;
	}
	keep = errno;
	(void)close(fd);
	errno = keep;
	if (err == SAKSI_OK && got != len)
		return SAKSI_MALFORMED;
	return err;
}

/* As whom this process opens files: a server that root started opens those of another
 * until it becomes him (saksi_guard_begin).  Asked with what is no id, it only tells.
 */
static uid_t files_as(void)
{
	return (uid_t)setfsuid((uid_t)-1);
}

static bool is_ours(const struct stat *st)
{
	return st->st_uid == geteuid() || (geteuid() == 0 && st->st_uid == files_as());
}

/* A secret of root's in a folder of another is read as root, while that can be. */
static enum saksi_err open_secret(int dir, const char *name, int *fd, struct stat *st)
{
	enum saksi_err err = open_regular(dir, name, true, fd, st);
	uid_t as;
	int keep;

	if (err != SAKSI_IO || errno != EACCES || geteuid() != 0)
		return err;
	as = files_as();
	(void)setfsuid(0);
	err = open_regular(dir, name, true, fd, st);
	keep = errno;
	(void)setfsuid(as);
	errno = keep;
	return err;
}

static enum saksi_err secret_mode(const char *name, const struct stat *st,
				  struct saksi_why *w)
{
	if (!is_ours(st))
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
	return SAKSI_OK;
}

/* systemd owns them as root, mode 0400, and lets the service's user read by an access
 * list, which makes that look like 0440 for root's group. */
static enum saksi_err credential_mode(const char *name, const struct stat *st,
				      struct saksi_why *w)
{
	unsigned mode = st->st_mode & 07777U;

	if (st->st_uid != 0 && !is_ours(st))
		return saksi_why_set(w, SAKSI_REFUSED,
				     "%s: a credential must be owned by root or by the "
				     "user that reads it: type chown %lu %s",
				     name, (unsigned long)geteuid(), name);
	if ((mode & 077U) != 0 && !(mode == 0440 && st->st_uid == 0 && st->st_gid == 0))
		return saksi_why_set(w, SAKSI_REFUSED,
				     "%s: others can use this credential (mode %04o): "
				     "type chmod 400 %s",
				     name, mode, name);
	return SAKSI_OK;
}

static enum saksi_err read_secret(int dir, const char *name,
				  enum saksi_err (*fits)(const char *,
							 const struct stat *,
							 struct saksi_why *),
				  struct saksi_buf *out, struct saksi_why *w)
{
	enum saksi_err err;
	struct stat st;
	int fd, keep;

	err = open_secret(dir, name, &fd, &st);
	if (err != SAKSI_OK) {
		keep = errno;
		(void)saksi_why_set(w, err, "%s: %s", name,
				    keep == ELOOP
					? "a secret may not be a symbolic link"
					: strerror(keep));
		errno = keep;
		return err;
	}
	err = fits(name, &st, w);
	if (err == SAKSI_OK) {
		err = read_all(fd, out);
		if (err == SAKSI_LIMIT)
			(void)saksi_why_set(w, err, "%s: too long for a key file",
					    name);
		else if (err != SAKSI_OK)
			(void)saksi_why_set(w, err, "%s: %s", name, strerror(errno));
	}
	keep = errno;
	(void)close(fd);
	errno = keep;
	return err;
}

enum saksi_err saksi_file_read_secret(int dir, const char *name, struct saksi_buf *out,
				      struct saksi_why *w)
{
	return read_secret(dir, name, secret_mode, out, w);
}

/* Whoever can change the folder can put other credentials there. */
static enum saksi_err check_folder(const char *path, struct saksi_why *w)
{
	struct stat st;

	if (path[0] != '/')
		return saksi_why_set(w, SAKSI_REFUSED,
				     "CREDENTIALS_DIRECTORY (%s) is no absolute path",
				     path);
	if (stat(path, &st) != 0)
		return saksi_why_set(w, errno == ENOENT ? SAKSI_MISSING : SAKSI_IO,
				     "%s: %s", path, strerror(errno));
	if ((st.st_uid != 0 && !is_ours(&st)) || (st.st_mode & 022U) != 0)
		return saksi_why_set(w, SAKSI_REFUSED,
				     "%s: others can change these credentials (mode "
				     "%04o): type chmod 500 %s",
				     path, (unsigned)(st.st_mode & 07777U), path);
	return SAKSI_OK;
}

enum saksi_err saksi_file_read_credential(int dir, const char *name,
					  struct saksi_buf *out, struct saksi_why *w)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char path[PATH_MAX];
	enum saksi_err err = SAKSI_MISSING;
	int n;

	if (folder != NULL) {
		n = snprintf(path, sizeof(path), "%s/saksi.%s", folder, name);
		if (n < 0 || (size_t)n >= sizeof(path))
			return saksi_why_set(w, SAKSI_LIMIT,
					     "CREDENTIALS_DIRECTORY: too long");
		err = check_folder(folder, w);
		if (err == SAKSI_OK)
			err = read_secret(AT_FDCWD, path, credential_mode, out, w);
	}
	return err == SAKSI_MISSING ? saksi_file_read_secret(dir, name, out, w) : err;
}
