/* Invariants
 * 1. A cosignature leaves this file only after saksi_book_commit gave OK for the
 *    transaction that wrote the checkpoint it is over: see decide.
 * 2. All that wait are decided in one transaction, in order of arrival, each on the
 *    state as those before it leave it, so that one wait for the disk is enough for
 *    all.  Times of signing never go back in that order either.
 * 3. When anything of a group could not be read or written, all of it is undone and
 *    each of them is decided alone: no answer rests on a state that is not on disk.
 * 4. What a request brings never outlives its own arena; its body is its sender's
 *    until the answer. */
#include "witness/inside.h"

#include <stdlib.h>

enum { ARENA_CAP = 4 << 20, GROUP_MAX = 1024, SPARE_MAX = 64 };

struct saksi_witness_job {
	struct saksi_witness_job *next;
	struct saksi_arena arena;
	struct saksi_witness_ask ask;
	struct saksi_witness_answer answer; /* status 0: none yet */
	uint64_t began_us;
	saksi_witness_done *done;
	void *ctx;
};

static const char *const evidence_names[] = {NULL, "root", "empty", "proof"};

/* ---- answers */

static void answer(struct saksi_witness_answer *out, unsigned status, const char *text)
{
	out->status = status;
	out->content_type = "text/plain; charset=utf-8";
	out->body = saksi_buf_growing(1024);
	saksi_buf_puts(&out->body, text);
	saksi_buf_puts(&out->body, "\n");
}

static void answer_size(struct saksi_witness_answer *out, uint64_t size)
{
	out->status = 409;
	out->content_type = "text/x.tlog.size";
	out->body = saksi_buf_growing(64);
	saksi_buf_put_decimal(&out->body, size);
	saksi_buf_puts(&out->body, "\n");
	/* Without a size it would say that we hold another root. */
	if (out->body.full)
		out->status = 503;
}

static void take_back(struct saksi_witness_answer *a)
{
	saksi_buf_free(&a->body);
	*a = (struct saksi_witness_answer){0};
}

/* ---- deciding, within a transaction */

/* The note to keep: text, the log's good lines, then ours when not empty. */
static struct saksi_bytes note_of(const struct saksi_witness_ask *ask,
				  struct saksi_bytes line, struct saksi_arena *a)
{
	size_t cap = ask->note.text.len + 1 + ask->log_lines.len + line.len;
	struct saksi_buf b = saksi_buf_fixed(saksi_arena_new(a, cap, 1), cap);

	if (b.at == NULL)
		return (struct saksi_bytes){NULL, 0};
	saksi_buf_put(&b, ask->note.text);
	saksi_buf_puts(&b, "\n");
	saksi_buf_put(&b, ask->log_lines);
	saksi_buf_put(&b, line);
	return saksi_buf_bytes(&b);
}

/* Writes what is cosigned; it is believed only once it is committed. */
static enum saksi_err cosign(struct saksi_witness *w, struct saksi_witness_job *j,
			     int64_t now)
{
	struct saksi_buf line = saksi_buf_growing(SAKSI_WITNESS_KEY_TEXT);
	enum saksi_err err = SAKSI_NOMEM;

	saksi_note_cosign(j->ask.note.text, (uint64_t)now, &w->key, w->signer, &line);
	struct saksi_bytes note = note_of(&j->ask, saksi_buf_bytes(&line), &j->arena);
	if (!line.full && note.at != NULL)
		err = saksi_book_put(w->book, &j->ask.point, now, note);
	if (err != SAKSI_OK) {
		saksi_buf_free(&line);
		return err;
	}
	j->answer =
	    (struct saksi_witness_answer){200, "text/plain; charset=utf-8", line};
	return SAKSI_OK;
}

static enum saksi_err keep(struct saksi_witness *w, struct saksi_witness_job *j,
			   enum saksi_witness_evidence evidence)
{
	int64_t now = w->clock.now(w->clock.ctx);
	struct saksi_bytes note =
	    note_of(&j->ask, (struct saksi_bytes){NULL, 0}, &j->arena);

	return note.at == NULL ? SAKSI_NOMEM
			       : saksi_book_keep(w->book, &j->ask.point,
						 evidence_names[evidence], now, note);
}

/* Decides one.  OK: the answer is there, and *wrote says whether it rests on what
 * is yet to be committed.  Else the transaction is of no use any more; an answer
 * that is there all the same stands. */
