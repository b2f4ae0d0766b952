#include "net/server.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PATH_ROOM = 1024 };

static bool has_dot_part(const char *path)
{
	for (const char *at = path; at != NULL; at = strchr(at, '/')) {
		at += *at == '/';
		if (*at == '.')
			return true;
	}
	return false;
}

/* For kernels and sandboxes without openat2: one folder at a time. */
static int open_step_by_step(int root, char *path, int flags)
{
	int dir = root;
	char *part = path, *slash;

	while (dir >= 0 && (slash = strchr(part, '/')) != NULL) {
		*slash = '\0';
		int next =
		    openat(dir, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (dir != root)
			(void)close(dir);
		dir = next;
		part = slash + 1;
	}
	if (dir < 0)
		return -1;
	int fd = openat(dir, part, flags);
	if (dir != root)
		(void)close(dir);
	return fd;
}

static int open_beneath(int root, char *path)
{
	/* NONBLOCK: a FIFO must not hold a thread; fstat then refuses it. */
	const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	struct open_how how = {.flags = (uint64_t)flags,
			       .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
	long fd = syscall(SYS_openat2, root, path, &how, sizeof how);

	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return open_step_by_step(root, path, flags);
	return (int)fd;
}

static const char *type_of(const char *path)
{
	static const struct {
		const char *end, *type;
	} types[] = {
	    {"/checkpoint", "text/plain; charset=utf-8"},
	    {".html", "text/html; charset=utf-8"},
	    {".css", "text/css; charset=utf-8"},
	    {".js", "text/javascript; charset=utf-8"},
	    {".json", "application/json"},
	    {".svg", "image/svg+xml"},
	    {".png", "image/png"},
	    {".ico", "image/x-icon"},
	    {".wasm", "application/wasm"},
	    {".woff2", "font/woff2"},
	    {".pdf", "application/pdf"},
	    {".txt", "text/plain; charset=utf-8"},
	    {".md", "text/plain; charset=utf-8"},
	};
	size_t len = strlen(path);

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		size_t end = strlen(types[i].end);
		if (len >= end && strcmp(path + len - end, types[i].end) == 0)
			return types[i].type;
	}
	return "application/octet-stream";
}

static const char *cache_of(const char *path)
{
	size_t len = strlen(path), end = strlen("/checkpoint");

	if (len >= end && strcmp(path + len - end, "/checkpoint") == 0)
		return "public, max-age=5";
	return "public, max-age=60";
}

void saksi_serve_text(struct saksi_reply *r, unsigned status, const char *text)
{
	r->status = status;
	r->content_type = "text/plain; charset=utf-8";
	r->body = saksi_buf_growing(4096);
	saksi_buf_puts(&r->body, text);
}

void saksi_serve_file(int root, const struct saksi_call *c, struct saksi_reply *r)
{
	char path[PATH_ROOM];
	size_t len = strlen(c->path);
	bool folder = len > 0 && c->path[len - 1] == '/';
	struct stat st;

	r->open = true;
	if (strcmp(c->method, "GET") != 0 && strcmp(c->method, "HEAD") != 0) {
		saksi_serve_text(r, 405, "only GET and HEAD here\n");
		return;
	}
	saksi_serve_text(r, 404, "not found\n");
	if (len == 0 || len + sizeof "index.html" > sizeof path ||
	    has_dot_part(c->path))
		return;
	memcpy(path, c->path, len + 1);
	if (folder)
		memcpy(path + len, "index.html", sizeof "index.html");
	const char *type = type_of(path), *cache = cache_of(path);
	if (strstr(path, "/tile/") != NULL || strstr(path, "/addenda/") != NULL) {
		type = "application/octet-stream";
		cache = "public, max-age=31536000, immutable";
	}
	int fd = open_beneath(root, path + 1);
	if (fd < 0)
		return;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return;
	}
	saksi_buf_free(&r->body);
	r->status = 200;
	r->content_type = type;
	r->cache_control = cache;
	r->file_fd = fd;
}
