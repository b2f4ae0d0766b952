#include "note/lines.h"

#include "base/text.h"

struct saksi_note_lines saksi_note_lines_on(struct saksi_bytes text)
{
	return (struct saksi_note_lines){.begin = text.at, .left = text};
}

bool saksi_note_lines_next(struct saksi_note_lines *l)
{
	struct saksi_cursor c = saksi_cursor_on(l->left);

	l->number++;
	l->line = saksi_cursor_line(&c);
	if (!c.ok) {
		l->line = l->left;
		return false;
	}
	l->left = c.left;
	return true;
}

enum saksi_err saksi_note_lines_fault(const struct saksi_note_lines *l,
				      struct saksi_fault *f, enum saksi_err err,
				      const char *what)
{
	size_t at = l->line.at == NULL ? 0 : (size_t)(l->line.at - l->begin);

	return saksi_fault_set(f, err, what, at, l->number);
}

struct saksi_bytes saksi_cursor_until(struct saksi_cursor *c, uint8_t mark)
{
	struct saksi_bytes got;
	size_t n = 0;

	while (n < c->left.len && c->left.at[n] != mark)
		n++;
	if (n == c->left.len)
		c->ok = false;
	got = saksi_cursor_take(c, n);
	(void)saksi_cursor_take(c, 1);
	return got;
}

enum saksi_err saksi_note_lines_path(struct saksi_note_lines *l, size_t max,
				     struct saksi_arena *a, struct saksi_path *out,
				     struct saksi_fault *f)
{
	struct saksi_hash *room, *fits;
	size_t count = 0;

	for (struct saksi_note_lines ahead = *l; ahead.line.len > 0; count++) {
		if (count == max)
			return saksi_note_lines_fault(&ahead, f, SAKSI_MALFORMED,
						      "too many lines of proof");
		if (!saksi_note_lines_next(&ahead))
			return saksi_note_lines_fault(&ahead, f, SAKSI_MALFORMED,
						      "no empty line after the proof");
	}
	fits = room = saksi_arena_new(a, count, sizeof(*room));
	if (room == NULL)
		return saksi_note_lines_fault(l, f, SAKSI_NOMEM,
					      "no memory for the proof");
	for (; l->line.len > 0; room++) {
		if (saksi_text_base64_exact(l->line, room->b, SAKSI_HASH_LEN) !=
		    SAKSI_OK)
			return saksi_note_lines_fault(l, f, SAKSI_MALFORMED,
						      "not the base64 of a hash");
		(void)saksi_note_lines_next(l);
	}
	*out = (struct saksi_path){fits, count};
	return SAKSI_OK;
}

void saksi_note_lines_path_write(struct saksi_path path, struct saksi_buf *out)
{
	for (size_t i = 0; i < path.count; i++) {
		saksi_buf_put_base64(out, saksi_hash_bytes(&path.hashes[i]));
		saksi_buf_puts(out, "\n");
	}
}