static enum saksi_err decide_one(struct saksi_witness *w, struct saksi_witness_job *j,
				 bool *wrote)
{
	struct saksi_witness_held held;
	int64_t signed_utc = 0;

	SAKSI_TRY(saksi_book_held(w->book, j->ask.point.origin, &held, &signed_utc));
	struct saksi_witness_verdict v = saksi_witness_decide(&j->ask, &held);
	if (v.status != 200) {
		if (v.status == 409)
			answer_size(&j->answer, held.size);
		else
			answer(&j->answer, v.status, v.says);
		if (v.evidence == SAKSI_EVIDENCE_NONE)
			return SAKSI_OK;
		*wrote = true;
		return keep(w, j, v.evidence);
	}
	/* Read within the transaction, so that times never go back in order of
	 * signing either. */
	int64_t now = w->clock.now(w->clock.ctx);
	if (now <= 0 || now < signed_utc) {
		answer(&j->answer, 503,
		       "this witness's clock went back: nothing is cosigned");
		return SAKSI_OK;
	}
	*wrote = true;
	return cosign(w, j, now);
}

/* One transaction for all of `first`. */
static enum saksi_err decide(struct saksi_witness *w, struct saksi_witness_job *first)
{
	bool wrote = false;
	enum saksi_err err;

	(void)pthread_mutex_lock(&w->lock);
	err = saksi_book_begin(w->book);
	for (struct saksi_witness_job *j = first; j != NULL && err == SAKSI_OK;
	     j = j->next)
		err = decide_one(w, j, &wrote);
	if (err == SAKSI_OK && wrote)
		err = saksi_book_commit(w->book);
	saksi_book_drop(w->book);
	(void)pthread_mutex_unlock(&w->lock);
	return err;
}

/* A refusal stands whether or not its evidence could be kept. */
static void decide_alone(struct saksi_witness *w, struct saksi_witness_job *j)
{
	j->next = NULL;
	if (decide(w, j) == SAKSI_OK || j->answer.status / 100 == 4)
		return;
	take_back(&j->answer);
	answer(&j->answer, 503,
	       "the state could not be read or written: nothing was cosigned");
}

/* ---- jobs */

/* NULL: out of memory. */
static struct saksi_witness_job *job_new(struct saksi_witness_queue *q)
{
	struct saksi_witness_job *j;

	(void)pthread_mutex_lock(&q->lock);
	j = q->spare;
	if (j != NULL) {
		q->spare = j->next;
		q->spare_count--;
	}
	(void)pthread_mutex_unlock(&q->lock);
	if (j != NULL)
		return j;
	j = calloc(1, sizeof *j);
	if (j != NULL && saksi_arena_map(&j->arena, ARENA_CAP) != SAKSI_OK) {
		free(j);
		return NULL;
	}
	return j;
}

static void job_free(struct saksi_witness_job *j)
{
	saksi_arena_end(&j->arena);
	free(j);
}

/* Answers it; it is then spare, or gone. */
static void job_done(struct saksi_witness *w, struct saksi_witness_job *j)
{
	struct saksi_witness_queue *q = &w->queue;
	bool spare;

	saksi_witness_count(&w->counts, j->answer.status,
			    saksi_meter_now() - j->began_us);
	j->done(j->ctx, &j->answer);
	saksi_arena_rewind(&j->arena, 0);
	*j = (struct saksi_witness_job){.arena = j->arena};
	(void)pthread_mutex_lock(&q->lock);
	spare = q->spare_count < SPARE_MAX;
	if (spare) {
		j->next = q->spare;
		q->spare = j;
		q->spare_count++;
	}
	(void)pthread_mutex_unlock(&q->lock);
	if (!spare)
		job_free(j);
}

/* ---- the thread that decides */

/* Waits for some; NULL: none will come any more. */
static struct saksi_witness_job *next_group(struct saksi_witness_queue *q)
{
	struct saksi_witness_job *group, **end;
	size_t count = 0;

	(void)pthread_mutex_lock(&q->lock);
	while (q->first == NULL && !q->ending)
		(void)pthread_cond_wait(&q->bell, &q->lock);
	group = q->first;
	for (end = &group; *end != NULL && count < GROUP_MAX; end = &(*end)->next)
		count++;
	q->first = *end;
	*end = NULL;
	if (q->first == NULL)
		q->last = &q->first;
	(void)pthread_mutex_unlock(&q->lock);
	return group;
}

static void *run(void *at)
{
	struct saksi_witness *w = at;
	struct saksi_witness_job *group, *j, *next;

	while ((group = next_group(&w->queue)) != NULL) {
		bool alone = group->next == NULL || decide(w, group) != SAKSI_OK;

		for (j = group; j != NULL; j = next) {
			next = j->next;
			if (alone) {
				take_back(&j->answer);
				decide_alone(w, j);
			}
			job_done(w, j);
		}
	}
	return NULL;
}

void saksi_witness_begin(struct saksi_witness *w)
{
	struct saksi_witness_queue *q = &w->queue;

	q->last = &q->first;
	(void)pthread_mutex_init(&q->lock, NULL);
	(void)pthread_cond_init(&q->bell, NULL);
	q->open = true;
}

