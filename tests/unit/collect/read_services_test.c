/* Settings and services: each reader against files as administrators write
 * them, and odd ones. */
#include "collect_help.h"

#include "collect/read_mount.h"
#include "collect/read_sections.h"

static void sshd_first_value_wins(void **state)
{
	(void)state;
	put("/usr/sbin/sshd", "");
	put("/etc/ssh/sshd_config",
	    "Include /etc/ssh/sshd_config.d/*.conf\n"
	    "#PermitRootLogin yes\nPermitRootLogin yes\nPermitRootLogin no\n"
	    "passwordauthentication=no\nPort 22\nPort 2222 # why\n"
	    "Ciphers \"aes256-ctr,aes128-ctr\"\nBanner\n"
	    "Match User bob,ana Address 10.0.0.0/8\n  PermitRootLogin "
	    "without-password\n"
	    "  X11Forwarding yes\nMatch all\nLogLevel VERBOSE\n");
	put("/etc/ssh/sshd_config.d/10-a.conf",
	    "PermitRootLogin prohibit-password\nMatch Group x\nMaxAuthTries 9\n");
	put("/etc/ssh/sshd_config.d/ignored", "PermitEmptyPasswords yes\n");
	put("/etc/ssh/moduli", "# x\n2020 2 6 100 4095 5 AA\n2020 2 6 100 2047 2 BB\n");
	collect();
	TOLD("sshd", "-", "present", "yes");
	TOLD("sshd", "-", "matches", "3");
	TOLD("sshd", "permitrootlogin", "value", "prohibit-password");
	TOLD("sshd", "permitrootlogin", "source", "/etc/ssh/sshd_config.d/10-a.conf:1");
	NOT_TOLD("sshd", "permitrootlogin", "value", "yes");
	TOLD("sshd", "passwordauthentication", "value", "no");
	TOLD("sshd", "port", "value", "22");
	TOLD("sshd", "port", "value", "2222");
	TOLD("sshd", "ciphers", "value", "aes256-ctr,aes128-ctr");
	TOLD("sshd", "loglevel", "value", "VERBOSE");
	TOLD("sshd", "x11forwarding", "from", "default");
	NOT_TOLD("sshd", "x11forwarding", "value", NULL);
	TOLD("sshd", "permitemptypasswords", "from", "default");
	TOLD("sshd-match", "1/maxauthtries", "criteria", "Group x");
	TOLD("sshd-match", "2/permitrootlogin", "value", "without-password");
	TOLD("sshd-match", "2/x11forwarding", "criteria",
	     "User bob,ana Address 10.0.0.0/8");
	TOLD("ssh-moduli", "-", "smallest", "2048");
	covered("sshd", SAKSI_COVERAGE_PARTIAL, "/etc/ssh/sshd_config:9");
	/* what follows an Include within a Match is of that Match still */
	put("/etc/ssh/sshd_config", "Match User bob\nInclude sshd_config.d/10-a.conf\n"
				    "X11Forwarding yes\n");
	collect();
	NOT_TOLD("sshd", "x11forwarding", "value", "yes");
	TOLD("sshd-match", "2/x11forwarding", "criteria", "User bob");
	put("/etc/ssh/sshd_config", "Include sshd_config\nUsePAM yes\n");
	collect();
	covered("sshd", SAKSI_COVERAGE_PARTIAL, "too many includes");
}

