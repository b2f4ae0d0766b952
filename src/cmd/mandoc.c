/* Manual pages (mdoc) out of the command table. */
#include <string.h>

#include "base/version.h"
#include "cmd/table.h"

/* Text as roff reads it: a dot or a quote at the head of a line would be a
 * request. */
static void put_text(struct saksi_buf *out, const char *s)
{
	bool head = true;
	const char *from = s;
	for (; *s != '\0'; s++) {
		if (head && (*s == '.' || *s == '\''))
			saksi_buf_puts(out, "\\&");
		head = *s == '\n';
		size_t gap = strspn(s, " ");
		if (gap > 0 && s > from && s[-1] == '.' && s[gap] >= 'A' &&
		    s[gap] <= 'Z') {
			saksi_buf_puts(out, "\n"); /* roff sets the space */
			s += gap - 1;
			head = true;
		} else if (*s == '\\')
			saksi_buf_puts(out, "\\e");
		else
			saksi_buf_put_u8(out, (uint8_t)*s);
	}
}

/* Paragraphs; those that begin with two spaces are shown as they stand. */
static void put_paragraphs(struct saksi_buf *out, const char *s)
{
	char line[512];
	bool literal = false;
	while (*s != '\0') {
		size_t n = strcspn(s, "\n");
		bool example = strncmp(s, "  ", 2) == 0;
		(void)snprintf(line, sizeof(line), "%.*s", (int)n, s);
		if (example != literal)
			saksi_buf_puts(out, example ? ".Bd -literal -offset indent\n"
						    : ".Ed\n");
		literal = example;
		if (n == 0 && s[1] != '\0' && strncmp(s + 1, "  ", 2) != 0)
			saksi_buf_puts(out, ".Pp\n");
		if (n > 0) {
			put_text(out, example ? line + 2 : line);
			saksi_buf_puts(out, "\n");
		}
		s += n + (s[n] == '\n');
	}
	if (literal)
		saksi_buf_puts(out, ".Ed\n");
}

/* ".Ar FILE" for "FILE", ".Op Ar N" for "[N]", " ..." kept behind. */
static void put_args(struct saksi_buf *out, const char *args)
{
	while (*args != '\0') {
		size_t n = strcspn(args, " "), len = n;
		bool optional = args[0] == '[', more = false;
		const char *word = args + optional;
		len -= optional;
		if (optional && len > 0 && word[len - 1] == ']')
			len--;
		if (len > 3 && strncmp(word + len - 3, "...", 3) == 0) {
			len -= 3;
			more = true;
		}
		saksi_buf_puts(out, optional ? ".Op Ar " : ".Ar ");
		saksi_buf_put(out, (struct saksi_bytes){(const uint8_t *)word, len});
		saksi_buf_puts(out, more ? " ...\n" : "\n");
		args += n;
		args += strspn(args, " ");
	}
}

/* "Fl -trust Ar DIR": Fl sets one dash itself. */
static void put_option(struct saksi_buf *out, const struct saksi_option *o)
{
	saksi_buf_printf(out, "Fl %s", o->name + 1);
	if (o->metavar != NULL)
		saksi_buf_printf(out, " Ar %s", o->metavar);
	if (o->many)
		saksi_buf_puts(out, " ...");
	saksi_buf_puts(out, "\n");
}

static void put_synopsis(struct saksi_buf *out, const struct saksi_command *r)
{
	saksi_buf_puts(out, ".Nm saksi\n");
	saksi_buf_printf(out, ".Cm %s\n", r->name);
	put_args(out, r->args);
	for (const struct saksi_option *o = r->options; o != NULL && o->name != NULL;
	     o++) {
		saksi_buf_puts(out, o->needed ? "." : ".Op ");
		put_option(out, o);
	}
}

