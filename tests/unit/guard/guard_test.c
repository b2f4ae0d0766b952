/* A process that entered the guard, and what an attacker in it would try.  Each try is
 * a process of its own: what was given up cannot be had back. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "guard/guard.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define STRANGER 54321 /* a user that no system has */

static char root[] = "/tmp/saksi-guard-XXXXXX";
static char rw[64], ro[64], out[64];
static uint16_t open_port, other_port;
static struct sockaddr_un abstract = {.sun_family = AF_UNIX};
static int real_abi, play_abi = -1; /* -1: the kernel's own */

/* A kernel with an older Landlock says so, and takes no longer structure than its own.
 */
long __real_syscall(long nr, ...);
long __wrap_syscall(long nr, long a, long b, long c, long d, long e, long f);
long __wrap_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	if (nr == SYS_landlock_create_ruleset && play_abi >= 0) {
		if (play_abi == 0) {
			errno = EOPNOTSUPP;
			return -1;
		}
		if ((unsigned)c == LANDLOCK_CREATE_RULESET_VERSION)
			return play_abi < real_abi ? play_abi : real_abi;
		if (b != (play_abi < 4 ? 8 : play_abi < 6 ? 16 : 24)) {
			errno = E2BIG;
			return -1;
		}
	}
	return __real_syscall(nr, a, b, c, d, e, f);
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static const char *in(const char *folder, const char *name)
{
	static char path[2][128];
	static int turn;

	turn = !turn;
	(void)snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
	return path[turn];
}

static int listening(uint16_t *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static int setup(void **state)
{
	(void)state;
	real_abi = (int)__real_syscall(SYS_landlock_create_ruleset, NULL, 0,
				       LANDLOCK_CREATE_RULESET_VERSION);
	if (mkdtemp(root) == NULL || chmod(root, 0755) != 0)
		return -1;
	(void)snprintf(rw, sizeof(rw), "%s/rw", root);
	(void)snprintf(ro, sizeof(ro), "%s/ro", root);
	(void)snprintf(out, sizeof(out), "%s/out", root);
	if (mkdir(rw, 0755) != 0 || mkdir(ro, 0755) != 0 || mkdir(out, 0777) != 0)
		return -1;
	put(in(ro, "file"), "read me");
	put(in(rw, "file"), "change me");
	put(in(out, "secret"), "not yours");
	(void)snprintf(abstract.sun_path + 1, sizeof(abstract.sun_path) - 1, "%s",
		       root);
	int local = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(local, (struct sockaddr *)&abstract, sizeof(abstract)) != 0 ||
	    listen(local, 8) != 0)
		return -1;
	(void)listening(&open_port);
	(void)listening(&other_port);
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

/* ---- a process in the guard */

enum how { PLAIN, CONNECTS };

static void enter(enum how how, struct saksi_why *w)
{
	const char *const reads[] = {ro, NULL}, *const writes[] = {rw, NULL};
	struct saksi_guard_wish wish = {.folder = rw, .reads = reads, .writes = writes};

	if (how == CONNECTS) {
		wish.ports = &open_port;
		wish.port_count = 1;
	}
	if (saksi_guard_begin(rw, w) != SAKSI_OK ||
	    saksi_guard_enter(&wish, w) != SAKSI_OK) {
		(void)fprintf(stderr, "not entered: %s\n", w->text);
		_exit(70);
	}
}

/* What became of `try` in the guard: its answer, 0 to 69, or 128 + the signal. */
static int outcome(enum how how, int (*try)(void))
{
	struct saksi_why w = {""};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		enter(how, &w);
		_exit(try());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

#define DONE 0   /* it could be done */
#define DENIED 1 /* it could not */
#define KILLED (128 + SIGSYS)
#define TRY(name, call)                                                                \
	static int name(void)                                                          \
	{                                                                              \
		return (call) >= 0 ? DONE : DENIED;                                    \
	}

static int connect_to(uint16_t port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons(port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0 ? fd : connect(fd, (struct sockaddr *)&a, sizeof(a));
}

static int bind_one(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0 ? fd : bind(fd, (struct sockaddr *)&a, sizeof(a));
}

static int abstract_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	return fd < 0 ? fd
		      : connect(fd, (struct sockaddr *)&abstract, sizeof(abstract));
}

static int make_executable(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);

	return mprotect(at, 4096, PROT_READ | PROT_EXEC);
}

static int map_executable(void)
{
	return mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) != MAP_FAILED
		   ? 0
		   : -1;
}