static void mounts_in_both_forms(void **state)
{
	struct saksi_mount m;
	char text[64];

	(void)state;
	assert_true(saksi_mount_line(
	    saksi_bytes_of("36 35 98:0 /a /mnt\\040x rw,noatime master:1 shared:2 - "
			   "ext4 /dev/root rw,errors=continue"),
	    &m));
	assert_true(saksi_bytes_is(m.type, "ext4"));
	assert_true(saksi_bytes_is(m.super, "rw,errors=continue"));
	assert_string_equal(saksi_mount_text(m.path, text, sizeof(text)), "/mnt x");
	assert_string_equal(saksi_mount_text(m.path, text, 4), "/mn");
	assert_false(saksi_mount_line(saksi_bytes_of("36 35 98:0 / /x rw"), &m));
	assert_false(
	    saksi_mount_line(saksi_bytes_of("1 2 3:4 / / rw x:1 ext4 d r"), &m));
	put("/etc/fstab",
	    "# x\nUUID=1 / ext4 defaults 0 1\n"
	    "/dev/b /var\\040log xfs nodev,nosuid 0 2\nswap none swap sw\n"
	    "h:/x /net nfs4 sec=krb5,password=geheim\nbad\n");
	collect();
	TOLD("mount", "/var log", "option", "nosuid");
	TOLD("mount", "/net", "network", "yes");
	TOLD("mount", "/", "fstab", "yes");
	covered("mount", SAKSI_COVERAGE_PARTIAL, "fstab:6");
	assert_false(anywhere("geheim"));
}

static void sysctl_in_the_kernels_order(void **state)
{
	(void)state;
	put("/usr/lib/sysctl.d/50-default.conf",
	    "kernel.sysrq = 16\nnet.ipv4.ip_forward=0\n");
	put("/etc/sysctl.d/50-default.conf", "kernel.sysrq = 438\n");
	put("/etc/sysctl.d/99-x.conf",
	    "-net/ipv4/ip_forward = 1\nkernel.printk = 3 4\t1   7\nodd\n"
	    "net/ipv4/conf/eth0.1/rp_filter=1\n");
	put("/etc/sysctl.conf", "net.ipv4.tcp_syncookies=1\n");
	put("/etc/sysctl.d/README", "kernel.sysrq = 1\n");
	collect();
	TOLD("sysctl", "kernel.sysrq", "configured", "438");
	TOLD("sysctl", "net.ipv4.ip_forward", "configured", "1");
	TOLD("sysctl", "net.ipv4.ip_forward", "source", "/etc/sysctl.d/99-x.conf:1");
	TOLD("sysctl", "kernel.printk", "configured", "3 4 1 7");
	TOLD("sysctl", "net.ipv4.conf.eth0/1.rp_filter", "configured", "1");
	TOLD("sysctl", "net.ipv4.tcp_syncookies", "configured", "1");
	NOT_TOLD("sysctl", "kernel.randomize_va_space", "value", NULL);
	covered("sysctl", SAKSI_COVERAGE_PARTIAL, "not what runs");
	covered("sysctl", SAKSI_COVERAGE_PARTIAL, "99-x.conf:3");
}

static void modules_that_cannot_load(void **state)
{
	(void)state;
	put("/etc/modprobe.d/a.conf",
	    "install usb-storage /bin/false\nblacklist cramfs\n"
	    "install x /sbin/modprobe y\n");
	put("/lib/modules/6.1/modules.dep", "kernel/fs/hfs/hfs.ko: a\n"
					    "kernel/drivers/usb-storage.ko.xz:\n");
	collect();
	TOLD("module", "usb_storage", "disabled", "yes");
	TOLD("module", "usb_storage", "available", "yes");
	TOLD("module", "hfs", "available", "yes");
	TOLD("module", "dccp", "available", "no");
	TOLD("module", "cramfs", "blacklisted", "yes");
	NOT_TOLD("module", "x", "disabled", "yes");
}

