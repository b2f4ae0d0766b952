/* rooms: base
 * Drives POST /add of a tlog-tiles log as hard as it takes, the same for every
 * server: N connections kept open, on each one entry of 200 distinct bytes at a time,
 * and one more that reads /checkpoint every 10 ms.
 *
 * adds_load PORT CONNECTIONS SECONDS PID [RATE]
 *
 * RATE: so many adds a second in all instead of all that it takes.
 * One line on stdout: adds/s answered within SECONDS (after one second to warm up);
 * p50 and p99 in ms from an add being sent until a checkpoint that covers its index
 * was read; server CPU (of PID: utime + stime) in us for each add, from the first
 * one sent until all are covered; errors; adds never covered; the generator's own
 * share of one core in percent.  Exit 1 when it could not measure. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ENTRY 200
#define POLL_US 10000
#define WARM_US 1000000
#define COVER_US 60000000 /* to wait at the end until all are covered */
#define ROOM 16384
#define RETRY_US 10000

struct con {
	int fd;
	bool busy;
	uint64_t sent_us, again_us;
	size_t len;
	char in[ROOM + 1];
};
/* An add that was answered and is not covered yet. */
struct open_add {
	uint64_t sent_us, index;
};

static struct {
	int epoll;
	struct sockaddr_in to;
	struct con *cons; /* the last is the poller */
	size_t count;
	bool sending;
	uint64_t began_us, from_us, until_us, rate;
	uint64_t sent, answered, counted, errors, drops;
	struct open_add *open;
	size_t open_count, open_cap;
	uint32_t *took_us;
	size_t took_count, took_cap;
	uint64_t size, seed;
} g;

static uint64_t now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void die(const char *what)
{
	(void)fprintf(stderr, "adds_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *grown(void *at, size_t *cap, size_t one)
{
	*cap = *cap > 0 ? 2 * *cap : 65536;
	at = realloc(at, *cap * one);
	if (at == NULL)
		die("memory");
	return at;
}

/* ---- the server's CPU */

static double cpu_us(long pid)
{
	unsigned long long user, sys;
	char path[64], text[1024];
	FILE *f;
	const char *at;

	(void)snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	f = fopen(path, "r");
	if (f == NULL)
		die(path);
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	(void)fclose(f);
	at = strrchr(text, ')');
	if (at == NULL ||
	    sscanf(at + 2, "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu %llu",
		   &user, &sys) != 2)
		die("/proc/PID/stat");
	return (double)(user + sys) * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

/* ---- one connection */

static void open_con(struct con *c)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
	int on = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&g.to, sizeof g.to) != 0)
		die("connect");
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)fcntl(c->fd, F_SETFL, O_NONBLOCK);
	if (epoll_ctl(g.epoll, EPOLL_CTL_ADD, c->fd, &e) != 0)
		die("epoll_ctl");
	c->busy = false;
	c->len = 0;
}

static void send_all(struct con *c, const char *text, size_t len)
{
	/* Far less than a socket takes: one call sends it all. */
	if (send(c->fd, text, len, MSG_NOSIGNAL) != (ssize_t)len) {
		g.drops++;
		(void)close(c->fd);
		open_con(c);
		return;
	}
	c->busy = true;
	c->sent_us = now_us();
}

static uint64_t random_word(void)
{
	g.seed += UINT64_C(0x9e3779b97f4a7c15);
	uint64_t z = g.seed;
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static void send_add(struct con *c)
{
	static const char head[] = "POST /add HTTP/1.1\r\nHost: log\r\n"
				   "Content-Length: 200\r\n\r\n";
	static char request[sizeof head - 1 + ENTRY];

	memcpy(request, head, sizeof head - 1);
	for (size_t i = 0; i < ENTRY; i += 8) {
		uint64_t w = random_word();
		memcpy(request + sizeof head - 1 + i, &w, 8);
	}
	g.sent++;
	send_all(c, request, sizeof request);
}

/* ---- answers */

/* A whole answer in c->in: its status and body; false: not yet. */
static bool whole(struct con *c, int *status, char **body)
{
	char *end, *len;
	size_t n = 0;

	c->in[c->len] = '\0';
	end = strstr(c->in, "\r\n\r\n");
	if (end == NULL || sscanf(c->in, "HTTP/1.1 %d", status) != 1)
		return false;
	len = strcasestr(c->in, "\r\nContent-Length:");
	if (len != NULL && len < end)
		n = strtoul(len + 17, NULL, 10);
	*body = end + 4;
	return c->len >= (size_t)(*body - c->in) + n;
}

static void covered(uint64_t now)
{
	size_t left = 0;

	for (size_t i = 0; i < g.open_count; i++) {
		struct open_add *o = &g.open[i];

		if (o->index >= g.size) {
			g.open[left++] = *o;
			continue;
		}
		if (o->sent_us < g.from_us || o->sent_us >= g.until_us)
			continue;
		if (g.took_count == g.took_cap)
			g.took_us = grown(g.took_us, &g.took_cap, sizeof *g.took_us);
		g.took_us[g.took_count++] = (uint32_t)(now - o->sent_us);
	}
	g.open_count = left;
}

static void got_checkpoint(int status, const char *body, uint64_t now)
{
	const char *line = strchr(body, '\n');
	uint64_t size = line != NULL ? strtoull(line + 1, NULL, 10) : 0;

	if (status != 200 || size <= g.size)
		return;
	g.size = size;
	covered(now);
}

static void got_index(struct con *c, int status, const char *body, uint64_t now)
{
	if (status != 200) {
		g.errors++;
		c->again_us = now + RETRY_US;
		return;
	}
	g.answered++;
	g.counted += now >= g.from_us && now < g.until_us;
	if (g.open_count == g.open_cap)
		g.open = grown(g.open, &g.open_cap, sizeof *g.open);
	g.open[g.open_count++] =
	    (struct open_add){c->sent_us, strtoull(body, NULL, 10)};
}

static bool may_send(uint64_t now)
{
	return g.sending &&
	       (g.rate == 0 || g.sent < (now - g.began_us) * g.rate / 1000000);
}

static void readable(struct con *c, bool poller)
{
	int status;
	char *body;
	ssize_t n = recv(c->fd, c->in + c->len, ROOM - c->len, 0);
	uint64_t now = now_us();

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		g.drops += c->busy;
		(void)close(c->fd);
		open_con(c);
		return;
	}
	c->len += (size_t)n;
	if (!whole(c, &status, &body)) {
		if (c->len == ROOM)
			die("an answer too long");
		return;
	}
	c->busy = false;
	c->len = 0;
	if (poller)
		got_checkpoint(status, body, now);
	else
		got_index(c, status, body, now);
	if (!poller && c->again_us <= now && may_send(now))
		send_add(c);
}

