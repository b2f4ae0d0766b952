/* Kernel settings and modules. */
#include "collect/read_sections.h"
#include "collect/read_text.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#define CONFIGURED_MAX 512

static const char *const WATCHED[] = {
    "dev.tty.ldisc_autoload",
    "fs.protected_fifos",
    "fs.protected_hardlinks",
    "fs.protected_regular",
    "fs.protected_symlinks",
    "fs.suid_dumpable",
    "kernel.core_pattern",
    "kernel.core_uses_pid",
    "kernel.ctrl-alt-del",
    "kernel.dmesg_restrict",
    "kernel.kexec_load_disabled",
    "kernel.kptr_restrict",
    "kernel.modules_disabled",
    "kernel.panic_on_oops",
    "kernel.perf_event_paranoid",
    "kernel.randomize_va_space",
    "kernel.sysrq",
    "kernel.tainted",
    "kernel.unprivileged_bpf_disabled",
    "kernel.unprivileged_userns_clone",
    "kernel.yama.ptrace_scope",
    "net.core.bpf_jit_harden",
    "net.ipv4.conf.all.accept_redirects",
    "net.ipv4.conf.all.accept_source_route",
    "net.ipv4.conf.all.forwarding",
    "net.ipv4.conf.all.log_martians",
    "net.ipv4.conf.all.mc_forwarding",
    "net.ipv4.conf.all.proxy_arp",
    "net.ipv4.conf.all.rp_filter",
    "net.ipv4.conf.all.secure_redirects",
    "net.ipv4.conf.all.send_redirects",
    "net.ipv4.conf.default.accept_redirects",
    "net.ipv4.conf.default.accept_source_route",
    "net.ipv4.conf.default.log_martians",
    "net.ipv4.conf.default.rp_filter",
    "net.ipv4.conf.default.secure_redirects",
    "net.ipv4.conf.default.send_redirects",
    "net.ipv4.icmp_echo_ignore_broadcasts",
    "net.ipv4.icmp_ignore_bogus_error_responses",
    "net.ipv4.ip_forward",
    "net.ipv4.tcp_rfc1337",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_timestamps",
    "net.ipv6.conf.all.accept_ra",
    "net.ipv6.conf.all.accept_redirects",
    "net.ipv6.conf.all.accept_source_route",
    "net.ipv6.conf.all.disable_ipv6",
    "net.ipv6.conf.all.forwarding",
    "net.ipv6.conf.default.accept_ra",
    "net.ipv6.conf.default.accept_redirects",
    "net.ipv6.conf.default.accept_source_route",
    "net.ipv6.conf.default.disable_ipv6",
    "user.max_user_namespaces",
    "vm.mmap_min_addr",
    "vm.mmap_rnd_bits",
    "vm.swappiness",
    "vm.unprivileged_userfaultfd",
};

struct configured {
	struct {
		const char *name, *source;
		struct saksi_bytes value;
	} at[CONFIGURED_MAX];
	size_t count;
};

/* "net/ipv4/ip_forward" and "net.ipv4.ip_forward" name one thing.  Where the
 * first of both is a slash, dots belong to an interface's name. */
static const char *dotted(struct saksi_gather *g, struct saksi_bytes name)
{
	char *s = saksi_arena_new(&g->scratch, name.len + 1, 1);
	const size_t first = name.len;
	size_t i = 0;

	if (!s)
		return "";
	while (i < first && name.at[i] != '.' && name.at[i] != '/')
		i++;
	const bool slashes = i < first && name.at[i] == '/';
	for (i = 0; i < name.len; i++) {
		s[i] = (char)name.at[i];
		if (slashes && s[i] == '/')
			s[i] = '.';
		else if (slashes && s[i] == '.')
			s[i] = '/';
	}
	return s;
}

static void configure(struct saksi_gather *g, struct configured *c, const char *name,
		      struct saksi_bytes value, const char *source)
{
	size_t i = 0;

	while (i < c->count && strcmp(c->at[i].name, name) != 0)
		i++;
	if (i == CONFIGURED_MAX) {
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL, "more than %d settings",
				  CONFIGURED_MAX);
		return;
	}
	c->at[i].name = name;
	c->at[i].value = value;
	c->at[i].source = source;
	if (i == c->count)
		c->count++;
}

