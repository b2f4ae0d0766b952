#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/log_add.h"
#include "cmd/log_years.h"
#include "log/log.h"
#include "store/files.h"

#define TEXT_MAX (1U << 20)

int saksi_log_unopened(const struct saksi_cmd *c, enum saksi_err err,
		       const struct saksi_why *w)
{
	int rc = saksi_cmd_fail(c, err, w);

	return err == SAKSI_MALFORMED ? SAKSI_EXIT_UNKNOWN : rc;
}

/* ---- log init */

/* The file that option `name` gives, or nothing when it is not given. */
static int option_file(const struct saksi_cmd *c, const char *name,
		       struct saksi_buf *out)
{
	const char *file = saksi_cmd_option(c, name);
	enum saksi_err err;

	*out = saksi_buf_growing(TEXT_MAX);
	if (file == NULL)
		return SAKSI_EXIT_HOLDS;
	err = saksi_file_read(AT_FDCWD, file, false, out);
	if (err == SAKSI_OK)
		return SAKSI_EXIT_HOLDS;
	saksi_cmd_say(c, "%s: %s", file,
		      err == SAKSI_LIMIT ? "too long" : strerror(errno));
	return SAKSI_EXIT_UNKNOWN;
}

static int init_from(struct saksi_cmd *c, struct saksi_log_new *n)
{
	struct saksi_buf policy = {0}, roots = {0}, limits = {0};
	struct saksi_why w = {""};
	enum saksi_err err;
	int rc = option_file(c, "--policy", &policy);

	if (rc == SAKSI_EXIT_HOLDS)
		rc = option_file(c, "--roots", &roots);
	if (rc == SAKSI_EXIT_HOLDS)
		rc = option_file(c, "--limits", &limits);
	if (rc == SAKSI_EXIT_HOLDS) {
		n->policy = saksi_buf_bytes(&policy);
		n->roots = saksi_buf_bytes(&roots);
		n->limits = saksi_buf_bytes(&limits);
		err = saksi_log_init(n, &w);
		if (err != SAKSI_OK)
			rc = saksi_log_unopened(c, err, &w);
	}
	saksi_buf_free(&policy);
	saksi_buf_free(&roots);
	saksi_buf_free(&limits);
	return rc;
}

static int print_new(const struct saksi_cmd *c)
{
	struct saksi_buf vkey = saksi_buf_growing(4096);
	struct saksi_buf line = saksi_buf_growing(8192);
	struct saksi_jsonw w = {&line, false};
	int dir, rc = SAKSI_EXIT_HOLDS;

	if (saksi_dir_open(saksi_cmd_arg(c, 0), &dir) != SAKSI_OK ||
	    saksi_file_read(dir, "public/vkey", true, &vkey) != SAKSI_OK) {
		saksi_cmd_say(c, "%s: %s", saksi_cmd_arg(c, 0), strerror(errno));
		rc = SAKSI_EXIT_UNKNOWN;
	} else if (saksi_cmd_json(c)) {
		saksi_jsonw_open(&w, '{');
		saksi_jsonw_key(&w, "vkey");
		saksi_jsonw_str(&w, (struct saksi_bytes){vkey.at, vkey.len - 1});
		saksi_jsonw_close(&w, '}');
		(void)printf("%.*s\n", (int)line.len, (const char *)line.at);
	} else {
		(void)fwrite(vkey.at, 1, vkey.len, stdout);
	}
	saksi_buf_free(&vkey);
	saksi_buf_free(&line);
	return rc;
}

static int run_init(struct saksi_cmd *c)
{
	struct saksi_log_new n = {.path = saksi_cmd_arg(c, 0),
				  .origin =
				      saksi_bytes_of(saksi_cmd_option(c, "--origin")),
				  .open = saksi_cmd_flag(c, "--open")};
	int64_t interval;
	int rc;

	if (!saksi_cmd_number(c, "--batch", 0, &n.batch) ||
	    !saksi_cmd_seconds(c, "--interval", 0, &interval))
		return SAKSI_EXIT_USAGE;
	if (interval < 0 || interval > 86400)
		return saksi_cmd_usage(c, "--interval is 1s to 1d");
	n.interval_ms = (uint64_t)interval * 1000;
	if (!saksi_keyname_ok(n.origin))
		return saksi_cmd_usage(c,
				       "--origin '%s': a name like logs.example/audit, "
				       "without spaces or '+'",
				       saksi_cmd_option(c, "--origin"));
	if (n.open == (saksi_cmd_option(c, "--roots") != NULL))
		return saksi_cmd_usage(c,
				       "give --roots FILE, whose authors may add, or "
				       "--open, so that anybody may");
	if (n.open && saksi_cmd_option(c, "--limits") != NULL)
		return saksi_cmd_usage(c,
				       "--limits judges statements; an open log takes "
				       "any bytes");
	rc = init_from(c, &n);
	if (rc == SAKSI_EXIT_HOLDS && saksi_cmd_option(c, "--succeeds") != NULL)
		rc = saksi_log_succeed_to(c, n.path, saksi_cmd_option(c, "--succeeds"));
	return rc == SAKSI_EXIT_HOLDS ? print_new(c) : rc;
}

