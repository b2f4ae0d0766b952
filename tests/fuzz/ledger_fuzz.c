/* rooms: base crypto statement merkle note */
/* A log of entries, each behind two bytes of length, whose signatures all count as
 * good: what the rules do with well-signed nonsense.  `would` must say what apply
 * does, nothing that was refused may leave a trace, and a second reading of the
 * same log must end the same. */
#include <stdlib.h>
#include <string.h>

#include "statement/ledger.h"

#define ROOM (64U << 20)

static void count(void *ctx, const struct saksi_alarm *a)
{
	size_t *n = ctx;

	if (a->what == NULL || saksi_alarm_name(a->kind) == NULL)
		abort();
	*n += 1 + (size_t)a->kind;
}

static void check_lists(const struct saksi_ledger *l)
{
	for (const struct saksi_ledger_plan *p = l->plans; p != NULL; p = p->next)
		if (p->record->verdict != SAKSI_OK || p->record->plan != p)
			abort();
	for (const struct saksi_ledger_audit *a = l->audits; a != NULL; a = a->next) {
		if (a->record->verdict != SAKSI_OK || a->record->audit != a ||
		    a->record->plan->audit != a)
			abort();
		for (size_t i = 0; i < a->audit.failure_count; i++)
			if (a->failures[i].due_utc <
			    a->failures[i].failure->disclose_by_utc)
				abort();
	}
	for (const struct saksi_record *r = l->records; r != NULL; r = r->next)
		if ((r->verdict == SAKSI_OK) != (r->reason == NULL) ||
		    (r->revoked && r->verdict != SAKSI_REFUSED))
			abort();
}

static void apply(struct saksi_ledger *l, struct saksi_bytes entry)
{
	static struct saksi_pending p;
	const struct saksi_record *rec = NULL;
	const char *reason = NULL;
	enum saksi_err would;

	if (saksi_ledger_prepare(l, entry, &p) != SAKSI_OK)
		return;
	for (size_t i = 0; i < p.check_count; i++)
		p.checks[i].answer = SAKSI_SIG_GOOD;
	would = saksi_ledger_would(l, &p, &reason);
	if (saksi_ledger_apply(l, &p, &rec) != SAKSI_OK)
		return;
	if (rec->verdict != would || rec->reason != reason)
		abort();
	if (rec->verdict == SAKSI_OK && rec->statement.addenda_count == 1)
		(void)saksi_ledger_openings(l, rec, entry, NULL);
}

static size_t read_log(const uint8_t *data, size_t size)
{
	static uint8_t room[ROOM];
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_cursor c = saksi_cursor_on((struct saksi_bytes){data, size});
	struct saksi_roots roots = {.key_count = 3, .quorum = 2};
	struct saksi_limits limits;
	struct saksi_ledger l;
	size_t told = 0;

	/* The keys of the seeds 0x01, 0x02, 0x03: the corpus is signed with them. */
	static const uint8_t keys[3][32] = {
	    {0x8a, 0x88, 0xe3, 0xdd, 0x74, 0x09, 0xf1, 0x95, 0xfd, 0x52, 0xdb,
	     0x2d, 0x3c, 0xba, 0x5d, 0x72, 0xca, 0x67, 0x09, 0xbf, 0x1d, 0x94,
	     0x12, 0x1b, 0xf3, 0x74, 0x88, 0x01, 0xb4, 0x0f, 0x6f, 0x5c},
	    {0x81, 0x39, 0x77, 0x0e, 0xa8, 0x7d, 0x17, 0x5f, 0x56, 0xa3, 0x54,
	     0x66, 0xc3, 0x4c, 0x7e, 0xcc, 0xcb, 0x8d, 0x8a, 0x91, 0xb4, 0xee,
	     0x37, 0xa2, 0x5d, 0xf6, 0x0f, 0x5b, 0x8f, 0xc9, 0xb3, 0x94},
	    {0xed, 0x49, 0x28, 0xc6, 0x28, 0xd1, 0xc2, 0xc6, 0xea, 0xe9, 0x03,
	     0x38, 0x90, 0x59, 0x95, 0x61, 0x29, 0x59, 0x27, 0x3a, 0x5c, 0x63,
	     0xf9, 0x36, 0x36, 0xc1, 0x46, 0x14, 0xac, 0x87, 0x37, 0xd1}};

	for (unsigned i = 0; i < 3; i++)
		memcpy(roots.keys[i].key, keys[i], 32);
	saksi_limits_default(&limits);
	saksi_ledger_begin(&l, &a, &roots, &limits);
	while (c.left.len > 0 && c.ok) {
		struct saksi_bytes entry = saksi_cursor_take(&c, saksi_cursor_be16(&c));

		if (c.ok)
			apply(&l, entry);
	}
	check_lists(&l);
	saksi_ledger_alarms(&l, 1795262400, count, &told);
	saksi_ledger_alarms(&l, INT64_MAX, count, &told);
	return told + (size_t)l.size * 1000003;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (read_log(data, size) != read_log(data, size))
		abort();
	return 0;
}
