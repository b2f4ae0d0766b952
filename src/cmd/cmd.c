#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/table.h"
#include "store/files.h"

#define OUTPUT_MAX (16U << 20)

const struct saksi_option saksi_options_all[] = {
    {"--json", NULL, "results on stdout as JSON", false, false},
    {"--help", NULL, "this text", false, false},
    {NULL, NULL, NULL, false, false},
};

const char *saksi_cmd_arg(const struct saksi_cmd *c, int i)
{
	return i >= 0 && i < c->arg_count ? c->args[i] : NULL;
}

int saksi_cmd_arg_count(const struct saksi_cmd *c)
{
	return c->arg_count;
}

static const struct saksi_given *given_at(const struct saksi_cmd *c, const char *name,
					  int nth)
{
	for (int i = 0; i < c->given_count; i++)
		if (strcmp(c->given[i].option->name, name) == 0 && nth-- == 0)
			return &c->given[i];
	return NULL;
}

const char *saksi_cmd_option_at(const struct saksi_cmd *c, const char *name, int i)
{
	const struct saksi_given *g = given_at(c, name, i);
	return g != NULL ? g->value : NULL;
}

const char *saksi_cmd_option(const struct saksi_cmd *c, const char *name)
{
	return saksi_cmd_option_at(c, name, 0);
}

bool saksi_cmd_flag(const struct saksi_cmd *c, const char *name)
{
	return given_at(c, name, 0) != NULL;
}

bool saksi_cmd_json(const struct saksi_cmd *c)
{
	return c->json;
}

bool saksi_cmd_number(const struct saksi_cmd *c, const char *name, uint64_t fallback,
		      uint64_t *out)
{
	const char *v = saksi_cmd_option(c, name);
	if (v == NULL) {
		*out = fallback;
		return true;
	}
	if (saksi_text_decimal(saksi_bytes_of(v), out) == SAKSI_OK)
		return true;
	saksi_cmd_say(c, "%s '%s' is no whole number such as 0 or 256", name, v);
	return false;
}

static int64_t unit_seconds(char unit)
{
	switch (unit) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	default:
		return 0;
	}
}

bool saksi_cmd_seconds(const struct saksi_cmd *c, const char *name, int64_t fallback,
		       int64_t *out)
{
	const char *v = saksi_cmd_option(c, name);
	if (v == NULL) {
		*out = fallback;
		return true;
	}
	struct saksi_bytes b = saksi_bytes_of(v);
	uint64_t n = 0;
	int64_t each = b.len > 0 ? unit_seconds(v[b.len - 1]) : 0, all = 0;
	if (each != 0)
		b.len--;
	else
		each = 1;
	if (saksi_text_decimal(b, &n) == SAKSI_OK &&
	    !__builtin_mul_overflow(n, each, &all)) {
		*out = all;
		return true;
	}
	saksi_cmd_say(c, "%s '%s' is no length of time such as 30s, 15m, 3h or 90d",
		      name, v);
	return false;
}

bool saksi_cmd_now(const struct saksi_cmd *c, int64_t *now)
{
	const char *v = saksi_cmd_option(c, "--now");
	if (v == NULL) {
		*now = saksi_time_now();
		return true;
	}
	if (saksi_time_read(saksi_bytes_of(v), now) == SAKSI_OK)
		return true;
	saksi_cmd_say(c, "--now '%s' is no time such as 2026-11-22T16:39:05Z", v);
	return false;
}

/* ---- saying things */

