#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/event.h"

static void written(const struct saksi_event *e, enum saksi_event_form form,
		    const char *want)
{
	char room[1024];
	struct saksi_buf b = saksi_buf_fixed(room, sizeof room);

	saksi_event_write(e, form, &b);
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	assert_int_equal(b.len, strlen(want));
	assert_memory_equal(room, want, b.len);
}

static void plain(void **state)
{
	struct saksi_event_field f[] = {{"size", NULL, 12}, {"url", "http://a:1/", 0}};
	struct saksi_event e = {.level = SAKSI_LEVEL_INFO,
				.name = "published",
				.says = "published size 12",
				.fields = f,
				.field_count = 2};

	(void)state;
	written(&e, SAKSI_EVENT_LOGFMT,
		"level=info event=published size=12 url=http://a:1/ "
		"says=\"published size 12\"\n");
	written(&e, SAKSI_EVENT_JSON,
		"{\"level\":\"info\",\"event\":\"published\",\"size\":12,"
		"\"url\":\"http://a:1/\",\"says\":\"published size 12\"}\n");
	e.time_utc = 1795380023;
	e.level = SAKSI_LEVEL_ERROR;
	e.field_count = 0;
	e.says = NULL;
	written(&e, SAKSI_EVENT_LOGFMT,
		"time=2026-11-22T20:40:23Z level=error event=published\n");
}

/* No text can end its line or its value and look like another event. */
static void nasty(void **state)
{
	struct saksi_event_field f = {"why", "a\nlevel=error\x1b[31m\x7f \"q\" \\ \xff",
				      0};
	struct saksi_event e = {
	    .level = SAKSI_LEVEL_WARNING, .name = "x", .fields = &f, .field_count = 1};

	(void)state;
	written(&e, SAKSI_EVENT_LOGFMT,
		"level=warning event=x "
		"why=\"a\\x0alevel=error\\x1b[31m\\x7f \\\"q\\\" \\\\ \\xff\"\n");
	written(&e, SAKSI_EVENT_JSON,
		"{\"level\":\"warning\",\"event\":\"x\","
		"\"why\":\"a\\\\x0alevel=error\\\\x1b[31m\\\\x7f \\\"q\\\" \\\\ "
		"\\\\xff\"}\n");
	f.text = "";
	written(&e, SAKSI_EVENT_LOGFMT, "level=warning event=x why=\"\"\n");
	f.text = "\xc2\x85\xc3\xa9"; /* a C1 control, then a letter */
	written(&e, SAKSI_EVENT_LOGFMT,
		"level=warning event=x why=\"\\xc2\\x85\xc3\xa9\"\n");
	f.text = "a=b";
	written(&e, SAKSI_EVENT_LOGFMT, "level=warning event=x why=\"a=b\"\n");
}

static void too_long(void **state)
{
	char room[16];
	struct saksi_buf b = saksi_buf_fixed(room, sizeof room);
	struct saksi_event e = {.level = SAKSI_LEVEL_NOTICE, .name = "listening"};

	(void)state;
	saksi_event_write(&e, SAKSI_EVENT_JSON, &b);
	assert_int_equal(saksi_buf_check(&b), SAKSI_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain),
	    cmocka_unit_test(nasty),
	    cmocka_unit_test(too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
