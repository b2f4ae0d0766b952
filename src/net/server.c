/* Invariants
 * 1. Nothing of a request reaches `serve` before it is whole and its path plain.
 * 2. A body never holds more than limits.body_max bytes.
 * 3. Each call under way belongs to one thread of the pool, which alone touches
 *    its struct calling; `seats` is the only thing the threads share. */
#include "net/server.h"

#include "base/text.h"
#include "net/listen.h"
#include "net/path.h"
#include "net/seats.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct saksi_server {
	struct MHD_Daemon *daemon;
	struct saksi_server_limits limits;
	struct saksi_seats seats;
	saksi_serve_fn *serve;
	void *ctx;
	unsigned port;
};

struct calling {
	struct MHD_Connection *con;
	char *target; /* path and query point into it */
	char *path;   /* NULL: not one to look up */
	char *query;  /* still encoded, or NULL */
	char *pairs;  /* decoded "name\0value\0..." made at the first question */
	size_t pairs_len;
	struct saksi_buf body;
	size_t swallowed;
	bool begun;
};

static const char page_policy[] =
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const char *saksi_call_header(const struct saksi_call *c, const char *name)
{
	const struct calling *k = c->handle;

	return MHD_lookup_connection_value(k->con, MHD_HEADER_KIND, name);
}

static void add_pair(struct calling *k, char *pair, size_t len)
{
	char *eq = memchr(pair, '=', len);
	size_t name_len = eq != NULL ? (size_t)(eq - pair) : len;
	size_t value_len = eq != NULL ? len - name_len - 1 : 0;

	if (saksi_path_unescape(pair, &name_len, true) != SAKSI_OK ||
	    (eq != NULL && saksi_path_unescape(eq + 1, &value_len, true) != SAKSI_OK))
		return;
	memcpy(k->pairs + k->pairs_len, pair, name_len);
	k->pairs_len += name_len;
	k->pairs[k->pairs_len++] = '\0';
	if (value_len > 0)
		memcpy(k->pairs + k->pairs_len, eq + 1, value_len);
	k->pairs_len += value_len;
	k->pairs[k->pairs_len++] = '\0';
}

static void read_query(struct calling *k)
{
	/* Decoding never grows a pair, and its '=' and '&' make room for two NULs;
	 * a pair without '=' and the last one need the two more. */
	size_t pairs = 1;
	for (const char *at = k->query; *at != '\0'; at++)
		pairs += *at == '&';
	k->pairs = malloc(strlen(k->query) + 2 * pairs);
	if (k->pairs == NULL)
		return;
	for (char *at = k->query; at != NULL;) {
		char *amp = strchr(at, '&');
		add_pair(k, at, amp != NULL ? (size_t)(amp - at) : strlen(at));
		at = amp != NULL ? amp + 1 : NULL;
	}
}

const char *saksi_call_query(const struct saksi_call *c, const char *name)
{
	struct calling *k = c->handle;

	if (k->query == NULL)
		return NULL;
	if (k->pairs == NULL)
		read_query(k);
	for (size_t at = 0; at < k->pairs_len;) {
		const char *key = k->pairs + at, *value = key + strlen(key) + 1;
		if (strcmp(key, name) == 0)
			return value;
		at = (size_t)(value + strlen(value) + 1 - k->pairs);
	}
	return NULL;
}

static struct MHD_Response *response_of(struct saksi_reply *r)
{
	struct MHD_Response *m;
	struct stat st;

	if (r->file_fd >= 0) {
		saksi_buf_free(&r->body);
		if (fstat(r->file_fd, &st) != 0 || st.st_size < 0) {
			(void)close(r->file_fd);
			return NULL;
		}
		m = MHD_create_response_from_fd64((uint64_t)st.st_size, r->file_fd);
		if (m == NULL)
			(void)close(r->file_fd);
		return m;
	}
	if (r->body.len == 0 || r->body.grow == NULL) {
		m = MHD_create_response_from_buffer(r->body.len, r->body.at,
						    MHD_RESPMEM_MUST_COPY);
		saksi_buf_free(&r->body);
		return m;
	}
	m = MHD_create_response_from_buffer_with_free_callback(r->body.len, r->body.at,
							       free);
	if (m == NULL)
		saksi_buf_free(&r->body);
	return m;
}

