/* What a log says of itself over the years, as the texts of signed notes: that
 * its key is replaced, that it is closed, and which log it follows.
 * saksi_note_read and saksi_note_check_for do the rest.
 * Spec: docs/formats/years.md.  Pure.  Test: tests/unit/note/years_test.c */
#ifndef SAKSI_NOTE_YEARS_H
#define SAKSI_NOTE_YEARS_H

#include "note/note.h"

/* All three: one form only.  MALFORMED with byte and line; NEWER when the first
 * line is of another version or a key of another type; *out is untouched unless
 * OK, and borrows the text. */

/* "My key was `old`, from now on it is `next`": signed by both. */
struct saksi_keychange {
	struct saksi_bytes origin; /* also the name of both keys */
	struct saksi_vkey old, next;
	int64_t time_utc;
};
SAKSI_MUST enum saksi_err saksi_keychange_read(struct saksi_bytes text,
					       struct saksi_keychange *out,
					       struct saksi_fault *f);
void saksi_keychange_write(const struct saksi_keychange *k, struct saksi_buf *out);
#define SAKSI_KEYCHANGE_PATH_LEN 24
/* Where under public/ it lies: "keychange/0123abcd", by the old key's id. */
void saksi_keychange_path(const struct saksi_vkey *old,
			  char out[SAKSI_KEYCHANGE_PATH_LEN]);

/* "This is my last tree": signed by the log's key. */
struct saksi_closing {
	struct saksi_bytes origin;
	uint64_t size;
	struct saksi_hash root;
	int64_t time_utc;
	bool has_successor;
	struct saksi_vkey successor;
	struct saksi_bytes url; /* of the successor; empty: not told */
};
SAKSI_MUST enum saksi_err saksi_closing_read(struct saksi_bytes text,
					     struct saksi_closing *out,
					     struct saksi_fault *f);
void saksi_closing_write(const struct saksi_closing *k, struct saksi_buf *out);

/* "I go on where that log ended": signed by the successor's key. */
struct saksi_succession {
	struct saksi_bytes origin;
	struct saksi_vkey predecessor;
	uint64_t size;
	struct saksi_hash root;
	int64_t time_utc;
};
SAKSI_MUST enum saksi_err saksi_succession_read(struct saksi_bytes text,
						struct saksi_succession *out,
						struct saksi_fault *f);
void saksi_succession_write(const struct saksi_succession *k, struct saksi_buf *out);

#endif
