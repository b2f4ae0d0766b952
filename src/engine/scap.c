#include "engine/scap.h"

#include "base/text.h"
#include "engine/folder.h"
#include "engine/results.h"
#include "engine/system.h"
#include "store/files.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SECTION "openscap"
#define ARENA_CAP ((size_t)128 << 20)
#define CONTENT_NAME "content.xml"
#define RESULTS_NAME "results.xml"

static const struct saksi_child_limits USUAL = {.memory = UINT64_C(3) << 30,
						.file = SAKSI_SCAP_RESULTS_BYTES_MAX,
						.cpu_s = 900,
						.wall_ms = 1200000,
						.processes = 1024};

struct scanning {
	const struct saksi_scap_options *o;
	struct saksi_facts_writer *w;
	struct saksi_arena arena;
	struct saksi_scap_system system;
	const char *engine, *path; /* of content */
	char chosen[256];
	struct saksi_buf bytes; /* of the content, later of the results */
	struct saksi_hash engine_digest, content_digest;
	struct saksi_scap_content content;
	const struct saksi_scap_profile *profile;
	const char *platform;
	size_t selected; /* rules */
	struct saksi_scap_results results;
	bool have_content, have_results;
	enum saksi_coverage_state state;
	char reason[240];
};

/* Ends the work with a word about coverage; false, so that steps can return it. */
__attribute__((format(printf, 3, 4))) static bool
say(struct scanning *s, enum saksi_coverage_state state, const char *format, ...)
{
	va_list ap;

	s->state = state;
	va_start(ap, format);
	(void)vsnprintf(s->reason, sizeof(s->reason), format, ap);
	va_end(ap);
	return false;
}

enum saksi_err saksi_scap_digest(const char *path, struct saksi_hash *out)
{
	struct saksi_buf b = saksi_buf_growing(SAKSI_SCAP_CONTENT_MAX);
	enum saksi_err err = saksi_file_read(AT_FDCWD, path, false, &b);

	if (err == SAKSI_OK)
		*out = saksi_hash_of(saksi_buf_bytes(&b));
	saksi_buf_free(&b);
	return err;
}

/* ---- what there is */

static bool find_engine(struct scanning *s)
{
	enum saksi_err err = saksi_scap_digest(s->engine, &s->engine_digest);

	if (err == SAKSI_MISSING)
		return say(s, SAKSI_COVERAGE_ABSENT, "not installed");
	if (err != SAKSI_OK)
		return say(s, SAKSI_COVERAGE_UNREAD, "%s: %s", s->engine,
			   saksi_err_name(err));
	if (s->o->engine_digest != NULL &&
	    !saksi_hash_same(s->o->engine_digest, &s->engine_digest))
		return say(s, SAKSI_COVERAGE_UNREAD,
			   "%s is not the engine that the plan names", s->engine);
	return true;
}

static bool find_system(struct scanning *s)
{
	enum saksi_err err = SAKSI_MISSING;

	if (s->o->os_release != NULL)
		err = saksi_scap_system_read(s->o->os_release, &s->system);
	else {
		err = saksi_scap_system_read("/etc/os-release", &s->system);
		if (err == SAKSI_MISSING)
			err = saksi_scap_system_read("/usr/lib/os-release", &s->system);
	}
	return err == SAKSI_OK ||
	       say(s, SAKSI_COVERAGE_UNREAD, "os-release does not name this system");
}

static bool find_content(struct scanning *s)
{
	const char *dir =
	    s->o->content_dir != NULL ? s->o->content_dir : SAKSI_SCAP_CONTENT_DIR;
	enum saksi_err err = SAKSI_MISSING;

	s->path = s->o->content;
	if (s->path != NULL) {
		err = saksi_file_read(AT_FDCWD, s->path, false, &s->bytes);
	} else {
		s->path = s->chosen;
		for (int i = 0; err == SAKSI_MISSING &&
				saksi_scap_system_content(&s->system, dir, i, s->chosen,
							  sizeof(s->chosen));
		     i++)
			err = saksi_file_read(AT_FDCWD, s->chosen, false, &s->bytes);
	}
	if (err == SAKSI_MISSING)
		return say(s, SAKSI_COVERAGE_ABSENT, "no content for %s %s",
			   s->system.id, s->system.version);
	if (err != SAKSI_OK)
		return say(s, SAKSI_COVERAGE_UNREAD, "the content cannot be read: %s",
			   saksi_err_name(err));
	s->content_digest = saksi_hash_of(saksi_buf_bytes(&s->bytes));
	s->have_content = true;
	if (s->o->content_digest != NULL &&
	    !saksi_hash_same(s->o->content_digest, &s->content_digest))
		return say(s, SAKSI_COVERAGE_UNREAD,
			   "the content is not what the plan names");
	return true;
}

