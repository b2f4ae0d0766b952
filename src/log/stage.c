/* The staging file of a publication: "saksi-stage 1\n", then for each file of the
 * public folder be16 length || path || be32 length || bytes.  It is not trusted:
 * state.db holds its SHA-256, and it is read twice, to check and to copy. */
#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/digest.h"
#include "log/inside.h"
#include "store/files.h"

#define FIRST "saksi-stage 1\n"
#define BUILDING "building"
#define FLUSH_AT (1U << 20)
#define BUNDLE_MAX ((size_t)SAKSI_TILE_WIDTH * (2 + SAKSI_ENTRY_MAX))
#define NAME_LEN (20 + 1 + 2 * SAKSI_HASH_LEN + 1)
#define FEW 48 /* files that are made durable one by one */

static void stage_name(const struct saksi_head *h, char out[NAME_LEN])
{
	int n = snprintf(out, NAME_LEN, "%" PRIu64 "-", h->size);

	saksi_text_to_hex(h->root.b, SAKSI_HASH_LEN, out + n);
}

/* ---- writing */

struct building {
	int fd;
	struct saksi_buf out;
	struct saksi_digest *digest;
	uint64_t written;
	uint64_t from; /* entries before it are in the edge already */
	struct saksi_frontier *edge;
	struct saksi_buf bundle;
	uint64_t bundle_first, at;
	struct saksi_bytes records[SAKSI_TILE_WIDTH];
	struct saksi_hash leaves[SAKSI_TILE_WIDTH];
	bool enough;
};

static enum saksi_err flush(struct building *b)
{
	struct saksi_bytes left = saksi_buf_bytes(&b->out);

	SAKSI_TRY(saksi_buf_check(&b->out));
	SAKSI_TRY(saksi_digest_more(b->digest, left));
	b->written += left.len;
	while (left.len > 0) {
		ssize_t n = write(b->fd, left.at, left.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return SAKSI_IO;
		left.at += n;
		left.len -= (size_t)n;
	}
	saksi_buf_clear(&b->out);
	return SAKSI_OK;
}

static enum saksi_err put_file(struct building *b, const struct saksi_tile *t,
			       struct saksi_bytes data)
{
	char path[SAKSI_TILE_PATH_LEN];

	saksi_tile_path(t, path);
	saksi_buf_put_be16(&b->out, (uint16_t)strlen(path));
	saksi_buf_puts(&b->out, path);
	saksi_buf_put_be32(&b->out, (uint32_t)data.len);
	saksi_buf_put(&b->out, data);
	return b->out.len < FLUSH_AT ? saksi_buf_check(&b->out) : flush(b);
}

static enum saksi_err put_hashes(void *ctx, const struct saksi_tile *t,
				 const struct saksi_hash *hashes)
{
	struct saksi_bytes data = {hashes[0].b, (size_t)t->width * SAKSI_HASH_LEN};

	return put_file(ctx, t, data);
}

/* The bundle so far is whole or the last: put it, hash what is new in it. */
static enum saksi_err end_bundle(struct building *b)
{
	struct saksi_tile_sink sink = {b, put_hashes};
	struct saksi_cursor c = saksi_cursor_on(saksi_buf_bytes(&b->bundle));
	size_t width = (size_t)(b->at - b->bundle_first), skip = 0;
	struct saksi_tile t = {SAKSI_TILE_ENTRIES, b->bundle_first / SAKSI_TILE_WIDTH,
			       (uint16_t)width};

	SAKSI_TRY(saksi_buf_check(&b->bundle));
	for (size_t i = 0; i < width; i++)
		b->records[i] = saksi_cursor_take(&c, saksi_cursor_be16(&c));
	if (b->from > b->bundle_first)
		skip = (size_t)(b->from - b->bundle_first);
	saksi_hash_leaves(b->records + skip, width - skip, b->leaves);
	SAKSI_TRY(put_file(b, &t, saksi_buf_bytes(&b->bundle)));
	SAKSI_TRY(saksi_frontier_add(b->edge, b->leaves, width - skip, &sink));
	b->bundle_first = b->at;
	saksi_buf_clear(&b->bundle);
	return SAKSI_OK;
}

static enum saksi_err take_entry(void *ctx, uint64_t index, struct saksi_bytes entry)
{
	struct building *b = ctx;

	saksi_buf_put_be16(&b->bundle, (uint16_t)entry.len);
	saksi_buf_put(&b->bundle, entry);
	b->at = index + 1;
	if (b->at % SAKSI_TILE_WIDTH != 0)
		return SAKSI_OK;
	SAKSI_TRY(end_bundle(b));
	/* Any place to stop will do; the rest is the next publication's. */
	b->enough = b->written + b->out.len > SAKSI_LOG_STAGE_BYTES;
	return b->enough ? SAKSI_LIMIT : SAKSI_OK;
}

static enum saksi_err build(struct building *b, struct saksi_state *from, uint64_t to)
{
	struct saksi_tile_sink sink = {b, put_hashes};
	uint64_t since = b->from;
	enum saksi_err err;

