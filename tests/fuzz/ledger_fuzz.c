/* rooms: base crypto statement ledger merkle note */
/* A log of payloads, each behind a byte that says who signs (bits 0 to 2 the roots,
 * 3 to 7 the authors in the ledger's order) and two bytes of length.  Signatures all
 * count as good: what the rules do with well-signed nonsense.  `would` must say what
 * apply does, and a second reading of the same log must end the same. */
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"

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

static void judge(struct saksi_ledger *l, struct saksi_bytes entry)
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
}

static void sign(struct saksi_envelope *e, const struct saksi_ledger *l, uint8_t who)
{
	const struct saksi_ledger_author *a = l->authors;

	for (unsigned i = 0; i < 8; i++) {
		const uint8_t *key = i < 3 ? l->roots.keys[i].key : NULL;

		if (i >= 3 && a != NULL) {
			key = a->key;
			a = a->next;
		}
		if (key != NULL && (who & 1U << i) != 0)
			e->sigs[e->sig_count++].keyid = saksi_keyid(key);
	}
}

/* Seals the payload as its author would: its own addenda, no true signature. */
static void apply(struct saksi_ledger *l, uint8_t who, struct saksi_bytes payload)
{
	static uint8_t text[1U << 17], entry[SAKSI_ENTRY_MAX];
	struct saksi_buf t = saksi_buf_fixed(text, sizeof(text));
	struct saksi_buf b = saksi_buf_fixed(entry, sizeof(entry));
	struct saksi_envelope e = {.payload = payload};
	struct saksi_statement s = {.addenda_count = 0};
	size_t mark = l->arena->used;

	sign(&e, l, who);
	if (saksi_envelope_write(&e, &t) != SAKSI_OK)
		return;
	if (saksi_statement_read(payload, l->arena, &s, NULL) != SAKSI_OK)
		s.addenda_count = 0;
	if (saksi_entry_write(saksi_buf_bytes(&t), s.addenda, (uint8_t)s.addenda_count,
			      &b) != SAKSI_OK)
		return;
	saksi_arena_rewind(l->arena, mark);
	judge(l, saksi_buf_bytes(&b));
}

/* Openings of no disclosure are of none. */
static void open_all(struct saksi_ledger *l, struct saksi_bytes some)
{
	for (const struct saksi_record *r = l->records; r != NULL; r = r->next)
		if (saksi_ledger_openings(l, r, some, NULL) == SAKSI_OK)
			abort();
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

	for (unsigned i = 0; i < 3; i++)
		memset(roots.keys[i].key, (int)i + 1, 32);
	saksi_limits_default(&limits);
	saksi_ledger_begin(&l, &a, &roots, &limits);
	while (c.left.len > 0 && c.ok) {
		uint8_t who = saksi_cursor_u8(&c);
		struct saksi_bytes payload =
		    saksi_cursor_take(&c, saksi_cursor_be16(&c));

		if (c.ok)
			apply(&l, who, payload);
	}
	open_all(&l, (struct saksi_bytes){data, size});
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
