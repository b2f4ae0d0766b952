/* One walk over a tree of files, for everything that must look at each of them.
 *
 * Never follows a link, never opens anything but directories, keeps at most
 * SAKSI_WALK_FDS of them open, and uses bounded memory however deep and wide the
 * tree is.  What it could not enter is counted. */
#ifndef SAKSI_COLLECT_WALK_H
#define SAKSI_COLLECT_WALK_H

#include "collect/collect_source.h"

#define SAKSI_WALK_FDS 64
#define SAKSI_WALK_DEPTH 16384
#define SAKSI_WALK_PATH 65536

struct saksi_walk_entry {
	const char *path; /* from the root, beginning with '/' */
	int dir;          /* the folder it is in, and its name there */
	const char *name;
	unsigned mode;
	uint32_t uid, gid;
	uint64_t size;
	uint32_t parent_uid, parent_gid;
	bool reachable; /* others may search every folder above it */
};

struct saksi_walk {
	const struct saksi_source *src;
	/* Told of every entry but symbolic links. */
	void (*seen)(void *ctx, const struct saksi_walk_entry *e);
	/* May we go into this directory, on which something is mounted? */
	bool (*enter)(void *ctx, const struct saksi_walk_entry *e);
	void *ctx;
	uint64_t files, directories;
	uint64_t denied, too_deep, too_wide, vanished;
};

/* Walks what is below `path` (a directory below the source's root), adding to
 * the counts.  MISSING, NOMEM.  Cost: a statx for each entry that is no link; an
 * open, two getdents64 and a close for each directory. */
SAKSI_MUST enum saksi_err saksi_walk_below(struct saksi_walk *w, const char *path);

#endif
