/* sshd_config(5): the first value of a keyword is in force; Include is put in
 * place; what stands below Match holds only there. */
#include "collect/read_package.h"
#include "collect/read_sections.h"
#include "collect/read_text.h"

#include <stdio.h>
#include <string.h>

#define SET_MAX 256
#define DEPTH_MAX 16
#define FILES_MAX 256

/* Keywords whose absence is told too, so that a rule can judge the default. */
static const char *const KNOWN[] = {
    "allowagentforwarding",
    "allowgroups",
    "allowtcpforwarding",
    "allowusers",
    "authorizedkeysfile",
    "banner",
    "challengeresponseauthentication",
    "ciphers",
    "clientalivecountmax",
    "clientaliveinterval",
    "compression",
    "denygroups",
    "denyusers",
    "disableforwarding",
    "gatewayports",
    "gssapiauthentication",
    "hostbasedauthentication",
    "hostkeyalgorithms",
    "ignorerhosts",
    "ignoreuserknownhosts",
    "kbdinteractiveauthentication",
    "kerberosauthentication",
    "kexalgorithms",
    "listenaddress",
    "logingracetime",
    "loglevel",
    "macs",
    "maxauthtries",
    "maxsessions",
    "maxstartups",
    "passwordauthentication",
    "permitemptypasswords",
    "permitrootlogin",
    "permittunnel",
    "permituserenvironment",
    "port",
    "protocol",
    "pubkeyacceptedalgorithms",
    "pubkeyauthentication",
    "strictmodes",
    "subsystem",
    "syslogfacility",
    "tcpkeepalive",
    "useprivilegeseparation",
    "usepam",
    "x11forwarding",
};

/* Every line of these counts, not only the first. */
static const char *const MANY[] = {
    "acceptenv",  "allowgroups", "allowusers",    "denygroups",
    "denyusers",  "hostkey",     "listenaddress", "permitlisten",
    "permitopen", "port",        "setenv",        "subsystem",
};

struct state {
	struct saksi_gather *g;
	char set[SET_MAX][48]; /* keywords that have their value */
	size_t set_count, files;
	unsigned matches;
	const char *criteria; /* of the Match block we are in, or NULL */
};

static bool among(const char *const *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], word) == 0)
			return true;
	return false;
}

static bool is_set(const struct state *s, const char *key)
{
	for (size_t i = 0; i < s->set_count; i++)
		if (strcmp(s->set[i], key) == 0)
			return true;
	return false;
}

static void global(struct state *s, const char *key, struct saksi_bytes value,
		   const char *source)
{
	const bool again = is_set(s, key);
	const bool many = among(MANY, sizeof(MANY) / sizeof(*MANY), key);

	if (again && !many)
		return;
	if (!again && s->set_count == SET_MAX) {
		saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL, "more than %d keywords",
				  SET_MAX);
		return;
	}
	if (!again) {
		snprintf(s->set[s->set_count++], sizeof(s->set[0]), "%s", key);
		saksi_facts_puts(s->g->w, "sshd", key, "from", "set");
		saksi_facts_puts(s->g->w, "sshd", key, "source", source);
	}
	saksi_facts_put(s->g->w, "sshd", saksi_bytes_of(key), "value", value);
}

static void in_match(struct state *s, const char *key, struct saksi_bytes value,
		     const char *source)
{
	const char *subject = saksi_gather_text(s->g, "%u/%s", s->matches, key);

	saksi_facts_put(s->g->w, "sshd-match", saksi_bytes_of(subject), "value", value);
	saksi_facts_puts(s->g->w, "sshd-match", subject, "criteria", s->criteria);
	saksi_facts_puts(s->g->w, "sshd-match", subject, "source", source);
}

static void text(struct state *s, const char *path, struct saksi_bytes in,
		 unsigned depth);

static void included(struct state *s, struct saksi_bytes patterns, unsigned depth)
{
	const char *criteria = s->criteria;
	struct saksi_bytes word, in;

	while (s->g->src.root >= 0 && saksi_text_quoted(&patterns, &word)) {
		const char *pattern =
		    word.len > 0 && word.at[0] == '/'
			? saksi_gather_cstr(s->g, word)
			: saksi_gather_text(s->g, "/etc/ssh/%.*s", (int)word.len,
					    (const char *)word.at);
		const struct saksi_names files = saksi_gather_glob(s->g, pattern);
		for (size_t i = 0; i < files.count; i++) {
			if (depth >= DEPTH_MAX || ++s->files > FILES_MAX) {
				saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL,
						  "%s: too many includes", pattern);
				return;
			}
			if (saksi_gather_read(s->g, files.at[i], &in))
				text(s, files.at[i], in, depth + 1);
			/* A Match ends with its file. */
			s->criteria = criteria;
		}
	}
}

/* "Keyword value", "Keyword=value", "Keyword = value" */
static bool taken_apart(struct saksi_bytes line, char key[48],
			struct saksi_bytes *value)
{
	struct saksi_bytes word, rest = line;

