/* How this system gets its updates. */
#include "collect/read_package.h"
#include "collect/read_sections.h"
#include "collect/read_text.h"

#include <string.h>

static const char *const KEPT[] = {
    "APT::Periodic",
    "Unattended-Upgrade",
    "Acquire::AllowInsecureRepositories",
    "Acquire::AllowWeakRepositories",
    "Acquire::AllowDowngradeToInsecureRepositories",
    "APT::Get::AllowUnauthenticated",
};

struct scope {
	char name[512];
	size_t len[16]; /* of `name` before each open brace */
	size_t depth;
};

static void setting(struct saksi_gather *g, const char *scope, struct saksi_bytes key,
		    struct saksi_bytes value, const char *source)
{
	const struct saksi_bytes name = saksi_bytes_of(
	    saksi_gather_text(g, "%s%s%.*s", scope, *scope && key.len ? "::" : "",
			      (int)key.len, (const char *)key.at));

	for (size_t i = 0; i < sizeof(KEPT) / sizeof(*KEPT); i++) {
		if (!saksi_text_starts(name, KEPT[i]))
			continue;
		saksi_gather_put(g, name, "value", saksi_text_unquote(value));
		saksi_gather_put(g, name, "source", saksi_bytes_of(source));
		return;
	}
}

static void open_brace(struct scope *s, struct saksi_bytes key)
{
	if (s->depth < 16)
		s->len[s->depth] = strlen(s->name);
	s->depth++;
	const size_t at = strlen(s->name);
	if (at + key.len + 3 >= sizeof(s->name) || key.len == 0)
		return;
	memcpy(s->name + at, at ? "::" : "", at ? 2 : 0);
	memcpy(s->name + at + (at ? 2 : 0), key.at, key.len);
	s->name[at + (at ? 2 : 0) + key.len] = '\0';
}

/* Lines of apt.conf(5): "A::B "v";", "A { B "v"; };", with one statement on a
 * line, as all files in practice are written. */
static void conf_file(struct saksi_gather *g, const char *path)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, key, value;
	struct scope s = {.depth = 0};

	if (!saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#", &line)) {
		if (saksi_bytes_starts(line, "//"))
			continue;
		const char *source = saksi_gather_text(g, "%s:%u", path, lines.number);
		while (line.len > 0 && line.at[line.len - 1] == ';')
			line = saksi_text_trim(
			    (struct saksi_bytes){line.at, line.len - 1});
		if (line.len > 0 && line.at[line.len - 1] == '{') {
			saksi_text_word(&line, "{", &key);
			open_brace(&s, key);
		} else if (saksi_bytes_is(line, "}")) {
			s.depth -= s.depth > 0;
			if (s.depth < 16)
				s.name[s.len[s.depth]] = '\0';
		} else if (line.len > 0 && line.at[0] == '"') {
			setting(g, s.name, (struct saksi_bytes){NULL, 0}, line, source);
		} else if (saksi_text_word(&line, NULL, &key)) {
			value = saksi_text_trim(line);
			setting(g, s.name, key, value, source);
		}
	}
}

/* ---- sources */

struct source {
	struct saksi_bytes uris, suites;
	bool trusted, insecure, signed_by, off;
};

static void source_facts(struct saksi_gather *g, const char *subject,
			 const struct source *s)
{
	const struct saksi_bytes at = saksi_bytes_of(subject);
	struct saksi_bytes uris = s->uris, suites = s->suites, uri, scheme, rest;

	if (saksi_text_word(&uris, NULL, &uri)) {
		saksi_text_cut(uri, ':', &scheme, &rest);
		saksi_gather_put(g, at, "scheme", scheme);
	}
	while (saksi_text_word(&suites, NULL, &uri))
		saksi_gather_put(g, at, "suite", uri);
	saksi_gather_yes(g, at, "trusted", s->trusted);
	saksi_gather_yes(g, at, "allow-insecure", s->insecure);
	saksi_gather_yes(g, at, "signed-by", s->signed_by);
	saksi_gather_yes(g, at, "enabled", !s->off);
}

/* deb [trusted=yes] URI SUITE COMPONENTS */
static void one_line(struct saksi_gather *g, const char *path)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, word, options;

	if (!saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#", &line)) {
		struct source s = {0};
		if (!saksi_text_word(&line, NULL, &word) ||
		    !saksi_bytes_is(word, "deb"))
			continue;
		line = saksi_text_trim(line);
		if (line.len > 0 && line.at[0] == '[') {
			line = (struct saksi_bytes){line.at + 1, line.len - 1};
			saksi_text_cut(line, ']', &options, &line);
			s.trusted = saksi_text_has(options, "trusted=yes");
			s.insecure = saksi_text_has(options, "allow-insecure=yes");
			s.signed_by = saksi_text_has(options, "signed-by=");
		}
		if (!saksi_text_word(&line, NULL, &s.uris))
			continue;
		saksi_text_word(&line, NULL, &s.suites);
		source_facts(g, saksi_gather_text(g, "%s:%u", path, lines.number), &s);
	}
}

static void deb822(struct saksi_gather *g, const char *path)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, key, value;
	struct source s = {0};
	uint32_t first = 0;
	bool going = true;

	if (!saksi_gather_read(g, path, &lines.left))
		return;
	while (going) {
		going = saksi_lines_next(&lines, &line);
		if (!going || saksi_text_trim(line).len == 0) {
			if (s.uris.len > 0)
				source_facts(
				    g, saksi_gather_text(g, "%s:%u", path, first), &s);
			s = (struct source){0};
			first = 0;
			continue;
		}
		first = first ? first : lines.number;
		if (line.at[0] == '#' || !saksi_text_cut(line, ':', &key, &value))
			continue;
		if (saksi_text_is(key, "URIs"))
			s.uris = value;
		else if (saksi_text_is(key, "Suites"))
			s.suites = value;
		else if (saksi_text_is(key, "Trusted"))
			s.trusted = saksi_text_is(value, "yes");
		else if (saksi_text_is(key, "Allow-Insecure"))
			s.insecure = saksi_text_is(value, "yes");
		else if (saksi_text_is(key, "Signed-By"))
			s.signed_by = true;
		else if (saksi_text_is(key, "Enabled"))
			s.off = saksi_text_is(value, "no");
	}
}

void saksi_read_apt(struct saksi_gather *g)
{
	const bool apt = saksi_gather_exists(g, "/etc/apt");

	saksi_gather_open(g, "apt");
	if (!apt)
		saksi_gather_note(g, SAKSI_COVERAGE_ABSENT, "not installed");
	const struct saksi_names confs = saksi_gather_glob(g, "/etc/apt/apt.conf.d/*");
	for (size_t i = 0; i < confs.count; i++)
		conf_file(g, confs.at[i]);
	if (saksi_gather_exists(g, "/etc/apt/apt.conf"))
		conf_file(g, "/etc/apt/apt.conf");
	saksi_gather_close(g);

	saksi_gather_open(g, "apt-source");
	if (!apt)
		saksi_gather_note(g, SAKSI_COVERAGE_ABSENT, "not installed");
	if (saksi_gather_exists(g, "/etc/apt/sources.list"))
		one_line(g, "/etc/apt/sources.list");
	struct saksi_names more =
	    saksi_gather_glob(g, "/etc/apt/sources.list.d/*.list");
	for (size_t i = 0; i < more.count; i++)
		one_line(g, more.at[i]);
	more = saksi_gather_glob(g, "/etc/apt/sources.list.d/*.sources");
	for (size_t i = 0; i < more.count; i++)
		deb822(g, more.at[i]);
	saksi_gather_close(g);
}