	saksi_buf_puts(&b->out, FIRST);
	err = saksi_state_walk(from, b->bundle_first, to, take_entry, b);
	if (err != SAKSI_OK && !b->enough)
		return err;
	if (b->at > b->bundle_first)
		SAKSI_TRY(end_bundle(b));
	SAKSI_TRY(saksi_frontier_partials(b->edge, since, &sink));
	return flush(b);
}

static enum saksi_err finish(struct building *b, int staging, struct saksi_head *h)
{
	char name[NAME_LEN];

	h->size = b->edge->size;
	h->root = saksi_frontier_root(b->edge);
	SAKSI_TRY(saksi_digest_end(b->digest, &h->staged));
	stage_name(h, name);
	if (fsync(b->fd) != 0 || renameat(staging, BUILDING, staging, name) != 0 ||
	    fsync(staging) != 0)
		return SAKSI_IO;
	return SAKSI_OK;
}

enum saksi_err saksi_stage_write(int staging, struct saksi_state *from,
				 struct saksi_frontier *edge, uint64_t to,
				 struct saksi_head *h)
{
	struct building *b = calloc(1, sizeof(*b));
	enum saksi_err err = SAKSI_IO;
	int keep;

	if (b == NULL)
		return SAKSI_NOMEM;
	b->edge = edge;
	b->from = edge->size;
	b->bundle_first = edge->size - edge->size % SAKSI_TILE_WIDTH;
	b->at = b->bundle_first;
	b->out = saksi_buf_growing(FLUSH_AT + BUNDLE_MAX + SAKSI_TILE_PATH_LEN + 6);
	b->bundle = saksi_buf_growing(BUNDLE_MAX);
	b->digest = saksi_digest_begin();
	b->fd = openat(staging, BUILDING,
		       O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (b->fd >= 0)
		err = b->digest != NULL ? build(b, from, to) : SAKSI_NOMEM;
	if (err == SAKSI_OK)
		err = finish(b, staging, h);
	keep = errno;
	if (b->fd >= 0)
		(void)close(b->fd);
	if (err != SAKSI_OK)
		(void)unlinkat(staging, BUILDING, 0);
	saksi_buf_free(&b->out);
	saksi_buf_free(&b->bundle);
	saksi_digest_free(b->digest);
	free(b);
	errno = keep;
	return err;
}

/* ---- placing */

/* Reads exactly n bytes; MISSING at a clean end of the file, MALFORMED later. */
static enum saksi_err read_exactly(int fd, void *at, size_t n)
{
	uint8_t *to = at;
	size_t got = 0;

	while (got < n) {
		ssize_t part = read(fd, to + got, n - got);

		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return SAKSI_IO;
		if (part == 0)
			return got == 0 ? SAKSI_MISSING : SAKSI_MALFORMED;
		got += (size_t)part;
	}
	return SAKSI_OK;
}

static enum saksi_err digest_file(int fd, struct saksi_digest *d)
{
	uint8_t part[65536];

	for (;;) {
		ssize_t n = read(fd, part, sizeof(part));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return SAKSI_IO;
		if (n == 0)
			return SAKSI_OK;
		SAKSI_TRY(saksi_digest_more(d, (struct saksi_bytes){part, (size_t)n}));
	}
}

static enum saksi_err check_digest(int fd, const struct saksi_hash *want)
{
	struct saksi_digest *d = saksi_digest_begin();
	enum saksi_err err = d != NULL ? digest_file(fd, d) : SAKSI_NOMEM;
	struct saksi_hash got;
	int keep = errno;

