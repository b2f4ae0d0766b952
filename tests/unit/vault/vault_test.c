#include "vault/vault.h"

#include "crypto/sign.h"
#include "store/files.h"

#include <errno.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define OPENING 13
#define HEAD(readers) (OPENING + 80 * (size_t)(readers) + 24)
#define CHUNK 65536

static uint8_t pub[17][SAKSI_BOX_KEY_LEN], secret[17][SAKSI_BOX_KEY_LEN];

static int begin(void **state)
{
	(void)state;
	if (saksi_crypto_begin() != SAKSI_OK)
		return -1;
	for (size_t i = 0; i < 17; i++)
		saksi_box_pair(pub[i], secret[i]);
	return 0;
}

static struct saksi_buf locked(size_t readers, struct saksi_bytes plain)
{
	struct saksi_buf out = saksi_buf_growing(SIZE_MAX);

	assert_int_equal(saksi_vault_lock((const uint8_t(*)[SAKSI_BOX_KEY_LEN])pub,
					  readers, plain, &out),
			 SAKSI_OK);
	return out;
}

/* The answer, having checked that a refusal leaves the output as it was. */
static enum saksi_err answer(const uint8_t key[SAKSI_BOX_KEY_LEN],
			     struct saksi_bytes object)
{
	struct saksi_buf out = saksi_buf_growing(1 << 24);
	enum saksi_err err;

	saksi_buf_puts(&out, "before");
	err = saksi_vault_unlock(key, object, &out);
	if (err != SAKSI_OK)
		assert_true(saksi_bytes_is(saksi_buf_bytes(&out), "before"));
	saksi_buf_free(&out);
	return err;
}

static void test_every_length_and_reader(void **state)
{
	static const size_t lens[] = {0,         1,         100,       CHUNK - 1,
				      CHUNK,     CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1,
				      3 * CHUNK, 200000};
	uint8_t *text = malloc(200000);

	(void)state;
	assert_non_null(text);
	saksi_random(text, 200000);
	for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
		struct saksi_bytes plain = {text, lens[i]};
		struct saksi_buf object = locked(3, plain);
		size_t chunks = lens[i] == 0 ? 1 : (lens[i] + CHUNK - 1) / CHUNK;

		assert_int_equal(object.len, HEAD(3) + lens[i] + 17 * chunks);
		for (size_t r = 0; r < 3; r++) {
			struct saksi_buf out = saksi_buf_growing(lens[i]);

			assert_int_equal(saksi_vault_unlock(
					     secret[r], saksi_buf_bytes(&object), &out),
					 SAKSI_OK);
			assert_true(saksi_bytes_same(saksi_buf_bytes(&out), plain));
			saksi_buf_free(&out);
		}
		assert_int_equal(answer(secret[3], saksi_buf_bytes(&object)),
				 SAKSI_REFUSED);
		saksi_buf_free(&object);
	}
	free(text);
}

static void test_shape(void **state)
{
	struct saksi_buf a = locked(1, saksi_bytes_of("NIK 1")),
			 b = locked(1, saksi_bytes_of("NIK 1"));

	(void)state;
	assert_int_equal(a.len, HEAD(1) + 5 + 17);
	assert_memory_equal(a.at, "saksi-vault\x01\x01", OPENING);
	/* Fresh key, fresh box, fresh stream each time. */
	assert_memory_not_equal(a.at + OPENING, b.at + OPENING, 80);
	assert_memory_not_equal(a.at + HEAD(1) - 24, b.at + HEAD(1) - 24, 24);
	struct saksi_buf keys = saksi_buf_growing(64);
	assert_int_equal(
	    saksi_unseal(secret[0], (struct saksi_bytes){a.at + OPENING, 80}, &keys),
	    SAKSI_OK);
	assert_int_equal(
	    saksi_unseal(secret[0], (struct saksi_bytes){b.at + OPENING, 80}, &keys),
	    SAKSI_OK);
	assert_int_equal(keys.len, 64);
	assert_memory_not_equal(keys.at, keys.at + 32, 32);
	saksi_buf_free(&keys);
	assert_null(memmem(a.at, a.len, "NIK", 3));
	saksi_buf_free(&a);
	saksi_buf_free(&b);
}

