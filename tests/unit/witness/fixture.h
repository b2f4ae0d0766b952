/* A small log and its requests, for the tests of this room. */
#ifndef SAKSI_TEST_WITNESS_FIXTURE_H
#define SAKSI_TEST_WITNESS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "merkle/tree.h"
#include "witness/witness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LEAVES = 300, NOW = 1800000000 };

struct history {
	struct saksi_hash leaves[LEAVES];
};

static struct history truth, lie; /* lie is another history from leaf 5 on */
static struct saksi_signer *log_signer, *other_signer;
static struct saksi_vkey log_key, other_key;
static uint8_t log_name[] = "log.example/fixture";

static inline struct saksi_hash root_at(const struct history *h, uint64_t size)
{
	struct saksi_hash copy[LEAVES];
	memcpy(copy, h->leaves, size * sizeof *copy);
	return saksi_tree_root_of(copy, size);
}

/* RFC 6962 2.1: the definition, slow. */
static inline struct saksi_hash slow_root(const struct saksi_hash *l, uint64_t n)
{
	if (n == 1)
		return l[0];
	uint64_t k = 1;
	while (k * 2 < n)
		k *= 2;
	struct saksi_hash left = slow_root(l, k), right = slow_root(l + k, n - k);
	return saksi_hash_node(&left, &right);
}

/* RFC 6962 2.1.2, SUBPROOF, as it is written there. */
static inline size_t slow_proof(const struct saksi_hash *l, uint64_t m, uint64_t n,
				bool whole, struct saksi_hash *out)
{
	if (m == n) {
		if (whole)
			return 0;
		out[0] = slow_root(l, m);
		return 1;
	}
	uint64_t k = 1;
	while (k * 2 < n)
		k *= 2;
	size_t count;
	if (m <= k) {
		count = slow_proof(l, m, k, whole, out);
		out[count] = slow_root(l + k, n - k);
	} else {
		count = slow_proof(l + k, m - k, n - k, false, out);
		out[count] = slow_root(l, k);
	}
	return count + 1;
}

struct request {
	uint64_t old_size, size;
	const struct history *of;
	/* changes, when set */
	const struct saksi_hash *root;
	bool no_log_line, bad_line, twice, other_line, no_proof, long_proof;
	const char *origin, *extension;
};

static inline struct saksi_bytes write_request(const struct request *q, char *room,
					       size_t cap)
{
	char text_room[4096], note_room[8192];
	struct saksi_buf text = saksi_buf_fixed(text_room, sizeof text_room);
	struct saksi_buf note = saksi_buf_fixed(note_room, sizeof note_room);
	struct saksi_buf out = saksi_buf_fixed(room, cap);
	struct saksi_hash path[SAKSI_PATH_MAX];
	struct saksi_checkpoint c = {.size = q->size};

	c.origin = saksi_bytes_of(q->origin != NULL ? q->origin : (char *)log_name);
	c.root = q->root != NULL ? *q->root : root_at(q->of, q->size);
	c.extensions = saksi_bytes_of(q->extension != NULL ? q->extension : "");
	saksi_checkpoint_write(&c, &text);
	saksi_buf_put(&note, saksi_buf_bytes(&text));
	saksi_buf_puts(&note, "\n");
	if (q->bad_line)
		saksi_note_sign(saksi_bytes_of("other\n"), &log_key, log_signer, &note);
	else if (!q->no_log_line)
		saksi_note_sign(saksi_buf_bytes(&text), &log_key, log_signer, &note);
	if (q->twice)
		saksi_note_sign(saksi_buf_bytes(&text), &log_key, log_signer, &note);
	if (q->other_line || q->no_log_line)
		saksi_note_sign(saksi_buf_bytes(&text), &other_key, other_signer,
				&note);
	size_t count = 0;
	if (q->old_size > 0 && q->old_size <= q->size && !q->no_proof)
		count = slow_proof(q->of->leaves, q->old_size, q->size, true, path);
	if (q->long_proof)
		path[count++] = c.root;
	struct saksi_addcheckpoint add = {q->old_size, path, count,
					  saksi_buf_bytes(&note)};
	saksi_addcheckpoint_write(&add, &out);
	assert_int_equal(saksi_buf_check(&note), SAKSI_OK);
	assert_int_equal(saksi_buf_check(&out), SAKSI_OK);
	return saksi_buf_bytes(&out);
}

static inline void make_key(const char *name, uint8_t type, struct saksi_signer *s,
			    struct saksi_vkey *out)
{
	uint8_t key[SAKSI_KEY_LEN];
	saksi_signer_public(s, key);
	assert_int_equal(saksi_vkey_make(saksi_bytes_of(name), type, key, out),
			 SAKSI_OK);
}

