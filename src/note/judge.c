#include "note/policy.h"

/* Lines of the note under this key's name and id. */
static size_t lines_by(const struct saksi_note *n, const struct saksi_vkey *k)
{
	size_t count = 0;

	for (size_t i = 0; i < n->sig_count; i++)
		count += saksi_note_sig_is_by(&n->sigs[i], k);
	return count;
}

static bool can_check(const struct saksi_vkey *k)
{
	return k->type == SAKSI_SIG_ED25519 || k->type == SAKSI_SIG_COSIGNATURE;
}

/* Prepare the check of `key`, if it has a line. */
static enum saksi_err prepare_one(struct saksi_judged *j, const struct saksi_vkey *key,
				  int32_t party, struct saksi_arena *a)
{
	struct saksi_cosigner s = {.party = party};
	enum saksi_err err;

	err = saksi_note_check_for(&j->note, key, a, &s.check, &s.time_utc);
	if (err == SAKSI_MISSING)
		return SAKSI_OK;
	if (err == SAKSI_MALFORMED)
		s.check.answer = SAKSI_SIG_BAD; /* a known key's line, and not right */
	else if (err != SAKSI_OK)
		return err;
	j->signers[j->signer_count++] = s;
	return SAKSI_OK;
}

static bool is_origin(const struct saksi_judged *j, const struct saksi_policy_log *log)
{
	return saksi_bytes_same(log->key.name, j->point.origin);
}

/* Which of the policy's logs signed?  One log may have several keys. */
static enum saksi_err prepare_logs(const struct saksi_policy *p, struct saksi_judged *j,
				   struct saksi_arena *a, struct saksi_fault *f)
{
	bool known = false, newer = false;

	for (uint32_t i = 0; i < p->log_count; i++) {
		const struct saksi_policy_log *log = &p->logs[i];

		if (!is_origin(j, log))
			continue;
		known = true;
		if (!can_check(&log->key)) {
			newer = newer || lines_by(&j->note, &log->key) > 0;
			continue;
		}
		SAKSI_TRY(prepare_one(j, &log->key, -1, a));
		if (j->log == NULL && j->signer_count > 0)
			j->log = log;
	}
	if (!known)
		return saksi_fault_set(f, SAKSI_MISSING,
				       "no log of the policy has this origin", 0, 1);
	if (j->log == NULL && newer)
		return saksi_fault_set(
		    f, SAKSI_NEWER,
		    "signed by a key type that this program cannot check",
		    j->note.text.len + 1, 0);
	if (j->log == NULL)
		return saksi_fault_set(f, SAKSI_REFUSED, "the log itself did not sign",
				       j->note.text.len + 1, 0);
	return SAKSI_OK;
}

static enum saksi_err make_room(const struct saksi_policy *p, struct saksi_judged *j,
				struct saksi_arena *a)
{
	size_t most = 0;

	for (uint32_t i = 0; i < p->log_count; i++)
		most += lines_by(&j->note, &p->logs[i].key);
	for (uint32_t i = 0; i < p->party_count; i++)
		most += lines_by(&j->note, &p->parties[i].key);
	j->signers = saksi_arena_new(a, most, sizeof(*j->signers));
	return j->signers == NULL ? SAKSI_NOMEM : SAKSI_OK;
}

enum saksi_err saksi_judge_prepare(const struct saksi_policy *p,
				   struct saksi_bytes note, struct saksi_arena *a,
				   struct saksi_judged *out, struct saksi_fault *f)
{
	struct saksi_judged j = {.log = NULL};

	SAKSI_TRY(saksi_note_read(note, a, &j.note, f));
	SAKSI_TRY(saksi_checkpoint_read(j.note.text, &j.point, f));
	SAKSI_TRY(make_room(p, &j, a));
	SAKSI_TRY(prepare_logs(p, &j, a, f));
	for (uint32_t i = 0; i < p->party_count; i++)
		if (p->parties[i].known)
			SAKSI_TRY(prepare_one(&j, &p->parties[i].key, (int32_t)i, a));
	*out = j;
	return SAKSI_OK;
}

/* The witnesses whose good cosignatures are of `since` or later. */
static bool met_since(const struct saksi_policy *p, const struct saksi_judged *j,
		      uint64_t since)
{
	bool has[(size_t)SAKSI_POLICY_MAX * 2] = {false};

	for (size_t i = 0; i < j->signer_count; i++)
		if (j->signers[i].party >= 0 && j->signers[i].time_utc >= since)
			has[j->signers[i].party] = true;
	return saksi_policy_met(p, has);
}

enum saksi_err saksi_judge_conclude(const struct saksi_policy *p,
				    struct saksi_judged *j)
{
	bool bad = false, open = false, signed_by_log = false;

	j->newest_utc = 0;
	for (size_t i = 0; i < j->signer_count; i++) {
		enum saksi_sig_answer answer = j->signers[i].check.answer;

		bad = bad || answer == SAKSI_SIG_BAD;
		open = open || answer != SAKSI_SIG_GOOD;
		signed_by_log = signed_by_log || j->signers[i].party < 0;
	}
	if (bad || !signed_by_log)
		return SAKSI_REFUSED;
	if (open)
		return SAKSI_MISSING;
	if (!met_since(p, j, 0))
		return SAKSI_QUORUM;
	if (p->quorum < 0)
		return SAKSI_OK;
	for (size_t i = 0; i < j->signer_count; i++) {
		uint64_t t = j->signers[i].time_utc;

		if (t > j->newest_utc && met_since(p, j, t))
			j->newest_utc = t;
	}
	return SAKSI_OK;
}
