/* Verifier keys and private keys. */
#include "help.h"

#include "base/text.h"

static const char spec_vkey[] =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

/* name+id+base64(type, len bytes of 'k'), with the id of the spec. */
static struct saksi_bytes make(const char *name, uint8_t type, size_t len)
{
	uint8_t *typed = saksi_arena_new(&arena, len + 1, 1);
	struct saksi_buf b = saksi_buf_fixed(saksi_arena_new(&arena, 8192, 1), 8192);
	struct saksi_hash_run run;
	struct saksi_hash h;

	typed[0] = type;
	memset(typed + 1, 'k', len);
	saksi_hash_begin(&run);
	saksi_hash_more(&run, str(name));
	saksi_hash_more(&run, str("\n"));
	saksi_hash_more(&run, (struct saksi_bytes){typed, len + 1});
	h = saksi_hash_end(&run);
	saksi_buf_puts(&b, name);
	saksi_buf_puts(&b, "+");
	saksi_buf_put_hex(&b, (struct saksi_bytes){h.b, 4});
	saksi_buf_puts(&b, "+");
	saksi_buf_put_base64(&b, (struct saksi_bytes){typed, len + 1});
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	return saksi_buf_bytes(&b);
}

static void test_spec(void **state)
{
	uint8_t room[128];
	struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));
	struct saksi_vkey k, again;

	(void)state;
	assert_int_equal(saksi_vkey_read(str(spec_vkey), &k, NULL), SAKSI_OK);
	assert_bytes(k.name, "example.com/foo");
	assert_int_equal(k.id, 0x530d903a);
	assert_int_equal(k.type, SAKSI_SIG_ED25519);
	assert_int_equal(saksi_vkey_id(k.name, k.type, k.key), k.id);
	assert_int_equal(saksi_vkey_make(k.name, k.type, k.key, &again), SAKSI_OK);
	assert_memory_equal(again.key, k.key, sizeof(k.key));
	assert_int_equal(again.id, k.id);
	saksi_vkey_write(&k, &b);
	assert_bytes(saksi_buf_bytes(&b), spec_vkey);
}

/* One form only: no changed bit leaves a key that is still taken. */
static void test_every_bit(void **state)
{
	char text[sizeof(spec_vkey)];

	(void)state;
	memcpy(text, spec_vkey, sizeof(text));
	for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
		struct saksi_vkey k = {.id = 7};
		enum saksi_err err;

		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		err = saksi_vkey_read(str(text), &k, NULL);
		assert_true(err == SAKSI_MALFORMED || err == SAKSI_NEWER);
		assert_int_equal(k.id, 7);
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
	}
}

static void test_types(void **state)
{
	static const struct {
		uint8_t type;
		size_t len;
		enum saksi_err read, any;
	} cases[] = {
	    {0x01, 32, SAKSI_OK, SAKSI_OK},
	    {0x01, 31, SAKSI_MALFORMED, SAKSI_MALFORMED},
	    {0x01, 33, SAKSI_MALFORMED, SAKSI_MALFORMED},
	    {0x01, 0, SAKSI_MALFORMED, SAKSI_MALFORMED},
	    {0x04, 32, SAKSI_OK, SAKSI_OK},
	    {0x04, 1312, SAKSI_MALFORMED, SAKSI_MALFORMED},
	    {0x06, 1312, SAKSI_OK, SAKSI_OK},
	    {0x06, 1311, SAKSI_MALFORMED, SAKSI_MALFORMED},
	    {0x06, 32, SAKSI_MALFORMED, SAKSI_MALFORMED},
	    {0x00, 32, SAKSI_NEWER, SAKSI_OK},
	    {0x02, 91, SAKSI_NEWER, SAKSI_OK},
	    {0x05, 91, SAKSI_NEWER, SAKSI_OK},
	    {0xff, 4095, SAKSI_NEWER, SAKSI_OK},
	    {0xff, 4096, SAKSI_LIMIT, SAKSI_LIMIT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct saksi_bytes text =
		    make("k.example", cases[i].type, cases[i].len);
		struct saksi_vkey k = {.type = 0x77};

		assert_int_equal(saksi_vkey_read(text, &k, NULL), cases[i].read);
		assert_int_equal(k.type,
				 cases[i].read == SAKSI_OK ? cases[i].type : 0x77);
		if (cases[i].read == SAKSI_OK && cases[i].len == SAKSI_KEY_LEN)
			assert_int_equal(saksi_vkey_id(k.name, k.type, k.key), k.id);
		assert_int_equal(saksi_vkey_read_any(text, &k, NULL), cases[i].any);
	}
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
	    "",
	    "+",
	    "++",
	    "example.com/foo",
	    "example.com/foo+530d903a",
	    "example.com/foo+530d903a+",
	    "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	    "example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	    "example.com/foo+0530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	    "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	    "example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n",
	    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k=",
	    " example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	};
	static const char *const names[] = {"",
					    "a b",
					    "a\xc2\xa0"
					    "b",
					    "a\nb",
					    "a\x01"
					    "b",
					    "\xff",
					    "a+b",
					    "a\xe2\x80\x83",
					    "a\tb",
					    "\xed\xa0\x80"};
	uint8_t key[SAKSI_KEY_LEN] = {0};
	struct saksi_vkey k;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct saksi_fault f = {.what = NULL};

		assert_int_equal(saksi_vkey_read(str(bad[i]), &k, &f), SAKSI_MALFORMED);
		assert_non_null(f.what);
		assert_true(f.at <= strlen(bad[i]) + 1);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(saksi_vkey_make(str(names[i]), 1, key, &k),
				 SAKSI_MALFORMED);
		assert_int_equal(saksi_vkey_read(make(names[i], 1, 32), &k, NULL),
				 SAKSI_MALFORMED);
	}
	assert_int_equal(saksi_vkey_make(str("a"), 6, key, &k), SAKSI_BADARG);
}

