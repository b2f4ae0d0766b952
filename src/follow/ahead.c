/* Invariants, under `lock`:
 *
 * 1. The tiles are cut into parts of PART.  Parts [0, handed) were handed on,
 *    [handed, claimed) are a thread's or done, and claimed <= handed + RING.
 * 2. A thread writes slot part % RING only between its claim and done = true; the
 *    caller reads it only between done = true and the next `handed`. */
#include "follow/ahead.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "store/files.h"
#include "verify/source.h"

#define PART 64 /* tiles that a thread takes at once */
#define RING 16 /* parts; 1,024 tiles */
#define TILE_LEN (SAKSI_TILE_WIDTH * SAKSI_HASH_LEN)
#define BYTES_MAX (4U << 20) /* of a bundle; a longer one is left to who asks */

struct slot {
	bool done;
	bool made[PART];
	struct saksi_hash roots[PART];
};

struct saksi_ahead {
	int dir;
	uint8_t level;
	uint64_t tiles, parts;
	pthread_mutex_t lock;
	pthread_cond_t made, room;
	uint64_t claimed, handed;
	bool stop;
	unsigned running;
	pthread_t threads[SAKSI_AHEAD_THREADS];
	struct slot ring[RING];
};

static enum saksi_err read_one(const struct saksi_ahead *a, const char *path,
			       struct saksi_buf *b, struct saksi_bytes *bytes)
{
	if (a->level == SAKSI_TILE_ENTRIES) {
		saksi_buf_clear(b);
		SAKSI_TRY(saksi_file_read(a->dir, path, true, b));
		*bytes = saksi_buf_bytes(b);
		return SAKSI_OK;
	}
	*bytes = (struct saksi_bytes){b->at, TILE_LEN};
	return saksi_file_read_exact(a->dir, path, b->at, TILE_LEN);
}

static bool make_one(const struct saksi_ahead *a, uint64_t index, struct saksi_buf *b,
		     struct saksi_hash *root)
{
	struct saksi_tile t = {a->level, index, SAKSI_TILE_WIDTH};
	char path[SAKSI_TILE_PATH_LEN];
	struct saksi_bytes bytes;

	saksi_tile_path(&t, path);
	return read_one(a, path, b, &bytes) == SAKSI_OK &&
	       saksi_source_root(a->level, bytes, root) == SAKSI_OK;
}

static void make_part(const struct saksi_ahead *a, uint64_t part, struct saksi_buf *b,
		      struct slot *s)
{
	for (unsigned i = 0; i < PART && part * PART + i < a->tiles; i++)
		s->made[i] = make_one(a, part * PART + i, b, &s->roots[i]);
}

/* The next part to do, when there is room for it; a->parts: no more. */
static uint64_t claim(struct saksi_ahead *a)
{
	uint64_t part = a->parts;

	(void)pthread_mutex_lock(&a->lock);
	while (!a->stop && a->claimed < a->parts && a->claimed >= a->handed + RING)
		(void)pthread_cond_wait(&a->room, &a->lock);
	if (!a->stop && a->claimed < a->parts) {
		part = a->claimed++;
		a->ring[part % RING].done = false;
	}
	(void)pthread_mutex_unlock(&a->lock);
	return part;
}

static void *work(void *ctx)
{
	struct saksi_ahead *a = ctx;
	uint8_t room[TILE_LEN + 1];
	struct saksi_buf b = a->level == SAKSI_TILE_ENTRIES
				 ? saksi_buf_growing(BYTES_MAX)
				 : saksi_buf_fixed(room, sizeof(room));
	uint64_t part;

	while ((part = claim(a)) < a->parts) {
		struct slot *s = &a->ring[part % RING];

		make_part(a, part, &b, s);
		(void)pthread_mutex_lock(&a->lock);
		s->done = true;
		if (part == a->handed)
			(void)pthread_cond_signal(&a->made);
		(void)pthread_mutex_unlock(&a->lock);
	}
	saksi_buf_free(&b);
	return NULL;
}

struct saksi_ahead *saksi_ahead_begin(int dir, uint8_t level, uint64_t tiles,
				      unsigned threads)
{
	struct saksi_ahead *a;

	if (threads == 0 || tiles == 0)
		return NULL;
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return NULL;
	a->dir = dir;
	a->level = level;
	a->tiles = tiles;
	a->parts = tiles / PART + (tiles % PART != 0);
	(void)pthread_mutex_init(&a->lock, NULL);
	(void)pthread_cond_init(&a->made, NULL);
	(void)pthread_cond_init(&a->room, NULL);
	while (a->running < threads && a->running < SAKSI_AHEAD_THREADS &&
	       pthread_create(&a->threads[a->running], NULL, work, a) == 0)
		a->running++;
	if (a->running > 0)
		return a;
	saksi_ahead_end(a);
	return NULL;
}

bool saksi_ahead_root(void *ctx, const struct saksi_tile *t, struct saksi_hash *root)
{
	struct saksi_ahead *a = ctx;
	uint64_t part = t->index / PART;
	unsigned at = (unsigned)(t->index % PART);
	const struct slot *s;
	bool made;

	if (a == NULL || t->level != a->level || t->index >= a->tiles)
		return false;
	s = &a->ring[part % RING];
	(void)pthread_mutex_lock(&a->lock);
	if (part > a->handed) {
		a->handed = part;
		(void)pthread_cond_broadcast(&a->room);
	}
	while (part == a->handed && (part >= a->claimed || !s->done))
		(void)pthread_cond_wait(&a->made, &a->lock);
	made = part == a->handed && s->made[at];
	if (made)
		*root = s->roots[at];
	(void)pthread_mutex_unlock(&a->lock);
	return made;
}

void saksi_ahead_end(struct saksi_ahead *a)
{
	if (a == NULL)
		return;
	(void)pthread_mutex_lock(&a->lock);
	a->stop = true;
	(void)pthread_cond_broadcast(&a->room);
	(void)pthread_mutex_unlock(&a->lock);
	for (unsigned i = 0; i < a->running; i++)
		(void)pthread_join(a->threads[i], NULL);
	(void)pthread_cond_destroy(&a->made);
	(void)pthread_cond_destroy(&a->room);
	(void)pthread_mutex_destroy(&a->lock);
	free(a);
}

unsigned saksi_ahead_cores(void)
{
	cpu_set_t set;
	int count = 1;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		count = CPU_COUNT(&set);
	return count < SAKSI_AHEAD_THREADS ? (unsigned)count : SAKSI_AHEAD_THREADS;
}
