/* A server on loopback that says exactly what a test wants, right or wrong: each
 * connection gets a thread, its whole request is read, then `play` answers. */
#ifndef SAKSI_TEST_FAKE_H
#define SAKSI_TEST_FAKE_H

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct fake {
	int fd;
	unsigned port;
	pthread_t thread, workers[64];
	size_t worker_count;
	void (*play)(struct fake *f, int fd, char *body, size_t len);
	void *ctx;
	int calls; /* whole requests seen */
	pthread_mutex_t lock;
};

static inline void fake_send(int fd, const void *data, size_t len)
{
	const char *at = data;
	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		at += n;
		len -= (size_t)n;
	}
}

static inline void fake_puts(int fd, const char *s)
{
	fake_send(fd, s, strlen(s));
}

static inline void fake_answer(int fd, const char *status, const char *headers,
			       const void *body, size_t len)
{
	char head[512];
	int n = snprintf(head, sizeof head,
			 "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n"
			 "Connection: close\r\n\r\n",
			 status, headers, len);
	fake_send(fd, head, (size_t)n);
	fake_send(fd, body, len);
}

struct fake_one {
	struct fake *f;
	int fd;
};

static inline void *fake_worker(void *at)
{
	struct fake_one one = *(struct fake_one *)at;
	size_t cap = 1 << 18, len = 0, want = 0;
	char *buf = malloc(cap), *body = NULL;
	free(at);
	while (buf != NULL && len < cap - 1) {
		ssize_t n = recv(one.fd, buf + len, cap - 1 - len, 0);
		if (n <= 0)
			break;
		len += (size_t)n;
		buf[len] = '\0';
		if (body == NULL && (body = strstr(buf, "\r\n\r\n")) != NULL) {
			char *cl = strcasestr(buf, "\r\ncontent-length:");
			body += 4;
			want = cl != NULL && cl < body ? strtoul(cl + 17, NULL, 10) : 0;
		}
		if (body != NULL && len >= (size_t)(body - buf) + want) {
			pthread_mutex_lock(&one.f->lock);
			one.f->calls++;
			pthread_mutex_unlock(&one.f->lock);
			one.f->play(one.f, one.fd, body, want);
			break;
		}
	}
	free(buf);
	/* Not a bare close: unread bytes would turn it into a reset. */
	(void)shutdown(one.fd, SHUT_WR);
	char rest[512];
	struct timeval t = {.tv_sec = 1};
	(void)setsockopt(one.fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
	while (recv(one.fd, rest, sizeof rest, 0) > 0)
		continue;
	(void)close(one.fd);
	return NULL;
}

static inline void *fake_accept(void *at)
{
	struct fake *f = at;
	for (;;) {
		int fd = accept(f->fd, NULL, NULL);
		if (fd < 0)
			return NULL;
		struct fake_one *one = malloc(sizeof *one);
		*one = (struct fake_one){f, fd};
		assert(f->worker_count < 64);
		(void)pthread_create(&f->workers[f->worker_count++], NULL, fake_worker,
				     one);
	}
}

static inline void
fake_start(struct fake *f, void (*play)(struct fake *, int, char *, size_t), void *ctx)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	memset(f, 0, sizeof *f);
	f->play = play;
	f->ctx = ctx;
	(void)pthread_mutex_init(&f->lock, NULL);
	f->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (f->fd < 0 || bind(f->fd, (struct sockaddr *)&a, len) != 0 ||
	    listen(f->fd, 64) != 0 ||
	    getsockname(f->fd, (struct sockaddr *)&a, &len) != 0)
		abort();
	f->port = ntohs(a.sin_port);
	(void)pthread_create(&f->thread, NULL, fake_accept, f);
}

static inline int fake_calls(struct fake *f)
{
	pthread_mutex_lock(&f->lock);
	int n = f->calls;
	pthread_mutex_unlock(&f->lock);
	return n;
}

static inline void fake_stop(struct fake *f)
{
	(void)shutdown(f->fd, SHUT_RDWR);
	(void)pthread_join(f->thread, NULL);
	(void)close(f->fd);
	for (size_t i = 0; i < f->worker_count; i++)
		(void)pthread_join(f->workers[i], NULL);
}

#endif
