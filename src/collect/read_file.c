/* Modes and owners of the files that matter most. */
#include "collect/read_sections.h"
#include "collect/read_text.h"

#include <string.h>

static const char *const FIXED[] = {
    "/etc",
    "/etc/passwd",
    "/etc/passwd-",
    "/etc/shadow",
    "/etc/shadow-",
    "/etc/group",
    "/etc/group-",
    "/etc/gshadow",
    "/etc/gshadow-",
    "/etc/sudoers",
    "/etc/sudoers.d",
    "/etc/crontab",
    "/etc/cron.d",
    "/etc/cron.hourly",
    "/etc/cron.daily",
    "/etc/cron.weekly",
    "/etc/cron.monthly",
    "/etc/cron.allow",
    "/etc/cron.deny",
    "/etc/at.allow",
    "/etc/at.deny",
    "/etc/hosts.equiv",
    "/etc/hosts.allow",
    "/etc/hosts.deny",
    "/etc/issue",
    "/etc/issue.net",
    "/etc/motd",
    "/etc/profile",
    "/etc/bash.bashrc",
    "/etc/fstab",
    "/etc/crypttab",
    "/etc/exports",
    "/etc/securetty",
    "/etc/login.defs",
    "/etc/pam.d",
    "/etc/security",
    "/etc/security/opasswd",
    "/etc/sysctl.conf",
    "/etc/sysctl.d",
    "/etc/ssh",
    "/etc/ssh/sshd_config",
    "/etc/ssh/sshd_config.d",
    "/etc/ssl/private",
    "/etc/ld.so.preload",
    "/etc/ld.so.conf",
    "/etc/apt/sources.list",
    "/etc/rsyslog.conf",
    "/etc/audit",
    "/etc/audit/auditd.conf",
    "/etc/chrony/chrony.conf",
    "/etc/postgresql",
    "/etc/mysql",
    "/etc/mysql/debian.cnf",
    "/etc/mysql/my.cnf",
    "/etc/nginx",
    "/etc/nginx/nginx.conf",
    "/etc/apache2",
    "/etc/apache2/apache2.conf",
    "/etc/docker/daemon.json",
    "/etc/kubernetes",
    "/etc/selinux/config",
    "/etc/inetd.conf",
    "/etc/xinetd.d",
    "/etc/rc.local",
    "/etc/environment",
    "/etc/shells",
    "/etc/nologin",
    "/etc/machine-id",
    "/etc/NetworkManager/system-connections",
    "/etc/wireguard",
    "/etc/openvpn",
    "/etc/sssd/sssd.conf",
    "/etc/krb5.keytab",
    "/boot",
    "/boot/grub/grub.cfg",
    "/boot/grub2/grub.cfg",
    "/root",
    "/root/.ssh",
    "/root/.ssh/authorized_keys",
    "/root/.rhosts",
    "/root/.netrc",
    "/root/.pgpass",
    "/root/.my.cnf",
    "/root/.bash_history",
    "/root/.psql_history",
    "/root/.mysql_history",
    "/home",
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/var/log",
    "/var/log/auth.log",
    "/var/log/syslog",
    "/var/log/secure",
    "/var/log/messages",
    "/var/log/audit",
    "/var/log/btmp",
    "/var/log/wtmp",
    "/var/log/lastlog",
    "/var/log/journal",
    "/var/log/postgresql",
    "/var/log/mysql",
    "/var/log/nginx",
    "/var/log/apache2",
    "/var/spool/cron",
    "/var/spool/cron/crontabs",
    "/var/lib/postgresql",
    "/var/lib/mysql",
    "/var/lib/dpkg/status",
    "/var/backups",
    "/var/www",
    "/srv",
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/usr/bin/su",
    "/usr/bin/sudo",
    "/usr/bin/passwd",
    "/.rhosts",
};

static const char *const PATTERNS[] = {
    "/etc/ssh/ssh_host_*_key",
    "/etc/ssh/ssh_host_*_key.pub",
    "/etc/ssh/sshd_config.d/*",
    "/etc/sudoers.d/*",
    "/etc/postgresql/*/*/postgresql.conf",
    "/etc/postgresql/*/*/pg_hba.conf",
    "/etc/postgresql/*/*/pg_ident.conf",
    "/home/*/.rhosts",
    "/home/*/.netrc",
    "/home/*/.ssh",
    "/home/*/.pgpass",
    "/home/*/.my.cnf",
};

static const char *state_of(enum saksi_read r)
{
	if (r == SAKSI_READ_OK)
		return "present";
	if (r == SAKSI_READ_ABSENT)
		return "absent";
	return r == SAKSI_READ_DENIED ? "denied" : "other";
}

static void one(struct saksi_gather *g, const char *path)
{
	const struct saksi_bytes subject = saksi_bytes_of(path);
	struct stat st;
	char target[1024];
	enum saksi_read r = saksi_source_stat(&g->src, path, false, &st);

	if (r == SAKSI_READ_OK && S_ISLNK(st.st_mode)) {
		if (saksi_source_link(&g->src, path, target, sizeof(target)) ==
		    SAKSI_READ_OK)
			saksi_gather_puts(g, path, "target", target);
		r = saksi_source_stat(&g->src, path, true, &st);
	}
	saksi_gather_puts(g, path, "state", state_of(r));
	if (r == SAKSI_READ_DENIED)
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "some files are in folders that may not be entered");
	if (r != SAKSI_READ_OK)
		return;
	saksi_gather_puts(g, path, "kind", saksi_mode_kind(st.st_mode));
	saksi_gather_mode(g, subject, "mode", st.st_mode);
	saksi_gather_number(g, subject, "uid", st.st_uid);
	saksi_gather_number(g, subject, "gid", st.st_gid);
	const char *owner = saksi_ids_name(&g->users, st.st_uid);
	const char *group = saksi_ids_name(&g->groups, st.st_gid);
	if (owner)
		saksi_gather_puts(g, path, "owner", owner);
	if (group)
		saksi_gather_puts(g, path, "group", group);
}

void saksi_read_file(struct saksi_gather *g)
{
	saksi_gather_open(g, "file");
	for (size_t i = 0; i < sizeof(FIXED) / sizeof(*FIXED); i++)
		one(g, FIXED[i]);
	for (size_t i = 0; i < sizeof(PATTERNS) / sizeof(*PATTERNS); i++) {
		const struct saksi_names found = saksi_gather_glob(g, PATTERNS[i]);
		for (size_t j = 0; j < found.count; j++)
			one(g, found.at[j]);
	}
	saksi_gather_close(g);
}
