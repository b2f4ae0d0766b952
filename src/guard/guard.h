/* What a server gives up before it talks to strangers: what an attacker who took it
 * over then cannot do.
 *
 *   own user        started as root, it becomes the owner of the folder it serves, for
 *                   good; where that is root, it keeps no capability instead
 *   files           only below the paths it wished for (Landlock)
 *   network         TCP only to the ports it wished for, no new listening socket
 *                   (Landlock ABI 4, and seccomp), no socket at all without a wish
 *   system calls    a list of those it needs; others answer EPERM, and those which only
 *                   an attacker makes (another program, other namespaces, looking into
 *                   processes, another user, kernel modules, ...) end it
 *   memory          nothing is made executable any more; no core dump, and no other
 *                   process without CAP_SYS_PTRACE reads it
 *
 * What is handed in open (sockets, files, databases) stays usable.  Only the calling
 * thread is bound by Landlock and capabilities, with all threads made after: so both
 * calls come before the first thread, and the second refuses to be later.
 * docs/SECURITY-OF-SERVERS.md says it for people.
 * Test: tests/unit/guard/guard_test.c, tests/cli/guard_test.sh */
#ifndef SAKSI_GUARD_GUARD_H
#define SAKSI_GUARD_GUARD_H

#include "base/err.h"

/* Before any secret is read.  No core dump and no look into this process from now on.
 * Started as root with a folder of somebody else's: files are opened and made as that
 * owner from here, while ports below 1024 can still be taken and a secret of root be
 * read (saksi_file_read_secret).  folder NULL: nobody to become.
 * MISSING, IO with why; then nothing is promised, and the server must not go on. */
SAKSI_MUST enum saksi_err saksi_guard_begin(const char *folder, struct saksi_why *w);

#define SAKSI_GUARD_PORTS 512

/* NULL-terminated lists of files and folders; they must be there, and a link among
 * them stands for what it points to. */
struct saksi_guard_wish {
	const char *folder;        /* whose owner it becomes, as in saksi_guard_begin */
	const char *const *reads;  /* files and folders to read; NULL: none */
	const char *const *writes; /* to read, make, change and remove below */
	const uint16_t *ports; /* TCP ports to connect to, SAKSI_GUARD_PORTS at most */
	size_t port_count;     /* 0: no connection to anywhere */
};

/* When sockets, keys and databases are open, and before threads.  After OK:
 *
 *   - the lists above are all that can be opened, and where ports are wished for what
 *     the libraries read to connect (names of hosts, certificates), with port 53
 *   - w->text is one line for the operator: who it runs as, and what this kernel cannot
 *     enforce and so is not ("Landlock", "TCP ports", ...)
 *
 *   BADARG   threads are running, or too many ports
 *   MISSING  a path in the lists is not there
 *   IO       a right could not be given up although the kernel knows how
 *
 * After another answer some rights are given up and others are not: end the process.
 * A build with a sanitizer, whose own calls no list could foresee, gets no filter of
 * system calls, and the line says so.
 * Cost: about a millisecond, once. */
SAKSI_MUST enum saksi_err saksi_guard_enter(const struct saksi_guard_wish *wish,
					    struct saksi_why *w);

#endif
