/* Making a log's folder, opening and closing it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "log/inside.h"
#include "store/files.h"

#define TEXTS_MAX (16U << 20)
#define KEY_MAX 1024
#define BODY_MAX (SAKSI_LOG_BATCH_BYTES + (1U << 20))
#define RECEIPT_NAME "/receipt"

enum saksi_err saksi_log_file(int dir, const char *path, const char *name,
			      struct saksi_buf *out, struct saksi_why *w)
{
	enum saksi_err err = saksi_file_read(dir, name, true, out);

	if (err == SAKSI_OK)
		return SAKSI_OK;
	if (err == SAKSI_LIMIT)
		return saksi_why_set(w, err, "%s/%s: too long", path, name);
	return saksi_why_set(w, err, "%s/%s: %s", path, name, strerror(errno));
}

static enum saksi_err fault(const char *where, const char *name, enum saksi_err err,
			    const struct saksi_fault *f, struct saksi_why *w)
{
	if (f->line > 0)
		return saksi_why_set(w, err, "%s%s:%u: %s", where, name, f->line,
				     f->what != NULL ? f->what : saksi_err_name(err));
	return saksi_why_set(w, err, "%s%s: byte %zu: %s", where, name, f->at,
			     f->what != NULL ? f->what : saksi_err_name(err));
}

/* ---- making one */

static enum saksi_err check_origin(struct saksi_bytes origin, struct saksi_why *w)
{
	if (!saksi_keyname_ok(origin) ||
	    origin.len > SAKSI_NAME_MAX - strlen(RECEIPT_NAME))
		return saksi_why_set(
		    w, SAKSI_MALFORMED,
		    "--origin: a name like logs.example/audit, without "
		    "spaces or '+', of at most %zu bytes",
		    SAKSI_NAME_MAX - strlen(RECEIPT_NAME));
	return SAKSI_OK;
}

static enum saksi_err check_texts(const struct saksi_log_new *n, struct saksi_why *w)
{
	struct saksi_fault f = {NULL, 0, 0};
	struct saksi_arena a;
	struct saksi_policy policy;
	struct saksi_limits limits;
	struct saksi_roots roots;
	enum saksi_err err = SAKSI_OK;

	SAKSI_TRY(check_origin(n->origin, w));
	if (!n->open) {
		err = saksi_roots_read(n->roots, &roots, &f);
		if (err != SAKSI_OK)
			return fault("", "roots", err, &f, w);
		err = saksi_limits_read(n->limits, &limits, &f);
		if (err != SAKSI_OK)
			return fault("", "limits", err, &f, w);
	}
	if (n->policy.len == 0)
		return SAKSI_OK;
	err = saksi_arena_map(&a, TEXTS_MAX);
	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "out of memory");
	err = saksi_policy_read(n->policy, &a, &policy, &f);
	saksi_arena_end(&a);
	return err == SAKSI_OK ? SAKSI_OK : fault("", "policy", err, &f, w);
}

static enum saksi_err make_folder(const char *path, int *dir, struct saksi_why *w)
{
	enum saksi_err err = saksi_dir_fresh(path, 0700, dir);

	if (err == SAKSI_REFUSED)
		return saksi_why_set(w, err,
				     "%s: a new log needs a folder that is absent or "
				     "empty",
				     path);
	return err == SAKSI_OK ? err
			       : saksi_why_set(w, err, "%s: %s", path, strerror(errno));
}

