/* A log that ended, ended twice or went on; a key that vouches for the next. */
#include "memlog.h"

#include "verify/years.h"

static struct saksi_bytes kept(struct memlog *m, const struct saksi_buf *b)
{
	struct saksi_bytes out = saksi_arena_copy(&m->arena, saksi_buf_bytes(b));

	assert_non_null(out.at);
	return out;
}

static struct saksi_bytes signed_note(struct memlog *m, struct saksi_buf *text,
				      const struct saksi_vkey *k,
				      const struct saksi_signer *s)
{
	struct saksi_buf note = saksi_buf_growing(8192);
	struct saksi_bytes out;

	saksi_buf_put(&note, saksi_buf_bytes(text));
	saksi_buf_puts(&note, "\n");
	saksi_note_sign(saksi_buf_bytes(text), k, s, &note);
	out = kept(m, &note);
	saksi_buf_free(&note);
	saksi_buf_free(text);
	return out;
}

static struct saksi_bytes closing_at(struct memlog *m, uint64_t size, const char *url)
{
	struct saksi_closing k = {.origin = saksi_bytes_of(ORIGIN),
				  .size = size,
				  .time_utc = NOON,
				  .url = saksi_bytes_of(url)};
	struct saksi_buf text = saksi_buf_growing(8192);

	mem_root(m, 0, size, &k.root);
	saksi_closing_write(&k, &text);
	return signed_note(m, &text, &m->vkey, m->key);
}

static enum saksi_err last_of(struct memlog *m, struct saksi_bytes closing,
			      struct saksi_bytes point, struct saksi_bytes *evidence)
{
	struct saksi_verifier v = mem_verifier(m, NULL);
	struct saksi_judged j;
	struct saksi_buf out = saksi_buf_growing(1U << 16);
	struct saksi_closing k;
	enum saksi_err err = saksi_verify_point(&v, point, &j, NULL);

	CHECK(err == SAKSI_OK || err == SAKSI_QUORUM); /* cosigned or not */
	CHECK(saksi_verify_closing(&v, closing, &k, NULL, NULL) == SAKSI_OK);
	err = saksi_verify_last(closing, &k, &j, &out);
	CHECK((out.len > 0) == (err == SAKSI_SPLIT));
	if (out.len > 0)
		*evidence = kept(m, &out);
	saksi_buf_free(&out);
	return err;
}

static enum saksi_err lie(struct memlog *m, struct saksi_bytes evidence)
{
	struct saksi_verifier v = mem_verifier(m, NULL);
	struct saksi_closing k;
	size_t mark = m->arena.used;
	enum saksi_err err = saksi_verify_closing_lie(&v, evidence, &k, NULL);

	saksi_arena_rewind(&m->arena, mark);
	return err;
}

static void every_bit(struct memlog *m, struct saksi_bytes evidence)
{
	uint8_t *copy = saksi_arena_new(&m->arena, evidence.len, 1);

	assert_int_equal(lie(m, evidence), SAKSI_OK);
	for (size_t bit = 0; bit < 8 * evidence.len; bit++) {
		memcpy(copy, evidence.at, evidence.len);
		copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
		/* The last byte is a newline: any blank there means the same. */
		if (lie(m, (struct saksi_bytes){copy, evidence.len}) == SAKSI_OK)
			CHECK(bit / 8 == evidence.len - 1);
	}
}

static void test_last_tree(void **state)
{
	struct memlog m;
	struct saksi_bytes closing, evidence = {NULL, 0}, other;

	(void)state;
	mem_begin(&m);
	mem_fill(&m, 9, 1);
	closing = closing_at(&m, 7, "");
	CHECK(last_of(&m, closing, mem_point(&m, 7, NOON), &evidence) == SAKSI_OK);
	CHECK(last_of(&m, closing, mem_point(&m, 6, NOON), &evidence) == SAKSI_STALE);
	CHECK(last_of(&m, closing, mem_point(&m, 8, 0), &evidence) == SAKSI_SPLIT);
	every_bit(&m, evidence);
	/* The same size with another root. */
	m.count = 3;
	mem_fill(&m, 6, 2);
	other = mem_point(&m, 7, NOON);
	CHECK(last_of(&m, closing, other, &evidence) == SAKSI_SPLIT);
	CHECK(lie(&m, evidence) == SAKSI_OK);
	mem_end(&m);
}