static void test_every_bit_flip(void **state)
{
	struct saksi_buf object = locked(2, saksi_bytes_of("the evidence"));

	(void)state;
	for (size_t i = 0; i < 8 * object.len; i++) {
		uint8_t bit = (uint8_t)(1U << i % 8);
		enum saksi_err err;

		object.at[i / 8] ^= bit;
		for (size_t r = 0; r < 2; r++) {
			err = answer(secret[r], saksi_buf_bytes(&object));
			if (i / 8 == OPENING - 2 && bit != 1)
				assert_int_equal(err, SAKSI_NEWER);
			else if (i / 8 < OPENING - 1)
				assert_int_equal(err, SAKSI_MALFORMED);
			else
				assert_true(err == SAKSI_REFUSED ||
					    err == SAKSI_MALFORMED);
			if (i / 8 >= OPENING)
				assert_int_equal(err, SAKSI_REFUSED);
		}
		object.at[i / 8] ^= bit;
	}
	assert_int_equal(answer(secret[0], saksi_buf_bytes(&object)), SAKSI_OK);
	saksi_buf_free(&object);
}

static void test_truncated_and_extended(void **state)
{
	uint8_t text[CHUNK + 40] = {0};
	struct saksi_buf object = locked(1, (struct saksi_bytes){text, sizeof text});
	struct saksi_bytes cut = saksi_buf_bytes(&object);
	enum saksi_err err;

	(void)state;
	for (size_t n = 0; n < object.len; n++) {
		if (n > HEAD(1) + 100 && n < HEAD(1) + CHUNK - 3)
			n += 61; /* the middle of a chunk: a sample */
		cut.len = n;
		err = answer(secret[0], cut);
		assert_true(err == SAKSI_REFUSED || err == SAKSI_MALFORMED);
	}
	/* Cut exactly between two chunks: each is good, the end is missing. */
	cut.len = HEAD(1) + CHUNK + 17;
	assert_int_equal(answer(secret[0], cut), SAKSI_REFUSED);
	for (int i = 0; i < 20; i++) {
		saksi_buf_put_u8(&object, 0);
		err = answer(secret[0], saksi_buf_bytes(&object));
		assert_true(err == SAKSI_REFUSED || err == SAKSI_MALFORMED);
	}
	saksi_buf_free(&object);
}

static void test_swapped_chunks(void **state)
{
	uint8_t text[3 * CHUNK] = {1};
	struct saksi_buf object = locked(1, (struct saksi_bytes){text, sizeof text});
	uint8_t *one = object.at + HEAD(1), *two = one + CHUNK + 17;
	uint8_t *whole = malloc(CHUNK + 17);

	(void)state;
	assert_non_null(whole);
	memcpy(whole, one, CHUNK + 17);
	memcpy(one, two, CHUNK + 17);
	memcpy(two, whole, CHUNK + 17);
	assert_int_equal(answer(secret[0], saksi_buf_bytes(&object)), SAKSI_REFUSED);
	free(whole);
	saksi_buf_free(&object);
}

/* Changes where nothing but the additional data guards: the readers' list. */
static void test_other_readers_list(void **state)
{
	struct saksi_buf object = locked(2, saksi_bytes_of("x"));
	struct saksi_buf fewer = saksi_buf_growing(4096);
	struct saksi_bytes all = saksi_buf_bytes(&object);

	(void)state;
	/* Reader 0 alone is left, and the count says so. */
	saksi_buf_put(&fewer, (struct saksi_bytes){all.at, OPENING - 1});
	saksi_buf_put_u8(&fewer, 1);
	saksi_buf_put(&fewer, (struct saksi_bytes){all.at + OPENING, 80});
	saksi_buf_put(&fewer, (struct saksi_bytes){all.at + OPENING + 160,
						   all.len - OPENING - 160});
	assert_int_equal(answer(secret[0], saksi_buf_bytes(&fewer)), SAKSI_REFUSED);
	saksi_buf_free(&fewer);
	saksi_buf_free(&object);
}

static void test_counts(void **state)
{
	const uint8_t(*readers)[SAKSI_BOX_KEY_LEN] =
	    (const uint8_t(*)[SAKSI_BOX_KEY_LEN])pub;
	struct saksi_buf out = saksi_buf_growing(4096);
	static uint8_t hundred[100];
	struct saksi_bytes plain = {hundred, sizeof hundred};

	(void)state;
	assert_int_equal(saksi_vault_lock(readers, 0, plain, &out), SAKSI_BADARG);
	assert_int_equal(saksi_vault_lock(readers, 17, plain, &out), SAKSI_BADARG);
	assert_int_equal(out.len, 0);
	assert_int_equal(saksi_vault_lock(readers, 16, plain, &out), SAKSI_OK);
	assert_int_equal(answer(secret[15], saksi_buf_bytes(&out)), SAKSI_OK);
	assert_int_equal(answer(secret[16], saksi_buf_bytes(&out)), SAKSI_REFUSED);
	out.at[OPENING - 1] = 17;
	assert_int_equal(answer(secret[0], saksi_buf_bytes(&out)), SAKSI_MALFORMED);
	out.at[OPENING - 1] = 0;
	assert_int_equal(answer(secret[0], saksi_buf_bytes(&out)), SAKSI_MALFORMED);
	saksi_buf_free(&out);
}