/* A new key in `file`, its verifier key in public/`shown`. */
static enum saksi_err make_key(int dir, struct saksi_bytes name, const char *file,
			       const char *shown, struct saksi_buf *vkey)
{
	struct saksi_signer *s = saksi_signer_new();
	uint8_t room[KEY_MAX], pub[SAKSI_KEY_LEN];
	struct saksi_buf text = saksi_buf_fixed(room, sizeof(room));
	struct saksi_vkey k;
	enum saksi_err err;

	if (s == NULL)
		return SAKSI_NOMEM;
	saksi_signer_public(s, pub);
	err = saksi_vkey_make(name, SAKSI_SIG_ED25519, pub, &k);
	if (err == SAKSI_OK) {
		saksi_skey_write(&k, s, &text);
		saksi_buf_puts(&text, "\n");
		err = saksi_file_create(dir, file, saksi_buf_bytes(&text), 0600);
	}
	saksi_wipe(room, sizeof(room));
	saksi_signer_free(s);
	SAKSI_TRY(err);
	saksi_buf_clear(vkey);
	saksi_vkey_write(&k, vkey);
	saksi_buf_puts(vkey, "\n");
	return saksi_file_replace(dir, shown, saksi_buf_bytes(vkey), 0644);
}

static enum saksi_err make_texts(int dir, const struct saksi_log_new *n,
				 struct saksi_bytes vkey)
{
	uint8_t room[KEY_MAX];
	struct saksi_buf policy = saksi_buf_fixed(room, sizeof(room));
	struct saksi_bytes text = n->policy;

	if (text.len == 0) {
		saksi_buf_puts(&policy, "log ");
		saksi_buf_put(&policy, vkey);
		saksi_buf_puts(&policy, "quorum none\n");
		text = saksi_buf_bytes(&policy);
	}
	SAKSI_TRY(saksi_file_replace(dir, "policy", text, 0600));
	if (n->open)
		return SAKSI_OK;
	SAKSI_TRY(saksi_file_replace(dir, "roots", n->roots, 0600));
	SAKSI_TRY(saksi_file_replace(dir, "limits", n->limits, 0600));
	return saksi_file_replace(dir, "public/addenda.v1", saksi_bytes_of(""), 0644);
}

/* `config` comes last: a folder without it is no log. */
static enum saksi_err make_config(int dir, const struct saksi_log_new *n)
{
	struct saksi_buf text = saksi_buf_growing(SAKSI_LOG_FILE_MAX);
	struct saksi_log_config c;
	enum saksi_err err;

	saksi_log_config_default(&c);
	c.origin = n->origin;
	c.open = n->open;
	c.batch = n->batch != 0 ? n->batch : c.batch;
	c.interval_ms = n->interval_ms != 0 ? n->interval_ms : c.interval_ms;
	saksi_log_config_write(&c, &text);
	err = saksi_log_config_read(saksi_buf_bytes(&text), &c, NULL);
	if (err == SAKSI_OK)
		err = saksi_file_replace(dir, "config", saksi_buf_bytes(&text), 0600);
	saksi_buf_free(&text);
	return err;
}

static enum saksi_err make_state(const char *path, int dir, struct saksi_why *w)
{
	struct saksi_buf name = saksi_buf_growing(8192);
	struct saksi_state *s = NULL;
	enum saksi_err err;

	saksi_buf_printf(&name, "%s/state.db%c", path, '\0');
	err = saksi_buf_check(&name);
	if (err == SAKSI_OK)
		err = saksi_state_open((const char *)name.at, SAKSI_STATE_MAKE, &s, w);
	saksi_state_close(s);
	saksi_buf_free(&name);
	if (err == SAKSI_OK && fchmodat(dir, "state.db", 0600, 0) != 0)
		err = saksi_why_set(w, SAKSI_IO, "%s/state.db: %s", path,
				    strerror(errno));
	return err;
}

static enum saksi_err make_all(int dir, const struct saksi_log_new *n,
			       struct saksi_why *w)
{
	uint8_t room[KEY_MAX], name[SAKSI_NAME_MAX + 1], receipt[KEY_MAX];
	struct saksi_buf vkey = saksi_buf_fixed(room, sizeof(room));
	struct saksi_buf receipt_vkey = saksi_buf_fixed(receipt, sizeof(receipt));
	struct saksi_buf receipt_name = saksi_buf_fixed(name, sizeof(name));
	enum saksi_err err = saksi_dir_make(dir, "public", 0755);

