/* Which of two Debian package versions is later?  Pure. */
#ifndef SAKSI_FACTS_DEBIAN_VERSION_H
#define SAKSI_FACTS_DEBIAN_VERSION_H

#include "base/cursor.h"

/* [epoch:]upstream[-revision], as dpkg orders them (deb-version(7)): < 0, 0, > 0.
 * Any bytes have an order; versions differing only in leading zeroes are equal.
 * Test: tests/unit/collect/read_package_test.c, with dpkg as judge. */
int saksi_debian_version_order(struct saksi_bytes a, struct saksi_bytes b);

#endif
