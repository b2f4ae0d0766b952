/* Files: one way to read a whole one, one way to replace one. */
#ifndef SAKSI_STORE_FILES_H
#define SAKSI_STORE_FILES_H

#include "base/buf.h"

/* After OK the new bytes are on disk under `name` (may hold slashes; its folders
 * must exist); after any other answer a reader sees the old file or the new
 * one, never a mix.  `dir` is an open directory and stays the caller's.  One
 * writer at a time per name.  mode e.g. 0644.  IO with errno. */
SAKSI_MUST enum saksi_err saksi_file_replace(int dir, const char *name,
					     struct saksi_bytes data, unsigned mode);
/* Creates and never overwrites: IO with EEXIST.  For keys: mode 0600. */
SAKSI_MUST enum saksi_err saksi_file_create(int dir, const char *name,
					    struct saksi_bytes data, unsigned mode);
/* Appends the whole regular file to out.  LIMIT (over out->max), MISSING (no
 * such file), IO.  Never blocks on a FIFO or follows a final symlink when
 * `nofollow`. */
SAKSI_MUST enum saksi_err saksi_file_read(int dir, const char *name, bool nofollow,
					  struct saksi_buf *out);
/* Like saksi_file_read for a secret: refuses (REFUSED) a file that others can
 * read or write, or that is not ours; the message says what to type. */
SAKSI_MUST enum saksi_err saksi_file_read_secret(int dir, const char *name,
						 struct saksi_buf *out,
						 struct saksi_why *w);
/* mkdir -p below dir; fsyncs what it makes. */
SAKSI_MUST enum saksi_err saksi_dir_make(int dir, const char *path, unsigned mode);
/* Opens a directory for use as `dir`.  IO, MISSING. */
SAKSI_MUST enum saksi_err saksi_dir_open(const char *path, int *dir);
/* Takes the lock file `name` in dir for this process; the lock ends with
 * close(*fd) or the process.  BUSY when another holds it. */
SAKSI_MUST enum saksi_err saksi_dir_lock(int dir, const char *name, int *fd);

#endif
