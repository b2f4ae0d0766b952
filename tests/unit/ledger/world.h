/* A small world for the ledger's tests: three roots, six authors, one server,
 * and short ways to say things in it, truly or falsely. */
#ifndef WORLD_H
#define WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "merkle/tree.h"
#include "ledger/ledger.h"

#define NOON 1795262400 /* 2026-11-21T12:00:00Z */
#define DAY 86400
#define RULES 7
#define CHECK(x) assert_true(x)

struct actor {
	const char *name, *role;
	uint32_t kinds;
	uint64_t heartbeat_s;
	struct saksi_signer *signer;
	uint64_t next;
	struct saksi_hash last;
};
enum who { KPU, AUD, AUD2, SUP, SOC, OBS, ACTORS };

/* What an auditor keeps of an audit: all that opens it. */
struct kept {
	struct saksi_verdict_leaf leaf[RULES];
	uint8_t salt[RULES][SAKSI_SALT_LEN], failure_salt[RULES][SAKSI_SALT_LEN];
	char rule[RULES][16], detail[RULES][32];
	struct saksi_hash leaves[RULES], failure_leaves[RULES];
	size_t failed[RULES]; /* rule of the i-th in the failure list */
	struct saksi_failure failures[RULES];
	struct saksi_audit audit;
};

struct world {
	struct saksi_arena arena, scratch;
	struct saksi_ledger ledger;
	struct saksi_roots roots;
	struct saksi_limits limits;
	struct saksi_signer *root[3];
	struct actor root_actor, actor[ACTORS];
	struct saksi_revoked_key revoked[4];
	size_t revoked_count;
	const struct saksi_roots *next_roots; /* of draft_keys */
	uint8_t next_nonce;
	int64_t now;
};

/* A statement before it is sealed: every part can be bent. */
struct draft {
	struct actor *by;
	struct saksi_statement s;
	struct saksi_bytes body;
	struct saksi_signer *signers[SAKSI_ENVELOPE_SIGS];
	size_t signer_count;
	const char *find, *replace; /* in the payload, before signing */
};

static inline struct saksi_signer *signer_of(uint8_t seed)
{
	uint8_t bytes[SAKSI_SEED_LEN];
	struct saksi_signer *s;

	memset(bytes, seed, sizeof(bytes));
	s = saksi_signer_from_seed(bytes);
	assert_non_null(s);
	return s;
}

static inline struct saksi_hash hash_n(unsigned n)
{
	struct saksi_hash h;

	memset(h.b, 0, sizeof(h.b));
	h.b[0] = (uint8_t)n;
	h.b[1] = (uint8_t)(n >> 8);
	h.b[31] = 1;
	return h;
}

static inline struct saksi_buf scratch_buf(struct world *w, size_t cap)
{
	void *room = saksi_arena_new(&w->scratch, cap, 1);

	assert_non_null(room);
	return saksi_buf_fixed(room, cap);
}

#define BIT(k) (1U << SAKSI_KIND_##k)

static inline void world_actors(struct world *w)
{
	const struct actor all[ACTORS] = {
	    {"kpu",
	     "commission",
	     BIT(INVENTORY) | BIT(DISCLOSURE) | BIT(EXTENSION) | BIT(ACCEPTANCE) |
		 BIT(HEARTBEAT),
	     0,
	     NULL,
	     0,
	     {{0}}},
	    {"auditor-1",
	     "auditor",
	     BIT(PLAN) | BIT(AUDIT) | BIT(ABANDONED) | BIT(DISCLOSURE) |
		 BIT(EXTENSION) | BIT(ACCEPTANCE) | BIT(HEARTBEAT),
	     0,
	     NULL,
	     0,
	     {{0}}},
	    {"auditor-2",
	     "auditor",
	     BIT(PLAN) | BIT(AUDIT) | BIT(ABANDONED) | BIT(EXTENSION) | BIT(HEARTBEAT),
	     0,
	     NULL,
	     0,
	     {{0}}},
	    {"bawaslu",
	     "supervisor",
	     BIT(EXTENSION) | BIT(ACCEPTANCE) | BIT(HEARTBEAT),
	     0,
	     NULL,
	     0,
	     {{0}}},
	    {"perludem",
	     "society",
	     BIT(OBSERVATION) | BIT(HEARTBEAT),
	     0,
	     NULL,
	     0,
	     {{0}}},
	    {"observer.1", "observer", BIT(OBSERVATION), 0, NULL, 0, {{0}}},
	};

	for (unsigned i = 0; i < ACTORS; i++) {
		w->actor[i] = all[i];
		w->actor[i].signer = signer_of((uint8_t)(100 + i));
	}
}

