#include "note/checkpoint.h"

#include "base/text.h"
#include "note/lines.h"

enum saksi_err saksi_checkpoint_read(struct saksi_bytes text,
				     struct saksi_checkpoint *out,
				     struct saksi_fault *f)
{
	struct saksi_note_lines l = saksi_note_lines_on(text);
	struct saksi_checkpoint c;
	enum saksi_err err;

	if (!saksi_note_lines_next(&l) || l.line.len == 0)
		return saksi_note_lines_fault(&l, f, SAKSI_MALFORMED,
					      "a checkpoint begins with its origin");
	c.origin = l.line;
	if (!saksi_note_lines_next(&l))
		return saksi_note_lines_fault(&l, f, SAKSI_MALFORMED,
					      "a checkpoint's second line is its size");
	err = saksi_text_decimal(l.line, &c.size);
	if (err == SAKSI_OK && c.size > SAKSI_TREE_SIZE_MAX)
		err = SAKSI_LIMIT;
	if (err != SAKSI_OK)
		return saksi_note_lines_fault(&l, f, err,
					      "a size is a decimal number up to 2^63");
	if (!saksi_note_lines_next(&l) ||
	    saksi_text_base64_exact(l.line, c.root.b, SAKSI_HASH_LEN) != SAKSI_OK)
		return saksi_note_lines_fault(
		    &l, f, SAKSI_MALFORMED,
		    "a checkpoint's third line is the base64 of its root");
	c.extensions = l.left;
	while (l.left.len > 0)
		if (!saksi_note_lines_next(&l) || l.line.len == 0)
			return saksi_note_lines_fault(
			    &l, f, SAKSI_MALFORMED,
			    "an extension line is not empty and ends with a newline");
	*out = c;
	return SAKSI_OK;
}

void saksi_checkpoint_write(const struct saksi_checkpoint *c, struct saksi_buf *out)
{
	saksi_buf_put(out, c->origin);
	saksi_buf_puts(out, "\n");
	saksi_buf_put_decimal(out, c->size);
	saksi_buf_puts(out, "\n");
	saksi_buf_put_base64(out, saksi_hash_bytes(&c->root));
	saksi_buf_puts(out, "\n");
	saksi_buf_put(out, c->extensions);
}
