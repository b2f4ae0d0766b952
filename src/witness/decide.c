#include "witness/decide.h"

enum saksi_err saksi_witness_read(struct saksi_bytes body, struct saksi_arena *a,
				  struct saksi_witness_ask *out, struct saksi_fault *f)
{
	struct saksi_witness_ask ask = {0};

	SAKSI_TRY(saksi_addcheckpoint_read(body, a, &ask.add, f));
	SAKSI_TRY(saksi_note_read(ask.add.checkpoint, a, &ask.note, f));
	SAKSI_TRY(saksi_checkpoint_read(ask.note.text, &ask.point, f));
	if (ask.point.size > INT64_MAX)
		return saksi_fault_set(f, SAKSI_MALFORMED, "a size above 2^63 - 1", 0,
				       0);
	*out = ask;
	return SAKSI_OK;
}

static const struct saksi_note_sig *line_of(const struct saksi_note *n,
					    const struct saksi_vkey *k)
{
	for (size_t i = 0; i < n->sig_count; i++)
		if (saksi_note_sig_is_by(&n->sigs[i], k))
			return &n->sigs[i];
	return NULL;
}

enum saksi_err saksi_witness_trusts(struct saksi_witness_ask *ask,
				    const struct saksi_vkey *keys, size_t count,
				    struct saksi_arena *a)
{
	size_t cap = ask->note.all.len;
	void *room = saksi_arena_new(a, cap, 1);
	struct saksi_buf lines = saksi_buf_fixed(room, cap);

	if (room == NULL)
		return SAKSI_NOMEM;
	for (size_t i = 0; i < count; i++) {
		struct saksi_sigcheck check;
		uint64_t no_time;
		enum saksi_err err =
		    saksi_note_check_for(&ask->note, &keys[i], a, &check, &no_time);
		if (err == SAKSI_MISSING)
			continue;
		if (err == SAKSI_NOMEM)
			return err;
		if (err != SAKSI_OK)
			return SAKSI_REFUSED;
		saksi_sigchecks_run(&check, 1);
		if (check.answer != SAKSI_SIG_GOOD)
			return SAKSI_REFUSED;
		saksi_buf_put(&lines, line_of(&ask->note, &keys[i])->line);
	}
	if (lines.len == 0 || lines.full)
		return SAKSI_REFUSED;
	ask->log_lines = saksi_buf_bytes(&lines);
	return SAKSI_OK;
}

static struct saksi_witness_verdict verdict(unsigned status, const char *says,
					    enum saksi_witness_evidence evidence)
{
	return (struct saksi_witness_verdict){status, says, evidence};
}

struct saksi_witness_verdict saksi_witness_decide(const struct saksi_witness_ask *ask,
						  const struct saksi_witness_held *held)
{
	const struct saksi_checkpoint *p = &ask->point;
	struct saksi_hash empty = saksi_hash_empty();
	/* Whatever the request claims to be based on, two roots for one size are. */
	bool forked = p->size == held->size && !saksi_hash_same(&p->root, &held->root);
	bool false_empty = p->size == 0 && !saksi_hash_same(&p->root, &empty);
	enum saksi_witness_evidence seen = false_empty ? SAKSI_EVIDENCE_EMPTY
					   : forked    ? SAKSI_EVIDENCE_ROOT
						       : SAKSI_EVIDENCE_NONE;

	if (ask->add.old_size > p->size)
		return verdict(400, "the old size is above the checkpoint's", seen);
	if (ask->add.old_size != held->size)
		return verdict(409, "another size is the latest one cosigned", seen);
	/* Size 0 too: before the first, the root of the empty tree is what is held. */
	if (forked)
		return verdict(422, "another root was cosigned for this size", seen);
	if (ask->add.old_size == 0 && ask->add.path_count > 0)
		return verdict(422, "from the empty tree the proof is empty", seen);
	struct saksi_consistency proof = {ask->add.old_size, p->size, ask->add.path,
					  ask->add.path_count};
	if (saksi_consistency_check(&proof, &held->root, &p->root) != SAKSI_OK)
		return verdict(422, "the proof does not verify",
			       p->size > held->size ? SAKSI_EVIDENCE_PROOF
						    : SAKSI_EVIDENCE_NONE);
	return verdict(200, "cosigned", SAKSI_EVIDENCE_NONE);
}
