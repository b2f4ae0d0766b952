/* Content and results: what is read, and what is refused. */
#include "engine_help.h"

#include "engine/system.h"

static void test_content_of_ours(void **state)
{
	struct saksi_scap_content c;

	(void)state;
	saksi_arena_rewind(&arena, 0);
	assert_int_equal(
	    content_of(the_text("tests/unit/engine/content/three.xml"), &c), SAKSI_OK);
	assert_int_equal(c.rule_count, 5);
	assert_int_equal(c.group_count, 2);
	assert_int_equal(c.profile_count, 2);
	assert_int_equal(c.choice_count, 5);
	assert_int_equal(c.platform_count, 1); /* not the rule's own */
	assert_string_equal(c.rules[1].id, "xccdf_org.saksi_rule_two");
	assert_string_equal(c.rules[1].severity, "high");
	assert_string_equal(saksi_scap_content_profile(&c)->id,
			    "xccdf_org.saksi_profile_standard");
	assert_int_equal(saksi_scap_content_select(&c, saksi_scap_content_profile(&c)),
			 3);
	assert_true(c.rules[0].selected && c.rules[1].selected && c.rules[2].selected);
	assert_false(c.rules[3].selected || c.rules[4].selected);
}

static void test_selection(void **state)
{
	struct saksi_scap_content c;

	(void)state;
	saksi_arena_rewind(&arena, 0);
	/* Groups within groups, clusters, a profile that says otherwise. */
	assert_int_equal(
	    content_of(
		STREAM(BENCHMARK(
		    "<x:Profile id='p' abstract='1'/>"
		    "<x:Profile id='q'><x:select idref='in' selected='true'/>"
		    "<x:select idref='set' selected='0'/></x:Profile>"
		    "<x:Group id='out'><x:Group id='in' selected='false'>" RULE(
			"a") "</x:Group>" RULE("b") "<x:Rule id='c' "
						    "cluster-id='set'/></x:Group>")),
		&c),
	    SAKSI_OK);
	assert_string_equal(saksi_scap_content_profile(&c)->id, "q");
	assert_int_equal(saksi_scap_content_select(&c, &c.profiles[1]), 2);
	assert_true(c.rules[0].selected && c.rules[1].selected);
	assert_false(c.rules[2].selected);
	assert_int_equal(
	    content_of(STREAM(BENCHMARK("<x:Group id='g' selected='false'>" RULE(
			   "a") "</x:Group>" RULE("b"))),
		       &c),
	    SAKSI_OK);
	assert_null(saksi_scap_content_profile(&c));
	assert_int_equal(saksi_scap_content_select(&c, NULL), 1);
	assert_true(c.rules[1].selected);
}

/* A profile that extends itself in a ring ends. */
static void test_ring(void **state)
{
	struct saksi_scap_content c;

	(void)state;
	saksi_arena_rewind(&arena, 0);
	assert_int_equal(
	    content_of(STREAM(BENCHMARK("<x:Profile id='p' extends='q'/>"
					"<x:Profile id='q' extends='p'/>" RULE("a"))),
		       &c),
	    SAKSI_OK);
	assert_int_equal(saksi_scap_content_select(&c, &c.profiles[0]), 1);
}

static const char *fit(const char *platform, const char *id, const char *version)
{
	struct saksi_scap_content c = {.platforms = &platform, .platform_count = 1};

	return saksi_scap_content_fits(&c, id, version);
}

static void test_platform(void **state)
{
	(void)state;
	assert_non_null(fit("cpe:/o:debian:debian_linux:12", "debian", "12"));
	assert_non_null(
	    fit("cpe:2.3:o:debian:debian_linux:12:*:*:*:*:*:*:*", "debian", "12"));
	assert_non_null(
	    fit("cpe:/o:canonical:ubuntu_linux:22.04::~~lts~~~", "ubuntu", "22.04"));
	assert_non_null(fit("cpe:/o:redhat:enterprise_linux:9", "rhel", "9.2"));
	assert_null(fit("cpe:/o:debian:debian_linux:11", "debian", "12"));
	assert_null(fit("cpe:/o:debian:debian_linux:1", "debian", "12"));
	assert_null(fit("cpe:/o:debian:debian_linux:123", "debian", "12"));
	assert_null(fit("cpe:/o:debian:debian_linux", "debian", "12"));
	assert_null(fit("cpe:/o:debian:debian_linux:", "debian", "12"));
	assert_null(fit("cpe:/a:debian:debian_linux:12", "debian", "12"));
	assert_null(fit("cpe:/o:debian:debian_linux:12", "ubuntu", "12"));
	assert_null(fit("cpe:/o:debian:debian_linux:12", "devuan", "12"));
	assert_null(fit("cpe:/o:redhat:enterprise_linux:9.1", "rhel", "9.2"));
	assert_null(fit("#a-condition", "debian", "12"));
	assert_null(fit("", "debian", "12"));
}

