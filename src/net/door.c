#include "net/door.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define FULL_MS 20 /* how soon it is looked again when there was no room */

/* Lets in who waits.  false: somebody may, but could not be taken (no descriptor
 * left): polling would only wake us again at once. */
static bool let_in(struct saksi_door *d)
{
	while (!d->closing && d->room(d->ctx)) {
		struct sockaddr_storage a;
		socklen_t len = sizeof a;
		int fd = accept4(d->fd, (struct sockaddr *)&a, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK ||
			       errno == EINTR || errno == ECONNABORTED;
		d->enter(d->ctx, fd, (const struct sockaddr *)&a, len);
	}
	return true;
}

static void *keep(void *ctx)
{
	struct saksi_door *d = ctx;
	bool well = true;

	while (!d->closing) {
		struct pollfd p[] = {{.fd = d->bell, .events = POLLIN},
				     {.fd = d->fd, .events = POLLIN}};
		bool wait = well && d->room(d->ctx);

		(void)poll(p, wait ? 2 : 1, wait ? -1 : FULL_MS);
		well = let_in(d);
	}
	return NULL;
}

enum saksi_err saksi_door_open(struct saksi_door *d, int fd)
{
	d->fd = fd;
	d->closing = false;
	d->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (d->bell >= 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
	    pthread_create(&d->thread, NULL, keep, d) == 0)
		return SAKSI_OK;
	if (d->bell >= 0)
		(void)close(d->bell);
	(void)close(fd);
	return SAKSI_IO;
}

void saksi_door_close(struct saksi_door *d)
{
	d->closing = true;
	(void)eventfd_write(d->bell, 1);
	(void)pthread_join(d->thread, NULL);
	(void)close(d->bell);
	(void)close(d->fd);
}
