/* What time brings, what revocations take away, and each alarm at its instant and
 * not one second before. */
#include "world.h"

static void silent_plan(void **state)
{
	struct world w;
	struct saksi_alarm a;
	const struct saksi_record *plan, *other;
	struct kept k;
	struct draft d;
	int64_t deadline;

	(void)state;
	world_with_inventory(&w);
	plan = say_plan(&w);
	deadline = plan->plan->plan.deadline_utc;
	CHECK(alarms_of(&w, deadline, SAKSI_ALARM_SILENT_PLAN, NULL) == 0);
	CHECK(alarms_of(&w, deadline + 1, SAKSI_ALARM_SILENT_PLAN, &a) == 1);
	CHECK(a.index == plan->index && a.since_utc == deadline);
	CHECK(saksi_bytes_is(a.who, "server-a"));
	other = say_plan(&w);
	CHECK(alarms_of(&w, deadline + 1, SAKSI_ALARM_SILENT_PLAN, NULL) == 2);
	w.now = deadline + DAY; /* late, but it came */
	(void)say_audit(&w, plan, "ppppppp", &k);
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_SILENT_PLAN, &a) == 1);
	CHECK(a.index == other->index);
	d = draft_abandoned(&w, AUD, &other->id);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_SILENT_PLAN, NULL) == 0);
	world_end(&w);
}

static void overdue(void **state)
{
	struct world w;
	struct saksi_alarm a;
	struct kept k;
	const struct saksi_record *audit;
	struct draft d;
	int64_t due, until;

	(void)state;
	world_with_inventory(&w);
	audit = say_audit(&w, say_plan(&w), "pfppppp", &k);
	due = k.failures[0].disclose_by_utc;
	CHECK(alarms_of(&w, due, SAKSI_ALARM_OVERDUE, NULL) == 0);
	CHECK(alarms_of(&w, due + 1, SAKSI_ALARM_OVERDUE, &a) == 1);
	CHECK(a.index == audit->index && a.since_utc == due);
	until = due + 10 * DAY;
	w.now = due - DAY;
	d = draft_postponed(&w, SAKSI_KIND_EXTENSION, &audit->id, &k.failure_leaves[0],
			    until);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	CHECK(alarms_of(&w, until, SAKSI_ALARM_OVERDUE, NULL) == 0);
	CHECK(alarms_of(&w, until + 1, SAKSI_ALARM_OVERDUE, &a) == 1);
	CHECK(a.since_utc == until);
	world_end(&w);
}

/* A date of one's own choosing buys nothing before it has come. */
static void postponed_from_the_future(void **state)
{
	struct world w;
	struct kept k;
	const struct saksi_record *audit;
	struct draft d;
	int64_t due, said;

	(void)state;
	world_with_inventory(&w);
	audit = say_audit(&w, say_plan(&w), "pfppppp", &k);
	due = k.failures[0].disclose_by_utc;
	said = due + 4000 * DAY;
	w.now = said;
	d = draft_postponed(&w, SAKSI_KIND_ACCEPTANCE, &audit->id, &k.failure_leaves[0],
			    said + 700 * DAY);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	CHECK(alarms_of(&w, due + 1, SAKSI_ALARM_OVERDUE, NULL) == 1);
	CHECK(alarms_of(&w, said - 1, SAKSI_ALARM_OVERDUE, NULL) == 1);
	CHECK(alarms_of(&w, said, SAKSI_ALARM_OVERDUE, NULL) == 0);
	CHECK(saksi_ledger_due(&audit->audit->failures[0], due) == due);
	world_end(&w);
}