	if (err == SAKSI_OK)
		err = saksi_digest_end(d, &got);
	if (err == SAKSI_OK && !saksi_hash_same(&got, want))
		err = SAKSI_REFUSED;
	saksi_digest_free(d);
	errno = keep;
	return err;
}

static uint32_t be(const uint8_t *b, size_t n)
{
	uint32_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | b[i];
	return v;
}

/* The next record; MISSING when there is none. */
static enum saksi_err next_record(int fd, char path[SAKSI_TILE_PATH_LEN], uint8_t *data,
				  size_t *len)
{
	struct saksi_tile t;
	uint8_t n[4];
	size_t path_len;

	SAKSI_TRY(read_exactly(fd, n, 2));
	path_len = be(n, 2);
	if (path_len == 0 || path_len >= SAKSI_TILE_PATH_LEN)
		return SAKSI_MALFORMED;
	if (read_exactly(fd, path, path_len) != SAKSI_OK)
		return SAKSI_MALFORMED;
	path[path_len] = '\0';
	if (saksi_tile_read_path(saksi_bytes_of(path), &t) != SAKSI_OK ||
	    read_exactly(fd, n, 4) != SAKSI_OK)
		return SAKSI_MALFORMED;
	*len = be(n, 4);
	if (*len > BUNDLE_MAX || (*len > 0 && read_exactly(fd, data, *len) != SAKSI_OK))
		return SAKSI_MALFORMED;
	return SAKSI_OK;
}

/* What was placed and is not durable yet: a few files and their folders one by
 * one, each folder once; many together by one wait for the whole disk. */
struct placed {
	int pub, count;
	bool many;
	char at[FEW][SAKSI_TILE_PATH_LEN];
};

static enum saksi_err sync_path(int pub, const char *path, int flags)
{
	int fd = openat(pub, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | flags);
	enum saksi_err err;
	int keep;

	if (fd < 0)
		return SAKSI_IO;
	err = fsync(fd) == 0 ? SAKSI_OK : SAKSI_IO;
	keep = errno;
	(void)close(fd);
	errno = keep;
	return err;
}

static bool folder_before(const struct placed *p, int i)
{
	size_t len = (size_t)(strrchr(p->at[i], '/') - p->at[i]) + 1;

	for (int k = 0; k < i; k++)
		if (strncmp(p->at[k], p->at[i], len) == 0 &&
		    strchr(p->at[k] + len, '/') == NULL)
			return true;
	return false;
}

static enum saksi_err sync_placed(struct placed *p)
{
	if (p->many)
		return saksi_dir_sync(p->pub);
	for (int i = 0; i < p->count; i++)
		SAKSI_TRY(sync_path(p->pub, p->at[i], 0));
	for (int i = 0; i < p->count; i++) {
		char folder[SAKSI_TILE_PATH_LEN];

		if (folder_before(p, i))
			continue;
		memcpy(folder, p->at[i], strlen(p->at[i]) + 1);
		*strrchr(folder, '/') = '\0';
		SAKSI_TRY(sync_path(p->pub, folder, O_DIRECTORY));
	}
	return SAKSI_OK;
}

static enum saksi_err place_one(struct placed *p, const char *path,
				struct saksi_bytes data)
{
	enum saksi_err err = saksi_file_place(p->pub, path, data, 0644);

	if (err == SAKSI_IO && errno == ENOENT) {
		char folder[SAKSI_TILE_PATH_LEN];

		memcpy(folder, path, strlen(path) + 1);
		*strrchr(folder, '/') = '\0';
		SAKSI_TRY(saksi_dir_make(p->pub, folder, 0755));
		err = saksi_file_place(p->pub, path, data, 0644);
	}
	if (err == SAKSI_OK && p->count < FEW)
		memcpy(p->at[p->count++], path, strlen(path) + 1);
	else if (err == SAKSI_OK)
		p->many = true;
	return err;
}

static enum saksi_err place_all(int fd, int pub, uint8_t *data)
{
	char path[SAKSI_TILE_PATH_LEN], first[sizeof(FIRST) - 1];
	struct placed p = {.pub = pub};
	enum saksi_err err;
	size_t len;

	if (read_exactly(fd, first, sizeof(first)) != SAKSI_OK ||
	    memcmp(first, FIRST, sizeof(first)) != 0)
		return SAKSI_MALFORMED;
	while ((err = next_record(fd, path, data, &len)) == SAKSI_OK)
		SAKSI_TRY(place_one(&p, path, (struct saksi_bytes){data, len}));
	return err == SAKSI_MISSING ? sync_placed(&p) : err;
}

enum saksi_err saksi_stage_place(int staging, int pub, const struct saksi_head *h)
{
	char name[NAME_LEN];
	uint8_t *data;
	enum saksi_err err;
	int fd, keep;

	stage_name(h, name);
	fd = openat(staging, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? SAKSI_MISSING : SAKSI_IO;
	data = malloc(BUNDLE_MAX);
	err = data == NULL ? SAKSI_NOMEM : check_digest(fd, &h->staged);
	if (err == SAKSI_OK && lseek(fd, 0, SEEK_SET) != 0)
		err = SAKSI_IO;
	if (err == SAKSI_OK)
		err = place_all(fd, pub, data);
	keep = errno;
	free(data);
	(void)close(fd);
	errno = keep;
	return err;
}

void saksi_stage_clear(int staging)
{
	int fd = openat(staging, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (d == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			(void)unlinkat(staging, e->d_name, 0);
	(void)closedir(d);
}
