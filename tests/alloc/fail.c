/* In the place of a unit test's main loop: each test runs once to learn by which
 * paths it comes to an allocation of ours, then again for each of these, alone in a
 * process in which just that allocation fails.  tools/alloc.sh builds and reads.
 *
 * The rooms' objects call fail_X where they called X (tests/alloc/calls), and their
 * code stands in the section saksi_text, so that a path is the return addresses
 * within it; what the tests allocate themselves is not touched.
 *
 * A failed assertion is a fair answer to a lack of memory.  It aborts, so that what
 * the test holds is still on its stack when leaks are looked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <dirent.h>
#include <errno.h>
#include <execinfo.h>
#include <expat.h>
#include <microhttpd.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DEPTH = 8, PATHS = 8192, LEAKED = 23 };

struct path {
	uintptr_t at[DEPTH]; /* return addresses, the allocation's first */
	uint32_t hits;
};
/* Shared by the processes of one program. */
struct learnt {
	pthread_mutex_t lock;
	size_t count;
	struct path paths[PATHS];
	bool struck; /* the allocation that was to fail did */
};

static struct learnt *learnt;
static bool learning;
static const struct path *target;
static uint32_t target_hit, target_seen;
static pthread_mutex_t target_lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local bool within;

extern const char __executable_start, __start_saksi_text, __stop_saksi_text;
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));
int __real__cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests,
				   size_t count, CMFixtureFunction setup,
				   CMFixtureFunction teardown);
int __wrap__cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests,
				   size_t count, CMFixtureFunction setup,
				   CMFixtureFunction teardown);

/* ---- in the rooms' calls */

static void path_of(struct path *p)
{
	void *all[64];
	const int n = backtrace(all, 64);
	size_t count = 0;

	memset(p, 0, sizeof(*p));
	for (int i = 0; i < n && count < DEPTH; i++) {
		const uintptr_t at = (uintptr_t)all[i];

		if (at > (uintptr_t)&__start_saksi_text &&
		    at <= (uintptr_t)&__stop_saksi_text)
			p->at[count++] = at;
		else if (count > 0 && at > (uintptr_t)&__executable_start &&
			 at < (uintptr_t)&__executable_start + (1U << 28))
			break; /* the test's own code; a library may lie between */
	}
}

static void learn(const struct path *p)
{
	pthread_mutex_lock(&learnt->lock);
	for (size_t i = 0; i < learnt->count; i++)
		if (memcmp(learnt->paths[i].at, p->at, sizeof(p->at)) == 0) {
			learnt->paths[i].hits++;
			pthread_mutex_unlock(&learnt->lock);
			return;
		}
	if (learnt->count < PATHS) {
		learnt->paths[learnt->count] = *p;
		learnt->paths[learnt->count++].hits = 1;
	}
	pthread_mutex_unlock(&learnt->lock);
}

/* Is this the one? */
static bool fails(void)
{
	struct path p;
	bool now = false;

	if ((!learning && target == NULL) || within)
		return false;
	within = true;
	path_of(&p);
	if (learning) {
		learn(&p);
	} else if (memcmp(p.at, target->at, sizeof(p.at)) == 0) {
		pthread_mutex_lock(&target_lock);
		now = ++target_seen == target_hit;
		pthread_mutex_unlock(&target_lock);
		learnt->struck = learnt->struck || now;
	}
	within = false;
	if (now)
		errno = ENOMEM;
	return now;
}

#define FAILING(result, name, params, args, none)                                      \
	result fail_##name params;                                                     \
	result fail_##name params                                                      \
	{                                                                              \
		return fails() ? none : name args;                                     \
	}
#define fail_MHD_create_response_from_buffer_with_free_callback                        \
	fail_MHD_create_response_freed

FAILING(void *, malloc, (size_t n), (n), NULL)
FAILING(void *, calloc, (size_t n, size_t size), (n, size), NULL)
FAILING(void *, realloc, (void *at, size_t n), (at, n), NULL)
FAILING(char *, strdup, (const char *s), (s), NULL)
FAILING(char *, strndup, (const char *s, size_t n), (s, n), NULL)
FAILING(void *, mmap, (void *at, size_t n, int prot, int how, int fd, off_t from),
	(at, n, prot, how, fd, from), MAP_FAILED)
FAILING(void *, sodium_malloc, (size_t n), (n), NULL)
FAILING(DIR *, fdopendir, (int fd), (fd), NULL)
FAILING(int, pthread_create,
	(pthread_t * t, const pthread_attr_t *a, void *(*run)(void *), void *ctx),
	(t, a, run, ctx), EAGAIN)
