/* PostgreSQL: settings (the last one of a key is in force) and who may come
 * in.  Nothing is asked of a running server. */
#include "collect/read_sections.h"
#include "collect/read_text.h"

#include <string.h>

#define DEPTH_MAX 10
#define FILES_MAX 64

static const char *const KEPT[] = {
    "ssl",
    "ssl_min_protocol_version",
    "ssl_ciphers",
    "password_encryption",
    "listen_addresses",
    "port",
    "log_connections",
    "log_disconnections",
    "log_statement",
    "log_line_prefix",
    "logging_collector",
    "log_destination",
    "shared_preload_libraries",
    "row_security",
    "authentication_timeout",
    "unix_socket_permissions",
    "fsync",
    "archive_mode",
    "wal_level",
    "db_user_namespace",
    "krb_server_keyfile",
    "log_min_duration_statement",
    "log_hostname",
    "pgaudit.log",
};
#define KEPT_COUNT (sizeof(KEPT) / sizeof(*KEPT))

struct cluster {
	const char *name;
	struct saksi_bytes value[KEPT_COUNT];
	bool set[KEPT_COUNT];
	struct saksi_bytes data, key_file, hba;
	unsigned files;
};

static void conf(struct saksi_gather *g, struct cluster *c, const char *path,
		 unsigned depth);

/* The value without its quotes and without a comment behind it. */
static struct saksi_bytes value_of(struct saksi_bytes s)
{
	struct saksi_bytes word, rest;

	s = saksi_text_trim(s);
	if (s.len > 0 && s.at[0] == '=')
		s = saksi_text_trim((struct saksi_bytes){s.at + 1, s.len - 1});
	if (s.len > 0 && s.at[0] == '\'') {
		saksi_text_quoted(&s, &word);
		return word;
	}
	saksi_text_cut(s, '#', &word, &rest);
	return word;
}

static void included(struct saksi_gather *g, struct cluster *c, const char *from,
		     struct saksi_bytes what, bool directory, unsigned depth)
{
	const char *slash = strrchr(from, '/');
	const char *path =
	    what.len > 0 && what.at[0] == '/'
		? saksi_gather_cstr(g, what)
		: saksi_gather_text(g, "%.*s/%.*s", (int)(slash - from), from,
				    (int)what.len, (const char *)what.at);

	if (!directory) {
		conf(g, c, path, depth + 1);
		return;
	}
	const struct saksi_names files =
	    saksi_gather_glob(g, saksi_gather_text(g, "%s/*.conf", path));
	for (size_t i = 0; i < files.count; i++)
		conf(g, c, files.at[i], depth + 1);
}

static void setting(struct saksi_gather *g, struct cluster *c, struct saksi_bytes key,
		    struct saksi_bytes value)
{
	char lower[64];

	saksi_text_lower(key, lower, sizeof(lower));
	for (size_t i = 0; i < KEPT_COUNT; i++)
		if (strcmp(lower, KEPT[i]) == 0) {
			c->value[i] = value;
			c->set[i] = true;
		}
	(void)g;
	if (strcmp(lower, "data_directory") == 0)
		c->data = value;
	else if (strcmp(lower, "ssl_key_file") == 0)
		c->key_file = value;
	else if (strcmp(lower, "hba_file") == 0)
		c->hba = value;
}

static void conf(struct saksi_gather *g, struct cluster *c, const char *path,
		 unsigned depth)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, key, value;

	if (depth > DEPTH_MAX || ++c->files > FILES_MAX) {
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL, "%s: too many includes",
				  path);
		return;
	}
	if (!saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#", &line)) {
		if (!saksi_text_word(&line, "=", &key))
			continue;
		value = value_of(line);
		if (saksi_text_is(key, "include") ||
		    saksi_text_is(key, "include_if_exists"))
			included(g, c, path, value, false, depth);
		else if (saksi_text_is(key, "include_dir"))
			included(g, c, path, value, true, depth);
		else
			setting(g, c, key, value);
	}
}

/* ---- pg_hba.conf */

static bool is_wide(struct saksi_bytes address)
{
	return saksi_bytes_is(address, "0.0.0.0/0") ||
	       saksi_bytes_is(address, "::/0") || saksi_bytes_is(address, "::0/0") ||
	       saksi_bytes_is(address, "all") || saksi_text_ends(address, "/0");
}

static bool hba_line(struct saksi_gather *g, const char *subject,
		     struct saksi_bytes line)
{
	const struct saksi_bytes at = saksi_bytes_of(subject);
	struct saksi_bytes type, database, user, address = {NULL, 0}, method, one;