static void openings_decide(void **state)
{
	struct world w;
	struct kept k;
	const struct saksi_record *audit, *rec, *again;
	struct saksi_finding f;
	struct saksi_disclosed item;
	struct saksi_bytes text, right;
	struct saksi_alarm a;
	struct saksi_fault why;
	struct draft d;
	int64_t due;

	(void)state;
	world_with_inventory(&w);
	audit = say_audit(&w, say_plan(&w), "pfppppp", &k);
	due = k.failures[0].disclose_by_utc;
	item = (struct saksi_disclosed){k.failure_leaves[0], false};
	f = finding_of(&w, &k, 0);
	right = addendum_of(&w, &audit->id, &f, 1);
	f.detail = saksi_bytes_of("something milder");
	text = addendum_of(&w, &audit->id, &f, 1);
	d = draft_disclosure(&w, KPU, &audit->id, &item, 1, text);
	rec = put(&w, &d);
	must_be(rec, SAKSI_OK, NULL);
	/* Disclosed in public; whoever has not fetched the openings cannot tell. */
	CHECK(alarms_of(&w, due + 1, SAKSI_ALARM_OVERDUE, NULL) == 0);
	CHECK(saksi_ledger_openings(&w.ledger, rec, right, &why) == SAKSI_MISSING);
	CHECK(alarms_of(&w, due + 1, SAKSI_ALARM_OVERDUE, NULL) == 0);
	CHECK(saksi_ledger_openings(&w.ledger, rec, text, &why) == SAKSI_REFUSED);
	assert_string_equal(why.what, "the detail is not what was sealed");
	CHECK(saksi_ledger_openings(&w.ledger, rec, text, &why) == SAKSI_REFUSED);
	CHECK(alarms_of(&w, due, SAKSI_ALARM_FALSE_ENTRY, &a) == 1);
	CHECK(a.index == rec->index);
	CHECK(alarms_of(&w, due, SAKSI_ALARM_OVERDUE, NULL) == 0);
	CHECK(alarms_of(&w, due + 1, SAKSI_ALARM_OVERDUE, &a) == 1);
	assert_string_equal(a.what, "a failure whose openings are false");

	d = draft_disclosure(&w, KPU, &audit->id, &item, 1, right);
	again = put(&w, &d);
	must_be(again, SAKSI_OK, NULL);
	CHECK(alarms_of(&w, due + 1, SAKSI_ALARM_OVERDUE, NULL) == 0);
	CHECK(saksi_ledger_openings(&w.ledger, again, right, NULL) == SAKSI_OK);
	CHECK(audit->audit->failures[0].disclosed == again);
	CHECK(audit->audit->failures[0].opened == SAKSI_OK);
	CHECK(saksi_ledger_openings(&w.ledger, audit, right, NULL) == SAKSI_MISSING);
	world_end(&w);
}

