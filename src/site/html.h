/* Writing HTML so that nothing others wrote can become markup. */
#ifndef SAKSI_SITE_HTML_H
#define SAKSI_SITE_HTML_H

#include "base/buf.h"
#include "crypto/hash.h"

/* Text, with & < > " ' and control bytes escaped. */
void saksi_html_text(struct saksi_buf *out, struct saksi_bytes s);
void saksi_html_cstr(struct saksi_buf *out, const char *s);
/* <td>text</td>, with a class when not NULL (static, ours). */
void saksi_html_cell(struct saksi_buf *out, const char *class_name,
		     struct saksi_bytes s);
void saksi_html_cell_cstr(struct saksi_buf *out, const char *class_name, const char *s);
void saksi_html_cell_number(struct saksi_buf *out, uint64_t n);
/* <td><time datetime=UTC>22 Nov 2026 23.39 WIB</time></td> */
void saksi_html_cell_time(struct saksi_buf *out, int64_t utc);
void saksi_html_time(struct saksi_buf *out, int64_t utc);
/* <td><bdi>first 12 hex digits</bdi></td> with the whole in its title */
void saksi_html_cell_hash(struct saksi_buf *out, const struct saksi_hash *h);

#endif
