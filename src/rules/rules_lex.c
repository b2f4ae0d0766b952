#include "rules/rules_lex.h"

#include <string.h>

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static bool of_word(uint8_t c)
{
	return c > ' ' && c != 0x7f && strchr("(),=!<>\"@\\", c) == NULL;
}

bool saksi_lex_fail(struct saksi_lex *l, const char *what)
{
	if (l->what == NULL) {
		l->what = what;
		l->wrong = l->now;
		l->err = SAKSI_MALFORMED;
	}
	return false;
}

/* The text between quotes; a backslash keeps the quote or backslash after it. */
static void quoted(struct saksi_lex *l)
{
	const uint8_t *at = l->left.at + 1, *end = l->left.at + l->left.len;
	const uint8_t *p = at;
	size_t escapes = 0, n = 0;
	uint8_t *copy;

	for (; p < end && *p != '"'; p++) {
		if (*p == '\n' ||
		    (*p == '\\' && (p + 1 == end || (p[1] != '"' && p[1] != '\\'))))
			return; /* stays BAD */
		if (*p == '\\') {
			escapes++;
			p++;
		}
	}
	if (p >= end)
		return;
	l->left.len -= (size_t)(p + 1 - l->left.at);
	l->left.at = p + 1;
	l->now.kind = SAKSI_LEX_QUOTED;
	l->now.text = (struct saksi_bytes){at, (size_t)(p - at)};
	if (escapes == 0)
		return;
	copy = saksi_arena_new(l->arena, l->now.text.len, 1);
	if (copy == NULL) {
		(void)saksi_lex_fail(l, "too large to read");
		l->err = SAKSI_LIMIT;
		return;
	}
	for (const uint8_t *q = at; q < p; q++) {
		if (*q == '\\')
			q++;
		copy[n++] = *q;
	}
	l->now.text = (struct saksi_bytes){copy, n};
}

static void mark(struct saksi_lex *l)
{
	uint8_t c = l->left.at[0];
	size_t n = 1;

	if ((c == '!' || c == '<' || c == '>') && l->left.len > 1 &&
	    l->left.at[1] == '=')
		n = 2;
	else if (c == '!' || c == '\\' || strchr("(),=<>@", c) == NULL)
		return; /* stays BAD */
	l->now.kind = SAKSI_LEX_MARK;
	l->now.text.len = n;
	l->left.at += n;
	l->left.len -= n;
}

static void skip(struct saksi_lex *l)
{
	while (l->left.len > 0 && blank(l->left.at[0])) {
		l->left.at++;
		l->left.len--;
	}
}

void saksi_lex_next(struct saksi_lex *l)
{
	size_t n = 0;

	skip(l);
	l->now = (struct saksi_lex_token){SAKSI_LEX_END, {l->left.at, 0}, l->left.at};
	if (l->left.len == 0)
		return;
	l->now.kind = SAKSI_LEX_BAD;
	l->now.text.len = 1;
	if (l->left.at[0] == '"') {
		quoted(l);
	} else if (!of_word(l->left.at[0])) {
		if (l->left.at[0] > ' ' && l->left.at[0] != 0x7f)
			mark(l);
	} else {
		while (n < l->left.len &&
		       (of_word(l->left.at[n]) || l->left.at[n] == '@'))
			n++;
		l->now.kind = SAKSI_LEX_WORD;
		l->now.text.len = n;
		l->left.at += n;
		l->left.len -= n;
	}
	if (l->now.kind == SAKSI_LEX_BAD)
		(void)saksi_lex_fail(l, l->now.text.at[0] == '"'
					    ? "a quote that does not end on its line"
					    : "a character that begins nothing here");
}

void saksi_lex_begin(struct saksi_lex *l, struct saksi_bytes text,
		     struct saksi_arena *a)
{
	*l = (struct saksi_lex){.left = text, .arena = a, .err = SAKSI_MALFORMED};
	saksi_lex_next(l);
}

bool saksi_lex_is(const struct saksi_lex *l, const char *word)
{
	return (l->now.kind == SAKSI_LEX_WORD || l->now.kind == SAKSI_LEX_MARK) &&
	       saksi_bytes_is(l->now.text, word);
}

bool saksi_lex_accept(struct saksi_lex *l, const char *word)
{
	if (!saksi_lex_is(l, word))
		return false;
	saksi_lex_next(l);
	return true;
}

bool saksi_octal_read(struct saksi_bytes s, int64_t *out)
{
	int64_t n = 0;

	if (s.len == 0 || s.len > 7)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] < '0' || s.at[i] > '7')
			return false;
		n = n * 8 + (s.at[i] - '0');
	}
	*out = n;
	return true;
}
