#include "cmd/log_add.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "log/log.h"
#include "net/client.h"
#include "statement/entry.h"
#include "statement/envelope.h"
#include "statement/statement.h"
#include "store/files.h"

#define TRIES 10
#define WAIT_MAX_S 60
#define ANSWER_MAX 8192

/* One file of the call and what became of it. */
struct sent {
	const char *file;
	struct saksi_buf bytes;
	uint64_t index;
	bool repeat;
	struct saksi_buf receipt;
};

static int read_one(const struct saksi_cmd *c, const char *file, size_t max,
		    struct saksi_buf *out)
{
	enum saksi_err err;

	*out = saksi_buf_growing(max);
	err = saksi_file_read(AT_FDCWD, file, false, out);
	if (err == SAKSI_OK)
		return SAKSI_EXIT_HOLDS;
	if (err == SAKSI_LIMIT)
		saksi_cmd_say(c, "%s: over the %zu bytes that a log takes", file, max);
	else
		saksi_cmd_say(c, "%s: %s", file, strerror(errno));
	return SAKSI_EXIT_UNKNOWN;
}

/* A signed claim as `statement sign` writes it (an envelope and a newline)
 * becomes the entry it stands for; anything else goes in as it is. */
static enum saksi_err completed(struct saksi_buf *b)
{
	struct saksi_bytes text = saksi_buf_bytes(b);
	struct saksi_arena arena;
	struct saksi_buf entry = saksi_buf_growing(SAKSI_ENTRY_MAX);
	struct saksi_envelope e;
	struct saksi_statement st;
	enum saksi_err err;

	if (!saksi_bytes_starts(text, "{\"payload\":") || text.len < 2 ||
	    text.at[text.len - 2] != '}' || text.at[text.len - 1] != '\n')
		return SAKSI_OK;
	text.len--;
	SAKSI_TRY(saksi_arena_map(&arena, (size_t)16 << 20));
	if (saksi_envelope_read(text, &arena, &e, NULL) != SAKSI_OK) {
		saksi_arena_end(&arena);
		return SAKSI_OK; /* perhaps an entry of ten attachments */
	}
	err = saksi_statement_read(e.payload, &arena, &st, NULL);
	if (err == SAKSI_OK)
		err = saksi_entry_write(text, st.addenda, (uint8_t)st.addenda_count,
					&entry);
	if (err == SAKSI_OK) {
		saksi_buf_clear(b);
		saksi_buf_put(b, saksi_buf_bytes(&entry));
		err = saksi_buf_check(b);
	}
	saksi_buf_free(&entry);
	saksi_arena_end(&arena);
	return err;
}

/* ---- to a folder */

static int add_entries(const struct saksi_cmd *c, struct saksi_log *l, struct sent *s,
		       size_t count)
{
	struct saksi_add *adds = calloc(count, sizeof(*adds));
	int rc = SAKSI_EXIT_HOLDS;

	if (adds == NULL)
		return saksi_cmd_fail(c, SAKSI_NOMEM, NULL);
	for (size_t i = 0; i < count; i++)
		adds[i].entry = saksi_buf_bytes(&s[i].bytes);
	if (saksi_log_add(l, adds, count) != SAKSI_OK)
		rc = SAKSI_EXIT_UNKNOWN;
	for (size_t i = 0; i < count; i++) {
		s[i].index = adds[i].index;
		s[i].repeat = adds[i].repeat;
		if (adds[i].err != SAKSI_OK) {
			saksi_cmd_say(c, "%s: %s", s[i].file, adds[i].reason);
			rc = saksi_err_exit(adds[i].err);
			s[i].file = NULL;
		} else if (saksi_cmd_flag(c, "--receipt") &&
			   saksi_log_receipt(l, &adds[i], &s[i].receipt) != SAKSI_OK) {
			rc = saksi_cmd_fail(c, SAKSI_NOMEM, NULL);
		}
	}
	free(adds);
	return rc;
}

static int add_addendum(const struct saksi_cmd *c, struct saksi_log *l,
			const char *file)
{
	struct saksi_buf b;
	struct saksi_hash digest;
	enum saksi_err err;
	int rc = read_one(c, file, SAKSI_ADDENDUM_MAX, &b);

	if (rc == SAKSI_EXIT_HOLDS) {
		err = saksi_log_addendum(l, saksi_buf_bytes(&b), &digest);
		if (err == SAKSI_MISSING)
			saksi_cmd_say(c, "%s: no entry of this log names it", file);
		else if (err != SAKSI_OK)
			saksi_cmd_say(c, "%s: %s", file, saksi_err_name(err));
		rc = saksi_err_exit(err);
	}
	saksi_buf_free(&b);
	return rc;
}

