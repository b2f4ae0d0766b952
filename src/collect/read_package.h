/* Packages: dpkg's status, apk's database, apt's lists. */
#ifndef SAKSI_COLLECT_READ_PACKAGE_H
#define SAKSI_COLLECT_READ_PACKAGE_H

#include "base/arena.h"
#include "base/cursor.h"

struct saksi_gather;

/* One installed package; strings live in the gather's `keep`. */
struct saksi_package {
	struct saksi_bytes name, version, arch;
	struct saksi_bytes candidate; /* of a security suite; empty: none higher */
	struct saksi_bytes suite;
};
struct saksi_packages {
	struct saksi_package *at; /* sorted by name, then arch */
	size_t count, cap;
};
struct saksi_package *saksi_packages_find(const struct saksi_packages *p,
					  struct saksi_bytes name);

/* A stanza of control fields, fed line by line; pure, keeps only what is asked
 * for here.  A field over its room is dropped and the stanza marked `cut`. */
struct saksi_stanza {
	char package[256], version[256], arch[64], source[256], status[128];
	bool any, cut;
	void (*done)(void *ctx, const struct saksi_stanza *s);
	void *ctx;
};
/* A blank line ends a stanza; call once more with an empty one at the end. */
void saksi_stanza_line(struct saksi_stanza *s, struct saksi_bytes line);

/* Sections package; updates, apt, apt-source. */
void saksi_read_package(struct saksi_gather *g);
void saksi_read_updates(struct saksi_gather *g);
void saksi_read_apt(struct saksi_gather *g);
/* Which package's file list names each of these paths (sorted, count of them)?
 * owner[i] stays NULL for none.  False: some list could not be read, so that NULL
 * proves nothing. */
bool saksi_read_owners(struct saksi_gather *g, const char *const *paths, size_t count,
		       const char **owner);

#endif