static void openings_as_disclosed(void **state)
{
	struct world w;
	struct kept k, k2;
	const struct saksi_record *audit, *rec, *later;
	struct saksi_finding f[2];
	struct saksi_disclosed items[2];
	struct saksi_bytes text;
	struct saksi_fault why;
	struct draft d;

	(void)state;
	world_with_inventory(&w);
	audit = say_audit(&w, say_plan(&w), "pffpppp", &k);
	items[0] = (struct saksi_disclosed){k.failure_leaves[0], false};
	items[1] = (struct saksi_disclosed){k.failure_leaves[1], false};
	f[0] = f[1] = finding_of(&w, &k, 0);
	text = addendum_of(&w, &audit->id, f, 2);
	d = draft_disclosure(&w, KPU, &audit->id, items, 2, text);
	CHECK(saksi_ledger_openings(&w.ledger, put(&w, &d), text, &why) ==
	      SAKSI_REFUSED);
	assert_string_equal(why.what, "one failure opened twice");
	text = addendum_of(&w, &audit->id, f, 1);
	d = draft_disclosure(&w, KPU, &audit->id, items, 2, text);
	CHECK(saksi_ledger_openings(&w.ledger, put(&w, &d), text, &why) ==
	      SAKSI_REFUSED);
	assert_string_equal(why.what, "more or fewer openings than disclosed");
	d = draft_disclosure(&w, KPU, &audit->id, &items[1], 1, text);
	CHECK(saksi_ledger_openings(&w.ledger, put(&w, &d), text, &why) ==
	      SAKSI_REFUSED);
	assert_string_equal(why.what, "an opening of what was not disclosed");
	items[0].fixed = true; /* said to be fixed, opened without proof */
	d = draft_disclosure(&w, KPU, &audit->id, items, 1, text);
	CHECK(saksi_ledger_openings(&w.ledger, put(&w, &d), text, &why) ==
	      SAKSI_REFUSED);
	assert_string_equal(why.what, "an opening of what was not disclosed");
	text = addendum_of(&w, &w.ledger.records->id, f, 1);
	d = draft_disclosure(&w, KPU, &audit->id, items, 1, text);
	CHECK(saksi_ledger_openings(&w.ledger, put(&w, &d), text, &why) ==
	      SAKSI_REFUSED);
	assert_string_equal(why.what, "openings of another audit");
	/* Fixed by an audit that comes after the disclosure is not yet fixed. */
	fixed_by(&w, &f[0], &k, &audit->id, 0);
	f[0].later_audit = hash_n(1);
	text = addendum_of(&w, &audit->id, f, 1);
	d = draft_disclosure(&w, KPU, &audit->id, items, 1, text);
	rec = put(&w, &d);
	CHECK(saksi_ledger_openings(&w.ledger, rec, text, &why) == SAKSI_REFUSED);
	assert_string_equal(why.what, "fixed, but there is no later audit");
	w.now += DAY;
	later = say_audit(&w, say_plan(&w), "ppppppp", &k2);
	fixed_by(&w, &f[0], &k2, &later->id, k.failed[0]);
	text = addendum_of(&w, &audit->id, f, 1);
	d = draft_disclosure(&w, KPU, &audit->id, items, 1, text);
	CHECK(saksi_ledger_openings(&w.ledger, put(&w, &d), text, &why) == SAKSI_OK);
	CHECK(audit->audit->failures[0].fixed);
	text = saksi_bytes_of("{\"version\":1}");
	d = draft_disclosure(&w, KPU, &audit->id, &items[1], 1, text);
	CHECK(saksi_ledger_openings(&w.ledger, put(&w, &d), text, &why) ==
	      SAKSI_MALFORMED);
	CHECK(audit->audit->failures[1].opened == SAKSI_REFUSED ||
	      audit->audit->failures[1].opened == SAKSI_MALFORMED);
	text = saksi_bytes_of("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[");
	d = draft_disclosure(&w, KPU, &audit->id, &items[1], 1, text);
	CHECK(saksi_ledger_openings(&w.ledger, put(&w, &d), text, &why) ==
	      SAKSI_MALFORMED);
	text = saksi_bytes_of("{\"version\":2,\"more\":[]}");
	d = draft_disclosure(&w, KPU, &audit->id, &items[1], 1, text);
	CHECK(saksi_ledger_openings(&w.ledger, put(&w, &d), text, &why) == SAKSI_NEWER);
	CHECK(audit->audit->failures[1].opened == SAKSI_NEWER);
	world_end(&w);
}

