/* HTTP server (libmicrohttpd) with limits on connections, time and body. */
#ifndef SAKSI_NET_SERVER_H
#define SAKSI_NET_SERVER_H

#include "base/buf.h"

struct saksi_server;

struct saksi_server_limits {
	unsigned connections; /* in all; 0: 256.  More wait to be accepted. */
	unsigned per_address; /* 0: 64; further ones are closed at once.  An IPv6 /64
			       * counts as one address. */
	unsigned idle_s;      /* 0: 30.  A request must be whole within twice this,
			       * its answer taken within twenty times this, however
			       * busily single bytes keep arriving. */
	size_t body_max;      /* bytes; larger is answered 413 */
	unsigned threads;     /* 0: 4 */
};
struct saksi_call {
	const char *method; /* GET HEAD POST; OPTIONS and others are answered here */
	const char *path;   /* decoded UTF-8, begins with '/'; no control bytes, no
			     * empty or "." or ".." segment: those are answered 400 */
	struct saksi_bytes body; /* whole */
	void *handle;            /* for the calls below */
};
struct saksi_reply {
	unsigned status;
	const char *content_type;  /* static */
	const char *cache_control; /* static or NULL */
	long retry_after_s;        /* -1: none */
	struct saksi_buf body;     /* handed over; freed by the server */
	int file_fd; /* >= 0: serve this file (closed by the server), body unused */
	bool open;   /* any web page may read it: Access-Control-Allow-Origin: * */
};
/* Live as long as the call; NULL when not there (a query value also when it is
 * badly escaped or no UTF-8).  The first of equal names. */
const char *saksi_call_header(const struct saksi_call *c, const char *name);
const char *saksi_call_query(const struct saksi_call *c, const char *name);
/* *r comes as 404 without body or file; called from several threads at once.
 * A body that is `full` is not sent, but 503 without one.
 * Every answer carries nosniff, every page a policy without scripts. */
typedef void saksi_serve_fn(void *ctx, const struct saksi_call *c,
			    struct saksi_reply *r);

/* An answer that comes later, so that no thread of the server waits for a disk.
 *
 * saksi_call_later: only within serve, once a call; what serve leaves in *r is
 * then not sent, and is not released by the server.  Never NULL.  From there on
 * the client waits without a thread, c->body and c->path stay valid until the
 * reply, what saksi_call_header and saksi_call_query gave only until serve
 * returns, and as many calls may wait as there are connections.
 *
 * saksi_later_reply: exactly once for each, from any thread, also from within
 * serve.  *r is as serve would have left it (saksi_reply_begin) and is handed
 * over.  Never blocks on the client.  Whether the client still listens makes no
 * difference; nor does a server that is stopping or has stopped meanwhile: then
 * the client was told 503 and the reply is only released.
 * Test: tests/unit/net/later_test.c */
struct saksi_later;
struct saksi_later *saksi_call_later(const struct saksi_call *c);
void saksi_later_reply(struct saksi_later *k, struct saksi_reply *r);
/* As it comes to serve: 404, nothing else. */
void saksi_reply_begin(struct saksi_reply *r);

/* listen: "127.0.0.1:8080" or "[::1]:0"; port 0 picks one.  IO with why. */
SAKSI_MUST enum saksi_err saksi_server_start(const char *listen,
					     const struct saksi_server_limits *limits,
					     saksi_serve_fn *serve, void *ctx,
					     struct saksi_server **out,
					     struct saksi_why *w);
/* The same with a socket that listens already (net/listen.h), so that rights can be
 * given up in between; it is the server's, also on failure. */
SAKSI_MUST enum saksi_err
saksi_server_start_on(int fd, const struct saksi_server_limits *limits,
		      saksi_serve_fn *serve, void *ctx, struct saksi_server **out,
		      struct saksi_why *w);
unsigned saksi_server_port(const struct saksi_server *s);
/* Takes no new connections; those who are in may ask once more for half a second,
 * later calls are answered 503; waits for those under way (10 s at most; then those
 * still owed a later reply are answered 503), ends.  The listening socket is closed,
 * never shut down: where another process holds it, who waits in its queue is served
 * by the next server.  NULL is fine. */
void saksi_server_stop(struct saksi_server *s);

struct saksi_server_counts {
	uint64_t requests;    /* answered */
	uint64_t by_class[6]; /* answers 1xx in [1] ... 5xx in [5]; [0] is 0 */
	uint64_t bytes_in;    /* of bodies taken in */
	uint64_t bytes_out;   /* of bodies answered (also those a HEAD leaves out) */
	uint64_t refused;     /* connections over per_address */
	unsigned open;        /* connections now */
	unsigned answering;   /* of these, being answered or waiting for a reply */
};
/* Since it was started.  Safe from any thread; cost: one pass over the seats. */
void saksi_server_counts(struct saksi_server *s, struct saksi_server_counts *out);
/* Raises this process's soft limit on descriptors as far as the hard one goes, and
 * answers how many of `wanted` connections have room then (at least 16), with
 * some descriptors left for files. */
unsigned saksi_server_room(unsigned wanted);
/* Serves a file below the open directory `root` for GET and HEAD: no symlinks
 * at all, no dot files, regular files only; 404 else, 405 for other methods.
 * A path that ends in '/' means its index.html.  Content type and caching by
 * path: tiles and addenda immutable, checkpoint for seconds, html, css, js,
 * json, svg, wasm, ... for a minute.  Test: tests/unit/net/file_test.c */
void saksi_serve_file(int root, const struct saksi_call *c, struct saksi_reply *r);
/* A short plain-text answer; `text` is static or is copied. */
void saksi_serve_text(struct saksi_reply *r, unsigned status, const char *text);

#endif
