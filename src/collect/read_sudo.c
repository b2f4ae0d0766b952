/* sudoers, as sudoers(5) reads it: continuation lines, includes, aliases,
 * Defaults, and lists of user specifications. */
#include "collect/read_sections.h"
#include "collect/read_text.h"

#include <stdio.h>
#include <string.h>

#define ALIASES_MAX 256
#define FILES_MAX 128
#define DEFAULTS_MAX 256
#define LINE_MAX_LEN 16384
#define DEPTH_MAX 8

enum alias_kind { USER, HOST, RUNAS, COMMAND };

struct alias {
	enum alias_kind kind;
	struct saksi_bytes name, members;
};

struct state {
	struct saksi_gather *g;
	const char *path;
	uint32_t line;
	struct alias aliases[ALIASES_MAX];
	size_t alias_count;
	struct setting {
		const char *subject, *scope, *source;
		struct saksi_bytes value;
	} defaults[DEFAULTS_MAX];
	size_t default_count;
	size_t files;
	bool collect; /* first pass: aliases only */
};

static void misread(struct state *s)
{
	const char *place = saksi_gather_text(s->g, "%s:%u", s->path, s->line);

	if (s->collect)
		return;
	saksi_facts_puts(s->g->w, "sudo", "-", "error", place);
	saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL, "%s is not understood", place);
}

/* Cuts at the next comma outside quotes and not behind a backslash. */
static bool item(struct saksi_bytes *list, struct saksi_bytes *out)
{
	bool quoted = false;
	size_t n = 0;

	if (list->len == 0)
		return false;
	for (; n < list->len; n++) {
		if (list->at[n] == '\\' && n + 1 < list->len)
			n++;
		else if (list->at[n] == '"')
			quoted = !quoted;
		else if (list->at[n] == ',' && !quoted)
			break;
	}
	if (n > list->len)
		n = list->len;
	*out = saksi_text_trim((struct saksi_bytes){list->at, n});
	list->at += n < list->len ? n + 1 : n;
	list->len -= n < list->len ? n + 1 : n;
	return true;
}

static const struct alias *alias_of(const struct state *s, enum alias_kind kind,
				    struct saksi_bytes name)
{
	for (size_t i = 0; i < s->alias_count; i++)
		if (s->aliases[i].kind == kind &&
		    saksi_bytes_same(s->aliases[i].name, name))
			return &s->aliases[i];
	return NULL;
}

struct seen {
	bool all, negated;
};

struct into {
	enum alias_kind kind;
	const char *subject, *attribute;
	struct seen *seen;
};

/* One name as facts, aliases opened; of a command only the program. */
static void expand(struct state *s, struct saksi_bytes one, const struct into *to,
		   unsigned depth)
{
	bool no = false;
	struct saksi_bytes word = one, part, rest;

	while (word.len > 0 && word.at[0] == '!') {
		no = !no;
		word = saksi_text_trim((struct saksi_bytes){word.at + 1, word.len - 1});
	}
	const struct alias *a = alias_of(s, to->kind, word);
	if (a && depth < DEPTH_MAX) {
		rest = a->members;
		while (item(&rest, &part))
			expand(s, part, to, depth + 1);
		if (no)
			to->seen->negated = true;
		return;
	}
	if (to->kind == COMMAND) {
		rest = word;
		if (!saksi_text_word(&rest, NULL, &word))
			return;
	}
	if (word.len == 0)
		return;
	if (no)
		to->seen->negated = true;
	else if (saksi_bytes_is(word, "ALL"))
		to->seen->all = true;
	saksi_facts_put(s->g->w, "sudo-rule", saksi_bytes_of(to->subject),
			to->attribute,
			no ? saksi_bytes_of(saksi_gather_text(
				 s->g, "!%.*s", (int)word.len, (const char *)word.at))
			   : word);
}

static void expand_list(struct state *s, struct saksi_bytes list, const struct into *to)
{
	struct saksi_bytes one;

	while (item(&list, &one))
		expand(s, one, to, 0);
}

/* ---- Defaults */

/* The last one of a name and scope is in force. */
static void keep_default(struct state *s, struct setting one)
{
	for (size_t i = 0; i < s->default_count; i++)
		if (strcmp(s->defaults[i].subject, one.subject) == 0) {
			s->defaults[i] = one;
			return;
		}
	if (s->default_count == DEFAULTS_MAX)
		misread(s);
	else
		s->defaults[s->default_count++] = one;
}

