#!/bin/sh
# Run cmocka programs; close with one line: N passed, N failed, N skipped.
passed=0 failed=0 skipped=0
for t in "$@"; do
	out=$(CMOCKA_MESSAGE_OUTPUT=stdout "$t" 2>&1)
	rc=$?
	ok=$(printf '%s\n' "$out" | grep -c '^\[       OK \]')
	sk=$(printf '%s\n' "$out" | grep -E '^\[  SKIPPED \] [a-z_0-9]+$' | sort -u | wc -l)
	ko=$(printf '%s\n' "$out" | grep -E '^\[  FAILED  \] [a-z_0-9]+$' | sort -u | wc -l)
	[ $rc -ne 0 ] && [ "$ko" -eq 0 ] && ko=1
	[ "$ko" -ne 0 ] && printf '%s\n' "$out"
	[ $((ok + sk + ko)) -eq 0 ] && { echo "$t ran no test"; ko=1; }
	passed=$((passed + ok)) failed=$((failed + ko)) skipped=$((skipped + sk))
	printf '%-44s %3d passed %d failed %d skipped\n' "${t##*/unit/}" "$ok" "$ko" "$sk"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
