/* Settings of the form "key = value" or "key value". */
#include "collect/read_sections.h"
#include "collect/read_text.h"

#include <string.h>

#define KEYS_MAX 256

struct setting {
	struct saksi_bytes key, value;
	const char *source;
};

struct settings {
	struct setting at[KEYS_MAX];
	size_t count;
};

static bool set(struct settings *s, struct setting one)
{
	for (size_t i = 0; i < s->count; i++)
		if (saksi_bytes_same(s->at[i].key, one.key)) {
			s->at[i] = one;
			return true;
		}
	if (s->count == KEYS_MAX)
		return false;
	s->at[s->count++] = one;
	return true;
}

static void file(struct saksi_gather *g, struct settings *s, const char *path,
		 const char *comments)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, rest, hash;

	if (!saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, comments, &line)) {
		struct setting one;
		if (line.at[0] == '[')
			continue; /* a group, as in systemd's files */
		rest = line;
		if (!saksi_text_word(&rest, "=", &one.key))
			continue;
		rest = saksi_text_trim(rest);
		if (rest.len > 0 && rest.at[0] == '=') {
			rest.at++;
			rest.len--;
		}
		saksi_text_cut(rest, '#', &one.value, &hash);
		if (one.value.len == 0)
			one.value = saksi_bytes_of("yes");
		one.source = saksi_gather_text(g, "%s:%u", path, lines.number);
		if (!set(s, one))
			saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
					  "%s: more than %d keys", path, KEYS_MAX);
	}
}

void saksi_read_keys(struct saksi_gather *g, const char *section, const char *main,
		     const char *pattern, const char *comments)
{
	struct settings *s;
	struct saksi_names files = {0};

	saksi_gather_open(g, section);
	s = saksi_arena_new(&g->scratch, 1, sizeof(*s));
	if (pattern)
		files = saksi_gather_glob(g, pattern);
	if (s && saksi_gather_exists(g, main))
		file(g, s, main, comments);
	else if (files.count == 0)
		saksi_gather_note(g, SAKSI_COVERAGE_ABSENT, "%s is not there", main);
	for (size_t i = 0; s && i < files.count; i++)
		file(g, s, files.at[i], comments);
	for (size_t i = 0; s && i < s->count; i++) {
		saksi_gather_put(g, s->at[i].key, "value", s->at[i].value);
		saksi_gather_put(g, s->at[i].key, "source",
				 saksi_bytes_of(s->at[i].source));
	}
	saksi_gather_close(g);
}

void saksi_read_coredump(struct saksi_gather *g)
{
	saksi_read_keys(g, "coredump", "/etc/systemd/coredump.conf",
			"/etc/systemd/coredump.conf.d/*.conf", "#;");
}
