#include "collect/read_mount.h"
#include "collect/read_package.h"
#include "collect/read_pem.h"
#include "collect/read_sections.h"
#include "collect/read_text.h"
#include "collect/read_walk.h"
#include "collect/walk.h"
#include "base/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#define EACH_MAX 10000u /* subjects of one section */
#define PEM_MAX 65536u
#define MOUNTS_MAX 512
#define BUNDLE 10

enum part { SETUID, WRITABLE, UNOWNED, KEY, CERT, DUMP, PARTS };

static const char *const PART[PARTS] = {"setuid",      "writable", "unowned",
					"private-key", "cert",     "dump"};

struct mount_at {
	const char *path, *type, *id, *root;
	bool entered, bind;
};

struct setuid_file {
	const char *path;
	unsigned mode;
	uint32_t uid, gid;
};

struct look {
	struct saksi_gather *g;
	struct saksi_walk w;
	struct mount_at *mounts;
	size_t mount_count;
	uint32_t said[PARTS];
	uint32_t unread[PARTS]; /* files of that part that could not be opened */
	uint64_t unowned_more;
	struct setuid_file *setuid;
	bool no_owners; /* which package a setuid file is of could not be looked up */
	uint32_t last_uid, last_gid; /* known ones: most files have the same */
	bool any_id;
	uint8_t pem[PEM_MAX];
};

/* ---- facts of the parts */

static void put(struct look *l, enum part p, const struct saksi_walk_entry *e,
		const char *attribute, const char *value)
{
	saksi_facts_puts(l->g->w, PART[p], e->path, attribute, value);
}

static void put_number(struct look *l, enum part p, const struct saksi_walk_entry *e,
		       const char *attribute, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	put(l, p, e, attribute, text);
}

static void put_owner(struct look *l, enum part p, const struct saksi_walk_entry *e)
{
	const char *owner = saksi_ids_name(&l->g->users, e->uid);
	char mode[8];

	snprintf(mode, sizeof(mode), "%04o", e->mode & 07777);
	put(l, p, e, "mode", mode);
	put_number(l, p, e, "uid", e->uid);
	if (owner)
		put(l, p, e, "owner", owner);
}

static const char *place_of(const char *path)
{
	if (strncmp(path, "/usr/", 5) == 0 && strncmp(path, "/usr/local/", 11) != 0)
		return "software";
	return strncmp(path, "/etc/", 5) == 0 ? "config" : "data";
}

static const char *readable(const struct saksi_walk_entry *e)
{
	if ((e->mode & S_IROTH) && e->reachable)
		return "others";
	return e->mode & S_IRGRP ? "group" : "owner";
}

/* One more subject of this part?  After the bound only the fact that there are
 * more is kept, and the section is partial. */
static bool more(struct look *l, enum part p)
{
	if (l->said[p] <= EACH_MAX)
		l->said[p]++;
	return l->said[p] <= EACH_MAX;
}

static void writable(struct look *l, const struct saksi_walk_entry *e)
{
	if (!more(l, WRITABLE))
		return;
	put(l, WRITABLE, e, "kind", saksi_mode_kind(e->mode));
	put_owner(l, WRITABLE, e);
	put(l, WRITABLE, e, "sticky", e->mode & S_ISVTX ? "yes" : "no");
}

static bool unknown(const struct saksi_ids *ids, uint32_t id)
{
	return ids->known && !saksi_ids_name(ids, id);
}

static void unowned(struct look *l, const struct saksi_walk_entry *e)
{
	if (l->any_id && e->uid == l->last_uid && e->gid == l->last_gid)
		return;
	const bool u = unknown(&l->g->users, e->uid);
	const bool g = unknown(&l->g->groups, e->gid);
	if (!u && !g) {
		l->last_uid = e->uid;
		l->last_gid = e->gid;
		l->any_id = true;
		return;
	}
	if ((u && unknown(&l->g->users, e->parent_uid)) ||
	    (g && unknown(&l->g->groups, e->parent_gid))) {
		l->unowned_more++;
		return;
	}
	if (!more(l, UNOWNED))
		return;
	put(l, UNOWNED, e, "kind", saksi_mode_kind(e->mode));
	put_number(l, UNOWNED, e, "uid", e->uid);
	put_number(l, UNOWNED, e, "gid", e->gid);
	put(l, UNOWNED, e, "missing", u && g ? "both" : u ? "user" : "group");
}

