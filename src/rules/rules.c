/* Blocks, keys and texts of rule language v1; the expressions are read in
 * rules_expr.c.  Spec: docs/RULES.md. */
#include "rules/rules.h"

#include "rules/rules_lex.h"
#include "base/text.h"

#include <string.h>

/* One file being read.  `at` is where the next line begins. */
struct reading {
	struct saksi_rule_file file;
	const uint8_t *at, *end;
	uint32_t line; /* of the line last taken */
	struct saksi_bytes now;
	struct saksi_arena *arena;
	struct saksi_rules_fault *fault;
	struct saksi_rule *rules; /* what the set's `rule` points to */
};

enum key {
	KEY_SEVERITY,
	KEY_NEEDS,
	KEY_PARTIAL,
	KEY_WHEN,
	KEY_TEST,
	KEY_REF,
	KEY_TEXT, /* six of them, KEY_TEXT + 2 * text + lang */
	KEY_COUNT = KEY_TEXT + SAKSI_RULE_TEXTS * SAKSI_RULE_LANGS,
};
static const char *const key_names[KEY_COUNT] = {
    "severity", "needs",    "partial-ok", "when",   "test",   "ref",
    "title.id", "title.en", "why.id",     "why.en", "fix.id", "fix.en"};
static const char *const key_missing[KEY_COUNT] = {"severity is missing in rule",
						   "needs is missing in rule",
						   "",
						   "",
						   "test is missing in rule",
						   "ref is missing in rule",
						   "title.id is missing in rule",
						   "title.en is missing in rule",
						   "why.id is missing in rule",
						   "why.en is missing in rule",
						   "fix.id is missing in rule",
						   "fix.en is missing in rule"};

static const char *const schemes[] = {"CIS-8",           "ISO-27001",     "CSF-2.0",
				      "BSSN-4-2021",     "BSSN-8-2024",   "UU-27-2022",
				      "PERPRES-95-2018", "NIST-VTS-200-1"};

/* Says where: the place of `near`, which lies in the file. */
static enum saksi_err wrong(struct reading *r, enum saksi_err err, const char *what,
			    struct saksi_bytes near)
{
	const uint8_t *begin = r->file.text.at;
	struct saksi_rules_fault *f = r->fault;

	if (f == NULL)
		return err;
	*f = (struct saksi_rules_fault){r->file.name, 1, 1, what, near};
	if (near.at < begin || near.at > r->end) { /* a copy: the line must do */
		f->line = r->line;
		return err;
	}
	for (const uint8_t *p = begin; p < near.at; p++) {
		f->column++;
		if (*p == '\n') {
			f->line++;
			f->column = 1;
		}
	}
	return err;
}

