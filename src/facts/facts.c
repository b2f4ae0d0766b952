/* Reading and asking.  Invariants of a parsed stream:
 *  1. every field is in its one spelling, so equal facts are equal bytes;
 *  2. `sorted` orders by (section, subject, attribute, line), so each question
 *     is a binary search and values keep their order;
 *  3. no fact of a section stands after its coverage line. */
#include "facts/facts.h"
#include "facts/facts_text.h"
#include "base/text.h"

#include <string.h>

struct parse {
	struct saksi_arena *a;
	struct saksi_fault *f;
	struct saksi_fact *first; /* facts lie one after the other in the arena */
	struct saksi_coverage *cover;
	size_t count, cover_count, cover_cap;
	uint32_t line;
	size_t at;
	bool end;
};

static const char *const NAMES[] = {
    "none", "complete", "partial", "absent", "denied", "unread",
};

const char *saksi_coverage_name(enum saksi_coverage_state state)
{
	return NAMES[state];
}

static enum saksi_err bad(struct parse *p, const char *what)
{
	return saksi_fault_set(p->f, SAKSI_MALFORMED, what, p->at, p->line);
}

static enum saksi_err full(struct parse *p)
{
	return saksi_fault_set(p->f, SAKSI_LIMIT, "more facts than there is room for",
			       p->at, p->line);
}

/* Cuts the field before the next TAB (or the rest) off *line. */
static struct saksi_bytes field(struct saksi_bytes *line, bool *more)
{
	const uint8_t *tab = line->len ? memchr(line->at, '\t', line->len) : NULL;
	struct saksi_bytes out = *line;

	*more = tab != NULL;
	if (tab) {
		out.len = (size_t)(tab - line->at);
		line->at = tab + 1;
		line->len -= out.len + 1;
	} else {
		line->len = 0;
	}
	return out;
}

static size_t fields(struct saksi_bytes line, struct saksi_bytes out[4])
{
	bool more = true;
	size_t n = 0;

	while (more && n < 4)
		out[n++] = field(&line, &more);
	return more ? 5 : n;
}

static struct saksi_coverage *covered(struct parse *p, struct saksi_bytes section)
{
	for (size_t i = 0; i < p->cover_count; i++)
		if (saksi_bytes_same(p->cover[i].section, section))
			return &p->cover[i];
	return NULL;
}

static enum saksi_err coverage_line(struct parse *p, const struct saksi_bytes in[4])
{
	struct saksi_coverage c = {.section = in[1]};

	for (size_t i = 1; i < sizeof(NAMES) / sizeof(*NAMES); i++)
		if (saksi_bytes_is(in[2], NAMES[i]))
			c.state = (enum saksi_coverage_state)i;
	if (c.state == SAKSI_COVERAGE_NONE)
		return bad(p, "a coverage state that is none");
	if (!saksi_facts_is_section(in[1]))
		return bad(p, "a section name of other letters than a-z 0-9 -");
	if (covered(p, in[1]))
		return bad(p, "a second coverage line for a section");
	if (p->cover_count == p->cover_cap)
		return full(p);
	enum saksi_err err = saksi_facts_decode(in[3], p->a, &c.reason);
	if (err == SAKSI_LIMIT)
		return full(p);
	if (err != SAKSI_OK)
		return bad(p, "a reason that is not in its one spelling");
	if ((c.reason.len == 0) != (c.state == SAKSI_COVERAGE_COMPLETE))
		return bad(p, "a reason where none belongs, or none where one does");
	p->cover[p->cover_count++] = c;
	return SAKSI_OK;
}

static enum saksi_err fact_line(struct parse *p, const struct saksi_bytes in[4])
{
	struct saksi_fact fact = {
	    .section = in[0], .attribute = in[2], .line = p->line};
	enum saksi_err err;

	if (!saksi_facts_is_section(in[0]))
		return bad(p, "a section name of other letters than a-z 0-9 -");
	if (!saksi_facts_is_attribute(in[2]))
		return bad(p, "an attribute name of other letters than a-z 0-9 - _ .");
	if (covered(p, in[0]))
		return bad(p, "a fact after its section's coverage line");
	if (p->count == SAKSI_FACTS_MAX)
		return full(p);
	err = saksi_facts_decode(in[1], p->a, &fact.subject);
	if (err == SAKSI_OK)
		err = saksi_facts_decode(in[3], p->a, &fact.value);
	if (err == SAKSI_LIMIT)
		return full(p);
	if (err != SAKSI_OK || fact.subject.len == 0)
		return bad(
		    p, "a field that is empty, too long or not in its one spelling");
	p->first[p->count++] = fact;
	return SAKSI_OK;
}

