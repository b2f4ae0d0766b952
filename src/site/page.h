/* The public page: what a look at the log saw, as one HTML document without
 * script.  Everything that others wrote is escaped. */
#ifndef SAKSI_SITE_PAGE_H
#define SAKSI_SITE_PAGE_H

#include "follow/look.h"
#include "site/text.h"

struct saksi_page {
	const struct saksi_look *look;
	enum saksi_err answer; /* of that look */
	const struct saksi_policy *policy;
	struct saksi_place *place; /* openings are read from here, and checked */
	struct saksi_arena *arena;
	const char *log_url;
	int64_t now_utc;
	enum saksi_lang lang;
};
/* Appends the document.  LIMIT when out is too small. */
SAKSI_MUST enum saksi_err saksi_page_write(const struct saksi_page *p,
					   struct saksi_buf *out);
/* The one style sheet, static. */
struct saksi_bytes saksi_page_style(void);

#endif
