/* Invariants:
 *  1. frames[0..depth) is the chain of directories from the start to the one
 *     being worked on; each holds the names of subdirectories still to be done.
 *  2. Only the last SAKSI_WALK_FDS frames keep their descriptor; a frame without
 *     one is reached again through ".." of the one below it, and only if it is
 *     still the same directory.
 *  3. `names` is a stack: a frame's names lie above those of frames before it. */
#include "collect/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES_LEN 65536
#define NAMES_CAP (24u << 20)

#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x2000
#endif

struct entry64 {
	uint64_t ino;
	int64_t off;
	unsigned short len;
	unsigned char type;
	char name[];
};

/* A subdirectory still to be entered. */
struct todo {
	struct todo *next;
	uint64_t dev, ino;
	uint32_t uid, gid;
	bool reachable;
	char name[];
};

struct frame {
	int fd;
	uint64_t dev, ino;
	uint32_t uid, gid;
	bool reachable;
	struct todo *todo;
	size_t mark; /* of names, before this frame's */
	size_t path_len;
};

struct run {
	struct saksi_walk *w;
	struct saksi_arena names, frames_room;
	struct frame *frames;
	size_t depth;
	char *path;
	uint8_t *entries;
};

static uint64_t device(const struct statx *st)
{
	return (uint64_t)st->stx_dev_major << 32 | st->stx_dev_minor;
}

static int open_dir(int at, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	const int fd = openat(at, name, flags | O_NOATIME);

	return fd < 0 && errno == EPERM ? openat(at, name, flags) : fd;
}

static bool look(const char *name, int dir, struct statx *st)
{
	return statx(dir, name,
		     AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		     STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID | STATX_SIZE |
			 STATX_INO,
		     st) == 0;
}

/* Names the entry in r->path; false when that would be too long. */
static bool extend(struct run *r, const struct frame *f, const char *name)
{
	const size_t n = strlen(name);
	const bool slash = f->path_len > 1;

	if (f->path_len + n + 2 > SAKSI_WALK_PATH)
		return false;
	r->path[f->path_len - !slash] = '/';
	memcpy(r->path + f->path_len + slash, name, n + 1);
	return true;
}

static void remember(struct run *r, struct frame *f, const char *name,
		     const struct statx *st, bool reachable)
{
	const size_t n = strlen(name) + 1;
	struct todo *t = saksi_arena_new(&r->names, 1, sizeof(*t) + n);

	if (!t) {
		r->w->too_wide++;
		return;
	}
	*t = (struct todo){f->todo,     device(st),  st->stx_ino,
			   st->stx_uid, st->stx_gid, reachable};
	memcpy(t->name, name, n);
	f->todo = t;
}

static void one(struct run *r, struct frame *f, const struct entry64 *d)
{
	struct saksi_walk *w = r->w;
	struct statx st;

	if (d->type == 10) { /* DT_LNK */
		w->files++;
		return;
	}
	if (!look(d->name, f->fd, &st)) {
		w->vanished++;
		return;
	}
	const bool dir = (st.stx_mode & S_IFMT) == S_IFDIR;
	*(dir ? &w->directories : &w->files) += 1;
	if ((st.stx_mode & S_IFMT) == S_IFLNK)
		return;
	if (!extend(r, f, d->name)) {
		w->too_deep++;
		return;
	}
	const struct saksi_walk_entry e = {
	    .path = r->path,
	    .dir = f->fd,
	    .name = d->name,
	    .mode = st.stx_mode,
	    .uid = st.stx_uid,
	    .gid = st.stx_gid,
	    .size = st.stx_size,
	    .parent_uid = f->uid,
	    .parent_gid = f->gid,
	    .reachable = f->reachable,
	};
	w->seen(w->ctx, &e);
	if (!dir)
		return;
	if ((device(&st) != f->dev || (st.stx_attributes & STATX_ATTR_MOUNT_ROOT)) &&
	    !w->enter(w->ctx, &e))
		return;
	remember(r, f, d->name, &st, f->reachable && (st.stx_mode & S_IXOTH));
}

static void read_entries(struct run *r, struct frame *f)
{
	for (;;) {
		const long n = syscall(SYS_getdents64, f->fd, r->entries, ENTRIES_LEN);
		if (n <= 0) {
			r->w->denied += n < 0;
			return;
		}
		for (long at = 0; at < n;) {
			/* The kernel aligns each entry to eight bytes. */
			const struct entry64 *d =
			    (const void *)(r->entries + (size_t)at);
			at += d->len;
			if (strcmp(d->name, ".") != 0 && strcmp(d->name, "..") != 0)
				one(r, f, d);
		}
	}
}

