/* Steps 2 to 6.
 *
 * 1. The checkpoint that is shown is the one that state.db holds: it won there.
 * 2. A tree is shown only after all of it is under public/.
 * 3. staging/ is cleared only of files that no crash can need any more: after the
 *    winner was placed and that was noted. */
#include <errno.h>
#include <string.h>

#include "log/inside.h"
#include "store/files.h"

#define NOTE_MAX (64U << 10) /* a checkpoint with its cosignatures */

static enum saksi_err state_failed(struct saksi_log *l, enum saksi_err err,
				   struct saksi_why *w)
{
	if (err == SAKSI_IO)
		return saksi_why_set(w, err, "%s/state.db: %s", l->path,
				     saksi_state_reason(l->tree));
	if (err == SAKSI_REFUSED)
		return saksi_why_set(w, err,
				     "%s/state.db: another program changed the tree; "
				     "nothing was published",
				     l->path);
	return saksi_why_set(w, err,
			     "%s/state.db: the tree there is damaged: restore "
			     "the log from its backup",
			     l->path);
}

static enum saksi_err files_failed(struct saksi_log *l, const char *where,
				   enum saksi_err err, struct saksi_why *w)
{
	return saksi_why_set(w, err, "%s/%s: %s", l->path, where,
			     err == SAKSI_IO ? strerror(errno) : saksi_err_name(err));
}

static void tell_size(struct saksi_log *l)
{
	(void)pthread_mutex_lock(&l->lock);
	l->state.size = l->head.size;
	(void)pthread_mutex_unlock(&l->lock);
}

/* ---- step 4 */

/* Nothing of staging/SIZE-ROOT is left or it is not what was staged: make all of
 * the tree's files again from the entries. */
static enum saksi_err place_again(struct saksi_log *l)
{
	struct saksi_head part;
	enum saksi_err err;

	saksi_frontier_begin(l->grown);
	do {
		memset(&part, 0, sizeof(part));
		err = saksi_stage_write(l->staging, l->tree, l->grown, l->head.size,
					&part);
		if (err == SAKSI_OK)
			err = saksi_stage_place(l->staging, l->pub, &part);
	} while (err == SAKSI_OK && part.size < l->head.size);
	if (err == SAKSI_OK && !saksi_hash_same(&part.root, &l->head.root))
		err = SAKSI_MALFORMED;
	return err;
}

static enum saksi_err place(struct saksi_log *l, struct saksi_why *w)
{
	enum saksi_err err;

	if (l->head.placed)
		return SAKSI_OK;
	err = saksi_stage_place(l->staging, l->pub, &l->head);
	if (err == SAKSI_MISSING || err == SAKSI_REFUSED || err == SAKSI_MALFORMED)
		err = place_again(l);
	if (err != SAKSI_OK)
		return files_failed(l, "public", err, w);
	err = saksi_state_placed(l->tree, l->head.size);
	if (err != SAKSI_OK)
		return state_failed(l, err, w);
	l->head.placed = true;
	saksi_stage_clear(l->staging);
	return SAKSI_OK;
}

enum saksi_err saksi_log_recover(struct saksi_log *l, struct saksi_why *w)
{
	enum saksi_err err = saksi_state_head(l->tree, &l->head, l->edge);

	l->adrift = err != SAKSI_OK;
	if (err != SAKSI_OK)
		return state_failed(l, err, w);
	SAKSI_TRY(place(l, w));
	tell_size(l);
	return SAKSI_OK;
}

/* ---- steps 2 and 3 */

enum saksi_err saksi_log_sign(struct saksi_log *l, struct saksi_head *h)
{
	struct saksi_checkpoint point = {l->config.origin, h->size, h->root, {NULL, 0}};
	struct saksi_buf note = saksi_buf_fixed(h->note, sizeof(h->note));
	struct saksi_bytes text;

	saksi_checkpoint_write(&point, &note);
	text = saksi_buf_bytes(&note);
	saksi_buf_puts(&note, "\n");
	saksi_note_sign(text, &l->key, l->signer, &note);
	if (l->next_signer != NULL)
		saksi_note_sign(text, &l->next_key, l->next_signer, &note);
	h->note_len = note.len;
	return saksi_buf_check(&note);
}

static enum saksi_err swap(struct saksi_log *l, const struct saksi_head *next,
			   struct saksi_why *w)
{
	struct saksi_frontier *spare = l->edge;
	enum saksi_err err = saksi_state_swap(l->tree, &l->head, next, l->grown);

	if (err == SAKSI_OK) {
		l->head = *next;
		l->edge = l->grown;
		l->grown = spare;
		return SAKSI_OK;
	}
	/* It may have won although we were told it failed: state.db knows. */
	l->adrift = true;
	return state_failed(l, err, w);
}

static enum saksi_err grow(struct saksi_log *l, uint64_t to, int64_t now,
			   struct saksi_why *w)
{
	struct saksi_head next = {.placed = false, .time_utc = now};
	enum saksi_err err;

