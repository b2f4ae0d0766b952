/* Each rule of the ledger broken once, and refused in its own words. */
#include "world.h"

static void refused_for(struct world *w, struct draft d, const char *reason)
{
	must_be(put(w, &d), SAKSI_REFUSED, reason);
}

static size_t false_entries(const struct world *w)
{
	return alarms_of(w, w->now, SAKSI_ALARM_FALSE_ENTRY, NULL);
}

/* ---- keys */

static void keys_need_their_quorum(void **state)
{
	struct world w;
	struct draft d;

	(void)state;
	world_begin(&w);
	d = draft_heartbeat(&w, KPU);
	refused_for(&w, d, "before any keys statement");
	d = draft_keys(&w);
	d.signer_count = 1;
	refused_for(&w, d, "keys signed by too few of the pinned roots");
	d = draft_keys(&w);
	d.signers[2] = w.actor[KPU].signer;
	d.signer_count = 3;
	refused_for(&w, d, "signed by a key that nobody was given");
	d = draft_keys(&w);
	d.s.author = saksi_bytes_of("kpu");
	refused_for(&w, d, "keys that do not name the root as author");
	CHECK(!w.ledger.has_keys && w.root_actor.next == 0);
	d = draft_keys(&w);
	d.signers[2] = w.root[2];
	d.signer_count = 3;
	must_be(put(&w, &d), SAKSI_OK, NULL);
	CHECK(w.ledger.has_keys && w.ledger.root.next_sequence == 1);
	CHECK(false_entries(&w) == 4);
	world_end(&w);
}

/* A keys statement for one author with this name and key. */
static struct draft one_key(struct world *w, const char *name,
			    const struct saksi_signer *signer, size_t times)
{
	struct draft d = draft_of(w, &w->root_actor, SAKSI_KIND_KEYS);
	struct saksi_author_key a[2];
	struct saksi_keys k = {.authors = a, .author_count = times};
	struct saksi_buf b = scratch_buf(w, 4096);

	memset(a, 0, sizeof(a));
	a[0].author = saksi_bytes_of(name);
	a[0].role = saksi_bytes_of("auditor");
	saksi_signer_public(signer, a[0].key);
	a[1] = a[0];
	a[1].author = saksi_bytes_of("other");
	saksi_keys_write(&k, &b);
	d.body = saksi_buf_bytes(&b);
	d.s.subject = saksi_keys_subject(&k);
	d.signers[0] = w->root[0];
	d.signers[1] = w->root[2];
	d.signer_count = 2;
	return d;
}

static void keys_are_one_each(void **state)
{
	struct world w;
	struct draft d;

	(void)state;
	world_begin(&w);
	say_keys(&w);
	d = draft_keys(&w);
	d.s.subject = hash_n(3);
	refused_for(&w, d, "the subject is not the authors' keys");
	refused_for(&w, one_key(&w, "root", w.actor[AUD].signer, 1),
		    "the root named as an author");
	refused_for(&w, one_key(&w, "auditor-1", w.actor[AUD].signer, 2),
		    "one author or key named twice");
	refused_for(&w, one_key(&w, "auditor-1", w.root[1], 1),
		    "a root's key for an author");
	refused_for(&w, one_key(&w, "auditor-9", w.actor[AUD].signer, 1),
		    "another author's key given away");
	CHECK(saksi_ledger_author_find(&w.ledger, saksi_bytes_of("kpu"))->active);
	/* All five took a number of the root's: the chain goes on. */
	CHECK(w.ledger.root.next_sequence == 6);
	d = one_key(&w, "auditor-1", w.actor[AUD].signer, 1);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	CHECK(!saksi_ledger_author_find(&w.ledger, saksi_bytes_of("kpu"))->active);
	d = draft_heartbeat(&w, KPU);
	refused_for(&w, d, "signed by a key no longer in force");
	world_end(&w);
}

/* ---- who may sign */

static void signers(void **state)
{
	struct world w;
	struct draft d;
	struct saksi_signer *stranger = signer_of(99);

	(void)state;
	world_with_inventory(&w);
	d = draft_heartbeat(&w, KPU);
	d.signers[0] = stranger;
	refused_for(&w, d, "signed by a key that nobody was given");
	d.signers[0] = w.actor[AUD].signer;
	refused_for(&w, d, "not signed by its author");
	d.signers[0] = w.actor[KPU].signer;
	d.signers[1] = w.actor[AUD].signer;
	d.signer_count = 2;
	refused_for(&w, d, "signed by others than its author");
	d.signers[1] = stranger;
	refused_for(&w, d, "signed by a key that nobody was given");
	d.signers[0] = w.root[0];
	d.signer_count = 1;
	refused_for(&w, d, "signed by a key that nobody was given");
	CHECK(w.actor[KPU].next == 1);
	d = draft_inventory(&w, "server-a", NULL);
	d.by = &w.actor[AUD];
	d.s.author = saksi_bytes_of("auditor-1");
	d.s.sequence = 0;
	memset(&d.s.previous, 0, sizeof(d.s.previous));
	d.signers[0] = w.actor[AUD].signer;
	refused_for(&w, d, "its author may not sign this kind");
	CHECK(w.actor[AUD].next == 1); /* said, falsely */
	saksi_signer_free(stranger);
	world_end(&w);
}

