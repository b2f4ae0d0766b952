/* A note's text of a form of ours, read line by line: the first line names form
 * and version, each other one begins with a word.  Within this room. */
#ifndef SAKSI_NOTE_WORDS_H
#define SAKSI_NOTE_WORDS_H

#include "base/cursor.h"
#include "note/note.h"

/* Where reading is: the cursor, and what a fault would say. */
struct saksi_words {
	struct saksi_bytes text;
	struct saksi_cursor c;
	uint32_t line;
	struct saksi_fault *f;
};
struct saksi_words saksi_words_on(struct saksi_bytes text, struct saksi_fault *f);
/* MALFORMED at the current line. */
enum saksi_err saksi_words_wrong(struct saksi_words *r, const char *what);
/* The first line: `form` and then 1.  NEWER for another number. */
SAKSI_MUST enum saksi_err saksi_words_first(struct saksi_words *r, const char *form);
SAKSI_MUST enum saksi_err saksi_words_line(struct saksi_words *r,
					   struct saksi_bytes *line);
/* What stands behind `word` in the next line. */
SAKSI_MUST enum saksi_err saksi_words_value(struct saksi_words *r, const char *word,
					    struct saksi_bytes *value);
SAKSI_MUST enum saksi_err saksi_words_number(struct saksi_words *r, const char *word,
					     uint64_t max, uint64_t *out);
SAKSI_MUST enum saksi_err saksi_words_hash(struct saksi_words *r, const char *word,
					   struct saksi_hash *out);
/* The verifier key of a log (type 0x01).  NEWER for a type that is not known. */
SAKSI_MUST enum saksi_err saksi_words_key(struct saksi_words *r, const char *word,
					  struct saksi_vkey *out);
/* Nothing may follow. */
SAKSI_MUST enum saksi_err saksi_words_end(struct saksi_words *r);

#endif
