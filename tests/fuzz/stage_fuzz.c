/* rooms: base crypto merkle note statement ledger verify store net log */
/* A staging file of any bytes whose digest is told truly: only tiles and bundles
 * are placed, below public/ and nowhere else; with a false digest nothing is. */
#include "log/inside.h"

#include "base/text.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char top[256];
static int dirs[3]; /* top, top/staging, top/public */
static unsigned outside, placed;

static int forget(const char *path, const struct stat *st, int flag, struct FTW *w)
{
	(void)st;
	(void)flag;
	return w->level == 0 ? 0 : remove(path);
}

static int wipe_all(void)
{
	return nftw(top, forget, 16, FTW_DEPTH | FTW_PHYS);
}

static void end(void)
{
	(void)wipe_all();
	(void)rmdir(top);
}

static void begin(void)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(top, sizeof(top), "%s/fuzz-stage-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(top) || atexit(end) != 0 || (dirs[0] = open(top, O_PATH)) < 0)
		abort();
}

static int look(const char *path, const struct stat *st, int flag, struct FTW *w)
{
	const char *name = path + strlen(top);
	struct saksi_tile t;

	(void)st;
	(void)w;
	if (flag != FTW_F)
		return 0;
	if (strncmp(name, "/public/", 8) != 0)
		outside++;
	else if (saksi_tile_read_path(saksi_bytes_of(name + 8), &t) == SAKSI_OK)
		placed++;
	else
		abort();
	return 0;
}

static void make(void)
{
	static const char *const names[] = {"staging", "public"};

	for (int i = 0; i < 2; i++) {
		if (mkdirat(dirs[0], names[i], 0755) != 0 ||
		    (dirs[i + 1] = openat(dirs[0], names[i], O_RDONLY | O_DIRECTORY)) <
			0)
			abort();
	}
}

static void put(const struct saksi_head *h, const uint8_t *data, size_t size)
{
	char name[128] = "7-";

	saksi_text_to_hex(h->root.b, SAKSI_HASH_LEN, name + 2);
	const int fd = openat(dirs[1], name, O_WRONLY | O_CREAT, 0600);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct saksi_head h = {.size = 7};

	if (size == 0 || size > 65536)
		return 0;
	if (top[0] == '\0')
		begin();
	make();
	h.staged = saksi_hash_of((struct saksi_bytes){data, size});
	put(&h, data, size);
	const enum saksi_err err = saksi_stage_place(dirs[1], dirs[2], &h);
	if (err != SAKSI_OK && err != SAKSI_MALFORMED && err != SAKSI_IO)
		abort();
	outside = placed = 0;
	if (nftw(top, look, 16, FTW_PHYS) != 0 || outside != 1)
		abort();
	h.staged.b[0] ^= 1;
	if (size % 8 == 0 && saksi_stage_place(dirs[1], dirs[2], &h) != SAKSI_REFUSED)
		abort();
	(void)close(dirs[1]);
	(void)close(dirs[2]);
	if (wipe_all() != 0)
		abort();
	return 0;
}
