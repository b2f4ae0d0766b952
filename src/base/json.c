/* Reading without recursion: the open containers are a stack of fixed depth.
 *
 * 1. stack[0..depth) are the open containers, outermost first; last[i] is the
 *    newest child of stack[i], or NULL.
 * 2. Nothing is linked into the tree before it has been read whole, but for
 *    containers, which are linked when they open.
 * 3. On failure the arena is rewound to where it was, and *out is untouched. */
#include "base/json.h"

#include "base/text.h"

#include <string.h>

#define KEYS_MAX 4096

struct reader {
	struct saksi_bytes text;
	size_t at;
	struct saksi_arena *arena;
	struct saksi_fault *fault;
	struct saksi_json *stack[SAKSI_JSON_DEPTH];
	struct saksi_json *last[SAKSI_JSON_DEPTH];
	size_t depth;
};

static enum saksi_err bad(struct reader *r, const char *what)
{
	return saksi_fault_set(r->fault, SAKSI_MALFORMED, what, r->at, 0);
}

static enum saksi_err too_large(struct reader *r, const char *what)
{
	return saksi_fault_set(r->fault, SAKSI_LIMIT, what, r->at, 0);
}

/* The byte at the reading place, or 0 at the end: no JSON token begins with 0. */
static uint8_t peek(const struct reader *r)
{
	return r->at < r->text.len ? r->text.at[r->at] : 0;
}

static void skip_space(struct reader *r)
{
	while (peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\n' || peek(r) == '\r')
		r->at++;
}

/* Four hexadecimal digits after "\u". */
static bool read_hex4(struct reader *r, uint32_t *out)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++, r->at++) {
		uint8_t c = peek(r);
		uint8_t low = c | 0x20;

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if (low >= 'a' && low <= 'f')
			v = v << 4 | (uint32_t)(low - 'a' + 10);
		else
			return false;
	}
	*out = v;
	return true;
}

/* After "\u": one character, or a pair of surrogates; never NUL. */
static enum saksi_err read_unicode(struct reader *r, uint32_t *rune)
{
	uint32_t low;

	if (!read_hex4(r, rune))
		return bad(r, "\\u needs four hexadecimal digits");
	if (*rune == 0)
		return bad(r, "a string may not hold NUL");
	if (*rune < 0xd800 || *rune > 0xdfff)
		return SAKSI_OK;
	if (*rune > 0xdbff || r->text.len - r->at < 2 || r->text.at[r->at] != '\\' ||
	    r->text.at[r->at + 1] != 'u')
		return bad(r, "half a surrogate pair");
	r->at += 2;
	if (!read_hex4(r, &low) || low < 0xdc00 || low > 0xdfff)
		return bad(r, "half a surrogate pair");
	*rune = 0x10000 + ((*rune & 0x3ff) << 10 | (low & 0x3ff));
	return SAKSI_OK;
}

static size_t put_rune(uint8_t *out, uint32_t v)
{
	if (v < 0x80) {
		out[0] = (uint8_t)v;
		return 1;
	}
	size_t n = v < 0x800 ? 2 : v < 0x10000 ? 3 : 4;
	static const uint8_t mark[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = n - 1; i > 0; i--, v >>= 6)
		out[i] = (uint8_t)(0x80 | (v & 0x3f));
	out[0] = (uint8_t)(mark[n] | v);
	return n;
}

/* After a backslash: appends what it stands for. */
static enum saksi_err read_escape(struct reader *r, uint8_t *out, size_t *len)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	uint8_t c = peek(r);
	uint32_t rune = 0;

	if (c == 'u') {
		r->at++;
		SAKSI_TRY(read_unicode(r, &rune));
		*len += put_rune(out + *len, rune);
		return SAKSI_OK;
	}
	for (size_t i = 0; i < sizeof from - 1; i++) {
		if (c == (uint8_t)from[i]) {
			r->at++;
			out[(*len)++] = (uint8_t)to[i];
			return SAKSI_OK;
		}
	}
	return bad(r, "no such escape");
}

/* Decodes up to the closing quote, which is known to be there.  Every escape is
 * longer than what it stands for, so raw_len bytes are enough. */
static enum saksi_err read_escaped(struct reader *r, size_t raw_len,
				   struct saksi_bytes *out)
{
	uint8_t *text = saksi_arena_new(r->arena, raw_len, 1);
	size_t end = r->at + raw_len, len = 0;

	if (text == NULL)
		return too_large(r, "more than the memory given holds");
	while (r->at < end) {
		uint8_t c = r->text.at[r->at++];

		if (c != '\\')
			text[len++] = c;
		else
			SAKSI_TRY(read_escape(r, text, &len));
	}
	*out = (struct saksi_bytes){text, len};
	return SAKSI_OK;
}

/* A string from its opening quote to after its closing one. */
static enum saksi_err read_string(struct reader *r, struct saksi_bytes *out)
{
	size_t start = ++r->at;
	bool escaped = false;

