/* One look at a log that lies in a folder, and what is remembered of it. */
#include "stage.h"

/* Looks as one who remembers `seen` of this log, or nothing. */
static enum saksi_err look(struct stage *s, struct saksi_bytes seen, char why[320])
{
	struct saksi_place *place;
	struct saksi_look l;
	char path[128];
	enum saksi_err err;
	int dir = -1;

	(void)snprintf(path, sizeof(path), "%s/seen", s->dir);
	if (seen.len > 0) {
		CHECK(saksi_seen_open(path, &dir, NULL) == SAKSI_OK);
		CHECK(saksi_seen_store(dir, saksi_bytes_of(ORIGIN), seen) == SAKSI_OK);
	}
	CHECK(saksi_place_open(s->dir, &place, NULL) == SAKSI_OK);
	err = saksi_look_at(&s->v, place, dir, true, &l);
	(void)snprintf(why, 320, "%s", l.why);
	CHECK((l.evidence.len > 0) == (err == SAKSI_SPLIT));
	CHECK(!l.read_all); /* no roots are pinned here */
	CHECK(err != SAKSI_OK || l.derived);
	CHECK(err != SAKSI_REFUSED || !l.derived);
	saksi_look_free(&l);
	saksi_place_close(place);
	if (dir >= 0)
		(void)close(dir);
	return err;
}

static void test_answers(void **state)
{
	static const struct saksi_bytes none;
	struct stage s;
	struct saksi_bytes seen;
	char why[320];

	(void)state;
	stage_begin(&s, 9);
	assert_int_equal(look(&s, none, why), SAKSI_MISSING); /* nothing there */
	put_log(&s.m, s.dir, mem_point(&s.m, 9, NOON));
	assert_int_equal(look(&s, none, why), SAKSI_OK);
	assert_string_equal(why, "");
	/* its entries are statements, and nobody says whose to believe */
	put_file(s.dir, "addenda.v1", none);
	assert_int_equal(look(&s, none, why), SAKSI_MISSING);
	assert_non_null(strstr(why, "roots"));
	put_file(s.dir, "addenda.v1", saksi_bytes_of("x"));
	assert_int_equal(look(&s, none, why), SAKSI_MISSING);
	assert_non_null(strstr(why, "roots"));
	put_file(s.dir, "addenda.v1", saksi_bytes_of("longer than what is read of it"));
	assert_int_equal(look(&s, none, why), SAKSI_MISSING);
	assert_non_null(strstr(why, "roots"));
	{
		char marker[128];

		(void)snprintf(marker, sizeof(marker), "%s/addenda.v1", s.dir);
		CHECK(unlink(marker) == 0);
	}
	s.v.now_utc = NOON + 4 * 3600;
	assert_int_equal(look(&s, none, why), SAKSI_STALE);
	/* cosigned at a time that has not been yet: nobody vouches for now */
	s.v.now_utc = NOON - 4 * 3600;
	assert_int_equal(look(&s, none, why), SAKSI_MISSING);
	assert_non_null(strstr(why, "clocks"));
	s.v.now_utc = NOON;
	put_log(&s.m, s.dir, mem_point(&s.m, 9, 0));
	assert_int_equal(look(&s, none, why), SAKSI_QUORUM);
	/* grown from what was seen; and an older tree */
	seen = mem_point(&s.m, 9, NOON);
	mem_fill(&s.m, 4, 1);
	put_log(&s.m, s.dir, mem_point(&s.m, 13, NOON));
	assert_int_equal(look(&s, seen, why), SAKSI_OK);
	seen = mem_point(&s.m, 13, NOON);
	s.m.size = s.m.count = 9;
	put_log(&s.m, s.dir, mem_point(&s.m, 9, NOON));
	assert_int_equal(look(&s, seen, why), SAKSI_REFUSED);
	assert_non_null(strstr(why, "older"));
	stage_end(&s);
}

/* A full look reads the tiles, too: proofs are made from them, and entries that add
 * up say nothing of them. */
static void test_full(void **state)
{
	static const struct saksi_bytes none;
	struct saksi_tile t = {0, 0, 9};
	char path[SAKSI_TILE_PATH_LEN], full[256], why[320];
	struct saksi_buf tile = saksi_buf_growing(1U << 10);
	struct stage s;

	(void)state;
	stage_begin(&s, 9);
	put_log(&s.m, s.dir, mem_point(&s.m, 9, NOON));
	assert_int_equal(look(&s, none, why), SAKSI_OK);
	saksi_tile_path(&t, path);
	CHECK(mem_get(&s.m, path, &tile) == SAKSI_OK);
	for (size_t i = 0; i < tile.len; i += 16) {
		tile.at[i] ^= 1;
		put_file(s.dir, path, saksi_buf_bytes(&tile));
		assert_int_equal(look(&s, none, why), SAKSI_REFUSED);
		tile.at[i] ^= 1;
	}
	put_file(s.dir, path, saksi_buf_bytes(&tile));
	assert_int_equal(look(&s, none, why), SAKSI_OK);
	(void)snprintf(full, sizeof(full), "%s/%s", s.dir, path);
	CHECK(unlink(full) == 0);
	assert_int_equal(look(&s, none, why), SAKSI_MISSING);
	assert_non_null(strstr(why, "tile/0/000"));
	saksi_buf_free(&tile);
	stage_end(&s);
}

static void test_split(void **state)
{
	struct stage s;
	struct memlog other;
	char why[320];

	(void)state;
	stage_begin(&s, 9);
	mem_begin(&other);
	mem_fill(&other, 7, 2);
	put_log(&s.m, s.dir, mem_point(&s.m, 9, NOON));
	assert_int_equal(look(&s, mem_point(&other, 7, NOON), why), SAKSI_SPLIT);
	/* also when the newer one has too few cosignatures */
	put_log(&s.m, s.dir, mem_point(&s.m, 9, 0));
	assert_int_equal(look(&s, mem_point(&other, 7, NOON), why), SAKSI_SPLIT);
	/* what was seen cannot be read: cannot tell, never "grown" */
	put_log(&s.m, s.dir, mem_point(&s.m, 9, NOON));
	assert_int_equal(saksi_err_exit(look(&s, saksi_bytes_of("x\n"), why)), 3);
	mem_end(&other);
	stage_end(&s);
}

static void test_seen(void **state)
{
	struct stage s;
	struct saksi_buf b = saksi_buf_growing(1U << 20);
	struct stat st;
	char path[128];
	int dir;

	(void)state;
	stage_begin(&s, 1);
	(void)snprintf(path, sizeof(path), "%s/a/b", s.dir);
	CHECK(saksi_seen_open(path, &dir, NULL) == SAKSI_OK);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0700);
	CHECK(saksi_seen_load(dir, saksi_bytes_of("o"), &b) == SAKSI_MISSING);
	CHECK(saksi_seen_store(dir, saksi_bytes_of("o"), saksi_bytes_of("one")) ==
	      SAKSI_OK);
	CHECK(saksi_seen_store(dir, saksi_bytes_of("../o"), saksi_bytes_of("two")) ==
	      SAKSI_OK);
	CHECK(saksi_seen_load(dir, saksi_bytes_of("o"), &b) == SAKSI_OK);
	CHECK(saksi_bytes_is(saksi_buf_bytes(&b), "one"));
	(void)close(dir);
	saksi_buf_free(&b);
	stage_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_full),
	    cmocka_unit_test(test_split),
	    cmocka_unit_test(test_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