static inline void world_begin(struct world *w)
{
	static const char *const names[] = {"commission", "supervisor", "society"};

	memset(w, 0, sizeof(*w));
	CHECK(saksi_crypto_begin() == SAKSI_OK);
	CHECK(saksi_arena_map(&w->arena, (size_t)1 << 30) == SAKSI_OK);
	CHECK(saksi_arena_map(&w->scratch, (size_t)1 << 30) == SAKSI_OK);
	for (unsigned i = 0; i < 3; i++) {
		w->root[i] = signer_of((uint8_t)(1 + i));
		w->roots.keys[i].name = saksi_bytes_of(names[i]);
		saksi_signer_public(w->root[i], w->roots.keys[i].key);
	}
	w->roots.key_count = 3;
	w->roots.quorum = 2;
	w->root_actor.name = "root";
	saksi_limits_default(&w->limits);
	world_actors(w);
	w->now = NOON;
	saksi_ledger_begin(&w->ledger, &w->arena, &w->roots, &w->limits);
}

static inline void world_end(struct world *w)
{
	for (unsigned i = 0; i < 3; i++)
		saksi_signer_free(w->root[i]);
	for (unsigned i = 0; i < ACTORS; i++)
		saksi_signer_free(w->actor[i].signer);
	saksi_arena_end(&w->arena);
	saksi_arena_end(&w->scratch);
}

/* ---- drafts */

static inline struct draft draft_of(struct world *w, struct actor *by,
				    enum saksi_kind kind)
{
	struct draft d;

	memset(&d, 0, sizeof(d));
	d.by = by;
	d.s.kind = kind;
	d.s.author = saksi_bytes_of(by->name);
	d.s.sequence = by->next;
	d.s.previous = by->last;
	d.s.time_utc = w->now;
	d.s.subject_name = saksi_bytes_of("subject");
	if (by->signer != NULL)
		d.signers[d.signer_count++] = by->signer;
	return d;
}

static inline struct saksi_bytes replaced(struct world *w, struct saksi_bytes in,
					  const char *find, const char *replace)
{
	struct saksi_buf out = scratch_buf(w, in.len + strlen(replace) + 1);
	size_t n = strlen(find), at = 0;

	while (at + n <= in.len && memcmp(in.at + at, find, n) != 0)
		at++;
	CHECK(at + n <= in.len);
	saksi_buf_put(&out, (struct saksi_bytes){in.at, at});
	saksi_buf_puts(&out, replace);
	saksi_buf_put(&out, (struct saksi_bytes){in.at + at + n, in.len - at - n});
	return saksi_buf_bytes(&out);
}

static inline struct saksi_bytes sealed(struct world *w, const struct draft *d)
{
	struct saksi_buf payload = scratch_buf(w, SAKSI_PAYLOAD_MAX + 4096);
	struct saksi_buf envelope = scratch_buf(w, SAKSI_ENTRY_MAX);
	struct saksi_buf entry = scratch_buf(w, SAKSI_ENTRY_MAX);
	struct saksi_envelope e;

	memset(&e, 0, sizeof(e));
	CHECK(saksi_statement_write(&d->s, d->body, &payload) == SAKSI_OK);
	e.payload = saksi_buf_bytes(&payload);
	if (d->find != NULL)
		e.payload = replaced(w, e.payload, d->find, d->replace);
	for (size_t i = 0; i < d->signer_count; i++)
		CHECK(saksi_envelope_sign(&e, d->signers[i]) == SAKSI_OK);
	CHECK(saksi_envelope_write(&e, &envelope) == SAKSI_OK);
	CHECK(saksi_entry_write(saksi_buf_bytes(&envelope), d->s.addenda,
				(uint8_t)d->s.addenda_count, &entry) == SAKSI_OK);
	return saksi_buf_bytes(&entry);
}

