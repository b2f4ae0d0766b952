#include "note/addcheckpoint.h"

#include "base/text.h"
#include "note/lines.h"

enum saksi_err saksi_addcheckpoint_read(struct saksi_bytes body, struct saksi_arena *a,
					struct saksi_addcheckpoint *out,
					struct saksi_fault *f)
{
	struct saksi_note_lines l = saksi_note_lines_on(body);
	struct saksi_addcheckpoint r;
	struct saksi_cursor c;
	struct saksi_path path;

	if (!saksi_note_lines_next(&l))
		return saksi_note_lines_fault(&l, f, SAKSI_MALFORMED,
					      "a request begins with the old size");
	c = saksi_cursor_on(l.line);
	if (!saksi_cursor_expect(&c, "old ") ||
	    saksi_text_decimal(c.left, &r.old_size) != SAKSI_OK)
		return saksi_note_lines_fault(&l, f, SAKSI_MALFORMED,
					      "\"old\" and a decimal number");
	if (!saksi_note_lines_next(&l))
		return saksi_note_lines_fault(&l, f, SAKSI_MALFORMED,
					      "no empty line before the checkpoint");
	SAKSI_TRY(saksi_note_lines_path(&l, SAKSI_ADDCHECKPOINT_PATH_MAX, a, &path, f));
	if (l.left.len == 0)
		return saksi_note_lines_fault(&l, f, SAKSI_MALFORMED,
					      "no checkpoint after the empty line");
	r.path = path.hashes;
	r.path_count = path.count;
	r.checkpoint = l.left;
	*out = r;
	return SAKSI_OK;
}

void saksi_addcheckpoint_write(const struct saksi_addcheckpoint *r,
			       struct saksi_buf *out)
{
	saksi_buf_puts(out, "old ");
	saksi_buf_put_decimal(out, r->old_size);
	saksi_buf_puts(out, "\n");
	saksi_note_lines_path_write((struct saksi_path){r->path, r->path_count}, out);
	saksi_buf_puts(out, "\n");
	saksi_buf_put(out, r->checkpoint);
}
