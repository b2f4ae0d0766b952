/* A log's word about itself over the years, checked: that it is closed, that its
 * key was replaced; and the evidence when it lied about it.
 * Spec: docs/formats/years.md.  Test: tests/unit/verify/years_test.c */
#ifndef SAKSI_VERIFY_YEARS_H
#define SAKSI_VERIFY_YEARS_H

#include "note/years.h"
#include "verify/verify.h"

/* Is this the closing of a log the policy accepts?  OK; MISSING (no log of the
 * policy, or a signature unchecked); REFUSED; NEWER, MALFORMED, LIMIT.  *out and
 * *text (its note's text, may be NULL) borrow `note`. */
SAKSI_MUST enum saksi_err saksi_verify_closing(const struct saksi_verifier *v,
					       struct saksi_bytes note,
					       struct saksi_closing *out,
					       struct saksi_bytes *text,
					       struct saksi_fault *f);

/* Does this tree fit the closing of the same log?
 *   OK     it is the last tree
 *   STALE  an earlier one
 *   SPLIT  a later one, or another: *evidence (may be NULL) gets the file */
SAKSI_MUST enum saksi_err saksi_verify_last(struct saksi_bytes closing_note,
					    const struct saksi_closing *closing,
					    const struct saksi_judged *point,
					    struct saksi_buf *evidence);
/* Two closings of one log that are not the same text: SPLIT with evidence. */
SAKSI_MUST enum saksi_err saksi_verify_closings(struct saksi_bytes older,
						struct saksi_bytes newer,
						struct saksi_buf *evidence);
/* Evidence of the kinds "after-closing" and "two-closings".
 *   OK       the log did go on after its end, or ended twice
 *   REFUSED  the file proves nothing of the kind
 *   MALFORMED, NEWER, MISSING, LIMIT */
SAKSI_MUST enum saksi_err saksi_verify_closing_lie(const struct saksi_verifier *v,
						   struct saksi_bytes text,
						   struct saksi_closing *out,
						   struct saksi_fault *f);

/* Does a key that the policy has for this log's origin vouch for another one that
 * signed this note?  `get` reads public files.  OK: *out is that key, its name in
 * the arena.  REFUSED: nobody vouches, or the note bears a line of a known key;
 * LIMIT, IO. */
SAKSI_MUST enum saksi_err saksi_verify_heir(const struct saksi_verifier *v,
					    struct saksi_source *source,
					    struct saksi_bytes note,
					    struct saksi_vkey *out);

#endif
