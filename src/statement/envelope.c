#include "statement/envelope.h"

#include <string.h>

#include "base/text.h"

#define TYPE_LEN (sizeof(SAKSI_PAYLOAD_TYPE) - 1)
#define PAE_HEAD_MAX (64 + TYPE_LEN)
#define SIG_TEXT_LEN 88 /* base64 of 64 bytes */
_Static_assert(TYPE_LEN == 28, "the PAE below spells the length out");

struct saksi_hash saksi_keyid(const uint8_t key[SAKSI_KEY_LEN])
{
	return saksi_hash_of((struct saksi_bytes){key, SAKSI_KEY_LEN});
}

static void put_pae_head(size_t payload_len, struct saksi_buf *out)
{
	saksi_buf_puts(out, "DSSEv1 28 " SAKSI_PAYLOAD_TYPE " ");
	saksi_buf_put_decimal(out, payload_len);
	saksi_buf_puts(out, " ");
}

void saksi_envelope_pae(struct saksi_bytes payload, struct saksi_buf *out)
{
	put_pae_head(payload.len, out);
	saksi_buf_put(out, payload);
}

/* Everything before the next quote, which stays. */
static struct saksi_bytes up_to_quote(struct saksi_cursor *c)
{
	size_t n = 0;

	while (n < c->left.len && c->left.at[n] != '"')
		n++;
	return saksi_cursor_take(c, n);
}

static size_t base64_len(struct saksi_bytes s)
{
	size_t pad = 0;

	while (pad < 2 && pad < s.len && s.at[s.len - 1 - pad] == '=')
		pad++;
	return s.len / 4 * 3 - (s.len >= 4 ? pad : 0);
}

/* The payload is decoded to its place behind the PAE's head, so that it is in
 * memory once. */
static enum saksi_err read_payload(struct saksi_bytes text, struct saksi_arena *a,
				   struct saksi_envelope *e, struct saksi_fault *f)
{
	size_t len = base64_len(text);
	uint8_t *room;
	struct saksi_buf pae;

	if (len > SAKSI_PAYLOAD_MAX)
		return saksi_fault_set(f, SAKSI_LIMIT, "payload over 48,000 bytes", 0,
				       0);
	room = saksi_arena_new(a, PAE_HEAD_MAX + len, 1);
	if (room == NULL)
		return saksi_fault_set(f, SAKSI_LIMIT, "no room for the payload", 0, 0);
	pae = saksi_buf_fixed(room, PAE_HEAD_MAX + len);
	put_pae_head(len, &pae);
	if (saksi_text_base64_exact(text, room + pae.len, len) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_MALFORMED,
				       "payload is not padded base64",
				       strlen("{\"payload\":\""), 0);
	e->payload = (struct saksi_bytes){room + pae.len, len};
	e->pae = (struct saksi_bytes){room, pae.len + len};
	e->id = saksi_hash_of(e->payload);
	return SAKSI_OK;
}

static const char *read_sig(struct saksi_cursor *c, struct saksi_envelope *e)
{
	struct saksi_hash keyid;
	uint8_t sig[SAKSI_SIG_LEN];

	saksi_cursor_expect(c, "{\"keyid\":\"");
	if (saksi_text_hex(saksi_cursor_take(c, 2 * SAKSI_HASH_LEN), keyid.b,
			   sizeof(keyid.b)) != SAKSI_OK)
		return "keyid is not 64 hexadecimal digits";
	saksi_cursor_expect(c, "\",\"sig\":\"");
	if (saksi_text_base64_exact(saksi_cursor_take(c, SIG_TEXT_LEN), sig,
				    sizeof(sig)) != SAKSI_OK)
		return "sig is not the base64 of 64 bytes";
	if (!saksi_cursor_expect(c, "\"}"))
		return "a signature is not {\"keyid\":\"..\",\"sig\":\"..\"}";
	if (e->sig_count == SAKSI_ENVELOPE_SIGS)
		return "more than 16 signatures";
	for (size_t i = 0; i < e->sig_count; i++)
		if (saksi_hash_same(&e->sigs[i].keyid, &keyid))
			return "two signatures of one key";
	e->sigs[e->sig_count].keyid = keyid;
	memcpy(e->sigs[e->sig_count++].sig, sig, sizeof(sig));
	return NULL;
}

