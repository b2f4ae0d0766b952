#include "collect/collect_source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINKS_MAX 40
#define DEPTH_MAX 128
#define PATH_CAP 8192

static const char *const NAMES[] = {
    "read",
    "not there",
    "permission denied",
    "not a regular file",
    "larger than read",
    "input/output error",
};

const char *saksi_read_name(enum saksi_read r)
{
	return NAMES[r];
}

static enum saksi_read told(int err)
{
	switch (err) {
	case ENOENT:
	case ENOTDIR:
		return SAKSI_READ_ABSENT;
	case EACCES:
	case EPERM:
		return SAKSI_READ_DENIED;
	case ELOOP:
	case ENXIO:
	case ENODEV:
	case EISDIR:
		return SAKSI_READ_ODD;
	default:
		return SAKSI_READ_IO;
	}
}

enum saksi_err saksi_source_open(struct saksi_source *s, const char *root)
{
	const int fd = open(root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	*s = (struct saksi_source){.root = fd, .running = root == NULL};
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? SAKSI_MISSING : SAKSI_IO;
	return SAKSI_OK;
}

void saksi_source_close(struct saksi_source *s)
{
	if (s->root >= 0)
		close(s->root);
	s->root = -1;
}

/* ---- one component after the other, where the kernel cannot confine us */

struct steps {
	int stack[DEPTH_MAX]; /* descriptors from the root down; [0] is borrowed */
	size_t depth;
	unsigned links;
	char left[PATH_CAP]; /* what is still to be walked */
};

static void pop(struct steps *w)
{
	if (w->depth > 1)
		close(w->stack[--w->depth]);
}

/* Cuts the next component off w->left; false at the end. */
static bool component(struct steps *w, char name[256])
{
	const char *at = w->left + strspn(w->left, "/");
	const size_t n = strcspn(at, "/");

	if (n == 0 || n > 255)
		return false;
	memcpy(name, at, n);
	name[n] = '\0';
	memmove(w->left, at + n, strlen(at + n) + 1);
	return true;
}

static int through_link(struct steps *w, int fd)
{
	char to[PATH_CAP], whole[2 * PATH_CAP];
	const ssize_t n = readlinkat(fd, "", to, sizeof(to) - 1);

	if (n < 0)
		return -1;
	to[n] = '\0';
	const int len = snprintf(whole, sizeof(whole), "%s/%s", to, w->left);
	if (++w->links > LINKS_MAX || len >= PATH_CAP) {
		errno = ELOOP;
		return -1;
	}
	memcpy(w->left, whole, (size_t)len + 1);
	if (to[0] == '/')
		while (w->depth > 1)
			pop(w);
	return 0;
}

static int step(struct steps *w, const char *name, bool follow)
{
	struct stat st;

	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		pop(w);
		return 0;
	}
	const int fd =
	    openat(w->stack[w->depth - 1], name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	const bool last = w->left[strspn(w->left, "/")] == '\0';
	if (fstat(fd, &st) == 0 && S_ISLNK(st.st_mode) && (!last || follow)) {
		const int rc = through_link(w, fd);
		const int keep = errno;
		close(fd);
		errno = keep;
		return rc;
	}
	if (w->depth == DEPTH_MAX) {
		close(fd);
		errno = ELOOP;
		return -1;
	}
	w->stack[w->depth++] = fd;
	return 0;
}

static int find_by_hand(int root, const char *path, bool follow)
{
	struct steps w = {.stack = {root}, .depth = 1};
	char name[256];
	int rc = 0, fd = -1;

	if (strlen(path) >= sizeof(w.left)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(w.left, path, strlen(path) + 1);
	while (rc == 0 && component(&w, name))
		rc = step(&w, name, follow);
	const int keep = errno;
	if (rc == 0)
		fd = fcntl(w.stack[w.depth - 1], F_DUPFD_CLOEXEC, 3);
	while (w.depth > 1)
		pop(&w);
	if (rc != 0)
		errno = keep;
	return fd;
}

static int find_confined(int root, const char *path, bool follow)
{
	const struct open_how how = {
	    .flags = (uint64_t)(O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW)),
	    .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd = -1;

	/* EAGAIN: something was renamed while ".." was being walked. */
	for (int tries = 0; tries < 8; tries++) {
		fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd;
}

enum saksi_read saksi_source_find(const struct saksi_source *s, const char *path,
				  bool follow, int *fd)
{
	int got = -1;

	if (s->root < 0)
		return SAKSI_READ_ABSENT;
	if (s->reads)
		s->reads(s->ctx, path);
	if (!s->by_hand)
		got = find_confined(s->root, path, follow);
	if (s->by_hand || (got < 0 && (errno == ENOSYS || errno == EPERM)))
		got = find_by_hand(s->root, path, follow);
	if (got < 0)
		return told(errno);
	*fd = got;
	return SAKSI_READ_OK;
}

enum saksi_read saksi_source_stat(const struct saksi_source *s, const char *path,
				  bool follow, struct stat *st)
{
	int fd;
	const enum saksi_read r = saksi_source_find(s, path, follow, &fd);

	if (r != SAKSI_READ_OK)
		return r;
	const int rc = fstat(fd, st);
	close(fd);
	return rc == 0 ? SAKSI_READ_OK : SAKSI_READ_IO;
}

enum saksi_read saksi_source_reopen(int fd, bool directory, int *out)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
			  (directory ? O_DIRECTORY : 0);
	char self[32];
	struct stat st;
	enum saksi_read r = SAKSI_READ_OK;

	if (fstat(fd, &st) != 0)
		r = SAKSI_READ_IO;
	else if (directory ? !S_ISDIR(st.st_mode) : !S_ISREG(st.st_mode))
		r = SAKSI_READ_ODD;
	if (r == SAKSI_READ_OK) {
		/* Not by name again: the name may by now be something else. */
		snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
		*out = open(self, flags | O_NOATIME);
		if (*out < 0 && errno == EPERM)
			*out = open(self, flags);
		if (*out < 0)
			r = told(errno);
	}
	close(fd);
	return r;
}

enum saksi_read saksi_source_file(const struct saksi_source *s, const char *path,
				  int *fd)
{
	int at;
	const enum saksi_read r = saksi_source_find(s, path, true, &at);

	return r == SAKSI_READ_OK ? saksi_source_reopen(at, false, fd) : r;
}

/* Up to cap bytes; *more when the file has others. */
static enum saksi_read fill(int fd, uint8_t *to, size_t cap, size_t *len, bool *more)
{
	uint8_t over;
	size_t n = 0;

	for (;;) {
		const bool room = n < cap;
		const ssize_t got = read(fd, room ? to + n : &over, room ? cap - n : 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return told(errno);
		*len = n;
		*more = !room && got > 0;
		if (got == 0 || !room)
			return SAKSI_READ_OK;
		n += (size_t)got;
	}
}

enum saksi_read saksi_source_read(const struct saksi_source *s, const char *path,
				  size_t cap, struct saksi_arena *a,
				  struct saksi_bytes *out)
{
	const size_t mark = a->used;
	struct stat st;
	bool more = true;
	int fd;
	enum saksi_read r = saksi_source_file(s, path, &fd);

	if (r != SAKSI_READ_OK)
		return r;
	if (fstat(fd, &st) != 0)
		st.st_size = 0;
	/* A file of /proc has no size before it is read. */
	size_t room = st.st_size > 0 ? (size_t)st.st_size : 16384;
	r = room > cap && st.st_size > 0 ? SAKSI_READ_LARGE : SAKSI_READ_OK;
	while (r == SAKSI_READ_OK && more) {
		size_t len = 0;
		saksi_arena_rewind(a, mark);
		uint8_t *to = saksi_arena_new(a, room < cap ? room : cap, 1);
		if (!to || lseek(fd, 0, SEEK_SET) != 0)
			r = to ? SAKSI_READ_IO : SAKSI_READ_LARGE;
		else
			r = fill(fd, to, room < cap ? room : cap, &len, &more);
		if (r == SAKSI_READ_OK && more && room >= cap)
			r = SAKSI_READ_LARGE;
		if (r == SAKSI_READ_OK && !more)
			*out = (struct saksi_bytes){to, len};
		room *= 2;
	}
	close(fd);
	if (r != SAKSI_READ_OK)
		saksi_arena_rewind(a, mark);
	return r;
}

/* ---- line by line */

struct splitter {
	saksi_source_line *line;
	void *ctx;
	uint8_t *buf;
	size_t len;
	bool skip; /* until the next newline: the line was too long */
};

static void split(struct splitter *p)
{
	size_t from = 0;
	const uint8_t *nl;

	while ((nl = memchr(p->buf + from, '\n', p->len - from)) != NULL) {
		const size_t end = (size_t)(nl - p->buf);
		if (!p->skip)
			p->line(p->ctx,
				(struct saksi_bytes){p->buf + from, end - from});
		p->skip = false;
		from = end + 1;
	}
	p->len -= from;
	memmove(p->buf, p->buf + from, p->len);
	if (p->len == SAKSI_SOURCE_LINE_MAX) {
		if (!p->skip)
			p->line(p->ctx, (struct saksi_bytes){p->buf, p->len});
		p->skip = true;
		p->len = 0;
	}
}

enum saksi_read saksi_source_lines(const struct saksi_source *s, const char *path,
				   uint64_t cap, saksi_source_line *line, void *ctx)
{
	struct splitter p = {.line = line, .ctx = ctx};
	uint64_t total = 0;
	int fd;
	enum saksi_read r = saksi_source_file(s, path, &fd);

	if (r != SAKSI_READ_OK)
		return r;
	p.buf = malloc(SAKSI_SOURCE_LINE_MAX);
	if (!p.buf)
		r = SAKSI_READ_IO;
	while (r == SAKSI_READ_OK) {
		const ssize_t n =
		    read(fd, p.buf + p.len, SAKSI_SOURCE_LINE_MAX - p.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = told(errno);
		if (n <= 0)
			break;
		total += (uint64_t)n;
		if (total > cap) {
			r = SAKSI_READ_LARGE;
			break;
		}
		p.len += (size_t)n;
		split(&p);
	}
	if (r == SAKSI_READ_OK && p.len > 0 && !p.skip)
		line(ctx, (struct saksi_bytes){p.buf, p.len});
	free(p.buf);
	close(fd);
	return r;
}

/* ---- directories and links */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The list is gathered aside, so that a folder takes no more room in the arena
 * than its names need. */
static enum saksi_read gather_names(DIR *dir, struct saksi_arena *a, const char **at,
				    size_t *count)
{
	const struct dirent *d;

	while ((d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		const struct saksi_bytes copy =
		    saksi_arena_copy(a, (struct saksi_bytes){(const uint8_t *)d->d_name,
							     strlen(d->d_name) + 1});
		if (!copy.at || *count == SAKSI_SOURCE_NAMES_MAX)
			return SAKSI_READ_LARGE;
		at[(*count)++] = (const char *)copy.at;
	}
	return SAKSI_READ_OK;
}

static enum saksi_read keep_names(DIR *dir, struct saksi_arena *a,
				  struct saksi_names *out)
{
	const char **at = malloc(SAKSI_SOURCE_NAMES_MAX * sizeof(*at));
	size_t count = 0;

	if (!at)
		return SAKSI_READ_IO;
	enum saksi_read r = gather_names(dir, a, at, &count);
	out->at = saksi_arena_new(a, count + 1, sizeof(*at));
	if (!out->at) {
		r = SAKSI_READ_LARGE;
	} else if (count > 0) {
		qsort(at, count, sizeof(*at), by_name);
		memcpy(out->at, at, count * sizeof(*at));
		out->count = count;
	}
	free(at);
	return r;
}

enum saksi_read saksi_source_names(const struct saksi_source *s, const char *path,
				   struct saksi_arena *a, struct saksi_names *out)
{
	int at, fd;

	*out = (struct saksi_names){0};
	enum saksi_read r = saksi_source_find(s, path, true, &at);
	if (r == SAKSI_READ_OK)
		r = saksi_source_reopen(at, true, &fd);
	if (r != SAKSI_READ_OK)
		return r;
	DIR *dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return SAKSI_READ_IO;
	}
	r = keep_names(dir, a, out);
	closedir(dir);
	return r;
}

enum saksi_read saksi_source_link(const struct saksi_source *s, const char *path,
				  char *out, size_t cap)
{
	int fd;
	const enum saksi_read r = saksi_source_find(s, path, false, &fd);

	if (r != SAKSI_READ_OK)
		return r;
	const ssize_t n = readlinkat(fd, "", out, cap - 1);
	close(fd);
	if (n < 0)
		return SAKSI_READ_ODD;
	out[n] = '\0';
	return SAKSI_READ_OK;
}
