#include "base/json.h"
#include "base/text.h"

static void begin_value(struct saksi_jsonw *w)
{
	if (w->comma)
		saksi_buf_put_u8(w->out, ',');
	w->comma = true;
}

void saksi_jsonw_open(struct saksi_jsonw *w, char bracket)
{
	begin_value(w);
	saksi_buf_put_u8(w->out, (uint8_t)bracket);
	w->comma = false;
}

void saksi_jsonw_close(struct saksi_jsonw *w, char bracket)
{
	saksi_buf_put_u8(w->out, (uint8_t)bracket);
	w->comma = true;
}

static void put_escaped(struct saksi_buf *out, uint8_t c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";

	for (size_t i = 0; i < sizeof from - 1; i++) {
		if (c == (uint8_t)from[i]) {
			saksi_buf_put_u8(out, '\\');
			saksi_buf_put_u8(out, (uint8_t)to[i]);
			return;
		}
	}
	saksi_buf_puts(out, "\\u00");
	saksi_buf_put_hex(out, (struct saksi_bytes){&c, 1});
}

static bool has_nul(struct saksi_bytes s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] == 0)
			return true;
	}
	return false;
}

static void put_string(struct saksi_buf *out, struct saksi_bytes s)
{
	size_t start = 0;

	if (!saksi_text_utf8(s) || has_nul(s)) {
		out->full = true;
		return;
	}
	saksi_buf_put_u8(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.at[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		saksi_buf_put(out, (struct saksi_bytes){s.at + start, i - start});
		put_escaped(out, c);
		start = i + 1;
	}
	if (start < s.len)
		saksi_buf_put(out, (struct saksi_bytes){s.at + start, s.len - start});
	saksi_buf_put_u8(out, '"');
}

void saksi_jsonw_key(struct saksi_jsonw *w, const char *key)
{
	begin_value(w);
	put_string(w->out, saksi_bytes_of(key));
	saksi_buf_put_u8(w->out, ':');
	w->comma = false;
}

void saksi_jsonw_str(struct saksi_jsonw *w, struct saksi_bytes s)
{
	begin_value(w);
	put_string(w->out, s);
}

void saksi_jsonw_cstr(struct saksi_jsonw *w, const char *s)
{
	saksi_jsonw_str(w, saksi_bytes_of(s));
}

void saksi_jsonw_u64(struct saksi_jsonw *w, uint64_t v)
{
	begin_value(w);
	if (v > INT64_MAX)
		w->out->full = true;
	saksi_buf_put_decimal(w->out, v);
}

void saksi_jsonw_int(struct saksi_jsonw *w, int64_t v)
{
	begin_value(w);
	if (v < 0)
		saksi_buf_put_u8(w->out, '-');
	saksi_buf_put_decimal(w->out, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void saksi_jsonw_bool(struct saksi_jsonw *w, bool v)
{
	begin_value(w);
	saksi_buf_puts(w->out, v ? "true" : "false");
}

void saksi_jsonw_null(struct saksi_jsonw *w)
{
	begin_value(w);
	saksi_buf_puts(w->out, "null");
}

void saksi_jsonw_hex(struct saksi_jsonw *w, struct saksi_bytes b)
{
	begin_value(w);
	saksi_buf_put_u8(w->out, '"');
	saksi_buf_put_hex(w->out, b);
	saksi_buf_put_u8(w->out, '"');
}

void saksi_jsonw_base64(struct saksi_jsonw *w, struct saksi_bytes b)
{
	begin_value(w);
	saksi_buf_put_u8(w->out, '"');
	saksi_buf_put_base64(w->out, b);
	saksi_buf_put_u8(w->out, '"');
}

void saksi_jsonw_raw(struct saksi_jsonw *w, struct saksi_bytes value)
{
	begin_value(w);
	saksi_buf_put(w->out, value);
}