static void sysctl_file(struct saksi_gather *g, struct configured *c, const char *path)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, name, value;

	if (!saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#;", &line)) {
		if (!saksi_text_cut(line, '=', &name, &value)) {
			saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
					  "%s:%u is not understood", path,
					  lines.number);
			continue;
		}
		if (name.len > 0 && name.at[0] == '-') { /* errors are ignored */
			name.at++;
			name.len--;
		}
		configure(g, c, dotted(g, name), value,
			  saksi_gather_text(g, "%s:%u", path, lines.number));
	}
}

/* Of files of one name the first folder's counts; all are read in the order of
 * their names (sysctl.d(5)).  /etc/sysctl.conf comes last. */
static void configured_files(struct saksi_gather *g, struct configured *c)
{
	static const char *const dirs[] = {"/etc/sysctl.d", "/run/sysctl.d",
					   "/usr/local/lib/sysctl.d",
					   "/usr/lib/sysctl.d", "/lib/sysctl.d"};
	struct saksi_names in[5];
	size_t next[5] = {0};

	for (size_t d = 0; d < 5; d++)
		if (!saksi_gather_names(g, dirs[d], &in[d]))
			in[d].count = 0;
	for (;;) {
		size_t best = 5;
		for (size_t d = 0; d < 5; d++)
			if (next[d] < in[d].count &&
			    (best == 5 ||
			     strcmp(in[d].at[next[d]], in[best].at[next[best]]) < 0))
				best = d;
		if (best == 5)
			break;
		const char *name = in[best].at[next[best]];
		if (saksi_text_ends(saksi_bytes_of(name), ".conf"))
			sysctl_file(g, c,
				    saksi_gather_text(g, "%s/%s", dirs[best], name));
		for (size_t d = 0; d < 5; d++)
			if (next[d] < in[d].count &&
			    strcmp(in[d].at[next[d]], name) == 0)
				next[d]++;
	}
	if (saksi_gather_exists(g, "/etc/sysctl.conf"))
		sysctl_file(g, c, "/etc/sysctl.conf");
}

/* White space within a value is one space. */
static struct saksi_bytes folded(struct saksi_gather *g, struct saksi_bytes value)
{
	uint8_t *to = saksi_arena_new(&g->scratch, value.len + 1, 1);
	struct saksi_bytes word;
	size_t n = 0;

	while (to && saksi_text_word(&value, NULL, &word)) {
		if (n > 0)
			to[n++] = ' ';
		memcpy(to + n, word.at, word.len);
		n += word.len;
	}
	return (struct saksi_bytes){to, n};
}

static void running(struct saksi_gather *g, const char *name)
{
	const size_t mark = g->scratch.used;
	struct saksi_bytes value;
	char path[256];

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	for (char *at = path + strlen("/proc/sys/"); *at; at++)
		*at = *at == '.' ? '/' : *at == '/' ? '.' : *at;
	if (saksi_gather_value(g, path, true, &value))
		saksi_gather_put(g, saksi_bytes_of(name), "value", folded(g, value));
	saksi_arena_rewind(&g->scratch, mark);
}

static bool watched(const char *name)
{
	for (size_t i = 0; i < sizeof(WATCHED) / sizeof(*WATCHED); i++)
		if (strcmp(WATCHED[i], name) == 0)
			return true;
	return false;
}

void saksi_read_sysctl(struct saksi_gather *g)
{
	struct configured *c;

	saksi_gather_open(g, "sysctl");
	c = saksi_arena_new(&g->scratch, 1, sizeof(*c));
	if (!g->src.running)
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "what is configured, not what runs: that needs the "
				  "running kernel");
	else
		for (size_t i = 0; i < sizeof(WATCHED) / sizeof(*WATCHED); i++)
			running(g, WATCHED[i]);
	if (c)
		configured_files(g, c);
	for (size_t i = 0; c && i < c->count; i++) {
		const struct saksi_bytes name = saksi_bytes_of(c->at[i].name);
		if (name.len == 0)
			continue;
		saksi_gather_put(g, name, "configured", folded(g, c->at[i].value));
		saksi_gather_put(g, name, "source", saksi_bytes_of(c->at[i].source));
		if (g->src.running && !watched(c->at[i].name) &&
		    !strpbrk(c->at[i].name, "*?") && !strstr(c->at[i].name, ".."))
			running(g, c->at[i].name);
	}
	saksi_gather_close(g);
}

/* ---- modules */

