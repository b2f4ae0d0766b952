/* Receipts have one form: what is written reads back, and no other byte does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "log/config.h"
#include "note/receipt.h"

static const char good[] = "saksi/receipt/v1\n"
			   "logs.example/audit\n"
			   "index 18446744073709551615\n"
			   "leaf 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
			   "time 1795366745\n"
			   "due 1795370345\n";

static enum saksi_err reads(const char *text, struct saksi_fault *f)
{
	struct saksi_receipt r;

	return saksi_receipt_read(saksi_bytes_of(text), &r, f);
}

static void what_is_written_reads_back(void **state)
{
	uint8_t room[512];
	struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));
	struct saksi_hash empty = saksi_hash_of(saksi_bytes_of(""));
	struct saksi_receipt r;

	(void)state;
	assert_int_equal(saksi_receipt_read(saksi_bytes_of(good), &r, NULL), SAKSI_OK);
	assert_true(saksi_bytes_is(r.origin, "logs.example/audit"));
	assert_true(r.index == UINT64_MAX);
	assert_true(saksi_hash_same(&r.leaf, &empty));
	assert_int_equal(r.time_utc, 1795366745);
	assert_int_equal(r.due_utc, 1795370345);
	saksi_receipt_write(&r, &b);
	assert_true(saksi_bytes_is(saksi_buf_bytes(&b), good));
}

/* A flipped bit is refused or says something else; it is never read as the same. */
static void every_flipped_bit_shows(void **state)
{
	char text[sizeof(good)];
	uint8_t room[512];
	unsigned other = 0, refused = 0;

	(void)state;
	for (size_t bit = 0; bit < (sizeof(good) - 1) * 8; bit++) {
		struct saksi_bytes t = {(const uint8_t *)text, sizeof(good) - 1};
		struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));
		struct saksi_receipt r;

		memcpy(text, good, sizeof(good));
		text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
		if (saksi_receipt_read(t, &r, NULL) != SAKSI_OK) {
			refused++;
			continue;
		}
		saksi_receipt_write(&r, &b);
		assert_true(saksi_bytes_same(saksi_buf_bytes(&b), t));
		other++;
	}
	assert_true(refused > 300 && other > 100);
}

static void each_cut_and_each_extra_byte_is_refused(void **state)
{
	struct saksi_receipt r;

	(void)state;
	for (size_t len = 0; len < sizeof(good) - 1; len++)
		assert_int_not_equal(
		    saksi_receipt_read((struct saksi_bytes){(const uint8_t *)good, len},
				       &r, NULL),
		    SAKSI_OK);
	assert_int_equal(
	    saksi_receipt_read(
		(struct saksi_bytes){(const uint8_t *)good, sizeof(good)}, &r, NULL),
	    SAKSI_MALFORMED);
}

static void wrong_lines_say_where(void **state)
{
	struct saksi_fault f;

	(void)state;
	assert_int_equal(reads("saksi/receipt/v2\n", &f), SAKSI_NEWER);
	assert_int_equal(reads("saksi/receipt/v0\n", &f), SAKSI_MALFORMED);
	assert_int_equal(reads("saksi/receipt/v01\n", &f), SAKSI_MALFORMED);
	assert_int_equal(reads("saksi/receipt/v1\n\nindex 0\n", &f), SAKSI_MALFORMED);
	assert_int_equal(f.line, 2);
	assert_int_equal(reads("saksi/receipt/v1\nx\nindex 01\n", &f), SAKSI_MALFORMED);
	assert_int_equal(f.line, 3);
	assert_int_equal(reads("saksi/receipt/v1\nx\nindex 1\n"
			       "leaf 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
			       "time 2\ndue 1\n",
			       &f),
			 SAKSI_MALFORMED);
	assert_int_equal(f.line, 6);
	assert_int_equal(reads("saksi/receipt/v1\nx\nindex 1\n"
			       "leaf 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
			       "time 9223372036854775808\ndue 9223372036854775808\n",
			       &f),
			 SAKSI_MALFORMED);
	assert_int_equal(f.line, 5);
}

