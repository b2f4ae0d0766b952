/* A program that is not trusted, run within limits and ended for sure. */
#ifndef SAKSI_ENGINE_CHILD_H
#define SAKSI_ENGINE_CHILD_H

#include <signal.h>

#include "base/err.h"

struct saksi_child_limits {
	uint64_t memory;    /* bytes of address space, each process */
	uint64_t file;      /* bytes of the largest file it may write */
	uint32_t cpu_s;     /* of each process */
	uint32_t wall_ms;   /* of all of it */
	uint32_t processes; /* of this user, all in all; root is above this limit */
};

struct saksi_child {
	const char *program;     /* absolute; PATH is never searched */
	const char *const *argv; /* NULL at the end */
	const char *dir;         /* its folder, home and place for temporary files */
	struct saksi_child_limits limits;
	sigset_t signals; /* the mask it gets: of saksi_child_hold */
};

enum saksi_child_end {
	SAKSI_CHILD_EXITED,   /* `code` is its exit code */
	SAKSI_CHILD_KILLED,   /* `code` is the signal */
	SAKSI_CHILD_TIMEOUT,  /* ended by us */
	SAKSI_CHILD_STOPPED,  /* we are to end ourselves; told on _release */
	SAKSI_CHILD_UNBOUND,  /* the limits could not be set here, so it never ran */
	SAKSI_CHILD_UNSTARTED /* no such program, or no process for it */
};
struct saksi_child_outcome {
	enum saksi_child_end end;
	int code;
};

/* Holds back the signals that would end this process, from before something is
 * made that must be taken away again until after; *before is the mask to go back
 * to.  A signal that came meanwhile does its work on release. */
void saksi_child_hold(sigset_t *before);
void saksi_child_release(const sigset_t *before);

/* Runs it to its end, or to ours.  Between hold and release.
 *
 * It gets no descriptor, an environment of four fixed variables, no output, no
 * new privileges, no internet (seccomp, not a network namespace: an empty one has
 * settings of its own, and they would be judged instead of this machine's), no
 * second root, and cannot leave its process group.  That group is dead when this
 * comes back.  As privileged as we are in all else: it must read what we read.
 * Test: tests/unit/engine/child_test.c */
void saksi_child_run(const struct saksi_child *c, struct saksi_child_outcome *out);

#endif
