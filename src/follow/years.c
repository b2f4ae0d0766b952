#include "follow/years.h"

#include <stdio.h>

#include "follow/seen.h"
#include "verify/years.h"

#define CLOSING_MAX (64U << 10)

enum saksi_err saksi_look_heir(const struct saksi_verifier *v,
			       struct saksi_place *place, struct saksi_look *l)
{
	struct saksi_vkey heir;
	uint8_t room[1024];
	struct saksi_buf text = saksi_buf_fixed(room, sizeof(room));

	if (saksi_verify_heir(v, saksi_place_source(place), saksi_buf_bytes(&l->note),
			      &heir) != SAKSI_OK)
		return SAKSI_REFUSED;
	saksi_vkey_write(&heir, &text);
	(void)snprintf(l->why, sizeof(l->why),
		       "the log's key was replaced, as the key in your policy signed: "
		       "ask people you trust whether it is now %.*s, then add the line "
		       "'log' with it to your policy",
		       (int)text.len, (const char *)text.at);
	return SAKSI_MISSING;
}

static enum saksi_err tell(struct saksi_look *l, enum saksi_err err, const char *what)
{
	if (err == SAKSI_SPLIT || l->why[0] == '\0')
		(void)snprintf(l->why, sizeof(l->why), "%s", what);
	return err;
}

/* The note into `out` and read; MISSING: none. */
static enum saksi_err served(const struct saksi_verifier *v, struct saksi_place *place,
			     struct saksi_look *l, struct saksi_closing *k,
			     struct saksi_bytes *text)
{
	struct saksi_source *s = saksi_place_source(place);
	struct saksi_fault f = {0};
	enum saksi_err err;

	l->closing_note = saksi_buf_growing(CLOSING_MAX);
	err = s->get(s->ctx, "closing", &l->closing_note);
	if (err != SAKSI_OK) {
		saksi_buf_clear(&l->closing_note);
		return SAKSI_MISSING; /* then freshness is asked for, as ever */
	}
	err = saksi_verify_closing(v, saksi_buf_bytes(&l->closing_note), k, text, &f);
	if (err == SAKSI_OK && !saksi_bytes_same(k->origin, l->judged.point.origin))
		err = saksi_fault_set(&f, SAKSI_REFUSED, "of another log", 0, 0);
	if (err == SAKSI_OK)
		return err;
	saksi_buf_clear(&l->closing_note);
	(void)snprintf(l->why, sizeof(l->why), "its closing: %s",
		       f.what != NULL ? f.what : saksi_err_name(err));
	return err == SAKSI_MALFORMED || err == SAKSI_MISSING ? SAKSI_REFUSED : err;
}

static enum saksi_err remembered(const struct saksi_verifier *v, int seen_dir,
				 const struct saksi_look *l, struct saksi_buf *note,
				 struct saksi_closing *k, struct saksi_bytes *text)
{
	enum saksi_err err = SAKSI_MISSING;

	if (seen_dir >= 0)
		err = saksi_seen_closing_load(seen_dir, l->judged.point.origin, note);
	if (err == SAKSI_OK)
		err = saksi_verify_closing(v, saksi_buf_bytes(note), k, text, NULL);
	return err;
}

static enum saksi_err last_tree(struct saksi_look *l, struct saksi_bytes note,
				const struct saksi_closing *k)
{
	enum saksi_err err = saksi_verify_last(note, k, &l->judged, &l->evidence);

	if (err == SAKSI_SPLIT)
		return tell(l, err, "the log went on after it had signed its end");
	if (err == SAKSI_STALE)
		return tell(l, err, "an older tree than the log's last one is shown");
	return err;
}

static enum saksi_err hold_against(struct saksi_look *l, struct saksi_bytes old_note,
				   const struct saksi_closing *old,
				   struct saksi_bytes old_text,
				   struct saksi_bytes new_text)
{
	struct saksi_bytes note = saksi_buf_bytes(&l->closing_note);

	if (old != NULL && l->closed && !saksi_bytes_same(old_text, new_text)) {
		return tell(l, saksi_verify_closings(old_note, note, &l->evidence),
			    "the log signed two different ends");
	}
	if (l->closed)
		return last_tree(l, note, &l->closing);
	if (old != NULL)
		return last_tree(l, old_note, old);
	return SAKSI_OK;
}

enum saksi_err saksi_look_closing(const struct saksi_verifier *v,
				  struct saksi_place *place, int seen_dir,
				  struct saksi_look *l)
{
	struct saksi_buf note = saksi_buf_growing(CLOSING_MAX);
	struct saksi_bytes now = {NULL, 0}, then = {NULL, 0};
	struct saksi_closing old;
	enum saksi_err err = served(v, place, l, &l->closing, &now);
	bool had;

	l->closed = err == SAKSI_OK;
	if (err == SAKSI_OK || err == SAKSI_MISSING) {
		had = remembered(v, seen_dir, l, &note, &old, &then) == SAKSI_OK;
		err = hold_against(l, saksi_buf_bytes(&note), had ? &old : NULL, then,
				   now);
	}
	saksi_buf_free(&note);
	return err;
}
