/* The manifest: one form, no way out of the folder, no bit changed unseen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "backup/manifest.h"

static uint8_t memory[1 << 20];

static struct saksi_arena arena_of(void)
{
	return (struct saksi_arena){memory, 0, sizeof(memory)};
}

static size_t write_one(uint8_t *room, size_t cap, uint64_t size)
{
	struct saksi_backup_file files[2] = {
	    {saksi_hash_of(saksi_bytes_of("a")), 1, saksi_bytes_of("config")},
	    {saksi_hash_of(saksi_bytes_of("b")), 4096, saksi_bytes_of("public/vkey")}};
	struct saksi_manifest m = {.who = saksi_bytes_of("t.example/m"),
				   .time_utc = 1795262400,
				   .entries = 9,
				   .size = size,
				   .root = saksi_hash_empty(),
				   .keys = true,
				   .files = files,
				   .file_count = 2};
	struct saksi_buf b = saksi_buf_fixed(room, cap);

	saksi_manifest_write(&m, &b);
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	return b.len;
}

static enum saksi_err read_as(const uint8_t *room, size_t len, struct saksi_manifest *m)
{
	struct saksi_arena a = arena_of();
	struct saksi_fault f = {0};

	return saksi_manifest_read((struct saksi_bytes){room, len}, &a, m, &f);
}

static void every_bit(void **state)
{
	uint8_t room[2048], copy[2048];
	struct saksi_manifest m;
	size_t len = write_one(room, sizeof(room), 7);

	(void)state;
	assert_int_equal(read_as(room, len, &m), SAKSI_OK);
	assert_true(m.entries == 9 && m.size == 7 && m.keys && !m.sealed && !m.witness);
	assert_int_equal(m.file_count, 2);
	assert_true(saksi_bytes_is(m.files[1].name, "public/vkey"));
	for (size_t bit = 0; bit < 8 * len; bit++) {
		enum saksi_err err;

		memcpy(copy, room, len);
		copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
		err = read_as(copy, len, &m);
		assert_true(err == SAKSI_MALFORMED || err == SAKSI_REFUSED ||
			    err == SAKSI_NEWER);
	}
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(read_as(room, cut, &m), SAKSI_MALFORMED);
	room[len] = '\n';
	assert_int_equal(read_as(room, len + 1, &m), SAKSI_MALFORMED);
}

/* Whole but changed, with a digest of its own: told apart by its digest only. */
static void of_another(void **state)
{
	uint8_t room[2048], other[2048];
	struct saksi_manifest m;
	size_t len = write_one(room, sizeof(room), 7);
	size_t end = write_one(other, sizeof(other), 8);

	(void)state;
	assert_int_equal(len, end);
	memcpy(room + len - 65, other + end - 65, 65);
	assert_int_equal(read_as(room, len, &m), SAKSI_REFUSED);
}

static void names(void **state)
{
	static const char *const good[] = {"a", "state.db", "public/addenda/9f/86/9f86",
					   "A-_9.x/y"};
	static const char *const bad[] = {"",     "/",      "/a",  "a/",    "..",
					  "../a", "a/../b", ".a",  "a/.b",  "a//b",
					  "a b",  "a\nb",   "a\\", "a/./b", "\xc3\xa9"};
	uint8_t long_name[300];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(saksi_backup_name_ok(saksi_bytes_of(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(saksi_backup_name_ok(saksi_bytes_of(bad[i])));
	memset(long_name, 'a', sizeof(long_name));
	assert_true(saksi_backup_name_ok((struct saksi_bytes){long_name, 255}));
	assert_false(saksi_backup_name_ok((struct saksi_bytes){long_name, 256}));
}

/* Twice the same, or out of order: one could stand for two. */
static void files_in_order(void **state)
{
	struct saksi_backup_file files[2] = {
	    {saksi_hash_empty(), 1, saksi_bytes_of("b")},
	    {saksi_hash_empty(), 1, saksi_bytes_of("b")}};
	struct saksi_manifest m = {.who = saksi_bytes_of("x"),
				   .root = saksi_hash_empty(),
				   .files = files,
				   .file_count = 2};
	uint8_t room[2048];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));

		saksi_manifest_write(&m, &b);
		assert_int_equal(read_as(room, b.len, &m), SAKSI_MALFORMED);
		files[1].name = saksi_bytes_of("a");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_bit),
	    cmocka_unit_test(of_another),
	    cmocka_unit_test(names),
	    cmocka_unit_test(files_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