static void put_headers(struct MHD_Response *m, const struct saksi_reply *r)
{
	char seconds[24];

	(void)MHD_add_response_header(m, "X-Content-Type-Options", "nosniff");
	(void)MHD_add_response_header(m, "Referrer-Policy", "no-referrer");
	if (r->content_type != NULL)
		(void)MHD_add_response_header(m, "Content-Type", r->content_type);
	if (r->content_type != NULL && strncmp(r->content_type, "text/html", 9) == 0)
		(void)MHD_add_response_header(m, "Content-Security-Policy",
					      page_policy);
	(void)MHD_add_response_header(m, "Cache-Control",
				      r->cache_control != NULL ? r->cache_control
							       : "no-store");
	if (r->open)
		(void)MHD_add_response_header(m, "Access-Control-Allow-Origin", "*");
	if (r->status == 405)
		(void)MHD_add_response_header(m, "Allow", "GET, HEAD, POST, OPTIONS");
	if (r->retry_after_s >= 0) {
		(void)snprintf(seconds, sizeof seconds, "%ld", r->retry_after_s);
		(void)MHD_add_response_header(m, "Retry-After", seconds);
	}
}

static enum MHD_Result send_reply(struct calling *k, struct saksi_reply *r)
{
	struct MHD_Response *m = response_of(r);

	if (m == NULL)
		return MHD_NO;
	put_headers(m, r);
	enum MHD_Result sent = MHD_queue_response(k->con, r->status, m);
	MHD_destroy_response(m);
	return sent;
}

static enum MHD_Result send_text(struct calling *k, unsigned status, const char *text)
{
	struct saksi_reply r = {.retry_after_s = -1, .file_fd = -1};

	saksi_serve_text(&r, status, text);
	return send_reply(k, &r);
}

/* A browser asks before it reads from another page's script. */
static enum MHD_Result send_preflight(struct calling *k)
{
	struct MHD_Response *m =
	    MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);

	if (m == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(m, "Access-Control-Allow-Origin", "*");
	(void)MHD_add_response_header(m, "Access-Control-Allow-Methods", "GET, HEAD");
	(void)MHD_add_response_header(m, "Access-Control-Max-Age", "86400");
	enum MHD_Result sent = MHD_queue_response(k->con, 204, m);
	MHD_destroy_response(m);
	return sent;
}

static bool says_too_much(const struct calling *k, size_t max)
{
	const char *said =
	    MHD_lookup_connection_value(k->con, MHD_HEADER_KIND, "Content-Length");
	uint64_t len;

	/* A chunked body says nothing; a number too large to read is too much. */
	return said != NULL &&
	       (saksi_text_decimal(saksi_bytes_of(said), &len) != SAKSI_OK ||
		len > max);
}

static enum MHD_Result begin(struct saksi_server *s, struct calling *k,
			     const char *method)
{
	k->begun = true;
	k->body = saksi_buf_growing(s->limits.body_max);
	if (strcmp(method, "OPTIONS") == 0)
		return send_preflight(k);
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 &&
	    strcmp(method, "POST") != 0)
		return send_text(k, 405, "only GET, HEAD and POST here\n");
	if (k->path == NULL)
		return send_text(k, 400, "this path cannot be looked up\n");
	if (says_too_much(k, s->limits.body_max))
		return send_text(k, 413, "the body is larger than allowed\n");
	return MHD_YES;
}

static enum MHD_Result collect(struct saksi_server *s, struct calling *k,
			       const char *data, size_t *len)
{
	saksi_buf_put(&k->body, (struct saksi_bytes){(const uint8_t *)data, *len});
	if (k->body.full)
		k->swallowed += *len;
	*len = 0;
	/* A chunked body has no length to refuse at the door, and an answer can
	 * only follow its end: allow a little more, then hang up. */
	return k->swallowed > s->limits.body_max + 65536 ? MHD_NO : MHD_YES;
}

static struct saksi_seat *seat_of(struct MHD_Connection *con)
{
	const union MHD_ConnectionInfo *i =
	    MHD_get_connection_info(con, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return i != NULL ? i->socket_context : NULL;
}

/* Eight parameters by the library's will. */
/* NOLINTNEXTLINE(readability-function-size) */
static enum MHD_Result on_call(void *cls, struct MHD_Connection *con, const char *url,
			       const char *method, const char *version,
			       const char *data, size_t *len, void **at)
{
	struct saksi_server *s = cls;
	struct calling *k = *at;
	struct saksi_reply r = {.status = 404, .retry_after_s = -1, .file_fd = -1};

	(void)url;
	(void)version;
	if (k == NULL)
		return MHD_NO;
	if (!k->begun)
		return begin(s, k, method);
	if (*len > 0)
		return collect(s, k, data, len);
	if (k->body.full)
		return send_text(k, 413, "the body is larger than allowed\n");
	saksi_seat_mark(&s->seats, seat_of(con), true);
	struct saksi_call c = {method, k->path, saksi_buf_bytes(&k->body), k};
	s->serve(s->ctx, &c, &r);
	return send_reply(k, &r);
}

static void *on_target(void *cls, const char *uri, struct MHD_Connection *con)
{
	struct calling *k = calloc(1, sizeof *k);

	(void)cls;
	if (k == NULL)
		return NULL;
	k->con = con;
	k->target = strdup(uri);
	if (k->target == NULL) {
		free(k);
		return NULL;
	}
	if (saksi_path_read(k->target, &k->path, &k->query) != SAKSI_OK)
		k->path = NULL;
	return k;
}

static void on_done(void *cls, struct MHD_Connection *con, void **at,
		    enum MHD_RequestTerminationCode how)
{
	struct saksi_server *s = cls;
	struct calling *k = *at;

