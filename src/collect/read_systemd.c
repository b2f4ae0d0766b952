/* Timers and services, from unit files, their drop-ins and the links that
 * enable them.  Nothing is asked of a running systemd. */
#include "collect/read_sections.h"
#include "collect/read_text.h"

#include <stdio.h>
#include <string.h>

/* The order in which systemd looks: the first file of a name counts. */
static const char *const DIRS[] = {"/etc/systemd/system", "/run/systemd/system",
				   "/usr/local/lib/systemd/system",
				   "/usr/lib/systemd/system", "/lib/systemd/system"};
#define DIR_COUNT 5
#define UNITS_MAX 2000

static const char *const KEPT[] = {
    "NoNewPrivileges",
    "ProtectSystem",
    "ProtectHome",
    "PrivateTmp",
    "PrivateDevices",
    "PrivateNetwork",
    "ProtectKernelTunables",
    "ProtectKernelModules",
    "ProtectControlGroups",
    "CapabilityBoundingSet",
    "AmbientCapabilities",
    "RestrictAddressFamilies",
    "RestrictNamespaces",
    "SystemCallFilter",
    "MemoryDenyWriteExecute",
    "ReadWritePaths",
    "UMask",
    "DynamicUser",
    "User",
};
#define KEPT_COUNT (sizeof(KEPT) / sizeof(*KEPT))

struct unit {
	struct saksi_bytes kept[KEPT_COUNT];
	struct saksi_bytes program, activates;
	bool installs; /* has an [Install] section that says by whom */
};

struct found {
	const char *name, *path;
	bool masked, linked; /* linked: another unit's name (alias) */
};

/* ---- what enables a unit: names in *.wants and *.requires folders */

struct wants {
	const char *at[UNITS_MAX];
	size_t count;
};

static void gather_wants(struct saksi_gather *g, struct wants *w)
{
	static const char *const patterns[] = {
	    "/etc/systemd/system/*.wants/*", "/etc/systemd/system/*.requires/*",
	    "/usr/lib/systemd/system/*.wants/*", "/lib/systemd/system/*.wants/*"};
	struct saksi_names dirs, names;

	for (size_t p = 0; p < 4; p++) {
		/* Links lead to units that may be gone: list, not glob. */
		const char *tail = strrchr(patterns[p], '/');
		dirs = saksi_gather_glob(g, saksi_gather_text(g, "%.*s",
							      (int)(tail - patterns[p]),
							      patterns[p]));
		for (size_t i = 0; i < dirs.count; i++) {
			if (!saksi_gather_names(g, dirs.at[i], &names))
				continue;
			for (size_t j = 0; j < names.count; j++)
				if (w->count < UNITS_MAX)
					w->at[w->count++] = names.at[j];
		}
	}
}

static bool wanted(const struct wants *w, const char *name)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->at[i], name) == 0)
			return true;
	return false;
}

/* ---- one unit file */

static void take(struct unit *u, const char *type, struct saksi_bytes section,
		 struct saksi_bytes key, struct saksi_bytes value)
{
	if (saksi_bytes_is(section, "Install")) {
		u->installs |= value.len > 0;
		return;
	}
	if (!saksi_text_is(section, type))
		return;
	for (size_t i = 0; i < KEPT_COUNT; i++)
		if (saksi_bytes_is(key, KEPT[i]))
			u->kept[i] = value;
	if (saksi_bytes_is(key, "ExecStart") && value.len > 0) {
		/* "-", "@", "+", "!" and ":" before it are flags of systemd's. */
		struct saksi_bytes word;
		while (value.len > 0 && strchr("-@+!:", value.at[0]) && value.at[0]) {
			value.at++;
			value.len--;
		}
		if (saksi_text_word(&value, NULL, &word))
			u->program = word;
	} else if (saksi_bytes_is(key, "Unit")) {
		u->activates = value;
	}
}

static void unit_file(struct saksi_gather *g, struct unit *u, const char *type,
		      const char *path, const char *name)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, section = {NULL, 0}, key, value;
	bool goes_on = false;

	if (!saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#;", &line)) {
		const bool skip = goes_on;
		goes_on = line.at[line.len - 1] == '\\';
		if (skip)
			continue; /* further words of a value whose first we have */
		if (line.at[0] == '[') {
			section = (struct saksi_bytes){line.at + 1, line.len - 1};
			saksi_text_cut(section, ']', &section, &value);
		} else if (saksi_text_cut(line, '=', &key, &value)) {
			take(u, type, section, key, value);
			if (saksi_bytes_is(key, "OnCalendar") && value.len > 0 &&
			    saksi_text_is(section, "Timer"))
				saksi_facts_put(g->w, "timer", saksi_bytes_of(name),
						"calendar", value);
		}
	}
}

/* The file and its drop-ins, in systemd's order. */
static void whole_unit(struct saksi_gather *g, struct unit *u, const char *type,
		       const struct found *f)
{
	unit_file(g, u, type, f->path, f->name);
	for (size_t d = DIR_COUNT; d > 0; d--) {
		const struct saksi_names more = saksi_gather_glob(
		    g, saksi_gather_text(g, "%s/%s.d/*.conf", DIRS[d - 1], f->name));
		for (size_t i = 0; i < more.count; i++)
			unit_file(g, u, type, more.at[i], f->name);
	}
}

static const char *state_of(const struct found *f, const struct unit *u, bool on)
{
	if (f->masked)
		return "masked";
	if (on)
		return "enabled";
	if (f->linked)
		return "alias";
	return u->installs ? "disabled" : "static";
}