/* Kept until after the walk, when their packages are looked up. */
static void keep_setuid(struct look *l, const struct saksi_walk_entry *e)
{
	if (!more(l, SETUID))
		return;
	const struct saksi_bytes path =
	    saksi_arena_copy(&l->g->keep, (struct saksi_bytes){(const uint8_t *)e->path,
							       strlen(e->path) + 1});
	if (path.at)
		l->setuid[l->said[SETUID] - 1] = (struct setuid_file){
		    (const char *)path.at, e->mode, e->uid, e->gid};
	else
		l->said[SETUID] = EACH_MAX + 1;
}

/* ---- keys and certificates */

static bool ends(const char *name, size_t n, const char *end)
{
	const size_t len = strlen(end);

	return n > len && strcmp(name + n - len, end) == 0;
}

bool saksi_name_is_key(const char *name)
{
	static const char *const suffixes[] = {".key",  ".pem",      ".crt", ".cer",
					       ".cert", ".der",      ".p12", ".pfx",
					       ".jks",  ".keystore", ".ppk"};
	static const char *const names[] = {"id_rsa", "id_dsa", "id_ecdsa",
					    "id_ed25519"};
	const size_t n = strlen(name);

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	if (strncmp(name, "ssh_host_", 9) == 0 && ends(name, n, "_key"))
		return true;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
		if (ends(name, n, suffixes[i]))
			return true;
	return false;
}

static void key_facts(struct look *l, const struct saksi_walk_entry *e,
		      const struct saksi_key_file *k)
{
	static const char *const word[] = {"no", "yes", "unknown"};

	if (!more(l, KEY))
		return;
	put(l, KEY, e, "type", k->type);
	put(l, KEY, e, "encrypted", word[k->encrypted]);
	put_owner(l, KEY, e);
	put_number(l, KEY, e, "gid", e->gid);
	put(l, KEY, e, "readable", readable(e));
	put(l, KEY, e, "place", place_of(e->path));
}

static void cert_time(struct look *l, const struct saksi_walk_entry *e,
		      const char *attribute, int64_t utc)
{
	char text[SAKSI_TIME_TEXT_LEN + 1];

	if (utc <= 0 || utc > 253402300799) /* the year 9999 */
		return;
	saksi_time_text(utc, text);
	put(l, CERT, e, attribute, text);
}

static void cert_facts(struct look *l, const struct saksi_walk_entry *e,
		       struct saksi_bytes in, unsigned count)
{
	struct saksi_certificate c;
	char text[24];

	if (!more(l, CERT))
		return;
	put_number(l, CERT, e, "count", count ? count : 1);
	put(l, CERT, e, "place", place_of(e->path));
	if (count > BUNDLE) {
		put(l, CERT, e, "bundle", "yes");
		return;
	}
	if (!saksi_certificate_read(in, &c)) {
		put(l, CERT, e, "damaged", "yes");
		return;
	}
	cert_time(l, e, "not-before", c.not_before);
	cert_time(l, e, "not-after", c.not_after);
	const int64_t left = c.not_after - l->g->o->now_utc;
	snprintf(text, sizeof(text), "%lld",
		 (long long)(left >= 0 ? left / 86400 : -((-left + 86399) / 86400)));
	put(l, CERT, e, "days-left", text);
	put(l, CERT, e, "key-type", c.key_type);
	put_number(l, CERT, e, "key-bits", (uint64_t)c.key_bits);
	put(l, CERT, e, "signature", c.signature);
	put(l, CERT, e, "self-signed", c.self_signed ? "yes" : "no");
	put(l, CERT, e, "ca", c.ca ? "yes" : "no");
}

