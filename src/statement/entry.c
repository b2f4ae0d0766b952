#include "statement/entry.h"

#include <string.h>

#include "base/text.h"

#define INDEX_LEN(n) (4 * (size_t)(n) + 1)
#define TAIL_LEN(n) (SAKSI_HASH_LEN * (size_t)(n) + INDEX_LEN(n))

enum saksi_err saksi_entry_read(struct saksi_bytes entry, struct saksi_entry *out,
				struct saksi_fault *f)
{
	struct saksi_cursor c = saksi_cursor_on(entry);
	struct saksi_entry e;
	size_t first;

	if (entry.len > SAKSI_ENTRY_MAX)
		return saksi_fault_set(f, SAKSI_MALFORMED, "entry over 65,535 bytes",
				       SAKSI_ENTRY_MAX, 0);
	if (entry.len == 0)
		return saksi_fault_set(f, SAKSI_MALFORMED, "empty entry", 0, 0);
	e.count = entry.at[entry.len - 1];
	if (entry.len < TAIL_LEN(e.count))
		return saksi_fault_set(f, SAKSI_MALFORMED,
				       "entry too short for its attachments",
				       entry.len - 1, 0);
	first = entry.len - TAIL_LEN(e.count);
	e.envelope = saksi_cursor_take(&c, first);
	e.digests = saksi_cursor_take(&c, SAKSI_HASH_LEN * (size_t)e.count);
	for (size_t i = 0; i < e.count; i++)
		if (saksi_cursor_be32(&c) != first + SAKSI_HASH_LEN * i)
			return saksi_fault_set(
			    f, SAKSI_REFUSED,
			    "an attachment's place is not where it must be",
			    entry.len - INDEX_LEN(e.count) + 4 * i, 0);
	*out = e;
	return SAKSI_OK;
}

enum saksi_err saksi_entry_write(struct saksi_bytes envelope,
				 const struct saksi_hash *digests, uint8_t count,
				 struct saksi_buf *out)
{
	if (envelope.len > SAKSI_ENTRY_MAX - TAIL_LEN(count))
		return SAKSI_LIMIT;
	saksi_buf_put(out, envelope);
	for (size_t i = 0; i < count; i++)
		saksi_buf_put(out, saksi_hash_bytes(&digests[i]));
	for (size_t i = 0; i < count; i++)
		saksi_buf_put_be32(out, (uint32_t)(envelope.len + SAKSI_HASH_LEN * i));
	saksi_buf_put_u8(out, count);
	return saksi_buf_check(out);
}

void saksi_addendum_path(const struct saksi_hash *digest,
			 char out[SAKSI_ADDENDUM_PATH_LEN])
{
	static const char head[] = "addenda/";
	char hex[2 * SAKSI_HASH_LEN + 1];
	char *at = out;

	saksi_text_to_hex(digest->b, sizeof(digest->b), hex);
	memcpy(at, head, sizeof(head) - 1);
	at += sizeof(head) - 1;
	for (size_t i = 0; i < 2; i++) {
		*at++ = hex[2 * i];
		*at++ = hex[2 * i + 1];
		*at++ = '/';
	}
	memcpy(at, hex, sizeof(hex));
}
