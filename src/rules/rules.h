/* Rule language v1: what a server is judged by, as text that an administrator
 * can read.  A rule set is one file or a folder of files; it is parsed into an
 * arena and never changed afterwards.  Spec: docs/RULES.md.
 * Pure but for saksi_rules_load: no I/O, no clock, no memory of its own.
 * Test: tests/unit/rules/rules_test.c, tests/fuzz/rules_fuzz.c. */
#ifndef SAKSI_RULES_RULES_H
#define SAKSI_RULES_RULES_H

#include "base/arena.h"
#include "base/buf.h"
#include "crypto/hash.h"
#include "statement/sealed.h"

#define SAKSI_RULES_VERSION 1
#define SAKSI_RULES_MAX 4096
#define SAKSI_RULE_FILES_MAX 256
#define SAKSI_RULE_FILE_LEN_MAX (1U << 20)
#define SAKSI_RULE_ID_MAX 63
#define SAKSI_RULE_NEEDS_MAX 8
#define SAKSI_RULE_VALUES_MAX 256
#define SAKSI_RULE_REFS_MAX 16
#define SAKSI_RULE_DEPTH_MAX 24

/* X-macro: enum, word of the language, what its values are. */
#define SAKSI_RULE_OPS(X)                                                              \
	X(EQUAL, "=", TEXT) /* the same bytes */                                       \
	X(LESS, "<", NUMBER)                                                           \
	X(MORE, ">", NUMBER)                                                           \
	X(IN, "in", TEXTS)             /* equal to one of them */                      \
	X(LIKE, "like", TEXTS)         /* one of these patterns, * and ? */            \
	X(BESIDES, "besides", TEXTS)   /* a value is like none of these patterns */    \
	X(CONTAINS, "contains", TEXTS) /* a word of the value is like one of them */   \
	X(WITHIN, "within", MODE)      /* no bit outside this octal mask */            \
	X(TOUCHES, "touches", MODE)    /* a bit of this octal mask */                  \
	X(OLDER, "older", VERSION)     /* dpkg's order of versions */                  \
	X(BEFORE, "before", TIME)                                                      \
	X(AFTER, "after", TIME)                                                        \
	X(SUPPORTED, "supported", PRODUCT)   /* full support, end-of-life data */      \
	X(MAINTAINED, "maintained", PRODUCT) /* any free public security support */    \
	X(PRESENT, "present", NOTHING)
enum saksi_rule_op {
#define SAKSI_RULE_OP_ENUM(e, w, v) SAKSI_RULE_OP_##e,
	SAKSI_RULE_OPS(SAKSI_RULE_OP_ENUM)
#undef SAKSI_RULE_OP_ENUM
};

enum saksi_rule_node {
	SAKSI_RULE_AND,
	SAKSI_RULE_OR,
	SAKSI_RULE_NOT,
	SAKSI_RULE_EXISTS, /* SECTION exists */
	SAKSI_RULE_ALL,    /* all SECTION where A has B */
	SAKSI_RULE_SOME,   /* some SECTION where A has B */
	SAKSI_RULE_NONE,   /* none SECTION where A has B */
	SAKSI_RULE_COUNT,  /* count SECTION where A < N */
	SAKSI_RULE_ONE,    /* SECTION(SUBJECT).ATTRIBUTE op value */
	SAKSI_RULE_TEST,   /* ATTRIBUTE op value, inside where and has */
};

struct saksi_rule_value {
	struct saksi_bytes text;
	bool attribute; /* written @text: that attribute of the same subject */
};
struct saksi_rule_test {
	struct saksi_bytes attribute; /* "subject" is the subject's own name */
	struct saksi_bytes fallback;  /* after `default`; .at NULL: none */
	enum saksi_rule_op op;
	bool negated;
	const struct saksi_rule_value *values;
	size_t value_count;
	/* NUMBER; MODE; TIME: seconds, from now when `relative`; PRODUCT: seconds
	 * from now at which it must still be cared for */
	int64_t number;
	bool relative;
};
struct saksi_rule_expr {
	enum saksi_rule_node node;
	const struct saksi_rule_expr *left, *right; /* AND OR NOT; where and has */
	struct saksi_bytes section;
	const struct saksi_rule_value *subjects; /* patterns; ONE: the one name */
	size_t subject_count;
	struct saksi_rule_test test; /* ONE, TEST; COUNT: op, negated and number */
};

