/* The table of sections, in the order they are read: accounts and packages
 * first, since others name owners by them; the walk last, since it is slow. */
#include "collect/collect.h"
#include "collect/collect_gather.h"
#include "collect/read_package.h"
#include "collect/read_sections.h"
#include "collect/read_walk.h"
#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEEP_CAP (48u << 20)
#define SCRATCH_CAP (48u << 20)

static const struct {
	const char *sections, *reads;
	void (*read)(struct saksi_gather *g);
} READERS[] = {
    {"group user ssh-key",
     "/etc/passwd /etc/group /etc/shadow, each home folder's mode and "
     ".ssh/authorized_keys (of a password only the name of its scheme is kept)",
     saksi_read_user},
    {"package", "/var/lib/dpkg/status /lib/apk/db/installed", saksi_read_package},
    {"os", "/etc/os-release /etc/debian_version, uname, /sbin/init", saksi_read_os},
    {"updates", "/var/lib/apt/lists", saksi_read_updates},
    {"apt apt-source", "/etc/apt", saksi_read_apt},
    {"cpu", "/sys/devices/system/cpu/vulnerabilities", saksi_read_cpu},
    {"mac", "/etc/apparmor.d /etc/selinux/config /sys/kernel/security /sys/fs/selinux",
     saksi_read_mac},
    {"boot", "/proc/cmdline /boot/grub/grub.cfg", saksi_read_boot},
    {"disk", "/sys/block/dm-* /proc/swaps /etc/crypttab", saksi_read_disk},
    {"login limits shell",
     "/etc/login.defs /etc/security/limits.conf /etc/security/limits.d "
     "/etc/profile /etc/profile.d /etc/bash.bashrc",
     saksi_read_login},
    {"sudo sudo-default sudo-rule", "/etc/sudoers and what it includes",
     saksi_read_sudo},
    {"pam pwquality faillock",
     "/etc/pam.d /etc/security/pwquality.conf /etc/security/faillock.conf",
     saksi_read_pam},
    {"file", "mode and owner, not the content, of a fixed list of files",
     saksi_read_file},
    {"mount", "/proc/self/mountinfo /etc/fstab", saksi_read_mount},
    {"sysctl", "/proc/sys /etc/sysctl.d /usr/lib/sysctl.d /etc/sysctl.conf",
     saksi_read_sysctl},
    {"module", "/proc/modules /etc/modprobe.d /usr/lib/modprobe.d, modules.dep",
     saksi_read_module},
    {"coredump", "/etc/systemd/coredump.conf", saksi_read_coredump},
    {"sshd sshd-match ssh-moduli",
     "/etc/ssh/sshd_config and what it includes, /etc/ssh/moduli", saksi_read_sshd},
    {"cron",
     "/etc/crontab /etc/cron.d /etc/cron.* /var/spool/cron (of a command "
     "only its program is kept)",
     saksi_read_cron},
    {"nfs", "/etc/exports /etc/exports.d", saksi_read_nfs},
    {"unit timer",
     "unit files below /etc/systemd /usr/lib/systemd /run/systemd, "
     "/etc/init.d",
     saksi_read_systemd},
    {"listen", "/proc/self/net and /proc/PID/fd (names of links, no content)",
     saksi_read_listen},
    {"firewall",
     "/etc/nftables.conf /etc/iptables /etc/sysconfig/iptables /etc/ufw "
     "/proc/modules",
     saksi_read_firewall},
    {"time",
     "/etc/chrony /etc/ntp.conf /etc/ntpsec /etc/systemd/timesyncd.conf, "
     "adjtimex",
     saksi_read_time},
    {"logging",
     "/etc/rsyslog.conf /etc/rsyslog.d /etc/systemd/journald.conf "
     "/etc/logrotate.conf",
     saksi_read_logging},
    {"auditd", "/etc/audit", saksi_read_auditd},
    {"postgresql postgresql-hba",
     "/etc/postgresql, postgresql.conf and pg_hba.conf of data folders",
     saksi_read_postgresql},
    {"mysql", "/etc/my.cnf /etc/mysql (passwords are not kept)", saksi_read_mysql},
    {"nginx nginx-server", "/etc/nginx", saksi_read_nginx},
    {"apache apache-site apache-directory", "/etc/apache2 /etc/httpd",
     saksi_read_apache},
    {"php", "/etc/php /etc/php.ini", saksi_read_php},
    {"walk setuid writable unowned private-key cert dump",
     "mode and owner of every file on local disks; the first 64 KiB of files named "
     "like keys and certificates",
     saksi_read_walk},
};

