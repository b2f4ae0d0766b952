#include "base/text.h"
#include "witness/witness.h"

#include <string.h>

enum { NOTE_MAX = 1 << 20 };

static void decided(void *later, struct saksi_witness_answer *a)
{
	struct saksi_reply r;

	saksi_reply_begin(&r);
	r.status = a->status;
	r.content_type = a->content_type;
	r.body = a->body;
	r.retry_after_s = a->status == 503 ? 10 : -1;
	saksi_later_reply(later, &r);
}

static void add_checkpoint(struct saksi_witness *w, const struct saksi_call *c,
			   struct saksi_reply *r)
{
	if (strcmp(c->method, "POST") != 0)
		saksi_serve_text(r, 405, "add-checkpoint takes a POST\n");
	else
		saksi_witness_submit_later(w, c->body, decided, saksi_call_later(c));
}

/* "/HASH/checkpoint" */
static bool is_monitoring(const char *path, struct saksi_hash *hash)
{
	struct saksi_cursor c = saksi_cursor_on(saksi_bytes_of(path));

	saksi_cursor_expect(&c, "/");
	struct saksi_bytes hex = saksi_cursor_take(&c, sizeof hash->b * 2);
	saksi_cursor_expect(&c, "/checkpoint");
	return c.ok && c.left.len == 0 &&
	       saksi_text_hex(hex, hash->b, sizeof hash->b) == SAKSI_OK;
}

static void monitoring(struct saksi_witness *w, const struct saksi_hash *hash,
		       struct saksi_reply *r)
{
	struct saksi_buf note = saksi_buf_growing(NOTE_MAX);
	enum saksi_err err = saksi_witness_latest(w, hash, &note);

	if (err != SAKSI_OK) {
		saksi_buf_free(&note);
		if (err == SAKSI_MISSING)
			saksi_serve_text(r, 404, "nothing of this log was cosigned\n");
		else
			saksi_serve_text(r, 503, "the state cannot be read\n");
		return;
	}
	r->status = 200;
	r->content_type = "text/plain; charset=utf-8";
	r->cache_control = "public, max-age=5";
	r->body = note;
}

static void vkey(const struct saksi_witness *w, struct saksi_reply *r)
{
	r->status = 200;
	r->content_type = "text/plain; charset=utf-8";
	r->cache_control = "public, max-age=60";
	r->body = saksi_buf_growing(4096);
	saksi_buf_put(&r->body, saksi_witness_vkey(w));
	saksi_buf_puts(&r->body, "\n");
}

void saksi_witness_serve(void *ctx, const struct saksi_call *c, struct saksi_reply *r)
{
	struct saksi_witness *w = ctx;
	struct saksi_hash hash;

	if (strcmp(c->path, "/add-checkpoint") == 0) {
		add_checkpoint(w, c, r);
		return;
	}
	r->open = true;
	if (strcmp(c->method, "POST") == 0)
		saksi_serve_text(r, 405, "only add-checkpoint takes a POST\n");
	else if (strcmp(c->path, "/") == 0 || strcmp(c->path, "/vkey") == 0)
		vkey(w, r);
	else if (is_monitoring(c->path, &hash))
		monitoring(w, &hash, r);
	else
		saksi_serve_text(r, 404, "not found\n");
}
