/* 1. The child leads a process group of its own before it runs anything, and
 *    cannot leave it (confine.c).
 * 2. Its number is ours until it is reaped, so its group is killed before that:
 *    the number cannot have become another's.
 * 3. Ended by us or by itself: the group is killed on every path. */
#include "engine/child.h"
#include "engine/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const int ENDING[] = {SIGINT, SIGTERM, SIGHUP};
#define ENDING_COUNT (sizeof(ENDING) / sizeof(*ENDING))

static void ending_signals(sigset_t *set)
{
	struct sigaction now;

	(void)sigemptyset(set);
	(void)sigaddset(set, SIGCHLD);
	for (size_t i = 0; i < ENDING_COUNT; i++)
		if (sigaction(ENDING[i], NULL, &now) == 0 &&
		    now.sa_handler != SIG_IGN) /* as under nohup */
			(void)sigaddset(set, ENDING[i]);
}

void saksi_child_hold(sigset_t *before)
{
	sigset_t set;

	ending_signals(&set);
	(void)pthread_sigmask(SIG_BLOCK, &set, before);
}

void saksi_child_release(const sigset_t *before)
{
	(void)pthread_sigmask(SIG_SETMASK, before, NULL);
}

/* execve changes neither, but its type does not say so. */
static char *const *unconst(const char *const *list)
{
	char *const *out;

	memcpy(&out, &list, sizeof(out));
	return out;
}

_Noreturn static void become(const struct saksi_child *c, const char *home,
			     const char *tmp, int report, pid_t parent)
{
	const char *env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
			     home, tmp, NULL};
	char why = 'u';

	if (setpgid(0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
	    getppid() == parent && saksi_confine(c)) {
		(void)execve(c->program, unconst(c->argv), unconst(env));
		why = 's';
	}
	(void)!write(report, &why, 1);
	_exit(127);
}

static int64_t now_ms(void)
{
	struct timespec t = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* It has exited and is not reaped yet. */
static bool has_exited(pid_t pid)
{
	siginfo_t info = {.si_pid = 0};

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
	       info.si_pid == pid;
}

static void wait_for(pid_t pid, uint32_t wall_ms, struct saksi_child_outcome *out)
{
	const int64_t until = now_ms() + wall_ms;
	sigset_t set;

	ending_signals(&set);
	while (!has_exited(pid)) {
		int64_t left = until - now_ms();
		struct timespec t;
		int got;

		if (left <= 0) {
			out->end = SAKSI_CHILD_TIMEOUT;
			return;
		}
		/* Somebody else's SIGCHLD may have swallowed ours: look again. */
		left = left < 500 ? left : 500;
		t = (struct timespec){left / 1000, left % 1000 * 1000000};
		got = sigtimedwait(&set, NULL, &t);
		if (got > 0 && got != SIGCHLD) {
			(void)raise(got); /* pending again, until release */
			out->end = SAKSI_CHILD_STOPPED;
			return;
		}
	}
}

static void reap(pid_t pid, struct saksi_child_outcome *out)
{
	int status = 0;

	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL); /* in case it has not made its group yet */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (out->end != SAKSI_CHILD_EXITED)
		return;
	out->code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
	if (!WIFEXITED(status))
		out->end = SAKSI_CHILD_KILLED;
}

void saksi_child_run(const struct saksi_child *c, struct saksi_child_outcome *out)
{
	char home[300], tmp[300], why = 0;
	const pid_t self = getpid();
	int report[2];
	pid_t pid = -1;

	*out = (struct saksi_child_outcome){SAKSI_CHILD_UNSTARTED, 0};
	if (c->program[0] != '/' || strlen(c->dir) > 256 ||
	    pipe2(report, O_CLOEXEC) != 0)
		return;
	(void)snprintf(home, sizeof(home), "HOME=%s", c->dir);
	(void)snprintf(tmp, sizeof(tmp), "TMPDIR=%s", c->dir);
	pid = fork();
	if (pid == 0)
		become(c, home, tmp, report[1], self);
	(void)close(report[1]);
	if (pid > 0) {
		out->end = SAKSI_CHILD_EXITED;
		(void)setpgid(pid, pid); /* whoever of us comes first */
		wait_for(pid, c->limits.wall_ms, out);
		reap(pid, out);
		if (read(report[0], &why, 1) == 1)
			out->end =
			    why == 's' ? SAKSI_CHILD_UNSTARTED : SAKSI_CHILD_UNBOUND;
	}
	(void)close(report[0]);
}
