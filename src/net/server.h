/* HTTP server (libmicrohttpd) with limits on connections, time and body. */
#ifndef SAKSI_NET_SERVER_H
#define SAKSI_NET_SERVER_H

#include "base/buf.h"

struct saksi_server;

struct saksi_server_limits {
	unsigned connections; /* in all; 0: 256 */
	unsigned per_address; /* 0: 64 */
	unsigned idle_s;      /* 0: 30 */
	size_t body_max;      /* bytes; larger is answered 413 */
	unsigned threads;     /* 0: 4 */
};
struct saksi_call {
	const char *method;      /* GET HEAD POST OPTIONS */
	const char *path;        /* decoded, begins with '/', no "..", no NUL */
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
};
const char *saksi_call_header(const struct saksi_call *c, const char *name);
const char *saksi_call_query(const struct saksi_call *c, const char *name);
/* Called from several threads at once. */
typedef void saksi_serve_fn(void *ctx, const struct saksi_call *c,
			    struct saksi_reply *r);

/* listen: "127.0.0.1:8080" or "[::1]:0"; port 0 picks one.  IO with why. */
SAKSI_MUST enum saksi_err saksi_server_start(const char *listen,
					     const struct saksi_server_limits *limits,
					     saksi_serve_fn *serve, void *ctx,
					     struct saksi_server **out,
					     struct saksi_why *w);
unsigned saksi_server_port(const struct saksi_server *s);
void saksi_server_stop(struct saksi_server *s); /* waits for calls under way */
/* Serves a file below the open directory `root` for GET and HEAD: no symlinks
 * out, no dot files; 404 else.  Content type and caching by path: tiles and
 * addenda immutable, checkpoint no-store-ish, html, css, js, json, svg, wasm. */
void saksi_serve_file(int root, const struct saksi_call *c, struct saksi_reply *r);

#endif
