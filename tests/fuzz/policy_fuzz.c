/* rooms: base crypto note */
/* Whatever is taken is well formed: members stand before their groups, nobody
 * is a member twice, thresholds can be met, and more cosigners never make a
 * quorum fail. */
#include <stdlib.h>
#include <string.h>

#include "note/policy.h"

static void check(const struct saksi_policy *p)
{
	static bool taken[2 * SAKSI_POLICY_MAX], has[2 * SAKSI_POLICY_MAX];
	bool met, before;

	memset(taken, 0, sizeof(taken));
	memset(has, 0, sizeof(has));
	if (p->quorum < -1 || p->quorum >= (int32_t)p->party_count)
		abort();
	for (uint32_t i = 0; i < p->party_count; i++) {
		const struct saksi_policy_party *q = &p->parties[i];

		if (q->is_group && (q->k < 1 || q->k > q->member_count || q->known))
			abort();
		for (uint32_t m = 0; m < q->member_count; m++) {
			if (q->members[m] >= i || taken[q->members[m]])
				abort();
			taken[q->members[m]] = true;
		}
	}
	before = saksi_policy_met(p, has);
	if (before != (p->quorum < 0))
		abort();
	for (uint32_t i = 0; i < p->party_count; i++) {
		has[i] = true;
		met = saksi_policy_met(p, has);
		if (before && !met)
			abort();
		before = met;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[1U << 22];
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_fault f = {.at = 0};
	struct saksi_policy p;

	if (saksi_policy_read((struct saksi_bytes){data, size}, &a, &p, &f) == SAKSI_OK)
		check(&p);
	else if (f.what == NULL || f.at > size + 1 || f.line == 0)
		abort();
	return 0;
}
