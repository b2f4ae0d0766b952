/* Feeds text to a reader that touches no files; whatever it makes of it must
 * be a whole fact stream. */
#ifndef FUZZ_AUDIT_TEXT_H
#define FUZZ_AUDIT_TEXT_H

#include "collect/read_sections.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct saksi_buf fuzz_out;
static struct saksi_facts_writer fuzz_writer;
static struct saksi_gather fuzz_gather;
static struct saksi_arena fuzz_arena;

static enum saksi_err fuzz_sink(void *ctx, struct saksi_bytes piece)
{
	(void)ctx;
	saksi_buf_put(&fuzz_out, piece);
	return saksi_buf_check(&fuzz_out);
}

/* A gather with a writer of its own, and no section open. */
static inline void fuzz_ready(void)
{
	static const struct saksi_collect_options options = {.now_utc = 1799971200};

	if (!fuzz_arena.base &&
	    (saksi_arena_map(&fuzz_arena, (size_t)64 << 20) != SAKSI_OK ||
	     saksi_arena_map(&fuzz_gather.scratch, (size_t)16 << 20) != SAKSI_OK ||
	     saksi_arena_map(&fuzz_gather.keep, (size_t)16 << 20) != SAKSI_OK))
		abort();
	saksi_arena_rewind(&fuzz_arena, 0);
	saksi_arena_rewind(&fuzz_gather.keep, 0);
	if (!fuzz_out.max)
		fuzz_out = saksi_buf_growing((size_t)64 << 20);
	saksi_buf_clear(&fuzz_out);
	fuzz_gather.o = &options;
	fuzz_gather.w = &fuzz_writer;
	fuzz_gather.src.root = -1;
	saksi_facts_begin(&fuzz_writer, fuzz_sink, NULL);
}

static inline struct saksi_gather *fuzz_begin(const char *section)
{
	fuzz_ready();
	saksi_gather_open(&fuzz_gather, section);
	return &fuzz_gather;
}

/* All sections are closed. */
static inline void fuzz_check(void)
{
	struct saksi_facts facts;

	if (saksi_facts_end(&fuzz_writer) != SAKSI_OK)
		abort();
	if (saksi_facts_parse(saksi_buf_bytes(&fuzz_out), &fuzz_arena, &facts, NULL) !=
		SAKSI_OK ||
	    !facts.whole)
		abort();
}

static inline void fuzz_end(void)
{
	saksi_gather_close(&fuzz_gather);
	fuzz_check();
}

#endif