static void test_two_ends(void **state)
{
	struct memlog m;
	struct saksi_bytes a, b, text;
	struct saksi_buf out = saksi_buf_growing(1U << 16);
	struct saksi_buf same = saksi_buf_growing(1U << 16);

	(void)state;
	mem_begin(&m);
	mem_fill(&m, 9, 1);
	a = closing_at(&m, 7, "");
	b = closing_at(&m, 7, "https://else.example/");
	CHECK(saksi_verify_closings(a, b, &out) == SAKSI_SPLIT);
	text = kept(&m, &out);
	every_bit(&m, text);
	CHECK(saksi_verify_closings(a, a, &same) == SAKSI_SPLIT);
	CHECK(lie(&m, saksi_buf_bytes(&same)) == SAKSI_REFUSED);
	saksi_buf_free(&out);
	saksi_buf_free(&same);
	mem_end(&m);
}

/* Nothing of that kind is proven. */
static void test_no_evidence(void **state)
{
	static const char *const bad[] = {
	    "{}",
	    "{\"version\":1,\"kind\":\"after-closing\"}",
	    ("{\"version\":1,\"kind\":\"after-closing\",\"closing\":\"\","
	     "\"newer\":\"\"}"),
	};
	struct memlog m;
	struct saksi_bytes closing, evidence = {NULL, 0};
	struct saksi_judged j;
	struct saksi_verifier v;
	struct saksi_closing k;
	struct saksi_buf out = saksi_buf_growing(1U << 16);

	(void)state;
	mem_begin(&m);
	mem_fill(&m, 9, 1);
	for (size_t i = 0; i < 3; i++)
		CHECK(lie(&m, saksi_bytes_of(bad[i])) == SAKSI_MALFORMED);
	CHECK(lie(&m, saksi_bytes_of("{\"version\":2,\"kind\":\"after-closing\"}")) ==
	      SAKSI_NEWER);
	CHECK(lie(&m, saksi_bytes_of("{\"version\":1,\"kind\":\"other\"}")) ==
	      SAKSI_NEWER);
	/* A tree that fits: written as evidence by somebody who bends the reading. */
	closing = closing_at(&m, 7, "");
	v = mem_verifier(&m, NULL);
	CHECK(saksi_verify_closing(&v, closing, &k, NULL, NULL) == SAKSI_OK);
	j = mem_judged(&v, mem_point(&m, 7, NOON));
	j.point.size = 8;
	CHECK(saksi_verify_last(closing, &k, &j, &out) == SAKSI_SPLIT);
	evidence = kept(&m, &out);
	CHECK(lie(&m, evidence) == SAKSI_REFUSED);
	/* Signed by another than the log. */
	closing = closing_at(&m, 7, "");
	((uint8_t *)(uintptr_t)closing.at)[closing.len - 10] ^= 1;
	CHECK(saksi_verify_closing(&v, closing, &k, NULL, NULL) != SAKSI_OK);
	v.answer = mem_silence;
	closing = closing_at(&m, 7, "");
	CHECK(saksi_verify_closing(&v, closing, &k, NULL, NULL) == SAKSI_MISSING);
	saksi_buf_free(&out);
	mem_end(&m);
}

/* ---- heirs */

#define KEYS 4
struct heirs {
	struct memlog m;
	struct saksi_signer *signer[KEYS]; /* 0 is the log's own */
	struct saksi_vkey key[KEYS];
	struct saksi_bytes change[KEYS]; /* of key i to the next */
};

static void heirs_begin(struct heirs *h)
{
	memset(h, 0, sizeof(*h));
	mem_begin(&h->m);
	mem_fill(&h->m, 5, 1);
	h->signer[0] = h->m.key;
	h->key[0] = h->m.vkey;
	for (unsigned i = 1; i < KEYS; i++) {
		uint8_t pub[SAKSI_KEY_LEN];

		h->signer[i] = signer_of((uint8_t)(90 + i));
		saksi_signer_public(h->signer[i], pub);
		CHECK(saksi_vkey_make(saksi_bytes_of(ORIGIN), SAKSI_SIG_ED25519, pub,
				      &h->key[i]) == SAKSI_OK);
	}
}

static void heirs_end(struct heirs *h)
{
	for (unsigned i = 1; i < KEYS; i++)
		saksi_signer_free(h->signer[i]);
	mem_end(&h->m);
}

