/* What systemd wants to hear of a service.  Spec: sd_notify(3),
 * sd_watchdog_enabled(3), systemd.exec(5) on JOURNAL_STREAM.
 * Test: tests/unit/net/notify_test.c */
#ifndef SAKSI_NET_NOTIFY_H
#define SAKSI_NET_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct saksi_notify {
	int fd;              /* -1: nobody listens, and all below does nothing */
	int64_t watchdog_ms; /* 0: no watchdog; else "WATCHDOG=1" is due this often */
};
/* Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, connects, and takes them out
 * of the environment, so that no child speaks for us.  Call it before threads are
 * made and before rights are given up. */
void saksi_notify_open(struct saksi_notify *n);
void saksi_notify_close(struct saksi_notify *n);
/* One datagram, "READY=1\nSTATUS=...".  Never waits; lost when nobody reads. */
void saksi_notify_send(const struct saksi_notify *n, const char *text);

/* Is this descriptor the journal's stream? */
bool saksi_notify_is_journal(int fd);

#endif
