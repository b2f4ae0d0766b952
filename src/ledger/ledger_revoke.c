/* Undoing what a key said after it was stolen. */
#include "ledger/ledger_inner.h"

#include <string.h>

/* From which index on this record's signers are revoked, with the revocations of
 * `k` (may be NULL) on top of those recorded. */
static bool undone(const struct saksi_ledger *l, const struct saksi_record *rec,
		   const struct saksi_keys *k)
{
	if (rec->revoked || rec->statement.kind == SAKSI_KIND_KEYS)
		return false;
	for (size_t i = 0; i < rec->keyid_count; i++) {
		const struct saksi_ledger_key *key =
		    saksi_ledger_key_find(l, &rec->keyids[i]);

		if (key->revoked_from <= rec->index)
			return true;
		for (size_t n = 0; k != NULL && n < k->revoked_count; n++)
			if (k->revoked[n].from <= rec->index &&
			    memcmp(k->revoked[n].key, key->key, SAKSI_KEY_LEN) == 0)
				return true;
	}
	return false;
}

size_t saksi_revoked_count(const struct saksi_ledger *l, const struct saksi_keys *k)
{
	size_t count = 0;

	if (k->revoked_count == 0)
		return 0;
	for (const struct saksi_record *rec = l->records; rec != NULL; rec = rec->next)
		count += undone(l, rec, k);
	return count;
}

static void unlink_plan(struct saksi_ledger *l, const struct saksi_ledger_plan *plan)
{
	struct saksi_ledger_plan *before = NULL, *at = l->plans;

	while (at != plan) {
		before = at;
		at = at->next;
	}
	if (before == NULL)
		l->plans = at->next;
	else
		before->next = at->next;
	if (l->last_plan == at)
		l->last_plan = before;
	saksi_ledger_server_find(l, plan->plan.server)->plans--;
}

static void unlink_audit(struct saksi_ledger *l, const struct saksi_ledger_audit *audit)
{
	struct saksi_ledger_audit *before = NULL, *at = l->audits;

	while (at != audit) {
		before = at;
		at = at->next;
	}
	if (before == NULL)
		l->audits = at->next;
	else
		before->next = at->next;
	if (l->last_audit == at)
		l->last_audit = before;
}

/* The newest inventory that still counts. */
static void newest_inventory(struct saksi_ledger *l)
{
	const struct saksi_ledger_inventory *n = l->inventories;

	while (n != NULL && n->record->verdict != SAKSI_OK)
		n = n->older;
	l->inventory_record = n == NULL ? NULL : n->record;
	l->inventory = n == NULL ? (struct saksi_inventory){0} : n->inventory;
	for (size_t i = 0; i < l->inventory.server_count; i++)
		saksi_ledger_server_find(l, l->inventory.servers[i].server)->listed =
		    n->record;
}

static void end_undone(struct saksi_ledger *l, struct saksi_record *rec)
{
	struct saksi_ledger_plan *plan = rec->plan;

	if (plan->audit != NULL && plan->audit->record == rec) {
		unlink_audit(l, plan->audit);
		plan->audit = NULL;
	} else if (plan->abandoned == rec) {
		plan->abandoned = NULL;
	} else if (plan->extra_claims > 0) {
		plan->extra_claims--;
		plan->broken = plan->extra_claims > 0;
	}
}

static void effect_undone(struct saksi_ledger *l, struct saksi_record *rec)
{
	switch (rec->statement.kind) {
	case SAKSI_KIND_PLAN:
		if (rec->plan != NULL)
			unlink_plan(l, rec->plan);
		break;
	case SAKSI_KIND_AUDIT:
	case SAKSI_KIND_ABANDONED:
		if (rec->plan != NULL)
			end_undone(l, rec);
		break;
	case SAKSI_KIND_DISCLOSURE:
	case SAKSI_KIND_EXTENSION:
	case SAKSI_KIND_ACCEPTANCE:
		for (size_t i = 0;
		     rec->audit != NULL && i < rec->audit->audit.failure_count; i++)
			saksi_failure_derive(&rec->audit->failures[i]);
		break;
	case SAKSI_KIND_INVENTORY:
		newest_inventory(l);
		break;
	case SAKSI_KIND_KEYS:
	case SAKSI_KIND_OBSERVATION:
	case SAKSI_KIND_HEARTBEAT:
	case SAKSI_KIND_OTHER:
		break;
	}
}

/* What a thief said is no sign of life. */
static void last_heard(struct saksi_ledger *l)
{
	for (struct saksi_ledger_author *a = l->authors; a != NULL; a = a->next)
		a->last_utc = 0;
	for (const struct saksi_record *rec = l->records; rec != NULL; rec = rec->next)
		if (rec->stepped && !rec->revoked)
			rec->author->last_utc = rec->statement.time_utc;
}

void saksi_revoked_undo(struct saksi_ledger *l, struct saksi_ledger_told *told)
{
	const struct saksi_ledger_told *first = told;

	for (struct saksi_record *rec = l->records; rec != NULL; rec = rec->next) {
		if (!undone(l, rec, NULL))
			continue;
		rec->revoked = true;
		rec->verdict = SAKSI_REFUSED;
		rec->reason = "its key was revoked from an earlier entry on";
		effect_undone(l, rec);
		told->alarm =
		    (struct saksi_alarm){SAKSI_ALARM_REVOKED, rec->index,
					 rec->statement.author, rec->reason, 0};
		saksi_told_add(l, told++);
	}
	if (told != first)
		last_heard(l);
}
