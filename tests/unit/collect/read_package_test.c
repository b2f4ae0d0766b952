/* Packages, the order of versions, apt's lists. */
#include "collect_help.h"

#include "collect/read_lz4.h"
#include "collect/read_package.h"
#include "facts/version.h"

/* What dpkg --compare-versions of Debian 12 says of them. */
static const struct {
	const char *a, *b;
	int order;
} VERSIONS[] = {
    {"1.0", "1.1", -1},
    {"1:0", "2", 1},
    {"1.0~rc1", "1.0", -1},
    {"1.0", "1.0-0", 0},
    {"1.0-1", "1.0-1+b1", -1},
    {"1.0+dfsg", "1.0", 1},
    {"1.0a", "1.0+", -1},
    {"0:1", "1", 0},
    {"1.09", "1.9", 0},
    {"1.0-1~bpo12+1", "1.0-1", -1},
    {"2.6.1", "2.6.2", -1},
    {"1.2-3-4", "1.2-3-5", -1},
    {"a", "b", -1},
    {"1.0.", "1.0", 1},
    {"1.a", "1.1", 1},
    {"10", "9", 1},
    {"1~~", "1~", -1},
    {"1~~a", "1~", -1},
    {"00001", "1", 0},
    {"1:1-1", "1:1-1", 0},
    {"3.0.19-1~deb12u2", "3.0.19-1~deb12u10", -1},
};

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void versions_are_ordered_as_dpkg_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(VERSIONS) / sizeof(*VERSIONS); i++) {
		const struct saksi_bytes a = saksi_bytes_of(VERSIONS[i].a);
		const struct saksi_bytes b = saksi_bytes_of(VERSIONS[i].b);
		if (sign(saksi_debian_version_order(a, b)) != VERSIONS[i].order ||
		    sign(saksi_debian_version_order(b, a)) != -VERSIONS[i].order ||
		    saksi_debian_version_order(a, a) != 0)
			fail_msg("%s %s", VERSIONS[i].a, VERSIONS[i].b);
	}
}

static void to_buffer(void *ctx, struct saksi_bytes piece)
{
	saksi_buf_put(ctx, piece);
}

static void expected_list(struct saksi_buf *out)
{
	for (int i = 0; i < 4000; i++)
		saksi_buf_printf(out,
				 "Package: p%d\nVersion: 1.%d-1\nArchitecture: "
				 "amd64\n\n",
				 i, i % 7);
}

static enum saksi_err unpack(const char *name, uint64_t max, struct saksi_buf *out)
{
	const int fd = open(name, O_RDONLY);

	assert_true(fd >= 0);
	const enum saksi_err err = saksi_lz4_read(fd, max, to_buffer, out);
	close(fd);
	return err;
}

/* Frames made by liblz4, with blocks that refer to each other and without. */
static void lz4_frames_are_read(void **state)
{
	static const char *const names[] = {"tests/audit/lists/linked.lz4",
					    "tests/audit/lists/single.lz4"};
	struct saksi_buf expected = saksi_buf_growing(1u << 20);

	(void)state;
	expected_list(&expected);
	for (size_t i = 0; i < 2; i++) {
		struct saksi_buf out = saksi_buf_growing(1u << 20);
		assert_int_equal(unpack(names[i], 1u << 20, &out), SAKSI_OK);
		assert_int_equal(out.len, expected.len);
		assert_memory_equal(out.at, expected.at, out.len);
		saksi_buf_clear(&out);
		assert_int_equal(unpack(names[i], 202889, &out), SAKSI_LIMIT);
		saksi_buf_free(&out);
	}
	saksi_buf_free(&expected);
}

static void cut_or_odd_lz4_is_malformed(void **state)
{
	static uint8_t file[65536];
	struct saksi_buf out = saksi_buf_growing(1u << 20);

	(void)state;
	const int fd = open("tests/audit/lists/linked.lz4", O_RDONLY);
	const ssize_t n = read(fd, file, sizeof(file));
	close(fd);
	assert_true(n > 1000);
	for (ssize_t len = 0; len < n - 4; len += len < 64 ? 1 : 997) {
		put_bytes("/cut", file, (size_t)len, 0644);
		assert_int_equal(unpack(at("/cut"), 1u << 20, &out), SAKSI_MALFORMED);
	}
	saksi_buf_free(&out);
}