static void rotated_key(void **state)
{
	struct world w;
	struct draft d;
	struct saksi_signer *old;

	(void)state;
	world_with_inventory(&w);
	old = w.actor[AUD].signer;
	w.actor[AUD].signer = signer_of(55);
	say_keys(&w);
	d = draft_heartbeat(&w, AUD);
	d.signers[0] = old;
	refused_for(&w, d, "signed by a key no longer in force");
	d = draft_heartbeat(&w, AUD);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	saksi_signer_free(old);
	world_end(&w);
}

static void false_and_unchecked_signatures(void **state)
{
	struct world w;
	struct draft d;
	struct saksi_pending p;
	const struct saksi_record *rec;
	const char *reason;
	struct saksi_bytes entry;

	(void)state;
	world_with_inventory(&w);
	d = draft_heartbeat(&w, KPU);
	entry = sealed(&w, &d);
	CHECK(saksi_ledger_prepare(&w.ledger, entry, &p) == SAKSI_OK);
	CHECK(p.check_count == 1);
	CHECK(saksi_ledger_would(&w.ledger, &p, &reason) == SAKSI_MISSING);
	p.checks[0].answer = SAKSI_SIG_BAD;
	CHECK(saksi_ledger_would(&w.ledger, &p, &reason) == SAKSI_REFUSED);
	assert_string_equal(reason, "a signature is false");
	p.checks[0].answer = SAKSI_SIG_UNCHECKED;
	CHECK(saksi_ledger_apply(&w.ledger, &p, &rec) == SAKSI_OK);
	must_be(rec, SAKSI_MISSING, "a signature was not checked");
	CHECK(!rec->stepped && false_entries(&w) == 0);
	must_be(put_entry(&w, entry), SAKSI_OK, NULL);
	world_end(&w);
}

/* ---- attachments */

static struct saksi_bytes with_addenda(struct world *w, struct saksi_bytes entry,
				       const struct saksi_hash *h, uint8_t n)
{
	struct saksi_entry e;
	struct saksi_buf b = scratch_buf(w, SAKSI_ENTRY_MAX);

	CHECK(saksi_entry_read(entry, &e, NULL) == SAKSI_OK);
	CHECK(saksi_entry_write(e.envelope, h, n, &b) == SAKSI_OK);
	return saksi_buf_bytes(&b);
}

static void attachments(void **state)
{
	const char *differ = "attachments differ from what was signed";
	struct saksi_hash two[2] = {hash_n(1), hash_n(2)};
	struct saksi_hash swapped[2] = {hash_n(2), hash_n(1)};
	struct saksi_bytes entry;
	struct world w;
	struct draft d;

	(void)state;
	world_with_inventory(&w);
	d = draft_heartbeat(&w, KPU);
	d.s.addenda = two;
	d.s.addenda_count = 2;
	entry = sealed(&w, &d);
	must_be(put_entry(&w, with_addenda(&w, entry, swapped, 2)), SAKSI_REFUSED,
		differ);
	must_be(put_entry(&w, with_addenda(&w, entry, two, 1)), SAKSI_REFUSED, differ);
	must_be(put_entry(&w, with_addenda(&w, entry, two, 0)), SAKSI_REFUSED, differ);
	CHECK(w.ledger.authors != NULL);
	/* The log's swap does not use up the author's number. */
	must_be(put_entry(&w, entry), SAKSI_OK, NULL);
	world_end(&w);
}

/* ---- the chain */

static void chain(void **state)
{
	struct world w;
	struct draft first, d, later;
	const struct saksi_record *rec;
	struct saksi_bytes entry;

	(void)state;
	world_with_inventory(&w);
	first = draft_heartbeat(&w, SOC);
	entry = sealed(&w, &first);
	rec = put(&w, &first);
	must_be(rec, SAKSI_OK, NULL);
	rec = put_entry(&w, entry);
	must_be(rec, SAKSI_OK, NULL);
	CHECK(rec->repeat && !rec->stepped);
	CHECK(saksi_ledger_find(&w.ledger, &rec->id)->index + 1 == rec->index);

	d = draft_heartbeat(&w, SOC);
	d.s.sequence = 2;
	d.find = "\"statements\":1";
	d.replace = "\"statements\":2";
	refused_for(&w, d, "a gap in its author's chain");
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_GAP, NULL) == 1);
	d = draft_heartbeat(&w, SOC);
	d.s.previous = hash_n(4);
	refused_for(&w, d, "a gap in its author's chain");
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_GAP, NULL) == 2);
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_EQUIVOCATION, NULL) == 0);

	/* Other bytes under a number already taken. */
	later = first;
	later.s.time_utc++;
	rec = put(&w, &later);
	must_be(rec, SAKSI_REFUSED, "one number, two statements");
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_EQUIVOCATION, NULL) == 1);
	/* The right next one counts, but the other one under its number, refused
	 * above as a gap, is proof all the same. */
	d = draft_heartbeat(&w, SOC);
	rec = put(&w, &d);
	must_be(rec, SAKSI_OK, NULL);
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_EQUIVOCATION, NULL) == 2);
	CHECK(false_entries(&w) == 0);
	world_end(&w);
}

