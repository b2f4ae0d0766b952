/* The openings of a disclosure, once they were fetched. */
#include "ledger/ledger_inner.h"

static const struct saksi_audit *audit_before(const struct saksi_ledger *l,
					      const struct saksi_hash *id,
					      const struct saksi_record *disclosure)
{
	const struct saksi_record *rec = saksi_ledger_find(l, id);

	return rec != NULL && rec->verdict == SAKSI_OK &&
		       rec->statement.kind == SAKSI_KIND_AUDIT &&
		       rec->index < disclosure->index
		   ? &rec->audit->audit
		   : NULL;
}

static const struct saksi_disclosed *item_of(const struct saksi_disclosure *b,
					     const struct saksi_hash *leaf)
{
	for (size_t i = 0; i < b->item_count; i++)
		if (saksi_hash_same(&b->items[i].leaf, leaf))
			return &b->items[i];
	return NULL;
}

/* Each item opened exactly once and as it was said, nothing else opened. */
static enum saksi_err check_findings(const struct saksi_ledger *l,
				     const struct saksi_record *rec,
				     const struct saksi_disclosure *b,
				     const struct saksi_openings *o,
				     struct saksi_fault *f)
{
	if (!saksi_hash_same(&o->audit, &b->audit))
		return saksi_fault_set(f, SAKSI_REFUSED, "openings of another audit", 0,
				       0);
	if (o->finding_count != b->item_count)
		return saksi_fault_set(f, SAKSI_REFUSED,
				       "more or fewer openings than disclosed", 0, 0);
	for (size_t i = 0; i < o->finding_count; i++) {
		const struct saksi_finding *d = &o->findings[i];
		struct saksi_hash leaf =
		    saksi_sealed_leaf(d->in_failures.salt, d->in_failures.bytes);
		const struct saksi_disclosed *item = item_of(b, &leaf);

		if (item == NULL || item->fixed != d->fixed)
			return saksi_fault_set(f, SAKSI_REFUSED,
					       "an opening of what was not disclosed",
					       0, 0);
		for (size_t k = 0; k < i; k++)
			if (o->findings[k].in_failures.index == d->in_failures.index)
				return saksi_fault_set(
				    f, SAKSI_REFUSED, "one failure opened twice", 0, 0);
		SAKSI_TRY(saksi_finding_check(
		    d, &rec->audit->audit,
		    d->fixed ? audit_before(l, &d->later_audit, rec) : NULL, f));
	}
	return SAKSI_OK;
}

static enum saksi_err check_addendum(const struct saksi_ledger *l,
				     const struct saksi_record *rec,
				     struct saksi_bytes addendum, struct saksi_fault *f)
{
	struct saksi_hash digest = saksi_hash_of(addendum);
	struct saksi_disclosure b;
	struct saksi_openings o;

	SAKSI_TRY(saksi_disclosure_read(&rec->statement, l->arena, &b, f));
	if (!saksi_hash_same(&digest, &b.openings))
		return saksi_fault_set(f, SAKSI_MISSING,
				       "not the attachment that was signed", 0, 0);
	SAKSI_TRY(saksi_openings_read(addendum, l->arena, &o, f));
	return check_findings(l, rec, &b, &o, f);
}

/* True when it is news. */
static bool mark_opened(const struct saksi_record *rec, enum saksi_err opened)
{
	bool news = false;

	for (size_t i = 0; i < rec->audit->audit.failure_count; i++) {
		struct saksi_ledger_failure *f = &rec->audit->failures[i];

		for (struct saksi_ledger_act *a = f->acts; a != NULL; a = a->next)
			if (a->record == rec && a->opened != opened) {
				a->opened = opened;
				news = true;
			}
		saksi_failure_derive(f);
	}
	return news;
}

/* A JSON value takes 100 bytes or so and is at least two long. */
static bool ample(const struct saksi_arena *a, size_t len)
{
	return (a->cap - a->used) / 100 > len;
}

enum saksi_err saksi_ledger_openings(struct saksi_ledger *l,
				     const struct saksi_record *disclosure,
				     struct saksi_bytes addendum, struct saksi_fault *f)
{
	const struct saksi_record *rec = saksi_ledger_find(l, &disclosure->id);
	struct saksi_ledger_told *told;
	size_t mark = l->arena->used;
	enum saksi_err err;

	if (rec == NULL || rec->verdict != SAKSI_OK ||
	    rec->statement.kind != SAKSI_KIND_DISCLOSURE)
		return saksi_fault_set(f, SAKSI_MISSING, "no disclosure in force", 0,
				       0);
	err = check_addendum(l, rec, addendum, f);
	saksi_arena_rewind(l->arena, mark);
	/* With room enough it is the addendum that is beyond a bound. */
	if (err == SAKSI_LIMIT && ample(l->arena, addendum.len))
		err = SAKSI_MALFORMED;
	if (err == SAKSI_MISSING || err == SAKSI_LIMIT)
		return err;
	if (err != SAKSI_REFUSED && err != SAKSI_MALFORMED) {
		(void)mark_opened(rec, err);
		return err;
	}
	told = saksi_arena_new(l->arena, 1, sizeof(*told));
	if (told == NULL)
		return SAKSI_LIMIT;
	told->alarm =
	    (struct saksi_alarm){SAKSI_ALARM_FALSE_ENTRY, rec->index,
				 rec->statement.author, "its openings are false", 0};
	if (mark_opened(rec, err))
		saksi_told_add(l, told);
	else
		saksi_arena_rewind(l->arena, mark);
	return err;
}
