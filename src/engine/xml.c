#include "engine/xml.h"

#include <expat.h>
#include <string.h>

/* Expat 2.9 gave these two new names and warns of the old ones. */
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 9
#define BYTE_INDEX(parser) ((int64_t)XML_GetCurrentByteIndex64(parser))
#define LINE_NUMBER(parser) ((uint64_t)XML_GetCurrentLineNumber64(parser))
#else
#define BYTE_INDEX(parser) ((int64_t)XML_GetCurrentByteIndex(parser))
#define LINE_NUMBER(parser) ((uint64_t)XML_GetCurrentLineNumber(parser))
#endif

#define PIECE (1 << 16)
#define SPACE_END '\t' /* between namespace and name; no URI holds it */

struct reading {
	XML_Parser parser;
	saksi_xml_handler *open, *close;
	void *ctx;
	enum saksi_err err;
	const char *what;
	int depth;
	size_t text_len;
	bool text_cut;
	char text[SAKSI_XML_TEXT_MAX + 1];
};

static void stop(struct reading *r, enum saksi_err err, const char *what)
{
	if (r->err == SAKSI_OK) {
		r->err = err;
		r->what = what;
	}
	(void)XML_StopParser(r->parser, XML_FALSE);
}

static void split(const char *full, char *space, size_t room,
		  struct saksi_xml_element *e)
{
	const char *end = strchr(full, SPACE_END);
	size_t n = end == NULL ? 0 : (size_t)(end - full);

	/* A longer namespace is none of those that are looked for. */
	if (n >= room)
		n = 0;
	memcpy(space, full, n);
	space[n] = '\0';
	e->space = space;
	e->name = end == NULL ? full : end + 1;
}

static void tell(struct reading *r, saksi_xml_handler *handler,
		 const struct saksi_xml_element *e)
{
	enum saksi_err err = handler(r->ctx, e);

	if (err != SAKSI_OK)
		stop(r, err, "an element is not as it should be");
}

