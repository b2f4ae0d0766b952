#include "note/receipt.h"

#include "note/words.h"

#define FIRST_LINE "saksi/receipt/v"

enum saksi_err saksi_receipt_read(struct saksi_bytes text, struct saksi_receipt *out,
				  struct saksi_fault *f)
{
	struct saksi_words r = saksi_words_on(text, f);
	struct saksi_receipt got;
	uint64_t time = 0, due = 0;

	SAKSI_TRY(saksi_words_first(&r, FIRST_LINE));
	SAKSI_TRY(saksi_words_line(&r, &got.origin));
	if (got.origin.len == 0)
		return saksi_words_wrong(&r, "no origin");
	SAKSI_TRY(saksi_words_number(&r, "index ", UINT64_MAX, &got.index));
	SAKSI_TRY(saksi_words_hash(&r, "leaf ", &got.leaf));
	SAKSI_TRY(saksi_words_number(&r, "time ", INT64_MAX, &time));
	SAKSI_TRY(saksi_words_number(&r, "due ", INT64_MAX, &due));
	if (due < time)
		return saksi_words_wrong(&r, "due before it was made");
	SAKSI_TRY(saksi_words_end(&r));
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