static int run_program(void)
{
	char *const argv[] = {NULL}, *const envp[] = {NULL};

	return execve("/bin/true", argv, envp);
}

static int call(long nr, long a, long b, long c)
{
	return (int)syscall(nr, a, b, c, 0L, 0L, 0L);
}

static struct rlimit more = {1 << 20, 1 << 20};

TRY(read_outside, open(in(out, "secret"), O_RDONLY))
TRY(read_passwd, open("/etc/passwd", O_RDONLY))
TRY(list_outside, open(out, O_RDONLY | O_DIRECTORY))
TRY(make_outside, open(in(out, "new"), O_WRONLY | O_CREAT, 0600))
TRY(make_dir_outside, mkdir(in(out, "newdir"), 0700))
TRY(remove_outside, unlink(in(out, "secret")))
TRY(move_out, rename(in(rw, "file"), in(out, "file")))
TRY(link_in, link(in(out, "secret"), in(rw, "stolen")))
TRY(write_read_only, open(in(ro, "file"), O_WRONLY))
TRY(cut_read_only, truncate(in(ro, "file"), 0))
TRY(make_read_only, open(in(ro, "new"), O_WRONLY | O_CREAT, 0600))
TRY(symlink_in, symlink("/etc", in(rw, "link")))
TRY(set_user_id, open(in(rw, "suid"), O_WRONLY | O_CREAT, 04755))
TRY(change_to_set_user_id, chmod(in(rw, "file"), 06755))
TRY(own_memory, open("/proc/self/mem", O_RDWR))
TRY(others_memory, open("/proc/1/mem", O_RDONLY))
TRY(terminal_input, ioctl(0, TIOCSTI, "x"))
TRY(other_port_tried, connect_to(other_port))
TRY(wished_port, connect_to(open_port))
TRY(listen_tried, bind_one())
TRY(udp_socket, socket(AF_INET, SOCK_DGRAM, 0))
TRY(raw_socket, socket(AF_INET, SOCK_RAW, IPPROTO_ICMP))
TRY(packet_socket, socket(AF_PACKET, SOCK_RAW, 0))
TRY(vsock_socket, socket(AF_VSOCK, SOCK_STREAM, 0))
TRY(unix_socket, socket(AF_UNIX, SOCK_STREAM, 0))
TRY(abstract_tried, abstract_socket())
TRY(exec_page, make_executable())
TRY(exec_map, map_executable())
TRY(dump_again, prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
TRY(core_again, setrlimit(RLIMIT_CORE, &more))
TRY(new_process, call(SYS_clone, SIGCHLD, 0, 0))
TRY(signal_parent, kill(getppid(), 0))
TRY(watch_system, call(SYS_inotify_init1, 0, 0, 0))
TRY(hidden_file, call(SYS_memfd_create, (long)"x", 0, 0))
TRY(nice_others, setpriority(PRIO_PROCESS, 0, -5))
TRY(program, run_program())
TRY(program_by_fd, call(SYS_execveat, AT_FDCWD, (long)"/bin/true", 0))
TRY(trace, (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL))
TRY(trace_parent, (int)ptrace(PTRACE_SEIZE, getppid(), NULL, NULL))
TRY(look_into_parent, call(SYS_process_vm_readv, getppid(), 0, 0))
TRY(mount_tried, mount("none", rw, "tmpfs", 0, NULL))
TRY(unmount, umount2("/proc", MNT_DETACH))
TRY(other_root, chroot(rw))
TRY(user_namespace, call(SYS_unshare, CLONE_NEWUSER, 0, 0))
TRY(mount_namespace, call(SYS_unshare, CLONE_NEWNS, 0, 0))
TRY(enter_namespace, call(SYS_setns, 0, 0, 0))
TRY(ring, call(SYS_io_uring_setup, 1, 0, 0))
TRY(bpf, call(SYS_bpf, 0, 0, 0))
TRY(keys, call(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0))
TRY(perf, call(SYS_perf_event_open, 0, 0, 0))
TRY(fault_handler, call(SYS_userfaultfd, 0, 0, 0))
TRY(module, call(SYS_finit_module, 0, 0, 0))
TRY(kernel, call(SYS_kexec_load, 0, 0, 0))
TRY(root_again, call(SYS_setuid, 0, 0, 0))
TRY(root_file_rights, call(SYS_setfsuid, 0, 0, 0))
TRY(groups_again, call(SYS_setgroups, 0, 0, 0))
TRY(caps_again, call(SYS_capset, 0, 0, 0))
TRY(clock_set, call(SYS_settimeofday, 0, 0, 0))
TRY(device, call(SYS_mknodat, AT_FDCWD, (long)in(rw, "dev"), S_IFCHR))
TRY(by_handle, call(SYS_open_by_handle_at, 0, 0, 0))
TRY(another_filter, call(SYS_seccomp, 0, 0, 0))
TRY(start_again, call(SYS_reboot, 0, 0, 0))

/* Landlock's part, or both parts', and what only the filter of calls forbids. */
enum by { LANDLOCK, FILTER, ENDS };
static const struct {
	const char *name;
	int (*try)(void);
	enum by by;
} FORBIDDEN[] = {
#define ROW(name, by)                                                                  \
	{                                                                              \
#name, name, by                                                        \
	}
    ROW(read_outside, LANDLOCK),
    ROW(read_passwd, LANDLOCK),
    ROW(list_outside, LANDLOCK),
    ROW(make_outside, LANDLOCK),
    ROW(make_dir_outside, LANDLOCK),
    ROW(remove_outside, LANDLOCK),
    ROW(move_out, LANDLOCK),
    ROW(link_in, LANDLOCK),
    ROW(write_read_only, LANDLOCK),
    ROW(cut_read_only, LANDLOCK),
    ROW(make_read_only, LANDLOCK),
    ROW(symlink_in, LANDLOCK),
    ROW(own_memory, LANDLOCK),
    ROW(others_memory, LANDLOCK),
    ROW(set_user_id, FILTER),
    ROW(change_to_set_user_id, FILTER),
    ROW(terminal_input, FILTER),
    ROW(raw_socket, FILTER),
    ROW(packet_socket, FILTER),
    ROW(vsock_socket, FILTER),
    ROW(exec_page, FILTER),
    ROW(exec_map, FILTER),
    ROW(dump_again, FILTER),
    ROW(core_again, FILTER),
    ROW(new_process, FILTER),
    ROW(signal_parent, FILTER),
    ROW(watch_system, FILTER),
    ROW(hidden_file, FILTER),
    ROW(nice_others, FILTER),
    ROW(program, ENDS),
    ROW(program_by_fd, ENDS),
    ROW(trace, ENDS),
    ROW(trace_parent, ENDS),
    ROW(look_into_parent, ENDS),
    ROW(mount_tried, ENDS),
    ROW(unmount, ENDS),
    ROW(other_root, ENDS),
    ROW(user_namespace, ENDS),
    ROW(mount_namespace, ENDS),
    ROW(enter_namespace, ENDS),
    ROW(ring, ENDS),
    ROW(bpf, ENDS),
    ROW(keys, ENDS),
    ROW(perf, ENDS),
    ROW(fault_handler, ENDS),
    ROW(module, ENDS),
    ROW(kernel, ENDS),
    ROW(root_again, ENDS),
    ROW(root_file_rights, FILTER),
    ROW(groups_again, ENDS),
    ROW(caps_again, ENDS),
    ROW(clock_set, ENDS),
    ROW(device, ENDS),
    ROW(by_handle, ENDS),
    ROW(another_filter, ENDS),
    ROW(start_again, ENDS),
#undef ROW
};

static void wanted(enum how how, const char *name, int (*try)(void), int want)
{
	int got = outcome(how, try);

	if (got != want)
		fail_msg("%s: %d, not %d", name, got, want);
}

static void what_is_forbidden_fails(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(FORBIDDEN) / sizeof(*FORBIDDEN); i++) {
		if (FORBIDDEN[i].by == LANDLOCK ? real_abi < 3 : SANITIZED)
			continue;
		for (enum how how = PLAIN; how <= CONNECTS; how++)
			wanted(how, FORBIDDEN[i].name, FORBIDDEN[i].try,
			       FORBIDDEN[i].by == ENDS ? KILLED : DENIED);
	}
}

