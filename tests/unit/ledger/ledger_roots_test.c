/* Author roots replaced by k of the old and k of the new, and by nothing less. */
#include "world.h"

#define SEATS 3

struct change {
	struct saksi_roots next;
	struct saksi_signer *key[SEATS];
};

/* Three new roots, 2 of them needed. */
static void change_begin(struct change *c, uint8_t seed)
{
	static const char *const names[] = {"commission", "supervisor", "society"};

	memset(c, 0, sizeof(*c));
	for (unsigned i = 0; i < SEATS; i++) {
		c->key[i] = signer_of((uint8_t)(seed + i));
		c->next.keys[i].name = saksi_bytes_of(names[i]);
		saksi_signer_public(c->key[i], c->next.keys[i].key);
	}
	c->next.key_count = SEATS;
	c->next.quorum = 2;
}

static void change_end(struct change *c)
{
	for (unsigned i = 0; i < SEATS; i++)
		saksi_signer_free(c->key[i]);
}

/* By the first two of the world's roots and the first two of the new ones. */
static struct draft draft_change(struct world *w, const struct change *c)
{
	struct draft d;

	w->next_roots = &c->next;
	d = draft_keys(w);
	w->next_roots = NULL;
	d.signers[2] = c->key[0];
	d.signers[3] = c->key[1];
	d.signer_count = 4;
	return d;
}

static void signed_by(struct draft *d, struct saksi_signer *a, struct saksi_signer *b,
		      struct saksi_signer *c, struct saksi_signer *e)
{
	struct saksi_signer *all[] = {a, b, c, e};

	d->signer_count = 0;
	for (unsigned i = 0; i < 4; i++)
		if (all[i] != NULL)
			d->signers[d->signer_count++] = all[i];
}

static void in_force(struct world *w, struct change *c)
{
	for (unsigned i = 0; i < SEATS; i++) {
		struct saksi_signer *old = w->root[i];

		w->root[i] = c->key[i];
		c->key[i] = old;
	}
}

static void refused(struct world *w, const struct draft *d, const char *reason)
{
	struct saksi_roots before = w->ledger.roots;
	uint64_t rotations = w->ledger.rotations;

	must_be(put(w, d), SAKSI_REFUSED, reason);
	CHECK(memcmp(&before, &w->ledger.roots, sizeof(before)) == 0);
	CHECK(w->ledger.rotations == rotations);
}

/* Three times; each time only the newest can go on. */
static void chain_of_three(void **state)
{
	struct world w;
	struct change c[3];
	struct saksi_bytes first = {NULL, 0};
	const struct saksi_record *rec;

	(void)state;
	world_begin(&w);
	say_keys(&w);
	for (uint8_t i = 0; i < 3; i++) {
		struct draft d;

		change_begin(&c[i], (uint8_t)(20 + 10 * i));
		d = draft_change(&w, &c[i]);
		if (i == 0)
			first = sealed(&w, &d);
		must_be(put(&w, &d), SAKSI_OK, NULL);
		CHECK(w.ledger.rotations == i + 1U &&
		      w.ledger.rotated_at == 1U + 2U * i);
		CHECK(memcmp(w.ledger.roots.keys[0].key, c[i].next.keys[0].key, 32) ==
		      0);
		/* The roots before can no longer say anything. */
		d = draft_keys(&w);
		refused(&w, &d, "signed by a key that nobody was given");
		in_force(&w, &c[i]);
	}
	say_keys(&w);
	/* The first change once more, byte for byte: nothing new. */
	rec = put_entry(&w, first);
	must_be(rec, SAKSI_OK, NULL);
	CHECK(rec->repeat && w.ledger.rotations == 3);
	CHECK(w.ledger.authors->active);
	CHECK(memcmp(w.ledger.roots.keys[0].key, c[2].next.keys[0].key, 32) == 0);
	say_keys(&w);
	for (unsigned i = 0; i < 3; i++)
		change_end(&c[i]);
	world_end(&w);
}

