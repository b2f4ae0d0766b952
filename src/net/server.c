/* Invariants
 * 1. Nothing of a request reaches `serve` before it is whole and its path plain.
 * 2. A body never holds more than limits.body_max bytes.
 * 3. Each call under way belongs to the thread of one lane, which alone touches
 *    its struct saksi_later, but for what invariant 4 says.
 * 4. A call that is answered later is suspended before anybody else knows it, and
 *    is resumed once: by who moves `turn` from WAITING, which only the reply
 *    (to REPLIED) and a server that stops (to LEFT) do.  Only who has seen
 *    WAITING there may touch the server: it lives until `waiting` is empty.
 * 5. `refs` counts the connection and the promised reply; the last frees. */
#include "net/server.h"

#include "base/clock.h"
#include "base/text.h"
#include "net/door.h"
#include "net/lane.h"
#include "net/listen.h"
#include "net/path.h"
#include "net/seats.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* For one request's head and one answer's; the library clears all of it for each
 * request, so more costs time with every call. */
#define CONNECTION_BYTES 8192
#define LINGER_MS 500
#define DRAIN_MS 10000
#define GOODBYE_MS 2000 /* for the 503s of those that were left */
#define SPARE 128       /* descriptors for files, databases and the library */
#define ROOM_LEAST 16

struct saksi_server {
	struct saksi_lane *lanes; /* lane_count of those run */
	unsigned lane_count, turn;
	struct saksi_server_limits limits;
	struct saksi_seats seats;
	saksi_serve_fn *serve;
	void *ctx;
	unsigned port;
	atomic_uint_fast64_t by_class[6], bytes_in, bytes_out;
	struct saksi_door door;
	atomic_uint inside;  /* connections let in and not yet gone */
	atomic_bool closing; /* nobody comes in any more; each answer is the last */
	atomic_bool stopping;
	/* Calls that wait for a later reply; none enters once `left` is set. */
	pthread_mutex_t lock;
	pthread_cond_t none_waits;
	struct saksi_later *waiting;
	bool left;
};

enum turn { HERE, WAITING, REPLIED, LEFT };

/* One call, from its first line until it is answered and done with. */
struct saksi_later {
	struct saksi_server *server;
	struct saksi_lane *lane;
	struct MHD_Connection *con;
	char *path;  /* into `target`; NULL: not one to look up */
	char *query; /* into `target`; still encoded, or NULL */
	char *pairs; /* decoded "name\0value\0..." made at the first question */
	size_t pairs_len;
	struct saksi_buf body;
	size_t swallowed;
	bool begun, promised, post;
	atomic_int turn;
	atomic_uint refs;
	struct saksi_reply reply;
	struct saksi_later *next, *prev; /* in server->waiting */
	char target[];
};

static const char page_policy[] =
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const char *saksi_call_header(const struct saksi_call *c, const char *name)
{
	const struct saksi_later *k = c->handle;

	return MHD_lookup_connection_value(k->con, MHD_HEADER_KIND, name);
}

static void add_pair(struct saksi_later *k, char *pair, size_t len)
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

static void read_query(struct saksi_later *k)
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
	struct saksi_later *k = c->handle;

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

static struct MHD_Response *response_of(struct saksi_reply *r, uint64_t *len)
{
	struct MHD_Response *m;
	struct stat st;

