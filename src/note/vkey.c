#include "note/note.h"

#include "base/text.h"
#include "note/lines.h"

#include <string.h>

#define MLDSA44_KEY_LEN 1312
#define MATERIAL_MAX 4096 /* bytes of a key: more than any assigned type has */

bool saksi_keyname_ok(struct saksi_bytes name)
{
	if (name.len == 0 || !saksi_text_utf8(name) || saksi_text_has_space(name))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] < 0x20 || name.at[i] == '+')
			return false;
	return true;
}

/* The id of any key, where `typed` is the type byte and the key. */
static uint32_t id_of(struct saksi_bytes name, struct saksi_bytes typed)
{
	struct saksi_hash_run run;
	struct saksi_hash h;
	struct saksi_cursor c;

	saksi_hash_begin(&run);
	saksi_hash_more(&run, name);
	saksi_hash_more(&run, saksi_bytes_of("\n"));
	saksi_hash_more(&run, typed);
	h = saksi_hash_end(&run);
	c = saksi_cursor_on(saksi_hash_bytes(&h));
	return saksi_cursor_be32(&c);
}

uint32_t saksi_vkey_id(struct saksi_bytes name, uint8_t type,
		       const uint8_t key[SAKSI_KEY_LEN])
{
	uint8_t typed[1 + SAKSI_KEY_LEN];

	typed[0] = type;
	memcpy(typed + 1, key, SAKSI_KEY_LEN);
	return id_of(name, (struct saksi_bytes){typed, sizeof(typed)});
}

/* Where name+id+base64 comes apart: no name holds a '+', base64 may. */
struct parts {
	struct saksi_bytes name, id, key;
};

static enum saksi_err take_apart(struct saksi_bytes text, struct parts *out,
				 struct saksi_fault *f)
{
	struct saksi_cursor c = saksi_cursor_on(text);

	out->name = saksi_cursor_until(&c, '+');
	if (!c.ok)
		return saksi_fault_set(f, SAKSI_MALFORMED, "a key is name+id+base64", 0,
				       0);
	out->id = saksi_cursor_take(&c, 8);
	if (!c.ok || !saksi_cursor_expect(&c, "+"))
		return saksi_fault_set(f, SAKSI_MALFORMED,
				       "a key's id is 8 hexadecimal digits",
				       out->name.len + 1, 0);
	out->key = c.left;
	if (!saksi_keyname_ok(out->name))
		return saksi_fault_set(f, SAKSI_MALFORMED,
				       "this key name is not allowed", 0, 0);
	if (out->name.len > SAKSI_NAME_MAX)
		return saksi_fault_set(f, SAKSI_LIMIT,
				       "a key name longer than 255 bytes", 0, 0);
	return SAKSI_OK;
}

/* Fills type and key from what the type says a key looks like. */
static enum saksi_err read_material(struct saksi_bytes typed, struct saksi_vkey *k)
{
	struct saksi_bytes key = {typed.at + 1, typed.len - 1};
	struct saksi_hash h;

	k->type = typed.at[0];
	if ((k->type == SAKSI_SIG_ED25519 || k->type == SAKSI_SIG_COSIGNATURE) &&
	    key.len != SAKSI_KEY_LEN)
		return SAKSI_MALFORMED;
	if (k->type == SAKSI_SIG_MLDSA44 && key.len != MLDSA44_KEY_LEN)
		return SAKSI_MALFORMED;
	if (key.len == SAKSI_KEY_LEN) {
		memcpy(k->key, key.at, SAKSI_KEY_LEN);
		return SAKSI_OK;
	}
	h = saksi_hash_of(key);
	memcpy(k->key, h.b, SAKSI_KEY_LEN);
	return SAKSI_OK;
}

static bool is_known_type(uint8_t type)
{
	return type == SAKSI_SIG_ED25519 || type == SAKSI_SIG_COSIGNATURE ||
	       type == SAKSI_SIG_MLDSA44;
}

enum saksi_err saksi_vkey_read_any(struct saksi_bytes text, struct saksi_vkey *out,
				   struct saksi_fault *f)
{
	uint8_t room[MATERIAL_MAX], id[4];
	struct saksi_bytes typed = {room, 0};
	struct saksi_vkey k = {.id = 0};
	struct saksi_cursor c = saksi_cursor_on((struct saksi_bytes){id, sizeof(id)});
	struct parts part = {.name = text};
	size_t len = sizeof(room);
	enum saksi_err err;

	SAKSI_TRY(take_apart(text, &part, f));
	if (saksi_text_hex(part.id, id, sizeof(id)) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_MALFORMED,
				       "a key's id is 8 hexadecimal digits",
				       part.name.len + 1, 0);
	err = saksi_text_base64(part.key, room, &len);
	if (err != SAKSI_OK || len == 0)
		return saksi_fault_set(f, err == SAKSI_LIMIT ? err : SAKSI_MALFORMED,
				       "a key ends with the base64 of type and key",
				       part.name.len + 10, 0);
	typed.len = len;
	if (read_material(typed, &k) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_MALFORMED,
				       "a key of this type has another length",
				       part.name.len + 10, 0);
	k.name = part.name;
	k.id = saksi_cursor_be32(&c);
	/* Other types make their ids in ways of their own. */
	if (is_known_type(k.type) && k.id != id_of(k.name, typed))
		return saksi_fault_set(f, SAKSI_MALFORMED,
				       "the id is not that of this name and key",
				       part.name.len + 1, 0);
	*out = k;
	return SAKSI_OK;
}

enum saksi_err saksi_vkey_read(struct saksi_bytes text, struct saksi_vkey *out,
			       struct saksi_fault *f)
{
	struct saksi_vkey k = {.type = 0};

	SAKSI_TRY(saksi_vkey_read_any(text, &k, f));
	if (!is_known_type(k.type))
		return saksi_fault_set(
		    f, SAKSI_NEWER, "a key of a type that this program does not know",
		    0, 0);
	*out = k;
	return SAKSI_OK;
}

void saksi_vkey_write(const struct saksi_vkey *k, struct saksi_buf *out)
{
	uint8_t typed[1 + SAKSI_KEY_LEN], id[4];
	struct saksi_buf b = saksi_buf_fixed(id, sizeof(id));

	saksi_buf_put_be32(&b, k->id);
	typed[0] = k->type;
	memcpy(typed + 1, k->key, SAKSI_KEY_LEN);
	saksi_buf_put(out, k->name);
	saksi_buf_puts(out, "+");
	saksi_buf_put_hex(out, saksi_buf_bytes(&b));
	saksi_buf_puts(out, "+");
	saksi_buf_put_base64(out, (struct saksi_bytes){typed, sizeof(typed)});
}

enum saksi_err saksi_vkey_make(struct saksi_bytes name, uint8_t type,
			       const uint8_t key[SAKSI_KEY_LEN], struct saksi_vkey *out)
{
	struct saksi_vkey k = {.name = name, .type = type};

	if (!saksi_keyname_ok(name) || name.len > SAKSI_NAME_MAX)
		return SAKSI_MALFORMED;
	if (type != SAKSI_SIG_ED25519 && type != SAKSI_SIG_COSIGNATURE)
		return SAKSI_BADARG;
	memcpy(k.key, key, SAKSI_KEY_LEN);
	k.id = saksi_vkey_id(name, type, key);
	*out = k;
	return SAKSI_OK;
}
