/* rooms: cmd */
/* A whole trust folder: policy, roots, limits and receipt keys, parted by the byte
 * 0x1c.  What it is refused for is said with the file and never half taken. */
#include "cmd/trust.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[256];

static void end(void)
{
	static const char *const names[] = {"policy", "roots", "limits", "receipt"};
	char path[300];

	for (size_t i = 0; i < 4; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(folder);
}

static void begin(void)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(folder, sizeof(folder), "%s/fuzz-trust-XXXXXX",
		       tmp ? tmp : "/tmp");
	if (!mkdtemp(folder) || atexit(end) != 0)
		abort();
}

/* What is said goes nowhere; sanitizers and the fuzzer have stderr of their own. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	stderr = fopen("/dev/null", "w");
	return stderr != NULL ? 0 : -1;
}

static void put(const char *name, struct saksi_bytes content, bool there)
{
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (!there) {
		(void)unlink(path);
		return;
	}
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, content.at, content.len) != (ssize_t)content.len)
		abort();
	(void)close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"policy", "roots", "limits", "receipt"};
	static const struct saksi_trust none;
	struct saksi_bytes left = {data, size};
	struct saksi_trust t;
	bool there = true;

	if (folder[0] == '\0')
		begin();
	for (size_t i = 0; i < 4; i++) {
		const uint8_t *mark =
		    left.len > 0 ? memchr(left.at, 0x1c, left.len) : NULL;
		const size_t len = mark ? (size_t)(mark - left.at) : left.len;

		put(names[i], (struct saksi_bytes){left.at, len}, there);
		there = mark != NULL;
		left = there ? (struct saksi_bytes){mark + 1, left.len - len - 1}
			     : (struct saksi_bytes){left.at, 0};
	}
	const int rc = saksi_trust_open(folder, &t, NULL);
	if (rc != SAKSI_EXIT_HOLDS) {
		if (rc != SAKSI_EXIT_UNKNOWN || memcmp(&t, &none, sizeof(t)) != 0)
			abort();
		return 0;
	}
	if (t.receipt_count > SAKSI_RECEIPT_KEYS || t.limits.freshness_s < 0)
		abort();
	saksi_trust_end(&t);
	return 0;
}
