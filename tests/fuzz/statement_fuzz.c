/* rooms: base crypto statement merkle note */
/* Whatever is read can be written, and what was written reads as the same. */
#include <stdlib.h>
#include <string.h>

#include "statement/statement.h"

#define ROOM (8U << 20)
#define OUT (1U << 17)

union body {
	struct saksi_keys keys;
	struct saksi_inventory inventory;
	struct saksi_plan plan;
	struct saksi_audit audit;
	struct saksi_abandoned abandoned;
	struct saksi_observation observation;
	struct saksi_disclosure disclosure;
	struct saksi_postponed postponed;
	struct saksi_heartbeat heartbeat;
};

#define BOTH(noun)                                                                     \
	if (saksi_##noun##_read(s, a, &u.noun, f) != SAKSI_OK)                         \
		return false;                                                          \
	saksi_##noun##_write(&u.noun, b);                                              \
	return true

static bool rewrite(const struct saksi_statement *s, struct saksi_arena *a,
		    struct saksi_buf *b, struct saksi_fault *f)
{
	union body u;

	switch (s->kind) {
	case SAKSI_KIND_KEYS:
		BOTH(keys);
	case SAKSI_KIND_INVENTORY:
		BOTH(inventory);
	case SAKSI_KIND_PLAN:
		BOTH(plan);
	case SAKSI_KIND_AUDIT:
		BOTH(audit);
	case SAKSI_KIND_ABANDONED:
		BOTH(abandoned);
	case SAKSI_KIND_OBSERVATION:
		BOTH(observation);
	case SAKSI_KIND_DISCLOSURE:
		BOTH(disclosure);
	case SAKSI_KIND_EXTENSION:
	case SAKSI_KIND_ACCEPTANCE:
		BOTH(postponed);
	case SAKSI_KIND_HEARTBEAT:
		BOTH(heartbeat);
	case SAKSI_KIND_OTHER:
		break;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[ROOM], body[2][OUT], out[2][OUT];
	struct saksi_bytes text = {data, size};
	struct saksi_buf last = {0};

	for (unsigned turn = 0; turn < 2; turn++) {
		struct saksi_arena a = {room, 0, sizeof(room)};
		struct saksi_buf b = saksi_buf_fixed(body[turn], OUT);
		struct saksi_buf o = saksi_buf_fixed(out[turn], OUT);
		struct saksi_fault f = {.at = 0};
		struct saksi_statement s;

		enum saksi_err err = saksi_statement_read(text, &a, &s, &f);

		if (err != SAKSI_OK && (f.what == NULL || f.at > size + OUT))
			abort();
		if (err != SAKSI_OK || !rewrite(&s, &a, &b, &f)) {
			/* Only what never was one of ours may be unreadable. */
			if (turn == 1)
				abort();
			return 0;
		}
		err = saksi_statement_write(&s, saksi_buf_bytes(&b), &o);
		if (err == SAKSI_LIMIT)
			return 0;
		if (err != SAKSI_OK)
			abort();
		if (turn == 1 &&
		    !saksi_bytes_same(saksi_buf_bytes(&o), saksi_buf_bytes(&last)))
			abort();
		last = o;
		text = saksi_buf_bytes(&o);
	}
	return 0;
}
