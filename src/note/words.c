#include "note/words.h"

#include <string.h>

#include "base/text.h"

struct saksi_words saksi_words_on(struct saksi_bytes text, struct saksi_fault *f)
{
	return (struct saksi_words){text, saksi_cursor_on(text), 0, f};
}

enum saksi_err saksi_words_wrong(struct saksi_words *r, const char *what)
{
	return saksi_fault_set(r->f, SAKSI_MALFORMED, what, r->text.len - r->c.left.len,
			       r->line);
}

enum saksi_err saksi_words_line(struct saksi_words *r, struct saksi_bytes *line)
{
	r->line++;
	*line = saksi_cursor_line(&r->c);
	return r->c.ok ? SAKSI_OK : saksi_words_wrong(r, "it ends too early");
}

enum saksi_err saksi_words_value(struct saksi_words *r, const char *word,
				 struct saksi_bytes *value)
{
	size_t len = strlen(word);

	SAKSI_TRY(saksi_words_line(r, value));
	if (!saksi_bytes_starts(*value, word))
		return saksi_words_wrong(r, "not the line that belongs here");
	value->at += len;
	value->len -= len;
	return SAKSI_OK;
}

enum saksi_err saksi_words_number(struct saksi_words *r, const char *word, uint64_t max,
				  uint64_t *out)
{
	struct saksi_bytes value;
	uint64_t n;

	SAKSI_TRY(saksi_words_value(r, word, &value));
	if (saksi_text_decimal(value, &n) != SAKSI_OK || n > max)
		return saksi_words_wrong(r, "not a decimal number in range");
	*out = n;
	return SAKSI_OK;
}

enum saksi_err saksi_words_hash(struct saksi_words *r, const char *word,
				struct saksi_hash *out)
{
	struct saksi_bytes value;

	SAKSI_TRY(saksi_words_value(r, word, &value));
	if (saksi_text_base64_exact(value, out->b, SAKSI_HASH_LEN) != SAKSI_OK)
		return saksi_words_wrong(r, "not the base64 of a hash");
	return SAKSI_OK;
}

enum saksi_err saksi_words_key(struct saksi_words *r, const char *word,
			       struct saksi_vkey *out)
{
	struct saksi_bytes value;
	enum saksi_err err;

	SAKSI_TRY(saksi_words_value(r, word, &value));
	err = saksi_vkey_read(value, out, NULL);
	if (err == SAKSI_NEWER)
		return saksi_fault_set(r->f, err, "a key of a type not known here", 0,
				       r->line);
	if (err != SAKSI_OK || out->type != SAKSI_SIG_ED25519)
		return saksi_words_wrong(r, "not the verifier key of a log");
	return SAKSI_OK;
}

enum saksi_err saksi_words_first(struct saksi_words *r, const char *form)
{
	struct saksi_bytes version;
	uint64_t n;

	SAKSI_TRY(saksi_words_value(r, form, &version));
	if (saksi_text_decimal(version, &n) != SAKSI_OK || n == 0)
		return saksi_words_wrong(r, "not the first line that belongs here");
	if (n != 1)
		return saksi_fault_set(r->f, SAKSI_NEWER,
				       "of a version this program does not know", 0, 1);
	return SAKSI_OK;
}

enum saksi_err saksi_words_end(struct saksi_words *r)
{
	return r->c.left.len == 0 ? SAKSI_OK
				  : saksi_words_wrong(r, "more lines than belong here");
}
