/* nginx: its own little language of directives and blocks.  A server's facts
 * are what it sets, or else what the http block around it sets. */
#include "collect/read_sections.h"
#include "collect/read_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 16
#define FILES_MAX 512
#define SERVERS_MAX 512
#define MANY_MAX 24
#define MAIN "/etc/nginx/nginx.conf"

static const char *const KEPT[] = {
    "ssl_ciphers",     "ssl_prefer_server_ciphers",
    "ssl_certificate", "ssl_certificate_key",
    "server_tokens",   "autoindex",
    "access_log",      "client_max_body_size",
    "ssl_protocols",   "ssl",
};
#define KEPT_COUNT (sizeof(KEPT) / sizeof(*KEPT))
enum { AUTOINDEX = 5, PROTOCOLS = 8, SSL = 9 };

struct many {
	struct saksi_bytes at[MANY_MAX];
	size_t count;
};

struct block {
	const char *subject; /* FILE:LINE of a server */
	struct saksi_bytes kept[KEPT_COUNT];
	struct many listen, root, header;
	bool autoindex, dotfiles, to_tls;
};

enum context { TOP, HTTP, SERVER, LOCATION, OTHER };

struct state {
	struct saksi_gather *g;
	const char *path;
	enum context context[DEPTH_MAX + 1];
	size_t depth;
	bool in_dotfiles;
	struct block http, *server; /* server: the one we are in */
	struct block *servers[SERVERS_MAX];
	size_t server_count, files, includes;
	struct saksi_bytes user;
};

/* A directive: its name, the rest as it stands, and what ended it. */
struct directive {
	struct saksi_bytes name, args;
	uint8_t end; /* ';' '{' '}' or 0 at the end of the text */
	uint32_t line;
};

static void skip_blank(struct saksi_cursor *c, uint32_t *line)
{
	bool comment = false;

	while (c->left.len > 0) {
		const uint8_t ch = c->left.at[0];
		if (ch == '\n') {
			(*line)++;
			comment = false;
		} else if (ch == '#') {
			comment = true;
		} else if (!comment && ch != ' ' && ch != '\t' && ch != '\r') {
			return;
		}
		saksi_cursor_u8(c);
	}
}

static bool next(struct saksi_cursor *c, uint32_t *line, struct directive *d)
{
	struct saksi_bytes all;
	uint8_t quote = 0;
	size_t n = 0;

	skip_blank(c, line);
	if (c->left.len == 0)
		return false;
	*d = (struct directive){.line = *line};
	all = (struct saksi_bytes){c->left.at, 0};
	while (c->left.len > 0) {
		const uint8_t ch = saksi_cursor_u8(c);
		*line += ch == '\n';
		if (ch == '\\' && c->left.len > 0) {
			n++;
			saksi_cursor_u8(c);
		} else if (quote) {
			quote = ch == quote ? 0 : quote;
		} else if (ch == '"' || ch == '\'') {
			/* Only at a word's start does it quote. */
			const uint8_t before = n ? all.at[n - 1] : ' ';
			if (before == ' ' || before == '\t' || before == '\n')
				quote = ch;
		} else if (ch == ';' || ch == '}' ||
			   (ch == '{' && (n == 0 || all.at[n - 1] != '$'))) {
			d->end = ch;
			break;
		}
		n++;
	}
	all.len = n;
	all = saksi_text_trim(all);
	saksi_text_word(&all, NULL, &d->name);
	d->args = saksi_text_trim(all);
	return true;
}

static void add(struct many *m, struct saksi_bytes one)
{
	if (m->count < MANY_MAX)
		m->at[m->count++] = one;
}

static void text(struct state *s, const char *path, struct saksi_bytes in);

static void include(struct state *s, struct saksi_bytes what)
{
	const char *before = s->path;
	struct saksi_bytes in;

	what = saksi_text_unquote(what);
	const char *pattern =
	    what.len > 0 && what.at[0] == '/'
		? saksi_gather_cstr(s->g, what)
		: saksi_gather_text(s->g, "/etc/nginx/%.*s", (int)what.len,
				    (const char *)what.at);
	if (s->includes >= 8) {
		saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL, "%s: includes too deep",
				  pattern);
		return;
	}
	s->includes++;
	const struct saksi_names files = saksi_gather_glob(s->g, pattern);
	for (size_t i = 0; i < files.count && s->files < FILES_MAX; i++) {
		s->files++;
		if (saksi_gather_read(s->g, files.at[i], &in))
			text(s, files.at[i], in);
	}
	if (s->files >= FILES_MAX)
		saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL,
				  "more than %d files are included", FILES_MAX - 1);
	if (files.count == 0 && !strpbrk(pattern, "*?["))
		saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL, "%s is not there",
				  pattern);
	s->includes--;
	s->path = before;
}

