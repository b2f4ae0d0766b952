/* Step 1: judge each entry, fix its index, make it durable, answer.
 *
 * 1. Nobody is told an index before the commit that holds it succeeded.
 * 2. After a failed commit nothing is believed: `unsure`, and state.db is asked
 *    again before the next one.  (SQLite may have failed after it wrote.)
 * 3. The memory of identical entries and the ledger may run ahead of the disk only
 *    while `unsure`: both are then made again before they are used. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "log/inside.h"

#define HOLD_MS 1000 /* a full disk is tried again only this often */

/* ---- identical entries: a memory of the newest, in sets of SAKSI_SEEN_WAYS */

static struct saksi_seen *seen_set(struct saksi_log *l, const struct saksi_hash *leaf)
{
	uint64_t h;

	if (l->seen == NULL)
		return NULL;
	memcpy(&h, leaf->b, sizeof(h));
	return &l->seen[h % (l->config.dedup / SAKSI_SEEN_WAYS) * SAKSI_SEEN_WAYS];
}

static struct saksi_seen *seen_find(struct saksi_log *l, const struct saksi_hash *leaf)
{
	struct saksi_seen *set = seen_set(l, leaf);

	for (int i = 0; set != NULL && i < SAKSI_SEEN_WAYS; i++)
		if (set[i].index1 != 0 && saksi_hash_same(&set[i].leaf, leaf))
			return &set[i];
	return NULL;
}

/* Takes the place of the oldest in its set. */
static void seen_put(struct saksi_log *l, const struct saksi_hash *leaf, uint64_t index)
{
	struct saksi_seen *set = seen_set(l, leaf), *oldest = set;

	for (int i = 1; set != NULL && i < SAKSI_SEEN_WAYS; i++)
		if (set[i].index1 < oldest->index1)
			oldest = &set[i];
	if (set != NULL)
		*oldest = (struct saksi_seen){*leaf, index + 1};
}

/* ---- the ledger */

static enum saksi_err reread(void *ctx, uint64_t index, struct saksi_bytes entry)
{
	struct saksi_log *l = ctx;
	struct saksi_hash leaf;

	if (index + l->config.dedup >= l->next) {
		leaf = saksi_hash_leaf(entry);
		seen_put(l, &leaf, index);
	}
	if (l->config.open)
		return SAKSI_OK;
	SAKSI_TRY(saksi_ledger_prepare(&l->ledger, entry, l->pending));
	/* They were checked before the entry came in, and state.db is trusted. */
	for (size_t i = 0; i < l->pending->check_count; i++)
		l->pending->checks[i].answer = SAKSI_SIG_GOOD;
	return saksi_ledger_apply(&l->ledger, l->pending, NULL);
}

enum saksi_err saksi_log_sure(struct saksi_log *l, struct saksi_why *w)
{
	enum saksi_err err = saksi_state_next(l->entries, &l->next);
	uint64_t from = 0;

	if (err == SAKSI_OK) {
		if (l->seen != NULL && l->unsure)
			memset(l->seen, 0, l->config.dedup * sizeof(*l->seen));
		if (!l->config.open) {
			saksi_arena_rewind(&l->ledger_arena, 0);
			saksi_ledger_begin(&l->ledger, &l->ledger_arena, &l->roots,
					   &l->limits);
		} else if (l->next > l->config.dedup) {
			from = l->next - l->config.dedup;
		}
		err = saksi_state_walk(l->entries, from, l->next, reread, l);
	}
	l->unsure = err != SAKSI_OK;
	if (err == SAKSI_IO)
		return saksi_why_set(w, err, "%s/state.db: %s", l->path,
				     saksi_state_reason(l->entries));
	if (err == SAKSI_LIMIT)
		return saksi_why_set(w, err,
				     "%s: its entries need more than %llu MiB to judge "
				     "new ones: raise ledger_mib in %s/config",
				     l->path, (unsigned long long)l->config.ledger_mib,
				     l->path);
	if (err != SAKSI_OK)
		return saksi_why_set(w, err,
				     "%s/state.db: entry batches do not fit together: "
				     "restore the log from its backup",
				     l->path);
	return SAKSI_OK;
}

/* ---- judging one */

static enum saksi_err name_digests(struct saksi_log *l, uint64_t index)
{
	const struct saksi_entry *e = &l->pending->entry;

	if (l->named_count + e->count > l->named_cap) {
		size_t cap = 2 * l->named_cap + SAKSI_ADDENDA_MAX;
		void *named = realloc(l->named, cap * sizeof(*l->named));
		void *by;

		if (named == NULL)
			return SAKSI_NOMEM;
		l->named = named;
		by = realloc(l->named_by, cap * sizeof(*l->named_by));
		if (by == NULL)
			return SAKSI_NOMEM;
		l->named_by = by;
		l->named_cap = cap;
	}
	for (size_t i = 0; i < e->count; i++) {
		memcpy(l->named[l->named_count].b, e->digests.at + i * SAKSI_HASH_LEN,
		       SAKSI_HASH_LEN);
		l->named_by[l->named_count++] = index;
	}
	return SAKSI_OK;
}

