#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/version.h"
#include "cmd/table.h"
#include "crypto/sign.h"

/* A file opened later must never become stdout or stderr.  Writing to what was
 * closed must still fail, so it is opened for reading only. */
static void keep_standard_files(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= 2);
	if (fd > 2)
		(void)close(fd);
}

/* The only file that is mapped is SQLite's state.db-shm.  A copy-on-write file
 * system without room for a changed page of it has no other way to say so. */
static void page_lost(int signo)
{
	static const char line[] =
	    "saksi: a page of state.db-shm could not be kept: the disk is full, its "
	    "quota used up, or it failed: free space, then start again; what was "
	    "acknowledged had been written before\n";
	ssize_t n = write(STDERR_FILENO, line, sizeof(line) - 1);

	(void)signo;
	(void)n; /* nobody else could be told */
	_exit(SAKSI_EXIT_UNKNOWN);
}

static int unknown_command(const char *word)
{
	const struct saksi_command *r;
	const char *best = NULL;
	char *first;
	for (size_t i = 0; (r = saksi_table_at(i)) != NULL; i++) {
		first = strndup(r->name, strcspn(r->name, " "));
		if (first == NULL)
			break;
		if (saksi_word_nearer(word, best, first) == first)
			best = r->name;
		free(first);
	}
	if (best != NULL)
		saksi_cmd_say(NULL,
			      "there is no command '%s'; is it '%.*s'? (saksi --help)",
			      word, (int)strcspn(best, " "), best);
	else
		saksi_cmd_say(NULL, "there is no command '%s' (saksi --help)", word);
	return SAKSI_EXIT_USAGE;
}

static int unknown_in_group(const char *group, const char *word)
{
	const struct saksi_command *r;
	const char *best = NULL;
	struct saksi_buf all = saksi_buf_growing(4096);
	for (size_t i = 0; (r = saksi_table_at(i)) != NULL; i++) {
		if (!saksi_table_in_group(r, group))
			continue;
		saksi_buf_puts(&all, all.len > 0 ? ", " : "");
		saksi_buf_puts(&all, strchr(r->name, ' ') + 1);
		if (word != NULL)
			best = saksi_word_nearer(word, best, strchr(r->name, ' ') + 1);
	}
	if (word == NULL)
		saksi_cmd_say(NULL, "%s needs one of: %.*s (saksi %s --help)", group,
			      (int)all.len, (const char *)all.at, group);
	else if (best != NULL)
		saksi_cmd_say(
		    NULL,
		    "there is no command '%s %s'; is it '%s %s'? (saksi %s --help)",
		    group, word, group, best, group);
	else
		saksi_cmd_say(NULL, "there is no command '%s %s'; %s has: %.*s", group,
			      word, group, (int)all.len, (const char *)all.at);
	saksi_buf_free(&all);
	return SAKSI_EXIT_USAGE;
}

static bool asks_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int no_command(int argc, char *argv[])
{
	if (argc == 0) {
		saksi_cmd_say(NULL, "a command is needed (saksi --help)");
		return SAKSI_EXIT_USAGE;
	}
	if (asks_help(argv[0])) {
		saksi_help_all(stdout);
		return SAKSI_EXIT_HOLDS;
	}
	if (strcmp(argv[0], "--version") == 0) {
		if (argc > 1 && strcmp(argv[1], "--json") == 0)
			(void)printf("{\"version\":\"%s\"}\n", SAKSI_VERSION);
		else
			(void)printf("saksi %s\n", SAKSI_VERSION);
		return SAKSI_EXIT_HOLDS;
	}
	if (!saksi_table_is_group(argv[0]))
		return unknown_command(argv[0]);
	if (argc > 1 && asks_help(argv[1])) {
		saksi_help_group(stdout, argv[0]);
		return SAKSI_EXIT_HOLDS;
	}
	return unknown_in_group(argv[0], argc > 1 ? argv[1] : NULL);
}

/* A command that failed before it had a result: why, as the result.  Whatever a
 * command prints before it fails is its own document. */
static void print_failed(int rc, const char *why)
{
	char room[2048];
	struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));
	struct saksi_jsonw w = {&b, false};

	if (__fpending(stdout) > 0)
		return;
	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "error");
	saksi_jsonw_str(
	    &w, (struct saksi_bytes){(const uint8_t *)why,
				     saksi_text_utf8_prefix(saksi_bytes_of(why))});
	saksi_jsonw_key(&w, "exit");
	saksi_jsonw_int(&w, rc);
	saksi_jsonw_close(&w, '}');
	(void)printf("%.*s\n", (int)b.len, (const char *)b.at);
}

static int run(const struct saksi_command *row, int argc, char *argv[])
{
	struct saksi_why failed = {""};
	struct saksi_cmd c = {.row = row, .failed = &failed};
	int rc = SAKSI_EXIT_UNKNOWN;
	c.args = calloc((size_t)argc + 1, sizeof(*c.args));
	c.given = calloc((size_t)argc + 1, sizeof(*c.given));
	if (c.args == NULL || c.given == NULL) {
		saksi_cmd_say(&c, "out of memory");
		goto done;
	}
	rc = saksi_cmd_read(&c, argc, argv);
	if (rc != SAKSI_EXIT_HOLDS)
		goto done;
	if (c.help)
		saksi_help_command(stdout, row);
	else
		rc = row->run(&c);
done:
	if (c.json && !c.help && rc != SAKSI_EXIT_HOLDS && failed.text[0] != '\0')
		print_failed(rc, failed.text);
	free(c.args);
	free(c.given);
	return rc;
}

int main(int argc, char *argv[])
{
	int used = 0, rc;
	keep_standard_files();
	(void)signal(SIGBUS, page_lost);
	if (saksi_crypto_begin() != SAKSI_OK) {
		saksi_cmd_say(NULL, "this machine gives no random bytes: %s",
			      strerror(errno));
		return SAKSI_EXIT_UNKNOWN;
	}
	const struct saksi_command *row = saksi_table_find(argc - 1, argv + 1, &used);
	if (row == NULL)
		rc = no_command(argc - 1, argv + 1);
	else
		rc = run(row, argc - 1 - used, argv + 1 + used);
	/* An answer that nobody got is no answer. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		saksi_cmd_say(NULL, "the result could not be written: %s",
			      strerror(errno));
		return SAKSI_EXIT_UNKNOWN;
	}
	return rc;
}
