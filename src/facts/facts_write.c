#include "facts/facts_text.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static void fail(struct saksi_facts_writer *w, enum saksi_err err)
{
	if (w->err == SAKSI_OK)
		w->err = err;
}

static void flush(struct saksi_facts_writer *w)
{
	if (w->fill == 0)
		return;
	const struct saksi_bytes piece = {w->piece, w->fill};

	saksi_hash_more(&w->hash, piece);
	w->bytes += w->fill;
	if (w->err == SAKSI_OK && w->bytes > SAKSI_FACTS_BYTES_MAX)
		fail(w, SAKSI_LIMIT);
	if (w->err == SAKSI_OK)
		fail(w, w->sink(w->ctx, piece));
	w->fill = 0;
}

static void raw(struct saksi_facts_writer *w, const char *s, size_t len)
{
	while (len > 0) {
		size_t n = sizeof(w->piece) - w->fill;
		if (n > len)
			n = len;
		memcpy(w->piece + w->fill, s, n);
		w->fill += n;
		s += n;
		len -= n;
		if (w->fill == sizeof(w->piece))
			flush(w);
	}
}

static void encoded(struct saksi_facts_writer *w, struct saksi_bytes s)
{
	const bool cut = s.len > SAKSI_FACTS_FIELD_MAX;

	/* 16 less leaves room for the dots and for half a character. */
	if (cut)
		s.len = SAKSI_FACTS_FIELD_MAX - 16;
	while (s.len > 0) {
		if (sizeof(w->piece) - w->fill < 16)
			flush(w);
		w->fill += saksi_facts_encode(&s, w->piece + w->fill,
					      sizeof(w->piece) - w->fill);
	}
	if (cut)
		raw(w, "...", 3);
}

static bool closed(const struct saksi_facts_writer *w, const char *section)
{
	for (size_t i = 0; i < w->closed_count; i++)
		if (strcmp(w->closed[i], section) == 0)
			return true;
	return false;
}

void saksi_facts_begin(struct saksi_facts_writer *w, saksi_facts_sink *sink, void *ctx)
{
	*w = (struct saksi_facts_writer){.sink = sink, .ctx = ctx};
	saksi_hash_begin(&w->hash);
	raw(w, "saksi-facts 1\n", 14);
}

void saksi_facts_put(struct saksi_facts_writer *w, const char *section,
		     struct saksi_bytes subject, const char *attribute,
		     struct saksi_bytes value)
{
	if (w->err != SAKSI_OK)
		return;
	if (!saksi_facts_is_section(saksi_bytes_of(section)) ||
	    !saksi_facts_is_attribute(saksi_bytes_of(attribute)) ||
	    closed(w, section)) {
		fail(w, SAKSI_BADARG);
		return;
	}
	if (w->count == SAKSI_FACTS_MAX) {
		fail(w, SAKSI_LIMIT);
		return;
	}
	raw(w, section, strlen(section));
	raw(w, "\t", 1);
	encoded(w, subject.len ? subject : saksi_bytes_of("-"));
	raw(w, "\t", 1);
	raw(w, attribute, strlen(attribute));
	raw(w, "\t", 1);
	encoded(w, value);
	raw(w, "\n", 1);
	w->count++;
}

void saksi_facts_puts(struct saksi_facts_writer *w, const char *section,
		      const char *subject, const char *attribute, const char *value)
{
	saksi_facts_put(w, section, saksi_bytes_of(subject), attribute,
			saksi_bytes_of(value));
}

void saksi_facts_cover(struct saksi_facts_writer *w, const char *section,
		       enum saksi_coverage_state state, const char *reason)
{
	const bool needs = state != SAKSI_COVERAGE_COMPLETE;

	if (w->err != SAKSI_OK)
		return;
	if (!saksi_facts_is_section(saksi_bytes_of(section)) || closed(w, section) ||
	    w->closed_count == SAKSI_FACTS_SECTIONS_MAX ||
	    state == SAKSI_COVERAGE_NONE || (needs && *reason == '\0')) {
		fail(w, SAKSI_BADARG);
		return;
	}
	memcpy(w->closed[w->closed_count++], section, strlen(section) + 1);
	raw(w, "=\t", 2);
	raw(w, section, strlen(section));
	raw(w, "\t", 1);
	raw(w, saksi_coverage_name(state), strlen(saksi_coverage_name(state)));
	raw(w, "\t", 1);
	encoded(w, saksi_bytes_of(needs ? reason : ""));
	raw(w, "\n", 1);
}

enum saksi_err saksi_facts_end(struct saksi_facts_writer *w)
{
	char hex[2 * SAKSI_HASH_LEN + 1], line[128];

	flush(w);
	const struct saksi_hash h = saksi_hash_end(&w->hash);
	saksi_text_to_hex(h.b, sizeof(h.b), hex);
	const int n = snprintf(line, sizeof(line), "end\t%llu\t%s\n",
			       (unsigned long long)w->count, hex);
	if (w->err == SAKSI_OK)
		fail(w,
		     w->sink(w->ctx, (struct saksi_bytes){(uint8_t *)line, (size_t)n}));
	return w->err;
}
