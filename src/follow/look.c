#include "follow/look.h"

#include <stdio.h>
#include <string.h>

#include "base/progress.h"
#include "follow/ahead.h"
#include "follow/seen.h"
#include "follow/years.h"

static enum saksi_err say(struct saksi_look *l, enum saksi_err err, const char *what)
{
	if (l->why[0] == '\0')
		(void)snprintf(l->why, sizeof(l->why), "%s", what);
	return err;
}

static enum saksi_err fetch(struct saksi_place *place, struct saksi_look *l)
{
	struct saksi_source *s = saksi_place_source(place);
	enum saksi_err err;

	l->note = saksi_buf_growing(SAKSI_NOTE_MAX);
	err = s->get(s->ctx, "checkpoint", &l->note);
	if (err != SAKSI_OK) {
		(void)snprintf(l->why, sizeof(l->why),
			       "no checkpoint could be read: %s",
			       saksi_place_why(place));
		return err == SAKSI_LIMIT ? SAKSI_LIMIT : SAKSI_MISSING;
	}
	return SAKSI_OK;
}

static enum saksi_err judge(const struct saksi_verifier *v, struct saksi_place *place,
			    struct saksi_look *l)
{
	struct saksi_fault f = {0};

	l->point = saksi_verify_point(v, saksi_buf_bytes(&l->note), &l->judged, &f);
	if (l->point == SAKSI_REFUSED)
		l->point = saksi_look_heir(v, place, l);
	if (l->point != SAKSI_OK && l->why[0] == '\0')
		(void)snprintf(l->why, sizeof(l->why), "checkpoint: %s",
			       f.what != NULL ? f.what : saksi_err_name(l->point));
	return l->point;
}

static enum saksi_err grown(const struct saksi_verifier *v, struct saksi_place *place,
			    struct saksi_bytes seen, struct saksi_look *l)
{
	struct saksi_tiles tiles = saksi_source_tiles(saksi_place_source(place));
	struct saksi_judged older;
	struct saksi_fault f = {0};
	enum saksi_err err;

	/* It was judged when it was remembered; the witnesses may have changed
	 * since, so here only the log's own signature matters. */
	err = saksi_verify_point(v, seen, &older, &f);
	if (err != SAKSI_OK && err != SAKSI_QUORUM)
		return say(
		    l, SAKSI_MISSING,
		    "the checkpoint remembered from before can no longer be read "
		    "with this trust folder");
	l->had_seen = true;
	l->seen_size = older.point.size;
	err = saksi_verify_growth(&older, &l->judged, &tiles, &l->evidence, &f);
	if (err != SAKSI_OK)
		(void)say(l, err, f.what);
	return err;
}

/* The memory is asked by the origin of the very note that was judged: a server
 * that answers twice differently must not choose what it is compared with. */
static enum saksi_err compare(const struct saksi_verifier *v, struct saksi_place *place,
			      int seen_dir, struct saksi_look *l)
{
	struct saksi_buf seen = saksi_buf_growing(SAKSI_NOTE_MAX);
	enum saksi_err err = SAKSI_MISSING;

	if (seen_dir >= 0)
		err = saksi_seen_load(seen_dir, l->judged.point.origin, &seen);
	if (err == SAKSI_OK)
		err = grown(v, place, saksi_buf_bytes(&seen), l);
	else if (err == SAKSI_MISSING)
		err = SAKSI_OK; /* none yet */
	else
		err = say(l, SAKSI_IO, "what was seen before could not be read");
	saksi_buf_free(&seen);
	return err;
}

static enum saksi_err any_entry(void *ctx, uint64_t index, struct saksi_bytes entry)
{
	(void)ctx;
	(void)index;
	(void)entry;
	return SAKSI_OK;
}

/* Every entry and every tile.  Where nobody's statements are judged, a full look
 * still does it: entries that add up say nothing of the tiles that proofs are made
 * from. */
static enum saksi_err read_entries(const struct saksi_verifier *v,
				   struct saksi_place *place, struct saksi_look *l)
{
	const struct saksi_checkpoint *p = &l->judged.point;

	if (v->roots == NULL)
		return saksi_source_entries(saksi_place_source(place), 0, p->size,
					    p->size, &p->root, any_entry, NULL,
					    &l->verified.walked);
	saksi_ledger_begin(&l->ledger, v->arena, v->roots, &v->limits);
	return saksi_verify_statements(v, saksi_place_source(place), &l->judged,
				       &l->ledger, &l->verified);
}

static enum saksi_err walk(const struct saksi_verifier *v, struct saksi_place *place,
			   struct saksi_look *l)
{
	struct saksi_verified *r = &l->verified;

	if (v->roots == NULL && !l->full)
		return SAKSI_OK;
	l->statements = read_entries(v, place, l);
	if (l->statements == SAKSI_REFUSED) {
		(void)snprintf(l->why, sizeof(l->why), "entry %llu: %s",
			       (unsigned long long)r->walked.index, r->walked.what);
		return SAKSI_REFUSED;
	}
	if (l->statements != SAKSI_OK) {
		(void)snprintf(
		    l->why, sizeof(l->why), "entry %llu could not be read: %s",
		    (unsigned long long)r->walked.index, saksi_place_why(place));
		return l->statements == SAKSI_MALFORMED ? SAKSI_REFUSED : l->statements;
	}
	l->read_all = v->roots != NULL;
	if (r->has_bad) {
		(void)snprintf(l->why, sizeof(l->why), "entry %llu: %s",
			       (unsigned long long)r->bad_index, r->bad);
		return SAKSI_REFUSED;
	}
	return SAKSI_OK;
}

