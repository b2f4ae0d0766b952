/* OpenSCAP as a child: content that does not fit, engines that misbehave, and
 * what an honest one answers. */
#include "collect_help.h"

#include "audit/openscap.h"

#include <time.h>

#define CONTENT(platform)                                                              \
	"<?xml version=\"1.0\"?><ds:c xmlns:ds=\"d\" xmlns:x=\"x\"><x:Benchmark>"      \
	"<x:title>a</x:title>" platform "<x:Profile><x:platform "                      \
	"idref=\"cpe:/o:debian:debian_linux:12\"/></x:Profile></x:Benchmark></ds:c>"
#define FOR(idref) "<x:platform idref=\"" idref "\"/>"

#define RULE(id, result)                                                               \
	"<rule-result idref=\"" id "\"><result>" result "</result></rule-result>"
#define RESULTS(rules) "<Benchmark><TestResult>" rules "</TestResult></Benchmark>"

static enum saksi_fit fit(const char *content, const char *id, const char *version)
{
	enum saksi_fit out = SAKSI_FIT_UNSAID;

	put("/content.xml", content);
	const int fd = open(at("/content.xml"), O_RDONLY);
	assert_int_equal(saksi_openscap_fits(fd, id, version, &out), SAKSI_OK);
	close(fd);
	return out;
}

static void content_is_for_one_system(void **state)
{
	(void)state;
	const char *d12 = CONTENT(FOR("cpe:/o:debian:debian_linux:12"));
	const char *u22 = CONTENT(FOR("cpe:/o:canonical:ubuntu_linux:22.04::~~lts~~~"));
	const char *el8 = CONTENT(FOR("cpe:/o:redhat:enterprise_linux:8")
				      FOR("cpe:/o:redhat:enterprise_linux:8.4"));
	const char *s23 =
	    CONTENT(FOR("cpe:2.3:o:debian:debian_linux:12:*:*:*:*:*:*:*"));
	assert_int_equal(fit(d12, "debian", "12"), SAKSI_FIT_YES);
	assert_int_equal(fit(s23, "debian", "12"), SAKSI_FIT_YES);
	assert_int_equal(fit(d12, "debian", "11"), SAKSI_FIT_NO);
	assert_int_equal(fit(d12, "debian", "1"), SAKSI_FIT_NO);
	assert_int_equal(fit(d12, "ubuntu", "12"), SAKSI_FIT_NO);
	assert_int_equal(fit(u22, "ubuntu", "22.04"), SAKSI_FIT_YES);
	assert_int_equal(fit(u22, "ubuntu", "22.10"), SAKSI_FIT_NO);
	assert_int_equal(fit(el8, "rhel", "8.9"), SAKSI_FIT_YES);
	assert_int_equal(fit(el8, "rhel", "9.1"), SAKSI_FIT_NO);
	assert_int_equal(fit(el8, "plan9", "8"), SAKSI_FIT_NO);
	/* A platform within a profile is not the benchmark's. */
	assert_int_equal(fit(CONTENT(""), "debian", "12"), SAKSI_FIT_UNSAID);
}

static enum saksi_err read_text(const char *text, struct saksi_openscap *out)
{
	*out = (struct saksi_openscap){.rule_count = 77};
	saksi_arena_rewind(&arena, 0);
	return saksi_openscap_read(saksi_bytes_of(text), &arena, out);
}

static void results_are_read_or_refused(void **state)
{
	static const char *const bad[] = {
	    "",
	    "<a>",
	    RESULTS(RULE("x", "fine")),
	    RESULTS(RULE("x", "")),
	    RESULTS(RULE("x", "pass and then some more than fits in any word")),
	    RESULTS("<rule-result><result>pass</result></rule-result>"),
	    RESULTS("<rule-result idref=\"x\"/>"),
	    RESULTS("<rule-result idref=\"x\"><result>pass</result>"
		    "<result>fail</result></rule-result>"),
	    RESULTS("<rule-result idref=\"x\">" RULE("y", "pass") "</rule-result>"),
	    "<!DOCTYPE a [<!ENTITY e \"pass\">]>" RESULTS(RULE("x", "&e;")),
	};
	struct saksi_openscap out;

	(void)state;
	assert_int_equal(
	    read_text(RESULTS(RULE("a", "pass") RULE("b", "fail") RULE("c", "fail")
				  RULE("d", "notapplicable") RULE("e", "error")),
		      &out),
	    SAKSI_OK);
	assert_int_equal(out.rule_count, 5);
	assert_int_equal(out.count[SAKSI_XCCDF_FAIL], 2);
	assert_int_equal(out.count[SAKSI_XCCDF_PASS], 1);
	assert_true(saksi_bytes_is(out.rules[3].id, "d"));
	assert_int_equal(out.rules[3].result, SAKSI_XCCDF_NOTAPPLICABLE);
	assert_string_equal(saksi_xccdf_result_name(out.rules[4].result), "error");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (read_text(bad[i], &out) != SAKSI_MALFORMED)
			fail_msg("%zu: %s", i, bad[i]);
		assert_int_equal(out.rule_count, 77);
		assert_int_equal(arena.used, 0);
	}
}

