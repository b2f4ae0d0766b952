/* System calls, by libseccomp.  What is named nowhere here answers EPERM, which
 * libraries survive; what only an attacker calls ends the process. */
#include "guard/inside.h"

#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <netinet/in.h>
#include <unistd.h>

#define TYPE_MASK 0xfU /* of a socket's type, without flags */
#define SPECIAL_BITS ((scmp_datum_t)(S_ISUID | S_ISGID))

/* Names, for some machines lack some of these calls, and some headers others. */
static const char *const PLAIN[] = {
    /* open files */
    "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev",
    "preadv2", "pwritev2", "lseek", "_llseek", "close", "close_range", "dup", "dup2",
    "dup3", "fcntl", "fcntl64", "flock", "fsync", "fdatasync", "syncfs", "ftruncate",
    "ftruncate64", "fallocate", "fadvise64", "sync_file_range", "sendfile",
    "sendfile64", "copy_file_range", "splice", "fstat", "fstat64", "fstatfs",
    "fstatfs64", "getdents64", "fchown", "readahead",
    /* files by name: Landlock says which */
    "access", "faccessat", "faccessat2", "stat", "stat64", "lstat", "lstat64",
    "newfstatat", "fstatat64", "statx", "statfs", "statfs64", "readlink", "readlinkat",
    "getcwd", "mkdir", "mkdirat", "unlink", "unlinkat", "rmdir", "rename", "renameat",
    "renameat2", "link", "linkat", "utimensat", "umask",
    /* memory */
    "brk", "munmap", "mremap", "madvise", "msync", "mlock", "mlock2", "munlock",
    "membarrier",
    /* threads, signals, time */
    "futex", "futex_time64", "futex_waitv", "set_robust_list", "get_robust_list",
    "rseq", "set_tid_address", "sched_yield", "sched_getaffinity", "getcpu", "exit",
    "exit_group", "restart_syscall", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
    "rt_sigtimedwait", "rt_sigsuspend", "rt_sigpending", "sigaltstack", "sigreturn",
    "signalfd4", "clock_gettime", "clock_gettime64", "clock_getres", "clock_nanosleep",
    "nanosleep", "gettimeofday", "time", "times", "timerfd_create", "timerfd_settime",
    "timerfd_gettime",
    /* waiting */
    "poll", "ppoll", "select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl",
    "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd2", "pipe", "pipe2",
    /* asking about oneself */
    "getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid",
    "getgroups", "getresuid", "getresgid", "getrusage", "getrandom", "uname", "sysinfo",
    /* connections there are */
    "accept", "accept4", "sendto", "sendmsg", "sendmmsg", "recvfrom", "recvmsg",
    "recvmmsg", "shutdown", "getsockname", "getpeername", "getsockopt", NULL};

static const char *const KILLED[] = {"execve",
				     "execveat",
				     "fork",
				     "vfork",
				     "ptrace",
				     "process_vm_readv",
				     "process_vm_writev",
				     "process_madvise",
				     "pidfd_getfd",
				     "kcmp",
				     "mount",
				     "umount2",
				     "fsopen",
				     "fsmount",
				     "fsconfig",
				     "move_mount",
				     "open_tree",
				     "mount_setattr",
				     "pivot_root",
				     "chroot",
				     "unshare",
				     "setns",
				     "bpf",
				     "io_uring_setup",
				     "io_uring_enter",
				     "io_uring_register",
				     "keyctl",
				     "add_key",
				     "request_key",
				     "perf_event_open",
				     "userfaultfd",
				     "init_module",
				     "finit_module",
				     "delete_module",
				     "kexec_load",
				     "kexec_file_load",
				     "reboot",
				     "swapon",
				     "swapoff",
				     "setuid",
				     "setgid",
				     "setreuid",
				     "setregid",
				     "setresuid",
				     "setresgid",

				     "setgroups",
				     "capset",
				     "personality",
				     "seccomp",
				     "open_by_handle_at",
				     "name_to_handle_at",
				     "iopl",
				     "ioperm",
				     "settimeofday",
				     "clock_settime",
				     "adjtimex",
				     "clock_adjtime",
				     "sethostname",
				     "setdomainname",
				     "mknod",
				     "mknodat",
				     "acct",
				     "quotactl",
				     "syslog",

				     "modify_ldt",
				     NULL};

struct filter {
	scmp_filter_ctx ctx;
	int rc; /* the first refusal, negative errno */
};

static void rule(struct filter *f, uint32_t action, const char *name,
		 const struct scmp_arg_cmp *args, unsigned count)
{
	int nr = seccomp_syscall_resolve_name(name);

	/* Negative numbers are those of other machines. */
	if (f->rc == 0 && nr >= 0)
		f->rc = seccomp_rule_add_array(f->ctx, action, nr, count, args);
}

static void all(struct filter *f, uint32_t action, const char *const *names)
{
	for (; *names != NULL; names++)
		rule(f, action, *names, NULL, 0);
}

#define LET SCMP_ACT_ALLOW
#define IS(arg, value)                                                                 \
	((struct scmp_arg_cmp){(arg), SCMP_CMP_EQ, (scmp_datum_t)(value), 0})
