#include "collect/collect_gather.h"
#include "collect/read_package.h"
#include "collect/read_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_MAX (64u << 20)
#define PACKAGES_MAX 50000u

static void set(struct saksi_stanza *s, char *to, size_t cap, struct saksi_bytes value)
{
	if (value.len >= cap) {
		s->cut = true;
		return;
	}
	memcpy(to, value.at, value.len);
	to[value.len] = '\0';
}

void saksi_stanza_line(struct saksi_stanza *s, struct saksi_bytes line)
{
	struct saksi_bytes key, value;

	if (line.len > 0 && (line.at[0] == ' ' || line.at[0] == '\t'))
		return; /* goes on with a field */
	if (saksi_text_trim(line).len == 0) {
		if (s->any)
			s->done(s->ctx, s);
		s->package[0] = s->version[0] = s->arch[0] = '\0';
		s->source[0] = s->status[0] = '\0';
		s->any = s->cut = false;
		return;
	}
	s->any = true;
	if (!saksi_text_cut(line, ':', &key, &value) || value.len == 0)
		return;
	if (saksi_text_is(key, "Package"))
		set(s, s->package, sizeof(s->package), value);
	else if (saksi_text_is(key, "Version"))
		set(s, s->version, sizeof(s->version), value);
	else if (saksi_text_is(key, "Architecture"))
		set(s, s->arch, sizeof(s->arch), value);
	else if (saksi_text_is(key, "Source"))
		set(s, s->source, sizeof(s->source), value);
	else if (saksi_text_is(key, "Status"))
		set(s, s->status, sizeof(s->status), value);
}

static struct saksi_bytes kept(struct saksi_gather *g, const char *s)
{
	return saksi_arena_copy(&g->keep, saksi_bytes_of(s));
}

static bool keep(struct saksi_gather *g, const struct saksi_stanza *s)
{
	struct saksi_packages *p = g->packages;

	if (p->count == p->cap)
		return false;
	p->at[p->count++] = (struct saksi_package){
	    .name = kept(g, s->package),
	    .version = kept(g, s->version),
	    .arch = kept(g, s->arch),
	};
	return p->at[p->count - 1].arch.at != NULL;
}

/* "Source: name (version)", or nothing when both are the package's own. */
static void source_facts(struct saksi_gather *g, struct saksi_bytes subject,
			 const struct saksi_stanza *s)
{
	struct saksi_bytes name = saksi_bytes_of(s->package), version, rest;

	if (s->source[0] == '\0') {
		version = saksi_bytes_of(s->version);
	} else if (saksi_text_cut(saksi_bytes_of(s->source), '(', &name, &rest)) {
		saksi_text_cut(rest, ')', &version, &rest);
	} else {
		version = saksi_bytes_of(s->version);
	}
	saksi_gather_put(g, subject, "source", name);
	saksi_gather_put(g, subject, "source-version", version);
}

static struct saksi_bytes subject_of(struct saksi_gather *g,
				     const struct saksi_stanza *s)
{
	const struct saksi_packages *p = g->packages;
	const struct saksi_bytes name = saksi_bytes_of(s->package);

	/* dpkg writes the architectures of one package one after the other. */
	if (p->count > 0 && saksi_bytes_same(p->at[p->count - 1].name, name))
		return saksi_bytes_of(
		    saksi_gather_text(g, "%s:%s", s->package, s->arch));
	return name;
}

static void dpkg_package(void *ctx, const struct saksi_stanza *s)
{
	struct saksi_gather *g = ctx;
	struct saksi_bytes status = saksi_bytes_of(s->status), want, flag, state;

	if (s->cut || s->package[0] == '\0' || !saksi_text_word(&status, NULL, &want) ||
	    !saksi_text_word(&status, NULL, &flag) ||
	    !saksi_text_word(&status, NULL, &state)) {
		saksi_gather_note(
		    g, SAKSI_COVERAGE_PARTIAL,
		    "/var/lib/dpkg/status: an entry that is not understood");
		return;
	}
	const size_t mark = g->scratch.used;
	const struct saksi_bytes subject = subject_of(g, s);
	if (s->version[0])
		saksi_gather_puts(g, (const char *)subject.at, "version", s->version);
	saksi_gather_put(g, subject, "state", state);
	saksi_gather_put(g, subject, "want", want);
	saksi_gather_put(g, subject, "arch", saksi_bytes_of(s->arch));
	source_facts(g, subject, s);
	if (saksi_bytes_is(state, "installed") && !keep(g, s))
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL, "more than %u packages",
				  PACKAGES_MAX);
	saksi_arena_rewind(&g->scratch, mark);
}

static void stanza_line(void *ctx, struct saksi_bytes line)
{
	saksi_stanza_line(ctx, line);
}

static bool read_dpkg(struct saksi_gather *g)
{
	static const char path[] = "/var/lib/dpkg/status";
	struct saksi_stanza s = {.done = dpkg_package, .ctx = g};
	const enum saksi_read r =
	    saksi_source_lines(&g->src, path, STATUS_MAX, stanza_line, &s);

	saksi_stanza_line(&s, (struct saksi_bytes){NULL, 0});
	saksi_gather_noted(g, r, path);
	return r != SAKSI_READ_ABSENT;
}

/* apk's database has one-letter keys: the same stanzas in other words. */
struct apk {
	struct saksi_gather *g;
	struct saksi_stanza s;
};

