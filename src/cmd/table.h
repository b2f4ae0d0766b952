/* The inside of the command table, for main, help and the reading of options.
 * Commands themselves need only cmd/cmd.h. */
#ifndef SAKSI_CMD_TABLE_H
#define SAKSI_CMD_TABLE_H

#include "cmd/cmd.h"

/* Rows of one file and the heading they stand under; neighbours with the same
 * heading share it.  Ended by a NULL title. */
struct saksi_group {
	const char *title;
	const struct saksi_command *rows;
};
extern const struct saksi_group saksi_groups[];

struct saksi_given {
	const struct saksi_option *option;
	const char *value; /* NULL for a flag */
};

struct saksi_cmd {
	const struct saksi_command *row;
	const char **args;         /* room for argc */
	struct saksi_given *given; /* room for argc */
	int arg_count, given_count;
	bool json, help;
	/* NULL: lines go to stderr as they are.  A server tells them as events. */
	void (*says)(void *ctx, const char *text);
	void *says_ctx;
	struct saksi_why *failed; /* NULL, or where the last failure is kept */
};

/* Row i in table order, or NULL past the end. */
const struct saksi_command *saksi_table_at(size_t i);
/* The row that the first words name; *used is how many words (1 or 2). */
const struct saksi_command *saksi_table_find(int argc, char *const argv[], int *used);
/* Is `word` the first word of commands of two words? */
bool saksi_table_is_group(const char *word);
/* Does the row belong to the group `word` ("log": "log init")? */
bool saksi_table_in_group(const struct saksi_command *row, const char *word);

/* How many letters must be added, dropped, changed or swapped with their
 * neighbour to turn a into b; 99 for words over 31 bytes. */
unsigned saksi_word_distance(const char *a, const char *b);
/* Of `best` (may be NULL) and `name`, the one nearer to `word`; NULL when
 * neither is near enough to be a slip of the hand. */
const char *saksi_word_nearer(const char *word, const char *best, const char *name);

/* Reads the words behind the command's name into *c, whose row and memory are
 * set.  SAKSI_EXIT_HOLDS, or said what is wrong and SAKSI_EXIT_USAGE. */
int saksi_cmd_read(struct saksi_cmd *c, int argc, char *const argv[]);

/* help.c */
extern const struct saksi_command saksi_commands_help[];
void saksi_help_all(FILE *out);
void saksi_help_group(FILE *out, const char *word);
void saksi_help_command(FILE *out, const struct saksi_command *row);
/* mandoc.c: a manual page in mdoc; word NULL: saksi(1), else saksi-WORD(1). */
void saksi_man_write(const char *word, struct saksi_buf *out);
/* What --help adds to every command. */
extern const struct saksi_option saksi_options_all[];

#endif
