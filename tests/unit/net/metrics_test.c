#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/metrics.h"

static char room[65536];

static void same(struct saksi_buf *b, const char *want)
{
	assert_int_equal(saksi_buf_check(b), SAKSI_OK);
	saksi_buf_put_u8(b, 0);
	assert_string_equal((const char *)b->at, want);
}

static void families(void **state)
{
	struct saksi_buf b = saksi_buf_fixed(room, sizeof room);
	struct saksi_metrics m = {&b, NULL};
	struct saksi_label two[] = {{"who", saksi_bytes_of("a\"b\\c\nd")},
				    {"what", saksi_bytes_of("\xff\xc3\xa9")}};

	(void)state;
	saksi_metrics_one(&m, "x_total", SAKSI_COUNTER, "Things.", 7);
	saksi_metrics_family(&m, "y_seconds", SAKSI_GAUGE, "Time.");
	saksi_metrics_put(&m, two, 2, UINT64_MAX);
	saksi_metrics_put_us(&m, NULL, 0, 2500);
	saksi_metrics_put_us(&m, NULL, 0, 10000000);
	saksi_metrics_put_us(&m, NULL, 0, 0);
	same(&b, "# HELP x_total Things.\n# TYPE x_total counter\nx_total 7\n"
		 "# HELP y_seconds Time.\n# TYPE y_seconds gauge\n"
		 "y_seconds{who=\"a\\\"b\\\\c\\nd\",what=\"?\xc3\xa9\"} "
		 "18446744073709551615\n"
		 "y_seconds 0.0025\ny_seconds 10\ny_seconds 0\n");
}

static uint64_t sample(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	assert_non_null(at);
	return (uint64_t)strtoull(at + strlen(name), NULL, 10);
}

/* A bucket counts all that took its bound or less; the last one all. */
static void meters(void **state)
{
	struct saksi_buf b = saksi_buf_fixed(room, sizeof room);
	struct saksi_metrics m = {&b, NULL};
	struct saksi_label one = {"stage", saksi_bytes_of("a")};
	struct saksi_meter v = {0};

	(void)state;
	saksi_meter_add(&v, 500, 1);
	saksi_meter_add(&v, 501, 2);
	saksi_meter_add(&v, 10000000, 1);
	saksi_meter_add(&v, 10000001, 3);
	saksi_metrics_family(&m, "t_seconds", SAKSI_HISTOGRAM, "Time.");
	saksi_metrics_put_meter(&m, &one, 1, &v);
	saksi_buf_put_u8(&b, 0);
	assert_int_equal(sample(room, "t_seconds_bucket{stage=\"a\",le=\"0.0005\"} "),
			 1);
	assert_int_equal(sample(room, "t_seconds_bucket{stage=\"a\",le=\"0.001\"} "),
			 3);
	assert_int_equal(sample(room, "t_seconds_bucket{stage=\"a\",le=\"2.5\"} "), 3);
	assert_int_equal(sample(room, "t_seconds_bucket{stage=\"a\",le=\"10\"} "), 4);
	assert_int_equal(sample(room, "t_seconds_bucket{stage=\"a\",le=\"+Inf\"} "), 7);
	assert_int_equal(sample(room, "t_seconds_count{stage=\"a\"} "), 7);
	assert_non_null(strstr(room, "t_seconds_sum{stage=\"a\"} 40.001505\n"));
}

static void too_many_labels(void **state)
{
	struct saksi_buf b = saksi_buf_fixed(room, sizeof room);
	struct saksi_metrics m = {&b, "x"};
	struct saksi_label many[SAKSI_METRICS_LABELS] = {{"a", {NULL, 0}}};
	struct saksi_meter v = {0};

	(void)state;
	saksi_metrics_put_meter(&m, many, SAKSI_METRICS_LABELS, &v);
	assert_int_equal(saksi_buf_check(&b), SAKSI_LIMIT);
}

static void process(void **state)
{
	struct saksi_buf b = saksi_buf_fixed(room, sizeof room);
	struct saksi_metrics m = {&b, NULL};
	struct saksi_process p;

	(void)state;
	saksi_process_begin(&p, 1795380023);
	saksi_process_metrics(&p, "1.2", &m);
	saksi_buf_put_u8(&b, 0);
	assert_non_null(strstr(room, "\nsaksi_build_info{version=\"1.2\"} 1\n"));
	assert_int_equal(sample(room, "\nprocess_start_time_seconds "), 1795380023);
	assert_true(sample(room, "\nprocess_resident_memory_bytes ") > 1 << 20);
	/* 0, 1, 2 and the two that are kept open, at least; read twice, the same. */
	uint64_t open = sample(room, "\nprocess_open_fds ");
	assert_in_range(open, 5, 1000);
	saksi_buf_clear(&b);
	saksi_process_metrics(&p, "1.2", &m);
	saksi_buf_put_u8(&b, 0);
	assert_int_equal(sample(room, "\nprocess_open_fds "), open);
	saksi_process_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(families),
	    cmocka_unit_test(meters),
	    cmocka_unit_test(too_many_labels),
	    cmocka_unit_test(process),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