static size_t utf8_len(uint8_t first)
{
	return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* Characters that move the cursor or turn the line around. */
static bool invisible(const uint8_t *at, size_t len)
{
	if (len == 1)
		return at[0] < 0x20 || at[0] == 0x7f;
	if (len == 2)
		return at[0] == 0xc2 && at[1] < 0xa0;
	if (len == 3 && at[0] == 0xe2 && at[1] == 0x80)
		return (at[2] >= 0x8b && at[2] <= 0x8f) ||
		       (at[2] >= 0xa8 && at[2] <= 0xae);
	if (len == 3 && at[0] == 0xe2 && at[1] == 0x81)
		return at[2] >= 0xa0 && at[2] <= 0xaf;
	return len == 3 && at[0] == 0xef && at[1] == 0xbb && at[2] == 0xbf;
}

void saksi_cmd_text(FILE *out, struct saksi_bytes s)
{
	for (size_t i = 0; i < s.len;) {
		size_t n = utf8_len(s.at[i]);
		if (n > s.len - i ||
		    !saksi_text_utf8((struct saksi_bytes){s.at + i, n})) {
			(void)fprintf(out, "\\x%02x", s.at[i]);
			i++;
			continue;
		}
		if (invisible(s.at + i, n))
			for (size_t k = 0; k < n; k++)
				(void)fprintf(out, "\\x%02x", s.at[i + k]);
		else
			(void)fwrite(s.at + i, 1, n, out);
		i += n;
	}
}

/* For --json: main prints it as a document when the command itself printed none. */
static void keep(const struct saksi_cmd *c, const char *text)
{
	if (c != NULL && c->failed != NULL)
		(void)saksi_why_set(c->failed, SAKSI_OK, "%s", text);
}

__attribute__((format(printf, 2, 0))) static void say(const struct saksi_cmd *c,
						      const char *format, va_list ap)
{
	char text[2048];
	int n = vsnprintf(text, sizeof(text), format, ap);
	size_t len = n < 0                      ? 0
		     : (size_t)n < sizeof(text) ? (size_t)n
						: sizeof(text) - 1;
	keep(c, text);
	if (c != NULL && c->says != NULL) {
		c->says(c->says_ctx, text);
		return;
	}
	/* Written at once, so that lines of two threads never mix. */
	char line[4 * sizeof(text) + 256];
	FILE *out = fmemopen(line, sizeof(line), "w");
	if (out == NULL)
		out = stderr;
	(void)fprintf(
	    out, c != NULL ? "saksi %s: " : "saksi: ", c != NULL ? c->row->name : "");
	saksi_cmd_text(out, (struct saksi_bytes){(const uint8_t *)text, len});
	(void)fputc('\n', out);
	if (out == stderr)
		return;
	long end = ftell(out);
	(void)fclose(out);
	if (end > 0)
		(void)fwrite(line, 1, (size_t)end, stderr);
}

void saksi_cmd_say(const struct saksi_cmd *c, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	say(c, format, ap);
	va_end(ap);
}

int saksi_cmd_usage(const struct saksi_cmd *c, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	say(c, format, ap);
	va_end(ap);
	return SAKSI_EXIT_USAGE;
}

int saksi_cmd_fail(const struct saksi_cmd *c, enum saksi_err err,
		   const struct saksi_why *w)
{
	if (w != NULL && w->text[0] != '\0')
		saksi_cmd_say(c, "%s", w->text);
	else
		saksi_cmd_say(c, "%s", saksi_err_name(err));
	return saksi_err_exit(err);
}

int saksi_cmd_fault(const struct saksi_cmd *c, const char *file, enum saksi_err err,
		    const struct saksi_fault *f)
{
	const char *what = f != NULL && f->what != NULL ? f->what : saksi_err_name(err);
	if (f != NULL && f->line > 0)
		saksi_cmd_say(c, "%s:%u: %s", file, f->line, what);
	else if (f != NULL && f->what != NULL)
		saksi_cmd_say(c, "%s: byte %zu: %s", file, f->at, what);
	else
		saksi_cmd_say(c, "%s: %s", file, what);
	return saksi_err_exit(err);
}

int saksi_cmd_output(const struct saksi_cmd *c, const char *path,
		     struct saksi_bytes data)
{
	struct saksi_buf b = saksi_buf_growing(OUTPUT_MAX);
	struct saksi_jsonw w = {&b, false};

	errno = 0;
	if (path != NULL &&
	    saksi_file_replace(AT_FDCWD, path, data, 0644) != SAKSI_OK) {
		saksi_cmd_say(c, "%s: could not be written: %s", path, strerror(errno));
		return SAKSI_EXIT_UNKNOWN;
	}
	if (!saksi_cmd_json(c)) {
		if (path == NULL)
			(void)fwrite(data.at, 1, data.len, stdout);
		return SAKSI_EXIT_HOLDS;
	}
	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, path != NULL ? "output" : "base64");
	if (path != NULL)
		saksi_jsonw_cstr(&w, path);
	else
		saksi_jsonw_base64(&w, data);
	saksi_jsonw_close(&w, '}');
	(void)printf("%.*s\n", (int)b.len, (const char *)b.at);
	saksi_buf_free(&b);
	return SAKSI_EXIT_HOLDS;
}

