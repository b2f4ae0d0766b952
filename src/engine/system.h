/* Which system runs here, as os-release says. */
#ifndef SAKSI_ENGINE_SYSTEM_H
#define SAKSI_ENGINE_SYSTEM_H

#include <stdbool.h>

#include "base/err.h"

struct saksi_scap_system {
	char id[32], version[32]; /* "debian" "12"; a-z 0-9 . _ - only */
};

/* Reads ID and VERSION_ID.  MISSING (no file), MALFORMED (one of them is not
 * there, or is not as os-release(5) says), IO, LIMIT. */
SAKSI_MUST enum saksi_err saksi_scap_system_read(const char *path,
						 struct saksi_scap_system *out);
/* The i-th name under which scap-security-guide installs content for such a
 * system, nearest first: ssg-ubuntu2204-ds.xml, ssg-rhel9-ds.xml (of 9.2),
 * ssg-fedora-ds.xml.  False: there is none. */
bool saksi_scap_system_content(const struct saksi_scap_system *s, const char *dir,
			       int i, char *out, size_t room);

#endif
