/* Pending security updates, from the lists that apt keeps: no network, and an
 * answer only as good as the lists are fresh. */
#include "collect/collect_gather.h"
#include "collect/read_lz4.h"
#include "collect/read_package.h"
#include "collect/read_text.h"
#include "facts/version.h"
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LISTS "/var/lib/apt/lists"
#define LIST_MAX (512u << 20) /* decoded bytes of one list */
#define FRESH_DAYS 7
#define DAY 86400

struct release {
	char suite[64], label[64], codename[64];
	int64_t date, until; /* 0: not said */
};

struct list {
	struct saksi_gather *g;
	const struct release *release;
	uint64_t seen;
	struct saksi_stanza stanza;
	uint8_t rest[4096]; /* an unfinished line between two pieces */
	size_t rest_len;
	bool skip;
};

/* "Sat, 22 Nov 2025 16:39:05 UTC" */
static int64_t rfc822(struct saksi_bytes s)
{
	char text[64];
	struct tm tm = {0};

	if (s.len >= sizeof(text))
		return 0;
	memcpy(text, s.at, s.len);
	text[s.len] = '\0';
	const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S", &tm);
	return end ? (int64_t)timegm(&tm) : 0;
}

static void keep_text(char *to, size_t cap, struct saksi_bytes value)
{
	const size_t n = value.len < cap - 1 ? value.len : cap - 1;

	memcpy(to, value.at, n);
	to[n] = '\0';
}

static bool read_release(struct saksi_gather *g, const char *path, struct release *r)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, key, value;

	*r = (struct release){0};
	/* An InRelease file of a large archive is some hundred kB. */
	if (!saksi_gather_read(g, path, &lines.left))
		return false;
	while (saksi_lines_next(&lines, &line)) {
		if (line.len == 0 || line.at[0] == ' ' ||
		    !saksi_text_cut(line, ':', &key, &value) || value.len == 0)
			continue;
		if (saksi_bytes_is(key, "Suite"))
			keep_text(r->suite, sizeof(r->suite), value);
		else if (saksi_bytes_is(key, "Label"))
			keep_text(r->label, sizeof(r->label), value);
		else if (saksi_bytes_is(key, "Codename"))
			keep_text(r->codename, sizeof(r->codename), value);
		else if (saksi_bytes_is(key, "Date"))
			r->date = rfc822(value);
		else if (saksi_bytes_is(key, "Valid-Until"))
			r->until = rfc822(value);
	}
	return true;
}

static bool is_security(const struct release *r)
{
	return saksi_text_has(saksi_bytes_of(r->suite), "security") ||
	       saksi_text_has(saksi_bytes_of(r->codename), "security") ||
	       saksi_text_is(saksi_bytes_of(r->label), "Debian-Security");
}

static void offer(void *ctx, const struct saksi_stanza *s)
{
	struct list *l = ctx;
	struct saksi_packages *p = l->g->packages;
	const struct saksi_bytes name = saksi_bytes_of(s->package);
	const struct saksi_bytes version = saksi_bytes_of(s->version);
	struct saksi_package *at = saksi_packages_find(p, name);

	l->seen++;
	for (; at && at < p->at + p->count && saksi_bytes_same(at->name, name); at++) {
		const struct saksi_bytes best =
		    at->candidate.len ? at->candidate : at->version;
		if (!saksi_bytes_is(at->arch, s->arch) &&
		    !saksi_bytes_is(at->arch, "all") && strcmp(s->arch, "all") != 0)
			continue;
		if (saksi_debian_version_order(version, best) <= 0)
			continue;
		at->candidate = saksi_arena_copy(&l->g->keep, version);
		at->suite =
		    saksi_arena_copy(&l->g->keep, saksi_bytes_of(l->release->suite));
	}
}

static void take_line(struct list *l, struct saksi_bytes line)
{
	if (!l->skip)
		saksi_stanza_line(&l->stanza, line);
	l->skip = false;
}

/* Lines of interest are short: one that does not fit is skipped whole. */
static void piece(void *ctx, struct saksi_bytes in)
{
	struct list *l = ctx;
	const uint8_t *nl;

	while (in.len > 0 && (nl = memchr(in.at, '\n', in.len)) != NULL) {
		const size_t n = (size_t)(nl - in.at);
		if (l->rest_len == 0) {
			take_line(l, (struct saksi_bytes){in.at, n});
		} else if (l->rest_len + n <= sizeof(l->rest)) {
			memcpy(l->rest + l->rest_len, in.at, n);
			take_line(l, (struct saksi_bytes){l->rest, l->rest_len + n});
		}
		l->rest_len = 0;
		l->skip = false;
		in.at += n + 1;
		in.len -= n + 1;
	}
	if (l->rest_len + in.len > sizeof(l->rest)) {
		l->skip = true;
		l->rest_len = 0;
	} else if (in.len > 0) {
		memcpy(l->rest + l->rest_len, in.at, in.len);
		l->rest_len += in.len;
	}
}

static void plain_line(void *ctx, struct saksi_bytes line)
{
	saksi_stanza_line(&((struct list *)ctx)->stanza, line);
}

