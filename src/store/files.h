/* Files: one way to read a whole one, one way to replace one. */
#ifndef SAKSI_STORE_FILES_H
#define SAKSI_STORE_FILES_H

#include "base/buf.h"

/* In all of these `dir` is an open directory (or AT_FDCWD) and stays the
 * caller's; `name` may hold slashes, then its folders must exist.  IO leaves the
 * reason in errno.  The mode asked for is the mode given, whatever the umask.
 * Test: tests/unit/store/files_test.c, tests/unit/store/fault_test.c */

/* After OK the new bytes are on disk under `name`; after any other answer a
 * reader sees the old file or the new one, never a mix.  One writer at a time
 * per name; writers of different names never meet (the file beside `name` that
 * is renamed is called ".NAME.next").  mode e.g. 0644.  IO with errno. */
SAKSI_MUST enum saksi_err saksi_file_replace(int dir, const char *name,
					     struct saksi_bytes data, unsigned mode);
/* The same for readers, but not yet safe from a power cut: the caller calls
 * saksi_dir_sync after the last of many, and can make them again if that or the
 * machine fails.  Cost: no wait for the disk. */
SAKSI_MUST enum saksi_err saksi_file_place(int dir, const char *name,
					   struct saksi_bytes data, unsigned mode);
/* All that was placed anywhere on dir's file system is on disk after OK.  IO. */
SAKSI_MUST enum saksi_err saksi_dir_sync(int dir);
/* Creates, whole and on disk, and never overwrites: IO with EEXIST.  For keys:
 * mode 0600. */
SAKSI_MUST enum saksi_err saksi_file_create(int dir, const char *name,
					    struct saksi_bytes data, unsigned mode);
/* Appends the whole regular file to out.  LIMIT (over out->max), MISSING (no
 * such file), IO.  Never blocks on a FIFO or follows a final symlink when
 * `nofollow`.  `out` is as it was on failure. */
SAKSI_MUST enum saksi_err saksi_file_read(int dir, const char *name, bool nofollow,
					  struct saksi_buf *out);
/* Reads a regular file of just `len` bytes to `at`, which has room for len + 1, as
 * saksi_file_read with nofollow does.  MALFORMED: it is longer or shorter; MISSING,
 * IO.  For files of a known length, of which there are many: half the cost. */
SAKSI_MUST enum saksi_err saksi_file_read_exact(int dir, const char *name, uint8_t *at,
						size_t len);
/* Like saksi_file_read for a secret: refuses (REFUSED) a file that others can
 * read or write, or that is not ours; the message says what to type.  `w` is
 * filled for every answer but OK.  A server that root started and that works as
 * another (saksi_guard_begin) takes his and root's. */
SAKSI_MUST enum saksi_err saksi_file_read_secret(int dir, const char *name,
						 struct saksi_buf *out,
						 struct saksi_why *w);
/* The secret of a service: $CREDENTIALS_DIRECTORY/saksi.NAME (systemd.exec(5),
 * LoadCredential=saksi.key:...) when that is there, else as above.  A credential is
 * owned by root or by us, mode 0400 or 0600 (or as systemd shows its access list:
 * root's own, 0440), in a folder that only these can change; another is REFUSED, and
 * never passed over.  `w` names the whole path then, beginning with '/'. */
SAKSI_MUST enum saksi_err saksi_file_read_credential(int dir, const char *name,
						     struct saksi_buf *out,
						     struct saksi_why *w);
/* mkdir -p below dir (or from '/' for an absolute path); fsyncs what it makes,
 * and takes back a folder it could not make durable. */
SAKSI_MUST enum saksi_err saksi_dir_make(int dir, const char *path, unsigned mode);
/* Makes `path` with its parents, or takes the empty folder that is there, and opens
 * it; *dir is the caller's to close, and untouched on failure.  REFUSED: there is
 * something in it; IO with errno. */
SAKSI_MUST enum saksi_err saksi_dir_fresh(const char *path, unsigned mode, int *dir);
/* Opens a directory for use as `dir`.  IO, MISSING. */
SAKSI_MUST enum saksi_err saksi_dir_open(const char *path, int *dir);
/* Takes the lock file `name` in dir, and dir itself (whose lock outlives the file's
 * deletion while `dir` is open), for this process; ends with close(*fd) and
 * close(dir), or the process.  BUSY when another holds either.  IO. */
SAKSI_MUST enum saksi_err saksi_dir_lock(int dir, const char *name, int *fd);

#endif