static bool read_head(struct look *l, const struct saksi_walk_entry *e, size_t *len)
{
	const int at = openat(e->dir, e->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int fd;

	if (at < 0 || saksi_source_reopen(at, false, &fd) != SAKSI_READ_OK)
		return false;
	const ssize_t n = read(fd, l->pem, sizeof(l->pem));
	close(fd);
	*len = n > 0 ? (size_t)n : 0;
	return n >= 0;
}

static void key_file(struct look *l, const struct saksi_walk_entry *e)
{
	struct saksi_key_file k;
	struct saksi_bytes in = {l->pem, 0};
	struct saksi_certificate c;

	if (!read_head(l, e, &in.len)) {
		l->unread[KEY]++;
		l->unread[CERT]++;
		return;
	}
	if (saksi_key_file_read(in, &k))
		key_facts(l, e, &k);
	const unsigned count = saksi_certificate_count(in);
	const bool der = in.len > 4 && in.at[0] == 0x30;
	/* What a distribution trusts is no finding of this server's. */
	if (strncmp(e->path, "/usr/share/ca-certificates/", 27) == 0)
		return;
	if (count > 0 || (der && saksi_certificate_read(in, &c)))
		cert_facts(l, e, in, count);
}

/* ---- dumps and copies */

const char *saksi_name_dump(const char *name)
{
	static const char *const packed[] = {".gz", ".bz2", ".xz", ".zst", ".zip"};
	static const char *const kinds[] = {"sql",  "dump", "bak",    "backup", "csv",
					    "xlsx", "xls",  "sqlite", "mdb",    "dbf"};
	size_t n = strlen(name);

	for (size_t i = 0; i < sizeof(packed) / sizeof(*packed); i++)
		if (ends(name, n, packed[i])) {
			n -= strlen(packed[i]);
			break;
		}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const size_t len = strlen(kinds[i]);
		if (n > len + 1 && name[n - len - 1] == '.' &&
		    strncmp(name + n - len, kinds[i], len) == 0)
			return kinds[i];
	}
	return NULL;
}

static bool in_web_root(const struct look *l, const char *path)
{
	const struct saksi_names *roots = &l->g->web_roots;

	for (size_t i = 0; i < roots->count; i++) {
		const size_t n = strlen(roots->at[i]);
		if (strncmp(path, roots->at[i], n) == 0 &&
		    (path[n] == '/' || path[n] == '\0'))
			return true;
	}
	return false;
}

static void dump(struct look *l, const struct saksi_walk_entry *e, const char *kind)
{
	if (e->size == 0 || strcmp(place_of(e->path), "software") == 0 ||
	    !more(l, DUMP))
		return;
	put(l, DUMP, e, "suffix", kind);
	put_owner(l, DUMP, e);
	put_number(l, DUMP, e, "size", e->size);
	put(l, DUMP, e, "readable", readable(e));
	put(l, DUMP, e, "web-root", in_web_root(l, e->path) ? "yes" : "no");
	put(l, DUMP, e, "place", place_of(e->path));
}

static void seen(void *ctx, const struct saksi_walk_entry *e)
{
	struct look *l = ctx;
	const bool regular = (e->mode & S_IFMT) == S_IFREG;
	const bool directory = (e->mode & S_IFMT) == S_IFDIR;
	const char *kind;

	if ((e->mode & S_IWOTH) && !(directory && (e->mode & S_ISVTX)))
		writable(l, e);
	unowned(l, e);
	if (regular) {
		if (e->mode & (S_ISUID | S_ISGID))
			keep_setuid(l, e);
		if (saksi_name_is_key(e->name))
			key_file(l, e);
		else if ((kind = saksi_name_dump(e->name)) != NULL)
			dump(l, e, kind);
	}
	const uint64_t all = l->w.files + l->w.directories;
	if (l->g->o->progress && (all & 4095) == 0)
		l->g->o->progress(l->g->o->ctx, "walk", all);
}

/* ---- mounts */

static const char *kept(struct saksi_gather *g, struct saksi_bytes b)
{
	char text[4096];
	const struct saksi_bytes s =
	    saksi_bytes_of(saksi_mount_text(b, text, sizeof(text)));
	const struct saksi_bytes copy =
	    saksi_arena_copy(&g->keep, (struct saksi_bytes){s.at, s.len + 1});

	return copy.at ? (const char *)copy.at : "";
}

static bool below(const char *path, const char *top)
{
	const size_t n = strlen(top);

	return strcmp(top, "/") == 0 ||
	       (strncmp(path, top, n) == 0 && (path[n] == '/' || path[n] == '\0'));
}

/* Is what m shows also shown by a mount we walk (a bind mount)? */
static bool shown_twice(const struct look *l, size_t m)
{
	const struct mount_at *at = &l->mounts[m];

	for (size_t i = 0; i < l->mount_count; i++) {
		const struct mount_at *o = &l->mounts[i];
		if (i == m || strcmp(o->id, at->id) != 0 || !below(at->root, o->root))
			continue;
		if (strcmp(at->root, o->root) != 0 || i < m)
			return true;
	}
	return false;
}

