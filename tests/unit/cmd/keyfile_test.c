/* The texts of key files. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "cmd/keyfile.h"

/* RFC 7748 6.1: Alice's pair. */
static const char alice[] =
    "saksi-box-key 1\nname alice\n"
    "secret 77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a\n";
static const char alice_public[] =
    "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";

static struct saksi_bytes text(const char *s)
{
	return saksi_bytes_of(s);
}

static void box_round_trip(void **state)
{
	uint8_t memory[256];
	char hex[2 * SAKSI_BOX_KEY_LEN + 1];
	struct saksi_buf out = saksi_buf_fixed(memory, sizeof(memory));
	struct saksi_boxfile b;
	(void)state;
	assert_int_equal(saksi_boxfile_read(text(alice), &b, NULL), SAKSI_OK);
	assert_string_equal(b.name, "alice");
	saksi_text_to_hex(b.key, sizeof(b.key), hex);
	assert_string_equal(hex, alice_public);
	saksi_boxfile_write(&b, &out);
	assert_true(saksi_bytes_is(saksi_buf_bytes(&out), alice));
}

/* A changed byte is refused or is another key: never the same key again. */
static void every_flip_of_a_box_key(void **state)
{
	char changed[sizeof(alice)];
	struct saksi_boxfile was, b;
	(void)state;
	assert_int_equal(saksi_boxfile_read(text(alice), &was, NULL), SAKSI_OK);
	for (size_t i = 0; i < sizeof(alice) - 1; i++)
		for (int bit = 0; bit < 8; bit++) {
			memcpy(changed, alice, sizeof(alice));
			changed[i] = (char)((unsigned char)changed[i] ^ 1U << bit);
			memset(&b, 0, sizeof(b));
			enum saksi_err err = saksi_boxfile_read(
			    (struct saksi_bytes){(const uint8_t *)changed,
						 sizeof(alice) - 1},
			    &b, NULL);
			if (err == SAKSI_OK)
				assert_true(memcmp(b.secret, was.secret, 32) != 0 ||
					    strcmp(b.name, was.name) != 0);
			else
				assert_true(err == SAKSI_MALFORMED ||
					    err == SAKSI_NEWER);
		}
}

static void cut_short_or_longer(void **state)
{
	struct saksi_boxfile b;
	struct saksi_bytes t = text(alice);
	char longer[sizeof(alice) + 1];
	(void)state;
	for (t.len = 0; t.len < sizeof(alice) - 1; t.len++)
		assert_int_equal(saksi_boxfile_read(t, &b, NULL), SAKSI_MALFORMED);
	memcpy(longer, alice, sizeof(alice) - 1);
	longer[sizeof(alice) - 1] = '\n';
	t = (struct saksi_bytes){(const uint8_t *)longer, sizeof(alice)};
	assert_int_equal(saksi_boxfile_read(t, &b, NULL), SAKSI_MALFORMED);
	/* a name must not end where it does not seem to */
	memcpy(longer, alice, sizeof(alice));
	*strchr(longer, 'l') = '\0';
	t.len = sizeof(alice) - 1;
	assert_int_equal(saksi_boxfile_read(t, &b, NULL), SAKSI_MALFORMED);
}

static void versions(void **state)
{
	struct saksi_boxfile b;
	struct saksi_fault f = {0};
	(void)state;
	assert_int_equal(saksi_boxfile_read(text("saksi-box-key 2\nanything"), &b, &f),
			 SAKSI_NEWER);
	assert_non_null(f.what);
	assert_int_equal(saksi_boxfile_read(text("saksi-key 1\n"), &b, &f),
			 SAKSI_MALFORMED);
}

static void signing_keys(void **state)
{
	uint8_t memory[512], key[SAKSI_KEY_LEN];
	struct saksi_buf out = saksi_buf_fixed(memory, sizeof(memory));
	struct saksi_signer *s = saksi_signer_new();
	struct saksi_keyfile k, again;
	struct saksi_vkey v;
	size_t len;
	(void)state;
	assert_non_null(s);
	saksi_signer_public(s, key);
	assert_int_equal(
	    saksi_vkey_make(text("example.org/log"), SAKSI_SIG_ED25519, key, &v),
	    SAKSI_OK);
	saksi_skey_write(&v, s, &out);
	saksi_buf_puts(&out, "\n");
	len = out.len;
	assert_int_equal(saksi_keyfile_read(saksi_buf_bytes(&out), &k, NULL), SAKSI_OK);
	/* one newline, not two */
	saksi_buf_puts(&out, "\n");
	assert_int_equal(saksi_keyfile_read(saksi_buf_bytes(&out), &again, NULL),
			 SAKSI_MALFORMED);
	out.len--;
	assert_string_equal(k.name, "example.org/log");
	assert_memory_equal(k.vkey.key, key, sizeof(key));
	/* the name lives in the result, not in the text, which is wiped */
	memset(memory, 'x', sizeof(memory));
	assert_true(saksi_bytes_is(k.vkey.name, "example.org/log"));
	/* no cut is a key, nor is one that ends in something else */
	saksi_buf_clear(&out);
	saksi_skey_write(&v, s, &out);
	saksi_buf_puts(&out, "x");
	assert_int_equal(saksi_keyfile_read(saksi_buf_bytes(&out), &again, NULL),
			 SAKSI_MALFORMED);
	saksi_buf_clear(&out);
	saksi_skey_write(&v, s, &out);
	saksi_buf_puts(&out, "\n");
	for (size_t n = 0; n < len; n++)
		assert_int_not_equal(
		    saksi_keyfile_read((struct saksi_bytes){memory, n}, &again, NULL),
		    SAKSI_OK);
	saksi_keyfile_end(&k);
	saksi_keyfile_end(&k);
	saksi_signer_free(s);
}

static int begin(void **state)
{
	(void)state;
	return saksi_crypto_begin() == SAKSI_OK ? 0 : -1;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(box_round_trip),
	    cmocka_unit_test(every_flip_of_a_box_key),
	    cmocka_unit_test(cut_short_or_longer),
	    cmocka_unit_test(versions),
	    cmocka_unit_test(signing_keys),
	};
	return cmocka_run_group_tests(tests, begin, NULL);
}
