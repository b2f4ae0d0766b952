#!/bin/bash
# Is everything laid out as .clang-format says?  Other versions of the tool lay
# out differently: only version 14 (Debian 12) judges.
set -euo pipefail
cd "$(dirname "$0")/.."
tool=$(command -v clang-format-14 || command -v clang-format)
if ! "$tool" --version | grep -q 'version 14\.'; then
	echo "not judged: $("$tool" --version | head -1), and the layout is that of 14"
	exit 77
fi
files=(src/*/*.[ch] tests/unit/*/*.[ch])
for f in include/*.h tests/fuzz/*.c examples/*.c; do
	[ ! -e "$f" ] || files+=("$f")
done
"$tool" --dry-run -Werror "${files[@]}"
