/* What an engine says of each rule of a content: read from XCCDF results.  The
 * engine is not trusted: of its file only verdicts of rules that the content
 * has, and its version, are taken.  Host names and addresses, which results
 * hold, cannot get out of here. */
#ifndef SAKSI_ENGINE_RESULTS_H
#define SAKSI_ENGINE_RESULTS_H

#include "engine/content.h"

enum saksi_scap_result {
	SAKSI_SCAP_NONE, /* the results do not speak of the rule */
	SAKSI_SCAP_PASS,
	SAKSI_SCAP_FAIL,
	SAKSI_SCAP_NOTAPPLICABLE,
	SAKSI_SCAP_NOTCHECKED,
	SAKSI_SCAP_NOTSELECTED,
	SAKSI_SCAP_UNKNOWN,
	SAKSI_SCAP_ERROR,
	SAKSI_SCAP_INFORMATIONAL,
	SAKSI_SCAP_FIXED,
	SAKSI_SCAP_RESULTS, /* how many there are */
};
const char *saksi_scap_result_name(enum saksi_scap_result r); /* static */

struct saksi_scap_results {
	uint8_t *of; /* of each rule of the content: an enum saksi_scap_result */
	size_t count[SAKSI_SCAP_RESULTS]; /* over all rules of the content */
	char engine[48];                  /* "openscap 1.3.7", or "" */
};

/*   OK         whole, and each result is of one rule of the content, once
 *   MALFORMED  no such results, or results of other rules
 *   LIMIT, NOMEM */
SAKSI_MUST enum saksi_err saksi_scap_results_read(struct saksi_bytes text,
						  const struct saksi_scap_content *c,
						  struct saksi_arena *a,
						  struct saksi_scap_results *out,
						  struct saksi_fault *f);

#endif
