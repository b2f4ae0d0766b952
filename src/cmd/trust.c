#include "cmd/trust.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "store/files.h"

#define TEXT_MAX (1U << 20)  /* bytes in one file of the folder */
#define ARENA_MAX (8U << 20) /* what a policy of 256 of each takes, and room */

enum { POLICY, ROOTS, LIMITS, RECEIPT };
static const char *const names[] = {"policy", "roots", "limits", "receipt"};
static const bool optional[] = {false, true, true, true};

static int fault(const struct saksi_cmd *c, const char *dir, int which,
		 enum saksi_err err, const struct saksi_fault *f)
{
	char path[4096];
	(void)snprintf(path, sizeof(path), "%s/%s", dir, names[which]);
	(void)saksi_cmd_fault(c, path, err, f);
	return SAKSI_EXIT_UNKNOWN;
}

static int read_texts(const char *dir, struct saksi_trust *t, const struct saksi_cmd *c)
{
	int fd = -1;
	enum saksi_err err = saksi_dir_open(dir, &fd);
	if (err != SAKSI_OK) {
		saksi_cmd_say(c,
			      "%s: this trust folder cannot be opened: %s; it holds "
			      "the files policy and roots",
			      dir, strerror(errno));
		return SAKSI_EXIT_UNKNOWN;
	}
	for (int i = POLICY; i <= RECEIPT; i++) {
		t->texts[i] = saksi_buf_growing(TEXT_MAX);
		errno = 0;
		err = saksi_file_read(fd, names[i], false, &t->texts[i]);
		if (err == SAKSI_OK && i == ROOTS)
			t->has_roots = true;
		if (err == SAKSI_OK || (err == SAKSI_MISSING && optional[i]))
			continue;
		saksi_cmd_say(c, "%s/%s: %s", dir, names[i],
			      err == SAKSI_MISSING ? "is missing from the trust folder"
			      : err == SAKSI_LIMIT ? "is larger than 1 MiB"
			      : errno != 0         ? strerror(errno)
						   : saksi_err_name(err));
		(void)close(fd);
		return SAKSI_EXIT_UNKNOWN;
	}
	(void)close(fd);
	return SAKSI_EXIT_HOLDS;
}

static enum saksi_err read_receipts(struct saksi_trust *t, struct saksi_fault *f)
{
	struct saksi_cursor cur = saksi_cursor_on(saksi_buf_bytes(&t->texts[RECEIPT]));
	struct saksi_fault inner;
	for (uint32_t line = 1; cur.left.len > 0; line++) {
		size_t at = t->texts[RECEIPT].len - cur.left.len;
		struct saksi_bytes text = saksi_cursor_line(&cur);
		if (!cur.ok)
			return saksi_fault_set(f, SAKSI_MALFORMED, "no final newline",
					       at, line);
		if (text.len == 0 || text.at[0] == '#')
			continue;
		if (t->receipt_count == SAKSI_RECEIPT_KEYS)
			return saksi_fault_set(f, SAKSI_LIMIT,
					       "more than 16 receipt keys", at, line);
		struct saksi_vkey *k = &t->receipts[t->receipt_count];
		enum saksi_err err = saksi_vkey_read(text, k, &inner);
		if (err == SAKSI_OK && k->type != SAKSI_SIG_ED25519)
			err = SAKSI_MALFORMED;
		if (err != SAKSI_OK)
			return saksi_fault_set(f, err, "no Ed25519 verifier key", at,
					       line);
		t->receipt_count++;
	}
	return SAKSI_OK;
}

static int read_all(const char *dir, struct saksi_trust *t, const struct saksi_cmd *c)
{
	struct saksi_fault f = {0};
	enum saksi_err err = saksi_policy_read(saksi_buf_bytes(&t->texts[POLICY]),
					       &t->arena, &t->policy, &f);
	if (err != SAKSI_OK)
		return fault(c, dir, POLICY, err, &f);
	/* Not there: nobody's statements can be judged, and that is said.  There
	 * and empty: a slip, and an error. */
	if (t->has_roots)
		err =
		    saksi_roots_read(saksi_buf_bytes(&t->texts[ROOTS]), &t->roots, &f);
	if (err != SAKSI_OK)
		return fault(c, dir, ROOTS, err, &f);
	saksi_limits_default(&t->limits);
	err = saksi_limits_read(saksi_buf_bytes(&t->texts[LIMITS]), &t->limits, &f);
	if (err != SAKSI_OK)
		return fault(c, dir, LIMITS, err, &f);
	err = read_receipts(t, &f);
	if (err != SAKSI_OK)
		return fault(c, dir, RECEIPT, err, &f);
	return SAKSI_EXIT_HOLDS;
}

int saksi_trust_open(const char *dir, struct saksi_trust *out,
		     const struct saksi_cmd *c)
{
	memset(out, 0, sizeof(*out));
	int rc = read_texts(dir, out, c);
	if (rc == SAKSI_EXIT_HOLDS &&
	    saksi_arena_map(&out->arena, ARENA_MAX) != SAKSI_OK)
		rc = saksi_cmd_fail(c, SAKSI_NOMEM, NULL);
	if (rc == SAKSI_EXIT_HOLDS)
		rc = read_all(dir, out, c);
	if (rc != SAKSI_EXIT_HOLDS)
		saksi_trust_end(out);
	return rc;
}

void saksi_trust_end(struct saksi_trust *t)
{
	saksi_arena_end(&t->arena);
	for (int i = POLICY; i <= RECEIPT; i++)
		saksi_buf_free(&t->texts[i]);
	memset(t, 0, sizeof(*t));
}