/* Without the guard the machine would let some of it: the tries themselves work. */
static void tries_would_work_outside(void **state)
{
	static int (*const tries[])(void) = {
	    read_outside, read_passwd,   list_outside,     write_read_only, exec_page,
	    exec_map,     wished_port,   other_port_tried, listen_tried,    unix_socket,
	    new_process,  signal_parent, hidden_file,      abstract_tried};

	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0)
			_exit(tries[i]());
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), DONE);
	}
}

static void network_is_what_was_wished_for(void **state)
{
	(void)state;
	wanted(CONNECTS, "wished port", wished_port, DONE);
	if (real_abi >= 4) {
		wanted(CONNECTS, "other port", other_port_tried, DENIED);
		wanted(CONNECTS, "listening", listen_tried, DENIED);
	}
	if (real_abi >= 6)
		wanted(CONNECTS, "abstract", abstract_tried, DENIED);
	if (SANITIZED)
		return;
	wanted(PLAIN, "any port", wished_port, DENIED);
	wanted(PLAIN, "udp", udp_socket, DENIED);
	wanted(PLAIN, "unix", unix_socket, DENIED);
	wanted(PLAIN, "listening", listen_tried, DENIED);
	wanted(CONNECTS, "udp", udp_socket, DONE); /* names are asked so */
}