static void one_default(struct state *s, struct saksi_bytes one, const char *scope)
{
	struct saksi_bytes key, value;
	const char *subject;
	bool no = false;

	while (one.len > 0 && one.at[0] == '!') {
		no = !no;
		one = saksi_text_trim((struct saksi_bytes){one.at + 1, one.len - 1});
	}
	if (!saksi_text_cut(one, '=', &key, &value))
		value = saksi_bytes_of(no ? "no" : "yes");
	/* "name += value" and "name -= value" */
	while (key.len > 0 &&
	       (key.at[key.len - 1] == '+' || key.at[key.len - 1] == '-'))
		key = saksi_text_trim((struct saksi_bytes){key.at, key.len - 1});
	if (key.len == 0) {
		misread(s);
		return;
	}
	subject = saksi_gather_text(s->g, "%.*s%s%s", (int)key.len,
				    (const char *)key.at, *scope ? " " : "", scope);
	const char *source = saksi_gather_text(s->g, "%s:%u", s->path, s->line);
	keep_default(s, (struct setting){subject, *scope ? scope : "all", source,
					 saksi_text_unquote(value)});
}

static void put_defaults(struct state *s)
{
	for (size_t i = 0; i < s->default_count; i++) {
		const struct setting *d = &s->defaults[i];
		const struct saksi_bytes subject = saksi_bytes_of(d->subject);
		saksi_facts_put(s->g->w, "sudo-default", subject, "value", d->value);
		saksi_facts_puts(s->g->w, "sudo-default", d->subject, "scope",
				 d->scope);
		saksi_facts_puts(s->g->w, "sudo-default", d->subject, "source",
				 d->source);
	}
}

static void defaults(struct state *s, struct saksi_bytes line)
{
	struct saksi_bytes scope = {NULL, 0}, one, rest = line;

	rest.at += strlen("Defaults");
	rest.len -= strlen("Defaults");
	if (rest.len > 0 && strchr(":@>!", rest.at[0]) && rest.at[0] &&
	    !saksi_text_word(&rest, NULL, &scope))
		return;
	const char *name = scope.len ? saksi_gather_cstr(s->g, scope) : "";
	while (item(&rest, &one))
		if (one.len > 0)
			one_default(s, one, name);
}

/* ---- aliases and user specifications */

static bool alias_line(struct state *s, struct saksi_bytes line)
{
	static const char *const words[] = {"User_Alias", "Host_Alias", "Runas_Alias",
					    "Cmnd_Alias"};
	struct saksi_bytes word, rest = line, one, name, members;

	if (!saksi_text_word(&rest, NULL, &word))
		return false;
	for (size_t i = 0; i < 4; i++) {
		if (!saksi_bytes_is(word, words[i]) &&
		    !(i == 3 && saksi_bytes_is(word, "Cmd_Alias")))
			continue;
		/* Several on one line stand between colons. */
		while (s->collect && rest.len > 0) {
			saksi_text_cut(rest, ':', &one, &rest);
			if (!saksi_text_cut(one, '=', &name, &members) ||
			    s->alias_count == ALIASES_MAX)
				return true;
			s->aliases[s->alias_count++] =
			    (struct alias){(enum alias_kind)i, name, members};
		}
		return true;
	}
	return false;
}

struct tags {
	bool nopasswd, setenv;
	struct saksi_bytes runas;
};

/* Takes "(root:adm)", "NOPASSWD:" and the like off the front of a command. */
static struct saksi_bytes tagged(struct saksi_bytes one, struct tags *t)
{
	static const char *const words[] = {
	    "NOPASSWD",  "PASSWD",      "SETENV",      "NOSETENV",
	    "NOEXEC",    "EXEC",        "FOLLOW",      "MAIL",
	    "LOG_INPUT", "LOG_OUTPUT",  "NOFOLLOW",    "NOMAIL",
	    "INTERCEPT", "NOINTERCEPT", "NOLOG_INPUT", "NOLOG_OUTPUT"};
	struct saksi_bytes rest, word;
	bool again = true;

	while (again) {
		again = false;
		if (one.len > 0 && one.at[0] == '(' &&
		    saksi_text_cut((struct saksi_bytes){one.at + 1, one.len - 1}, ')',
				   &t->runas, &rest)) {
			one = rest;
			again = true;
			continue;
		}
		if (!saksi_text_cut(one, ':', &word, &rest))
			break;
		for (size_t i = 0; i < sizeof(words) / sizeof(*words) && !again; i++)
			again = saksi_bytes_is(word, words[i]);
		if (again)
			one = rest;
		if (saksi_bytes_is(word, "NOPASSWD") || saksi_bytes_is(word, "PASSWD"))
			t->nopasswd = saksi_bytes_is(word, "NOPASSWD");
		if (saksi_bytes_is(word, "SETENV") || saksi_bytes_is(word, "NOSETENV"))
			t->setenv = saksi_bytes_is(word, "SETENV");
	}
	return one;
}