/* A statement the log put too early counts when it stands at its place. */
static void early_then_in_place(void **state)
{
	struct world w;
	struct kept k;
	const struct saksi_record *plan;
	struct saksi_bytes audit;
	struct draft d, a;
	struct saksi_plan p;

	(void)state;
	world_with_inventory(&w);
	p = plan_of(&w, "server-a");
	d = draft_plan(&w, AUD, &p);
	plan = put(&w, &d);
	audit_of(&w, plan, "pppppff", &k);
	k.audit.checkpoint.size = w.ledger.size + 1; /* not so long yet */
	a = draft_audit(&w, AUD, &k.audit);
	audit = sealed(&w, &a);
	refused_for(&w, a, "a checkpoint of a log longer than this was");
	must_be(put_entry(&w, audit), SAKSI_OK, NULL);
	CHECK(plan->plan->audit != NULL);
	CHECK(w.ledger.last_record->stepped == false);
	world_end(&w);
}

/* ---- inventory and plan */

static void inventory_rules(void **state)
{
	struct world w;
	struct draft d;

	(void)state;
	world_with_inventory(&w);
	d = draft_inventory(&w, "server-a", "server-a");
	refused_for(&w, d, "one server listed twice");
	d = draft_inventory(&w, "server-a", NULL);
	d.s.subject = hash_n(1);
	refused_for(&w, d, "the subject is not the sealed inventory");
	CHECK(w.ledger.inventory.server_count == 2);
	d = draft_inventory(&w, "server-c", NULL);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	CHECK(w.ledger.inventory.server_count == 1);
	world_end(&w);
}

static void plan_rules(void **state)
{
	struct world w;
	struct saksi_plan p;
	struct draft d;

	(void)state;
	world_begin(&w);
	say_keys(&w);
	p = plan_of(&w, "server-a");
	refused_for(&w, draft_plan(&w, AUD, &p),
		    "a server that is not in the newest inventory");
	d = draft_inventory(&w, "server-a", "server-b");
	must_be(put(&w, &d), SAKSI_OK, NULL);
	p = plan_of(&w, "server-x");
	refused_for(&w, draft_plan(&w, AUD, &p),
		    "a server that is not in the newest inventory");
	p = plan_of(&w, "server-a");
	d = draft_plan(&w, AUD, &p);
	d.s.subject = hash_n(2);
	refused_for(&w, d, "the subject is not the rule set");
	p = plan_of(&w, "server-a");
	p.checkpoint.size = w.ledger.size + 1;
	refused_for(&w, draft_plan(&w, AUD, &p),
		    "a checkpoint of a log longer than this was");
	p = plan_of(&w, "server-a");
	d = draft_plan(&w, AUD, &p);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	refused_for(&w, draft_plan(&w, AUD2, &p), "a nonce that was used before");
	/* No longer in the newest inventory. */
	d = draft_inventory(&w, "server-b", NULL);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	p = plan_of(&w, "server-a");
	refused_for(&w, draft_plan(&w, AUD, &p),
		    "a server that is not in the newest inventory");
	p = plan_of(&w, "server-b");
	d = draft_plan(&w, AUD, &p);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	world_end(&w);
}

/* ---- audit.  Each lie is told by its own auditor in its own statement. */

struct lie {
	const char *reason;
	void (*bend)(struct kept *k, struct draft *d);
	const char *find, *replace;
};

