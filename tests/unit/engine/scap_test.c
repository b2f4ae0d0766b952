/* The whole of it: engines that misbehave, played by shell scripts, and the real
 * one where it is installed.  What they leave behind is looked for each time. */
#include "engine_help.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "base/text.h"
#include "engine/scap.h"

static char root[64] = "/tmp/saksi-engine-XXXXXX";
static char engine[128], content[128], os_release[128], tmp[128], mark[128];
static struct saksi_facts_writer writer;
static struct saksi_buf stream;
static struct saksi_facts facts;

static void put_file(const char *path, const char *text, unsigned mode)
{
	assert_int_equal(saksi_file_replace(AT_FDCWD, path, saksi_bytes_of(text), mode),
			 SAKSI_OK);
}

static int setup(void **state)
{
	if (arena_setup(state) != 0 || mkdtemp(root) == NULL)
		return -1;
	snprintf(engine, sizeof(engine), "%s/oscap", root);
	snprintf(content, sizeof(content), "%s/content.xml", root);
	snprintf(os_release, sizeof(os_release), "%s/os-release", root);
	snprintf(tmp, sizeof(tmp), "%s/tmp", root);
	snprintf(mark, sizeof(mark), "%s/mark", root);
	if (mkdir(tmp, 0700) != 0)
		return -1;
	put_file(os_release, "ID=debian\nVERSION_ID=\"12\"\n", 0644);
	stream = saksi_buf_growing(64U << 20);
	return 0;
}

static int teardown(void **state)
{
	saksi_buf_free(&stream);
	unlink(engine);
	unlink(content);
	unlink(os_release);
	unlink(mark);
	if (rmdir(tmp) != 0 || rmdir(root) != 0)
		return -1;
	return arena_teardown(state);
}

static enum saksi_err sink(void *ctx, struct saksi_bytes piece)
{
	saksi_buf_put(ctx, piece);
	return saksi_buf_check(ctx);
}

static struct saksi_scap_options usual(void)
{
	return (struct saksi_scap_options){.content = content,
					   .engine = engine,
					   .os_release = os_release,
					   .container = mark,
					   .tmp = tmp,
					   .limits = {.memory = UINT64_C(256) << 20,
						      .file = 1 << 20,
						      .cpu_s = 5,
						      .wall_ms = 10000,
						      .processes = 4096}};
}

