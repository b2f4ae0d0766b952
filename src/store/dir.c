#include "store/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Makes `name` in the folder *at unless it is there, and goes into it.  What
 * could not be made durable is taken back, or a second call would find it and
 * think all was well. */
static enum saksi_err step_into(int *at, const char *name, unsigned mode)
{
	int fd, keep;
	bool made = mkdirat(*at, name, 0700) == 0;

	if (!made && errno != EEXIST)
		return SAKSI_IO;
	fd = openat(*at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		goto back;
	if (made &&
	    (fchmod(fd, (mode_t)mode) != 0 || fsync(fd) != 0 || fsync(*at) != 0))
		goto back;
	(void)close(*at);
	*at = fd;
	return SAKSI_OK;
back:
	keep = errno;
	if (fd >= 0)
		(void)close(fd);
	if (made)
		(void)unlinkat(*at, name, AT_REMOVEDIR);
	errno = keep;
	return SAKSI_IO;
}

enum saksi_err saksi_dir_make(int dir, const char *path, unsigned mode)
{
	enum saksi_err err = SAKSI_OK;
	char name[NAME_MAX + 1];
	int at, keep;

	/* Mostly it is there; and not every folder above need be readable to us. */
	at = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at >= 0) {
		(void)close(at);
		return SAKSI_OK;
	}
	at = openat(dir, *path == '/' ? "/" : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at < 0)
		return SAKSI_IO;
	while (err == SAKSI_OK) {
		size_t len;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (len == 0)
			break;
		if (len >= sizeof(name)) {
			errno = ENAMETOOLONG;
			err = SAKSI_IO;
			break;
		}
		memcpy(name, path, len);
		name[len] = '\0';
		path += len;
		err = step_into(&at, name, mode);
	}
	keep = errno;
	(void)close(at);
	errno = keep;
	return err;
}

enum saksi_err saksi_dir_open(const char *path, int *dir)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? SAKSI_MISSING : SAKSI_IO;
	*dir = fd;
	return SAKSI_OK;
}

static enum saksi_err lock_now(int fd)
{
	while (flock(fd, LOCK_EX | LOCK_NB) != 0)
		if (errno != EINTR)
			return errno == EWOULDBLOCK ? SAKSI_BUSY : SAKSI_IO;
	return SAKSI_OK;
}

enum saksi_err saksi_dir_lock(int dir, const char *name, int *fd)
{
	enum saksi_err err;
	int lock, keep;

	lock = openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (lock < 0)
		return SAKSI_IO;
	err = lock_now(lock);
	/* The file may be deleted below its holder, the folder not; but some file
	 * systems lock no folders. */
	if (err == SAKSI_OK && lock_now(dir) == SAKSI_BUSY)
		err = SAKSI_BUSY;
	if (err == SAKSI_OK) {
		*fd = lock;
		return SAKSI_OK;
	}
	keep = errno;
	(void)close(lock);
	errno = keep;
	return err;
}

/* IO when it cannot be told. */
static enum saksi_err is_empty(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), keep;
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	enum saksi_err err = SAKSI_OK;
	struct dirent *e;

	if (d == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return SAKSI_IO;
	}
	errno = 0;
	while (err == SAKSI_OK && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			err = SAKSI_REFUSED;
	if (err == SAKSI_OK && errno != 0)
		err = SAKSI_IO;
	keep = errno;
	(void)closedir(d);
	errno = keep;
	return err;
}

enum saksi_err saksi_dir_fresh(const char *path, unsigned mode, int *dir)
{
	enum saksi_err err = saksi_dir_make(AT_FDCWD, path, mode);
	int fd = -1, keep;

	if (err == SAKSI_OK)
		err = saksi_dir_open(path, &fd);
	if (err == SAKSI_OK)
		err = is_empty(fd);
	if (err == SAKSI_OK) {
		*dir = fd;
		return SAKSI_OK;
	}
	keep = errno;
	if (fd >= 0)
		(void)close(fd);
	errno = keep;
	return err;
}