static void simple(struct state *s, const struct directive *d)
{
	const enum context in = s->context[s->depth];
	struct block *b = s->server ? s->server : &s->http;
	struct saksi_bytes args = d->args, word;

	if (saksi_bytes_is(d->name, "include")) {
		include(s, d->args);
		return;
	}
	if (in == TOP && saksi_bytes_is(d->name, "user"))
		saksi_text_word(&args, NULL, &s->user);
	if (in != HTTP && in != SERVER && in != LOCATION && in != OTHER)
		return;
	for (size_t i = 0; i < KEPT_COUNT && (in == HTTP || in == SERVER); i++)
		if (saksi_bytes_is(d->name, KEPT[i]))
			b->kept[i] = saksi_text_unquote(d->args);
	if (saksi_bytes_is(d->name, "autoindex") && saksi_bytes_is(d->args, "on"))
		b->autoindex = true;
	else if (saksi_bytes_is(d->name, "listen") && s->server)
		add(&b->listen, d->args);
	else if (saksi_bytes_is(d->name, "root") || saksi_bytes_is(d->name, "alias"))
		add(&b->root, saksi_text_unquote(d->args));
	else if (saksi_bytes_is(d->name, "add_header") &&
		 saksi_text_word(&args, NULL, &word))
		add(&b->header, saksi_text_unquote(word));
	else if ((saksi_bytes_is(d->name, "return") ||
		  saksi_bytes_is(d->name, "rewrite")) &&
		 saksi_text_has(d->args, "https://"))
		b->to_tls = true;
	if (s->in_dotfiles &&
	    ((saksi_bytes_is(d->name, "deny") && saksi_bytes_is(d->args, "all")) ||
	     (saksi_bytes_is(d->name, "return") && saksi_bytes_starts(d->args, "40"))))
		b->dotfiles = true;
}

static void begin_block(struct state *s, const struct directive *d)
{
	const enum context in = s->context[s->depth];
	enum context is = in == LOCATION ? LOCATION : OTHER;

	if (saksi_bytes_is(d->name, "http") && in == TOP) {
		is = HTTP;
	} else if (saksi_bytes_is(d->name, "server") && in == HTTP) {
		is = SERVER;
		s->server = saksi_arena_new(&s->g->scratch, 1, sizeof(*s->server));
		if (s->server && s->server_count < SERVERS_MAX) {
			s->server->subject =
			    saksi_gather_text(s->g, "%s:%u", s->path, d->line);
			s->servers[s->server_count++] = s->server;
		} else {
			saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL,
					  "more than %d servers", SERVERS_MAX);
		}
	} else if (saksi_bytes_is(d->name, "location")) {
		is = LOCATION;
		s->in_dotfiles = saksi_text_has(d->args, "/\\.");
	}
	s->depth++;
	s->context[s->depth] = is;
}

static void end_block(struct state *s)
{
	if (s->depth == 0) {
		saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL, "%s: more } than {",
				  s->path);
		return;
	}
	if (s->context[s->depth] == SERVER)
		s->server = NULL;
	if (s->context[s->depth] == LOCATION)
		s->in_dotfiles = false;
	s->depth--;
}

/* Programs within the configuration are not read; braces in them still pair. */
static void skip_program(struct state *s, struct saksi_cursor *c, uint32_t *line)
{
	unsigned depth = 1;

	while (c->left.len > 0 && depth > 0) {
		const uint8_t ch = saksi_cursor_u8(c);
		*line += ch == '\n';
		depth += ch == '{';
		depth -= ch == '}';
	}
	saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL,
			  "%s:%u: a program within the configuration is not read",
			  s->path, *line);
}

static void text(struct state *s, const char *path, struct saksi_bytes in)
{
	struct saksi_cursor c = saksi_cursor_on(in);
	struct directive d;
	uint32_t line = 1;

	s->path = path;
	while (next(&c, &line, &d)) {
		if (d.end == '{' && saksi_text_ends(d.name, "_by_lua_block")) {
			skip_program(s, &c, &line);
		} else if (d.end == '{' && s->depth == DEPTH_MAX) {
			saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL,
					  "%s:%u: blocks too deep", path, line);
			return;
		} else if (d.end == '{') {
			begin_block(s, &d);
		} else if (d.end == '}') {
			end_block(s);
		} else if (d.end == ';') {
			simple(s, &d);
		} else {
			saksi_gather_note(s->g, SAKSI_COVERAGE_PARTIAL,
					  "%s:%u is not understood", path, d.line);
		}
	}
}