static void progressed(void *ctx, uint64_t done)
{
	saksi_progress_at(ctx, done);
}

/* The tree derived again, on all cores where the log lies in a directory. */
static enum saksi_err rederive(struct saksi_place *place, struct saksi_look *l,
			       uint8_t level)
{
	struct saksi_progress p;
	struct saksi_ahead *ahead = NULL;
	struct saksi_rederive r = {.source = saksi_place_source(place),
				   .level = level,
				   .ahead = saksi_ahead_root,
				   .each = progressed,
				   .each_ctx = &p};
	int dir = saksi_place_dir(place);
	enum saksi_err err;

	if (dir >= 0)
		ahead = saksi_ahead_begin(dir, level,
					  l->judged.point.size / SAKSI_TILE_WIDTH,
					  saksi_ahead_cores());
	r.ahead_ctx = ahead;
	saksi_progress_begin(&p, level == SAKSI_TILE_ENTRIES ? "entries" : "tiles",
			     l->judged.point.size);
	err = saksi_verify_tree(&r, &l->judged);
	saksi_progress_end(&p);
	saksi_ahead_end(ahead);
	return err;
}

static enum saksi_err derive(struct saksi_place *place, struct saksi_look *l)
{
	l->tree = rederive(place, l, SAKSI_TILE_ENTRIES);
	l->derived = l->tree == SAKSI_OK;
	if (l->tree == SAKSI_REFUSED)
		return say(l, l->tree, "the entries do not add up to the signed tree");
	if (l->tree != SAKSI_OK)
		(void)snprintf(l->why, sizeof(l->why), "entries could not be read: %s",
			       saksi_place_why(place));
	return l->tree;
}

/* All tiles and all entries, each by itself, make the signed tree: then they fit each
 * other, too.  When anything is amiss, walking tells where. */
static bool adds_up(struct saksi_place *place, struct saksi_look *l)
{
	l->derived = rederive(place, l, 0) == SAKSI_OK &&
		     rederive(place, l, SAKSI_TILE_ENTRIES) == SAKSI_OK;
	return l->derived;
}

/* A log says by this marker that every entry is in the form of statements.  Only
 * when it surely is not there may they go unjudged. */
static bool holds_statements(struct saksi_place *place)
{
	uint8_t room[1];
	struct saksi_buf none = saksi_buf_fixed(room, sizeof(room));
	struct saksi_source *s = saksi_place_source(place);

	return s->get(s->ctx, "addenda.v1", &none) != SAKSI_MISSING;
}

/* The one thing to answer when nothing was false. */
static enum saksi_err rest(const struct saksi_verifier *v, struct saksi_place *place,
			   struct saksi_look *l)
{
	if (l->growth != SAKSI_OK)
		return l->growth; /* cannot tell */
	if (l->last != SAKSI_OK)
		return l->last; /* an older tree than its last, or not readable here */
	l->fresh = l->closed ? SAKSI_OK : saksi_verify_fresh(v, &l->judged);
	if (l->fresh == SAKSI_MISSING && v->policy->quorum >= 0)
		return say(
		    l, SAKSI_MISSING,
		    "it was cosigned at a time that has not been yet: compare the "
		    "clocks");
	if (l->fresh == SAKSI_STALE)
		return say(
		    l, SAKSI_STALE,
		    "the checkpoint is older than the limit: is this the latest?");
	if (v->roots == NULL && holds_statements(place))
		return say(l, SAKSI_MISSING,
			   "its statements cannot be judged: the trust folder has no "
			   "file roots");
	if (l->verified.has_unknown) {
		(void)snprintf(l->why, sizeof(l->why), "entry %llu: %s",
			       (unsigned long long)l->verified.unknown_index,
			       l->verified.unknown_what);
		return SAKSI_NEWER;
	}
	return SAKSI_OK;
}

enum saksi_err saksi_look_at(const struct saksi_verifier *v, struct saksi_place *place,
			     int seen_dir, bool full, struct saksi_look *l)
{
	memset(l, 0, sizeof(*l));
	l->full = full;
	l->evidence = saksi_buf_growing(4U << 20);
	SAKSI_TRY(fetch(place, l));
	if (judge(v, place, l) != SAKSI_OK && l->point != SAKSI_QUORUM)
		return l->point;
	l->growth = compare(v, place, seen_dir, l);
	if (l->growth == SAKSI_SPLIT || l->growth == SAKSI_REFUSED)
		return l->growth;
	l->last = saksi_look_closing(v, place, seen_dir, l);
	if (l->last == SAKSI_SPLIT || l->last == SAKSI_REFUSED)
		return l->last;
	SAKSI_TRY(l->point);
	if (!full || v->roots != NULL || !adds_up(place, l)) {
		SAKSI_TRY(walk(v, place, l));
		if (full)
			SAKSI_TRY(derive(place, l));
	}
	return rest(v, place, l);
}

void saksi_look_free(struct saksi_look *l)
{
	saksi_buf_free(&l->evidence);
	saksi_buf_free(&l->note);
	saksi_buf_free(&l->closing_note);
}
