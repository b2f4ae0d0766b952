#include "cmd/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/text.h"
#include "store/files.h"

#define TEXT_MAX 4096 /* bytes in a key file */

enum saksi_err saksi_keyfile_read(struct saksi_bytes text, struct saksi_keyfile *k,
				  struct saksi_fault *f)
{
	struct saksi_vkey v;
	struct saksi_signer *signer = NULL;
	if (text.len == 0 || text.at[text.len - 1] != '\n')
		return saksi_fault_set(f, SAKSI_MALFORMED, "no final newline", text.len,
				       1);
	SAKSI_TRY(saksi_skey_read(text, &v, &signer, f)); /* with one newline */
	if (v.name.len >= sizeof(k->name)) {
		saksi_signer_free(signer);
		return saksi_fault_set(f, SAKSI_LIMIT, "the name is too long", 0, 1);
	}
	memset(k, 0, sizeof(*k));
	memcpy(k->name, v.name.at, v.name.len);
	k->vkey = v;
	k->vkey.name = (struct saksi_bytes){(const uint8_t *)k->name, v.name.len};
	k->signer = signer;
	return SAKSI_OK;
}

/* "WORD VALUE\n" */
static struct saksi_bytes field(struct saksi_cursor *cur, const char *word)
{
	saksi_cursor_expect(cur, word);
	saksi_cursor_expect(cur, " ");
	return saksi_cursor_line(cur);
}

enum saksi_err saksi_boxfile_read(struct saksi_bytes text, struct saksi_boxfile *out,
				  struct saksi_fault *f)
{
	struct saksi_cursor cur = saksi_cursor_on(text);
	struct saksi_boxfile b = {0};
	struct saksi_bytes version = field(&cur, "saksi-box-key");
	if (cur.ok && !saksi_bytes_is(version, "1"))
		return saksi_fault_set(
		    f, SAKSI_NEWER, "a box key of a version this program does not know",
		    0, 1);
	struct saksi_bytes name = field(&cur, "name");
	struct saksi_bytes secret = field(&cur, "secret");
	if (!cur.ok || cur.left.len > 0 || name.len == 0 || name.len > SAKSI_NAME_MAX ||
	    memchr(name.at, 0, name.len) != NULL ||
	    saksi_text_hex(secret, b.secret, sizeof(b.secret)) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_MALFORMED, "not a key file of saksi", 0,
				       0);
	memcpy(b.name, name.at, name.len);
	saksi_box_public(b.secret, b.key);
	*out = b;
	saksi_wipe(&b, sizeof(b));
	return SAKSI_OK;
}

void saksi_boxfile_write(const struct saksi_boxfile *b, struct saksi_buf *out)
{
	saksi_buf_puts(out, "saksi-box-key 1\nname ");
	saksi_buf_puts(out, b->name);
	saksi_buf_puts(out, "\nsecret ");
	saksi_buf_put_hex(out, (struct saksi_bytes){b->secret, sizeof(b->secret)});
	saksi_buf_puts(out, "\n");
}

/* The file's text into `text`, memory of the caller that it wipes. */
static int read_file(const struct saksi_cmd *c, const char *path,
		     struct saksi_buf *text)
{
	struct saksi_why w = {.text = ""};
	errno = 0;
	enum saksi_err err = saksi_file_read_secret(AT_FDCWD, path, text, &w);
	if (err == SAKSI_OK)
		return SAKSI_EXIT_HOLDS;
	if (w.text[0] != '\0')
		saksi_cmd_say(c, "%s", w.text);
	else
		saksi_cmd_say(c, "%s: the key file cannot be read: %s", path,
			      errno != 0 ? strerror(errno) : saksi_err_name(err));
	return SAKSI_EXIT_UNKNOWN;
}

static int not_a_key(const struct saksi_cmd *c, const char *path,
		     const struct saksi_fault *f)
{
	saksi_cmd_say(c, "%s: %s; 'saksi key new' makes key files", path,
		      f->what != NULL ? f->what : "not a key file of saksi");
	return SAKSI_EXIT_UNKNOWN;
}

static const char *type_name(uint8_t type)
{
	return type == SAKSI_SIG_COSIGNATURE ? "witness" : "log or author";
}

int saksi_keyfile_open(const struct saksi_cmd *c, const char *path, uint8_t type,
		       struct saksi_keyfile *out)
{
	uint8_t memory[TEXT_MAX];
	struct saksi_buf text = saksi_buf_fixed(memory, sizeof(memory));
	struct saksi_fault f = {0};
	memset(out, 0, sizeof(*out));
	int rc = read_file(c, path, &text);
	if (rc != SAKSI_EXIT_HOLDS)
		goto done;
	if (saksi_keyfile_read(saksi_buf_bytes(&text), out, &f) != SAKSI_OK) {
		rc = not_a_key(c, path, &f);
	} else if (out->vkey.type != type) {
		saksi_cmd_say(c, "%s: this is a %s key; a %s key is needed here", path,
			      type_name(out->vkey.type), type_name(type));
		saksi_keyfile_end(out);
		rc = SAKSI_EXIT_UNKNOWN;
	}
done:
	saksi_wipe(memory, sizeof(memory));
	return rc;
}

void saksi_keyfile_end(struct saksi_keyfile *k)
{
	saksi_signer_free(k->signer);
	memset(k, 0, sizeof(*k));
}

int saksi_boxfile_open(const struct saksi_cmd *c, const char *path,
		       struct saksi_boxfile *out)
{
	uint8_t memory[TEXT_MAX];
	struct saksi_buf text = saksi_buf_fixed(memory, sizeof(memory));
	struct saksi_fault f = {0};
	memset(out, 0, sizeof(*out));
	int rc = read_file(c, path, &text);
	if (rc == SAKSI_EXIT_HOLDS &&
	    saksi_boxfile_read(saksi_buf_bytes(&text), out, &f) != SAKSI_OK)
		rc = not_a_key(c, path, &f);
	saksi_wipe(memory, sizeof(memory));
	return rc;
}
