/* The readers: each opens its sections, gathers their facts and closes them
 * with an account of what was not read (docs/formats/facts.md). */
#ifndef SAKSI_COLLECT_READ_SECTIONS_H
#define SAKSI_COLLECT_READ_SECTIONS_H

#include "collect/collect_gather.h"

void saksi_read_os(struct saksi_gather *g);
void saksi_read_cpu(struct saksi_gather *g);
void saksi_read_mac(struct saksi_gather *g);
void saksi_read_boot(struct saksi_gather *g);
void saksi_read_disk(struct saksi_gather *g);
void saksi_read_user(struct saksi_gather *g);  /* user, group, ssh-key; first of all */
void saksi_read_login(struct saksi_gather *g); /* login, limits, shell */
void saksi_read_sudo(struct saksi_gather *g);  /* sudo, sudo-default, sudo-rule */
void saksi_read_pam(struct saksi_gather *g);   /* pam, pwquality, faillock */
void saksi_read_file(struct saksi_gather *g);
void saksi_read_mount(struct saksi_gather *g);
void saksi_read_cron(struct saksi_gather *g);
void saksi_read_nfs(struct saksi_gather *g);
void saksi_read_sysctl(struct saksi_gather *g);
void saksi_read_module(struct saksi_gather *g);
void saksi_read_coredump(struct saksi_gather *g);
void saksi_read_sshd(struct saksi_gather *g);    /* sshd, sshd-match, ssh-moduli */
void saksi_read_systemd(struct saksi_gather *g); /* timer, unit */
void saksi_read_listen(struct saksi_gather *g);
void saksi_read_firewall(struct saksi_gather *g);
void saksi_read_time(struct saksi_gather *g);
void saksi_read_logging(struct saksi_gather *g);
void saksi_read_auditd(struct saksi_gather *g);
void saksi_read_postgresql(struct saksi_gather *g); /* and postgresql-hba */
void saksi_read_mysql(struct saksi_gather *g);
void saksi_read_nginx(struct saksi_gather *g);  /* and nginx-server */
void saksi_read_apache(struct saksi_gather *g); /* and -site, -directory */
void saksi_read_php(struct saksi_gather *g);

/* Parts of them that are fed text directly, by tests and fuzzers too. */
void saksi_read_sshd_text(struct saksi_gather *g, const char *path,
			  struct saksi_bytes in);
void saksi_read_sudo_text(struct saksi_gather *g, const char *path,
			  struct saksi_bytes in);
void saksi_read_cron_text(struct saksi_gather *g, const char *path,
			  struct saksi_bytes text, const char *user);
void saksi_read_listen_text(struct saksi_gather *g, const char *proto,
			    struct saksi_bytes in);
void saksi_read_shadow_text(struct saksi_gather *g, struct saksi_bytes text);

/* "key = value" and "key value" files in one section: subject key, attributes
 * value and source.  Later files and lines win; `comments` begin a line. */
void saksi_read_keys(struct saksi_gather *g, const char *section, const char *main,
		     const char *pattern, const char *comments);
/* Is it a web root that a server configuration named?  Adds it. */
void saksi_read_web_root(struct saksi_gather *g, struct saksi_bytes path);

#endif
