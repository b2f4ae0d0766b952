#include "audit/openscap.h"
#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONTENT_MAX (256u << 20)
#define ENGINE "/usr/bin/oscap"
#define CONTENT_DIR "/usr/share/xml/scap/ssg/content"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#define ARCH 0
#endif

__attribute__((format(printf, 2, 3))) static enum saksi_err
not_covered(struct saksi_openscap *out, const char *format, ...)
{
	va_list ap;

	*out = (struct saksi_openscap){.engine = out->engine, .content = out->content};
	va_start(ap, format);
	vsnprintf(out->reason, sizeof(out->reason), format, ap);
	va_end(ap);
	return SAKSI_OK;
}

static bool digest(int fd, struct saksi_hash *out)
{
	static const size_t block = 65536;
	struct saksi_hash_run run;
	uint8_t *buf = malloc(block);
	ssize_t n = -1;
	uint64_t total = 0;

	saksi_hash_begin(&run);
	while (buf && total <= CONTENT_MAX && (n = read(fd, buf, block)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		saksi_hash_more(&run, (struct saksi_bytes){buf, (size_t)n});
		total += (uint64_t)n;
	}
	free(buf);
	*out = saksi_hash_end(&run);
	return n == 0 && lseek(fd, 0, SEEK_SET) == 0;
}

static int open_regular(const char *path)
{
	const int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* ---- the child */

/* Internet and packet sockets are refused, and io_uring, which could make them
 * past this filter; local and netlink sockets stay, probes need them. */
static bool no_internet(void)
{
#define NR(call, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, (skip))
#define DENY(err) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (err))
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
		DENY(ENOSYS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#if defined(__x86_64__)
		/* The x32 numbers of the same architecture. */
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
		DENY(ENOSYS),
#endif
		NR(SYS_io_uring_setup, 1),
		DENY(ENOSYS),
		NR(SYS_socket, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 2, 2, 0),  /* AF_INET */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 10, 1, 0), /* AF_INET6 */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 17, 0, 1), /* AF_PACKET */
		DENY(EACCES),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(code) / sizeof(*code), code};

	return ARCH != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static bool limit(__rlimit_resource_t what, rlim_t to)
{
	const struct rlimit r = {to, to};

	return setrlimit(what, &r) == 0;
}

/* Descriptors of ours are none of the child's business. */
static bool close_others(void)
{
	if (syscall(SYS_close_range, 3u, ~0u, 0u) != 0)
		for (int fd = 3; fd < 4096; fd++) /* before Linux 5.9 */
			close(fd);
	return true;
}

struct job {
	const struct saksi_openscap_options *o;
	const char *engine, *content, *dir, *result;
	uint32_t seconds;
};

static bool confine(const struct job *j)
{
	const uint64_t memory = j->o->memory_max ? j->o->memory_max : 2ull << 30;
	const int null = open("/dev/null", O_RDWR);

	return null >= 0 && dup2(null, 0) == 0 && dup2(null, 1) == 1 &&
	       dup2(null, 2) == 2 && close_others() &&
	       prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && limit(RLIMIT_AS, memory) &&
	       limit(RLIMIT_CPU, j->seconds) && limit(RLIMIT_CORE, 0) &&
	       limit(RLIMIT_FSIZE, SAKSI_OPENSCAP_RESULT_MAX) && chdir(j->dir) == 0 &&
	       no_internet();
}

/* What the child's exit code says when it never became oscap. */
#define CANNOT_CONFINE 125
#define CANNOT_RUN 126

/* execve changes nothing, but its type says it might. */
static char *mutable(const char *s)
{
	return (char *)(uintptr_t)s;
}

static void child(const struct job *j)
{
	char tmp[320],
	    *env[] = {(char[]){"PATH=/usr/sbin:/usr/bin:/sbin:/bin"},
		      (char[]){"LC_ALL=C.UTF-8"}, (char[]){"HOME=/"}, tmp, NULL};
	char *argv[12];
	size_t n = 0;

	snprintf(tmp, sizeof(tmp), "TMPDIR=%s", j->dir);
	argv[n++] = mutable(j->engine);
	argv[n++] = (char[]){"xccdf"};
	argv[n++] = (char[]){"eval"};
	if (j->o->profile) {
		argv[n++] = (char[]){"--profile"};
		argv[n++] = mutable(j->o->profile);
	}
	argv[n++] = (char[]){"--results"};
	argv[n++] = mutable(j->result);
	argv[n++] = mutable(j->content);
	argv[n] = NULL;
	setpgid(0, 0);
	if (!confine(j))
		_exit(CANNOT_CONFINE);
	execve(j->engine, argv, env);
	_exit(CANNOT_RUN);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits for the child until its time is over; false when it had to be ended. */
static bool waited(pid_t pid, uint32_t seconds, int *status)
{
	const int64_t until = now_ms() + (int64_t)seconds * 1000;
	const struct timespec pause = {0, 10 * 1000 * 1000};
	bool in_time = true;

	for (;;) {
		const pid_t got = waitpid(pid, status, WNOHANG);
		if (got == pid || (got < 0 && errno != EINTR))
			break;
		if (now_ms() > until) {
			in_time = false;
			break;
		}
		nanosleep(&pause, NULL);
	}
	/* Its helpers too, whether it ended by itself or not. */
	kill(-pid, SIGKILL);
	if (!in_time) {
		kill(pid, SIGKILL);
		while (waitpid(pid, status, 0) < 0 && errno == EINTR)
			;
	}
	return in_time;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

/* ---- before and after */

static enum saksi_err read_result(const struct job *j, struct saksi_arena *a,
				  struct saksi_openscap *out)
{
	struct stat st;
	const int fd = open(j->result, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct saksi_openscap got = *out;
	uint8_t *xml = NULL;
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0 ||
	    st.st_size > (off_t)SAKSI_OPENSCAP_RESULT_MAX) {
		if (fd >= 0)
			close(fd);
		return not_covered(out, "oscap wrote no result");
	}
	xml = malloc((size_t)st.st_size);
	while (xml && len < (size_t)st.st_size &&
	       (n = read(fd, xml + len, (size_t)st.st_size - len)) > 0)
		len += (size_t)n;
	close(fd);
	if (!xml)
		return SAKSI_NOMEM;
	const enum saksi_err err =
	    saksi_openscap_read((struct saksi_bytes){xml, len}, a, &got);
	free(xml);
	if (err == SAKSI_MALFORMED)
		return not_covered(out, "oscap's result is no XCCDF result");
	if (err != SAKSI_OK)
		return err;
	const uint32_t judged = got.count[SAKSI_XCCDF_PASS] +
				got.count[SAKSI_XCCDF_FAIL] +
				got.count[SAKSI_XCCDF_FIXED];
	if (judged == 0 && got.count[SAKSI_XCCDF_NOTAPPLICABLE] > 0)
		return not_covered(out,
				   "content does not fit: %u rules are not applicable "
				   "and none was judged",
				   got.count[SAKSI_XCCDF_NOTAPPLICABLE]);
	if (judged == 0)
		return not_covered(out, "oscap judged no rule");
	*out = got;
	out->covered = true;
	return SAKSI_OK;
}

static enum saksi_err run_in(const struct job *j, struct saksi_arena *a,
			     struct saksi_openscap *out)
{
	int status = 0;
	const pid_t pid = fork();

	if (pid < 0)
		return not_covered(out, "oscap could not be started");
	if (pid == 0)
		child(j);
	if (!waited(pid, j->seconds, &status))
		return not_covered(out, "oscap took more than %u seconds and was ended",
				   j->seconds);
	if (WIFSIGNALED(status))
		return not_covered(out,
				   "oscap was ended by signal %d (memory, time "
				   "or size over the limit?)",
				   WTERMSIG(status));
	if (WEXITSTATUS(status) == CANNOT_CONFINE)
		return not_covered(out, "oscap could not be confined on this system");
	/* 0: all hold, 2: some fail; 1 is oscap's own error. */
	if (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != 2)
		return not_covered(out, "oscap ended with code %d",
				   WEXITSTATUS(status));
	return read_result(j, a, out);
}

static enum saksi_err run(struct job *j, struct saksi_arena *a,
			  struct saksi_openscap *out)
{
	char dir[256], result[320];
	const char *base = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%s/saksi-oscap-XXXXXX",
		 base && strlen(base) < 200 && base[0] == '/' ? base : "/tmp");
	if (!mkdtemp(dir)) /* mode 0700 */
		return not_covered(out, "no private folder could be made for oscap");
	snprintf(result, sizeof(result), "%s/result.xml", dir);
	j->dir = dir;
	j->result = result;
	const enum saksi_err err = run_in(j, a, out);
	nftw(dir, drop, 16, FTW_DEPTH | FTW_PHYS);
	j->dir = j->result = NULL;
	return err;
}

static enum saksi_err check_content(const struct saksi_openscap_options *o, int fd,
				    const char *content, struct saksi_openscap *out)
{
	enum saksi_fit fit = SAKSI_FIT_UNSAID;

	if (!digest(fd, &out->content))
		return not_covered(out, "%s cannot be read", content);
	if (saksi_openscap_fits(fd, o->os_id, o->os_version, &fit) != SAKSI_OK)
		return not_covered(out, "%s is no SCAP content", content);
	if (fit == SAKSI_FIT_UNSAID)
		return not_covered(out, "%s does not say for which system it is",
				   content);
	if (fit == SAKSI_FIT_NO)
		return not_covered(out, "%s is for another system than %s %s", content,
				   o->os_id, o->os_version);
	out->covered = true; /* so far */
	return SAKSI_OK;
}

enum saksi_err saksi_openscap_run(const struct saksi_openscap_options *o,
				  struct saksi_arena *a, struct saksi_openscap *out)
{
	struct job j = {.o = o, .engine = o->engine ? o->engine : ENGINE};
	char content[256];

	*out = (struct saksi_openscap){.covered = false};
	if (!o->os_id || !o->os_version)
		return SAKSI_BADARG;
	snprintf(content, sizeof(content), "%s/ssg-%s%.*s-ds.xml", CONTENT_DIR,
		 o->os_id, (int)strcspn(o->os_version, "/"), o->os_version);
	/* Ubuntu's files are named without the dot: ssg-ubuntu2204-ds.xml */
	char *name = strrchr(content, '/');
	for (char *dot = name;
	     (dot = strchr(dot, '.')) != NULL && strcmp(dot, ".xml") != 0;)
		memmove(dot, dot + 1, strlen(dot));
	j.content = o->content ? o->content : content;
	j.seconds = o->seconds_max ? o->seconds_max : 900;
	const int engine = open_regular(j.engine);
	if (engine < 0)
		return not_covered(out, "%s is not installed", j.engine);
	const bool known = digest(engine, &out->engine);
	close(engine);
	const int fd = open_regular(j.content);
	if (!known || fd < 0) {
		if (fd >= 0)
			close(fd);
		return known ? not_covered(out, "no content for %s %s", o->os_id,
					   o->os_version)
			     : not_covered(out, "%s cannot be read", j.engine);
	}
	const enum saksi_err err = check_content(o, fd, j.content, out);
	close(fd);
	if (err != SAKSI_OK || !out->covered)
		return err;
	out->covered = false;
	return run(&j, a, out);
}
