/* The vectors in tests/vectors, made by tests/judge/note/cmd/gen with
 * golang.org/x/mod.  Tests run from the top of the project. */
#ifndef VECTORS_H
#define VECTORS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/json.h"

#define VECTORS_MAX (1U << 20)

/* Everything lives in *a, which the caller maps and ends. */
static inline const struct saksi_json *vectors_load(const char *path,
						    struct saksi_arena *a)
{
	const struct saksi_json *v = NULL;
	struct saksi_fault f = {.what = ""};
	FILE *file = fopen(path, "rb");
	uint8_t *text = saksi_arena_new(a, VECTORS_MAX, 1);
	size_t len;

	if (file == NULL)
		fail_msg("%s is not here; run from the top of the project", path);
	assert_non_null(text);
	len = fread(text, 1, VECTORS_MAX, file);
	assert_true(len < VECTORS_MAX);
	assert_int_equal(fclose(file), 0);
	if (saksi_json_parse((struct saksi_bytes){text, len}, a, &v, &f) != SAKSI_OK)
		fail_msg("%s, byte %zu: %s", path, f.at, f.what);
	return v;
}

static inline struct saksi_bytes vectors_str(const struct saksi_json *v,
					     const char *key)
{
	struct saksi_bytes s;

	assert_int_equal(saksi_json_str(v, key, &s), SAKSI_OK);
	return s;
}

static inline uint64_t vectors_u64(const struct saksi_json *v, const char *key)
{
	uint64_t n;

	assert_int_equal(saksi_json_u64(v, key, &n), SAKSI_OK);
	return n;
}

#endif
