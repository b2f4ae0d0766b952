/* The fact stream: one spelling, closed sections, a trailer that shows a cut. */
#include "../collect/collect_help.h"

static int arena_setup(void **state)
{
	(void)state;
	stream = saksi_buf_growing((size_t)64 << 20);
	return saksi_arena_map(&arena, (size_t)1 << 30) == SAKSI_OK ? 0 : -1;
}

static int arena_teardown(void **state)
{
	(void)state;
	saksi_buf_free(&stream);
	saksi_arena_end(&arena);
	return 0;
}

static struct saksi_facts_writer writer;

static void begin(void)
{
	saksi_buf_clear(&stream);
	saksi_facts_begin(&writer, to_stream, &stream);
}

static enum saksi_err parse(struct saksi_fault *f)
{
	saksi_arena_rewind(&arena, 0);
	return saksi_facts_parse(saksi_buf_bytes(&stream), &arena, &facts, f);
}

static void a_stream_is_these_bytes(void **state)
{
	(void)state;
	begin();
	saksi_facts_puts(&writer, "os", "-", "id", "debian");
	saksi_facts_puts(&writer, "file", "/a\n%\tb\x7f\xff\xc3\xa9", "mode", "0644");
	saksi_facts_cover(&writer, "os", SAKSI_COVERAGE_COMPLETE, "");
	saksi_facts_cover(&writer, "file", SAKSI_COVERAGE_PARTIAL, "one\nis not");
	assert_int_equal(saksi_facts_end(&writer), SAKSI_OK);
	/* The hash is what sha256sum says of the lines above it. */
	static const char expected[] = "saksi-facts 1\n"
				       "os\t-\tid\tdebian\n"
				       "file\t/a%0A%25%09b%7F%FF\xc3\xa9\tmode\t0644\n"
				       "=\tos\tcomplete\t\n"
				       "=\tfile\tpartial\tone%0Ais not\n"
				       "end\t2\tf90e67040965596fa26a7110d71d9238b22cb48"
				       "785a38de3b158eb3808ebaa3b\n";
	assert_int_equal(stream.len, strlen(expected));
	assert_memory_equal(stream.at, expected, strlen(expected));
	assert_int_equal(parse(NULL), SAKSI_OK);
	assert_true(facts.whole);
	assert_int_equal(facts.count, 2);
	TOLD("file", "/a\n%\tb\x7f\xff\xc3\xa9", "mode", "0644");
}

static void small(void)
{
	begin();
	saksi_facts_puts(&writer, "user", "r%t", "uid", "0");
	saksi_facts_puts(&writer, "user", "ana", "uid", "1000");
	saksi_facts_puts(&writer, "user", "ana", "group", "b");
	saksi_facts_puts(&writer, "user", "ana", "group", "a");
	saksi_facts_puts(&writer, "os", "-", "id", "debian");
	saksi_facts_cover(&writer, "user", SAKSI_COVERAGE_DENIED, "no");
	saksi_facts_cover(&writer, "os", SAKSI_COVERAGE_COMPLETE, "");
	assert_int_equal(saksi_facts_end(&writer), SAKSI_OK);
}

static void no_bit_flips_unseen(void **state)
{
	(void)state;
	small();
	for (size_t i = 0; i < stream.len * 8; i++) {
		stream.at[i / 8] ^= (uint8_t)(1u << (i % 8));
		const enum saksi_err err = parse(NULL);
		/* A flip that ends the last line's newline is a cut. */
		if (err == SAKSI_OK && facts.whole)
			fail_msg("bit %zu", i);
		stream.at[i / 8] ^= (uint8_t)(1u << (i % 8));
	}
}

static void every_cut_is_seen_and_keeps_whole_lines(void **state)
{
	(void)state;
	small();
	const size_t whole = stream.len;
	for (size_t len = 0; len < whole; len++) {
		stream.len = len;
		const enum saksi_err err = parse(NULL);
		if (len < 14) {
			assert_int_equal(err, SAKSI_MALFORMED);
			continue;
		}
		assert_int_equal(err, SAKSI_OK);
		assert_false(facts.whole);
		size_t lines = 0;
		for (size_t i = 14; i < len; i++)
			lines += stream.at[i] == '\n';
		assert_int_equal(facts.count, lines < 5 ? lines : 5);
	}
	/* The section whose line was cut off is not covered, and says why. */
	stream.len =
	    (size_t)((uint8_t *)memmem(stream.at, whole, "=\tos", 4) - stream.at);
	assert_int_equal(parse(NULL), SAKSI_OK);
	covered("user", SAKSI_COVERAGE_DENIED, "no");
	covered("os", SAKSI_COVERAGE_NONE, "cut off");
	stream.len = whole;
	assert_int_equal(parse(NULL), SAKSI_OK);
	covered("weather", SAKSI_COVERAGE_NONE, "does not read");
}