static struct saksi_bytes trim(struct saksi_bytes s)
{
	while (s.len > 0 && (s.at[0] == ' ' || s.at[0] == '\t')) {
		s.at++;
		s.len--;
	}
	while (s.len > 0 && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* The next line that says something; false at the end of the file. */
static bool next_line(struct reading *r)
{
	while (r->at < r->end) {
		const uint8_t *nl = memchr(r->at, '\n', (size_t)(r->end - r->at));
		const uint8_t *stop = nl == NULL ? r->end : nl;

		r->now = (struct saksi_bytes){r->at, (size_t)(stop - r->at)};
		r->at = nl == NULL ? r->end : nl + 1;
		r->line++;
		if (trim(r->now).len > 0 && r->now.at[0] != '#')
			return true;
	}
	r->now = (struct saksi_bytes){r->end, 0};
	return false;
}

/* Takes the indented lines after this one into the value: from its first byte
 * to the last byte that is not white space. */
static struct saksi_bytes whole_value(struct reading *r, struct saksi_bytes first)
{
	while (r->at < r->end && (r->at[0] == ' ' || r->at[0] == '\t')) {
		const uint8_t *nl = memchr(r->at, '\n', (size_t)(r->end - r->at));
		const uint8_t *stop = nl == NULL ? r->end : nl;
		struct saksi_bytes line =
		    trim((struct saksi_bytes){r->at, (size_t)(stop - r->at)});

		if (line.len > 0)
			first.len = (size_t)(line.at + line.len - first.at);
		r->at = nl == NULL ? r->end : nl + 1;
		r->line++;
	}
	return first;
}

/* Lines of a text, each trimmed, joined by one space, or by a newline in fix. */
static enum saksi_err fold(struct reading *r, struct saksi_bytes raw, uint8_t joint,
			   struct saksi_bytes *out)
{
	struct saksi_bytes left = raw;
	uint8_t *copy = saksi_arena_new(r->arena, raw.len + 1, 1);
	size_t n = 0;

	if (copy == NULL)
		return wrong(r, SAKSI_LIMIT, "too large to read", raw);
	while (left.len > 0) {
		const uint8_t *nl = memchr(left.at, '\n', left.len);
		size_t len = nl == NULL ? left.len : (size_t)(nl - left.at);
		struct saksi_bytes line = trim((struct saksi_bytes){left.at, len});

		if (line.len > 0) {
			if (n > 0)
				copy[n++] = joint;
			memcpy(copy + n, line.at, line.len);
			n += line.len;
		}
		if (nl == NULL)
			break;
		left.at += len + 1;
		left.len -= len + 1;
	}
	*out = (struct saksi_bytes){copy, n};
	return SAKSI_OK;
}

/* ---- values of the keys */

static enum saksi_err expression(struct reading *r, struct saksi_bytes raw,
				 const struct saksi_rule_expr **out)
{
	struct saksi_lex lex;

	saksi_lex_begin(&lex, raw, r->arena);
	*out = saksi_rule_expr_read(&lex);
	if (*out != NULL)
		return SAKSI_OK;
	if (lex.wrong.kind == SAKSI_LEX_END) /* point at the end of what was read */
		lex.wrong.text = (struct saksi_bytes){lex.wrong.at, 0};
	lex.wrong.text.at = lex.wrong.at;
	return wrong(r, lex.err, lex.what, lex.wrong.text);
}

static bool section_name(struct saksi_bytes s)
{
	if (s.len == 0 || s.len > 32 || s.at[0] < 'a' || s.at[0] > 'z')
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!(s.at[i] >= 'a' && s.at[i] <= 'z') &&
		    !(s.at[i] >= '0' && s.at[i] <= '9') && s.at[i] != '-')
			return false;
	return true;
}

static size_t need_place(const struct saksi_rule *rule, struct saksi_bytes section)
{
	for (size_t i = 0; i < rule->need_count; i++)
		if (saksi_bytes_same(rule->needs[i], section))
			return i;
	return SIZE_MAX;
}

/* The words of a value. */
static bool next_word(struct saksi_bytes *left, struct saksi_bytes *word)
{
	size_t n = 0;

	while (left->len > 0 && strchr(" \t\n", left->at[0]) != NULL &&
	       left->at[0] != 0) {
		left->at++;
		left->len--;
	}
	while (n < left->len &&
	       (left->at[n] == 0 || strchr(" \t\n", left->at[n]) == NULL))
		n++;
	*word = (struct saksi_bytes){left->at, n};
	left->at += n;
	left->len -= n;
	return n > 0;
}

static enum saksi_err needs(struct reading *r, struct saksi_bytes raw,
			    struct saksi_rule *rule)
{
	struct saksi_bytes word;

	while (next_word(&raw, &word)) {
		if (!section_name(word))
			return wrong(r, SAKSI_MALFORMED, "not a section's name", word);
		if (need_place(rule, word) != SIZE_MAX)
			return wrong(r, SAKSI_MALFORMED, "named twice", word);
		if (rule->need_count == SAKSI_RULE_NEEDS_MAX)
			return wrong(r, SAKSI_LIMIT, "too many sections", word);
		rule->needs[rule->need_count++] = word;
	}
	return SAKSI_OK;
}

static enum saksi_err partial_ok(struct reading *r, struct saksi_bytes raw,
				 struct saksi_rule *rule)
{
	struct saksi_bytes word;
	size_t place;

	while (next_word(&raw, &word)) {
		place = need_place(rule, word);
		if (place == SIZE_MAX)
			return wrong(r, SAKSI_MALFORMED, "needs, above, must name it",
				     word);
		if (rule->partial_ok & 1U << place)
			return wrong(r, SAKSI_MALFORMED, "named twice", word);
		rule->partial_ok |= 1U << place;
	}
	return SAKSI_OK;
}

static enum saksi_err one_ref(struct reading *r, struct saksi_bytes ref,
			      struct saksi_rule *rule)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = strlen(schemes[i]);