static void read_mounts(struct look *l)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line;
	struct saksi_mount m;

	l->mounts = saksi_arena_new(&l->g->keep, MOUNTS_MAX, sizeof(*l->mounts));
	if (!l->mounts || !l->g->src.running ||
	    !saksi_gather_read(l->g, "/proc/self/mountinfo", &lines.left))
		return;
	while (l->mount_count < MOUNTS_MAX && saksi_lines_next(&lines, &line))
		if (saksi_mount_line(line, &m))
			l->mounts[l->mount_count++] = (struct mount_at){
			    .path = kept(l->g, m.path),
			    .type = kept(l->g, m.type),
			    .id = kept(l->g, m.device_id),
			    .root = kept(l->g, m.root),
			};
	for (size_t i = 0; i < l->mount_count; i++)
		l->mounts[i].bind = shown_twice(l, i);
}

static bool is_local(const struct mount_at *m)
{
	return saksi_mount_is_local(saksi_bytes_of(m->type));
}

static bool enter_running(struct look *l, const char *path)
{
	/* Of several mounts on one point the last is on top. */
	for (size_t i = l->mount_count; i > 0; i--) {
		struct mount_at *m = &l->mounts[i - 1];
		if (strcmp(m->path, path) != 0)
			continue;
		if (is_local(m) && !m->bind) {
			m->entered = true;
			return true;
		}
		saksi_facts_puts(l->g->w, "walk", path, "skipped",
				 m->bind ? "bind" : m->type);
		return false;
	}
	return true; /* a subvolume: another device, but no mount */
}

/* Below a root there is no table: ask the file system what it is. */
static bool enter_root(struct look *l, const struct saksi_walk_entry *e)
{
	static const uint32_t local[] = {
	    0xEF53,     0x58465342, 0x9123683E, 0x01021994, 0x794C7630,
	    0xF2F52010, 0x2FC12FC1, 0x4D44,     0x73717368, 0x9660,
	    0xE0F5E1E2, 0x2011BAB0, 0x858458F6,
	};
	const int fd = openat(e->dir, e->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct statfs st;
	bool ok = false;

	if (fd >= 0 && fstatfs(fd, &st) == 0)
		for (size_t i = 0; i < sizeof(local) / sizeof(*local); i++)
			ok |= local[i] == (uint32_t)st.f_type;
	if (fd >= 0)
		close(fd);
	if (!ok)
		saksi_facts_puts(l->g->w, "walk", e->path, "skipped",
				 "not of a local disk");
	return ok;
}

static bool enter(void *ctx, const struct saksi_walk_entry *e)
{
	struct look *l = ctx;

	return l->g->src.running ? enter_running(l, e->path) : enter_root(l, e);
}

/* Local mounts that lie below one we did not enter, such as /dev/shm. */
static void hidden_mounts(struct look *l)
{
	for (size_t i = 0; i < l->mount_count; i++) {
		struct mount_at *m = &l->mounts[i];
		if (m->entered || m->bind || !is_local(m) ||
		    strcmp(m->path, "/") == 0 || below(m->path, "/sys") ||
		    below(m->path, "/proc"))
			continue;
		bool under = false;
		for (size_t j = 0; j < l->mount_count; j++)
			under |= j != i && !is_local(&l->mounts[j]) &&
				 strcmp(l->mounts[j].path, "/") != 0 &&
				 below(m->path, l->mounts[j].path) &&
				 strcmp(m->path, l->mounts[j].path) != 0;
		if (!under)
			continue;
		m->entered = true;
		if (saksi_walk_below(&l->w, m->path) != SAKSI_OK)
			saksi_gather_note(l->g, SAKSI_COVERAGE_PARTIAL,
					  "%s cannot be read", m->path);
	}
}

/* ---- the end: owners of setuid files, coverage */

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct setuid_file *)a)->path,
		      ((const struct setuid_file *)b)->path);
}

static void put_setuid(struct look *l, const struct setuid_file *f, const char *package)
{
	const struct saksi_walk_entry e = {
	    .path = f->path, .mode = f->mode, .uid = f->uid, .gid = f->gid};

	put_owner(l, SETUID, &e);
	put_number(l, SETUID, &e, "gid", f->gid);
	put(l, SETUID, &e, "setuid", f->mode & S_ISUID ? "yes" : "no");
	put(l, SETUID, &e, "setgid", f->mode & S_ISGID ? "yes" : "no");
	if (package)
		put(l, SETUID, &e, "package", package);
}

