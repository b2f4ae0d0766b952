/* The rules of add-checkpoint as a table: requests by states to answers. */
#include "fixture.h"

#include "witness/decide.h"

static uint8_t arena_room[1 << 17];

static struct saksi_witness_held held_of(const struct history *h, uint64_t size)
{
	return (struct saksi_witness_held){size, size > 0 ? root_at(h, size)
							  : saksi_hash_empty()};
}

static struct saksi_witness_ask read_one(const struct request *q)
{
	static char room[16384];
	struct saksi_arena a = {arena_room, 0, sizeof arena_room};
	struct saksi_witness_ask ask;
	struct saksi_fault f = {0};
	if (saksi_witness_read(write_request(q, room, sizeof room), &a, &ask, &f) !=
	    SAKSI_OK)
		fail_msg("%s", f.what);
	return ask;
}

static const struct saksi_hash zero;

static void the_table(void **state)
{
	static const struct {
		uint64_t held;
		struct request q;
		unsigned status;
		enum saksi_witness_evidence evidence;
	} cases[] = {
	    /* the first one, whatever its size */
	    {0, {.old_size = 0, .size = 0, .of = &truth}, 200, 0},
	    {0, {.old_size = 0, .size = 1, .of = &truth}, 200, 0},
	    {0, {.old_size = 0, .size = 300, .of = &truth}, 200, 0},
	    {0, {.old_size = 0, .size = 7, .of = &truth, .long_proof = true}, 422, 0},
	    {0, {.old_size = 0, .size = 0, .of = &truth, .long_proof = true}, 422, 0},
	    {0,
	     {.old_size = 0, .size = 0, .of = &truth, .root = &zero},
	     422,
	     SAKSI_EVIDENCE_EMPTY},
	    {0, {.old_size = 1, .size = 7, .of = &truth}, 409, 0},
	    /* growth */
	    {3, {.old_size = 3, .size = 4, .of = &truth}, 200, 0},
	    {255, {.old_size = 255, .size = 257, .of = &truth}, 200, 0},
	    {3, {.old_size = 3, .size = 300, .of = &lie}, 200, 0},
	    {7, {.old_size = 7, .size = 300, .of = &lie}, 422, SAKSI_EVIDENCE_PROOF},
	    {7,
	     {.old_size = 7, .size = 9, .of = &truth, .no_proof = true},
	     422,
	     SAKSI_EVIDENCE_PROOF},
	    {7,
	     {.old_size = 7, .size = 9, .of = &truth, .long_proof = true},
	     422,
	     SAKSI_EVIDENCE_PROOF},
	    /* the same again */
	    {7, {.old_size = 7, .size = 7, .of = &truth}, 200, 0},
	    {7, {.old_size = 7, .size = 7, .of = &truth, .long_proof = true}, 422, 0},
	    {7, {.old_size = 7, .size = 7, .of = &lie}, 422, SAKSI_EVIDENCE_ROOT},
	    {7,
	     {.old_size = 7, .size = 7, .of = &truth, .root = &zero},
	     422,
	     SAKSI_EVIDENCE_ROOT},
	    /* never backwards, never from elsewhere */
	    {7, {.old_size = 7, .size = 6, .of = &truth}, 400, 0},
	    {7, {.old_size = 8, .size = 7, .of = &truth}, 400, 0},
	    {7, {.old_size = 8, .size = 7, .of = &lie}, 400, SAKSI_EVIDENCE_ROOT},
	    {7, {.old_size = 6, .size = 6, .of = &truth}, 409, 0},
	    {7, {.old_size = 0, .size = 6, .of = &truth}, 409, 0},
	    {7, {.old_size = 0, .size = 7, .of = &truth}, 409, 0},
	    {7, {.old_size = 0, .size = 7, .of = &lie}, 409, SAKSI_EVIDENCE_ROOT},
	    {7, {.old_size = 3, .size = 9, .of = &truth}, 409, 0},
	    {7, {.old_size = 8, .size = 9, .of = &truth}, 409, 0},
	    {7, {.old_size = 0, .size = 0, .of = &truth}, 409, 0},
	    {7,
	     {.old_size = 0, .size = 0, .of = &truth, .root = &zero},
	     409,
	     SAKSI_EVIDENCE_EMPTY},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct saksi_witness_held held = held_of(&truth, cases[i].held);
		struct saksi_witness_ask ask = read_one(&cases[i].q);
		struct saksi_witness_verdict v = saksi_witness_decide(&ask, &held);
		if (v.status != cases[i].status || v.evidence != cases[i].evidence)
			fail_msg("case %zu: %u %s, evidence %d", i, v.status, v.says,
				 (int)v.evidence);
		assert_non_null(v.says);
	}
}

/* Every pair of sizes: 200 exactly when it grows from what is held by true
 * proof, and never for the other history. */