static void cron_keeps_programs_not_arguments(void **state)
{
	(void)state;
	put_bytes("/usr/local/bin/dump-db", "x", 1, 0777);
	put("/etc/crontab",
	    "SHELL=/bin/sh\nMAILTO = root\n# x\n"
	    "17 * * * * root cd / && /usr/local/bin/dump-db --password=geheim\n"
	    "@daily ana test -x /bin/a && /usr/local/bin/dump-db\n5 4 * *\n");
	put("/var/spool/cron/crontabs/ana", "0 1 * * * /home/ana/x.sh; rm y\n");
	put_bytes("/etc/cron.daily/backup", "#!/bin/sh\n", 10, 0757);
	collect();
	TOLD("cron", "/etc/crontab:4", "user", "root");
	TOLD("cron", "/etc/crontab:4", "program", "/usr/local/bin/dump-db");
	TOLD("cron", "/etc/crontab:4", "program-mode", "0777");
	TOLD("cron", "/etc/crontab:4", "file-mode", "0644");
	TOLD("cron", "/etc/crontab:5", "user", "ana");
	TOLD("cron", "/etc/crontab:5", "program", "/usr/local/bin/dump-db");
	TOLD("cron", "/var/spool/cron/crontabs/ana:1", "user", "ana");
	TOLD("cron", "/var/spool/cron/crontabs/ana:1", "program", "/home/ana/x.sh");
	TOLD("cron", "/var/spool/cron/crontabs/ana:1", "program-state", "absent");
	TOLD("cron", "/etc/cron.daily/backup", "program-mode", "0757");
	covered("cron", SAKSI_COVERAGE_PARTIAL, "/etc/crontab:6");
	assert_false(anywhere("geheim"));
}

static void units_and_their_drop_ins(void **state)
{
	(void)state;
	put("/usr/lib/systemd/system/a.service",
	    "[Unit]\nUser=no\n[Service]\nExecStart=-/usr/bin/a --token geheim\nUser=a\n"
	    "NoNewPrivileges=yes\nEnvironment=x\n[Install]\nWantedBy=multi-user."
	    "target\n");
	put("/etc/systemd/system/a.service.d/x.conf",
	    "[Service]\nNoNewPrivileges=no\nProtectSystem=strict\n");
	put("/usr/lib/systemd/system/b.service",
	    "[Service]\nExecStart=/b \\\nUser=c\n");
	put("/usr/lib/systemd/system/c.service", "[Install]\nWantedBy=x\n");
	put("/usr/lib/systemd/system/t.timer", "[Timer]\nOnCalendar=daily\n");
	put("/etc/init.d/old", "#!/bin/sh\n");
	folders("/etc/systemd/system/multi-user.target.wants/x");
	folders("/etc/rc2.d/x");
	assert_int_equal(symlink("/usr/lib/systemd/system/a.service",
				 at("/etc/systemd/system/multi-user.target.wants/"
				    "a.service")),
			 0);
	assert_int_equal(symlink("/dev/null", at("/etc/systemd/system/c.service")), 0);
	assert_int_equal(symlink("../init.d/old", at("/etc/rc2.d/S01old")), 0);
	collect();
	TOLD("unit", "a.service", "state", "enabled");
	TOLD("unit", "a.service", "program", "/usr/bin/a");
	TOLD("unit", "a.service", "user", "a");
	TOLD("unit", "a.service", "nonewprivileges", "no");
	TOLD("unit", "a.service", "protectsystem", "strict");
	TOLD("unit", "b.service", "state", "static");
	NOT_TOLD("unit", "b.service", "user", "c");
	TOLD("unit", "c.service", "state", "masked");
	TOLD("unit", "old.service", "state", "enabled");
	TOLD("timer", "t.timer", "enabled", "no");
	TOLD("timer", "t.timer", "calendar", "daily");
	TOLD("timer", "t.timer", "unit", "t.service");
	assert_false(anywhere("geheim"));
}

