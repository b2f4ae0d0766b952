/* mklog DIR COUNT: a log of COUNT entries in DIR, made by the merkle and note
 * rooms alone, for the judge to read: checkpoint (signed and cosigned), tiles,
 * entry bundles, and proofs first, middle and last.tlog-proof.  Prints the two
 * keys.  A test program: it stops at the first trouble. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "merkle/tree.h"
#include "note/checkpoint.h"
#include "note/tlogproof.h"

static const char *dir;
static struct saksi_hash *level[8];
static uint64_t size;
static uint8_t room[1U << 20];

static void stop(const char *what)
{
	fprintf(stderr, "mklog: %s\n", what);
	exit(1);
}

static void must(enum saksi_err err)
{
	if (err != SAKSI_OK)
		stop(saksi_err_name(err));
}

static void put_file(const char *name, struct saksi_bytes data)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (char *at = path + 1; (at = strchr(at, '/')) != NULL; at++) {
		*at = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			stop(path);
		*at = '/';
	}
	f = fopen(path, "wb");
	if (f == NULL || fwrite(data.at, 1, data.len, f) != data.len || fclose(f) != 0)
		stop(path);
}

static struct saksi_bytes entry(uint64_t i)
{
	static char text[64];

	snprintf(text, sizeof(text), "entry %llu", (unsigned long long)i);
	return saksi_bytes_of(text);
}

static enum saksi_err read_tile(void *ctx, const struct saksi_tile *t,
				struct saksi_hash *out)
{
	(void)ctx;
	memcpy(out, &level[t->level][t->index * 256], t->width * sizeof(*out));
	return SAKSI_OK;
}

static enum saksi_err put_tile(void *ctx, const struct saksi_tile *t)
{
	struct saksi_tile bundle = {SAKSI_TILE_ENTRIES, t->index, t->width};
	struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));
	char path[SAKSI_TILE_PATH_LEN];

	(void)ctx;
	saksi_tile_path(t, path);
	put_file(path, (struct saksi_bytes){level[t->level][t->index * 256].b,
					    t->width * sizeof(struct saksi_hash)});
	if (t->level > 0)
		return SAKSI_OK;
	for (uint64_t i = 0; i < t->width; i++) {
		saksi_buf_put_be16(&b, (uint16_t)entry(t->index * 256 + i).len);
		saksi_buf_put(&b, entry(t->index * 256 + i));
	}
	saksi_tile_path(&bundle, path);
	put_file(path, saksi_buf_bytes(&b));
	return SAKSI_OK;
}

static void put_proof(const char *name, uint64_t at, const struct saksi_hash *root,
		      struct saksi_bytes note)
{
	struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));
	struct saksi_tiles from = {NULL, read_tile};
	struct saksi_hash path[SAKSI_PATH_MAX];
	struct saksi_inclusion p;

	must(saksi_inclusion_prove(&from, at, size, root, &p, path));
	saksi_tlogproof_write(&(struct saksi_tlogproof){.index = at,
							.path = path,
							.path_count = p.path_count,
							.checkpoint = note},
			      &b);
	must(saksi_buf_check(&b));
	put_file(name, saksi_buf_bytes(&b));
}

static struct saksi_signer *new_key(const char *name, uint8_t type,
				    struct saksi_vkey *k)
{
	struct saksi_signer *s = saksi_signer_new();
	struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));
	uint8_t key[SAKSI_KEY_LEN];

	saksi_signer_public(s, key);
	must(saksi_vkey_make(saksi_bytes_of(name), type, key, k));
	saksi_vkey_write(k, &b);
	printf("%.*s\n", (int)b.len, (const char *)b.at);
	return s;
}

static void grow(void)
{
	for (int l = 0; l < 8 && size >> 8 * l != 0; l++) {
		uint64_t count = size >> 8 * l;

		level[l] = calloc(count, sizeof(struct saksi_hash));
		for (uint64_t i = 0; i < count; i++) {
			struct saksi_hash below[256];

			if (l == 0) {
				level[0][i] = saksi_hash_leaf(entry(i));
				continue;
			}
			memcpy(below, &level[l - 1][i * 256], sizeof(below));
			level[l][i] = saksi_tree_root_of(below, 256);
		}
	}
}

int main(int argc, char *argv[])
{
	static uint8_t text[512], note[4096];
	struct saksi_buf t = saksi_buf_fixed(text, sizeof(text));
	struct saksi_buf n = saksi_buf_fixed(note, sizeof(note));
	struct saksi_checkpoint c = {.origin = saksi_bytes_of("log.example/judged")};
	struct saksi_tiles from = {NULL, read_tile};
	struct saksi_signer *log, *witness;
	struct saksi_vkey log_key, witness_key;
	struct saksi_edge e;

	if (argc != 3)
		stop("usage: mklog DIR COUNT");
	dir = argv[1];
	size = strtoull(argv[2], NULL, 10);
	must(saksi_crypto_begin());
	grow();
	saksi_edge_begin(&e);
	must(saksi_edge_add_many(&e, level[0], size));
	c.size = size;
	c.root = saksi_edge_root(&e);
	must(saksi_edge_from_tiles(&e, &from, size, &c.root));
	must(saksi_tiles_grown(0, size, put_tile, NULL));
	saksi_checkpoint_write(&c, &t);
	log = new_key("log.example/judged", SAKSI_SIG_ED25519, &log_key);
	witness = new_key("witness.example", SAKSI_SIG_COSIGNATURE, &witness_key);
	saksi_buf_put(&n, saksi_buf_bytes(&t));
	saksi_buf_puts(&n, "\n");
	saksi_note_sign(saksi_buf_bytes(&t), &log_key, log, &n);
	saksi_note_cosign(saksi_buf_bytes(&t), 1774000000, &witness_key, witness, &n);
	must(saksi_buf_check(&n));
	put_file("checkpoint", saksi_buf_bytes(&n));
	if (size > 0) {
		put_proof("first.tlog-proof", 0, &c.root, saksi_buf_bytes(&n));
		put_proof("middle.tlog-proof", size / 2, &c.root, saksi_buf_bytes(&n));
		put_proof("last.tlog-proof", size - 1, &c.root, saksi_buf_bytes(&n));
	}
	return 0;
}
