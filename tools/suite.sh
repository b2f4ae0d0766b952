#!/bin/bash
# Sourced by ./check and tools/slow.sh: runs suites, each with its output in a file
# of $logs, tells one line of each, and at the end their sum.

# suite NAME COMMAND...: runs it with its output in a log.  What it tells in a
# last line "N passed, N failed, N skipped" counts; else it is one test itself:
# exit 0 passed, 77 skipped (the last line says why), others failed.
suite() {
	local name=$1 log="$logs/$1" rc=0 from=$SECONDS line
	shift
	"$@" >"$log" 2>&1 </dev/null || rc=$?
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -1) || :
	case $line:$rc in
	:0) line='1 passed, 0 failed, 0 skipped' ;;
	:77) line='0 passed, 0 failed, 1 skipped' ;;
	:*) line='0 passed, 1 failed, 0 skipped' ;;
	*' 0 failed'*:0) ;;
	*' 0 failed'*) line=${line/ 0 failed/ 1 failed} ;;
	esac
	echo "$line" >"$log.count"
	if [[ $line != *' 0 failed'* ]]; then
		{ grep -E 'error:|warning:|FAIL|failed|^!|^\[ +ERROR|^\[ +LINE' "$log" |
			grep -v ' 0 failed' | head -40
			tail -15 "$log"; } | sed "s/^/    /" >&2 || :
		echo "    (all of it: $log)" >&2
	elif [[ $line == '0 passed'* ]]; then
		line="$line: $(tail -1 "$log")"
	fi
	printf '%-14s %s  (%d s)\n' "$name" "$line" $((SECONDS - from))
}

# The sum over all suites; false when one failed or nothing passed.
suites_sum() {
	cat "$logs"/*.count | awk '{ p += $1; f += $3; s += $5 }
		END { printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 || p == 0 }'
}
