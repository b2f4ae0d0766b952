/* The sections that need a look at every file. */
#ifndef SAKSI_COLLECT_READ_WALK_H
#define SAKSI_COLLECT_READ_WALK_H

#include "collect/collect_gather.h"

/* setuid, writable, unowned, private-key, cert, dump, walk.  With
 * o->no_walk they are all told to be unread. */
void saksi_read_walk(struct saksi_gather *g);

/* What a file name makes of a file, before anything is opened.  Pure. */
bool saksi_name_is_key(const char *name);
/* "sql", "dump", ... or NULL; looks through .gz and its like. */
const char *saksi_name_dump(const char *name);

#endif
