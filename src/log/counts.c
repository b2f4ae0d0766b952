#include "log/counts.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "log/inside.h"

#define MISSES 3 /* publications in a row; fewer may be a witness's restart */
#define WRITER_US 120000000    /* longest commit before the writer counts as stuck */
#define PUBLISHER_US 900000000 /* longest publication */
#define SLACK_S 600

void saksi_log_count_add(struct saksi_log_counts *c, const struct saksi_add *a,
			 uint64_t since_us, uint64_t now_us)
{
	atomic_fetch_add_explicit(&c->answers[a->err], 1, memory_order_relaxed);
	if (a->err != SAKSI_OK)
		return;
	if (a->repeat)
		atomic_fetch_add_explicit(&c->repeats, 1, memory_order_relaxed);
	saksi_meter_add(&c->add, now_us > since_us ? now_us - since_us : 0, 1);
}

void saksi_log_count_voices(struct saksi_log_counts *c, const struct saksi_voice *v,
			    size_t count)
{
	for (size_t i = 0; i < count && c->voices != NULL; i++)
		if (v[i].kind != SAKSI_VOICE_NONE)
			atomic_fetch_add_explicit(&c->voices[i][v[i].kind], 1,
						  memory_order_relaxed);
}

/* ---- as metrics */

static struct saksi_label label(const char *name, const char *value)
{
	return (struct saksi_label){name, saksi_bytes_of(value)};
}

static const char *answer_name(size_t err)
{
	switch ((enum saksi_err)err) {
	case SAKSI_OK:
		return "acknowledged";
	case SAKSI_REFUSED:
		return "refused";
	case SAKSI_MALFORMED:
		return "malformed";
	case SAKSI_NEWER:
		return "newer";
	case SAKSI_LIMIT:
		return "limit";
	case SAKSI_BUSY:
		return "busy";
	case SAKSI_IO:
		return "disk";
	case SAKSI_QUORUM:
		return "quorum";
	case SAKSI_SPLIT:
	case SAKSI_STALE:
	case SAKSI_MISSING:
	case SAKSI_NOMEM:
	case SAKSI_BADARG:
		break;
	}
	return NULL; /* "other" */
}

/* One sample for each answer, those without a name of their own in one. */
static void put_answers(struct saksi_metrics *m, const _Atomic uint64_t *counts,
			const char *name, const char *ok)
{
	uint64_t other = 0;
	struct saksi_label one;

	for (size_t i = 0; i < SAKSI_LOG_ANSWERS; i++) {
		uint64_t n = atomic_load_explicit(&counts[i], memory_order_relaxed);
		const char *answer = i == SAKSI_OK ? ok : answer_name(i);

		if (answer == NULL) {
			other += n;
			continue;
		}
		one = label(name, answer);
		saksi_metrics_put(m, &one, 1, n);
	}
	one = label(name, "other");
	saksi_metrics_put(m, &one, 1, other);
}

static void put_voices(const struct saksi_log *l, struct saksi_metrics *m)
{
	static const char *const kinds[SAKSI_VOICE_KINDS] = {
	    NULL,      "good",  "late",  "dead",  "busy",
	    "refused", "lying", "ahead", "split", "tiles"};

	saksi_metrics_family(m, "saksi_log_witness_answers_total", SAKSI_COUNTER,
			     "What the witnesses of the policy answered.");
	for (uint32_t i = 0; i < l->policy.party_count; i++) {
		const struct saksi_policy_party *p = &l->policy.parties[i];

		if (p->is_group || p->url.len == 0)
			continue;
		for (size_t k = 1; k < SAKSI_VOICE_KINDS; k++) {
			struct saksi_label two[] = {{"witness", p->name},
						    label("answer", kinds[k])};

			saksi_metrics_put(m, two, 2,
					  atomic_load_explicit(&l->counts.voices[i][k],
							       memory_order_relaxed));
		}
	}
}

static void put_stages(const struct saksi_log *l, struct saksi_metrics *m)
{
	static const char *const names[SAKSI_LOG_STAGES] = {"integrate", "cosign",
							    "show"};

	saksi_metrics_family(m, "saksi_log_publication_stage_seconds", SAKSI_HISTOGRAM,
			     "Time of the stages of publications.");
	for (size_t i = 0; i < SAKSI_LOG_STAGES; i++) {
		struct saksi_label one = label("stage", names[i]);

		saksi_metrics_put_meter(m, &one, 1, &l->counts.stage[i]);
	}
}

static void put_disk(const struct saksi_log *l, struct saksi_metrics *m)
{
	struct statvfs v;

	if (fstatvfs(l->dir, &v) != 0)
		return;
	saksi_metrics_one(m, "saksi_log_disk_free_bytes", SAKSI_GAUGE,
			  "Free space where the log's folder is.",
			  (uint64_t)v.f_bavail * v.f_frsize);
	saksi_metrics_one(m, "saksi_log_disk_size_bytes", SAKSI_GAUGE,
			  "Size of the file system where the log's folder is.",
			  (uint64_t)v.f_blocks * v.f_frsize);
}

/* Also of a publication by an earlier process. */
static int64_t published_utc(const struct saksi_log *l, const struct saksi_log_state *s)
{
	struct stat st;

	if (s->published_utc > 0)
		return s->published_utc;
	return fstatat(l->pub, "checkpoint", &st, AT_SYMLINK_NOFOLLOW) == 0
		   ? (int64_t)st.st_mtime
		   : 0;
}