#define MASKED(arg, mask, value)                                                       \
	SCMP_CMP64((arg), SCMP_CMP_MASKED_EQ, (scmp_datum_t)(mask),                    \
		   (scmp_datum_t)(value))

static void one(struct filter *f, const char *name, struct scmp_arg_cmp a)
{
	rule(f, LET, name, &a, 1);
}

/* Threads, no processes; nothing executable, but what is loaded to resolve names. */
static void memory_and_threads(struct filter *f, bool loads)
{
	const char *const maps[] = {"mmap", "mmap2"};

	one(f, "clone", MASKED(0, CLONE_VM | CLONE_THREAD, CLONE_VM | CLONE_THREAD));
	/* Its flags are in memory, where no filter sees them. */
	rule(f, SCMP_ACT_ERRNO(ENOSYS), "clone3", NULL, 0);
	for (size_t i = 0; i < 2; i++) {
		one(f, maps[i], MASKED(2, PROT_EXEC, 0));
		if (loads)
			one(f, maps[i], MASKED(2, PROT_WRITE | PROT_EXEC, PROT_EXEC));
	}
	one(f, "mprotect", MASKED(2, PROT_EXEC, 0));
	one(f, "prctl", IS(0, PR_SET_NAME));
	one(f, "tgkill", IS(0, getpid()));
	const struct scmp_arg_cmp asks[] = {IS(0, 0), IS(2, 0)};
	rule(f, LET, "prlimit64", asks, 2);
	rule(f, LET, "getrlimit", NULL, 0);
}

/* No file becomes another's identity: the bits set-user-ID and set-group-ID. */
static void files(struct filter *f)
{
	one(f, "open", MASKED(2, SPECIAL_BITS, 0));
	one(f, "openat", MASKED(3, SPECIAL_BITS, 0));
	one(f, "chmod", MASKED(1, SPECIAL_BITS, 0));
	one(f, "fchmod", MASKED(1, SPECIAL_BITS, 0));
	one(f, "fchmodat", MASKED(2, SPECIAL_BITS, 0));
	/* Its mode is in memory.  Only as root such a bit gives more than is there. */
	rule(f, geteuid() == 0 ? SCMP_ACT_ERRNO(ENOSYS) : LET, "openat2", NULL, 0);
	one(f, "ioctl", IS(1, FIONBIO));
	one(f, "ioctl", IS(1, FIONREAD));
	one(f, "ioctl", IS(1, TCGETS));
}

static void sockets(struct filter *f, bool connects)
{
	static const int levels[] = {SOL_SOCKET, IPPROTO_IP, IPPROTO_TCP, IPPROTO_IPV6};
	static const int families[] = {AF_INET, AF_INET6, AF_UNIX};
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM};

	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++)
		one(f, "setsockopt", IS(1, levels[i]));
	one(f, "socketpair", IS(0, AF_UNIX)); /* it leads nowhere else */
	if (!connects)
		return;
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		for (size_t k = 0; k < sizeof(types) / sizeof(*types); k++) {
			const struct scmp_arg_cmp a[] = {
			    IS(0, families[i]), MASKED(1, TYPE_MASK, types[k])};

			rule(f, LET, "socket", a, 2);
		}
	rule(f, LET, "connect", NULL, 0);
	/* The resolver asks which kinds of addresses the machine has. */
	const struct scmp_arg_cmp route[] = {IS(0, AF_NETLINK), IS(2, 0)};
	rule(f, LET, "socket", route, 2);
	rule(f, LET, "bind", NULL, 0); /* of that one; Landlock forbids TCP */
}

static int load(const struct saksi_guard_wish *wish)
{
	struct filter f = {seccomp_init(SCMP_ACT_ERRNO(EPERM)), 0};
	bool connects = wish->port_count > 0;

	if (f.ctx == NULL)
		return -ENOMEM;
	f.rc = seccomp_attr_set(f.ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	if (f.rc == 0)
		f.rc = seccomp_attr_set(f.ctx, SCMP_FLTATR_ACT_BADARCH,
					SCMP_ACT_KILL_PROCESS);
	/* As a tree: a call is found in a few steps, not after a hundred. */
	(void)seccomp_attr_set(f.ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	all(&f, LET, PLAIN);
	all(&f, SCMP_ACT_KILL_PROCESS, KILLED);
	memory_and_threads(&f, connects);
	files(&f);
	sockets(&f, connects);
	if (f.rc == 0)
		f.rc = seccomp_load(f.ctx);
	seccomp_release(f.ctx);
	return f.rc;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||             \
    __has_feature(memory_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

enum saksi_err saksi_guard_calls(const struct saksi_guard_wish *wish, bool *filtered,
				 struct saksi_why *w)
{
	int rc;

	*filtered = false;
	/* EINVAL: a kernel made without filters. */
	if (SANITIZED || (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0 && errno == EINVAL))
		return SAKSI_OK;
	rc = load(wish);
	if (rc == -EOPNOTSUPP) /* an old kernel, or valgrind in its place */
		return SAKSI_OK;
	if (rc != 0)
		return saksi_why_set(w, SAKSI_IO, "cannot filter system calls: %s",
				     strerror(-rc));
	*filtered = true;
	return SAKSI_OK;
}
