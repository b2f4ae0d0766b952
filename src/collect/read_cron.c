/* What runs by the clock.  Of a command only its program is a fact: arguments
 * hold passwords often enough. */
#include "collect/read_sections.h"
#include "collect/read_text.h"

#include <string.h>

static void program_facts(struct saksi_gather *g, struct saksi_bytes subject,
			  struct saksi_bytes command)
{
	struct saksi_bytes word;
	bool tested = false;

	/* The first absolute path that is not what "test -x" or "cd" is given. */
	while (saksi_text_word(&command, "();&|", &word)) {
		const bool skip = tested || saksi_bytes_starts(word, "/dev/");
		tested =
		    (word.len == 2 && word.at[0] == '-') || saksi_bytes_is(word, "cd");
		if (word.at[0] != '/' || skip)
			continue;
		saksi_gather_put(g, subject, "program", word);
		if (g->src.root >= 0)
			saksi_gather_file_facts(g, subject, "program",
						saksi_gather_cstr(g, word));
		return;
	}
}

static bool is_setting(struct saksi_bytes line)
{
	struct saksi_bytes key, value;

	if (!saksi_text_cut(line, '=', &key, &value) || key.len == 0)
		return false;
	for (size_t i = 0; i < key.len; i++)
		if (key.at[i] == ' ' || key.at[i] == '*' || key.at[i] == '\t')
			return false;
	return true;
}

/* Five fields, or one that begins with '@'. */
static bool schedule(struct saksi_bytes *line)
{
	struct saksi_bytes word;
	size_t n = 1;

	if (!saksi_text_word(line, NULL, &word))
		return false;
	if (word.at[0] == '@')
		return true;
	while (n < 5 && saksi_text_word(line, NULL, &word))
		n++;
	return n == 5;
}

void saksi_read_cron_text(struct saksi_gather *g, const char *path,
			  struct saksi_bytes text, const char *user)
{
	struct saksi_lines lines = {.left = text};
	struct saksi_bytes line, who = saksi_bytes_of(user ? user : "");

	while (saksi_lines_said(&lines, "#", &line)) {
		if (is_setting(line))
			continue;
		const size_t mark = g->scratch.used;
		if (!schedule(&line) ||
		    (!user && !saksi_text_word(&line, NULL, &who))) {
			saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
					  "%s:%u is not understood", path,
					  lines.number);
			continue;
		}
		const struct saksi_bytes subject =
		    saksi_bytes_of(saksi_gather_text(g, "%s:%u", path, lines.number));
		saksi_gather_put(g, subject, "user", who);
		program_facts(g, subject, line);
		saksi_gather_put(g, subject, "file", saksi_bytes_of(path));
		if (g->src.root >= 0)
			saksi_gather_file_facts(g, subject, "file", path);
		saksi_arena_rewind(&g->scratch, mark);
	}
}

static void table(struct saksi_gather *g, const char *path, const char *user)
{
	struct saksi_bytes text;

	if (saksi_gather_read(g, path, &text))
		saksi_read_cron_text(g, path, text, user);
}

static void scripts(struct saksi_gather *g, const char *dir)
{
	struct saksi_names names;

	if (!saksi_gather_names(g, dir, &names))
		return;
	for (size_t i = 0; i < names.count; i++) {
		if (names.at[i][0] == '.')
			continue;
		const char *path = saksi_gather_text(g, "%s/%s", dir, names.at[i]);
		const struct saksi_bytes subject = saksi_bytes_of(path);
		saksi_gather_puts(g, path, "user", "root");
		saksi_gather_puts(g, path, "program", path);
		saksi_gather_file_facts(g, subject, "program", path);
		saksi_gather_puts(g, path, "file", path);
		saksi_gather_file_facts(g, subject, "file", path);
	}
}

static void tables_in(struct saksi_gather *g, const char *dir, bool by_user)
{
	struct saksi_names names;

	if (!saksi_gather_names(g, dir, &names))
		return;
	for (size_t i = 0; i < names.count; i++) {
		struct stat st;
		const char *path = saksi_gather_text(g, "%s/%s", dir, names.at[i]);
		/* crontabs of each user lie in a folder among files elsewhere. */
		if (names.at[i][0] != '.' &&
		    saksi_gather_noted(g, saksi_source_stat(&g->src, path, true, &st),
				       path) &&
		    !S_ISDIR(st.st_mode))
			table(g, path, by_user ? names.at[i] : NULL);
	}
}

void saksi_read_cron(struct saksi_gather *g)
{
	saksi_gather_open(g, "cron");
	table(g, "/etc/crontab", NULL);
	tables_in(g, "/etc/cron.d", false);
	tables_in(g, "/var/spool/cron/crontabs", true);
	tables_in(g, "/var/spool/cron", true);
	scripts(g, "/etc/cron.hourly");
	scripts(g, "/etc/cron.daily");
	scripts(g, "/etc/cron.weekly");
	scripts(g, "/etc/cron.monthly");
	if (saksi_gather_exists(g, "/etc/anacrontab"))
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "/etc/anacrontab is not read");
	saksi_gather_close(g);
}

/* ---- NFS exports */

static void export(struct saksi_gather *g, const char *path, uint32_t number,
		   struct saksi_bytes line)
{
	struct saksi_bytes what, word, client, list, option;
	unsigned n = 0;

	if (!saksi_text_quoted(&line, &what))
		return;
	while (saksi_text_word(&line, NULL, &word)) {
		const struct saksi_bytes subject = saksi_bytes_of(saksi_gather_text(
		    g, n ? "%s:%u#%u" : "%s:%u", path, number, n + 1));
		n++;
		saksi_text_cut(word, '(', &client, &list);
		saksi_gather_put(g, subject, "path", what);
		saksi_gather_put(g, subject, "client",
				 client.len ? client : saksi_bytes_of("*"));
		while (saksi_text_word(&list, ",)", &option))
			saksi_gather_put(g, subject, "option", option);
	}
}

static void exports(struct saksi_gather *g, const char *path)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line;

	if (!saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#", &line))
		export(g, path, lines.number, line);
}

void saksi_read_nfs(struct saksi_gather *g)
{
	saksi_gather_open(g, "nfs");
	const struct saksi_names more =
	    saksi_gather_glob(g, "/etc/exports.d/*.exports");
	if (more.count == 0 && !saksi_gather_exists(g, "/etc/exports"))
		saksi_gather_note(g, SAKSI_COVERAGE_ABSENT, "nothing is exported");
	exports(g, "/etc/exports");
	for (size_t i = 0; i < more.count; i++)
		exports(g, more.at[i]);
	saksi_gather_close(g);
}