/* Objects made by the page of the format and libsodium alone: `tags` says how many
 * chunks, all full but the last, which has `tail` bytes. */
static enum saksi_err by_hand(const unsigned char *tags, size_t count, size_t tail)
{
	static uint8_t text[CHUNK], chunk[CHUNK + 17];
	struct saksi_buf b = saksi_buf_growing(1 << 20);
	uint8_t key[32], box[80], header[24];
	crypto_secretstream_xchacha20poly1305_state st;
	size_t head;
	enum saksi_err err;

	randombytes_buf(key, 32);
	assert_int_equal(crypto_box_seal(box, key, 32, pub[0]), 0);
	crypto_secretstream_xchacha20poly1305_init_push(&st, header, key);
	saksi_buf_puts(&b, "saksi-vault\x01\x01");
	saksi_buf_put(&b, (struct saksi_bytes){box, 80});
	head = b.len;
	saksi_buf_put(&b, (struct saksi_bytes){header, 24});
	for (size_t i = 0; i < count; i++) {
		size_t n = i + 1 < count ? CHUNK : tail;

		crypto_secretstream_xchacha20poly1305_push(
		    &st, chunk, NULL, text, n, b.at, i == 0 ? head : 0, tags[i]);
		saksi_buf_put(&b, (struct saksi_bytes){chunk, n + 17});
	}
	err = answer(secret[0], saksi_buf_bytes(&b));
	saksi_buf_free(&b);
	return err;
}

static void test_by_hand(void **state)
{
	static const unsigned char last[] = {3}, two[] = {0, 3}, open[] = {0},
				   early[] = {3, 3}, push[] = {1, 3}, rekey[] = {2, 3};

	(void)state;
	assert_int_equal(by_hand(last, 1, 0), SAKSI_OK);
	assert_int_equal(by_hand(last, 1, 5), SAKSI_OK);
	assert_int_equal(by_hand(last, 1, CHUNK), SAKSI_OK);
	assert_int_equal(by_hand(two, 2, 1), SAKSI_OK);
	assert_int_equal(by_hand(two, 2, CHUNK), SAKSI_OK);
	/* Well encrypted, and no shape that a text has. */
	assert_int_equal(by_hand(two, 2, 0), SAKSI_MALFORMED);
	assert_int_equal(by_hand(open, 1, 5), SAKSI_REFUSED);
	assert_int_equal(by_hand(early, 2, 5), SAKSI_REFUSED);
	assert_int_equal(by_hand(push, 2, 5), SAKSI_REFUSED);
	assert_int_equal(by_hand(rekey, 2, 5), SAKSI_REFUSED);
}

static void test_newer_and_older(void **state)
{
	static const uint8_t zero[SAKSI_BOX_KEY_LEN];
	struct saksi_buf object = locked(1, saksi_bytes_of("x")), out;

	(void)state;
	object.at[OPENING - 2] = 2;
	assert_int_equal(answer(secret[0], saksi_buf_bytes(&object)), SAKSI_NEWER);
	object.at[OPENING - 2] = 0;
	assert_int_equal(answer(secret[0], saksi_buf_bytes(&object)), SAKSI_MALFORMED);
	/* All a newer object must keep is the magic and the version. */
	assert_int_equal(answer(secret[0], saksi_bytes_of("saksi-vault\x02")),
			 SAKSI_NEWER);
	out = saksi_buf_growing(4096);
	assert_int_equal(saksi_vault_lock(&zero, 1, saksi_bytes_of("x"), &out),
			 SAKSI_BADARG);
	assert_int_equal(out.len, 0);
	saksi_buf_free(&out);
	saksi_buf_free(&object);
}

static void test_room(void **state)
{
	uint8_t room[HEAD(1) + 1 + 17], small[4];
	struct saksi_buf fits = saksi_buf_fixed(room, sizeof room),
			 short1 = saksi_buf_fixed(room, sizeof room - 1), out;
	const uint8_t(*readers)[SAKSI_BOX_KEY_LEN] =
	    (const uint8_t(*)[SAKSI_BOX_KEY_LEN])pub;
	struct saksi_buf object = locked(1, saksi_bytes_of("12345"));

	(void)state;
	assert_int_equal(saksi_vault_lock(readers, 1, saksi_bytes_of("x"), &short1),
			 SAKSI_LIMIT);
	assert_int_equal(short1.len, 0);
	assert_int_equal(saksi_vault_lock(readers, 1, saksi_bytes_of("x"), &fits),
			 SAKSI_OK);
	out = saksi_buf_fixed(small, sizeof small);
	assert_int_equal(saksi_vault_unlock(secret[0], saksi_buf_bytes(&object), &out),
			 SAKSI_LIMIT);
	assert_int_equal(out.len, 0);
	saksi_buf_free(&object);
}

