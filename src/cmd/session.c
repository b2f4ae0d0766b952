#include "cmd/witnessed.h"

#include <string.h>
#include <unistd.h>

#include "crypto/sign.h"
#include "follow/seen.h"

#define ARENA_CAP ((size_t)1 << 30)

static void answer(void *ctx, struct saksi_sigcheck *checks, size_t count)
{
	(void)ctx;
	saksi_sigchecks_run(checks, count);
}

int saksi_session_begin(struct saksi_session *s, const struct saksi_cmd *c)
{
	int code;

	memset(s, 0, sizeof(*s));
	s->cmd = c;
	s->seen_dir = -1;
	if (!saksi_cmd_now(c, &s->verifier.now_utc))
		return SAKSI_EXIT_USAGE;
	code = saksi_trust_open(saksi_cmd_option(c, "--trust"), &s->trust, c);
	if (code != SAKSI_EXIT_HOLDS)
		return code;
	if (saksi_arena_map(&s->arena, ARENA_CAP) != SAKSI_OK)
		return saksi_cmd_fail(c, SAKSI_NOMEM, NULL);
	s->verifier.policy = &s->trust.policy;
	s->verifier.roots = s->trust.has_roots ? &s->trust.roots : NULL;
	s->verifier.limits = s->trust.limits;
	s->verifier.answer = answer;
	s->verifier.arena = &s->arena;
	return SAKSI_EXIT_HOLDS;
}

int saksi_session_place(struct saksi_session *s, const char *thing)
{
	struct saksi_why w = {{0}};
	enum saksi_err err = saksi_place_open(thing, &s->place, &w);

	return err == SAKSI_OK ? SAKSI_EXIT_HOLDS : saksi_cmd_fail(s->cmd, err, &w);
}

static enum saksi_err remember(struct saksi_session *s, enum saksi_err err)
{
	struct saksi_look *l = &s->look;

	if (s->seen_dir < 0 || l->point != SAKSI_OK || l->growth != SAKSI_OK ||
	    l->last == SAKSI_SPLIT || l->last == SAKSI_REFUSED ||
	    l->statements == SAKSI_REFUSED || l->tree == SAKSI_REFUSED)
		return err;
	if (saksi_seen_store(s->seen_dir, l->judged.point.origin,
			     saksi_buf_bytes(&l->note)) != SAKSI_OK ||
	    (l->closed &&
	     saksi_seen_closing_store(s->seen_dir, l->judged.point.origin,
				      saksi_buf_bytes(&l->closing_note)) != SAKSI_OK))
		saksi_cmd_say(s->cmd,
			      "warning: what was seen now could not be remembered");
	return err;
}

enum saksi_err saksi_session_look(struct saksi_session *s, bool full)
{
	struct saksi_why w = {{0}};
	enum saksi_err err = SAKSI_OK;

	if (!saksi_cmd_flag(s->cmd, "--no-state") && s->seen_dir < 0)
		err = saksi_seen_open(saksi_cmd_option(s->cmd, "--state"), &s->seen_dir,
				      &w);
	if (err != SAKSI_OK) {
		memcpy(s->look.why, w.text, sizeof(s->look.why) - 1);
		return err;
	}
	if (s->looked)
		saksi_look_free(&s->look);
	s->looked = true;
	err = saksi_look_at(&s->verifier, s->place, s->seen_dir, full, &s->look);
	return remember(s, err);
}

void saksi_session_end(struct saksi_session *s)
{
	if (s->looked)
		saksi_look_free(&s->look);
	if (s->seen_dir >= 0)
		(void)close(s->seen_dir);
	saksi_place_close(s->place);
	saksi_arena_end(&s->arena);
	saksi_trust_end(&s->trust);
}