	if (r->file_fd >= 0) {
		saksi_buf_free(&r->body);
		if (fstat(r->file_fd, &st) != 0 || st.st_size < 0) {
			(void)close(r->file_fd);
			return NULL;
		}
		*len = (uint64_t)st.st_size;
		m = MHD_create_response_from_fd64(*len, r->file_fd);
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

/* What a browser does with it matters for what it may be asked to fetch or show:
 * the answer to a POST is neither cached nor a page, unless it says so. */
static void put_headers(struct MHD_Response *m, const struct saksi_reply *r, bool post)
{
	char seconds[24];
	bool page =
	    r->content_type != NULL && strncmp(r->content_type, "text/html", 9) == 0;

	(void)MHD_add_response_header(m, "X-Content-Type-Options", "nosniff");
	if (r->content_type != NULL)
		(void)MHD_add_response_header(m, "Content-Type", r->content_type);
	if (page) {
		(void)MHD_add_response_header(m, "Referrer-Policy", "no-referrer");
		(void)MHD_add_response_header(m, "Content-Security-Policy",
					      page_policy);
	}
	if (r->cache_control != NULL || !post)
		(void)MHD_add_response_header(
		    m, "Cache-Control",
		    r->cache_control != NULL ? r->cache_control : "no-store");
	if (r->open)
		(void)MHD_add_response_header(m, "Access-Control-Allow-Origin", "*");
	if (r->status == 405)
		(void)MHD_add_response_header(m, "Allow", "GET, HEAD, POST, OPTIONS");
	if (r->retry_after_s >= 0) {
		(void)snprintf(seconds, sizeof seconds, "%ld", r->retry_after_s);
		(void)MHD_add_response_header(m, "Retry-After", seconds);
	}
}

/* Queues m, counts it and gives it back. */
static enum MHD_Result send_response(struct saksi_later *k, unsigned status,
				     uint64_t len, struct MHD_Response *m)
{
	struct saksi_server *s = k->server;

	/* Who keeps asking a server that ends would keep it from ending. */
	if (s->closing)
		(void)MHD_add_response_header(m, "Connection", "close");
	enum MHD_Result sent = MHD_queue_response(k->con, status, m);
	MHD_destroy_response(m);
	if (sent == MHD_YES) {
		atomic_fetch_add_explicit(&s->by_class[status / 100 % 6], 1,
					  memory_order_relaxed);
		atomic_fetch_add_explicit(&s->bytes_out, len, memory_order_relaxed);
	}
	return sent;
}

static enum MHD_Result send_reply(struct saksi_later *k, struct saksi_reply *r)
{
	/* What had no room is no answer: half of one is never sent, nor kept. */
	if (r->file_fd < 0 && r->body.full) {
		saksi_buf_free(&r->body);
		r->status = 503;
		r->content_type = r->cache_control = NULL;
		r->retry_after_s = 10;
	}
	uint64_t len = r->body.len;
	struct MHD_Response *m = response_of(r, &len);

	if (m == NULL)
		return MHD_NO;
	put_headers(m, r, k->post);
	return send_response(k, r->status, len, m);
}

static enum MHD_Result send_text(struct saksi_later *k, unsigned status,
				 const char *text)
{
	struct saksi_reply r;

	saksi_reply_begin(&r);
	saksi_serve_text(&r, status, text);
	return send_reply(k, &r);
}

static enum MHD_Result send_stopping(struct saksi_later *k)
{
	struct saksi_reply r;

	saksi_reply_begin(&r);
	saksi_serve_text(&r, 503, "the server is stopping: try again later\n");
	r.retry_after_s = 1;
	return send_reply(k, &r);
}

/* A browser asks before it reads from another page's script. */
static enum MHD_Result send_preflight(struct saksi_later *k)
{
	struct MHD_Response *m =
	    MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);

	if (m == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(m, "Access-Control-Allow-Origin", "*");
	(void)MHD_add_response_header(m, "Access-Control-Allow-Methods", "GET, HEAD");
	(void)MHD_add_response_header(m, "Access-Control-Max-Age", "86400");
	return send_response(k, 204, 0, m);
}

static bool says_too_much(const struct saksi_later *k, size_t max)
{
	const char *said =
	    MHD_lookup_connection_value(k->con, MHD_HEADER_KIND, "Content-Length");
	uint64_t len;

	/* A chunked body says nothing; a number too large to read is too much. */
	return said != NULL &&
	       (saksi_text_decimal(saksi_bytes_of(said), &len) != SAKSI_OK ||
		len > max);
}

static enum MHD_Result begin(struct saksi_server *s, struct saksi_later *k,
			     const char *method)
{
	k->begun = true;
	k->post = strcmp(method, "POST") == 0;
	k->body = saksi_buf_growing(s->limits.body_max);
	if (s->stopping)
		return send_stopping(k);
	if (strcmp(method, "OPTIONS") == 0)
		return send_preflight(k);
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 && !k->post)
		return send_text(k, 405, "only GET, HEAD and POST here\n");
	if (k->path == NULL)
		return send_text(k, 400, "this path cannot be looked up\n");
	if (says_too_much(k, s->limits.body_max))
		return send_text(k, 413, "the body is larger than allowed\n");
	return MHD_YES;
}

static enum MHD_Result collect(struct saksi_server *s, struct saksi_later *k,
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

/* ---- answering later */

void saksi_reply_begin(struct saksi_reply *r)
{
	*r = (struct saksi_reply){.status = 404, .retry_after_s = -1, .file_fd = -1};
}

static void reply_drop(struct saksi_reply *r)
{
	saksi_buf_free(&r->body);
	if (r->file_fd >= 0)
		(void)close(r->file_fd);
	saksi_reply_begin(r);
}

static void unref(struct saksi_later *k)
{
	if (atomic_fetch_sub(&k->refs, 1) > 1)
		return;
	reply_drop(&k->reply);
	saksi_buf_free(&k->body);
	free(k->pairs);
	free(k);
}

static void resume(struct saksi_later *k)
{
	MHD_resume_connection(k->con);
	saksi_lane_ring(k->lane);
}

struct saksi_later *saksi_call_later(const struct saksi_call *c)
{
	struct saksi_later *k = c->handle;
	struct saksi_server *s = k->server;
	bool left;

	k->promised = true;
	(void)atomic_fetch_add(&k->refs, 1);
	MHD_suspend_connection(k->con);
	(void)pthread_mutex_lock(&s->lock);
	left = s->left;
	k->turn = left ? LEFT : WAITING;
	if (!left) {
		k->next = s->waiting;
		if (k->next != NULL)
			k->next->prev = k;
		s->waiting = k;
	}
	(void)pthread_mutex_unlock(&s->lock);
	if (left)
		resume(k);
	return k;
}

/* The server's lock is held. */
static void wait_no_more(struct saksi_server *s, struct saksi_later *k)
{
	if (k->prev != NULL)
		k->prev->next = k->next;
	else
		s->waiting = k->next;
	if (k->next != NULL)
		k->next->prev = k->prev;
	k->next = k->prev = NULL;
	if (s->left && s->waiting == NULL)
		(void)pthread_cond_signal(&s->none_waits);
}

void saksi_later_reply(struct saksi_later *k, struct saksi_reply *r)
{
	int waiting = WAITING;

	/* Before the turn: the pool reads it as soon as that is taken. */
	k->reply = *r;
	if (atomic_compare_exchange_strong(&k->turn, &waiting, REPLIED)) {
		struct saksi_server *s = k->server;

		resume(k);
		(void)pthread_mutex_lock(&s->lock);
		wait_no_more(s, k);
		(void)pthread_mutex_unlock(&s->lock);
	}
	unref(k);
}

/* Whoever still waits is told to try again; comes back when no reply is in the
 * middle of being given. */
static void leave_waiting(struct saksi_server *s)
{
	(void)pthread_mutex_lock(&s->lock);
	s->left = true;
	for (struct saksi_later *k = s->waiting, *next; k != NULL; k = next) {
		int waiting = WAITING;

		next = k->next;
		if (!atomic_compare_exchange_strong(&k->turn, &waiting, LEFT))
			continue;
		wait_no_more(s, k);
		resume(k);
	}
	while (s->waiting != NULL)
		(void)pthread_cond_wait(&s->none_waits, &s->lock);
	(void)pthread_mutex_unlock(&s->lock);
}

/* Eight parameters by the library's will. */
/* NOLINTNEXTLINE(readability-function-size) */
static enum MHD_Result on_call(void *cls, struct MHD_Connection *con, const char *url,
			       const char *method, const char *version,
			       const char *data, size_t *len, void **at)
{
	struct saksi_server *s = cls;
	struct saksi_later *k = *at;
	struct saksi_reply r;

	(void)url;
	(void)version;
	if (k == NULL)
		return MHD_NO;
	if (!k->begun)
		return begin(s, k, method);
	if (*len > 0)
		return collect(s, k, data, len);
	if (k->promised && k->turn == LEFT)
		return send_stopping(k);
	if (k->promised) {
		r = k->reply;
		saksi_reply_begin(&k->reply);
		return send_reply(k, &r);
	}
	if (k->body.full)
		return send_text(k, 413, "the body is larger than allowed\n");
	saksi_seat_mark(&s->seats, seat_of(con), true);
	atomic_fetch_add_explicit(&s->bytes_in, k->body.len, memory_order_relaxed);
	struct saksi_call c = {method, k->path, saksi_buf_bytes(&k->body), k};
	saksi_reply_begin(&r);
	s->serve(s->ctx, &c, &r);
	return k->promised ? MHD_YES : send_reply(k, &r);
}

static void *on_target(void *cls, const char *uri, struct MHD_Connection *con)
{
	size_t len = strlen(uri) + 1;
	struct saksi_later *k = calloc(1, sizeof *k + len);

	if (k == NULL)
		return NULL;
	k->lane = cls;
	k->server = k->lane->ctx;
	k->con = con;
	k->refs = 1;
	saksi_reply_begin(&k->reply);
	memcpy(k->target, uri, len);
	if (saksi_path_read(k->target, &k->path, &k->query) != SAKSI_OK)
		k->path = NULL;
	return k;
}

static void on_done(void *cls, struct MHD_Connection *con, void **at,
		    enum MHD_RequestTerminationCode how)
{
	struct saksi_server *s = cls;
	struct saksi_later *k = *at;

	(void)how;
	saksi_seat_mark(&s->seats, seat_of(con), false);
	if (k == NULL)
		return;
	unref(k);
	*at = NULL;
}

static enum MHD_Result on_knock(void *cls, const struct sockaddr *a, socklen_t len)
{
	struct saksi_server *s = cls;
	struct saksi_guest g = saksi_guest_of(a);

	(void)len;
	return saksi_seat_free(&s->seats, &g) ? MHD_YES : MHD_NO;
}

static void on_connection(void *cls, struct MHD_Connection *con, void **seat,
			  enum MHD_ConnectionNotificationCode what)
{
	struct saksi_server *s = cls;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		saksi_seat_leave(&s->seats, *seat);
		*seat = NULL;
		s->inside--;
		return;
	}
	const union MHD_ConnectionInfo *i =
	    MHD_get_connection_info(con, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct saksi_guest g = saksi_guest_of(i != NULL ? i->client_addr : NULL);
	i = MHD_get_connection_info(con, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (i == NULL)
		return;
	*seat = saksi_seat_take(&s->seats, i->connect_fd, &g);
	/* Two of one guest came at once, to two threads: only one had a seat left. */
	if (*seat == NULL)
		(void)shutdown(i->connect_fd, SHUT_RDWR);
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

static bool has_room(void *ctx)
{
	struct saksi_server *s = ctx;

	return s->inside < s->limits.connections;
}

static void left(void *ctx)
{
	struct saksi_server *s = ctx;

	s->inside--;
}

/* By the door's thread alone. */
static void enter(void *ctx, int fd, const struct sockaddr *a, socklen_t len)
{
	struct saksi_server *s = ctx;
	struct saksi_lane *lane = &s->lanes[s->turn++ % s->lane_count];

	s->inside++;
	if (saksi_lane_enter(lane, fd, a, len) != SAKSI_OK)
		s->inside--;
}

/* Connections come unevenly: each lane could take all, and the door keeps the limit. */
static struct MHD_Daemon *daemon_of(struct saksi_server *s, struct saksi_lane *lane)
{
	const struct saksi_server_limits *l = &s->limits;

	return MHD_start_daemon(
	    MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET, 0,
	    on_knock, s, on_call, s, MHD_OPTION_CONNECTION_LIMIT, l->connections,
	    MHD_OPTION_CONNECTION_TIMEOUT, l->idle_s,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
	    MHD_OPTION_URI_LOG_CALLBACK, on_target, lane, MHD_OPTION_NOTIFY_COMPLETED,
	    on_done, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
	    MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_END);
}

static void stop_lanes(struct saksi_server *s)
{
	while (s->lane_count > 0)
		saksi_lane_stop(&s->lanes[--s->lane_count]);
	free(s->lanes);
	s->lanes = NULL;
}

static bool start_lanes(struct saksi_server *s)
{
	s->lanes = calloc(s->limits.threads, sizeof(*s->lanes));
	while (s->lanes != NULL && s->lane_count < s->limits.threads) {
		struct saksi_lane *l = &s->lanes[s->lane_count];

		*l = (struct saksi_lane){.refused = left, .ctx = s};
		l->daemon = daemon_of(s, l);
		if (l->daemon == NULL)
			break;
		if (saksi_lane_start(l) != SAKSI_OK) {
			MHD_stop_daemon(l->daemon);
			break;
		}
		s->lane_count++;
	}
	if (s->lane_count == s->limits.threads)
		return true;
	stop_lanes(s);
	return false;
}

static unsigned port_of(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} a = {.any = {0}};
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
	enum saksi_err err = saksi_seats_begin(&s->seats, s->limits.connections,
					       s->limits.per_address, s->limits.idle_s);
	if (err == SAKSI_OK) {
		(void)pthread_mutex_init(&s->lock, NULL);
		(void)pthread_cond_init(&s->none_waits, NULL);
		bool served = start_lanes(s);

		s->door.room = has_room;
		s->door.enter = enter;
		s->door.ctx = s;
		if (served && saksi_door_open(&s->door, fd) == SAKSI_OK) {
			*out = s;
			return SAKSI_OK;
		}
		if (served) {
			stop_lanes(s);
			fd = -1; /* the door closed it */
		}
		(void)pthread_cond_destroy(&s->none_waits);
		(void)pthread_mutex_destroy(&s->lock);
		saksi_seats_end(&s->seats);
	}
	if (fd >= 0)
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

void saksi_server_counts(struct saksi_server *s, struct saksi_server_counts *out)
{
	*out = (struct saksi_server_counts){.bytes_in = s->bytes_in,
					    .bytes_out = s->bytes_out};
	for (size_t i = 0; i < 6; i++) {
		out->by_class[i] = s->by_class[i];
		out->requests += out->by_class[i];
	}
	saksi_seats_count(&s->seats, &out->open, &out->answering, &out->refused);
}

unsigned saksi_server_room(unsigned wanted)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return ROOM_LEAST;
	if (r.rlim_cur < r.rlim_max) {
		struct rlimit more = {r.rlim_max, r.rlim_max};

		if (setrlimit(RLIMIT_NOFILE, &more) == 0)
			r = more;
	}
	if (r.rlim_cur < SPARE + ROOM_LEAST)
		return ROOM_LEAST;
	return r.rlim_cur - SPARE < wanted ? (unsigned)(r.rlim_cur - SPARE) : wanted;
}

/* Until all have left by themselves, but not long: most only keep a connection. */
static void linger(struct saksi_server *s)
{
	int64_t until = saksi_time_ticks_ms() + LINGER_MS;
	struct timespec nap = {0, 5000000};
	struct saksi_server_counts n;

	for (;;) {
		saksi_server_counts(s, &n);
		if (n.open == 0 || saksi_time_ticks_ms() >= until)
			return;
		(void)nanosleep(&nap, NULL);
	}
}

void saksi_server_stop(struct saksi_server *s)
{
	if (s == NULL)
		return;
	/* From here on nobody comes in; who waits in the socket's queue is served by
	 * the next process when the socket is held for it (net/door.h).  Who is in may
	 * ask once more and is told that it was the last time. */
	saksi_door_close(&s->door);
	s->closing = true;
	linger(s);
	s->stopping = true;
	saksi_seats_drain(&s->seats, DRAIN_MS);
	leave_waiting(s);
	saksi_seats_drain(&s->seats, GOODBYE_MS);
	stop_lanes(s);
	saksi_seats_end(&s->seats);
	(void)pthread_cond_destroy(&s->none_waits);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}