static void wrong_mixtures(void **state)
{
	static const char few_old[] = "keys signed by too few of the pinned roots";
	static const char few_new[] = "new roots that too few of them have signed";
	static const char nobody[] = "signed by a key that nobody was given";
	struct world w;
	struct change c;
	struct draft d;
	struct saksi_signer *thief = signer_of(99);

	(void)state;
	world_begin(&w);
	say_keys(&w);
	change_begin(&c, 20);
	d = draft_change(&w, &c);
	signed_by(&d, w.root[0], w.root[1], NULL, NULL);
	refused(&w, &d, few_new);
	signed_by(&d, w.root[0], w.root[1], c.key[0], NULL);
	refused(&w, &d, few_new);
	signed_by(&d, c.key[0], c.key[1], NULL, NULL);
	refused(&w, &d, few_old);
	signed_by(&d, w.root[0], c.key[0], c.key[1], c.key[2]);
	refused(&w, &d, few_old);
	signed_by(&d, w.root[0], w.root[1], c.key[0], thief);
	refused(&w, &d, nobody);
	/* Any two of each will do, and nobody was harmed by the attempts. */
	signed_by(&d, w.root[2], w.root[0], c.key[2], c.key[1]);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	saksi_signer_free(thief);
	change_end(&c);
	world_end(&w);
}

/* A root that stays signs once and is one of the old and one of the new. */
static void one_that_stays(void **state)
{
	struct world w;
	struct change c;
	struct draft d;

	(void)state;
	world_begin(&w);
	say_keys(&w);
	change_begin(&c, 20);
	saksi_signer_free(c.key[0]);
	c.key[0] = signer_of(1); /* as the world's first */
	saksi_signer_public(c.key[0], c.next.keys[0].key);
	d = draft_change(&w, &c);
	/* Two of the old; of the new only the one that stays. */
	signed_by(&d, w.root[0], w.root[1], NULL, NULL);
	refused(&w, &d, "new roots that too few of them have signed");
	/* Two of the new; of the old only the one that stays. */
	signed_by(&d, w.root[0], c.key[1], NULL, NULL);
	refused(&w, &d, "keys signed by too few of the pinned roots");
	signed_by(&d, w.root[0], w.root[1], c.key[1], NULL);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	in_force(&w, &c);
	say_keys(&w);
	change_end(&c);
	world_end(&w);
}

/* Reading refuses what would let one hold two seats by name or key. */
static void malformed(struct world *w, const struct change *c, const char *reason)
{
	struct draft d = draft_change(w, c);

	signed_by(&d, w->root[0], w->root[1], NULL, NULL);
	must_be(put(w, &d), SAKSI_MALFORMED, reason);
	CHECK(w->ledger.rotations == 0);
}

static void nobody_twice(void **state)
{
	struct world w;
	struct change c;
	struct draft d;

	(void)state;
	world_begin(&w);
	say_keys(&w);
	change_begin(&c, 20);
	c.next.keys[1].name = c.next.keys[0].name;
	malformed(&w, &c, "a root's name or key stands twice");
	c.next.keys[1].name = saksi_bytes_of("supervisor");
	memcpy(c.next.keys[1].key, c.next.keys[0].key, 32);
	malformed(&w, &c, "a root's name or key stands twice");
	saksi_signer_public(c.key[1], c.next.keys[1].key);
	c.next.quorum = 4;
	malformed(&w, &c, "a quorum that these roots cannot meet");
	c.next.quorum = 0;
	malformed(&w, &c, "a quorum that these roots cannot meet");
	c.next.quorum = 2;
	/* The holder of an old key under a second name: two seats of four. */
	memcpy(c.next.keys[1].key, w.ledger.roots.keys[0].key, 32);
	d = draft_change(&w, &c);
	signed_by(&d, w.root[0], w.root[1], c.key[0], c.key[2]);
	refused(&w, &d, "a root's key given to another root");
	change_end(&c);
	world_end(&w);
}