	if (!saksi_text_word(&rest, "=", &word) || word.len >= 48)
		return false;
	saksi_text_lower(word, key, 48);
	for (const char *c = key; *c; c++)
		if ((*c < 'a' || *c > 'z') && (*c < '0' || *c > '9'))
			return false;
	rest = saksi_text_trim(rest);
	if (rest.len > 0 && rest.at[0] == '=')
		rest = saksi_text_trim((struct saksi_bytes){rest.at + 1, rest.len - 1});
	*value = rest;
	/* Quotes around the whole, and a comment behind it. */
	if (rest.len > 0 && rest.at[0] == '"' && saksi_text_quoted(&rest, &word) &&
	    saksi_text_trim(rest).len == 0)
		*value = word;
	else if (saksi_text_has(*value, " #"))
		saksi_text_cut(*value, '#', value, &word);
	return value->len > 0;
}

static void text(struct state *s, const char *path, struct saksi_bytes in,
		 unsigned depth)
{
	struct saksi_lines lines = {.left = in};
	struct saksi_bytes line, value;
	char key[48];

	while (saksi_lines_said(&lines, "#", &line)) {
		const char *source =
		    saksi_gather_text(s->g, "%s:%u", path, lines.number);
		if (!taken_apart(line, key, &value)) {
			saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL,
					  "%s is not understood", source);
			continue;
		}
		if (strcmp(key, "include") == 0) {
			included(s, value, depth);
		} else if (strcmp(key, "match") == 0) {
			s->matches++;
			s->criteria = saksi_gather_cstr(s->g, value);
			/* "Match all" ends the block before it. */
			if (saksi_text_is(value, "all"))
				s->criteria = NULL;
		} else if (s->criteria) {
			in_match(s, key, value, source);
		} else {
			global(s, key, value, source);
		}
	}
}

static struct state *begin(struct saksi_gather *g)
{
	struct state *s = saksi_arena_new(&g->scratch, 1, sizeof(*s));

	if (s)
		s->g = g;
	return s;
}

static void end(struct state *s)
{
	char n[16];

	snprintf(n, sizeof(n), "%u", s->matches);
	saksi_facts_puts(s->g->w, "sshd", "-", "matches", n);
	for (size_t i = 0; i < sizeof(KNOWN) / sizeof(*KNOWN); i++)
		if (!is_set(s, KNOWN[i]))
			saksi_facts_puts(s->g->w, "sshd", KNOWN[i], "from", "default");
}

void saksi_read_sshd_text(struct saksi_gather *g, const char *path,
			  struct saksi_bytes in)
{
	struct state *s = begin(g);

	if (!s)
		return;
	text(s, path, in, 0);
	end(s);
}

static void moduli_line(void *ctx, struct saksi_bytes line)
{
	int64_t *least = ctx, bits;
	struct saksi_bytes word;

	if (line.len == 0 || line.at[0] == '#')
		return;
	for (int i = 0; i < 5; i++)
		if (!saksi_text_word(&line, NULL, &word))
			return;
	if (saksi_text_number(word, &bits) && (*least == 0 || bits < *least))
		*least = bits;
}

static void moduli(struct saksi_gather *g)
{
	static const char path[] = "/etc/ssh/moduli";
	int64_t least = 0;

	saksi_gather_open(g, "ssh-moduli");
	const enum saksi_read r =
	    saksi_source_lines(&g->src, path, 16u << 20, moduli_line, &least);
	if (r == SAKSI_READ_ABSENT)
		saksi_gather_note(g, SAKSI_COVERAGE_ABSENT, "%s is not there", path);
	else if (saksi_gather_noted(g, r, path) && least > 0)
		saksi_gather_number(g, saksi_bytes_of("-"), "smallest", least + 1);
	saksi_gather_close(g);
}

void saksi_read_sshd(struct saksi_gather *g)
{
	static const char path[] = "/etc/ssh/sshd_config";
	const struct saksi_package *p = NULL;
	struct saksi_bytes in;
	const bool config = saksi_gather_exists(g, path);
	const bool there = saksi_gather_exists(g, "/usr/sbin/sshd");

	if (g->packages)
		p = saksi_packages_find(g->packages, saksi_bytes_of("openssh-server"));
	saksi_gather_open(g, "sshd");
	saksi_gather_yes(g, saksi_bytes_of("-"), "present", config || there || p);
	if (p)
		saksi_gather_put(g, saksi_bytes_of("-"), "version", p->version);
	if (!config && !there && !p) {
		saksi_gather_note(g, SAKSI_COVERAGE_ABSENT, "not installed");
	} else if (config && saksi_gather_read(g, path, &in)) {
		saksi_gather_puts(g, "-", "config", path);
		saksi_read_sshd_text(g, path, in);
	} else if (config) {
		saksi_gather_note(g, SAKSI_COVERAGE_DENIED, "%s could not be read",
				  path);
	} else {
		saksi_gather_note(g, SAKSI_COVERAGE_UNREAD, "%s is not there", path);
	}
	saksi_gather_close_also(g, "sshd-match");
	saksi_gather_close(g);
	moduli(g);
}