FAILING(EVP_MD_CTX *, EVP_MD_CTX_new, (void), (), NULL)
FAILING(CURLM *, curl_multi_init, (void), (), NULL)
FAILING(CURL *, curl_easy_init, (void), (), NULL)
FAILING(struct curl_slist *, curl_slist_append, (struct curl_slist * l, const char *s),
	(l, s), NULL)
FAILING(CURLU *, curl_url, (void), (), NULL)
FAILING(XML_Parser, XML_ParserCreateNS, (const XML_Char *e, XML_Char sep), (e, sep),
	NULL)
FAILING(BIO *, BIO_new_mem_buf, (const void *at, int n), (at, n), NULL)
FAILING(struct MHD_Response *, MHD_create_response_from_buffer,
	(size_t n, void *at, enum MHD_ResponseMemoryMode mode), (n, at, mode), NULL)
FAILING(struct MHD_Response *, MHD_create_response_from_buffer_with_free_callback,
	(size_t n, void *at, MHD_ContentReaderFreeCallback done), (n, at, done), NULL)
FAILING(struct MHD_Response *, MHD_create_response_from_fd64, (uint64_t n, int fd),
	(n, fd), NULL)

/* ---- one process a failure */

/* The tests that are run together: the last one, and those it cannot do without. */
struct span {
	const struct CMUnitTest *at;
	size_t count;
};

struct group {
	const char *name;
	CMFixtureFunction setup, teardown;
	unsigned seconds; /* for one run; then it hangs */
	unsigned
	    patience; /* a test that takes longer by itself is left out; 0: none is */
	FILE *out;    /* the report */
};

static void on_abort(int sig)
{
	(void)sig;
	if (__lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check())
		_exit(LEAKED);
	_exit(1);
}

static void child(const struct group *g, const struct span *s, FILE *says)
{
	const struct sigaction act = {.sa_handler = on_abort};

	(void)setpgid(0, 0);
	(void)dup2(fileno(says), STDOUT_FILENO);
	(void)dup2(fileno(says), STDERR_FILENO);
	(void)setenv("CMOCKA_TEST_ABORT", "1", 1);
	(void)sigaction(SIGABRT, &act, NULL);
	(void)alarm(g->seconds);
	if (__real__cmocka_run_group_tests(g->name, s->at, s->count, g->setup,
					   g->teardown) != 0)
		_exit(1);
	(void)fflush(NULL);
	if (__lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check())
		_exit(LEAKED);
	_exit(0);
}

static int run(const struct group *g, const struct span *s, FILE **says)
{
	int status;

	*says = tmpfile();
	if (*says == NULL)
		abort();
	(void)fflush(NULL);
	const pid_t pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0)
		child(g, s, *says);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	(void)kill(-pid, SIGKILL); /* what the test left behind */
	return status;
}

/* ---- reading what it said */

static bool says(FILE *f, const char *what, char *line, size_t cap)
{
	rewind(f);
	while (fgets(line, (int)cap, f) != NULL)
		if (strstr(line, what) != NULL) {
			line[strcspn(line, "\n")] = '\0';
			return true;
		}
	return false;
}

/* "0 != 0x1": the test asked for an error and was given OK. */
static bool false_ok(FILE *f, char *line, size_t cap)
{
	rewind(f);
	while (fgets(line, (int)cap, f) != NULL)
		if (strncmp(line, "0 != 0x", 7) == 0 || strstr(line, "] 0 != 0x")) {
			line[strcspn(line, "\n")] = '\0';
			return true;
		}
	return false;
}

static const char *judge(int status, FILE *f, char *line, size_t cap)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		return "hang";
	if (says(f, "ERROR: AddressSanitizer", line, cap) ||
	    says(f, "runtime error:", line, cap))
		return "crash";
	if (WIFSIGNALED(status) || says(f, "Test failed with exception", line, cap) ||
	    (WIFEXITED(status) && WEXITSTATUS(status) != 0 &&
	     WEXITSTATUS(status) != LEAKED && WEXITSTATUS(status) != 1))
		return "crash";
	if (WIFEXITED(status) && WEXITSTATUS(status) == LEAKED)
		return "leak";
	if (WEXITSTATUS(status) == 0)
		return "passed";
	if (false_ok(f, line, cap))
		return "false-ok";
	return says(f, "error: Failure!", line, cap) || says(f, "FAILED", line, cap) ||
		       says(f, "setup", line, cap)
		   ? "told"
		   : "crash";
}

