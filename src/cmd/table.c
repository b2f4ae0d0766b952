#include "cmd/table.h"

#include <string.h>

const struct saksi_group saksi_groups[] = {
    {"everyone", saksi_commands_verify},
    {"everyone", saksi_commands_help},
    {"operator", saksi_commands_status},
    {"operator", saksi_commands_key},
    {"operator", saksi_commands_statement},
    {"operator", saksi_commands_serve},
    {"operator", saksi_commands_backup},
    {"audit", saksi_commands_audit},
    {"log", saksi_commands_log},
    {"witness", saksi_commands_witness},
    {NULL, NULL},
};

const struct saksi_command *saksi_table_at(size_t i)
{
	for (const struct saksi_group *g = saksi_groups; g->title != NULL; g++)
		for (const struct saksi_command *r = g->rows; r->name != NULL; r++)
			if (i-- == 0)
				return r;
	return NULL;
}

bool saksi_table_in_group(const struct saksi_command *row, const char *word)
{
	size_t n = strlen(word);
	return strncmp(row->name, word, n) == 0 && row->name[n] == ' ';
}

bool saksi_table_is_group(const char *word)
{
	const struct saksi_command *r;
	for (size_t i = 0; (r = saksi_table_at(i)) != NULL; i++)
		if (saksi_table_in_group(r, word))
			return true;
	return false;
}

const struct saksi_command *saksi_table_find(int argc, char *const argv[], int *used)
{
	const struct saksi_command *r;
	for (size_t i = 0; argc > 0 && (r = saksi_table_at(i)) != NULL; i++) {
		if (strcmp(r->name, argv[0]) == 0) {
			*used = 1;
			return r;
		}
		if (argc > 1 && saksi_table_in_group(r, argv[0]) &&
		    strcmp(strchr(r->name, ' ') + 1, argv[1]) == 0) {
			*used = 2;
			return r;
		}
	}
	return NULL;
}

#define WORD_MAX 32

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned saksi_word_distance(const char *a, const char *b)
{
	unsigned d[WORD_MAX + 1][WORD_MAX + 1];
	size_t m = strlen(a), n = strlen(b);
	if (m >= WORD_MAX || n >= WORD_MAX)
		return 99;
	for (unsigned i = 0; i <= m; i++)
		d[i][0] = i;
	for (unsigned j = 0; j <= n; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= m; i++)
		for (size_t j = 1; j <= n; j++) {
			d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
					d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[m][n];
}

const char *saksi_word_nearer(const char *word, const char *best, const char *name)
{
	unsigned off = saksi_word_distance(word, name);
	unsigned most = strlen(word) < 4 ? 1 : 2;
	if (off > most || (best != NULL && saksi_word_distance(word, best) <= off))
		return best;
	return name;
}
