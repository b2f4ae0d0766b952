#include "collect/read_package.h"
#include "collect/read_sections.h"
#include "collect/read_text.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

static void os_release(struct saksi_gather *g)
{
	static const struct {
		const char *key, *attribute;
	} keep[] = {
	    {"ID", "id"},
	    {"ID_LIKE", "id-like"},
	    {"VERSION_ID", "version-id"},
	    {"VERSION", "version"},
	    {"VERSION_CODENAME", "codename"},
	    {"VARIANT_ID", "variant"},
	};
	struct saksi_lines lines = {0};
	struct saksi_bytes line, key, value;

	if (!saksi_gather_read(g, "/etc/os-release", &lines.left) &&
	    !saksi_gather_read(g, "/usr/lib/os-release", &lines.left)) {
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL, "there is no os-release");
		return;
	}
	while (saksi_lines_said(&lines, "#", &line)) {
		if (!saksi_text_cut(line, '=', &key, &value))
			continue;
		for (size_t i = 0; i < sizeof(keep) / sizeof(*keep); i++)
			if (saksi_bytes_is(key, keep[i].key))
				saksi_gather_put(g, saksi_bytes_of("-"),
						 keep[i].attribute,
						 saksi_text_unquote(value));
	}
}

static void machine(struct saksi_gather *g)
{
	const struct saksi_package *dpkg = NULL;
	struct utsname u;

	if (g->packages)
		dpkg = saksi_packages_find(g->packages, saksi_bytes_of("dpkg"));
	if (g->src.running && uname(&u) == 0) {
		saksi_gather_puts(g, "-", "kernel-release", u.release);
		saksi_gather_puts(g, "-", "kernel-version", u.version);
		saksi_gather_puts(g, "-", "arch", u.machine);
	} else if (dpkg) {
		saksi_gather_put(g, saksi_bytes_of("-"), "arch", dpkg->arch);
	}
}

static void package_managers(struct saksi_gather *g)
{
	static const char *const all[][2] = {
	    {"/var/lib/dpkg/status", "dpkg"},
	    {"/lib/apk/db/installed", "apk"},
	    {"/var/lib/rpm/Packages", "rpm"},
	    {"/var/lib/rpm/rpmdb.sqlite", "rpm"},
	    {"/usr/lib/sysimage/rpm/rpmdb.sqlite", "rpm"},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (saksi_gather_exists(g, all[i][0]))
			saksi_gather_puts(g, "-", "package-manager", all[i][1]);
}

static void init_system(struct saksi_gather *g)
{
	char to[256];
	const char *is = "other";
	const bool link =
	    saksi_source_link(&g->src, "/sbin/init", to, sizeof(to)) == SAKSI_READ_OK;

	if (link && saksi_text_ends(saksi_bytes_of(to), "systemd"))
		is = "systemd";
	else if (link && saksi_text_ends(saksi_bytes_of(to), "busybox"))
		is = "busybox";
	else if (link && saksi_text_ends(saksi_bytes_of(to), "openrc-init"))
		is = "openrc";
	else if (saksi_gather_exists(g, "/etc/inittab"))
		is = "sysvinit";
	if (saksi_gather_exists(g, "/sbin/init"))
		saksi_gather_puts(g, "-", "init", is);
}

void saksi_read_os(struct saksi_gather *g)
{
	struct saksi_bytes value;

	saksi_gather_open(g, "os");
	os_release(g);
	if (saksi_gather_value(g, "/etc/debian_version", true, &value))
		saksi_gather_put(g, saksi_bytes_of("-"), "debian-version", value);
	machine(g);
	package_managers(g);
	init_system(g);
	saksi_gather_yes(g, saksi_bytes_of("-"), "reboot-required",
			 saksi_gather_exists(g, "/run/reboot-required") ||
			     saksi_gather_exists(g, "/var/run/reboot-required"));
	saksi_gather_close(g);
}

/* ---- cpu */

#define FLAWS "/sys/devices/system/cpu/vulnerabilities"

void saksi_read_cpu(struct saksi_gather *g)
{
	struct saksi_names names;
	struct saksi_bytes value;

	saksi_gather_open(g, "cpu");
	if (!g->src.running) {
		saksi_gather_note(g, SAKSI_COVERAGE_ABSENT,
				  "needs the running kernel, and this is a directory");
	} else if (!saksi_gather_names(g, FLAWS, &names)) {
		saksi_gather_note(g, SAKSI_COVERAGE_ABSENT,
				  "this kernel does not tell (" FLAWS ")");
	} else {
		for (size_t i = 0; i < names.count; i++) {
			if (!saksi_gather_value(
				g, saksi_gather_text(g, FLAWS "/%s", names.at[i]), true,
				&value))
				continue;
			saksi_gather_puts(
			    g, names.at[i], "state",
			    saksi_text_starts(value, "Not affected") ? "not-affected"
			    : saksi_text_starts(value, "Mitigation") ? "mitigated"
			    : saksi_text_has(value, "ulnerable")     ? "vulnerable"
								     : "unknown");
			saksi_gather_put(g, saksi_bytes_of(names.at[i]), "detail",
					 value);
		}
	}
	saksi_gather_close(g);
}

/* ---- mandatory access control */

static void apparmor_profiles(struct saksi_gather *g)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line;
	int64_t enforce = 0, complain = 0;

	if (!saksi_gather_read(g, "/sys/kernel/security/apparmor/profiles",
			       &lines.left))
		return;
	while (saksi_lines_next(&lines, &line)) {
		enforce += saksi_text_ends(line, "(enforce)");
		complain += saksi_text_ends(line, "(complain)");
	}
	saksi_gather_number(g, saksi_bytes_of("-"), "apparmor-enforce", enforce);
	saksi_gather_number(g, saksi_bytes_of("-"), "apparmor-complain", complain);
}

