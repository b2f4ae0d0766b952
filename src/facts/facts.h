/* Fact stream v1: what a collector saw, as text; docs/formats/facts.md is the
 * format and the catalogue.  Facts are data of the suspect: nothing in them is
 * trusted but their shape. */
#ifndef SAKSI_FACTS_FACTS_H
#define SAKSI_FACTS_FACTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "crypto/hash.h"

#define SAKSI_FACTS_VERSION 1
#define SAKSI_FACTS_MAX 2000000u           /* fact lines */
#define SAKSI_FACTS_FIELD_MAX 8192u        /* decoded bytes of a subject or value */
#define SAKSI_FACTS_BYTES_MAX (512u << 20) /* of a stream */

/* How far a section was read.  NONE: the stream has no coverage line for it,
 * because it was cut off or this collector does not know the section. */
enum saksi_coverage_state {
	SAKSI_COVERAGE_NONE,
	SAKSI_COVERAGE_COMPLETE, /* what is not here is not so */
	SAKSI_COVERAGE_PARTIAL,  /* what is not here proves nothing */
	SAKSI_COVERAGE_ABSENT,   /* not installed, or needs a running kernel */
	SAKSI_COVERAGE_DENIED,
	SAKSI_COVERAGE_UNREAD,
};
/* "complete", "partial", ...; NONE is "none".  Static. */
const char *saksi_coverage_name(enum saksi_coverage_state state);

/* Fields are decoded: any bytes may stand in subject and value. */
struct saksi_fact {
	struct saksi_bytes section, subject, attribute, value;
	uint32_t line; /* in the stream */
};

struct saksi_coverage {
	struct saksi_bytes section;
	enum saksi_coverage_state state;
	struct saksi_bytes reason; /* decoded; empty for COMPLETE */
};

/* Sorted by section, subject, attribute, then order in the stream. */
struct saksi_facts {
	const struct saksi_fact *const *sorted;
	size_t count;
	const struct saksi_coverage *coverage; /* sorted by section */
	size_t coverage_count;
	bool whole; /* the trailer was there and true */
};

/* Reads a stream; the result borrows `text` and lives in `a`.
 *   OK         also for a stream that was cut off: then !out->whole, and what
 *              stood in whole lines is there
 *   REFUSED    there is a trailer and its count or hash is another
 *   MALFORMED  a line that is none of the format's, with its number
 *   NEWER      a later version
 *   LIMIT      the arena is too small, or over the bounds above
 * Cost: n log n; about 100 bytes of arena for each fact beside the text. */
SAKSI_MUST enum saksi_err saksi_facts_parse(struct saksi_bytes text,
					    struct saksi_arena *a,
					    struct saksi_facts *out,
					    struct saksi_fault *f);

/* A run of facts in sorted order; count 0 when there are none. */
struct saksi_fact_range {
	const struct saksi_fact *const *at;
	size_t count;
};
/* All facts of a section, of a subject in it, of an attribute of that (several
 * when the attribute has several values).  Cost: log n. */
struct saksi_fact_range saksi_facts_section(const struct saksi_facts *facts,
					    struct saksi_bytes section);
struct saksi_fact_range saksi_facts_subject(const struct saksi_facts *facts,
					    struct saksi_bytes section,
					    struct saksi_bytes subject);
struct saksi_fact_range saksi_facts_attribute(const struct saksi_facts *facts,
					      struct saksi_bytes section,
					      struct saksi_bytes subject,
					      struct saksi_bytes attribute);
/* The first value, or NULL.  The names are C strings. */
const struct saksi_fact *saksi_facts_get(const struct saksi_facts *facts,
					 const char *section, const char *subject,
					 const char *attribute);
/* Cuts the facts of the next subject off the front of *rest (as given by
 * saksi_facts_section); false when none are left. */
bool saksi_facts_next(struct saksi_fact_range *rest, struct saksi_fact_range *subject);
/* The first fact of this attribute among one subject's facts, or NULL. */
const struct saksi_fact *saksi_fact_range_get(struct saksi_fact_range subject,
					      const char *attribute);
/* Never NULL in .reason.at for a state other than COMPLETE: a section without
 * a coverage line says why in English. */
struct saksi_coverage saksi_facts_coverage(const struct saksi_facts *facts,
					   struct saksi_bytes section);

/* ---- writing.  The sink takes each piece in order; what it answers other
 * than OK stops the stream and is kept in `err`, as is a caller's mistake
 * (BADARG), so a writer may check once at the end. */
typedef enum saksi_err saksi_facts_sink(void *ctx, struct saksi_bytes piece);

#define SAKSI_FACTS_SECTIONS_MAX 128

struct saksi_facts_writer {
	saksi_facts_sink *sink;
	void *ctx;
	struct saksi_hash_run hash;
	uint64_t count, bytes;
	enum saksi_err err;
	char closed[SAKSI_FACTS_SECTIONS_MAX][33]; /* sections with coverage */
	size_t closed_count;
	size_t fill;
	uint8_t piece[32768];
};

void saksi_facts_begin(struct saksi_facts_writer *w, saksi_facts_sink *sink, void *ctx);
/* A subject or value over the bound is cut there and marked by "..." at its
 * end.  An empty subject is written as "-". */
void saksi_facts_put(struct saksi_facts_writer *w, const char *section,
		     struct saksi_bytes subject, const char *attribute,
		     struct saksi_bytes value);
void saksi_facts_puts(struct saksi_facts_writer *w, const char *section,
		      const char *subject, const char *attribute, const char *value);
void saksi_facts_cover(struct saksi_facts_writer *w, const char *section,
		       enum saksi_coverage_state state, const char *reason);
/* Writes the trailer.  The first thing that went wrong, or OK. */
SAKSI_MUST enum saksi_err saksi_facts_end(struct saksi_facts_writer *w);

#endif
