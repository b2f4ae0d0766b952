/* The clock, the logs, and the audit daemon. */
#include "collect/read_sections.h"
#include "collect/read_text.h"

#include <string.h>
#include <sys/timex.h>

static bool service(struct saksi_gather *g, const char *name, const char *program,
		    const char *const units[2])
{
	const bool there = saksi_gather_exists(g, program);

	if (!there)
		return false;
	saksi_gather_puts(g, "-", "service", name);
	for (size_t i = 0; i < 2 && units[i]; i++)
		if (saksi_gather_enabled(g, units[i])) {
			saksi_gather_puts(g, "-", "enabled", name);
			break;
		}
	return true;
}

/* ---- time */

struct servers {
	int64_t count;
	bool nts;
};

static void time_lines(struct saksi_gather *g, const char *path, struct servers *s)
{
	static const char *const words[] = {"server", "servers", "pool", "peer",
					    "refclock"};
	struct saksi_lines lines = {0};
	struct saksi_bytes line, word, rest;

	if (!saksi_gather_exists(g, path) || !saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#!%;", &line)) {
		rest = line;
		if (!saksi_text_word(&rest, NULL, &word))
			continue;
		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
			s->count += saksi_text_is(word, words[i]);
		s->nts |= saksi_text_has(line, " nts");
		/* timesyncd: NTP=a b c */
		if (saksi_text_cut(line, '=', &word, &rest) &&
		    (saksi_bytes_is(word, "NTP") ||
		     saksi_bytes_is(word, "FallbackNTP")))
			while (saksi_text_word(&rest, NULL, &word))
				s->count++;
	}
}

static void kernel_clock(struct saksi_gather *g)
{
	struct timex t = {.modes = 0}; /* reads, sets nothing */
	const int state = adjtimex(&t);

	if (state >= 0)
		saksi_gather_yes(g, saksi_bytes_of("-"), "synchronised",
				 state != TIME_ERROR && !(t.status & STA_UNSYNC));
	else
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "the kernel does not tell whether the clock is set");
}

void saksi_read_time(struct saksi_gather *g)
{
	static const char *const configs[] = {
	    "/etc/chrony/chrony.conf", "/etc/chrony.conf",
	    "/etc/ntp.conf",           "/etc/ntpsec/ntp.conf",
	    "/etc/openntpd/ntpd.conf", "/etc/systemd/timesyncd.conf",
	};
	struct servers s = {0};

	saksi_gather_open(g, "time");
	service(g, "chrony", "/usr/sbin/chronyd",
		(const char *const[2]){"chrony", "chronyd"});
	if (saksi_gather_exists(g, "/etc/ntpsec/ntp.conf"))
		service(g, "ntpsec", "/usr/sbin/ntpd",
			(const char *const[2]){"ntpsec", "ntp"});
	else if (saksi_gather_exists(g, "/etc/openntpd/ntpd.conf"))
		service(g, "openntpd", "/usr/sbin/ntpd",
			(const char *const[2]){"openntpd", NULL});
	else
		service(g, "ntp", "/usr/sbin/ntpd",
			(const char *const[2]){"ntp", "ntpd"});
	service(g, "timesyncd", "/usr/lib/systemd/systemd-timesyncd",
		(const char *const[2]){"systemd-timesyncd", NULL});
	for (size_t i = 0; i < sizeof(configs) / sizeof(*configs); i++)
		time_lines(g, configs[i], &s);
	static const char *const drops[] = {"/etc/chrony/conf.d/*.conf",
					    "/etc/chrony/sources.d/*.sources",
					    "/etc/systemd/timesyncd.conf.d/*.conf"};
	for (size_t i = 0; i < 3; i++) {
		const struct saksi_names files = saksi_gather_glob(g, drops[i]);
		for (size_t j = 0; j < files.count; j++)
			time_lines(g, files.at[j], &s);
	}
	saksi_gather_number(g, saksi_bytes_of("-"), "servers", s.count);
	saksi_gather_yes(g, saksi_bytes_of("-"), "nts", s.nts);
	if (g->src.running)
		kernel_clock(g);
	saksi_gather_close(g);
}