/* "none [integrity] confidentiality": the chosen one. */
static void lockdown(struct saksi_gather *g)
{
	struct saksi_bytes value, rest, chosen;

	if (saksi_gather_value(g, "/sys/kernel/security/lockdown", true, &value) &&
	    saksi_text_cut(value, '[', &chosen, &rest) &&
	    saksi_text_cut(rest, ']', &chosen, &rest))
		saksi_gather_put(g, saksi_bytes_of("-"), "lockdown", chosen);
}

static void secure_boot(struct saksi_gather *g)
{
	struct saksi_bytes value;

	/* Four bytes of attributes, then the flag; white space is trimmed off
	 * by saksi_gather_value, so read it whole. */
	if (saksi_gather_read(g,
			      "/sys/firmware/efi/efivars/"
			      "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
			      &value) &&
	    value.len == 5)
		saksi_gather_yes(g, saksi_bytes_of("-"), "secure-boot",
				 value.at[4] == 1);
}

static void mac_running(struct saksi_gather *g)
{
	struct saksi_bytes value, word, part;

	if (saksi_gather_value(g, "/sys/kernel/security/lsm", true, &value))
		while (saksi_text_word(&value, ",", &word))
			saksi_gather_put(g, saksi_bytes_of("-"), "lsm", word);
	else
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "/sys/kernel/security is not there: which modules "
				  "guard is not known");
	if (saksi_gather_value(g, "/sys/module/apparmor/parameters/enabled", true,
			       &part))
		saksi_gather_yes(g, saksi_bytes_of("-"), "apparmor-enabled",
				 saksi_bytes_is(part, "Y"));
	apparmor_profiles(g);
	if (saksi_gather_value(g, "/sys/fs/selinux/enforce", true, &part))
		saksi_gather_yes(g, saksi_bytes_of("-"), "selinux-enforcing",
				 saksi_bytes_is(part, "1"));
	lockdown(g);
	secure_boot(g);
}

void saksi_read_mac(struct saksi_gather *g)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, key, value;
	struct saksi_names names;

	saksi_gather_open(g, "mac");
	if (g->src.running)
		mac_running(g);
	else
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "what runs needs the running kernel");
	if (saksi_gather_names(g, "/etc/apparmor.d", &names))
		saksi_gather_number(g, saksi_bytes_of("-"), "apparmor-profiles",
				    (int64_t)names.count);
	if (saksi_gather_read(g, "/etc/selinux/config", &lines.left))
		while (saksi_lines_said(&lines, "#", &line))
			if (saksi_text_cut(line, '=', &key, &value) &&
			    saksi_bytes_is(key, "SELINUX"))
				saksi_gather_put(g, saksi_bytes_of("-"),
						 "selinux-config", value);
	saksi_gather_close(g);
}

/* ---- boot */

static void command_line(struct saksi_gather *g)
{
	struct saksi_bytes value, word;

	if (!saksi_gather_value(g, "/proc/cmdline", true, &value))
		return;
	/* Behind "--" stand arguments of init. */
	while (saksi_text_word(&value, NULL, &word) && !saksi_bytes_is(word, "--")) {
		struct saksi_bytes key, rest;
		saksi_text_cut(word, '=', &key, &rest);
		/* These name disks, machines and addresses. */
		const bool names =
		    saksi_bytes_is(key, "root") || saksi_bytes_is(key, "BOOT_IMAGE") ||
		    saksi_bytes_is(key, "initrd") || saksi_bytes_is(key, "resume") ||
		    saksi_bytes_is(key, "ip") || saksi_bytes_is(key, "nfsroot") ||
		    saksi_bytes_is(key, "systemd.hostname") ||
		    saksi_text_has(key, "uuid");
		if (!names)
			saksi_gather_put(g, saksi_bytes_of("-"), "cmdline", word);
	}
}

