/* Accounts.  A hash is looked at to name its scheme and is never a fact. */
#include "collect/read_sections.h"
#include "collect/read_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDS_MAX 65536u

/* ---- colon files */

static size_t colons(struct saksi_bytes line, struct saksi_bytes out[9])
{
	size_t n = 0;
	bool more = true;

	while (more && n < 9) {
		const uint8_t *at = line.len ? memchr(line.at, ':', line.len) : NULL;
		more = at != NULL;
		out[n] = line;
		if (at) {
			out[n].len = (size_t)(at - line.at);
			line.len -= out[n].len + 1;
			line.at = at + 1;
		}
		n++;
	}
	return n;
}

static int by_id(const void *a, const void *b)
{
	const struct saksi_id *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static void note_line(struct saksi_gather *g, const char *path, uint32_t line)
{
	saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL, "%s:%u is not understood", path,
			  line);
}

/* Names and numbers of a passwd or group file, for the whole run. */
static void read_ids(struct saksi_gather *g, struct saksi_ids *ids, const char *path,
		     struct saksi_bytes text)
{
	struct saksi_lines lines = {.left = text};
	struct saksi_bytes line, f[9];
	int64_t id;

	ids->at = malloc(IDS_MAX * sizeof(*ids->at));
	ids->known = ids->at != NULL;
	while (ids->at && saksi_lines_said(&lines, "#", &line)) {
		if (colons(line, f) < 3 || !saksi_text_number(f[2], &id) || id < 0 ||
		    id > UINT32_MAX)
			continue;
		char *name = saksi_arena_new(&g->keep, f[0].len + 1, 1);
		if (!name || ids->count == IDS_MAX) {
			saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
					  "%s: more than %u entries", path, IDS_MAX);
			ids->known = false;
			break;
		}
		if (f[0].len)
			memcpy(name, f[0].at, f[0].len);
		ids->at[ids->count++] = (struct saksi_id){(uint32_t)id, name};
	}
	if (ids->at != NULL && ids->count > 1)
		qsort(ids->at, ids->count, sizeof(*ids->at), by_id);
}

