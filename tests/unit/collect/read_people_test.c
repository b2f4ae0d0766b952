/* Accounts, passwords, keys, sudo, PAM. */
#include "collect_help.h"

static const char HASH[] = "$y$j9T$aaaaaaaaaaaaaaaaaaaaaa$bbbbbbbbbbbbbbbbbbbbbbbbbbb";

static void accounts(void)
{
	char shadow[2048];

	put("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n"
			   "toor:x:0:0::/root:/bin/sh\n"
			   "daemon:*:1:1:d:/usr/sbin:/usr/sbin/nologin\n"
			   "ana:x:1000:1000:Ana Example,,555:/home/ana:/bin/bash\n"
			   "old:$1$abc$defghijklmnopqrstuvwx.:1001:77::/home/old:\n"
			   "x\ty:x:1002:1000::/nowhere:/bin/bash\n"
			   "broken line\n");
	put("/etc/group", "root:x:0:\nsudo:x:27:ana,bob\nana:x:1000:\nwheel:!:27:\n"
			  "open:pw:30:\n");
	(void)snprintf(
	    shadow, sizeof(shadow),
	    "root:*:20000:0:99999:7:::\ntoor::20000:0:99999:7:::\n"
	    "daemon:!:20000::::::\nana:%s:20000:1:90:7:30:21000:\n"
	    "bob:!$6$rounds=65536$s$hhhhhhhhhhhhhhh:1::::::\n"
	    "des:abcdefghijklm:1::::::\nbc:$2b$12$aaaaaaaaaaaaaaaaaaa:1::::::\n"
	    "never:!!:1::::::\n",
	    HASH);
	put("/etc/shadow", shadow);
}

static void accounts_are_told_without_secrets(void **state)
{
	(void)state;
	accounts();
	put("/home/ana/.profile", "");
	assert_int_equal(chmod(at("/home/ana"), 0750), 0);
	collect();
	TOLD("user", "root", "uid-shared", "yes");
	TOLD("user", "toor", "password", "empty");
	TOLD("user", "daemon", "login", "no");
	TOLD("user", "daemon", "shadowed", "no");
	TOLD("user", "ana", "login", "yes");
	TOLD("user", "ana", "password", "set");
	TOLD("user", "ana", "hash", "yescrypt");
	TOLD("user", "ana", "max-days", "90");
	TOLD("user", "ana", "expire-days", "21000");
	TOLD("user", "ana", "changed-days-ago", "833");
	TOLD("user", "ana", "home-mode", "0750");
	TOLD("user", "ana", "group-exists", "yes");
	TOLD("user", "old", "hash", "md5");
	TOLD("user", "old", "group-exists", "no");
	TOLD("user", "old", "login", "yes"); /* an empty shell is a shell */
	TOLD("user", "bob", "password", "locked");
	TOLD("user", "bob", "hash", "sha512");
	TOLD("user", "bob", "rounds", "65536");
	TOLD("user", "des", "hash", "des");
	TOLD("user", "bc", "hash", "bcrypt");
	TOLD("user", "never", "password", "none");
	TOLD("user", "root", "password", "none");
	NOT_TOLD("user", "root", "hash", NULL);
	TOLD("user", "x\ty", "home-state", "absent");
	covered("user", SAKSI_COVERAGE_PARTIAL, "/etc/passwd:7");
	put("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n+::::::\n");
	collect();
	covered("user", SAKSI_COVERAGE_PARTIAL, "NIS");
	accounts();
	collect();
	TOLD("group", "sudo", "member", "bob");
	TOLD("group", "sudo", "gid-shared", "yes");
	TOLD("group", "open", "password", "set");
	/* Neither a hash, nor a salt, nor a person's name. */
	assert_false(anywhere("j9T"));
	assert_false(anywhere("bbbbbbbb"));
	assert_false(anywhere("$1$abc"));
	assert_false(anywhere("defghij"));
	assert_false(anywhere("hhhhhhhh"));
	assert_false(anywhere("Ana Example"));
}