static void loader(struct saksi_gather *g)
{
	static const char *const paths[] = {"/boot/grub/grub.cfg",
					    "/boot/grub2/grub.cfg"};
	struct saksi_bytes text;

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		if (!saksi_gather_read(g, paths[i], &text))
			continue;
		saksi_gather_puts(g, "-", "loader-config", paths[i]);
		saksi_gather_yes(g, saksi_bytes_of("-"), "loader-password",
				 saksi_text_has(text, "password_pbkdf2") ||
				     saksi_text_has(text, "\npassword "));
		return;
	}
}

void saksi_read_boot(struct saksi_gather *g)
{
	char to[256] = "";

	saksi_gather_open(g, "boot");
	if (g->src.running)
		command_line(g);
	else
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "the kernel's command line needs the running kernel");
	loader(g);
	if (saksi_source_link(&g->src, "/etc/systemd/system/ctrl-alt-del.target", to,
			      sizeof(to)) != SAKSI_READ_OK)
		to[0] = '\0';
	saksi_gather_yes(g, saksi_bytes_of("-"), "ctrl-alt-del-masked",
			 strcmp(to, "/dev/null") == 0);
	saksi_gather_close(g);
}

/* ---- disk encryption */

/* The uuid of a mapping begins with its kind: CRYPT-LUKS2-..., LVM-... */
static void mapping(struct saksi_gather *g, const char *block)
{
	struct saksi_bytes name, uuid;

	if (!saksi_gather_value(g, saksi_gather_text(g, "/sys/block/%s/dm/name", block),
				true, &name) ||
	    !saksi_gather_value(g, saksi_gather_text(g, "/sys/block/%s/dm/uuid", block),
				true, &uuid) ||
	    name.len == 0)
		return;
	const bool crypt = saksi_text_starts(uuid, "CRYPT-");
	saksi_gather_yes(g, name, "encrypted", crypt);
	saksi_gather_put(g, name, "from", saksi_bytes_of("kernel"));
	if (crypt)
		saksi_gather_put(
		    g, name, "type",
		    saksi_bytes_of(saksi_text_starts(uuid, "CRYPT-LUKS1")   ? "luks1"
				   : saksi_text_starts(uuid, "CRYPT-LUKS2") ? "luks2"
				   : saksi_text_starts(uuid, "CRYPT-PLAIN") ? "plain"
									    : "other"));
}

static void swap(struct saksi_gather *g)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, device, value;

	if (!saksi_gather_read(g, "/proc/swaps", &lines.left))
		return;
	while (saksi_lines_next(&lines, &line)) {
		const char *uuid;
		if (lines.number == 1 || !saksi_text_word(&line, NULL, &device))
			continue;
		uuid = saksi_gather_text(g, "/sys/block/%.*s/dm/uuid",
					 device.len > 5 ? (int)device.len - 5 : 0,
					 (const char *)device.at + 5);
		const bool crypt = saksi_text_starts(device, "/dev/dm-") &&
				   saksi_gather_value(g, uuid, true, &value) &&
				   saksi_text_starts(value, "CRYPT-");
		saksi_gather_puts(g, "-", "swap", crypt ? "encrypted" : "plain");
	}
}

static void crypttab(struct saksi_gather *g)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, name;
	int64_t count = 0;

	if (!saksi_gather_read(g, "/etc/crypttab", &lines.left))
		return;
	while (saksi_lines_said(&lines, "#", &line)) {
		if (!saksi_text_word(&line, NULL, &name))
			continue;
		if (!g->src.running) {
			saksi_gather_yes(g, name, "encrypted", true);
			saksi_gather_put(g, name, "from", saksi_bytes_of("crypttab"));
		}
		count++;
	}
	saksi_gather_number(g, saksi_bytes_of("-"), "crypttab", count);
}

void saksi_read_disk(struct saksi_gather *g)
{
	struct saksi_names names;

	saksi_gather_open(g, "disk");
	if (!g->src.running)
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "which disks are encrypted needs the running kernel");
	else if (saksi_gather_names(g, "/sys/block", &names))
		for (size_t i = 0; i < names.count; i++)
			if (strncmp(names.at[i], "dm-", 3) == 0)
				mapping(g, names.at[i]);
	if (g->src.running)
		swap(g);
	crypttab(g);
	saksi_gather_close(g);
}