static void databases_are_read(void **state)
{
	(void)state;
	put("/etc/postgresql/15/main/postgresql.conf",
	    "data_directory = '/var/lib/postgresql/15/main'\nssl = off # no\n"
	    "listen_addresses = '*'\t# all\nport=5433\nlog_connections on\n"
	    "primary_conninfo = 'host=x password=geheim'\n"
	    "include_dir = 'conf.d'\n");
	put("/etc/postgresql/15/main/conf.d/a.conf",
	    "ssl = on\nPassword_Encryption = md5\n");
	put("/var/lib/postgresql/15/main/postgresql.auto.conf",
	    "log_connections = 'off'\n");
	put("/etc/postgresql/15/main/pg_hba.conf",
	    "# x\nlocal all postgres peer\nhost all,\"x y\" all 0.0.0.0/0 trust\n"
	    "host a b 10.0.0.0 255.0.0.0 md5\nhostssl all all ::1/128 scram-sha-256 "
	    "clientcert=1\nhost all all 0.0.0.0 0.0.0.0 password\nhost x\n");
	put("/usr/sbin/mariadbd", "");
	put("/etc/mysql/my.cnf",
	    "[client]\npassword=geheim\n[mysqld]\nbind_address = "
	    "127.0.0.1\nlocal-infile=1"
	    " # x\nskip-grant-tables\n!includedir /etc/mysql/conf.d/\n");
	put("/etc/mysql/conf.d/b.cnf", "[mysqld]\nbind-address=0.0.0.0\n");
	collect();
	TOLD("postgresql", "15/main", "ssl", "on");
	TOLD("postgresql", "15/main", "listen_addresses", "*");
	TOLD("postgresql", "15/main", "port", "5433");
	TOLD("postgresql", "15/main", "password_encryption", "md5");
	TOLD("postgresql", "15/main", "log_connections", "off");
	TOLD("postgresql", "15/main", "data", "/var/lib/postgresql/15/main");
#define HBA "/etc/postgresql/15/main/pg_hba.conf"
	TOLD("postgresql-hba", HBA ":2", "method", "peer");
	TOLD("postgresql-hba", HBA ":3", "wide", "yes");
	TOLD("postgresql-hba", HBA ":3", "method", "trust");
	TOLD("postgresql-hba", HBA ":4", "method", "md5");
	TOLD("postgresql-hba", HBA ":4", "wide", "no");
	TOLD("postgresql-hba", HBA ":5", "type", "hostssl");
	TOLD("postgresql-hba", HBA ":5", "wide", "no");
	TOLD("postgresql-hba", HBA ":6", "wide", "yes");
	TOLD("postgresql-hba", HBA ":2", "cluster", "15/main");
	covered("postgresql", SAKSI_COVERAGE_PARTIAL, HBA ":7");
	TOLD("mysql", "mysqld.bind-address", "value", "0.0.0.0");
	TOLD("mysql", "mysqld.local-infile", "value", "1");
	TOLD("mysql", "mysqld.skip-grant-tables", "value", "yes");
	TOLD("mysql", "client.password", "value", "(set)");
	assert_false(anywhere("geheim"));
}

