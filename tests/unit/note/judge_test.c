/* Against vectors made by golang.org/x/mod/sumdb/note: what we write is what it
 * writes, byte for byte; what we take is what it takes, for each of the
 * thousands of single-bit changes to a note. */
#include "help.h"

#include "../merkle/vectors.h"
#include "base/text.h"
#include "note/addcheckpoint.h"
#include "note/tlogproof.h"

enum { KNOWN = 3 };
static const struct saksi_json *vectors;
static struct saksi_vkey keys[KNOWN];

static struct saksi_bytes from_base64(struct saksi_bytes text)
{
	uint8_t *room = saksi_arena_new(&arena, text.len + 1, 1);
	size_t len = text.len;

	assert_int_equal(saksi_text_base64(text, room, &len), SAKSI_OK);
	return (struct saksi_bytes){room, len};
}

static const struct saksi_json *first(const char *key)
{
	return saksi_json_get(vectors, key)->child;
}

static int setup(void **state)
{
	const struct saksi_json *k;
	int i = 0;

	(void)arena_setup(state);
	vectors = vectors_load("tests/vectors/note.json", &arena);
	for (k = first("keys"); i < KNOWN; k = k->next, i++)
		assert_int_equal(
		    saksi_vkey_read(vectors_str(k, "vkey"), &keys[i], NULL), SAKSI_OK);
	return 0;
}

/* The verdicts of cmd/gen: m, x, or how many known keys signed. */
static char verdict(struct saksi_bytes all)
{
	size_t mark = arena.used;
	struct saksi_note n;
	char said = '0';

	if (saksi_note_read(all, &arena, &n, NULL) != SAKSI_OK)
		said = 'm';
	for (int i = 0; i < KNOWN && said >= '0' && said <= '9'; i++) {
		struct saksi_sigcheck c;
		uint64_t when;
		enum saksi_err err =
		    saksi_note_check_for(&n, &keys[i], &arena, &c, &when);

		if (err == SAKSI_MISSING)
			continue;
		if (err == SAKSI_OK)
			saksi_sigchecks_run(&c, 1);
		said = err == SAKSI_OK && c.answer == SAKSI_SIG_GOOD ? (char)(said + 1)
								     : 'x';
	}
	saksi_arena_rewind(&arena, mark);
	return said == '0' ? 'x' : said;
}

/* 's': Go takes a base64 that is not canonical, which we do not. */
static void assert_verdict(char ours, char theirs, size_t where)
{
	if (ours != (theirs == 's' ? 'm' : theirs))
		fail_msg("at %zu we say %c and Go says %c", where, ours, theirs);
}

static void test_notes(void **state)
{
	size_t i = 0;

	(void)state;
	for (const struct saksi_json *v = first("notes"); v != NULL; v = v->next, i++) {
		struct saksi_bytes all = from_base64(vectors_str(v, "note"));

		assert_verdict(verdict(all), (char)vectors_str(v, "go").at[0], i);
	}
	assert_int_equal(i, 42);
}

static void test_every_bit(void **state)
{
	const struct saksi_json *v = first("notes");
	struct saksi_bytes all = from_base64(vectors_str(v, "note"));
	struct saksi_bytes said = vectors_str(v, "flips");
	uint8_t *lie = saksi_arena_new(&arena, all.len, 1);

	(void)state;
	assert_int_equal(said.len, 8 * all.len);
	memcpy(lie, all.at, all.len);
	for (size_t bit = 0; bit < said.len; bit++) {
		lie[bit / 8] = (uint8_t)(lie[bit / 8] ^ 1U << bit % 8);
		assert_verdict(verdict((struct saksi_bytes){lie, all.len}),
			       (char)said.at[bit], bit);
		lie[bit / 8] = (uint8_t)(lie[bit / 8] ^ 1U << bit % 8);
	}
}

