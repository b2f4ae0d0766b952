#!/bin/sh
# Run cmocka programs; close with one line: N passed, N failed, N skipped.
# cmocka tells each failed or skipped test twice, once in a list at the end.
told() {
	printf '%s\n' "$out" | grep "^\[  $1 \] " | grep -v 'test(s), listed below' |
		sort -u | wc -l
}
passed=0 failed=0 skipped=0
for t in "$@"; do
	out=$(CMOCKA_MESSAGE_OUTPUT=stdout "$t" 2>&1)
	rc=$?
	ok=$(printf '%s\n' "$out" | grep -c '^\[       OK \]')
	sk=$(told SKIPPED) ko=$(told 'FAILED ')
	[ $rc -ne 0 ] && [ "$ko" -eq 0 ] && ko=1
	[ $((ok + sk + ko)) -eq 0 ] && { echo "$t ran no test"; ko=1; }
	[ "$ko" -ne 0 ] && printf '%s\n' "$out"
	passed=$((passed + ok)) failed=$((failed + ko)) skipped=$((skipped + sk))
	printf '%-44s %3d passed %d failed %d skipped\n' "${t##*/unit/}" "$ok" "$ko" "$sk"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