static void setuid_facts(struct look *l)
{
	struct saksi_gather *g = l->g;
	const size_t n = l->said[SETUID] < EACH_MAX ? l->said[SETUID] : EACH_MAX;
	const char **paths = saksi_arena_new(&g->scratch, n + 1, sizeof(*paths));
	const char **owner = saksi_arena_new(&g->scratch, n + 1, sizeof(*owner));
	const bool dpkg = saksi_gather_exists(g, "/var/lib/dpkg/info");
	bool known = dpkg;

	if (!paths || !owner) {
		l->unread[SETUID] += (unsigned)n;
		return;
	}
	qsort(l->setuid, n, sizeof(*l->setuid), by_path);
	for (size_t i = 0; i < n; i++)
		paths[i] = l->setuid[i].path;
	if (dpkg)
		known = saksi_read_owners(g, paths, n, owner);
	l->no_owners = dpkg && !known;
	for (size_t i = 0; i < n; i++)
		put_setuid(l, &l->setuid[i],
			   owner[i] ? owner[i]
			   : known  ? "none"
				    : NULL);
}

static void walk_number(struct look *l, const char *attribute, uint64_t n)
{
	saksi_gather_number(l->g, saksi_bytes_of("-"), attribute, (int64_t)n);
}

static void counts(struct look *l)
{
	walk_number(l, "files", l->w.files);
	walk_number(l, "directories", l->w.directories);
	walk_number(l, "denied", l->w.denied);
	walk_number(l, "too-deep", l->w.too_deep + l->w.too_wide);
	walk_number(l, "vanished", l->w.vanished);
	walk_number(l, "unowned-more", l->unowned_more);
	for (size_t p = 0; p < PARTS; p++)
		if (l->said[p] > EACH_MAX)
			saksi_gather_puts(l->g, "-", "limit", PART[p]);
}

static void cover(struct look *l)
{
	struct saksi_gather *g = l->g;

	if (l->w.denied > 0)
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "%llu folders may not be entered",
				  (unsigned long long)l->w.denied);
	if (l->w.too_deep + l->w.too_wide > 0)
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "%llu folders were too deep or too wide",
				  (unsigned long long)(l->w.too_deep + l->w.too_wide));
	for (enum part p = 0; p < PARTS; p++) {
		const struct saksi_gather before = *g;
		if (l->said[p] > EACH_MAX)
			saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
					  "only the first %u are told", EACH_MAX);
		if (l->unread[p] > 0)
			saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
					  "%u files could not be opened", l->unread[p]);
		if (p == SETUID && l->no_owners)
			saksi_gather_note(
			    g, SAKSI_COVERAGE_PARTIAL,
			    "the file lists of packages could not be read: "
			    "whose file is whose is not known");
		if (p == UNOWNED && (!g->users.known || !g->groups.known))
			saksi_gather_note(g, SAKSI_COVERAGE_UNREAD,
					  "users and groups are not known");
		saksi_gather_close_also(g, PART[p]);
		/* What one part lacks, another does not. */
		g->state = before.state;
		memcpy(g->reason, before.reason, sizeof(g->reason));
	}
}

static void nothing(struct saksi_gather *g, const char *reason)
{
	saksi_gather_open(g, "walk");
	saksi_gather_note(g, SAKSI_COVERAGE_UNREAD, "%s", reason);
	for (size_t p = 0; p < PARTS; p++)
		saksi_gather_close_also(g, PART[p]);
	saksi_gather_close(g);
}

void saksi_read_walk(struct saksi_gather *g)
{
	struct look *l;

	if (g->o->no_walk) {
		nothing(g, "the walk over all files was left out");
		return;
	}
	l = calloc(1, sizeof(*l));
	if (l)
		l->setuid = malloc(EACH_MAX * sizeof(*l->setuid));
	if (!l || !l->setuid) {
		free(l);
		nothing(g, "no memory");
		return;
	}
	l->g = g;
	l->w =
	    (struct saksi_walk){.src = &g->src, .seen = seen, .enter = enter, .ctx = l};
	saksi_gather_open(g, "walk");
	read_mounts(l);
	if (saksi_walk_below(&l->w, "/") != SAKSI_OK)
		saksi_gather_note(g, SAKSI_COVERAGE_UNREAD, "the root cannot be read");
	hidden_mounts(l);
	setuid_facts(l);
	counts(l);
	cover(l);
	saksi_gather_close(g);
	free(l->setuid);
	free(l);
}
