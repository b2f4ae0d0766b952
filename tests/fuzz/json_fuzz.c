/* rooms: base */
/* Whatever our reader takes, jansson at its strictest takes too and reads as the
 * same value; and what is written back reads as the same value again. */
#include "base/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static uint8_t room[2][1 << 20];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
	if (!holds)
		abort();
}

static void same_string(struct saksi_bytes s, const char *theirs, size_t len)
{
	must(s.len == len && (len == 0 || memcmp(s.at, theirs, len) == 0));
}

/* At most SAKSI_JSON_DEPTH deep. */
static void same_as_theirs(const struct saksi_json *j, const json_t *t)
{
	uint32_t i = 0;

	switch (j->kind) {
	case SAKSI_JSON_NULL:
		must(json_is_null(t));
		break;
	case SAKSI_JSON_BOOL:
		must(json_is_boolean(t) && json_is_true(t) == (j->num == 1));
		break;
	case SAKSI_JSON_INT:
		must(json_is_integer(t) && json_integer_value(t) == j->num);
		break;
	case SAKSI_JSON_STRING:
		must(json_is_string(t));
		same_string(j->str, json_string_value(t), json_string_length(t));
		break;
	case SAKSI_JSON_ARRAY:
		must(json_is_array(t) && json_array_size(t) == j->count);
		for (const struct saksi_json *m = j->child; m != NULL; m = m->next)
			same_as_theirs(m, json_array_get(t, i++));
		must(i == j->count);
		break;
	case SAKSI_JSON_OBJECT:
		must(json_is_object(t) && json_object_size(t) == j->count);
		for (const struct saksi_json *m = j->child; m != NULL; m = m->next) {
			/* Strings of ours hold no NUL. */
			char *key = strndup((const char *)m->key.at, m->key.len);

			must(key != NULL);
			same_as_theirs(m, json_object_get(t, key));
			free(key);
			i++;
		}
		must(i == j->count);
		break;
	}
}

static void write(struct saksi_jsonw *w, const struct saksi_json *j)
{
	char open = j->kind == SAKSI_JSON_OBJECT ? '{' : '[';

	switch (j->kind) {
	case SAKSI_JSON_NULL:
		saksi_jsonw_null(w);
		break;
	case SAKSI_JSON_BOOL:
		saksi_jsonw_bool(w, j->num == 1);
		break;
	case SAKSI_JSON_INT:
		saksi_jsonw_int(w, j->num);
		break;
	case SAKSI_JSON_STRING:
		saksi_jsonw_str(w, j->str);
		break;
	case SAKSI_JSON_ARRAY:
	case SAKSI_JSON_OBJECT:
		saksi_jsonw_open(w, open);
		for (const struct saksi_json *m = j->child; m != NULL; m = m->next) {
			if (j->kind == SAKSI_JSON_OBJECT) {
				char *key =
				    strndup((const char *)m->key.at, m->key.len);

				must(key != NULL);
				saksi_jsonw_key(w, key);
				free(key);
			}
			write(w, m);
		}
		saksi_jsonw_close(w, open == '{' ? '}' : ']');
		break;
	}
}

static void same_as_ours(const struct saksi_json *a, const struct saksi_json *b)
{
	must(a->kind == b->kind && a->num == b->num && a->count == b->count);
	must(saksi_bytes_same(a->str, b->str) && saksi_bytes_same(a->key, b->key));
	a = a->child;
	b = b->child;
	for (; a != NULL && b != NULL; a = a->next, b = b->next)
		same_as_ours(a, b);
	must(a == NULL && b == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct saksi_arena a = {.base = room[0], .cap = sizeof room[0]};
	struct saksi_arena a2 = {.base = room[1], .cap = sizeof room[1]};
	struct saksi_fault f = {NULL, 0, 0};
	const struct saksi_json *j = NULL, *again = NULL;
	struct saksi_buf text = saksi_buf_growing(1 << 22);
	enum saksi_err err =
	    saksi_json_parse((struct saksi_bytes){data, size}, &a, &j, &f);

	if (err != SAKSI_OK) {
		must(err == SAKSI_MALFORMED || err == SAKSI_LIMIT);
		must(f.what != NULL && f.at <= size && a.used == 0 && j == NULL);
		return 0;
	}
	json_t *t = json_loadb((const char *)data, size,
			       JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);

	must(t != NULL);
	same_as_theirs(j, t);
	json_decref(t);
	write(&(struct saksi_jsonw){.out = &text}, j);
	must(saksi_buf_check(&text) == SAKSI_OK);
	must(saksi_json_parse(saksi_buf_bytes(&text), &a2, &again, &f) == SAKSI_OK);
	same_as_ours(j, again);
	saksi_buf_free(&text);
	return 0;
}
