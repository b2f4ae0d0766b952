/* Packet filters as they are configured.  What the kernel holds at this moment
 * is not read, and the coverage line says so. */
#include "collect/read_sections.h"
#include "collect/read_text.h"

#include <string.h>

static void tool(struct saksi_gather *g, const char *name, bool there, bool on)
{
	if (there)
		saksi_gather_puts(g, "-", "tool", name);
	if (there && on)
		saksi_gather_puts(g, "-", "enabled", name);
}

/* "hook input ... policy drop" in one chain's head line; rules are the lines
 * within chains that end in a verdict or jump. */
static void nftables(struct saksi_gather *g, const char *path)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, before, after, policy = {NULL, 0};
	int64_t rules = 0;

	if (!saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#", &line)) {
		const bool head = saksi_text_has(line, "hook ");
		if (head && saksi_text_has(line, "hook input")) {
			const uint8_t *at = memmem(line.at, line.len, "policy ", 7);
			policy = saksi_bytes_of("accept"); /* the default */
			if (at) {
				const size_t left = line.len - (size_t)(at - line.at);
				after = (struct saksi_bytes){at + 7, left - 7};
				saksi_text_cut(after, ';', &policy, &before);
			}
		} else if (!head && (saksi_text_has(line, "accept") ||
				     saksi_text_has(line, "drop") ||
				     saksi_text_has(line, "reject") ||
				     saksi_text_has(line, "jump "))) {
			rules++;
		}
		if (saksi_bytes_starts(line, "include"))
			saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
					  "%s:%u: include is not followed", path,
					  lines.number);
	}
	saksi_gather_number(g, saksi_bytes_of("-"), "nft-rules", rules);
	if (policy.len > 0)
		saksi_gather_put(g, saksi_bytes_of("-"), "nft-input-policy", policy);
}

static void iptables(struct saksi_gather *g, const char *path, const char *rules_name,
		     const char *policy_name)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, word, policy = {NULL, 0};
	int64_t rules = 0;
	bool filter = true;
	char lower[16];

	if (!saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#", &line)) {
		if (line.at[0] == '*')
			filter = saksi_bytes_is(line, "*filter");
		else if (saksi_bytes_starts(line, "-A ") ||
			 saksi_bytes_starts(line, "-I "))
			rules += filter;
		else if (filter && saksi_bytes_starts(line, ":INPUT ") &&
			 saksi_text_word(&line, NULL, &word))
			saksi_text_word(&line, NULL, &policy);
	}
	saksi_gather_number(g, saksi_bytes_of("-"), rules_name, rules);
	if (policy.len > 0)
		saksi_gather_puts(g, "-", policy_name,
				  saksi_text_lower(policy, lower, sizeof(lower)));
}

static struct saksi_bytes shell_value(struct saksi_gather *g, const char *path,
				      const char *key)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, name, value;

	if (saksi_gather_read(g, path, &lines.left))
		while (saksi_lines_said(&lines, "#", &line))
			if (saksi_text_cut(line, '=', &name, &value) &&
			    saksi_bytes_is(name, key))
				return saksi_text_unquote(value);
	return (struct saksi_bytes){NULL, 0};
}

static void ufw(struct saksi_gather *g)
{
	char lower[16];

	if (!saksi_gather_exists(g, "/etc/ufw/ufw.conf"))
		return;
	const struct saksi_bytes on = shell_value(g, "/etc/ufw/ufw.conf", "ENABLED");
	const struct saksi_bytes policy =
	    shell_value(g, "/etc/default/ufw", "DEFAULT_INPUT_POLICY");
	tool(g, "ufw", true, saksi_gather_enabled(g, "ufw"));
	saksi_gather_yes(g, saksi_bytes_of("-"), "ufw-enabled",
			 saksi_text_is(on, "yes"));
	if (policy.len > 0)
		saksi_gather_puts(g, "-", "ufw-input-policy",
				  saksi_text_lower(policy, lower, sizeof(lower)));
}

static void kernel_modules(struct saksi_gather *g)
{
	static const char *const names[] = {
	    "nf_tables",      "ip_tables",       "ip6_tables", "nft_chain_nat",
	    "iptable_filter", "ip6table_filter", "x_tables"};
	struct saksi_lines lines = {0};
	struct saksi_bytes line, word;

	if (!saksi_gather_exists(g, "/proc/modules") ||
	    !saksi_gather_read(g, "/proc/modules", &lines.left))
		return;
	while (saksi_lines_next(&lines, &line))
		if (saksi_text_word(&line, NULL, &word))
			for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
				if (saksi_bytes_is(word, names[i]))
					saksi_gather_puts(g, "-", "module", names[i]);
}

void saksi_read_firewall(struct saksi_gather *g)
{
	static const char *const v4[] = {"/etc/iptables/rules.v4",
					 "/etc/sysconfig/iptables"};
	static const char *const v6[] = {"/etc/iptables/rules.v6",
					 "/etc/sysconfig/ip6tables"};
	bool tables = false;

	saksi_gather_open(g, "firewall");
	saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL, "%s",
			  g->src.running ? "rules loaded in the kernel now are not read"
					 : "what is loaded needs the running kernel");
	tool(g, "nftables",
	     saksi_gather_installed(g, "nftables") ||
		 saksi_gather_exists(g, "/usr/sbin/nft"),
	     saksi_gather_enabled(g, "nftables"));
	if (saksi_gather_exists(g, "/etc/nftables.conf"))
		nftables(g, "/etc/nftables.conf");
	for (size_t i = 0; i < 2; i++) {
		if (saksi_gather_exists(g, v4[i])) {
			tables = true;
			iptables(g, v4[i], "iptables-rules", "iptables-input-policy");
		}
		if (saksi_gather_exists(g, v6[i]))
			iptables(g, v6[i], "ip6tables-rules", "ip6tables-input-policy");
	}
	tool(g, "iptables", tables || saksi_gather_installed(g, "iptables"),
	     saksi_gather_enabled(g, "netfilter-persistent") ||
		 saksi_gather_enabled(g, "iptables"));
	ufw(g);
	tool(g, "firewalld", saksi_gather_exists(g, "/usr/sbin/firewalld"),
	     saksi_gather_enabled(g, "firewalld"));
	if (g->src.running)
		kernel_modules(g);
	saksi_gather_close(g);
}
