#include "net/lane.h"

#include <limits.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct saksi_lane_guest {
	struct saksi_lane_guest *next;
	struct sockaddr_storage address;
	socklen_t len;
	int fd;
};

/* The daemon is touched by its own thread alone: only there may it be given one. */
static void let_in(struct saksi_lane *l)
{
	struct saksi_lane_guest *g = atomic_exchange(&l->came, NULL), *next;

	for (; g != NULL; g = next) {
		next = g->next;
		if (MHD_add_connection(l->daemon, g->fd,
				       (const struct sockaddr *)&g->address,
				       g->len) != MHD_YES)
			l->refused(l->ctx); /* the library closed it */
		free(g);
	}
}

static int patience(struct saksi_lane *l)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(l->daemon, &ms) != MHD_YES)
		return -1;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

static void *run(void *ctx)
{
	struct saksi_lane *l = ctx;

	while (!l->ending) {
		struct pollfd p[] = {{.fd = l->events, .events = POLLIN},
				     {.fd = l->bell, .events = POLLIN}};

		(void)poll(p, 2, patience(l));
		if (p[1].revents != 0) {
			eventfd_t rung;

			(void)eventfd_read(l->bell, &rung);
			/* Before looking: who rings later writes again. */
			l->rung = false;
			let_in(l);
		}
		(void)MHD_run(l->daemon);
	}
	return NULL;
}

enum saksi_err saksi_lane_start(struct saksi_lane *l)
{
	const union MHD_DaemonInfo *i =
	    MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	if (i == NULL)
		return SAKSI_IO;
	l->events = i->epoll_fd;
	l->ending = l->rung = false;
	atomic_init(&l->came, NULL);
	l->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->bell >= 0 && pthread_create(&l->thread, NULL, run, l) == 0)
		return SAKSI_OK;
	if (l->bell >= 0)
		(void)close(l->bell);
	return SAKSI_IO;
}

enum saksi_err saksi_lane_enter(struct saksi_lane *l, int fd, const struct sockaddr *a,
				socklen_t len)
{
	struct saksi_lane_guest *g = malloc(sizeof(*g));

	if (g == NULL || len > sizeof(g->address)) {
		free(g);
		(void)close(fd);
		return SAKSI_NOMEM;
	}
	memcpy(&g->address, a, len);
	g->len = len;
	g->fd = fd;
	g->next = l->came;
	while (!atomic_compare_exchange_weak(&l->came, &g->next, g))
		;
	saksi_lane_ring(l);
	return SAKSI_OK;
}

void saksi_lane_ring(struct saksi_lane *l)
{
	if (!atomic_exchange(&l->rung, true))
		(void)eventfd_write(l->bell, 1);
}

void saksi_lane_stop(struct saksi_lane *l)
{
	l->ending = true;
	saksi_lane_ring(l);
	(void)pthread_join(l->thread, NULL);
	let_in(l); /* so that they are closed with the others */
	MHD_stop_daemon(l->daemon);
	(void)close(l->bell);
}
