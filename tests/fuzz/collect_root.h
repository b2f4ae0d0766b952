/* A root of files for readers that open them: the first byte says whether the root
 * is a running machine (odd), then the content of each file of a table, parted by
 * the byte 0x1c.  A file without a part is not there.
 *
 *   static const char *const FILES[] = {"/etc/fstab", ..., NULL};
 *   root_run(data, size, FILES, saksi_read_mount);
 *
 * A name that ends in '/' is a program that is installed: an empty file of that
 * name without the '/', always there.  "A>B" is a link A to B, always there. */
#ifndef FUZZ_COLLECT_ROOT_H
#define FUZZ_COLLECT_ROOT_H

#include "audit_text.h"

#include "collect/read_package.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOT_PART 0x1c
#define ROOT_FILES 64

static char root_path[256];
static int root_fd = -1;
static bool root_has[ROOT_FILES];

static inline void root_end(void)
{
	char command[300];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", root_path);
	if (system(command) != 0)
		_exit(1);
}

static inline void root_folders(const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s", name + 1);
	for (char *at = path; *at != '\0'; at++) {
		if (*at != '/' || at[1] == '\0')
			continue;
		*at = '\0';
		(void)mkdirat(root_fd, path, 0755);
		*at = '/';
	}
}

static inline void root_write(const char *name, struct saksi_bytes content)
{
	const int fd = openat(root_fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, content.at, content.len) != (ssize_t)content.len)
		abort();
	(void)close(fd);
}

static inline void root_begin(const char *const *files)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(root_path, sizeof(root_path), "%s/fuzz-root-XXXXXX",
		       tmp                             ? tmp
		       : access("/dev/shm", W_OK) == 0 ? "/dev/shm"
						       : "/tmp");
	if (!mkdtemp(root_path) || (root_fd = open(root_path, O_PATH)) < 0 ||
	    atexit(root_end) != 0)
		abort();
	for (size_t i = 0; files[i] != NULL; i++) {
		char name[256];
		char *mark = name;

		if (i == ROOT_FILES)
			abort();
		(void)snprintf(name, sizeof(name), "%s", files[i]);
		root_folders(name);
		mark = strchr(name, '>');
		if (mark != NULL) {
			*mark = '\0';
			if (symlinkat(mark + 1, root_fd, name + 1) != 0)
				abort();
		} else if (name[strlen(name) - 1] == '/') {
			name[strlen(name) - 1] = '\0';
			root_write(name + 1, (struct saksi_bytes){NULL, 0});
		}
	}
}

/* The next part of what is left; false when there is none. */
static inline bool root_part(struct saksi_bytes *left, bool *more,
			     struct saksi_bytes *part)
{
	const uint8_t *end;

	if (!*more)
		return false;
	end = left->len > 0 ? memchr(left->at, ROOT_PART, left->len) : NULL;
	*part =
	    (struct saksi_bytes){left->at, end ? (size_t)(end - left->at) : left->len};
	*more = end != NULL;
	if (end)
		*left = (struct saksi_bytes){end + 1,
					     left->len - (size_t)(end + 1 - left->at)};
	return true;
}

static inline void root_fill(const char *const *files, struct saksi_bytes left)
{
	struct saksi_bytes part;
	bool more = left.len > 0;

	for (size_t i = 0; files[i] != NULL; i++) {
		const char *name = files[i] + 1;

		if (strchr(name, '>') || name[strlen(name) - 1] == '/')
			continue;
		if (root_part(&left, &more, &part)) {
			root_write(name, part);
			root_has[i] = true;
		} else if (root_has[i]) {
			(void)unlinkat(root_fd, name, 0);
			root_has[i] = false;
		}
	}
}

static inline int root_run(const uint8_t *data, size_t size, const char *const *files,
			   void (*read)(struct saksi_gather *g))
{
	struct saksi_gather *g = &fuzz_gather;

	if (size < 1 || size > 65536)
		return 0;
	if (root_fd < 0)
		root_begin(files);
	root_fill(files, (struct saksi_bytes){data + 1, size - 1});
	fuzz_ready();
	g->src.root = root_fd;
	g->src.running = (data[0] & 1) != 0;
	g->web_roots.count = 0;
	g->web_roots.at = saksi_arena_new(&g->keep, 256, sizeof(*g->web_roots.at));
	read(g);
	if (g->packages)
		free(g->packages->at);
	free(g->users.at);
	free(g->groups.at);
	g->packages = NULL;
	g->users = g->groups = (struct saksi_ids){NULL, 0, 0, false};
	fuzz_check();
	return 0;
}

#endif
