#include "statement/envelope.h"

/* The head of a PAE is 10 + 28 + 1 + 5 + 1 bytes at most. */
#define PAE_MAX (SAKSI_PAYLOAD_MAX + 64)

enum saksi_err saksi_envelope_sign(struct saksi_envelope *e,
				   const struct saksi_signer *s)
{
	uint8_t key[SAKSI_KEY_LEN], room[PAE_MAX];
	struct saksi_buf pae = saksi_buf_fixed(room, sizeof(room));
	struct saksi_hash keyid;

	saksi_signer_public(s, key);
	keyid = saksi_keyid(key);
	for (size_t i = 0; i < e->sig_count; i++)
		if (saksi_hash_same(&e->sigs[i].keyid, &keyid))
			return SAKSI_BADARG;
	if (e->sig_count >= SAKSI_ENVELOPE_SIGS || e->payload.len > SAKSI_PAYLOAD_MAX)
		return SAKSI_LIMIT;
	saksi_envelope_pae(e->payload, &pae);
	e->id = saksi_hash_of(e->payload);
	e->sigs[e->sig_count].keyid = keyid;
	saksi_sign(s, saksi_buf_bytes(&pae), e->sigs[e->sig_count].sig);
	e->sig_count++;
	return SAKSI_OK;
}