void saksi_collect_list(struct saksi_buf *out)
{
	for (size_t i = 0; i < sizeof(READERS) / sizeof(*READERS); i++) {
		saksi_buf_puts(out, READERS[i].sections);
		saksi_buf_puts(out, ": ");
		saksi_buf_puts(out, READERS[i].reads);
		saksi_buf_puts(out, "\n");
	}
}

static void time_fact(struct saksi_gather *g, const char *attribute, int64_t utc)
{
	char text[SAKSI_TIME_TEXT_LEN + 1];

	saksi_time_text(utc, text);
	saksi_facts_puts(g->w, "meta", "-", attribute, text);
}

static void meta(struct saksi_gather *g)
{
	const struct saksi_collect_options *o = g->o;
	char hex[2 * 64 + 1];

	if (o->collector)
		saksi_facts_puts(g->w, "meta", "-", "collector", o->collector);
	if (o->nonce.len > 0 && o->nonce.len <= 64) {
		saksi_text_to_hex(o->nonce.at, o->nonce.len, hex);
		saksi_facts_puts(g->w, "meta", "-", "nonce", hex);
	}
	if (o->checkpoint_root) {
		char size[24];
		snprintf(size, sizeof(size), "%llu",
			 (unsigned long long)o->checkpoint_size);
		saksi_text_to_hex(o->checkpoint_root->b, SAKSI_HASH_LEN, hex);
		saksi_facts_puts(g->w, "meta", "-", "checkpoint-size", size);
		saksi_facts_puts(g->w, "meta", "-", "checkpoint-root", hex);
	}
	time_fact(g, "began", o->now_utc);
	saksi_facts_puts(g->w, "meta", "-", "source",
			 g->src.running ? "running" : "root");
	saksi_facts_puts(g->w, "meta", "-", "privileged",
			 geteuid() == 0 ? "yes" : "no");
}

/* Where pages come from when no configuration says otherwise. */
static void default_web_roots(struct saksi_gather *g)
{
	static const char *const usual[] = {"/var/www", "/srv/www", "/srv/http",
					    "/usr/share/nginx/html"};

	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		saksi_read_web_root(g, saksi_bytes_of(usual[i]));
}

static enum saksi_err begin(struct saksi_gather *g, struct saksi_why *why)
{
	const char *root = g->o->root;

	if (saksi_arena_map(&g->keep, KEEP_CAP) != SAKSI_OK ||
	    saksi_arena_map(&g->scratch, SCRATCH_CAP) != SAKSI_OK)
		return saksi_why_set(why, SAKSI_NOMEM, "no memory to collect facts");
	g->web_roots.at = saksi_arena_new(&g->keep, 256, sizeof(*g->web_roots.at));
	const enum saksi_err err = saksi_source_open(&g->src, root);
	if (err != SAKSI_OK)
		return saksi_why_set(why, err,
				     "%s: this folder cannot be opened; name the root "
				     "of a system's files",
				     root ? root : "/");
	g->src.reads = g->o->reads;
	g->src.ctx = g->o->ctx;
	return SAKSI_OK;
}

static void end(struct saksi_gather *g)
{
	if (g->packages)
		free(g->packages->at);
	free(g->users.at);
	free(g->groups.at);
	saksi_source_close(&g->src);
	saksi_arena_end(&g->keep);
	saksi_arena_end(&g->scratch);
}

enum saksi_err saksi_collect(const struct saksi_collect_options *o,
			     saksi_facts_sink *sink, void *ctx, struct saksi_why *why)
{
	struct saksi_facts_writer *w = malloc(sizeof(*w));
	struct saksi_gather g = {.o = o, .w = w, .why = why, .src = {.root = -1}};

	if (!w)
		return saksi_why_set(why, SAKSI_NOMEM, "no memory to collect facts");
	enum saksi_err err = begin(&g, why);
	if (err == SAKSI_OK) {
		saksi_facts_begin(w, sink, ctx);
		meta(&g);
		default_web_roots(&g);
		for (size_t i = 0;
		     i < sizeof(READERS) / sizeof(*READERS) && w->err == SAKSI_OK; i++)
			READERS[i].read(&g);
		const enum saksi_err more =
		    o->more ? o->more(o->more_ctx, w) : SAKSI_OK;
		if (o->clock)
			time_fact(&g, "ended", o->clock());
		saksi_facts_cover(w, "meta", SAKSI_COVERAGE_COMPLETE, "");
		err = more != SAKSI_OK ? more : saksi_facts_end(w);
		if (err != SAKSI_OK)
			err = saksi_why_set(why, err,
					    "the facts could not be written: %s",
					    saksi_err_name(err));
	}
	end(&g);
	free(w);
	return err;
}