/* The first chunk opens, the second does not: nothing of the first stays. */
static void test_no_plain_left_after_refusal(void **state)
{
	uint8_t *text = malloc(CHUNK + 10), *room = calloc(1, CHUNK + 10);
	struct saksi_buf object, out = saksi_buf_fixed(room, CHUNK + 10);

	(void)state;
	assert_non_null(text);
	assert_non_null(room);
	memset(text, 'A', CHUNK + 10);
	object = locked(1, (struct saksi_bytes){text, CHUNK + 10});
	object.at[object.len - 1] ^= 1;
	assert_int_equal(saksi_vault_unlock(secret[0], saksi_buf_bytes(&object), &out),
			 SAKSI_REFUSED);
	assert_int_equal(out.len, 0);
	assert_null(memchr(room, 'A', CHUNK + 10));
	saksi_buf_free(&object);
	free(text);
	free(room);
}

static void test_files(void **state)
{
	char path[] = "/tmp/saksi-vault-XXXXXX";
	struct saksi_buf out = saksi_buf_growing(100), tiny = saksi_buf_growing(2);
	struct saksi_why w;
	struct stat st;
	int dir;

	(void)state;
	assert_non_null(mkdtemp(path));
	assert_int_equal(saksi_dir_open(path, &dir), SAKSI_OK);
	assert_int_equal(saksi_vault_put(dir, "a-1", saksi_bytes_of("one"), &w),
			 SAKSI_OK);
	assert_int_equal(fstatat(dir, "a-1.vault", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(saksi_vault_put(dir, "a-1", saksi_bytes_of("two"), &w),
			 SAKSI_IO);
	assert_non_null(strstr(w.text, "never overwritten"));
	assert_int_equal(saksi_vault_get(dir, "a-1", &out, &w), SAKSI_OK);
	assert_true(saksi_bytes_is(saksi_buf_bytes(&out), "one"));
	assert_int_equal(saksi_vault_get(dir, "a-1", &tiny, &w), SAKSI_LIMIT);
	assert_int_equal(saksi_vault_get(dir, "a-2", &out, &w), SAKSI_MISSING);
	assert_non_null(strstr(w.text, "a-2.vault"));
	assert_int_equal(symlinkat("a-1.vault", dir, "l.vault"), 0);
	assert_int_not_equal(saksi_vault_get(dir, "l", &out, &w), SAKSI_OK);
	assert_int_equal(unlinkat(dir, "l.vault", 0), 0);
	assert_int_equal(unlinkat(dir, "a-1.vault", 0), 0);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(saksi_vault_put(dir, "gone", saksi_bytes_of("x"), &w),
			 SAKSI_IO);
	(void)close(dir);
	saksi_buf_free(&out);
	saksi_buf_free(&tiny);
}

static void test_names(void **state)
{
	static const char *const bad[] = {"",     ".",   "..",  ".a",      "a/b",
					  "../a", "a b", "a\n", "\xc3\xa9"};
	char longest[202];
	struct saksi_why w;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(saksi_vault_put(-1, bad[i], saksi_bytes_of("x"), &w),
				 SAKSI_BADARG);
		assert_int_equal(saksi_vault_get(-1, bad[i], NULL, &w), SAKSI_BADARG);
	}
	memset(longest, 'a', 201);
	longest[201] = '\0';
	assert_int_equal(saksi_vault_put(-1, longest, saksi_bytes_of("x"), &w),
			 SAKSI_BADARG);
	assert_int_not_equal(saksi_vault_put(-1, longest + 1, saksi_bytes_of("x"), &w),
			     SAKSI_BADARG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_length_and_reader),
	    cmocka_unit_test(test_shape),
	    cmocka_unit_test(test_every_bit_flip),
	    cmocka_unit_test(test_truncated_and_extended),
	    cmocka_unit_test(test_swapped_chunks),
	    cmocka_unit_test(test_other_readers_list),
	    cmocka_unit_test(test_counts),
	    cmocka_unit_test(test_by_hand),
	    cmocka_unit_test(test_newer_and_older),
	    cmocka_unit_test(test_room),
	    cmocka_unit_test(test_no_plain_left_after_refusal),
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