/* "old is followed by next", signed by those two of our keys. */
static struct saksi_bytes change_note(struct heirs *h, unsigned old, unsigned next,
				      unsigned by, unsigned and_by)
{
	struct saksi_keychange k = {saksi_bytes_of(ORIGIN), h->key[old], h->key[next],
				    NOON};
	struct saksi_buf text = saksi_buf_growing(8192);
	struct saksi_buf note = saksi_buf_growing(8192);
	struct saksi_bytes out;

	saksi_keychange_write(&k, &text);
	saksi_buf_put(&note, saksi_buf_bytes(&text));
	saksi_buf_puts(&note, "\n");
	saksi_note_sign(saksi_buf_bytes(&text), &h->key[by], h->signer[by], &note);
	saksi_note_sign(saksi_buf_bytes(&text), &h->key[and_by], h->signer[and_by],
			&note);
	out = kept(&h->m, &note);
	saksi_buf_free(&text);
	saksi_buf_free(&note);
	return out;
}

static enum saksi_err get_change(void *ctx, const char *path, struct saksi_buf *out)
{
	struct heirs *h = ctx;
	char own[SAKSI_KEYCHANGE_PATH_LEN];

	for (unsigned i = 0; i < KEYS; i++) {
		saksi_keychange_path(&h->key[i], own);
		if (strcmp(own, path) == 0 && h->change[i].at != NULL) {
			saksi_buf_put(out, h->change[i]);
			return SAKSI_OK;
		}
	}
	return SAKSI_MISSING;
}

static enum saksi_err heir_of_point(struct heirs *h, unsigned by, struct saksi_vkey *k)
{
	struct saksi_verifier v = mem_verifier(&h->m, NULL);
	struct saksi_source s = {h, get_change};
	struct saksi_vkey vkey = h->m.vkey;
	struct saksi_signer *key = h->m.key;
	struct saksi_bytes point;

	h->m.vkey = h->key[by];
	h->m.key = h->signer[by];
	point = mem_point(&h->m, 5, NOON);
	h->m.vkey = vkey;
	h->m.key = key;
	return saksi_verify_heir(&v, &s, point, k);
}

static void test_heirs(void **state)
{
	struct heirs h;
	struct saksi_vkey k;

	(void)state;
	heirs_begin(&h);
	CHECK(heir_of_point(&h, 1, &k) == SAKSI_REFUSED); /* nobody vouches */
	CHECK(heir_of_point(&h, 0, &k) == SAKSI_REFUSED); /* it is the known key's */
	h.change[0] = change_note(&h, 0, 1, 0, 1);
	CHECK(heir_of_point(&h, 1, &k) == SAKSI_OK && k.id == h.key[1].id);
	CHECK(heir_of_point(&h, 2, &k) == SAKSI_REFUSED);
	h.change[1] = change_note(&h, 1, 2, 1, 2);
	h.change[2] = change_note(&h, 2, 3, 2, 3);
	CHECK(heir_of_point(&h, 3, &k) == SAKSI_OK && k.id == h.key[3].id);
	/* Round and round is no way. */
	h.change[2] = change_note(&h, 2, 1, 2, 1);
	CHECK(heir_of_point(&h, 3, &k) == SAKSI_REFUSED);
	/* Not signed by the old key, or not by the new one, or of another key. */
	h.change[0] = change_note(&h, 0, 1, 2, 1);
	CHECK(heir_of_point(&h, 1, &k) == SAKSI_REFUSED);
	h.change[0] = change_note(&h, 0, 1, 0, 2);
	CHECK(heir_of_point(&h, 1, &k) == SAKSI_REFUSED);
	h.change[0] = change_note(&h, 2, 1, 0, 1);
	CHECK(heir_of_point(&h, 1, &k) == SAKSI_REFUSED);
	heirs_end(&h);
}

static void test_heir_bits(void **state)
{
	struct heirs h;
	struct saksi_vkey k;
	struct saksi_bytes good;
	uint8_t *copy;

	(void)state;
	heirs_begin(&h);
	good = change_note(&h, 0, 1, 0, 1);
	copy = saksi_arena_new(&h.m.arena, good.len, 1);
	h.change[0] = (struct saksi_bytes){copy, good.len};
	for (size_t bit = 0; bit < 8 * good.len; bit++) {
		size_t mark = h.m.arena.used;

		memcpy(copy, good.at, good.len);
		copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
		CHECK(heir_of_point(&h, 1, &k) == SAKSI_REFUSED);
		saksi_arena_rewind(&h.m.arena, mark);
	}
	memcpy(copy, good.at, good.len);
	CHECK(heir_of_point(&h, 1, &k) == SAKSI_OK);
	heirs_end(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_last_tree),   cmocka_unit_test(test_two_ends),
	    cmocka_unit_test(test_no_evidence), cmocka_unit_test(test_heirs),
	    cmocka_unit_test(test_heir_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
