/* Every single-bit change of signed entries, full arenas, and a long log against
 * the slow definition. */
#include "world.h"

/* One entry flipped bit by bit against the ledger it would go into. */
static size_t flip_all(struct world *w, struct saksi_bytes entry)
{
	uint8_t *copy = saksi_arena_new(&w->scratch, entry.len, 1);
	struct saksi_pending *p = saksi_arena_new(&w->scratch, 1, sizeof(*p));
	size_t checked = 0;

	for (size_t bit = 0; bit < 8 * entry.len; bit++) {
		size_t mark = w->arena.used;
		const char *reason;
		enum saksi_err err;

		memcpy(copy, entry.at, entry.len);
		copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
		CHECK(saksi_ledger_prepare(&w->ledger,
					   (struct saksi_bytes){copy, entry.len},
					   p) == SAKSI_OK);
		saksi_sigchecks_run(p->checks, p->check_count);
		checked += p->check_count;
		err = saksi_ledger_would(&w->ledger, p, &reason);
		if (err != SAKSI_REFUSED && err != SAKSI_MALFORMED)
			fail_msg("bit %zu: %s", bit, saksi_err_name(err));
		assert_non_null(reason);
		saksi_arena_rewind(&w->arena, mark);
	}
	return checked;
}

static void every_bit(void **state)
{
	struct world w;
	struct kept k;
	struct draft d;
	struct saksi_plan p;
	struct saksi_bytes text = saksi_bytes_of("x");
	struct saksi_disclosed item;
	const struct saksi_record *plan, *audit;
	size_t checked = 0;

	(void)state;
	world_begin(&w);
	for (unsigned i = AUD2; i < ACTORS; i++) { /* a short keys statement */
		if (i == SUP)
			continue;
		saksi_signer_free(w.actor[i].signer);
		w.actor[i].signer = NULL;
	}
	d = draft_keys(&w);
	checked += flip_all(&w, sealed(&w, &d));
	must_be(put(&w, &d), SAKSI_OK, NULL);
	d = draft_inventory(&w, "server-a", NULL);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	p = plan_of(&w, "server-a");
	d = draft_plan(&w, AUD, &p);
	checked += flip_all(&w, sealed(&w, &d));
	plan = put(&w, &d);
	must_be(plan, SAKSI_OK, NULL);
	audit_of(&w, plan, "pfnfcep", &k);
	d = draft_audit(&w, AUD, &k.audit);
	checked += flip_all(&w, sealed(&w, &d));
	audit = put(&w, &d);
	must_be(audit, SAKSI_OK, NULL);
	item = (struct saksi_disclosed){k.failure_leaves[0], false};
	d = draft_disclosure(&w, KPU, &audit->id, &item, 1, text);
	checked += flip_all(&w, sealed(&w, &d));
	d = draft_postponed(&w, SAKSI_KIND_EXTENSION, &audit->id, &k.failure_leaves[0],
			    k.failures[0].disclose_by_utc + DAY);
	checked += flip_all(&w, sealed(&w, &d));
	/* Most flips must have come as far as a signature. */
	CHECK(checked > 10000);
	world_end(&w);
}

/* A full arena refuses the entry and leaves the ledger as it was. */
static void full_arena(void **state)
{
	struct world w;
	struct kept k;
	struct draft d;
	struct saksi_bytes entry;
	struct saksi_ledger before;
	size_t limits = 0, cap, mark;

	(void)state;
	world_with_inventory(&w);
	audit_of(&w, say_plan(&w), "pfnfcep", &k);
	d = draft_audit(&w, AUD, &k.audit);
	entry = sealed(&w, &d);
	cap = w.arena.cap;
	mark = w.arena.used;
	for (size_t spare = 0;; spare += 64) {
		struct saksi_pending p;
		const struct saksi_record *rec = NULL;
		enum saksi_err err;

		before = w.ledger;
		w.arena.cap = mark + spare;
		err = saksi_ledger_prepare(&w.ledger, entry, &p);
		if (err == SAKSI_OK) {
			saksi_sigchecks_run(p.checks, p.check_count);
			err = saksi_ledger_apply(&w.ledger, &p, &rec);
		}
		if (err == SAKSI_OK) {
			must_be(rec, SAKSI_OK, NULL);
			CHECK(spare < 65536);
			break;
		}
		CHECK(err == SAKSI_LIMIT && rec == NULL);
		CHECK(memcmp(&before, &w.ledger, sizeof(before)) == 0);
		limits++;
		saksi_arena_rewind(&w.arena, mark);
	}
	w.arena.cap = cap;
	CHECK(limits > 50 && w.ledger.size == 4 && w.ledger.audits != NULL);
	world_end(&w);
}

/* Some thousand statements of all authors, a tenth of them repeated, skipping or
 * told twice: every record, and every chain, against a list walked from its start. */
#define MANY 3000

