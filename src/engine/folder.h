/* A private folder for a child, and its end. */
#ifndef SAKSI_ENGINE_FOLDER_H
#define SAKSI_ENGINE_FOLDER_H

#include "base/err.h"

struct saksi_folder {
	char path[256];
	int fd; /* -1: none */
};

/* A new folder of mode 0700 below `tmp`.  IO, LIMIT (the name is too long). */
SAKSI_MUST enum saksi_err saksi_folder_make(struct saksi_folder *f, const char *tmp);
/* Takes it away with all in it, however a child left it; a zeroed path is fine.
 * IO: something is still there. */
enum saksi_err saksi_folder_remove(struct saksi_folder *f);

#endif
