#include "net/metrics.h"

#include "base/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static const uint64_t bounds_us[SAKSI_METER_BOUNDS] = {
    500,    1000,   2500,   5000,    10000,   25000,    50000,
    100000, 250000, 500000, 1000000, 2500000, 10000000,
};

void saksi_meter_add(struct saksi_meter *m, uint64_t us, uint64_t count)
{
	size_t i = 0;

	while (i < SAKSI_METER_BOUNDS && us > bounds_us[i])
		i++;
	atomic_fetch_add_explicit(&m->in[i], count, memory_order_relaxed);
	atomic_fetch_add_explicit(&m->sum_us, us * count, memory_order_relaxed);
}

uint64_t saksi_meter_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* ---- writing */

void saksi_metrics_family(struct saksi_metrics *m, const char *name,
			  enum saksi_metric_type type, const char *help)
{
	static const char *const types[] = {"counter", "gauge", "histogram"};

	m->name = name;
	saksi_buf_printf(m->out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
			 types[type]);
}

static void put_value(struct saksi_buf *out, struct saksi_bytes v)
{
	while (v.len > 0) {
		size_t n = saksi_text_utf8_prefix(v);

		for (size_t i = 0; i < n; i++) {
			uint8_t c = v.at[i];

			if (c == '\\' || c == '"')
				saksi_buf_put_u8(out, '\\');
			if (c == '\n')
				saksi_buf_puts(out, "\\n");
			else
				saksi_buf_put_u8(out, c);
		}
		v = (struct saksi_bytes){v.at + n, v.len - n};
		if (v.len > 0) {
			saksi_buf_put_u8(out, '?');
			v = (struct saksi_bytes){v.at + 1, v.len - 1};
		}
	}
}

static void begin(struct saksi_metrics *m, const char *end,
		  const struct saksi_label *labels, size_t count)
{
	saksi_buf_puts(m->out, m->name);
	saksi_buf_puts(m->out, end);
	for (size_t i = 0; i < count; i++) {
		saksi_buf_puts(m->out, i == 0 ? "{" : ",");
		saksi_buf_puts(m->out, labels[i].name);
		saksi_buf_puts(m->out, "=\"");
		put_value(m->out, labels[i].value);
		saksi_buf_puts(m->out, "\"");
	}
	saksi_buf_puts(m->out, count > 0 ? "} " : " ");
}

/* 0.0025, 0.5, 10: without idle zeroes. */
static void put_us(struct saksi_buf *out, uint64_t us)
{
	char text[32];
	int n = snprintf(text, sizeof text, "%" PRIu64 ".%06" PRIu64, us / 1000000,
			 us % 1000000);

	while (n > 0 && text[n - 1] == '0')
		n--;
	if (n > 0 && text[n - 1] == '.')
		n--;
	saksi_buf_put(out, (struct saksi_bytes){(const uint8_t *)text, (size_t)n});
}

void saksi_metrics_put(struct saksi_metrics *m, const struct saksi_label *labels,
		       size_t count, uint64_t value)
{
	begin(m, "", labels, count);
	saksi_buf_put_decimal(m->out, value);
	saksi_buf_puts(m->out, "\n");
}

void saksi_metrics_put_us(struct saksi_metrics *m, const struct saksi_label *labels,
			  size_t count, uint64_t us)
{
	begin(m, "", labels, count);
	put_us(m->out, us);
	saksi_buf_puts(m->out, "\n");
}