static enum saksi_err parse_text(const char *text, struct saksi_fault *f)
{
	saksi_buf_clear(&stream);
	saksi_buf_puts(&stream, text);
	return parse(f);
}

static void malformed_lines_are_refused_with_their_place(void **state)
{
	static const char *const bad[] = {
	    "os\t-\tid\n",                            /* three fields */
	    "os\t-\tid\ta\tb\n",                      /* five */
	    "OS\t-\tid\ta\n",                         /* upper case */
	    "9s\t-\tid\ta\n",                         /* a digit first */
	    "end\t-\tid\ta\n",                        /* the trailer's word */
	    "os\t\tid\ta\n",                          /* no subject */
	    "os\t-\t\ta\n",                           /* no attribute */
	    "os\t-\tI\ta\n",                          /* upper case */
	    "os\t-\tid\ta%0a\n",                      /* lower-case digits */
	    "os\t-\tid\ta%41\n",                      /* need not be encoded */
	    "os\t-\tid\ta%\n",                        /* cut */
	    "os\t-\tid\ta%0\n",                       /* cut */
	    "os\t-\tid\ta%GG\n",                      /* no digits */
	    "os\t-\tid\t\x01\n",                      /* should be encoded */
	    "os\t-\tid\t\x7f\n",                      /* should be encoded */
	    "os\t-\tid\t\xff\n",                      /* should be encoded */
	    "os\t-\tid\t%C3%A9\n",                    /* valid UTF-8, encoded */
	    "os\t-\tid\ta\r\n",                       /* a carriage return */
	    "=\tos\tfine\t\n",                        /* no such state */
	    "=\tos\tnone\tx\n",                       /* not one to be written */
	    "=\tos\tcomplete\tx\n",                   /* a reason for nothing */
	    "=\tos\tpartial\t\n",                     /* none for something */
	    "=\tOs\tcomplete\t\n",                    /* bad name */
	    "=\tos\tcomplete\t\n=\tos\tcomplete\t\n", /* twice */
	    "=\tos\tcomplete\t\nos\t-\tid\ta\n",      /* after it was closed */
	    "\n",                                     /* empty */
	    "end\t00\t00\n",                          /* no trailer */
	};
	struct saksi_fault f;
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		(void)snprintf(text, sizeof(text), "saksi-facts 1\n%s", bad[i]);
		if (parse_text(text, &f) != SAKSI_MALFORMED || f.line < 2)
			fail_msg("%zu: %s", i, bad[i]);
	}
	assert_int_equal(parse_text("saksi-facts 2\n", &f), SAKSI_NEWER);
	assert_int_equal(parse_text("saksi-facts 0\n", &f), SAKSI_MALFORMED);
	assert_int_equal(parse_text("saksi-facts 01\n", &f), SAKSI_MALFORMED);
	assert_int_equal(parse_text("saksi-fact 1\n", &f), SAKSI_MALFORMED);
	assert_int_equal(parse_text("", &f), SAKSI_MALFORMED);
}

static void a_wrong_trailer_makes_all_false(void **state)
{
	struct saksi_fault f;

	(void)state;
	small();
	uint8_t *end = memmem(stream.at, stream.len, "end\t5", 5);
	end[4] = '6';
	assert_int_equal(parse(&f), SAKSI_REFUSED);
	end[4] = '5';
	uint8_t *last = stream.at + stream.len - 2;
	*last = *last == '0' ? '1' : '0';
	assert_int_equal(parse(&f), SAKSI_REFUSED);
	small();
	saksi_buf_puts(&stream, "os\t-\ta\tb\n");
	assert_int_equal(parse(&f), SAKSI_MALFORMED);
	small();
	saksi_buf_puts(&stream, "zz\t-\ta\tb\n"); /* of a section not yet closed */
	assert_int_equal(parse(&f), SAKSI_MALFORMED);
	small();
	saksi_buf_puts(&stream, "x"); /* even without a newline */
	assert_int_equal(parse(&f), SAKSI_MALFORMED);
}