static bool fits(struct scanning *s)
{
	struct saksi_fault f = {0};
	enum saksi_err err = saksi_scap_content_read(saksi_buf_bytes(&s->bytes),
						     &s->arena, &s->content, &f);

	if (err != SAKSI_OK)
		return say(
		    s, SAKSI_COVERAGE_UNREAD,
		    "the content is no data stream of one benchmark: %s, line %u",
		    f.what != NULL ? f.what : saksi_err_name(err), (unsigned)f.line);
	s->platform =
	    saksi_scap_content_fits(&s->content, s->system.id, s->system.version);
	if (s->platform == NULL)
		return say(s, SAKSI_COVERAGE_UNREAD,
			   "no content for %s %s: this one is for %s", s->system.id,
			   s->system.version,
			   s->content.platform_count > 0 ? s->content.platforms[0]
							 : "no system it names");
	s->profile = saksi_scap_content_profile(&s->content);
	s->selected = saksi_scap_content_select(&s->content, s->profile);
	if (s->selected == 0)
		return say(s, SAKSI_COVERAGE_UNREAD, "the content selects no rule");
	return true;
}

/* ---- the child */

static bool ended_well(struct scanning *s, const struct saksi_child_outcome *end)
{
	switch (end->end) {
	case SAKSI_CHILD_EXITED:
		/* 0: all pass, 2: some fail */
		return end->code == 0 || end->code == 2 ||
		       say(s, SAKSI_COVERAGE_UNREAD, "oscap ended with code %d",
			   end->code);
	case SAKSI_CHILD_KILLED:
		return say(s, SAKSI_COVERAGE_UNREAD,
			   "oscap was ended by signal %d, as by a limit on memory, "
			   "time or files",
			   end->code);
	case SAKSI_CHILD_TIMEOUT:
		return say(s, SAKSI_COVERAGE_UNREAD, "oscap took too long");
	case SAKSI_CHILD_STOPPED:
		return say(s, SAKSI_COVERAGE_UNREAD, "stopped by a signal");
	case SAKSI_CHILD_UNBOUND:
		return say(s, SAKSI_COVERAGE_UNREAD,
			   "oscap cannot be confined on this machine");
	case SAKSI_CHILD_UNSTARTED:
		break;
	}
	return say(s, SAKSI_COVERAGE_UNREAD, "oscap could not be started");
}

static bool evaluate(struct scanning *s, const struct saksi_folder *folder,
		     const sigset_t *signals)
{
	const char *argv[10] = {s->engine, "xccdf", "eval"};
	struct saksi_child child = {.program = s->engine,
				    .argv = argv,
				    .dir = folder->path,
				    .limits = s->o->limits.wall_ms != 0 ? s->o->limits
									: USUAL,
				    .signals = *signals};
	struct saksi_child_outcome end;
	size_t n = 3;

	if (s->profile != NULL) {
		argv[n++] = "--profile";
		argv[n++] = s->profile->id;
	}
	argv[n++] = "--results";
	argv[n++] = RESULTS_NAME;
	argv[n++] = CONTENT_NAME;
	/* A copy, so that what runs is what was hashed. */
	if (saksi_file_create(folder->fd, CONTENT_NAME, saksi_buf_bytes(&s->bytes),
			      0400) != SAKSI_OK)
		return say(s, SAKSI_COVERAGE_UNREAD,
			   "no room for a copy of the content");
	saksi_buf_free(&s->bytes);
	saksi_child_run(&child, &end);
	return ended_well(s, &end);
}

static bool read_results(struct scanning *s, const struct saksi_folder *folder)
{
	struct saksi_fault f = {0};
	enum saksi_err err;

	s->bytes = saksi_buf_growing(SAKSI_SCAP_RESULTS_BYTES_MAX);
	err = saksi_file_read(folder->fd, RESULTS_NAME, true, &s->bytes);
	if (err != SAKSI_OK)
		return say(s, SAKSI_COVERAGE_UNREAD, "oscap left no results: %s",
			   saksi_err_name(err));
	err = saksi_scap_results_read(saksi_buf_bytes(&s->bytes), &s->content,
				      &s->arena, &s->results, &f);
	if (err != SAKSI_OK)
		return say(s, SAKSI_COVERAGE_UNREAD,
			   "oscap's results cannot be read: %s, line %u",
			   f.what != NULL ? f.what : saksi_err_name(err),
			   (unsigned)f.line);
	s->have_results = true;
	return true;
}

static bool run_engine(struct scanning *s)
{
	struct saksi_folder folder = {.fd = -1};
	sigset_t before;
	bool ok;

	saksi_child_hold(&before);
	ok = saksi_folder_make(&folder, s->o->tmp != NULL ? s->o->tmp : "/tmp") ==
		 SAKSI_OK ||
	     say(s, SAKSI_COVERAGE_UNREAD, "no private folder could be made");
	ok = ok && evaluate(s, &folder, &before) && read_results(s, &folder);
	if (saksi_folder_remove(&folder) != SAKSI_OK)
		ok = say(s, SAKSI_COVERAGE_UNREAD,
			 "oscap left files that cannot be removed");
	saksi_child_release(&before);
	return ok;
}

