#include "backup/manifest.h"

#include <string.h>

#include "base/cursor.h"
#include "base/text.h"

#define FIRST "saksi-backup "
#define END "end "

struct reading {
	struct saksi_cursor c;
	size_t len;
	uint32_t line;
	struct saksi_fault *f;
};

static enum saksi_err wrong(struct reading *r, const char *what)
{
	return saksi_fault_set(r->f, SAKSI_MALFORMED, what, r->len - r->c.left.len,
			       r->line);
}

static enum saksi_err value(struct reading *r, const char *word,
			    struct saksi_bytes *out)
{
	size_t len = strlen(word);

	r->line++;
	*out = saksi_cursor_line(&r->c);
	if (!r->c.ok || !saksi_bytes_starts(*out, word))
		return wrong(r, "not the line that belongs here");
	out->at += len;
	out->len -= len;
	return SAKSI_OK;
}

static enum saksi_err number(struct reading *r, const char *word, uint64_t *out)
{
	struct saksi_bytes v;

	SAKSI_TRY(value(r, word, &v));
	if (saksi_text_decimal(v, out) != SAKSI_OK || *out > INT64_MAX)
		return wrong(r, "not a decimal number in range");
	return SAKSI_OK;
}

/* One of two words. */
static enum saksi_err either(struct reading *r, const char *word, const char *yes,
			     const char *no, bool *out)
{
	struct saksi_bytes v;

	SAKSI_TRY(value(r, word, &v));
	*out = saksi_bytes_is(v, yes);
	return *out || saksi_bytes_is(v, no) ? SAKSI_OK
					     : wrong(r, "neither of its two words");
}

bool saksi_backup_name_ok(struct saksi_bytes name)
{
	uint8_t before = '/';

	if (name.len == 0 || name.len > SAKSI_BACKUP_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		uint8_t b = name.at[i];
		bool letter = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') ||
			      (b >= '0' && b <= '9') || b == '-' || b == '_';

		/* A part begins with no dot and is not empty. */
		if (!letter && (before == '/' || (b != '.' && b != '/')))
			return false;
		before = b;
	}
	return before != '/';
}

static enum saksi_err file_line(struct reading *r, struct saksi_bytes line,
				struct saksi_backup_file *out)
{
	struct saksi_bytes digest = {line.at, 64}, len;
	size_t at = 65;

	if (line.len < 68 || line.at[64] != ' ' ||
	    saksi_text_hex(digest, out->digest.b, SAKSI_HASH_LEN) != SAKSI_OK)
		return wrong(r, "a file is \"file DIGEST LENGTH NAME\"");
	while (at < line.len && line.at[at] != ' ')
		at++;
	len = (struct saksi_bytes){line.at + 65, at - 65};
	if (at == line.len || saksi_text_decimal(len, &out->len) != SAKSI_OK)
		return wrong(r, "a file is \"file DIGEST LENGTH NAME\"");
	out->name = (struct saksi_bytes){line.at + at + 1, line.len - at - 1};
	return saksi_backup_name_ok(out->name) ? SAKSI_OK
					       : wrong(r, "a name that no file has");
}

static size_t file_lines(struct saksi_bytes text)
{
	struct saksi_cursor c = saksi_cursor_on(text);
	size_t n = 0;

	while (c.ok && c.left.len > 0)
		n += saksi_bytes_starts(saksi_cursor_line(&c), "file ");
	return n;
}

static enum saksi_err read_files(struct reading *r, struct saksi_arena *a, size_t count,
				 struct saksi_manifest *m)
{
	struct saksi_backup_file *files = saksi_arena_new(a, count, sizeof(*files));
	struct saksi_bytes line;

	if (files == NULL)
		return SAKSI_LIMIT;
	for (size_t i = 0; i < count; i++) {
		SAKSI_TRY(value(r, "file ", &line));
		SAKSI_TRY(file_line(r, line, &files[i]));
		if (i > 0 && saksi_bytes_order(files[i - 1].name, files[i].name) >= 0)
			return wrong(r, "files that are not in order");
	}
	m->files = files;
	m->file_count = count;
	return SAKSI_OK;
}

static enum saksi_err first(struct reading *r)
{
	struct saksi_bytes v;
	uint64_t n;

