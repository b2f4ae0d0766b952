/* Reading below a root without ever leaving it, waiting, or writing.
 *
 * Who owns the tree may be lying: names are links out, files are FIFOs, sizes
 * are sparse terabytes, folders loop.  So: every path is resolved inside the
 * root (openat2 RESOLVE_IN_ROOT, or component by component with O_NOFOLLOW
 * where the kernel has none); what something is is learnt through O_PATH before
 * it is opened; only regular files are opened, without blocking and without
 * touching their access time where we may; each read has a cap. */
#ifndef SAKSI_COLLECT_COLLECT_SOURCE_H
#define SAKSI_COLLECT_COLLECT_SOURCE_H

#include "base/arena.h"

#include <sys/stat.h>

#define SAKSI_SOURCE_FILE_MAX (1u << 20)   /* a configuration file */
#define SAKSI_SOURCE_LINE_MAX (64u * 1024) /* a line of a streamed file */
#define SAKSI_SOURCE_NAMES_MAX 10000u      /* names of one folder */

enum saksi_read {
	SAKSI_READ_OK,
	SAKSI_READ_ABSENT,
	SAKSI_READ_DENIED,
	SAKSI_READ_ODD,   /* there, and not what was asked for: never opened */
	SAKSI_READ_LARGE, /* over the cap */
	SAKSI_READ_IO,
};
const char *saksi_read_name(enum saksi_read r); /* "permission denied", ... */

struct saksi_source {
	int root;     /* O_PATH of the root; -1: reads nothing */
	bool running; /* the root is this machine, running */
	bool by_hand; /* no openat2: resolve component by component */
	void (*reads)(void *ctx, const char *path); /* told of each path, or NULL */
	void *ctx;
};

/* root NULL: this machine.  MISSING, IO. */
SAKSI_MUST enum saksi_err saksi_source_open(struct saksi_source *s, const char *root);
void saksi_source_close(struct saksi_source *s);

/* *fd is an O_PATH descriptor; the last link is followed when `follow`. */
enum saksi_read saksi_source_find(const struct saksi_source *s, const char *path,
				  bool follow, int *fd);
enum saksi_read saksi_source_stat(const struct saksi_source *s, const char *path,
				  bool follow, struct stat *st);
/* Opens for reading what `fd` (O_PATH, consumed) is, if it is a regular file
 * (or, `directory`, a directory). */
enum saksi_read saksi_source_reopen(int fd, bool directory, int *out);
enum saksi_read saksi_source_file(const struct saksi_source *s, const char *path,
				  int *fd);
/* The whole file, in the arena.  LARGE over cap or the arena. */
enum saksi_read saksi_source_read(const struct saksi_source *s, const char *path,
				  size_t cap, struct saksi_arena *a,
				  struct saksi_bytes *out);
/* Each line without its newline, of a file too large to hold.  A line over
 * SAKSI_SOURCE_LINE_MAX is given cut at that, and the rest skipped. */
typedef void saksi_source_line(void *ctx, struct saksi_bytes line);
enum saksi_read saksi_source_lines(const struct saksi_source *s, const char *path,
				   uint64_t cap, saksi_source_line *line, void *ctx);
/* The names in a directory, sorted, without . and ..; LARGE when there are too
 * many (the first ones found are given). */
struct saksi_names {
	const char **at;
	size_t count;
};
enum saksi_read saksi_source_names(const struct saksi_source *s, const char *path,
				   struct saksi_arena *a, struct saksi_names *out);
/* The text of a symbolic link. */
enum saksi_read saksi_source_link(const struct saksi_source *s, const char *path,
				  char *out, size_t cap);

#endif