static void keys_of_others(void **state)
{
	struct world w;
	struct change c, back;
	struct draft d;

	(void)state;
	world_begin(&w);
	say_keys(&w);
	change_begin(&c, 100 + AUD); /* the third is not signing */
	saksi_signer_free(c.key[0]);
	c.key[0] = signer_of(20);
	saksi_signer_public(c.key[0], c.next.keys[0].key);
	d = draft_change(&w, &c);
	refused(&w, &d, "a root's key for an author");
	/* An author who was, and is no longer named. */
	saksi_signer_free(w.actor[AUD].signer);
	w.actor[AUD].signer = NULL;
	saksi_signer_free(w.actor[AUD2].signer);
	w.actor[AUD2].signer = NULL;
	saksi_signer_free(w.actor[SUP].signer);
	w.actor[SUP].signer = NULL;
	d = draft_change(&w, &c);
	refused(&w, &d, "an author's key for a root");
	say_keys(&w);
	d = draft_change(&w, &c);
	refused(&w, &d, "an author's key for a root");
	change_end(&c);
	/* A key revoked from an index before this one, by this statement or before. */
	change_begin(&c, 20);
	memcpy(w.revoked[0].key, c.next.keys[2].key, 32);
	w.revoked[0].from = 1;
	w.revoked_count = 1;
	d = draft_change(&w, &c);
	refused(&w, &d, "a revoked key for a root");
	say_keys(&w);
	w.revoked_count = 0;
	d = draft_change(&w, &c);
	refused(&w, &d, "a revoked key for a root");
	change_end(&c);
	/* Also when it is revoked from an entry on that is yet to come. */
	change_begin(&c, 70);
	memcpy(w.revoked[0].key, c.next.keys[2].key, 32);
	w.revoked[0].from = 1000;
	w.revoked_count = 1;
	say_keys(&w);
	w.revoked_count = 0;
	d = draft_change(&w, &c);
	refused(&w, &d, "a revoked key for a root");
	change_end(&c);
	/* Those that were replaced do not come back, as roots or as authors. */
	change_begin(&c, 40);
	d = draft_change(&w, &c);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	in_force(&w, &c);
	change_begin(&back, 1);
	d = draft_change(&w, &back);
	refused(&w, &d, "a root that was replaced before");
	w.actor[AUD].signer = signer_of(1);
	d = draft_keys(&w);
	refused(&w, &d, "a root's key for an author");
	change_end(&c);
	change_end(&back);
	world_end(&w);
}

/* A change signed for one place in the chain is good for no other. */
static void old_change_kept_back(void **state)
{
	struct world w;
	struct change c, late;
	struct draft kept, d;

	(void)state;
	world_begin(&w);
	say_keys(&w);
	change_begin(&late, 20);
	change_begin(&c, 40);
	kept = draft_change(&w, &late);
	d = draft_change(&w, &c);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	/* By the old roots, who are no longer any. */
	refused(&w, &kept, "signed by a key that nobody was given");
	in_force(&w, &c);
	change_end(&c);
	change_begin(&c, 60);
	d = draft_change(&w, &c);
	d.s.sequence = 1; /* its number is taken */
	d.s.previous = w.ledger.records->id;
	refused(&w, &d, "one number, two statements");
	change_end(&c);
	change_end(&late);
	world_end(&w);
}

