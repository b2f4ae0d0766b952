/* Check a proof file offline: cc check.c $(pkg-config --cflags --libs saksi) */
#include <saksi.h>
#include <stdio.h>
#include <stdlib.h>

/* The whole file, or the end: a file that cannot be read is never an answer. */
static size_t slurp(const char *path, char *at, size_t room)
{
	FILE *f = fopen(path, "rb");
	size_t n = f != NULL ? fread(at, 1, room, f) : 0;

	if (f == NULL || ferror(f) || n == room) {
		fprintf(stderr, "%s: cannot be read, or is too large\n", path);
		exit(SAKSI_CANNOT_TELL);
	}
	fclose(f);
	return n;
}

int main(int argc, char *argv[])
{
	static char policy[65536], roots[65536], proof[1 << 20];
	struct saksi_result r;
	char why[256];

	if (argc != 4)
		return fprintf(stderr, "usage: check POLICY ROOTS PROOF\n"), 2;
	size_t p = slurp(argv[1], policy, sizeof(policy));
	size_t k = slurp(argv[2], roots, sizeof(roots));
	size_t n = slurp(argv[3], proof, sizeof(proof));
	struct saksi_checker *c = saksi_checker_new(policy, p, roots, k, why);

	if (c == NULL)
		return fprintf(stderr, "%s\n", why), SAKSI_CANNOT_TELL;
	saksi_checker_proof(c, proof, n, NULL, 0, &r);
	if (r.answer == SAKSI_IT_HOLDS)
		printf("holds: entry %llu of %s, %s by %s\n",
		       (unsigned long long)r.index, r.origin, r.kind, r.author);
	else
		printf("answer %d: %s\n", (int)r.answer, r.why);
	saksi_checker_free(c);
	return (int)r.answer;
}
