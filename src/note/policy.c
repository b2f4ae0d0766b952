#include "note/policy.h"

#include "base/text.h"
#include "note/lines.h"

#define ITEMS_MAX ((size_t)SAKSI_POLICY_MAX * 2 + 3) /* words on a line */
#define PARTIES_MAX ((size_t)SAKSI_POLICY_MAX * 2)

/* What is being read.  Words are views into the text. */
struct reading {
	struct saksi_note_lines l;
	struct saksi_bytes words[ITEMS_MAX];
	size_t word_count;
	struct saksi_arena *a;
	struct saksi_fault *f;
	struct saksi_policy_log *logs;
	struct saksi_policy_party *parties;
	uint32_t log_count, party_count, group_count;
	bool taken[PARTIES_MAX]; /* is a member of a group already */
	bool has_quorum;
	int32_t quorum;
};

static enum saksi_err wrong(const struct reading *r, const char *what)
{
	return saksi_note_lines_fault(&r->l, r->f, SAKSI_MALFORMED, what);
}

static enum saksi_err too_many(const struct reading *r, const char *what)
{
	return saksi_note_lines_fault(&r->l, r->f, SAKSI_LIMIT, what);
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* Cut the line into words; comments have none. */
static enum saksi_err cut(struct reading *r)
{
	struct saksi_bytes b = r->l.line;
	size_t i = 0;

	r->word_count = 0;
	for (size_t n = 0; n < b.len; n++)
		if ((b.at[n] < 0x20 && b.at[n] != '\t') || b.at[n] == 0x7f)
			return wrong(r, "a control character in a policy");
	for (;;) {
		struct saksi_bytes word;
		size_t start;

		while (i < b.len && is_blank(b.at[i]))
			i++;
		start = i;
		while (i < b.len && !is_blank(b.at[i]))
			i++;
		word = (struct saksi_bytes){b.at + start, i - start};
		if (word.len == 0 || (r->word_count == 0 && word.at[0] == '#'))
			return SAKSI_OK;
		if (r->word_count == ITEMS_MAX)
			return too_many(r, "too many words on a line");
		r->words[r->word_count++] = word;
	}
}

/* The index of the witness or group of this name, or -1. */
static int32_t find(const struct reading *r, struct saksi_bytes name)
{
	for (uint32_t i = 0; i < r->party_count; i++)
		if (saksi_bytes_same(r->parties[i].name, name))
			return (int32_t)i;
	return -1;
}

/* The key in word n; places inside it become places in the policy. */
static enum saksi_err read_key(const struct reading *r, size_t n,
			       struct saksi_vkey *out)
{
	struct saksi_fault inner = {.what = NULL};
	enum saksi_err err = saksi_vkey_read_any(r->words[n], out, &inner);

	if (err == SAKSI_OK)
		return SAKSI_OK;
	return saksi_fault_set(r->f, err, inner.what,
			       (size_t)(r->words[n].at - r->l.begin) + inner.at,
			       r->l.number);
}

/* Two keys are duplicates when the public keys within are the same. */
static bool same_key(const struct saksi_vkey *a, const struct saksi_vkey *b)
{
	return saksi_bytes_same((struct saksi_bytes){a->key, sizeof(a->key)},
				(struct saksi_bytes){b->key, sizeof(b->key)});
}

static enum saksi_err read_log(struct reading *r)
{
	struct saksi_policy_log *log = &r->logs[r->log_count];

	if (r->word_count < 2 || r->word_count > 3)
		return wrong(r, "a log is: log <vkey> [<url>]");
	if (r->log_count == SAKSI_POLICY_MAX)
		return too_many(r, "more than 256 logs");
	SAKSI_TRY(read_key(r, 1, &log->key));
	for (uint32_t i = 0; i < r->log_count; i++)
		if (same_key(&r->logs[i].key, &log->key))
			return wrong(r, "two logs with the same public key");
	if (r->word_count == 3)
		log->url = r->words[2];
	r->log_count++;
	return SAKSI_OK;
}

/* A place for the witness or group that word 1 names. */
static enum saksi_err new_party(struct reading *r, struct saksi_policy_party **out)
{
	*out = &r->parties[r->party_count];
	if (saksi_bytes_is(r->words[1], "none"))
		return wrong(r, "the name \"none\" has a meaning of its own");
	if (find(r, r->words[1]) >= 0)
		return wrong(r, "this name is already defined");
	(*out)->name = r->words[1];
	return SAKSI_OK;
}

static enum saksi_err read_witness(struct reading *r)
{
	struct saksi_policy_party *p;

	if (r->word_count < 3 || r->word_count > 4)
		return wrong(r, "a witness is: witness <name> <vkey> [<url>]");
	if (r->party_count - r->group_count == SAKSI_POLICY_MAX)
		return too_many(r, "more than 256 witnesses");
	SAKSI_TRY(new_party(r, &p));
	SAKSI_TRY(read_key(r, 2, &p->key));
	if (p->key.type == SAKSI_SIG_ED25519)
		return wrong(r, "a witness has a key for cosignatures (type 04)");
	p->known = p->key.type == SAKSI_SIG_COSIGNATURE;
	for (uint32_t i = 0; i < r->party_count; i++)
		if (!r->parties[i].is_group && same_key(&r->parties[i].key, &p->key))
			return wrong(r, "two witnesses with the same public key");
	if (r->word_count == 4)
		p->url = r->words[3];
	r->party_count++;
	return SAKSI_OK;
}

/* Word 2 of a group of n members: how many must have signed; 0 is none. */
static uint64_t read_threshold(struct saksi_bytes word, uint64_t n)
{
	uint64_t k;

	if (saksi_bytes_is(word, "all"))
		return n;
	if (saksi_bytes_is(word, "any"))
		return 1;
	if (saksi_text_decimal(word, &k) != SAKSI_OK || k > n)
		return 0;
	return k;
}

static enum saksi_err read_group(struct reading *r)
{
	struct saksi_policy_party *p;
	uint32_t *members;
	size_t n = r->word_count - 3;

