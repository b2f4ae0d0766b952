/* Apache httpd, and PHP.  Conditional blocks are taken as if they held, and
 * the coverage says so where that could matter. */
#include "collect/read_sections.h"
#include "collect/read_text.h"

#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 12
#define FILES_MAX 512
#define BLOCKS_MAX 32

static const char *const GLOBAL[] = {"servertokens", "serversignature", "traceenable",
				     "sslprotocol",  "sslciphersuite",  "user"};
static const char *const SITE[] = {"documentroot", "sslengine", "sslprotocol",
				   "sslciphersuite"};
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum block { OTHER, SITE_BLOCK, DIRECTORY };

struct state {
	struct saksi_gather *g;
	const char *root; /* ServerRoot */
	struct saksi_bytes global[COUNT(GLOBAL)];
	enum block block[BLOCKS_MAX];
	const char *subject[BLOCKS_MAX];
	size_t depth, files, includes;
};

static void file(struct state *s, const char *path);

static void include(struct state *s, struct saksi_bytes what)
{
	what = saksi_text_unquote(what);
	const char *path =
	    what.len > 0 && what.at[0] == '/'
		? saksi_gather_cstr(s->g, what)
		: saksi_gather_text(s->g, "%s/%.*s", s->root, (int)what.len,
				    (const char *)what.at);
	if (s->includes >= DEPTH_MAX) {
		saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL, "%s: includes too deep",
				  path);
		return;
	}
	s->includes++;
	const struct saksi_names files = saksi_gather_glob(s->g, path);
	for (size_t i = 0; i < files.count && s->files < FILES_MAX; i++) {
		s->files++;
		file(s, files.at[i]);
	}
	if (s->files >= FILES_MAX)
		saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL,
				  "more than %d files are included", FILES_MAX - 1);
	s->includes--;
}

static void open_block(struct state *s, struct saksi_bytes line, const char *source)
{
	struct saksi_bytes name, rest, args, word;
	enum block is = OTHER;
	const char *subject = s->depth ? s->subject[s->depth - 1] : NULL;

	saksi_text_cut((struct saksi_bytes){line.at + 1, line.len - 1}, '>', &args,
		       &rest);
	if (!saksi_text_word(&args, NULL, &name))
		return;
	args = saksi_text_trim(args);
	if (saksi_text_is(name, "VirtualHost")) {
		is = SITE_BLOCK;
		subject = source;
		while (saksi_text_word(&args, NULL, &word))
			saksi_facts_put(s->g->w, "apache-site", saksi_bytes_of(source),
					"address", word);
	} else if (saksi_text_is(name, "Directory")) {
		is = DIRECTORY;
		subject = source;
		saksi_facts_put(s->g->w, "apache-directory", saksi_bytes_of(source),
				"path", saksi_text_unquote(args));
	} else if (saksi_text_starts(name, "If") && s->depth) {
		is = s->block[s->depth - 1]; /* what it holds belongs around it */
	}
	if (s->depth == BLOCKS_MAX) {
		saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL, "%s: blocks too deep",
				  source);
		return;
	}
	s->block[s->depth] = is;
	s->subject[s->depth++] = subject;
}

static void in_site(struct state *s, const char *subject, const char *key,
		    struct saksi_bytes value)
{
	struct saksi_bytes word;

	for (size_t i = 0; i < COUNT(SITE); i++)
		if (strcmp(SITE[i], key) == 0)
			saksi_facts_put(s->g->w, "apache-site", saksi_bytes_of(subject),
					key, saksi_text_unquote(value));
	if (strcmp(key, "documentroot") == 0)
		saksi_read_web_root(s->g, saksi_text_unquote(value));
	if (strcmp(key, "header") == 0)
		while (saksi_text_word(&value, NULL, &word)) {
			char lower[128];
			if (saksi_text_is(word, "always") ||
			    saksi_text_is(word, "set") || saksi_text_is(word, "add") ||
			    saksi_text_is(word, "append"))
				continue;
			saksi_facts_puts(s->g->w, "apache-site", subject, "header",
					 saksi_text_lower(word, lower, sizeof(lower)));
			return;
		}
}

static void in_directory(struct state *s, const char *subject, const char *key,
			 struct saksi_bytes value)
{
	const struct saksi_bytes at = saksi_bytes_of(subject);
	struct saksi_bytes word;

	if (strcmp(key, "options") == 0)
		while (saksi_text_word(&value, NULL, &word))
			saksi_facts_put(s->g->w, "apache-directory", at, "option",
					word);
	else if (strcmp(key, "allowoverride") == 0 || strcmp(key, "require") == 0)
		saksi_facts_put(s->g->w, "apache-directory", at, key, value);
}

