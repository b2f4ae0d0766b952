#include "net/listen.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
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

enum saksi_err saksi_listen(const char *at, int *out, unsigned *port,
			    struct saksi_why *w)
{
	union address a;
	socklen_t len;
	int on = 1;

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
	*port = ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
	*out = fd;
	return SAKSI_OK;
}