		if (!saksi_bytes_starts(ref, schemes[i]) || ref.len < n + 2 ||
		    ref.at[n] != ' ' || ref.at[n + 1] == ' ')
			continue;
		if (rule->ref_count == SAKSI_RULE_REFS_MAX)
			return wrong(r, SAKSI_LIMIT, "too many references", ref);
		rule->refs[rule->ref_count++] = ref;
		return SAKSI_OK;
	}
	return wrong(r, SAKSI_MALFORMED,
		     "expected SCHEME PLACE with one of CIS-8 ISO-27001 CSF-2.0 "
		     "BSSN-4-2021 BSSN-8-2024 UU-27-2022 PERPRES-95-2018 "
		     "NIST-VTS-200-1, but it is",
		     ref);
}

static enum saksi_err refs(struct reading *r, struct saksi_bytes raw,
			   struct saksi_rule *rule)
{
	struct saksi_bytes left = raw;

	if (memchr(raw.at, '\n', raw.len) != NULL)
		SAKSI_TRY(fold(r, raw, ' ', &left));
	while (left.len > 0) {
		const uint8_t *semi = memchr(left.at, ';', left.len);
		size_t n = semi == NULL ? left.len : (size_t)(semi - left.at);

		SAKSI_TRY(one_ref(r, trim((struct saksi_bytes){left.at, n}), rule));
		n += semi == NULL ? 0 : 1;
		left.at += n;
		left.len -= n;
	}
	return SAKSI_OK;
}

static enum saksi_err take_key(struct reading *r, enum key key, struct saksi_bytes raw,
			       struct saksi_rule *rule)
{
	unsigned text = (unsigned)key - KEY_TEXT;

	switch (key) {
	case KEY_SEVERITY:
		if (saksi_severity_read(raw, &rule->severity) != SAKSI_OK)
			return wrong(r, SAKSI_MALFORMED,
				     "severity is critical, high, medium, low or info",
				     raw);
		return SAKSI_OK;
	case KEY_NEEDS:
		return needs(r, raw, rule);
	case KEY_PARTIAL:
		return partial_ok(r, raw, rule);
	case KEY_WHEN:
		return expression(r, raw, &rule->when);
	case KEY_TEST:
		return expression(r, raw, &rule->test);
	case KEY_REF:
		return refs(r, raw, rule);
	case KEY_TEXT:
	case KEY_COUNT:
	default:
		return fold(r, raw, text / 2 == SAKSI_RULE_FIX ? '\n' : ' ',
			    &rule->text[text / 2][text % 2]);
	}
}

/* ---- blocks */

/* Does the expression name only sections that needs names?  `used` collects. */
static const struct saksi_rule_expr *
stranger(const struct saksi_rule *rule, const struct saksi_rule_expr *e, uint32_t *used)
{
	const struct saksi_rule_expr *bad = NULL;

	if (e == NULL || e->node == SAKSI_RULE_TEST)
		return NULL;
	if (e->node <= SAKSI_RULE_NOT) {
		bad = stranger(rule, e->left, used);
		return bad != NULL ? bad : stranger(rule, e->right, used);
	}
	size_t place = need_place(rule, e->section);
	if (place == SIZE_MAX)
		return e;
	*used |= 1U << place;
	return NULL;
}

static enum saksi_err whole_rule(struct reading *r, const struct saksi_rule *rule,
				 uint32_t keys)
{
	const struct saksi_rule_expr *bad;
	uint32_t used = 0;

	for (unsigned k = 0; k < KEY_COUNT; k++)
		if (!(keys & 1U << k) && k != KEY_PARTIAL && k != KEY_WHEN)
			return wrong(r, SAKSI_MALFORMED, key_missing[k], rule->id);
	bad = stranger(rule, rule->when, &used);
	if (bad == NULL)
		bad = stranger(rule, rule->test, &used);
	if (bad != NULL)
		return wrong(r, SAKSI_MALFORMED, "needs does not name this section",
			     bad->section);
	for (size_t i = 0; i < rule->need_count; i++)
		if (!(used & 1U << i))
			return wrong(r, SAKSI_MALFORMED,
				     "needs names a section that is not used",
				     rule->needs[i]);
	return SAKSI_OK;
}

