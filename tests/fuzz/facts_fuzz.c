/* rooms: facts
 *
 * Any bytes: read or refused.  What was read whole is written again in the
 * order of the stream and gives the same facts. */
#include "facts/facts.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct saksi_arena arena;
static struct saksi_buf out;

static enum saksi_err sink(void *ctx, struct saksi_bytes piece)
{
	(void)ctx;
	saksi_buf_put(&out, piece);
	return saksi_buf_check(&out);
}

static const char *cstr(struct saksi_bytes b)
{
	char *s = saksi_arena_new(&arena, b.len + 1, 1);

	for (size_t i = 0; s && i < b.len; i++)
		s[i] = (char)b.at[i];
	return s ? s : "";
}

/* Facts in the order of their lines, which is not that of `sorted`. */
static void write_again(const struct saksi_facts *facts, uint32_t lines)
{
	static struct saksi_facts_writer w;

	saksi_facts_begin(&w, sink, NULL);
	for (uint32_t line = 2; line <= lines + 1; line++)
		for (size_t i = 0; i < facts->count; i++) {
			const struct saksi_fact *f = facts->sorted[i];
			if (f->line == line)
				saksi_facts_put(&w, cstr(f->section), f->subject,
						cstr(f->attribute), f->value);
		}
	if (saksi_facts_end(&w) != SAKSI_OK)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct saksi_facts a, b;
	uint32_t lines = 0;

	if (!arena.base && saksi_arena_map(&arena, (size_t)64 << 20) != SAKSI_OK)
		abort();
	if (!out.max)
		out = saksi_buf_growing((size_t)16 << 20);
	saksi_arena_rewind(&arena, 0);
	saksi_buf_clear(&out);
	if (saksi_facts_parse((struct saksi_bytes){data, size}, &arena, &a, NULL) !=
	    SAKSI_OK)
		return 0;
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	if (lines > 200)
		return 0;
	write_again(&a, lines);
	if (saksi_facts_parse(saksi_buf_bytes(&out), &arena, &b, NULL) != SAKSI_OK ||
	    !b.whole || a.count != b.count)
		abort();
	for (size_t i = 0; i < a.count; i++)
		if (!saksi_bytes_same(a.sorted[i]->subject, b.sorted[i]->subject) ||
		    !saksi_bytes_same(a.sorted[i]->value, b.sorted[i]->value))
			abort();
	return 0;
}