/* ---- reading the words behind a command's name */

static const struct saksi_option *option_in(const struct saksi_option *list,
					    const char *word, size_t len)
{
	for (; list != NULL && list->name != NULL; list++)
		if (strlen(list->name) == len && strncmp(list->name, word, len) == 0)
			return list;
	return NULL;
}

static int unknown_option(const struct saksi_cmd *c, const char *word, size_t len)
{
	const char *best = NULL;
	char *typed = strndup(word, len);
	const struct saksi_option *lists[] = {c->row->options, saksi_options_all};
	for (int i = 0; i < 2 && typed != NULL; i++)
		for (const struct saksi_option *o = lists[i];
		     o != NULL && o->name != NULL; o++)
			best = saksi_word_nearer(typed, best, o->name);
	if (best != NULL)
		saksi_cmd_say(c, "there is no option '%.*s'; is it '%s'?", (int)len,
			      word, best);
	else
		saksi_cmd_say(c, "there is no option '%.*s' (saksi %s --help)",
			      (int)len, word, c->row->name);
	free(typed);
	return SAKSI_EXIT_USAGE;
}

/* Takes the option at argv[*at] and steps over its value. */
static int take_option(struct saksi_cmd *c, int argc, char *const argv[], int *at)
{
	const char *word = argv[*at];
	size_t len = strcspn(word, "=");
	const char *value = word[len] == '=' ? word + len + 1 : NULL;
	const struct saksi_option *o = option_in(c->row->options, word, len);
	if (o == NULL)
		o = option_in(saksi_options_all, word, len);
	if (o == NULL && strcmp(word, "-h") == 0)
		o = &saksi_options_all[1];
	if (o == NULL && strcmp(word, "-o") == 0)
		o = option_in(c->row->options, "--output", strlen("--output"));
	if (o == NULL)
		return unknown_option(c, word, len);
	if (!o->many && given_at(c, o->name, 0) != NULL)
		return saksi_cmd_usage(c, "%s stands twice; once is enough", o->name);
	if (o->metavar == NULL && value != NULL)
		return saksi_cmd_usage(c, "%s takes no value", o->name);
	if (o->metavar != NULL && value == NULL) {
		if (*at + 1 >= argc || strncmp(argv[*at + 1], "--", 2) == 0)
			return saksi_cmd_usage(c, "%s needs a value: %s %s", o->name,
					       o->name, o->metavar);
		value = argv[++*at];
	}
	c->given[c->given_count++] = (struct saksi_given){o, value};
	return SAKSI_EXIT_HOLDS;
}

static int check_needed(const struct saksi_cmd *c)
{
	const struct saksi_command *r = c->row;
	if (c->arg_count < r->min_args)
		return saksi_cmd_usage(c, "too few arguments: saksi %s %s (--help)",
				       r->name, r->args);
	if (r->max_args >= 0 && c->arg_count > r->max_args)
		return saksi_cmd_usage(c, "'%s' is one argument too many: saksi %s %s",
				       c->args[r->max_args], r->name, r->args);
	for (const struct saksi_option *o = r->options; o != NULL && o->name != NULL;
	     o++)
		if (o->needed && given_at(c, o->name, 0) == NULL)
			return saksi_cmd_usage(c, "%s %s is needed: %s", o->name,
					       o->metavar != NULL ? o->metavar : "",
					       o->says);
	return SAKSI_EXIT_HOLDS;
}

int saksi_cmd_read(struct saksi_cmd *c, int argc, char *const argv[])
{
	bool options = true;
	/* Also a failure to read the words is told as a document. */
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
		c->json = c->json || strcmp(argv[i], "--json") == 0;
	for (int i = 0; i < argc; i++) {
		if (options && strcmp(argv[i], "--") == 0) {
			options = false;
		} else if (options && argv[i][0] == '-' && argv[i][1] != '\0') {
			int rc = take_option(c, argc, argv, &i);
			if (rc != SAKSI_EXIT_HOLDS)
				return rc;
		} else {
			c->args[c->arg_count++] = argv[i];
		}
	}
	c->json = saksi_cmd_flag(c, "--json");
	c->help = saksi_cmd_flag(c, "--help");
	return c->help ? SAKSI_EXIT_HOLDS : check_needed(c);
}
