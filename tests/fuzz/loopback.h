/* Sockets of this machine alone, for targets that speak HTTP. */
#ifndef FUZZ_LOOPBACK_H
#define FUZZ_LOOPBACK_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static inline struct sockaddr_in loop_at(unsigned port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons((uint16_t)port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* Ports of closed connections are in use for a while: wait for a free one. */
static inline int loop_connect(unsigned port)
{
	const struct sockaddr_in at = loop_at(port);
	const struct timespec nap = {0, 10000000};

	for (int i = 0; i < 300; i++) {
		const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd >= 0 &&
		    connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
			return fd;
		if (fd >= 0)
			(void)close(fd);
		(void)nanosleep(&nap, NULL);
	}
	abort();
}

static inline int loop_listen(unsigned *port)
{
	struct sockaddr_in at = loop_at(0);
	socklen_t len = sizeof(at);
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) != 0 ||
	    listen(fd, 64) != 0 || getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		abort();
	*port = ntohs(at.sin_port);
	return fd;
}

static inline void loop_send(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		const ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		at += n;
		len -= (size_t)n;
	}
}

/* All that comes until the other side closes, at most cap of it kept.  False when
 * nothing came for three seconds. */
static inline bool loop_drain(int fd, char *out, size_t cap, size_t *len)
{
	const struct timeval most = {.tv_sec = 3};
	char rest[4096];

	*len = 0;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most)) != 0)
		abort();
	for (;;) {
		const bool keep = *len < cap;
		const ssize_t n = recv(fd, keep ? out + *len : rest,
				       keep ? cap - *len : sizeof(rest), 0);

		if (n <= 0)
			return n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
		*len += keep ? (size_t)n : 0;
	}
}

#endif
