#include "follow/open.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/client.h"
#include "store/files.h"

#define KEPT 64
#define KEPT_LEN (SAKSI_TILE_WIDTH * SAKSI_HASH_LEN)

/* Invariants: a slot with path "" is free; slots hold only hash tiles, which
 * never change under their name; `next` is the slot to be taken over next. */
struct saksi_place {
	struct saksi_source source;
	int dir;                     /* -1: a URL */
	struct saksi_client *client; /* NULL: a directory */
	char *url;                   /* without final slashes */
	char why[256];
	struct {
		char path[SAKSI_TILE_PATH_LEN];
		size_t len;
		uint8_t bytes[KEPT_LEN];
	} kept[KEPT];
	unsigned next;
};

static enum saksi_err from_dir(struct saksi_place *p, const char *path,
			       struct saksi_buf *out)
{
	enum saksi_err err = saksi_file_read(p->dir, path, true, out);

	if (err != SAKSI_OK)
		(void)snprintf(p->why, sizeof(p->why), "%s: %s", path,
			       err == SAKSI_LIMIT ? "too large" : strerror(errno));
	return err;
}

static enum saksi_err from_url(struct saksi_place *p, const char *path,
			       struct saksi_buf *out)
{
	struct saksi_buf url = saksi_buf_growing(4096);
	struct saksi_request r = {.method = "GET", .timeout_ms = 20000};
	struct saksi_answer a = {0};
	enum saksi_err err;

	saksi_buf_printf(&url, "%s/%s", p->url, path);
	saksi_buf_put_u8(&url, 0);
	if (saksi_buf_check(&url) != SAKSI_OK) {
		saksi_buf_free(&url);
		return SAKSI_LIMIT;
	}
	r.url = (const char *)url.at;
	r.max = (out->grow == NULL ? out->cap : out->max) - out->len;
	err = saksi_client_do(p->client, &r, &a);
	/* "Not there" comes with a page of any length, also one above r.max. */
	if ((err == SAKSI_OK || err == SAKSI_LIMIT) &&
	    (a.status == 404 || a.status == 410))
		err = SAKSI_MISSING;
	else if (err == SAKSI_OK && a.status != 200)
		err = SAKSI_IO;
	if (err == SAKSI_OK) {
		saksi_buf_put(out, saksi_buf_bytes(&a.body));
		err = saksi_buf_check(out);
	} else if (a.status != 0) {
		(void)snprintf(p->why, sizeof(p->why), "%s answered %ld", r.url,
			       a.status);
	} else {
		(void)snprintf(p->why, sizeof(p->why), "%s: %s", r.url, a.why);
	}
	saksi_buf_free(&a.body);
	saksi_buf_free(&url);
	return err;
}

static bool is_tile(const char *path)
{
	return strncmp(path, "tile/", 5) == 0 &&
	       strncmp(path, "tile/entries/", 13) != 0 &&
	       strlen(path) < SAKSI_TILE_PATH_LEN;
}

static bool kept(struct saksi_place *p, const char *path, struct saksi_buf *out)
{
	for (unsigned i = 0; i < KEPT; i++)
		if (strcmp(p->kept[i].path, path) == 0) {
			saksi_buf_put(out, (struct saksi_bytes){p->kept[i].bytes,
								p->kept[i].len});
			return true;
		}
	return false;
}

static void keep(struct saksi_place *p, const char *path, struct saksi_bytes b)
{
	if (b.len > KEPT_LEN)
		return;
	(void)snprintf(p->kept[p->next].path, SAKSI_TILE_PATH_LEN, "%s", path);
	memcpy(p->kept[p->next].bytes, b.at, b.len);
	p->kept[p->next].len = b.len;
	p->next = (p->next + 1) % KEPT;
}

static enum saksi_err get(void *ctx, const char *path, struct saksi_buf *out)
{
	struct saksi_place *p = ctx;
	size_t before = out->len;
	enum saksi_err err;

	p->why[0] = '\0';
	if (is_tile(path) && kept(p, path, out))
		return saksi_buf_check(out);
	err = p->client != NULL ? from_url(p, path, out) : from_dir(p, path, out);
	if (err == SAKSI_OK && is_tile(path))
		keep(p, path,
		     (struct saksi_bytes){out->at + before, out->len - before});
	return err;
}

static bool is_url(const char *thing)
{
	return strncmp(thing, "http://", 7) == 0 || strncmp(thing, "https://", 8) == 0;
}

static enum saksi_err open_url(struct saksi_place *p, const char *thing,
			       struct saksi_why *w)
{
	size_t len = strlen(thing);

	while (len > 0 && thing[len - 1] == '/')
		len--;
	p->url = strndup(thing, len);
	if (p->url == NULL)
		return SAKSI_NOMEM;
	if (saksi_client_new(&p->client) != SAKSI_OK)
		return saksi_why_set(w, SAKSI_NOMEM, "no HTTP client could be made");
	return SAKSI_OK;
}

enum saksi_err saksi_place_open(const char *thing, struct saksi_place **out,
				struct saksi_why *w)
{
	struct saksi_place *p = calloc(1, sizeof(*p));
	enum saksi_err err;

	if (p == NULL)
		return saksi_why_set(w, SAKSI_NOMEM, "out of memory");
	p->dir = -1;
	p->source = (struct saksi_source){p, get};
	if (is_url(thing)) {
		err = open_url(p, thing, w);
	} else {
		err = saksi_dir_open(thing, &p->dir);
		if (err != SAKSI_OK)
			(void)saksi_why_set(w, err, "%s: %s", thing, strerror(errno));
	}
	if (err != SAKSI_OK) {
		saksi_place_close(p);
		return err;
	}
	*out = p;
	return SAKSI_OK;
}

void saksi_place_close(struct saksi_place *p)
{
	if (p == NULL)
		return;
	if (p->dir >= 0)
		(void)close(p->dir);
	saksi_client_free(p->client);
	free(p->url);
	free(p);
}

struct saksi_source *saksi_place_source(struct saksi_place *p)
{
	return &p->source;
}

int saksi_place_dir(const struct saksi_place *p)
{
	return p->dir;
}

const char *saksi_place_why(const struct saksi_place *p)
{
	return p->why;
}