/* ---- engines, played by shell scripts: $1 $2 --results FILE CONTENT */

static struct saksi_openscap result;
static char engine[256], content[256];

static struct saksi_openscap_options engine_of(const char *script)
{
	char text[4096];

	(void)snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
	put_bytes("/engine", text, strlen(text), 0755);
	put("/content.xml", CONTENT(FOR("cpe:/o:debian:debian_linux:12")));
	(void)snprintf(engine, sizeof(engine), "%s/engine", root);
	(void)snprintf(content, sizeof(content), "%s/content.xml", root);
	return (struct saksi_openscap_options){.engine = engine,
					       .content = content,
					       .os_id = "debian",
					       .os_version = "12",
					       .seconds_max = 5};
}

static void run(const struct saksi_openscap_options *o)
{
	saksi_arena_rewind(&arena, 0);
	assert_int_equal(saksi_openscap_run(o, &arena, &result), SAKSI_OK);
	assert_int_equal(result.covered, result.rule_count > 0);
	assert_int_equal(result.covered, result.reason[0] == '\0');
}

static void uncovered(const char *script, const char *reason)
{
	const struct saksi_openscap_options o = engine_of(script);

	run(&o);
	if (result.covered || !strstr(result.reason, reason))
		fail_msg("%s: %s", script, result.reason);
}

static void an_honest_engine_is_counted(void **state)
{
	const struct saksi_openscap_options o =
	    engine_of("echo '" RESULTS(RULE("a", "pass") RULE("b", "fail")) "' > $4\n"
									    "exit 2");

	(void)state;
	run(&o);
	assert_true(result.covered);
	assert_int_equal(result.rule_count, 2);
	assert_int_equal(result.count[SAKSI_XCCDF_FAIL], 1);
	assert_false(saksi_hash_same(&result.engine, &result.content));
	const struct saksi_hash h = saksi_hash_of(
	    saksi_bytes_of(CONTENT(FOR("cpe:/o:debian:debian_linux:12"))));
	assert_true(saksi_hash_same(&result.content, &h));
}

static void what_does_not_fit_is_not_covered(void **state)
{
	struct saksi_openscap_options o = engine_of(": > $0.ran");

	(void)state;
	o.os_version = "13";
	run(&o);
	assert_non_null(strstr(result.reason, "another system than debian 13"));
	o.os_version = "12";
	o.content = NULL;
	run(&o);
	/* On Debian 12 there is none; elsewhere it may be installed. */
	assert_true(
	    strstr(result.reason, "no content for debian 12") != NULL ||
	    access("/usr/share/xml/scap/ssg/content/ssg-debian12-ds.xml", F_OK) == 0);
	assert_int_equal(access(at("/engine.ran"), F_OK), -1);
	o.engine = "/nowhere/oscap";
	run(&o);
	assert_non_null(strstr(result.reason, "not installed"));
	uncovered("echo '" RESULTS(RULE("a", "notapplicable")
				       RULE("b", "notapplicable")) "' > $4; exit 0",
		  "2 rules are not applicable");
	uncovered("echo '" RESULTS(RULE("a", "notchecked")) "' > $4", "judged no rule");
	put("/content.xml", "no xml");
	struct saksi_openscap_options odd = {.engine = engine,
					     .content = content,
					     .os_id = "debian",
					     .os_version = "12"};
	run(&odd);
	assert_non_null(strstr(result.reason, "no SCAP content"));
	odd.os_id = NULL;
	assert_int_equal(saksi_openscap_run(&odd, &arena, &result), SAKSI_BADARG);
}

static void engines_that_misbehave_are_ended(void **state)
{
	(void)state;
	uncovered("exit 1", "code 1");
	uncovered("exit 0", "no result");
	uncovered("echo '<a' > $4", "no XCCDF result");
	uncovered("mkfifo $4", "no result");
	uncovered("ln -s /etc/passwd $4", "no result");
	uncovered("kill -SEGV $$", "signal 11");
	uncovered("head -c 100000000 /dev/zero > $4; exit 0", "oscap");
	struct saksi_openscap_options o = engine_of("sleep 100 & sleep 100; exit 0");
	o.seconds_max = 1;
	const time_t began = time(NULL);
	run(&o);
	assert_non_null(strstr(result.reason, "more than 1 seconds"));
	assert_true(time(NULL) - began < 20);
}