static void questions_agree_with_a_slow_search(void **state)
{
	static const char *const sections[] = {"a", "b", "b-c", "c"};
	char subject[8], attribute[8], value[16];
	uint32_t seed = 7;

	(void)state;
	begin();
	for (int i = 0; i < 3000; i++) {
		seed = seed * 1664525u + 1013904223u;
		(void)snprintf(subject, sizeof(subject), "%c%c", '%' + (seed >> 8) % 7,
			       'a' + (seed >> 12) % 3);
		(void)snprintf(attribute, sizeof(attribute), "%c",
			       'x' + (seed >> 20) % 3);
		(void)snprintf(value, sizeof(value), "%d", i);
		saksi_facts_puts(&writer, sections[(seed >> 28) % 4], subject,
				 attribute, value);
	}
	assert_int_equal(saksi_facts_end(&writer), SAKSI_OK);
	assert_int_equal(parse(NULL), SAKSI_OK);
	assert_int_equal(facts.count, 3000);
	size_t total = 0;
	for (size_t s = 0; s < 4; s++) {
		struct saksi_fact_range rest =
		    saksi_facts_section(&facts, saksi_bytes_of(sections[s]));
		struct saksi_fact_range one;
		total += rest.count;
		while (saksi_facts_next(&rest, &one)) {
			const struct saksi_bytes name = one.at[0]->subject;
			size_t slow = 0, of_x = 0;
			for (size_t i = 0; i < facts.count; i++) {
				const struct saksi_fact *f = facts.sorted[i];
				const bool mine =
				    saksi_bytes_is(f->section, sections[s]) &&
				    saksi_bytes_same(f->subject, name);
				slow += mine;
				of_x += mine && saksi_bytes_is(f->attribute, "x");
			}
			assert_int_equal(one.count, slow);
			const struct saksi_fact_range r =
			    saksi_facts_attribute(&facts, saksi_bytes_of(sections[s]),
						  name, saksi_bytes_of("x"));
			assert_int_equal(r.count, of_x);
			for (size_t i = 1; i < r.count; i++)
				assert_true(r.at[i - 1]->line < r.at[i]->line);
			assert_ptr_equal(saksi_fact_range_get(one, "x"),
					 r.count ? r.at[0] : NULL);
		}
	}
	assert_int_equal(total, 3000);
	assert_null(saksi_facts_get(&facts, "a", "nobody", "x"));
}

static void fields_have_bounds(void **state)
{
	static char longer[3 * SAKSI_FACTS_FIELD_MAX];
	struct saksi_bytes value = {(const uint8_t *)longer, sizeof(longer)};

	(void)state;
	memset(longer, '\n', sizeof(longer));
	begin();
	saksi_facts_put(&writer, "os", saksi_bytes_of(""), "a", value);
	value.len = SAKSI_FACTS_FIELD_MAX;
	saksi_facts_put(&writer, "os", saksi_bytes_of("full"), "a", value);
	assert_int_equal(saksi_facts_end(&writer), SAKSI_OK);
	assert_int_equal(parse(NULL), SAKSI_OK);
	const struct saksi_fact *cut = saksi_facts_get(&facts, "os", "-", "a");
	assert_non_null(cut);
	assert_true(cut->value.len < SAKSI_FACTS_FIELD_MAX);
	assert_memory_equal(cut->value.at + cut->value.len - 3, "...", 3);
	const struct saksi_fact *f = saksi_facts_get(&facts, "os", "full", "a");
	assert_int_equal(f->value.len, SAKSI_FACTS_FIELD_MAX);
	/* One more byte in the stream and it is none of the format's. */
	saksi_buf_clear(&stream);
	saksi_buf_puts(&stream, "saksi-facts 1\nos\t-\ta\t");
	for (size_t i = 0; i <= SAKSI_FACTS_FIELD_MAX; i++)
		saksi_buf_puts(&stream, "x");
	saksi_buf_puts(&stream, "\n");
	assert_int_equal(parse(NULL), SAKSI_MALFORMED);
}