	(void)how;
	saksi_seat_mark(&s->seats, seat_of(con), false);
	if (k == NULL)
		return;
	saksi_buf_free(&k->body);
	free(k->pairs);
	free(k->target);
	free(k);
	*at = NULL;
}

static void on_connection(void *cls, struct MHD_Connection *con, void **seat,
			  enum MHD_ConnectionNotificationCode what)
{
	struct saksi_server *s = cls;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		saksi_seat_leave(&s->seats, *seat);
		*seat = NULL;
		return;
	}
	const union MHD_ConnectionInfo *i =
	    MHD_get_connection_info(con, MHD_CONNECTION_INFO_CONNECTION_FD);
	*seat = i != NULL ? saksi_seat_take(&s->seats, i->connect_fd) : NULL;
}

/* The target is decoded by saksi_path_read alone: two decoders would disagree. */
static size_t keep_escapes(void *cls, struct MHD_Connection *con, char *s)
{
	(void)cls;
	(void)con;
	return strlen(s);
}

static void fill_limits(struct saksi_server_limits *l)
{
	if (l->connections == 0)
		l->connections = 256;
	if (l->per_address == 0)
		l->per_address = 64;
	if (l->idle_s == 0)
		l->idle_s = 30;
	if (l->threads == 0)
		l->threads = 4;
	if (l->threads > l->connections)
		l->threads = l->connections;
}

static struct MHD_Daemon *start(struct saksi_server *s, int fd)
{
	const struct saksi_server_limits *l = &s->limits;
	/* A pool of one is refused by the library: one thread is no pool. */
	unsigned pool = l->threads > 1 ? l->threads : 0;

	return MHD_start_daemon(
	    MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, on_call, s,
	    MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, pool,
	    MHD_OPTION_CONNECTION_LIMIT, l->connections,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT, l->per_address,
	    MHD_OPTION_CONNECTION_TIMEOUT, l->idle_s,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32768,
	    MHD_OPTION_URI_LOG_CALLBACK, on_target, s, MHD_OPTION_NOTIFY_COMPLETED,
	    on_done, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
	    MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_END);
}

static unsigned port_of(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} a;
	socklen_t len = sizeof a;

	if (getsockname(fd, &a.any, &len) != 0)
		return 0;
	return a.any.sa_family == AF_INET6  ? ntohs(a.v6.sin6_port)
	       : a.any.sa_family == AF_INET ? ntohs(a.v4.sin_port)
					    : 0;
}

enum saksi_err saksi_server_start_on(int fd, const struct saksi_server_limits *limits,
				     saksi_serve_fn *serve, void *ctx,
				     struct saksi_server **out, struct saksi_why *w)
{
	struct saksi_server *s = calloc(1, sizeof *s);

	if (s == NULL) {
		(void)close(fd);
		return saksi_why_set(w, SAKSI_NOMEM, "out of memory");
	}
	s->limits = *limits;
	s->serve = serve;
	s->ctx = ctx;
	s->port = port_of(fd);
	fill_limits(&s->limits);
	enum saksi_err err =
	    saksi_seats_begin(&s->seats, s->limits.connections, s->limits.idle_s);
	if (err == SAKSI_OK) {
		s->daemon = start(s, fd);
		if (s->daemon != NULL) {
			*out = s;
			return SAKSI_OK;
		}
		saksi_seats_end(&s->seats);
	}
	(void)close(fd);
	free(s);
	return saksi_why_set(w, SAKSI_IO,
			     "cannot start a server: no threads or descriptors left");
}

enum saksi_err saksi_server_start(const char *listen,
				  const struct saksi_server_limits *limits,
				  saksi_serve_fn *serve, void *ctx,
				  struct saksi_server **out, struct saksi_why *w)
{
	unsigned port;
	int fd;

	SAKSI_TRY(saksi_listen(listen, &fd, &port, w));
	return saksi_server_start_on(fd, limits, serve, ctx, out, w);
}

unsigned saksi_server_port(const struct saksi_server *s)
{
	return s->port;
}

void saksi_server_stop(struct saksi_server *s)
{
	if (s == NULL)
		return;
	int fd = MHD_quiesce_daemon(s->daemon);
	if (fd >= 0)
		(void)close(fd);
	saksi_seats_drain(&s->seats, 10000);
	MHD_stop_daemon(s->daemon);
	saksi_seats_end(&s->seats);
	free(s);
}
