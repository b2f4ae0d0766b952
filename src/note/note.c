#include "note/note.h"

#include "base/text.h"
#include "note/lines.h"

#include <string.h>

#define DASH "\xe2\x80\x94 " /* U+2014 and a space begin a signature line */
#define ID_LEN 4
#define TIME_LEN 8

static enum saksi_err fault_at(struct saksi_bytes all, size_t at, const char *what,
			       struct saksi_fault *f)
{
	uint32_t line = 1;

	for (size_t i = 0; i < at; i++)
		line += all.at[i] == '\n';
	return saksi_fault_set(f, SAKSI_MALFORMED, what, at, line);
}

static enum saksi_err check_characters(struct saksi_bytes all, struct saksi_fault *f)
{
	size_t good = saksi_text_utf8_prefix(all);

	for (size_t i = 0; i < good; i++)
		if (all.at[i] < 0x20 && all.at[i] != '\n')
			return fault_at(all, i, "a control character in a note", f);
	if (good != all.len)
		return fault_at(all, good, "a note is UTF-8", f);
	return SAKSI_OK;
}

/* Where the last empty line stands: the text may hold others before it. */
static enum saksi_err split(struct saksi_bytes all, struct saksi_bytes *text,
			    struct saksi_bytes *sigs, struct saksi_fault *f)
{
	size_t i = all.len;

	if (all.len == 0 || all.at[all.len - 1] != '\n')
		return fault_at(all, all.len, "a note ends with a newline", f);
	while (i >= 2 && (all.at[i - 1] != '\n' || all.at[i - 2] != '\n'))
		i--;
	if (i < 2)
		return fault_at(all, all.len, "no empty line before signatures", f);
	if (i == all.len)
		return fault_at(all, all.len, "no signature after the empty line", f);
	*text = (struct saksi_bytes){all.at, i - 1};
	*sigs = (struct saksi_bytes){all.at + i, all.len - i};
	return SAKSI_OK;
}

/* What is wrong with this line, or NULL; NOMEM is told by *err. */
static const char *read_sig(struct saksi_bytes line, struct saksi_arena *a,
			    struct saksi_note_sig *out, enum saksi_err *err)
{
	struct saksi_cursor c = saksi_cursor_on(line), d;
	uint8_t *room;
	size_t len = line.len / 4 * 3;

	*err = SAKSI_MALFORMED;
	if (!saksi_cursor_expect(&c, DASH))
		return "a signature line begins with an em dash and a space";
	out->name = saksi_cursor_until(&c, ' ');
	if (!c.ok)
		return "a signature line is a name, a space, a signature";
	if (!saksi_keyname_ok(out->name))
		return "this key name is not allowed";
	room = saksi_arena_new(a, len, 1);
	if (room == NULL) {
		*err = SAKSI_NOMEM;
		return "no memory for a signature";
	}
	if (saksi_text_base64(c.left, room, &len) != SAKSI_OK || len <= ID_LEN)
		return "a signature is the base64 of a key id and more";
	d = saksi_cursor_on((struct saksi_bytes){room, len});
	out->id = saksi_cursor_be32(&d);
	out->sig = d.left;
	out->line = (struct saksi_bytes){line.at, line.len + 1};
	*err = SAKSI_OK;
	return NULL;
}

static enum saksi_err read_sigs(struct saksi_bytes all, struct saksi_bytes sigs,
				struct saksi_arena *a, struct saksi_note *out,
				struct saksi_fault *f)
{
	struct saksi_note_lines l = saksi_note_lines_on(sigs);
	struct saksi_note_sig *list;
	size_t count = 0;

	for (size_t i = 0; i < sigs.len; i++)
		count += sigs.at[i] == '\n';
	if (count > SAKSI_NOTE_SIGS_MAX)
		return saksi_fault_set(f, SAKSI_LIMIT, "more than 128 signatures",
				       out->text.len, 0);
	list = saksi_arena_new(a, count, sizeof(*list));
	if (list == NULL)
		return saksi_fault_set(f, SAKSI_NOMEM, "no memory for signatures",
				       out->text.len, 0);
	for (size_t i = 0; saksi_note_lines_next(&l); i++) {
		enum saksi_err err;
		const char *what = read_sig(l.line, a, &list[i], &err);

		if (what != NULL) {
			(void)fault_at(all, (size_t)(l.line.at - all.at), what, f);
			return err;
		}
	}
	out->sigs = list;
	out->sig_count = count;
	return SAKSI_OK;
}