struct slow {
	struct saksi_hash id;
	enum who by;
	uint64_t sequence;
	bool counts;
};

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static bool slow_counts(const struct slow *all, size_t n, const struct slow *s,
			const struct saksi_hash *previous)
{
	const struct saksi_hash *last = NULL;
	uint64_t next = 0;

	for (size_t i = 0; i < n; i++)
		if (all[i].by == s->by && all[i].counts &&
		    saksi_hash_same(&all[i].id, &s->id))
			return true; /* a repeat */
	for (size_t i = 0; i < n; i++)
		if (all[i].by == s->by && all[i].counts && all[i].sequence == next) {
			next++;
			last = &all[i].id;
		}
	return s->sequence == next && (next == 0 || saksi_hash_same(last, previous));
}

static void long_log(void **state)
{
	static const enum who speakers[] = {KPU, AUD, AUD2, SUP, SOC};
	struct slow *all;
	struct saksi_bytes *entries;
	struct world w;
	uint32_t seed = 7;
	size_t refused = 0, repeats = 0;

	(void)state;
	world_begin(&w);
	say_keys(&w);
	all = saksi_arena_new(&w.scratch, MANY, sizeof(*all));
	entries = saksi_arena_new(&w.scratch, MANY, sizeof(*entries));
	for (size_t i = 0; i < MANY; i++) {
		enum who by = speakers[next_random(&seed) % 5];
		struct draft d = draft_heartbeat(&w, by);
		uint32_t dice = next_random(&seed) % 40;
		const struct saksi_record *rec;
		size_t mark = w.scratch.used;
		uint8_t copy[2048];

		d.s.time_utc += (int64_t)i;
		if (dice == 0)
			d.s.sequence++;
		if (dice == 1 && d.s.sequence > 0)
			d.s.previous = hash_n((unsigned)i);
		if (dice == 2 && d.s.sequence > 1)
			d.s.sequence--;
		if (d.s.sequence == 0)
			memset(&d.s.previous, 0, sizeof(d.s.previous));
		if (dice < 3) {
			struct saksi_heartbeat h = {{0, hash_n(12)}, d.s.sequence};
			struct saksi_buf b = scratch_buf(&w, 512);

			saksi_heartbeat_write(&h, &b);
			d.body = saksi_buf_bytes(&b);
		}
		if (dice == 3 && i > 0) {
			entries[i] = entries[next_random(&seed) % i];
			rec = put_entry(&w, entries[i]);
		} else {
			entries[i] = sealed(&w, &d);
			CHECK(entries[i].len < sizeof(copy));
			memcpy(copy, entries[i].at, entries[i].len);
			saksi_arena_rewind(&w.scratch, mark);
			entries[i].at =
			    saksi_arena_copy(&w.scratch,
					     (struct saksi_bytes){copy, entries[i].len})
				.at;
			rec = put_entry(&w, entries[i]);
		}
		for (unsigned k = 0; k < ACTORS; k++)
			if (saksi_bytes_is(rec->statement.author, w.actor[k].name))
				all[i].by = (enum who)k;
		all[i].id = rec->id;
		all[i].sequence = rec->statement.sequence;
		all[i].counts = slow_counts(all, i, &all[i], &rec->statement.previous);
		CHECK((rec->verdict == SAKSI_OK) == all[i].counts);
		refused += rec->verdict != SAKSI_OK;
		repeats += rec->repeat;
		if (rec->stepped) {
			w.actor[all[i].by].next++;
			w.actor[all[i].by].last = rec->id;
		}
	}
	CHECK(refused > 100 && repeats > 20);
	for (size_t i = 0; i < MANY; i++) {
		const struct saksi_record *rec =
		    saksi_ledger_find(&w.ledger, &all[i].id);

		assert_non_null(rec);
		CHECK(saksi_hash_same(&rec->id, &all[i].id));
		CHECK(!all[i].counts || rec->verdict == SAKSI_OK);
	}
	world_end(&w);
}

/* Keys for two hundred authors: the table grows, everybody is found. */
static void many_authors(void **state)
{
	struct world w;
	struct saksi_author_key a[150];
	struct saksi_keys k = {.authors = a, .author_count = 150};
	char names[150][16];
	struct saksi_buf b;
	struct draft d;

	(void)state;
	world_begin(&w);
	memset(a, 0, sizeof(a));
	for (unsigned i = 0; i < 150; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "author-%u", i);
		a[i].author = saksi_bytes_of(names[i]);
		a[i].role = saksi_bytes_of("auditor");
		a[i].key[0] = (uint8_t)i;
		a[i].key[1] = 7;
	}
	b = scratch_buf(&w, 48000);
	saksi_keys_write(&k, &b);
	d = draft_keys(&w);
	d.body = saksi_buf_bytes(&b);
	d.s.subject = saksi_keys_subject(&k);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	for (unsigned i = 0; i < 150; i++) {
		const struct saksi_ledger_author *found =
		    saksi_ledger_author_find(&w.ledger, saksi_bytes_of(names[i]));

		assert_non_null(found);
		CHECK(found->key[0] == i && found->active);
	}
	CHECK(saksi_ledger_author_find(&w.ledger, saksi_bytes_of("author-150")) ==
	      NULL);
	CHECK(saksi_ledger_author_find(&w.ledger, saksi_bytes_of("root")) ==
	      &w.ledger.root);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_bit),
	    cmocka_unit_test(full_arena),
	    cmocka_unit_test(long_log),
	    cmocka_unit_test(many_authors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
