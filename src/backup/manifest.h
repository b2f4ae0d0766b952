/* The list of what a backup holds, with its own digest at the end.
 * Spec: docs/formats/backup.md.  Pure.  Test: tests/unit/backup/manifest_test.c */
#ifndef SAKSI_BACKUP_MANIFEST_H
#define SAKSI_BACKUP_MANIFEST_H

#include "base/arena.h"
#include "base/buf.h"
#include "crypto/hash.h"

#define SAKSI_BACKUP_MANIFEST "MANIFEST"
#define SAKSI_BACKUP_NAME_MAX 255

struct saksi_backup_file {
	struct saksi_hash digest; /* of the bytes in the backup */
	uint64_t len;
	struct saksi_bytes name; /* "state.db", "public/addenda/..": no "..", no "//" */
};
struct saksi_manifest {
	bool witness;           /* else a log */
	struct saksi_bytes who; /* the log's origin, the witness's name */
	int64_t time_utc;
	uint64_t entries;       /* log: acknowledged ... */
	uint64_t size;          /* ... of the newest signed tree ... */
	struct saksi_hash root; /* ... and its root; of a witness: of nothing */
	bool keys;              /* the secret keys are in it */
	bool sealed;            /* every file is a vault object */
	const struct saksi_backup_file *files;
	size_t file_count;
};

/* May a file of a backup have this name?  It never leads out of the folder. */
bool saksi_backup_name_ok(struct saksi_bytes name);
/* One form only.  MALFORMED with line; REFUSED: the digest at the end is another;
 * NEWER; LIMIT.  Borrows text; files are in the arena. */
SAKSI_MUST enum saksi_err saksi_manifest_read(struct saksi_bytes text,
					      struct saksi_arena *a,
					      struct saksi_manifest *out,
					      struct saksi_fault *f);
void saksi_manifest_write(const struct saksi_manifest *m, struct saksi_buf *out);

#endif
