/* A copy of a log's or a witness's folder that can be made while it runs, and
 * what can be done with one.  Spec: docs/formats/backup.md; what it holds and what
 * erasure means for it: docs/TRUST.md.
 *
 * A log's backup is consistent: the published checkpoint first, then state.db by
 * SQLite's own backup, then the attachments, of which there can only be more.  Of a
 * witness everything but its key: a witness that goes on with an old state.db
 * would cosign a second history, so its backup is kept to be read. */
#ifndef SAKSI_BACKUP_BACKUP_H
#define SAKSI_BACKUP_BACKUP_H

#include "backup/manifest.h"
#include "crypto/seal.h"

/* Bytes of one file that can be sealed: it is held in memory. */
#define SAKSI_BACKUP_SEAL_MAX ((size_t)1 << 30)

struct saksi_backup_ask {
	const char *from, *to; /* a log's or witness's folder; absent or empty */
	bool with_keys;
	const uint8_t *reader; /* box key all is sealed to, or NULL */
	int64_t now_utc;
};
/* What came of it, for telling. */
struct saksi_backup_done {
	bool witness, keys, sealed;
	uint64_t entries, size, files, bytes;
	struct saksi_hash root;
	int64_t time_utc;
	char who[256];
};
/* Makes it; MANIFEST comes last, a folder without it is no backup.  MISSING: no
 * log or witness there; REFUSED: `to` is not empty, or a witness with keys; LIMIT:
 * a file too large to be sealed; NEWER: state.db of a later version; IO. */
SAKSI_MUST enum saksi_err saksi_backup_make(const struct saksi_backup_ask *ask,
					    struct saksi_backup_done *out,
					    struct saksi_why *w);

/* Reads and checks all of it, nothing else.  REFUSED: something was changed;
 * MISSING: no backup; NEWER, MALFORMED, IO. */
SAKSI_MUST enum saksi_err
saksi_backup_look(const char *from, struct saksi_backup_done *out, struct saksi_why *w);
/* Puts the files into `to` (absent or empty) and makes public/ again, checking
 * every digest on the way.  Does not ask whether that is wise: see
 * saksi_backup_older.  secret: the box key it was sealed to, or NULL. */
SAKSI_MUST enum saksi_err saksi_backup_restore(const char *from, const char *to,
					       const uint8_t *secret,
					       struct saksi_why *w);

/* May the log in this restored folder go on, or has the world seen more of it?
 * Asks `live` (the public files of the log, URL or folder; may be NULL) and every
 * witness of its policy that has a URL.
 *   OK       nobody has seen a tree that it does not hold, and there was somebody
 *            to ask, and all answered
 *   REFUSED  somebody has: going on would fork the log; *seen is the largest size
 *   MISSING  not all could be asked, or nobody is there to be asked */
SAKSI_MUST enum saksi_err saksi_backup_older(const char *folder, const char *live,
					     uint64_t *seen, struct saksi_why *w);

/* A folder and all in it, gone. */
void saksi_backup_drop(const char *path);

#endif
