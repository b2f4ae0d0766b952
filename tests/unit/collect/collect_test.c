/* The whole collector on roots whose owner lies: nothing is run, written,
 * waited for, or followed out; nothing is silently left out. */
#include "collect_help.h"

#include "collect/collect_source.h"
#include "crypto/hash.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

/* ---- the digest of a tree: names, modes, owners, times, content */

static struct saksi_hash_run tree;

static int add_to_tree(const char *path, const struct stat *st, int type, struct FTW *f)
{
	static uint8_t block[65536];
	char line[512];

	(void)type;
	(void)f;
	/* A folder's access time is what opening it for this very walk changes. */
	const int n = snprintf(
	    line, sizeof(line), "%o %u %u %lld %ld.%ld %ld.%ld %ld", st->st_mode,
	    st->st_uid, st->st_gid, (long long)st->st_size, (long)st->st_mtim.tv_sec,
	    st->st_mtim.tv_nsec, (long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec,
	    S_ISREG(st->st_mode) ? (long)st->st_atim.tv_nsec : 0L);
	saksi_hash_more(&tree, saksi_bytes_of(path));
	saksi_hash_more(&tree, (struct saksi_bytes){(uint8_t *)line, (size_t)n});
	if (!S_ISREG(st->st_mode) || st->st_size > 1 << 24)
		return 0;
	const int fd = open(path, O_RDONLY | O_NOATIME);
	ssize_t got;
	while (fd >= 0 && (got = read(fd, block, sizeof(block))) > 0)
		saksi_hash_more(&tree, (struct saksi_bytes){block, (size_t)got});
	close(fd);
	return 0;
}

static struct saksi_hash digest(void)
{
	saksi_hash_begin(&tree);
	assert_int_equal(nftw(root, add_to_tree, 64, FTW_PHYS), 0);
	return saksi_hash_end(&tree);
}

/* ---- */

static void every_section_has_one_account(void **state)
{
	struct saksi_buf list = saksi_buf_growing(65536);
	size_t n = 0;

	(void)state;
	collect_all(); /* an empty root: nothing here is a pass or a crash */
	saksi_collect_list(&list);
	assert_int_equal(saksi_buf_check(&list), SAKSI_OK);
	struct saksi_cursor c = saksi_cursor_on(saksi_buf_bytes(&list));
	while (c.left.len > 0) {
		struct saksi_bytes line = saksi_cursor_line(&c);
		const uint8_t *colon = memchr(line.at, ':', line.len);
		assert_non_null(colon);
		line.len = (size_t)(colon - line.at);
		while (line.len > 0) {
			const uint8_t *space = memchr(line.at, ' ', line.len);
			struct saksi_bytes name = line;
			if (space)
				name.len = (size_t)(space - line.at);
			assert_int_not_equal(saksi_facts_coverage(&facts, name).state,
					     SAKSI_COVERAGE_NONE);
			n++;
			line.at += name.len + (space != NULL);
			line.len -= name.len + (space != NULL);
		}
	}
	assert_int_equal(facts.coverage_count, n + 1); /* and meta */
	/* Every section that has facts has its account. */
	for (size_t i = 0; i < facts.count; i++)
		assert_int_not_equal(
		    saksi_facts_coverage(&facts, facts.sorted[i]->section).state,
		    SAKSI_COVERAGE_NONE);
	saksi_buf_free(&list);
}

static int64_t later(void)
{
	return NOW + 60;
}

static void the_stream_says_where_it_comes_from(void **state)
{
	static const uint8_t nonce[] = {0xab, 0xcd, 0xef};
	const struct saksi_hash h = saksi_hash_empty();

	(void)state;
	collect_with((struct saksi_collect_options){
	    .no_walk = true,
	    .nonce = {nonce, sizeof(nonce)},
	    .checkpoint_size = 17,
	    .checkpoint_root = &h,
	    .collector = "saksi 0.1",
	    .clock = later,
	});
	TOLD("meta", "-", "nonce", "abcdef");
	TOLD("meta", "-", "checkpoint-size", "17");
	TOLD("meta", "-", "checkpoint-root",
	     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	TOLD("meta", "-", "collector", "saksi 0.1");
	TOLD("meta", "-", "began", "2027-01-15T00:00:00Z");
	TOLD("meta", "-", "ended", "2027-01-15T00:01:00Z");
	TOLD("meta", "-", "source", "root");
	TOLD("meta", "-", "privileged", geteuid() == 0 ? "yes" : "no");
	covered("walk", SAKSI_COVERAGE_UNREAD, "left out");
	covered("setuid", SAKSI_COVERAGE_UNREAD, "left out");
}

static void lie(const char *target, const char *path)
{
	folders(path);
	assert_int_equal(symlink(target, at(path)), 0);
}

static void fifo(const char *path)
{
	folders(path);
	assert_int_equal(mkfifo(at(path), 0666), 0);
}

static void hostile_files(void)
{
	/* Links that would lead out of the root, in every way there is. */
	lie("/etc/passwd", "/etc/passwd-");
	lie("../../../../../../../../etc/hostname", "/etc/debian_version");
	lie("/../../../../etc", "/etc/pam.d");
	lie("/proc/self/root/etc/passwd", "/etc/shadow");
	lie("/etc/sudoers", "/etc/sudoers");
	lie("b", "/etc/cron.d/a");
	lie("a", "/etc/cron.d/b");
	lie("..", "/etc/sysctl.d");
	/* What blocks, and what has no end. */
	fifo("/etc/group");
	fifo("/etc/fstab");
	fifo("/etc/ssh/sshd_config");
	fifo("/etc/nginx/nginx.conf");
	fifo("/srv/secret.key");
	fifo("/etc/profile.d/x.sh");
	lie("/dev/zero", "/etc/login.defs");
	put("/usr/sbin/sshd", "");
	put("/usr/sbin/nginx", "");
	put("/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
	/* A terabyte that is not there. */
	put("/etc/crontab", "");
	assert_int_equal(truncate(at("/etc/crontab"), (off_t)1 << 40), 0);
	put("/var/lib/dpkg/status", "");
	assert_int_equal(truncate(at("/var/lib/dpkg/status"), (off_t)1 << 40), 0);
	put("/srv/big.pem", "");
	assert_int_equal(truncate(at("/srv/big.pem"), (off_t)1 << 40), 0);
}

/* Programs that tell when they are run. */
static void planted_programs(void)
{
	static const char *const names[] = {
	    "/usr/bin/dpkg", "/bin/dpkg",         "/usr/bin/rpm",   "/bin/sh",
	    "/usr/bin/sh",   "/usr/sbin/nginx",   "/usr/sbin/sshd", "/usr/bin/oscap",
	    "/usr/bin/sudo", "/usr/bin/systemctl"};
	char script[512];

	(void)snprintf(script, sizeof(script), "#!/bin/sh\n: > %s/was-run\n", root);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		put_bytes(names[i], script, strlen(script), 04755);
	put("/etc/ld.so.preload", "/evil.so\n");
	put("/etc/cron.daily/x", script);
}

static void a_hostile_root_is_only_looked_at(void **state)
{
	(void)state;
	hostile_files();
	planted_programs();
	const struct saksi_hash before = digest();
	alarm(60); /* a FIFO opened would wait for ever */
	collect_all();
	alarm(0);
	const struct saksi_hash after = digest();
	assert_true(saksi_hash_same(&before, &after));
	assert_int_equal(access(at("/was-run"), F_OK), -1);
	/* Inside the root the links lead nowhere or round: and that is said. */
	covered("group", SAKSI_COVERAGE_UNREAD, "not a regular file");
	covered("mount", SAKSI_COVERAGE_PARTIAL, "/etc/fstab: not a regular file");
	covered("sshd", SAKSI_COVERAGE_DENIED, "sshd_config");
	covered("nginx", SAKSI_COVERAGE_UNREAD, "nginx.conf");
	covered("package", SAKSI_COVERAGE_PARTIAL, "larger");
	covered("cron", SAKSI_COVERAGE_PARTIAL, "/etc/crontab: larger");
	covered("cron", SAKSI_COVERAGE_PARTIAL, "/etc/cron.d/a");
	TOLD("file", "/etc/passwd-", "target", "/etc/passwd");
	TOLD("file", "/etc/passwd-", "mode", "0644");
	/* The real machine's accounts are not told. */
	NOT_TOLD("user", "nobody", "uid", NULL);
	TOLD("user", "root", "home-state", "absent");
	NOT_TOLD("os", "-", "debian-version", NULL);
	TOLD("setuid", "/usr/bin/dpkg", "setuid", "yes");
	wipe(at("/etc"));
	wipe(at("/srv"));
	wipe(at("/usr"));
	wipe(at("/bin"));
	wipe(at("/var"));
}

static void names_may_hold_anything(void **state)
{
	(void)state;
	put("/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
	put("/etc/group", "root:x:0:\n");
	put_bytes("/srv/a\nsetuid\t/x\tmode\t4755", "x", 1, 04755);
	put_bytes("/srv/\x01\x1b[31m\x7f%41\xff\xfe.sql", "x", 1, 0666);
	put_bytes("/srv/= \t.key", "-----BEGIN RSA PRIVATE KEY-----\n", 32, 0644);
	collect_all();
	TOLD("setuid", "/srv/a\nsetuid\t/x\tmode\t4755", "mode", "4755");
	NOT_TOLD("setuid", "/x", "mode", NULL);
	TOLD("writable", "/srv/\x01\x1b[31m\x7f%41\xff\xfe.sql", "kind", "file");
	TOLD("dump", "/srv/\x01\x1b[31m\x7f%41\xff\xfe.sql", "suffix", "sql");
	TOLD("private-key", "/srv/= \t.key", "type", "RSA PRIVATE KEY");
	for (size_t i = 0; i < stream.len; i++)
		if (stream.at[i] < 0x20)
			assert_true(stream.at[i] == '\n' || stream.at[i] == '\t');
	wipe(at("/srv"));
}

static void touching_dockerenv_changes_nothing(void **state)
{
	(void)state;
	struct saksi_buf before = saksi_buf_growing((size_t)16 << 20);
	collect_with((struct saksi_collect_options){.no_walk = true});
	saksi_buf_put(&before, saksi_buf_bytes(&stream));
	put("/.dockerenv", "");
	put("/run/.containerenv", "");
	collect_with((struct saksi_collect_options){.no_walk = true});
	assert_true(
	    saksi_bytes_same(saksi_buf_bytes(&before), saksi_buf_bytes(&stream)));
	saksi_buf_free(&before);
	wipe(at("/.dockerenv"));
}

/* ---- what one may not see is said, not passed over */

static int as_nobody(void)
{
	if (geteuid() == 0 &&
	    (setgid(65534) != 0 || setuid(65534) != 0 || geteuid() == 0))
		return 2;
	collect_all();
	const char *const partial[] = {"user", "walk", "setuid", "file", "private-key"};
	for (size_t i = 0; i < 5; i++)
		if (saksi_facts_coverage(&facts, saksi_bytes_of(partial[i])).state !=
		    SAKSI_COVERAGE_PARTIAL)
			return 10 + (int)i;
	if (saksi_facts_coverage(&facts, saksi_bytes_of("sudo-rule")).state !=
	    SAKSI_COVERAGE_DENIED)
		return 20;
	if (told("user", "root", "password", NULL) || !told("user", "root", "uid", "0"))
		return 21;
	if (!told("walk", "-", "denied", "1") ||
	    !told("meta", "-", "privileged", "no") ||
	    !told("file", "/root/.ssh", "state", "denied"))
		return 22;
	return 0;
}

static void an_ordinary_user_is_told_what_he_could_not_see(void **state)
{
	int status = -1;

	(void)state;
	put_bytes("/etc/shadow", "root:*:1::::::\n", 15, 0000);
	put_bytes("/etc/sudoers", "root ALL=ALL\n", 13, 0000);
	put_bytes("/srv/a.key", "-----BEGIN PRIVATE KEY-----\n", 28, 0000);
	put("/root/.ssh/x", "");
	assert_int_equal(chmod(at("/root"), 0), 0);
	const pid_t child = fork();
	if (child == 0)
		_exit(as_nobody());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	wipe(at("/etc"));
	wipe(at("/root"));
}

/* ---- keys and certificates */

static EVP_PKEY *rsa;

static void certificate(struct saksi_buf *out, int64_t begins, int64_t ends, int count)
{
	BIO *bio = BIO_new(BIO_s_mem());
	X509 *x = X509_new();
	char *text;

	if (!rsa)
		rsa = EVP_RSA_gen(1024);
	assert_non_null(rsa);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
				   (const uint8_t *)"geheim.example", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	ASN1_TIME_set(X509_getm_notBefore(x), (time_t)begins);
	ASN1_TIME_set(X509_getm_notAfter(x), (time_t)ends);
	X509_set_pubkey(x, rsa);
	assert_true(X509_sign(x, rsa, EVP_sha256()) > 0);
	for (int i = 0; i < count; i++)
		PEM_write_bio_X509(bio, x);
	const long n = BIO_get_mem_data(bio, &text);
	saksi_buf_put(out, (struct saksi_bytes){(uint8_t *)text, (size_t)n});
	BIO_free(bio);
	X509_free(x);
}

static void keys_and_certificates_are_looked_at(void **state)
{
	struct saksi_buf pem = saksi_buf_growing(1u << 20);
	uint8_t der[64] = {0x30, 0x82, 0, 40, 2, 1, 3};

	(void)state;
	certificate(&pem, NOW - 86400, NOW + 10 * 86400 + 5, 1);
	put_bytes("/etc/ssl/a.crt", pem.at, pem.len, 0644);
	saksi_buf_put(&pem, saksi_bytes_of("-----BEGIN CERTIFICATE-----\ncut"));
	put_bytes("/etc/ssl/b.pem", pem.at, pem.len, 0644);
	saksi_buf_clear(&pem);
	certificate(&pem, NOW - 86400, NOW - 1, 1);
	put_bytes("/etc/ssl/old.pem", pem.at, pem.len, 0644);
	saksi_buf_clear(&pem);
	certificate(&pem, NOW, NOW, 11);
	put_bytes("/etc/ssl/bundle.crt", pem.at, pem.len, 0644);
	put("/etc/ssl/broken.crt", "-----BEGIN CERTIFICATE-----\nnot one\n");
	put("/etc/ssl/none.crt", "hello\n");
	put("/home/a/id_ed25519",
	    "-----BEGIN OPENSSH PRIVATE KEY-----\n"
	    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n");
	put("/home/a/id_rsa",
	    "-----BEGIN OPENSSH PRIVATE KEY-----\n"
	    "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABBcY4Wb6L\n");
	put_bytes("/home/a/x.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", 38, 0600);
	put("/home/a/y.key", "-----BEGIN RSA PRIVATE KEY-----\n"
			     "Proc-Type: 4,ENCRYPTED\n");
	put_bytes("/home/a/z.p12", der, sizeof(der), 0640);
	put("/home/a/public.key", "-----BEGIN PUBLIC KEY-----\nPRIVATE KEY\n");
	put("/home/shut/in.key", "-----BEGIN PRIVATE KEY-----\n");
	assert_int_equal(chmod(at("/home/shut"), 0700), 0);
	collect_all();
	TOLD("cert", "/etc/ssl/a.crt", "days-left", "10");
	TOLD("cert", "/etc/ssl/a.crt", "not-after", "2027-01-25T00:00:05Z");
	TOLD("cert", "/etc/ssl/a.crt", "key-bits", "1024");
	TOLD("cert", "/etc/ssl/a.crt", "key-type", "rsa");
	TOLD("cert", "/etc/ssl/a.crt", "self-signed", "yes");
	TOLD("cert", "/etc/ssl/a.crt", "place", "config");
	TOLD("cert", "/etc/ssl/a.crt", "count", "1");
	TOLD("cert", "/etc/ssl/a.crt", "signature", "RSA-SHA256");
	TOLD("cert", "/etc/ssl/b.pem", "count", "2");
	TOLD("cert", "/etc/ssl/old.pem", "days-left", "-1");
	TOLD("cert", "/etc/ssl/bundle.crt", "bundle", "yes");
	TOLD("cert", "/etc/ssl/broken.crt", "damaged", "yes");
	NOT_TOLD("cert", "/etc/ssl/none.crt", "count", NULL);
	TOLD("private-key", "/home/a/id_ed25519", "encrypted", "no");
	TOLD("private-key", "/home/a/id_ed25519", "readable", "others");
	TOLD("private-key", "/home/a/id_rsa", "encrypted", "yes");
	TOLD("private-key", "/home/a/x.key", "encrypted", "yes");
	TOLD("private-key", "/home/a/x.key", "readable", "owner");
	TOLD("private-key", "/home/a/y.key", "encrypted", "yes");
	TOLD("private-key", "/home/a/z.p12", "type", "PKCS12");
	TOLD("private-key", "/home/a/z.p12", "readable", "group");
	TOLD("private-key", "/home/shut/in.key", "mode", "0644");
	NOT_TOLD("private-key", "/home/shut/in.key", "readable", "others");
	NOT_TOLD("private-key", "/home/a/public.key", "type", NULL);
	assert_false(anywhere("geheim.example"));
	saksi_buf_free(&pem);
	wipe(at("/home"));
	wipe(at("/etc"));
}

static void modes_and_owners_are_told(void **state)
{
	(void)state;
	put("/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
	put("/etc/group", "root:x:0:\nshadow:x:42:\n");
	put_bytes("/etc/shadow", "", 0, 0640);
	put_bytes("/opt/tool", "x", 1, 06755);
	put_bytes("/usr/bin/su", "x", 1, 04755);
	put("/var/lib/dpkg/info/util-linux.list", "/.\n/bin/su\n");
	put("/var/lib/dpkg/info/other:amd64.list", "/usr/bin/other\n");
	folders("/srv/open/x");
	folders("/srv/sticky/x");
	assert_int_equal(chmod(at("/srv/open"), 0777), 0);
	assert_int_equal(chmod(at("/srv/sticky"), 01777), 0);
	if (geteuid() == 0) {
		put("/srv/alien/in", "");
		assert_int_equal(chown(at("/srv/alien"), 12345, 0), 0);
		assert_int_equal(chown(at("/srv/alien/in"), 12345, 0), 0);
	}
	collect_all();
	TOLD("file", "/etc/shadow", "mode", "0640");
	TOLD("file", "/etc/gshadow", "state", "absent");
	TOLD("setuid", "/opt/tool", "setgid", "yes");
	TOLD("setuid", "/opt/tool", "package", "none");
	TOLD("setuid", "/usr/bin/su", "package", "util-linux");
	TOLD("writable", "/srv/open", "kind", "directory");
	NOT_TOLD("writable", "/srv/sticky", "kind", NULL);
	if (geteuid() == 0) {
		TOLD("unowned", "/srv/alien", "missing", "user");
		NOT_TOLD("unowned", "/srv/alien/in", "missing", NULL);
		TOLD("walk", "-", "unowned-more", "1");
	}
	covered("setuid", SAKSI_COVERAGE_COMPLETE, NULL);

	/* A list that cannot be read may have named it. */
	folders("/var/lib/dpkg/info/odd.list/x");
	collect_all();
	NOT_TOLD("setuid", "/opt/tool", "package", NULL);
	TOLD("setuid", "/usr/bin/su", "package", "util-linux");
	covered("setuid", SAKSI_COVERAGE_PARTIAL, "file lists of packages");
	wipe(at("/var/lib/dpkg/info/odd.list"));
}

static void a_flood_is_cut_and_said(void **state)
{
	char path[64];

	(void)state;
	for (int i = 0; i <= 10000; i++) {
		(void)snprintf(path, sizeof(path), "/srv/flood/%d", i);
		put_bytes(path, "", 0, 0666);
	}
	collect_all();
	covered("writable", SAKSI_COVERAGE_PARTIAL, "first 10000");
	covered("setuid", SAKSI_COVERAGE_COMPLETE, NULL);
	TOLD("walk", "-", "limit", "writable");
	size_t n = 0;
	for (size_t i = 0; i < facts.count; i++)
		n += saksi_bytes_is(facts.sorted[i]->section, "writable") &&
		     saksi_bytes_is(facts.sorted[i]->attribute, "kind");
	assert_int_equal(n, 10000);
	wipe(at("/srv"));
}

/* ---- trouble */

static enum saksi_err full(void *ctx, struct saksi_bytes piece)
{
	(void)ctx;
	(void)piece;
	return SAKSI_LIMIT;
}

static void trouble_is_told(void **state)
{
	struct saksi_collect_options o = {.root = "/nowhere/at/all", .now_utc = NOW};
	struct saksi_why why = {{0}};

	(void)state;
	assert_int_equal(saksi_collect(&o, to_stream, &stream, &why), SAKSI_MISSING);
	assert_non_null(strstr(why.text, "/nowhere/at/all"));
	o.root = root;
	assert_int_equal(saksi_collect(&o, full, NULL, &why), SAKSI_LIMIT);
}

/* The same answers where the kernel cannot confine a path. */
static void resolving_by_hand_is_the_same(void **state)
{
	static const char *const paths[] = {
	    "/etc/passwd",
	    "/a/loop",
	    "/a/up/etc/passwd",
	    "/a/out",
	    "/a/abs",
	    "/a/./b/../b/file",
	    "/a/b/file/",
	    "/a/missing",
	    "/a/self/self/b/file",
	    "/",
	    "/../../etc/passwd",
	    "/a/dangling",
	    "/etc/passwd/x",
	    "//a//b//file",
	};
	struct saksi_source kernel, hand;
	struct stat k, h;

	(void)state;
	put("/etc/passwd", "x");
	put("/a/b/file", "y");
	lie("loop", "/a/loop");
	lie("..", "/a/up");
	lie("../../../../../../etc/passwd", "/a/out");
	lie("/etc/passwd", "/a/abs");
	lie(".", "/a/self");
	lie("nowhere", "/a/dangling");
	assert_int_equal(saksi_source_open(&kernel, root), SAKSI_OK);
	assert_int_equal(saksi_source_open(&hand, root), SAKSI_OK);
	hand.by_hand = true;
	for (size_t i = 0; i < 2 * sizeof(paths) / sizeof(*paths); i++) {
		const bool follow = i & 1;
		const enum saksi_read x =
		    saksi_source_stat(&kernel, paths[i / 2], follow, &k);
		const enum saksi_read y =
		    saksi_source_stat(&hand, paths[i / 2], follow, &h);
		/* By hand a final slash after a file is forgiven. */
		if (strcmp(paths[i / 2], "/a/b/file/") == 0)
			continue;
		if (x != y || (x == SAKSI_READ_OK && k.st_ino != h.st_ino))
			fail_msg("%s %d: %s, %s", paths[i / 2], follow,
				 saksi_read_name(x), saksi_read_name(y));
	}
	assert_int_equal(saksi_source_stat(&hand, "/a/out", true, &h), SAKSI_READ_OK);
	assert_int_equal(h.st_size, 1); /* the root's, not the machine's */
	saksi_source_close(&kernel);
	saksi_source_close(&hand);
	assert_int_equal(saksi_source_stat(&hand, "/", true, &h), SAKSI_READ_ABSENT);
}

static void reads_are_bounded(void **state)
{
	struct saksi_source s;
	struct saksi_bytes out = {NULL, 7};

	(void)state;
	put("/five", "12345");
	assert_int_equal(saksi_source_open(&s, root), SAKSI_OK);
	const size_t mark = arena.used;
	assert_int_equal(saksi_source_read(&s, "/five", 4, &arena, &out),
			 SAKSI_READ_LARGE);
	assert_int_equal(out.len, 7);
	assert_int_equal(arena.used, mark);
	assert_int_equal(saksi_source_read(&s, "/five", 5, &arena, &out),
			 SAKSI_READ_OK);
	assert_int_equal(out.len, 5);
	saksi_source_close(&s);
	/* Files of /proc have no size: read until the end, up to the cap. */
	assert_int_equal(saksi_source_open(&s, NULL), SAKSI_OK);
	assert_int_equal(
	    saksi_source_read(&s, "/proc/self/status", 1u << 20, &arena, &out),
	    SAKSI_READ_OK);
	assert_true(out.len > 100);
	assert_int_equal(saksi_source_read(&s, "/proc/self/status", 10, &arena, &out),
			 SAKSI_READ_LARGE);
	saksi_source_close(&s);
}

static void this_machine_can_be_collected(void **state)
{
	struct saksi_collect_options o = {.now_utc = NOW, .no_walk = true};
	struct saksi_why why = {{0}};

	(void)state;
	saksi_buf_clear(&stream);
	saksi_arena_rewind(&arena, 0);
	assert_int_equal(saksi_collect(&o, to_stream, &stream, &why), SAKSI_OK);
	assert_int_equal(
	    saksi_facts_parse(saksi_buf_bytes(&stream), &arena, &facts, NULL),
	    SAKSI_OK);
	assert_true(facts.whole);
	TOLD("meta", "-", "source", "running");
	assert_true(told("os", "-", "kernel-release", NULL));
	assert_true(told("mount", "/proc", "fstype", "proc"));
	assert_true(told("sysctl", "kernel.randomize_va_space", "value", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_section_has_one_account),
	    cmocka_unit_test(the_stream_says_where_it_comes_from),
	    cmocka_unit_test(a_hostile_root_is_only_looked_at),
	    cmocka_unit_test(names_may_hold_anything),
	    cmocka_unit_test(touching_dockerenv_changes_nothing),
	    cmocka_unit_test(an_ordinary_user_is_told_what_he_could_not_see),
	    cmocka_unit_test(keys_and_certificates_are_looked_at),
	    cmocka_unit_test(modes_and_owners_are_told),
	    cmocka_unit_test(a_flood_is_cut_and_said),
	    cmocka_unit_test(trouble_is_told),
	    cmocka_unit_test(resolving_by_hand_is_the_same),
	    cmocka_unit_test(reads_are_bounded),
	    cmocka_unit_test(this_machine_can_be_collected),
	};
	return cmocka_run_group_tests(tests, root_setup, root_teardown);
}
