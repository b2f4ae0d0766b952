/* rooms: collect
 *
 * Time, logging and audit configuration. */
#include "collect_root.h"

static const char *const FILES[] = {
    "/usr/sbin/chronyd/",
    "/usr/sbin/rsyslogd/",
    "/usr/lib/systemd/systemd-journald/",
    "/usr/sbin/auditd/",
    "/etc/chrony/chrony.conf",
    "/etc/ntp.conf",
    "/etc/systemd/timesyncd.conf",
    "/etc/rsyslog.conf",
    "/etc/rsyslog.d/a.conf",
    "/etc/systemd/journald.conf",
    "/etc/logrotate.conf",
    "/etc/audit/auditd.conf",
    "/etc/audit/audit.rules",
    "/etc/audit/rules.d/a.rules",
    NULL,
};

static void read_all(struct saksi_gather *g)
{
	saksi_read_time(g);
	saksi_read_logging(g);
	saksi_read_auditd(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return root_run(data, size, FILES, read_all);
}
