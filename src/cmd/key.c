#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/text.h"
#include "cmd/key.h"
#include "cmd/keyfile.h"
#include "statement/envelope.h"
#include "statement/statement.h"
#include "store/files.h"

#define TEXT_MAX 4096

/* What others may know of a key. */
struct shown {
	const char *type, *name;
	struct saksi_buf vkey; /* empty for a box key */
	uint8_t key[SAKSI_KEY_LEN];
	struct saksi_hash keyid;
	uint8_t vkey_memory[512];
};

static void shown_of_signer(const struct saksi_vkey *k, const char *name,
			    struct shown *out)
{
	out->type = k->type == SAKSI_SIG_COSIGNATURE ? "witness" : "log or author";
	out->name = name;
	out->vkey = saksi_buf_fixed(out->vkey_memory, sizeof(out->vkey_memory));
	saksi_vkey_write(k, &out->vkey);
	memcpy(out->key, k->key, sizeof(out->key));
	out->keyid = saksi_keyid(out->key);
}

static void shown_of_box(const struct saksi_boxfile *b, struct shown *out)
{
	out->type = "box";
	out->name = b->name;
	out->vkey = saksi_buf_fixed(out->vkey_memory, 0);
	memcpy(out->key, b->key, sizeof(out->key));
	out->keyid = saksi_keyid(out->key);
}

static void print_json(const struct shown *s)
{
	uint8_t memory[2048];
	struct saksi_buf b = saksi_buf_fixed(memory, sizeof(memory));
	struct saksi_jsonw w = {.out = &b};
	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "type");
	saksi_jsonw_cstr(&w, s->type);
	saksi_jsonw_key(&w, "name");
	saksi_jsonw_cstr(&w, s->name);
	if (s->vkey.len > 0) {
		saksi_jsonw_key(&w, "vkey");
		saksi_jsonw_str(&w, saksi_buf_bytes(&s->vkey));
	}
	saksi_jsonw_key(&w, "key");
	saksi_jsonw_hex(&w, (struct saksi_bytes){s->key, sizeof(s->key)});
	saksi_jsonw_key(&w, "keyid");
	saksi_jsonw_hex(&w, saksi_hash_bytes(&s->keyid));
	saksi_jsonw_close(&w, '}');
	(void)fwrite(b.at, 1, b.len, stdout);
	(void)fputc('\n', stdout);
}

static void print_hex(const char *label, const uint8_t b[32])
{
	char hex[65];
	saksi_text_to_hex(b, 32, hex);
	(void)printf("%s%s\n", label, hex);
}

static int print(const struct saksi_cmd *c, const struct shown *s, const char *only)
{
	if (only != NULL && strcmp(only, "vkey") == 0) {
		if (s->vkey.len == 0)
			return saksi_cmd_usage(c, "a box key has no vkey; --only key");
		(void)printf("%.*s\n", (int)s->vkey.len, (const char *)s->vkey.at);
	} else if (only != NULL && strcmp(only, "key") == 0) {
		print_hex("", s->key);
	} else if (only != NULL && strcmp(only, "keyid") == 0) {
		print_hex("", s->keyid.b);
	} else if (only != NULL) {
		return saksi_cmd_usage(c, "--only '%s' is none of vkey, key, keyid",
				       only);
	} else if (saksi_cmd_json(c)) {
		print_json(s);
	} else {
		(void)printf("type   %s\nname   ", s->type);
		saksi_cmd_text(stdout, saksi_bytes_of(s->name));
		if (s->vkey.len > 0)
			(void)printf("\nvkey   %.*s", (int)s->vkey.len,
				     (const char *)s->vkey.at);
		print_hex("\nkey    ", s->key);
		print_hex("keyid  ", s->keyid.b);
	}
	return SAKSI_EXIT_HOLDS;
}

static int create(const struct saksi_cmd *c, const char *path, struct saksi_buf *text)
{
	enum saksi_err err = saksi_buf_check(text);
	errno = 0;
	if (err == SAKSI_OK)
		err = saksi_file_create(AT_FDCWD, path, saksi_buf_bytes(text), 0600);
	if (err == SAKSI_OK)
		return SAKSI_EXIT_HOLDS;
	if (errno == EEXIST)
		saksi_cmd_say(c, "%s: is there already; a key is never overwritten",
			      path);
	else
		saksi_cmd_say(c, "%s: the key file could not be written: %s", path,
			      errno != 0 ? strerror(errno) : saksi_err_name(err));
	return SAKSI_EXIT_UNKNOWN;
}

/* An author's name goes into statements, where it is stricter than in a note. */
static bool author_name(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-");
	return n > 0 && n <= SAKSI_AUTHOR_MAX && name[n] == '\0';
}