static void bend_subject(struct kept *k, struct draft *d)
{
	(void)k;
	d->s.subject = hash_n(1);
}
static void bend_plan(struct kept *k, struct draft *d)
{
	(void)d;
	k->audit.plan = hash_n(1);
}
static void bend_server(struct kept *k, struct draft *d)
{
	(void)d;
	k->audit.server = saksi_bytes_of("server-b");
}
static void bend_nonce(struct kept *k, struct draft *d)
{
	(void)d;
	k->audit.nonce[31] ^= 1;
}
static void bend_rules(struct kept *k, struct draft *d)
{
	(void)d;
	k->audit.rules = hash_n(501);
}
static void bend_early(struct kept *k, struct draft *d)
{
	(void)d;
	k->audit.checkpoint.size = 2; /* the plan's index */
}
static void bend_late(struct kept *k, struct draft *d)
{
	(void)d;
	k->audit.checkpoint.size += 1;
}
static void bend_collected(struct kept *k, struct draft *d)
{
	(void)d;
	k->audit.from_utc = k->audit.to_utc + 1;
}
static void drop_verdict(struct kept *k, struct draft *d)
{
	struct saksi_hash scratch[RULES];

	k->audit.leaf_count--;
	k->audit.counts[SAKSI_PASS]--;
	k->audit.vector_root =
	    saksi_sealed_root(k->leaves, k->audit.leaf_count, scratch);
	d->s.subject = k->audit.vector_root;
}
static void swap_leaves(struct kept *k, struct draft *d)
{
	struct saksi_hash h = k->leaves[2];

	(void)d;
	k->leaves[2] = k->leaves[3];
	k->leaves[3] = h;
}
static void swap_failures(struct kept *k, struct draft *d)
{
	struct saksi_hash h = k->failures[0].leaf;

	(void)d;
	k->failures[0].leaf = k->failures[1].leaf;
	k->failures[1].leaf = h;
}
static void bend_counts(struct kept *k, struct draft *d)
{
	(void)d;
	k->audit.counts[SAKSI_PASS]++;
}
static void move_count(struct kept *k, struct draft *d)
{
	(void)d;
	k->audit.counts[SAKSI_PASS]++;
	k->audit.counts[SAKSI_FAIL]--;
}
static void huge_counts(struct kept *k, struct draft *d)
{
	(void)d;
	k->audit.counts[SAKSI_PASS] = INT64_MAX;
	k->audit.counts[SAKSI_NOT_COVERED] = INT64_MAX;
	/* Wraps around to the right sum. */
	k->audit.counts[SAKSI_VERDICT_ERROR] = RULES + 2 - 2 - 1;
}
static void same_failure(struct kept *k, struct draft *d)
{
	(void)d;
	k->failure_leaves[1] = k->failure_leaves[0];
	k->failures[1].leaf = k->failures[0].leaf;
	kept_roots(k);
}
static void due_before_seen(struct kept *k, struct draft *d)
{
	(void)d;
	k->failures[1].disclose_by_utc = k->failures[1].first_seen_utc - 1;
}
static void nothing(struct kept *k, struct draft *d)
{
	(void)k;
	(void)d;
}

static const struct lie lies[] = {
    {"the subject is not the verdict vector", bend_subject, NULL, NULL},
    {"no plan before it", bend_plan, NULL, NULL},
    {"another server than planned", bend_server, NULL, NULL},
    {"another nonce than planned", bend_nonce, NULL, NULL},
    {"another rule set than planned", bend_rules, NULL, NULL},
    {"its checkpoint does not cover its plan", bend_early, NULL, NULL},
    {"a checkpoint of a log longer than this was", bend_late, NULL, NULL},
    {"a collection that ends before it begins", bend_collected, NULL, NULL},
    {"more or fewer verdicts than the plan has rules", drop_verdict, NULL, NULL},
    {"the verdicts do not make the stated root", swap_leaves, NULL, NULL},
    {"the failures do not make the stated root", swap_failures, NULL, NULL},
    {"the counts do not add up to the rules", bend_counts, NULL, NULL},
    {"the counts do not add up to the rules", huge_counts, NULL, NULL},
    {"more or fewer failures than counted", move_count, NULL, NULL},
    {"the severities do not add up to the failures", nothing, "\"low\":1", "\"low\":0"},
    {"the severities do not add up to the failures", nothing, "\"info\":0",
     "\"info\":1"},
    {"one failure listed twice", same_failure, NULL, NULL},
    {"a failure due before it was seen", due_before_seen, NULL, NULL},
};

static void one_lie(const struct lie *lie)
{
	struct world w;
	struct kept k;
	const struct saksi_record *plan;
	struct draft d, bent;

	world_with_inventory(&w);
	plan = say_plan(&w);
	audit_of(&w, plan, "pfnfcep", &k);
	bent = draft_audit(&w, AUD, &k.audit);
	lie->bend(&k, &bent);
	d = draft_audit(&w, AUD, &k.audit);
	d.s.subject = bent.s.subject;
	d.find = lie->find;
	d.replace = lie->replace;
	refused_for(&w, d, lie->reason);
	CHECK(plan->plan->audit == NULL && !plan->plan->broken);
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_NO_PLAN, NULL) +
		  alarms_of(&w, w.now, SAKSI_ALARM_FALSE_ENTRY, NULL) ==
	      1);
	/* The truth still counts afterwards. */
	audit_of(&w, plan, "pfnfcep", &k);
	d = draft_audit(&w, AUD, &k.audit);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	world_end(&w);
}

static void audit_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++)
		one_lie(&lies[i]);
}

static void all_pass_and_all_fail(void **state)
{
	struct world w;
	struct kept k;

	(void)state;
	world_with_inventory(&w);
	CHECK(say_audit(&w, say_plan(&w), "ppppppp", &k)->audit->audit.failure_count ==
	      0);
	CHECK(say_audit(&w, say_plan(&w), "fffffff", &k)->audit->audit.failure_count ==
	      RULES);
	world_end(&w);
}