static void report(const struct group *g, const char *what, const struct span *s,
		   const struct path *p, uint32_t hit)
{
	(void)fprintf(g->out, "%s %s %u", what, s->at[s->count - 1].name, hit);
	for (size_t i = 0; i < DEPTH && p->at[i] != 0; i++)
		(void)fprintf(
		    g->out, " 0x%lx",
		    (unsigned long)(p->at[i] - (uintptr_t)&__executable_start) - 1);
	(void)fputc('\n', g->out);
}

static void strike(const struct group *g, const struct span *s, const struct path *p,
		   uint32_t hit)
{
	char line[1024] = "";
	FILE *f;

	target = p;
	target_hit = hit;
	learnt->struck = false;
	const int status = run(g, s, &f);
	target = NULL;
	const char *what = judge(status, f, line, sizeof(line));
	if (!learnt->struck && strcmp(what, "passed") == 0)
		what = "missed"; /* it did not come there this time */
	report(g, what, s, p, hit);
	if (strcmp(what, "passed") != 0 && strcmp(what, "told") != 0 &&
	    strcmp(what, "missed") != 0) {
		rewind(f);
		while (fgets(line, sizeof(line), f) != NULL)
			(void)fprintf(g->out, "| %s%s", line,
				      strchr(line, '\n') ? "" : "\n");
	}
	(void)fflush(g->out);
	(void)fclose(f);
}

static unsigned asked(const char *name, unsigned otherwise)
{
	const char *said = getenv(name);

	return said != NULL ? (unsigned)strtoul(said, NULL, 10) : otherwise;
}

static void each_new(const struct group *g, const struct span *s, size_t from)
{
	static struct path copy[PATHS];
	const size_t to = learnt->count;

	if (g->patience > 0 && g->seconds > 20 + 10 * g->patience)
		return;
	memcpy(copy, learnt->paths, sizeof(copy));
	for (size_t i = from; i < to; i++) {
		const uintptr_t by = copy[i].at[0] ^ copy[i].at[1] ^ copy[i].at[2];

		report(g, "path", s, &copy[i], copy[i].hits);
		strike(g, s, &copy[i], 1);
		if (copy[i].hits > 2)
			strike(g, s, &copy[i],
			       2 + (uint32_t)(by >> 3) % (copy[i].hits - 1));
	}
}

static void begin(struct group *g)
{
	pthread_mutexattr_t shared;
	void *warm[4];

	/* The first call loads a library. */
	if (backtrace(warm, 4) <= 0)
		abort();
	g->out = fopen(getenv("ALLOC_OUT"), "a");
	g->patience = asked("ALLOC_PATIENCE", 0);
	if (g->out == NULL)
		abort();
	if (learnt != NULL)
		return;
	learnt = mmap(NULL, sizeof(*learnt), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (learnt == MAP_FAILED || pthread_mutexattr_init(&shared) != 0 ||
	    pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED) != 0 ||
	    pthread_mutex_init(&learnt->lock, &shared) != 0)
		abort();
}

/* Does it pass without a failure?  By which paths it then came is learnt. */
static bool learn_of(struct group *g, const struct span *s, bool tell)
{
	const time_t from = time(NULL);
	char line[1024];
	FILE *f;

	g->seconds = 600;
	learning = true;
	const int status = run(g, s, &f);
	learning = false;
	g->seconds = 20 + 10 * (unsigned)(time(NULL) - from);
	const bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (!good && tell) {
		(void)fprintf(g->out, "broken %s (status %x)\n",
			      s->at[s->count - 1].name, (unsigned)status);
		rewind(f);
		while (fgets(line, sizeof(line), f) != NULL)
			(void)fprintf(g->out, "| %s%s", line,
				      strchr(line, '\n') ? "" : "\n");
	}
	(void)fclose(f);
	return good;
}

int __wrap__cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests,
				   size_t count, CMFixtureFunction setup,
				   CMFixtureFunction teardown)
{
	struct group g = {.name = group, .setup = setup, .teardown = teardown};
	bool all = false;

	begin(&g);
	for (size_t i = 0; i < count && !all; i++) {
		const size_t from = learnt->count;
		const struct span alone = {&tests[i], 1}, after = {tests, i + 1},
				  whole = {tests, count};

		if (learn_of(&g, &alone, false)) {
			each_new(&g, &alone, from);
		} else if (learn_of(&g, &after, false)) {
			each_new(&g, &after, from);
		} else {
			all = true;
			if (learn_of(&g, &whole, true))
				each_new(&g, &whole, from);
		}
	}
	(void)fprintf(g.out, "end %zu\n", learnt->count);
	(void)fclose(g.out);
	return 0;
}