static void put_command(struct saksi_buf *out, const struct saksi_command *r)
{
	const struct saksi_option *lists[] = {r->options, saksi_options_all};
	saksi_buf_printf(out, ".Ss saksi %s\n", r->name);
	char capital = r->says[0];
	if (capital >= 'a' && capital <= 'z')
		capital = (char)(capital - 'a' + 'A');
	saksi_buf_put_u8(out, (uint8_t)capital);
	put_text(out, r->says + 1);
	saksi_buf_puts(out, ".\n");
	if (r->help != NULL) {
		saksi_buf_puts(out, ".Pp\n");
		put_paragraphs(out, r->help);
	}
	saksi_buf_puts(out, ".Bl -tag -width Ds\n");
	for (int i = 0; i < 2; i++)
		for (const struct saksi_option *o = lists[i];
		     o != NULL && o->name != NULL; o++) {
			saksi_buf_puts(out, ".It ");
			put_option(out, o);
			put_text(out, o->says);
			saksi_buf_puts(out, o->needed ? " (needed)\n" : "\n");
		}
	saksi_buf_puts(out, ".El\n");
}

static void put_exit(struct saksi_buf *out)
{
	saksi_buf_puts(out,
		       ".Sh EXIT STATUS\n.Bl -tag -width Ds -compact\n"
		       ".It 0\nit holds\n"
		       ".It 1\nit is false\n"
		       ".It 2\nwrong usage\n"
		       ".It 3\ncannot tell: not read, too old, or newer than this "
		       "program knows\n"
		       ".It 4\nsigned, but by too few of those the policy asks for\n"
		       ".It 5\ntwo signed views that cannot both be true\n.El\n");
}

static void man_all(struct saksi_buf *out)
{
	const struct saksi_command *r;
	saksi_buf_puts(
	    out,
	    ".Nm saksi\n.Cm command\n.Op Ar arguments\n.Op Ar options\n"
	    ".Sh DESCRIPTION\n"
	    "An election commission opens the security of its voter data to public\n"
	    "witness, without opening the data.\n"
	    ".Bl -tag -width Ds\n");
	for (size_t i = 0; (r = saksi_table_at(i)) != NULL; i++) {
		saksi_buf_printf(out, ".It Cm %s\n", r->name);
		put_text(out, r->says);
		saksi_buf_puts(out, "\n");
	}
	saksi_buf_puts(out,
		       ".El\n.Pp\nEach first word has a page of its own, such as\n"
		       ".Xr saksi-help 1 .\n"
		       "Results go to standard output, all else to standard error;\n"
		       "times are in UTC.\n");
}

static bool named(const struct saksi_command *r, const char *word)
{
	return strcmp(r->name, word) == 0 || saksi_table_in_group(r, word);
}

static void man_word(struct saksi_buf *out, const char *word)
{
	const struct saksi_command *r;
	for (size_t i = 0; (r = saksi_table_at(i)) != NULL; i++)
		if (named(r, word))
			put_synopsis(out, r);
	saksi_buf_puts(out, ".Sh DESCRIPTION\n");
	for (size_t i = 0; (r = saksi_table_at(i)) != NULL; i++)
		if (named(r, word))
			put_command(out, r);
}

void saksi_man_write(const char *word, struct saksi_buf *out)
{
	const struct saksi_command *r = NULL;
	bool group = word != NULL && saksi_table_is_group(word);
	for (size_t i = 0; word != NULL && (r = saksi_table_at(i)) != NULL; i++)
		if (named(r, word))
			break;
	saksi_buf_printf(out, ".Dd %s\n.Dt SAKSI", SAKSI_VERSION_DATE);
	for (const char *p = word; p != NULL && *p != '\0'; p++)
		saksi_buf_printf(out, "%s%c", p == word ? "-" : "",
				 *p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
	saksi_buf_printf(out, " 1\n.Os\n.Sh NAME\n.Nm saksi%s%s\n.Nd ",
			 word != NULL ? "-" : "", word != NULL ? word : "");
	if (word == NULL)
		saksi_buf_puts(out,
			       "open the security of voter data to public witness");
	else if (group || r == NULL)
		saksi_buf_printf(out, "the %s commands of saksi", word);
	else
		put_text(out, r->says);
	saksi_buf_puts(out, "\n.Sh SYNOPSIS\n");
	if (word == NULL)
		man_all(out);
	else
		man_word(out, word);
	put_exit(out);
	if (word != NULL)
		saksi_buf_puts(out, ".Sh SEE ALSO\n.Xr saksi 1\n");
}
