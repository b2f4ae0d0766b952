/* verify, prove, monitor: what anyone can do with a log and a trust folder. */
#include "cmd/witnessed.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/files.h"

#define PROOF_MAX ((size_t)1 << 20)

static int write_file(const struct saksi_cmd *c, const char *path,
		      struct saksi_bytes data)
{
	struct saksi_why w = {{0}};
	enum saksi_err err = saksi_file_replace(AT_FDCWD, path, data, 0644);

	if (err == SAKSI_OK)
		return SAKSI_EXIT_HOLDS;
	(void)saksi_why_set(&w, err, "%s: %s", path, strerror(errno));
	return saksi_cmd_fail(c, err, &w);
}

/* Evidence is worth more than the message about it: it is kept at once. */
static void keep_evidence(const struct saksi_session *s)
{
	const char *path = saksi_cmd_option(s->cmd, "--evidence");

	if (s->look.evidence.len == 0)
		return;
	if (path == NULL)
		path = "split-view.evidence.json";
	if (write_file(s->cmd, path, saksi_buf_bytes(&s->look.evidence)) ==
	    SAKSI_EXIT_HOLDS)
		saksi_cmd_say(s->cmd,
			      "the evidence is in %s: anyone can check it with "
			      "saksi verify",
			      path);
}

static bool is_log(const struct saksi_cmd *c, const char *thing)
{
	const char *as = saksi_cmd_option(c, "--as");
	struct stat st;

	if (as != NULL)
		return strcmp(as, "log") == 0;
	return strncmp(thing, "http://", 7) == 0 ||
	       strncmp(thing, "https://", 8) == 0 ||
	       (stat(thing, &st) == 0 && S_ISDIR(st.st_mode));
}

static int verify_log(struct saksi_session *s, const char *thing)
{
	enum saksi_err err;
	int code = saksi_session_place(s, thing);

	if (code != SAKSI_EXIT_HOLDS)
		return code;
	err = saksi_session_look(s, saksi_cmd_flag(s->cmd, "--full"));
	saksi_tell_look(s, thing, err, saksi_err_exit(err));
	keep_evidence(s);
	return saksi_err_exit(err);
}

static int run_verify(struct saksi_cmd *c)
{
	static const char *const types[] = {"log",      "checkpoint", "entry",
					    "proof",    "receipt",    "openings",
					    "evidence", "closing"};
	const char *thing = saksi_cmd_arg(c, 0), *as = saksi_cmd_option(c, "--as");
	struct saksi_session s;
	bool known = as == NULL;
	int code;

	for (size_t i = 0; !known && i < sizeof(types) / sizeof(types[0]); i++)
		known = strcmp(as, types[i]) == 0;
	if (!known)
		return saksi_cmd_usage(
		    c,
		    "--as takes log, checkpoint, entry, proof, receipt, "
		    "openings or evidence, not \"%s\"",
		    as);
	code = saksi_session_begin(&s, c);
	if (code == SAKSI_EXIT_HOLDS)
		code = is_log(c, thing) ? verify_log(&s, thing)
					: saksi_verify_file(&s, thing);
	saksi_session_end(&s);
	return code;
}

/* ---- prove */

static void told(const struct saksi_session *s, uint64_t index, const char *out)
{
	struct saksi_buf b = saksi_buf_growing(PROOF_MAX);
	struct saksi_jsonw w = {&b, false};

	if (!saksi_cmd_json(s->cmd)) {
		printf("%s proves entry %llu in a tree of %llu\n", out,
		       (unsigned long long)index,
		       (unsigned long long)s->look.judged.point.size);
		return;
	}
	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "proof");
	saksi_jsonw_cstr(&w, out);
	saksi_jsonw_key(&w, "index");
	saksi_jsonw_u64(&w, index);
	saksi_jsonw_key(&w, "size");
	saksi_jsonw_u64(&w, s->look.judged.point.size);
	saksi_jsonw_close(&w, '}');
	saksi_tell_json(&b);
}