/* A plan that was refused is no plan, and an audit of it none to disclose. */
static void nothing_rests_on_the_refused(void **state)
{
	struct world w;
	struct kept k;
	struct saksi_disclosed item;
	const struct saksi_record *plan, *audit;
	struct saksi_ledger_plan node = {.plan = {.server = {NULL, 0}}};
	struct saksi_record shown;
	struct saksi_plan p;
	struct draft d;

	(void)state;
	world_with_inventory(&w);
	p = plan_of(&w, "server-x");
	d = draft_plan(&w, AUD, &p);
	plan = put(&w, &d);
	must_be(plan, SAKSI_REFUSED, "a server that is not in the newest inventory");
	node.plan = p;
	shown = *plan;
	shown.plan = &node;
	audit_of(&w, &shown, "pfnfcep", &k);
	d = draft_audit(&w, AUD, &k.audit);
	audit = put(&w, &d);
	must_be(audit, SAKSI_REFUSED, "no plan before it");
	refused_for(&w, draft_observation(&w, OBS, &plan->id),
		    "no such plan or audit before it");
	item = (struct saksi_disclosed){k.failure_leaves[0], false};
	refused_for(
	    &w, draft_disclosure(&w, KPU, &audit->id, &item, 1, saksi_bytes_of("x")),
	    "no such audit before it");
	world_end(&w);
}

/* The same entry of any kind once more: harmless, and nothing twice. */
static void repeats(void **state)
{
	struct world w;
	struct kept k;
	struct saksi_disclosed item;
	struct saksi_bytes entries[9];
	const struct saksi_record *plan, *audit, *rec;
	struct saksi_plan p;
	struct draft d;
	size_t n = 0;

	(void)state;
	world_begin(&w);
	d = draft_keys(&w);
	entries[n++] = sealed(&w, &d);
	(void)put(&w, &d);
	d = draft_inventory(&w, "server-a", "server-b");
	entries[n++] = sealed(&w, &d);
	(void)put(&w, &d);
	p = plan_of(&w, "server-a");
	d = draft_plan(&w, AUD, &p);
	entries[n++] = sealed(&w, &d);
	plan = put(&w, &d);
	audit_of(&w, plan, "pfnfcep", &k);
	d = draft_audit(&w, AUD, &k.audit);
	entries[n++] = sealed(&w, &d);
	audit = put(&w, &d);
	item = (struct saksi_disclosed){k.failure_leaves[0], false};
	d = draft_disclosure(&w, KPU, &audit->id, &item, 1, saksi_bytes_of("x"));
	entries[n++] = sealed(&w, &d);
	(void)put(&w, &d);
	d = draft_postponed(&w, SAKSI_KIND_EXTENSION, &audit->id, &k.failure_leaves[1],
			    k.failures[1].disclose_by_utc + DAY);
	entries[n++] = sealed(&w, &d);
	(void)put(&w, &d);
	p = plan_of(&w, "server-b");
	d = draft_plan(&w, AUD, &p);
	entries[n++] = sealed(&w, &d);
	rec = put(&w, &d);
	d = draft_abandoned(&w, AUD, &rec->id);
	entries[n++] = sealed(&w, &d);
	(void)put(&w, &d);
	d = draft_heartbeat(&w, SUP);
	entries[n++] = sealed(&w, &d);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	for (size_t i = 0; i < n; i++) {
		rec = put_entry(&w, entries[i]);
		must_be(rec, SAKSI_OK, NULL);
		CHECK(rec->repeat && !rec->stepped && rec->plan == NULL);
	}
	CHECK(w.ledger.plans->next->next == NULL && w.ledger.audits->next == NULL);
	CHECK(!plan->plan->broken && plan->plan->audit == audit->audit);
	CHECK(audit->audit->failures[0].acts->next == NULL);
	CHECK(w.ledger.inventory_record->index == 1);
	CHECK(w.ledger.root.next_sequence == 1 && w.ledger.alarms == NULL);
	world_end(&w);
}

/* The same bytes are harmless even when their key is no longer in force, and so
 * are the same words in another envelope. */
static void repeats_in_other_clothes(void **state)
{
	struct world w;
	struct kept k;
	struct saksi_signer *signer;
	struct saksi_bytes old;
	const struct saksi_record *audit, *rec;
	struct draft d;

	(void)state;
	world_with_inventory(&w);
	audit = say_audit(&w, say_plan(&w), "pfnfcep", &k);
	d = draft_postponed(&w, SAKSI_KIND_EXTENSION, &audit->id, &k.failure_leaves[1],
			    k.failures[1].disclose_by_utc + DAY);
	old = sealed(&w, &d);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	signer = d.signers[0];
	d.signers[0] = d.signers[1];
	d.signers[1] = signer;
	rec = put(&w, &d);
	must_be(rec, SAKSI_OK, NULL);
	CHECK(rec->repeat && audit->audit->failures[1].acts->next == NULL);
	w.actor[KPU].signer = signer_of(54);
	say_keys(&w);
	rec = put_entry(&w, old);
	must_be(rec, SAKSI_OK, NULL);
	CHECK(rec->repeat && w.ledger.alarms == NULL);
	refused_for(&w, d, "signed by a key no longer in force");
	saksi_signer_free(signer);
	world_end(&w);
}

