/* A server on loopback that answers each connection with the bytes it was given
 * last, whatever it is asked. */
#ifndef FUZZ_ANSWERING_H
#define FUZZ_ANSWERING_H

#include "loopback.h"

#include <pthread.h>
#include <stdio.h>

static struct {
	int fd;
	unsigned port;
	pthread_mutex_t lock;
	/* One answer for each connection in turn; the last one again and again. */
	const uint8_t *at[2];
	size_t len[2], next;
} answering = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* The whole request, so that no unread byte turns our close into a reset. */
static inline void answer_one(int fd, const uint8_t *at, size_t len)
{
	char request[65536];
	size_t got = 0, want = 0;
	const char *body = NULL;

	while (got < sizeof(request) - 1 &&
	       (body == NULL || got < (size_t)(body - request) + want)) {
		const ssize_t n = recv(fd, request + got, sizeof(request) - 1 - got, 0);

		if (n <= 0)
			break;
		got += (size_t)n;
		request[got] = '\0';
		body = strstr(request, "\r\n\r\n");
		if (body != NULL) {
			const char *said = strstr(request, "Content-Length: ");

			body += 4;
			want = said != NULL && said < body
				   ? strtoul(said + 16, NULL, 10)
				   : 0;
		}
	}
	loop_send(fd, at, len);
	(void)shutdown(fd, SHUT_WR);
	while (recv(fd, request, sizeof(request), 0) > 0)
		continue;
}

static inline void *answer_all(void *none)
{
	for (;;) {
		const int fd = accept(answering.fd, NULL, NULL);
		const struct timeval most = {.tv_sec = 2};

		if (fd < 0)
			return none;
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most));
		pthread_mutex_lock(&answering.lock);
		const uint8_t *at = answering.at[answering.next];
		const size_t len = answering.len[answering.next];
		if (answering.next == 0)
			answering.next = 1;
		pthread_mutex_unlock(&answering.lock);
		answer_one(fd, at, len);
		(void)close(fd);
	}
}

/* From now on these are the answers; the bytes must stay until the next call. */
static inline void answer_with(const uint8_t *one, size_t one_len, const uint8_t *two,
			       size_t two_len)
{
	static pthread_t thread;

	if (answering.port == 0) {
		answering.fd = loop_listen(&answering.port);
		if (pthread_create(&thread, NULL, answer_all, NULL) != 0)
			abort();
	}
	pthread_mutex_lock(&answering.lock);
	answering.at[0] = one;
	answering.len[0] = one_len;
	answering.at[1] = two;
	answering.len[1] = two_len;
	answering.next = 0;
	pthread_mutex_unlock(&answering.lock);
}

#endif