static int prove(struct saksi_session *s, uint64_t index, const char *out)
{
	struct saksi_buf proof = saksi_buf_growing(PROOF_MAX);
	struct saksi_fault f = {0};
	struct saksi_why w = {{0}};
	enum saksi_err err = saksi_session_look(s, false);
	int code;

	if (err != SAKSI_OK && err != SAKSI_STALE) {
		saksi_tell_look(s, saksi_cmd_option(s->cmd, "--log"), err,
				saksi_err_exit(err));
		keep_evidence(s);
		saksi_buf_free(&proof);
		return saksi_err_exit(err);
	}
	err = saksi_prove(&s->verifier, saksi_place_source(s->place), &s->look.judged,
			  index, &proof, &f);
	if (err == SAKSI_OK) {
		code = write_file(s->cmd, out, saksi_buf_bytes(&proof));
		if (code == SAKSI_EXIT_HOLDS)
			told(s, index, out);
	} else {
		(void)saksi_why_set(&w, err, "entry %llu: %s",
				    (unsigned long long)index,
				    f.what != NULL ? f.what : saksi_err_name(err));
		code = saksi_cmd_fail(s->cmd, err, &w);
	}
	saksi_buf_free(&proof);
	return code;
}

static int run_prove(struct saksi_cmd *c)
{
	const char *number = saksi_cmd_arg(c, 0);
	struct saksi_session s;
	uint64_t index;
	int code;

	if (saksi_text_decimal(saksi_bytes_of(number), &index) != SAKSI_OK)
		return saksi_cmd_usage(c, "\"%s\" is no entry number", number);
	code = saksi_session_begin(&s, c);
	if (code == SAKSI_EXIT_HOLDS)
		code = saksi_session_place(&s, saksi_cmd_option(c, "--log"));
	if (code == SAKSI_EXIT_HOLDS)
		code = prove(&s, index, saksi_cmd_option(c, "--output"));
	saksi_session_end(&s);
	return code;
}

/* ---- monitor */

static size_t count_alarms(const struct saksi_session *s)
{
	struct saksi_buf b = saksi_buf_growing(64U << 20);
	struct saksi_jsonw w = {&b, false};
	size_t n = saksi_tell_alarms(s, &w);

	saksi_buf_free(&b);
	return n;
}

/* One round: a whole look, told.  An alarm is known to be true even when "is this
 * the latest?" or one entry cannot be told, so it outweighs "cannot tell"; what is
 * worse than an alarm stays. */
static int round_once(struct saksi_cmd *c, const char *thing)
{
	struct saksi_session s;
	enum saksi_err err;
	int code = saksi_session_begin(&s, c);

	if (code == SAKSI_EXIT_HOLDS)
		code = saksi_session_place(&s, thing);
	if (code == SAKSI_EXIT_HOLDS) {
		err = saksi_session_look(&s, saksi_cmd_flag(c, "--full"));
		code = saksi_err_exit(err);
		if ((code == SAKSI_EXIT_HOLDS || code == SAKSI_EXIT_UNKNOWN) &&
		    count_alarms(&s) > 0)
			code = SAKSI_EXIT_FALSE;
		saksi_tell_look(&s, thing, err, code);
		(void)fflush(stdout);
		keep_evidence(&s);
	}
	saksi_session_end(&s);
	return code;
}

static int run_monitor(struct saksi_cmd *c)
{
	bool once = saksi_cmd_flag(c, "--once");
	struct timespec pause = {0};
	int64_t every;
	sigset_t ends;
	int code;

	if (!saksi_cmd_seconds(c, "--every", 60, &every))
		return SAKSI_EXIT_USAGE;
	if (every < 1 || every > 86400)
		return saksi_cmd_usage(c, "--every takes 1s to 1d");
	pause.tv_sec = (time_t)every;
	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGINT);
	(void)sigaddset(&ends, SIGTERM);
	/* A round is finished first, so that evidence is never half written. */
	if (!once)
		(void)sigprocmask(SIG_BLOCK, &ends, NULL);
	do
		code = round_once(c, saksi_cmd_arg(c, 0));
	while (!once && code != SAKSI_EXIT_SPLIT && code != SAKSI_EXIT_USAGE &&
	       sigtimedwait(&ends, NULL, &pause) < 0);
	return code;
}

