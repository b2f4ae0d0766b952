#include "cmd/publish.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/client.h"

#define TRIES 5

/* One POST, again when the log asks to come back later. */
static int post(const struct saksi_cmd *c, const char *url, const char *path,
		struct saksi_bytes body, struct saksi_buf *answer)
{
	struct saksi_client *client = NULL;
	struct saksi_answer a = {0};
	char full[2048];
	struct saksi_request r = {.method = "POST",
				  .url = full,
				  .body = body,
				  .content_type = "application/octet-stream",
				  .timeout_ms = 60000};
	enum saksi_err err = SAKSI_IO;
	size_t len = strlen(url);

	if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
		return saksi_cmd_usage(
		    c, "%s: to publish, --log must be the URL of the log", url);
	while (len > 0 && url[len - 1] == '/')
		len--;
	if (snprintf(full, sizeof(full), "%.*s%s", (int)len, url, path) >=
	    (int)sizeof(full))
		return saksi_cmd_usage(c, "the URL is too long");
	if (saksi_client_new(&client) != SAKSI_OK)
		return saksi_cmd_fail(c, SAKSI_NOMEM, NULL);
	for (int i = 0; i < TRIES; i++) {
		saksi_buf_free(&a.body);
		err = saksi_client_do(client, &r, &a);
		if (err != SAKSI_OK || (a.status != 503 && a.status != 429))
			break;
		(void)poll(NULL, 0,
			   a.retry_after_s > 0 && a.retry_after_s < 30
			       ? (int)a.retry_after_s * 1000
			       : 1000);
	}
	saksi_client_free(client);
	if (err != SAKSI_OK) {
		saksi_cmd_say(c, "%s: %s", full, a.why);
	} else if (a.status != 200) {
		size_t said = a.body.len > 300 ? 300 : a.body.len;

		while (said > 0 && a.body.at[said - 1] == '\n')
			said--;
		saksi_cmd_say(c, "%s answered %ld: %.*s", full, a.status, (int)said,
			      said > 0 ? (const char *)a.body.at : "");
		err = a.status == 400 || a.status == 403 ? SAKSI_REFUSED : SAKSI_IO;
	} else if (answer != NULL) {
		saksi_buf_put(answer, saksi_buf_bytes(&a.body));
	}
	saksi_buf_free(&a.body);
	return saksi_err_exit(err);
}

static int submit(const struct saksi_cmd *c, const char *url,
		  const struct saksi_draft *d, struct saksi_published *p)
{
	struct saksi_buf answer = saksi_buf_growing(4096);
	int code = post(c, url, "/add", saksi_buf_bytes(&p->entry), &answer);
	struct saksi_bytes number = saksi_buf_bytes(&answer);

	if (code == SAKSI_EXIT_HOLDS) {
		while (number.len > 0 && number.at[number.len - 1] == '\n')
			number.len--;
		if (saksi_text_decimal(number, &p->index) != SAKSI_OK) {
			saksi_cmd_say(c, "%s/add answered something else than an index",
				      url);
			code = SAKSI_EXIT_UNKNOWN;
		}
	}
	saksi_buf_free(&answer);
	for (size_t i = 0; i < d->addenda_count && code == SAKSI_EXIT_HOLDS; i++)
		code = post(c, url, "/addenda", d->addenda[i], NULL);
	return code;
}

/* ---- making the entry */

static enum saksi_err digests_of(const struct saksi_draft *d, struct saksi_arena *a,
				 struct saksi_hash **out)
{
	struct saksi_hash *list =
	    saksi_arena_new(a, d->addenda_count + 1, sizeof(*list));

	if (list == NULL || d->addenda_count > SAKSI_ADDENDA_MAX)
		return SAKSI_LIMIT;
	for (size_t i = 0; i < d->addenda_count; i++)
		list[i] = saksi_hash_of(d->addenda[i]);
	*out = list;
	return SAKSI_OK;
}

static enum saksi_err make_entry(struct saksi_session *s, const struct saksi_draft *d,
				 const struct saksi_keyfile *key,
				 struct saksi_published *p)
{
	const struct saksi_ledger_author *author =
	    saksi_ledger_author_find(&s->look.ledger, d->author);
	struct saksi_statement st = {.kind = d->kind,
				     .author = d->author,
				     .time_utc = s->verifier.now_utc,
				     .subject_name = d->subject_name,
				     .subject = d->subject};
	struct saksi_buf payload = saksi_buf_growing(SAKSI_PAYLOAD_MAX);
	struct saksi_buf text = saksi_buf_growing(SAKSI_ENTRY_MAX);
	struct saksi_envelope e = {0};
	struct saksi_hash *digests = NULL;
	enum saksi_err err = digests_of(d, &s->arena, &digests);

