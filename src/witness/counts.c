#include "witness/counts.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* A clock set back by less than this is told only when it matters. */
#define SKEW_S 60

static const unsigned statuses[SAKSI_WITNESS_STATUSES] = {200, 400, 403, 404,
							  409, 422, 503, 0};

void saksi_witness_count(struct saksi_witness_counts *c, unsigned status,
			 uint64_t took_us)
{
	size_t i = 0;

	while (i + 1 < SAKSI_WITNESS_STATUSES && statuses[i] != status)
		i++;
	atomic_fetch_add_explicit(&c->answers[i], 1, memory_order_relaxed);
	atomic_store_explicit(&c->last, status, memory_order_relaxed);
	saksi_meter_add(&c->answer, took_us, 1);
}

/* ---- as metrics */

enum { SIZE, COSIGNED, PER_LOG };
static const char *const log_names[PER_LOG] = {
    "saksi_witness_log_entries", "saksi_witness_log_cosigned_timestamp_seconds"};
static const char *const log_says[PER_LOG] = {
    "Entries in the tree cosigned last.",
    "When the log was last cosigned, in seconds since 1970; 0: never."};
static const char *const kinds[] = {"root", "empty", "proof"};
#define KINDS (sizeof kinds / sizeof kinds[0])

struct counting {
	struct saksi_metrics *m;
	int what;
	uint64_t logs, kept[KINDS];
};

static void put_log(void *ctx, const struct saksi_witness_log *l)
{
	struct counting *c = ctx;
	struct saksi_label one = {"origin", l->origin};
	int64_t at = l->cosigned_utc > 0 ? l->cosigned_utc : 0;

	c->logs++;
	saksi_metrics_put(c->m, &one, 1, c->what == SIZE ? l->size : (uint64_t)at);
}

static void count_seen(void *ctx, const struct saksi_witness_seen *s)
{
	struct counting *c = ctx;

	for (size_t i = 0; i < KINDS; i++)
		c->kept[i] += strcmp(s->kind, kinds[i]) == 0;
}

static void put_looks(struct saksi_witness *w, struct saksi_metrics *m)
{
	struct counting c = {.m = m};
	bool whole = true;

	for (c.what = 0; c.what < PER_LOG; c.what++) {
		saksi_metrics_family(m, log_names[c.what], SAKSI_GAUGE,
				     log_says[c.what]);
		c.logs = 0;
		whole = saksi_witness_each_log(w, put_log, &c) == SAKSI_OK && whole;
	}
	whole = saksi_witness_each_seen(w, count_seen, &c) == SAKSI_OK && whole;
	saksi_metrics_one(m, "saksi_witness_logs", SAKSI_GAUGE,
			  "Logs this witness knows.", c.logs);
	saksi_metrics_family(m, "saksi_witness_evidence", SAKSI_GAUGE,
			     "Refused checkpoints that were kept: root and empty prove "
			     "that a log lied, proof asks for a look.");
	for (size_t i = 0; i < KINDS; i++) {
		struct saksi_label one = {"kind", saksi_bytes_of(kinds[i])};

		saksi_metrics_put(m, &one, 1, c.kept[i]);
	}
	saksi_metrics_one(m, "saksi_witness_state_readable", SAKSI_GAUGE,
			  "0 when the state could not be read just now.", whole);
}

void saksi_witness_metrics(struct saksi_witness *w, struct saksi_metrics *m)
{
	const struct saksi_witness_counts *c = saksi_witness_counts(w);
	int64_t at = 0;

	saksi_metrics_family(m, "saksi_witness_answers_total", SAKSI_COUNTER,
			     "Answers to add-checkpoint, by status.");
	for (size_t i = 0; i < SAKSI_WITNESS_STATUSES; i++) {
		char text[16];
		struct saksi_label one = {"status", saksi_bytes_of("other")};

		if (statuses[i] != 0) {
			(void)snprintf(text, sizeof text, "%u", statuses[i]);
			one.value = saksi_bytes_of(text);
		}
		saksi_metrics_put(
		    m, &one, 1,
		    atomic_load_explicit(&c->answers[i], memory_order_relaxed));
	}
	saksi_metrics_family(m, "saksi_witness_answer_duration_seconds",
			     SAKSI_HISTOGRAM,
			     "Time from a whole request to its answer.");
	saksi_metrics_put_meter(m, NULL, 0, &c->answer);
	if (saksi_witness_signed(w, &at) == SAKSI_OK)
		saksi_metrics_one(m, "saksi_witness_signed_timestamp_seconds",
				  SAKSI_GAUGE,
				  "When any log was last cosigned, in seconds since "
				  "1970; 0: never.",
				  at > 0 ? (uint64_t)at : 0);
	put_looks(w, m);
}

enum saksi_err saksi_witness_health(struct saksi_witness *w, int64_t now_utc,
				    struct saksi_why *why)
{
	const struct saksi_witness_counts *c = saksi_witness_counts(w);
	char when[SAKSI_TIME_TEXT_LEN + 1];
	int64_t at;

	if (saksi_witness_signed(w, &at) != SAKSI_OK)
		return saksi_why_set(why, SAKSI_IO, "state.db cannot be read");
	if (now_utc <= 0 || now_utc + SKEW_S < at) {
		saksi_time_text(at, when);
		return saksi_why_set(why, SAKSI_REFUSED,
				     "the clock went back: it was %s when this witness "
				     "last signed; nothing is cosigned until then",
				     when);
	}
	if (atomic_load_explicit(&c->last, memory_order_relaxed) == 503)
		return saksi_why_set(
		    why, SAKSI_IO,
		    "the last request was answered 503: the clock went "
		    "back or the disk is full or broken");
	return SAKSI_OK;
}
