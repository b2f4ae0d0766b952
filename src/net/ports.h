/* Where the requests of a client go.  Test: tests/unit/net/ports_test.c */
#ifndef SAKSI_NET_PORTS_H
#define SAKSI_NET_PORTS_H

#include <stddef.h>
#include <stdint.h>

#define SAKSI_PORTS_EACH 2 /* of one URL, at most */

/* The TCP ports that a request of this http or https URL may be sent to: its own, and
 * that of the proxy which the environment names.  Gives their number, each once; 0:
 * no such URL. */
size_t saksi_client_ports(const char *url, uint16_t ports[SAKSI_PORTS_EACH]);

#endif