static int new_box(const struct saksi_cmd *c, const char *path, const char *name,
		   struct saksi_buf *text)
{
	struct saksi_boxfile b = {0};
	struct shown s;
	(void)snprintf(b.name, sizeof(b.name), "%s", name);
	saksi_box_pair(b.key, b.secret);
	saksi_boxfile_write(&b, text);
	int rc = create(c, path, text);
	if (rc == SAKSI_EXIT_HOLDS) {
		shown_of_box(&b, &s);
		rc = print(c, &s, NULL);
	}
	saksi_wipe(&b, sizeof(b));
	return rc;
}

static int new_signer(const struct saksi_cmd *c, const char *path, uint8_t type,
		      struct saksi_buf *text)
{
	const char *name = saksi_cmd_option(c, "--name");
	struct saksi_vkey k;
	struct shown s;
	uint8_t key[SAKSI_KEY_LEN];
	struct saksi_signer *signer = saksi_signer_new();
	if (signer == NULL)
		return saksi_cmd_fail(c, SAKSI_NOMEM, NULL);
	int rc = SAKSI_EXIT_UNKNOWN;
	saksi_signer_public(signer, key);
	if (strlen(name) > SAKSI_NAME_MAX ||
	    saksi_vkey_make(saksi_bytes_of(name), type, key, &k) != SAKSI_OK) {
		rc = saksi_cmd_usage(c,
				     "--name '%s': a key's name has 1 to 255 bytes, no "
				     "space and no '+', such as example.org/log",
				     name);
		goto done;
	}
	saksi_skey_write(&k, signer, text);
	saksi_buf_puts(text, "\n");
	rc = create(c, path, text);
	if (rc == SAKSI_EXIT_HOLDS) {
		shown_of_signer(&k, name, &s);
		rc = print(c, &s, NULL);
	}
done:
	saksi_signer_free(signer);
	return rc;
}

static int key_new(struct saksi_cmd *c)
{
	const char *path = saksi_cmd_arg(c, 0), *name = saksi_cmd_option(c, "--name");
	const char *type = saksi_cmd_option(c, "--type");
	uint8_t memory[TEXT_MAX];
	struct saksi_buf text = saksi_buf_fixed(memory, sizeof(memory));
	int rc;
	if (type == NULL)
		type = "author";
	bool box = strcmp(type, "box") == 0, author = strcmp(type, "author") == 0;
	if ((box || author) && !author_name(name))
		return saksi_cmd_usage(c,
				       "--name '%s': an author's name has 1 to 64 of "
				       "a-z, 0-9, '.' and '-'",
				       name);
	if (box)
		rc = new_box(c, path, name, &text);
	else if (author || strcmp(type, "log") == 0)
		rc = new_signer(c, path, SAKSI_SIG_ED25519, &text);
	else if (strcmp(type, "witness") == 0)
		rc = new_signer(c, path, SAKSI_SIG_COSIGNATURE, &text);
	else
		rc = saksi_cmd_usage(
		    c, "--type '%s' is none of author, log, witness, box", type);
	saksi_wipe(memory, sizeof(memory));
	return rc;
}

static int show_text(const struct saksi_cmd *c, struct saksi_bytes text)
{
	const char *path = saksi_cmd_arg(c, 0), *only = saksi_cmd_option(c, "--only");
	struct saksi_fault f = {0};
	struct shown s;
	int rc;
	if (saksi_bytes_starts(text, "saksi-box-key ")) {
		struct saksi_boxfile b;
		if (saksi_boxfile_read(text, &b, &f) != SAKSI_OK)
			goto bad;
		shown_of_box(&b, &s);
		rc = print(c, &s, only);
		saksi_wipe(&b, sizeof(b));
		return rc;
	}
	struct saksi_keyfile k;
	if (saksi_keyfile_read(text, &k, &f) != SAKSI_OK)
		goto bad;
	shown_of_signer(&k.vkey, k.name, &s);
	rc = print(c, &s, only);
	saksi_keyfile_end(&k);
	return rc;
bad:
	saksi_cmd_say(c, "%s: %s; 'saksi key new' makes key files", path,
		      f.what != NULL ? f.what : "not a key file of saksi");
	return SAKSI_EXIT_UNKNOWN;
}

static int key_show(struct saksi_cmd *c)
{
	uint8_t memory[TEXT_MAX];
	struct saksi_buf text = saksi_buf_fixed(memory, sizeof(memory));
	struct saksi_why w = {.text = ""};
	enum saksi_err err =
	    saksi_file_read_secret(AT_FDCWD, saksi_cmd_arg(c, 0), &text, &w);
	int rc = SAKSI_EXIT_UNKNOWN;
	if (err == SAKSI_OK)
		rc = show_text(c, saksi_buf_bytes(&text));
	else
		saksi_cmd_say(c, "%s",
			      w.text[0] != '\0' ? w.text : saksi_err_name(err));
	saksi_wipe(memory, sizeof(memory));
	return rc;
}

