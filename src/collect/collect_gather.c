#include "collect/collect_gather.h"
#include "collect/read_package.h"
#include "collect/read_text.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void saksi_gather_open(struct saksi_gather *g, const char *section)
{
	g->section = section;
	g->state = SAKSI_COVERAGE_COMPLETE;
	g->reason[0] = '\0';
	if (g->o->progress)
		g->o->progress(g->o->ctx, section, 0);
}

void saksi_gather_close_also(struct saksi_gather *g, const char *section)
{
	saksi_facts_cover(g->w, section, g->state, g->reason);
}

void saksi_gather_close(struct saksi_gather *g)
{
	saksi_facts_cover(g->w, g->section, g->state, g->reason);
	saksi_arena_rewind(&g->scratch, 0);
}

void saksi_gather_note(struct saksi_gather *g, enum saksi_coverage_state state,
		       const char *format, ...)
{
	static const char more[] = "; and more";
	const size_t used = strlen(g->reason);
	const bool add =
	    state == SAKSI_COVERAGE_PARTIAL && g->state == SAKSI_COVERAGE_PARTIAL;
	char text[sizeof(g->reason)];
	va_list ap;

	if (state == SAKSI_COVERAGE_PARTIAL && g->state > SAKSI_COVERAGE_PARTIAL)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	g->state = state;
	if (!add)
		memcpy(g->reason, text, sizeof(text));
	else if (saksi_text_has(saksi_bytes_of(g->reason), text))
		return; /* said already */
	else if (used + 2 + strlen(text) + sizeof(more) < sizeof(g->reason))
		snprintf(g->reason + used, sizeof(g->reason) - used, "; %s", text);
	else if (!saksi_text_ends(saksi_bytes_of(g->reason), more) &&
		 used + sizeof(more) <= sizeof(g->reason))
		memcpy(g->reason + used, more, sizeof(more));
}

bool saksi_gather_noted(struct saksi_gather *g, enum saksi_read r, const char *path)
{
	if (r != SAKSI_READ_OK && r != SAKSI_READ_ABSENT)
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL, "%s: %s", path,
				  saksi_read_name(r));
	return r == SAKSI_READ_OK;
}

void saksi_gather_put(struct saksi_gather *g, struct saksi_bytes subject,
		      const char *attribute, struct saksi_bytes value)
{
	saksi_facts_put(g->w, g->section, subject, attribute, value);
}

void saksi_gather_puts(struct saksi_gather *g, const char *subject,
		       const char *attribute, const char *value)
{
	saksi_facts_puts(g->w, g->section, subject, attribute, value);
}

void saksi_gather_number(struct saksi_gather *g, struct saksi_bytes subject,
			 const char *attribute, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	saksi_gather_put(g, subject, attribute, saksi_bytes_of(text));
}

void saksi_gather_yes(struct saksi_gather *g, struct saksi_bytes subject,
		      const char *attribute, bool yes)
{
	saksi_gather_put(g, subject, attribute, saksi_bytes_of(yes ? "yes" : "no"));
}

void saksi_gather_mode(struct saksi_gather *g, struct saksi_bytes subject,
		       const char *attribute, unsigned mode)
{
	char text[8];

	snprintf(text, sizeof(text), "%04o", mode & 07777);
	saksi_gather_put(g, subject, attribute, saksi_bytes_of(text));
}

void saksi_gather_file_facts(struct saksi_gather *g, struct saksi_bytes subject,
			     const char *prefix, const char *path)
{
	struct stat st;
	char name[64];
	const enum saksi_read r = saksi_source_stat(&g->src, path, true, &st);

	snprintf(name, sizeof(name), "%s-state", prefix);
	saksi_gather_put(g, subject, name,
			 saksi_bytes_of(r == SAKSI_READ_OK       ? "present"
					: r == SAKSI_READ_ABSENT ? "absent"
					: r == SAKSI_READ_DENIED ? "denied"
								 : "other"));
	if (r != SAKSI_READ_OK)
		return;
	snprintf(name, sizeof(name), "%s-mode", prefix);
	saksi_gather_mode(g, subject, name, st.st_mode);
	snprintf(name, sizeof(name), "%s-uid", prefix);
	saksi_gather_number(g, subject, name, st.st_uid);
}

const char *saksi_gather_text(struct saksi_gather *g, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	const int n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	char *to = n < 0 ? NULL : saksi_arena_new(&g->scratch, (size_t)n + 1, 1);
	if (!to)
		return "";
	va_start(ap, format);
	vsnprintf(to, (size_t)n + 1, format, ap);
	va_end(ap);
	return to;
}

const char *saksi_gather_cstr(struct saksi_gather *g, struct saksi_bytes b)
{
	char *to = saksi_arena_new(&g->scratch, b.len + 1, 1);

	if (!to)
		return "";
	if (b.len)
		memcpy(to, b.at, b.len);
	return to;
}

bool saksi_gather_read(struct saksi_gather *g, const char *path,
		       struct saksi_bytes *out)
{
	return saksi_gather_noted(
	    g,
	    saksi_source_read(&g->src, path, SAKSI_SOURCE_FILE_MAX, &g->scratch, out),
	    path);
}

