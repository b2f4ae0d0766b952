/* What must be told, found while applying or brought by time. */
#include "ledger/ledger_inner.h"

const char *saksi_alarm_name(enum saksi_alarm_kind k)
{
	static const char *const names[] = {
	    [SAKSI_ALARM_FALSE_ENTRY] = "false-entry",
	    [SAKSI_ALARM_GAP] = "gap",
	    [SAKSI_ALARM_EQUIVOCATION] = "equivocation",
	    [SAKSI_ALARM_NO_PLAN] = "no-plan",
	    [SAKSI_ALARM_TWO_AUDITS] = "two-audits",
	    [SAKSI_ALARM_SILENT_PLAN] = "silent-plan",
	    [SAKSI_ALARM_OVERDUE] = "overdue",
	    [SAKSI_ALARM_SILENCE] = "silence",
	    [SAKSI_ALARM_REVOKED] = "revoked",
	    [SAKSI_ALARM_UNAUDITED] = "unaudited",
	};

	return names[k];
}

void saksi_told_add(struct saksi_ledger *l, struct saksi_ledger_told *t)
{
	struct saksi_ledger_told **at = &l->alarms;

	if (l->last_alarm == NULL || l->last_alarm->alarm.index <= t->alarm.index) {
		if (l->last_alarm == NULL)
			l->alarms = t;
		else
			l->last_alarm->next = t;
		l->last_alarm = t;
		return;
	}
	/* A revocation speaks of older entries. */
	while ((*at)->alarm.index <= t->alarm.index)
		at = &(*at)->next;
	t->next = *at;
	*at = t;
}

/* ---- failures */

/* Openings that hold before those nobody looked at, before false ones. */
static int rank(enum saksi_err opened)
{
	if (opened == SAKSI_OK)
		return 3;
	if (opened == SAKSI_MISSING)
		return 2;
	return opened == SAKSI_NEWER ? 1 : 0;
}

static void derive_act(struct saksi_ledger_failure *f, const struct saksi_ledger_act *a)
{
	enum saksi_kind kind = a->record->statement.kind;

	if (kind == SAKSI_KIND_DISCLOSURE) {
		if (f->disclosed == NULL || rank(a->opened) > rank(f->opened)) {
			f->disclosed = a->record;
			f->opened = a->opened;
		}
		f->fixed = f->fixed || (a->fixed && a->opened == SAKSI_OK);
		return;
	}
	if (kind == SAKSI_KIND_EXTENSION)
		f->extended = a->record;
	else
		f->accepted = a->record;
	if (a->until_utc > f->due_utc)
		f->due_utc = a->until_utc;
}

void saksi_failure_derive(struct saksi_ledger_failure *f)
{
	f->due_utc = f->failure->disclose_by_utc;
	f->disclosed = f->extended = f->accepted = NULL;
	f->opened = SAKSI_MISSING;
	f->fixed = false;
	for (const struct saksi_ledger_act *a = f->acts; a != NULL; a = a->next)
		if (a->record->verdict == SAKSI_OK)
			derive_act(f, a);
}

int64_t saksi_ledger_due(const struct saksi_ledger_failure *f, int64_t now)
{
	int64_t due = f->failure->disclose_by_utc;

	for (const struct saksi_ledger_act *a = f->acts; a != NULL; a = a->next)
		if (a->record->verdict == SAKSI_OK &&
		    a->record->statement.kind != SAKSI_KIND_DISCLOSURE &&
		    a->record->statement.time_utc <= now && a->until_utc > due)
			due = a->until_utc;
	return due;
}

static bool opened_false(const struct saksi_ledger_failure *f)
{
	return f->opened == SAKSI_REFUSED || f->opened == SAKSI_MALFORMED;
}

/* ---- what time brings */

struct telling {
	int64_t now;
	void (*tell)(void *ctx, const struct saksi_alarm *a);
	void *ctx;
};

static void tell_one(const struct telling *t, struct saksi_alarm a)
{
	t->tell(t->ctx, &a);
}

static void tell_silence(const struct saksi_ledger *l, const struct telling *t)
{
	for (const struct saksi_ledger_author *a = l->authors; a != NULL; a = a->next) {
		int64_t heard = a->last_utc > a->since_utc ? a->last_utc : a->since_utc;
		int64_t until, ahead;

		if (!a->active || a->heartbeat_s == 0)
			continue;
		if (__builtin_add_overflow(t->now, l->limits.silence_s, &ahead) ||
		    __builtin_add_overflow(heard, a->heartbeat_s, &until) ||
		    __builtin_add_overflow(until, l->limits.silence_s, &until))
			continue;
		/* A statement dated ahead must not buy silence until then. */
		if (heard > ahead)
			tell_one(t, (struct saksi_alarm){
					SAKSI_ALARM_SILENCE, a->last_index, a->name,
					"its last statement is dated in the future",
					heard});
		else if (t->now > until)
			tell_one(t, (struct saksi_alarm){
					SAKSI_ALARM_SILENCE, a->last_index, a->name,
					"not heard from within its heartbeat", heard});
	}
}

static void tell_plans(const struct saksi_ledger *l, const struct telling *t)
{
	for (const struct saksi_ledger_plan *p = l->plans; p != NULL; p = p->next)
		if (p->audit == NULL && p->abandoned == NULL &&
		    t->now > p->plan.deadline_utc)
			tell_one(t, (struct saksi_alarm){
					SAKSI_ALARM_SILENT_PLAN, p->record->index,
					p->plan.server,
					"planned, and nothing followed in time",
					p->plan.deadline_utc});
}

static void tell_overdue(const struct saksi_ledger *l, const struct telling *t)
{
	for (const struct saksi_ledger_audit *a = l->audits; a != NULL; a = a->next)
		for (size_t i = 0; i < a->audit.failure_count; i++) {
			const struct saksi_ledger_failure *f = &a->failures[i];
			int64_t due = saksi_ledger_due(f, t->now);

			if (due >= t->now || (f->disclosed != NULL && !opened_false(f)))
				continue;
			tell_one(
			    t,
			    (struct saksi_alarm){
				SAKSI_ALARM_OVERDUE, a->record->index, a->audit.server,
				f->disclosed == NULL
				    ? "a failure neither opened nor postponed in time"
				    : "a failure whose openings are false",
				due});
		}
}

static void tell_unaudited(const struct saksi_ledger *l, const struct telling *t)
{
	for (size_t i = 0; i < l->inventory.server_count; i++) {
		struct saksi_bytes name = l->inventory.servers[i].server;

		if (saksi_ledger_server_find(l, name)->plans == 0)
			tell_one(t,
				 (struct saksi_alarm){
				     SAKSI_ALARM_UNAUDITED, l->inventory_record->index,
				     name, "in the inventory, never planned", 0});
	}
}

void saksi_ledger_alarms(const struct saksi_ledger *l, int64_t now,
			 void (*tell)(void *ctx, const struct saksi_alarm *a),
			 void *ctx)
{
	struct telling t = {now, tell, ctx};

	for (const struct saksi_ledger_told *n = l->alarms; n != NULL; n = n->next)
		tell(ctx, &n->alarm);
	/* What is absent may stand in entries this program cannot read. */
	if (l->newer_keys)
		return;
	tell_silence(l, &t);
	tell_plans(l, &t);
	tell_overdue(l, &t);
	tell_unaudited(l, &t);
}
