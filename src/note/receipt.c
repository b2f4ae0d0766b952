#include "note/receipt.h"

#include <string.h>

#include "base/text.h"

#define FIRST_LINE "saksi/receipt/v"

/* Where reading is: the cursor, and what a fault would say. */
struct reading {
	struct saksi_bytes text;
	struct saksi_cursor c;
	uint32_t line;
	struct saksi_fault *f;
};

static enum saksi_err wrong(struct reading *r, const char *what)
{
	return saksi_fault_set(r->f, SAKSI_MALFORMED, what, r->text.len - r->c.left.len,
			       r->line);
}

static enum saksi_err next_line(struct reading *r, struct saksi_bytes *line)
{
	r->line++;
	*line = saksi_cursor_line(&r->c);
	return r->c.ok ? SAKSI_OK : wrong(r, "the receipt ends too early");
}

/* What stands behind `word` in the next line. */
static enum saksi_err next_value(struct reading *r, const char *word,
				 struct saksi_bytes *value)
{
	size_t len = strlen(word);

	SAKSI_TRY(next_line(r, value));
	if (!saksi_bytes_starts(*value, word))
		return wrong(r, "not the line a receipt has here");
	value->at += len;
	value->len -= len;
	return SAKSI_OK;
}

static enum saksi_err next_number(struct reading *r, const char *word, uint64_t max,
				  uint64_t *out)
{
	struct saksi_bytes value;
	uint64_t n;

	SAKSI_TRY(next_value(r, word, &value));
	if (saksi_text_decimal(value, &n) != SAKSI_OK || n > max)
		return wrong(r, "not a decimal number in range");
	*out = n;
	return SAKSI_OK;
}

static enum saksi_err first_line(struct reading *r)
{
	struct saksi_bytes version;
	uint64_t n;

	SAKSI_TRY(next_value(r, FIRST_LINE, &version));
	if (saksi_text_decimal(version, &n) != SAKSI_OK || n == 0)
		return wrong(r, "not the first line of a receipt");
	if (n != 1)
		return saksi_fault_set(r->f, SAKSI_NEWER, "a newer kind of receipt", 0,
				       1);
	return SAKSI_OK;
}

enum saksi_err saksi_receipt_read(struct saksi_bytes text, struct saksi_receipt *out,
				  struct saksi_fault *f)
{
	struct reading r = {text, saksi_cursor_on(text), 0, f};
	struct saksi_receipt got;
	struct saksi_bytes leaf;
	uint64_t time = 0, due = 0;

	SAKSI_TRY(first_line(&r));
	SAKSI_TRY(next_line(&r, &got.origin));
	if (got.origin.len == 0)
		return wrong(&r, "no origin");
	SAKSI_TRY(next_number(&r, "index ", UINT64_MAX, &got.index));
	SAKSI_TRY(next_value(&r, "leaf ", &leaf));
	if (saksi_text_base64_exact(leaf, got.leaf.b, SAKSI_HASH_LEN) != SAKSI_OK)
		return wrong(&r, "not the base64 of a hash");
	SAKSI_TRY(next_number(&r, "time ", INT64_MAX, &time));
	SAKSI_TRY(next_number(&r, "due ", INT64_MAX, &due));
	if (due < time)
		return wrong(&r, "due before it was made");
	if (r.c.left.len != 0)
		return wrong(&r, "more lines than a receipt has");
	got.time_utc = (int64_t)time;
	got.due_utc = (int64_t)due;
	*out = got;
	return SAKSI_OK;
}

void saksi_receipt_write(const struct saksi_receipt *r, struct saksi_buf *out)
{
	saksi_buf_puts(out, FIRST_LINE "1\n");
	saksi_buf_put(out, r->origin);
	saksi_buf_puts(out, "\nindex ");
	saksi_buf_put_decimal(out, r->index);
	saksi_buf_puts(out, "\nleaf ");
	saksi_buf_put_base64(out, saksi_hash_bytes(&r->leaf));
	saksi_buf_puts(out, "\ntime ");
	saksi_buf_put_decimal(out, (uint64_t)r->time_utc);
	saksi_buf_puts(out, "\ndue ");
	saksi_buf_put_decimal(out, (uint64_t)r->due_utc);
	saksi_buf_puts(out, "\n");
}