static void unit_facts(struct saksi_gather *g, const struct found *f,
		       const struct unit *u, bool on)
{
	const struct saksi_bytes subject = saksi_bytes_of(f->name);
	char lower[64];

	saksi_gather_puts(g, f->name, "state", state_of(f, u, on));
	saksi_gather_puts(g, f->name, "file", f->path);
	for (size_t i = 0; i < KEPT_COUNT; i++)
		if (u->kept[i].len > 0)
			saksi_gather_put(g, subject,
					 saksi_text_lower(saksi_bytes_of(KEPT[i]),
							  lower, sizeof(lower)),
					 u->kept[i]);
	if (u->program.len == 0)
		return;
	saksi_gather_put(g, subject, "program", u->program);
	if (u->program.at[0] == '/')
		saksi_gather_file_facts(g, subject, "program",
					saksi_gather_cstr(g, u->program));
}

static void timer_facts(struct saksi_gather *g, const struct found *f,
			const struct unit *u, bool on)
{
	saksi_facts_puts(g->w, "timer", f->name, "enabled",
			 on && !f->masked ? "yes" : "no");
	if (u->activates.len > 0)
		saksi_facts_put(g->w, "timer", saksi_bytes_of(f->name), "unit",
				u->activates);
	else
		saksi_facts_puts(g->w, "timer", f->name, "unit",
				 saksi_gather_text(g, "%.*s.service",
						   (int)(strlen(f->name) - 6),
						   f->name));
}

static void one_unit(struct saksi_gather *g, const struct wants *w,
		     const struct found *f)
{
	const struct saksi_bytes name = saksi_bytes_of(f->name);
	const bool timer = saksi_text_ends(name, ".timer");
	const char *type = timer                              ? "Timer"
			   : saksi_text_ends(name, ".socket") ? "Socket"
							      : "Service";
	const size_t mark = g->scratch.used;
	struct unit u = {0};
	const bool on = wanted(w, f->name);

	if (!f->masked)
		whole_unit(g, &u, type, f);
	if (timer)
		timer_facts(g, f, &u, on);
	else
		unit_facts(g, f, &u, on);
	saksi_arena_rewind(&g->scratch, mark);
}

/* ---- which units there are */

struct units {
	struct found at[UNITS_MAX];
	size_t count;
	struct wants wants;
};

static bool is_unit(const char *name)
{
	const struct saksi_bytes n = saksi_bytes_of(name);

	return saksi_text_ends(n, ".service") || saksi_text_ends(n, ".socket") ||
	       saksi_text_ends(n, ".timer");
}

static bool known(const struct units *u, const char *name)
{
	for (size_t i = 0; i < u->count; i++)
		if (strcmp(u->at[i].name, name) == 0)
			return true;
	return false;
}

static void add(struct saksi_gather *g, struct units *u, const char *dir,
		const char *name)
{
	struct found f = {.name = name,
			  .path = saksi_gather_text(g, "%s/%s", dir, name)};
	char to[512];

	if (u->count == UNITS_MAX) {
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL, "more than %d units",
				  UNITS_MAX);
		return;
	}
	if (saksi_source_link(&g->src, f.path, to, sizeof(to)) == SAKSI_READ_OK) {
		const char *base = strrchr(to, '/') ? strrchr(to, '/') + 1 : to;
		f.masked = strcmp(to, "/dev/null") == 0;
		f.linked = !f.masked && strcmp(base, name) != 0;
	}
	u->at[u->count++] = f;
}

static void gather_units(struct saksi_gather *g, struct units *u)
{
	struct saksi_names names;

	for (size_t d = 0; d < DIR_COUNT; d++) {
		if (!saksi_gather_names(g, DIRS[d], &names))
			continue;
		for (size_t i = 0; i < names.count; i++)
			if (is_unit(names.at[i]) && !known(u, names.at[i]))
				add(g, u, DIRS[d], names.at[i]);
	}
}

/* Services that only have a script of System V's. */
static void sysv(struct saksi_gather *g, const struct units *u)
{
	struct saksi_names scripts, links;

	if (!saksi_gather_names(g, "/etc/init.d", &scripts))
		return;
	if (!saksi_gather_names(g, "/etc/rc2.d", &links))
		links.count = 0;
	for (size_t i = 0; i < scripts.count; i++) {
		const char *name = saksi_gather_text(g, "%s.service", scripts.at[i]);
		bool on = false;
		if (strcmp(scripts.at[i], "README") == 0 || known(u, name))
			continue;
		for (size_t j = 0; j < links.count; j++)
			on |= links.at[j][0] == 'S' && strlen(links.at[j]) > 3 &&
			      strcmp(links.at[j] + 3, scripts.at[i]) == 0;
		saksi_gather_puts(g, name, "state", on ? "enabled" : "disabled");
		saksi_gather_puts(
		    g, name, "file",
		    saksi_gather_text(g, "/etc/init.d/%s", scripts.at[i]));
	}
}

void saksi_read_systemd(struct saksi_gather *g)
{
	struct units *u;

	saksi_gather_open(g, "unit");
	u = saksi_arena_new(&g->scratch, 1, sizeof(*u));
	if (u) {
		gather_units(g, u);
		gather_wants(g, &u->wants);
		for (size_t i = 0; i < u->count; i++)
			one_unit(g, &u->wants, &u->at[i]);
		if (u->count == 0)
			saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
					  "there are no systemd units");
		sysv(g, u);
	}
	saksi_gather_close_also(g, "timer");
	saksi_gather_close(g);
}
