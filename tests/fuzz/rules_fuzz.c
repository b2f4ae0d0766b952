/* rooms: rules */
/* What is read is written in one form, which reads as the same set; and the
 * judge comes to a verdict on any rule without facts, never a pass. */
#include <stdlib.h>

#include "rules/judge.h"

#define ROOM (8U << 20)

static uint8_t room[2][ROOM], text[2][ROOM];

static enum saksi_err read_one(struct saksi_bytes b, struct saksi_arena *a,
			       struct saksi_rules *r, struct saksi_rules_fault *f)
{
	struct saksi_rule_file file = {{(const uint8_t *)"f.rules", 7}, b};

	return saksi_rules_read(&file, 1, a, r, f);
}

static void judge_nothing(const struct saksi_rules *r, struct saksi_arena *a)
{
	struct saksi_judgement *out = saksi_arena_new(a, r->count + 1, sizeof(*out));
	struct saksi_facts none = {.whole = true};
	struct saksi_judge_input in = {r, &none, NULL, 0};

	if (out == NULL || saksi_judge_facts(&in, a, out) != SAKSI_OK)
		return;
	for (size_t i = 0; i < r->count; i++)
		if (out[i].verdict != SAKSI_NOT_COVERED || out[i].detail.len == 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct saksi_arena a = {room[0], 0, ROOM}, b = {room[1], 0, ROOM};
	struct saksi_buf one = saksi_buf_fixed(text[0], ROOM);
	struct saksi_buf two = saksi_buf_fixed(text[1], ROOM);
	struct saksi_rules_fault f;
	struct saksi_rules r, again;
	struct saksi_why w;

	if (read_one((struct saksi_bytes){data, size}, &a, &r, &f) != SAKSI_OK) {
		if (f.what == NULL || f.line == 0)
			abort();
		saksi_rules_fault_say(&f, &w);
		return 0;
	}
	saksi_rules_write(&r, true, &one);
	if (read_one(saksi_buf_bytes(&one), &b, &again, &f) != SAKSI_OK)
		abort();
	saksi_rules_write(&again, true, &two);
	if (!saksi_bytes_same(saksi_buf_bytes(&one), saksi_buf_bytes(&two)) ||
	    !saksi_hash_same(&r.digest, &again.digest))
		abort();
	judge_nothing(&r, &a);
	return 0;
}
