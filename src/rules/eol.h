/* End-of-life data: until when who cares for which version.  The auditor's own
 * tables, never the target's.  Spec of rules/eol.tsv: docs/RULES.md.
 * Pure but for saksi_eol_load.  Test: tests/unit/rules/eol_test.c. */
#ifndef SAKSI_RULES_EOL_H
#define SAKSI_RULES_EOL_H

#include "base/arena.h"
#include "crypto/hash.h"

#define SAKSI_EOL_TABLES_MAX 4
#define SAKSI_EOL_NOT_SAID INT64_MAX /* no end was announced when it was written */
/* A version without an announced end counts as cared for this long after the
 * table's date; later nobody can tell from this table. */
#define SAKSI_EOL_TRUST_S (400 * INT64_C(86400))

struct saksi_eol_entry {
	struct saksi_bytes product, cycle; /* "debian" "12", "openssl" "1.1.1" */
	int64_t supported_utc;             /* the last second of full support */
	int64_t maintained_utc;            /* of any free public security support */
	struct saksi_bytes source;
};
struct saksi_eol_table {
	struct saksi_bytes name;  /* "eol.tsv", "debian.csv": a plan's snapshot */
	struct saksi_hash digest; /* SHA-256 of the file */
	int64_t as_of_utc;        /* 0: not said (distro-info) */
	const struct saksi_eol_entry *entry;
	size_t count;
};
/* Earlier tables win over later ones for the same product and cycle. */
struct saksi_eol {
	struct saksi_eol_table table[SAKSI_EOL_TABLES_MAX];
	size_t count;
};

/* Appends the table of `text` to *e.  The table lives in `a` and borrows text.
 *   MALFORMED  with the line;  NEWER;  LIMIT  too many tables, arena too small */
SAKSI_MUST enum saksi_err saksi_eol_read(struct saksi_bytes text, struct saksi_arena *a,
					 struct saksi_eol *e, struct saksi_fault *f);
/* The same for a CSV of distro-info-data; `product` is "debian" or "ubuntu". */
SAKSI_MUST enum saksi_err saksi_eol_read_distro(struct saksi_bytes text,
						const char *product,
						struct saksi_arena *a,
						struct saksi_eol *e,
						struct saksi_fault *f);

/* The entry whose cycle is the longest one that begins this version (an epoch
 * "1:" is passed over; the cycle may not end within a number), or NULL.
 * *table (may be NULL) is where it stands. */
const struct saksi_eol_entry *saksi_eol_find(const struct saksi_eol *e,
					     struct saksi_bytes product,
					     struct saksi_bytes version,
					     const struct saksi_eol_table **table);

/* Is that version still cared for at `at`?  OK it is, REFUSED it no longer is,
 * MISSING cannot tell (no such entry, or the table is too old to say). */
SAKSI_MUST enum saksi_err saksi_eol_check(const struct saksi_eol *e,
					  struct saksi_bytes product,
					  struct saksi_bytes version, bool fully,
					  int64_t at);

/* Reads distro_dir/{debian,ubuntu}.csv where they are (NULL: the system's
 * /usr/share/distro-info), then the file `tsv`.  MISSING when tsv is not there;
 * the errors of the readers; *w says it in one line. */
SAKSI_MUST enum saksi_err saksi_eol_load(const char *tsv, const char *distro_dir,
					 struct saksi_arena *a, struct saksi_eol *e,
					 struct saksi_why *w);

#endif
