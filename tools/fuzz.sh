#!/bin/bash
# tools/fuzz.sh SECONDS [NAME...]: build every fuzz target with sanitizers and
# run it that long, beginning from its corpus in tests/fuzz/corpus/NAME.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1
shift
b=build-check-fuzz
make -s -j2 CC=clang B=$b CFLAGS='-O1 -g -fno-omit-frame-pointer' \
	EXTRA='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' fuzz
passed=0 failed=0
for c in tests/fuzz/*_fuzz.c; do
	[ -e "$c" ] || continue
	name=$(basename "$c" _fuzz.c)
	if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then continue; fi
	work=$b/work/$name
	mkdir -p "$work"
	seeds=()
	if [ -d "tests/fuzz/corpus/$name" ]; then seeds=("tests/fuzz/corpus/$name"); fi
	if "$b/fuzz/${name}_fuzz" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
		-artifact_prefix="$b/crash-$name-" "$work" "${seeds[@]}" >"$b/$name.log" 2>&1; then
		passed=$((passed + 1))
		echo "$name: $(grep '^Done' "$b/$name.log" || tail -1 "$b/$name.log")"
	else
		failed=$((failed + 1))
		echo "$name: FAILED"
		tail -40 "$b/$name.log"
	fi
done
if [ $((passed + failed)) -eq 0 ]; then
	echo 'no fuzz target is here'
	exit 77
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
