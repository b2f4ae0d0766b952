/* status: how a log, a witness, a published log or a server stands. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/standing.h"
#include "log/glance.h"
#include "store/files.h"
#include "witness/witness.h"

#define JSON_MAX (64U << 20)
#define SLACK_S 600        /* past a due time before it counts as overdue */
#define DISK_LOW_PERCENT 3 /* ... of the file system free: too little */

/* ---- what every folder has */

static void tell_disk(struct saksi_standing *s, const char *path)
{
	struct statvfs v;

	if (statvfs(path, &v) != 0 || v.f_blocks == 0)
		return;
	double free_gb = (double)v.f_bavail * (double)v.f_frsize / 1e9;
	double all_gb = (double)v.f_blocks * (double)v.f_frsize / 1e9;
	uint64_t percent = (uint64_t)v.f_bavail * 100 / v.f_blocks;

	saksi_standing_row(s, "disk", "%.1f of %.1f GB free (%" PRIu64 " %%)", free_gb,
			   all_gb, percent);
	saksi_standing_u64(s, "disk_free", (uint64_t)v.f_bavail * v.f_frsize);
	saksi_standing_u64(s, "disk_size", (uint64_t)v.f_blocks * v.f_frsize);
	if (percent < DISK_LOW_PERCENT)
		saksi_standing_fault(s, SAKSI_REFUSED,
				     "the disk is nearly full: %" PRIu64 " %% are free",
				     percent);
}

/* The process of a line of /proc/locks, such as
 *   1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF
 * when it is a lock for writing on the file that `file` (" fe:00:5678 ") names. */
static uint64_t holder_in(const char *line, const char *file)
{
	const char *end = strstr(line, file), *at = end;
	uint64_t pid;

	if (end == NULL || strstr(line, " FLOCK ") == NULL ||
	    strstr(line, " WRITE ") == NULL)
		return 0;
	while (at > line && at[-1] != ' ')
		at--;
	return saksi_text_decimal(
		   (struct saksi_bytes){(const uint8_t *)at, (size_t)(end - at)},
		   &pid) == SAKSI_OK
		   ? pid
		   : 0;
}

/* Who holds the folder's lock, without taking it even for a moment: a server that
 * begins just then would be turned away.  0: nobody; false: cannot tell. */
static bool holder(const char *path, uint64_t *pid)
{
	char name[4096], line[256], file[64];
	struct stat st;
	FILE *locks;

	*pid = 0;
	(void)snprintf(name, sizeof(name), "%s/lock", path);
	if (stat(name, &st) != 0)
		return errno == ENOENT;
	(void)snprintf(file, sizeof(file), " %02x:%02x:%llu ", major(st.st_dev),
		       minor(st.st_dev), (unsigned long long)st.st_ino);
	locks = fopen("/proc/locks", "re");
	if (locks == NULL)
		return false;
	while (*pid == 0 && fgets(line, sizeof(line), locks) != NULL)
		*pid = holder_in(line, file);
	(void)fclose(locks);
	return true;
}

static void tell_served(struct saksi_standing *s, const char *path)
{
	uint64_t pid;
	bool known = holder(path, &pid);

	saksi_jsonw_key(&s->w, "served_by");
	if (pid > 0)
		saksi_jsonw_u64(&s->w, pid);
	else
		saksi_jsonw_null(&s->w);
	if (pid > 0)
		saksi_standing_row(s, "served", "by process %" PRIu64, pid);
	else if (known)
		saksi_standing_row(s, "served", "by no process that is seen here");
	else
		saksi_standing_row(s, "served", "cannot tell: /proc/locks is closed");
}

static void tell_key(struct saksi_standing *s, const struct saksi_vkey *k)
{
	saksi_standing_row(s, "key", "%.*s+%08x", (int)k->name.len,
			   (const char *)k->name.at, k->id);
	saksi_jsonw_key(&s->w, "key");
	char id[16];
	(void)snprintf(id, sizeof(id), "%08x", k->id);
	saksi_jsonw_cstr(&s->w, id);
}

/* ---- the folder of a log */