static void test_name_length(void **state)
{
	char name[SAKSI_NAME_MAX + 2];
	uint8_t key[SAKSI_KEY_LEN] = {0};
	struct saksi_vkey k;

	(void)state;
	memset(name, 'n', sizeof(name));
	name[SAKSI_NAME_MAX] = '\0';
	assert_int_equal(saksi_vkey_make(str(name), 1, key, &k), SAKSI_OK);
	assert_int_equal(saksi_vkey_read(make(name, 1, 32), &k, NULL), SAKSI_OK);
	name[SAKSI_NAME_MAX] = 'n';
	name[SAKSI_NAME_MAX + 1] = '\0';
	assert_int_equal(saksi_vkey_make(str(name), 1, key, &k), SAKSI_MALFORMED);
	assert_int_equal(saksi_vkey_read(make(name, 1, 32), &k, NULL), SAKSI_LIMIT);
}

static void test_private(void **state)
{
	(void)state;
	for (unsigned type = 1; type <= 4; type += 3) {
		struct holder h = holder_new("log.example", (uint8_t)type, 9);
		uint8_t room[256], key[SAKSI_KEY_LEN], was[SAKSI_KEY_LEN];
		struct saksi_buf b = saksi_buf_fixed(room, sizeof(room) - 1);
		struct saksi_signer *s = NULL;
		struct saksi_vkey k;
		struct saksi_bytes line;

		saksi_skey_write(&h.key, h.signer, &b);
		line = saksi_buf_bytes(&b);
		assert_true(saksi_bytes_starts(line, "PRIVATE+KEY+log.example+"));
		assert_int_equal(saksi_skey_read(line, &k, &s, NULL), SAKSI_OK);
		assert_int_equal(k.id, h.key.id);
		assert_int_equal(k.type, type);
		saksi_signer_public(s, key);
		saksi_signer_public(h.signer, was);
		assert_memory_equal(key, was, sizeof(key));
		assert_memory_equal(key, k.key, sizeof(key));
		saksi_signer_free(s);
		/* A newline may follow, one. */
		room[line.len] = '\n';
		line.len++;
		assert_int_equal(saksi_skey_read(line, &k, &s, NULL), SAKSI_OK);
		saksi_signer_free(s);
		for (size_t bit = 0; bit < 8 * line.len; bit++) {
			enum saksi_err err;

			room[bit / 8] = (uint8_t)(room[bit / 8] ^ 1U << bit % 8);
			s = NULL;
			err = saksi_skey_read(line, &k, &s, NULL);
			assert_true(err == SAKSI_MALFORMED || err == SAKSI_NEWER);
			assert_null(s);
			room[bit / 8] = (uint8_t)(room[bit / 8] ^ 1U << bit % 8);
		}
		for (size_t n = 0; n < line.len - 1; n++)
			assert_int_equal(saksi_skey_read((struct saksi_bytes){room, n},
							 &k, &s, NULL),
					 SAKSI_MALFORMED);
		saksi_signer_free(h.signer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_spec),        cmocka_unit_test(test_every_bit),
	    cmocka_unit_test(test_types),       cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_name_length), cmocka_unit_test(test_private),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
