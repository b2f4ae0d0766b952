#include "collect/read_text.h"

#include <sys/stat.h>

#include <string.h>

static bool space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' ||
	       c == '\v';
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

bool saksi_lines_next(struct saksi_lines *l, struct saksi_bytes *line)
{
	if (l->left.len == 0)
		return false;
	const uint8_t *nl = memchr(l->left.at, '\n', l->left.len);
	const size_t n = nl ? (size_t)(nl - l->left.at) : l->left.len;

	*line = (struct saksi_bytes){l->left.at, n};
	if (n > 0 && line->at[n - 1] == '\r')
		line->len--;
	l->left.at += nl ? n + 1 : n;
	l->left.len -= nl ? n + 1 : n;
	l->number++;
	return true;
}

bool saksi_lines_said(struct saksi_lines *l, const char *comments,
		      struct saksi_bytes *line)
{
	while (saksi_lines_next(l, line)) {
		*line = saksi_text_trim(*line);
		if (line->len > 0 &&
		    (line->at[0] == '\0' || !strchr(comments, line->at[0])))
			return true;
	}
	return false;
}

struct saksi_bytes saksi_text_trim(struct saksi_bytes s)
{
	while (s.len > 0 && space(s.at[0])) {
		s.at++;
		s.len--;
	}
	while (s.len > 0 && space(s.at[s.len - 1]))
		s.len--;
	return s;
}

static bool ends_word(uint8_t c, const char *more)
{
	return space(c) || (more && c != '\0' && strchr(more, c));
}

bool saksi_text_word(struct saksi_bytes *s, const char *more, struct saksi_bytes *word)
{
	size_t n = 0;

	while (s->len > 0 && ends_word(s->at[0], more)) {
		s->at++;
		s->len--;
	}
	while (n < s->len && !ends_word(s->at[n], more))
		n++;
	*word = (struct saksi_bytes){s->at, n};
	if (n == 0)
		return false;
	s->at += n;
	s->len -= n;
	return n > 0;
}

bool saksi_text_quoted(struct saksi_bytes *s, struct saksi_bytes *word)
{
	uint8_t in = 0;
	size_t n = 0;

	*s = saksi_text_trim(*s);
	if (s->len == 0)
		return false;
	for (; n < s->len; n++) {
		const uint8_t c = s->at[n];
		if (in == 0 && space(c))
			break;
		if (in == 0 && (c == '"' || c == '\''))
			in = c;
		else if (c == in)
			in = 0;
	}
	*word = saksi_text_unquote((struct saksi_bytes){s->at, n});
	s->at += n;
	s->len -= n;
	return true;
}

bool saksi_text_cut(struct saksi_bytes s, uint8_t c, struct saksi_bytes *before,
		    struct saksi_bytes *after)
{
	const uint8_t *at = s.len ? memchr(s.at, c, s.len) : NULL;

	if (!at) {
		*before = saksi_text_trim(s);
		*after = (struct saksi_bytes){s.at ? s.at + s.len : NULL, 0};
		return false;
	}
	const size_t n = (size_t)(at - s.at);
	*before = saksi_text_trim((struct saksi_bytes){s.at, n});
	*after = saksi_text_trim((struct saksi_bytes){at + 1, s.len - n - 1});
	return true;
}

bool saksi_text_starts(struct saksi_bytes s, const char *word)
{
	const size_t n = strlen(word);

	if (s.len < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (lower(s.at[i]) != lower((uint8_t)word[i]))
			return false;
	return true;
}

bool saksi_text_is(struct saksi_bytes s, const char *word)
{
	return s.len == strlen(word) && saksi_text_starts(s, word);
}

bool saksi_text_ends(struct saksi_bytes s, const char *end)
{
	const size_t n = strlen(end);

	return s.len >= n && memcmp(s.at + s.len - n, end, n) == 0;
}

bool saksi_text_has(struct saksi_bytes s, const char *part)
{
	return s.len > 0 && memmem(s.at, s.len, part, strlen(part)) != NULL;
}

const char *saksi_text_lower(struct saksi_bytes s, char *out, size_t cap)
{
	size_t n = s.len < cap - 1 ? s.len : cap - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = (char)lower(s.at[i]);
	out[n] = '\0';
	return out;
}

bool saksi_text_number(struct saksi_bytes s, int64_t *out)
{
	bool minus = false;
	int64_t v = 0;

	if (s.len > 0 && (s.at[0] == '-' || s.at[0] == '+')) {
		minus = s.at[0] == '-';
		s.at++;
		s.len--;
	}
	if (s.len == 0 || s.len > 18)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
		v = v * 10 + (s.at[i] - '0');
	}
	*out = minus ? -v : v;
	return true;
}

struct saksi_bytes saksi_text_unquote(struct saksi_bytes s)
{
	if (s.len >= 2 && (s.at[0] == '"' || s.at[0] == '\'') &&
	    s.at[s.len - 1] == s.at[0])
		return (struct saksi_bytes){s.at + 1, s.len - 2};
	return s;
}

const char *saksi_mode_kind(unsigned mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "symlink";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	default:
		return "device";
	}
}