/* Who knows a later audit's id already may name it, but not before it stands. */
static void fixed_too_early(void **state)
{
	struct world w;
	struct kept k, k2;
	const struct saksi_record *audit, *rec, *later;
	struct saksi_finding f;
	struct saksi_disclosed item;
	struct saksi_bytes text, next;
	struct saksi_envelope e;
	struct saksi_entry entry;
	struct saksi_fault why;
	struct draft d;

	(void)state;
	world_with_inventory(&w);
	audit = say_audit(&w, say_plan(&w), "pfppppp", &k);
	w.now += DAY;
	audit_of(&w, say_plan(&w), "ppppppp", &k2);
	d = draft_audit(&w, AUD, &k2.audit);
	next = sealed(&w, &d);
	CHECK(saksi_entry_read(next, &entry, NULL) == SAKSI_OK);
	CHECK(saksi_envelope_read(entry.envelope, &w.scratch, &e, NULL) == SAKSI_OK);
	item = (struct saksi_disclosed){k.failure_leaves[0], true};
	f = finding_of(&w, &k, 0);
	fixed_by(&w, &f, &k2, &e.id, 1);
	text = addendum_of(&w, &audit->id, &f, 1);
	d = draft_disclosure(&w, KPU, &audit->id, &item, 1, text);
	rec = put(&w, &d);
	later = put_entry(&w, next);
	must_be(later, SAKSI_OK, NULL);
	CHECK(saksi_hash_same(&later->id, &e.id));
	CHECK(saksi_ledger_openings(&w.ledger, rec, text, &why) == SAKSI_REFUSED);
	assert_string_equal(why.what, "fixed, but there is no later audit");
	CHECK(!audit->audit->failures[0].fixed);
	world_end(&w);
}

static void silence(void **state)
{
	struct world w;
	struct draft d;
	struct saksi_alarm a;
	const int64_t quiet = DAY + 3600;
	int64_t heard;

	(void)state;
	world_begin(&w);
	w.actor[AUD].heartbeat_s = DAY;
	say_keys(&w);
	heard = w.now; /* never spoke: since the keys */
	CHECK(alarms_of(&w, heard + quiet, SAKSI_ALARM_SILENCE, NULL) == 0);
	CHECK(alarms_of(&w, heard + quiet + 1, SAKSI_ALARM_SILENCE, &a) == 1);
	CHECK(saksi_bytes_is(a.who, "auditor-1") && a.since_utc == heard);
	heard = w.now = heard + 1000;
	d = draft_heartbeat(&w, AUD);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	CHECK(alarms_of(&w, heard + quiet, SAKSI_ALARM_SILENCE, NULL) == 0);
	CHECK(alarms_of(&w, heard + quiet + 1, SAKSI_ALARM_SILENCE, &a) == 1);
	CHECK(a.index == 1);
	/* Dated ahead by more than the grace. */
	w.now = heard + 100 * DAY;
	d = draft_heartbeat(&w, AUD);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	CHECK(alarms_of(&w, w.now - 3600, SAKSI_ALARM_SILENCE, NULL) == 0);
	CHECK(alarms_of(&w, w.now - 3601, SAKSI_ALARM_SILENCE, &a) == 1);
	assert_string_equal(a.what, "its last statement is dated in the future");
	/* Out of the newest keys: nobody waits for it. */
	w.now = heard + 2 * quiet;
	saksi_signer_free(w.actor[AUD].signer);
	w.actor[AUD].signer = NULL;
	say_keys(&w);
	CHECK(alarms_of(&w, w.now + 999 * DAY, SAKSI_ALARM_SILENCE, NULL) == 0);
	world_end(&w);
}

static void named_again(void **state)
{
	struct world w;
	struct saksi_signer *signer;

	(void)state;
	world_begin(&w);
	w.actor[AUD].heartbeat_s = DAY;
	say_keys(&w);
	signer = w.actor[AUD].signer;
	w.actor[AUD].signer = NULL;
	w.now += 10 * DAY;
	say_keys(&w);
	w.actor[AUD].signer = signer;
	w.now += 10 * DAY;
	say_keys(&w);
	CHECK(alarms_of(&w, w.now + DAY + 3600, SAKSI_ALARM_SILENCE, NULL) == 0);
	CHECK(alarms_of(&w, w.now + DAY + 3601, SAKSI_ALARM_SILENCE, NULL) == 1);
	world_end(&w);
}

static void unaudited(void **state)
{
	struct world w;
	struct saksi_alarm a;

	(void)state;
	world_with_inventory(&w);
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_UNAUDITED, NULL) == 2);
	(void)say_plan(&w);
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_UNAUDITED, &a) == 1);
	CHECK(saksi_bytes_is(a.who, "server-b") && a.index == 1);
	world_end(&w);
}

