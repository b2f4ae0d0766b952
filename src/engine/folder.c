#include "engine/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DEPTH_MAX 200 /* one descriptor each */
#define TRIES 20

enum saksi_err saksi_folder_make(struct saksi_folder *f, const char *tmp)
{
	int n = snprintf(f->path, sizeof(f->path), "%s/saksi-scap-XXXXXX", tmp);

	f->fd = -1;
	if (n < 0 || (size_t)n >= sizeof(f->path)) {
		f->path[0] = '\0';
		return SAKSI_LIMIT;
	}
	if (mkdtemp(f->path) == NULL) {
		f->path[0] = '\0';
		return SAKSI_IO;
	}
	f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return f->fd < 0 ? SAKSI_IO : SAKSI_OK;
}

static bool empty(int fd, int depth);

static bool remove_one(int at, const char *name, int depth)
{
	int fd;
	bool done;

	if (unlinkat(at, name, 0) == 0)
		return true;
	if ((errno != EISDIR && errno != EPERM && errno != EACCES) ||
	    depth == DEPTH_MAX)
		return false;
	/* A folder that not even its owner may enter. */
	if (fchmodat(at, name, 0700, 0) != 0)
		return false;
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = empty(fd, depth + 1);
	(void)close(fd);
	return unlinkat(at, name, AT_REMOVEDIR) == 0 && done;
}

static bool empty(int fd, int depth)
{
	int own = dup(fd);
	DIR *dir = own < 0 ? NULL : fdopendir(own);
	const struct dirent *e;
	bool done = true;

	if (dir == NULL) {
		if (own >= 0)
			(void)close(own);
		return false;
	}
	rewinddir(dir);
	while ((e = readdir(dir)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			done = remove_one(fd, e->d_name, depth) && done;
	(void)closedir(dir);
	return done;
}

/* A killed process can still end a write after its parent was reaped, so it takes
 * a few tries at times. */
enum saksi_err saksi_folder_remove(struct saksi_folder *f)
{
	const struct timespec pause = {0, 10000000};
	bool gone = f->path[0] == '\0';

	for (int i = 0; i < TRIES && !gone; i++) {
		if (f->fd >= 0 && fchmod(f->fd, 0700) == 0)
			(void)empty(f->fd, 0);
		gone = rmdir(f->path) == 0 || errno == ENOENT;
		if (!gone)
			(void)nanosleep(&pause, NULL);
	}
	if (f->fd >= 0)
		(void)close(f->fd);
	f->fd = -1;
	f->path[0] = '\0';
	return gone ? SAKSI_OK : SAKSI_IO;
}
