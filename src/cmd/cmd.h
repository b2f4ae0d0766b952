/* One command table: every command is a row, and usage, --help, the man pages
 * and the reading of options all come from its row. */
#ifndef SAKSI_CMD_CMD_H
#define SAKSI_CMD_CMD_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

/* Exit codes (DESIGN): what saksi_err_exit gives, and 2 for wrong usage. */
enum saksi_exit {
	SAKSI_EXIT_HOLDS = 0,
	SAKSI_EXIT_FALSE = 1,
	SAKSI_EXIT_USAGE = 2,
	SAKSI_EXIT_UNKNOWN = 3,
	SAKSI_EXIT_QUORUM = 4,
	SAKSI_EXIT_SPLIT = 5,
};

struct saksi_option {
	const char *name; /* "--trust", without value when metavar is NULL; NULL ends */
	const char *metavar;
	const char *says;
	bool needed;
	bool many; /* may stand more than once; else a repeat is refused */
};

struct saksi_cmd; /* a call: its words read against the table */

struct saksi_command {
	const char *name; /* "log init" */
	const char *args; /* positional: "DIR", "FILE...", "[N]"; "" for none */
	const char *says; /* one line */
	const char *help; /* paragraphs, plain text; may be NULL */
	const struct saksi_option *options; /* --json and --help are added to all */
	int min_args, max_args;             /* positional; max -1: any number */
	int (*run)(struct saksi_cmd *c);    /* gives a saksi_exit */
};

/* Values borrow argv. */
const char *saksi_cmd_arg(const struct saksi_cmd *c, int i); /* NULL past the end */
int saksi_cmd_arg_count(const struct saksi_cmd *c);
const char *saksi_cmd_option(const struct saksi_cmd *c, const char *name); /* or NULL */
const char *saksi_cmd_option_at(const struct saksi_cmd *c, const char *name, int i);
bool saksi_cmd_flag(const struct saksi_cmd *c, const char *name);
bool saksi_cmd_json(const struct saksi_cmd *c);
/* A number or duration option ("30", "3h", "90d"), `fallback` when absent.
 * false: said what is wrong on stderr; the command returns SAKSI_EXIT_USAGE. */
bool saksi_cmd_number(const struct saksi_cmd *c, const char *name, uint64_t fallback,
		      uint64_t *out);
bool saksi_cmd_seconds(const struct saksi_cmd *c, const char *name, int64_t fallback,
		       int64_t *out);
/* --now TIME where a command has it (tests, and judging as of another day),
 * else the clock. */
bool saksi_cmd_now(const struct saksi_cmd *c, int64_t *now);

/* One line on stderr, "saksi log init: ..."; newline is added; control bytes of
 * the text are shown escaped. */
__attribute__((format(printf, 2, 3))) void saksi_cmd_say(const struct saksi_cmd *c,
							 const char *format, ...);
/* Says it and gives the exit code for err. */
int saksi_cmd_fail(const struct saksi_cmd *c, enum saksi_err err,
		   const struct saksi_why *w);
/* For a parser's fault: "FILE:LINE: what" or "FILE: byte N: what". */
int saksi_cmd_fault(const struct saksi_cmd *c, const char *file, enum saksi_err err,
		    const struct saksi_fault *f);
/* Wrong usage found by the command itself. */
__attribute__((format(printf, 2, 3))) int saksi_cmd_usage(const struct saksi_cmd *c,
							  const char *format, ...);

/* Text from outside, for people: bytes that are no UTF-8 and characters that
 * move the cursor or turn the line around come out as \xNN. */
void saksi_cmd_text(FILE *out, struct saksi_bytes s);

/* A result that is a file: written to `path` (mode 0644), with --json told as
 * {"output":PATH}; path NULL: to stdout, with --json as {"base64":...}.  A
 * saksi_exit; what is wrong is said. */
int saksi_cmd_output(const struct saksi_cmd *c, const char *path,
		     struct saksi_bytes data);

/* Each file of this room that has commands exports its rows, ended by a row
 * whose name is NULL; cmd/table.c lists them. */
extern const struct saksi_command saksi_commands_key[], saksi_commands_statement[],
    saksi_commands_log[], saksi_commands_witness[], saksi_commands_audit[],
    saksi_commands_verify[], saksi_commands_status[], saksi_commands_serve[],
    saksi_commands_backup[];

#endif
