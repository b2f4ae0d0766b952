#!/bin/bash
# clang-tidy over every source file that has changed since it last passed.
set -euo pipefail
cd "$(dirname "$0")/.."
tool=$(command -v clang-tidy-14 || command -v clang-tidy)
if ! "$tool" --version | grep -q 'version 14\.'; then
	echo 'not judged: .clang-tidy is written for clang-tidy 14 (Debian 12)'
	exit 77
fi
export tool
stamps=build-check/tidy
mkdir -p $stamps
# What a file depends on, in one number: itself, every header, the settings.
world=$(cat .clang-tidy src/*/*.h include/*.h 2>/dev/null | sha256sum | cut -c1-16)
todo=() names=()
for f in src/*/*.c; do
	stamp=$stamps/$(cat "$f" - <<<"$world$f" | sha256sum | cut -c1-32)
	if [ ! -e "$stamp" ]; then todo+=("$f" "$stamp"); fi
	names+=("$f")
done
one() {
	"$tool" --quiet "$1" -- -std=c17 -Isrc -Iinclude -D_GNU_SOURCE 2>&1 |
		grep -vE '^[0-9]+ warnings? generated' || :
	if [ "${PIPESTATUS[0]}" -eq 0 ]; then : >"$2"; else echo "FAIL $1"; fi
}
export -f one
if [ ${#todo[@]} -gt 0 ]; then
	printf '%s\0' "${todo[@]}" | xargs -0 -n2 -P2 bash -c 'one "$@"' _ >$stamps.out
else
	: >$stamps.out
fi
cat $stamps.out
failed=$(grep -c '^FAIL ' $stamps.out) || :
echo "$((${#names[@]} - failed)) passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
