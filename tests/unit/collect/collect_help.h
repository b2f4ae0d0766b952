/* Roots built in a temporary folder, facts collected from them, and asked for. */
#ifndef COLLECT_HELP_H
#define COLLECT_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect/collect.h"

#define NOW INT64_C(1799971200) /* 2027-01-15 */

static char root[64];
static struct saksi_arena arena;
static struct saksi_buf stream;
static struct saksi_facts facts;

/* Deletes what is below, however deep: one folder at a time, never by a long
 * path. */
static inline void wipe(const char *path)
{
	char command[512];

	(void)snprintf(
	    command, sizeof(command),
	    "rm -rf '%s' 2>/dev/null || { chmod -R u+rwX '%s'; rm -rf '%s'; }", path,
	    path, path);
	assert_int_equal(system(command), 0);
}

static inline int root_setup(void **state)
{
	(void)state;
	/* In memory where there is such a place: thousands of folders are made. */
	(void)snprintf(root, sizeof(root), "%s/saksi-root-XXXXXX",
		       access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(root) || chmod(root, 0755) != 0)
		return -1;
	stream = saksi_buf_growing((size_t)64 << 20);
	return saksi_arena_map(&arena, (size_t)256 << 20) == SAKSI_OK ? 0 : -1;
}

static inline int root_teardown(void **state)
{
	(void)state;
	wipe(root);
	saksi_buf_free(&stream);
	saksi_arena_end(&arena);
	return 0;
}

static inline const char *at(const char *path)
{
	static char whole[4][4096];
	static unsigned n;
	char *out = whole[n++ % 4];

	(void)snprintf(out, sizeof(whole[0]), "%s%s", root, path);
	return out;
}

static inline void folders(const char *path)
{
	char whole[4096];

	(void)snprintf(whole, sizeof(whole), "%s%s", root, path);
	for (char *p = whole + strlen(root) + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(whole, 0755) != 0)
			assert_int_equal(errno, EEXIST);
		*p = '/';
	}
}

static inline void put_bytes(const char *path, const void *data, size_t len,
			     mode_t mode)
{
	folders(path);
	unlink(at(path)); /* a test that failed may have left a FIFO there */
	const int fd = open(at(path), O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static inline void put(const char *path, const char *text)
{
	put_bytes(path, text, strlen(text), 0644);
}

static inline enum saksi_err to_stream(void *ctx, struct saksi_bytes piece)
{
	saksi_buf_put(ctx, piece);
	return saksi_buf_check(ctx);
}

/* Collects below `root` and reads the stream back; `facts` holds them. */
static inline void collect_with(struct saksi_collect_options o)
{
	struct saksi_why why = {{0}};
	struct saksi_fault fault = {0};

	o.root = root;
	o.now_utc = NOW;
	saksi_buf_clear(&stream);
	saksi_arena_rewind(&arena, 0);
	if (saksi_collect(&o, to_stream, &stream, &why) != SAKSI_OK)
		fail_msg("%s", why.text);
	if (saksi_facts_parse(saksi_buf_bytes(&stream), &arena, &facts, &fault) !=
	    SAKSI_OK)
		fail_msg("line %u: %s", fault.line, fault.what);
	assert_true(facts.whole);
}

static inline void collect(void)
{
	collect_with((struct saksi_collect_options){.no_walk = true});
}

static inline void collect_all(void)
{
	collect_with((struct saksi_collect_options){.no_walk = false});
}

/* Is there a fact of this value (NULL: any)? */
static inline bool told(const char *section, const char *subject, const char *attribute,
			const char *value)
{
	const struct saksi_fact_range r =
	    saksi_facts_attribute(&facts, saksi_bytes_of(section),
				  saksi_bytes_of(subject), saksi_bytes_of(attribute));

	for (size_t i = 0; i < r.count; i++)
		if (!value || saksi_bytes_is(r.at[i]->value, value))
			return true;
	return false;
}

static inline void must_tell(const char *section, const char *subject,
			     const char *attribute, const char *value)
{
	const struct saksi_fact *f =
	    saksi_facts_get(&facts, section, subject, attribute);

	if (!told(section, subject, attribute, value))
		fail_msg("%s %s %s is %.*s, not %s", section, subject, attribute,
			 f ? (int)f->value.len : 6,
			 f ? (const char *)f->value.at : "(none)", value);
}

#define TOLD(section, subject, attribute, is) must_tell(section, subject, attribute, is)
#define NOT_TOLD(section, subject, attribute, is)                                      \
	assert_false(told(section, subject, attribute, is))

static inline void covered(const char *section, enum saksi_coverage_state state,
			   const char *part)
{
	const struct saksi_coverage c =
	    saksi_facts_coverage(&facts, saksi_bytes_of(section));

	if (c.state != state ||
	    (part && !memmem(c.reason.at, c.reason.len, part, strlen(part))))
		fail_msg("%s is %s: %.*s", section, saksi_coverage_name(c.state),
			 (int)c.reason.len, (const char *)c.reason.at);
}

static inline bool anywhere(const char *bytes)
{
	return memmem(stream.at, stream.len, bytes, strlen(bytes)) != NULL;
}

#endif
