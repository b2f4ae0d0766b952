#!/bin/sh
# internalAstError: version 2.10 cannot read compound literals in a ternary.
# queue.c: each who waits links his own job, and leaves only when it is done.
set -eu
cd "$(dirname "$0")/.."
exec cppcheck -q -j2 --std=c11 --language=c --error-exitcode=1 --inline-suppr \
	--enable=warning,performance,portability --suppress=missingIncludeSystem \
	--suppress=internalAstError --suppress=autoVariables:src/log/queue.c \
	--suppress=normalCheckLevelMaxBranches -D_GNU_SOURCE -Isrc -Iinclude src
