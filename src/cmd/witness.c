#include <string.h>

#include "base/clock.h"
#include "cmd/cmd.h"
#include "witness/witness.h"

#define VKEY_MAX 1024
#define JSON_MAX (64U << 20)

/* ---- witness init */

static void print_vkey(const struct saksi_cmd *c, struct saksi_bytes vkey)
{
	struct saksi_buf line = saksi_buf_growing(8192);
	struct saksi_jsonw w = {.out = &line};

	if (!saksi_cmd_json(c)) {
		(void)printf("%.*s\n", (int)vkey.len, (const char *)vkey.at);
		return;
	}
	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "vkey");
	saksi_jsonw_str(&w, vkey);
	saksi_jsonw_close(&w, '}');
	(void)printf("%.*s\n", (int)line.len, (const char *)line.at);
	saksi_buf_free(&line);
}

static int run_init(struct saksi_cmd *c)
{
	uint8_t room[VKEY_MAX];
	struct saksi_buf vkey = saksi_buf_fixed(room, sizeof(room));
	struct saksi_why w = {""};
	enum saksi_err err = saksi_witness_init(
	    saksi_cmd_arg(c, 0), saksi_cmd_option(c, "--name"), &vkey, &w);

	if (err == SAKSI_BADARG)
		return saksi_cmd_usage(c, "--name: %s", w.text);
	if (err != SAKSI_OK)
		return saksi_cmd_fail(c, err, &w);
	print_vkey(c, saksi_buf_bytes(&vkey));
	return SAKSI_EXIT_HOLDS;
}

/* ---- witness add */

static int run_add(struct saksi_cmd *c)
{
	struct saksi_witness *witness;
	struct saksi_why w = {""};
	enum saksi_err err =
	    saksi_witness_open(saksi_cmd_arg(c, 0), NULL, &witness, &w);

	if (err != SAKSI_OK)
		return saksi_cmd_fail(c, err, &w);
	err = saksi_witness_add(witness, saksi_cmd_option(c, "--log"),
				saksi_cmd_option(c, "--origin"), saksi_time_now(), &w);
	saksi_witness_close(witness);
	if (err == SAKSI_BADARG || err == SAKSI_MALFORMED)
		return saksi_cmd_usage(c, "%s", w.text);
	if (err == SAKSI_OK && saksi_cmd_json(c))
		(void)printf("{\"added\":true}\n");
	return err == SAKSI_OK ? SAKSI_EXIT_HOLDS : saksi_cmd_fail(c, err, &w);
}

/* ---- witness status */

struct shown {
	struct saksi_jsonw *json;
	bool proven; /* something kept proves by itself that a log lied */
};

static const char *time_of(int64_t utc, char room[SAKSI_TIME_TEXT_LEN + 1])
{
	saksi_time_text(utc, room);
	return utc > 0 ? room : "never";
}

static void json_time(struct saksi_jsonw *w, const char *key, int64_t utc)
{
	char room[SAKSI_TIME_TEXT_LEN + 1];

	saksi_jsonw_key(w, key);
	if (utc > 0)
		saksi_jsonw_cstr(w, time_of(utc, room));
	else
		saksi_jsonw_null(w);
}

static void json_tree(struct saksi_jsonw *w, struct saksi_bytes origin, uint64_t size,
		      const struct saksi_hash *root)
{
	saksi_jsonw_key(w, "origin");
	saksi_jsonw_str(w, origin);
	saksi_jsonw_key(w, "size");
	saksi_jsonw_u64(w, size);
	saksi_jsonw_key(w, "root");
	saksi_jsonw_base64(w, saksi_hash_bytes(root));
}

static void show_log(void *ctx, const struct saksi_witness_log *l)
{
	struct shown *s = ctx;
	char when[SAKSI_TIME_TEXT_LEN + 1];

	if (s->json != NULL) {
		saksi_jsonw_open(s->json, '{');
		json_tree(s->json, l->origin, l->size, &l->root);
		json_time(s->json, "cosigned", l->cosigned_utc);
		saksi_jsonw_key(s->json, "keys");
		saksi_jsonw_u64(s->json, l->keys);
		saksi_jsonw_key(s->json, "evidence");
		saksi_jsonw_u64(s->json, l->evidence);
		saksi_jsonw_close(s->json, '}');
		return;
	}
	(void)printf("log      ");
	saksi_cmd_text(stdout, l->origin);
	(void)printf("\n         size %llu, cosigned %s, %llu key(s), %llu refused and "
		     "kept\n",
		     (unsigned long long)l->size, time_of(l->cosigned_utc, when),
		     (unsigned long long)l->keys, (unsigned long long)l->evidence);
}

static void print_note(const char *title, struct saksi_bytes note)
{
	struct saksi_cursor cur = saksi_cursor_on(note);

	if (note.len == 0)
		return;
	(void)printf("  %s\n", title);
	for (;;) {
		struct saksi_bytes line = saksi_cursor_line(&cur);
		if (!cur.ok)
			return;
		(void)printf("%s", line.len > 0 ? "    " : "");
		saksi_cmd_text(stdout, line);
		(void)putchar('\n');
	}
}

