/* Checkpoints judged, fresh, grown; and evidence when they did not grow. */
#include "memlog.h"

static void test_point(void **state)
{
	struct memlog m;
	struct saksi_verifier v;
	struct saksi_judged j;
	struct saksi_bytes note;
	size_t mark;

	(void)state;
	mem_begin(&m);
	mem_fill(&m, 5, 1);
	v = mem_verifier(&m, NULL);
	note = mem_point(&m, 5, NOON);
	CHECK(saksi_verify_point(&v, note, &j, NULL) == SAKSI_OK);
	assert_int_equal(j.newest_utc, NOON);
	CHECK(saksi_verify_fresh(&v, &j) == SAKSI_OK);
	v.now_utc = NOON + 3 * 3600;
	CHECK(saksi_verify_fresh(&v, &j) == SAKSI_OK);
	v.now_utc++;
	CHECK(saksi_verify_fresh(&v, &j) == SAKSI_STALE);
	/* a quorum whose clocks run ahead vouches for nothing */
	v.now_utc = NOON - SAKSI_CLOCK_SKEW_S;
	CHECK(saksi_verify_fresh(&v, &j) == SAKSI_OK);
	v.now_utc--;
	CHECK(saksi_verify_fresh(&v, &j) == SAKSI_MISSING);
	CHECK(saksi_verify_point(&v, mem_point(&m, 5, 0), &j, NULL) == SAKSI_QUORUM);
	/* every changed bit of a signed note: never accepted as something else */
	mark = m.arena.used;
	for (size_t bit = 0; bit < note.len * 8; bit++) {
		uint8_t *at = m.arena.base + (note.at - m.arena.base) + bit / 8;
		enum saksi_err err;

		*at ^= (uint8_t)(1U << bit % 8);
		err = saksi_verify_point(&v, note, &j, NULL);
		if (err == SAKSI_OK ||
		    (err != SAKSI_QUORUM && saksi_err_exit(err) == 3))
			print_message("bit %zu gave %s\n", bit, saksi_err_name(err));
		CHECK(err != SAKSI_OK);
		CHECK(err == SAKSI_QUORUM || saksi_err_exit(err) == 1 ||
		      bit < 8 * (sizeof(ORIGIN) - 1) || err == SAKSI_MISSING);
		saksi_arena_rewind(&m.arena, mark);
		*at ^= (uint8_t)(1U << bit % 8);
	}
	mem_end(&m);
}

static void test_growth(void **state)
{
	static const uint64_t sizes[] = {0,   1,   2,   3,   4,   5,  8,
					 255, 256, 257, 300, 512, 600};
	struct memlog m;
	struct saksi_tiles tiles;
	struct saksi_verifier v;

	(void)state;
	mem_begin(&m);
	mem_fill(&m, 600, 1);
	tiles = saksi_source_tiles(&m.source);
	v = mem_verifier(&m, NULL);
	for (size_t a = 0; a < 13; a++)
		for (size_t b = 0; b < 13; b++) {
			struct saksi_judged x = mem_judged(
						&v, mem_point(&m, sizes[a], NOON)),
					    y = mem_judged(
						&v, mem_point(&m, sizes[b], NOON));
			struct saksi_buf evidence = saksi_buf_growing(1U << 20);

			assert_int_equal(
			    saksi_verify_growth(&x, &y, &tiles, &evidence, NULL),
			    sizes[a] <= sizes[b] ? SAKSI_OK : SAKSI_REFUSED);
			assert_int_equal(evidence.len, 0);
			saksi_buf_free(&evidence);
		}
	mem_end(&m);
}