static void test_bad_content(void **state)
{
	static const char *const malformed[] = {
	    "",
	    "x",
	    BENCHMARK(RULE("a")), /* no data stream */
	    STREAM(""),           /* no benchmark */
	    STREAM(BENCHMARK("<x:Rule/>")),
	    STREAM(BENCHMARK(RULE("--remediate"))),
	    STREAM(BENCHMARK(RULE("a b"))),
	    STREAM(BENCHMARK("<x:Rule id='a' selected='maybe'/>")),
	    STREAM(BENCHMARK("<x:Rule id='a'>" RULE("b") "</x:Rule>")),
	    STREAM(BENCHMARK("<x:Profile id='p'><x:select idref='a'/></x:Profile>")),
	    "<!DOCTYPE d [<!ENTITY e 'e'>]>" STREAM(BENCHMARK(RULE("a"))),
	};
	struct saksi_scap_content c;

	(void)state;
	for (size_t i = 0; i < sizeof(malformed) / sizeof(*malformed); i++) {
		saksi_arena_rewind(&arena, 0);
		if (content_of(malformed[i], &c) != SAKSI_MALFORMED)
			fail_msg("%zu: %s", i, malformed[i]);
	}
	saksi_arena_rewind(&arena, 0);
	assert_int_equal(content_of(STREAM(BENCHMARK("") BENCHMARK("")), &c),
			 SAKSI_LIMIT);
}

#define THREE STREAM(BENCHMARK(DEBIAN12 RULE("a") RULE("b") RULE("c")))

static void test_results(void **state)
{
	static const char good[] =
	    TEST("<x:target>srv-pemilu-01</x:target><x:target-address>10.9.8.7"
		 "</x:target-address>" TOLD("a", " pass\n") TOLD("b", "fail")
		     TOLD("c", "notapplicable"));
	struct saksi_scap_content c;
	struct saksi_scap_results r;

	(void)state;
	saksi_arena_rewind(&arena, 0);
	assert_int_equal(content_of(THREE, &c), SAKSI_OK);
	assert_int_equal(results_of(good, &c, &r), SAKSI_OK);
	assert_int_equal(r.of[0], SAKSI_SCAP_PASS);
	assert_int_equal(r.of[1], SAKSI_SCAP_FAIL);
	assert_int_equal(r.of[2], SAKSI_SCAP_NOTAPPLICABLE);
	assert_int_equal(r.count[SAKSI_SCAP_PASS], 1);
	assert_int_equal(r.count[SAKSI_SCAP_FIXED], 0);
	assert_string_equal(r.engine, "openscap 1.3.7");
	/* Cut anywhere, it is refused. */
	for (size_t n = 0; n < sizeof(good) - 1; n++) {
		struct saksi_fault f;

		assert_int_equal(saksi_scap_results_read(
				     (struct saksi_bytes){(const uint8_t *)good, n}, &c,
				     &arena, &r, &f),
				 SAKSI_MALFORMED);
	}
	assert_int_equal(
	    results_of(BENCHMARK("<x:TestResult test-system='cpe:/a:redhat:"
				 "openscap:1.3 on srv-01'/>"),
		       &c, &r),
	    SAKSI_OK);
	assert_string_equal(r.engine, "");
	assert_int_equal(r.count[SAKSI_SCAP_NONE], 3);
}

static void test_bad_results(void **state)
{
	static const char *const malformed[] = {
	    BENCHMARK(""),
	    STREAM(TEST("")),
	    TEST(TOLD("d", "pass")),
	    TEST(TOLD("a", "pass") TOLD("a", "pass")),
	    TEST(TOLD("a", "fail") TOLD("a", "pass")),
	    TEST(TOLD("a", "Pass")),
	    TEST(TOLD("a", "none")),
	    TEST(TOLD("a", "")),
	    TEST(TOLD("a", "passed without a doubt, whoever may say otherwise, "
			   "as anybody can see from here")),
	    TEST("<x:rule-result idref='a'/>"),
	    TEST("<x:rule-result><x:result>pass</x:result></x:rule-result>"),
	    TEST("<x:rule-result idref='a'><x:result>pass</x:result>"
		 "<x:result>fail</x:result></x:rule-result>"),
	    TEST("<x:rule-result idref='a'><x:check><x:result>pass</x:result>"
		 "</x:check></x:rule-result>"),
	    TEST("<result>pass</result>" TOLD("a", "<x:b/>")),
	    BENCHMARK("<x:TestResult/><x:TestResult/>"),
	    "<!DOCTYPE l [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>" TEST(
		TOLD("a", "pass")),
	    "<Benchmark><TestResult/></Benchmark>",
	};
	struct saksi_scap_content c;
	struct saksi_scap_results r = {.engine = "untouched"};

	(void)state;
	saksi_arena_rewind(&arena, 0);
	assert_int_equal(content_of(THREE, &c), SAKSI_OK);
	for (size_t i = 0; i < sizeof(malformed) / sizeof(*malformed); i++)
		if (results_of(malformed[i], &c, &r) != SAKSI_MALFORMED)
			fail_msg("%zu: %s", i, malformed[i]);
	assert_string_equal(r.engine, "untouched");
}