	SAKSI_TRY(value(r, FIRST, &v));
	if (saksi_text_decimal(v, &n) != SAKSI_OK || n == 0)
		return wrong(r, "not the manifest of a backup");
	if (n != 1)
		return saksi_fault_set(r->f, SAKSI_NEWER,
				       "a backup of a later version of this program; "
				       "use that one",
				       0, 1);
	return SAKSI_OK;
}

static enum saksi_err head(struct reading *r, struct saksi_manifest *m)
{
	struct saksi_bytes root;
	uint64_t time = 0;

	SAKSI_TRY(either(r, "kind ", "witness", "log", &m->witness));
	SAKSI_TRY(value(r, "name ", &m->who));
	if (m->who.len == 0)
		return wrong(r, "no name");
	SAKSI_TRY(number(r, "time ", &time));
	SAKSI_TRY(number(r, "entries ", &m->entries));
	SAKSI_TRY(number(r, "size ", &m->size));
	SAKSI_TRY(value(r, "root ", &root));
	if (saksi_text_base64_exact(root, m->root.b, SAKSI_HASH_LEN) != SAKSI_OK)
		return wrong(r, "not the base64 of a hash");
	SAKSI_TRY(either(r, "keys ", "yes", "no", &m->keys));
	m->time_utc = (int64_t)time;
	return either(r, "sealed ", "yes", "no", &m->sealed);
}

enum saksi_err saksi_manifest_read(struct saksi_bytes text, struct saksi_arena *a,
				   struct saksi_manifest *out, struct saksi_fault *f)
{
	struct reading r = {saksi_cursor_on(text), text.len, 0, f};
	struct saksi_manifest m = {0};
	struct saksi_hash told, is;
	struct saksi_bytes line;

	SAKSI_TRY(first(&r));
	SAKSI_TRY(head(&r, &m));
	SAKSI_TRY(read_files(&r, a, file_lines(text), &m));
	is = saksi_hash_of((struct saksi_bytes){text.at, text.len - r.c.left.len});
	SAKSI_TRY(value(&r, END, &line));
	if (saksi_text_hex(line, told.b, SAKSI_HASH_LEN) != SAKSI_OK ||
	    r.c.left.len != 0)
		return wrong(&r, "not the end of a manifest");
	if (!saksi_hash_same(&told, &is))
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "it was changed: its own digest is another", 0,
				       r.line);
	*out = m;
	return SAKSI_OK;
}

static void put_number(struct saksi_buf *out, const char *word, uint64_t n)
{
	saksi_buf_puts(out, word);
	saksi_buf_put_decimal(out, n);
	saksi_buf_puts(out, "\n");
}

void saksi_manifest_write(const struct saksi_manifest *m, struct saksi_buf *out)
{
	size_t before = out->len;
	struct saksi_hash digest;

	saksi_buf_puts(out, FIRST "1\nkind ");
	saksi_buf_puts(out, m->witness ? "witness\nname " : "log\nname ");
	saksi_buf_put(out, m->who);
	put_number(out, "\ntime ", (uint64_t)m->time_utc);
	put_number(out, "entries ", m->entries);
	put_number(out, "size ", m->size);
	saksi_buf_puts(out, "root ");
	saksi_buf_put_base64(out, saksi_hash_bytes(&m->root));
	saksi_buf_puts(out, m->keys ? "\nkeys yes" : "\nkeys no");
	saksi_buf_puts(out, m->sealed ? "\nsealed yes\n" : "\nsealed no\n");
	for (size_t i = 0; i < m->file_count; i++) {
		saksi_buf_puts(out, "file ");
		saksi_buf_put_hex(out, saksi_hash_bytes(&m->files[i].digest));
		saksi_buf_puts(out, " ");
		saksi_buf_put_decimal(out, m->files[i].len);
		saksi_buf_puts(out, " ");
		saksi_buf_put(out, m->files[i].name);
		saksi_buf_puts(out, "\n");
	}
	digest =
	    saksi_hash_of((struct saksi_bytes){out->at + before, out->len - before});
	saksi_buf_puts(out, END);
	saksi_buf_put_hex(out, saksi_hash_bytes(&digest));
	saksi_buf_puts(out, "\n");
}