void saksi_metrics_put_meter(struct saksi_metrics *m, const struct saksi_label *labels,
			     size_t count, const struct saksi_meter *v)
{
	struct saksi_label all[SAKSI_METRICS_LABELS];
	char text[32];
	struct saksi_buf b = saksi_buf_fixed(text, sizeof text);
	uint64_t sum = 0;

	if (count >= SAKSI_METRICS_LABELS) {
		m->out->full = true;
		return;
	}
	for (size_t i = 0; i < count; i++)
		all[i] = labels[i];
	all[count].name = "le";
	for (size_t i = 0; i <= SAKSI_METER_BOUNDS; i++) {
		sum += atomic_load_explicit(&v->in[i], memory_order_relaxed);
		saksi_buf_clear(&b);
		if (i < SAKSI_METER_BOUNDS)
			put_us(&b, bounds_us[i]);
		else
			saksi_buf_puts(&b, "+Inf");
		all[count].value = saksi_buf_bytes(&b);
		begin(m, "_bucket", all, count + 1);
		saksi_buf_put_decimal(m->out, sum);
		saksi_buf_puts(m->out, "\n");
	}
	begin(m, "_sum", labels, count);
	put_us(m->out, atomic_load_explicit(&v->sum_us, memory_order_relaxed));
	saksi_buf_puts(m->out, "\n");
	begin(m, "_count", labels, count);
	saksi_buf_put_decimal(m->out, sum);
	saksi_buf_puts(m->out, "\n");
}

void saksi_metrics_one(struct saksi_metrics *m, const char *name,
		       enum saksi_metric_type type, const char *help, uint64_t value)
{
	saksi_metrics_family(m, name, type, help);
	saksi_metrics_put(m, NULL, 0, value);
}

/* ---- this process */

void saksi_process_begin(struct saksi_process *p, int64_t now_utc)
{
	p->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	p->fds = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	p->started_utc = now_utc;
}

void saksi_process_end(struct saksi_process *p)
{
	if (p->statm >= 0)
		(void)close(p->statm);
	if (p->fds >= 0)
		(void)close(p->fds);
}

static bool resident(const struct saksi_process *p, uint64_t *bytes)
{
	uint8_t text[128];
	ssize_t n = p->statm < 0 ? -1 : pread(p->statm, text, sizeof text, 0);
	const uint8_t *from = n > 0 ? memchr(text, ' ', (size_t)n) : NULL, *to = NULL;
	uint64_t pages;

	if (from != NULL && ++from < text + n)
		to = memchr(from, ' ', (size_t)(text + n - from));
	if (to == NULL ||
	    saksi_text_decimal((struct saksi_bytes){from, (size_t)(to - from)},
			       &pages) != SAKSI_OK)
		return false;
	*bytes = pages * (uint64_t)sysconf(_SC_PAGESIZE);
	return true;
}

/* Reads the folder anew through a descriptor of its own, which is not counted;
 * what readdir gives of "." and ".." is no number. */
static bool open_files(const struct saksi_process *p, uint64_t *count)
{
	int fd = p->fds < 0 ? -1 : fcntl(p->fds, F_DUPFD_CLOEXEC, 0);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;
	uint64_t n = 0;

	if (d == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	rewinddir(d);
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	(void)closedir(d);
	*count = n - 1;
	return true;
}

void saksi_process_metrics(const struct saksi_process *p, const char *version,
			   struct saksi_metrics *m)
{
	struct saksi_label build = {"version", saksi_bytes_of(version)};
	struct rusage used;
	struct rlimit most;
	uint64_t n;

	saksi_metrics_family(m, "saksi_build_info", SAKSI_GAUGE,
			     "The version that runs; the value is always 1.");
	saksi_metrics_put(m, &build, 1, 1);
	saksi_metrics_one(m, "process_start_time_seconds", SAKSI_GAUGE,
			  "When the process began, in seconds since 1970.",
			  (uint64_t)p->started_utc);
	if (getrusage(RUSAGE_SELF, &used) == 0) {
		saksi_metrics_family(m, "process_cpu_seconds_total", SAKSI_COUNTER,
				     "Processor time used, user and system.");
		saksi_metrics_put_us(
		    m, NULL, 0,
		    (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
			(uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec));
	}
	if (resident(p, &n))
		saksi_metrics_one(m, "process_resident_memory_bytes", SAKSI_GAUGE,
				  "Memory of the process that is in RAM.", n);
	if (open_files(p, &n))
		saksi_metrics_one(m, "process_open_fds", SAKSI_GAUGE,
				  "Open file descriptors.", n);
	if (getrlimit(RLIMIT_NOFILE, &most) == 0)
		saksi_metrics_one(m, "process_max_fds", SAKSI_GAUGE,
				  "Most file descriptors that may be open.",
				  (uint64_t)most.rlim_cur);
}