static const struct saksi_option new_options[] = {
    {"--name", "NAME", "the key's name: an author's, a log's origin, a witness's", true,
     false},
    {"--type", "TYPE", "author (as when not given), log, witness or box", false, false},
    {NULL, NULL, NULL, false, false},
};
static const struct saksi_option show_options[] = {
    {"--only", "PART", "print just vkey, key or keyid", false, false},
    {NULL, NULL, NULL, false, false},
};

/* ---- rotate */

static int key_rotate(struct saksi_cmd *c)
{
	if (saksi_cmd_option(c, "--log") != NULL)
		return saksi_key_change_run(c);
	if (saksi_cmd_option(c, "--roots") != NULL ||
	    saksi_cmd_option(c, "--new") != NULL ||
	    saksi_cmd_option(c, "--box") != NULL)
		return saksi_cmd_usage(c, "--log WHERE is needed: the log whose newest "
					  "keys statement is to be changed");
	if (saksi_cmd_arg_count(c) == 0)
		return saksi_cmd_usage(c, "name an author and --log, or the folder of "
					  "a log");
	return saksi_key_log_run(c);
}

#define CHANGE_OPTIONS                                                                 \
	{"--trust", "DIR", "trust folder to check that log with", false, false},       \
	    {"--output", "FILE", "where it goes, or -o; else to stdout", false,        \
	     false},                                                                   \
	    {"--state", "DIR", "what was seen of logs before", false, false},          \
	    {"--no-state", NULL, "remember nothing", false, false},                    \
	    {"--now", "TIME", "judge and date as of this instant", false, false},      \
	{                                                                              \
		NULL, NULL, NULL, false, false                                         \
	}
static const struct saksi_option rotate_options[] = {
    {"--log", "WHERE", "the log whose keys statement is to be changed", false, false},
    {"--new", "HEX", "the author's new key, as 'key show --only key' prints it", false,
     false},
    {"--box", "HEX", "the author's new box key", false, false},
    {"--roots", "FILE", "the roots that shall replace those in force", false, false},
    {"--finish", NULL, "of a log's own key: let the old one go", false, false},
    CHANGE_OPTIONS,
};
static const struct saksi_option revoke_options[] = {
    {"--log", "WHERE", "the log whose keys statement is to be changed", true, false},
    {"--from", "N", "the first entry that no longer counts", true, false},
    {"--new", "HEX", "the author's new key; without it the author is named no more",
     false, false},
    {"--key", "HEX", "an older key of the author; else the one in force", false, false},
    CHANGE_OPTIONS,
};

const struct saksi_command saksi_commands_key[] = {
    {"key new", "FILE", "make a key and print its public part",
     "FILE gets the secret, readable by its owner only, and is never overwritten: one "
     "key, one purpose. Author keys sign statements, log keys checkpoints and "
     "receipts, "
     "witness keys cosignatures; box keys open what is sealed to them.",
     new_options, 1, 1, key_new},
    {"key show", "FILE", "print the public part of a key, never the secret",
     "vkey is the form of policies, key the bare public key in hexadecimal as "
     "statements "
     "name it, keyid its SHA-256 as envelopes name it.",
     show_options, 1, 1, key_show},
    {"key rotate", "[AUTHOR|LOGDIR]", "replace a key: an author's, the roots, a log's",
     "With --log it writes the next keys statement of that log, with one change: "
     "AUTHOR's key by --new, or all roots by --roots FILE (lines as in the trust "
     "folder's roots). Roots in force sign it, each on a machine of their own, with "
     "'saksi statement sign'; new roots need the quorum of the old and the quorum of "
     "the new. 'saksi log add' puts it into the log; readers keep the roots file that "
     "they have.\n\n"
     "Without --log, LOGDIR is the folder of a log that is not being served, whose own "
     "key is replaced under the same origin: from then on the old key and a new one "
     "both sign. Give the new verifier key to witnesses ('saksi witness add') and "
     "readers (a line 'log VKEY' more in their policy); when they have it, --finish "
     "lets the old key go. A note signed by the old key tells latecomers.\n\n"
     "A witness's key is never replaced: make a new witness.",
     rotate_options, 0, 1, key_rotate},
    {"key revoke", "AUTHOR", "say from where on a stolen key counts for nothing",
     "Writes the next keys statement of the log, in which AUTHOR's key is revoked from "
     "entry N on, also where the log has gone on since; it is never taken back. Signed "
     "and added as by 'key rotate'.",
     revoke_options, 1, 1, saksi_key_revoke_run},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
