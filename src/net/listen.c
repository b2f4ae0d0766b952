#include "net/listen.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static bool read_address(const char *at, union address *a, socklen_t *len)
{
	const char *colon = strrchr(at, ':');
	char host[INET6_ADDRSTRLEN] = "";
	uint64_t port;

	if (colon == NULL ||
	    saksi_text_decimal(saksi_bytes_of(colon + 1), &port) != 0 ||
	    port > UINT16_MAX)
		return false;
	size_t host_len = (size_t)(colon - at);
	bool v6 = host_len >= 2 && at[0] == '[' && at[host_len - 1] == ']';
	if (v6) {
		at++;
		host_len -= 2;
	}
	if (host_len >= sizeof host)
		return false;
	memcpy(host, at, host_len);
	memset(a, 0, sizeof *a);
	if (v6) {
		a->v6.sin6_family = AF_INET6;
		a->v6.sin6_port = htons((uint16_t)port);
		*len = sizeof a->v6;
		return inet_pton(AF_INET6, host, &a->v6.sin6_addr) == 1;
	}
	a->v4.sin_family = AF_INET;
	a->v4.sin_port = htons((uint16_t)port);
	*len = sizeof a->v4;
	return inet_pton(AF_INET, host, &a->v4.sin_addr) == 1;
}

static unsigned port_of(const union address *a)
{
	return ntohs(a->any.sa_family == AF_INET6 ? a->v6.sin6_port : a->v4.sin_port);
}

/* ---- sockets that were given to this process */

#define HELD_FIRST 3 /* SD_LISTEN_FDS_START */
#define HELD_MOST 64

static int held_count(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	uint64_t who, n;

	if (pid == NULL || fds == NULL ||
	    saksi_text_decimal(saksi_bytes_of(pid), &who) != SAKSI_OK ||
	    who != (uint64_t)getpid() ||
	    saksi_text_decimal(saksi_bytes_of(fds), &n) != SAKSI_OK || n > HELD_MOST)
		return 0;
	return (int)n;
}

/* The i-th of the names between colons; empty when there are fewer. */
static struct saksi_bytes held_name(int i)
{
	const char *at = getenv("LISTEN_FDNAMES");

	for (; at != NULL && i > 0; i--) {
		at = strchr(at, ':');
		at = at != NULL ? at + 1 : NULL;
	}
	if (at == NULL)
		return (struct saksi_bytes){NULL, 0};
	return (struct saksi_bytes){(const uint8_t *)at, strcspn(at, ":")};
}

/* -1: none. */
static int held(const char *name)
{
	int count = held_count();

	for (int i = 0; i < count; i++) {
		struct saksi_bytes have = held_name(i);
		bool same = saksi_bytes_same(
		    have, saksi_bytes_of(name != NULL ? name : SAKSI_LISTEN_METRICS));

		if (same == (name != NULL))
			return HELD_FIRST + i;
	}
	return -1;
}

bool saksi_listen_held(const char *name)
{
	return held(name) >= 0;
}

static enum saksi_err take_held(const char *at, int *out, unsigned *port,
				struct saksi_why *w)
{
	int fd = held(at[2] == ':' ? at + 3 : NULL), listens = 0;
	union address a = {0};
	socklen_t len = sizeof a, one = sizeof listens;

	if (fd < 0)
		return saksi_why_set(
		    w, SAKSI_BADARG,
		    "cannot listen on \"%s\": no such socket was given "
		    "to this process (LISTEN_FDS, LISTEN_FDNAMES)",
		    at);
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &one) != 0 ||
	    listens == 0 || getsockname(fd, &a.any, &len) != 0 ||
	    (a.any.sa_family != AF_INET && a.any.sa_family != AF_INET6))
		return saksi_why_set(w, SAKSI_BADARG,
				     "cannot listen on \"%s\": descriptor %d is no "
				     "listening TCP socket",
				     at, fd);
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		return saksi_why_set(w, SAKSI_IO, "cannot listen on \"%s\": %s", at,
				     strerror(errno));
	*port = port_of(&a);
	*out = fd;
	return SAKSI_OK;
}

void saksi_listen_url(int fd, char *out, size_t len)
{
	char host[INET6_ADDRSTRLEN] = "";
	union address a;
	socklen_t size = sizeof a;

	memset(&a, 0, sizeof a);
	if (getsockname(fd, &a.any, &size) != 0)
		a.any.sa_family = AF_UNSPEC;
	if (a.any.sa_family == AF_INET6)
		(void)inet_ntop(AF_INET6, &a.v6.sin6_addr, host, sizeof host);
	else if (a.any.sa_family == AF_INET)
		(void)inet_ntop(AF_INET, &a.v4.sin_addr, host, sizeof host);
	(void)snprintf(out, len,
		       a.any.sa_family == AF_INET6 ? "http://[%s]:%u" : "http://%s:%u",
		       host, port_of(&a));
}

enum saksi_err saksi_listen(const char *at, int *out, unsigned *port,
			    struct saksi_why *w)
{
	union address a;
	socklen_t len;
	int on = 1;

	if (strcmp(at, "fd") == 0 || strncmp(at, "fd:", 3) == 0)
		return take_held(at, out, port, w);

	if (!read_address(at, &a, &len))
		return saksi_why_set(
		    w, SAKSI_BADARG,
		    "cannot listen on \"%s\": want ADDRESS:PORT with a "
		    "numeric address, e.g. 127.0.0.1:8080 or [::1]:0",
		    at);
	int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return saksi_why_set(w, SAKSI_IO, "cannot listen on %s: %s", at,
				     strerror(errno));
	/* Without v6only "[::]:80" would also claim the IPv4 port. */
	if (a.any.sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, &a.any, len) != 0 || listen(fd, SOMAXCONN) != 0 ||
	    getsockname(fd, &a.any, &len) != 0) {
		(void)saksi_why_set(w, SAKSI_IO, "cannot listen on %s: %s", at,
				    strerror(errno));
		(void)close(fd);
		return SAKSI_IO;
	}
	*port = port_of(&a);
	*out = fd;
	return SAKSI_OK;
}