static void test_bounds(void **state)
{
	struct saksi_buf b = saksi_buf_growing(8U << 20);
	struct saksi_scap_content c;
	struct saksi_scap_results r;
	struct saksi_fault f;

	(void)state;
	saksi_arena_rewind(&arena, 0);
	assert_int_equal(content_of(THREE, &c), SAKSI_OK);
	saksi_buf_puts(&b,
		       "<x:Benchmark xmlns:x='http://checklists.nist.gov/xccdf/1.2'>");
	for (int i = 1; i < SAKSI_XML_DEPTH_MAX; i++)
		saksi_buf_puts(&b, "<a>");
	struct saksi_buf deep = saksi_buf_growing(8U << 20);
	saksi_buf_put(&deep, saksi_buf_bytes(&b));
	saksi_buf_puts(&deep, "<a>");
	/* Just as deep as allowed is only cut off; one more is over the bound. */
	assert_int_equal(
	    saksi_scap_results_read(saksi_buf_bytes(&b), &c, &arena, &r, &f),
	    SAKSI_MALFORMED);
	assert_int_equal(
	    saksi_scap_results_read(saksi_buf_bytes(&deep), &c, &arena, &r, &f),
	    SAKSI_LIMIT);
	saksi_buf_clear(&b);
	saksi_buf_puts(&b, "<x:Benchmark "
			   "xmlns:x='http://checklists.nist.gov/xccdf/1.2'><a ");
	for (int i = 0; i < SAKSI_XML_ATTRIBUTES_MAX + 1; i++)
		saksi_buf_printf(&b, "n%d='' ", i);
	saksi_buf_puts(&b, "/></x:Benchmark>");
	assert_int_equal(
	    saksi_scap_results_read(saksi_buf_bytes(&b), &c, &arena, &r, &f),
	    SAKSI_LIMIT);
	saksi_buf_clear(&b);
	saksi_buf_puts(&b, "<x:Benchmark v='");
	for (int i = 0; i < 500000; i++)
		saksi_buf_put_u8(&b, 'v');
	saksi_buf_puts(&b, "' xmlns:x='http://checklists.nist.gov/xccdf/1.2'/>");
	assert_int_equal(
	    saksi_scap_results_read(saksi_buf_bytes(&b), &c, &arena, &r, &f),
	    SAKSI_LIMIT);
	saksi_buf_free(&deep);
	saksi_buf_free(&b);
}

static enum saksi_err system_of(const char *text, struct saksi_scap_system *s)
{
	char path[] = "/tmp/saksi-engine-XXXXXX";
	int fd = mkstemp(path);
	enum saksi_err err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	err = saksi_scap_system_read(path, s);
	unlink(path);
	return err;
}

static void test_system(void **state)
{
	struct saksi_scap_system s = {.id = "before"};
	char path[64];

	(void)state;
	assert_int_equal(system_of("NAME=x\nVERSION_ID='22.04'\nID=ubuntu", &s),
			 SAKSI_OK);
	assert_string_equal(s.id, "ubuntu");
	assert_string_equal(s.version, "22.04");
	assert_true(saksi_scap_system_content(&s, "/d", 0, path, sizeof(path)));
	assert_string_equal(path, "/d/ssg-ubuntu2204-ds.xml");
	assert_true(saksi_scap_system_content(&s, "/d", 1, path, sizeof(path)));
	assert_string_equal(path, "/d/ssg-ubuntu22-ds.xml");
	assert_true(saksi_scap_system_content(&s, "/d", 2, path, sizeof(path)));
	assert_string_equal(path, "/d/ssg-ubuntu-ds.xml");
	assert_false(saksi_scap_system_content(&s, "/d", 3, path, sizeof(path)));
	assert_int_equal(system_of("ID=debian\n", &s), SAKSI_MALFORMED);
	assert_int_equal(system_of("ID=\"../x\"\nVERSION_ID=1\n", &s), SAKSI_MALFORMED);
	assert_int_equal(saksi_scap_system_read("/nonexistent/os-release", &s),
			 SAKSI_MISSING);
	assert_string_equal(s.id, "ubuntu");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_content_of_ours),
	    cmocka_unit_test(test_selection),
	    cmocka_unit_test(test_ring),
	    cmocka_unit_test(test_platform),
	    cmocka_unit_test(test_bad_content),
	    cmocka_unit_test(test_results),
	    cmocka_unit_test(test_bad_results),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_system),
	};
	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