static const char *read_sigs(struct saksi_cursor *c, struct saksi_envelope *e)
{
	do {
		const char *what = read_sig(c, e);

		if (what != NULL)
			return what;
	} while (c->left.len > 0 && c->left.at[0] == ',' &&
		 saksi_cursor_expect(c, ","));
	if (!saksi_cursor_expect(c, "]}") || c->left.len != 0)
		return "the envelope does not end after its signatures";
	return NULL;
}

static enum saksi_err read_envelope(struct saksi_bytes text, struct saksi_arena *a,
				    struct saksi_envelope *e, struct saksi_fault *f)
{
	struct saksi_cursor c = saksi_cursor_on(text);
	struct saksi_bytes payload;
	const char *what;

	saksi_cursor_expect(&c, "{\"payload\":\"");
	payload = up_to_quote(&c);
	if (!saksi_cursor_expect(&c, "\",\"payloadType\":\"" SAKSI_PAYLOAD_TYPE
				     "\",\"signatures\":["))
		return saksi_fault_set(
		    f, SAKSI_MALFORMED,
		    "not an envelope {\"payload\",\"payloadType\",\"signatures\"} "
		    "without spaces",
		    text.len - c.left.len, 0);
	SAKSI_TRY(read_payload(payload, a, e, f));
	what = read_sigs(&c, e);
	if (what != NULL)
		return saksi_fault_set(f, SAKSI_MALFORMED, what, text.len - c.left.len,
				       0);
	return SAKSI_OK;
}

enum saksi_err saksi_envelope_read(struct saksi_bytes text, struct saksi_arena *a,
				   struct saksi_envelope *out, struct saksi_fault *f)
{
	size_t mark = a->used;
	struct saksi_envelope e = {0};
	enum saksi_err err = read_envelope(text, a, &e, f);

	if (err == SAKSI_OK)
		*out = e;
	else
		saksi_arena_rewind(a, mark);
	return err;
}

enum saksi_err saksi_envelope_write(const struct saksi_envelope *e,
				    struct saksi_buf *out)
{
	if (e->sig_count == 0 || e->sig_count > SAKSI_ENVELOPE_SIGS)
		return SAKSI_BADARG;
	if (e->payload.len > SAKSI_PAYLOAD_MAX)
		return SAKSI_LIMIT;
	saksi_buf_puts(out, "{\"payload\":\"");
	saksi_buf_put_base64(out, e->payload);
	saksi_buf_puts(out, "\",\"payloadType\":\"" SAKSI_PAYLOAD_TYPE
			    "\",\"signatures\":[");
	for (size_t i = 0; i < e->sig_count; i++) {
		saksi_buf_puts(out, i == 0 ? "{\"keyid\":\"" : ",{\"keyid\":\"");
		saksi_buf_put_hex(out, saksi_hash_bytes(&e->sigs[i].keyid));
		saksi_buf_puts(out, "\",\"sig\":\"");
		saksi_buf_put_base64(
		    out, (struct saksi_bytes){e->sigs[i].sig, SAKSI_SIG_LEN});
		saksi_buf_puts(out, "\"}");
	}
	saksi_buf_puts(out, "]}");
	return saksi_buf_check(out);
}

enum saksi_err saksi_envelope_check(const struct saksi_envelope *e, size_t i,
				    const uint8_t key[SAKSI_KEY_LEN],
				    struct saksi_sigcheck *out)
{
	struct saksi_hash keyid = saksi_keyid(key);

	if (i >= e->sig_count)
		return SAKSI_BADARG;
	if (!saksi_hash_same(&keyid, &e->sigs[i].keyid))
		return SAKSI_REFUSED;
	memcpy(out->key, key, sizeof(out->key));
	memcpy(out->sig, e->sigs[i].sig, sizeof(out->sig));
	out->message = e->pae;
	out->answer = SAKSI_SIG_UNCHECKED;
	return SAKSI_OK;
}