/* Two logs with one key: every pair of trees that differ is proven to. */
static void test_split(void **state)
{
	static const uint64_t sizes[] = {1, 2, 3, 4, 5, 8, 31, 256, 257, 300};
	struct memlog one, two;
	struct saksi_verifier v;
	struct saksi_tiles tiles;

	(void)state;
	mem_begin(&one);
	mem_begin(&two);
	mem_fill(&one, 300, 1);
	mem_fill(&two, 300, 2);
	tiles = saksi_source_tiles(&two.source);
	v = mem_verifier(&one, NULL);
	for (size_t a = 0; a < 10; a++)
		for (size_t b = a; b < 10; b++) {
			struct saksi_judged x = mem_judged(
						&v, mem_point(&one, sizes[a], NOON)),
					    y = mem_judged(
						&v, mem_point(&two, sizes[b], NOON)),
					    o, n;
			struct saksi_buf evidence = saksi_buf_growing(1U << 20);
			size_t mark = one.arena.used;

			CHECK(saksi_verify_growth(&x, &y, &tiles, &evidence, NULL) ==
			      SAKSI_SPLIT);
			CHECK(saksi_verify_evidence(&v, saksi_buf_bytes(&evidence), &o,
						    &n, NULL) == SAKSI_OK);
			assert_int_equal(o.point.size, sizes[a]);
			assert_int_equal(n.point.size, sizes[b]);
			/* no changed bit makes it prove anything else */
			for (size_t bit = 0; a == 2 && b == 7 && bit < evidence.len * 8;
			     bit++) {
				enum saksi_err err;

				evidence.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
				err = saksi_verify_evidence(
				    &v, saksi_buf_bytes(&evidence), &o, &n, NULL);
				if (err == SAKSI_OK) { /* only in a line nobody reads */
					assert_int_equal(o.point.size, sizes[a]);
					assert_int_equal(n.point.size, sizes[b]);
				}
				evidence.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
				saksi_arena_rewind(&one.arena, mark);
			}
			saksi_buf_free(&evidence);
		}
	mem_end(&one);
	mem_end(&two);
}

static void write_evidence(struct saksi_buf *out, struct saksi_bytes older,
			   struct saksi_bytes newer, const struct saksi_inclusion *p)
{
	struct saksi_jsonw w = {out, false};

	saksi_buf_clear(out);
	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "version");
	saksi_jsonw_u64(&w, 1);
	saksi_jsonw_key(&w, "kind");
	saksi_jsonw_cstr(&w, "split-view");
	saksi_jsonw_key(&w, "older");
	saksi_jsonw_str(&w, older);
	saksi_jsonw_key(&w, "newer");
	saksi_jsonw_str(&w, newer);
	if (p != NULL) {
		saksi_jsonw_key(&w, "leaf");
		saksi_jsonw_base64(&w, saksi_hash_bytes(&p->leaf));
		saksi_jsonw_key(&w, "path");
		saksi_jsonw_open(&w, '[');
		for (size_t i = 0; i < p->path_count; i++)
			saksi_jsonw_base64(&w, saksi_hash_bytes(&p->path[i]));
		saksi_jsonw_close(&w, ']');
	}
	saksi_jsonw_close(&w, '}');
}

/* Two trees of one history, with the true path between them. */
static void test_evidence_that_fits(void **state)
{
	static const size_t sizes[] = {1, 2, 5, 256, 299};
	struct saksi_buf text = saksi_buf_growing(1U << 20);
	struct saksi_hash path[SAKSI_PATH_MAX];
	struct saksi_tiles tiles;
	struct saksi_inclusion p;
	struct saksi_judged o, n;
	struct saksi_verifier v;
	struct memlog m;

	(void)state;
	mem_begin(&m);
	mem_fill(&m, 300, 1);
	v = mem_verifier(&m, NULL);
	tiles = saksi_source_tiles(&m.source);
	n = mem_judged(&v, mem_point(&m, 300, NOON));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct saksi_fault f = {0};

		CHECK(saksi_inclusion_prove(&tiles, sizes[i] - 1, 300, &n.point.root,
					    &p, path) == SAKSI_OK);
		write_evidence(&text, mem_point(&m, sizes[i], NOON),
			       mem_point(&m, 300, NOON), &p);
		CHECK(saksi_verify_evidence(&v, saksi_buf_bytes(&text), &o, &n, &f) ==
		      SAKSI_REFUSED);
		assert_string_equal(f.what, "the two trees fit");
	}
	saksi_buf_free(&text);
	mem_end(&m);
}