	saksi_buf_put(&receipt_name, n->origin);
	saksi_buf_puts(&receipt_name, RECEIPT_NAME);
	if (err == SAKSI_OK)
		err = saksi_dir_make(dir, "staging", 0700);
	if (err == SAKSI_OK)
		err = make_key(dir, n->origin, "key", "public/vkey", &vkey);
	if (err == SAKSI_OK)
		err = make_key(dir, saksi_buf_bytes(&receipt_name), "receipt.key",
			       "public/receipt.vkey", &receipt_vkey);
	if (err == SAKSI_OK)
		err = make_texts(dir, n, saksi_buf_bytes(&vkey));
	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "%s: %s", n->path, strerror(errno));
	SAKSI_TRY(make_state(n->path, dir, w));
	err = make_config(dir, n);
	if (err == SAKSI_MALFORMED)
		return saksi_why_set(w, err, "--batch or --interval is out of range");
	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "%s/config: %s", n->path, strerror(errno));
	return SAKSI_OK;
}

enum saksi_err saksi_log_init(const struct saksi_log_new *n, struct saksi_why *w)
{
	struct saksi_log *l = NULL;
	enum saksi_err err;
	int dir = -1;

	SAKSI_TRY(saksi_crypto_begin());
	SAKSI_TRY(check_texts(n, w));
	SAKSI_TRY(make_folder(n->path, &dir, w));
	err = make_all(dir, n, w);
	(void)close(dir);
	SAKSI_TRY(err);
	SAKSI_TRY(saksi_log_open(n->path, &l, w));
	/* Witnesses do not know it yet, so they are not asked now. */
	if (l != NULL && !l->has_witness)
		err = saksi_log_show(l, saksi_time_now(), w);
	saksi_log_close(l);
	return err;
}

/* ---- opening one */

static enum saksi_err text_of(struct saksi_log *l, const char *name,
			      struct saksi_bytes *text, struct saksi_why *w)
{
	struct saksi_buf b = saksi_buf_growing(SAKSI_LOG_FILE_MAX);
	enum saksi_err err = saksi_log_file(l->dir, l->path, name, &b, w);

	if (err == SAKSI_OK) {
		*text = saksi_arena_copy(&l->texts, saksi_buf_bytes(&b));
		if (b.len > 0 && text->at == NULL)
			err = saksi_why_set(w, SAKSI_NOMEM, "out of memory");
	}
	saksi_buf_free(&b);
	return err;
}

static enum saksi_err open_texts(struct saksi_log *l, struct saksi_why *w)
{
	struct saksi_fault f = {NULL, 0, 0};
	struct saksi_bytes text;
	enum saksi_err err = text_of(l, "config", &text, w);

	if (err == SAKSI_MISSING)
		return saksi_why_set(w, err,
				     "%s: not a log (it has no config): saksi log init "
				     "makes one",
				     l->path);
	SAKSI_TRY(err);
	err = saksi_log_config_read(text, &l->config, &f);
	if (err != SAKSI_OK)
		return fault(l->path, "/config", err, &f, w);
	SAKSI_TRY(text_of(l, "policy", &text, w));
	err = saksi_policy_read(text, &l->texts, &l->policy, &f);
	if (err != SAKSI_OK)
		return fault(l->path, "/policy", err, &f, w);
	for (uint32_t i = 0; i < l->policy.party_count; i++)
		if (!l->policy.parties[i].is_group)
			l->has_witness = true;
	if (l->config.open)
		return SAKSI_OK;
	SAKSI_TRY(text_of(l, "roots", &text, w));
	err = saksi_roots_read(text, &l->roots, &f);
	if (err != SAKSI_OK)
		return fault(l->path, "/roots", err, &f, w);
	SAKSI_TRY(text_of(l, "limits", &text, w));
	err = saksi_limits_read(text, &l->limits, &f);
	return err == SAKSI_OK ? SAKSI_OK : fault(l->path, "/limits", err, &f, w);
}

