/* rooms: engine */
/* XML of any bytes: elements open and close in pairs, within the bounds. */
#include "engine/xml.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	int depth;
	uint64_t opened;
};

static enum saksi_err open(void *ctx, const struct saksi_xml_element *e)
{
	struct seen *s = ctx;

	s->depth++;
	s->opened++;
	if (e->depth != s->depth || e->depth > SAKSI_XML_DEPTH_MAX || !e->name ||
	    !e->space || !e->attributes)
		abort();
	size_t n = 0;
	while (e->attributes[n] != NULL)
		n++;
	if (n % 2 != 0 || n / 2 > SAKSI_XML_ATTRIBUTES_MAX)
		abort();
	bool yes;
	const enum saksi_err err =
	    saksi_xml_boolean(saksi_xml_attribute(e, "selected"), true, &yes);
	return err == SAKSI_OK && saksi_xml_is_xccdf(e, "stop") ? SAKSI_REFUSED
								: SAKSI_OK;
}

static enum saksi_err shut(void *ctx, const struct saksi_xml_element *e)
{
	struct seen *s = ctx;

	if (e->depth != s->depth || s->depth < 1 || e->attributes != NULL ||
	    strlen(e->text) > SAKSI_XML_TEXT_MAX)
		abort();
	s->depth--;
	return SAKSI_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct saksi_fault f = {.at = 0};
	struct seen s = {0, 0};
	const enum saksi_err err =
	    saksi_xml_read((struct saksi_bytes){data, size}, open, shut, &s, &f);

	if (err == SAKSI_OK && (s.depth != 0 || s.opened == 0))
		abort();
	if (err == SAKSI_MALFORMED && (f.what == NULL || f.at > size))
		abort();
	return 0;
}