/* Two logs that the same policy knows each have a history of their own. */
static void test_evidence_of_two_logs(void **state)
{
	static const char origin[] = "log.example/other";
	struct saksi_checkpoint c = {saksi_bytes_of(origin), 5, {{9}}, {NULL, 0}};
	struct saksi_buf text = saksi_buf_growing(1U << 20),
			 note = saksi_buf_growing(8192);
	uint8_t pub[SAKSI_KEY_LEN], seed[SAKSI_SEED_LEN] = {79};
	struct saksi_signer *key = saksi_signer_from_seed(seed);
	struct saksi_judged o, n;
	struct saksi_fault f = {0};
	struct saksi_verifier v;
	struct saksi_vkey vkey;
	struct memlog m;

	(void)state;
	mem_begin(&m);
	mem_fill(&m, 5, 1);
	saksi_signer_public(key, pub);
	CHECK(saksi_vkey_make(saksi_bytes_of(origin), SAKSI_SIG_ED25519, pub, &vkey) ==
	      SAKSI_OK);
	saksi_buf_clear(&m.policy_text);
	saksi_buf_puts(&m.policy_text, "log ");
	saksi_vkey_write(&m.vkey, &m.policy_text);
	saksi_buf_puts(&m.policy_text, "\nlog ");
	saksi_vkey_write(&vkey, &m.policy_text);
	saksi_buf_puts(&m.policy_text, "\nquorum none\n");
	CHECK(saksi_policy_read(saksi_buf_bytes(&m.policy_text), &m.arena, &m.policy,
				&f) == SAKSI_OK);
	v = mem_verifier(&m, NULL);
	saksi_checkpoint_write(&c, &text);
	saksi_buf_put(&note, saksi_buf_bytes(&text));
	saksi_buf_puts(&note, "\n");
	saksi_note_sign(saksi_buf_bytes(&text), &vkey, key, &note);
	write_evidence(&text, mem_point(&m, 5, 0), saksi_buf_bytes(&note), NULL);
	CHECK(saksi_verify_evidence(&v, saksi_buf_bytes(&text), &o, &n, &f) ==
	      SAKSI_REFUSED);
	assert_string_equal(f.what, "two different logs");
	saksi_signer_free(key);
	saksi_buf_free(&text);
	saksi_buf_free(&note);
	mem_end(&m);
}

/* Evidence that proves nothing says so. */
static void test_no_evidence(void **state)
{
	struct memlog one, two;
	struct saksi_verifier v;
	struct saksi_tiles tiles;
	struct saksi_judged x, y, o, n;
	struct saksi_buf good = saksi_buf_growing(1U << 20);
	struct saksi_buf bad = saksi_buf_growing(1U << 20);

	(void)state;
	mem_begin(&one);
	mem_begin(&two);
	mem_fill(&one, 9, 1);
	mem_fill(&two, 9, 2);
	v = mem_verifier(&one, NULL);
	tiles = saksi_source_tiles(&two.source);
	x = mem_judged(&v, mem_point(&one, 5, NOON));
	y = mem_judged(&v, mem_point(&two, 9, NOON));
	CHECK(saksi_verify_growth(&x, &y, &tiles, &good, NULL) == SAKSI_SPLIT);
	/* twice the same checkpoint */
	write_evidence(&bad, x.note.all, x.note.all, NULL);
	CHECK(saksi_verify_evidence(&v, saksi_buf_bytes(&bad), &o, &n, NULL) ==
	      SAKSI_REFUSED);
	CHECK(saksi_verify_evidence(&v, saksi_bytes_of("{}"), &o, &n, NULL) ==
	      SAKSI_MALFORMED);
	CHECK(saksi_verify_evidence(
		  &v, saksi_bytes_of("{\"version\":2,\"kind\":\"split-view\"}"), &o, &n,
		  NULL) == SAKSI_NEWER);
	saksi_buf_free(&good);
	saksi_buf_free(&bad);
	mem_end(&one);
	mem_end(&two);
}

/* Without answers to its checks nothing holds and nothing is false. */
static void test_unanswered(void **state)
{
	struct memlog m;
	struct saksi_verifier v;
	struct saksi_judged j;

	(void)state;
	mem_begin(&m);
	mem_fill(&m, 5, 1);
	v = mem_verifier(&m, NULL);
	v.answer = mem_silence;
	CHECK(saksi_verify_point(&v, mem_point(&m, 5, NOON), &j, NULL) ==
	      SAKSI_MISSING);
	mem_end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_point),
	    cmocka_unit_test(test_growth),
	    cmocka_unit_test(test_split),
	    cmocka_unit_test(test_no_evidence),
	    cmocka_unit_test(test_evidence_that_fits),
	    cmocka_unit_test(test_evidence_of_two_logs),
	    cmocka_unit_test(test_unanswered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
