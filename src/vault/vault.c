/* Vault object, version 1 (docs/formats/vault.md):
 *
 *   "saksi-vault" 0x01 | n | n sealed content keys of 80 bytes | stream header
 *   of 24 bytes | chunks: 64 KiB each (the last 0 to 64 KiB), 17 bytes more
 *   when encrypted
 *
 * 1. Everything before the stream header is additional data of the first chunk,
 *    so that no byte of the object can change, not even another reader's key.
 * 2. One plain text has one shape: all chunks but the last are full, only the
 *    last is tagged final, and it is empty only when the whole text is.
 * 3. The content key and every plain byte written before a failure are wiped. */
#include "vault/vault.h"

#include "crypto/sign.h"

#include <sodium.h>

#define READERS_MAX 16
#define CHUNK_LEN 65536
#define VERSION 1
#define KEY_LEN crypto_secretstream_xchacha20poly1305_KEYBYTES
#define STREAM_LEN crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define CHUNK_EXTRA crypto_secretstream_xchacha20poly1305_ABYTES
#define TAG_FINAL crypto_secretstream_xchacha20poly1305_TAG_FINAL
#define TAG_MESSAGE crypto_secretstream_xchacha20poly1305_TAG_MESSAGE

static const char magic[] = "saksi-vault";

#define SEALED_LEN (KEY_LEN + SAKSI_SEAL_EXTRA)
#define OPENING_LEN (sizeof magic - 1 + 2)

_Static_assert(KEY_LEN == 32 && STREAM_LEN == 24 && CHUNK_EXTRA == 17,
	       "the sizes that docs/formats/vault.md states");

static size_t chunks_of(size_t len, size_t chunk)
{
	return len == 0 ? 1 : len / chunk + (len % chunk != 0);
}

/* False when the sum passes SIZE_MAX. */
static bool object_len(size_t readers, size_t plain_len, size_t *out)
{
	size_t head = OPENING_LEN + readers * SEALED_LEN + STREAM_LEN;
	size_t extra;

	return !__builtin_mul_overflow(chunks_of(plain_len, CHUNK_LEN),
				       (size_t)CHUNK_EXTRA, &extra) &&
	       !__builtin_add_overflow(head, extra, &head) &&
	       !__builtin_add_overflow(head, plain_len, out);
}

/* Magic, version, readers, sealed keys. */
static enum saksi_err put_head(struct saksi_buf *out,
			       const uint8_t (*readers)[SAKSI_BOX_KEY_LEN],
			       size_t count, const uint8_t key[KEY_LEN])
{
	saksi_buf_puts(out, magic);
	saksi_buf_put_u8(out, VERSION);
	saksi_buf_put_u8(out, (uint8_t)count);
	for (size_t i = 0; i < count; i++)
		SAKSI_TRY(
		    saksi_seal(readers[i], (struct saksi_bytes){key, KEY_LEN}, out));
	return saksi_buf_check(out);
}

static enum saksi_err put_body(struct saksi_buf *out, const uint8_t key[KEY_LEN],
			       struct saksi_bytes plain)
{
	struct saksi_bytes head = saksi_buf_bytes(out);
	uint8_t *at = saksi_buf_room(out, STREAM_LEN);
	crypto_secretstream_xchacha20poly1305_state s;
	bool last;

	if (at == NULL)
		return SAKSI_LIMIT;
	(void)crypto_secretstream_xchacha20poly1305_init_push(&s, at, key);
	do {
		size_t n = plain.len < CHUNK_LEN ? plain.len : CHUNK_LEN;

		last = n == plain.len;
		at = saksi_buf_room(out, n + CHUNK_EXTRA);
		if (at == NULL)
			break;
		(void)crypto_secretstream_xchacha20poly1305_push(
		    &s, at, NULL, plain.at, n, head.at, head.len,
		    last ? TAG_FINAL : TAG_MESSAGE);
		head.len = 0;
		plain.at = last ? plain.at : plain.at + n;
		plain.len -= n;
	} while (!last);
	saksi_wipe(&s, sizeof s);
	return saksi_buf_check(out);
}

enum saksi_err saksi_vault_lock(const uint8_t (*readers)[SAKSI_BOX_KEY_LEN],
				size_t count, struct saksi_bytes plain,
				struct saksi_buf *out)
{
	uint8_t key[KEY_LEN], *at;
	size_t len, before = out->len;
	struct saksi_buf object;
	enum saksi_err err;