/* An unchanged tree is published again every recosign_s. */
static void judge_due(struct saksi_standing *s, const struct saksi_glance *g)
{
	int64_t due = g->point_utc + (int64_t)g->config.recosign_s;
	int64_t late = s->now_utc - due;
	char age[24], at[SAKSI_TIME_TEXT_LEN + 1];

	saksi_jsonw_key(&s->w, "closed");
	saksi_jsonw_bool(&s->w, g->closed);
	if (g->closed) {
		saksi_standing_row(s, "due", "never: this log was closed");
		return;
	}
	if (g->point_utc <= 0)
		return;
	saksi_time_text(due, at);
	saksi_standing_time(s, "due", due);
	if (late > SLACK_S) {
		saksi_standing_row(s, "due", "%s, OVERDUE by %s", at,
				   saksi_standing_age(late, age));
		saksi_standing_fault(s, SAKSI_REFUSED,
				     "the next publication is overdue by %s: is it "
				     "served?",
				     saksi_standing_age(late, age));
	} else {
		saksi_standing_row(s, "due", "published again by %s", at);
	}
}

/* What is acknowledged must be public within promise_s. */
static void judge_waiting(struct saksi_standing *s, const struct saksi_glance *g,
			  uint64_t published)
{
	uint64_t waiting =
	    g->acknowledged > published ? g->acknowledged - published : 0;
	int64_t since = g->waiting_utc, late;
	char age[24];

	saksi_standing_u64(s, "waiting", waiting);
	if (published > g->acknowledged)
		saksi_standing_fault(s, SAKSI_REFUSED,
				     "more is published (%" PRIu64 ") than state.db "
				     "holds: an old state.db was put back",
				     published);
	if (waiting == 0 || since <= 0)
		return;
	saksi_standing_row(s, "waiting", "%" PRIu64 " entries, the oldest for %s",
			   waiting, saksi_standing_age(s->now_utc - since, age));
	late = s->now_utc - since - (int64_t)g->config.promise_s;
	if (late > 0)
		saksi_standing_fault(s, SAKSI_REFUSED,
				     "entries were promised to be public and are not, "
				     "for %s: receipts are broken",
				     saksi_standing_age(late, age));
}

static void tell_glance(struct saksi_standing *s, const struct saksi_glance *g)
{
	char room[64];

	saksi_standing_row(s, "origin", "%.*s%s", (int)g->config.origin.len,
			   (const char *)g->config.origin.at,
			   g->config.open ? " (open: anybody may add)" : "");
	saksi_jsonw_key(&s->w, "origin");
	saksi_jsonw_str(&s->w, g->config.origin);
	tell_key(s, &g->key);
	saksi_standing_row(s, "entries", "%" PRIu64 " acknowledged, %" PRIu64 " signed",
			   g->acknowledged, g->size);
	saksi_standing_u64(s, "acknowledged", g->acknowledged);
	saksi_standing_u64(s, "size", g->size);
	saksi_standing_row(s, "shown", "%s",
			   saksi_standing_when(s, g->point_utc, room));
	saksi_standing_time(s, "shown", g->point_utc);
}

static void look_log(struct saksi_standing *s)
{
	struct saksi_point_told told = {0};
	struct saksi_glance g;
	struct saksi_why w = {""};
	enum saksi_err err = saksi_glance_at(s->thing, &g, &w);
	const struct saksi_trust *t = s->trust;

	s->kind = "folder of a log";
	if (err != SAKSI_OK) {
		/* Settings that cannot be read tell nothing of the log. */
		saksi_standing_fault(s, err == SAKSI_MALFORMED ? SAKSI_IO : err, "%s",
				     w.text);
		saksi_glance_end(&g);
		return;
	}
	tell_glance(s, &g);
	if (g.point.len == 0)
		saksi_standing_fault(s, SAKSI_MISSING, "nothing was published yet");
	else
		saksi_standing_point(s, t != NULL ? &t->policy : &g.policy,
				     saksi_buf_bytes(&g.point),
				     t != NULL ? t->limits.freshness_s : -1, &told);
	if (told.read || g.point.len == 0)
		judge_waiting(s, &g, told.size);
	judge_due(s, &g);
	tell_served(s, s->thing);
	tell_disk(s, s->thing);
	saksi_glance_end(&g);
}

/* ---- the folder of a witness */

struct witnessed {
	struct saksi_standing *s;
	uint64_t logs, lies, others;
};

