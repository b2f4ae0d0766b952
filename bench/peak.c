/* rooms: base
 *
 * peak COMMAND...: runs it, then writes "peak KIB user S system S exit N" to
 * standard error.  Its own exit is that of the command. */
#include "bench.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double of(struct timeval t)
{
	return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

int main(int argc, char **argv)
{
	struct rusage u;
	int status, code;
	pid_t child;

	if (argc < 2)
		bench_fail("usage: peak COMMAND...");
	child = fork();
	if (child == 0) {
		(void)execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &u) != child)
		bench_fail("cannot run it");
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	(void)fprintf(stderr, "peak %ld user %.2f system %.2f exit %d\n", u.ru_maxrss,
		      of(u.ru_utime), of(u.ru_stime), code);
	return code;
}
