/* Envelopes: vectors by securesystemslib (tests/judge/dsse) first, then our own. */
#include "../ledger/world.h"

#include <stdlib.h>

#define VECTORS "tests/vectors/"

static struct saksi_bytes file_bytes(const char *path)
{
	FILE *f = fopen(path, "rb");
	static uint8_t room[4][4096];
	static int turn;
	uint8_t *at = room[turn++ % 4];
	size_t n;

	if (f == NULL)
		fail_msg("no %s: run from the project's folder", path);
	n = fread(at, 1, sizeof(room[0]), f);
	(void)fclose(f);
	return (struct saksi_bytes){at, n};
}

static void one_vector(const char *name, const char *pae_name, const uint8_t *seeds,
		       size_t count)
{
	static uint8_t room[1 << 16];
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_bytes text = file_bytes(name), pae = file_bytes(pae_name);
	struct saksi_envelope e, mine;
	struct saksi_fault f = {0};
	uint8_t out[4096];
	struct saksi_buf b = saksi_buf_fixed(out, sizeof(out));

	CHECK(saksi_envelope_read(text, &a, &e, &f) == SAKSI_OK);
	CHECK(saksi_bytes_same(e.pae, pae));
	CHECK(e.sig_count == count);
	memset(&mine, 0, sizeof(mine));
	mine.payload = e.payload;
	for (size_t i = 0; i < count; i++) {
		struct saksi_signer *s = signer_of(seeds[i]);
		uint8_t key[SAKSI_KEY_LEN];
		struct saksi_sigcheck c;

		saksi_signer_public(s, key);
		CHECK(saksi_envelope_check(&e, i, key, &c) == SAKSI_OK);
		CHECK(c.answer == SAKSI_SIG_UNCHECKED);
		saksi_sigchecks_run(&c, 1);
		CHECK(c.answer == SAKSI_SIG_GOOD);
		CHECK(saksi_envelope_sign(&mine, s) == SAKSI_OK);
		CHECK(saksi_envelope_sign(&mine, s) == SAKSI_BADARG);
		key[0] ^= 1;
		CHECK(saksi_envelope_check(&e, i, key, &c) == SAKSI_REFUSED);
		CHECK(saksi_envelope_check(&e, count, key, &c) == SAKSI_BADARG);
		saksi_signer_free(s);
	}
	/* Ed25519 is deterministic: our envelope is theirs, byte for byte. */
	CHECK(saksi_hash_same(&mine.id, &e.id));
	CHECK(saksi_envelope_write(&mine, &b) == SAKSI_OK);
	CHECK(saksi_bytes_same(saksi_buf_bytes(&b), text));
}

static void vectors(void **state)
{
	static const uint8_t one[] = {1}, two[] = {1, 2}, three[] = {3};

	(void)state;
	CHECK(saksi_crypto_begin() == SAKSI_OK);
	one_vector(VECTORS "statement-go-one.dsse", VECTORS "statement-go-one.dsse.pae",
		   one, 1);
	one_vector(VECTORS "statement-go-two.dsse", VECTORS "statement-go-two.dsse.pae",
		   two, 2);
	one_vector(VECTORS "statement-go-empty.dsse",
		   VECTORS "statement-go-empty.dsse.pae", three, 1);
}

static void reads_as_statement(void **state)
{
	static uint8_t room[1 << 16];
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_envelope e;
	struct saksi_statement s;
	struct saksi_abandoned b;

	(void)state;
	CHECK(saksi_envelope_read(file_bytes(VECTORS "statement-go-one.dsse"), &a, &e,
				  NULL) == SAKSI_OK);
	CHECK(saksi_statement_read(e.payload, &a, &s, NULL) == SAKSI_OK);
	CHECK(s.kind == SAKSI_KIND_ABANDONED && s.sequence == 0);
	CHECK(s.time_utc == 1795365545);
	CHECK(saksi_abandoned_read(&s, &a, &b, NULL) == SAKSI_OK);
	CHECK(saksi_hash_same(&b.plan, &s.subject));
	CHECK(saksi_bytes_is(b.reason, "the server was retired"));
}

/* No changed byte is read as the same envelope. */
static void every_bit(void **state)
{
	static uint8_t room[1 << 16];
	struct saksi_bytes text = file_bytes(VECTORS "statement-go-two.dsse");
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_envelope e, bad;
	uint8_t copy[4096];
	size_t read = 0;

	(void)state;
	CHECK(saksi_envelope_read(text, &a, &e, NULL) == SAKSI_OK);
	for (size_t bit = 0; bit < 8 * text.len; bit++) {
		size_t mark = a.used;

		memcpy(copy, text.at, text.len);
		copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
		memset(&bad, 0xee, sizeof(bad));
		if (saksi_envelope_read((struct saksi_bytes){copy, text.len}, &a, &bad,
					NULL) != SAKSI_OK) {
			CHECK(a.used == mark && bad.sig_count != 2); /* untouched */
			continue;
		}
		read++;
		CHECK(!saksi_bytes_same(bad.payload, e.payload) ||
		      memcmp(bad.sigs, e.sigs, sizeof(bad.sigs[0]) * 2) != 0);
		saksi_arena_rewind(&a, mark);
	}
	CHECK(read > 100);
	for (size_t n = 0; n < text.len; n++) {
		memcpy(copy, text.at, text.len);
		CHECK(saksi_envelope_read((struct saksi_bytes){copy, n}, &a, &bad,
					  NULL) == SAKSI_MALFORMED);
	}
	copy[text.len] = '\n';
	CHECK(saksi_envelope_read((struct saksi_bytes){copy, text.len + 1}, &a, &bad,
				  NULL) == SAKSI_MALFORMED);
}

