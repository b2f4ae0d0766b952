/* What a server counts of itself, in the words of Prometheus.
 *
 * Spec: the text exposition format 0.0.4.  A family is begun once, then its samples
 * follow.  Judge: tests/judge/metrics.sh.  Test: tests/unit/net/metrics_test.c */
#ifndef SAKSI_NET_METRICS_H
#define SAKSI_NET_METRICS_H

#include <stdatomic.h>

#include "base/buf.h"

#define SAKSI_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* How long things took.  Any thread adds, any thread reads; what is read may be a
 * moment old, but its total is never less than its parts. */
#define SAKSI_METER_BOUNDS 13
struct saksi_meter {
	_Atomic uint64_t in[SAKSI_METER_BOUNDS + 1]; /* the last: longer than all */
	_Atomic uint64_t sum_us;
};
/* `count` things took `us` microseconds each.  Cost: two atomic adds. */
void saksi_meter_add(struct saksi_meter *m, uint64_t us, uint64_t count);
/* Microseconds that never go back, from an arbitrary start. */
uint64_t saksi_meter_now(void);

enum saksi_metric_type { SAKSI_COUNTER, SAKSI_GAUGE, SAKSI_HISTOGRAM };
struct saksi_label {
	const char *name;
	struct saksi_bytes value; /* any bytes; what is no UTF-8 comes out as '?' */
};
struct saksi_metrics {
	struct saksi_buf *out;
	const char *name; /* of the family begun last */
};
/* help: one line without backslashes.  A counter's name ends in _total. */
void saksi_metrics_family(struct saksi_metrics *m, const char *name,
			  enum saksi_metric_type type, const char *help);
void saksi_metrics_put(struct saksi_metrics *m, const struct saksi_label *labels,
		       size_t count, uint64_t value);
/* The same, the value given in microseconds and written in seconds. */
void saksi_metrics_put_us(struct saksi_metrics *m, const struct saksi_label *labels,
			  size_t count, uint64_t us);
/* All samples of a histogram; at most SAKSI_METRICS_LABELS - 1 labels. */
#define SAKSI_METRICS_LABELS 4
void saksi_metrics_put_meter(struct saksi_metrics *m, const struct saksi_label *labels,
			     size_t count, const struct saksi_meter *v);
/* A family of one sample without labels. */
void saksi_metrics_one(struct saksi_metrics *m, const char *name,
		       enum saksi_metric_type type, const char *help, uint64_t value);

/* This process: process_* as every Prometheus client names them, and
 * saksi_build_info.  What is read under /proc is opened once, so that it still can
 * be read after rights were given up. */
struct saksi_process {
	int statm, fds; /* -1: not to be had, then that sample is left out */
	int64_t started_utc;
};
void saksi_process_begin(struct saksi_process *p, int64_t now_utc);
void saksi_process_end(struct saksi_process *p);
void saksi_process_metrics(const struct saksi_process *p, const char *version,
			   struct saksi_metrics *m);

#endif
