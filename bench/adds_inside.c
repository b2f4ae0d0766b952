/* rooms: log
 * How many entries of 200 bytes a log takes a second within one process, each of
 * them durable when it is answered; how long the public tree lags behind; and what
 * the disk alone does when as many bytes as one batch holds are appended and
 * synced, again and again.
 *
 * adds_inside DIR ENTRIES RUNS [BATCH INTERVAL_MS WINDOW]
 *
 * DIR must be absent; it is removed again.  Medians of RUNS.  stdout: for
 * bench/adds.sh: adds/s, adds/s until all are published, entries/s of the bare
 * disk, us of CPU an add, entries published a second later than acknowledged. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "log/log.h"
#include "store/files.h"

#define ENTRY 200
#define RUNS_MAX 25
#define SLOTS_MAX 65536

struct slot {
	struct saksi_job job;
	struct saksi_add add;
	uint8_t entry[ENTRY];
	struct slot *next;
};
struct result {
	double adds, published, disk, cpu_us, last_ms;
};

static struct slot slots[SLOTS_MAX];
static struct slot *idle;
static size_t failures, answered;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t some = PTHREAD_COND_INITIALIZER;
static bool wants;

static void die(const char *what, const char *why)
{
	(void)fprintf(stderr, "adds_inside: %s: %s\n", what, why);
	exit(1);
}

static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double cpu(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void done(struct saksi_job *j)
{
	struct slot *s = (struct slot *)j; /* its first member */

	(void)pthread_mutex_lock(&lock);
	failures += s->add.err != SAKSI_OK;
	answered++;
	s->next = idle;
	idle = s;
	if (wants)
		(void)pthread_cond_signal(&some);
	(void)pthread_mutex_unlock(&lock);
}

/* All slots that are free now; waits for one at least. */
static struct slot *take_idle(void)
{
	struct slot *all;

	(void)pthread_mutex_lock(&lock);
	wants = true;
	while (idle == NULL)
		(void)pthread_cond_wait(&some, &lock);
	wants = false;
	all = idle;
	idle = NULL;
	(void)pthread_mutex_unlock(&lock);
	return all;
}

static void fill(uint8_t *at, uint64_t n)
{
	for (size_t i = 0; i < ENTRY; i += 8) {
		uint64_t z = (n + i) * UINT64_C(0x9e3779b97f4a7c15) + n;

		z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		memcpy(at + i, &z, 8);
	}
}

static void add_all(struct saksi_log *l, size_t entries, size_t window)
{
	idle = NULL;
	answered = 0;
	for (size_t i = 0; i < window; i++) {
		slots[i].next = idle;
		idle = &slots[i];
	}
	for (size_t n = 0; n < entries;) {
		struct slot *s = take_idle(), *next;

		for (; s != NULL; s = next) {
			next = s->next;
			if (n == entries) {
				(void)pthread_mutex_lock(&lock);
				s->next = idle;
				idle = s;
				(void)pthread_mutex_unlock(&lock);
				continue;
			}
			fill(s->entry, n++);
			s->add = (struct saksi_add){.entry = {s->entry, ENTRY}};
			s->job = (struct saksi_job){
			    .adds = &s->add, .count = 1, .done = done};
			saksi_log_add_later(l, &s->job);
		}
	}
	(void)pthread_mutex_lock(&lock);
	while (answered < entries) {
		wants = true;
		(void)pthread_cond_wait(&some, &lock);
	}
	(void)pthread_mutex_unlock(&lock);
}

static void set_config(const char *path, size_t batch, size_t interval)
{
	char name[4096];
	FILE *f;

	(void)snprintf(name, sizeof name, "%s/config", path);
	f = fopen(name, "w");
	if (f == NULL ||
	    fprintf(f,
		    "saksi-log 1\norigin bench.example/inside\nopen yes\nbatch %zu\n"
		    "interval_ms %zu\ndedup 0\n",
		    batch, interval) < 0 ||
	    fclose(f) != 0)
		die(name, strerror(errno));
}