	*l->grown = *l->edge;
	err = saksi_stage_write(l->staging, l->tree, l->grown, to, &next);
	if (err != SAKSI_OK)
		return files_failed(l, "staging", err, w);
	SAKSI_TRY(saksi_log_sign(l, &next));
	SAKSI_TRY(swap(l, &next, w));
	SAKSI_TRY(place(l, w));
	tell_size(l);
	return SAKSI_OK;
}

enum saksi_err saksi_log_integrate(struct saksi_log *l, int64_t now,
				   struct saksi_why *w)
{
	enum saksi_err err;
	uint64_t to;

	if (l->adrift)
		SAKSI_TRY(saksi_log_recover(l, w));
	SAKSI_TRY(place(l, w));
	err = saksi_state_next(l->tree, &to);
	if (err != SAKSI_OK)
		return state_failed(l, err, w);
	uint64_t began = saksi_meter_now();
	while (l->head.size < to)
		SAKSI_TRY(grow(l, to, now, w));
	saksi_meter_add(&l->counts.stage[SAKSI_LOG_INTEGRATE],
			saksi_meter_now() - began, 1);
	return SAKSI_OK;
}

/* ---- steps 5 and 6 */

static enum saksi_err ask(struct saksi_log *l, int64_t now, struct saksi_buf *note,
			  struct saksi_why *w)
{
	struct saksi_tiles tiles = saksi_source_tiles(&l->source);
	struct saksi_cosign_ask a = {
	    .policy = &l->policy,
	    .signed_note = {l->head.note, l->head.note_len},
	    .size = l->head.size,
	    .root = l->head.root,
	    .tiles = &tiles,
	    .now_utc = now,
	    .timeout_ms = (long)l->config.witness_ms,
	    .grace_ms = (long)l->config.grace_ms,
	    .voices = l->voices,
	};

	uint64_t began = saksi_meter_now();
	enum saksi_err err;

	memset(l->voices, 0, l->policy.party_count * sizeof(*l->voices));
	err = l->asker.collect(l->asker.ctx, &a, note, w);
	saksi_meter_add(&l->counts.stage[SAKSI_LOG_COSIGN], saksi_meter_now() - began,
			1);
	if (err == SAKSI_OK || err == SAKSI_QUORUM)
		saksi_log_count_voices(&l->counts, l->voices, l->policy.party_count);
	return err;
}

static void shown(struct saksi_log *l, int64_t now)
{
	(void)pthread_mutex_lock(&l->lock);
	l->state.published = l->head.size;
	l->state.published_utc = now;
	(void)pthread_mutex_unlock(&l->lock);
}

enum saksi_err saksi_log_show(struct saksi_log *l, int64_t now, struct saksi_why *w)
{
	struct saksi_buf note = saksi_buf_growing(NOTE_MAX);
	enum saksi_err err = SAKSI_OK;

	if (l->adrift)
		SAKSI_TRY(saksi_log_recover(l, w));
	SAKSI_TRY(place(l, w));
	if (l->closed)
		return SAKSI_OK; /* what was shown last stays */
	if (l->head.note_len == 0)
		SAKSI_TRY(saksi_log_sign(l, &l->head));
	if (l->has_witness)
		err = ask(l, now, &note, w);
	else
		saksi_buf_put(&note,
			      (struct saksi_bytes){l->head.note, l->head.note_len});
	uint64_t began = saksi_meter_now();
	if (err == SAKSI_OK)
		err = saksi_buf_check(&note);
	if (err == SAKSI_OK) {
		err = saksi_file_replace(l->pub, "checkpoint", saksi_buf_bytes(&note),
					 0644);
		if (err != SAKSI_OK)
			(void)files_failed(l, "public/checkpoint", err, w);
	}
	saksi_buf_free(&note);
	if (err == SAKSI_OK) {
		saksi_meter_add(&l->counts.stage[SAKSI_LOG_SHOW],
				saksi_meter_now() - began, 1);
		shown(l, now);
	}
	return err;
}

enum saksi_err saksi_log_publish(struct saksi_log *l, int64_t now, struct saksi_why *w)
{
	SAKSI_TRY(saksi_log_integrate(l, now, w));
	return saksi_log_show(l, now, w);
}

void saksi_log_ask_by(struct saksi_log *l, const struct saksi_log_asker *a)
{
	l->asker = *a;
}

/* ---- what the public sees */

enum saksi_err saksi_log_public_point(int pub, const struct saksi_vkey *key,
				      struct saksi_buf *text, struct saksi_arena *a,
				      struct saksi_checkpoint *out)
{
	struct saksi_sigcheck check;
	struct saksi_note note;
	uint64_t time;

	SAKSI_TRY(saksi_file_read(pub, "checkpoint", true, text));
	SAKSI_TRY(saksi_note_read(saksi_buf_bytes(text), a, &note, NULL));
	SAKSI_TRY(saksi_checkpoint_read(note.text, out, NULL));
	SAKSI_TRY(saksi_note_check_for(&note, key, a, &check, &time));
	saksi_sigchecks_run(&check, 1);
	return check.answer == SAKSI_SIG_GOOD ? SAKSI_OK : SAKSI_REFUSED;
}
