/* End-of-life tables: reading, looking up, and the three answers. */
#include "rules_help.h"

static const char tsv[] = "# a comment\n"
			  "saksi-eol 1\t2026-11-22\n"
			  "\n"
			  "debian\t12\t2026-07-11\t2028-06-30\tsource\n"
			  "debian\t1\t2001-01-01\t2001-01-01\tsource\n"
			  "openssl\t1.1\t2019-09-11\t2019-09-11\tsource\n"
			  "openssl\t1.1.1\t2023-09-11\t2023-09-11\tsource\n"
			  "openssl\t1\t2010-01-01\t2010-01-01\tsource\n"
			  "apache\t2.4\t-\t-\tsource\n";

static int64_t at(const char *text)
{
	int64_t utc;

	assert_int_equal(saksi_time_read(saksi_bytes_of(text), &utc), SAKSI_OK);
	return utc;
}

static struct saksi_eol table(const char *text)
{
	struct saksi_eol e = {0};
	struct saksi_fault f = {0};

	if (saksi_eol_read(text_of(text), &arena, &e, &f) != SAKSI_OK)
		fail_msg("line %u: %s", f.line, f.what);
	return e;
}

static const char *cycle(const struct saksi_eol *e, const char *product,
			 const char *version)
{
	const struct saksi_eol_entry *n =
	    saksi_eol_find(e, text_of(product), text_of(version), NULL);

	return n == NULL ? "none" : cstr(n->cycle);
}

static void test_find(void **state)
{
	struct saksi_eol e = table(tsv);

	(void)state;
	assert_int_equal(e.table[0].count, 6);
	assert_string_equal(cycle(&e, "debian", "12"), "12");
	assert_string_equal(cycle(&e, "debian", "12.5"), "12");
	assert_string_equal(cycle(&e, "debian", "1"), "1");
	assert_string_equal(cycle(&e, "debian", "13"), "none"); /* not 1 and a 3 */
	assert_string_equal(cycle(&e, "debian", "120"), "none");
	assert_string_equal(cycle(&e, "debian", ""), "none");
	assert_string_equal(cycle(&e, "ubuntu", "12"), "none");
	assert_string_equal(cycle(&e, "openssl", "1.1.1n-0+deb11u5"), "1.1.1");
	assert_string_equal(cycle(&e, "openssl", "1.1.0l"), "1.1");
	assert_string_equal(cycle(&e, "apache", "1:2.4.66-1"), "2.4"); /* an epoch */
	assert_string_equal(cycle(&e, "apache", "2.40"), "none");
}

static enum saksi_err check(const struct saksi_eol *e, const char *p, const char *v,
			    bool fully, const char *when)
{
	return saksi_eol_check(e, text_of(p), text_of(v), fully, at(when));
}

static void test_check(void **state)
{
	struct saksi_eol e = table(tsv);

	(void)state;
	assert_int_equal(check(&e, "debian", "12", true, "2026-07-11T23:59:59Z"),
			 SAKSI_OK);
	assert_int_equal(check(&e, "debian", "12", true, "2026-07-12T00:00:00Z"),
			 SAKSI_REFUSED);
	assert_int_equal(check(&e, "debian", "12", false, "2028-06-30T23:59:59Z"),
			 SAKSI_OK);
	assert_int_equal(check(&e, "debian", "12", false, "2028-07-01T00:00:00Z"),
			 SAKSI_REFUSED);
	assert_int_equal(check(&e, "debian", "14", false, "2026-11-22T00:00:00Z"),
			 SAKSI_MISSING);
	/* No end was announced: believed for 400 days, then nobody can tell. */
	assert_int_equal(check(&e, "apache", "2.4.66", true, "2027-12-27T23:59:59Z"),
			 SAKSI_OK);
	assert_int_equal(check(&e, "apache", "2.4.66", true, "2027-12-28T00:00:00Z"),
			 SAKSI_MISSING);
}