static void once_log(const char *path, size_t entries, const size_t how[3],
		     struct result *r)
{
	struct saksi_log_new n = {.path = path,
				  .origin = saksi_bytes_of("bench.example/inside"),
				  .open = true};
	struct saksi_log_state state;
	struct saksi_why w = {""};
	struct saksi_log *l;

	if (saksi_log_init(&n, &w) != SAKSI_OK)
		die(path, w.text);
	set_config(path, how[0], how[1]);
	if (saksi_log_open(path, &l, &w) != SAKSI_OK ||
	    saksi_log_start(l, &w) != SAKSI_OK)
		die(path, w.text);
	double began = seconds(), worked = cpu();
	add_all(l, entries, how[2]);
	double acknowledged = seconds();
	do {
		(void)usleep(1000);
		saksi_log_state(l, &state);
	} while (state.published < entries && seconds() - acknowledged < 300);
	double all = seconds();
	if (failures > 0 || state.published < entries)
		die(path, "entries were refused or never published");
	r->adds = (double)entries / (acknowledged - began);
	r->published = (double)entries / (all - began);
	r->cpu_us = 1e6 * (cpu() - worked) / (double)entries;
	r->last_ms = 1e3 * (all - acknowledged);
	saksi_log_close(l);
}

/* Appends and syncs what one batch of the log holds, for two seconds. */
static double once_disk(const char *path, size_t batch)
{
	size_t len = batch * (ENTRY + 2), rounds = 0;
	uint8_t *bytes = calloc(1, len);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	double began = seconds();

	if (bytes == NULL || fd < 0)
		die(path, strerror(errno));
	for (; seconds() - began < 2; rounds++)
		if (write(fd, bytes, len) != (ssize_t)len || fdatasync(fd) != 0)
			die(path, strerror(errno));
	double rate = (double)(rounds * batch) / (seconds() - began);
	(void)close(fd);
	(void)unlink(path);
	free(bytes);
	return rate;
}

static void remove_dir(const char *path)
{
	pid_t p = fork();

	if (p == 0) {
		(void)execlp("rm", "rm", "-rf", "--", path, (char *)NULL);
		_exit(127);
	}
	if (p > 0)
		(void)waitpid(p, NULL, 0);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const struct result *r, size_t runs, size_t member)
{
	double v[RUNS_MAX];

	for (size_t i = 0; i < runs; i++)
		memcpy(&v[i], (const char *)&r[i] + member, sizeof v[i]);
	qsort(v, runs, sizeof v[0], by_value);
	return v[runs / 2];
}

int main(int argc, char **argv)
{
	struct result r[RUNS_MAX];
	size_t how[3] = {8192, 1000, 32768};

	if (argc != 4 && argc != 7) {
		(void)fprintf(
		    stderr,
		    "adds_inside DIR ENTRIES RUNS [BATCH INTERVAL_MS WINDOW]\n");
		return 2;
	}
	size_t entries = strtoul(argv[2], NULL, 10), runs = strtoul(argv[3], NULL, 10);
	for (int i = 4; i < argc; i++)
		how[i - 4] = strtoul(argv[i], NULL, 10);
	if (entries == 0 || runs == 0 || runs > RUNS_MAX || how[0] == 0 ||
	    how[2] == 0 || how[2] > SLOTS_MAX)
		die("arguments", "a number out of range");
	for (size_t i = 0; i < runs; i++) {
		r[i].disk = once_disk(argv[1], how[0]);
		once_log(argv[1], entries, how, &r[i]);
		remove_dir(argv[1]);
	}
	(void)printf("%.0f %.0f %.0f %.2f %.0f\n",
		     median(r, runs, offsetof(struct result, adds)),
		     median(r, runs, offsetof(struct result, published)),
		     median(r, runs, offsetof(struct result, disk)),
		     median(r, runs, offsetof(struct result, cpu_us)),
		     median(r, runs, offsetof(struct result, last_ms)));
	return 0;
}
