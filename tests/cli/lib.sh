# Tests that read like a terminal.  A script sources this, calls `transcript`
# with lines on stdin, and ends with `finish`:
#
#   # why the next call is made; starts a new case
#   $ saksi key show a.key          a command, run by bash in an empty folder
#   type   witness                  each line of stdout; * stands for anything
#   ...                             any number of lines
#   ! saksi key show: *             each line of stderr
#   ? 3                             the exit code; 0 where not said
#
# A command may go on in further lines that begin with "> ".  Each $ is one
# test.  SAKSI is the program; SAKSI_UNDER a command that runs it (valgrind).
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C.UTF-8 TZ=UTC

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
SAKSI=$(realpath "${SAKSI:-$here/bin/saksi}")
work=$(mktemp -d)
passed=0 failed=0 skipped=0 pids=()

mkdir "$work/bin" "$work/at"
cat >"$work/bin/saksi" <<-END
	#!/bin/sh
	exec ${SAKSI_UNDER:-} $SAKSI "\$@"
END
chmod +x "$work/bin/saksi"
export PATH=$work/bin:$PATH
cd "$work/at"
umask 022

end() {
	local p
	for p in "${pids[@]}"; do kill "$p" 2>/dev/null || :; done
	for p in "${pids[@]}"; do wait "$p" 2>/dev/null || :; done
	cd /
	rm -rf "$work"
}
trap end EXIT
trap 'exit 1' HUP INT TERM

# start FILE COMMAND...: in the background until the script ends, its output in
# FILE; returns once FILE holds a line, fails when none comes in 10 s.  $! is it.
start() {
	local file=$1 i
	shift
	"$@" >"$file" 2>&1 </dev/null &
	pids+=($!)
	for ((i = 0; i < 200; i++)); do
		if [ -s "$file" ]; then return 0; fi
		if ! kill -0 "${pids[-1]}" 2>/dev/null; then break; fi
		sleep 0.05
	done
	echo "$* did not begin:"
	cat "$file"
	failed=$((failed + 1))
	return 1
}

# Does the text in file $1 match the patterns in array $2 (by name)?
matches() {
	local -n wanted=$2
	local -a have
	mapfile -t have <"$1"
	match_from 0 0
}
match_from() { # uses have, wanted
	local i=$1 j=$2
	while ((j < ${#wanted[@]})); do
		if [ "${wanted[j]}" = ... ]; then
			while ((i <= ${#have[@]})); do
				if match_from "$i" $((j + 1)); then return 0; fi
				i=$((i + 1))
			done
			return 1
		fi
		if ((i >= ${#have[@]})) || ! like "${have[i]}" "${wanted[j]}"; then return 1; fi
		i=$((i + 1)) j=$((j + 1))
	done
	((i == ${#have[@]}))
}
like() { # * alone is special
	local pattern=${2//\\/\\\\}
	pattern=${pattern//\?/\\?}
	pattern=${pattern//\[/\\[}
	# shellcheck disable=SC2053 # a pattern on purpose
	[[ $1 == $pattern ]]
}

judge_case() { # uses what transcript read
	local rc=0 bad=
	if [ -z "$command" ]; then return 0; fi
	bash -c "$command" >"$work/out" 2>"$work/err" </dev/null || rc=$?
	matches "$work/out" out_wanted || bad+=' stdout'
	matches "$work/err" err_wanted || bad+=' stderr'
	[ "$rc" -eq "$exit_wanted" ] || bad+=" exit($rc, not $exit_wanted)"
	if [ -z "$bad" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf '! other than expected:%s\n  $ %s\n' "$bad" "$command"
		sed 's/^/  /' "$work/out"
		sed 's/^/  ! /' "$work/err"
		echo "  ? $rc"
	fi
	command=
}

transcript() {
	local line command='' exit_wanted=0
	local -a out_wanted=() err_wanted=()
	while IFS= read -r line || [ -n "$line" ]; do
		case $line in
		'$ '*)
			judge_case
			command=${line#\$ } exit_wanted=0 out_wanted=() err_wanted=()
			;;
		'> '*) command+=$'\n'${line#> } ;;
		'! '*) err_wanted+=("${line#! }") ;;
		'? '*) exit_wanted=${line#? } ;;
		'# '*) judge_case ;;
		*) out_wanted+=("$line") ;;
		esac
	done
	judge_case
}

skip() { # skip REASON: this script's tests cannot run here
	echo "skipped: $1"
	echo "$passed passed, $failed failed, $((skipped + 1)) skipped"
	exit 0
}

finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
}
