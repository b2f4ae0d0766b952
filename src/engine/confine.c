#include "engine/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Without a name for this machine's calls no filter can be written. */
#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#else
#define ARCH 0U
#endif
#define X32 0x40000000U /* the bit of a second set of numbers, on x86-64 */

/* Leaving the process group, which is how it is ended; another root, which is how
 * a scanner is made to run the suspect's programs; looking into us; sockets made
 * behind the filter's back. */
static const unsigned DENIED[] = {
    SYS_setsid,         SYS_setpgid,     SYS_chroot,           SYS_pivot_root,
    SYS_mount,          SYS_umount2,     SYS_unshare,          SYS_setns,
    SYS_ptrace,         SYS_bpf,         SYS_process_vm_readv, SYS_process_vm_writev,
    SYS_reboot,         SYS_init_module, SYS_finit_module,     SYS_kexec_load,
    SYS_io_uring_setup, SYS_pidfd_getfd,
};
#define DENIED_COUNT (sizeof(DENIED) / sizeof(*DENIED))

#define LOAD(field)                                                                    \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))
#define ANSWER(what) BPF_STMT(BPF_RET | BPF_K, (what))
/* oscap gives up all work when it gets no socket to ask names of interfaces with.
 * So it gets one, but not of the internet: descriptor 0 is a local datagram socket
 * that nobody is at the other end of, and cannot be closed. */
#define GIVE_0 ANSWER(SECCOMP_RET_ERRNO)
#define DENY ANSWER(SECCOMP_RET_ERRNO | EPERM)

static bool filter(void)
{
	const struct sock_filter head[] = {
	    LOAD(arch),
	    EQUAL(ARCH, 1, 0),
	    DENY,
	    LOAD(nr),
	    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1),
	    DENY};
	const struct sock_filter tail[] = {
	    EQUAL(SYS_close, 0, 4),
	    LOAD(args[0]), /* its low half: every machine above is little-endian */
	    EQUAL(0, 0, 1),
	    GIVE_0,
	    ANSWER(SECCOMP_RET_ALLOW),
	    EQUAL(SYS_socket, 0, 9),
	    LOAD(args[0]),
	    EQUAL(AF_UNIX, 7, 0),
	    EQUAL(AF_NETLINK, 6, 0),
	    EQUAL(AF_INET, 0, 4),
	    LOAD(args[1]),
	    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf), /* without flags */
	    EQUAL(SOCK_DGRAM, 0, 1),
	    GIVE_0,
	    DENY,
	    ANSWER(SECCOMP_RET_ALLOW)};
	struct sock_filter code[sizeof(head) / sizeof(*head) + 2 * DENIED_COUNT +
				sizeof(tail) / sizeof(*tail)];
	struct sock_fprog program = {0, code};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(head) / sizeof(*head); i++)
		code[n++] = head[i];
	for (size_t i = 0; i < DENIED_COUNT; i++) {
		code[n++] = (struct sock_filter)EQUAL(DENIED[i], 0, 1);
		code[n++] = (struct sock_filter)DENY;
	}
	for (size_t i = 0; i < sizeof(tail) / sizeof(*tail); i++)
		code[n++] = tail[i];
	program.len = (unsigned short)n;
	return ARCH != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* A limit that is lower already stays. */
static bool limit(__rlimit_resource_t what, uint64_t to)
{
	struct rlimit r;

	if (getrlimit(what, &r) != 0)
		return false;
	if (r.rlim_max == RLIM_INFINITY || r.rlim_max > to)
		r.rlim_max = (rlim_t)to;
	if (r.rlim_cur == RLIM_INFINITY || r.rlim_cur > r.rlim_max)
		r.rlim_cur = r.rlim_max;
	return setrlimit(what, &r) == 0;
}

static bool no_descriptors(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC),
	    local = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	/* Read as input it is at its end. */
	if (null < 0 || local < 0 || shutdown(local, SHUT_RD) != 0 ||
	    dup2(local, 0) != 0 || dup2(null, 1) != 1 || dup2(null, 2) != 2)
		return false;
	/* Ours are closed by exec anyway; this is for those of libraries. */
	return close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

static bool no_handlers(const sigset_t *signals)
{
	/* What is ignored stays so through exec; the rest goes back by itself. */
	for (int s = 1; s < 32; s++)
		if (s != SIGKILL && s != SIGSTOP && signal(s, SIG_DFL) == SIG_ERR)
			return false;
	return sigprocmask(SIG_SETMASK, signals, NULL) == 0;
}

bool saksi_confine(const struct saksi_child *c)
{
	const struct saksi_child_limits *l = &c->limits;

	return no_descriptors() && no_handlers(&c->signals) && chdir(c->dir) == 0 &&
	       limit(RLIMIT_AS, l->memory) && limit(RLIMIT_FSIZE, l->file) &&
	       limit(RLIMIT_CPU, l->cpu_s) && limit(RLIMIT_NPROC, l->processes) &&
	       limit(RLIMIT_CORE, 0) && filter();
}