static void tell_log(void *ctx, const struct saksi_witness_log *l)
{
	struct witnessed *x = ctx;
	struct saksi_standing *s = x->s;
	char room[64];

	x->logs++;
	saksi_standing_row(s, x->logs == 1 ? "logs" : "",
			   "%.*s: size %" PRIu64 ", cosigned %s", (int)l->origin.len,
			   (const char *)l->origin.at, l->size,
			   saksi_standing_when(s, l->cosigned_utc, room));
	saksi_jsonw_open(&s->w, '{');
	saksi_jsonw_key(&s->w, "origin");
	saksi_jsonw_str(&s->w, l->origin);
	saksi_standing_u64(s, "size", l->size);
	saksi_standing_time(s, "cosigned", l->cosigned_utc);
	saksi_standing_u64(s, "evidence", l->evidence);
	saksi_jsonw_close(&s->w, '}');
}

static void count_seen(void *ctx, const struct saksi_witness_seen *e)
{
	struct witnessed *x = ctx;

	if (strcmp(e->kind, "proof") == 0)
		x->others++;
	else
		x->lies++;
}

static void judge_kept(struct saksi_standing *s, const struct witnessed *x)
{
	saksi_standing_u64(s, "evidence", x->lies);
	saksi_standing_u64(s, "refused", x->others);
	if (x->lies + x->others > 0)
		saksi_standing_row(s, "refused",
				   "%" PRIu64 " prove a lie, %" PRIu64
				   " came without a proof (saksi witness status)",
				   x->lies, x->others);
	if (x->lies > 0)
		saksi_standing_fault(s, SAKSI_SPLIT,
				     "%" PRIu64 " kept checkpoints prove that a log "
				     "showed two trees",
				     x->lies);
}

static void tell_signed(struct saksi_standing *s, int64_t at)
{
	char room[64];

	saksi_standing_row(s, "signed", "%s", saksi_standing_when(s, at, room));
	saksi_standing_time(s, "signed", at);
	if (at > s->now_utc)
		saksi_standing_fault(
		    s, SAKSI_REFUSED,
		    "the clock is behind the last cosignature: nothing "
		    "is cosigned");
}

static enum saksi_err tell_book(struct saksi_standing *s, struct saksi_witness *witness)
{
	struct witnessed x = {.s = s};
	struct saksi_bytes vkey = saksi_witness_vkey(witness);
	int64_t at = 0;

	SAKSI_TRY(saksi_witness_signed(witness, &at));
	saksi_standing_row(s, "vkey", "%.*s", (int)vkey.len, (const char *)vkey.at);
	saksi_jsonw_key(&s->w, "vkey");
	saksi_jsonw_str(&s->w, vkey);
	tell_signed(s, at);
	saksi_jsonw_key(&s->w, "logs");
	saksi_jsonw_open(&s->w, '[');
	SAKSI_TRY(saksi_witness_each_log(witness, tell_log, &x));
	saksi_jsonw_close(&s->w, ']');
	SAKSI_TRY(saksi_witness_each_seen(witness, count_seen, &x));
	if (x.logs == 0)
		saksi_standing_row(s, "logs", "none yet: saksi witness add");
	judge_kept(s, &x);
	return SAKSI_OK;
}

static void look_witness(struct saksi_standing *s)
{
	struct saksi_witness *witness;
	struct saksi_why w = {""};
	enum saksi_err err = saksi_witness_open(s->thing, NULL, &witness, &w);

	s->kind = "folder of a witness";
	if (err == SAKSI_OK) {
		err = tell_book(s, witness);
		saksi_witness_close(witness);
		if (err != SAKSI_OK)
			(void)saksi_why_set(&w, err, "%s/state.db: cannot be read",
					    s->thing);
	}
	if (err != SAKSI_OK) {
		saksi_standing_fault(s, err == SAKSI_MALFORMED ? SAKSI_IO : err, "%s",
				     w.text);
		return;
	}
	tell_served(s, s->thing);
	tell_disk(s, s->thing);
}

/* ---- a public folder */

static void look_public(struct saksi_standing *s, int dir)
{
	struct saksi_buf note = saksi_buf_growing(SAKSI_NOTE_MAX);
	enum saksi_err err = saksi_file_read(dir, "checkpoint", true, &note);
	struct saksi_point_told told;
	struct stat st;
	char room[64];

	s->kind = "published log";
	if (err != SAKSI_OK) {
		saksi_standing_fault(s, err, "%s/checkpoint: %s", s->thing,
				     err == SAKSI_IO ? strerror(errno)
						     : saksi_err_name(err));
	} else {
		if (fstatat(dir, "checkpoint", &st, AT_SYMLINK_NOFOLLOW) == 0) {
			saksi_standing_row(s, "shown", "%s",
					   saksi_standing_when(s, st.st_mtime, room));
			saksi_standing_time(s, "shown", st.st_mtime);
		}
		if (s->trust != NULL)
			saksi_standing_point(s, &s->trust->policy,
					     saksi_buf_bytes(&note),
					     s->trust->limits.freshness_s, &told);
		else
			saksi_standing_unjudged(s, saksi_buf_bytes(&note));
	}
	saksi_buf_free(&note);
	tell_disk(s, s->thing);
}