static void keys_that_let_in(void **state)
{
	char key[1024] = "ssh-rsa AAAA";

	(void)state;
	memset(key + 12, 'B', 532);
	strcpy(key + 544, " ana@laptop\n# no\nfrom=\"10.0.0.1\",no-pty ssh-ed25519 "
			  "AAAAC3 who\nssh-dss AAAAB3 x\n");
	put("/home/ana/.ssh/authorized_keys", key);
	assert_int_equal(chmod(at("/home/ana/.ssh/authorized_keys"), 0666), 0);
	collect();
	TOLD("ssh-key", "/home/ana/.ssh/authorized_keys:1", "bits", "3072");
	TOLD("ssh-key", "/home/ana/.ssh/authorized_keys:1", "user", "ana");
	TOLD("ssh-key", "/home/ana/.ssh/authorized_keys:1", "restricted", "no");
	TOLD("ssh-key", "/home/ana/.ssh/authorized_keys:1", "mode", "0666");
	TOLD("ssh-key", "/home/ana/.ssh/authorized_keys:3", "type", "ssh-ed25519");
	TOLD("ssh-key", "/home/ana/.ssh/authorized_keys:3", "restricted", "yes");
	TOLD("ssh-key", "/home/ana/.ssh/authorized_keys:4", "type", "ssh-dss");
	assert_false(anywhere("laptop"));
}

static void missing_accounts_are_not_silent(void **state)
{
	(void)state;
	assert_int_equal(unlink(at("/etc/shadow")), 0);
	collect();
	covered("user", SAKSI_COVERAGE_PARTIAL, "/etc/shadow");
	assert_int_equal(unlink(at("/etc/passwd")), 0);
	collect();
	covered("user", SAKSI_COVERAGE_UNREAD, "not there");
	covered("ssh-key", SAKSI_COVERAGE_UNREAD, "not known");
	accounts();
}

static void login_settings(void **state)
{
	(void)state;
	put("/etc/login.defs", "# x\nPASS_MAX_DAYS\t99999\nUMASK 022 # why\n"
			       "PASS_MAX_DAYS 90\nENCRYPT_METHOD=YESCRYPT\n");
	put("/etc/security/limits.conf", "* hard core 0\n# x\n");
	put("/etc/profile", "if x; then\n  umask 027\nfi\nTMOUT=900; export TMOUT\n");
	put("/etc/security/pwquality.conf",
	    "minlen = 14\n# dcredit = 1\nenforce_for_root\n");
	collect();
	TOLD("login", "PASS_MAX_DAYS", "value", "90");
	TOLD("login", "PASS_MAX_DAYS", "source", "/etc/login.defs:4");
	TOLD("login", "UMASK", "value", "022");
	TOLD("login", "ENCRYPT_METHOD", "value", "YESCRYPT");
	TOLD("limits", "/etc/security/limits.conf:1", "item", "core");
	TOLD("shell", "-", "umask", "027");
	TOLD("shell", "-", "tmout", "900");
	TOLD("pwquality", "minlen", "value", "14");
	TOLD("pwquality", "enforce_for_root", "value", "yes");
	NOT_TOLD("pwquality", "dcredit", "value", NULL);
	covered("faillock", SAKSI_COVERAGE_ABSENT, "faillock.conf");
}

