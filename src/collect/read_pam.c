/* PAM stacks, with what they include put in place. */
#include "collect/read_sections.h"
#include "collect/read_text.h"

#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 8
#define FILES_MAX 256 /* read for one stack: files may include each other */
#define STACK_MAX 200 /* lines of one service and type */

static const char *const TYPES[] = {"auth", "account", "password", "session"};

struct stack {
	struct saksi_gather *g;
	const char *service;
	const char *type;
	unsigned n, files;
};

struct pam_line {
	struct saksi_bytes type, control, module, args;
};

/* "type [a=b c=d] module args", with or without '-' before the type. */
static bool taken_apart(struct saksi_bytes line, struct pam_line *out)
{
	if (!saksi_text_word(&line, NULL, &out->type))
		return false;
	if (out->type.at[0] == '-') {
		out->type.at++;
		out->type.len--;
	}
	line = saksi_text_trim(line);
	const uint8_t *end = NULL;
	if (line.len > 0 && line.at[0] == '[')
		end = memchr(line.at, ']', line.len);
	if (end) {
		out->control.at = line.at;
		out->control.len = (size_t)(end - line.at) + 1;
		line.len -= out->control.len;
		line.at = end + 1;
	} else if (!saksi_text_word(&line, NULL, &out->control)) {
		return false;
	}
	if (!saksi_text_word(&line, NULL, &out->module))
		return false;
	out->args = saksi_text_trim(line);
	return true;
}

static struct saksi_bytes base_name(struct saksi_bytes path)
{
	for (size_t i = path.len; i > 0; i--)
		if (path.at[i - 1] == '/')
			return (struct saksi_bytes){path.at + i, path.len - i};
	return path;
}

static void put(struct stack *s, const struct pam_line *l, const char *source)
{
	struct saksi_gather *g = s->g;
	struct saksi_bytes args = l->args, arg;
	const struct saksi_bytes subject = saksi_bytes_of(
	    saksi_gather_text(g, "%s/%s/%02u", s->service, s->type, ++s->n));

	saksi_gather_put(g, subject, "service", saksi_bytes_of(s->service));
	saksi_gather_put(g, subject, "type", saksi_bytes_of(s->type));
	saksi_gather_put(g, subject, "control", l->control);
	saksi_gather_put(g, subject, "module", base_name(l->module));
	while (saksi_text_word(&args, NULL, &arg))
		saksi_gather_put(g, subject, "arg", arg);
	saksi_gather_put(g, subject, "source", saksi_bytes_of(source));
}

static void flatten(struct stack *s, const char *file, unsigned depth)
{
	struct saksi_gather *g = s->g;
	const char *path =
	    file[0] == '/' ? file : saksi_gather_text(g, "/etc/pam.d/%s", file);
	struct saksi_lines lines = {0};
	struct saksi_bytes line, word, name;
	struct pam_line l;

	if (depth > DEPTH_MAX || s->n >= STACK_MAX || ++s->files > FILES_MAX) {
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "%s: includes too deep or too long", path);
		return;
	}
	if (!saksi_gather_read(g, path, &lines.left)) {
		if (depth > 0)
			saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
					  "%s: included and not read", path);
		return;
	}
	while (s->n < STACK_MAX && s->files <= FILES_MAX &&
	       saksi_lines_said(&lines, "#", &line)) {
		word = line;
		if (saksi_bytes_starts(line, "@include") &&
		    saksi_text_word(&word, NULL, &name) &&
		    saksi_text_word(&word, NULL, &name)) {
			flatten(s, saksi_gather_cstr(g, name), depth + 1);
			continue;
		}
		if (!taken_apart(line, &l)) {
			saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
					  "%s:%u is not understood", path,
					  lines.number);
			continue;
		}
		if (!saksi_text_is(l.type, s->type))
			continue;
		if (saksi_text_is(l.control, "include") ||
		    saksi_text_is(l.control, "substack"))
			flatten(s, saksi_gather_cstr(g, l.module), depth + 1);
		else
			put(s, &l, saksi_gather_text(g, "%s:%u", path, lines.number));
	}
}

static void services(struct saksi_gather *g)
{
	struct saksi_names names;

	if (!saksi_gather_names(g, "/etc/pam.d", &names)) {
		saksi_gather_note(g, SAKSI_COVERAGE_ABSENT, "/etc/pam.d is not there");
		return;
	}
	for (size_t i = 0; i < names.count; i++) {
		const size_t mark = g->scratch.used;
		for (size_t t = 0; t < 4; t++) {
			struct stack s = {
			    .g = g, .service = names.at[i], .type = TYPES[t]};
			flatten(&s, names.at[i], 0);
		}
		saksi_arena_rewind(&g->scratch, mark);
	}
}

void saksi_read_pam(struct saksi_gather *g)
{
	saksi_gather_open(g, "pam");
	services(g);
	saksi_gather_close(g);
	saksi_read_keys(g, "pwquality", "/etc/security/pwquality.conf",
			"/etc/security/pwquality.conf.d/*.conf", "#");
	saksi_read_keys(g, "faillock", "/etc/security/faillock.conf", NULL, "#");
}