static void commands(struct state *s, const char *subject, struct saksi_bytes list)
{
	struct tags t = {.runas = saksi_bytes_of("root")};
	struct seen cmd = {0}, who = {0};
	const struct into to = {COMMAND, subject, "command", &cmd};
	struct saksi_bytes one, users, groups;
	bool nopasswd = false, setenv = false;

	while (item(&list, &one)) {
		one = tagged(one, &t);
		nopasswd |= t.nopasswd;
		setenv |= t.setenv;
		expand(s, one, &to, 0);
	}
	saksi_text_cut(t.runas, ':', &users, &groups);
	expand_list(s, users, &(struct into){RUNAS, subject, "runas", &who});
	saksi_facts_puts(s->g->w, "sudo-rule", subject, "nopasswd",
			 nopasswd ? "yes" : "no");
	saksi_facts_puts(s->g->w, "sudo-rule", subject, "all", cmd.all ? "yes" : "no");
	saksi_facts_puts(s->g->w, "sudo-rule", subject, "negated",
			 cmd.negated ? "yes" : "no");
	saksi_facts_puts(s->g->w, "sudo-rule", subject, "setenv",
			 setenv ? "yes" : "no");
}

/* The colon that begins another "hosts = commands": one whose next '=' comes
 * before any further colon, and which is no tag's. */
static bool next_part(struct saksi_bytes *rest, struct saksi_bytes *part)
{
	size_t depth = 0, i;

	if (rest->len == 0)
		return false;
	for (i = 0; i < rest->len; i++) {
		const uint8_t c = rest->at[i];
		depth += c == '(';
		depth -= c == ')' && depth > 0;
		if (c == '\\' && i + 1 < rest->len)
			i++;
		else if (c == ':' && depth == 0 && i > 0 && rest->at[i - 1] == ' ')
			break;
	}
	if (i > rest->len)
		i = rest->len;
	*part = saksi_text_trim((struct saksi_bytes){rest->at, i});
	rest->at += i < rest->len ? i + 1 : i;
	rest->len -= i < rest->len ? i + 1 : i;
	return true;
}

static void specification(struct state *s, struct saksi_bytes line)
{
	struct saksi_bytes left, right, rest = line, part, users, hosts;
	struct seen ignored = {0};
	unsigned n = 0;
	size_t end = 0;

	/* users, then white space not behind a comma, then hosts */
	while (end < line.len) {
		const bool space = line.at[end] == ' ' || line.at[end] == '\t';
		size_t at = end;
		while (at < line.len && (line.at[at] == ' ' || line.at[at] == '\t'))
			at++;
		if (space && at < line.len && line.at[at] != ',' && end > 0 &&
		    line.at[end - 1] != ',' && line.at[end - 1] != '\\')
			break;
		end = at > end ? at : end + 1;
	}
	users = saksi_text_trim((struct saksi_bytes){line.at, end});
	rest = (struct saksi_bytes){line.at + end, line.len - end};
	while (next_part(&rest, &part)) {
		if (!saksi_text_cut(part, '=', &left, &right) || left.len == 0 ||
		    users.len == 0) {
			misread(s);
			return;
		}
		hosts = left;
		const char *subject =
		    saksi_gather_text(s->g, "%s:%u#%u", s->path, s->line, ++n);
		expand_list(s, users, &(struct into){USER, subject, "who", &ignored});
		expand_list(s, hosts, &(struct into){HOST, subject, "host", &ignored});
		commands(s, subject, right);
	}
	if (n == 0)
		misread(s);
}

/* ---- files */

static void read_file(struct state *s, const char *path, unsigned depth);