/* ---- into the ledger */

/* `would` must say beforehand what apply then does. */
static inline const struct saksi_record *put_entry(struct world *w,
						   struct saksi_bytes entry)
{
	struct saksi_pending *p = saksi_arena_new(&w->scratch, 1, sizeof(*p));
	const struct saksi_record *rec = NULL;
	const char *reason = NULL;
	enum saksi_err would;
	uint64_t size = w->ledger.size;

	assert_non_null(p);
	CHECK(saksi_ledger_prepare(&w->ledger, entry, p) == SAKSI_OK);
	saksi_sigchecks_run(p->checks, p->check_count);
	would = saksi_ledger_would(&w->ledger, p, &reason);
	CHECK(w->ledger.size == size);
	CHECK(saksi_ledger_apply(&w->ledger, p, &rec) == SAKSI_OK);
	assert_non_null(rec);
	assert_int_equal(rec->verdict, would);
	CHECK(rec->reason == reason);
	CHECK((rec->reason == NULL) == (rec->verdict == SAKSI_OK));
	CHECK(rec->index == size && w->ledger.size == size + 1);
	return rec;
}

static inline const struct saksi_record *put(struct world *w, const struct draft *d)
{
	const struct saksi_record *rec = put_entry(w, sealed(w, d));

	if (rec->stepped) {
		d->by->next = rec->statement.sequence + 1;
		d->by->last = rec->id;
	}
	return rec;
}

static inline void must_be(const struct saksi_record *rec, enum saksi_err verdict,
			   const char *reason)
{
	assert_int_equal(rec->verdict, verdict);
	if (reason != NULL)
		assert_string_equal(rec->reason, reason);
	else
		assert_null(rec->reason);
}

/* ---- bodies */

static inline struct draft draft_keys(struct world *w)
{
	struct draft d = draft_of(w, &w->root_actor, SAKSI_KIND_KEYS);
	struct saksi_author_key *a = saksi_arena_new(&w->scratch, ACTORS, sizeof(*a));
	struct saksi_keys k = {a, 0, w->revoked, w->revoked_count, w->next_roots};
	struct saksi_buf b = scratch_buf(w, 8192);

	assert_non_null(a);
	for (unsigned i = 0; i < ACTORS; i++) {
		if (w->actor[i].signer == NULL)
			continue;
		a[k.author_count].author = saksi_bytes_of(w->actor[i].name);
		a[k.author_count].role = saksi_bytes_of(w->actor[i].role);
		a[k.author_count].kinds = w->actor[i].kinds;
		a[k.author_count].heartbeat_s = w->actor[i].heartbeat_s;
		saksi_signer_public(w->actor[i].signer, a[k.author_count++].key);
	}
	saksi_keys_write(&k, &b);
	d.body = saksi_buf_bytes(&b);
	d.s.subject = saksi_keys_subject(&k);
	d.s.version = k.roots != NULL ? 2 : 1;
	d.signers[0] = w->root[0];
	d.signers[1] = w->root[1];
	d.signer_count = 2;
	return d;
}

static inline struct draft draft_inventory(struct world *w, const char *one,
					   const char *two)
{
	struct draft d = draft_of(w, &w->actor[KPU], SAKSI_KIND_INVENTORY);
	struct saksi_scoped_server s[2] = {
	    {saksi_bytes_of(one), saksi_bytes_of("database")},
	    {saksi_bytes_of(two == NULL ? "" : two), saksi_bytes_of("web front")}};
	struct saksi_inventory v = {s, two == NULL ? 1 : 2, hash_n(77)};
	struct saksi_buf b = scratch_buf(w, 4096);

	saksi_inventory_write(&v, &b);
	d.body = saksi_buf_bytes(&b);
	d.s.subject = v.sealed;
	return d;
}