static enum saksi_err open_key(struct saksi_log *l, const char *file, const char *end,
			       struct saksi_vkey *k, struct saksi_signer **s,
			       struct saksi_why *w)
{
	uint8_t room[KEY_MAX];
	struct saksi_buf text = saksi_buf_fixed(room, sizeof(room));
	struct saksi_fault f = {NULL, 0, 0};
	struct saksi_why why = {""};
	enum saksi_err err = saksi_file_read_credential(l->dir, file, &text, &why);

	if (err != SAKSI_OK) {
		if (why.text[0] == '/')
			(void)saksi_why_set(w, err, "%s", why.text);
		else
			(void)saksi_why_set(w, err, "%s/%s", l->path, why.text);
	} else {
		err = saksi_skey_read(saksi_buf_bytes(&text), k, s, &f);
		if (err != SAKSI_OK) {
			(void)saksi_why_set(w, err, "%s/%s: not a key file", l->path,
					    file);
		} else if (k->name.len != l->config.origin.len + strlen(end) ||
			   memcmp(k->name.at, l->config.origin.at,
				  l->config.origin.len) != 0 ||
			   memcmp(k->name.at + l->config.origin.len, end,
				  strlen(end)) != 0) {
			err = saksi_why_set(w, SAKSI_REFUSED,
					    "%s/%s: a key of another name than the "
					    "origin in config",
					    l->path, file);
		} else {
			k->name = saksi_arena_copy(&l->texts, k->name);
		}
	}
	saksi_wipe(room, sizeof(room));
	return err;
}

static enum saksi_err open_state(struct saksi_log *l, enum saksi_state_how how,
				 struct saksi_state **out, struct saksi_why *w)
{
	struct saksi_buf name = saksi_buf_growing(8192);
	enum saksi_err err;

	saksi_buf_printf(&name, "%s/state.db%c", l->path, '\0');
	err = saksi_buf_check(&name);
	if (err == SAKSI_OK)
		err = saksi_state_open((const char *)name.at, how, out, w);
	saksi_buf_free(&name);
	return err;
}

static enum saksi_err get_file(void *ctx, const char *path, struct saksi_buf *out)
{
	struct saksi_log *l = ctx;

	return saksi_file_read(l->pub, path, true, out);
}

static enum saksi_err ask_witnesses(void *ctx, const struct saksi_cosign_ask *ask,
				    struct saksi_buf *note, struct saksi_why *w)
{
	return saksi_cosign_collect(ctx, ask, note, w);
}

static enum saksi_err open_memory(struct saksi_log *l, struct saksi_why *w)
{
	size_t batch = (size_t)l->config.batch;

	l->body = saksi_buf_growing(BODY_MAX);
	l->records = calloc(batch, sizeof(*l->records));
	l->leaves = calloc(batch, sizeof(*l->leaves));
	l->taken = calloc(batch, sizeof(struct saksi_add *));
	l->taken_of = calloc(batch, sizeof(struct saksi_job *));
	l->pending = calloc(1, sizeof(*l->pending));
	l->edge = calloc(1, sizeof(*l->edge));
	l->grown = calloc(1, sizeof(*l->grown));
	if (l->config.dedup >= SAKSI_SEEN_WAYS)
		l->seen = calloc((size_t)l->config.dedup, sizeof(*l->seen));
	if (!l->records || !l->leaves || !l->taken || !l->taken_of || !l->pending ||
	    !l->edge || !l->grown || (l->config.dedup >= SAKSI_SEEN_WAYS && !l->seen) ||
	    (!l->config.open &&
	     saksi_arena_map(&l->ledger_arena, (size_t)l->config.ledger_mib << 20) !=
		 SAKSI_OK) ||
	    (l->has_witness && saksi_cosign_new(&l->cosign) != SAKSI_OK))
		return saksi_why_set(w, SAKSI_NOMEM, "%s: out of memory", l->path);
	l->voices = calloc(l->policy.party_count + 1, sizeof(*l->voices));
	l->counts.voices = calloc(l->policy.party_count + 1, sizeof(*l->counts.voices));
	if (l->voices == NULL || l->counts.voices == NULL)
		return saksi_why_set(w, SAKSI_NOMEM, "%s: out of memory", l->path);
	l->source = (struct saksi_source){l, get_file};
	l->asker = (struct saksi_log_asker){l->cosign, ask_witnesses};
	return SAKSI_OK;
}