static void show_seen(void *ctx, const struct saksi_witness_seen *e)
{
	struct shown *s = ctx;
	char when[SAKSI_TIME_TEXT_LEN + 1];
	const char *means = strcmp(e->kind, "root") == 0 ? "TWO ROOTS OF ONE SIZE"
			    : strcmp(e->kind, "empty") == 0
				? "AN EMPTY TREE WITH A FALSE ROOT"
				: "sent without a proof that it fits";

	s->proven = s->proven || strcmp(e->kind, "proof") != 0;
	if (s->json != NULL) {
		saksi_jsonw_open(s->json, '{');
		json_tree(s->json, e->origin, e->size, &e->root);
		saksi_jsonw_key(s->json, "kind");
		saksi_jsonw_cstr(s->json, e->kind);
		json_time(s->json, "seen", e->seen_utc);
		saksi_jsonw_key(s->json, "note");
		saksi_jsonw_str(s->json, e->note);
		saksi_jsonw_key(s->json, "held");
		saksi_jsonw_str(s->json, e->held);
		saksi_jsonw_close(s->json, '}');
		return;
	}
	(void)printf("refused  ");
	saksi_cmd_text(stdout, e->origin);
	(void)printf("\n         size %llu, %s: %s\n", (unsigned long long)e->size,
		     time_of(e->seen_utc, when), means);
	print_note("signed by the log, not cosigned", e->note);
	print_note("held then", e->held);
}

static enum saksi_err show_json(struct saksi_witness *witness, struct shown *s,
				int64_t signed_utc)
{
	struct saksi_jsonw *w = s->json;

	saksi_jsonw_open(w, '{');
	saksi_jsonw_key(w, "vkey");
	saksi_jsonw_str(w, saksi_witness_vkey(witness));
	json_time(w, "signed", signed_utc);
	saksi_jsonw_key(w, "logs");
	saksi_jsonw_open(w, '[');
	SAKSI_TRY(saksi_witness_each_log(witness, show_log, s));
	saksi_jsonw_close(w, ']');
	saksi_jsonw_key(w, "evidence");
	saksi_jsonw_open(w, '[');
	SAKSI_TRY(saksi_witness_each_seen(witness, show_seen, s));
	saksi_jsonw_close(w, ']');
	saksi_jsonw_close(w, '}');
	SAKSI_TRY(saksi_buf_check(w->out));
	(void)printf("%.*s\n", (int)w->out->len, (const char *)w->out->at);
	return SAKSI_OK;
}

static enum saksi_err show_text(struct saksi_witness *witness, struct shown *s,
				int64_t signed_utc)
{
	char when[SAKSI_TIME_TEXT_LEN + 1];

	(void)printf("vkey     ");
	saksi_cmd_text(stdout, saksi_witness_vkey(witness));
	(void)printf("\nsigned   %s\n", time_of(signed_utc, when));
	SAKSI_TRY(saksi_witness_each_log(witness, show_log, s));
	return saksi_witness_each_seen(witness, show_seen, s);
}

static int run_status(struct saksi_cmd *c)
{
	struct saksi_witness *witness;
	struct saksi_why w = {""};
	struct saksi_buf out = saksi_buf_growing(JSON_MAX);
	struct saksi_jsonw json = {.out = &out};
	struct shown s = {.json = saksi_cmd_json(c) ? &json : NULL};
	int64_t signed_utc;
	enum saksi_err err =
	    saksi_witness_open(saksi_cmd_arg(c, 0), NULL, &witness, &w);

	if (err != SAKSI_OK)
		return saksi_cmd_fail(c, err, &w);
	err = saksi_witness_signed(witness, &signed_utc);
	if (err == SAKSI_OK)
		err = s.json != NULL ? show_json(witness, &s, signed_utc)
				     : show_text(witness, &s, signed_utc);
	saksi_witness_close(witness);
	saksi_buf_free(&out);
	if (err != SAKSI_OK) {
		(void)saksi_why_set(&w, err, "%s/state.db: cannot be read",
				    saksi_cmd_arg(c, 0));
		return saksi_cmd_fail(c, err, &w);
	}
	return s.proven ? SAKSI_EXIT_SPLIT : SAKSI_EXIT_HOLDS;
}

/* ---- rows */

static const struct saksi_option init_options[] = {
    {"--name", "NAME", "what cosignatures are made under, e.g. witness.example/w1",
     true, false},
    {NULL, NULL, NULL, false, false},
};
static const struct saksi_option add_options[] = {
    {"--log", "VKEY", "the log's verifier key, as it publishes it", true, false},
    {"--origin", "TEXT", "the log's origin line, when it is not the key's name", false,
     false},
    {NULL, NULL, NULL, false, false},
};
static const struct saksi_option no_options[] = {
    {NULL, NULL, NULL, false, false},
};

const struct saksi_command saksi_commands_witness[] = {
    {"witness init", "DIR", "make a witness with a new key and print its vkey",
     "DIR is made; it holds the key (mode 0600), the vkey and state.db, the memory "
     "of what was cosigned. Never restore state.db from a backup while the key is in "
     "use: a witness that forgot would cosign a second history.",
     init_options, 1, 1, run_init},
    {"witness add", "DIR", "trust a log's key, so that its checkpoints are cosigned",
     "A witness that is being served sees it at once. A log may have several keys; "
     "any of them is enough.",
     add_options, 1, 1, run_add},
    {"witness status", "DIR", "show the logs, what was cosigned and what was refused",
     "Also beside a server. A checkpoint that a known log signed and that does not "
     "fit is kept as it came. Exit code 5 when one of them proves by itself, or with "
     "the one held, that the log showed two trees.",
     no_options, 1, 1, run_status},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