	for (; peek(r) != '"'; r->at++) {
		if (r->at >= r->text.len)
			return bad(r, "the text ends within a string");
		if (r->text.at[r->at] < 0x20)
			return bad(r, "a control character within a string");
		if (r->text.at[r->at] != '\\')
			continue;
		escaped = true;
		r->at++; /* what follows may be a quote that does not close */
		if (r->at >= r->text.len)
			return bad(r, "the text ends within a string");
		if (r->text.at[r->at] < 0x20)
			return bad(r, "a control character within a string");
	}
	*out = (struct saksi_bytes){r->text.at + start, r->at - start};
	if (escaped) {
		r->at = start;
		SAKSI_TRY(read_escaped(r, out->len, out));
	}
	r->at++;
	return SAKSI_OK;
}

/* RFC 8259 section 6 without fraction and exponent; "-0" is a second way to
 * write 0 and therefore no way. */
static enum saksi_err read_number(struct reader *r, int64_t *out)
{
	bool minus = peek(r) == '-';
	size_t start;
	int64_t v = 0;

	r->at += minus;
	start = r->at;
	while (peek(r) >= '0' && peek(r) <= '9') {
		int64_t d = peek(r) - '0';

		if (__builtin_mul_overflow(v, (int64_t)10, &v) ||
		    __builtin_add_overflow(v, minus ? -d : d, &v))
			return bad(r, "the integer does not fit 64 bits");
		r->at++;
	}
	if (r->at == start)
		return bad(r, "a digit belongs here");
	if (r->text.at[start] == '0' && (r->at - start > 1 || minus))
		return bad(r, "an integer with a leading zero");
	if (peek(r) == '.' || peek(r) == 'e' || peek(r) == 'E')
		return bad(r, "only integers are numbers here");
	*out = v;
	return SAKSI_OK;
}

static bool read_word(struct reader *r, const char *word)
{
	struct saksi_bytes left = {r->text.at + r->at, r->text.len - r->at};

	if (!saksi_bytes_starts(left, word))
		return false;
	r->at += strlen(word);
	return true;
}

/* Any value but the insides of a container. */
static enum saksi_err read_value(struct reader *r, struct saksi_json *v)
{
	uint8_t c = peek(r);

	if (c == '{' || c == '[') {
		v->kind = c == '{' ? SAKSI_JSON_OBJECT : SAKSI_JSON_ARRAY;
		r->at++;
		return SAKSI_OK;
	}
	if (c == '"') {
		v->kind = SAKSI_JSON_STRING;
		return read_string(r, &v->str);
	}
	if (c == '-' || (c >= '0' && c <= '9')) {
		v->kind = SAKSI_JSON_INT;
		return read_number(r, &v->num);
	}
	if (read_word(r, "null")) {
		v->kind = SAKSI_JSON_NULL;
		return SAKSI_OK;
	}
	v->kind = SAKSI_JSON_BOOL;
	v->num = read_word(r, "true");
	if (v->num == 1 || read_word(r, "false"))
		return SAKSI_OK;
	return bad(r, "a value belongs here");
}

static enum saksi_err read_key(struct reader *r, struct saksi_bytes *key)
{
	const struct saksi_json *obj = r->stack[r->depth - 1];
	size_t at;

	skip_space(r);
	at = r->at;
	if (peek(r) != '"')
		return bad(r, "a key belongs here");
	SAKSI_TRY(read_string(r, key));
	for (const struct saksi_json *m = obj->child; m != NULL; m = m->next) {
		if (saksi_bytes_same(m->key, *key)) {
			r->at = at;
			return bad(r, "the same key twice");
		}
	}
	skip_space(r);
	if (peek(r) != ':')
		return bad(r, "a colon belongs here");
	r->at++;
	return SAKSI_OK;
}

/* Reads the next value into v, with its key inside an object, and links it. */
static enum saksi_err read_child(struct reader *r, struct saksi_json *v)
{
	struct saksi_json *parent = r->depth ? r->stack[r->depth - 1] : NULL;
	bool keyed = parent != NULL && parent->kind == SAKSI_JSON_OBJECT;

	if (keyed && parent->count == KEYS_MAX)
		return too_large(r, "more than 4096 keys in one object");
	if (parent != NULL && parent->count == UINT32_MAX)
		return too_large(r, "too many elements in one array");
	if (keyed)
		SAKSI_TRY(read_key(r, &v->key));
	skip_space(r);
	v->at = r->at;
	SAKSI_TRY(read_value(r, v));
	if (parent == NULL)
		return SAKSI_OK;
	if (r->last[r->depth - 1] == NULL)
		parent->child = v;
	else
		r->last[r->depth - 1]->next = v;
	r->last[r->depth - 1] = v;
	parent->count++;
	return SAKSI_OK;
}

/* After a value: a comma, or the ends of containers.  *more: a child follows. */
static enum saksi_err read_after(struct reader *r, bool *more)
{
	*more = false;
	while (r->depth > 0) {
		bool object = r->stack[r->depth - 1]->kind == SAKSI_JSON_OBJECT;

		skip_space(r);
		if (peek(r) == ',') {
			r->at++;
			*more = true;
			return SAKSI_OK;
		}
		if (peek(r) != (object ? '}' : ']'))
			return bad(r, object ? "a comma or } belongs here"
					     : "a comma or ] belongs here");
		r->at++;
		r->depth--;
	}
	return SAKSI_OK;
}