static enum saksi_err key_line(struct reading *r, struct saksi_rule *rule,
			       uint32_t *keys)
{
	const uint8_t *eq = memchr(r->now.at, '=', r->now.len);
	struct saksi_bytes line = r->now, name, raw;
	unsigned k = 0;

	if (line.at[0] == ' ' || line.at[0] == '\t')
		return wrong(r, SAKSI_MALFORMED, "an indented line continues nothing",
			     trim(line));
	if (eq == NULL)
		return wrong(r, SAKSI_MALFORMED, "expected KEY = VALUE or [ID]", line);
	name = trim((struct saksi_bytes){line.at, (size_t)(eq - line.at)});
	while (k < KEY_COUNT && !saksi_bytes_is(name, key_names[k]))
		k++;
	if (k == KEY_COUNT)
		return wrong(r, SAKSI_MALFORMED, "unknown key", name);
	if (*keys & 1U << k)
		return wrong(r, SAKSI_MALFORMED, "this key stands twice", name);
	*keys |= 1U << k;
	raw = trim((struct saksi_bytes){eq + 1, (size_t)(line.at + line.len - eq - 1)});
	raw = whole_value(r, raw);
	while (raw.len > 0 && strchr(" \t\n", raw.at[0]) != NULL) {
		raw.at++;
		raw.len--;
	}
	if (raw.len == 0)
		return wrong(r, SAKSI_MALFORMED, "a value is missing after", name);
	return take_key(r, (enum key)k, raw, rule);
}

static bool good_id(struct saksi_bytes id)
{
	if (id.len < 2 || id.len > SAKSI_RULE_ID_MAX || id.at[0] == '-')
		return false;
	for (size_t i = 0; i < id.len; i++)
		if (!(id.at[i] >= 'a' && id.at[i] <= 'z') &&
		    !(id.at[i] >= '0' && id.at[i] <= '9') && id.at[i] != '-')
			return false;
	return true;
}

/* r->now is the block's first line; on return the line after the block. */
static enum saksi_err block(struct reading *r, struct saksi_rules *set, bool *more)
{
	struct saksi_bytes head = trim(r->now);
	struct saksi_rule *rule = &r->rules[set->count];
	uint32_t keys = 0;

	if (set->count == SAKSI_RULES_MAX)
		return wrong(r, SAKSI_LIMIT, "more than 4096 rules", head);
	*rule = (struct saksi_rule){.file = r->file.name, .line = r->line};
	if (r->now.at[0] != '[' || head.at[head.len - 1] != ']')
		return wrong(r, SAKSI_MALFORMED, "expected [ID] on a line of its own",
			     head);
	rule->id = (struct saksi_bytes){head.at + 1, head.len - 2};
	if (!good_id(rule->id))
		return wrong(r, SAKSI_MALFORMED,
			     "an id is 2 to 63 of a-z 0-9 -, not beginning with -",
			     rule->id);
	if (saksi_rules_find(set, rule->id) != SIZE_MAX)
		return wrong(r, SAKSI_MALFORMED, "this id stands twice", rule->id);
	for (*more = next_line(r); *more && r->now.at[0] != '['; *more = next_line(r))
		SAKSI_TRY(key_line(r, rule, &keys));
	SAKSI_TRY(whole_rule(r, rule, keys));
	set->count++;
	return SAKSI_OK;
}

static enum saksi_err first_line(struct reading *r)
{
	static const char head[] = "rules ";
	uint64_t version;

	if (!next_line(r))
		return wrong(r, SAKSI_MALFORMED, "the first line must be: rules 1",
			     r->now);
	struct saksi_bytes line = trim(r->now);
	if (!saksi_bytes_starts(line, head) ||
	    saksi_text_decimal((struct saksi_bytes){line.at + 6, line.len - 6},
			       &version) != SAKSI_OK ||
	    version == 0)
		return wrong(r, SAKSI_MALFORMED, "the first line must be: rules 1",
			     line);
	if (version != SAKSI_RULES_VERSION)
		return wrong(r, SAKSI_NEWER,
			     "a later version of the rule language than this program "
			     "knows",
			     line);
	return SAKSI_OK;
}