static void web_servers_are_read(void **state)
{
	(void)state;
	put("/usr/sbin/nginx", "");
	put("/etc/nginx/nginx.conf",
	    "user www-data;\nhttp {\n  server_tokens off; # yes\n"
	    "  add_header X-Frame-Options \"DENY; x\";\n  include sites/*;\n"
	    "  ssl_protocols TLSv1 TLSv1.3;\n}\n");
	put("/etc/nginx/sites/a",
	    "server {\n  listen 80;\n  listen 443 ssl;\n  root /srv/votes/;\n"
	    "  location / { autoindex on; }\n"
	    "  location ~ /\\.(git|ht) { deny all; }\n"
	    "  ssl_protocols TLSv1.2;\n}\n"
	    "server {\n  listen 80; return 301 https://$host$request_uri; }\n");
	put("/srv/votes/old.sql.gz", "x");
	collect_all();
	TOLD("nginx", "-", "servers", "2");
	TOLD("nginx-server", "/etc/nginx/sites/a:1", "tls", "yes");
	TOLD("nginx-server", "/etc/nginx/sites/a:1", "autoindex", "on");
	TOLD("nginx-server", "/etc/nginx/sites/a:1", "server_tokens", "off");
	TOLD("nginx-server", "/etc/nginx/sites/a:1", "dotfiles-denied", "yes");
	TOLD("nginx-server", "/etc/nginx/sites/a:1", "ssl_protocols", "TLSv1.2");
	NOT_TOLD("nginx-server", "/etc/nginx/sites/a:1", "ssl_protocols", "TLSv1");
	TOLD("nginx-server", "/etc/nginx/sites/a:9", "redirects-to-tls", "yes");
	TOLD("nginx-server", "/etc/nginx/sites/a:9", "ssl_protocols", "TLSv1");
	TOLD("nginx-server", "/etc/nginx/sites/a:9", "header", "x-frame-options");
	covered("nginx", SAKSI_COVERAGE_COMPLETE, NULL);
	TOLD("dump", "/srv/votes/old.sql.gz", "web-root", "yes");
	put("/etc/nginx/sites/b", "server { content_by_lua_block { x = {1} } } oops");
	collect();
	covered("nginx-server", SAKSI_COVERAGE_PARTIAL, "program");

	put("/usr/sbin/apache2", "");
	put("/etc/apache2/apache2.conf",
	    "ServerTokens Full\nServerTokens Prod\nInclude sites/*.conf\n"
	    "LoadModule status_module x.so\n"
	    "<Directory \"/srv/a\">\n Options Indexes FollowSymLinks\n"
	    " AllowOverride None\n</Directory>\n");
	put("/etc/apache2/sites/x.conf",
	    "<VirtualHost *:443>\n <IfModule ssl>\n SSLEngine on\n </IfModule>\n"
	    " DocumentRoot /srv/a\n Header always set X-A \"b\"\n</VirtualHost>\n");
	put("/etc/php/8.2/apache2/php.ini", "; x\nexpose_php = On ; y\n");
	put("/etc/php/8.2/apache2/conf.d/z.ini", "[PHP]\ndisplay_errors=\"Off\"\n");
	collect();
	TOLD("apache", "-", "servertokens", "Prod");
	TOLD("apache", "-", "module", "status_module");
	TOLD("apache-directory", "/etc/apache2/apache2.conf:5", "option", "Indexes");
	TOLD("apache-directory", "/etc/apache2/apache2.conf:5", "path", "/srv/a");
	TOLD("apache-site", "/etc/apache2/sites/x.conf:1", "sslengine", "on");
	TOLD("apache-site", "/etc/apache2/sites/x.conf:1", "header", "x-a");
	TOLD("php", "8.2/apache2", "expose_php", "On");
	TOLD("php", "8.2/apache2", "display_errors", "Off");
}