static void every_bit(void **state)
{
	struct world w;
	struct change c;
	struct draft d;
	struct saksi_bytes entry;
	struct saksi_pending *p;
	uint8_t *copy;
	size_t checked = 0;

	(void)state;
	world_begin(&w);
	for (unsigned i = AUD2; i < ACTORS; i++) { /* a short keys statement */
		saksi_signer_free(w.actor[i].signer);
		w.actor[i].signer = NULL;
	}
	say_keys(&w);
	change_begin(&c, 20);
	d = draft_change(&w, &c);
	entry = sealed(&w, &d);
	copy = saksi_arena_new(&w.scratch, entry.len, 1);
	p = saksi_arena_new(&w.scratch, 1, sizeof(*p));
	for (size_t bit = 0; bit < 8 * entry.len; bit++) {
		size_t mark = w.arena.used;
		const char *reason;
		enum saksi_err err;

		memcpy(copy, entry.at, entry.len);
		copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
		CHECK(saksi_ledger_prepare(&w.ledger,
					   (struct saksi_bytes){copy, entry.len},
					   p) == SAKSI_OK);
		saksi_sigchecks_run(p->checks, p->check_count);
		checked += p->check_count;
		err = saksi_ledger_would(&w.ledger, p, &reason);
		if (err != SAKSI_REFUSED && err != SAKSI_MALFORMED)
			fail_msg("bit %zu: %s", bit, saksi_err_name(err));
		saksi_arena_rewind(&w.arena, mark);
	}
	CHECK(checked > 10000);
	must_be(put(&w, &d), SAKSI_OK, NULL);
	change_end(&c);
	world_end(&w);
}

/* A full arena leaves roots and ledger as they were. */
static void full_arena(void **state)
{
	struct world w;
	struct change c;
	struct draft d;
	struct saksi_bytes entry;
	struct saksi_ledger before;
	size_t limits = 0, cap, mark;

	(void)state;
	world_begin(&w);
	say_keys(&w);
	change_begin(&c, 20);
	d = draft_change(&w, &c);
	entry = sealed(&w, &d);
	cap = w.arena.cap;
	mark = w.arena.used;
	for (size_t spare = 0;; spare += 128) {
		struct saksi_pending p;
		enum saksi_err err;

		before = w.ledger;
		w.arena.cap = mark + spare;
		err = saksi_ledger_prepare(&w.ledger, entry, &p);
		if (err == SAKSI_OK) {
			saksi_sigchecks_run(p.checks, p.check_count);
			err = saksi_ledger_apply(&w.ledger, &p, NULL);
		}
		if (err == SAKSI_OK)
			break;
		CHECK(err == SAKSI_LIMIT);
		CHECK(memcmp(&before, &w.ledger, sizeof(before)) == 0);
		limits++;
		saksi_arena_rewind(&w.arena, mark);
	}
	w.arena.cap = cap;
	CHECK(limits > 50 && w.ledger.rotations == 1);
	change_end(&c);
	world_end(&w);
}

/* Version 1 with roots, and version 2 without, are neither. */
static void by_version(void **state)
{
	struct world w;
	struct change c;
	struct draft d;

	(void)state;
	world_begin(&w);
	say_keys(&w);
	change_begin(&c, 20);
	d = draft_change(&w, &c);
	d.s.version = 1;
	signed_by(&d, w.root[0], w.root[1], NULL, NULL);
	CHECK(put(&w, &d)->verdict == SAKSI_MALFORMED);
	d = draft_keys(&w);
	d.s.version = 2;
	CHECK(put(&w, &d)->verdict == SAKSI_MALFORMED);
	/* The subject covers the roots, and each of them. */
	d = draft_change(&w, &c);
	c.next.quorum = 1;
	d.s.subject = draft_change(&w, &c).s.subject;
	refused(&w, &d, "the subject is not the authors' keys");
	CHECK(w.ledger.rotations == 0);
	change_end(&c);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(chain_of_three), cmocka_unit_test(wrong_mixtures),
	    cmocka_unit_test(one_that_stays), cmocka_unit_test(nobody_twice),
	    cmocka_unit_test(keys_of_others), cmocka_unit_test(old_change_kept_back),
	    cmocka_unit_test(every_bit),      cmocka_unit_test(full_arena),
	    cmocka_unit_test(by_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