static void collect(const struct saksi_scap_options *o)
{
	struct saksi_fault f;
	int status;

	saksi_arena_rewind(&arena, 0);
	saksi_buf_clear(&stream);
	saksi_facts_begin(&writer, sink, &stream);
	assert_int_equal(saksi_scap_collect(o, &writer), SAKSI_OK);
	assert_int_equal(saksi_facts_end(&writer), SAKSI_OK);
	assert_int_equal(
	    saksi_facts_parse(saksi_buf_bytes(&stream), &arena, &facts, &f), SAKSI_OK);
	/* Nothing is left: no folder, no child. */
	DIR *d = opendir(tmp);
	const struct dirent *e;
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			fail_msg("left behind: %s", e->d_name);
	closedir(d);
	assert_int_equal(waitpid(-1, &status, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static const char *fact(const char *subject, const char *attribute)
{
	const struct saksi_fact *f =
	    saksi_facts_get(&facts, "openscap", subject, attribute);
	static char text[8][256];
	static int turn;

	if (f == NULL)
		return "(none)";
	turn = (turn + 1) % 8;
	snprintf(text[turn], sizeof(text[0]), "%.*s", (int)f->value.len,
		 (const char *)f->value.at);
	return text[turn];
}

static void covered(enum saksi_coverage_state state, const char *reason)
{
	struct saksi_coverage c =
	    saksi_facts_coverage(&facts, saksi_bytes_of("openscap"));
	char text[512] = "";

	if (c.state != SAKSI_COVERAGE_COMPLETE)
		snprintf(text, sizeof(text), "%.*s", (int)c.reason.len,
			 (const char *)c.reason.at);
	if (c.state != state || strstr(text, reason) == NULL)
		fail_msg("%s: %s instead of %s: %s", saksi_coverage_name(c.state), text,
			 saksi_coverage_name(state), reason);
}

/* An engine that does `script`, then writes these results and ends with `code`. */
static struct saksi_scap_options play(const char *script, const char *results, int code)
{
	char text[16384];

	snprintf(text, sizeof(text),
		 "#!/bin/bash\n%s\ncat >results.xml <<'END'\n%s\nEND\nexit %d\n",
		 script, results, code);
	put_file(engine, text, 0755);
	put_file(content, STREAM(BENCHMARK(DEBIAN12 RULE("a") RULE("b") RULE("c"))),
		 0644);
	return usual();
}
#define FAIR TEST(TOLD("a", "pass") TOLD("b", "fail") TOLD("c", "notapplicable"))

static void not_covered(const char *script, const char *results, int code,
			const char *reason)
{
	struct saksi_scap_options o = play(script, results, code);

	collect(&o);
	covered(SAKSI_COVERAGE_UNREAD, reason);
	assert_string_equal(fact("a", "result"), "(none)");
}

static void test_fair(void **state)
{
	struct saksi_scap_options o = play("", FAIR, 2);

	(void)state;
	collect(&o);
	covered(SAKSI_COVERAGE_COMPLETE, "");
	assert_string_equal(fact("a", "result"), "pass");
	assert_string_equal(fact("b", "result"), "fail");
	assert_string_equal(fact("b", "severity"), "high");
	assert_string_equal(fact("c", "result"), "notapplicable");
	assert_string_equal(fact("-", "engine"), "openscap 1.3.7");
	assert_string_equal(fact("-", "selected"), "3");
	assert_string_equal(fact("-", "fail"), "1");
	assert_string_equal(fact("-", "content"), "content.xml");
	assert_string_equal(fact("-", "platform"), "cpe:/o:debian:debian_linux:12");
}

/* What the child sees: fixed environment, no terminal, no other descriptor. */
static void test_clean(void **state)
{
	struct saksi_scap_options o = play(
	    "test \"$(env | sed 's/=.*//' | grep -vx _ | sort | tr '\\n' ' ')\" = "
	    "'HOME LC_ALL PATH PWD SHLVL TMPDIR ' || exit 41\n"
	    "test \"$PWD\" = \"$HOME\" || exit 42\n"
	    "test \"$(stat -c %a .)\" = 700 || exit 43\n"
	    "ls /proc/self/fd | grep -vx '[0123]' && exit 44\n"
	    "test \"$(readlink /proc/self/fd/2)\" = /dev/null || exit 45\n"
	    "test \"$*\" = 'xccdf eval --results results.xml content.xml' || exit 46\n"
	    "test \"$(ulimit -v)\" = 262144 || exit 47\n"
	    "test \"$(ulimit -t)\" = 5 || exit 48\n"
	    "test \"$(ulimit -f)\" = 1024 || exit 49\n",
	    FAIR, 0);

	(void)state;
	setenv("OSCAP_PROBE_ROOT", root, 1);
	setenv("LD_DEBUG", "help", 1);
	int fd = open("/dev/zero", O_RDONLY); /* without O_CLOEXEC */
	collect(&o);
	close(fd);
	unsetenv("OSCAP_PROBE_ROOT");
	unsetenv("LD_DEBUG");
	covered(SAKSI_COVERAGE_COMPLETE, "");
}

static void test_no_way_out(void **state)
{
	/* Each must fail, or the engine ends with a code of its own. */
	struct saksi_scap_options o = play(
	    "setsid true && exit 41\n"
	    "chroot / true && exit 42\n"
	    "unshare -r true && exit 43\n"
	    "python3 -c 'import socket;socket.socket(socket.AF_INET)' && exit 44\n"
	    "cat >u.py <<'PY'\n"
	    "import socket as s\n"
	    "u = s.socket(s.AF_INET, s.SOCK_DGRAM)\n"
	    "assert u.fileno() == 0\n"
	    "try:\n    u.sendto(b'x', ('127.0.0.1', 9))\n"
	    "except OSError:\n    raise SystemExit(7)\n"
	    "PY\n"
	    "python3 u.py; test $? = 7 || exit 49\n"
	    "python3 -c 'import socket;socket.socket(socket.AF_INET6)' && exit 45\n"
	    "python3 -c 'import socket;socket.socket(socket.AF_UNIX)' || exit 46\n"
	    "python3 -c 'import os;os.setpgid(0,0)' && exit 47\n"
	    "grep -q '^NoNewPrivs:.1' /proc/self/status || exit 48\n",
	    FAIR, 0);

	(void)state;
	collect(&o);
	covered(SAKSI_COVERAGE_COMPLETE, "");
}

static int64_t ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void test_sleeps(void **state)
{
	struct saksi_scap_options o = play("sleep 60", FAIR, 0);
	const int64_t began = ms();

	(void)state;
	o.limits.wall_ms = 300;
	collect(&o);
	covered(SAKSI_COVERAGE_UNREAD, "too long");
	assert_true(ms() - began < 5000);
	o.limits.wall_ms = 10000;
	o.limits.cpu_s = 1;
	put_file(engine, "#!/bin/sh\nwhile :; do :; done\n", 0755);
	collect(&o);
	covered(SAKSI_COVERAGE_UNREAD, "signal");
}

/* Children that stay: each would write into a file of ours for ever. */
static void test_forks(void **state)
{
	char path[192], text[512];
	struct stat then, later;
	struct saksi_scap_options o;

	(void)state;
	snprintf(path, sizeof(path), "%s/beat", root);
	snprintf(text, sizeof(text),
		 "for i in 1 2 3 4 5 6 7 8; do\n"
		 "( trap '' TERM HUP; while :; do echo x >>%s; sleep 0.01; done ) &\n"
		 "done\nsleep 0.2",
		 path);
	o = play(text, FAIR, 0);
	collect(&o);
	covered(SAKSI_COVERAGE_COMPLETE, "");
	usleep(50000);
	assert_int_equal(stat(path, &then), 0);
	usleep(200000);
	assert_int_equal(stat(path, &later), 0);
	assert_int_equal(then.st_size, later.st_size);
	unlink(path);
	/* And one that waits for its own, ended by the clock. */
	o = play("sleep 60 & sleep 60 &\nwait", FAIR, 0);
	o.limits.wall_ms = 300;
	collect(&o);
	covered(SAKSI_COVERAGE_UNREAD, "too long");
}

static void test_floods(void **state)
{
	(void)state;
	/* Output goes nowhere and stops nothing. */
	struct saksi_scap_options o =
	    play("head -c 50000000 /dev/zero; head -c 50000000 /dev/zero >&2", FAIR, 0);
	collect(&o);
	covered(SAKSI_COVERAGE_COMPLETE, "");
	/* A file that grows for ever ends its writer. */
	not_covered("exec head -c 50000000 /dev/zero >results.xml", "", 0, "signal 25");
	not_covered("exec python3 -c 'x = bytearray(1 << 30); print(len(x))'", "", 0,
		    "code 1");
}

static void test_folder(void **state)
{
	(void)state;
	struct saksi_scap_options o =
	    play("mkdir -p a/b/c; touch a/b/c/d; ln -s / a/root; mkfifo a/f\n"
		 "chmod 0 a/b; chmod 500 a .",
		 FAIR, 0);
	collect(&o);
	if (geteuid() == 0)
		covered(SAKSI_COVERAGE_COMPLETE, "");
	/* Results that are no file of their own. */
	not_covered("ln -s /etc/hostname results.xml; exit 0", "", 0, "no results");
	not_covered("mkfifo results.xml; exit 0", "", 0, "no results");
	not_covered("mkdir results.xml; exit 0", "", 0, "no results");
	not_covered("exit 0", "", 0, "no results");
}

static void test_lies(void **state)
{
	(void)state;
	not_covered("", "garbage", 0, "cannot be read");
	not_covered("",
		    "<!DOCTYPE l [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b "
		    "'&a;&a;&a;&a;&a;&a;&a;&a;'>]>\n<l>&b;&b;</l>",
		    0, "DOCTYPE");
	not_covered("", TEST(TOLD("a", "pass") TOLD("z", "pass")), 0, "cannot be read");
	not_covered("", FAIR, 1, "code 1");
	not_covered("kill -9 $$", FAIR, 0, "signal 9");
	/* The trap: nothing applies, exit 0. */
	not_covered("",
		    TEST(TOLD("a", "notapplicable") TOLD("b", "notapplicable")
			     TOLD("c", "notapplicable")),
		    0, "does not fit: 3 of 3");
	assert_string_equal(fact("-", "notapplicable"), "3");
}

static void test_not_whole(void **state)
{
	struct saksi_scap_options o =
	    play("", TEST(TOLD("a", "pass") TOLD("b", "pass")), 0);

	(void)state;
	collect(&o);
	covered(SAKSI_COVERAGE_PARTIAL, "1 of 3");
	assert_string_equal(fact("a", "result"), "pass");
	o = play("", TEST(TOLD("a", "pass") TOLD("b", "pass") TOLD("c", "notselected")),
		 0);
	collect(&o);
	covered(SAKSI_COVERAGE_PARTIAL, "1 of 3");
	o = play("", TEST(TOLD("a", "pass") TOLD("b", "error") TOLD("c", "unknown")),
		 2);
	collect(&o);
	covered(SAKSI_COVERAGE_PARTIAL, "2 of 3");
	/* touch /.dockerenv */
	o = play("", FAIR, 2);
	put_file(mark, "", 0644);
	collect(&o);
	unlink(mark);
	covered(SAKSI_COVERAGE_PARTIAL, "leave out rules");
	/* A result of a rule that nobody selected. */
	put_file(content,
		 STREAM(BENCHMARK(DEBIAN12 RULE("a") RULE("b") "<x:Rule id='c' "
							       "selected='false'/>")),
		 0644);
	collect(&o);
	covered(SAKSI_COVERAGE_PARTIAL, "1 of 2");
}

/* Host name and addresses stand all over the results; no fact holds them. */
static void test_no_names(void **state)
{
	struct saksi_scap_options o = play(
	    "",
	    TEST(
		"<x:title>srv-planted</x:title><x:target>srv-planted</x:target>"
		"<x:target-address>10.66.66.1</x:target-address><x:target-facts>"
		"<x:fact name='urn:mac'>02:00:5e:66:66:66</x:fact>"
		"</x:target-facts>" TOLD("a", "pass") TOLD(
		    "b",
		    "fail") "<x:rule-result idref='c' time='srv-planted'><x:result>pass"
			    "</x:result><x:message>srv-planted 10.66.66.1</x:message>"
			    "</x:rule-result>"),
	    2);

	(void)state;
	collect(&o);
	covered(SAKSI_COVERAGE_COMPLETE, "");
	assert_null(memmem(stream.at, stream.len, "planted", 7));
	assert_null(memmem(stream.at, stream.len, "10.66.66.1", 10));
	assert_null(memmem(stream.at, stream.len, "66:66", 5));
	/* Nor when they are where something is read. */
	not_covered("", TEST(TOLD("srv-planted", "pass")), 0, "cannot be read");
	assert_null(memmem(stream.at, stream.len, "planted", 7));
	not_covered("", TEST(TOLD("a", "srv-planted")), 0, "cannot be read");
	assert_null(memmem(stream.at, stream.len, "planted", 7));
}

static void test_before_it_runs(void **state)
{
	struct saksi_scap_options o = play("touch ../../ran", FAIR, 0);
	struct saksi_hash right, wrong = {{1}};
	char ran[128];

	(void)state;
	snprintf(ran, sizeof(ran), "%s/ran", root);
	o.foreign = true;
	collect(&o);
	covered(SAKSI_COVERAGE_ABSENT, "never run against a foreign root");
	o.foreign = false;
	o.content = NULL;
	o.content_dir = root;
	collect(&o);
	covered(SAKSI_COVERAGE_ABSENT, "no content for debian 12");
	o.content = content;
	o.content_digest = &wrong;
	collect(&o);
	covered(SAKSI_COVERAGE_UNREAD, "not what the plan names");
	o.content_digest = NULL;
	o.engine_digest = &wrong;
	collect(&o);
	covered(SAKSI_COVERAGE_UNREAD, "not the engine that the plan names");
	o.engine_digest = NULL;
	put_file(os_release, "ID=debian\nVERSION_ID=13\n", 0644);
	collect(&o);
	covered(SAKSI_COVERAGE_UNREAD, "no content for debian 13");
	put_file(os_release, "ID=debian\nVERSION_ID=\"12\"\n", 0644);
	put_file(content, STREAM(BENCHMARK(DEBIAN12 "<x:Rule id='a' selected='0'/>")),
		 0644);
	collect(&o);
	covered(SAKSI_COVERAGE_UNREAD, "selects no rule");
	o.engine = "/nonexistent/oscap";
	collect(&o);
	covered(SAKSI_COVERAGE_ABSENT, "not installed");
	assert_int_equal(access(ran, F_OK), -1);
	/* And with the right digests it does. */
	o = play("touch ../../ran", FAIR, 0);
	assert_int_equal(saksi_scap_digest(content, &right), SAKSI_OK);
	o.content_digest = &right;
	collect(&o);
	covered(SAKSI_COVERAGE_COMPLETE, "");
	assert_int_equal(access(ran, F_OK), 0);
	unlink(ran);
}

/* Found by name where content is installed. */
static void test_chosen(void **state)
{
	struct saksi_scap_options o = play("", FAIR, 0);
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/ssg-debian12-ds.xml", root);
	assert_int_equal(rename(content, path), 0);
	o.content = NULL;
	o.content_dir = root;
	collect(&o);
	unlink(path);
	covered(SAKSI_COVERAGE_COMPLETE, "");
	assert_string_equal(fact("-", "content"), "ssg-debian12-ds.xml");
}

static volatile sig_atomic_t signalled;
static void on_signal(int s)
{
	signalled = s;
}

/* Asked to end, it first takes away child and folder, then ends as asked. */
static void test_interrupted(void **state)
{
	char text[128];
	struct saksi_scap_options o;
	struct sigaction old, now = {.sa_handler = on_signal};
	sigset_t mask;

	(void)state;
	snprintf(text, sizeof(text), "kill -TERM %d; sleep 60", (int)getpid());
	o = play(text, FAIR, 0);
	sigaction(SIGTERM, &now, &old);
	collect(&o);
	sigaction(SIGTERM, &old, NULL);
	covered(SAKSI_COVERAGE_UNREAD, "stopped by a signal");
	assert_int_equal(signalled, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
	assert_false(sigismember(&mask, SIGTERM) || sigismember(&mask, SIGCHLD));
}

static void test_real(void **state)
{
	struct saksi_scap_options o = {.content = "tests/unit/engine/content/three.xml",
				       .container = mark,
				       .tmp = tmp};
	struct saksi_hash h;
	char hex[65], host[256] = "";

	(void)state;
	if (access(SAKSI_SCAP_ENGINE, X_OK) != 0)
		skip();
	/* Content for Debian 12, whatever this machine is: then it must say so. */
	put_file(os_release, "ID=debian\nVERSION_ID=11\n", 0644);
	o.os_release = os_release;
	collect(&o);
	covered(SAKSI_COVERAGE_UNREAD, "no content for debian 11");
	put_file(os_release, "ID=debian\nVERSION_ID=\"12\"\n", 0644);
	collect(&o);
	if (system("grep -q '^VERSION_ID=\"12\"' /etc/os-release") != 0) {
		covered(SAKSI_COVERAGE_UNREAD, "does not fit");
		return;
	}
	covered(SAKSI_COVERAGE_COMPLETE, "");
	assert_string_equal(fact("xccdf_org.saksi_rule_one", "result"), "pass");
	assert_string_equal(fact("xccdf_org.saksi_rule_two", "result"), "fail");
	assert_string_equal(fact("xccdf_org.saksi_rule_three", "result"),
			    "notapplicable");
	assert_string_equal(fact("xccdf_org.saksi_rule_four", "result"), "notselected");
	assert_string_equal(fact("xccdf_org.saksi_rule_two", "severity"), "high");
	assert_string_equal(fact("-", "profile"), "xccdf_org.saksi_profile_standard");
	assert_string_equal(fact("-", "selected"), "3");
	assert_int_equal(strncmp(fact("-", "engine"), "openscap 1.", 11), 0);
	assert_int_equal(saksi_scap_digest(o.content, &h), SAKSI_OK);
	saksi_text_to_hex(h.b, SAKSI_HASH_LEN, hex);
	assert_string_equal(fact("-", "content-digest"), hex);
	assert_int_equal(saksi_scap_digest(SAKSI_SCAP_ENGINE, &h), SAKSI_OK);
	saksi_text_to_hex(h.b, SAKSI_HASH_LEN, hex);
	assert_string_equal(fact("-", "engine-digest"), hex);
	gethostname(host, sizeof(host) - 1);
	if (strlen(host) > 3)
		assert_null(memmem(stream.at, stream.len, host, strlen(host)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fair),           cmocka_unit_test(test_clean),
	    cmocka_unit_test(test_no_way_out),     cmocka_unit_test(test_sleeps),
	    cmocka_unit_test(test_forks),          cmocka_unit_test(test_floods),
	    cmocka_unit_test(test_folder),         cmocka_unit_test(test_lies),
	    cmocka_unit_test(test_not_whole),      cmocka_unit_test(test_no_names),
	    cmocka_unit_test(test_before_it_runs), cmocka_unit_test(test_chosen),
	    cmocka_unit_test(test_interrupted),    cmocka_unit_test(test_real),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