static void guards_and_logs(void **state)
{
	(void)state;
	put("/usr/sbin/nft", "");
	put("/etc/nftables.conf",
	    "table inet filter {\n chain input {\n"
	    "  type filter hook input priority 0; policy drop;\n  tcp dport 22 accept\n"
	    "  ct state invalid drop\n }\n}\n");
	put("/etc/iptables/rules.v4",
	    "*nat\n:INPUT ACCEPT [0:0]\n-A INPUT -j X\n*filter\n"
	    ":INPUT DROP [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n");
	put("/etc/ufw/ufw.conf", "ENABLED=yes\n");
	put("/etc/default/ufw", "DEFAULT_INPUT_POLICY=\"DROP\"\n");
	put("/usr/sbin/chronyd", "");
	put("/etc/chrony/chrony.conf", "pool a iburst nts\nserver b\n#server c\n");
	put("/usr/sbin/rsyslogd", "");
	put("/etc/rsyslog.conf", "$FileCreateMode 0640\n*.* @@log.example:6514\n");
	put("/etc/rsyslog.d/a.conf", "*.* action(type=\"omfwd\" protocol=\"tcp\" "
				     "StreamDriver=\"gtls\" target=\"x\")\n");
	put("/usr/lib/systemd/systemd-journald", "");
	put("/etc/systemd/journald.conf",
	    "[Journal]\n#Storage=auto\nStorage=persistent\n");
	put("/etc/logrotate.conf", "weekly\nrotate 4\n/x {\n rotate 99\n}\n");
	put("/usr/sbin/auditd", "");
	put("/etc/audit/rules.d/a.rules",
	    "-w /etc/passwd -p wa -k id\n-a always,exit -S open,close -k x\n-e 2\n");
	put("/etc/audit/auditd.conf", "max_log_file_action = ROTATE\n");
	collect();
	TOLD("firewall", "-", "nft-input-policy", "drop");
	TOLD("firewall", "-", "nft-rules", "2");
	TOLD("firewall", "-", "iptables-rules", "1");
	TOLD("firewall", "-", "iptables-input-policy", "drop");
	TOLD("firewall", "-", "ufw-enabled", "yes");
	TOLD("firewall", "-", "ufw-input-policy", "drop");
	covered("firewall", SAKSI_COVERAGE_PARTIAL, "running kernel");
	TOLD("time", "-", "service", "chrony");
	TOLD("time", "-", "servers", "2");
	TOLD("time", "-", "nts", "yes");
	TOLD("logging", "-", "remote", "tcp");
	TOLD("logging", "-", "remote", "tls");
	TOLD("logging", "-", "rsyslog-filecreatemode", "0640");
	TOLD("logging", "-", "journal-persistent", "yes");
	TOLD("logging", "-", "logrotate-rotate", "4");
	NOT_TOLD("logging", "-", "logrotate-rotate", "99");
	TOLD("auditd", "-", "rules", "2");
	TOLD("auditd", "-", "watch", "/etc/passwd");
	TOLD("auditd", "-", "syscall", "close");
	TOLD("auditd", "-", "immutable", "yes");
	TOLD("auditd", "max_log_file_action", "value", "ROTATE");
	assert_false(anywhere("log.example"));
}

static struct saksi_facts_writer writer;

static void listen_text(const char *proto, const char *text)
{
	static struct saksi_collect_options o;
	struct saksi_gather g = {.o = &o, .w = &writer, .src = {.root = -1}};

	assert_int_equal(saksi_arena_map(&g.scratch, 1u << 20), SAKSI_OK);
	saksi_buf_clear(&stream);
	saksi_facts_begin(&writer, to_stream, &stream);
	saksi_gather_open(&g, "listen");
	saksi_read_listen_text(&g, proto, saksi_bytes_of(text));
	saksi_gather_close(&g);
	assert_int_equal(saksi_facts_end(&writer), SAKSI_OK);
	saksi_arena_end(&g.scratch);
	saksi_arena_rewind(&arena, 0);
	assert_int_equal(
	    saksi_facts_parse(saksi_buf_bytes(&stream), &arena, &facts, NULL),
	    SAKSI_OK);
}

#define HEAD                                                                           \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt " \
	"  "                                                                           \
	"uid  timeout inode\n"

