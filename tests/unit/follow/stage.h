/* A log that lies in a folder of its own, to be looked at. */
#ifndef STAGE_H
#define STAGE_H

#include "../verify/memlog.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "follow/look.h"
#include "follow/seen.h"
#include "store/files.h"

static inline void put_file(const char *dir, const char *path, struct saksi_bytes data)
{
	char full[256], *slash;

	(void)snprintf(full, sizeof(full), "%s/%s", dir, path);
	slash = strrchr(full, '/');
	*slash = '\0';
	CHECK(saksi_dir_make(AT_FDCWD, full, 0755) == SAKSI_OK);
	*slash = '/';
	CHECK(saksi_file_replace(AT_FDCWD, full, data, 0644) == SAKSI_OK);
}

/* Writes all that a log of m->size entries serves (under 256) into a folder. */
static inline void put_log(struct memlog *m, const char *dir, struct saksi_bytes note)
{
	struct saksi_tile t = {0, 0, (uint16_t)m->size};
	char path[SAKSI_TILE_PATH_LEN];
	struct saksi_buf b = saksi_buf_growing(1U << 20);

	saksi_tile_path(&t, path);
	CHECK(mem_get(m, path, &b) == SAKSI_OK);
	put_file(dir, path, saksi_buf_bytes(&b));
	saksi_buf_clear(&b);
	t.level = SAKSI_TILE_ENTRIES;
	saksi_tile_path(&t, path);
	CHECK(mem_get(m, path, &b) == SAKSI_OK);
	put_file(dir, path, saksi_buf_bytes(&b));
	put_file(dir, "checkpoint", note);
	saksi_buf_free(&b);
}

struct stage {
	struct memlog m;
	char dir[64];
	struct saksi_verifier v;
};

static inline void stage_begin(struct stage *s, size_t entries)
{
	(void)snprintf(s->dir, sizeof(s->dir), "/tmp/saksi-look-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	mem_begin(&s->m);
	mem_fill(&s->m, entries, 1);
	s->v = mem_verifier(&s->m, NULL);
}

static inline void stage_end(struct stage *s)
{
	char cmd[128];

	mem_end(&s->m);
	(void)snprintf(cmd, sizeof(cmd), "rm -r %s", s->dir);
	CHECK(system(cmd) == 0);
}

#endif
