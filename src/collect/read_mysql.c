/* MySQL and MariaDB option files; the last one of a group and key counts. */
#include "collect/read_sections.h"
#include "collect/read_text.h"

#include <string.h>

#define OPTIONS_MAX 512
#define DEPTH_MAX 10
#define FILES_MAX 256 /* they may include each other */

struct option {
	const char *subject, *source;
	struct saksi_bytes value;
};

struct state {
	struct saksi_gather *g;
	struct option at[OPTIONS_MAX];
	size_t count;
	unsigned files;
};

static void keep(struct state *s, struct option one)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->at[i].subject, one.subject) == 0) {
			s->at[i] = one;
			return;
		}
	if (s->count == OPTIONS_MAX)
		saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL, "more than %d options",
				  OPTIONS_MAX);
	else
		s->at[s->count++] = one;
}

static const char *subject_of(struct saksi_gather *g, struct saksi_bytes group,
			      struct saksi_bytes key)
{
	char *name = saksi_arena_new(&g->scratch, group.len + key.len + 2, 1);

	if (!name)
		return "";
	for (size_t i = 0; i < group.len; i++)
		name[i] = (char)group.at[i];
	name[group.len] = '.';
	for (size_t i = 0; i < key.len; i++)
		name[group.len + 1 + i] = key.at[i] == '_' ? '-' : (char)key.at[i];
	return name;
}

static bool is_secret(const char *subject)
{
	const struct saksi_bytes s = saksi_bytes_of(subject);

	return saksi_text_ends(s, "password") || saksi_text_ends(s, "passwd") ||
	       saksi_text_ends(s, "passphrase") || saksi_text_ends(s, ".pass");
}

static void file(struct state *s, const char *path, unsigned depth);

static void include(struct state *s, struct saksi_bytes line, unsigned depth)
{
	struct saksi_bytes word, what;

	if (!saksi_text_word(&line, NULL, &word) ||
	    !saksi_text_word(&line, NULL, &what))
		return;
	if (depth >= DEPTH_MAX || s->files >= FILES_MAX) {
		saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL,
				  "includes too deep or too many");
		return;
	}
	if (saksi_bytes_is(word, "!include")) {
		file(s, saksi_gather_cstr(s->g, what), depth + 1);
		return;
	}
	if (what.at[what.len - 1] == '/')
		what.len--;
	const struct saksi_names files =
	    saksi_gather_glob(s->g, saksi_gather_text(s->g, "%.*s/*.cnf", (int)what.len,
						      (const char *)what.at));
	for (size_t i = 0; i < files.count; i++)
		file(s, files.at[i], depth + 1);
}

static void file(struct state *s, const char *path, unsigned depth)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, group = {NULL, 0}, key, value, rest;

	s->files++;
	if (!saksi_gather_read(s->g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#;", &line)) {
		if (line.at[0] == '!') {
			include(s, line, depth);
			continue;
		}
		if (line.at[0] == '[') {
			group = (struct saksi_bytes){line.at + 1, line.len - 1};
			saksi_text_cut(group, ']', &group, &rest);
			continue;
		}
		if (!saksi_text_cut(line, '=', &key, &value))
			value = saksi_bytes_of("yes");
		if (saksi_text_has(value, " #"))
			saksi_text_cut(value, '#', &value, &rest);
		struct option one = {
		    .subject = subject_of(s->g, group, key),
		    .source = saksi_gather_text(s->g, "%s:%u", path, lines.number),
		    .value = saksi_text_unquote(value),
		};
		if (is_secret(one.subject))
			one.value = saksi_bytes_of("(set)");
		keep(s, one);
	}
}

void saksi_read_mysql(struct saksi_gather *g)
{
	static const char *const mains[] = {"/etc/my.cnf", "/etc/mysql/my.cnf"};
	const bool server = saksi_gather_exists(g, "/usr/sbin/mysqld") ||
			    saksi_gather_exists(g, "/usr/sbin/mariadbd") ||
			    saksi_gather_exists(g, "/usr/libexec/mysqld") ||
			    saksi_gather_exists(g, "/usr/libexec/mariadbd");
	struct state *s;

	saksi_gather_open(g, "mysql");
	s = saksi_arena_new(&g->scratch, 1, sizeof(*s));
	saksi_gather_yes(g, saksi_bytes_of("-"), "present", server);
	if (!server || !s) {
		saksi_gather_note(g, SAKSI_COVERAGE_ABSENT, "not installed");
		saksi_gather_close(g);
		return;
	}
	s->g = g;
	for (size_t i = 0; i < 2; i++)
		if (saksi_gather_exists(g, mains[i])) {
			saksi_gather_puts(g, "-", "config", mains[i]);
			file(s, mains[i], 0);
		}
	for (size_t i = 0; i < s->count; i++) {
		saksi_gather_put(g, saksi_bytes_of(s->at[i].subject), "value",
				 s->at[i].value);
		saksi_gather_puts(g, s->at[i].subject, "source", s->at[i].source);
	}
	saksi_gather_close(g);
}
