#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/table.h"
#include "store/files.h"

#define WIDTH 79

/* Puts text in lines of at most WIDTH columns; `at` is the column reached and
 * `indent` where further lines begin.  An empty line ends a paragraph; a line
 * that begins with two spaces is an example and stays as it is. */
static void put_wrapped(FILE *out, const char *text, int at, int indent)
{
	bool head = true, example = false;
	while (*text != '\0') {
		int n;
		if (strncmp(text, "\n\n", 2) == 0 || strncmp(text, "\n  ", 3) == 0 ||
		    (example && *text == '\n')) {
			(void)fprintf(out, "\n%s%*s", text[1] == '\n' ? "\n" : "",
				      indent, "");
			text += text[1] == '\n' ? 2 : 1;
			at = indent;
			head = true;
		} else if (*text == '\n' || *text == ' ') {
			text++;
		}
		example = head && strncmp(text, "  ", 2) == 0;
		n = (int)strcspn(text, example ? "\n" : " \n");
		if (!head && at + 1 + n > WIDTH) {
			(void)fprintf(out, "\n%*s", indent, "");
			at = indent;
		} else if (!head) {
			(void)fputc(' ', out);
			at++;
		}
		(void)fprintf(out, "%.*s", n, text);
		at += n;
		text += n;
		head = false;
	}
	(void)fputc('\n', out);
}

static void put_row(FILE *out, const char *name, const char *says, int column)
{
	int at = (int)strlen(name) + 2;
	(void)fprintf(out, "  %s", name);
	if (at + 2 > column) {
		(void)fputc('\n', out);
		at = 0;
	}
	(void)fprintf(out, "%*s", column - at, "");
	put_wrapped(out, says, column, column);
}

void saksi_help_all(FILE *out)
{
	const char *title = NULL;
	(void)fputs(
	    "usage: saksi COMMAND [ARGUMENTS] [OPTIONS]\n\n"
	    "An election commission opens the security of its voter data to public\n"
	    "witness, without opening the data.\n",
	    out);
	for (const struct saksi_group *g = saksi_groups; g->title != NULL; g++) {
		if (title == NULL || strcmp(title, g->title) != 0)
			(void)fprintf(out, "\n%s\n", g->title);
		title = g->title;
		for (const struct saksi_command *r = g->rows; r->name != NULL; r++)
			put_row(out, r->name, r->says, 21);
	}
	(void)fputs(
	    "\n'saksi help COMMAND' or 'saksi COMMAND --help' says more; every\n"
	    "command takes --json.  Results go to stdout, all else to stderr.\n"
	    "Exit: 0 it holds, 1 it is false, 2 wrong usage, 3 cannot tell,\n"
	    "4 quorum not met, 5 split view.\n",
	    out);
}

void saksi_help_group(FILE *out, const char *word)
{
	const struct saksi_command *r;
	(void)fprintf(out, "usage: saksi %s COMMAND [ARGUMENTS] [OPTIONS]\n\n", word);
	for (size_t i = 0; (r = saksi_table_at(i)) != NULL; i++)
		if (saksi_table_in_group(r, word))
			put_row(out, r->name, r->says, 21);
	(void)fprintf(out, "\n'saksi help %s COMMAND' says more.\n", word);
}

static void put_options(FILE *out, const struct saksi_option *o)
{
	char name[80];
	for (; o != NULL && o->name != NULL; o++) {
		(void)snprintf(name, sizeof(name), "%s%s%s%s", o->name,
			       o->metavar != NULL ? " " : "",
			       o->metavar != NULL ? o->metavar : "",
			       o->many ? " ..." : "");
		put_row(out, name, o->says, 25);
	}
}

void saksi_help_command(FILE *out, const struct saksi_command *row)
{
	struct saksi_buf line = saksi_buf_growing(4096);
	int indent = (int)strlen(row->name) + 14;
	saksi_buf_puts(&line, row->args);
	for (const struct saksi_option *o = row->options; o != NULL && o->name != NULL;
	     o++)
		if (o->needed)
			saksi_buf_printf(&line, "%s%s %s%s", line.len > 0 ? " " : "",
					 o->name, o->metavar, o->many ? " ..." : "");
	saksi_buf_puts(&line, line.len > 0 ? " [OPTIONS]" : "[OPTIONS]");
	saksi_buf_put_u8(&line, 0);
	(void)fprintf(out, "usage: saksi %s ", row->name);
	put_wrapped(out, saksi_buf_check(&line) == SAKSI_OK ? (char *)line.at : "",
		    indent, indent);
	saksi_buf_free(&line);
	(void)fputc('\n', out);
	put_wrapped(out, row->says, 0, 0);
	if (row->help != NULL) {
		(void)fputc('\n', out);
		put_wrapped(out, row->help, 0, 0);
	}
	(void)fputs("\noptions\n", out);
	put_options(out, row->options);
	put_options(out, saksi_options_all);
}

static void json_row(struct saksi_jsonw *w, const struct saksi_command *r)
{
	saksi_jsonw_open(w, '{');
	saksi_jsonw_key(w, "name");
	saksi_jsonw_cstr(w, r->name);
	saksi_jsonw_key(w, "args");
	saksi_jsonw_cstr(w, r->args);
	saksi_jsonw_key(w, "says");
	saksi_jsonw_cstr(w, r->says);
	saksi_jsonw_key(w, "options");
	saksi_jsonw_open(w, '[');
	for (const struct saksi_option *o = r->options; o != NULL && o->name != NULL;
	     o++) {
		saksi_jsonw_open(w, '{');
		saksi_jsonw_key(w, "name");
		saksi_jsonw_cstr(w, o->name);
		if (o->metavar != NULL) {
			saksi_jsonw_key(w, "value");
			saksi_jsonw_cstr(w, o->metavar);
		}
		saksi_jsonw_key(w, "says");
		saksi_jsonw_cstr(w, o->says);
		saksi_jsonw_close(w, '}');
	}
	saksi_jsonw_close(w, ']');
	saksi_jsonw_close(w, '}');
}