static enum saksi_err one_file(struct reading *r, struct saksi_rules *set)
{
	struct saksi_bytes text = r->file.text;
	const uint8_t *bad;
	bool more;

	if (text.len > SAKSI_RULE_FILE_LEN_MAX)
		return wrong(r, SAKSI_LIMIT, "a rule file is at most 1 MiB", r->now);
	if (!saksi_text_utf8(text))
		return wrong(r, SAKSI_MALFORMED, "not UTF-8 text", r->now);
	for (bad = text.at; bad < r->end; bad++)
		if ((*bad < ' ' && *bad != '\n' && *bad != '\t') || *bad == 0x7f)
			return wrong(r, SAKSI_MALFORMED, "a control character",
				     (struct saksi_bytes){bad, 0});
	SAKSI_TRY(first_line(r));
	for (more = next_line(r); more;)
		SAKSI_TRY(block(r, set, &more));
	return SAKSI_OK;
}

/* Indices of the files in byte order of their names; false: a name twice. */
static bool by_name(const struct saksi_rule_file *files, size_t count, size_t *order)
{
	for (size_t i = 0; i < count; i++) {
		size_t j = i;

		for (; j > 0; j--) {
			int o =
			    saksi_bytes_order(files[order[j - 1]].name, files[i].name);
			if (o == 0)
				return false;
			if (o < 0)
				break;
			order[j] = order[j - 1];
		}
		order[j] = i;
	}
	return true;
}

/* No fewer than the rules that may come: lines that begin with '['. */
static size_t blocks(const struct saksi_rule_file *files, size_t count)
{
	size_t n = 1;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < files[i].text.len; j++)
			n += files[i].text.at[j] == '[' &&
			     (j == 0 || files[i].text.at[j - 1] == '\n');
	return n;
}

static enum saksi_err digest(struct saksi_arena *a, struct saksi_rules *set)
{
	size_t mark = a->used;
	struct saksi_buf buf = saksi_buf_fixed(a->base + a->used, a->cap - a->used);

	saksi_rules_write(set, false, &buf);
	SAKSI_TRY(saksi_buf_check(&buf));
	set->digest = saksi_hash_of(saksi_buf_bytes(&buf));
	saksi_arena_rewind(a, mark);
	return SAKSI_OK;
}

enum saksi_err saksi_rules_read(const struct saksi_rule_file *files, size_t file_count,
				struct saksi_arena *a, struct saksi_rules *out,
				struct saksi_rules_fault *f)
{
	size_t order[SAKSI_RULE_FILES_MAX];
	struct saksi_rules set = {0};
	struct saksi_rule *rules;

	if (f != NULL)
		*f = (struct saksi_rules_fault){.what = "no rule file"};
	if (file_count == 0)
		return SAKSI_BADARG;
	if (f != NULL)
		f->what = "more than 256 rule files, or a name twice";
	if (file_count > SAKSI_RULE_FILES_MAX || !by_name(files, file_count, order))
		return SAKSI_LIMIT;
	if (f != NULL)
		f->what = "too large to read";
	rules = saksi_arena_new(a, blocks(files, file_count), sizeof(*rules));
	if (rules == NULL)
		return SAKSI_LIMIT;
	set.rule = rules;
	for (size_t i = 0; i < file_count; i++) {
		struct saksi_rule_file file = files[order[i]];
		struct reading r = {.file = file,
				    .at = file.text.at,
				    .end = file.text.at + file.text.len,
				    .now = {file.text.at, 0},
				    .arena = a,
				    .fault = f,
				    .rules = rules};

		SAKSI_TRY(one_file(&r, &set));
	}
	SAKSI_TRY(digest(a, &set));
	if (f != NULL)
		*f = (struct saksi_rules_fault){0};
	*out = set;
	return SAKSI_OK;
}

size_t saksi_rules_find(const struct saksi_rules *r, struct saksi_bytes id)
{
	for (size_t i = 0; i < r->count; i++)
		if (saksi_bytes_same(r->rule[i].id, id))
			return i;
	return SIZE_MAX;
}
