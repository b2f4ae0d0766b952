/* rooms: base */
/* One text for one meaning: what is read, written again, is what was read. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
	if (!holds)
		abort();
}

static void numbers(struct saksi_bytes s)
{
	uint8_t room[32];
	struct saksi_buf b = saksi_buf_fixed(room, sizeof room);
	char text[SAKSI_TIME_TEXT_LEN + 1];
	uint64_t v;
	int64_t utc;

	if (saksi_text_decimal(s, &v) == SAKSI_OK) {
		saksi_buf_put_decimal(&b, v);
		must(saksi_bytes_same(saksi_buf_bytes(&b), s));
	}
	if (saksi_time_read(s, &utc) == SAKSI_OK) {
		saksi_time_text(utc, text);
		must(saksi_bytes_is(s, text));
	}
}

/* libsodium 1.0.18 takes some bytes above 0x7f for digits; it judges the others. */
static bool is_ascii(struct saksi_bytes s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] > 0x7f)
			return false;
	}
	return true;
}

static void bytes(struct saksi_bytes s)
{
	struct saksi_buf b = saksi_buf_growing(4 * s.len + 8);
	size_t n = s.len, judge_len = 0;
	uint8_t *out = malloc(s.len + 1), *judge = malloc(s.len + 1);
	bool good;

	must(out != NULL && judge != NULL);
	good = is_ascii(s) &&
	       sodium_base642bin(judge, s.len, (const char *)s.at, s.len, NULL,
				 &judge_len, NULL, sodium_base64_VARIANT_ORIGINAL) == 0;
	if (saksi_text_base64(s, out, &n) == SAKSI_OK) {
		must(good && n == judge_len && memcmp(out, judge, n) == 0);
		saksi_buf_put_base64(&b, (struct saksi_bytes){out, n});
		must(saksi_bytes_same(saksi_buf_bytes(&b), s));
		must(saksi_text_base64_exact(s, out, n) == SAKSI_OK);
		saksi_buf_clear(&b);
	} else {
		must(!good);
	}
	if (saksi_text_hex(s, out, s.len / 2) == SAKSI_OK) {
		saksi_buf_put_hex(&b, (struct saksi_bytes){out, s.len / 2});
		must(saksi_bytes_same(saksi_buf_bytes(&b), s));
		saksi_buf_clear(&b);
	}
	/* Any bytes, written and read. */
	saksi_buf_put_base64(&b, s);
	must(saksi_text_base64_exact(saksi_buf_bytes(&b), out, s.len) == SAKSI_OK);
	must(saksi_bytes_same((struct saksi_bytes){out, s.len}, s));
	saksi_buf_free(&b);
	free(out);
	free(judge);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct saksi_bytes s = {data, size};
	struct saksi_cursor c = saksi_cursor_on(s);
	size_t good = saksi_text_utf8_prefix(s), read = 0;

	must(good <= size && saksi_text_utf8(s) == (good == size));
	must(saksi_text_utf8((struct saksi_bytes){data, good}));
	(void)saksi_text_has_space((struct saksi_bytes){data, good});
	numbers(s);
	bytes(s);
	for (;;) { /* the lines and the rest are all there is */
		struct saksi_bytes line = saksi_cursor_line(&c);

		if (!c.ok)
			break;
		read += line.len + 1;
		numbers(line);
	}
	must(read + c.left.len == size);
	return 0;
}