/* ---- revocation */

/* Rotates the auditor's key and revokes the old one from `from` on. */
static void revoke_auditor(struct world *w, uint64_t from, uint8_t seed)
{
	saksi_signer_public(w->actor[AUD].signer, w->revoked[w->revoked_count].key);
	w->revoked[w->revoked_count++].from = from;
	saksi_signer_free(w->actor[AUD].signer);
	w->actor[AUD].signer = signer_of(seed);
	say_keys(w);
}

static void revoked_from_its_index(void **state)
{
	struct world w;
	struct kept k, k2;
	struct saksi_alarm a;
	const struct saksi_record *plan, *audit, *stolen, *first_plan, *rec;
	struct saksi_signer *old = signer_of(100 + AUD);
	struct draft d;

	(void)state;
	world_with_inventory(&w);
	first_plan = say_plan(&w);
	(void)say_audit(&w, first_plan, "pfppppp", &k);
	plan = say_plan(&w);
	stolen = say_audit(&w, plan, "ppppppp", &k2);
	CHECK(w.ledger.audits->next == stolen->audit);
	revoke_auditor(&w, stolen->index, 61);
	CHECK(stolen->revoked && stolen->verdict == SAKSI_REFUSED && !plan->revoked);
	CHECK(plan->plan->audit == NULL && w.ledger.audits->next == NULL);
	CHECK(w.ledger.last_audit == w.ledger.audits);
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_REVOKED, &a) == 1);
	CHECK(a.index == stolen->index);
	CHECK(alarms_of(&w, w.now + 2 * DAY, SAKSI_ALARM_SILENT_PLAN, NULL) == 1);
	/* Nothing more by that key. */
	d = draft_heartbeat(&w, AUD);
	d.signers[0] = old;
	rec = put(&w, &d);
	must_be(rec, SAKSI_REFUSED, "signed by a revoked key");
	CHECK(rec->revoked && !rec->stepped);
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_REVOKED, NULL) == 2);
	/* The plan can be ended rightly; the chain goes on after the thief's. */
	audit = say_audit(&w, plan, "pfppppp", &k2);
	CHECK(plan->plan->audit == audit->audit && !plan->plan->broken);
	CHECK(w.ledger.audits->next == audit->audit);
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_FALSE_ENTRY, NULL) == 0);
	saksi_signer_free(old);
	world_end(&w);
}

static void revoked_is_never_unrevoked(void **state)
{
	struct world w;
	const struct saksi_record *a, *b;
	struct saksi_signer *old = signer_of(100 + AUD);
	struct draft d;

	(void)state;
	world_with_inventory(&w);
	a = say_plan(&w);
	b = say_plan(&w);
	revoke_auditor(&w, b->index, 62);
	CHECK(!a->revoked && b->revoked);
	w.revoked[0].from = 1000; /* later than said before: changes nothing */
	say_keys(&w);
	CHECK(b->revoked);
	d = draft_heartbeat(&w, AUD);
	d.signers[0] = old;
	must_be(put(&w, &d), SAKSI_REFUSED, "signed by a revoked key");
	w.revoked_count = 0;
	say_keys(&w);
	CHECK(b->revoked && !a->revoked);
	w.revoked_count = 1;
	w.revoked[0].from = a->index; /* earlier: takes more */
	say_keys(&w);
	CHECK(a->revoked && w.ledger.plans == NULL && w.ledger.last_plan == NULL);
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_UNAUDITED, NULL) == 2);
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_REVOKED, NULL) == 3);
	CHECK(alarms_of(&w, w.now + 9 * DAY, SAKSI_ALARM_SILENT_PLAN, NULL) == 0);
	saksi_signer_free(old);
	world_end(&w);
}

