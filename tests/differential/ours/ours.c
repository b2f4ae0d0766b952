/* Our verdicts on what another program asks, one after the other:
 *
 *   asked     op[1] length[4] bytes
 *   answered  verdict[1] length[4] bytes: 'y' accepted with the values read,
 *             '?' a note readable but of no key known, with its text; 'n' refused
 *
 *   N  length[2] vkey, note      V  vkey            C  checkpoint text
 *   I  index[8] size[8] leaf[32] root[32] path      P  path of a tile
 *   T  size1[8] size2[8] root1[32] root2[32] path
 * All numbers are big-endian. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "merkle/proof.h"
#include "merkle/tile.h"
#include "note/checkpoint.h"

enum { ASKED_MAX = 1 << 21, PATH_MAX_HERE = 4096 };

static uint8_t asked[ASKED_MAX], said[ASKED_MAX], room[1 << 24];
static struct saksi_hash path[PATH_MAX_HERE];

static void check(bool held)
{
	if (!held)
		exit(2);
}

static char ask_note(struct saksi_cursor c, struct saksi_buf *out)
{
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_bytes text = saksi_cursor_take(&c, saksi_cursor_be16(&c));
	struct saksi_sigcheck s;
	struct saksi_vkey k;
	struct saksi_note n;
	uint64_t when;

	if (saksi_vkey_read(text, &k, NULL) != SAKSI_OK ||
	    saksi_note_read(c.left, &a, &n, NULL) != SAKSI_OK)
		return 'n';
	const enum saksi_err err = saksi_note_check_for(&n, &k, &a, &s, &when);
	if (err != SAKSI_OK && err != SAKSI_MISSING)
		return 'n';
	if (err == SAKSI_OK) {
		saksi_sigchecks_run(&s, 1);
		if (s.answer != SAKSI_SIG_GOOD)
			return 'n';
	}
	saksi_buf_put(out, n.text);
	return err == SAKSI_OK ? 'y' : '?';
}

static char ask_vkey(struct saksi_cursor c, struct saksi_buf *out)
{
	struct saksi_vkey k;

	if (saksi_vkey_read(c.left, &k, NULL) != SAKSI_OK)
		return 'n';
	saksi_buf_put_u8(out, k.type);
	saksi_buf_put_be32(out, k.id);
	saksi_buf_put(out, k.name);
	return 'y';
}

static char ask_checkpoint(struct saksi_cursor c, struct saksi_buf *out)
{
	struct saksi_checkpoint p;

	if (saksi_checkpoint_read(c.left, &p, NULL) != SAKSI_OK)
		return 'n';
	saksi_buf_put_be64(out, p.size);
	saksi_buf_put(out, saksi_hash_bytes(&p.root));
	return 'y';
}

static struct saksi_hash take_hash(struct saksi_cursor *c)
{
	struct saksi_hash h = {{0}};
	const struct saksi_bytes b = saksi_cursor_take(c, SAKSI_HASH_LEN);

	check(c->ok);
	memcpy(h.b, b.at, SAKSI_HASH_LEN);
	return h;
}

static size_t take_path(struct saksi_cursor *c)
{
	const size_t count = c->left.len / SAKSI_HASH_LEN;

	check(count <= PATH_MAX_HERE && c->left.len % SAKSI_HASH_LEN == 0);
	for (size_t i = 0; i < count; i++)
		path[i] = take_hash(c);
	return count;
}

static char ask_inclusion(struct saksi_cursor c)
{
	struct saksi_inclusion p = {.path = path};

	p.index = saksi_cursor_be64(&c);
	p.size = saksi_cursor_be64(&c);
	p.leaf = take_hash(&c);
	const struct saksi_hash root = take_hash(&c);
	p.path_count = take_path(&c);
	return saksi_inclusion_check(&p, &root) == SAKSI_OK ? 'y' : 'n';
}

static char ask_consistency(struct saksi_cursor c)
{
	struct saksi_consistency p = {.path = path};

	p.size1 = saksi_cursor_be64(&c);
	p.size2 = saksi_cursor_be64(&c);
	const struct saksi_hash older = take_hash(&c), newer = take_hash(&c);
	p.path_count = take_path(&c);
	return saksi_consistency_check(&p, &older, &newer) == SAKSI_OK ? 'y' : 'n';
}

static char ask_tile(struct saksi_cursor c, struct saksi_buf *out)
{
	struct saksi_tile t;

	if (saksi_tile_read_path(c.left, &t) != SAKSI_OK)
		return 'n';
	saksi_buf_put_u8(out, t.level);
	saksi_buf_put_be64(out, t.index);
	saksi_buf_put_be16(out, t.width);
	return 'y';
}

static char ask(int op, struct saksi_cursor c, struct saksi_buf *out)
{
	switch (op) {
	case 'N':
		return ask_note(c, out);
	case 'V':
		return ask_vkey(c, out);
	case 'C':
		return ask_checkpoint(c, out);
	case 'I':
		return ask_inclusion(c);
	case 'T':
		return ask_consistency(c);
	case 'P':
		return ask_tile(c, out);
	default:
		exit(2);
	}
}

int main(void)
{
	uint8_t head[5];

	if (saksi_crypto_begin() != SAKSI_OK)
		return 2;
	while (fread(head, sizeof(head), 1, stdin) == 1) {
		struct saksi_cursor h =
		    saksi_cursor_on((struct saksi_bytes){head + 1, 4});
		const size_t len = saksi_cursor_be32(&h);
		struct saksi_buf values = saksi_buf_fixed(said, sizeof(said));

		check(len <= sizeof(asked) &&
		      (len == 0 || fread(asked, len, 1, stdin) == 1));
		head[0] = (uint8_t)ask(
		    head[0], saksi_cursor_on((struct saksi_bytes){asked, len}),
		    &values);
		struct saksi_buf n = saksi_buf_fixed(head + 1, 4);
		saksi_buf_put_be32(&n, (uint32_t)values.len);
		check(fwrite(head, sizeof(head), 1, stdout) == 1 &&
		      (values.len == 0 || fwrite(said, values.len, 1, stdout) == 1) &&
		      fflush(stdout) == 0);
	}
	return 0;
}
