/* Gathers facts from this machine, or from below a directory; judges nothing.
 *
 * Read-only: nothing is executed, written, waited for, or followed out of the
 * root.  docs/formats/facts.md is the catalogue of what is gathered. */
#ifndef SAKSI_COLLECT_COLLECT_H
#define SAKSI_COLLECT_COLLECT_H

#include "facts/facts.h"

struct saksi_collect_options {
	const char *root;                         /* NULL: this machine, running */
	struct saksi_bytes nonce;                 /* of the plan; empty: none */
	uint64_t checkpoint_size;                 /* with checkpoint_root */
	const struct saksi_hash *checkpoint_root; /* NULL: none */
	const char *collector;  /* name and version, e.g. "saksi 0.1" */
	int64_t now_utc;        /* when it began; ages are counted from here */
	int64_t (*clock)(void); /* asked once more at the end; NULL: no `ended` */
	bool no_walk;           /* leave out what needs the walk over all files */
	/* Told now and then how far we are, and of each path that is looked at
	 * by name; either may be NULL. */
	void (*progress)(void *ctx, const char *section, uint64_t files);
	void (*reads)(void *ctx, const char *path);
	void *ctx;
	/* Called once with the sections of other rooms, before the stream ends;
	 * its answer other than OK is saksi_collect's.  NULL: none. */
	enum saksi_err (*more)(void *ctx, struct saksi_facts_writer *w);
	void *more_ctx;
};

/* Writes a whole fact stream to the sink.
 *   OK       all sections have their coverage, whatever could be read
 *   MISSING  root is not there      IO, NOMEM
 *   or what the sink answered
 * Memory: under 32 MiB.  Cost: one system call for each file, five for each folder. */
SAKSI_MUST enum saksi_err saksi_collect(const struct saksi_collect_options *o,
					saksi_facts_sink *sink, void *ctx,
					struct saksi_why *w);
/* What saksi_collect would read, section by section, before it is read. */
void saksi_collect_list(struct saksi_buf *out);

#endif