static bool include(struct state *s, struct saksi_bytes line, unsigned depth)
{
	struct saksi_bytes word, rest = line, path;
	struct saksi_names names;

	if (!saksi_text_word(&rest, NULL, &word) ||
	    !(saksi_bytes_is(word, "#include") || saksi_bytes_is(word, "@include") ||
	      saksi_bytes_is(word, "#includedir") ||
	      saksi_bytes_is(word, "@includedir")))
		return false;
	if (!saksi_text_quoted(&rest, &path) || s->g->src.root < 0)
		return true;
	const char *to = path.at[0] == '/'
			     ? saksi_gather_cstr(s->g, path)
			     : saksi_gather_text(s->g, "/etc/%.*s", (int)path.len,
						 (const char *)path.at);
	if (!saksi_text_ends(word, "dir")) {
		read_file(s, to, depth + 1);
		return true;
	}
	if (!saksi_gather_names(s->g, to, &names))
		return true;
	for (size_t i = 0; i < names.count; i++) {
		const size_t len = strlen(names.at[i]);
		/* sudo itself leaves out names with a dot or a final ~. */
		if (!strchr(names.at[i], '.') && names.at[i][len - 1] != '~')
			read_file(s, saksi_gather_text(s->g, "%s/%s", to, names.at[i]),
				  depth + 1);
	}
	return true;
}

static void one_line(struct state *s, struct saksi_bytes line, unsigned depth)
{
	struct saksi_bytes hash;

	line = saksi_text_trim(line);
	if (line.len == 0 || include(s, line, depth) || line.at[0] == '#')
		return;
	/* A '#' may also begin a number, as in #1000. */
	if (saksi_text_has(line, " #") && !saksi_text_has(line, "\""))
		saksi_text_cut(line, '#', &line, &hash);
	if (alias_line(s, line) || s->collect)
		return;
	if (saksi_bytes_starts(line, "Defaults"))
		defaults(s, line);
	else
		specification(s, line);
}

static void text(struct state *s, struct saksi_bytes in, unsigned depth)
{
	struct saksi_lines lines = {.left = in};
	struct saksi_bytes line;
	uint8_t *whole = saksi_arena_new(&s->g->scratch, LINE_MAX_LEN, 1);
	size_t len = 0;

	if (!whole)
		return;
	while (saksi_lines_next(&lines, &line)) {
		const bool more = line.len > 0 && line.at[line.len - 1] == '\\';
		const size_t n = more ? line.len - 1 : line.len;
		if (len == 0)
			s->line = lines.number;
		if (len + n > LINE_MAX_LEN) {
			misread(s);
			len = 0;
			continue;
		}
		if (n > 0)
			memcpy(whole + len, line.at, n);
		len += n;
		if (more && lines.left.len > 0)
			continue;
		/* Aliases keep views of their line: it must stay. */
		const struct saksi_bytes keep =
		    saksi_arena_copy(&s->g->scratch, (struct saksi_bytes){whole, len});
		const uint32_t number = s->line;
		if (keep.at)
			one_line(s, keep, depth);
		s->line = number;
		len = 0;
	}
}

static void read_file(struct state *s, const char *path, unsigned depth)
{
	const char *before = s->path;
	struct saksi_bytes in;

	if (depth > DEPTH_MAX || ++s->files > FILES_MAX) {
		saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL, "%s: too many includes",
				  path);
		return;
	}
	if (saksi_gather_read(s->g, path, &in)) {
		if (!s->collect)
			saksi_facts_puts(s->g->w, "sudo", "-", "file", path);
		s->path = path;
		text(s, in, depth);
		s->path = before;
	}
}

void saksi_read_sudo_text(struct saksi_gather *g, const char *path,
			  struct saksi_bytes in)
{
	struct state *s = saksi_arena_new(&g->scratch, 1, sizeof(*s));

	if (!s)
		return;
	s->g = g;
	s->path = path;
	/* An alias may be used above its definition. */
	s->collect = true;
	text(s, in, 0);
	s->collect = false;
	s->files = 0;
	text(s, in, 0);
	put_defaults(s);
}

void saksi_read_sudo(struct saksi_gather *g)
{
	static const char path[] = "/etc/sudoers";
	struct saksi_bytes in;
	const bool there = saksi_gather_exists(g, path);

	saksi_gather_open(g, "sudo");
	saksi_gather_yes(g, saksi_bytes_of("-"), "present",
			 there || saksi_gather_installed(g, "sudo"));
	if (!there)
		saksi_gather_note(g, SAKSI_COVERAGE_ABSENT, "not installed");
	else if (saksi_gather_read(g, path, &in)) {
		saksi_gather_puts(g, "-", "file", path);
		saksi_read_sudo_text(g, path, in);
	} else {
		saksi_gather_note(g, SAKSI_COVERAGE_DENIED, "%s could not be read",
				  path);
	}
	saksi_gather_close_also(g, "sudo-default");
	saksi_gather_close_also(g, "sudo-rule");
	saksi_gather_close(g);
}
