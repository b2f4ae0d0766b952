/* Callers that add wait in a queue; a writer thread takes what is there and
 * commits it together; a publisher thread publishes every interval.
 *
 * 1. A job is the log's until its last add is answered; whoever answers that has
 *    nothing more to do with it once `done` is called.
 * 2. `answered` is the writer's alone; the rest of a job is guarded by `lock` while
 *    it is in the queue.
 * 3. After `stopping` no job enters; the writer ends when the queue is empty, then
 *    `drained`, and the publisher ends after one more round. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "log/inside.h"

#define PAUSE_MAX_MS 60000

static struct timespec in_ms(uint64_t ms)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)(ms / 1000);
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

static void condition(pthread_cond_t *c)
{
	pthread_condattr_t a;

	(void)pthread_condattr_init(&a);
	(void)pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
	(void)pthread_cond_init(c, &a);
	(void)pthread_condattr_destroy(&a);
}

/* ---- callers */

static enum saksi_err first_other(const struct saksi_add *adds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (adds[i].err != SAKSI_OK)
			return adds[i].err;
	return SAKSI_OK;
}

static void refuse(struct saksi_log *l, struct saksi_job *j, enum saksi_err err,
		   const char *reason)
{
	for (size_t i = 0; i < j->count; i++) {
		j->adds[i].err = err;
		j->adds[i].reason = reason;
		saksi_log_count_add(&l->counts, &j->adds[i], 0, 0);
	}
	j->done(j);
}

static void add_here(struct saksi_log *l, struct saksi_add *adds, size_t count)
{
	for (size_t at = 0; at < count;) {
		size_t n = 0, bytes = 0;

		while (at + n < count && n < l->config.batch &&
		       bytes < SAKSI_LOG_BATCH_BYTES) {
			bytes += adds[at + n].entry.len;
			l->taken[n] = &adds[at + n];
			n++;
		}
		saksi_log_commit(l, l->taken, n);
		at += n;
	}
}

void saksi_log_add_later(struct saksi_log *l, struct saksi_job *j)
{
	j->taken = j->answered = 0;
	j->since_us = saksi_meter_now();
	j->next = NULL;
	if (l->closed) {
		refuse(l, j, SAKSI_REFUSED,
		       "this log is closed; its public file 'closing' names the one "
		       "that goes on");
		return;
	}
	if (!l->started || j->count == 0) {
		add_here(l, j->adds, j->count);
		j->done(j);
		return;
	}
	(void)pthread_mutex_lock(&l->lock);
	if (l->stopping || (l->queued > 0 && l->queued + j->count > l->config.queue)) {
		bool stopping = l->stopping;

		(void)pthread_mutex_unlock(&l->lock);
		refuse(l, j, SAKSI_BUSY,
		       stopping ? "the log is stopping: try again later"
				: "too many entries wait: try again later");
		return;
	}
	if (l->last != NULL)
		l->last->next = j;
	else
		l->first = j;
	l->last = j;
	l->queued += j->count;
	if (l->wanted > 0 && l->queued >= l->wanted) {
		l->wanted = 0;
		(void)pthread_cond_signal(&l->work);
	}
	(void)pthread_mutex_unlock(&l->lock);
}

/* A caller that waits for its job. */
struct waiting {
	struct saksi_job job;
	pthread_mutex_t lock;
	pthread_cond_t answered;
	bool done;
};

static void wake(struct saksi_job *j)
{
	struct waiting *w = (struct waiting *)j; /* its first member */

	(void)pthread_mutex_lock(&w->lock);
	w->done = true;
	(void)pthread_cond_signal(&w->answered);
	(void)pthread_mutex_unlock(&w->lock);
}

enum saksi_err saksi_log_add(struct saksi_log *l, struct saksi_add *adds, size_t count)
{
	struct waiting w = {.job = {.adds = adds, .count = count, .done = wake}};