static void put_state(struct saksi_log *l, struct saksi_metrics *m)
{
	struct saksi_log_state s;
	size_t queued;
	int64_t at;

	(void)pthread_mutex_lock(&l->lock);
	s = l->state;
	queued = l->queued;
	(void)pthread_mutex_unlock(&l->lock);
	at = published_utc(l, &s);
	saksi_metrics_one(m, "saksi_log_entries", SAKSI_GAUGE,
			  "Entries acknowledged and on disk.", s.acknowledged);
	saksi_metrics_one(m, "saksi_log_tree_entries", SAKSI_GAUGE,
			  "Entries in the newest signed tree.", s.size);
	saksi_metrics_one(m, "saksi_log_published_entries", SAKSI_GAUGE,
			  "Entries in the published checkpoint.", s.published);
	saksi_metrics_one(m, "saksi_log_published_timestamp_seconds", SAKSI_GAUGE,
			  "When the checkpoint was last published, in seconds since "
			  "1970; 0: never.",
			  at > 0 ? (uint64_t)at : 0);
	saksi_metrics_one(m, "saksi_log_publications_missed", SAKSI_GAUGE,
			  "Publications in a row that came to nothing.", s.misses);
	saksi_metrics_one(m, "saksi_log_quorum_missing", SAKSI_GAUGE,
			  "1 when too few witnesses cosigned the last time.",
			  atomic_load(&l->counts.last_round) == SAKSI_QUORUM);
	saksi_metrics_one(m, "saksi_log_disk_refuses", SAKSI_GAUGE,
			  "1 while entries are refused because the disk is full or "
			  "broken.",
			  s.refusing);
	saksi_metrics_one(m, "saksi_log_closed", SAKSI_GAUGE,
			  "1 when the log has ended: nothing more is published.",
			  l->closed);
	saksi_metrics_one(m, "saksi_log_queue_entries", SAKSI_GAUGE,
			  "Entries that wait to be written.", queued);
	saksi_metrics_one(m, "saksi_log_queue_limit_entries", SAKSI_GAUGE,
			  "Entries that may wait; more are turned away.",
			  l->config.queue);
}

void saksi_log_metrics(struct saksi_log *l, struct saksi_metrics *m)
{
	put_state(l, m);
	saksi_metrics_family(m, "saksi_log_adds_total", SAKSI_COUNTER,
			     "Entries sent in, by answer.");
	put_answers(m, l->counts.answers, "answer", "acknowledged");
	saksi_metrics_one(
	    m, "saksi_log_repeats_total", SAKSI_COUNTER,
	    "Acknowledged entries that were there already.",
	    atomic_load_explicit(&l->counts.repeats, memory_order_relaxed));
	saksi_metrics_family(m, "saksi_log_add_duration_seconds", SAKSI_HISTOGRAM,
			     "Time from taking an entry in until it was on disk.");
	saksi_metrics_put_meter(m, NULL, 0, &l->counts.add);
	saksi_metrics_family(m, "saksi_log_publications_total", SAKSI_COUNTER,
			     "Publications tried, by outcome.");
	put_answers(m, l->counts.rounds, "outcome", "ok");
	put_stages(l, m);
	if (l->has_witness)
		put_voices(l, m);
	put_disk(l, m);
}

/* ---- how it is */

enum saksi_err saksi_log_health(struct saksi_log *l, struct saksi_why *w)
{
	struct saksi_log_state s;
	int64_t now = saksi_time_now(), at;

	saksi_log_state(l, &s);
	if (s.refusing)
		return saksi_why_set(w, SAKSI_IO,
				     "entries are refused: the disk of the log is full "
				     "or broken");
	if (s.misses >= MISSES)
		return saksi_why_set(
		    w, (enum saksi_err)atomic_load(&l->counts.last_round),
		    "not published (%u in a row): %s", s.misses, s.says.text);
	at = published_utc(l, &s);
	if (!l->closed && at > 0 && now - at > (int64_t)l->config.recosign_s + SLACK_S)
		return saksi_why_set(
		    w, SAKSI_STALE, "not published for %lld s: it is due every %llu s",
		    (long long)(now - at), (unsigned long long)l->config.recosign_s);
	if (!saksi_log_alive(l))
		return saksi_why_set(w, SAKSI_BUSY,
				     "the writer or the publisher is stuck");
	return SAKSI_OK;
}

static bool within(const _Atomic uint64_t *since, uint64_t most)
{
	uint64_t began = atomic_load(since), now = saksi_meter_now();

	return began == 0 || now < began || now - began <= most;
}

bool saksi_log_alive(struct saksi_log *l)
{
	return within(&l->counts.writing_us, WRITER_US) &&
	       within(&l->counts.publishing_us,
		      PUBLISHER_US + 1000 * l->config.witness_ms);
}

void saksi_log_oneline(struct saksi_log *l, char *out, size_t len)
{
	struct saksi_log_state s;
	size_t queued;
	int64_t at;

	(void)pthread_mutex_lock(&l->lock);
	s = l->state;
	queued = l->queued;
	(void)pthread_mutex_unlock(&l->lock);
	at = published_utc(l, &s);
	if (s.refusing || s.misses > 0)
		(void)snprintf(out, len,
			       "%s: %" PRIu64 " entries, %" PRIu64 " published: %.300s",
			       s.refusing ? "DISK REFUSES" : "NOT PUBLISHED",
			       s.acknowledged, s.published, s.says.text);
	else
		(void)snprintf(out, len,
			       "%" PRIu64 " entries, %" PRIu64
			       " published %lld s ago, %zu wait",
			       s.acknowledged, s.published,
			       at > 0 ? (long long)(saksi_time_now() - at) : 0, queued);
}