static void sudoers_are_read_as_sudo_does(void **state)
{
	(void)state;
	put("/etc/sudoers",
	    "# comment\nDefaults env_reset, !lecture\nDefaults use_pty\n"
	    "Defaults\tsecure_path=\"/usr/sbin:/usr/bin\"\n"
	    "Defaults:bob !authenticate\nDefaults !env_reset\n"
	    "User_Alias ADMINS = ana, %wheel\n"
	    "root ALL=(ALL:ALL) ALL\n"
	    "%sudo\tALL=(ALL:ALL) ALL\n"
	    "ADMINS ALL = (root) NOPASSWD: SHELLS, PASSWD: /usr/bin/less /var/log/*\n"
	    "Cmnd_Alias SHELLS = /bin/sh, \\\n\t/bin/bash -l\n"
	    "dev, ops web1,web2 = /bin/true, !/bin/su, NOPASSWD: ALL\n"
	    "@includedir /etc/sudoers.d\n"
	    "what is this\n");
	put("/etc/sudoers.d/10-ci", "ci ALL=(ALL) NOPASSWD:ALL\n");
	put("/etc/sudoers.d/ignored.bak", "evil ALL=(ALL) NOPASSWD:ALL\n");
	collect();
	TOLD("sudo", "-", "present", "yes");
	TOLD("sudo", "-", "file", "/etc/sudoers.d/10-ci");
	TOLD("sudo-default", "env_reset", "value", "no"); /* the last one */
	TOLD("sudo-default", "env_reset", "source", "/etc/sudoers:6");
	TOLD("sudo-default", "lecture", "value", "no");
	TOLD("sudo-default", "use_pty", "value", "yes");
	TOLD("sudo-default", "secure_path", "value", "/usr/sbin:/usr/bin");
	TOLD("sudo-default", "authenticate :bob", "scope", ":bob");
	TOLD("sudo-rule", "/etc/sudoers:8#1", "who", "root");
	TOLD("sudo-rule", "/etc/sudoers:8#1", "all", "yes");
	TOLD("sudo-rule", "/etc/sudoers:8#1", "nopasswd", "no");
	TOLD("sudo-rule", "/etc/sudoers:9#1", "who", "%sudo");
	TOLD("sudo-rule", "/etc/sudoers:10#1", "who", "%wheel");
	TOLD("sudo-rule", "/etc/sudoers:10#1", "nopasswd", "yes");
	TOLD("sudo-rule", "/etc/sudoers:10#1", "all", "no");
	TOLD("sudo-rule", "/etc/sudoers:10#1", "command", "/bin/bash");
	TOLD("sudo-rule", "/etc/sudoers:10#1", "command", "/usr/bin/less");
	TOLD("sudo-rule", "/etc/sudoers:10#1", "runas", "root");
	TOLD("sudo-rule", "/etc/sudoers:13#1", "who", "ops");
	TOLD("sudo-rule", "/etc/sudoers:13#1", "host", "web2");
	TOLD("sudo-rule", "/etc/sudoers:13#1", "all", "yes");
	TOLD("sudo-rule", "/etc/sudoers:13#1", "negated", "yes");
	TOLD("sudo-rule", "/etc/sudoers:13#1", "command", "!/bin/su");
	TOLD("sudo-rule", "/etc/sudoers.d/10-ci:1#1", "nopasswd", "yes");
	TOLD("sudo-rule", "/etc/sudoers.d/10-ci:1#1", "all", "yes");
	covered("sudo-rule", SAKSI_COVERAGE_PARTIAL, "/etc/sudoers:15");
	assert_false(anywhere("evil"));
	assert_false(anywhere("/var/log/*"));
}

static void a_loop_of_includes_ends(void **state)
{
	(void)state;
	put("/etc/sudoers", "@include /etc/sudoers\nroot ALL=(ALL) ALL\n");
	collect();
	covered("sudo", SAKSI_COVERAGE_PARTIAL, "too many includes");
	wipe(at("/etc/sudoers"));
	wipe(at("/etc/sudoers.d"));
	collect();
	covered("sudo-rule", SAKSI_COVERAGE_ABSENT, "not installed");
	TOLD("sudo", "-", "present", "no");
}

static void pam_stacks_are_flat(void **state)
{
	(void)state;
	put("/etc/pam.d/common-password",
	    "password [success=1 default=ignore] pam_unix.so obscure yescrypt\n"
	    "password requisite /lib/security/pam_deny.so\n");
	put("/etc/pam.d/passwd", "@include common-password\n");
	put("/etc/pam.d/system-auth", "auth required pam_faillock.so deny=5\n");
	put("/etc/pam.d/login", "-auth optional pam_x.so\nauth include system-auth\n"
				"auth substack nowhere\naccount\n");
	put("/etc/pam.d/loop", "auth include loop\n");
	collect();
	TOLD("pam", "passwd/password/01", "module", "pam_unix.so");
	TOLD("pam", "passwd/password/01", "control", "[success=1 default=ignore]");
	TOLD("pam", "passwd/password/01", "arg", "yescrypt");
	TOLD("pam", "passwd/password/02", "module", "pam_deny.so");
	TOLD("pam", "passwd/password/02", "source", "/etc/pam.d/common-password:2");
	TOLD("pam", "login/auth/01", "module", "pam_x.so");
	TOLD("pam", "login/auth/02", "arg", "deny=5");
	TOLD("pam", "login/auth/02", "service", "login");
	covered("pam", SAKSI_COVERAGE_PARTIAL, "nowhere");
	covered("pam", SAKSI_COVERAGE_PARTIAL, "/etc/pam.d/login:4");
	covered("pam", SAKSI_COVERAGE_PARTIAL, "too deep");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(accounts_are_told_without_secrets),
	    cmocka_unit_test(keys_that_let_in),
	    cmocka_unit_test(missing_accounts_are_not_silent),
	    cmocka_unit_test(login_settings),
	    cmocka_unit_test(sudoers_are_read_as_sudo_does),
	    cmocka_unit_test(a_loop_of_includes_ends),
	    cmocka_unit_test(pam_stacks_are_flat),
	};
	return cmocka_run_group_tests(tests, root_setup, root_teardown);
}