static size_t times(const struct saksi_ids *ids, uint32_t id)
{
	size_t low = 0, high = ids->count, n = 0;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;
		if (ids->at[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	while (low + n < ids->count && ids->at[low + n].id == id)
		n++;
	return n;
}

static bool repeated(const struct saksi_ids *ids, struct saksi_bytes name)
{
	size_t n = 0;

	/* Quadratic, so only for as many as a server has people. */
	for (size_t i = 0; i < ids->count && ids->count <= 4096 && n < 2; i++)
		n += saksi_bytes_is(name, ids->at[i].name);
	return n > 1;
}

/* ---- passwords */

static const char *scheme(struct saksi_bytes h)
{
	static const char *const all[][2] = {
	    {"$y$", "yescrypt"}, {"$gy$", "gost-yescrypt"}, {"$7$", "scrypt"},
	    {"$2", "bcrypt"},    {"$6$", "sha512"},         {"$5$", "sha256"},
	    {"$1$", "md5"},      {"$md5", "sunmd5"},        {"_", "bsdi"},
	    {"$apr1$", "md5"},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (saksi_bytes_starts(h, all[i][0]))
			return all[i][1];
	return h.len == 13 && h.at[0] != '$' ? "des" : "unknown";
}

static void rounds(struct saksi_gather *g, struct saksi_bytes user,
		   struct saksi_bytes hash)
{
	struct saksi_bytes rest, n;
	int64_t count;

	if (!saksi_bytes_starts(hash, "$6$rounds=") &&
	    !saksi_bytes_starts(hash, "$5$rounds="))
		return;
	rest = (struct saksi_bytes){hash.at + 10, hash.len - 10};
	if (saksi_text_cut(rest, '$', &n, &rest) && saksi_text_number(n, &count))
		saksi_gather_number(g, user, "rounds", count);
}

static void password_facts(struct saksi_gather *g, struct saksi_bytes user,
			   struct saksi_bytes h)
{
	bool locked = false;

	while (h.len > 0 && h.at[0] == '!') {
		locked = true;
		h.at++;
		h.len--;
	}
	/* Anything that cannot be a hash can never match. */
	const bool never = h.len > 0 && (h.at[0] == '*' || h.at[0] == 'x' ||
					 (h.len < 13 && h.at[0] != '$'));
	const char *is = h.len == 0 ? (locked ? "none" : "empty")
			 : never    ? "none"
			 : locked   ? "locked"
				    : "set";
	saksi_gather_put(g, user, "password", saksi_bytes_of(is));
	if (h.len == 0 || never)
		return;
	saksi_gather_put(g, user, "hash", saksi_bytes_of(scheme(h)));
	rounds(g, user, h);
}

void saksi_read_shadow_text(struct saksi_gather *g, struct saksi_bytes text)
{
	static const char *const names[] = {
	    "last-change-days", "min-days",      "max-days",
	    "warn-days",        "inactive-days", "expire-days",
	};
	struct saksi_lines lines = {.left = text};
	struct saksi_bytes line, f[9];
	int64_t n;

	while (saksi_lines_said(&lines, "", &line)) {
		const size_t count = colons(line, f);
		if (count < 2 || f[0].len == 0) {
			note_line(g, "/etc/shadow", lines.number);
			continue;
		}
		password_facts(g, f[0], f[1]);
		for (size_t i = 0; i < 6 && i + 2 < count; i++)
			if (saksi_text_number(f[i + 2], &n))
				saksi_gather_number(g, f[0], names[i], n);
		if (count > 2 && saksi_text_number(f[2], &n) && n > 0)
			saksi_gather_number(g, f[0], "changed-days-ago",
					    g->o->now_utc / 86400 - n);
	}
}

/* ---- users */

static bool logs_in(struct saksi_bytes shell)
{
	static const char *const none[] = {"/nologin", "/false", "/sync", "/shutdown",
					   "/halt"};

	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		if (saksi_text_ends(shell, none[i]))
			return false;
	return true; /* an empty shell is /bin/sh */
}

static void user_facts(struct saksi_gather *g, const struct saksi_bytes f[9])
{
	int64_t uid, gid;

	saksi_gather_put(g, f[0], "uid", f[2]);
	saksi_gather_put(g, f[0], "gid", f[3]);
	saksi_gather_put(g, f[0], "home", f[5]);
	saksi_gather_put(g, f[0], "shell", f[6]);
	saksi_gather_yes(g, f[0], "login", logs_in(f[6]));
	saksi_gather_yes(g, f[0], "shadowed", saksi_bytes_is(f[1], "x"));
	if (saksi_text_number(f[2], &uid) && uid >= 0 && uid <= UINT32_MAX)
		saksi_gather_yes(g, f[0], "uid-shared",
				 times(&g->users, (uint32_t)uid) > 1);
	saksi_gather_yes(g, f[0], "name-repeated", repeated(&g->users, f[0]));
	if (g->groups.known && saksi_text_number(f[3], &gid))
		saksi_gather_yes(g, f[0], "group-exists",
				 saksi_ids_name(&g->groups, (uint32_t)gid) != NULL);
	if (!saksi_bytes_is(f[1], "x"))
		password_facts(g, f[0], f[1]);
	if (f[5].len > 0)
		saksi_gather_file_facts(g, f[0], "home", saksi_gather_cstr(g, f[5]));
}

static void users(struct saksi_gather *g, struct saksi_bytes text)
{
	struct saksi_lines lines = {.left = text};
	struct saksi_bytes line, f[9];

	while (saksi_lines_said(&lines, "", &line)) {
		const size_t n = colons(line, f);
		if (line.at[0] == '+' || line.at[0] == '-')
			saksi_gather_note(
			    g, SAKSI_COVERAGE_PARTIAL,
			    "accounts also come from NIS (a line with %c)", line.at[0]);
		else if (n != 7 || f[0].len == 0)
			note_line(g, "/etc/passwd", lines.number);
		else
			user_facts(g, f);
	}
}

static void groups(struct saksi_gather *g, struct saksi_bytes text)
{
	struct saksi_lines lines = {.left = text};
	struct saksi_bytes line, f[9], member;
	int64_t gid;

	while (saksi_lines_said(&lines, "", &line)) {
		if (colons(line, f) != 4 || f[0].len == 0) {
			note_line(g, "/etc/group", lines.number);
			continue;
		}
		saksi_gather_put(g, f[0], "gid", f[2]);
		if (saksi_text_number(f[2], &gid) && gid >= 0 && gid <= UINT32_MAX)
			saksi_gather_yes(g, f[0], "gid-shared",
					 times(&g->groups, (uint32_t)gid) > 1);
		const bool none = f[1].len == 0 || saksi_bytes_is(f[1], "x") ||
				  f[1].at[0] == '!' || f[1].at[0] == '*';
		saksi_gather_put(g, f[0], "password",
				 saksi_bytes_of(none ? "none" : "set"));
		while (saksi_text_word(&f[3], ",", &member))
			saksi_gather_put(g, f[0], "member", member);
	}
}

/* ---- keys that let somebody in */

/* The size of an RSA key is the length of its modulus, which is nearly all of
 * the base64 text: enough to tell 1024 from 2048 from 4096 bits. */
static int64_t rsa_bits(struct saksi_bytes base64)
{
	const int64_t bytes = (int64_t)base64.len * 3 / 4 - 22;

	return bytes <= 0 ? 0 : (bytes * 8 + 128) / 256 * 256;
}

static void key_line(struct saksi_gather *g, const char *subject,
		     struct saksi_bytes line)
{
	struct saksi_bytes word, rest = line, options = {NULL, 0};
	int64_t bits = 0;

	if (!saksi_text_quoted(&rest, &word))
		return;
	if (!saksi_bytes_starts(word, "ssh-") && !saksi_bytes_starts(word, "ecdsa-") &&
	    !saksi_bytes_starts(word, "sk-")) {
		options = word;
		if (!saksi_text_quoted(&rest, &word))
			return;
	}
	const struct saksi_bytes type = word;
	if (!saksi_text_word(&rest, NULL, &word))
		return;
	if (saksi_bytes_is(type, "ssh-rsa"))
		bits = rsa_bits(word);
	else if (saksi_bytes_is(type, "ssh-dss"))
		bits = 1024;
	else if (saksi_text_has(type, "ed25519") || saksi_text_has(type, "nistp256"))
		bits = 256;
	else if (saksi_text_has(type, "nistp384"))
		bits = 384;
	else if (saksi_text_has(type, "nistp521"))
		bits = 521;
	saksi_gather_put(g, saksi_bytes_of(subject), "type", type);
	if (bits > 0)
		saksi_gather_number(g, saksi_bytes_of(subject), "bits", bits);
	saksi_gather_yes(g, saksi_bytes_of(subject), "restricted",
			 saksi_text_has(options, "command=") ||
			     saksi_text_has(options, "from=") ||
			     saksi_text_has(options, "restrict"));
}

static void keys_of(struct saksi_gather *g, struct saksi_bytes user, const char *path)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line;
	struct stat st;

	if (saksi_source_stat(&g->src, path, true, &st) != SAKSI_READ_OK ||
	    !saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#", &line)) {
		const char *subject = saksi_gather_text(g, "%s:%u", path, lines.number);
		saksi_gather_put(g, saksi_bytes_of(subject), "user", user);
		key_line(g, subject, line);
		saksi_gather_mode(g, saksi_bytes_of(subject), "mode", st.st_mode);
		saksi_gather_number(g, saksi_bytes_of(subject), "uid", st.st_uid);
	}
}

static void ssh_keys(struct saksi_gather *g, struct saksi_bytes text)
{
	struct saksi_lines lines = {.left = text};
	struct saksi_bytes line, f[9];

	while (saksi_lines_said(&lines, "", &line)) {
		if (colons(line, f) != 7 || f[5].len < 2)
			continue;
		const char *home = saksi_gather_cstr(g, f[5]);
		keys_of(g, f[0], saksi_gather_text(g, "%s/.ssh/authorized_keys", home));
		keys_of(g, f[0],
			saksi_gather_text(g, "%s/.ssh/authorized_keys2", home));
	}
}

static bool need(struct saksi_gather *g, const char *path, struct saksi_bytes *text)
{
	const enum saksi_read r =
	    saksi_source_read(&g->src, path, SAKSI_SOURCE_FILE_MAX, &g->keep, text);

	if (r == SAKSI_READ_OK)
		return true;
	saksi_gather_note(
	    g, r == SAKSI_READ_DENIED ? SAKSI_COVERAGE_DENIED : SAKSI_COVERAGE_UNREAD,
	    "%s: %s", path, saksi_read_name(r));
	return false;
}

void saksi_read_user(struct saksi_gather *g)
{
	struct saksi_bytes passwd = {NULL, 0}, group = {NULL, 0}, shadow;

	saksi_gather_open(g, "group");
	if (need(g, "/etc/group", &group)) {
		read_ids(g, &g->groups, "/etc/group", group);
		groups(g, group);
	}
	saksi_gather_close(g);

	saksi_gather_open(g, "user");
	const bool known = need(g, "/etc/passwd", &passwd);
	if (known) {
		read_ids(g, &g->users, "/etc/passwd", passwd);
		users(g, passwd);
		if (saksi_gather_read(g, "/etc/shadow", &shadow))
			saksi_read_shadow_text(g, shadow);
		else if (!saksi_gather_exists(g, "/etc/shadow"))
			saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
					  "/etc/shadow: not there");
	}
	saksi_gather_close(g);

	saksi_gather_open(g, "ssh-key");
	if (known)
		ssh_keys(g, passwd);
	else
		saksi_gather_note(g, SAKSI_COVERAGE_UNREAD, "accounts are not known");
	saksi_gather_close(g);
}

/* ---- login.defs, limits, shells */

static void login_defs(struct saksi_gather *g)
{
	saksi_read_keys(g, "login", "/etc/login.defs", NULL, "#");
}

static void limits_file(struct saksi_gather *g, const char *path)
{
	static const char *const names[] = {"domain", "type", "item", "value"};
	struct saksi_lines lines = {0};
	struct saksi_bytes line, word;

	if (!saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#", &line)) {
		const char *subject = saksi_gather_text(g, "%s:%u", path, lines.number);
		for (size_t i = 0; i < 4 && saksi_text_word(&line, NULL, &word); i++)
			saksi_gather_put(g, saksi_bytes_of(subject), names[i], word);
	}
}

static void limits(struct saksi_gather *g)
{
	saksi_gather_open(g, "limits");
	limits_file(g, "/etc/security/limits.conf");
	const struct saksi_names more =
	    saksi_gather_glob(g, "/etc/security/limits.d/*.conf");
	for (size_t i = 0; i < more.count; i++)
		limits_file(g, more.at[i]);
	saksi_gather_close(g);
}

static void shell_file(struct saksi_gather *g, const char *path)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, word, value, rest;

	if (!saksi_gather_read(g, path, &lines.left))
		return;
	while (saksi_lines_said(&lines, "#", &line)) {
		while (saksi_text_word(&line, ";", &word)) {
			if (saksi_bytes_is(word, "umask") &&
			    saksi_text_word(&line, ";", &value))
				saksi_gather_put(g, saksi_bytes_of("-"), "umask",
						 value);
			else if (saksi_bytes_starts(word, "TMOUT=") &&
				 saksi_text_cut(word, '=', &rest, &value))
				saksi_gather_put(g, saksi_bytes_of("-"), "tmout",
						 saksi_text_unquote(value));
		}
	}
}

void saksi_read_login(struct saksi_gather *g)
{
	login_defs(g);
	limits(g);
	saksi_gather_open(g, "shell");
	shell_file(g, "/etc/profile");
	shell_file(g, "/etc/bash.bashrc");
	shell_file(g, "/etc/bashrc");
	const struct saksi_names more = saksi_gather_glob(g, "/etc/profile.d/*.sh");
	for (size_t i = 0; i < more.count; i++)
		shell_file(g, more.at[i]);
	saksi_gather_close(g);
}
