/* Signing: not in WebAssembly. */
#include "note/note.h"

#include "base/text.h"
#include "note/lines.h"

#define BEGINS "PRIVATE+KEY+"

static enum saksi_err bad(struct saksi_fault *f, const char *what)
{
	return saksi_fault_set(f, SAKSI_MALFORMED, what, 0, 1);
}

/* name, id and typed[33] out of the line. */
static enum saksi_err read_line(struct saksi_bytes text, struct saksi_bytes *name,
				uint8_t id[4], uint8_t typed[1 + SAKSI_SEED_LEN],
				struct saksi_fault *f)
{
	struct saksi_cursor c = saksi_cursor_on(text);

	if (text.len > 0 && text.at[text.len - 1] == '\n')
		c.left.len--;
	if (!saksi_cursor_expect(&c, BEGINS))
		return bad(f, "a private key begins with " BEGINS);
	*name = saksi_cursor_until(&c, '+');
	if (!c.ok)
		return bad(f, "a private key is " BEGINS "name+id+base64");
	if (saksi_text_hex(saksi_cursor_take(&c, 8), id, 4) != SAKSI_OK ||
	    !saksi_cursor_expect(&c, "+"))
		return bad(f, "a key's id is 8 hexadecimal digits");
	if (saksi_text_base64_exact(c.left, typed, 1 + SAKSI_SEED_LEN) != SAKSI_OK)
		return bad(f, "a private key ends with the base64 of type and seed");
	return SAKSI_OK;
}

enum saksi_err saksi_skey_read(struct saksi_bytes text, struct saksi_vkey *k,
			       struct saksi_signer **signer, struct saksi_fault *f)
{
	uint8_t typed[1 + SAKSI_SEED_LEN] = {0}, id[4], key[SAKSI_KEY_LEN];
	struct saksi_cursor c = saksi_cursor_on((struct saksi_bytes){id, sizeof(id)});
	struct saksi_signer *s = NULL;
	struct saksi_vkey made;
	struct saksi_bytes name;
	enum saksi_err err;

	err = read_line(text, &name, id, typed, f);
	if (err != SAKSI_OK)
		goto done;
	if (typed[0] != SAKSI_SIG_ED25519 && typed[0] != SAKSI_SIG_COSIGNATURE) {
		err = saksi_fault_set(f, SAKSI_NEWER,
				      "a key of a type that this program cannot use", 0,
				      1);
		goto done;
	}
	s = saksi_signer_from_seed(typed + 1);
	if (s == NULL) {
		err = saksi_fault_set(f, SAKSI_NOMEM, "no memory for a key", 0, 1);
		goto done;
	}
	saksi_signer_public(s, key);
	err = SAKSI_MALFORMED;
	if (saksi_vkey_make(name, typed[0], key, &made) != SAKSI_OK)
		(void)bad(f, "this key name is not allowed");
	else if (saksi_cursor_be32(&c) != made.id)
		(void)bad(f, "the id is not that of this name and key");
	else
		err = SAKSI_OK;
done:
	saksi_wipe(typed, sizeof(typed));
	if (err != SAKSI_OK) {
		saksi_signer_free(s);
		return err;
	}
	*k = made;
	*signer = s;
	return SAKSI_OK;
}

void saksi_skey_write(const struct saksi_vkey *k, const struct saksi_signer *s,
		      struct saksi_buf *out)
{
	uint8_t typed[1 + SAKSI_SEED_LEN], id[4];
	struct saksi_buf b = saksi_buf_fixed(id, sizeof(id));

	saksi_buf_put_be32(&b, k->id);
	typed[0] = k->type;
	saksi_signer_seed(s, typed + 1);
	saksi_buf_puts(out, BEGINS);
	saksi_buf_put(out, k->name);
	saksi_buf_puts(out, "+");
	saksi_buf_put_hex(out, saksi_buf_bytes(&b));
	saksi_buf_puts(out, "+");
	saksi_buf_put_base64(out, (struct saksi_bytes){typed, sizeof(typed)});
	saksi_wipe(typed, sizeof(typed));
}

void saksi_note_sign(struct saksi_bytes text, const struct saksi_vkey *k,
		     const struct saksi_signer *s, struct saksi_buf *out)
{
	uint8_t sig[SAKSI_SIG_LEN];

	saksi_sign(s, text, sig);
	saksi_note_sig_write(k, (struct saksi_bytes){sig, sizeof(sig)}, out);
}

void saksi_note_cosign(struct saksi_bytes text, uint64_t time_utc,
		       const struct saksi_vkey *k, const struct saksi_signer *s,
		       struct saksi_buf *out)
{
	struct saksi_buf message =
	    saksi_buf_growing(SAKSI_NOTE_MAX + SAKSI_COSIGNED_EXTRA);
	uint8_t timed[8 + SAKSI_SIG_LEN];
	struct saksi_buf b = saksi_buf_fixed(timed, sizeof(timed));

	saksi_cosigned_write(text, time_utc, &message);
	if (message.full) {
		out->full = true; /* nothing is signed that was not all there */
	} else {
		saksi_buf_put_be64(&b, time_utc);
		saksi_sign(s, saksi_buf_bytes(&message), timed + b.len);
		saksi_note_sig_write(k, (struct saksi_bytes){timed, sizeof(timed)},
				     out);
	}
	saksi_buf_free(&message);
}
