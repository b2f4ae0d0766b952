#!/bin/bash
# Run test scripts one after the other; each closes with its own line, and this
# with one: N passed, N failed, N skipped.
set -euo pipefail
passed=0 failed=0 skipped=0
for t; do
	rc=0
	out=$(timeout 600 bash "$t" 2>&1 </dev/null) || rc=$?
	line=$(printf '%s\n' "$out" | tail -1)
	if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
		p=${BASH_REMATCH[1]} f=${BASH_REMATCH[2]} s=${BASH_REMATCH[3]}
		if [ $rc -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
		if [ $((p + f + s)) -eq 0 ]; then f=1; fi
	else
		p=0 f=1 s=0
	fi
	if [ "$f" -ne 0 ]; then printf '%s\n' "$out"; fi
	printf '%-30s %3d passed %d failed %d skipped\n' "${t#tests/}" "$p" "$f" "$s"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
