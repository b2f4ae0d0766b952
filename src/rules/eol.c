#include "rules/eol.h"

#include "base/clock.h"

#include <string.h>

#define DAY_END 86399

static bool digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Cuts the field before `by` off the front of *left. */
static struct saksi_bytes field(struct saksi_bytes *left, char by)
{
	const uint8_t *p = left->len == 0 ? NULL : memchr(left->at, by, left->len);
	size_t n = p == NULL ? left->len : (size_t)(p - left->at);
	struct saksi_bytes f = {left->at, n};

	n += p != NULL;
	left->at += n;
	left->len -= n;
	return f;
}

static size_t lines(struct saksi_bytes text)
{
	size_t n = 1;

	for (size_t i = 0; i < text.len; i++)
		n += text.at[i] == '\n';
	return n;
}

/* The last second of a day. */
static bool day_end(struct saksi_bytes s, int64_t *utc)
{
	char full[SAKSI_TIME_TEXT_LEN + 1] = "0000-00-00T00:00:00Z";

	if (s.len != 10)
		return false;
	memcpy(full, s.at, 10);
	if (saksi_time_read(saksi_bytes_of(full), utc) != SAKSI_OK)
		return false;
	*utc += DAY_END;
	return true;
}

static bool end_date(struct saksi_bytes s, int64_t *utc)
{
	if (!saksi_bytes_is(s, "-"))
		return day_end(s, utc);
	*utc = SAKSI_EOL_NOT_SAID;
	return true;
}

static enum saksi_err place(struct saksi_bytes text, struct saksi_arena *a,
			    struct saksi_eol *e, struct saksi_eol_entry **entries)
{
	if (e->count == SAKSI_EOL_TABLES_MAX)
		return SAKSI_LIMIT;
	*entries = saksi_arena_new(a, lines(text), sizeof(**entries));
	return *entries == NULL ? SAKSI_LIMIT : SAKSI_OK;
}

/* ---- rules/eol.tsv */

static bool header(struct saksi_bytes line, int64_t *as_of, enum saksi_err *err)
{
	struct saksi_bytes name = field(&line, '\t');

	*err = SAKSI_MALFORMED;
	if (!saksi_bytes_is(name, "saksi-eol 1")) {
		if (saksi_bytes_starts(name, "saksi-eol ") && name.len > 10 &&
		    digit(name.at[10]))
			*err = SAKSI_NEWER;
		return false;
	}
	return day_end(line, as_of);
}

static const char *row(struct saksi_bytes line, struct saksi_eol_entry *out)
{
	struct saksi_bytes part[5];

	for (size_t i = 0; i < 5; i++)
		part[i] = field(&line, '\t');
	if (line.len != 0 || part[0].len == 0 || part[1].len == 0 || part[4].len == 0)
		return "expected product, cycle, two dates and source, with tabs "
		       "between";
	*out = (struct saksi_eol_entry){
	    .product = part[0], .cycle = part[1], .source = part[4]};
	if (!end_date(part[2], &out->supported_utc) ||
	    !end_date(part[3], &out->maintained_utc))
		return "a date is YYYY-MM-DD, or - when none was announced";
	if (out->maintained_utc < out->supported_utc)
		return "the second date is the later one";
	return NULL;
}

enum saksi_err saksi_eol_read(struct saksi_bytes text, struct saksi_arena *a,
			      struct saksi_eol *e, struct saksi_fault *f)
{
	struct saksi_eol_table t = {.name = saksi_bytes_of("eol.tsv"),
				    .digest = saksi_hash_of(text)};
	struct saksi_cursor c = saksi_cursor_on(text);
	struct saksi_eol_entry *entries;
	enum saksi_err err;
	uint32_t n = 0;
	bool begun = false;

	SAKSI_TRY(place(text, a, e, &entries));
	while (c.left.len > 0) {
		struct saksi_bytes line = saksi_cursor_line(&c);
		const char *wrong = NULL;
		size_t at = (size_t)(c.left.at - text.at);

		n++;
		if (!c.ok)
			return saksi_fault_set(f, SAKSI_MALFORMED, "no final newline",
					       at, n);
		if (line.len == 0 || line.at[0] == '#')
			continue;
		if (!begun && !header(line, &t.as_of_utc, &err))
			return saksi_fault_set(
			    f, err, "expected: saksi-eol 1, a tab, and the date", at,
			    n);
		if (begun)
			wrong = row(line, &entries[t.count]);
		if (wrong != NULL)
			return saksi_fault_set(f, SAKSI_MALFORMED, wrong, at, n);
		t.count += begun;
		begun = true;
	}
	if (!begun)
		return saksi_fault_set(f, SAKSI_MALFORMED, "an empty table", 0, 1);
	t.entry = entries;
	e->table[e->count++] = t;
	return SAKSI_OK;
}

/* ---- distro-info-data */

#define COLUMNS_MAX 16