static void revocation_from_a_later_index(void **state)
{
	struct world w;
	struct draft d;

	(void)state;
	world_with_inventory(&w);
	saksi_signer_public(w.actor[AUD].signer, w.revoked[0].key);
	w.revoked[0].from = w.ledger.size + 2;
	w.revoked_count = 1;
	say_keys(&w);
	d = draft_heartbeat(&w, AUD);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	d = draft_heartbeat(&w, AUD);
	must_be(put(&w, &d), SAKSI_REFUSED, "signed by a revoked key");
	world_end(&w);
}

/* Every effect of a stolen key goes: second ends, disclosures, postponements,
 * inventories, and the sign of life. */
static void revocation_undoes(void **state)
{
	struct world w;
	struct kept k;
	const struct saksi_record *plan, *audit, *rec;
	struct saksi_finding f;
	struct saksi_disclosed item;
	struct saksi_bytes text;
	struct draft d;
	int64_t due;

	(void)state;
	world_begin(&w);
	w.actor[KPU].heartbeat_s = DAY;
	say_keys(&w);
	d = draft_inventory(&w, "server-a", "server-b");
	must_be(put(&w, &d), SAKSI_OK, NULL);
	plan = say_plan(&w);
	audit = say_audit(&w, plan, "pfppppp", &k);
	due = k.failures[0].disclose_by_utc;
	item = (struct saksi_disclosed){k.failure_leaves[0], false};
	f = finding_of(&w, &k, 0);
	text = addendum_of(&w, &audit->id, &f, 1);
	w.now += DAY;
	d = draft_disclosure(&w, KPU, &audit->id, &item, 1, text);
	rec = put(&w, &d);
	CHECK(saksi_ledger_openings(&w.ledger, rec, text, NULL) == SAKSI_OK);
	d = draft_postponed(&w, SAKSI_KIND_EXTENSION, &audit->id, &k.failure_leaves[0],
			    due + DAY);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	d = draft_inventory(&w, "server-z", NULL);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_UNAUDITED, NULL) == 1);

	saksi_signer_public(w.actor[KPU].signer, w.revoked[0].key);
	w.revoked[0].from = rec->index;
	w.revoked_count = 1;
	saksi_signer_free(w.actor[KPU].signer);
	w.actor[KPU].signer = signer_of(63);
	say_keys(&w);
	CHECK(audit->audit->failures[0].disclosed == NULL);
	CHECK(audit->audit->failures[0].opened == SAKSI_MISSING);
	CHECK(audit->audit->failures[0].due_utc == due);
	CHECK(audit->audit->failures[0].extended == NULL);
	CHECK(saksi_ledger_due(&audit->audit->failures[0], w.now) == due);
	CHECK(alarms_of(&w, due + 1, SAKSI_ALARM_OVERDUE, NULL) == 1);
	CHECK(w.ledger.inventory.server_count == 2);
	CHECK(w.ledger.inventory_record->index == 1);
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_UNAUDITED, NULL) == 1);
	CHECK(saksi_ledger_openings(&w.ledger, rec, text, NULL) == SAKSI_MISSING);
	(void)say_plan(&w); /* server-a is in the newest inventory again */
	CHECK(alarms_of(&w, NOON + DAY + 3600, SAKSI_ALARM_SILENCE, NULL) == 0);
	CHECK(alarms_of(&w, NOON + DAY + 3601, SAKSI_ALARM_SILENCE, NULL) == 1);
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_REVOKED, NULL) == 3);
	world_end(&w);
}

static void revoked_second_end(void **state)
{
	struct world w;
	struct kept k;
	const struct saksi_record *plan, *second;
	struct draft d;

	(void)state;
	world_with_inventory(&w);
	plan = say_plan(&w);
	(void)say_audit(&w, plan, "pfppppp", &k);
	audit_of(&w, plan, "ppppppp", &k);
	d = draft_audit(&w, AUD, &k.audit);
	second = put(&w, &d);
	must_be(second, SAKSI_REFUSED, "a second end of one plan");
	CHECK(plan->plan->broken);
	revoke_auditor(&w, second->index, 64);
	CHECK(!plan->plan->broken && plan->plan->audit != NULL);
	CHECK(second->revoked);
	world_end(&w);
}