static void test_faults(void **state)
{
	static const struct {
		const char *text;
		enum saksi_err err;
		uint32_t line;
	} faults[] = {
	    {"", SAKSI_MALFORMED, 1},
	    {"# only\n", SAKSI_MALFORMED, 1},
	    {"saksi-eol 2\t2026-11-22\n", SAKSI_NEWER, 1},
	    {"saksi-eol 1\t2026-13-22\n", SAKSI_MALFORMED, 1},
	    {"saksi-eol 1\n", SAKSI_MALFORMED, 1},
	    {"saksi-eol 1\t2026-11-22", SAKSI_MALFORMED, 1},
	    {"saksi-eol 1\t2026-11-22\na\tb\t-\t-\n", SAKSI_MALFORMED, 2},
	    {"saksi-eol 1\t2026-11-22\n\na\tb\t-\t-\ts\tx\n", SAKSI_MALFORMED, 3},
	    {"saksi-eol 1\t2026-11-22\na\tb\t2026-1-1\t-\ts\n", SAKSI_MALFORMED, 2},
	    {"saksi-eol 1\t2026-11-22\na\tb\t2026-01-02\t2026-01-01\ts\n",
	     SAKSI_MALFORMED, 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct saksi_eol e = {0};
		struct saksi_fault f = {0};

		assert_int_equal(
		    saksi_eol_read(text_of(faults[i].text), &arena, &e, &f),
		    faults[i].err);
		assert_int_equal(f.line, faults[i].line);
		assert_int_equal(e.count, 0);
	}
	struct saksi_eol full = {.count = SAKSI_EOL_TABLES_MAX};
	struct saksi_fault f;
	assert_int_equal(saksi_eol_read(text_of(tsv), &arena, &full, &f), SAKSI_LIMIT);
}

/* The form of distro-info-data, and which table wins. */
static void test_distro(void **state)
{
	static const char debian[] =
	    "version,codename,series,created,release,eol,eol-lts,eol-elts\n"
	    "11,Bullseye,bullseye,2019-07-06,2021-08-14,2024-08-14,2026-08-31,2031-06-"
	    "30\n"
	    "12,Bookworm,bookworm,2021-08-14,2023-06-10,2030-01-01\n"
	    "14,Forky,forky,2025-08-09\n"
	    ",Sid,sid,1993-08-16\n";
	static const char ubuntu[] =
	    "version,codename,series,created,release,eol,eol-server,eol-esm\n"
	    "6.06 LTS,Dapper Drake,dapper,2005-10-12,2006-06-01,2009-07-14,2011-06-01\n"
	    "24.04 "
	    "LTS,Noble,noble,2023-10-12,2024-04-25,2029-05-31,2029-05-31,2034-04-25\n";
	struct saksi_eol e = {0};
	struct saksi_fault f = {0};

	(void)state;
	assert_int_equal(
	    saksi_eol_read_distro(text_of(debian), "debian", &arena, &e, &f), SAKSI_OK);
	assert_int_equal(
	    saksi_eol_read_distro(text_of(ubuntu), "ubuntu", &arena, &e, &f), SAKSI_OK);
	assert_int_equal(saksi_eol_read(text_of(tsv), &arena, &e, &f), SAKSI_OK);
	assert_int_equal(e.count, 3);
	assert_true(saksi_bytes_is(e.table[0].name, "debian.csv"));
	assert_true(saksi_bytes_is(e.table[1].name, "ubuntu.csv"));
	assert_true(saksi_bytes_is(e.table[2].name, "eol.tsv"));
	struct saksi_hash h = saksi_hash_of(text_of(debian));
	assert_true(saksi_hash_same(&e.table[0].digest, &h));
	assert_int_equal(check(&e, "debian", "11", true, "2024-08-15T00:00:00Z"),
			 SAKSI_REFUSED);
	assert_int_equal(check(&e, "debian", "11", false, "2026-08-31T12:00:00Z"),
			 SAKSI_OK);
	assert_int_equal(check(&e, "debian", "11", false, "2026-09-01T00:00:00Z"),
			 SAKSI_REFUSED); /* paid support does not count */
	assert_int_equal(check(&e, "debian", "12", true, "2029-12-31T00:00:00Z"),
			 SAKSI_OK);
	assert_int_equal(check(&e, "debian", "14", true, "2026-01-01T00:00:00Z"),
			 SAKSI_MISSING);
	assert_int_equal(check(&e, "ubuntu", "6.06", false, "2011-06-01T00:00:00Z"),
			 SAKSI_OK);
	assert_int_equal(check(&e, "ubuntu", "24.04", true, "2029-06-01T00:00:00Z"),
			 SAKSI_REFUSED);
	e.count = 0;
	assert_int_equal(
	    saksi_eol_read_distro(text_of("a,b\n1,2\n"), "debian", &arena, &e, &f),
	    SAKSI_MALFORMED);
}

/* Our own table holds what docs/RULES.md promises. */
static void test_ours(void **state)
{
	static const struct {
		const char *product, *version;
	} there[] = {
	    {"debian", "7"},       {"debian", "13"},        {"ubuntu", "14.04"},
	    {"ubuntu", "26.04"},   {"rhel", "6.10"},        {"rhel", "9.4"},
	    {"centos", "7"},       {"rocky", "9.3"},        {"almalinux", "8.9"},
	    {"postgresql", "9.4"}, {"postgresql", "18"},    {"mariadb", "10.11.6"},
	    {"mysql", "8.0.36"},   {"nginx", "1.22.1"},     {"apache", "2.4.62"},
	    {"php", "5.6.40"},     {"php", "8.4.1"},        {"openssl", "1.0.1e"},
	    {"openssl", "3.5.1"},  {"linux", "2.6.32-754"}, {"linux", "6.12.43"}};
	struct saksi_eol e = our_eol();
	struct saksi_why w;

	(void)state;
	for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
		assert_non_null(saksi_eol_find(&e, text_of(there[i].product),
					       text_of(there[i].version), NULL));
	assert_int_equal(saksi_eol_load("rules/nothing.tsv", NULL, &arena, &e, &w),
			 SAKSI_MISSING);
	assert_int_equal(
	    saksi_eol_load("rules/30-ssh.rules", "/nowhere", &arena, &e, &w),
	    SAKSI_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find),   cmocka_unit_test(test_check),
	    cmocka_unit_test(test_faults), cmocka_unit_test(test_distro),
	    cmocka_unit_test(test_ours),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