/* ---- log publish */

static int run_publish(struct saksi_cmd *c)
{
	struct saksi_log_state state;
	struct saksi_why w = {""};
	struct saksi_log *l;
	enum saksi_err err = saksi_log_open(saksi_cmd_arg(c, 0), &l, &w);

	if (err != SAKSI_OK)
		return saksi_log_unopened(c, err, &w);
	err = saksi_log_publish(l, saksi_time_now(), &w);
	saksi_log_state(l, &state);
	saksi_log_close(l);
	if (err != SAKSI_OK)
		return saksi_cmd_fail(c, err, &w);
	if (w.text[0] != '\0')
		saksi_cmd_say(c, "%s", w.text);
	if (saksi_cmd_json(c))
		(void)printf("{\"published\":%llu}\n",
			     (unsigned long long)state.published);
	else
		(void)printf("published size %llu\n",
			     (unsigned long long)state.published);
	return SAKSI_EXIT_HOLDS;
}

/* ---- log check */

#define FLAWS_SHOWN 100

struct flaws {
	struct saksi_jsonw *w; /* NULL: text */
	unsigned shown;
};

static void tell_flaw(void *ctx, const struct saksi_log_flaw *f)
{
	struct flaws *all = ctx;

	if (all->shown++ >= FLAWS_SHOWN)
		return;
	if (all->w == NULL) {
		(void)printf("%s %s: %s\n",
			     f->err == SAKSI_REFUSED ? "FALSE" : "cannot tell",
			     f->where, f->what);
		return;
	}
	saksi_jsonw_open(all->w, '{');
	saksi_jsonw_key(all->w, "answer");
	saksi_jsonw_cstr(all->w, saksi_err_name(f->err));
	saksi_jsonw_key(all->w, "where");
	saksi_jsonw_cstr(all->w, f->where);
	saksi_jsonw_key(all->w, "what");
	saksi_jsonw_cstr(all->w, f->what);
	saksi_jsonw_close(all->w, '}');
}

static void print_json(struct saksi_buf *b, struct saksi_jsonw *w,
		       const struct saksi_log_checked *k)
{
	const struct {
		const char *key;
		uint64_t value;
	} counts[] = {
	    {"acknowledged", k->acknowledged},
	    {"size", k->size},
	    {"published", k->published},
	    {"checkpoints", k->signed_count},
	    {"files", k->tiles},
	    {"addenda", k->addenda},
	    {"addenda_awaited", k->addenda_awaited},
	    {"flaw_count", k->flaws},
	};

	saksi_jsonw_close(w, ']');
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		saksi_jsonw_key(w, counts[i].key);
		saksi_jsonw_u64(w, counts[i].value);
	}
	saksi_jsonw_close(w, '}');
	(void)fwrite(b->at, 1, b->len, stdout);
	(void)fputc('\n', stdout);
}

static void print_text(const struct saksi_log_checked *k)
{
	if (k->flaws > FLAWS_SHOWN)
		(void)printf("... and %llu more\n",
			     (unsigned long long)k->flaws - FLAWS_SHOWN);
	(void)printf("%llu entries, %llu in the newest tree, %llu published; "
		     "%llu signed checkpoints, %llu files and %llu addenda compared",
		     (unsigned long long)k->acknowledged, (unsigned long long)k->size,
		     (unsigned long long)k->published,
		     (unsigned long long)k->signed_count, (unsigned long long)k->tiles,
		     (unsigned long long)k->addenda);
	if (k->addenda_awaited > 0)
		(void)printf(", %llu not yet sent",
			     (unsigned long long)k->addenda_awaited);
	(void)printf(": %s\n", k->flaws == 0 ? "all fits" : "NOT all fits");
}

