/* What every reader of a section is given: where to read, where facts go, and
 * an honest account of what was not read. */
#ifndef SAKSI_COLLECT_COLLECT_GATHER_H
#define SAKSI_COLLECT_COLLECT_GATHER_H

#include "collect/collect.h"
#include "collect/collect_source.h"

#include <stdarg.h>

/* Users or groups, for names and for what is owned by nobody. */
struct saksi_ids {
	struct saksi_id {
		uint32_t id;
		const char *name;
	} * at; /* sorted by id; the first name of an id wins */
	size_t count, cap;
	bool known; /* the file was read: absence means "nobody" */
};

struct saksi_gather {
	const struct saksi_collect_options *o;
	struct saksi_source src;
	struct saksi_facts_writer *w;
	struct saksi_arena keep;    /* for the whole run */
	struct saksi_arena scratch; /* given back when a section closes */
	const char *section;
	enum saksi_coverage_state state;
	char reason[240];
	struct saksi_ids users, groups;
	struct saksi_packages *packages; /* installed ones; NULL before they are read */
	struct saksi_names web_roots;
	struct saksi_why *why;
};

/* Begin a section / write its coverage and give scratch memory back.  A second
 * section that shares the fate of the one being closed: _close_also first. */
void saksi_gather_open(struct saksi_gather *g, const char *section);
void saksi_gather_close_also(struct saksi_gather *g, const char *section);
void saksi_gather_close(struct saksi_gather *g);
/* Something was not read.  PARTIAL adds to what was said; another state stands
 * for the whole section and is said alone. */
__attribute__((format(printf, 3, 4))) void
saksi_gather_note(struct saksi_gather *g, enum saksi_coverage_state state,
		  const char *format, ...);
/* Notes a read that failed otherwise than by absence; was it OK? */
bool saksi_gather_noted(struct saksi_gather *g, enum saksi_read r, const char *path);

/* A fact of the open section. */
void saksi_gather_put(struct saksi_gather *g, struct saksi_bytes subject,
		      const char *attribute, struct saksi_bytes value);
void saksi_gather_puts(struct saksi_gather *g, const char *subject,
		       const char *attribute, const char *value);
void saksi_gather_number(struct saksi_gather *g, struct saksi_bytes subject,
			 const char *attribute, int64_t value);
void saksi_gather_yes(struct saksi_gather *g, struct saksi_bytes subject,
		      const char *attribute, bool yes);
void saksi_gather_mode(struct saksi_gather *g, struct saksi_bytes subject,
		       const char *attribute, unsigned mode);
/* PREFIX-state, PREFIX-mode, PREFIX-uid of a file (its links followed). */
void saksi_gather_file_facts(struct saksi_gather *g, struct saksi_bytes subject,
			     const char *prefix, const char *path);
/* Text in scratch memory; "" when there is no room. */
__attribute__((format(printf, 2, 3))) const char *
saksi_gather_text(struct saksi_gather *g, const char *format, ...);
/* A NUL-terminated copy in scratch memory (cut at a NUL within). */
const char *saksi_gather_cstr(struct saksi_gather *g, struct saksi_bytes b);

/* The whole file in scratch memory; notes why not. */
bool saksi_gather_read(struct saksi_gather *g, const char *path,
		       struct saksi_bytes *out);
/* A short file of one value (as in /sys), trimmed; false when not readable,
 * which is noted only for `must`. */
bool saksi_gather_value(struct saksi_gather *g, const char *path, bool must,
			struct saksi_bytes *out);
bool saksi_gather_names(struct saksi_gather *g, const char *dir,
			struct saksi_names *out);
bool saksi_gather_exists(struct saksi_gather *g, const char *path);
/* Is this package installed (by dpkg or apk)? */
bool saksi_gather_installed(struct saksi_gather *g, const char *package);
/* Is the unit wanted at boot (a wants or requires link, or an rc2.d S link of
 * the same name)? `unit` without ".service". */
bool saksi_gather_enabled(struct saksi_gather *g, const char *unit);
/* Files that a pattern with * in any component names, sorted; in scratch. */
struct saksi_names saksi_gather_glob(struct saksi_gather *g, const char *pattern);

const char *saksi_ids_name(const struct saksi_ids *ids, uint32_t id); /* or NULL */

#endif