	if (!saksi_text_word(&line, NULL, &type) ||
	    !saksi_text_quoted(&line, &database) || !saksi_text_quoted(&line, &user))
		return false;
	if (!saksi_bytes_is(type, "local") && !saksi_text_word(&line, NULL, &address))
		return false;
	if (!saksi_text_word(&line, NULL, &method))
		return false;
	/* "host db user 10.0.0.0 255.0.0.0 md5": a mask in its own column. */
	bool zero_mask = false;
	if (address.len > 0 && method.at[0] >= '0' && method.at[0] <= '9') {
		zero_mask = saksi_bytes_is(method, "0.0.0.0");
		if (!saksi_text_word(&line, NULL, &method))
			return false;
	}
	saksi_facts_put(g->w, "postgresql-hba", at, "type", type);
	while (saksi_text_word(&database, ",", &one))
		saksi_facts_put(g->w, "postgresql-hba", at, "database", one);
	while (saksi_text_word(&user, ",", &one))
		saksi_facts_put(g->w, "postgresql-hba", at, "user", one);
	if (address.len > 0)
		saksi_facts_put(g->w, "postgresql-hba", at, "address", address);
	saksi_facts_put(g->w, "postgresql-hba", at, "method", method);
	saksi_facts_puts(g->w, "postgresql-hba", subject, "wide",
			 is_wide(address) || zero_mask ? "yes" : "no");
	return true;
}

static void hba(struct saksi_gather *g, const struct cluster *c, const char *path)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line;

	if (!saksi_gather_exists(g, path)) {
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL, "%s is not there", path);
		return;
	}
	if (!saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#", &line)) {
		const char *subject = saksi_gather_text(g, "%s:%u", path, lines.number);
		if (line.at[0] == '@' || saksi_bytes_starts(line, "include") ||
		    !hba_line(g, subject, line))
			saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
					  "%s is not understood", subject);
		else
			saksi_facts_puts(g->w, "postgresql-hba", subject, "cluster",
					 c->name);
	}
}

static void put_cluster(struct saksi_gather *g, const struct cluster *c,
			const char *path)
{
	const struct saksi_bytes name = saksi_bytes_of(c->name);
	struct stat st;

	saksi_gather_puts(g, c->name, "config", path);
	if (c->data.len > 0)
		saksi_gather_put(g, name, "data", c->data);
	for (size_t i = 0; i < KEPT_COUNT; i++)
		if (c->set[i])
			saksi_gather_put(g, name, KEPT[i], c->value[i]);
	if (c->key_file.len > 0 && c->key_file.at[0] == '/' &&
	    saksi_source_stat(&g->src, saksi_gather_cstr(g, c->key_file), true, &st) ==
		SAKSI_READ_OK)
		saksi_gather_mode(g, name, "ssl_key_mode", st.st_mode);
}

static void cluster(struct saksi_gather *g, const char *name, const char *path)
{
	struct cluster *c = saksi_arena_new(&g->scratch, 1, sizeof(*c));
	const char *slash = strrchr(path, '/');

	if (!c)
		return;
	c->name = name;
	conf(g, c, path, 0);
	const char *data =
	    c->data.len > 0 ? saksi_gather_cstr(g, c->data)
			    : saksi_gather_text(g, "%.*s", (int)(slash - path), path);
	/* ALTER SYSTEM's file is read after all others. */
	const char *automatic = saksi_gather_text(g, "%s/postgresql.auto.conf", data);
	struct stat st;
	const enum saksi_read r = saksi_source_stat(&g->src, automatic, true, &st);
	saksi_gather_noted(g, r, automatic);
	if (r == SAKSI_READ_OK)
		conf(g, c, automatic, 0);
	put_cluster(g, c, path);
	hba(g, c,
	    c->hba.len > 0
		? saksi_gather_cstr(g, c->hba)
		: saksi_gather_text(g, "%.*s/pg_hba.conf", (int)(slash - path), path));
}

void saksi_read_postgresql(struct saksi_gather *g)
{
	static const char *const data[] = {"/var/lib/pgsql/data/postgresql.conf",
					   "/var/lib/pgsql/*/data/postgresql.conf",
					   "/var/lib/postgresql/data/postgresql.conf",
					   "/var/lib/postgresql/*/*/postgresql.conf"};
	struct saksi_names found;
	size_t n = 0;

	saksi_gather_open(g, "postgresql");
	found = saksi_gather_glob(g, "/etc/postgresql/*/*/postgresql.conf");
	for (size_t i = 0; i < found.count; i++, n++) {
		/* /etc/postgresql/15/main/postgresql.conf is cluster 15/main */
		const char *at = found.at[i] + strlen("/etc/postgresql/");
		cluster(g,
			saksi_gather_text(g, "%.*s", (int)(strrchr(at, '/') - at), at),
			found.at[i]);
	}
	for (size_t d = 0; d < sizeof(data) / sizeof(*data); d++) {
		found = saksi_gather_glob(g, data[d]);
		for (size_t i = 0; i < found.count; i++, n++)
			cluster(g,
				saksi_gather_text(
				    g, "%.*s",
				    (int)(strrchr(found.at[i], '/') - found.at[i]),
				    found.at[i]),
				found.at[i]);
	}
	if (n == 0 && g->state == SAKSI_COVERAGE_COMPLETE)
		saksi_gather_note(g, SAKSI_COVERAGE_ABSENT, "not installed");
	saksi_gather_close_also(g, "postgresql-hba");
	saksi_gather_close(g);
}