static int help_json(const struct saksi_cmd *c)
{
	const struct saksi_command *r;
	struct saksi_buf b = saksi_buf_growing(1U << 20);
	struct saksi_jsonw w = {.out = &b};
	const char *word = saksi_cmd_arg(c, 0);
	saksi_jsonw_open(&w, '[');
	for (size_t i = 0; (r = saksi_table_at(i)) != NULL; i++)
		if (word == NULL || strcmp(r->name, word) == 0 ||
		    saksi_table_in_group(r, word))
			json_row(&w, r);
	saksi_jsonw_close(&w, ']');
	saksi_buf_puts(&b, "\n");
	enum saksi_err err = saksi_buf_check(&b);
	if (err == SAKSI_OK)
		(void)fwrite(b.at, 1, b.len, stdout);
	saksi_buf_free(&b);
	return err == SAKSI_OK ? SAKSI_EXIT_HOLDS : saksi_cmd_fail(c, err, NULL);
}

static enum saksi_err man_file(int dir, const char *word)
{
	struct saksi_buf page = saksi_buf_growing(1U << 20);
	char name[64];
	(void)snprintf(name, sizeof(name), "saksi%s%s.1", word != NULL ? "-" : "",
		       word != NULL ? word : "");
	saksi_man_write(word, &page);
	enum saksi_err err = saksi_buf_check(&page);
	if (err == SAKSI_OK)
		err = saksi_file_replace(dir, name, saksi_buf_bytes(&page), 0644);
	saksi_buf_free(&page);
	return err;
}

/* Writes saksi.1 and one page for each first word into the folder. */
static int help_man(const struct saksi_cmd *c, const char *path)
{
	const struct saksi_command *r;
	char last[32] = "", word[32];
	int dir = -1;
	enum saksi_err err = saksi_dir_open(path, &dir);
	if (err == SAKSI_OK)
		err = man_file(dir, NULL);
	for (size_t i = 0; err == SAKSI_OK && (r = saksi_table_at(i)) != NULL; i++) {
		(void)snprintf(word, sizeof(word), "%.*s", (int)strcspn(r->name, " "),
			       r->name);
		if (strcmp(word, last) != 0)
			err = man_file(dir, word);
		(void)snprintf(last, sizeof(last), "%s", word);
	}
	if (dir >= 0)
		(void)close(dir);
	if (err == SAKSI_OK)
		return SAKSI_EXIT_HOLDS;
	saksi_cmd_say(c, "%s: the manual pages could not be written there: %s", path,
		      saksi_err_name(err));
	return saksi_err_exit(err);
}

static int help_unknown(const struct saksi_cmd *c, const char *first,
			const char *second)
{
	const struct saksi_command *r;
	const char *best = NULL, *typed = second != NULL ? second : first;
	for (size_t i = 0; (r = saksi_table_at(i)) != NULL; i++)
		if (second == NULL)
			best = saksi_word_nearer(typed, best, r->name);
		else if (saksi_table_in_group(r, first))
			best = saksi_word_nearer(typed, best, strchr(r->name, ' ') + 1);
	saksi_cmd_say(c, "there is no command '%s%s%s'%s%s%s (saksi --help)", first,
		      second != NULL ? " " : "", second != NULL ? second : "",
		      best != NULL ? "; is it '" : "", best != NULL ? best : "",
		      best != NULL ? "'?" : "");
	return SAKSI_EXIT_USAGE;
}

static int help(struct saksi_cmd *c)
{
	const char *man = saksi_cmd_option(c, "--man");
	const char *first = saksi_cmd_arg(c, 0), *second = saksi_cmd_arg(c, 1);
	char name[64];
	if (man != NULL)
		return help_man(c, man);
	if (first == NULL) {
		if (saksi_cmd_json(c))
			return help_json(c);
		saksi_help_all(stdout);
		return SAKSI_EXIT_HOLDS;
	}
	(void)snprintf(name, sizeof(name), "%s%s%s", first, second != NULL ? " " : "",
		       second != NULL ? second : "");
	const struct saksi_command *r;
	for (size_t i = 0; (r = saksi_table_at(i)) != NULL; i++)
		if (strcmp(r->name, name) == 0) {
			if (saksi_cmd_json(c))
				return help_json(c);
			saksi_help_command(stdout, r);
			return SAKSI_EXIT_HOLDS;
		}
	if (second != NULL || !saksi_table_is_group(first))
		return help_unknown(c, first, second);
	if (saksi_cmd_json(c))
		return help_json(c);
	saksi_help_group(stdout, first);
	return SAKSI_EXIT_HOLDS;
}

static const struct saksi_option help_options[] = {
    {"--man", "DIR", "write all manual pages into DIR instead", false, false},
    {NULL, NULL, NULL, false, false},
};

const struct saksi_command saksi_commands_help[] = {
    {"help", "[COMMAND]", "what a command does and which options it takes", NULL,
     help_options, 0, 2, help},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
