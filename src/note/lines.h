/* Text taken line by line, knowing where it is.  Within this room. */
#ifndef SAKSI_NOTE_LINES_H
#define SAKSI_NOTE_LINES_H

#include "base/arena.h"
#include "base/buf.h"
#include "crypto/hash.h"

struct saksi_note_lines {
	const uint8_t *begin;
	struct saksi_bytes left;
	struct saksi_bytes line; /* the current one, without its newline */
	uint32_t number;         /* of the current one, from 1 */
};

struct saksi_note_lines saksi_note_lines_on(struct saksi_bytes text);
/* Go to the next line.  False when no newline is left: the current line is
 * then what remains, perhaps nothing. */
bool saksi_note_lines_next(struct saksi_note_lines *l);
/* Fills f with the place of the current line and gives `err` back. */
enum saksi_err saksi_note_lines_fault(const struct saksi_note_lines *l,
				      struct saksi_fault *f, enum saksi_err err,
				      const char *what);

/* The bytes before the next `mark`, which is consumed and not part of them.
 * None left: ok = false, as all reads of a cursor. */
struct saksi_bytes saksi_cursor_until(struct saksi_cursor *c, uint8_t mark);

/* The hashes of a proof, each a line of base64 (the first is the current line),
 * up to an empty line, which becomes the current one.  MALFORMED, also when
 * more than `max` stand there; NOMEM. */
struct saksi_path {
	const struct saksi_hash *hashes; /* in the arena */
	size_t count;
};
SAKSI_MUST enum saksi_err saksi_note_lines_path(struct saksi_note_lines *l, size_t max,
						struct saksi_arena *a,
						struct saksi_path *out,
						struct saksi_fault *f);
void saksi_note_lines_path_write(struct saksi_path path, struct saksi_buf *out);

#endif