static int to_folder(const struct saksi_cmd *c, struct sent *s, size_t count)
{
	struct saksi_why w = {""};
	struct saksi_log *l;
	const char *file;
	enum saksi_err err = saksi_log_open(saksi_cmd_arg(c, 0), &l, &w);
	int rc;

	if (err != SAKSI_OK) {
		for (size_t i = 0; i < count; i++)
			s[i].file = NULL;
		return saksi_log_unopened(c, err, &w);
	}
	rc = add_entries(c, l, s, count);
	for (int i = 0; rc == SAKSI_EXIT_HOLDS &&
			(file = saksi_cmd_option_at(c, "--addendum", i)) != NULL;
	     i++)
		rc = add_addendum(c, l, file);
	saksi_log_close(l);
	return rc;
}

/* ---- to a URL */

static enum saksi_err err_of(long status)
{
	switch (status) {
	case 200:
		return SAKSI_OK;
	case 403:
		return SAKSI_REFUSED;
	case 400:
		return SAKSI_MALFORMED;
	case 404:
		return SAKSI_MISSING;
	case 413:
		return SAKSI_LIMIT;
	case 429:
	case 503:
		return SAKSI_BUSY;
	default:
		return SAKSI_IO;
	}
}

/* Asks until it is no longer told to come back later.  *a is the last answer. */
static enum saksi_err post(const struct saksi_cmd *c, struct saksi_client *client,
			   const char *url, struct saksi_bytes body,
			   struct saksi_answer *a)
{
	struct saksi_request r = {.method = "POST",
				  .url = url,
				  .body = body,
				  .content_type = "application/octet-stream",
				  .timeout_ms = 60000,
				  .max = ANSWER_MAX};

	for (int try = 1;; try++) {
		enum saksi_err err = saksi_client_do(client, &r, a);
		long wait = a->retry_after_s < 0 ? 1 : a->retry_after_s;

		if (err != SAKSI_OK)
			return err;
		err = err_of(a->status);
		if (err != SAKSI_BUSY || try == TRIES)
			return err;
		wait = wait < WAIT_MAX_S ? wait : WAIT_MAX_S;
		saksi_cmd_say(c, "%s is busy (%.*s): trying again in %ld s", url,
			      (int)strcspn((const char *)a->body.at, "\n"),
			      (const char *)a->body.at, wait);
		saksi_buf_free(&a->body);
		(void)sleep((unsigned)wait);
	}
}

static int told_no(const struct saksi_cmd *c, const char *file, enum saksi_err err,
		   const struct saksi_answer *a)
{
	struct saksi_bytes says = saksi_buf_bytes(&a->body);

	while (says.len > 0 && says.at[says.len - 1] == '\n')
		says.len--;
	if (a->status == 0)
		saksi_cmd_say(c, "%s: %s", file, a->why);
	else
		saksi_cmd_say(c, "%s: the log answers %ld: %.*s", file, a->status,
			      (int)says.len, (const char *)says.at);
	return saksi_err_exit(err == SAKSI_OK ? SAKSI_MALFORMED : err);
}

/* The index that an answer tells: a decimal line, or a receipt. */
static enum saksi_err index_of(struct saksi_bytes answer, bool receipt, uint64_t *index)
{
	struct saksi_receipt r;
	size_t text = 0;

	if (!receipt) {
		if (answer.len == 0 || answer.at[answer.len - 1] != '\n')
			return SAKSI_MALFORMED;
		answer.len--;
		return saksi_text_decimal(answer, index);
	}
	while (text + 1 < answer.len &&
	       (answer.at[text] != '\n' || answer.at[text + 1] != '\n'))
		text++;
	SAKSI_TRY(
	    saksi_receipt_read((struct saksi_bytes){answer.at, text + 1}, &r, NULL));
	*index = r.index;
	return SAKSI_OK;
}

static int post_entry(const struct saksi_cmd *c, struct saksi_client *client,
		      const char *url, struct sent *s)
{
	bool receipt = saksi_cmd_flag(c, "--receipt");
	struct saksi_answer a = {0};
	enum saksi_err err = post(c, client, url, saksi_buf_bytes(&s->bytes), &a);
	int rc = SAKSI_EXIT_HOLDS;

	if (err == SAKSI_OK)
		err = index_of(saksi_buf_bytes(&a.body), receipt, &s->index);
	if (err != SAKSI_OK) {
		rc = told_no(c, s->file, err, &a);
		s->file = NULL;
	} else if (receipt) {
		saksi_buf_put(&s->receipt, saksi_buf_bytes(&a.body));
	}
	saksi_buf_free(&a.body);
	return rc;
}

static int post_addenda(const struct saksi_cmd *c, struct saksi_client *client,
			const char *url)
{
	const char *file;
	int rc = SAKSI_EXIT_HOLDS;

	for (int i = 0; rc == SAKSI_EXIT_HOLDS &&
			(file = saksi_cmd_option_at(c, "--addendum", i)) != NULL;
	     i++) {
		struct saksi_answer a = {0};
		struct saksi_buf b;
		enum saksi_err err;

		rc = read_one(c, file, SAKSI_ADDENDUM_MAX, &b);
		if (rc == SAKSI_EXIT_HOLDS) {
			err = post(c, client, url, saksi_buf_bytes(&b), &a);
			if (err != SAKSI_OK)
				rc = told_no(c, file, err, &a);
		}
		saksi_buf_free(&a.body);
		saksi_buf_free(&b);
	}
	return rc;
}