#define TRUST_OPTION                                                                   \
	{                                                                              \
		"--trust", "DIR", "trust folder: policy, roots, limits", true, false   \
	}
#define STATE_OPTIONS                                                                  \
	{"--state", "DIR", "where what was seen is remembered", false, false},         \
	{                                                                              \
		"--no-state", NULL, "neither compare with nor remember what was seen", \
		    false, false                                                       \
	}
#define NOW_OPTION                                                                     \
	{                                                                              \
		"--now", "TIME", "judge as of this instant (2026-11-22T16:39:05Z)",    \
		    false, false                                                       \
	}
#define EVIDENCE_OPTION                                                                \
	{                                                                              \
		"--evidence", "FILE", "where evidence of a split view goes", false,    \
		    false                                                              \
	}
#define END_OPTION                                                                     \
	{                                                                              \
		NULL, NULL, NULL, false, false                                         \
	}

static const struct saksi_option verify_options[] = {
    TRUST_OPTION,
    {"--as", "TYPE",
     "insist: log, checkpoint, entry, proof, receipt, openings, evidence, closing",
     false, false},
    {"--log", "WHERE", "the log that an entry or openings belong to: URL or DIR", false,
     false},
    {"--entry", "FILE", "the entry of a proof that does not carry it", false, false},
    {"--full", NULL, "derive the whole tree again from the entries", false, false},
    STATE_OPTIONS,
    EVIDENCE_OPTION,
    NOW_OPTION,
    END_OPTION,
};
static const struct saksi_option prove_options[] = {
    TRUST_OPTION,
    {"--log", "WHERE", "the log: URL or DIR", true, false},
    {"--output", "FILE", "where the proof goes (NAME.tlog-proof)", true, false},
    STATE_OPTIONS,
    EVIDENCE_OPTION,
    NOW_OPTION,
    END_OPTION,
};
static const struct saksi_option monitor_options[] = {
    TRUST_OPTION,
    {"--once", NULL, "one round, then exit: 1 when there is an alarm", false, false},
    {"--every", "TIME", "pause between rounds (60s)", false, false},
    {"--full", NULL, "derive the whole tree again in each round", false, false},
    STATE_OPTIONS,
    EVIDENCE_OPTION,
    NOW_OPTION,
    END_OPTION,
};

const struct saksi_command saksi_commands_verify[] = {
    {"verify", "THING",
     "does it hold? a log, checkpoint, entry, proof, receipt, opening, evidence",
     "THING is the URL or folder of a log, or a file.  Of a log it checks the log's\n"
     "signature, the quorum of witnesses, freshness, growth since this user last\n"
     "looked, that every entry is in the signed tree, that every author had the right\n"
     "to say what he said, plan before audit, attachments and openings.\n\n"
     "Answers: 0 it holds, 1 it is false, 3 cannot tell, 4 quorum not met, 5 split\n"
     "view (the evidence is written to a file).",
     verify_options, 1, 1, run_verify},
    {"prove", "N", "make an offline proof that entry N is in the log",
     "The proof (c2sp.org/tlog-proof) carries the entry, its place, the cosigned\n"
     "checkpoint and the keys statement its author's right rests on, so that\n"
     "saksi verify needs nothing else.",
     prove_options, 1, 1, run_prove},
    {"monitor", "THING", "follow a log and raise the alarm",
     "Looks again and again, as verify does, and tells alarms: split view (with the\n"
     "evidence), an older tree, entries nobody had the right to, gaps and silence of\n"
     "authors, plans without an audit, overdue disclosures, servers never planned.\n"
     "Ends by itself only on a split view or with --once; on SIGTERM it finishes\n"
     "its round and gives that round's answer.\n\n"
     "Answers as verify does, but 1 when there is an alarm, also where 3 would\n"
     "stand: a stale log with an alarm is an alarm.  A log that is down or of which\n"
     "not every entry could be read is 3, without alarms.",
     monitor_options, 1, 1, run_monitor},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
