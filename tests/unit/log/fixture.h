/* A log in a new folder under /tmp, and what tests ask of one. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/sign.h"
#include "log/log.h"
#include "store/files.h"

#define NOW 1795366745

struct fixture {
	char root[64], path[80];
};

static inline void sh(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void sh(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	assert_int_equal(system(command), 0);
}

static inline void fixture_begin(struct fixture *f)
{
	/* in memory where that can be had: a sync then costs nothing */
	(void)snprintf(f->root, sizeof(f->root), "%s/saksi-log-XXXXXX",
		       access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(f->root));
	(void)snprintf(f->path, sizeof(f->path), "%s/log", f->root);
}

static inline void fixture_end(struct fixture *f)
{
	sh("rm -rf %s", f->root);
}

/* `settings`: config lines to change, as sed commands separated by ';'. */
static inline void fixture_open_log(struct fixture *f, const char *settings)
{
	struct saksi_log_new n = {.path = f->path,
				  .origin = saksi_bytes_of("test.example/log"),
				  .open = true};
	struct saksi_why w = {""};

	fixture_begin(f);
	if (saksi_log_init(&n, &w) != SAKSI_OK)
		fail_msg("init: %s", w.text);
	if (settings != NULL)
		sh("sed -i '%s' %s/config", settings, f->path);
}

static inline struct saksi_log *must_open(const struct fixture *f)
{
	struct saksi_why w = {""};
	struct saksi_log *l = NULL;

	if (saksi_log_open(f->path, &l, &w) != SAKSI_OK)
		fail_msg("open: %s", w.text);
	return l;
}

static inline uint64_t must_add(struct saksi_log *l, const char *text)
{
	struct saksi_add a = {.entry = saksi_bytes_of(text)};

	if (saksi_log_add(l, &a, 1) != SAKSI_OK)
		fail_msg("add: %s", a.reason);
	return a.index;
}

static inline void must_publish(struct saksi_log *l)
{
	struct saksi_why w = {""};

	if (saksi_log_publish(l, NOW, &w) != SAKSI_OK)
		fail_msg("publish: %s", w.text);
}

struct flaws {
	unsigned count;
	char where[128], what[256];
};

static inline void note_flaw(void *ctx, const struct saksi_log_flaw *f)
{
	struct flaws *all = ctx;

	if (all->count++ == 0) {
		(void)snprintf(all->where, sizeof(all->where), "%s", f->where);
		(void)snprintf(all->what, sizeof(all->what), "%s", f->what);
	}
}

static inline enum saksi_err check(const struct fixture *f, struct flaws *flaws,
				   struct saksi_log_checked *k)
{
	struct saksi_why w = {""};

	memset(flaws, 0, sizeof(*flaws));
	return saksi_log_check(f->path, note_flaw, flaws, k, &w);
}

static inline struct saksi_log_checked must_check(const struct fixture *f)
{
	struct saksi_log_checked k;
	struct flaws flaws;

	if (check(f, &flaws, &k) != SAKSI_OK)
		fail_msg("check: %u flaws, first %s: %s", flaws.count, flaws.where,
			 flaws.what);
	return k;
}

/* Adds `count` entries "PREFIX-n" at once. */
static inline void must_add_many(struct saksi_log *l, const char *prefix, size_t from,
				 size_t count)
{
	struct saksi_add *adds = calloc(count, sizeof(*adds));
	char(*texts)[48] = calloc(count, sizeof(*texts));

	assert_non_null(adds);
	assert_non_null(texts);
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]), "%s-%zu", prefix, from + i);
		adds[i].entry = saksi_bytes_of(texts[i]);
	}
	if (saksi_log_add(l, adds, count) != SAKSI_OK)
		fail_msg("adding many failed");
	free(adds);
	free(texts);
}

static inline uint64_t public_size(const struct fixture *f)
{
	char line[256] = "";
	unsigned long long size = 0;
	char name[128];
	FILE *in;

	(void)snprintf(name, sizeof(name), "%s/public/checkpoint", f->path);
	in = fopen(name, "re");
	assert_non_null(in);
	assert_non_null(fgets(line, sizeof(line), in));
	assert_int_equal(fscanf(in, "%llu", &size), 1);
	(void)fclose(in);
	return size;
}

#endif
