/* rooms: base crypto merkle note statement ledger verify */
/* Two checkpoints signed by the log and tiles that may lie.  A split that is told
 * comes with evidence that convinces a stranger, and honest trees are never split;
 * growth is found only where there is growth. */
#include "verify_room.h"

#include "lying_tiles.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* "l" and "w" of verify_room.h, whose signatures are all answered good. */
static struct saksi_bytes write_note(uint64_t size, const struct saksi_hash *root,
				     uint8_t *room, size_t cap)
{
	static const uint8_t zeros[SAKSI_SIG_LEN];
	struct saksi_checkpoint c = {
	    .origin = saksi_bytes_of("l"), .size = size, .root = *root};
	struct saksi_buf b = saksi_buf_fixed(room, cap);
	uint8_t key[SAKSI_KEY_LEN];
	struct saksi_vkey k;

	memset(key, 1, sizeof(key));
	saksi_checkpoint_write(&c, &b);
	saksi_buf_puts(&b, "\n");
	if (saksi_vkey_make(saksi_bytes_of("l"), SAKSI_SIG_ED25519, key, &k) !=
	    SAKSI_OK)
		abort();
	saksi_note_sig_write(&k, (struct saksi_bytes){zeros, sizeof(zeros)}, &b);
	return saksi_buf_bytes(&b);
}

static void judged(const struct saksi_verifier *v, uint64_t size,
		   const struct saksi_hash *root, uint8_t room[1024],
		   struct saksi_judged *out)
{
	if (saksi_verify_point(v, write_note(size, root, room, 1024), out, NULL) !=
	    SAKSI_QUORUM)
		abort();
}

static void convinces(const struct saksi_verifier *v, const struct saksi_buf *evidence)
{
	struct saksi_judged older, newer;

	if (saksi_verify_evidence(v, saksi_buf_bytes(evidence), &older, &newer, NULL) !=
	    SAKSI_OK)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t rooms[2][1024], proof[65536];
	struct saksi_buf evidence = saksi_buf_fixed(proof, sizeof(proof));
	struct lying l = {{NULL, 0}, false};
	const struct saksi_tiles tiles = {&l, tiles_read};
	struct saksi_hash roots[2];
	struct saksi_judged older, newer;
	struct saksi_verifier v;
	uint64_t from, to;

	if (size < 8 || size > 600)
		return 0;
	tiles_begin();
	verify_room(&v);
	from = tiles_size(data);
	to = tiles_size(data + 3);
	roots[0] = tiles_root(from);
	roots[1] = tiles_root(to);
	roots[0].b[3] ^= data[6];
	roots[1].b[3] ^= data[7];
	l.lies = (struct saksi_bytes){data + 8, size - 8};
	judged(&v, from, &roots[0], rooms[0], &older);
	judged(&v, to, &roots[1], rooms[1], &newer);
	const bool honest = data[6] == 0 && data[7] == 0;
	const enum saksi_err err =
	    saksi_verify_growth(&older, &newer, &tiles, &evidence, NULL);
	if (err == SAKSI_SPLIT) {
		if (honest)
			abort();
		convinces(&v, &evidence);
	} else if (evidence.len > 0) {
		abort();
	}
	const bool fits = honest || (from == to && data[6] == data[7]) ||
			  (from == 0 && data[6] == 0); /* a prefix of all */
	if (err == SAKSI_OK && (from > to || !fits))
		abort();
	if (err != SAKSI_OK && honest && from <= to && !l.asked_a_lie)
		abort();
	return 0;
}
