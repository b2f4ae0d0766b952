#!/bin/bash
# tools/fuzz.sh SECONDS [-j JOBS] [NAME...]: build every fuzz target (or those
# named) with sanitizers and run it that long, beginning from its corpus in
# tests/fuzz/corpus/NAME, JOBS of them at once.  A crash, a leak, more than 1 GiB
# or five seconds for one input fails the target; the input is kept and it is
# said how to see it again.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1 jobs=1
shift
if [ "${1:-}" = -j ]; then
	jobs=$2
	shift 2
fi
b=${B:-build-check-fuzz}
make -s -j2 CC=clang B="$b" CFLAGS='-O1 -g -fno-omit-frame-pointer' \
	EXTRA='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' fuzz
TMPDIR=$(mktemp -d "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")/fuzz.XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

one() { # NAME: one line, and the log's end when it failed
	local name=$1 rc=0 file
	mkdir -p "$b/work/$name"
	if ! [ -d "tests/fuzz/corpus/$name" ]; then
		echo "$name: FAILED: no seeds in tests/fuzz/corpus/$name"
		return 1
	fi
	rm -f "$b/found-$name-"*
	"$b/fuzz/${name}_fuzz" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 \
		-report_slow_units=2 -artifact_prefix="$b/found-$name-" "$b/work/$name" \
		"tests/fuzz/corpus/$name" >"$b/$name.log" 2>&1 || rc=$?
	if [ $rc -eq 0 ]; then
		echo "$name: $(grep '^Done' "$b/$name.log" || tail -1 "$b/$name.log")"
	else
		echo "$name: FAILED"
		tail -40 "$b/$name.log"
	fi
	for file in "$b/found-$name-"*; do
		[ -e "$file" ] || continue
		echo "  see it again: $b/fuzz/${name}_fuzz $file"
		echo "  keep it:      cp $file tests/fuzz/corpus/$name/"
	done
	return $rc
}

names=() passed=0 failed=0
for c in tests/fuzz/*_fuzz.c; do
	name=$(basename "$c" _fuzz.c)
	if [ $# -eq 0 ] || [[ " $* " == *" $name "* ]]; then names+=("$name"); fi
done
if [ ${#names[@]} -eq 0 ]; then
	echo "there is no fuzz target $*"
	exit 1
fi
ended() {
	if wait -n; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}
for name in "${names[@]}"; do
	if [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; then ended; fi
	one "$name" &
done
while [ $((passed + failed)) -lt ${#names[@]} ]; do ended; done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
