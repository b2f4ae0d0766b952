#!/bin/bash
# Run the outside judges.  Each script prints lines
#   judge NAME: passed|failed|not run (reason)
# A judge that is not run is skipped, never passed.
set -euo pipefail
cd "$(dirname "$0")/.."
passed=0 failed=0 skipped=0
for j in tests/judge/*.sh; do
	[ -e "$j" ] || continue
	rc=0
	out=$(timeout 900 bash "$j" 2>&1 </dev/null) || rc=$?
	p=$(grep -c '^judge .*: passed$' <<<"$out") || :
	f=$(grep -c '^judge .*: failed' <<<"$out") || :
	s=$(grep -c '^judge .*: not run (' <<<"$out") || :
	if [ $((p + f + s)) -eq 0 ] || { [ $rc -ne 0 ] && [ "$f" -eq 0 ]; }; then
		echo "judge ${j##*/}: failed, exit $rc"
		f=$((f + 1))
	fi
	if [ "$f" -ne 0 ]; then printf '%s\n' "$out"; else grep '^judge ' <<<"$out"; fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
if [ $((passed + failed + skipped)) -eq 0 ]; then
	echo 'no judge is here'
	exit 77
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