static void a_small_arena_is_told(void **state)
{
	struct saksi_facts out = {.count = 99};

	(void)state;
	small();
	for (size_t cap = 0; cap < 400; cap += 7) {
		struct saksi_arena tight = {arena.base, 0, cap};
		assert_int_equal(
		    saksi_facts_parse(saksi_buf_bytes(&stream), &tight, &out, NULL),
		    SAKSI_LIMIT);
		assert_int_equal(tight.used, 0);
		assert_int_equal(out.count, 99);
	}
}

static enum saksi_err fails_later(void *ctx, struct saksi_bytes piece)
{
	int *left = ctx;

	(void)piece;
	return (*left)-- > 0 ? SAKSI_OK : SAKSI_IO;
}

static void a_writer_keeps_its_first_trouble(void **state)
{
	(void)state;
	for (int n = 0; n < 3; n++) {
		int left = n;
		saksi_facts_begin(&writer, fails_later, &left);
		for (int i = 0; i < 4000; i++)
			saksi_facts_puts(&writer, "os", "-", "a", "0123456789");
		assert_int_equal(saksi_facts_end(&writer), SAKSI_IO);
	}
	const char *const sections[] = {"Os", "", "end", "os"};
	for (int i = 0; i < 4; i++) {
		begin();
		saksi_facts_puts(&writer, sections[i], "-", i == 3 ? "A" : "a", "x");
		assert_int_equal(saksi_facts_end(&writer), SAKSI_BADARG);
	}
	begin();
	saksi_facts_cover(&writer, "os", SAKSI_COVERAGE_COMPLETE, "");
	saksi_facts_puts(&writer, "os", "-", "a", "too late");
	assert_int_equal(saksi_facts_end(&writer), SAKSI_BADARG);
	begin();
	saksi_facts_cover(&writer, "os", SAKSI_COVERAGE_PARTIAL, "");
	assert_int_equal(saksi_facts_end(&writer), SAKSI_BADARG);
	begin();
	saksi_facts_cover(&writer, "os", SAKSI_COVERAGE_COMPLETE, "");
	saksi_facts_cover(&writer, "os", SAKSI_COVERAGE_COMPLETE, "");
	assert_int_equal(saksi_facts_end(&writer), SAKSI_BADARG);
}

/* Random bytes of every kind come back as they were, over many pieces. */
static void what_is_written_is_read_again(void **state)
{
	static uint8_t random[200000];
	uint32_t seed = 1;
	size_t n = 0, at = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(random); i++) {
		seed = seed * 1664525u + 1013904223u;
		random[i] = (uint8_t)(seed >> 24);
	}
	begin();
	for (at = 0; at + 300 < sizeof(random); n++) {
		const size_t len = 1 + random[at];
		saksi_facts_put(&writer, "x", (struct saksi_bytes){random + at, len},
				"v", (struct saksi_bytes){random + at, len});
		at += len;
	}
	assert_int_equal(saksi_facts_end(&writer), SAKSI_OK);
	assert_int_equal(parse(NULL), SAKSI_OK);
	assert_int_equal(facts.count, n);
	for (size_t i = 0; i < n; i++)
		assert_true(
		    saksi_bytes_same(facts.sorted[i]->subject, facts.sorted[i]->value));
	for (at = 0; at + 300 < sizeof(random); at += 1 + (size_t)random[at]) {
		const size_t len = 1 + random[at];
		assert_true(
		    saksi_facts_attribute(&facts, saksi_bytes_of("x"),
					  (struct saksi_bytes){random + at, len},
					  saksi_bytes_of("v"))
			.count >= 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_stream_is_these_bytes),
	    cmocka_unit_test(no_bit_flips_unseen),
	    cmocka_unit_test(every_cut_is_seen_and_keeps_whole_lines),
	    cmocka_unit_test(malformed_lines_are_refused_with_their_place),
	    cmocka_unit_test(a_wrong_trailer_makes_all_false),
	    cmocka_unit_test(questions_agree_with_a_slow_search),
	    cmocka_unit_test(fields_have_bounds),
	    cmocka_unit_test(a_small_arena_is_told),
	    cmocka_unit_test(a_writer_keeps_its_first_trouble),
	    cmocka_unit_test(what_is_written_is_read_again),
	};
	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