static enum saksi_err trailer(struct parse *p, struct saksi_bytes text,
			      const struct saksi_bytes in[4])
{
	struct saksi_hash said,
	    is = saksi_hash_of((struct saksi_bytes){text.at, p->at});
	uint64_t count;

	if (saksi_text_decimal(in[1], &count) != SAKSI_OK ||
	    saksi_text_hex(in[2], said.b, sizeof(said.b)) != SAKSI_OK)
		return bad(p, "a trailer that is no count and hash");
	p->end = true;
	if (count != p->count)
		return saksi_fault_set(p->f, SAKSI_REFUSED,
				       "the trailer counts other facts than are here",
				       p->at, p->line);
	if (!saksi_hash_same(&said, &is))
		return saksi_fault_set(p->f, SAKSI_REFUSED,
				       "the trailer's hash is not that of these facts",
				       p->at, p->line);
	return SAKSI_OK;
}

static enum saksi_err one_line(struct parse *p, struct saksi_bytes text,
			       struct saksi_bytes line)
{
	struct saksi_bytes in[4];
	const size_t n = fields(line, in);

	if (p->end)
		return bad(p, "something after the trailer");
	if (n == 3 && saksi_bytes_is(in[0], "end"))
		return trailer(p, text, in);
	if (n != 4)
		return bad(p, "a line that has not four fields");
	if (saksi_bytes_is(in[0], "="))
		return coverage_line(p, in);
	return fact_line(p, in);
}

static enum saksi_err header(struct parse *p, struct saksi_bytes line)
{
	struct saksi_bytes number = line;
	uint64_t version;

	if (!saksi_bytes_starts(line, "saksi-facts "))
		return bad(p, "this is not a fact stream");
	number.at += strlen("saksi-facts ");
	number.len -= strlen("saksi-facts ");
	if (saksi_text_decimal(number, &version) != SAKSI_OK || version == 0)
		return bad(p, "this is not a fact stream");
	if (version != SAKSI_FACTS_VERSION)
		return saksi_fault_set(p->f, SAKSI_NEWER,
				       "a later version of the fact stream", 0, 1);
	return SAKSI_OK;
}

static int order(const struct saksi_fact *a, const struct saksi_fact *b)
{
	int d = saksi_bytes_order(a->section, b->section);

	if (d == 0)
		d = saksi_bytes_order(a->subject, b->subject);
	if (d == 0)
		d = saksi_bytes_order(a->attribute, b->attribute);
	if (d == 0)
		d = a->line < b->line ? -1 : a->line > b->line;
	return d;
}

static void merge(const struct saksi_fact **from, const struct saksi_fact **to,
		  size_t low, size_t mid, size_t high)
{
	size_t l = low, r = mid;

	for (size_t i = low; i < high; i++) {
		if (l < mid && (r >= high || order(from[l], from[r]) <= 0))
			to[i] = from[l++];
		else
			to[i] = from[r++];
	}
}

/* Bottom up, between two arrays: no recursion, no malloc, n log n always. */
static enum saksi_err sort(struct parse *p, struct saksi_facts *out)
{
	const size_t n = p->count;
	const struct saksi_fact **a = saksi_arena_new(p->a, n + 1, sizeof(*a));
	const struct saksi_fact **b = saksi_arena_new(p->a, n + 1, sizeof(*b));

	if (!a || !b)
		return full(p);
	for (size_t i = 0; i < n; i++)
		a[i] = &p->first[i];
	for (size_t width = 1; width < n; width *= 2) {
		for (size_t low = 0; low < n; low += 2 * width) {
			const size_t mid = low + width < n ? low + width : n;
			const size_t high = mid + width < n ? mid + width : n;
			merge(a, b, low, mid, high);
		}
		const struct saksi_fact **t = a;
		a = b;
		b = t;
	}
	out->sorted = a;
	out->count = n;
	return SAKSI_OK;
}

static void sort_coverage(struct parse *p)
{
	for (size_t i = 1; i < p->cover_count; i++) {
		const struct saksi_coverage c = p->cover[i];
		size_t j = i;

		while (j > 0 &&
		       saksi_bytes_order(p->cover[j - 1].section, c.section) > 0) {
			p->cover[j] = p->cover[j - 1];
			j--;
		}
		p->cover[j] = c;
	}
}

static enum saksi_err room(struct parse *p, struct saksi_bytes text)
{
	size_t lines = 1;

	for (size_t i = 0; i < text.len; i++)
		lines += text.at[i] == '\n';
	if (lines > SAKSI_FACTS_MAX + SAKSI_FACTS_SECTIONS_MAX + 2)
		return full(p);
	p->first = saksi_arena_new(p->a, lines, sizeof(*p->first));
	p->cover_cap = SAKSI_FACTS_SECTIONS_MAX;
	p->cover = saksi_arena_new(p->a, p->cover_cap, sizeof(*p->cover));
	return p->first && p->cover ? SAKSI_OK : full(p);
}