static void sockets_are_told_with_their_reach(void **state)
{
	(void)state;
	/* As a little-endian kernel prints them. */
	if (*(const uint8_t *)&(const uint16_t){1} == 0)
		skip();
	listen_text(
	    "tcp",
	    HEAD "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 "
		 "00000000     0        0 111 1 0 100 0 0 10 0\n"
		 "   1: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 "
		 "00000000   113        0 112 1\n"
		 "   2: 0500000A:0050 0600000A:1234 01 00000000:00000000 00:00000000 "
		 "00000000     0        0 113 1\n"
		 "   3: 0501A8C0:0050 00000000:0000 0A 00000000:00000000 00:00000000 "
		 "00000000     0        0 114 1\n"
		 "garbage\n");
	TOLD("listen", "tcp/0.0.0.0/22", "scope", "any");
	TOLD("listen", "tcp/127.0.0.1/5432", "exposed", "no");
	TOLD("listen", "tcp/127.0.0.1/5432", "uid", "113");
	TOLD("listen", "tcp/192.168.1.5/80", "scope", "private");
	NOT_TOLD("listen", "tcp/10.0.0.5/80", "scope", NULL);
	covered("listen", SAKSI_COVERAGE_PARTIAL, "tcp:6");
	listen_text("tcp6",
		    HEAD "   0: 00000000000000000000000001000000:0277 "
			 "00000000000000000000000000000000:0000 0A 00000000:00000000 "
			 "00:00000000 00000000     0        0 115 1\n"
			 "   1: 0000000000000000FFFF000008080808:0277 "
			 "00000000000000000000000000000000:0000 0A 00000000:00000000 "
			 "00:00000000 00000000     0        0 116 1\n");
	TOLD("listen", "tcp6/::1/631", "scope", "loopback");
	TOLD("listen", "tcp6/::ffff:8.8.8.8/631", "scope", "public");
	covered("listen", SAKSI_COVERAGE_COMPLETE, NULL);
}

static void what_needs_a_kernel_is_absent_in_a_root(void **state)
{
	static const char *const sections[] = {"cpu", "listen"};

	(void)state;
	put("/proc/self/net/tcp", HEAD);
	put("/sys/devices/system/cpu/vulnerabilities/meltdown", "Vulnerable\n");
	put("/proc/sys/kernel/sysrq", "1\n");
	put("/proc/modules", "evil 1 2\n");
	put("/proc/cmdline", "evil=1\n");
	collect();
	for (size_t i = 0; i < 2; i++)
		covered(sections[i], SAKSI_COVERAGE_ABSENT, "running kernel");
	NOT_TOLD("sysctl", "kernel.sysrq", "value", NULL);
	assert_false(anywhere("evil"));
}

/* Each includes itself forty times over: a bound on depth alone never ends. */
static void files_that_include_themselves(void **state)
{
	static const struct {
		const char *section, *path, *line;
	} all[] = {
	    {"mysql", "/etc/mysql/my.cnf", "!include /etc/mysql/my.cnf\n"},
	    {"sshd", "/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config\n"},
	    {"pam", "/etc/pam.d/login", "@include login\n"},
	    {"postgresql", "/etc/postgresql/15/main/postgresql.conf",
	     "include 'postgresql.conf'\n"},
	    {"nginx", "/etc/nginx/nginx.conf", "include nginx.conf;\n"},
	    {"apache", "/etc/apache2/apache2.conf", "Include apache2.conf\n"},
	};
	char text[4096];

	(void)state;
	put_bytes("/usr/sbin/mysqld", "", 0, 0755);
	put_bytes("/usr/sbin/sshd", "", 0, 0755);
	put_bytes("/usr/sbin/nginx", "", 0, 0755);
	put_bytes("/usr/sbin/apache2", "", 0, 0755);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		size_t len = 0;

		for (int k = 0; k < 40; k++)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s",
						all[i].line);
		put(all[i].path, text);
	}
	collect();
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		covered(all[i].section, SAKSI_COVERAGE_PARTIAL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sshd_first_value_wins),
	    cmocka_unit_test(mounts_in_both_forms),
	    cmocka_unit_test(sysctl_in_the_kernels_order),
	    cmocka_unit_test(modules_that_cannot_load),
	    cmocka_unit_test(cron_keeps_programs_not_arguments),
	    cmocka_unit_test(units_and_their_drop_ins),
	    cmocka_unit_test(databases_are_read),
	    cmocka_unit_test(web_servers_are_read),
	    cmocka_unit_test(guards_and_logs),
	    cmocka_unit_test(sockets_are_told_with_their_reach),
	    cmocka_unit_test(what_needs_a_kernel_is_absent_in_a_root),
	    cmocka_unit_test(files_that_include_themselves),
	};
	return cmocka_run_group_tests(tests, root_setup, root_teardown);
}