/* A checkpoint that we signed but state.db does not know: it was rolled back. */
static enum saksi_err check_public(struct saksi_log *l, struct saksi_why *w)
{
	struct saksi_buf text = saksi_buf_growing(SAKSI_LOG_FILE_MAX);
	size_t mark = l->texts.used;
	struct saksi_checkpoint point;
	struct saksi_hash root;
	uint64_t size = 0;
	enum saksi_err err =
	    saksi_log_public_point(l->pub, &l->key, &text, &l->texts, &point);

	if (err == SAKSI_OK) {
		err = saksi_state_signed(l->tree, point.size, &size, &root);
		if (err == SAKSI_MISSING ||
		    (err == SAKSI_OK &&
		     (size != point.size || !saksi_hash_same(&root, &point.root))))
			err = saksi_why_set(
			    w, SAKSI_REFUSED,
			    "%s: public/checkpoint (size %llu) is not one that "
			    "state.db "
			    "signed: an old state.db was put back; going on would fork "
			    "the log",
			    l->path, (unsigned long long)point.size);
		else if (err != SAKSI_OK)
			(void)saksi_why_set(w, err, "%s/state.db: cannot be read",
					    l->path);
		else
			l->state.published = point.size;
	} else {
		err = SAKSI_OK; /* not ours: it will be replaced */
	}
	saksi_arena_rewind(&l->texts, mark);
	saksi_buf_free(&text);
	return err;
}

static enum saksi_err open_folders(struct saksi_log *l, struct saksi_why *w)
{
	l->pub = openat(l->dir, "public", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	l->staging = openat(l->dir, "staging", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l->pub < 0 || l->staging < 0)
		return saksi_why_set(w, SAKSI_IO, "%s/%s: %s", l->path,
				     l->pub < 0 ? "public" : "staging",
				     strerror(errno));
	return SAKSI_OK;
}

static enum saksi_err lock(struct saksi_log *l, struct saksi_why *w)
{
	enum saksi_err err = saksi_dir_lock(l->dir, "lock", &l->guard);

	if (err == SAKSI_BUSY)
		return saksi_why_set(
		    w, err,
		    "%s: another process has this log open: send to its "
		    "URL, or stop it first",
		    l->path);
	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "%s/lock: %s", l->path, strerror(errno));
	return SAKSI_OK;
}

/* All that is needed to look at a log. */
static enum saksi_err open_looking(struct saksi_log *l, bool only, struct saksi_why *w)
{
	enum saksi_err err = saksi_crypto_begin();

	if (err == SAKSI_OK)
		err = saksi_arena_map(&l->texts, TEXTS_MAX);
	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "%s: no memory or no randomness", l->path);
	err = saksi_dir_open(l->path, &l->dir);
	if (err != SAKSI_OK)
		return saksi_why_set(w, err, "%s: %s", l->path, strerror(errno));
	SAKSI_TRY(open_texts(l, w));
	err = open_key(l, "key", "", &l->key, &l->signer, w);
	if (err == SAKSI_MISSING && only)
		err = saksi_log_open_vkey(l, w);
	SAKSI_TRY(err);
	SAKSI_TRY(saksi_log_open_years(l, w));
	return open_folders(l, w);
}