enum saksi_err saksi_note_read(struct saksi_bytes all, struct saksi_arena *a,
			       struct saksi_note *out, struct saksi_fault *f)
{
	struct saksi_note n = {.all = all};
	struct saksi_bytes sigs = {NULL, 0};

	if (all.len > SAKSI_NOTE_MAX)
		return saksi_fault_set(f, SAKSI_LIMIT, "a note longer than 1 MiB",
				       SAKSI_NOTE_MAX, 0);
	SAKSI_TRY(check_characters(all, f));
	SAKSI_TRY(split(all, &n.text, &sigs, f));
	SAKSI_TRY(read_sigs(all, sigs, a, &n, f));
	*out = n;
	return SAKSI_OK;
}

void saksi_cosigned_write(struct saksi_bytes text, uint64_t time_utc,
			  struct saksi_buf *out)
{
	saksi_buf_puts(out, "cosignature/v1\ntime ");
	saksi_buf_put_decimal(out, time_utc);
	saksi_buf_puts(out, "\n");
	saksi_buf_put(out, text);
}

/* Signature, time and message out of a line of a key of type 0x04. */
static enum saksi_err check_cosignature(const struct saksi_note *n,
					struct saksi_bytes sig, struct saksi_arena *a,
					struct saksi_sigcheck *check,
					uint64_t *time_utc)
{
	struct saksi_cursor c = saksi_cursor_on(sig);
	uint64_t when = saksi_cursor_be64(&c);
	struct saksi_buf message;
	size_t cap = n->text.len + SAKSI_COSIGNED_EXTRA;
	void *room;

	if (sig.len != TIME_LEN + SAKSI_SIG_LEN || when == 0 || when > INT64_MAX)
		return SAKSI_MALFORMED;
	room = saksi_arena_new(a, cap, 1);
	if (room == NULL)
		return SAKSI_NOMEM;
	message = saksi_buf_fixed(room, cap);
	saksi_cosigned_write(n->text, when, &message);
	memcpy(check->sig, c.left.at, SAKSI_SIG_LEN);
	check->message = saksi_buf_bytes(&message);
	*time_utc = when;
	return SAKSI_OK;
}

bool saksi_note_sig_is_by(const struct saksi_note_sig *s, const struct saksi_vkey *k)
{
	return s->id == k->id && saksi_bytes_same(s->name, k->name);
}

enum saksi_err saksi_note_check_for(const struct saksi_note *n,
				    const struct saksi_vkey *k, struct saksi_arena *a,
				    struct saksi_sigcheck *check, uint64_t *time_utc)
{
	const struct saksi_note_sig *mine = NULL;
	struct saksi_sigcheck ready = {.answer = SAKSI_SIG_UNCHECKED};
	uint64_t when = 0;

	if (k->type != SAKSI_SIG_ED25519 && k->type != SAKSI_SIG_COSIGNATURE)
		return SAKSI_BADARG;
	for (size_t i = 0; i < n->sig_count; i++) {
		if (!saksi_note_sig_is_by(&n->sigs[i], k))
			continue;
		if (mine != NULL)
			return SAKSI_MALFORMED;
		mine = &n->sigs[i];
	}
	if (mine == NULL)
		return SAKSI_MISSING;
	if (k->type == SAKSI_SIG_COSIGNATURE) {
		SAKSI_TRY(check_cosignature(n, mine->sig, a, &ready, &when));
	} else {
		if (mine->sig.len != SAKSI_SIG_LEN)
			return SAKSI_MALFORMED;
		memcpy(ready.sig, mine->sig.at, SAKSI_SIG_LEN);
		ready.message = n->text;
	}
	memcpy(ready.key, k->key, SAKSI_KEY_LEN);
	*check = ready;
	*time_utc = when;
	return SAKSI_OK;
}

void saksi_note_sig_write(const struct saksi_vkey *k, struct saksi_bytes sig,
			  struct saksi_buf *out)
{
	uint8_t head[ID_LEN + 2]; /* three divides it: no padding in the middle */
	struct saksi_buf b = saksi_buf_fixed(head, sizeof(head));
	struct saksi_cursor c = saksi_cursor_on(sig);

	saksi_buf_put_be32(&b, k->id);
	saksi_buf_put(&b, saksi_cursor_take(&c, sig.len < 2 ? sig.len : 2));
	saksi_buf_puts(out, DASH);
	saksi_buf_put(out, k->name);
	saksi_buf_puts(out, " ");
	saksi_buf_put_base64(out, saksi_buf_bytes(&b));
	saksi_buf_put_base64(out, c.left);
	saksi_buf_puts(out, "\n");
}