/* May its author say this now?  When so, the ledger counts it from here on. */
static enum saksi_err judge(struct saksi_log *l, struct saksi_bytes entry,
			    const char **reason)
{
	size_t mark = l->ledger_arena.used, named = l->named_count;
	enum saksi_err err = saksi_ledger_prepare(&l->ledger, entry, l->pending);

	if (err == SAKSI_OK) {
		saksi_sigchecks_run(l->pending->checks, l->pending->check_count);
		err = saksi_ledger_would(&l->ledger, l->pending, reason);
	}
	if (err == SAKSI_OK) {
		*reason = NULL;
		err = name_digests(l, l->ledger.size);
	}
	if (err == SAKSI_OK)
		err = saksi_ledger_apply(&l->ledger, l->pending, NULL);
	if (err == SAKSI_OK)
		return SAKSI_OK;
	saksi_arena_rewind(&l->ledger_arena, mark);
	l->named_count = named;
	if (err == SAKSI_LIMIT && *reason == NULL)
		*reason =
		    "the log's memory for judging is used up: raise ledger_mib in "
		    "its config";
	return err;
}

static void refuse(struct saksi_add *a, enum saksi_err err, const char *reason)
{
	a->err = err;
	a->reason = reason != NULL ? reason : saksi_err_name(err);
}

/* Gives a an index in this batch, or answers why not. */
static void take(struct saksi_log *l, struct saksi_add *a, uint64_t index)
{
	const struct saksi_seen *known;
	enum saksi_err err = SAKSI_OK;

	a->err = SAKSI_OK;
	a->reason = NULL;
	known = seen_find(l, &a->leaf);
	a->repeat = known != NULL;
	if (known != NULL) {
		a->index = known->index1 - 1;
		return;
	}
	if (!l->config.open)
		err = judge(l, a->entry, &a->reason);
	if (err != SAKSI_OK) {
		refuse(a, err, a->reason);
		return;
	}
	a->index = index;
	saksi_buf_put_be16(&l->body, (uint16_t)a->entry.len);
	saksi_buf_put(&l->body, a->entry);
	seen_put(l, &a->leaf, index);
}

/* Leaf hashes of those that can be entries at all. */
static void hash_all(struct saksi_log *l, struct saksi_add *const *adds, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		adds[i]->err = SAKSI_OK;
		if (adds[i]->entry.len == 0)
			refuse(adds[i], SAKSI_MALFORMED, "an entry of no bytes");
		else if (adds[i]->entry.len > SAKSI_ENTRY_MAX)
			refuse(adds[i], SAKSI_LIMIT,
			       "an entry has at most 65535 bytes");
		else
			l->records[n++] = adds[i]->entry;
	}
	saksi_hash_leaves(l->records, n, l->leaves);
	for (size_t i = 0, k = 0; i < count; i++)
		if (adds[i]->err == SAKSI_OK)
			adds[i]->leaf = l->leaves[k++];
}

static enum saksi_err commit(struct saksi_log *l, uint64_t count, int64_t now,
			     const char **reason)
{
	struct saksi_batch b = {
	    l->next,  count,       now,           saksi_buf_bytes(&l->body),
	    l->named, l->named_by, l->named_count};
	enum saksi_err err = saksi_buf_check(&l->body);

	*reason = "out of memory";
	if (err == SAKSI_OK)
		err = saksi_state_append(l->entries, &b);
	if (err == SAKSI_OK) {
		l->next += count;
		return SAKSI_OK;
	}
	if (err == SAKSI_IO)
		*reason = saksi_state_reason(l->entries);
	if (err == SAKSI_REFUSED)
		*reason = "another program wrote to state.db";
	l->unsure = true;
	l->hold_ms = saksi_time_ticks_ms() + HOLD_MS;
	l->hold_reason = *reason;
	return SAKSI_IO;
}

static void refuse_all(struct saksi_add *const *adds, size_t count, const char *reason)
{
	for (size_t i = 0; i < count; i++)
		refuse(adds[i], SAKSI_IO, reason);
}

/* Can the disk be tried, and is the ledger what state.db says? */
static bool ready(struct saksi_log *l)
{
	if (!l->unsure)
		return true;
	if (saksi_time_ticks_ms() < l->hold_ms)
		return false;
	if (saksi_log_sure(l, NULL) == SAKSI_OK)
		return true;
	l->hold_ms = saksi_time_ticks_ms() + HOLD_MS;
	return false;
}

static void tell_state(struct saksi_log *l, bool refusing)
{
	(void)pthread_mutex_lock(&l->lock);
	l->state.acknowledged = l->next;
	l->state.refusing = refusing;
	(void)pthread_mutex_unlock(&l->lock);
}

void saksi_log_commit(struct saksi_log *l, struct saksi_add *const *adds, size_t count)
{
	int64_t now = saksi_time_now();
	const char *reason = NULL;
	uint64_t n = 0;

	if (!ready(l)) {
		refuse_all(adds, count, l->hold_reason);
		return;
	}
	saksi_buf_clear(&l->body);
	l->named_count = 0;
	hash_all(l, adds, count);
	for (size_t i = 0; i < count; i++) {
		if (adds[i]->err != SAKSI_OK)
			continue;
		take(l, adds[i], l->next + n);
		adds[i]->time_utc = now;
		n += adds[i]->err == SAKSI_OK && !adds[i]->repeat;
	}
	if (n > 0 && commit(l, n, now, &reason) != SAKSI_OK) {
		for (size_t i = 0; i < count; i++) {
			if (adds[i]->err != SAKSI_OK || adds[i]->index < l->next)
				continue;
			refuse(adds[i], SAKSI_IO, reason);
		}
	}
	/* Also when all are repeats: a commit that was told to have failed may have
	 * happened, and its entries, acknowledged only now, are to be published. */
	tell_state(l, l->unsure);
}