static void read_list(struct saksi_gather *g, const struct release *release,
		      const char *path)
{
	struct list l = {.g = g, .release = release};
	const struct saksi_bytes name = saksi_bytes_of(path);
	int fd;
	enum saksi_read r = SAKSI_READ_OK;
	enum saksi_err err = SAKSI_OK;

	l.stanza.done = offer;
	l.stanza.ctx = &l;
	if (saksi_text_ends(name, "_Packages")) {
		r = saksi_source_lines(&g->src, path, LIST_MAX, plain_line, &l);
	} else if (saksi_text_ends(name, "_Packages.lz4")) {
		r = saksi_source_file(&g->src, path, &fd);
		if (r == SAKSI_READ_OK) {
			err = saksi_lz4_read(fd, LIST_MAX, piece, &l);
			close(fd);
		}
	} else {
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "%s: a compression that is not read", path);
		return;
	}
	saksi_stanza_line(&l.stanza, (struct saksi_bytes){NULL, 0});
	saksi_gather_noted(g, r, path);
	if (err != SAKSI_OK)
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL, "%s: %s", path,
				  saksi_err_name(err));
}

/* All lists of the suite whose Release file is NAME. */
static void read_suite(struct saksi_gather *g, const struct saksi_names *names,
		       const char *name, const struct release *release)
{
	const char *tail = strstr(name, "InRelease");
	size_t lists = 0;

	if (!tail)
		tail = strstr(name, "Release");
	const size_t prefix = (size_t)(tail - name);
	for (size_t i = 0; i < names->count; i++) {
		const char *part = strstr(names->at[i], "_Packages");
		if (strncmp(names->at[i], name, prefix) != 0 || !part ||
		    strstr(part, ".diff") || strchr(part + 1, '_'))
			continue;
		read_list(g, release, saksi_gather_text(g, LISTS "/%s", names->at[i]));
		lists++;
	}
	if (lists == 0)
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "suite %s has no package lists", release->suite);
	saksi_gather_puts(g, "-", "security-suite", release->suite);
}

static void time_fact(struct saksi_gather *g, const char *attribute, int64_t utc)
{
	char text[SAKSI_TIME_TEXT_LEN + 1];

	if (utc <= 0)
		return;
	saksi_time_text(utc, text);
	saksi_gather_puts(g, "-", attribute, text);
}

static void pending(struct saksi_gather *g)
{
	const struct saksi_packages *p = g->packages;
	int64_t count = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct saksi_package *at = &p->at[i];
		if (at->candidate.len == 0)
			continue;
		const bool again =
		    i > 0 && saksi_bytes_same(at->name, p->at[i - 1].name);
		const struct saksi_bytes subject =
		    again ? saksi_bytes_of(saksi_gather_text(
				g, "%.*s:%.*s", (int)at->name.len,
				(const char *)at->name.at, (int)at->arch.len,
				(const char *)at->arch.at))
			  : at->name;
		saksi_gather_put(g, subject, "installed", at->version);
		saksi_gather_put(g, subject, "candidate", at->candidate);
		saksi_gather_put(g, subject, "suite", at->suite);
		count++;
	}
	saksi_gather_number(g, saksi_bytes_of("-"), "pending", count);
}

static void freshness(struct saksi_gather *g, int64_t date, int64_t until)
{
	const int64_t days = (g->o->now_utc - date) / DAY;

	if (date <= 0) {
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "the lists do not say their date");
		return;
	}
	time_fact(g, "lists-date", date);
	time_fact(g, "valid-until", until);
	saksi_gather_number(g, saksi_bytes_of("-"), "age-days", days);
	if (days > FRESH_DAYS || (until > 0 && g->o->now_utc > until))
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "the lists are %lld days old: newer updates are not "
				  "known here",
				  (long long)days);
}

void saksi_read_updates(struct saksi_gather *g)
{
	struct saksi_names names = {0};
	struct release newest = {0}, r;
	bool any = false;

	saksi_gather_open(g, "updates");
	if (!g->packages || g->packages->count == 0)
		saksi_gather_note(g, SAKSI_COVERAGE_UNREAD,
				  "installed packages are not known");
	else if (saksi_gather_names(g, LISTS, &names))
		for (size_t i = 0; i < names.count; i++) {
			const struct saksi_bytes name = saksi_bytes_of(names.at[i]);
			if (!saksi_text_ends(name, "_InRelease") &&
			    !saksi_text_ends(name, "_Release"))
				continue;
			if (!read_release(
				g, saksi_gather_text(g, LISTS "/%s", names.at[i]),
				&r) ||
			    !is_security(&r))
				continue;
			any = true;
			if (r.date > newest.date)
				newest = r;
			read_suite(g, &names, names.at[i], &r);
		}
	if (any) {
		freshness(g, newest.date, newest.until);
		pending(g);
	} else if (g->state != SAKSI_COVERAGE_UNREAD) {
		saksi_gather_note(g, SAKSI_COVERAGE_UNREAD,
				  "no lists of a security suite in " LISTS);
	}
	saksi_gather_close(g);
}