void saksi_witness_end(struct saksi_witness *w)
{
	struct saksi_witness_queue *q = &w->queue;

	if (!q->open)
		return;
	(void)pthread_mutex_lock(&q->lock);
	bool running = q->running;
	q->ending = true;
	(void)pthread_cond_signal(&q->bell);
	(void)pthread_mutex_unlock(&q->lock);
	if (running)
		(void)pthread_join(q->thread, NULL);
	while (q->spare != NULL) {
		struct saksi_witness_job *j = q->spare;

		q->spare = j->next;
		job_free(j);
	}
	(void)pthread_cond_destroy(&q->bell);
	(void)pthread_mutex_destroy(&q->lock);
	q->open = q->running = false;
}

/* ---- taking a request in */

/* What can be told without the state of any log.  OK: it is to be decided. */
static enum saksi_err read(struct saksi_witness *w, struct saksi_bytes body,
			   struct saksi_witness_job *j)
{
	struct saksi_fault f = {.what = "cannot be read"};
	const struct saksi_vkey *keys = NULL;
	size_t count = 0;
	enum saksi_err err = saksi_witness_read(body, &j->arena, &j->ask, &f);

	if (err != SAKSI_OK) {
		answer(&j->answer, err == SAKSI_NOMEM ? 503 : 400, f.what);
		return err;
	}
	(void)pthread_mutex_lock(&w->look_lock);
	err = saksi_book_keys(w->look, j->ask.point.origin, &j->arena, &keys, &count);
	(void)pthread_mutex_unlock(&w->look_lock);
	if (err != SAKSI_OK) {
		answer(&j->answer, err == SAKSI_MISSING ? 404 : 503,
		       err == SAKSI_MISSING ? "this log is not known here"
					    : "the state cannot be read");
		return err;
	}
	err = saksi_witness_trusts(&j->ask, keys, count, &j->arena);
	if (err != SAKSI_OK)
		answer(&j->answer, err == SAKSI_NOMEM ? 503 : 403,
		       err == SAKSI_NOMEM ? "no memory"
					  : "not signed by a key trusted for this log");
	return err;
}

/* false: there is no thread to decide it. */
static bool enqueue(struct saksi_witness *w, struct saksi_witness_job *j)
{
	struct saksi_witness_queue *q = &w->queue;

	(void)pthread_mutex_lock(&q->lock);
	if (!q->running)
		q->running = pthread_create(&q->thread, NULL, run, w) == 0;
	bool running = q->running;
	if (running) {
		j->next = NULL;
		*q->last = j;
		q->last = &j->next;
		(void)pthread_cond_signal(&q->bell);
	}
	(void)pthread_mutex_unlock(&q->lock);
	return running;
}

void saksi_witness_submit_later(struct saksi_witness *w, struct saksi_bytes body,
				saksi_witness_done *done, void *ctx)
{
	struct saksi_witness_answer a = {0};
	struct saksi_witness_job *j = NULL;
	uint64_t began_us = saksi_meter_now();

	if (body.len > SAKSI_WITNESS_BODY_MAX)
		answer(&a, 400, "the request is larger than allowed");
	else if (!w->queue.open || (j = job_new(&w->queue)) == NULL)
		answer(&a, 503, "no memory");
	if (j == NULL) {
		saksi_witness_count(&w->counts, a.status, saksi_meter_now() - began_us);
		done(ctx, &a);
		return;
	}
	j->done = done;
	j->ctx = ctx;
	j->began_us = began_us;
	if (read(w, body, j) == SAKSI_OK) {
		if (enqueue(w, j))
			return;
		answer(&j->answer, 503, "out of threads");
	}
	job_done(w, j);
}

/* ---- the same for one who waits */

struct waiting {
	pthread_mutex_t lock;
	pthread_cond_t bell;
	struct saksi_witness_answer *out;
	bool here;
};

static void arrived(void *ctx, struct saksi_witness_answer *a)
{
	struct waiting *t = ctx;

	(void)pthread_mutex_lock(&t->lock);
	*t->out = *a;
	t->here = true;
	(void)pthread_cond_signal(&t->bell);
	(void)pthread_mutex_unlock(&t->lock);
}

void saksi_witness_submit(struct saksi_witness *w, struct saksi_bytes body,
			  struct saksi_witness_answer *out)
{
	struct waiting t = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, out,
			    false};

	saksi_witness_submit_later(w, body, arrived, &t);
	(void)pthread_mutex_lock(&t.lock);
	while (!t.here)
		(void)pthread_cond_wait(&t.bell, &t.lock);
	(void)pthread_mutex_unlock(&t.lock);
	(void)pthread_cond_destroy(&t.bell);
	(void)pthread_mutex_destroy(&t.lock);
}
