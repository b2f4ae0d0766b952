#include "site/html.h"

#include "base/clock.h"
#include "base/text.h"

void saksi_html_text(struct saksi_buf *out, struct saksi_bytes s)
{
	for (size_t i = 0; i < s.len; i++) {
		switch (s.at[i]) {
		case '&':
			saksi_buf_puts(out, "&amp;");
			break;
		case '<':
			saksi_buf_puts(out, "&lt;");
			break;
		case '>':
			saksi_buf_puts(out, "&gt;");
			break;
		case '"':
			saksi_buf_puts(out, "&quot;");
			break;
		case '\'':
			saksi_buf_puts(out, "&#39;");
			break;
		default:
			saksi_buf_put_u8(out, s.at[i] < 0x20 && s.at[i] != '\n'
						  ? (uint8_t)'?'
						  : s.at[i]);
		}
	}
}

void saksi_html_cstr(struct saksi_buf *out, const char *s)
{
	saksi_html_text(out, saksi_bytes_of(s));
}

void saksi_html_cell(struct saksi_buf *out, const char *class_name,
		     struct saksi_bytes s)
{
	saksi_buf_puts(out, "<td");
	if (class_name != NULL) {
		saksi_buf_puts(out, " class=\"");
		saksi_buf_puts(out, class_name);
		saksi_buf_puts(out, "\"");
	}
	saksi_buf_puts(out, ">");
	saksi_html_text(out, s);
	saksi_buf_puts(out, "</td>");
}

void saksi_html_cell_cstr(struct saksi_buf *out, const char *class_name, const char *s)
{
	saksi_html_cell(out, class_name, saksi_bytes_of(s));
}

void saksi_html_cell_number(struct saksi_buf *out, uint64_t n)
{
	saksi_buf_puts(out, "<td class=\"n\">");
	saksi_buf_put_decimal(out, n);
	saksi_buf_puts(out, "</td>");
}

void saksi_html_time(struct saksi_buf *out, int64_t utc)
{
	char iso[SAKSI_TIME_TEXT_LEN + 1], wib[32];

	saksi_time_text(utc, iso);
	saksi_time_wib(utc, wib);
	saksi_buf_puts(out, "<time datetime=\"");
	saksi_buf_puts(out, iso);
	saksi_buf_puts(out, "\">");
	saksi_buf_puts(out, wib);
	saksi_buf_puts(out, "</time>");
}

void saksi_html_cell_time(struct saksi_buf *out, int64_t utc)
{
	saksi_buf_puts(out, "<td>");
	saksi_html_time(out, utc);
	saksi_buf_puts(out, "</td>");
}

void saksi_html_cell_hash(struct saksi_buf *out, const struct saksi_hash *h)
{
	saksi_buf_puts(out, "<td><bdi title=\"");
	saksi_buf_put_hex(out, saksi_hash_bytes(h));
	saksi_buf_puts(out, "\">");
	saksi_buf_put_hex(out, (struct saksi_bytes){h->b, 6});
	saksi_buf_puts(out, "</bdi></td>");
}