	if (count < 1 || count > READERS_MAX)
		return SAKSI_BADARG;
	if (!object_len(count, plain.len, &len))
		return SAKSI_LIMIT;
	at = saksi_buf_room(out, len);
	if (at == NULL)
		return SAKSI_LIMIT;
	object = saksi_buf_fixed(at, len);
	crypto_secretstream_xchacha20poly1305_keygen(key);
	err = put_head(&object, readers, count, key);
	if (err == SAKSI_OK)
		err = put_body(&object, key, plain);
	saksi_wipe(key, sizeof key);
	if (err != SAKSI_OK)
		out->len = before;
	return err;
}

/* Leaves *c at the stream header, and the first sealed key in *keys. */
static enum saksi_err read_head(struct saksi_cursor *c, struct saksi_bytes *keys)
{
	uint8_t version, count;

	(void)saksi_cursor_expect(c, magic);
	version = saksi_cursor_u8(c);
	if (c->ok && version > VERSION)
		return SAKSI_NEWER;
	count = saksi_cursor_u8(c);
	*keys = saksi_cursor_take(c, count * SEALED_LEN);
	if (!c->ok || version != VERSION || count < 1 || count > READERS_MAX)
		return SAKSI_MALFORMED;
	return SAKSI_OK;
}

/* Which sealed key is ours is not written down: try each. */
static enum saksi_err find_key(const uint8_t secret[SAKSI_BOX_KEY_LEN],
			       struct saksi_bytes keys, uint8_t key[KEY_LEN])
{
	struct saksi_cursor c = saksi_cursor_on(keys);

	while (c.left.len != 0) {
		struct saksi_buf out = saksi_buf_fixed(key, KEY_LEN);
		struct saksi_bytes sealed = saksi_cursor_take(&c, SEALED_LEN);

		if (saksi_unseal(secret, sealed, &out) == SAKSI_OK)
			return SAKSI_OK;
	}
	return SAKSI_REFUSED;
}

/* Decrypts the chunks in c to `at`, which has the room for exactly them. */
static enum saksi_err pull_chunks(crypto_secretstream_xchacha20poly1305_state *s,
				  struct saksi_cursor *c, struct saksi_bytes head,
				  uint8_t *at)
{
	unsigned char tag;
	unsigned long long got;
	bool last;

	do {
		size_t n = c->left.len < CHUNK_LEN + CHUNK_EXTRA
			       ? c->left.len
			       : CHUNK_LEN + CHUNK_EXTRA;
		struct saksi_bytes in = saksi_cursor_take(c, n);

		last = c->left.len == 0;
		if (crypto_secretstream_xchacha20poly1305_pull(
			s, at, &got, &tag, in.at, in.len, head.at, head.len) != 0)
			return SAKSI_REFUSED;
		if (tag != (last ? TAG_FINAL : TAG_MESSAGE))
			return SAKSI_REFUSED;
		head.len = 0;
		at += got;
	} while (!last);
	return SAKSI_OK;
}

/* How many plain bytes `len` encrypted ones hold; false: no such shape. */
static bool plain_len(size_t len, size_t *out)
{
	size_t chunks = chunks_of(len, CHUNK_LEN + CHUNK_EXTRA);
	size_t tail = len - (chunks - 1) * (CHUNK_LEN + CHUNK_EXTRA);

	/* An empty chunk belongs only to an empty text. */
	if (tail < CHUNK_EXTRA || (tail == CHUNK_EXTRA && chunks > 1))
		return false;
	*out = len - chunks * CHUNK_EXTRA;
	return true;
}

enum saksi_err saksi_vault_unlock(const uint8_t secret[SAKSI_BOX_KEY_LEN],
				  struct saksi_bytes object, struct saksi_buf *out)
{
	struct saksi_cursor c = saksi_cursor_on(object);
	struct saksi_bytes keys, header, head = object;
	uint8_t key[KEY_LEN], *at;
	size_t len, before = out->len;
	crypto_secretstream_xchacha20poly1305_state s;
	enum saksi_err err;

	SAKSI_TRY(read_head(&c, &keys));
	head.len = object.len - c.left.len;
	header = saksi_cursor_take(&c, STREAM_LEN);
	if (!c.ok || !plain_len(c.left.len, &len))
		return SAKSI_MALFORMED;
	SAKSI_TRY(find_key(secret, keys, key));
	(void)crypto_secretstream_xchacha20poly1305_init_pull(&s, header.at, key);
	saksi_wipe(key, sizeof key);
	at = saksi_buf_room(out, len);
	err = at == NULL ? SAKSI_LIMIT : pull_chunks(&s, &c, head, at);
	saksi_wipe(&s, sizeof s);
	if (err != SAKSI_OK && at != NULL) {
		saksi_wipe(at, len);
		out->len = before;
	}
	return err;
}
