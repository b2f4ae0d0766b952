/* audit inventory: which servers are in scope, with their names sealed. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/auditing.h"
#include "crypto/sign.h"
#include "vault/vault.h"

#define SERVERS_MAX 4096

struct scope {
	struct saksi_scoped_server servers[SERVERS_MAX];
	struct saksi_bytes hidden[SERVERS_MAX]; /* PSEUDONYM <TAB> name and address */
	uint8_t salts[SERVERS_MAX][SAKSI_SALT_LEN];
	struct saksi_hash leaves[SERVERS_MAX], scratch[SERVERS_MAX];
	size_t count;
};

/* "PSEUDONYM=ROLE=PRIVATE", split at its first two '='. */
static int read_server(struct saksi_auditing *a, const char *text, struct scope *s)
{
	const char *role = strchr(text, '='),
		   *hidden = role != NULL ? strchr(role + 1, '=') : NULL;
	struct saksi_buf leaf = saksi_buf_growing(65536);
	size_t i = s->count;

	if (hidden == NULL || role == text || hidden == role + 1 || hidden[1] == '\0')
		return saksi_cmd_usage(
		    a->cmd, "--server takes PSEUDONYM=ROLE=NAME, not \"%s\"", text);
	if (i == SERVERS_MAX)
		return saksi_cmd_usage(a->cmd, "more than %d servers", SERVERS_MAX);
	s->servers[i].server =
	    (struct saksi_bytes){(const uint8_t *)text, (size_t)(role - text)};
	s->servers[i].role = (struct saksi_bytes){(const uint8_t *)role + 1,
						  (size_t)(hidden - role - 1)};
	saksi_buf_put(&leaf, s->servers[i].server);
	saksi_buf_puts(&leaf, "\t");
	saksi_buf_puts(&leaf, hidden + 1);
	s->hidden[i] = saksi_arena_copy(&a->arena, saksi_buf_bytes(&leaf));
	saksi_buf_free(&leaf);
	if (s->hidden[i].at == NULL)
		return saksi_cmd_fail(a->cmd, SAKSI_LIMIT, NULL);
	saksi_random(s->salts[i], SAKSI_SALT_LEN);
	s->leaves[i] = saksi_sealed_leaf(s->salts[i], s->hidden[i]);
	s->count++;
	return SAKSI_EXIT_HOLDS;
}

/* {"version":1,"sealed":HEX,"servers":[{"salt":HEX,"bytes":TEXT}..]} in the vault. */
static int keep(struct saksi_auditing *a, const struct scope *s,
		const struct saksi_hash *root)
{
	struct saksi_buf text = saksi_buf_growing(16U << 20),
			 object = saksi_buf_growing(17U << 20);
	struct saksi_jsonw w = {&text, false};
	struct saksi_why why = {{0}};
	char name[64] = "inventory-";
	enum saksi_err err;

	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "version");
	saksi_jsonw_u64(&w, 1);
	saksi_jsonw_key(&w, "sealed");
	saksi_jsonw_hex(&w, saksi_hash_bytes(root));
	saksi_jsonw_key(&w, "servers");
	saksi_jsonw_open(&w, '[');
	for (size_t i = 0; i < s->count; i++) {
		saksi_jsonw_open(&w, '{');
		saksi_jsonw_key(&w, "salt");
		saksi_jsonw_hex(&w, (struct saksi_bytes){s->salts[i], SAKSI_SALT_LEN});
		saksi_jsonw_key(&w, "bytes");
		saksi_jsonw_str(&w, s->hidden[i]);
		saksi_jsonw_close(&w, '}');
	}
	saksi_jsonw_close(&w, ']');
	saksi_jsonw_close(&w, '}');
	saksi_text_to_hex(root->b, 8, name + strlen(name));
	err = saksi_buf_check(&text);
	if (err == SAKSI_OK)
		err =
		    saksi_vault_lock((const uint8_t(*)[SAKSI_BOX_KEY_LEN]) & a->box.key,
				     1, saksi_buf_bytes(&text), &object);
	if (err == SAKSI_OK)
		err = saksi_vault_put(a->vault, name, saksi_buf_bytes(&object), &why);
	if (text.at != NULL)
		saksi_wipe(text.at, text.len);
	saksi_buf_free(&text);
	saksi_buf_free(&object);
	return err == SAKSI_OK ? SAKSI_EXIT_HOLDS : saksi_cmd_fail(a->cmd, err, &why);
}

static int publish(struct saksi_auditing *a, const struct scope *s,
		   const struct saksi_hash *root)
{
	struct saksi_inventory inventory = {s->servers, s->count, *root};
	struct saksi_buf body = saksi_buf_growing(SAKSI_PAYLOAD_MAX);
	struct saksi_draft d = {.kind = SAKSI_KIND_INVENTORY,
				.subject = *root,
				.subject_name = saksi_bytes_of("servers")};
	struct saksi_published p = {0};
	int code;

	saksi_inventory_write(&inventory, &body);
	d.body = saksi_buf_bytes(&body);
	code = saksi_auditing_look(a);
	if (code == SAKSI_EXIT_HOLDS)
		code = saksi_auditing_publish(a, &d, &p);
	if (code == SAKSI_EXIT_HOLDS)
		code = saksi_auditing_keep(a, "inventory-", root, ".entry", &p);
	if (code == SAKSI_EXIT_HOLDS && !saksi_cmd_json(a->cmd))
		printf("inventory of %zu servers is entry %llu, witnessed\n", s->count,
		       (unsigned long long)p.index);
	saksi_buf_free(&p.entry);
	saksi_buf_free(&body);
	return code;
}

int saksi_audit_inventory(struct saksi_auditing *a)
{
	struct scope *s = saksi_arena_new(&a->arena, 1, sizeof(*s));
	struct saksi_hash root;
	const char *text;
	int code = SAKSI_EXIT_HOLDS;

	if (s == NULL)
		return saksi_cmd_fail(a->cmd, SAKSI_LIMIT, NULL);
	for (int i = 0; code == SAKSI_EXIT_HOLDS &&
			(text = saksi_cmd_option_at(a->cmd, "--server", i)) != NULL;
	     i++)
		code = read_server(a, text, s);
	if (code != SAKSI_EXIT_HOLDS)
		return code;
	root = saksi_sealed_root(s->leaves, s->count, s->scratch);
	code = keep(a, s, &root);
	return code == SAKSI_EXIT_HOLDS ? publish(a, s, &root) : code;
}