/* What is beyond a bound is the entry's fault and is recorded as such. */
static void beyond_bounds(void **state)
{
	static uint8_t out[SAKSI_ENTRY_MAX + 1000], deep[100];
	struct saksi_buf b = saksi_buf_fixed(out, sizeof(out));
	struct saksi_buf entry;
	struct saksi_envelope e;
	struct world w;

	(void)state;
	world_with_inventory(&w);
	memset(deep, '[', sizeof(deep));
	memset(&e, 0, sizeof(e));
	e.payload = (struct saksi_bytes){deep, sizeof(deep)};
	CHECK(saksi_envelope_sign(&e, w.actor[KPU].signer) == SAKSI_OK);
	CHECK(saksi_envelope_write(&e, &b) == SAKSI_OK);
	entry = scratch_buf(&w, SAKSI_ENTRY_MAX);
	CHECK(saksi_entry_write(saksi_buf_bytes(&b), NULL, 0, &entry) == SAKSI_OK);
	CHECK(put_entry(&w, saksi_buf_bytes(&entry))->verdict == SAKSI_MALFORMED);
	memset(out, 0, sizeof(out));
	CHECK(put_entry(&w, (struct saksi_bytes){out, sizeof(out)})->verdict ==
	      SAKSI_MALFORMED);
	world_end(&w);
}

/* A failure root for no failures is that of the empty list and no other. */
static void no_failures_no_root(void **state)
{
	struct world w;
	struct kept k;
	struct draft d;

	(void)state;
	world_with_inventory(&w);
	audit_of(&w, say_plan(&w), "ppppppp", &k);
	k.audit.failure_root = hash_n(8);
	d = draft_audit(&w, AUD, &k.audit);
	refused_for(&w, d, "the failures do not make the stated root");
	world_end(&w);
}

static void two_ends(void **state)
{
	struct world w;
	struct kept k;
	const struct saksi_record *plan;
	struct draft d;

	(void)state;
	world_with_inventory(&w);
	plan = say_plan(&w);
	(void)say_audit(&w, plan, "pfnfcep", &k);
	audit_of(&w, plan, "ppppppp", &k);
	d = draft_audit(&w, AUD, &k.audit);
	refused_for(&w, d, "a second end of one plan");
	CHECK(plan->plan->broken && plan->plan->audit->audit.failure_count == 2);
	d = draft_abandoned(&w, AUD, &plan->id);
	refused_for(&w, d, "a second end of one plan");
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_TWO_AUDITS, NULL) == 2);

	plan = say_plan(&w);
	d = draft_abandoned(&w, AUD2, &plan->id);
	refused_for(&w, d, "another author's plan");
	d = draft_abandoned(&w, AUD, &plan->id);
	d.s.subject = hash_n(1);
	refused_for(&w, d, "the subject is not the plan");
	CHECK(plan->plan->abandoned == NULL && !plan->plan->broken);
	d = draft_abandoned(&w, AUD, &plan->id);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	audit_of(&w, plan, "ppppppp", &k);
	d = draft_audit(&w, AUD, &k.audit);
	refused_for(&w, d, "a second end of one plan");
	CHECK(plan->plan->broken && plan->plan->audit == NULL);
	world_end(&w);
}

static void other_auditor(void **state)
{
	struct world w;
	struct kept k;
	struct draft d;

	(void)state;
	world_with_inventory(&w);
	audit_of(&w, say_plan(&w), "ppppppp", &k);
	d = draft_audit(&w, AUD2, &k.audit);
	refused_for(&w, d, "another author's plan");
	world_end(&w);
}

/* ---- observation and heartbeat */

static void observation_and_heartbeat(void **state)
{
	struct world w;
	struct draft d;
	struct saksi_hash none = hash_n(1), keys;

	(void)state;
	world_with_inventory(&w);
	keys = w.ledger.records->id;
	refused_for(&w, draft_observation(&w, OBS, &none),
		    "no such plan or audit before it");
	refused_for(&w, draft_observation(&w, OBS, &keys),
		    "no such plan or audit before it");
	d = draft_observation(&w, OBS, &say_plan(&w)->id);
	d.s.subject = none;
	refused_for(&w, d, "the subject is not what was observed");
	d = draft_heartbeat(&w, SOC);
	d.s.subject = none;
	refused_for(&w, d, "the subject is not the checkpoint");
	d = draft_heartbeat(&w, SOC);
	d.find = "\"statements\":1";
	d.replace = "\"statements\":0";
	refused_for(&w, d, "a count of statements that is not its number");
	d = draft_heartbeat(&w, SOC);
	d.find = "\"size\":8";
	d.replace = "\"size\":9";
	refused_for(&w, d, "a checkpoint of a log longer than this was");
	world_end(&w);
}

/* ---- disclosure, extension, acceptance */