/* Where a named column stands; COLUMNS_MAX when there is none. */
static size_t column(const struct saksi_bytes *names, const char *name)
{
	size_t i = 0;

	while (i < COLUMNS_MAX && !saksi_bytes_is(names[i], name))
		i++;
	return i;
}

static void split(struct saksi_bytes line, struct saksi_bytes cells[COLUMNS_MAX])
{
	for (size_t i = 0; i < COLUMNS_MAX; i++)
		cells[i] = field(&line, ',');
}

/* A release with an end; false for one that has none, or no number. */
static bool release(const struct saksi_bytes *names, const struct saksi_bytes *cells,
		    struct saksi_eol_entry *out)
{
	static const char *const longer[] = {"eol-lts", "eol-server"};
	size_t version = column(names, "version"), eol = column(names, "eol");
	struct saksi_bytes cycle;

	if (version == COLUMNS_MAX || eol == COLUMNS_MAX)
		return false;
	cycle = cells[version];
	out->cycle = field(&cycle, ' '); /* "24.04 LTS" */
	if (out->cycle.len == 0 || !day_end(cells[eol], &out->supported_utc))
		return false;
	out->maintained_utc = out->supported_utc;
	for (size_t i = 0; i < sizeof(longer) / sizeof(longer[0]); i++) {
		size_t at = column(names, longer[i]);
		int64_t utc;

		if (at < COLUMNS_MAX && day_end(cells[at], &utc) &&
		    utc > out->maintained_utc)
			out->maintained_utc = utc;
	}
	return true;
}

enum saksi_err saksi_eol_read_distro(struct saksi_bytes text, const char *product,
				     struct saksi_arena *a, struct saksi_eol *e,
				     struct saksi_fault *f)
{
	struct saksi_eol_table t = {.name = saksi_bytes_of("ubuntu.csv"),
				    .digest = saksi_hash_of(text)};
	struct saksi_bytes names[COLUMNS_MAX], cells[COLUMNS_MAX], left = text;
	struct saksi_eol_entry *entries;

	if (strcmp(product, "debian") == 0)
		t.name = saksi_bytes_of("debian.csv");
	SAKSI_TRY(place(text, a, e, &entries));
	split(field(&left, '\n'), names);
	if (column(names, "version") == COLUMNS_MAX ||
	    column(names, "eol") == COLUMNS_MAX)
		return saksi_fault_set(f, SAKSI_MALFORMED,
				       "expected the columns version and eol", 0, 1);
	while (left.len > 0) {
		struct saksi_eol_entry *now = &entries[t.count];

		split(field(&left, '\n'), cells);
		*now = (struct saksi_eol_entry){.product = saksi_bytes_of(product),
						.source =
						    saksi_bytes_of("distro-info-data")};
		t.count += release(names, cells, now);
	}
	t.entry = entries;
	e->table[e->count++] = t;
	return SAKSI_OK;
}

/* ---- looking up */

static struct saksi_bytes without_epoch(struct saksi_bytes v)
{
	size_t n = 0;

	while (n < v.len && digit(v.at[n]))
		n++;
	if (n > 0 && n < v.len && v.at[n] == ':')
		return (struct saksi_bytes){v.at + n + 1, v.len - n - 1};
	return v;
}

static bool begins(struct saksi_bytes cycle, struct saksi_bytes version)
{
	if (cycle.len > version.len || memcmp(cycle.at, version.at, cycle.len) != 0)
		return false;
	return cycle.len == version.len || !digit(version.at[cycle.len]);
}

const struct saksi_eol_entry *saksi_eol_find(const struct saksi_eol *e,
					     struct saksi_bytes product,
					     struct saksi_bytes version,
					     const struct saksi_eol_table **table)
{
	const struct saksi_eol_entry *best = NULL;

	version = without_epoch(version);
	for (size_t i = 0; i < e->count; i++)
		for (size_t j = 0; j < e->table[i].count; j++) {
			const struct saksi_eol_entry *n = &e->table[i].entry[j];

			if (!saksi_bytes_same(n->product, product) ||
			    !begins(n->cycle, version) ||
			    (best != NULL && n->cycle.len <= best->cycle.len))
				continue;
			best = n;
			if (table != NULL)
				*table = &e->table[i];
		}
	return best;
}

enum saksi_err saksi_eol_check(const struct saksi_eol *e, struct saksi_bytes product,
			       struct saksi_bytes version, bool fully, int64_t at)
{
	const struct saksi_eol_table *table = NULL;
	const struct saksi_eol_entry *n = saksi_eol_find(e, product, version, &table);
	int64_t until;

	if (n == NULL)
		return SAKSI_MISSING;
	until = fully ? n->supported_utc : n->maintained_utc;
	if (until == SAKSI_EOL_NOT_SAID)
		return at <= table->as_of_utc + SAKSI_EOL_TRUST_S ? SAKSI_OK
								  : SAKSI_MISSING;
	return at <= until ? SAKSI_OK : SAKSI_REFUSED;
}
