/* What the files of this room share; nobody else includes it. */
#ifndef SAKSI_BACKUP_INSIDE_H
#define SAKSI_BACKUP_INSIDE_H

#include "backup/backup.h"

#define SAKSI_BACKUP_TEXT_MAX ((size_t)64 << 20) /* of MANIFEST, of one attachment */

/* A new empty folder.  REFUSED: there is something in it. */
SAKSI_MUST enum saksi_err saksi_backup_folder(const char *path, int *dir,
					      struct saksi_why *w);
/* SHA-256 and length of a whole file, however large. */
SAKSI_MUST enum saksi_err saksi_backup_digest(int dir, const char *name,
					      struct saksi_hash *digest, uint64_t *len);
/* One consistent copy of a database in use, in one file, on disk when OK.  mode:
 * "DELETE" for keeping, "WAL" for going on. */
SAKSI_MUST enum saksi_err saksi_backup_database(const char *from, const char *to,
						const char *mode, struct saksi_why *w);

/* MANIFEST of the backup in `dir`.  MISSING: none. */
SAKSI_MUST enum saksi_err saksi_backup_manifest(int dir, const char *path,
						struct saksi_buf *text,
						struct saksi_arena *a,
						struct saksi_manifest *out,
						struct saksi_why *w);
void saksi_backup_told(const struct saksi_manifest *m, struct saksi_backup_done *out);

#endif
