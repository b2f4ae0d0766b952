#include "base/event.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"

struct writing {
	struct saksi_buf *out;
	bool json, begun;
};

static const char *level_name(enum saksi_level l)
{
	switch (l) {
	case SAKSI_LEVEL_ERROR:
		return "error";
	case SAKSI_LEVEL_WARNING:
		return "warning";
	case SAKSI_LEVEL_NOTICE:
		return "notice";
	case SAKSI_LEVEL_INFO:
		break;
	}
	return "info";
}

/* How many bytes at s may stand as they are. */
static size_t kept(struct saksi_bytes s)
{
	size_t n = 0, whole = saksi_text_utf8_prefix(s);

	while (n < whole && s.at[n] >= 0x20 && s.at[n] != 0x7f &&
	       !(s.at[n] == 0xc2 && s.at[n + 1] < 0xa0))
		n++;
	return n;
}

static void put_quoted(const struct writing *w, const char *text)
{
	struct saksi_bytes s = saksi_bytes_of(text);

	saksi_buf_puts(w->out, "\"");
	while (s.len > 0) {
		size_t n = kept(s);

		for (size_t i = 0; i < n; i++) {
			if (s.at[i] == '"' || s.at[i] == '\\')
				saksi_buf_put_u8(w->out, '\\');
			saksi_buf_put_u8(w->out, s.at[i]);
		}
		if (n == s.len)
			break;
		/* A JSON string knows no \x: there the backslash is escaped itself. */
		saksi_buf_puts(w->out, w->json ? "\\\\x" : "\\x");
		saksi_buf_put_hex(w->out, (struct saksi_bytes){s.at + n, 1});
		s = (struct saksi_bytes){s.at + n + 1, s.len - n - 1};
	}
	saksi_buf_puts(w->out, "\"");
}

static bool is_bare(const char *s)
{
	for (const char *c = s; *c != '\0'; c++)
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
		      (*c >= '0' && *c <= '9') || strchr("._:/+-@", *c) != NULL))
			return false;
	return s[0] != '\0';
}

static void put_key(struct writing *w, const char *key)
{
	if (w->begun)
		saksi_buf_puts(w->out, w->json ? "," : " ");
	w->begun = true;
	saksi_buf_puts(w->out, w->json ? "\"" : "");
	saksi_buf_puts(w->out, key);
	saksi_buf_puts(w->out, w->json ? "\":" : "=");
}

static void put_text(struct writing *w, const char *key, const char *text)
{
	put_key(w, key);
	if (!w->json && is_bare(text))
		saksi_buf_puts(w->out, text);
	else
		put_quoted(w, text);
}

void saksi_event_write(const struct saksi_event *e, enum saksi_event_form form,
		       struct saksi_buf *out)
{
	struct writing w = {out, form == SAKSI_EVENT_JSON, false};
	char time[SAKSI_TIME_TEXT_LEN + 1];

	saksi_buf_puts(out, w.json ? "{" : "");
	if (e->time_utc != 0) {
		saksi_time_text(e->time_utc, time);
		put_text(&w, "time", time);
	}
	put_text(&w, "level", level_name(e->level));
	put_text(&w, "event", e->name);
	for (size_t i = 0; i < e->field_count; i++) {
		const struct saksi_event_field *f = &e->fields[i];

		if (f->text != NULL) {
			put_text(&w, f->key, f->text);
			continue;
		}
		put_key(&w, f->key);
		saksi_buf_put_decimal(out, f->number);
	}
	if (e->says != NULL)
		put_text(&w, "says", e->says);
	saksi_buf_puts(out, w.json ? "}\n" : "\n");
}
