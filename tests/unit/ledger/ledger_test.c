/* The ledger on its true road: everything said rightly holds. */
#include "world.h"

static void everything_in_order(void **state)
{
	struct world w;
	struct kept k, k2;
	const struct saksi_record *plan, *audit, *later, *rec;
	struct saksi_finding f[2];
	struct saksi_disclosed items[2];
	struct saksi_bytes addendum;
	struct draft d;

	(void)state;
	world_with_inventory(&w);
	plan = say_plan(&w);
	audit = say_audit(&w, plan, "pfnfcep", &k);
	CHECK(audit->audit->audit.failure_count == 2 &&
	      plan->plan->audit == audit->audit);
	d = draft_observation(&w, SOC, &audit->id);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	d = draft_observation(&w, OBS, &plan->id);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	d = draft_heartbeat(&w, AUD2);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	w.now += 10 * DAY;
	later = say_audit(&w, say_plan(&w), "ppnfcep", &k2);

	f[0] = finding_of(&w, &k, 1); /* rule 1, fixed */
	fixed_by(&w, &f[0], &k2, &later->id, 1);
	f[1] = finding_of(&w, &k, 0); /* rule 3, by choice */
	items[0] = (struct saksi_disclosed){k.failure_leaves[0], false};
	items[1] = (struct saksi_disclosed){k.failure_leaves[1], true};
	addendum = addendum_of(&w, &audit->id, f, 2);
	d = draft_disclosure(&w, KPU, &audit->id, items, 2, addendum);
	rec = put(&w, &d);
	must_be(rec, SAKSI_OK, NULL);
	CHECK(audit->audit->failures[1].disclosed == rec);
	CHECK(audit->audit->failures[1].opened == SAKSI_MISSING);
	CHECK(!audit->audit->failures[1].fixed);
	CHECK(saksi_ledger_openings(&w.ledger, rec, addendum, NULL) == SAKSI_OK);
	CHECK(audit->audit->failures[1].fixed && !audit->audit->failures[0].fixed);
	CHECK(audit->audit->failures[0].opened == SAKSI_OK);

	d = draft_postponed(&w, SAKSI_KIND_EXTENSION, &later->id, &k2.failure_leaves[0],
			    k2.failures[0].disclose_by_utc + 90 * DAY);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	CHECK(later->audit->failures[0].due_utc ==
	      k2.failures[0].disclose_by_utc + 90 * DAY);
	d = draft_postponed(&w, SAKSI_KIND_ACCEPTANCE, &later->id,
			    &k2.failure_leaves[0], w.now + 730 * DAY);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	CHECK(later->audit->failures[0].due_utc == w.now + 730 * DAY);
	plan = say_plan(&w);
	d = draft_abandoned(&w, AUD, &plan->id);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	CHECK(plan->plan->abandoned != NULL && !plan->plan->broken);
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_FALSE_ENTRY, NULL) == 0);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everything_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
