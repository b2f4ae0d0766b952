/* rooms: engine
 *
 * Before the first NUL a content, behind it results: read or refused.  What is
 * read is about rules of the content only, and adds up. */
#include "engine/results.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct saksi_arena arena;

static void check_results(const struct saksi_scap_content *c, struct saksi_bytes text)
{
	struct saksi_scap_results r;
	struct saksi_fault f;
	size_t all = 0;

	if (saksi_scap_results_read(text, c, &arena, &r, &f) != SAKSI_OK)
		return;
	for (int i = 0; i < SAKSI_SCAP_RESULTS; i++)
		all += r.count[i];
	if (all != c->rule_count || strlen(r.engine) >= sizeof(r.engine))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char usual[] =
	    "<d:data-stream-collection xmlns:d='http://scap.nist.gov/schema/scap/"
	    "source/1.2'><Benchmark xmlns='http://checklists.nist.gov/xccdf/1.2'>"
	    "<Rule id='a'/><Rule id='b'/></Benchmark></d:data-stream-collection>";
	const uint8_t *end = size == 0 ? NULL : memchr(data, 0, size);
	size_t n = end == NULL ? size : (size_t)(end - data);
	struct saksi_scap_content c;
	struct saksi_fault f;

	if (arena.base == NULL && saksi_arena_map(&arena, 64U << 20) != SAKSI_OK)
		return 0;
	saksi_arena_rewind(&arena, 0);
	if (saksi_scap_content_read((struct saksi_bytes){data, n}, &arena, &c, &f) ==
	    SAKSI_OK) {
		(void)saksi_scap_content_fits(&c, "debian", "12");
		if (saksi_scap_content_select(&c, saksi_scap_content_profile(&c)) >
		    c.rule_count)
			__builtin_trap();
		if (end != NULL)
			check_results(&c, (struct saksi_bytes){end + 1, size - n - 1});
	}
	/* The same bytes as results of a content that is well known. */
	saksi_arena_rewind(&arena, 0);
	if (saksi_scap_content_read(saksi_bytes_of(usual), &arena, &c, &f) != SAKSI_OK)
		__builtin_trap();
	check_results(&c, (struct saksi_bytes){data, size});
	return 0;
}