/* ---- config, the other text of this room */

static enum saksi_err config(const char *text, struct saksi_fault *f)
{
	struct saksi_log_config c;

	return saksi_log_config_read(saksi_bytes_of(text), &c, f);
}

static void config_reads_back(void **state)
{
	uint8_t room[1024], again[1024];
	struct saksi_buf b = saksi_buf_fixed(room, sizeof(room));
	struct saksi_buf b2 = saksi_buf_fixed(again, sizeof(again));
	struct saksi_log_config c, d;

	(void)state;
	saksi_log_config_default(&c);
	c.origin = saksi_bytes_of("a.example");
	c.open = true;
	c.batch = 7;
	c.addendum_mib = 64;
	saksi_log_config_write(&c, &b);
	assert_int_equal(saksi_log_config_read(saksi_buf_bytes(&b), &d, NULL),
			 SAKSI_OK);
	assert_int_equal(d.batch, 7);
	assert_int_equal(d.interval_ms, 1000);
	assert_true(d.open);
	saksi_log_config_write(&d, &b2);
	assert_true(saksi_bytes_same(saksi_buf_bytes(&b), saksi_buf_bytes(&b2)));
	assert_int_equal(
	    config("saksi-log 1\n# a comment\n\nopen no\norigin x\n", NULL), SAKSI_OK);
}

static void config_is_strict(void **state)
{
	static const struct {
		const char *text;
		enum saksi_err err;
		uint32_t line;
	} cases[] = {
	    {"", SAKSI_MALFORMED, 0},
	    {"saksi-log 2\n", SAKSI_NEWER, 1},
	    {"saksi-log\n", SAKSI_MALFORMED, 1},
	    {"origin x\nopen no\n", SAKSI_MALFORMED, 1},
	    {"saksi-log 1\nopen no\n", SAKSI_MALFORMED, 0},
	    {"saksi-log 1\norigin x\n", SAKSI_MALFORMED, 0},
	    {"saksi-log 1\norigin x\nopen no", SAKSI_MALFORMED, 3},
	    {"saksi-log 1\norigin \nopen no\n", SAKSI_MALFORMED, 2},
	    {"saksi-log 1\norigin x\nopen maybe\n", SAKSI_MALFORMED, 3},
	    {"saksi-log 1\norigin x\nopen no\nopen no\n", SAKSI_MALFORMED, 4},
	    {"saksi-log 1\norigin x\nopen no\nbatch 0\n", SAKSI_MALFORMED, 4},
	    {"saksi-log 1\norigin x\nopen no\nbatch 65537\n", SAKSI_MALFORMED, 4},
	    {"saksi-log 1\norigin x\nopen no\nbatch  1\n", SAKSI_MALFORMED, 4},
	    {"saksi-log 1\norigin x\nopen no\nbatch 1 \n", SAKSI_MALFORMED, 4},
	    {"saksi-log 1\norigin x\nopen no\nbatch\n", SAKSI_MALFORMED, 4},
	    {"saksi-log 1\norigin x\nopen no\nBatch 1\n", SAKSI_MALFORMED, 4},
	    {"saksi-log 1\norigin x\nopen no\nbatch 1\nbatch 1\n", SAKSI_MALFORMED, 5},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct saksi_fault f = {NULL, 0, 99};

		assert_int_equal(config(cases[i].text, &f), cases[i].err);
		assert_int_equal(f.line, cases[i].line);
		assert_non_null(f.what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_reads_back),
	    cmocka_unit_test(every_flipped_bit_shows),
	    cmocka_unit_test(each_cut_and_each_extra_byte_is_refused),
	    cmocka_unit_test(wrong_lines_say_where),
	    cmocka_unit_test(config_reads_back),
	    cmocka_unit_test(config_is_strict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