/* ---- what a server does must go on */

static void *in_a_thread(void *arg)
{
	*(int *)arg = 7;
	return arg;
}

static int a_servers_life(void)
{
	char text[16] = "";
	int got = 0, fd = open(in(ro, "file"), O_RDONLY | O_CLOEXEC);
	pthread_t t;

	if (read(fd, text, 7) != 7 || memcmp(text, "read me", 7) != 0)
		return 2;
	fd = openat(AT_FDCWD, in(rw, ".next"), O_RDWR | O_CREAT | O_EXCL, 0600);
	if (write(fd, "x", 1) != 1 || fsync(fd) != 0 || fchmod(fd, 0644) != 0 ||
	    ftruncate(fd, 3) != 0 || rename(in(rw, ".next"), in(rw, "new")) != 0)
		return 3;
	if (unlink(in(rw, "new")) != 0)
		return 4;
	if (pthread_create(&t, NULL, in_a_thread, &got) != 0 ||
	    pthread_setname_np(pthread_self(), "guarded") != 0 ||
	    pthread_join(t, NULL) != 0 || got != 7)
		return 6;
	if (epoll_create1(0) < 0 || malloc(64U << 20) == NULL)
		return 7;
	return 0;
}

/* Within what may be changed; the first Landlock cannot allow it. */
static int move_between(void)
{
	int fd = openat(AT_FDCWD, in(rw, "new"), O_RDWR | O_CREAT | O_EXCL, 0600);
	int rc = DONE;

	if (fd < 0 || mkdir(in(rw, "a"), 0755) != 0)
		return 4;
	if (rename(in(rw, "new"), in(rw, "a/new")) != 0)
		rc = DENIED;
	if (unlink(in(rw, rc == DONE ? "a/new" : "new")) != 0 ||
	    rmdir(in(rw, "a")) != 0)
		return 5;
	return rc;
}

static void what_is_allowed_works(void **state)
{
	(void)state;
	assert_int_equal(outcome(PLAIN, a_servers_life), 0);
	assert_int_equal(outcome(CONNECTS, a_servers_life), 0);
	assert_int_equal(outcome(PLAIN, move_between), DONE);
}

static int resolve(void)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;

	return getaddrinfo("localhost", "http", &hints, &found) == 0 ? DONE : DENIED;
}

static void names_are_resolved_where_ports_are_wished_for(void **state)
{
	(void)state;
	assert_int_equal(outcome(CONNECTS, resolve), DONE);
}

/* ---- memory */

static int leave_core(void)
{
	abort();
}