static void many_signatures(void **state)
{
	static uint8_t room[1 << 16], out[1 << 16];
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_buf b = saksi_buf_fixed(out, sizeof(out));
	struct saksi_envelope e, back;
	struct saksi_signer *s;
	struct saksi_bytes text;

	(void)state;
	memset(&e, 0, sizeof(e));
	e.payload = saksi_bytes_of("{}");
	CHECK(saksi_envelope_write(&e, &b) == SAKSI_BADARG);
	for (unsigned i = 0; i < SAKSI_ENVELOPE_SIGS; i++) {
		s = signer_of((uint8_t)i);
		CHECK(saksi_envelope_sign(&e, s) == SAKSI_OK);
		saksi_signer_free(s);
	}
	s = signer_of(77);
	CHECK(saksi_envelope_sign(&e, s) == SAKSI_LIMIT);
	saksi_signer_free(s);
	CHECK(saksi_envelope_write(&e, &b) == SAKSI_OK);
	text = saksi_buf_bytes(&b);
	CHECK(saksi_envelope_read(text, &a, &back, NULL) == SAKSI_OK);
	CHECK(back.sig_count == SAKSI_ENVELOPE_SIGS);
	/* A seventeenth, and one key twice. */
	b.len -= 2;
	saksi_buf_puts(&b, ",{\"keyid\":\"");
	for (unsigned i = 0; i < 32; i++)
		saksi_buf_puts(&b, "ab");
	saksi_buf_puts(&b, "\",\"sig\":\"");
	saksi_buf_put_base64(&b, (struct saksi_bytes){room, 64});
	saksi_buf_puts(&b, "\"}]}");
	CHECK(saksi_envelope_read(saksi_buf_bytes(&b), &a, &back, NULL) ==
	      SAKSI_MALFORMED);
	e.sig_count = 2;
	e.sigs[1] = e.sigs[0];
	saksi_buf_clear(&b);
	CHECK(saksi_envelope_write(&e, &b) == SAKSI_OK);
	CHECK(saksi_envelope_read(saksi_buf_bytes(&b), &a, &back, NULL) ==
	      SAKSI_MALFORMED);
}

static void sizes(void **state)
{
	static uint8_t room[1 << 18], out[1 << 17], payload[SAKSI_PAYLOAD_MAX + 1];
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_buf b = saksi_buf_fixed(out, sizeof(out));
	struct saksi_signer *s = signer_of(5);
	struct saksi_envelope e, back;

	(void)state;
	memset(payload, 'x', sizeof(payload));
	memset(&e, 0, sizeof(e));
	e.payload = (struct saksi_bytes){payload, SAKSI_PAYLOAD_MAX + 1};
	CHECK(saksi_envelope_sign(&e, s) == SAKSI_LIMIT);
	e.payload.len--;
	CHECK(saksi_envelope_sign(&e, s) == SAKSI_OK);
	CHECK(saksi_envelope_write(&e, &b) == SAKSI_OK);
	/* The largest payload leaves room for two signatures and 18 addenda. */
	CHECK(b.len + 2 * 180 + 18 * 36 + 1 <= SAKSI_ENTRY_MAX);
	CHECK(saksi_envelope_read(saksi_buf_bytes(&b), &a, &back, NULL) == SAKSI_OK);
	CHECK(back.payload.len == SAKSI_PAYLOAD_MAX);
	e.payload.len++;
	CHECK(saksi_envelope_write(&e, &b) == SAKSI_LIMIT);
	saksi_buf_clear(&b);
	saksi_buf_puts(&b, "{\"payload\":\"");
	saksi_buf_put_base64(&b, e.payload);
	saksi_buf_puts(&b, "\",\"payloadType\":\"" SAKSI_PAYLOAD_TYPE
			   "\",\"signatures\":[");
	CHECK(saksi_envelope_read(saksi_buf_bytes(&b), &a, &back, NULL) == SAKSI_LIMIT);
	a.cap = 100;
	a.used = 0;
	CHECK(saksi_envelope_read(file_bytes(VECTORS "statement-go-one.dsse"), &a,
				  &back, NULL) == SAKSI_LIMIT);
	CHECK(a.used == 0);
	saksi_signer_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(vectors),   cmocka_unit_test(reads_as_statement),
	    cmocka_unit_test(every_bit), cmocka_unit_test(many_signatures),
	    cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