/* `base` without its last slashes, then `path`. */
static char *url_of(const char *base, const char *path)
{
	size_t len = strlen(base);
	char *url = malloc(len + strlen(path) + 1);

	while (len > 0 && base[len - 1] == '/')
		len--;
	if (url != NULL) {
		memcpy(url, base, len);
		memcpy(url + len, path, strlen(path) + 1);
	}
	return url;
}

static int to_url(const struct saksi_cmd *c, struct sent *s, size_t count)
{
	const char *base = saksi_cmd_arg(c, 0);
	char *add =
	    url_of(base, saksi_cmd_flag(c, "--receipt") ? "/add?receipt=1" : "/add");
	char *addenda = url_of(base, "/addenda");
	struct saksi_client *client = NULL;
	int rc = SAKSI_EXIT_HOLDS;

	if (add == NULL || addenda == NULL || saksi_client_new(&client) != SAKSI_OK)
		rc = saksi_cmd_fail(c, SAKSI_NOMEM, NULL);
	for (size_t i = 0; i < count; i++) {
		if (rc == SAKSI_EXIT_HOLDS)
			rc = post_entry(c, client, add, &s[i]);
		else
			s[i].file = NULL; /* not sent after one was refused */
	}
	if (rc == SAKSI_EXIT_HOLDS)
		rc = post_addenda(c, client, addenda);
	saksi_client_free(client);
	free(add);
	free(addenda);
	return rc;
}

/* ---- both */

static void print_json(const struct saksi_cmd *c, const struct sent *s, size_t count)
{
	struct saksi_buf b = saksi_buf_growing(SIZE_MAX / 2);
	struct saksi_jsonw w = {&b, false};

	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "entries");
	saksi_jsonw_open(&w, '[');
	for (size_t i = 0; i < count; i++) {
		if (s[i].file == NULL)
			continue;
		saksi_jsonw_open(&w, '{');
		saksi_jsonw_key(&w, "file");
		saksi_jsonw_cstr(&w, s[i].file);
		saksi_jsonw_key(&w, "index");
		saksi_jsonw_u64(&w, s[i].index);
		if (saksi_cmd_flag(c, "--receipt")) {
			saksi_jsonw_key(&w, "receipt");
			saksi_jsonw_str(&w, saksi_buf_bytes(&s[i].receipt));
		}
		saksi_jsonw_close(&w, '}');
	}
	saksi_jsonw_close(&w, ']');
	saksi_jsonw_close(&w, '}');
	(void)fwrite(b.at, 1, b.len, stdout);
	(void)fputc('\n', stdout);
	saksi_buf_free(&b);
}

static void print_text(const struct saksi_cmd *c, const struct sent *s, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (s[i].file == NULL)
			continue;
		if (saksi_cmd_flag(c, "--receipt"))
			(void)fwrite(s[i].receipt.at, 1, s[i].receipt.len, stdout);
		else
			(void)printf("%llu\n", (unsigned long long)s[i].index);
	}
}

static bool is_url(const char *where)
{
	struct saksi_bytes b = saksi_bytes_of(where);

	return saksi_bytes_starts(b, "http://") || saksi_bytes_starts(b, "https://");
}

int saksi_log_add_run(struct saksi_cmd *c)
{
	size_t count = (size_t)saksi_cmd_arg_count(c) - 1;
	struct sent *s;
	int rc = SAKSI_EXIT_HOLDS;

	if (saksi_cmd_flag(c, "--receipt") && count != 1 && !saksi_cmd_json(c))
		return saksi_cmd_usage(c,
				       "--receipt prints one receipt: give one FILE, "
				       "or --json");
	s = calloc(count, sizeof(*s));
	if (s == NULL)
		return saksi_cmd_fail(c, SAKSI_NOMEM, NULL);
	for (size_t i = 0; i < count && rc == SAKSI_EXIT_HOLDS; i++) {
		s[i].file = saksi_cmd_arg(c, (int)i + 1);
		s[i].receipt = saksi_buf_growing(ANSWER_MAX);
		rc = read_one(c, s[i].file, SAKSI_ENTRY_MAX, &s[i].bytes);
		if (rc == SAKSI_EXIT_HOLDS && completed(&s[i].bytes) != SAKSI_OK) {
			saksi_cmd_say(c, "%s: begins like a signed claim and is none",
				      s[i].file);
			rc = SAKSI_EXIT_FALSE;
		}
	}
	if (rc == SAKSI_EXIT_HOLDS) {
		rc = is_url(saksi_cmd_arg(c, 0)) ? to_url(c, s, count)
						 : to_folder(c, s, count);
		if (saksi_cmd_json(c))
			print_json(c, s, count);
		else
			print_text(c, s, count);
	}
	for (size_t i = 0; i < count; i++) {
		saksi_buf_free(&s[i].bytes);
		saksi_buf_free(&s[i].receipt);
	}
	free(s);
	return rc;
}