static void no_core_is_left(void **state)
{
	struct saksi_why w = {""};
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		if (setrlimit(RLIMIT_CORE, &more) != 0 || chdir(rw) != 0)
			_exit(71);
		enter(PLAIN, &w);
		_exit(leave_core());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	if (!SANITIZED)
		assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_false(WCOREDUMP(status));
	assert_int_not_equal(access(in(rw, "core"), F_OK), 0);
}

/* Tries to read us from outside, as the same user without CAP_SYS_PTRACE. */
static int spy(pid_t on, uid_t as)
{
	char path[64];
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (setresgid(as, as, as) != 0 || setresuid(as, as, as) != 0)
			_exit(9);
		(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)on);
		_exit((open(path, O_RDONLY) >= 0 ? 1 : 0) |
		      (ptrace(PTRACE_SEIZE, on, NULL, NULL) == 0 ? 2 : 0));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static pid_t sleeper(bool guarded, uid_t as)
{
	struct saksi_why w = {""};
	int ready[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		if (guarded)
			enter(PLAIN, &w);
		else if (setresgid(as, as, as) != 0 || setresuid(as, as, as) != 0 ||
			 prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0)
			_exit(9);
		(void)!write(ready[1], "r", 1);
		(void)poll(NULL, 0, 20000);
		_exit(0);
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	(void)close(ready[0]);
	return pid;
}

static void end(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void nobody_reads_its_memory(void **state)
{
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(rw, STRANGER, STRANGER), 0);
	pid = sleeper(false, STRANGER);
	assert_int_equal(spy(pid, STRANGER), 3); /* the spy is a good one */
	end(pid);
	pid = sleeper(true, STRANGER);
	assert_int_equal(spy(pid, STRANGER), 0);
	end(pid);
	assert_int_equal(chown(rw, 0, 0), 0);
}

/* ---- who it runs as */

static int status_line(const char *name, char *line, size_t len)
{
	FILE *f = fopen("/proc/self/status", "r");
	size_t n = strlen(name);

	while (f != NULL && fgets(line, (int)len, f) != NULL)
		if (strncmp(line, name, n) == 0)
			return 0;
	return 1;
}

static int dead(const char *name)
{
	char line[256];

	if (status_line(name, line, sizeof(line)) != 0)
		return 1;
	return strspn(line + strlen(name), ":\t0\n") != strlen(line + strlen(name));
}

/* Entered with /proc to read, to look at itself. */
static int looked_at(uid_t want, const char *words)
{
	const char *const reads[] = {"/proc", NULL}, *const writes[] = {rw, NULL};
	struct saksi_guard_wish wish = {.folder = rw, .reads = reads, .writes = writes};
	struct saksi_why w = {""};
	uid_t r, e, s;
	gid_t groups[4];
	char line[256];

	if (saksi_guard_begin(rw, &w) != SAKSI_OK)
		return 2;
	if (want != 0) { /* what it makes before is its own already */
		struct stat st;
		int fd = open(in(rw, "made"), O_CREAT | O_WRONLY, 0600);

		if (fd < 0 || fstat(fd, &st) != 0 || st.st_uid != want ||
		    unlink(in(rw, "made")) != 0 ||
		    open(in(out, "secret"), O_WRONLY) >= 0)
			return 3;
	}
	if (saksi_guard_enter(&wish, &w) != SAKSI_OK || strstr(w.text, words) == NULL)
		return 4;
	if (getresuid(&r, &e, &s) != 0 || r != want || e != want || s != want ||
	    getegid() != want)
		return 5;
	if (want != 0 && (getgroups(4, groups) != 1 || groups[0] != want))
		return 6;
	if (dead("CapEff") || dead("CapPrm") || dead("CapInh") || dead("CapBnd") ||
	    dead("CapAmb"))
		return 7;
	if (status_line("NoNewPrivs", line, sizeof(line)) != 0 || line[12] != '1')
		return 8;
	if (!SANITIZED &&
	    (status_line("Seccomp:", line, sizeof(line)) != 0 || line[9] != '2'))
		return 9;
	return 0;
}

static int in_child(uid_t want, const char *words)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(looked_at(want, words));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void root_becomes_the_owner(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(in_child(0, "guarded as root without capabilities"), 0);
	assert_int_equal(chown(rw, STRANGER, STRANGER), 0);
	assert_int_equal(chmod(in(out, "secret"), 0600), 0);
	assert_int_equal(in_child(STRANGER, "guarded as uid 54321"), 0);
	assert_int_equal(chown(rw, STRANGER, 0), 0);
	assert_int_equal(in_child(STRANGER, ""), 2); /* a user without a group */
	assert_int_equal(chown(rw, 0, 0), 0);
}

/* ---- kernels that know less */

static int with_abi(int abi, const char *words)
{
	struct saksi_why w = {""};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		play_abi = abi;
		enter(PLAIN, &w);
		if (strstr(w.text, words) == NULL ||
		    (strstr(w.text, "not limited") == NULL) != (words[0] == '\0'))
			_exit(2);
		if (a_servers_life() != 0)
			_exit(3);
		if (abi > 0 && read_outside() != DENIED)
			_exit(4);
		if (move_between() != (abi == 1 ? DENIED : DONE))
			_exit(6);
		_exit(abi >= 3 && cut_read_only() != DENIED ? 5 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void an_older_landlock_is_used_and_said(void **state)
{
	(void)state;
	if (SANITIZED)
		skip(); /* then the line always says that something lacks */
	assert_int_equal(with_abi(0, "files, ports (no Landlock in this kernel)"), 0);
	for (int abi = 1; abi <= 7 && abi <= real_abi; abi++)
		assert_int_equal(
		    with_abi(abi, abi < 4 ? "ports (Landlock of this kernel" : ""), 0);
}

static int without_landlock(void)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
	struct saksi_why w = {""};

	if (f == NULL ||
	    seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS),
			     seccomp_syscall_resolve_name("landlock_create_ruleset"),
			     0) != 0 ||
	    seccomp_load(f) != 0)
		return 2;
	enter(PLAIN, &w);
	if (strstr(w.text, "not limited here: files, ports") == NULL)
		return 3;
	/* Files are then left to the owner's rights, all else holds. */
	if (read_passwd() != DONE)
		return 4;
	if (exec_page() != DENIED)
		return 5;
	if (wished_port() != DENIED)
		return 6;
	return a_servers_life();
}

