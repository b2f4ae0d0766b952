/* Mounts, as the walk and the mount section need them. */
#ifndef SAKSI_COLLECT_READ_MOUNT_H
#define SAKSI_COLLECT_READ_MOUNT_H

#include "base/cursor.h"

/* One line of /proc/self/mountinfo; `path` and `root` still hold its \040. */
struct saksi_mount {
	struct saksi_bytes device_id, root, path, options, type, device, super;
};
bool saksi_mount_line(struct saksi_bytes line, struct saksi_mount *out);
/* Octal escapes undone into out, NUL-terminated, cut to cap. */
const char *saksi_mount_text(struct saksi_bytes in, char *out, size_t cap);
/* Is this a file system of a disk (or memory) of this machine, whose files
 * are worth looking at? */
bool saksi_mount_is_local(struct saksi_bytes type);
bool saksi_mount_is_network(struct saksi_bytes type);

#endif
