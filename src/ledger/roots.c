/* The two small text files of a trust folder that this room reads. */
#include "ledger/ledger.h"

#include <string.h>

#include "base/text.h"
#include "statement/fields.h"

#define DAY_S 86400
#define LIMIT_MAX_S (100LL * 366 * DAY_S)

/* The bytes before the next space; the space is consumed. */
static struct saksi_bytes word(struct saksi_bytes *line)
{
	size_t n = 0;
	struct saksi_bytes w;

	while (n < line->len && line->at[n] != ' ')
		n++;
	w = (struct saksi_bytes){line->at, n};
	n += n < line->len;
	line->at += n;
	line->len -= n;
	return w;
}

/* Each line that says something, without its '#' comment, to `each`. */
static enum saksi_err each_line(struct saksi_bytes text,
				const char *(*each)(void *ctx, struct saksi_bytes line),
				void *ctx, struct saksi_fault *f)
{
	struct saksi_cursor c = saksi_cursor_on(text);

	for (uint32_t n = 1; c.left.len > 0; n++) {
		size_t at = text.len - c.left.len;
		struct saksi_bytes line = saksi_cursor_line(&c);
		const char *what;

		if (!c.ok)
			return saksi_fault_set(f, SAKSI_MALFORMED, "no final newline",
					       at, n);
		if (line.len == 0 || line.at[0] == '#')
			continue;
		what = each(ctx, line);
		if (what != NULL)
			return saksi_fault_set(f, SAKSI_MALFORMED, what, at, n);
	}
	return SAKSI_OK;
}

static const char *root_line(struct saksi_roots *r, struct saksi_bytes line)
{
	struct saksi_bytes name = word(&line);
	uint8_t key[SAKSI_KEY_LEN];

	if (!saksi_name_good(name) ||
	    saksi_text_hex(line, key, sizeof(key)) != SAKSI_OK)
		return "a root is \"root NAME HEX\" with a key of 64 digits";
	if (r->key_count == SAKSI_ROOTS_MAX)
		return "more than 16 roots";
	for (size_t i = 0; i < r->key_count; i++)
		if (saksi_bytes_same(r->keys[i].name, name) ||
		    memcmp(r->keys[i].key, key, sizeof(key)) == 0)
			return "a root's name or key stands twice";
	r->keys[r->key_count].name = name;
	memcpy(r->keys[r->key_count++].key, key, sizeof(key));
	return NULL;
}

static const char *roots_line(void *ctx, struct saksi_bytes line)
{
	struct saksi_roots *r = ctx;
	struct saksi_bytes verb = word(&line);
	uint64_t quorum = 0;

	if (saksi_bytes_is(verb, "root"))
		return root_line(r, line);
	if (!saksi_bytes_is(verb, "quorum"))
		return "neither \"quorum K\" nor \"root NAME HEX\"";
	if (r->quorum != 0)
		return "a second quorum";
	if (saksi_text_decimal(line, &quorum) != SAKSI_OK || quorum == 0 ||
	    quorum > SAKSI_ROOTS_MAX)
		return "a quorum is a number from 1 to 16";
	r->quorum = (size_t)quorum;
	return NULL;
}

enum saksi_err saksi_roots_read(struct saksi_bytes text, struct saksi_roots *out,
				struct saksi_fault *f)
{
	struct saksi_roots r = {0};

	SAKSI_TRY(each_line(text, roots_line, &r, f));
	if (r.quorum == 0)
		return saksi_fault_set(f, SAKSI_MALFORMED, "no quorum", text.len, 0);
	if (r.quorum > r.key_count)
		return saksi_fault_set(f, SAKSI_MALFORMED,
				       "fewer roots than the quorum asks for", text.len,
				       0);
	*out = r;
	return SAKSI_OK;
}

void saksi_limits_default(struct saksi_limits *l)
{
	l->freshness_s = 3 * 3600;
	l->silence_s = 3600;
	l->extension_max_s = 90 * DAY_S;
	l->acceptance_max_s = 730 * DAY_S;
}

struct limits_seen {
	struct saksi_limits l;
	bool seen[4];
};

static bool read_span(struct saksi_bytes s, int64_t *out)
{
	static const struct {
		uint8_t unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', DAY_S}};
	uint64_t n;

	if (s.len == 0 ||
	    saksi_text_decimal((struct saksi_bytes){s.at, s.len - 1}, &n) != SAKSI_OK ||
	    n > LIMIT_MAX_S)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (s.at[s.len - 1] == units[i].unit) {
			*out = (int64_t)n * units[i].seconds;
			return *out <= LIMIT_MAX_S;
		}
	return false;
}

static const char *limits_line(void *ctx, struct saksi_bytes line)
{
	static const char *const names[] = {"freshness", "silence", "extension",
					    "acceptance"};
	struct limits_seen *s = ctx;
	int64_t *const at[] = {&s->l.freshness_s, &s->l.silence_s,
			       &s->l.extension_max_s, &s->l.acceptance_max_s};
	struct saksi_bytes name = word(&line);
	int64_t span;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!saksi_bytes_is(name, names[i]))
			continue;
		if (s->seen[i])
			return "a limit that stands twice";
		if (!read_span(line, &span))
			return "a limit is a number with s, m, h or d, like 3h, of at "
			       "most 100 years";
		s->seen[i] = true;
		*at[i] = span;
		return NULL;
	}
	return "no such limit: freshness, silence, extension, acceptance";
}

enum saksi_err saksi_limits_read(struct saksi_bytes text, struct saksi_limits *out,
				 struct saksi_fault *f)
{
	struct limits_seen s = {0};

	saksi_limits_default(&s.l);
	SAKSI_TRY(each_line(text, limits_line, &s, f));
	*out = s.l;
	return SAKSI_OK;
}