static const char STATUS[] =
    "Package: libc6\nStatus: install ok installed\nPriority: required\n"
    "Architecture: amd64\nMulti-Arch: same\nSource: glibc\nVersion: 2.36-9\n"
    "Description: GNU C Library\n Version: 9 is no version\n\tnor this\n\n"
    "Package: libc6\nStatus: install ok installed\nArchitecture: i386\n"
    "Source: glibc (2.36-9+x)\nVersion: 2.36-9\n\n\n"
    "Package: gone\nStatus: deinstall ok config-files\nArchitecture: all\n"
    "Version: 1\n\n"
    "Package: openssl\nStatus: hold ok installed\nArchitecture: amd64\n"
    "Version: 3.0.19-1~deb12u2\n";

static void dpkg_status_is_read(void **state)
{
	(void)state;
	put("/var/lib/dpkg/status", STATUS);
	put("/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
	collect();
	TOLD("package", "libc6", "version", "2.36-9");
	TOLD("package", "libc6", "arch", "amd64");
	TOLD("package", "libc6", "source-version", "2.36-9");
	TOLD("package", "libc6:i386", "source-version", "2.36-9+x");
	TOLD("package", "libc6:i386", "source", "glibc");
	TOLD("package", "gone", "state", "config-files");
	TOLD("package", "openssl", "want", "hold");
	TOLD("package", "openssl", "source", "openssl");
	covered("package", SAKSI_COVERAGE_COMPLETE, NULL);
	covered("updates", SAKSI_COVERAGE_UNREAD, "no lists");
	TOLD("os", "-", "package-manager", "dpkg");
	TOLD("os", "-", "version-id", "12");
}

static void odd_status_is_partial_not_silent(void **state)
{
	char longer[2048];

	(void)state;
	memset(longer, 'x', sizeof(longer));
	memcpy(longer, "Package: ", 9);
	memcpy(longer + 1900, "\nStatus: install ok installed\nVersion: 1\n\n", 43);
	put("/var/lib/dpkg/status", longer);
	collect();
	covered("package", SAKSI_COVERAGE_PARTIAL, "not understood");
	put("/var/lib/dpkg/status", "Package: a\nVersion: 1\nStatus: broken\n\n");
	collect();
	covered("package", SAKSI_COVERAGE_PARTIAL, "not understood");
	wipe(at("/var"));
	collect();
	covered("package", SAKSI_COVERAGE_UNREAD, "no package database");
	put("/var/lib/rpm/Packages", "x");
	collect();
	covered("package", SAKSI_COVERAGE_UNREAD, "rpm");
	put("/lib/apk/db/installed",
	    "C:Q1\nP:musl\nV:1.2.4-r2\nA:x86_64\no:musl\n\nP:busybox\nV:1.36\n");
	collect();
	TOLD("package", "musl", "version", "1.2.4-r2");
	TOLD("package", "busybox", "state", "installed");
	covered("package", SAKSI_COVERAGE_PARTIAL, "rpm");
	wipe(at("/var"));
	wipe(at("/lib"));
}

#define LISTS "/var/lib/apt/lists/deb.example_debian-security_dists_bookworm-security_"

static void security_lists_are_compared(void **state)
{
	(void)state;
	put("/var/lib/dpkg/status", STATUS);
	put(LISTS "InRelease",
	    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: Debian\n"
	    "Label: Debian-Security\nSuite: stable-security\n"
	    "Date: Wed, 13 Jan 2027 08:00:00 UTC\n"
	    "Valid-Until: Wed, 20 Jan 2027 08:00:00 UTC\nSHA256:\n 0 1 x\n");
	put(LISTS "main_binary-amd64_Packages",
	    "Package: openssl\nArchitecture: amd64\nVersion: 3.0.19-1~deb12u10\n\n"
	    "Package: libc6\nArchitecture: amd64\nVersion: 2.36-9\n\n"
	    "Package: gone\nArchitecture: all\nVersion: 2\n\n"
	    "Package: other\nArchitecture: amd64\nVersion: 9\n");
	/* A list of a suite that is not security's offers nothing here. */
	put("/var/lib/apt/lists/deb.example_debian_dists_bookworm_InRelease",
	    "Label: Debian\nSuite: stable\nDate: Wed, 13 Jan 2027 08:00:00 UTC\n");
	put("/var/lib/apt/lists/deb.example_debian_dists_bookworm_main_"
	    "binary-amd64_Packages",
	    "Package: libc6\nArchitecture: amd64\nVersion: 99\n");
	collect();
	covered("updates", SAKSI_COVERAGE_COMPLETE, NULL);
	TOLD("updates", "openssl", "candidate", "3.0.19-1~deb12u10");
	TOLD("updates", "openssl", "installed", "3.0.19-1~deb12u2");
	TOLD("updates", "-", "pending", "1");
	TOLD("updates", "-", "age-days", "1");
	TOLD("updates", "-", "lists-date", "2027-01-13T08:00:00Z");
	NOT_TOLD("updates", "libc6", "candidate", NULL);
}

static void old_or_packed_lists_are_not_complete(void **state)
{
	(void)state;
	put(LISTS "InRelease", "Suite: stable-security\n"
			       "Date: Sat, 02 Jan 2027 08:00:00 UTC\n");
	collect();
	covered("updates", SAKSI_COVERAGE_PARTIAL, "12 days old");
	put(LISTS "InRelease", "Suite: stable-security\n"
			       "Date: Wed, 13 Jan 2027 08:00:00 UTC\n");
	put(LISTS "contrib_binary-amd64_Packages.xz", "?");
	collect();
	covered("updates", SAKSI_COVERAGE_PARTIAL, "compression");
	assert_int_equal(unlink(at(LISTS "contrib_binary-amd64_Packages.xz")), 0);
	put(LISTS "main_binary-amd64_Packages.lz4", "no frame");
	collect();
	covered("updates", SAKSI_COVERAGE_PARTIAL, "malformed");
}

static void a_packed_list_is_compared(void **state)
{
	static uint8_t file[65536];

	(void)state;
	put("/var/lib/dpkg/status",
	    "Package: p3999\nStatus: install ok installed\nArchitecture: amd64\n"
	    "Version: 1.0\n\n"
	    "Package: p7\nStatus: install ok installed\nArchitecture: amd64\n"
	    "Version: 1.0-1\n\n");
	const int fd = open("tests/audit/lists/linked.lz4", O_RDONLY);
	const ssize_t n = read(fd, file, sizeof(file));
	close(fd);
	put_bytes(LISTS "main_binary-amd64_Packages.lz4", file, (size_t)n, 0644);
	collect();
	covered("updates", SAKSI_COVERAGE_COMPLETE, NULL);
	TOLD("updates", "p3999", "candidate", "1.2-1");
	NOT_TOLD("updates", "p7", "candidate", NULL);
}

static void apt_settings_and_sources(void **state)
{
	(void)state;
	put("/etc/apt/apt.conf.d/20auto",
	    "APT::Periodic::Unattended-Upgrade \"1\";\n// no\n"
	    "Unattended-Upgrade {\n  Allowed-Origins {\n    \"o=Debian\";\n  };\n"
	    "  Mail \"x\";\n};\nDPkg::Options \"no\";\n");
	put("/etc/apt/sources.list",
	    "# deb http://old x\ndeb http://deb.example/debian bookworm main\n"
	    "deb [trusted=yes signed-by=/k] https://x.example/d suite main\n");
	put("/etc/apt/sources.list.d/a.sources",
	    "Types: deb\nURIs: https://y.example\nSuites: a b\nSigned-By: /k\n\n\n"
	    "Types: deb\nURIs: http://z.example\nSuites: c\nEnabled: no\n");
	collect();
	TOLD("apt", "APT::Periodic::Unattended-Upgrade", "value", "1");
	TOLD("apt", "Unattended-Upgrade::Allowed-Origins", "value", "o=Debian");
	TOLD("apt", "Unattended-Upgrade::Mail", "value", "x");
	NOT_TOLD("apt", "DPkg::Options", "value", NULL);
	TOLD("apt-source", "/etc/apt/sources.list:2", "scheme", "http");
	TOLD("apt-source", "/etc/apt/sources.list:3", "trusted", "yes");
	TOLD("apt-source", "/etc/apt/sources.list:3", "scheme", "https");
	TOLD("apt-source", "/etc/apt/sources.list.d/a.sources:1", "suite", "b");
	TOLD("apt-source", "/etc/apt/sources.list.d/a.sources:1", "signed-by", "yes");
	TOLD("apt-source", "/etc/apt/sources.list.d/a.sources:7", "enabled", "no");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(versions_are_ordered_as_dpkg_does),
	    cmocka_unit_test(lz4_frames_are_read),
	    cmocka_unit_test(cut_or_odd_lz4_is_malformed),
	    cmocka_unit_test(dpkg_status_is_read),
	    cmocka_unit_test(odd_status_is_partial_not_silent),
	    cmocka_unit_test(security_lists_are_compared),
	    cmocka_unit_test(old_or_packed_lists_are_not_complete),
	    cmocka_unit_test(a_packed_list_is_compared),
	    cmocka_unit_test(apt_settings_and_sources),
	};
	return cmocka_run_group_tests(tests, root_setup, root_teardown);
}