/* Ed25519 has one signature: our lines are theirs. */
static void test_same_lines(void **state)
{
	struct saksi_bytes all = from_base64(vectors_str(first("notes"), "note"));
	const struct saksi_json *k = first("keys");
	struct saksi_note n;

	(void)state;
	assert_int_equal(saksi_note_read(all, &arena, &n, NULL), SAKSI_OK);
	assert_int_equal(n.sig_count, 4);
	for (int i = 0; i < 4; i++, k = k->next) {
		static const int place[] = {0, 1, 3, 2}; /* the stranger stands third */
		const struct saksi_note_sig *sig = &n.sigs[place[i]];
		struct saksi_bytes skey = vectors_str(k, "skey");
		struct saksi_signer *s = NULL;
		struct saksi_vkey key;
		uint8_t room[512];
		struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));

		assert_int_equal(saksi_skey_read(skey, &key, &s, NULL), SAKSI_OK);
		if (key.type == SAKSI_SIG_COSIGNATURE)
			saksi_note_cosign(n.text, i == 1 ? 1774000000 : 1774000060,
					  &key, s, &b);
		else
			saksi_note_sign(n.text, &key, s, &b);
		assert_true(saksi_bytes_same(saksi_buf_bytes(&b), sig->line));
		saksi_buf_clear(&b);
		saksi_vkey_write(&key, &b);
		assert_true(
		    saksi_bytes_same(saksi_buf_bytes(&b), vectors_str(k, "vkey")));
		saksi_buf_clear(&b);
		saksi_skey_write(&key, s, &b);
		assert_true(saksi_bytes_same(saksi_buf_bytes(&b), skey));
		saksi_signer_free(s);
	}
}

static enum saksi_err judge(const struct saksi_policy *p, struct saksi_bytes note,
			    struct saksi_judged *j)
{
	SAKSI_TRY(saksi_judge_prepare(p, note, &arena, j, NULL));
	for (size_t i = 0; i < j->signer_count; i++)
		saksi_sigchecks_run(&j->signers[i].check, 1);
	return saksi_judge_conclude(p, j);
}

static void test_proofs(void **state)
{
	struct saksi_policy policy;
	unsigned count = 0;

	(void)state;
	assert_int_equal(
	    saksi_policy_read(vectors_str(vectors, "policy"), &arena, &policy, NULL),
	    SAKSI_OK);
	for (const struct saksi_json *v = first("proofs"); v != NULL;
	     v = v->next, count++) {
		struct saksi_bytes text = vectors_str(v, "proof");
		struct saksi_tlogproof p;
		struct saksi_judged j;
		uint8_t room[4096];
		struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));

		assert_int_equal(saksi_tlogproof_read(text, &arena, &p, NULL),
				 SAKSI_OK);
		assert_int_equal(judge(&policy, p.checkpoint, &j), SAKSI_OK);
		assert_true(j.newest_utc == 1774000000);
		struct saksi_inclusion in = {saksi_hash_leaf(vectors_str(v, "entry")),
					     p.index, j.point.size, p.path,
					     p.path_count};

		assert_int_equal(saksi_inclusion_check(&in, &j.point.root), SAKSI_OK);
		in.leaf = saksi_hash_leaf(str("entry 2"));
		assert_int_equal(saksi_inclusion_check(&in, &j.point.root),
				 SAKSI_REFUSED);
		saksi_tlogproof_write(&p, &b);
		assert_true(saksi_bytes_same(saksi_buf_bytes(&b), text));
	}
	assert_int_equal(count, 4);
}

static void test_request(void **state)
{
	struct saksi_addcheckpoint r;
	struct saksi_checkpoint c;
	struct saksi_note n;
	struct saksi_hash old, new, none = saksi_hash_empty();

	(void)state;
	assert_int_equal(
	    saksi_addcheckpoint_read(vectors_str(vectors, "request"), &arena, &r, NULL),
	    SAKSI_OK);
	assert_int_equal(saksi_note_read(r.checkpoint, &arena, &n, NULL), SAKSI_OK);
	assert_int_equal(saksi_checkpoint_read(n.text, &c, NULL), SAKSI_OK);
	struct saksi_consistency p = {r.old_size, c.size, r.path, r.path_count};

	assert_int_equal(saksi_consistency_roots(&p, &none, &old, &new), SAKSI_OK);
	assert_true(saksi_hash_same(&new, &c.root));
	assert_int_equal(saksi_consistency_check(&p, &old, &new), SAKSI_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_notes),      cmocka_unit_test(test_every_bit),
	    cmocka_unit_test(test_same_lines), cmocka_unit_test(test_proofs),
	    cmocka_unit_test(test_request),
	};

	return cmocka_run_group_tests(tests, setup, arena_teardown);
}
