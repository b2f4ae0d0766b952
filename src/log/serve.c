/* The log over HTTP.  Spec: docs/formats/logdir.md, "Over HTTP". */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "log/inside.h"

#define BUSY_RETRY_S 1
#define DISK_RETRY_S 5

size_t saksi_log_body_max(const struct saksi_log *l)
{
	size_t addendum = (size_t)l->config.addendum_mib << 20;

	return l->config.open ? SAKSI_ENTRY_MAX : addendum;
}

static unsigned status_of(enum saksi_err err, const struct saksi_add *a)
{
	switch (err) {
	case SAKSI_OK:
		return 200;
	case SAKSI_REFUSED:
	case SAKSI_NEWER:
	case SAKSI_MISSING:
		return 403;
	case SAKSI_MALFORMED:
	case SAKSI_BADARG:
		return 400;
	case SAKSI_LIMIT:
		return a->entry.len > SAKSI_ENTRY_MAX ? 413 : 503;
	case SAKSI_QUORUM:
	case SAKSI_SPLIT:
	case SAKSI_STALE:
	case SAKSI_BUSY:
	case SAKSI_NOMEM:
	case SAKSI_IO:
		break;
	}
	return 503;
}

static void line(struct saksi_reply *r, unsigned status, const char *text)
{
	struct saksi_buf b = saksi_buf_growing(1024);

	saksi_buf_puts(&b, text);
	saksi_buf_puts(&b, "\n");
	r->status = status;
	r->content_type = "text/plain; charset=utf-8";
	r->body = b;
}

/* One POST /add, from the question to the answer. */
struct posted {
	struct saksi_job job; /* first: what `answer` is given */
	struct saksi_add add;
	struct saksi_log *log;
	struct saksi_later *later;
	bool receipt;
};

static void put_answer(const struct posted *p, struct saksi_reply *r)
{
	const struct saksi_add *a = &p->add;

	if (a->err != SAKSI_OK) {
		line(r, status_of(a->err, a), a->reason);
		if (r->status == 503)
			r->retry_after_s =
			    a->err == SAKSI_BUSY ? BUSY_RETRY_S : DISK_RETRY_S;
		return;
	}
	r->status = 200;
	r->content_type = "text/plain; charset=utf-8";
	r->body = saksi_buf_growing(4096);
	if (p->receipt) {
		if (saksi_log_receipt(p->log, a, &r->body) == SAKSI_OK)
			return;
		saksi_buf_clear(&r->body);
	}
	saksi_buf_put_decimal(&r->body, a->index);
	saksi_buf_puts(&r->body, "\n");
}

static void answer(struct saksi_job *j)
{
	struct posted *p = (struct posted *)j;
	struct saksi_reply r;

	saksi_reply_begin(&r);
	put_answer(p, &r);
	saksi_later_reply(p->later, &r);
	free(p);
}

/* Answered by the log's writer when the entry is on disk; no thread waits. */
static void add(struct saksi_log *l, const struct saksi_call *c, struct saksi_reply *r)
{
	const char *receipt = saksi_call_query(c, "receipt");
	struct posted *p = malloc(sizeof(*p));

	if (p == NULL) {
		line(r, 503, "out of memory");
		r->retry_after_s = DISK_RETRY_S;
		return;
	}
	*p = (struct posted){.job = {.adds = &p->add, .count = 1, .done = answer},
			     .add = {.entry = c->body},
			     .log = l,
			     .receipt = receipt != NULL && strcmp(receipt, "1") == 0};
	p->later = saksi_call_later(c);
	saksi_log_add_later(l, &p->job);
}

static void addendum(struct saksi_log *l, const struct saksi_call *c,
		     struct saksi_reply *r)
{
	char hex[2 * SAKSI_HASH_LEN + 1];
	struct saksi_hash digest;

	switch ((int)saksi_log_addendum(l, c->body, &digest)) {
	case SAKSI_OK:
		saksi_text_to_hex(digest.b, SAKSI_HASH_LEN, hex);
		line(r, 200, hex);
		return;
	case SAKSI_MISSING:
		line(r, 404,
		     "no acknowledged entry of this log names this addendum: "
		     "add the entry first");
		return;
	case SAKSI_LIMIT:
		line(r, 413, "larger than this log takes (addendum_mib)");
		return;
	default:
		line(r, 503, "the disk of the log is full or broken: try again later");
		r->retry_after_s = DISK_RETRY_S;
	}
}

void saksi_log_serve(void *log, const struct saksi_call *c, struct saksi_reply *r)
{
	struct saksi_log *l = log;
	bool post = strcmp(c->method, "POST") == 0;

	r->open = true;
	if (strcmp(c->path, "/add") == 0 || strcmp(c->path, "/addenda") == 0) {
		if (!post)
			line(r, 405, "POST only");
		else if (c->path[4] == '\0')
			add(l, c, r);
		else
			addendum(l, c, r);
		return;
	}
	saksi_serve_file(l->pub, c, r);
}