static inline int make_logs(void **state)
{
	(void)state;
	if (saksi_crypto_begin() != SAKSI_OK)
		return -1;
	for (size_t i = 0; i < LEAVES; i++) {
		struct saksi_bytes b = {(const uint8_t *)&i, sizeof i};
		truth.leaves[i] = saksi_hash_leaf(b);
		lie.leaves[i] = truth.leaves[i];
		if (i >= 5)
			lie.leaves[i].b[0] ^= 1;
	}
	log_signer = saksi_signer_new();
	other_signer = saksi_signer_new();
	assert_non_null(log_signer);
	assert_non_null(other_signer);
	make_key((char *)log_name, SAKSI_SIG_ED25519, log_signer, &log_key);
	make_key("other.example", SAKSI_SIG_ED25519, other_signer, &other_key);
	return 0;
}

static inline int free_logs(void **state)
{
	(void)state;
	saksi_signer_free(log_signer);
	saksi_signer_free(other_signer);
	return 0;
}

static inline const char *vkey_text(const struct saksi_vkey *k, char room[512])
{
	struct saksi_buf b = saksi_buf_fixed(room, 511);
	saksi_vkey_write(k, &b);
	room[b.len] = '\0';
	return room;
}

/* ---- a witness in a folder of its own */

struct place {
	char path[64];
	struct saksi_witness *w;
	int64_t now;
	char vkey[512];
	struct saksi_vkey key;
};

static inline int64_t place_now(void *ctx)
{
	struct place *p = ctx;
	return p->now;
}

static inline enum saksi_err reopen(struct place *p, struct saksi_why *why)
{
	struct saksi_witness_clock clock = {place_now, p};
	saksi_witness_close(p->w);
	p->w = NULL;
	return saksi_witness_open(p->path, &clock, &p->w, why);
}

static inline void make_place(struct place *p)
{
	char room[512];
	struct saksi_why why = {""};
	struct saksi_buf vkey = saksi_buf_fixed(p->vkey, sizeof p->vkey - 1);

	memset(p, 0, sizeof *p);
	p->now = NOW;
	strcpy(p->path, "/tmp/saksi-witness-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	if (saksi_witness_init(p->path, "witness.example/w", &vkey, &why) != SAKSI_OK ||
	    reopen(p, &why) != SAKSI_OK)
		fail_msg("%s", why.text);
	assert_int_equal(saksi_vkey_read(saksi_buf_bytes(&vkey), &p->key, NULL),
			 SAKSI_OK);
	assert_int_equal(
	    saksi_witness_add(p->w, vkey_text(&log_key, room), NULL, NOW, &why),
	    SAKSI_OK);
}

static inline void end_place(struct place *p)
{
	char line[128];
	saksi_witness_close(p->w);
	(void)snprintf(line, sizeof line, "rm -rf %s", p->path);
	assert_int_equal(system(line), 0);
}

/* Sends it; the status, with the body in out (NUL-terminated). */
static inline unsigned send_bytes(struct place *p, struct saksi_bytes body,
				  char out[2048])
{
	struct saksi_witness_answer a;
	saksi_witness_submit(p->w, body, &a);
	assert_true(a.body.len < 2048);
	assert_int_equal(saksi_buf_check(&a.body), SAKSI_OK);
	memcpy(out, a.body.at, a.body.len);
	out[a.body.len] = '\0';
	if (a.status == 409)
		assert_string_equal(a.content_type, "text/x.tlog.size");
	saksi_buf_free(&a.body);
	return a.status;
}

static inline unsigned send_request(struct place *p, const struct request *q,
				    char out[2048])
{
	static char room[16384];
	return send_bytes(p, write_request(q, room, sizeof room), out);
}

static inline unsigned grow(struct place *p, uint64_t from, uint64_t to)
{
	char got[2048];
	struct request q = {.old_size = from, .size = to, .of = &truth};
	return send_request(p, &q, got);
}

/* Is `lines` one good cosignature by p over the text of this note? */
static inline bool cosigned(const struct place *p, struct saksi_bytes text,
			    const char *lines, uint64_t *when)
{
	static char room[16384];
	static uint8_t arena_room[1 << 16];
	struct saksi_arena a = {arena_room, 0, sizeof arena_room};
	struct saksi_buf b = saksi_buf_fixed(room, sizeof room);
	struct saksi_sigcheck check;
	struct saksi_note n;

	saksi_buf_put(&b, text);
	saksi_buf_puts(&b, "\n");
	saksi_buf_puts(&b, lines);
	if (saksi_note_read(saksi_buf_bytes(&b), &a, &n, NULL) != SAKSI_OK ||
	    n.sig_count != 1 || n.text.len != text.len ||
	    saksi_note_check_for(&n, &p->key, &a, &check, when) != SAKSI_OK)
		return false;
	saksi_sigchecks_run(&check, 1);
	return check.answer == SAKSI_SIG_GOOD;
}

/* The checkpoint's text within a request: after the first blank line, up to the
 * next one. */
static inline struct saksi_bytes text_of(struct saksi_bytes body)
{
	const uint8_t *blank = memmem(body.at, body.len, "\n\n", 2);
	assert_non_null(blank);
	const uint8_t *from = blank + 2;
	const uint8_t *to =
	    memmem(from, (size_t)(body.at + body.len - from), "\n\n", 2);
	assert_non_null(to);
	return (struct saksi_bytes){from, (size_t)(to + 1 - from)};
}

#endif