	(void)pthread_mutex_init(&w.lock, NULL);
	(void)pthread_cond_init(&w.answered, NULL);
	saksi_log_add_later(l, &w.job);
	(void)pthread_mutex_lock(&w.lock);
	while (!w.done)
		(void)pthread_cond_wait(&w.answered, &w.lock);
	(void)pthread_mutex_unlock(&w.lock);
	(void)pthread_cond_destroy(&w.answered);
	(void)pthread_mutex_destroy(&w.lock);
	return first_other(adds, count);
}

/* ---- the writer */

/* Moves up to a batch from the queue to l->taken; its count. */
static size_t take_batch(struct saksi_log *l)
{
	size_t n = 0, bytes = 0;

	while (l->first != NULL && n < l->config.batch &&
	       bytes < SAKSI_LOG_BATCH_BYTES) {
		struct saksi_job *j = l->first;

		bytes += j->adds[j->taken].entry.len;
		l->taken[n] = &j->adds[j->taken++];
		l->taken_of[n++] = j;
		if (j->taken == j->count) {
			l->first = j->next;
			if (l->first == NULL)
				l->last = NULL;
		}
	}
	l->queued -= n;
	return n;
}

static void write_batch(struct saksi_log *l, size_t n)
{
	uint64_t now = saksi_meter_now();

	atomic_store(&l->counts.writing_us, now);
	saksi_log_commit(l, l->taken, n);
	atomic_store(&l->counts.writing_us, 0);
	now = saksi_meter_now();
	for (size_t i = 0; i < n; i++)
		saksi_log_count_add(&l->counts, l->taken[i], l->taken_of[i]->since_us,
				    now);
}

/* Waits until somebody is there, and a little longer for company.  The lock is
 * held; false: nobody comes any more. */
static bool gather(struct saksi_log *l)
{
	struct timespec until;

	while (l->first == NULL && !l->stopping) {
		l->wanted = 1;
		(void)pthread_cond_wait(&l->work, &l->lock);
	}
	until = in_ms(l->config.gather_ms);
	while (l->config.gather_ms > 0 && l->queued < l->config.batch && !l->stopping) {
		l->wanted = l->config.batch;
		if (pthread_cond_timedwait(&l->work, &l->lock, &until) != 0)
			break;
	}
	l->wanted = 0;
	return l->first != NULL;
}

static void *writer(void *ctx)
{
	struct saksi_log *l = ctx;

	(void)pthread_mutex_lock(&l->lock);
	while (gather(l)) {
		size_t n = take_batch(l);

		(void)pthread_mutex_unlock(&l->lock);
		write_batch(l, n);
		for (size_t i = 0; i < n; i++) {
			struct saksi_job *j = l->taken_of[i];

			if (++j->answered == j->count)
				j->done(j);
		}
		(void)pthread_mutex_lock(&l->lock);
	}
	l->drained = true;
	(void)pthread_cond_signal(&l->tick);
	(void)pthread_mutex_unlock(&l->lock);
	return NULL;
}

/* ---- the publisher */

struct rounds {
	int64_t shown_ms; /* last success; -1: none yet */
	int64_t retry_ms; /* not before */
	int64_t pause_ms;
};

static void told(struct saksi_log *l, enum saksi_err err, const struct saksi_why *w)
{
	struct saksi_log_state now;
	bool changed;

	atomic_fetch_add(&l->counts.rounds[err], 1);
	atomic_store(&l->counts.last_round, (int)err);
	(void)pthread_mutex_lock(&l->lock);
	changed = strcmp(l->state.says.text, w->text) != 0 ||
		  (err == SAKSI_OK) != (l->state.misses == 0);
	l->state.misses = err == SAKSI_OK ? 0 : l->state.misses + 1;
	l->state.says = *w;
	now = l->state;
	(void)pthread_mutex_unlock(&l->lock);
	if (l->tell != NULL && changed)
		l->tell(l->tell_ctx, &now);
}