/* ---- what it is worth */

/* A selected rule without a result, or a result of a rule that was not selected. */
static size_t astray(const struct scanning *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->content.rule_count; i++) {
		const uint8_t of = s->results.of[i];
		const bool spoke =
		    of != SAKSI_SCAP_NONE && of != SAKSI_SCAP_NOTSELECTED;

		n += spoke != s->content.rules[i].selected;
	}
	return n;
}

static void weigh(struct scanning *s)
{
	const size_t *count = s->results.count;
	const size_t lost = count[SAKSI_SCAP_UNKNOWN] + count[SAKSI_SCAP_ERROR],
		     other = astray(s), na = count[SAKSI_SCAP_NOTAPPLICABLE];
	const char *box = s->o->container != NULL ? s->o->container : "/.dockerenv";

	s->state = SAKSI_COVERAGE_COMPLETE;
	if (na * 10 >= s->selected * 9)
		(void)say(s, SAKSI_COVERAGE_UNREAD,
			  "the content does not fit: %zu of %zu rules are not "
			  "applicable",
			  na, s->selected);
	else if (other > 0)
		(void)say(
		    s, SAKSI_COVERAGE_PARTIAL,
		    "%zu of %zu selected rules have no result, or others have one",
		    other, s->selected);
	else if (lost > 0)
		(void)say(s, SAKSI_COVERAGE_PARTIAL,
			  "oscap could not evaluate %zu of %zu rules", lost,
			  s->selected);
	else if (access(box, F_OK) == 0)
		(void)say(s, SAKSI_COVERAGE_PARTIAL,
			  "%s is there, which makes content leave out rules", box);
}

/* ---- facts */

static void put(struct scanning *s, const char *attribute, const char *value)
{
	saksi_facts_puts(s->w, SECTION, "-", attribute, value);
}

static void put_digest(struct scanning *s, const char *attribute,
		       const struct saksi_hash *h)
{
	char hex[2 * SAKSI_HASH_LEN + 1];

	saksi_text_to_hex(h->b, SAKSI_HASH_LEN, hex);
	put(s, attribute, hex);
}

static void put_number(struct scanning *s, const char *attribute, size_t n)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%zu", n);
	put(s, attribute, text);
}

static void put_results(struct scanning *s)
{
	if (s->results.engine[0] != '\0')
		put(s, "engine", s->results.engine);
	put(s, "platform", s->platform);
	if (s->profile != NULL)
		put(s, "profile", s->profile->id);
	put_number(s, "rules", s->content.rule_count);
	put_number(s, "selected", s->selected);
	for (int i = SAKSI_SCAP_PASS; i < SAKSI_SCAP_RESULTS; i++)
		put_number(s, saksi_scap_result_name((enum saksi_scap_result)i),
			   s->results.count[i]);
	/* Of content that does not fit, no rule's result means anything. */
	if (s->state == SAKSI_COVERAGE_UNREAD)
		return;
	for (size_t i = 0; i < s->content.rule_count; i++) {
		const struct saksi_scap_rule *rule = &s->content.rules[i];

		if (s->results.of[i] == SAKSI_SCAP_NONE)
			continue;
		saksi_facts_puts(s->w, SECTION, rule->id, "result",
				 saksi_scap_result_name(s->results.of[i]));
		saksi_facts_puts(s->w, SECTION, rule->id, "severity", rule->severity);
	}
}

static void write_facts(struct scanning *s)
{
	const char *name;

	if (s->have_content) {
		name = strrchr(s->path, '/');
		put_digest(s, "engine-digest", &s->engine_digest);
		put(s, "content", name != NULL ? name + 1 : s->path);
		put_digest(s, "content-digest", &s->content_digest);
	}
	if (s->have_results)
		put_results(s);
	saksi_facts_cover(s->w, SECTION, s->state,
			  s->state == SAKSI_COVERAGE_COMPLETE ? "" : s->reason);
}

enum saksi_err saksi_scap_collect(const struct saksi_scap_options *o,
				  struct saksi_facts_writer *w)
{
	struct scanning s = {.o = o,
			     .w = w,
			     .engine =
				 o->engine != NULL ? o->engine : SAKSI_SCAP_ENGINE,
			     .bytes = saksi_buf_growing(SAKSI_SCAP_CONTENT_MAX)};

	SAKSI_TRY(saksi_arena_map(&s.arena, ARENA_CAP));
	if (o->foreign)
		(void)say(&s, SAKSI_COVERAGE_ABSENT,
			  "OpenSCAP is never run against a foreign root");
	else if (find_engine(&s) && find_system(&s) && find_content(&s) && fits(&s) &&
		 run_engine(&s))
		weigh(&s);
	write_facts(&s);
	saksi_buf_free(&s.bytes);
	saksi_arena_end(&s.arena);
	return w->err;
}