static enum saksi_err all_lines(struct parse *p, struct saksi_bytes text)
{
	struct saksi_cursor c = saksi_cursor_on(text);

	for (;;) {
		p->at = text.len - c.left.len;
		struct saksi_bytes line = saksi_cursor_line(&c);
		if (!c.ok)
			break;
		p->line++;
		if (p->line == 1)
			SAKSI_TRY(header(p, line));
		else
			SAKSI_TRY(one_line(p, text, line));
	}
	if (p->line == 0)
		return bad(p, "this is not a fact stream");
	if (p->end && p->at != text.len)
		return bad(p, "something after the trailer");
	return SAKSI_OK;
}

enum saksi_err saksi_facts_parse(struct saksi_bytes text, struct saksi_arena *a,
				 struct saksi_facts *out, struct saksi_fault *f)
{
	struct parse p = {.a = a, .f = f};
	struct saksi_facts facts = {0};
	const size_t mark = a->used;

	if (text.len > SAKSI_FACTS_BYTES_MAX)
		return full(&p);
	enum saksi_err err = room(&p, text);
	if (err == SAKSI_OK)
		err = all_lines(&p, text);
	if (err == SAKSI_OK)
		err = sort(&p, &facts);
	if (err != SAKSI_OK) {
		saksi_arena_rewind(a, mark);
		return err;
	}
	sort_coverage(&p);
	facts.coverage = p.cover;
	facts.coverage_count = p.cover_count;
	facts.whole = p.end;
	*out = facts;
	return SAKSI_OK;
}

/* ---- asking */

/* How many names of a key are given: section, subject, attribute. */
struct key {
	struct saksi_bytes part[3];
	size_t parts;
};

static int against(const struct saksi_fact *fact, const struct key *k)
{
	const struct saksi_bytes has[3] = {fact->section, fact->subject,
					   fact->attribute};
	int d = 0;

	for (size_t i = 0; i < k->parts && d == 0; i++)
		d = saksi_bytes_order(has[i], k->part[i]);
	return d;
}

/* The first place whose fact is not before (past: not before or at) the key. */
static size_t bound(const struct saksi_facts *facts, const struct key *k, bool past)
{
	size_t low = 0, high = facts->count;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;
		const int d = against(facts->sorted[mid], k);
		if (d < 0 || (past && d == 0))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct saksi_fact_range range(const struct saksi_facts *facts,
				     const struct key *k)
{
	const size_t low = bound(facts, k, false);

	return (struct saksi_fact_range){facts->sorted + low,
					 bound(facts, k, true) - low};
}

struct saksi_fact_range saksi_facts_section(const struct saksi_facts *facts,
					    struct saksi_bytes section)
{
	return range(facts, &(struct key){{section}, 1});
}

struct saksi_fact_range saksi_facts_subject(const struct saksi_facts *facts,
					    struct saksi_bytes section,
					    struct saksi_bytes subject)
{
	return range(facts, &(struct key){{section, subject}, 2});
}

struct saksi_fact_range saksi_facts_attribute(const struct saksi_facts *facts,
					      struct saksi_bytes section,
					      struct saksi_bytes subject,
					      struct saksi_bytes attribute)
{
	return range(facts, &(struct key){{section, subject, attribute}, 3});
}

const struct saksi_fact *saksi_facts_get(const struct saksi_facts *facts,
					 const char *section, const char *subject,
					 const char *attribute)
{
	struct saksi_fact_range r =
	    saksi_facts_attribute(facts, saksi_bytes_of(section),
				  saksi_bytes_of(subject), saksi_bytes_of(attribute));

	return r.count ? r.at[0] : NULL;
}

bool saksi_facts_next(struct saksi_fact_range *rest, struct saksi_fact_range *subject)
{
	size_t n = 0;

	if (rest->count == 0)
		return false;
	while (n < rest->count &&
	       saksi_bytes_same(rest->at[n]->subject, rest->at[0]->subject))
		n++;
	*subject = (struct saksi_fact_range){rest->at, n};
	rest->at += n;
	rest->count -= n;
	return true;
}

const struct saksi_fact *saksi_fact_range_get(struct saksi_fact_range subject,
					      const char *attribute)
{
	for (size_t i = 0; i < subject.count; i++)
		if (saksi_bytes_is(subject.at[i]->attribute, attribute))
			return subject.at[i];
	return NULL;
}

struct saksi_coverage saksi_facts_coverage(const struct saksi_facts *facts,
					   struct saksi_bytes section)
{
	for (size_t i = 0; i < facts->coverage_count; i++)
		if (saksi_bytes_same(facts->coverage[i].section, section))
			return facts->coverage[i];
	return (struct saksi_coverage){
	    section, SAKSI_COVERAGE_NONE,
	    saksi_bytes_of(facts->whole
			       ? "this collector does not read it"
			       : "the fact stream was cut off before its end")};
}
