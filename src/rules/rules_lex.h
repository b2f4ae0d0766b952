/* Inside the audit room only: the words of a rule's expressions, with their
 * places in the file. */
#ifndef SAKSI_RULES_RULES_LEX_H
#define SAKSI_RULES_RULES_LEX_H

#include "rules/rules.h"

enum saksi_lex_kind {
	SAKSI_LEX_END,
	SAKSI_LEX_WORD,
	SAKSI_LEX_QUOTED, /* text without its quotes, \" and \\ already read */
	SAKSI_LEX_MARK,   /* ( ) , = != < <= > >= @ */
	SAKSI_LEX_BAD,    /* a quote that does not end, or a byte of no word */
};
struct saksi_lex_token {
	enum saksi_lex_kind kind;
	struct saksi_bytes text;
	const uint8_t *at;
};
/* Reads the tokens of one value, which may go over several lines. */
struct saksi_lex {
	struct saksi_bytes left;
	struct saksi_lex_token now;
	struct saksi_arena *arena; /* for quoted text with escapes */
	const char *what;          /* the first fault; NULL: none */
	struct saksi_lex_token wrong;
	enum saksi_err err;
	unsigned depth;
};
void saksi_lex_begin(struct saksi_lex *l, struct saksi_bytes text,
		     struct saksi_arena *a);
void saksi_lex_next(struct saksi_lex *l);
bool saksi_lex_is(const struct saksi_lex *l,
		  const char *word); /* a bare word or mark */
bool saksi_lex_accept(struct saksi_lex *l, const char *word);
/* Keeps the first fault only; gives false so that a caller can return it. */
bool saksi_lex_fail(struct saksi_lex *l, const char *what);

/* A whole expression; NULL with l->what set. */
const struct saksi_rule_expr *saksi_rule_expr_read(struct saksi_lex *l);

/* One to seven octal digits, as modes are written; false for anything else. */
bool saksi_octal_read(struct saksi_bytes s, int64_t *out);

#endif