/* Gone, or waiting for somebody to take note of it. */
static bool ended(pid_t pid)
{
	char path[64], stat[256];

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	for (int i = 0; i < 200; i++) {
		FILE *f = fopen(path, "r");
		if (!f)
			return true;
		const size_t n = fread(stat, 1, sizeof(stat) - 1, f);
		stat[n] = '\0';
		fclose(f);
		if (strstr(stat, ") Z ") || n == 0)
			return true;
		const struct timespec pause = {0, 10000000};
		nanosleep(&pause, NULL);
	}
	return false;
}

/* The folder is private and gone afterwards, whatever was left in it. */
static void nothing_is_left_behind(void **state)
{
	char path[256];
	FILE *said;

	(void)state;
	assert_int_equal(setenv("TMPDIR", root, 1), 0);
	uncovered("mkdir -p a/b/c; touch a/b/c/d; stat -c %a . > ../said; "
		  "pwd >> ../said; env | grep -c OSCAP >> ../said; "
		  "head -c 100000000 /dev/zero > big; stat -c %s big >> ../said; "
		  "sleep 300 & echo $! >> ../said; exit 1",
		  "code 1");
	assert_int_equal(unsetenv("TMPDIR"), 0);
	said = fopen(at("/said"), "r");
	assert_non_null(said);
	assert_non_null(fgets(path, sizeof(path), said));
	assert_string_equal(path, "700\n");
	assert_non_null(fgets(path, sizeof(path), said));
	path[strcspn(path, "\n")] = '\0';
	assert_int_equal(access(path, F_OK), -1);
	assert_non_null(fgets(path, sizeof(path), said));
	assert_string_equal(path, "0\n");
	/* What it writes is bounded, and helpers it leaves running are ended. */
	assert_non_null(fgets(path, sizeof(path), said));
	assert_string_equal(path, "67108864\n");
	assert_non_null(fgets(path, sizeof(path), said));
	assert_true(ended((pid_t)strtol(path, NULL, 10)));
	fclose(said);
}

/* No way to the internet, and no inherited descriptor. */
static void the_network_is_out_of_reach(void **state)
{
	const struct saksi_openscap_options o = engine_of(
	    "bash -c 'exec 3<>/dev/udp/127.0.0.1/9' 2>/dev/null && exit 1\n"
	    "bash -c 'exec 3<>/dev/tcp/127.0.0.1/9' 2>&1 | grep -q refused && exit 1\n"
	    "[ -e /proc/self/fd/77 ] && exit 1\n"
	    "echo '" RESULTS(RULE("a", "pass")) "' > $4");

	(void)state;
	if (access("/bin/bash", X_OK) != 0)
		skip();
	assert_int_equal(dup2(1, 77), 77);
	assert_int_equal(setenv("OSCAP_PROBE_ROOT", "/evil", 1), 0);
	run(&o);
	assert_string_equal(result.reason, "");
	close(77);
}

/* The real one, on the smallest content it takes. */
static void oscap_itself_is_understood(void **state)
{
	static const char xccdf[] =
	    "<?xml version=\"1.0\"?>\n"
	    "<Benchmark xmlns=\"http://checklists.nist.gov/xccdf/1.2\" "
	    "id=\"xccdf_x_benchmark_x\" resolved=\"1\">\n"
	    "<status>accepted</status>"
	    "<platform idref=\"cpe:/o:debian:debian_linux:12\"/>"
	    "<version>1</version>\n"
	    "<Rule selected=\"true\" id=\"xccdf_x_rule_one\"><title>t</title>"
	    "<check system=\"http://oval.mitre.org/XMLSchema/oval-definitions-5\">"
	    "<check-content-ref href=\"nothing.xml\"/></check></Rule>\n"
	    "</Benchmark>\n";
	struct saksi_openscap_options o = {
	    .content = content, .os_id = "debian", .os_version = "12"};

	(void)state;
	if (access("/usr/bin/oscap", X_OK) != 0)
		skip();
	put("/content.xml", xccdf);
	run(&o);
	/* Nothing was judged: never a pass. */
	assert_false(result.covered);
	assert_true(strstr(result.reason, "judged no rule") != NULL ||
		    strstr(result.reason, "not applicable") != NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(content_is_for_one_system),
	    cmocka_unit_test(results_are_read_or_refused),
	    cmocka_unit_test(an_honest_engine_is_counted),
	    cmocka_unit_test(what_does_not_fit_is_not_covered),
	    cmocka_unit_test(engines_that_misbehave_are_ended),
	    cmocka_unit_test(nothing_is_left_behind),
	    cmocka_unit_test(the_network_is_out_of_reach),
	    cmocka_unit_test(oscap_itself_is_understood),
	};
	return cmocka_run_group_tests(tests, root_setup, root_teardown);
}