/* ---- logs */

/* "*.* @host" is UDP, "@@host" TCP; action(type="omfwd" ... protocol="tcp") */
static void rsyslog_file(struct saksi_gather *g, const char *path)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, word, rest;

	if (!saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#", &line)) {
		const char *how = NULL;
		rest = line;
		if (!saksi_text_word(&rest, NULL, &word))
			continue;
		rest = saksi_text_trim(rest);
		if (saksi_text_is(word, "$FileCreateMode"))
			saksi_gather_put(g, saksi_bytes_of("-"),
					 "rsyslog-filecreatemode", rest);
		else if (saksi_bytes_starts(rest, "@@"))
			how = "tcp";
		else if (saksi_bytes_starts(rest, "@"))
			how = "udp";
		else if (saksi_text_has(line, "\"omrelp\""))
			how = "relp";
		else if (saksi_text_has(line, "\"omfwd\""))
			how =
			    saksi_text_has(line, "gtls") || saksi_text_has(line, "ossl")
				? "tls"
			    : saksi_text_has(line, "\"tcp\"") ? "tcp"
							      : "udp";
		if (how)
			saksi_gather_puts(g, "-", "remote", how);
	}
}

struct journal {
	const char *storage;
	struct saksi_bytes retention;
};

static void journal_file(struct saksi_gather *g, const char *path, struct journal *j)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, key, value;

	if (!saksi_gather_exists(g, path) || !saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#;", &line)) {
		if (!saksi_text_cut(line, '=', &key, &value))
			continue;
		if (saksi_bytes_is(key, "Storage"))
			j->storage = saksi_gather_cstr(g, value);
		else if (saksi_bytes_is(key, "MaxRetentionSec"))
			j->retention = value;
	}
}

static void journald(struct saksi_gather *g)
{
	struct journal j = {.storage = "auto"};
	static const char *const patterns[] = {
	    "/usr/lib/systemd/journald.conf.d/*.conf",
	    "/run/systemd/journald.conf.d/*.conf",
	    "/etc/systemd/journald.conf.d/*.conf"};

	if (!service(g, "journald", "/usr/lib/systemd/systemd-journald",
		     (const char *const[2]){"systemd-journald", NULL}))
		return;
	journal_file(g, "/etc/systemd/journald.conf", &j);
	for (size_t i = 0; i < 3; i++) {
		const struct saksi_names files = saksi_gather_glob(g, patterns[i]);
		for (size_t k = 0; k < files.count; k++)
			journal_file(g, files.at[k], &j);
	}
	saksi_gather_puts(g, "-", "journal-storage", j.storage);
	saksi_gather_yes(g, saksi_bytes_of("-"), "journal-persistent",
			 strcmp(j.storage, "persistent") == 0 ||
			     (strcmp(j.storage, "auto") == 0 &&
			      saksi_gather_exists(g, "/var/log/journal")));
	if (j.retention.len > 0)
		saksi_gather_put(g, saksi_bytes_of("-"), "journal-maxretention",
				 j.retention);
}

static void logrotate(struct saksi_gather *g)
{
	static const char path[] = "/etc/logrotate.conf";
	struct saksi_lines lines = {0};
	struct saksi_bytes line, word;
	const bool there = saksi_gather_exists(g, path);
	unsigned depth = 0;

	saksi_gather_yes(g, saksi_bytes_of("-"), "logrotate", there);
	if (!there || !saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#", &line)) {
		depth += saksi_text_has(line, "{");
		depth -= saksi_text_has(line, "}") && depth > 0;
		if (depth > 0 || !saksi_text_word(&line, NULL, &word))
			continue;
		if (saksi_bytes_is(word, "rotate"))
			saksi_gather_put(g, saksi_bytes_of("-"), "logrotate-rotate",
					 saksi_text_trim(line));
		else if (saksi_bytes_is(word, "daily") ||
			 saksi_bytes_is(word, "weekly") ||
			 saksi_bytes_is(word, "monthly") ||
			 saksi_bytes_is(word, "yearly"))
			saksi_gather_put(g, saksi_bytes_of("-"), "logrotate-period",
					 word);
	}
}