static void disclosure_rules(void **state)
{
	struct world w;
	struct kept k;
	const struct saksi_record *audit;
	struct saksi_disclosed items[2];
	struct saksi_bytes text = saksi_bytes_of("openings");
	struct saksi_hash other = hash_n(1);
	struct draft d;

	(void)state;
	world_with_inventory(&w);
	audit = say_audit(&w, say_plan(&w), "pfnfcep", &k);
	items[0] = items[1] = (struct saksi_disclosed){k.failure_leaves[0], false};
	refused_for(&w, draft_disclosure(&w, KPU, &other, items, 1, text),
		    "no such audit before it");
	d = draft_disclosure(&w, KPU, &audit->id, items, 1, text);
	d.s.subject = other;
	refused_for(&w, d, "the subject is not the audit");
	d = draft_disclosure(&w, KPU, &audit->id, items, 1, text);
	d.s.addenda_count = 0;
	refused_for(&w, d, "a disclosure whose one attachment is not its openings");
	d = draft_disclosure(&w, KPU, &audit->id, items, 1, text);
	d.s.addenda = &other;
	refused_for(&w, d, "a disclosure whose one attachment is not its openings");
	refused_for(&w, draft_disclosure(&w, KPU, &audit->id, items, 2, text),
		    "one failure disclosed twice");
	items[0].leaf = k.leaves[1]; /* of the vector, not of the failure list */
	refused_for(&w, draft_disclosure(&w, KPU, &audit->id, items, 1, text),
		    "a failure that its audit does not list");
	CHECK(audit->audit->failures[0].disclosed == NULL);
	world_end(&w);
}

static void postponed_by_two_roles(void **state)
{
	const enum saksi_kind ext = SAKSI_KIND_EXTENSION;
	struct world w;
	struct kept k;
	struct draft d;
	const struct saksi_record *audit;
	int64_t until;

	(void)state;
	world_with_inventory(&w);
	audit = say_audit(&w, say_plan(&w), "pfnfcep", &k);
	until = k.failures[0].disclose_by_utc + DAY;
	d = draft_postponed(&w, ext, &audit->id, &k.failure_leaves[0], until);
	d.signer_count = 1;
	refused_for(&w, d, "postponed without a second role");
	d = draft_postponed(&w, ext, &audit->id, &k.failure_leaves[0], until);
	d.by = &w.actor[AUD];
	d.s.author = saksi_bytes_of("auditor-1");
	d.s.sequence = w.actor[AUD].next;
	d.s.previous = w.actor[AUD].last;
	d.signers[0] = w.actor[AUD].signer;
	d.signers[1] = w.actor[AUD2].signer;
	refused_for(&w, d, "postponed without a second role");
	d = draft_postponed(&w, ext, &audit->id, &k.failure_leaves[0], until);
	d.signers[1] = w.actor[SOC].signer;
	refused_for(&w, d, "signed by one who may not sign this kind");
	d = draft_postponed(&w, ext, &audit->id, &k.failure_leaves[0], until);
	d.signers[2] = w.actor[OBS].signer;
	d.signer_count = 3;
	refused_for(&w, d, "signed by one who may not sign this kind");
	CHECK(audit->audit->failures[0].due_utc == k.failures[0].disclose_by_utc);
	CHECK(w.actor[KPU].next == 1 && w.actor[AUD].next == 2);
	/* None of these used up the number: the full one still counts. */
	d = draft_postponed(&w, ext, &audit->id, &k.failure_leaves[0], until);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	CHECK(audit->audit->failures[0].due_utc == until);
	world_end(&w);
}

static void postponed_within_limits(void **state)
{
	const enum saksi_kind ext = SAKSI_KIND_EXTENSION, acc = SAKSI_KIND_ACCEPTANCE;
	struct world w;
	struct kept k;
	struct saksi_hash other = hash_n(1);
	const struct saksi_record *audit;
	const struct saksi_hash *leaf;
	struct draft d;
	int64_t due;

	(void)state;
	world_with_inventory(&w);
	audit = say_audit(&w, say_plan(&w), "pfnfcep", &k);
	leaf = &k.failure_leaves[0];
	due = k.failures[0].disclose_by_utc;
	refused_for(&w, draft_postponed(&w, ext, &other, leaf, due + 1),
		    "no such audit before it");
	refused_for(&w, draft_postponed(&w, ext, &audit->id, &other, due + 1),
		    "a failure that its audit does not list");
	refused_for(&w, draft_postponed(&w, ext, &audit->id, leaf, due),
		    "it postpones nothing");
	refused_for(&w, draft_postponed(&w, ext, &audit->id, leaf, due + 90 * DAY + 1),
		    "an extension beyond the limit");
	refused_for(&w,
		    draft_postponed(&w, acc, &audit->id, leaf, w.now + 730 * DAY + 1),
		    "an acceptance beyond the limit");
	d = draft_postponed(&w, ext, &audit->id, leaf, due + 90 * DAY);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	/* Extending the extension would have no end. */
	refused_for(&w, draft_postponed(&w, ext, &audit->id, leaf, due + 91 * DAY),
		    "an extension beyond the limit");
	world_end(&w);
}

/* ---- what this program cannot read */