static void apk_line(void *ctx, struct saksi_bytes line)
{
	struct apk *a = ctx;
	struct saksi_stanza *s = &a->s;

	if (line.len == 0) {
		if (s->package[0] && !s->cut) {
			saksi_gather_puts(a->g, s->package, "version", s->version);
			saksi_gather_puts(a->g, s->package, "state", "installed");
			saksi_gather_puts(a->g, s->package, "arch", s->arch);
			saksi_gather_puts(a->g, s->package, "source", s->source);
			keep(a->g, s);
		}
		*s = (struct saksi_stanza){0};
		return;
	}
	if (line.len < 2 || line.at[1] != ':')
		return;
	const struct saksi_bytes value = {line.at + 2, line.len - 2};
	if (line.at[0] == 'P')
		set(s, s->package, sizeof(s->package), value);
	else if (line.at[0] == 'V')
		set(s, s->version, sizeof(s->version), value);
	else if (line.at[0] == 'A')
		set(s, s->arch, sizeof(s->arch), value);
	else if (line.at[0] == 'o')
		set(s, s->source, sizeof(s->source), value);
}

static bool read_apk(struct saksi_gather *g)
{
	static const char path[] = "/lib/apk/db/installed";
	struct apk a = {.g = g};
	const enum saksi_read r =
	    saksi_source_lines(&g->src, path, STATUS_MAX, apk_line, &a);

	apk_line(&a, (struct saksi_bytes){NULL, 0});
	saksi_gather_noted(g, r, path);
	return r != SAKSI_READ_ABSENT;
}

static bool has_rpm(struct saksi_gather *g)
{
	return saksi_gather_exists(g, "/var/lib/rpm/Packages") ||
	       saksi_gather_exists(g, "/var/lib/rpm/rpmdb.sqlite") ||
	       saksi_gather_exists(g, "/usr/lib/sysimage/rpm/rpmdb.sqlite");
}

static int order(const void *x, const void *y)
{
	const struct saksi_package *a = x, *b = y;
	const int d = saksi_bytes_order(a->name, b->name);

	return d ? d : saksi_bytes_order(a->arch, b->arch);
}

struct saksi_package *saksi_packages_find(const struct saksi_packages *p,
					  struct saksi_bytes name)
{
	size_t low = 0, high = p->count;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;
		if (saksi_bytes_order(p->at[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < p->count && saksi_bytes_same(p->at[low].name, name) ? &p->at[low]
									 : NULL;
}

void saksi_read_package(struct saksi_gather *g)
{
	struct saksi_packages *p = saksi_arena_new(&g->keep, 1, sizeof(*p));
	bool dpkg, apk, rpm;

	saksi_gather_open(g, "package");
	if (p)
		p->at = malloc(PACKAGES_MAX * sizeof(*p->at));
	if (!p || !p->at) {
		saksi_gather_note(g, SAKSI_COVERAGE_UNREAD, "no memory");
		saksi_gather_close(g);
		return;
	}
	p->cap = PACKAGES_MAX;
	g->packages = p;
	dpkg = read_dpkg(g);
	apk = read_apk(g);
	rpm = has_rpm(g);
	if (p->count > 1)
		qsort(p->at, p->count, sizeof(*p->at), order);
	if (rpm && !dpkg && !apk)
		saksi_gather_note(g, SAKSI_COVERAGE_UNREAD,
				  "packages are in an rpm database, which is not read");
	else if (rpm)
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "there is an rpm database too, which is not read");
	else if (!dpkg && !apk)
		saksi_gather_note(g, SAKSI_COVERAGE_UNREAD,
				  "no package database that is known");
	saksi_gather_close(g);
}

/* ---- who owns a file */

struct owners {
	const char *const *paths;
	size_t count;
	const char **owner;
	const char *package;
};

static int by_path(const void *key, const void *at)
{
	return strcmp(key, *(const char *const *)at);
}

static void owner_line(void *ctx, struct saksi_bytes line)
{
	struct owners *o = ctx;
	char path[1024];
	const char *prefix = "";

	if (line.len == 0 || line.len + 5 > sizeof(path))
		return;
	/* Lists say /bin where a merged /usr has /usr/bin. */
	if (saksi_bytes_starts(line, "/bin/") || saksi_bytes_starts(line, "/sbin/") ||
	    saksi_bytes_starts(line, "/lib"))
		prefix = "/usr";
	for (int merged = *prefix != '\0'; merged >= 0; merged--) {
		snprintf(path, sizeof(path), "%s%.*s", merged ? prefix : "",
			 (int)line.len, (const char *)line.at);
		const char *const *hit =
		    bsearch(path, o->paths, o->count, sizeof(*o->paths), by_path);
		if (hit)
			o->owner[hit - o->paths] = o->package;
	}
}

bool saksi_read_owners(struct saksi_gather *g, const char *const *paths, size_t count,
		       const char **owner)
{
	static const char dir[] = "/var/lib/dpkg/info";
	struct owners o = {paths, count, owner, NULL};
	struct saksi_names names;
	bool whole = true;

	if (count == 0)
		return true;
	if (saksi_source_names(&g->src, dir, &g->scratch, &names) != SAKSI_READ_OK)
		return false;
	for (size_t i = 0; i < names.count; i++) {
		const struct saksi_bytes name = saksi_bytes_of(names.at[i]);
		if (!saksi_text_ends(name, ".list"))
			continue;
		o.package = saksi_gather_cstr(
		    g, (struct saksi_bytes){name.at, name.len - strlen(".list")});
		if (saksi_source_lines(&g->src,
				       saksi_gather_text(g, "%s/%s", dir, names.at[i]),
				       STATUS_MAX, owner_line, &o) != SAKSI_READ_OK)
			whole = false;
	}
	return whole;
}
