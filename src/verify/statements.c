/* All statements of a log, read in order against its tree. */
#include "verify/verify.h"

#include <string.h>

struct reading {
	const struct saksi_verifier *v;
	struct saksi_source *source;
	struct saksi_ledger *ledger;
	struct saksi_verified *r;
	struct saksi_buf addendum;
};

static void tell_bad(struct saksi_verified *r, uint64_t index, const char *what)
{
	if (r->has_bad)
		return;
	r->has_bad = true;
	r->bad_index = index;
	r->bad = what;
}

static void tell_unknown(struct saksi_verified *r, uint64_t index, const char *what)
{
	if (r->has_unknown)
		return;
	r->has_unknown = true;
	r->unknown_index = index;
	r->unknown_what = what;
}

static void count(struct saksi_verified *r, const struct saksi_record *rec)
{
	r->entries++;
	if (rec->repeat)
		r->repeats++;
	if (rec->verdict == SAKSI_OK) {
		r->holding++;
	} else if (rec->verdict == SAKSI_NEWER || rec->verdict == SAKSI_MISSING) {
		r->unknown++;
		tell_unknown(r, rec->index, rec->reason);
	} else {
		r->refused++;
		tell_bad(r, rec->index, rec->reason);
	}
}

static void check_openings(struct reading *g, const struct saksi_record *rec)
{
	struct saksi_fault f = {0};
	enum saksi_err err =
	    saksi_ledger_openings(g->ledger, rec, saksi_buf_bytes(&g->addendum), &f);

	if (err == SAKSI_OK) {
		g->r->opened++;
	} else if (err == SAKSI_REFUSED || err == SAKSI_MALFORMED) {
		g->r->opened_false++;
		tell_bad(g->r, rec->index, f.what != NULL ? f.what : "a false opening");
	} else {
		tell_unknown(g->r, rec->index,
			     f.what != NULL ? f.what : "openings unread");
	}
}

/* An attachment that is gone was redacted: that changes no answer but its own.
 * One with other bytes is a lie of whoever serves it. */
static enum saksi_err check_attached(struct reading *g, const struct saksi_record *rec)
{
	char path[SAKSI_ADDENDUM_PATH_LEN];

	for (size_t i = 0; i < rec->statement.addenda_count; i++) {
		const struct saksi_hash *digest = &rec->statement.addenda[i];
		struct saksi_hash got;
		enum saksi_err err;

		g->r->attached++;
		saksi_addendum_path(digest, path);
		saksi_buf_clear(&g->addendum);
		err = g->source->get(g->source->ctx, path, &g->addendum);
		if (err == SAKSI_MISSING) {
			g->r->attached_gone++;
			if (rec->statement.kind == SAKSI_KIND_DISCLOSURE)
				tell_unknown(g->r, rec->index,
					     "the openings it names are not served");
			continue;
		}
		if (err != SAKSI_OK)
			return err;
		got = saksi_hash_of(saksi_buf_bytes(&g->addendum));
		if (!saksi_hash_same(&got, digest)) {
			g->r->attached_false++;
			tell_bad(g->r, rec->index,
				 "an attachment is not the one its author signed");
			continue;
		}
		if (rec->statement.kind == SAKSI_KIND_DISCLOSURE && i == 0)
			check_openings(g, rec);
	}
	return SAKSI_OK;
}

static enum saksi_err each_entry(void *ctx, uint64_t index, struct saksi_bytes entry)
{
	struct reading *g = ctx;
	const struct saksi_record *rec = NULL;
	struct saksi_pending *p = saksi_arena_new(g->ledger->arena, 1, sizeof(*p));

	(void)index;
	if (p == NULL)
		return SAKSI_LIMIT;
	SAKSI_TRY(saksi_ledger_prepare(g->ledger, entry, p));
	for (size_t i = 0; i < p->check_count; i++)
		if (p->checks[i].answer == SAKSI_SIG_UNCHECKED)
			g->v->answer(g->v->answer_ctx, &p->checks[i], 1);
	SAKSI_TRY(saksi_ledger_apply(g->ledger, p, &rec));
	count(g->r, rec);
	if (rec->verdict == SAKSI_OK && !rec->repeat)
		return check_attached(g, rec);
	return SAKSI_OK;
}

static void count_revoked(const struct saksi_ledger *l, struct saksi_verified *r)
{
	r->revoked = 0;
	for (const struct saksi_record *rec = l->records; rec != NULL; rec = rec->next)
		if (rec->revoked)
			r->revoked++;
}

enum saksi_err saksi_verify_statements(const struct saksi_verifier *v,
				       struct saksi_source *source,
				       const struct saksi_judged *j,
				       struct saksi_ledger *ledger,
				       struct saksi_verified *r)
{
	struct reading g = {v, source, ledger, r,
			    saksi_buf_growing(SAKSI_ADDENDUM_MAX)};
	enum saksi_err err;

	err = saksi_source_entries(source, ledger->size, j->point.size, j->point.size,
				   &j->point.root, each_entry, &g, &r->walked);
	count_revoked(ledger, r);
	saksi_buf_free(&g.addendum);
	return err;
}