/* One round: what is due of integrating and showing. */
static void publish_round(struct saksi_log *l, struct rounds *r, uint64_t acknowledged)
{
	int64_t ticks = saksi_time_ticks_ms();
	bool grow = acknowledged > l->head.size || l->adrift || !l->head.placed;
	bool show = r->shown_ms < 0 || l->state.misses > 0 ||
		    ticks - r->shown_ms >= (int64_t)l->config.recosign_s * 1000;
	struct saksi_why w = {""};
	enum saksi_err err = SAKSI_OK;

	if ((!grow && !show) || ticks < r->retry_ms)
		return;
	atomic_store(&l->counts.publishing_us, saksi_meter_now());
	if (grow)
		err = saksi_log_integrate(l, saksi_time_now(), &w);
	if (err == SAKSI_OK)
		err = saksi_log_show(l, saksi_time_now(), &w);
	atomic_store(&l->counts.publishing_us, 0);
	told(l, err, &w);
	if (err == SAKSI_OK) {
		*r = (struct rounds){ticks, 0, 0};
		return;
	}
	r->pause_ms = r->pause_ms == 0 ? 1000 : 2 * r->pause_ms;
	if (r->pause_ms > PAUSE_MAX_MS)
		r->pause_ms = PAUSE_MAX_MS;
	r->retry_ms = ticks + r->pause_ms;
}

static void *publisher(void *ctx)
{
	struct saksi_log *l = ctx;
	struct rounds r = {-1, 0, 0};
	struct timespec until = in_ms(0);
	bool first = true, last = false;

	for (; !last; first = false) {
		uint64_t acknowledged;

		(void)pthread_mutex_lock(&l->lock);
		while (!l->drained && !first)
			if (pthread_cond_timedwait(&l->tick, &l->lock, &until) != 0)
				break;
		last = l->drained;
		acknowledged = l->state.acknowledged;
		(void)pthread_mutex_unlock(&l->lock);
		/* From start to start: a slow disk must not stretch the interval. */
		until = in_ms(l->config.interval_ms);
		if (last)
			r.retry_ms = 0;
		publish_round(l, &r, acknowledged);
	}
	return NULL;
}

/* ---- both */

enum saksi_err saksi_log_start(struct saksi_log *l, struct saksi_why *w)
{
	int rc;

	condition(&l->work);
	condition(&l->tick);
	l->stopping = l->drained = false;
	l->started = true;
	rc = pthread_create(&l->writer, NULL, writer, l);
	if (rc == 0) {
		rc = pthread_create(&l->publisher, NULL, publisher, l);
		if (rc == 0)
			return SAKSI_OK;
		(void)pthread_mutex_lock(&l->lock);
		l->stopping = true;
		(void)pthread_cond_signal(&l->work);
		(void)pthread_mutex_unlock(&l->lock);
		(void)pthread_join(l->writer, NULL);
	}
	l->started = false;
	return saksi_why_set(w, SAKSI_IO, "no thread for the log: %s", strerror(rc));
}

void saksi_log_stop(struct saksi_log *l)
{
	if (l == NULL || !l->started || l->stopped)
		return;
	l->stopped = true;
	(void)pthread_mutex_lock(&l->lock);
	l->stopping = true;
	(void)pthread_cond_broadcast(&l->work);
	(void)pthread_mutex_unlock(&l->lock);
	(void)pthread_join(l->writer, NULL);
	(void)pthread_join(l->publisher, NULL);
	/* `started` stays: a late caller must find `stopping`, not do it here. */
}

void saksi_log_state(struct saksi_log *l, struct saksi_log_state *out)
{
	(void)pthread_mutex_lock(&l->lock);
	*out = l->state;
	(void)pthread_mutex_unlock(&l->lock);
}

void saksi_log_tell(struct saksi_log *l,
		    void (*tell)(void *ctx, const struct saksi_log_state *s), void *ctx)
{
	l->tell = tell;
	l->tell_ctx = ctx;
}