	if (r->word_count < 4)
		return wrong(r, "a group is: group <name> all|any|<k> <name>...");
	if (r->group_count == SAKSI_POLICY_MAX)
		return too_many(r, "more than 256 groups");
	SAKSI_TRY(new_party(r, &p));
	p->k = (uint32_t)read_threshold(r->words[2], n);
	if (p->k == 0)
		return wrong(r, "all, any, or a number from 1 to that of the members");
	members = saksi_arena_new(r->a, n, sizeof(*members));
	if (members == NULL)
		return saksi_note_lines_fault(&r->l, r->f, SAKSI_NOMEM,
					      "no memory for a group");
	for (size_t i = 0; i < n; i++) {
		int32_t m = find(r, r->words[3 + i]);

		if (m < 0)
			return wrong(r, "a member that no line above defines");
		if (r->taken[m])
			return wrong(r, "a name is a member twice");
		r->taken[m] = true;
		members[i] = (uint32_t)m;
	}
	p->is_group = true;
	p->members = members;
	p->member_count = (uint32_t)n;
	r->party_count++;
	r->group_count++;
	return SAKSI_OK;
}

static enum saksi_err read_quorum(struct reading *r)
{
	if (r->word_count != 2)
		return wrong(r, "a quorum is: quorum <name>");
	if (r->has_quorum)
		return wrong(r, "a second quorum");
	r->has_quorum = true;
	r->quorum = -1;
	if (saksi_bytes_is(r->words[1], "none"))
		return SAKSI_OK;
	r->quorum = find(r, r->words[1]);
	if (r->quorum < 0)
		return wrong(r, "a quorum that no line above defines");
	return SAKSI_OK;
}

static enum saksi_err read_line(struct reading *r)
{
	static const struct {
		const char *keyword;
		enum saksi_err (*read)(struct reading *r);
	} kinds[] = {{"log", read_log},
		     {"witness", read_witness},
		     {"group", read_group},
		     {"quorum", read_quorum}};

	SAKSI_TRY(cut(r));
	if (r->word_count == 0)
		return SAKSI_OK;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (saksi_bytes_is(r->words[0], kinds[i].keyword))
			return kinds[i].read(r);
	return wrong(r, "a policy line begins with log, witness, group or quorum");
}

/* Room for what the text may define, and one more, which is then too many. */
static enum saksi_err make_room(struct reading *r)
{
	struct saksi_bytes text = r->l.left;
	size_t lines = 1, logs, parties;

	for (size_t i = 0; i < text.len; i++)
		lines += text.at[i] == '\n';
	logs = lines < SAKSI_POLICY_MAX ? lines : SAKSI_POLICY_MAX;
	parties = lines < PARTIES_MAX ? lines : PARTIES_MAX;
	r->logs = saksi_arena_new(r->a, logs + 1, sizeof(*r->logs));
	r->parties = saksi_arena_new(r->a, parties + 1, sizeof(*r->parties));
	if (r->logs == NULL || r->parties == NULL)
		return saksi_fault_set(r->f, SAKSI_NOMEM, "no memory for a policy", 0,
				       0);
	return SAKSI_OK;
}

enum saksi_err saksi_policy_read(struct saksi_bytes text, struct saksi_arena *a,
				 struct saksi_policy *out, struct saksi_fault *f)
{
	struct reading r = {.l = saksi_note_lines_on(text), .a = a, .f = f};

	SAKSI_TRY(make_room(&r));
	while (saksi_note_lines_next(&r.l))
		SAKSI_TRY(read_line(&r));
	if (r.l.line.len > 0)
		return wrong(&r, "a policy ends with a newline");
	if (!r.has_quorum)
		return wrong(&r, "a policy has a quorum line");
	*out = (struct saksi_policy){.logs = r.logs,
				     .log_count = r.log_count,
				     .parties = r.parties,
				     .party_count = r.party_count,
				     .quorum = r.quorum};
	return SAKSI_OK;
}

bool saksi_policy_met(const struct saksi_policy *p, const bool *has)
{
	bool met[PARTIES_MAX];

	if (p->quorum < 0)
		return true;
	/* Members stand before their group, so one pass is enough. */
	for (uint32_t i = 0; i < p->party_count; i++) {
		const struct saksi_policy_party *party = &p->parties[i];
		uint32_t count = 0;

		met[i] = has[i] && party->known;
		if (!party->is_group)
			continue;
		for (uint32_t m = 0; m < party->member_count; m++)
			count += met[party->members[m]];
		met[i] = count >= party->k;
	}
	return met[p->quorum];
}