static enum saksi_err open_writing(struct saksi_log *l, struct saksi_why *w)
{
	SAKSI_TRY(open_looking(l, false, w));
	SAKSI_TRY(lock(l, w));
	SAKSI_TRY(open_key(l, "receipt.key", RECEIPT_NAME, &l->receipt_key,
			   &l->receipt_signer, w));
	SAKSI_TRY(open_state(l, SAKSI_STATE_WRITE, &l->entries, w));
	SAKSI_TRY(open_state(l, SAKSI_STATE_WRITE, &l->tree, w));
	SAKSI_TRY(open_state(l, SAKSI_STATE_WRITE, &l->addenda, w));
	SAKSI_TRY(open_memory(l, w));
	SAKSI_TRY(saksi_log_sure(l, w));
	l->state.acknowledged = l->next;
	SAKSI_TRY(check_public(l, w));
	return saksi_log_recover(l, w);
}

/* NULL: out of memory. */
static struct saksi_log *begin(const char *path)
{
	struct saksi_log *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->path = strdup(path);
	if (l->path == NULL) {
		free(l);
		return NULL;
	}
	l->dir = l->pub = l->staging = l->guard = -1;
	(void)pthread_mutex_init(&l->lock, NULL);
	(void)pthread_mutex_init(&l->addenda_lock, NULL);
	return l;
}

static enum saksi_err opened(struct saksi_log *l, enum saksi_err err,
			     struct saksi_log **out)
{
	if (err == SAKSI_OK)
		*out = l;
	else
		saksi_log_close(l);
	return err;
}

enum saksi_err saksi_log_open(const char *path, struct saksi_log **out,
			      struct saksi_why *w)
{
	struct saksi_log *l = begin(path);

	if (l == NULL)
		return saksi_why_set(w, SAKSI_NOMEM, "%s: out of memory", path);
	return opened(l, open_writing(l, w), out);
}

enum saksi_err saksi_log_look(const char *path, struct saksi_log **out,
			      struct saksi_why *w)
{
	struct saksi_log *l = begin(path);
	enum saksi_err err;

	if (l == NULL)
		return saksi_why_set(w, SAKSI_NOMEM, "%s: out of memory", path);
	err = open_looking(l, true, w);
	if (err == SAKSI_OK)
		err = open_state(l, SAKSI_STATE_READ, &l->tree, w);
	return opened(l, err, out);
}

static void close_fd(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

void saksi_log_close(struct saksi_log *l)
{
	if (l == NULL)
		return;
	saksi_log_stop(l);
	saksi_state_close(l->entries);
	saksi_state_close(l->tree);
	saksi_state_close(l->addenda);
	saksi_cosign_free(l->cosign);
	saksi_signer_free(l->signer);
	saksi_signer_free(l->receipt_signer);
	saksi_signer_free(l->next_signer);
	saksi_arena_end(&l->texts);
	saksi_arena_end(&l->ledger_arena);
	saksi_buf_free(&l->body);
	free(l->records);
	free(l->leaves);
	free(l->named);
	free(l->named_by);
	free(l->taken);
	free(l->taken_of);
	free(l->pending);
	free(l->seen);
	free(l->edge);
	free(l->grown);
	free(l->voices);
	free(l->counts.voices);
	close_fd(l->pub);
	close_fd(l->staging);
	close_fd(l->dir);
	close_fd(l->guard); /* last: the lock ends here */
	(void)pthread_mutex_destroy(&l->lock);
	(void)pthread_mutex_destroy(&l->addenda_lock);
	free(l->path);
	free(l);
}

const struct saksi_vkey *saksi_log_vkey(const struct saksi_log *l)
{
	return &l->key;
}

const struct saksi_vkey *saksi_log_receipt_vkey(const struct saksi_log *l)
{
	return &l->receipt_key;
}

const struct saksi_policy *saksi_log_policy(const struct saksi_log *l)
{
	return &l->policy;
}