bool saksi_gather_value(struct saksi_gather *g, const char *path, bool must,
			struct saksi_bytes *out)
{
	const enum saksi_read r =
	    saksi_source_read(&g->src, path, 65536, &g->scratch, out);

	if (must)
		saksi_gather_noted(g, r, path);
	if (r == SAKSI_READ_OK)
		*out = saksi_text_trim(*out);
	return r == SAKSI_READ_OK;
}

bool saksi_gather_names(struct saksi_gather *g, const char *dir,
			struct saksi_names *out)
{
	const enum saksi_read r = saksi_source_names(&g->src, dir, &g->scratch, out);

	saksi_gather_noted(g, r, dir);
	return r == SAKSI_READ_OK || r == SAKSI_READ_LARGE;
}

bool saksi_gather_exists(struct saksi_gather *g, const char *path)
{
	struct stat st;

	return saksi_source_stat(&g->src, path, true, &st) == SAKSI_READ_OK;
}

bool saksi_gather_installed(struct saksi_gather *g, const char *package)
{
	return g->packages &&
	       saksi_packages_find(g->packages, saksi_bytes_of(package)) != NULL;
}

static bool linked(struct saksi_gather *g, const char *dir, const char *name)
{
	struct stat st;

	return saksi_source_stat(&g->src, saksi_gather_text(g, "%s/%s", dir, name),
				 false, &st) == SAKSI_READ_OK;
}

/* An S link of the name in /etc/rc2.d, where there is no systemd unit. */
static bool by_rc(struct saksi_gather *g, const char *unit)
{
	struct saksi_names names;

	if (!saksi_gather_names(g, "/etc/rc2.d", &names))
		return false;
	for (size_t i = 0; i < names.count; i++)
		if (names.at[i][0] == 'S' && strlen(names.at[i]) > 3 &&
		    strcmp(names.at[i] + 3, unit) == 0)
			return true;
	return false;
}

bool saksi_gather_enabled(struct saksi_gather *g, const char *unit)
{
	static const char *const dirs[] = {
	    "/etc/systemd/system/multi-user.target.wants",
	    "/etc/systemd/system/sysinit.target.wants",
	    "/etc/systemd/system/basic.target.wants",
	    "/etc/systemd/system/default.target.wants",
	    "/etc/systemd/system/sockets.target.wants",
	    "/etc/systemd/system/network-pre.target.wants",
	    "/lib/systemd/system/sysinit.target.wants",
	    "/lib/systemd/system/multi-user.target.wants",
	};
	const size_t mark = g->scratch.used;
	const char *name = saksi_gather_text(g, "%s.service", unit);
	char to[256];
	bool on = false;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs) && !on; i++)
		on = linked(g, dirs[i], name);
	on = on || by_rc(g, unit);
	/* Masked is off, whatever else is linked. */
	if (saksi_source_link(&g->src,
			      saksi_gather_text(g, "/etc/systemd/system/%s", name), to,
			      sizeof(to)) == SAKSI_READ_OK &&
	    strcmp(to, "/dev/null") == 0)
		on = false;
	saksi_arena_rewind(&g->scratch, mark);
	return on;
}

/* ---- patterns */

#define GLOB_MAX 2000

static void glob_into(struct saksi_gather *g, const char *done, const char *left,
		      struct saksi_names *out)
{
	struct saksi_names names;

	left += strspn(left, "/");
	const size_t n = strcspn(left, "/");
	if (n == 0) {
		if (out->count < GLOB_MAX && saksi_gather_exists(g, done))
			out->at[out->count++] = done;
		return;
	}
	const char *part =
	    saksi_gather_cstr(g, (struct saksi_bytes){(const uint8_t *)left, n});
	if (!strpbrk(part, "*?[")) {
		glob_into(g, saksi_gather_text(g, "%s/%s", done, part), left + n, out);
		return;
	}
	if (!saksi_gather_names(g, *done ? done : "/", &names))
		return;
	for (size_t i = 0; i < names.count; i++)
		if (fnmatch(part, names.at[i], FNM_PERIOD) == 0)
			glob_into(g, saksi_gather_text(g, "%s/%s", done, names.at[i]),
				  left + n, out);
}

struct saksi_names saksi_gather_glob(struct saksi_gather *g, const char *pattern)
{
	struct saksi_names out = {
	    saksi_arena_new(&g->scratch, GLOB_MAX, sizeof(*out.at)), 0};

	if (out.at)
		glob_into(g, "", pattern, &out);
	else
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL, "%s: no memory", pattern);
	if (out.count == GLOB_MAX)
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL, "%s: more than %d files",
				  pattern, GLOB_MAX);
	return out;
}

const char *saksi_ids_name(const struct saksi_ids *ids, uint32_t id)
{
	size_t low = 0, high = ids->count;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;
		if (ids->at[mid].id == id)
			return ids->at[mid].name;
		if (ids->at[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}