static inline struct saksi_plan plan_of(struct world *w, const char *server)
{
	struct saksi_plan p;

	memset(&p, 0, sizeof(p));
	p.server = saksi_bytes_of(server);
	memset(p.nonce, ++w->next_nonce, sizeof(p.nonce));
	p.rules = hash_n(500);
	p.rule_count = RULES;
	p.checkpoint.size = w->ledger.size;
	p.checkpoint.root = hash_n(9);
	p.deadline_utc = w->now + DAY;
	return p;
}

static inline struct draft draft_plan(struct world *w, enum who by,
				      const struct saksi_plan *p)
{
	struct draft d = draft_of(w, &w->actor[by], SAKSI_KIND_PLAN);
	struct saksi_buf b = scratch_buf(w, 8192);

	saksi_plan_write(p, &b);
	d.body = saksi_buf_bytes(&b);
	d.s.subject = p->rules;
	return d;
}

static inline void kept_roots(struct kept *k)
{
	struct saksi_hash scratch[RULES];

	k->audit.vector_root = saksi_sealed_root(k->leaves, RULES, scratch);
	k->audit.failure_root =
	    k->audit.failure_count == 0
		? saksi_hash_empty()
		: saksi_sealed_root(k->failure_leaves, k->audit.failure_count, scratch);
}

static inline void kept_failure(struct world *w, struct kept *k, size_t i, size_t rule)
{
	uint8_t bytes[SAKSI_VERDICT_LEAF_LEN];

	saksi_verdict_leaf_write(&k->leaf[rule], bytes);
	memset(k->failure_salt[i], (int)(200 + i), SAKSI_SALT_LEN);
	k->failure_leaves[i] = saksi_sealed_leaf(
	    k->failure_salt[i], (struct saksi_bytes){bytes, sizeof(bytes)});
	k->failed[i] = rule;
	k->failures[i] = (struct saksi_failure){
	    k->failure_leaves[i], k->leaf[rule].severity, w->now, w->now + 30 * DAY};
}

/* One verdict a letter: p f n c e.  Failures are listed backwards. */
static inline void audit_of(struct world *w, const struct saksi_record *plan,
			    const char *verdicts, struct kept *k)
{
	static const char letters[] = "pfnce";
	const struct saksi_plan *p = &plan->plan->plan;
	size_t failures = 0;

	memset(k, 0, sizeof(*k));
	k->audit.plan = plan->id;
	k->audit.server = p->server;
	memcpy(k->audit.nonce, p->nonce, sizeof(p->nonce));
	k->audit.rules = p->rules;
	k->audit.checkpoint = (struct saksi_point){w->ledger.size, hash_n(10)};
	k->audit.from_utc = w->now - 100;
	k->audit.to_utc = w->now - 50;
	k->audit.facts = hash_n(11);
	k->audit.leaves = k->leaves;
	k->audit.leaf_count = RULES;
	k->audit.failures = k->failures;
	for (size_t i = 0; i < RULES; i++) {
		uint8_t bytes[SAKSI_VERDICT_LEAF_LEN];
		size_t v = (size_t)(strchr(letters, verdicts[i]) - letters);

		(void)snprintf(k->rule[i], sizeof(k->rule[i]), "rule-%zu", i);
		(void)snprintf(k->detail[i], sizeof(k->detail[i]), "facts %zu %c", i,
			       verdicts[i]);
		k->leaf[i] = (struct saksi_verdict_leaf){
		    (enum saksi_verdict)v, (enum saksi_severity)(i % SAKSI_SEVERITIES),
		    (uint32_t)i, saksi_hash_of(saksi_bytes_of(k->rule[i])),
		    saksi_hash_of(saksi_bytes_of(k->detail[i]))};
		memset(k->salt[i], (int)(w->ledger.size * 16 + i), SAKSI_SALT_LEN);
		saksi_verdict_leaf_write(&k->leaf[i], bytes);
		k->leaves[i] = saksi_sealed_leaf(
		    k->salt[i], (struct saksi_bytes){bytes, sizeof(bytes)});
		k->audit.counts[v]++;
	}
	for (size_t i = RULES; i-- > 0;)
		if (verdicts[i] == 'f')
			kept_failure(w, k, failures++, i);
	k->audit.failure_count = failures;
	kept_roots(k);
}