/* Words once said with a stolen key can be said again with the new one. */
static void said_again_with_the_new_key(void **state)
{
	struct world w;
	struct saksi_plan p;
	struct draft d;
	const struct saksi_record *old, *rec;

	(void)state;
	world_with_inventory(&w);
	p = plan_of(&w, "server-a");
	d = draft_plan(&w, AUD, &p);
	old = put(&w, &d);
	must_be(old, SAKSI_OK, NULL);
	revoke_auditor(&w, old->index, 65);
	CHECK(old->revoked && w.ledger.plans == NULL);
	d.signers[0] = w.actor[AUD].signer;
	rec = put(&w, &d);
	must_be(rec, SAKSI_OK, NULL);
	CHECK(!rec->repeat && !rec->stepped && w.ledger.plans == rec->plan);
	CHECK(saksi_ledger_find(&w.ledger, &rec->id) == rec);
	world_end(&w);
}

/* ---- alarms stand in log order */

static void in_log_order(void **state)
{
	struct world w;
	struct heard h;
	struct draft d;

	(void)state;
	world_with_inventory(&w);
	(void)say_plan(&w);
	(void)put_entry(&w, saksi_bytes_of("junk"));
	(void)say_plan(&w);
	d = draft_heartbeat(&w, SOC);
	d.s.sequence = 7;
	(void)put(&w, &d);
	revoke_auditor(&w, 2, 66);
	memset(&h, 0, sizeof(h));
	saksi_ledger_alarms(&w.ledger, w.now, hear, &h);
	CHECK(h.count == 6);
	CHECK(h.a[0].kind == SAKSI_ALARM_REVOKED && h.a[0].index == 2);
	CHECK(h.a[1].kind == SAKSI_ALARM_FALSE_ENTRY && h.a[1].index == 3);
	CHECK(h.a[2].kind == SAKSI_ALARM_REVOKED && h.a[2].index == 4);
	CHECK(h.a[3].kind == SAKSI_ALARM_GAP && h.a[3].index == 5);
	CHECK(h.a[4].kind == SAKSI_ALARM_UNAUDITED);
	(void)put_entry(&w, saksi_bytes_of("more junk"));
	memset(&h, 0, sizeof(h));
	saksi_ledger_alarms(&w.ledger, w.now, hear, &h);
	CHECK(h.a[4].kind == SAKSI_ALARM_FALSE_ENTRY && h.a[4].index == 7);
	for (unsigned i = 0; i <= SAKSI_ALARM_UNAUDITED; i++)
		assert_non_null(saksi_alarm_name((enum saksi_alarm_kind)i));
	assert_string_equal(saksi_alarm_name(SAKSI_ALARM_TWO_AUDITS), "two-audits");
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(silent_plan),
	    cmocka_unit_test(overdue),
	    cmocka_unit_test(postponed_from_the_future),
	    cmocka_unit_test(openings_decide),
	    cmocka_unit_test(openings_as_disclosed),
	    cmocka_unit_test(fixed_too_early),
	    cmocka_unit_test(silence),
	    cmocka_unit_test(named_again),
	    cmocka_unit_test(unaudited),
	    cmocka_unit_test(revoked_from_its_index),
	    cmocka_unit_test(revoked_is_never_unrevoked),
	    cmocka_unit_test(revocation_from_a_later_index),
	    cmocka_unit_test(revocation_undoes),
	    cmocka_unit_test(revoked_second_end),
	    cmocka_unit_test(said_again_with_the_new_key),
	    cmocka_unit_test(in_log_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
