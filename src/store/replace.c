/* Writing whole files.
 *
 * 1. What stands under the caller's name was renamed or linked there whole.
 * 2. The bytes are on disk before the name points to them (not for _place).
 * 3. A failed call leaves no other file behind. */
#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum how { REPLACE, PLACE, CREATE };

/* The folder of a name, opened, and the two names within it. */
struct place {
	int folder;
	const char *base;
	char next[NAME_MAX + 1];
};

static enum saksi_err refuse(int reason)
{
	errno = reason;
	return SAKSI_IO;
}

static enum saksi_err folder_open(int dir, const char *name, struct place *p)
{
	char path[PATH_MAX];
	const char *slash = strrchr(name, '/');
	size_t len = slash ? (size_t)(slash - name) : 0;

	p->base = slash ? slash + 1 : name;
	if (*p->base == '\0')
		return refuse(EINVAL);
	if (len >= sizeof(path))
		return refuse(ENAMETOOLONG);
	memcpy(path, name, len);
	path[len] = '\0';
	if (len == 0)
		memcpy(path, slash ? "/" : ".", 2);
	p->folder = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return p->folder < 0 ? SAKSI_IO : SAKSI_OK;
}

/* Creators of one name may race, so each has a file of its own; the one writer
 * that replaces a name finds and reuses what its predecessor left in a crash. */
static enum saksi_err next_name(struct place *p, enum how how)
{
	static atomic_uint calls;
	int n;

	if (how == CREATE)
		n = snprintf(p->next, sizeof(p->next), ".%s.%ld-%u.next", p->base,
			     (long)getpid(), atomic_fetch_add(&calls, 1U));
	else
		n = snprintf(p->next, sizeof(p->next), ".%s.next", p->base);
	if (n < 0 || (size_t)n >= sizeof(p->next))
		return refuse(ENAMETOOLONG);
	return SAKSI_OK;
}

static enum saksi_err write_all(int fd, struct saksi_bytes data)
{
	while (data.len > 0) {
		ssize_t n = write(fd, data.at, data.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return SAKSI_IO;
		data.at += n;
		data.len -= (size_t)n;
	}
	return SAKSI_OK;
}

static enum saksi_err next_write(const struct place *p, struct saksi_bytes data,
				 unsigned mode, enum how how)
{
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
	enum saksi_err err;
	int fd, keep;

	/* 0600 until the bytes are there: a key is never open to others. */
	fd = openat(p->folder, p->next, how == CREATE ? flags | O_EXCL : flags, 0600);
	if (fd < 0)
		return SAKSI_IO;
	err = write_all(fd, data);
	if (err == SAKSI_OK && fchmod(fd, (mode_t)mode) != 0)
		err = SAKSI_IO;
	if (err == SAKSI_OK && how != PLACE && fsync(fd) != 0)
		err = SAKSI_IO;
	keep = errno;
	if (close(fd) != 0 && err == SAKSI_OK)
		return SAKSI_IO;
	errno = keep;
	return err;
}

static enum saksi_err next_move(const struct place *p, enum how how)
{
	if (how != CREATE)
		return renameat(p->folder, p->next, p->folder, p->base) == 0 ? SAKSI_OK
									     : SAKSI_IO;
	if (linkat(p->folder, p->next, p->folder, p->base, 0) != 0)
		return SAKSI_IO;
	(void)unlinkat(p->folder, p->next, 0);
	return SAKSI_OK;
}

static enum saksi_err file_write(int dir, const char *name, struct saksi_bytes data,
				 unsigned mode, enum how how)
{
	struct place p;
	enum saksi_err err;
	int keep;

	SAKSI_TRY(folder_open(dir, name, &p));
	err = next_name(&p, how);
	if (err == SAKSI_OK) {
		err = next_write(&p, data, mode, how);
		if (err == SAKSI_OK)
			err = next_move(&p, how);
		keep = errno;
		if (err != SAKSI_OK)
			(void)unlinkat(p.folder, p.next, 0);
		errno = keep;
	}
	if (err == SAKSI_OK && how != PLACE && fsync(p.folder) != 0)
		err = SAKSI_IO;
	keep = errno;
	(void)close(p.folder);
	errno = keep;
	return err;
}

enum saksi_err saksi_file_replace(int dir, const char *name, struct saksi_bytes data,
				  unsigned mode)
{
	return file_write(dir, name, data, mode, REPLACE);
}

enum saksi_err saksi_file_place(int dir, const char *name, struct saksi_bytes data,
				unsigned mode)
{
	return file_write(dir, name, data, mode, PLACE);
}

enum saksi_err saksi_file_create(int dir, const char *name, struct saksi_bytes data,
				 unsigned mode)
{
	return file_write(dir, name, data, mode, CREATE);
}

enum saksi_err saksi_dir_sync(int dir)
{
	enum saksi_err err = SAKSI_IO;
	int fd, keep;

	fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return SAKSI_IO;
	if (syncfs(fd) == 0)
		err = SAKSI_OK;
	keep = errno;
	(void)close(fd);
	errno = keep;
	return err;
}