/* Goes into a container just read; *more: it is not empty. */
static enum saksi_err enter(struct reader *r, struct saksi_json *v, bool *more)
{
	if (r->depth == SAKSI_JSON_DEPTH) {
		r->at = v->at;
		return too_large(r, "nested more than 32 deep");
	}
	r->stack[r->depth] = v;
	r->last[r->depth++] = NULL;
	skip_space(r);
	*more = peek(r) != (v->kind == SAKSI_JSON_OBJECT ? '}' : ']');
	return *more ? SAKSI_OK : read_after(r, more);
}

static enum saksi_err read_all(struct reader *r, const struct saksi_json **out)
{
	struct saksi_json *v, *root = NULL;
	bool more = true;

	r->at = saksi_text_utf8_prefix(r->text);
	if (r->at != r->text.len)
		return bad(r, "not UTF-8");
	r->at = 0;
	while (more) {
		v = saksi_arena_new(r->arena, 1, sizeof *v);
		if (v == NULL)
			return too_large(r, "more than the memory given holds");
		SAKSI_TRY(read_child(r, v));
		root = root == NULL ? v : root;
		if (v->kind == SAKSI_JSON_ARRAY || v->kind == SAKSI_JSON_OBJECT)
			SAKSI_TRY(enter(r, v, &more));
		else
			SAKSI_TRY(read_after(r, &more));
	}
	skip_space(r);
	if (r->at != r->text.len)
		return bad(r, "something after the value");
	*out = root;
	return SAKSI_OK;
}

enum saksi_err saksi_json_parse(struct saksi_bytes text, struct saksi_arena *a,
				const struct saksi_json **out, struct saksi_fault *f)
{
	static const uint8_t nothing;
	size_t mark = a->used;

	/* No arithmetic on NULL. */
	if (text.len == 0)
		text.at = &nothing;
	struct reader r = {.text = text, .arena = a, .fault = f};
	enum saksi_err err = read_all(&r, out);

	if (err != SAKSI_OK)
		saksi_arena_rewind(a, mark);
	return err;
}

/* ---- looking at what was read */

const struct saksi_json *saksi_json_get(const struct saksi_json *obj, const char *key)
{
	if (obj == NULL || obj->kind != SAKSI_JSON_OBJECT)
		return NULL;
	for (const struct saksi_json *m = obj->child; m != NULL; m = m->next) {
		if (saksi_bytes_is(m->key, key))
			return m;
	}
	return NULL;
}

static enum saksi_err typed(const struct saksi_json *obj, const char *key,
			    enum saksi_json_kind kind, const struct saksi_json **out)
{
	const struct saksi_json *m = saksi_json_get(obj, key);

	if (m == NULL)
		return SAKSI_MISSING;
	if (m->kind != kind)
		return SAKSI_MALFORMED;
	*out = m;
	return SAKSI_OK;
}

enum saksi_err saksi_json_str(const struct saksi_json *obj, const char *key,
			      struct saksi_bytes *out)
{
	const struct saksi_json *m;

	SAKSI_TRY(typed(obj, key, SAKSI_JSON_STRING, &m));
	*out = m->str;
	return SAKSI_OK;
}

enum saksi_err saksi_json_int(const struct saksi_json *obj, const char *key,
			      int64_t *out)
{
	const struct saksi_json *m;

	SAKSI_TRY(typed(obj, key, SAKSI_JSON_INT, &m));
	*out = m->num;
	return SAKSI_OK;
}

enum saksi_err saksi_json_u64(const struct saksi_json *obj, const char *key,
			      uint64_t *out)
{
	const struct saksi_json *m;

	SAKSI_TRY(typed(obj, key, SAKSI_JSON_INT, &m));
	if (m->num < 0)
		return SAKSI_MALFORMED;
	*out = (uint64_t)m->num;
	return SAKSI_OK;
}

enum saksi_err saksi_json_hex(const struct saksi_json *obj, const char *key,
			      uint8_t *out, size_t out_len)
{
	const struct saksi_json *m;

	SAKSI_TRY(typed(obj, key, SAKSI_JSON_STRING, &m));
	return saksi_text_hex(m->str, out, out_len);
}

static bool is_among(struct saksi_bytes key, const char *const *keys)
{
	for (; *keys != NULL; keys++) {
		if (saksi_bytes_is(key, *keys))
			return true;
	}
	return false;
}

enum saksi_err saksi_json_only(const struct saksi_json *obj, const char *const *keys,
			       struct saksi_fault *f)
{
	if (obj == NULL || obj->kind != SAKSI_JSON_OBJECT)
		return saksi_fault_set(f, SAKSI_MALFORMED, "an object belongs here",
				       obj == NULL ? 0 : obj->at, 0);
	for (const struct saksi_json *m = obj->child; m != NULL; m = m->next) {
		if (!is_among(m->key, keys))
			return saksi_fault_set(f, SAKSI_MALFORMED,
					       "a member that does not belong here",
					       m->at, 0);
	}
	return SAKSI_OK;
}