static inline struct draft draft_audit(struct world *w, enum who by,
				       const struct saksi_audit *audit)
{
	struct draft d = draft_of(w, &w->actor[by], SAKSI_KIND_AUDIT);
	struct saksi_buf b = scratch_buf(w, 48000);

	saksi_audit_write(audit, &b);
	d.body = saksi_buf_bytes(&b);
	d.s.subject = audit->vector_root;
	return d;
}

static inline struct draft draft_abandoned(struct world *w, enum who by,
					   const struct saksi_hash *plan)
{
	struct draft d = draft_of(w, &w->actor[by], SAKSI_KIND_ABANDONED);
	struct saksi_abandoned a = {*plan, saksi_bytes_of("the server was retired")};
	struct saksi_buf b = scratch_buf(w, 4096);

	saksi_abandoned_write(&a, &b);
	d.body = saksi_buf_bytes(&b);
	d.s.subject = *plan;
	return d;
}

static inline struct draft draft_observation(struct world *w, enum who by,
					     const struct saksi_hash *of)
{
	struct draft d = draft_of(w, &w->actor[by], SAKSI_KIND_OBSERVATION);
	struct saksi_observation o = {*of, saksi_bytes_of("stood beside, saw it run")};
	struct saksi_buf b = scratch_buf(w, 4096);

	saksi_observation_write(&o, &b);
	d.body = saksi_buf_bytes(&b);
	d.s.subject = *of;
	return d;
}

static inline struct draft draft_postponed(struct world *w, enum saksi_kind kind,
					   const struct saksi_hash *audit,
					   const struct saksi_hash *leaf, int64_t until)
{
	struct draft d = draft_of(w, &w->actor[KPU], kind);
	struct saksi_postponed p = {*audit, *leaf, until,
				    saksi_bytes_of("the vendor ships in May")};
	struct saksi_buf b = scratch_buf(w, 4096);

	saksi_postponed_write(&p, &b);
	d.body = saksi_buf_bytes(&b);
	d.s.subject = *audit;
	d.signers[d.signer_count++] = w->actor[SUP].signer;
	return d;
}

static inline struct draft draft_heartbeat(struct world *w, enum who by)
{
	struct draft d = draft_of(w, &w->actor[by], SAKSI_KIND_HEARTBEAT);
	struct saksi_heartbeat h = {{w->ledger.size, hash_n(12)}, w->actor[by].next};
	struct saksi_buf b = scratch_buf(w, 4096);

	saksi_heartbeat_write(&h, &b);
	d.body = saksi_buf_bytes(&b);
	d.s.subject = h.checkpoint.root;
	return d;
}

/* ---- openings */

static inline struct saksi_opening open_vector(struct world *w, const struct kept *k,
					       size_t rule)
{
	struct saksi_opening o;
	struct saksi_hash scratch[RULES];
	struct saksi_hash *path = saksi_arena_new(&w->scratch, SAKSI_PATH_MAX, 32);
	uint8_t *bytes = saksi_arena_new(&w->scratch, SAKSI_VERDICT_LEAF_LEN, 1);

	memset(&o, 0, sizeof(o));
	saksi_verdict_leaf_write(&k->leaf[rule], bytes);
	memcpy(o.salt, k->salt[rule], SAKSI_SALT_LEN);
	o.bytes = (struct saksi_bytes){bytes, SAKSI_VERDICT_LEAF_LEN};
	o.index = rule;
	o.count = RULES;
	CHECK(saksi_sealed_path(k->leaves, RULES, rule, scratch, path, &o.path_count) ==
	      SAKSI_OK);
	o.path = path;
	return o;
}

/* Of the i-th in the failure list. */
static inline struct saksi_finding finding_of(struct world *w, const struct kept *k,
					      size_t i)
{
	struct saksi_finding d;
	struct saksi_hash scratch[RULES];
	struct saksi_hash *path = saksi_arena_new(&w->scratch, SAKSI_PATH_MAX, 32);
	size_t rule = k->failed[i];

	memset(&d, 0, sizeof(d));
	d.rule = saksi_bytes_of(k->rule[rule]);
	d.detail = saksi_bytes_of(k->detail[rule]);
	d.in_vector = open_vector(w, k, rule);
	d.in_failures = d.in_vector;
	memcpy(d.in_failures.salt, k->failure_salt[i], SAKSI_SALT_LEN);
	d.in_failures.index = i;
	d.in_failures.count = k->audit.failure_count;
	CHECK(saksi_sealed_path(k->failure_leaves, k->audit.failure_count, i, scratch,
				path, &d.in_failures.path_count) == SAKSI_OK);
	d.in_failures.path = path;
	return d;
}

