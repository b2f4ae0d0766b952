/* Nothing others wrote becomes markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "site/html.h"
#include "site/page.h"
#include "site/text.h"

static void test_escaped(void **state)
{
	struct saksi_buf b = saksi_buf_growing(4096);
	uint8_t all[256];

	(void)state;
	saksi_html_cell_cstr(&b, "bad", "<script>alert('x')&\"\x01");
	assert_true(saksi_bytes_is(
	    saksi_buf_bytes(&b),
	    "<td class=\"bad\">&lt;script&gt;alert(&#39;x&#39;)&amp;&quot;?</td>"));
	saksi_buf_clear(&b);
	for (int i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	saksi_html_text(&b, (struct saksi_bytes){all, 256});
	for (size_t i = 0; i < b.len; i++)
		assert_true(b.at[i] != '<' && b.at[i] != '>' && b.at[i] != '"' &&
			    b.at[i] != '\'' && (b.at[i] >= 0x20 || b.at[i] == '\n'));
	saksi_buf_free(&b);
}

static void test_time(void **state)
{
	struct saksi_buf b = saksi_buf_growing(4096);

	(void)state;
	saksi_html_time(&b, 1795279145); /* 2026-11-21T16:39:05Z */
	assert_true(saksi_bytes_is(saksi_buf_bytes(&b),
				   "<time datetime=\"2026-11-21T16:39:05Z\">"
				   "21 Nov 2026 23.39 WIB</time>"));
	saksi_buf_free(&b);
}

/* Every text is there in every language; only Indonesian does not say that it is
 * a translation. */
static void test_texts(void **state)
{
	int count = 0;

	(void)state;
#define COUNT(n, id, en) count++;
	SAKSI_TEXTS(COUNT)
#undef COUNT
	for (int lang = 0; lang < SAKSI_LANGS; lang++)
		for (int t = 0; t < count; t++) {
			bool empty = saksi_text_in((enum saksi_lang)lang,
						   (enum saksi_text)t)[0] == '\0';

			assert_int_equal(empty, t == SAKSI_TEXT_PREVAILS &&
						    lang == SAKSI_LANG_ID);
		}
}

/* A page about a log that could not be read still is a page, and says so. */
static void test_unread(void **state)
{
	struct saksi_look look = {.point = SAKSI_MISSING};
	struct saksi_page p = {
	    .look = &look, .answer = SAKSI_MISSING, .log_url = "http://x/\"><b>"};
	struct saksi_buf b = saksi_buf_growing(65536);

	(void)state;
	memcpy(look.why, "no checkpoint", 14);
	assert_int_equal(saksi_page_write(&p, &b), SAKSI_OK);
	saksi_buf_put_u8(&b, 0);
	assert_non_null(strstr((char *)b.at, "Belum dapat dipastikan"));
	assert_non_null(strstr((char *)b.at, "no checkpoint"));
	assert_null(strstr((char *)b.at, "<b>\">"));
	assert_null(strstr((char *)b.at, "http://x/\""));
	saksi_buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_escaped),
	    cmocka_unit_test(test_time),
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_unread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