static void a_kernel_without_landlock_is_used_and_said(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (SANITIZED)
		skip();
	pid = fork();
	if (pid == 0)
		_exit(without_landlock());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* ---- what it refuses */

static void *waiting(void *arg)
{
	(void)pause();
	return arg;
}

static int refusals(void)
{
	const char *const missing[] = {in(root, "none"), NULL};
	uint16_t ports[SAKSI_GUARD_PORTS + 1] = {0};
	struct saksi_guard_wish wish = {.folder = rw, .reads = missing};
	struct saksi_why w = {""};
	pthread_t t;

	if (saksi_guard_begin(in(root, "none"), &w) != SAKSI_MISSING && geteuid() == 0)
		return 2;
	if (real_abi > 0 && (saksi_guard_enter(&wish, &w) != SAKSI_MISSING ||
			     strstr(w.text, "none") == NULL))
		return 3;
	wish = (struct saksi_guard_wish){.ports = ports,
					 .port_count = SAKSI_GUARD_PORTS + 1};
	if (saksi_guard_enter(&wish, &w) != SAKSI_BADARG)
		return 4;
	if (pthread_create(&t, NULL, waiting, NULL) != 0)
		return 5;
	wish = (struct saksi_guard_wish){0};
	return saksi_guard_enter(&wish, &w) == SAKSI_BADARG &&
		       strstr(w.text, "threads") != NULL
		   ? 0
		   : 6;
}

static void what_cannot_be_held_is_refused(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(refusals());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tries_would_work_outside),
	    cmocka_unit_test(what_is_forbidden_fails),
	    cmocka_unit_test(network_is_what_was_wished_for),
	    cmocka_unit_test(what_is_allowed_works),
	    cmocka_unit_test(names_are_resolved_where_ports_are_wished_for),
	    cmocka_unit_test(no_core_is_left),
	    cmocka_unit_test(nobody_reads_its_memory),
	    cmocka_unit_test(root_becomes_the_owner),
	    cmocka_unit_test(an_older_landlock_is_used_and_said),
	    cmocka_unit_test(a_kernel_without_landlock_is_used_and_said),
	    cmocka_unit_test(what_cannot_be_held_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
