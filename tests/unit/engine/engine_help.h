/* What the tests of the engine share. */
#ifndef ENGINE_HELP_H
#define ENGINE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "engine/results.h"
#include "store/files.h"

static struct saksi_arena arena;

static inline int arena_setup(void **state)
{
	(void)state;
	return saksi_arena_map(&arena, (size_t)256 << 20) == SAKSI_OK ? 0 : -1;
}

static inline int arena_teardown(void **state)
{
	(void)state;
	saksi_arena_end(&arena);
	return 0;
}

#define STREAM(benchmark)                                                              \
	"<d:data-stream-collection xmlns:d='http://scap.nist.gov/schema/scap/source/"  \
	"1.2'><d:component>" benchmark "</d:component></d:data-stream-collection>"
#define BENCHMARK(inside)                                                              \
	"<x:Benchmark xmlns:x='http://checklists.nist.gov/xccdf/1.2' id='b'>" inside   \
	"</x:Benchmark>"
#define DEBIAN12 "<x:platform idref='cpe:/o:debian:debian_linux:12'/>"
#define RULE(id) "<x:Rule id='" id "' severity='high'/>"
#define TOLD(id, result)                                                               \
	"<x:rule-result idref='" id "'><x:result>" result "</x:result></"              \
	"x:rule-result>"
#define TEST(inside)                                                                   \
	BENCHMARK("<x:TestResult test-system='cpe:/a:redhat:openscap:1.3.7'>" inside   \
		  "</x:TestResult>")

static inline enum saksi_err content_of(const char *text, struct saksi_scap_content *c)
{
	struct saksi_fault f;

	return saksi_scap_content_read(saksi_bytes_of(text), &arena, c, &f);
}

static inline enum saksi_err results_of(const char *text,
					const struct saksi_scap_content *c,
					struct saksi_scap_results *r)
{
	struct saksi_fault f;

	return saksi_scap_results_read(saksi_bytes_of(text), c, &arena, r, &f);
}

static inline const char *the_text(const char *path)
{
	struct saksi_buf b = saksi_buf_growing(1U << 20);
	struct saksi_bytes kept;

	assert_int_equal(saksi_file_read(AT_FDCWD, path, false, &b), SAKSI_OK);
	saksi_buf_put_u8(&b, 0);
	kept = saksi_arena_copy(&arena, saksi_buf_bytes(&b));
	saksi_buf_free(&b);
	return (const char *)kept.at;
}

#endif
