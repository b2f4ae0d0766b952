/* What a child does to itself before it becomes another program. */
#ifndef SAKSI_ENGINE_CONFINE_H
#define SAKSI_ENGINE_CONFINE_H

#include <stdbool.h>

#include "engine/child.h"

/* Only calls that are safe after fork.  False: at least one limit is not there. */
bool saksi_confine(const struct saksi_child *c);

#endif