static int run_check(struct saksi_cmd *c)
{
	struct saksi_buf b = saksi_buf_growing(TEXT_MAX);
	struct saksi_jsonw w = {&b, false};
	struct flaws all = {saksi_cmd_json(c) ? &w : NULL, 0};
	struct saksi_log_checked k;
	struct saksi_why why = {""};
	enum saksi_err err;

	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "flaws");
	saksi_jsonw_open(&w, '[');
	err = saksi_log_check(saksi_cmd_arg(c, 0), tell_flaw, &all, &k, &why);
	if (err != SAKSI_OK && k.flaws == 0) {
		saksi_buf_free(&b);
		return saksi_log_unopened(c, err, &why);
	}
	if (saksi_cmd_json(c))
		print_json(&b, &w, &k);
	else
		print_text(&k);
	saksi_buf_free(&b);
	return saksi_err_exit(err);
}

/* ---- the rows */

static const struct saksi_option init_options[] = {
    {"--origin", "NAME", "its name for ever, such as logs.example/audit", true, false},
    {"--roots", "FILE", "offline keys that say which authors may add", false, false},
    {"--limits", "FILE", "times by which statements are judged", false, false},
    {"--open", NULL, "anybody may add anything; no addenda", false, false},
    {"--policy", "FILE", "witnesses to ask and the quorum; default: none", false,
     false},
    {"--succeeds", "WHERE", "the closed log it goes on from: URL or DIR", false, false},
    {"--batch", "N", "entries in one commit, at most; default 4096", false, false},
    {"--interval", "TIME", "between publications; default 1s", false, false},
    {NULL, NULL, NULL, false, false},
};
static const struct saksi_option add_options[] = {
    {"--addendum", "FILE", "an attachment that an entry names", false, true},
    {"--receipt", NULL, "print the log's signed receipt instead of the index", false,
     false},
    {NULL, NULL, NULL, false, false},
};
static const struct saksi_option close_options[] = {
    {"--successor", "VKEY", "verifier key of the log that goes on", false, false},
    {"--url", "URL", "where that log is", false, false},
    {"--now", "TIME", "date it as of this instant", false, false},
    {NULL, NULL, NULL, false, false},
};
static const struct saksi_option no_options[] = {{NULL, NULL, NULL, false, false}};

const struct saksi_command saksi_commands_log[] = {
    {"log init", "DIR", "make a new log",
     "Makes DIR with two new keys (of the log and of its receipts) and the empty tree, "
     "and prints the log's verifier key. DIR must be absent or empty.\n\n"
     "Settings are in DIR/config, witnesses in DIR/policy; docs/formats/logdir.md says "
     "what each line means.",
     init_options, 1, 1, run_init},
    {"log add", "DIR|URL FILE...", "add entries",
     "Adds each FILE as one entry and prints its index once it is on disk. A folder is "
     "used directly when no process has it open; a URL is asked, and asked again when "
     "it is busy.",
     add_options, 2, -1, saksi_log_add_run},
    {"log publish", "DIR", "sign, have cosigned and publish what was added",
     "Does once what 'serve log' does all the time. Exit code 4: signed, but too few "
     "witnesses cosigned; the older checkpoint stays.",
     no_options, 1, 1, run_publish},
    {"log close", "DIR", "end a log for good",
     "Publishes all that was added, then signs that this was the last tree, and who "
     "goes on (public/closing). From then on DIR takes no entry and asks no witness; "
     "readers no longer ask whether there is a newer tree, and a later one would prove "
     "that the log lied. Go on serving it. It cannot be undone, and is not done when "
     "too "
     "few witnesses cosign the last tree (4).",
     close_options, 1, 1, saksi_log_close_run},
    {"log succeed", "DIR WHERE", "go on from a log that was closed",
     "Signs that the new log in DIR goes on where the closed one at WHERE (URL or "
     "folder) "
     "ended (public/predecessor). When that one names a successor it must be this one: "
     "make the new log first, close the old one with its verifier key, then say this. "
     "As "
     "'log init --succeeds' does where it names none.",
     no_options, 2, 2, saksi_log_succeed_run},
    {"log check", "DIR", "derive everything again and say what differs",
     "Hashes all entries in DIR/state.db again and compares every checkpoint ever "
     "signed, every file under DIR/public and every addendum with them. Changes "
     "nothing, and may run while the log is served. Exit code 0: all fits; 1: "
     "something "
     "is wrong; 3: something could not be read.",
     no_options, 1, 1, run_check},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
