#!/bin/bash
# tools/fault.sh [--quick] [NAME...]: the fault suites of tests/fault (all, or
# kill liars ...), each a program that prints what it did; one line a suite, then
# one line: N passed, N failed, N skipped.  SAKSI is the program they torment.
#   --quick   a short form of each, about a minute in all
set -euo pipefail
cd "$(dirname "$0")/.."
quick='' names=()
for a; do
	case $a in
	--quick) quick=$a ;;
	-*)
		echo "tools/fault.sh: there is no option '$a'; is it --quick?" >&2
		exit 2
		;;
	*) names+=("$a") ;;
	esac
done
if [ ${#names[@]} -eq 0 ]; then
	for f in tests/fault/*.py; do
		if [ "$f" != tests/fault/world.py ]; then names+=("$(basename "$f" .py)"); fi
	done
fi
SAKSI=$(realpath "${SAKSI:-bin/saksi}")
export SAKSI PYTHONDONTWRITEBYTECODE=1
passed=0 failed=0 skipped=0
for n in "${names[@]}"; do
	rc=0 from=$SECONDS
	out=$(timeout 1800 python3 "tests/fault/$n.py" $quick 2>&1 </dev/null) || rc=$?
	line=$(tail -1 <<<"$out")
	if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
		p=${BASH_REMATCH[1]} f=${BASH_REMATCH[2]} s=${BASH_REMATCH[3]}
		if [ $rc -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
		if [ $((p + f + s)) -eq 0 ]; then f=1; fi
	else
		p=0 f=1 s=0
		out+=$'\n'"exit $rc, no closing line"
	fi
	head -n -1 <<<"$out" | sed 's/^/  /'
	printf '%-8s %3d passed %d failed %d skipped  (%d s)\n' "$n" "$p" "$f" "$s" \
		$((SECONDS - from))
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