/* ---- the run */

static void send_due(uint64_t now)
{
	static size_t at;

	for (size_t tries = 0; tries < g.count && may_send(now); tries++) {
		struct con *c = &g.cons[at];

		at = (at + 1) % g.count;
		if (!c->busy && c->again_us <= now)
			send_add(c);
	}
}

static size_t unanswered(void)
{
	size_t n = 0;

	for (size_t i = 0; i < g.count; i++)
		n += g.cons[i].busy;
	return n;
}

static void run(void)
{
	static const char ask[] = "GET /checkpoint HTTP/1.1\r\nHost: log\r\n\r\n";
	struct con *poller = &g.cons[g.count];
	struct epoll_event e[256];
	uint64_t poll_at = 0, due_at = 0;

	for (;;) {
		int n = epoll_wait(g.epoll, e, 256, 1);
		uint64_t now;

		for (int i = 0; i < n; i++)
			readable(e[i].data.ptr, e[i].data.ptr == poller);
		now = now_us();
		if (!poller->busy && now >= poll_at) {
			poll_at = now + POLL_US;
			send_all(poller, ask, sizeof ask - 1);
		}
		g.sending = now < g.until_us;
		if (now >= due_at) {
			due_at = now + 1000;
			send_due(now);
		}
		if (!g.sending && ((unanswered() == 0 && g.open_count == 0) ||
				   now > g.until_us + COVER_US))
			return;
	}
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static double ms_at(double part)
{
	if (g.took_count == 0)
		return -1;
	return g.took_us[(size_t)(part * (double)(g.took_count - 1))] / 1000.0;
}

static void descriptors(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
}

int main(int argc, char **argv)
{
	if (argc != 5 && argc != 6) {
		(void)fprintf(stderr,
			      "adds_load PORT CONNECTIONS SECONDS PID [RATE]\n");
		return 2;
	}
	long pid = atol(argv[4]);
	double seconds = atof(argv[3]);
	descriptors();
	(void)signal(SIGPIPE, SIG_IGN);
	g.to = (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons((uint16_t)atoi(argv[1])),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	g.count = strtoul(argv[2], NULL, 10);
	g.rate = argc == 6 ? strtoull(argv[5], NULL, 10) : 0;
	g.seed = now_us() * 2654435761U ^ (uint64_t)getpid() << 40;
	g.epoll = epoll_create1(EPOLL_CLOEXEC);
	g.cons = calloc(g.count + 1, sizeof *g.cons);
	if (g.epoll < 0 || g.cons == NULL || g.count == 0)
		die("cannot begin");
	for (size_t i = 0; i <= g.count; i++)
		open_con(&g.cons[i]);
	double cpu = cpu_us(pid);
	g.began_us = now_us();
	g.from_us = g.began_us + WARM_US;
	g.until_us = g.from_us + (uint64_t)(seconds * 1e6);
	clock_t own = clock();
	run();
	own = clock() - own;
	cpu = cpu_us(pid) - cpu;
	if (g.answered == 0 || g.took_count == 0) {
		(void)fprintf(stderr, "adds_load: nothing was answered (%llu errors)\n",
			      (unsigned long long)g.errors);
		return 1;
	}
	qsort(g.took_us, g.took_count, sizeof *g.took_us, by_value);
	(void)printf("%.0f %.1f %.1f %.2f %llu %zu %.0f\n", (double)g.counted / seconds,
		     ms_at(0.5), ms_at(0.99), cpu / (double)g.answered,
		     (unsigned long long)(g.errors + g.drops),
		     g.open_count + unanswered(),
		     100.0 * (double)own / CLOCKS_PER_SEC * 1e6 /
			 (double)(now_us() - g.began_us));
	return 0;
}
