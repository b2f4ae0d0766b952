/* Entries and the exact places of their attachments (tlog-addenda). */
#include "../ledger/world.h"

static uint8_t room[SAKSI_ENTRY_MAX + 8];

static struct saksi_bytes written(struct saksi_bytes envelope, uint8_t count)
{
	struct saksi_hash h[SAKSI_ADDENDA_MAX];
	struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));

	for (unsigned i = 0; i < SAKSI_ADDENDA_MAX; i++)
		h[i] = hash_n(i);
	CHECK(saksi_entry_write(envelope, h, count, &b) == SAKSI_OK);
	return saksi_buf_bytes(&b);
}

/* The draft's own way to read, from the end backwards: it must find the digests
 * where our reader says they are. */
static void as_the_draft_says(void **state)
{
	struct saksi_bytes envelope = saksi_bytes_of("{\"payload\":\"x\"}");

	(void)state;
	for (unsigned n = 0; n <= SAKSI_ADDENDA_MAX; n++) {
		struct saksi_bytes entry = written(envelope, (uint8_t)n);
		struct saksi_entry e;
		const uint8_t *offsets = entry.at + entry.len - 1 - 4 * (size_t)n;

		CHECK(entry.at[entry.len - 1] == n);
		CHECK(saksi_entry_read(entry, &e, NULL) == SAKSI_OK);
		CHECK(e.count == n && e.digests.len == 32 * (size_t)n);
		CHECK(saksi_bytes_same(e.envelope, envelope));
		for (unsigned i = 0; i < n; i++) {
			struct saksi_hash want = hash_n(i);
			size_t at = (size_t)offsets[4 * i] << 24 |
				    (size_t)offsets[4 * i + 1] << 16 |
				    (size_t)offsets[4 * i + 2] << 8 |
				    offsets[4 * i + 3];

			CHECK(at == entry.len - 36 * (size_t)n - 1 + 32 * (size_t)i);
			CHECK(memcmp(entry.at + at, want.b, 32) == 0);
			CHECK(memcmp(e.digests.at + 32 * (size_t)i, want.b, 32) == 0);
		}
	}
}

static void every_offset_bit(void **state)
{
	struct saksi_bytes entry = written(saksi_bytes_of("{envelope}"), 3);
	struct saksi_entry e;

	(void)state;
	for (size_t bit = 8 * (entry.len - 13); bit < 8 * (entry.len - 1); bit++) {
		room[bit / 8] ^= (uint8_t)(1U << bit % 8);
		CHECK(saksi_entry_read(entry, &e, NULL) == SAKSI_REFUSED);
		room[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	/* The count: fewer or more move every place, too many do not fit. */
	for (unsigned n = 0; n < 256; n++) {
		room[entry.len - 1] = (uint8_t)n;
		if (n == 3 || n == 0)
			continue;
		CHECK(saksi_entry_read(entry, &e, NULL) ==
		      (36 * n + 1 > entry.len ? SAKSI_MALFORMED : SAKSI_REFUSED));
	}
}

static void bounds(void **state)
{
	static uint8_t envelope[SAKSI_ENTRY_MAX];
	struct saksi_hash h[2] = {hash_n(1), hash_n(2)};
	struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));
	struct saksi_bytes all = {envelope, SAKSI_ENTRY_MAX - 73};
	struct saksi_entry e;

	(void)state;
	CHECK(saksi_entry_write(all, h, 2, &b) == SAKSI_OK);
	CHECK(b.len == SAKSI_ENTRY_MAX);
	CHECK(saksi_entry_read(saksi_buf_bytes(&b), &e, NULL) == SAKSI_OK);
	saksi_buf_clear(&b);
	all.len++;
	CHECK(saksi_entry_write(all, h, 2, &b) == SAKSI_LIMIT);
	CHECK(b.len == 0);
	CHECK(saksi_entry_read((struct saksi_bytes){NULL, 0}, &e, NULL) ==
	      SAKSI_MALFORMED);
	CHECK(saksi_entry_read((struct saksi_bytes){envelope, SAKSI_ENTRY_MAX}, &e,
			       NULL) == SAKSI_OK);
	memset(room, 0, sizeof(room));
	CHECK(saksi_entry_read((struct saksi_bytes){room, SAKSI_ENTRY_MAX + 1}, &e,
			       NULL) == SAKSI_MALFORMED);
	b = saksi_buf_fixed(room, 10);
	CHECK(saksi_entry_write(saksi_bytes_of("{}"), h, 2, &b) == SAKSI_LIMIT);
}

/* The draft's example. */
static void path(void **state)
{
	struct saksi_hash h;
	char out[SAKSI_ADDENDUM_PATH_LEN];
	static const uint8_t digest[] = {
	    0x9f, 0x86, 0xd0, 0x8a, 0x0c, 0x3b, 0xf4, 0xfd, 0x15, 0xd6, 0xc1,
	    0x5b, 0x0f, 0x18, 0x84, 0x55, 0xa1, 0xb2, 0xb0, 0xb8, 0x22, 0xcd,
	    0x01, 0x5a, 0xc7, 0xd6, 0x59, 0xa2, 0xfe, 0xa0, 0x0a, 0x08};

	(void)state;
	memcpy(h.b, digest, sizeof(digest));
	saksi_addendum_path(&h, out);
	assert_string_equal(out, "addenda/9f/86/"
				 "9f86d08a0c3bf4fd15d6c15b0f188455"
				 "a1b2b0b822cd015ac7d659a2fea00a08");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(as_the_draft_says),
	    cmocka_unit_test(every_offset_bit),
	    cmocka_unit_test(bounds),
	    cmocka_unit_test(path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