static void put_many(struct saksi_gather *g, const char *subject, const char *name,
		     const struct many *own, const struct many *around)
{
	const struct many *m = own->count > 0 ? own : around;

	for (size_t i = 0; i < m->count; i++) {
		char lower[128];
		if (strcmp(name, "header") == 0)
			saksi_facts_puts(
			    g->w, "nginx-server", subject, name,
			    saksi_text_lower(m->at[i], lower, sizeof(lower)));
		else
			saksi_facts_put(g->w, "nginx-server", saksi_bytes_of(subject),
					name, m->at[i]);
	}
}

static bool has_tls(const struct block *b)
{
	for (size_t i = 0; i < b->listen.count; i++)
		if (saksi_text_has(b->listen.at[i], " ssl") ||
		    saksi_text_has(b->listen.at[i], " quic"))
			return true;
	return saksi_bytes_is(b->kept[SSL], "on");
}

static void put_server(struct state *s, const struct block *b)
{
	struct saksi_facts_writer *w = s->g->w;
	const struct saksi_bytes subject = saksi_bytes_of(b->subject);
	struct saksi_bytes word;

	put_many(s->g, b->subject, "listen", &b->listen, &(struct many){.count = 0});
	put_many(s->g, b->subject, "root", &b->root, &s->http.root);
	put_many(s->g, b->subject, "header", &b->header, &s->http.header);
	for (size_t i = 0; i < KEPT_COUNT; i++) {
		struct saksi_bytes v = b->kept[i].len ? b->kept[i] : s->http.kept[i];
		if (i == PROTOCOLS)
			while (saksi_text_word(&v, NULL, &word))
				saksi_facts_put(w, "nginx-server", subject, KEPT[i],
						word);
		else if (v.len > 0 && i != AUTOINDEX && i != SSL)
			saksi_facts_put(w, "nginx-server", subject, KEPT[i], v);
	}
	const bool off = saksi_bytes_is(b->kept[AUTOINDEX], "off");
	saksi_facts_puts(w, "nginx-server", b->subject, "autoindex",
			 b->autoindex || (s->http.autoindex && !off) ? "on" : "off");
	saksi_facts_puts(w, "nginx-server", b->subject, "tls",
			 has_tls(b) ? "yes" : "no");
	saksi_facts_puts(w, "nginx-server", b->subject, "dotfiles-denied",
			 b->dotfiles ? "yes" : "no");
	saksi_facts_puts(w, "nginx-server", b->subject, "redirects-to-tls",
			 b->to_tls ? "yes" : "no");
	for (size_t i = 0; i < b->root.count; i++)
		saksi_read_web_root(s->g, b->root.at[i]);
}

void saksi_read_web_root(struct saksi_gather *g, struct saksi_bytes path)
{
	if (path.len < 2 || path.at[0] != '/' || g->web_roots.count == 256)
		return;
	if (path.at[path.len - 1] == '/')
		path.len--;
	char *copy = saksi_arena_new(&g->keep, path.len + 1, 1);
	if (!copy)
		return;
	memcpy(copy, path.at, path.len);
	g->web_roots.at[g->web_roots.count++] = copy;
}

void saksi_read_nginx(struct saksi_gather *g)
{
	const bool config = saksi_gather_exists(g, MAIN);
	const bool there = saksi_gather_exists(g, "/usr/sbin/nginx");
	struct state *s;
	struct saksi_bytes in;

	saksi_gather_open(g, "nginx");
	s = saksi_arena_new(&g->scratch, 1, sizeof(*s));
	saksi_gather_yes(g, saksi_bytes_of("-"), "present", there);
	if (!there || !s) {
		saksi_gather_note(g, SAKSI_COVERAGE_ABSENT, "not installed");
	} else if (!config || !saksi_gather_read(g, MAIN, &in)) {
		saksi_gather_note(g, SAKSI_COVERAGE_UNREAD, MAIN " could not be read");
	} else {
		s->g = g;
		saksi_gather_puts(g, "-", "config", MAIN);
		text(s, MAIN, in);
		if (s->user.len > 0)
			saksi_gather_put(g, saksi_bytes_of("-"), "user", s->user);
		saksi_gather_number(g, saksi_bytes_of("-"), "servers",
				    (int64_t)s->server_count);
		for (size_t i = 0; i < s->http.root.count; i++)
			saksi_read_web_root(g, s->http.root.at[i]);
		for (size_t i = 0; i < s->server_count; i++)
			put_server(s, s->servers[i]);
	}
	saksi_gather_close_also(g, "nginx-server");
	saksi_gather_close(g);
}
