#include "net/notify.h"

#include "base/text.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int connect_to(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	size_t len = path != NULL ? strlen(path) : 0;
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);

	if (len < 2 || len >= sizeof a.sun_path || (path[0] != '/' && path[0] != '@'))
		return -1;
	memcpy(a.sun_path, path, len);
	if (path[0] == '@')
		a.sun_path[0] = '\0';
	else
		size++;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&a, size) != 0) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

static int64_t watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	uint64_t n, who;

	if (usec == NULL || saksi_text_decimal(saksi_bytes_of(usec), &n) != SAKSI_OK ||
	    n < 2000 || n > UINT32_MAX * UINT64_C(1000))
		return 0;
	if (pid != NULL && (saksi_text_decimal(saksi_bytes_of(pid), &who) != SAKSI_OK ||
			    who != (uint64_t)getpid()))
		return 0;
	return (int64_t)(n / 2000); /* twice as often as asked, as the spec says */
}

void saksi_notify_open(struct saksi_notify *n)
{
	n->fd = connect_to(getenv("NOTIFY_SOCKET"));
	n->watchdog_ms = n->fd >= 0 ? watchdog_ms() : 0;
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
}

void saksi_notify_close(struct saksi_notify *n)
{
	if (n->fd >= 0)
		(void)close(n->fd);
	n->fd = -1;
}

void saksi_notify_send(const struct saksi_notify *n, const char *text)
{
	if (n->fd >= 0)
		(void)send(n->fd, text, strlen(text), MSG_NOSIGNAL);
}

bool saksi_notify_is_journal(int fd)
{
	const char *told = getenv("JOURNAL_STREAM");
	const char *colon = told != NULL ? strchr(told, ':') : NULL;
	uint64_t dev, ino;
	struct stat st;

	return colon != NULL &&
	       saksi_text_decimal(
		   (struct saksi_bytes){(const uint8_t *)told, (size_t)(colon - told)},
		   &dev) == SAKSI_OK &&
	       saksi_text_decimal(saksi_bytes_of(colon + 1), &ino) == SAKSI_OK &&
	       fstat(fd, &st) == 0 && (uint64_t)st.st_dev == dev &&
	       (uint64_t)st.st_ino == ino;
}
