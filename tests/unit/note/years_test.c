/* What a log says of itself over the years: one form each, and nothing beside. */
#include "help.h"

#include "note/years.h"

static struct saksi_vkey key_of(const char *name, uint8_t seed)
{
	uint8_t bytes[SAKSI_SEED_LEN], pub[SAKSI_KEY_LEN];
	struct saksi_signer *s;
	struct saksi_vkey k;

	memset(bytes, seed, sizeof(bytes));
	s = saksi_signer_from_seed(bytes);
	saksi_signer_public(s, pub);
	saksi_signer_free(s);
	assert_int_equal(
	    saksi_vkey_make(saksi_bytes_of(name), SAKSI_SIG_ED25519, pub, &k),
	    SAKSI_OK);
	return k;
}

static struct saksi_hash root_of(void)
{
	return saksi_hash_of(saksi_bytes_of("root"));
}

static void write_change(struct saksi_buf *out)
{
	struct saksi_keychange k = {saksi_bytes_of("logs.example/a"),
				    key_of("logs.example/a", 1),
				    key_of("logs.example/a", 2), 1795262400};

	saksi_keychange_write(&k, out);
}

static void write_closing(struct saksi_buf *out)
{
	struct saksi_closing k = {saksi_bytes_of("logs.example/a"),
				  7,
				  root_of(),
				  1795262400,
				  true,
				  key_of("logs.example/b", 3),
				  saksi_bytes_of("https://logs.example/b/")};

	saksi_closing_write(&k, out);
}

static void write_last(struct saksi_buf *out)
{
	struct saksi_closing k = {.origin = saksi_bytes_of("logs.example/a"),
				  .size = 0,
				  .root = saksi_hash_empty()};

	saksi_closing_write(&k, out);
}

static void write_succession(struct saksi_buf *out)
{
	struct saksi_succession k = {saksi_bytes_of("logs.example/b"),
				     key_of("logs.example/a", 1), 7, root_of(),
				     1795262400};

	saksi_succession_write(&k, out);
}

static enum saksi_err read_change(struct saksi_bytes t, struct saksi_buf *again)
{
	struct saksi_keychange k;
	struct saksi_fault f = {0};

	SAKSI_TRY(saksi_keychange_read(t, &k, &f));
	saksi_keychange_write(&k, again);
	return SAKSI_OK;
}

static enum saksi_err read_closing(struct saksi_bytes t, struct saksi_buf *again)
{
	struct saksi_closing k;
	struct saksi_fault f = {0};

	SAKSI_TRY(saksi_closing_read(t, &k, &f));
	saksi_closing_write(&k, again);
	return SAKSI_OK;
}

static enum saksi_err read_succession(struct saksi_bytes t, struct saksi_buf *again)
{
	struct saksi_succession k;
	struct saksi_fault f = {0};

	SAKSI_TRY(saksi_succession_read(t, &k, &f));
	saksi_succession_write(&k, again);
	return SAKSI_OK;
}

static const struct {
	void (*write)(struct saksi_buf *out);
	enum saksi_err (*read)(struct saksi_bytes t, struct saksi_buf *again);
} forms[] = {{write_change, read_change},
	     {write_closing, read_closing},
	     {write_last, read_closing},
	     {write_succession, read_succession}};
#define FORMS (sizeof(forms) / sizeof(forms[0]))

/* Whatever is read is, written again, the same bytes: so for every bit changed,
 * every cut, and one byte more. */
static void one_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMS; i++) {
		uint8_t room[2048], copy[2048], more[2048];
		struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));
		size_t read = 0;

		forms[i].write(&b);
		assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
		for (size_t bit = 0; bit <= 8 * b.len; bit++) {
			struct saksi_buf again = saksi_buf_fixed(more, sizeof(more));
			enum saksi_err err;

			memcpy(copy, room, b.len);
			if (bit < 8 * b.len)
				copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
			err = forms[i].read((struct saksi_bytes){copy, b.len}, &again);
			if (err != SAKSI_OK) {
				assert_true(err == SAKSI_MALFORMED ||
					    err == SAKSI_NEWER);
				continue;
			}
			read++;
			assert_int_equal(again.len, b.len);
			assert_memory_equal(more, copy, b.len);
		}
		assert_true(read > 0);
		for (size_t len = 0; len < b.len; len++) {
			struct saksi_buf again = saksi_buf_fixed(more, sizeof(more));

			assert_int_equal(
			    forms[i].read((struct saksi_bytes){room, len}, &again),
			    SAKSI_MALFORMED);
		}
		saksi_buf_puts(&b, "\n");
		struct saksi_buf again = saksi_buf_fixed(more, sizeof(more));
		assert_int_equal(forms[i].read(saksi_buf_bytes(&b), &again),
				 SAKSI_MALFORMED);
	}
}

static void of_a_later_version(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMS; i++) {
		uint8_t room[2048], more[2048];
		struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));
		struct saksi_buf again = saksi_buf_fixed(more, sizeof(more));

		forms[i].write(&b);
		*(uint8_t *)memchr(room, '1', b.len) = '2';
		assert_int_equal(forms[i].read(saksi_buf_bytes(&b), &again),
				 SAKSI_NEWER);
	}
}

static void refused_change(struct saksi_vkey old, struct saksi_vkey next)
{
	struct saksi_keychange k = {saksi_bytes_of("logs.example/a"), old, next, 1};
	uint8_t room[2048], more[2048];
	struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));
	struct saksi_buf again = saksi_buf_fixed(more, sizeof(more));

	saksi_keychange_write(&k, &b);
	assert_int_equal(read_change(saksi_buf_bytes(&b), &again), SAKSI_MALFORMED);
}

/* Another name is another log; a key does not replace itself. */
static void keys_of_one_log(void **state)
{
	char path[SAKSI_KEYCHANGE_PATH_LEN];
	struct saksi_vkey k = key_of("logs.example/a", 1);

	(void)state;
	refused_change(k, key_of("logs.example/b", 2));
	refused_change(key_of("logs.example/b", 1), key_of("logs.example/a", 2));
	refused_change(k, k);
	k.id = 0xabc;
	saksi_keychange_path(&k, path);
	assert_string_equal(path, "keychange/00000abc");
}

static int setup(void **state)
{
	(void)state;
	return saksi_crypto_begin() == SAKSI_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_form),
	    cmocka_unit_test(of_a_later_version),
	    cmocka_unit_test(keys_of_one_log),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
