/* rooms: collect
 *
 * Stanzas of any bytes; versions keep an order (nothing is before itself, and
 * turning the question round turns the answer); a key file's label is a
 * string. */
#include "collect/read_package.h"
#include "collect/read_pem.h"
#include "facts/version.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct saksi_stanza before;

static void done(void *ctx, const struct saksi_stanza *s)
{
	const struct saksi_bytes a = saksi_bytes_of(before.version);
	const struct saksi_bytes b = saksi_bytes_of(s->version);
	const int x = saksi_debian_version_order(a, b);
	const int y = saksi_debian_version_order(b, a);

	(void)ctx;
	if (saksi_debian_version_order(a, a) != 0 || (x < 0) != (y > 0) ||
	    (x == 0) != (y == 0))
		abort();
	before = *s;
}

static void lines(struct saksi_bytes text)
{
	struct saksi_stanza s = {.done = done};
	struct saksi_cursor c = saksi_cursor_on(text);

	before = (struct saksi_stanza){.done = done};
	for (;;) {
		const struct saksi_bytes line = saksi_cursor_line(&c);
		if (!c.ok)
			break;
		saksi_stanza_line(&s, line);
	}
	saksi_stanza_line(&s, (struct saksi_bytes){NULL, 0});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct saksi_bytes in = {data, size};
	struct saksi_key_file key;
	struct saksi_certificate cert;

	lines(in);
	if (saksi_key_file_read(in, &key) && !memchr(key.type, 0, sizeof(key.type)))
		abort();
	(void)saksi_certificate_count(in);
	(void)saksi_certificate_read(in, &cert);
	return 0;
}
