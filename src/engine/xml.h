/* XML of strangers, read once from front to back within bounds.  No DOCTYPE is
 * let in, so there are no entities to expand and nothing to fetch. */
#ifndef SAKSI_ENGINE_XML_H
#define SAKSI_ENGINE_XML_H

#include "base/arena.h"
#include "base/err.h"

#define SAKSI_XML_DEPTH_MAX 64
#define SAKSI_XML_ATTRIBUTES_MAX 64
#define SAKSI_XML_TEXT_MAX 64      /* kept of an element; more is marked */
#define SAKSI_XML_TOKEN_MAX 262144 /* of one name, value or comment */

/* Valid while the handler runs. */
struct saksi_xml_element {
	const char *space, *name;      /* namespace ("" for none) and local name */
	const char *const *attributes; /* name, value, ..., NULL; NULL at a close */
	const char *text; /* at a close: what stood since the last tag, trimmed */
	bool text_cut;    /* it was longer than TEXT_MAX */
	int depth;        /* 1 for the root */
};

/* What a handler answers other than OK ends the reading and is the answer. */
typedef enum saksi_err saksi_xml_handler(void *ctx, const struct saksi_xml_element *e);

/*   OK         the document is well-formed to its end
 *   MALFORMED  it is not, or holds a DOCTYPE
 *   LIMIT      over the bounds above
 *   NOMEM      or what a handler answered */
SAKSI_MUST enum saksi_err saksi_xml_read(struct saksi_bytes text,
					 saksi_xml_handler *open,
					 saksi_xml_handler *close, void *ctx,
					 struct saksi_fault *f);
/* Is it this element of XCCDF 1.1 or 1.2? */
bool saksi_xml_is_xccdf(const struct saksi_xml_element *e, const char *name);
/* The value of an attribute without namespace, or NULL. */
const char *saksi_xml_attribute(const struct saksi_xml_element *e, const char *name);
/* xs:boolean; `other` when it is not there.  MALFORMED. */
SAKSI_MUST enum saksi_err saksi_xml_boolean(const char *value, bool other, bool *out);
/* An identifier as XCCDF writes them: 1 to 256 of letters, digits and -_.: not
 * beginning with "-", copied into the arena.  MALFORMED, LIMIT. */
SAKSI_MUST enum saksi_err saksi_xml_id(const char *value, struct saksi_arena *a,
				       const char **out);

#endif
