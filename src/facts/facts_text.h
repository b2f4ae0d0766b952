/* The spelling of fields, shared by the reader and the writer of facts. */
#ifndef SAKSI_FACTS_FACTS_TEXT_H
#define SAKSI_FACTS_FACTS_TEXT_H

#include "facts/facts.h"

bool saksi_facts_is_section(struct saksi_bytes s);
bool saksi_facts_is_attribute(struct saksi_bytes s);
/* Bytes of the well-formed UTF-8 character s begins with; 0 when there is none. */
size_t saksi_facts_char(struct saksi_bytes s);
/* A view of `in` where nothing is encoded, else a copy in the arena.
 * MALFORMED (not the one spelling, too long), LIMIT (arena). */
SAKSI_MUST enum saksi_err saksi_facts_decode(struct saksi_bytes in,
					     struct saksi_arena *a,
					     struct saksi_bytes *out);
/* The encoded form of the first bytes of *in that fit in out[cap], which are
 * cut off *in; cap >= 12.  Returns the bytes written. */
size_t saksi_facts_encode(struct saksi_bytes *in, uint8_t *out, size_t cap);

#endif
