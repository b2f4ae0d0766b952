#include "note/tlogproof.h"

#include "base/text.h"
#include "note/lines.h"

#define FORMAT "c2sp.org/tlog-proof@v"

static enum saksi_err read_version(struct saksi_note_lines *l, struct saksi_fault *f)
{
	bool whole = saksi_note_lines_next(l);
	struct saksi_cursor c = saksi_cursor_on(l->line);
	enum saksi_err err = SAKSI_MALFORMED;
	uint64_t version;

	if (whole && saksi_cursor_expect(&c, FORMAT) &&
	    saksi_text_decimal(c.left, &version) == SAKSI_OK) {
		if (version == 1)
			return SAKSI_OK;
		err = SAKSI_NEWER;
	}
	return saksi_note_lines_fault(l, f, err, "a proof begins with " FORMAT "1");
}

static enum saksi_err read_extra(struct saksi_note_lines *l, struct saksi_arena *a,
				 struct saksi_tlogproof *p, struct saksi_fault *f)
{
	struct saksi_cursor c = saksi_cursor_on(l->line);
	size_t len = l->line.len / 4 * 3;
	uint8_t *room;

	if (!saksi_cursor_expect(&c, "extra "))
		return SAKSI_OK;
	room = saksi_arena_new(a, len, 1);
	if (room == NULL)
		return saksi_note_lines_fault(l, f, SAKSI_NOMEM,
					      "no memory for the extra data");
	if (saksi_text_base64(c.left, room, &len) != SAKSI_OK || len == 0)
		return saksi_note_lines_fault(l, f, SAKSI_MALFORMED,
					      "extra data is base64 and not empty");
	p->extra = (struct saksi_bytes){room, len};
	p->has_extra = true;
	if (!saksi_note_lines_next(l))
		return saksi_note_lines_fault(l, f, SAKSI_MALFORMED,
					      "a proof names its index");
	return SAKSI_OK;
}

static enum saksi_err read_index(const struct saksi_note_lines *l, uint64_t *index,
				 struct saksi_fault *f)
{
	struct saksi_cursor c = saksi_cursor_on(l->line);
	enum saksi_err err = SAKSI_MALFORMED;

	if (saksi_cursor_expect(&c, "index "))
		err = saksi_text_decimal(c.left, index);
	if (err != SAKSI_OK)
		return saksi_note_lines_fault(l, f, err,
					      "\"index\" and a decimal number");
	return SAKSI_OK;
}

enum saksi_err saksi_tlogproof_read(struct saksi_bytes text, struct saksi_arena *a,
				    struct saksi_tlogproof *out, struct saksi_fault *f)
{
	struct saksi_note_lines l = saksi_note_lines_on(text);
	struct saksi_tlogproof p = {.has_extra = false};
	struct saksi_path path;

	SAKSI_TRY(read_version(&l, f));
	if (!saksi_note_lines_next(&l))
		return saksi_note_lines_fault(&l, f, SAKSI_MALFORMED,
					      "a proof names its index");
	SAKSI_TRY(read_extra(&l, a, &p, f));
	SAKSI_TRY(read_index(&l, &p.index, f));
	if (!saksi_note_lines_next(&l))
		return saksi_note_lines_fault(&l, f, SAKSI_MALFORMED,
					      "no empty line before the checkpoint");
	SAKSI_TRY(saksi_note_lines_path(&l, SAKSI_PATH_MAX, a, &path, f));
	if (l.left.len == 0)
		return saksi_note_lines_fault(&l, f, SAKSI_MALFORMED,
					      "no checkpoint after the empty line");
	p.path = path.hashes;
	p.path_count = path.count;
	p.checkpoint = l.left;
	*out = p;
	return SAKSI_OK;
}

void saksi_tlogproof_write(const struct saksi_tlogproof *p, struct saksi_buf *out)
{
	saksi_buf_puts(out, FORMAT "1\n");
	if (p->has_extra && p->extra.len > 0) {
		saksi_buf_puts(out, "extra ");
		saksi_buf_put_base64(out, p->extra);
		saksi_buf_puts(out, "\n");
	}
	saksi_buf_puts(out, "index ");
	saksi_buf_put_decimal(out, p->index);
	saksi_buf_puts(out, "\n");
	saksi_note_lines_path_write((struct saksi_path){p->path, p->path_count}, out);
	saksi_buf_puts(out, "\n");
	saksi_buf_put(out, p->checkpoint);
}