static void push(struct run *r, int fd, const struct todo *t, size_t path_len)
{
	struct frame *f = &r->frames[r->depth];

	*f = (struct frame){.fd = fd,
			    .dev = t->dev,
			    .ino = t->ino,
			    .uid = t->uid,
			    .gid = t->gid,
			    .reachable = t->reachable,
			    .mark = r->names.used,
			    .path_len = path_len};
	if (r->depth >= SAKSI_WALK_FDS) {
		struct frame *old = &r->frames[r->depth - SAKSI_WALK_FDS];
		if (old->fd >= 0)
			close(old->fd);
		old->fd = -1;
	}
	r->depth++;
	read_entries(r, f);
}

/* Gets the descriptor of frame f back from `child`, one below it. */
static void climb(struct run *r, struct frame *f, int child)
{
	struct statx st;

	if (f->fd >= 0)
		return;
	if (child >= 0)
		f->fd = open_dir(child, "..");
	if (f->fd >= 0 && (statx(f->fd, "", AT_EMPTY_PATH, STATX_INO, &st) != 0 ||
			   device(&st) != f->dev || st.stx_ino != f->ino)) {
		close(f->fd);
		f->fd = -1;
	}
	if (f->fd < 0) {
		for (const struct todo *t = f->todo; t; t = t->next)
			r->w->vanished++;
		f->todo = NULL;
	}
}

static void pop(struct run *r)
{
	const struct frame *f = &r->frames[--r->depth];
	const int fd = f->fd;

	saksi_arena_rewind(&r->names, f->mark);
	if (r->depth > 0)
		climb(r, &r->frames[r->depth - 1], fd);
	if (fd >= 0)
		close(fd);
}

static void descend(struct run *r, struct frame *f)
{
	const struct todo *t = f->todo;

	f->todo = t->next;
	if (r->depth == SAKSI_WALK_DEPTH || !extend(r, f, t->name)) {
		r->w->too_deep++;
		return;
	}
	const int fd = open_dir(f->fd, t->name);
	if (fd < 0)
		*(errno == EACCES || errno == EPERM ? &r->w->denied
						    : &r->w->vanished) += 1;
	else
		push(r, fd, t, strlen(r->path));
}

static enum saksi_err start(struct run *r, const char *path)
{
	struct todo t = {.reachable = true};
	struct statx st;
	int at, fd;

	enum saksi_read got = saksi_source_find(r->w->src, path, false, &at);
	if (got == SAKSI_READ_OK)
		got = saksi_source_reopen(at, true, &fd);
	if (got != SAKSI_READ_OK) {
		r->w->denied += got == SAKSI_READ_DENIED;
		return got == SAKSI_READ_DENIED ? SAKSI_OK : SAKSI_MISSING;
	}
	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &st) != 0) {
		close(fd);
		return SAKSI_MISSING;
	}
	t.dev = device(&st);
	t.ino = st.stx_ino;
	t.uid = st.stx_uid;
	t.gid = st.stx_gid;
	memcpy(r->path, path, strlen(path) + 1);
	push(r, fd, &t, strlen(path));
	return SAKSI_OK;
}

enum saksi_err saksi_walk_below(struct saksi_walk *w, const char *path)
{
	struct run r = {.w = w};
	enum saksi_err err = SAKSI_NOMEM;

	r.entries = malloc(ENTRIES_LEN);
	r.path = malloc(SAKSI_WALK_PATH);
	if (!r.entries || !r.path || strlen(path) >= SAKSI_WALK_PATH)
		goto done;
	err = saksi_arena_map(&r.names, NAMES_CAP);
	if (err == SAKSI_OK)
		err = saksi_arena_map(&r.frames_room,
				      (SAKSI_WALK_DEPTH + 1) * sizeof(*r.frames));
	if (err != SAKSI_OK)
		goto done;
	/* Not saksi_arena_new: that would touch every page of it. */
	r.frames = (struct frame *)(void *)r.frames_room.base;
	err = start(&r, path);
	while (r.depth > 0) {
		struct frame *f = &r.frames[r.depth - 1];
		if (f->todo && f->fd >= 0)
			descend(&r, f);
		else
			pop(&r);
	}
done:
	saksi_arena_end(&r.names);
	saksi_arena_end(&r.frames_room);
	free(r.path);
	free(r.entries);
	return err;
}