static const char *underscored(struct saksi_gather *g, struct saksi_bytes name)
{
	char *s = saksi_arena_new(&g->scratch, name.len + 1, 1);

	for (size_t i = 0; s && i < name.len; i++)
		s[i] = name.at[i] == '-' ? '_' : (char)name.at[i];
	return s ? s : "";
}

static void modprobe_file(struct saksi_gather *g, const char *path)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, verb, name, what;

	if (!saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#", &line)) {
		if (!saksi_text_word(&line, NULL, &verb) ||
		    !saksi_text_word(&line, NULL, &name))
			continue;
		if (saksi_bytes_is(verb, "blacklist"))
			saksi_gather_puts(g, underscored(g, name), "blacklisted",
					  "yes");
		else if (saksi_bytes_is(verb, "install") &&
			 saksi_text_word(&line, NULL, &what) &&
			 (saksi_text_ends(what, "/false") ||
			  saksi_text_ends(what, "/true")))
			saksi_gather_puts(g, underscored(g, name), "disabled", "yes");
	}
}

static void loaded(struct saksi_gather *g)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, name;

	if (!saksi_gather_exists(g, "/proc/modules")) {
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "/proc/modules: this kernel has no modules");
		return;
	}
	if (!saksi_gather_read(g, "/proc/modules", &lines.left))
		return;
	while (saksi_lines_next(&lines, &line))
		if (saksi_text_word(&line, NULL, &name))
			saksi_gather_put(g, name, "loaded", saksi_bytes_of("yes"));
}

struct available {
	struct saksi_gather *g;
	unsigned found; /* one bit for each of RARE */
};

static const char *const RARE[] = {
    "usb_storage", "cramfs", "freevxfs", "hfs", "hfsplus", "jffs2",         "udf",
    "squashfs",    "dccp",   "sctp",     "rds", "tipc",    "firewire_core", "bluetooth",
};

static void dep_line(void *ctx, struct saksi_bytes line)
{
	struct available *a = ctx;
	const size_t mark = a->g->scratch.used;
	struct saksi_bytes path, rest;

	if (!saksi_text_cut(line, ':', &path, &rest))
		return;
	for (size_t i = path.len; i > 0; i--)
		if (path.at[i - 1] == '/') {
			path = (struct saksi_bytes){path.at + i, path.len - i};
			break;
		}
	saksi_text_cut(path, '.', &path, &rest);
	const char *name = underscored(a->g, path);
	for (size_t i = 0; i < sizeof(RARE) / sizeof(*RARE); i++)
		if (strcmp(RARE[i], name) == 0)
			a->found |= 1u << i;
	saksi_arena_rewind(&a->g->scratch, mark);
}

static const char *kernel_folder(struct saksi_gather *g)
{
	struct saksi_names names;
	struct utsname u;

	if (g->src.running)
		return uname(&u) == 0
			   ? saksi_gather_text(g, "/lib/modules/%s", u.release)
			   : NULL;
	if (!saksi_gather_names(g, "/lib/modules", &names) || names.count != 1)
		return NULL;
	return saksi_gather_text(g, "/lib/modules/%s", names.at[0]);
}

static void available(struct saksi_gather *g)
{
	struct available a = {.g = g};
	const char *dir = kernel_folder(g);
	enum saksi_read r = SAKSI_READ_ABSENT;

	if (dir)
		r = saksi_source_lines(&g->src,
				       saksi_gather_text(g, "%s/modules.dep", dir),
				       16u << 20, dep_line, &a);
	if (r != SAKSI_READ_OK)
		return; /* no `available` facts: not known */
	for (size_t i = 0; i < sizeof(RARE) / sizeof(*RARE); i++)
		saksi_gather_puts(g, RARE[i], "available",
				  a.found & (1u << i) ? "yes" : "no");
}

void saksi_read_module(struct saksi_gather *g)
{
	static const char *const patterns[] = {"/etc/modprobe.d/*.conf",
					       "/usr/lib/modprobe.d/*.conf",
					       "/run/modprobe.d/*.conf"};

	saksi_gather_open(g, "module");
	if (g->src.running)
		loaded(g);
	else
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "what is loaded needs the running kernel");
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		const struct saksi_names files = saksi_gather_glob(g, patterns[i]);
		for (size_t j = 0; j < files.count; j++)
			modprobe_file(g, files.at[j]);
	}
	available(g);
	saksi_gather_close(g);
}