/* ---- which of them */

static void look_folder(struct saksi_standing *s)
{
	enum saksi_err err;
	int dir;

	err = saksi_dir_open(s->thing, &dir);
	if (err != SAKSI_OK) {
		saksi_standing_fault(s, err, "%s: %s", s->thing, strerror(errno));
		return;
	}
	if (faccessat(dir, "config", F_OK, 0) == 0)
		look_log(s);
	else if (faccessat(dir, "state.db", F_OK, 0) == 0)
		look_witness(s);
	else if (faccessat(dir, "checkpoint", F_OK, 0) == 0)
		look_public(s, dir);
	else
		saksi_standing_fault(s, SAKSI_MISSING,
				     "%s: neither a log nor a witness nor a published "
				     "log is here",
				     s->thing);
	(void)close(dir);
}

static int graver(int a, int b)
{
	static const int order[] = {0, 3, 4, 1, 5};
	int found = 0;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (order[i] == a || order[i] == b)
			found = order[i];
	return found;
}

static int look_all(struct saksi_cmd *c, struct saksi_standing *s)
{
	struct saksi_buf json = saksi_buf_growing(JSON_MAX);
	int count = saksi_cmd_arg_count(c), code = SAKSI_EXIT_HOLDS;
	bool as_json = saksi_cmd_json(c);

	saksi_buf_puts(&json, "{\"things\":[");
	for (int i = 0; i < count || i == 0; i++) {
		const char *thing = count > 0 ? saksi_cmd_arg(c, i) : ".";

		saksi_standing_begin(s, thing);
		if (strncmp(thing, "http://", 7) == 0 ||
		    strncmp(thing, "https://", 8) == 0)
			saksi_standing_web(s);
		else
			look_folder(s);
		if (i > 0)
			as_json ? saksi_buf_puts(&json, ",") : (void)putchar('\n');
		code = graver(code, saksi_standing_end(s, as_json ? &json : NULL));
	}
	saksi_buf_printf(&json, "],\"exit\":%d}\n", code);
	if (as_json && saksi_buf_check(&json) == SAKSI_OK)
		(void)fwrite(json.at, 1, json.len, stdout);
	else if (as_json)
		code = saksi_cmd_fail(c, SAKSI_LIMIT, NULL);
	saksi_buf_free(&json);
	return code;
}

static int run_status(struct saksi_cmd *c)
{
	struct saksi_standing s = {.cmd = c};
	struct saksi_trust trust;
	const char *dir = saksi_cmd_option(c, "--trust");
	int code = SAKSI_EXIT_HOLDS;

	if (!saksi_cmd_now(c, &s.now_utc))
		return SAKSI_EXIT_USAGE;
	if (dir != NULL) {
		code = saksi_trust_open(dir, &trust, c);
		s.trust = &trust;
	}
	if (code == SAKSI_EXIT_HOLDS)
		code = look_all(c, &s);
	if (dir != NULL)
		saksi_trust_end(&trust);
	return code;
}

static const struct saksi_option options[] = {
    {"--trust", "DIR", "judge signatures and age by this trust folder", false, false},
    {"--now", "TIME", "judge as of this instant (2026-11-22T16:39:05Z)", false, false},
    {NULL, NULL, NULL, false, false},
};

const struct saksi_command saksi_commands_status[] = {
    {"status", "[DIR|URL]...", "how a log, a witness or a server stands",
     "Of a log's or a witness's folder, of a public folder, of the URL of a log, or of "
     "the URL that --metrics of a server gave. Also beside a running server: takes no "
     "lock, changes nothing, reads no key. Without an argument: of this folder.\n\n"
     "A log's folder is judged by its own policy; with --trust by that folder, which "
     "also says how old the newest tree may be. What others published is judged only "
     "with --trust.\n\n"
     "Exit code 0: all is well; 1: something is wrong (overdue, refused by the disk, "
     "the clock went back, a false signature); 4: too few witnesses cosigned; 5: "
     "evidence that a log showed two trees; 3: cannot tell. Of several the gravest: "
     "5, 1, 4, 3.",
     options, 0, -1, run_status},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