static void directive(struct state *s, struct saksi_bytes line)
{
	struct saksi_bytes name, value, word;
	char key[64];

	if (!saksi_text_word(&line, NULL, &name))
		return;
	value = saksi_text_trim(line);
	saksi_text_lower(name, key, sizeof(key));
	const enum block in = s->depth ? s->block[s->depth - 1] : OTHER;
	const char *subject = s->depth ? s->subject[s->depth - 1] : NULL;
	if (strcmp(key, "include") == 0 || strcmp(key, "includeoptional") == 0) {
		include(s, value);
	} else if (in == SITE_BLOCK) {
		in_site(s, subject, key, value);
	} else if (in == DIRECTORY) {
		in_directory(s, subject, key, value);
	} else if (strcmp(key, "loadmodule") == 0 &&
		   saksi_text_word(&value, NULL, &word)) {
		saksi_gather_put(s->g, saksi_bytes_of("-"), "module", word);
	} else {
		if (strcmp(key, "documentroot") == 0)
			saksi_read_web_root(s->g, saksi_text_unquote(value));
		for (size_t i = 0; i < COUNT(GLOBAL); i++)
			if (strcmp(GLOBAL[i], key) == 0)
				s->global[i] = saksi_text_unquote(value);
	}
}

static void file(struct state *s, const char *path)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line;

	if (!saksi_gather_read(s->g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#", &line)) {
		const char *source =
		    saksi_gather_text(s->g, "%s:%u", path, lines.number);
		if (line.at[line.len - 1] == '\\')
			saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL,
					  "%s: a continued line is not read whole",
					  source);
		if (saksi_bytes_starts(line, "</"))
			s->depth -= s->depth > 0;
		else if (line.at[0] == '<')
			open_block(s, line, source);
		else
			directive(s, line);
	}
}

void saksi_read_apache(struct saksi_gather *g)
{
	const bool debian = saksi_gather_exists(g, "/usr/sbin/apache2");
	const bool other = saksi_gather_exists(g, "/usr/sbin/httpd");
	const char *path =
	    debian ? "/etc/apache2/apache2.conf" : "/etc/httpd/conf/httpd.conf";
	struct state *s;

	saksi_gather_open(g, "apache");
	s = saksi_arena_new(&g->scratch, 1, sizeof(*s));
	saksi_gather_yes(g, saksi_bytes_of("-"), "present", debian || other);
	if ((!debian && !other) || !s) {
		saksi_gather_note(g, SAKSI_COVERAGE_ABSENT, "not installed");
	} else if (!saksi_gather_exists(g, path)) {
		saksi_gather_note(g, SAKSI_COVERAGE_UNREAD, "%s is not there", path);
	} else {
		s->g = g;
		s->root = debian ? "/etc/apache2" : "/etc/httpd";
		saksi_gather_puts(g, "-", "config", path);
		file(s, path);
		for (size_t i = 0; i < COUNT(GLOBAL); i++)
			if (s->global[i].len > 0)
				saksi_gather_put(g, saksi_bytes_of("-"), GLOBAL[i],
						 s->global[i]);
	}
	saksi_gather_close_also(g, "apache-site");
	saksi_gather_close_also(g, "apache-directory");
	saksi_gather_close(g);
}

/* ---- PHP */

static const char *const INI[] = {
    "display_errors",        "expose_php",
    "allow_url_fopen",       "allow_url_include",
    "disable_functions",     "open_basedir",
    "session.cookie_secure", "session.cookie_httponly",
    "file_uploads",          "log_errors",
};

static void ini_file(struct saksi_gather *g, const char *path,
		     struct saksi_bytes value[COUNT(INI)])
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, key, v, rest;

	if (!saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, ";#[", &line)) {
		if (!saksi_text_cut(line, '=', &key, &v))
			continue;
		saksi_text_cut(v, ';', &v, &rest);
		for (size_t i = 0; i < COUNT(INI); i++)
			if (saksi_bytes_is(key, INI[i]))
				value[i] = saksi_text_unquote(v);
	}
}

static void one_php(struct saksi_gather *g, const char *path, const char *subject,
		    const char *more)
{
	struct saksi_bytes value[COUNT(INI)] = {{NULL, 0}};

	ini_file(g, path, value);
	const struct saksi_names files = saksi_gather_glob(g, more);
	for (size_t i = 0; i < files.count; i++)
		ini_file(g, files.at[i], value);
	for (size_t i = 0; i < COUNT(INI); i++)
		if (value[i].at)
			saksi_gather_put(g, saksi_bytes_of(subject), INI[i], value[i]);
}

void saksi_read_php(struct saksi_gather *g)
{
	saksi_gather_open(g, "php");
	const struct saksi_names files = saksi_gather_glob(g, "/etc/php/*/*/php.ini");
	const bool rhel = saksi_gather_exists(g, "/etc/php.ini");

	if (files.count == 0 && !rhel)
		saksi_gather_note(g, SAKSI_COVERAGE_ABSENT, "not installed");
	for (size_t i = 0; i < files.count; i++) {
		const char *at = files.at[i] + strlen("/etc/php/");
		const int n = (int)(strrchr(at, '/') - at);
		one_php(g, files.at[i], saksi_gather_text(g, "%.*s", n, at),
			saksi_gather_text(g, "/etc/php/%.*s/conf.d/*.ini", n, at));
	}
	if (rhel)
		one_php(g, "/etc/php.ini", "default", "/etc/php.d/*.ini");
	saksi_gather_close(g);
}
