#!/bin/sh
set -eu
cd "$(dirname "$0")/.."
exec cppcheck -q -j2 --std=c11 --language=c --error-exitcode=1 --inline-suppr \
	--enable=warning,performance,portability --suppress=missingIncludeSystem \
	--suppress=normalCheckLevelMaxBranches -D_GNU_SOURCE -DSAKSI_DATA_DIR=\"\" -Isrc -Iinclude src