	st.kind_name = saksi_bytes_of(saksi_kind_name(d->kind));
	if (author != NULL) {
		st.sequence = author->next_sequence;
		st.previous = author->last;
	}
	st.addenda = digests;
	st.addenda_count = d->addenda_count;
	if (err == SAKSI_OK)
		err = saksi_statement_write(&st, d->body, &payload);
	if (err == SAKSI_OK) {
		e.payload = saksi_buf_bytes(&payload);
		p->id = saksi_hash_of(e.payload);
		err = saksi_envelope_sign(&e, key->signer);
	}
	if (err == SAKSI_OK)
		err = saksi_envelope_write(&e, &text);
	if (err == SAKSI_OK)
		err = saksi_entry_write(saksi_buf_bytes(&text), digests,
					(uint8_t)d->addenda_count, &p->entry);
	saksi_buf_free(&payload);
	saksi_buf_free(&text);
	return err;
}

/* ---- waiting for the witnesses */

/* A witnessed tree covers the index that the log answered.  A log may answer any
 * number: only its own entries say whether the statement is in it, and where. */
static int find_published(struct saksi_session *s, struct saksi_published *p)
{
	const struct saksi_record *r = saksi_ledger_find(&s->look.ledger, &p->id);

	if (r == NULL) {
		saksi_cmd_say(
		    s->cmd,
		    "the log answered index %llu, and its witnessed tree does "
		    "not hold the statement: keep the log's receipts (saksi log "
		    "add --receipt) and ask its operator",
		    (unsigned long long)p->index);
		return SAKSI_EXIT_FALSE;
	}
	p->index = r->index;
	if (r->verdict == SAKSI_OK)
		return SAKSI_EXIT_HOLDS;
	saksi_cmd_say(s->cmd, "entry %llu is in the log, and false: %s",
		      (unsigned long long)r->index, r->reason);
	return saksi_err_exit(r->verdict);
}

static int await(struct saksi_session *s, struct saksi_published *p, int64_t wait_s)
{
	int64_t until = saksi_time_ticks_ms() + wait_s * 1000;
	size_t mark = s->arena.used;
	enum saksi_err err;

	for (;;) {
		s->verifier.now_utc = saksi_time_now();
		err = saksi_session_look(s, false);
		if (err == SAKSI_OK && s->look.judged.point.size > p->index)
			return find_published(s, p);
		if (saksi_err_exit(err) == SAKSI_EXIT_FALSE ||
		    saksi_err_exit(err) == SAKSI_EXIT_SPLIT) {
			saksi_cmd_say(s->cmd, "%s", s->look.why);
			return saksi_err_exit(err);
		}
		if (saksi_time_ticks_ms() >= until) {
			saksi_cmd_say(
			    s->cmd,
			    "entry %llu is durable in the log, but no checkpoint "
			    "that a quorum cosigned covers it yet; look again with "
			    "saksi verify",
			    (unsigned long long)p->index);
			return SAKSI_EXIT_QUORUM;
		}
		(void)poll(NULL, 0, 200);
		saksi_arena_rewind(&s->arena, mark);
	}
}

int saksi_publish(struct saksi_session *s, const struct saksi_draft *d,
		  const struct saksi_keyfile *key, const char *url, int64_t wait_s,
		  struct saksi_published *out)
{
	struct saksi_published p = {.entry = saksi_buf_growing(SAKSI_ENTRY_MAX)};
	enum saksi_err err;
	int code;

	err = saksi_session_look(s, false);
	if (err != SAKSI_OK && err != SAKSI_STALE) {
		saksi_cmd_say(s->cmd, "%s", s->look.why);
		return saksi_err_exit(err);
	}
	err = make_entry(s, d, key, &p);
	if (err != SAKSI_OK) {
		saksi_buf_free(&p.entry);
		saksi_cmd_say(s->cmd, "the statement could not be made: %s",
			      err == SAKSI_LIMIT ? "it is larger than an entry may be"
						 : saksi_err_name(err));
		return saksi_err_exit(err);
	}
	code = submit(s->cmd, url, d, &p);
	if (code == SAKSI_EXIT_HOLDS)
		code = await(s, &p, wait_s);
	if (code == SAKSI_EXIT_HOLDS)
		*out = p;
	else
		saksi_buf_free(&p.entry);
	return code;
}