static void newer_and_unreadable(void **state)
{
	struct world w;
	struct draft d;
	const struct saksi_record *rec;

	(void)state;
	world_with_inventory(&w);
	rec = put_entry(&w, saksi_bytes_of("{}"));
	CHECK(rec->verdict == SAKSI_MALFORMED && !rec->readable);
	rec = put_entry(&w, (struct saksi_bytes){NULL, 0});
	CHECK(rec->verdict == SAKSI_MALFORMED);
	d = draft_heartbeat(&w, SOC);
	d.find = "\"addenda\"";
	d.replace = "\"addendum\"";
	must_be(put(&w, &d), SAKSI_MALFORMED, "a member that does not belong here");
	CHECK(false_entries(&w) == 3);

	/* A body that cannot be read was said all the same. */
	d = draft_heartbeat(&w, SOC);
	d.find = "\"statements\":0";
	d.replace = "\"statements\":-1";
	rec = put(&w, &d);
	must_be(rec, SAKSI_MALFORMED, "a negative number");
	CHECK(rec->stepped && false_entries(&w) == 4);

	d = draft_heartbeat(&w, SOC);
	d.find = "urn:saksi:heartbeat:1\",\"predicate\":{\"version\":1";
	d.replace = "urn:saksi:heartbeat:2\",\"predicate\":{\"more\":0,\"version\":2";
	rec = put(&w, &d);
	must_be(rec, SAKSI_NEWER, "a version this program does not know");
	CHECK(rec->stepped && w.actor[SOC].next == 2);
	/* A kind nobody allowed is false; one that was allowed is unknown. */
	d = draft_heartbeat(&w, SOC);
	d.find = "urn:saksi:heartbeat:1";
	d.replace = "urn:saksi:census:1";
	refused_for(&w, d, "its author may not sign this kind");
	CHECK(false_entries(&w) == 5);
	world_end(&w);
}

static void allowed_unknown_kind(void **state)
{
	struct world w;
	struct draft d;
	const struct saksi_record *rec;
	struct saksi_bytes entry;

	(void)state;
	world_begin(&w);
	d = draft_keys(&w);
	d.find = "\"kinds\":[\"observation\",\"heartbeat\"]";
	d.replace = "\"kinds\":[\"observation\",\"census\"]";
	must_be(put(&w, &d), SAKSI_OK, NULL);
	d = draft_heartbeat(&w, SOC);
	d.find = "urn:saksi:heartbeat:1";
	d.replace = "urn:saksi:census:1";
	entry = sealed(&w, &d);
	rec = put(&w, &d);
	must_be(rec, SAKSI_NEWER, "a kind this program does not know");
	CHECK(rec->stepped && rec->statement.kind == SAKSI_KIND_OTHER);
	rec = put_entry(&w, entry);
	must_be(rec, SAKSI_NEWER, "a kind this program does not know");
	CHECK(rec->repeat && false_entries(&w) == 0);
	world_end(&w);
}

/* After keys it cannot read, this program accuses nobody. */
static void newer_keys(void **state)
{
	struct world w;
	struct draft d;
	const struct saksi_record *rec;

	(void)state;
	world_with_inventory(&w);
	d = draft_keys(&w);
	d.find = "urn:saksi:keys:1\",\"predicate\":{\"version\":1";
	d.replace = "urn:saksi:keys:3\",\"predicate\":{\"version\":3";
	rec = put(&w, &d);
	must_be(rec, SAKSI_NEWER, "a version this program does not know");
	CHECK(w.ledger.newer_keys);
	d = draft_heartbeat(&w, KPU);
	d.signers[0] = w.root[0];
	must_be(put(&w, &d), SAKSI_NEWER,
		"after a keys statement newer than this program");
	CHECK(alarms_of(&w, w.now, SAKSI_ALARM_UNAUDITED, NULL) == 0);
	CHECK(false_entries(&w) == 0);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_need_their_quorum),
	    cmocka_unit_test(keys_are_one_each),
	    cmocka_unit_test(signers),
	    cmocka_unit_test(rotated_key),
	    cmocka_unit_test(false_and_unchecked_signatures),
	    cmocka_unit_test(attachments),
	    cmocka_unit_test(chain),
	    cmocka_unit_test(early_then_in_place),
	    cmocka_unit_test(inventory_rules),
	    cmocka_unit_test(plan_rules),
	    cmocka_unit_test(audit_rules),
	    cmocka_unit_test(all_pass_and_all_fail),
	    cmocka_unit_test(no_failures_no_root),
	    cmocka_unit_test(nothing_rests_on_the_refused),
	    cmocka_unit_test(repeats),
	    cmocka_unit_test(repeats_in_other_clothes),
	    cmocka_unit_test(beyond_bounds),
	    cmocka_unit_test(two_ends),
	    cmocka_unit_test(other_auditor),
	    cmocka_unit_test(observation_and_heartbeat),
	    cmocka_unit_test(disclosure_rules),
	    cmocka_unit_test(postponed_by_two_roles),
	    cmocka_unit_test(postponed_within_limits),
	    cmocka_unit_test(newer_and_unreadable),
	    cmocka_unit_test(allowed_unknown_kind),
	    cmocka_unit_test(newer_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