static void every_pair(void **state)
{
	(void)state;
	for (uint64_t held = 0; held <= 24; held++)
		for (uint64_t old = 0; old <= 24; old++)
			for (uint64_t size = 0; size <= 24; size++)
				for (int false_one = 0; false_one < 2; false_one++) {
					const struct history *h =
					    false_one ? &lie : &truth;
					struct saksi_witness_held s =
					    held_of(&truth, held);
					struct request q = {
					    .old_size = old, .size = size, .of = h};
					struct saksi_witness_ask ask = read_one(&q);
					unsigned got =
					    saksi_witness_decide(&ask, &s).status;
					bool fits = !false_one || held <= 5;
					unsigned want = old > size    ? 400
							: old != held ? 409
							: fits        ? 200
								      : 422;
					if (got != want)
						fail_msg("held %d old %d size %d "
							 "false %d: %u",
							 (int)held, (int)old, (int)size,
							 false_one, got);
				}
}

static enum saksi_err trusts(const struct request *q, const struct saksi_vkey *keys,
			     size_t count, size_t *lines)
{
	static char room[16384];
	static uint8_t more[1 << 16];
	struct saksi_arena b = {more, 0, sizeof more};
	struct saksi_witness_ask ask;
	assert_int_equal(
	    saksi_witness_read(write_request(q, room, sizeof room), &b, &ask, NULL),
	    SAKSI_OK);
	enum saksi_err err = saksi_witness_trusts(&ask, keys, count, &b);
	*lines = 0;
	for (size_t i = 0; i < ask.log_lines.len; i++)
		*lines += ask.log_lines.at[i] == '\n';
	return err;
}

static void who_signed(void **state)
{
	struct saksi_vkey both[] = {log_key, other_key}, same_name = other_key;
	struct request q = {.size = 7, .of = &truth};
	size_t lines;
	(void)state;
	assert_int_equal(trusts(&q, both, 1, &lines), SAKSI_OK);
	assert_int_equal(lines, 1);
	assert_int_equal(trusts(&q, both, 2, &lines), SAKSI_OK);
	assert_int_equal(lines, 1);
	assert_int_equal(trusts(&q, both + 1, 1, &lines), SAKSI_REFUSED);
	q.other_line = true; /* unknown keys are ignored, and not kept */
	assert_int_equal(trusts(&q, both, 1, &lines), SAKSI_OK);
	assert_int_equal(lines, 1);
	assert_int_equal(trusts(&q, both, 2, &lines), SAKSI_OK);
	assert_int_equal(lines, 2);
	q.bad_line = true; /* a known key's bad line spoils a good one beside it */
	assert_int_equal(trusts(&q, both, 1, &lines), SAKSI_REFUSED);
	assert_int_equal(trusts(&q, both, 2, &lines), SAKSI_REFUSED);
	assert_int_equal(trusts(&q, both + 1, 1, &lines), SAKSI_OK);
	q = (struct request){
	    .size = 7, .of = &truth, .twice = true, .other_line = true};
	assert_int_equal(trusts(&q, both, 1, &lines), SAKSI_REFUSED);
	assert_int_equal(trusts(&q, both, 2, &lines), SAKSI_REFUSED);
	assert_int_equal(trusts(&q, both + 1, 1, &lines), SAKSI_OK);
	q = (struct request){.size = 7, .of = &truth, .no_log_line = true};
	assert_int_equal(trusts(&q, both, 1, &lines), SAKSI_REFUSED);
	/* a key of the same name with another id */
	same_name.name = log_key.name;
	same_name.id = saksi_vkey_id(same_name.name, same_name.type, same_name.key);
	q = (struct request){.size = 7, .of = &truth};
	assert_int_equal(trusts(&q, &same_name, 1, &lines), SAKSI_REFUSED);
}

static void unreadable(void **state)
{
	static char room[16384];
	struct request q = {.old_size = 3, .size = 7, .of = &truth};
	struct saksi_bytes body = write_request(&q, room, sizeof room);
	struct saksi_witness_ask ask;
	(void)state;
	for (size_t cut = 0; cut < body.len; cut++) {
		struct saksi_arena a = {arena_room, 0, sizeof arena_room};
		struct saksi_bytes part = {body.at, cut};
		assert_int_equal(saksi_witness_read(part, &a, &ask, NULL),
				 SAKSI_MALFORMED);
	}
	/* a size no database and no cosigner holds */
	const char *at = memmem(body.at, body.len, "\n7\n", 3);
	char big[16384];
	size_t head = (size_t)(at + 1 - room);
	memcpy(big, room, head);
	int n = snprintf(big + head, sizeof big - head, "9223372036854775808%.*s",
			 (int)(body.len - head - 1), room + head + 1);
	struct saksi_arena a = {arena_room, 0, sizeof arena_room};
	struct saksi_bytes b = {(uint8_t *)big, head + (size_t)n};
	assert_int_equal(saksi_witness_read(b, &a, &ask, NULL), SAKSI_MALFORMED);
	big[head + 18] = '7';
	a.used = 0;
	assert_int_equal(saksi_witness_read(b, &a, &ask, NULL), SAKSI_OK);
	assert_int_equal(ask.point.size, INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_table),
	    cmocka_unit_test(every_pair),
	    cmocka_unit_test(who_signed),
	    cmocka_unit_test(unreadable),
	};
	return cmocka_run_group_tests(tests, make_logs, free_logs);
}