static void XMLCALL on_open(void *user, const char *name, const char **attributes)
{
	struct reading *r = user;
	struct saksi_xml_element e = {.attributes = attributes};
	char space[128];
	size_t n = 0;

	if (r->err != SAKSI_OK)
		return;
	/* Newer expats may hand over at once what token_too_long would have seen. */
	while (attributes[n] != NULL) {
		if (strlen(attributes[n]) + strlen(attributes[n + 1]) >
		    SAKSI_XML_TOKEN_MAX) {
			stop(r, SAKSI_LIMIT, "a name, value or comment is too long");
			return;
		}
		n += 2;
	}
	if (++r->depth > SAKSI_XML_DEPTH_MAX || n / 2 > SAKSI_XML_ATTRIBUTES_MAX) {
		stop(r, SAKSI_LIMIT, "elements too deep, or too many attributes");
		return;
	}
	split(name, space, sizeof(space), &e);
	e.text = "";
	e.depth = r->depth;
	r->text_len = 0;
	r->text_cut = false;
	tell(r, r->open, &e);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void XMLCALL on_close(void *user, const char *name)
{
	struct reading *r = user;
	struct saksi_xml_element e = {.text = r->text, .text_cut = r->text_cut};
	char space[128];

	if (r->err != SAKSI_OK)
		return;
	split(name, space, sizeof(space), &e);
	e.depth = r->depth--;
	while (r->text_len > 0 && blank(r->text[r->text_len - 1]))
		r->text_len--;
	r->text[r->text_len] = '\0';
	while (blank(*e.text))
		e.text++;
	tell(r, r->close, &e);
	r->text_len = 0;
	r->text_cut = false;
}

static void XMLCALL on_text(void *user, const char *s, int len)
{
	struct reading *r = user;

	for (int i = 0; i < len; i++)
		if (r->text_len < SAKSI_XML_TEXT_MAX)
			r->text[r->text_len++] = s[i];
		else if (!blank(s[i]))
			r->text_cut = true;
}

static void XMLCALL on_doctype(void *user, const char *name, const char *system,
			       const char *public, int subset)
{
	(void)name, (void)system, (void)public, (void)subset;
	stop(user, SAKSI_MALFORMED, "a DOCTYPE, which can hold entities");
}

/* Expat keeps a token that is not ended yet whole in memory. */
static bool token_too_long(const struct reading *r, size_t fed)
{
	const int64_t at = BYTE_INDEX(r->parser);

	return at >= 0 && fed > (size_t)at && fed - (size_t)at > SAKSI_XML_TOKEN_MAX;
}

static void feed(struct reading *r, struct saksi_bytes text)
{
	size_t fed = 0;

	do {
		size_t n = text.len - fed < PIECE ? text.len - fed : PIECE;
		const bool last = fed + n == text.len;
		const char *piece = n == 0 ? "" : (const char *)text.at + fed;

		if (XML_Parse(r->parser, piece, (int)n, last) != XML_STATUS_OK) {
			stop(r,
			     XML_GetErrorCode(r->parser) == XML_ERROR_NO_MEMORY
				 ? SAKSI_NOMEM
				 : SAKSI_MALFORMED,
			     "no well-formed XML");
			return;
		}
		fed += n;
		if (!last && token_too_long(r, fed)) {
			stop(r, SAKSI_LIMIT, "a name, value or comment is too long");
			return;
		}
	} while (fed < text.len);
}

enum saksi_err saksi_xml_read(struct saksi_bytes text, saksi_xml_handler *open,
			      saksi_xml_handler *close, void *ctx,
			      struct saksi_fault *f)
{
	struct reading r = {.open = open, .close = close, .ctx = ctx};

	r.parser = XML_ParserCreateNS("UTF-8", SPACE_END);
	if (r.parser == NULL)
		return saksi_fault_set(f, SAKSI_NOMEM, "no memory to read XML", 0, 0);
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_open, on_close);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	feed(&r, text);
	if (r.err != SAKSI_OK)
		(void)saksi_fault_set(f, r.err, r.what, (size_t)BYTE_INDEX(r.parser),
				      (uint32_t)LINE_NUMBER(r.parser));
	XML_ParserFree(r.parser);
	return r.err;
}

bool saksi_xml_is_xccdf(const struct saksi_xml_element *e, const char *name)
{
	return strcmp(e->name, name) == 0 &&
	       (strcmp(e->space, "http://checklists.nist.gov/xccdf/1.2") == 0 ||
		strcmp(e->space, "http://checklists.nist.gov/xccdf/1.1") == 0);
}

const char *saksi_xml_attribute(const struct saksi_xml_element *e, const char *name)
{
	for (const char *const *a = e->attributes; *a != NULL; a += 2)
		if (strcmp(a[0], name) == 0)
			return a[1];
	return NULL;
}

enum saksi_err saksi_xml_boolean(const char *value, bool other, bool *out)
{
	if (value == NULL)
		*out = other;
	else if (strcmp(value, "true") == 0 || strcmp(value, "1") == 0)
		*out = true;
	else if (strcmp(value, "false") == 0 || strcmp(value, "0") == 0)
		*out = false;
	else
		return SAKSI_MALFORMED;
	return SAKSI_OK;
}

enum saksi_err saksi_xml_id(const char *value, struct saksi_arena *a, const char **out)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:";
	size_t n;
	char *copy;

	if (value == NULL || *value == '-')
		return SAKSI_MALFORMED;
	n = strspn(value, allowed);
	if (n == 0 || n > 256 || value[n] != '\0')
		return SAKSI_MALFORMED;
	copy = saksi_arena_new(a, n + 1, 1);
	if (copy == NULL)
		return SAKSI_LIMIT;
	memcpy(copy, value, n);
	*out = copy;
	return SAKSI_OK;
}