/* Texts are outside the digest; the languages beside these two are the report's. */
enum saksi_rule_text {
	SAKSI_RULE_TITLE,
	SAKSI_RULE_WHY,
	SAKSI_RULE_FIX,
};
#define SAKSI_RULE_TEXTS 3
enum saksi_rule_lang {
	SAKSI_RULE_ID, /* Indonesian, the main one */
	SAKSI_RULE_EN,
};
#define SAKSI_RULE_LANGS 2

struct saksi_rule {
	struct saksi_bytes id;
	enum saksi_severity severity;
	struct saksi_bytes text[SAKSI_RULE_TEXTS][SAKSI_RULE_LANGS];
	struct saksi_bytes needs[SAKSI_RULE_NEEDS_MAX];
	size_t need_count;
	uint32_t partial_ok; /* bit i: of needs[i] a part is enough for a pass */
	const struct saksi_rule_expr *when; /* or NULL */
	const struct saksi_rule_expr *test;
	struct saksi_bytes refs[SAKSI_RULE_REFS_MAX]; /* "CIS-8 5.4" */
	size_t ref_count;
	struct saksi_bytes file; /* where it stands, for messages */
	uint32_t line;
};
struct saksi_rules {
	const struct saksi_rule *rule; /* in order of files, then of places */
	size_t count;
	struct saksi_hash digest; /* SHA-256 of what saksi_rules_write puts without
				   * texts; all a plan needs to name */
};

struct saksi_rule_file {
	struct saksi_bytes name, text;
};
/* Where and why reading failed; views into the file, column in bytes from 1. */
struct saksi_rules_fault {
	struct saksi_bytes file;
	uint32_t line, column;
	const char *what;        /* static */
	struct saksi_bytes near; /* the word that is wrong; may be empty */
};

/* Parses the files in byte order of their names, whatever their order here.  The
 * result lives in `a` and borrows the files' names and texts.
 *   MALFORMED  with the place in *f (may be NULL)
 *   NEWER      a file of a later language version
 *   LIMIT      more than the bounds above, or the arena is too small
 *   BADARG     no file */
SAKSI_MUST enum saksi_err saksi_rules_read(const struct saksi_rule_file *files,
					   size_t file_count, struct saksi_arena *a,
					   struct saksi_rules *out,
					   struct saksi_rules_fault *f);
/* One line for a person: FILE:LINE:COLUMN: what "word". */
void saksi_rules_fault_say(const struct saksi_rules_fault *f, struct saksi_why *w);

/* A file, or all *.rules files right inside a folder; hidden ones and other
 * names are not looked at.  What was read lives in `a` too.  The errors of
 * saksi_rules_read, MISSING, IO; *w (may be NULL) says it in one line. */
SAKSI_MUST enum saksi_err saksi_rules_load(const char *path, struct saksi_arena *a,
					   struct saksi_rules *out,
					   struct saksi_why *w);

/* The one canonical form, itself a rule file when `texts` are put too: reading
 * it again and writing it again gives the same bytes.  Check `out` at the end. */
void saksi_rules_write(const struct saksi_rules *r, bool texts, struct saksi_buf *out);
/* An expression alone, canonical. */
void saksi_rule_expr_write(const struct saksi_rule_expr *e, struct saksi_buf *out);

/* The place of the rule with this id, or SIZE_MAX. */
size_t saksi_rules_find(const struct saksi_rules *r, struct saksi_bytes id);

#endif
