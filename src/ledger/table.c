#include "ledger/ledger_inner.h"

#include <string.h>

#define FIRST_SLOTS 64

struct saksi_hash saksi_table_key(enum saksi_tag tag, struct saksi_bytes what)
{
	uint8_t t = (uint8_t)tag;
	struct saksi_hash_run run;

	saksi_hash_begin(&run);
	saksi_hash_more(&run, (struct saksi_bytes){&t, 1});
	saksi_hash_more(&run, what);
	return saksi_hash_end(&run);
}

struct saksi_hash saksi_table_number(struct saksi_bytes author, uint64_t sequence)
{
	uint8_t room[SAKSI_AUTHOR_MAX + 8];
	struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));

	saksi_buf_put_be64(&b, sequence);
	saksi_buf_put(&b, author);
	return saksi_table_key(SAKSI_TAG_NUMBER, saksi_buf_bytes(&b));
}

/* The slot that holds `key`, or the free one where it would stand. */
static struct saksi_ledger_slot *slot_of(struct saksi_ledger_slot *slots, size_t cap,
					 const struct saksi_hash *key)
{
	size_t i;

	memcpy(&i, key->b, sizeof(i));
	i &= cap - 1;
	while (slots[i].value != NULL && !saksi_hash_same(&slots[i].key, key))
		i = (i + 1) & (cap - 1);
	return &slots[i];
}

void *saksi_table_get(const struct saksi_ledger *l, const struct saksi_hash *key)
{
	return l->slot_cap == 0 ? NULL : slot_of(l->slots, l->slot_cap, key)->value;
}

enum saksi_err saksi_table_reserve(struct saksi_ledger *l, size_t more)
{
	size_t cap = l->slot_cap == 0 ? FIRST_SLOTS : l->slot_cap;
	struct saksi_ledger_slot *slots;

	while (cap / 2 < l->slot_used + more)
		cap *= 2;
	if (cap == l->slot_cap)
		return SAKSI_OK;
	slots = saksi_arena_new(l->arena, cap, sizeof(*slots));
	if (slots == NULL)
		return SAKSI_LIMIT;
	for (size_t i = 0; i < l->slot_cap; i++)
		if (l->slots[i].value != NULL)
			*slot_of(slots, cap, &l->slots[i].key) = l->slots[i];
	l->slots = slots;
	l->slot_cap = cap;
	return SAKSI_OK;
}

void saksi_table_put(struct saksi_ledger *l, const struct saksi_hash *key, void *value)
{
	struct saksi_ledger_slot *s = slot_of(l->slots, l->slot_cap, key);

	if (s->value == NULL)
		l->slot_used++;
	s->key = *key;
	s->value = value;
}