void saksi_read_logging(struct saksi_gather *g)
{
	saksi_gather_open(g, "logging");
	if (service(g, "rsyslog", "/usr/sbin/rsyslogd",
		    (const char *const[2]){"rsyslog", NULL})) {
		const struct saksi_names more =
		    saksi_gather_glob(g, "/etc/rsyslog.d/*.conf");
		rsyslog_file(g, "/etc/rsyslog.conf");
		for (size_t i = 0; i < more.count; i++)
			rsyslog_file(g, more.at[i]);
	}
	if (service(g, "syslog-ng", "/usr/sbin/syslog-ng",
		    (const char *const[2]){"syslog-ng", NULL}))
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "syslog-ng's configuration is not read");
	journald(g);
	service(g, "journal-upload", "/usr/lib/systemd/systemd-journal-upload",
		(const char *const[2]){"systemd-journal-upload", NULL});
	logrotate(g);
	saksi_gather_close(g);
}

/* ---- auditd */

struct audit_rules {
	int64_t count;
	bool immutable;
};

static void audit_rules_file(struct saksi_gather *g, const char *path,
			     struct audit_rules *a)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, word, value;

	if (!saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#", &line)) {
		bool rule = false;
		while (saksi_text_word(&line, NULL, &word)) {
			if (saksi_bytes_is(word, "-w") &&
			    saksi_text_word(&line, NULL, &value)) {
				rule = true;
				saksi_gather_put(g, saksi_bytes_of("-"), "watch",
						 value);
			} else if (saksi_bytes_is(word, "-a") ||
				   saksi_bytes_is(word, "-A")) {
				rule = true;
			} else if (saksi_bytes_is(word, "-S") &&
				   saksi_text_word(&line, NULL, &value)) {
				while (saksi_text_word(&value, ",", &word))
					saksi_gather_put(g, saksi_bytes_of("-"),
							 "syscall", word);
			} else if (saksi_bytes_is(word, "-e") &&
				   saksi_text_word(&line, NULL, &value)) {
				a->immutable = saksi_bytes_is(value, "2");
			}
		}
		a->count += rule;
	}
}

static void auditd_conf(struct saksi_gather *g)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, key, value;

	if (!saksi_gather_read(g, "/etc/audit/auditd.conf", &lines.left))
		return;
	while (saksi_lines_said(&lines, "#", &line))
		if (saksi_text_cut(line, '=', &key, &value) && key.len > 0)
			saksi_gather_put(g, key, "value", value);
}

void saksi_read_auditd(struct saksi_gather *g)
{
	struct audit_rules a = {0};
	const bool there = saksi_gather_exists(g, "/usr/sbin/auditd") ||
			   saksi_gather_exists(g, "/sbin/auditd");

	saksi_gather_open(g, "auditd");
	saksi_gather_yes(g, saksi_bytes_of("-"), "present", there);
	if (there) {
		saksi_gather_yes(g, saksi_bytes_of("-"), "enabled",
				 saksi_gather_enabled(g, "auditd"));
		const struct saksi_names files =
		    saksi_gather_glob(g, "/etc/audit/rules.d/*.rules");
		for (size_t i = 0; i < files.count; i++)
			audit_rules_file(g, files.at[i], &a);
		if (files.count == 0)
			audit_rules_file(g, "/etc/audit/audit.rules", &a);
		saksi_gather_number(g, saksi_bytes_of("-"), "rules", a.count);
		saksi_gather_yes(g, saksi_bytes_of("-"), "immutable", a.immutable);
		auditd_conf(g);
	}
	saksi_gather_close(g);
}