static inline void fixed_by(struct world *w, struct saksi_finding *d,
			    const struct kept *later, const struct saksi_hash *id,
			    size_t rule)
{
	d->fixed = true;
	d->later_audit = *id;
	d->later_detail = saksi_bytes_of(later->detail[rule]);
	d->later = open_vector(w, later, rule);
}

static inline struct saksi_bytes addendum_of(struct world *w,
					     const struct saksi_hash *audit,
					     const struct saksi_finding *d, size_t n)
{
	struct saksi_openings o = {*audit, d, n};
	struct saksi_buf b = scratch_buf(w, 1 << 16);

	saksi_openings_write(&o, &b);
	CHECK(saksi_buf_check(&b) == SAKSI_OK);
	return saksi_buf_bytes(&b);
}

static inline struct draft draft_disclosure(struct world *w, enum who by,
					    const struct saksi_hash *audit,
					    const struct saksi_disclosed *items,
					    size_t count, struct saksi_bytes addendum)
{
	struct draft d = draft_of(w, &w->actor[by], SAKSI_KIND_DISCLOSURE);
	struct saksi_hash *digest = saksi_arena_new(&w->scratch, 1, sizeof(*digest));
	struct saksi_disclosure b = {*audit, saksi_hash_of(addendum), items, count};
	struct saksi_buf out = scratch_buf(w, 8192);

	assert_non_null(digest);
	*digest = b.openings;
	saksi_disclosure_write(&b, &out);
	d.body = saksi_buf_bytes(&out);
	d.s.subject = *audit;
	d.s.addenda = digest;
	d.s.addenda_count = 1;
	return d;
}

/* ---- usual beginnings */

static inline void say_keys(struct world *w)
{
	struct draft d = draft_keys(w);

	must_be(put(w, &d), SAKSI_OK, NULL);
}

static inline const struct saksi_record *say_plan(struct world *w)
{
	struct saksi_plan p = plan_of(w, "server-a");
	struct draft d = draft_plan(w, AUD, &p);
	const struct saksi_record *rec = put(w, &d);

	must_be(rec, SAKSI_OK, NULL);
	return rec;
}

static inline const struct saksi_record *say_audit(struct world *w,
						   const struct saksi_record *plan,
						   const char *verdicts, struct kept *k)
{
	struct draft d;
	const struct saksi_record *rec;

	audit_of(w, plan, verdicts, k);
	d = draft_audit(w, AUD, &k->audit);
	rec = put(w, &d);
	must_be(rec, SAKSI_OK, NULL);
	return rec;
}

static inline void world_with_inventory(struct world *w)
{
	struct draft d;

	world_begin(w);
	say_keys(w);
	d = draft_inventory(w, "server-a", "server-b");
	must_be(put(w, &d), SAKSI_OK, NULL);
}

/* ---- alarms */

struct heard {
	struct saksi_alarm a[64];
	size_t count;
};

static inline void hear(void *ctx, const struct saksi_alarm *a)
{
	struct heard *h = ctx;

	CHECK(h->count < 64);
	h->a[h->count++] = *a;
}

static inline size_t alarms_of(const struct world *w, int64_t now,
			       enum saksi_alarm_kind kind, struct saksi_alarm *last)
{
	struct heard h;
	size_t n = 0;

	memset(&h, 0, sizeof(h));
	if (last != NULL)
		*last = (struct saksi_alarm){0};
	saksi_ledger_alarms(&w->ledger, now, hear, &h);
	for (size_t i = 0; i < h.count; i++) {
		if (h.a[i].kind != kind)
			continue;
		n++;
		if (last != NULL)
			*last = h.a[i];
	}
	return n;
}

#endif
