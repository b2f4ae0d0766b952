#!/bin/bash
# tools/alloc.sh [--sample N] [ROOM...]: the unit tests again (with sanitizers),
# and each allocation of ours fails once, by each path of calls that leads to it,
# alone in a process of its own.  A failed assertion is a fair answer; a crash, a
# leak, a hang and an OK where the test wanted an error are not.
#   --sample N   one program in N, others each day, and their quick tests alone
# The fault tests, which count system calls themselves, are not run: their many
# rounds come by no other path.  Places that no test comes to stand in
# tests/alloc/unreached, with why.
set -euo pipefail
cd "$(dirname "$0")/.."
every=1 which=0
if [ "${1:-}" = --sample ]; then
	every=$2
	which=$(($(date +%s) / 86400 % every))
	shift 2
fi
b=${B:-build-check-san}
mk=(make -s -j2 CC=clang B="$b" CFLAGS='-O1 -g -fno-omit-frame-pointer'
	EXTRA='-fsanitize=address,undefined -fno-sanitize-recover=all')
programs=()
for c in tests/unit/*/*_test.c; do
	room=$(basename "$(dirname "$c")")
	if [ $# -gt 0 ] && [[ " $* " != *" $room "* ]]; then continue; fi
	case $c in */fault_test.c) continue ;; esac
	programs+=("$b/alloc/${c#tests/}")
done
programs=("${programs[@]%.c}")
if [ "$every" -gt 1 ]; then
	sample=()
	for ((i = which; i < ${#programs[@]}; i += every)); do sample+=("${programs[i]}"); done
	programs=("${sample[@]}")
	export ALLOC_PATIENCE=1
fi
"${mk[@]}" "${programs[@]}"

export ASAN_OPTIONS=allow_user_segv_handler=0:detect_stack_use_after_return=0
export UBSAN_OPTIONS=print_stacktrace=1
out=$b/alloc/report
mkdir -p "$out"
rm -f "$out"/*
bad=0 told=0 passed=0 missed=0 paths=0 broken=0

# ADDRESS... of PROGRAM as "function (file:line)", innermost first, one a line.
named() {
	local program=$1
	shift
	addr2line -Cfi -e "$program" "$@" | paste - - |
		sed -E "s|$PWD/||; s| \(discriminator [0-9]+\)||; s|^([^\t]*)\t(.*)|\1 (\2)|"
}

# A FALSE-OK is one only if the assertion was about an error: else a count.
is_error() {
	local at
	at=$(grep -om1 -E 'tests/unit/[^ ]+:[0-9]+: error' "$1") || return 0
	IFS=: read -r file line _ <<<"$at"
	sed -n "${line},$((line + 2))p" "$file" | sed '/;$/q' | grep -q SAKSI_
}

for p in "${programs[@]}"; do
	name=${p#"$b"/alloc/unit/}
	report=$out/${name//\//-}
	from=$SECONDS
	ALLOC_OUT=$report "$p" >"$report.log" 2>&1 || :
	if ! tail -1 "$report" 2>/dev/null | grep -q '^end'; then
		echo "$name: the program did not come to its end"
		tail -5 "$report.log"
		broken=$((broken + 1))
		continue
	fi
	n() { grep -c "^$1 " "$report" || :; }
	paths=$((paths + $(n path))) told=$((told + $(n told)))
	passed=$((passed + $(n passed))) missed=$((missed + $(n missed)))
	broken=$((broken + $(n broken)))
	grep -A20 '^broken' "$report" || :
	bad_here=0
	while IFS=: read -r at what; do
		read -r kind test hit addresses <<<"$what"
		sed -n "$((at + 1)),\$p" "$report" | sed -n '/^|/!q;p' >"$report.said"
		if [ "$kind" = false-ok ] && ! is_error "$report.said"; then
			told=$((told + 1))
			continue
		fi
		bad_here=$((bad_here + 1))
		echo "$name: $kind in $test, when allocation $hit of this path failed:"
		# shellcheck disable=SC2086 # a list of addresses
		named "$p" $addresses | sed 's/^/    /'
		sed 's/^/    /' "$report.said" | head -40
	done < <(grep -nE '^(crash|leak|hang|false-ok) ' "$report" || :)
	bad=$((bad + bad_here))
	printf '%-28s %4d paths, %4d told, %4d went on, %d bad  (%d s)\n' "$name" \
		"$(n path)" "$(n told)" "$(n passed)" "$bad_here" $((SECONDS - from))
	awk '$1 == "path" { print $4 }' "$report" | sort -u | xargs -r addr2line -Cfi -e "$p" |
		awk 'NR % 2 == 0 { print prev, $1 } { prev = $0 }' >>"$out/lines"
done

# Which calls there are, from the objects; which of them a test came to.  The
# first line after an address is the innermost place; outer ones do no harm.
short() { sed -E "s|[^ ]*/(src/)|\1|; s|^(.*) (src/[^ :]+:[0-9]+)$|\2 \1|" | grep -o '^src/.*'; }
short <"$out/lines" | sort -u >"$out/reached"
for o in "$b"/alloc/src/*/*.o; do
	objdump -dr -j saksi_text "$o" | awk '/R_X86_64_(PLT|PC)32.*fail_/ { sub(":", "", $1); print $1 }' |
		while read -r at; do
			addr2line -Cfi -j saksi_text -e "$o" "0x$at" | head -2 | paste -sd' '
		done
done | short | sort -u >"$out/sites"
cut -d' ' -f1 "$out/reached" >"$out/reached.at"
unreached=0
if [ $# -eq 0 ] && [ "$every" -eq 1 ]; then
	while read -r at function; do
		if grep -qxF "$at" "$out/reached.at"; then continue; fi
		if grep -q "^${at%:*} $function " tests/alloc/unreached; then continue; fi
		echo "no test comes to the allocation at $at in $function"
		unreached=$((unreached + 1))
	done <"$out/sites"
	while read -r file function _; do
		case $file in '#'* | '') continue ;; esac
		if ! grep -q "^$file:[0-9]* $function\$" "$out/sites"; then
			echo "tests/alloc/unreached: no such allocation: $file $function"
			unreached=$((unreached + 1))
		fi
	done <tests/alloc/unreached
fi
echo "$(wc -l <"$out/sites") places that allocate, $paths paths to them in the unit tests;" \
	"failed once each: $told told, $passed went on, $missed did not come there again"
echo "$((told + passed)) passed, $((bad + broken + unreached)) failed, 0 skipped"
[ $((bad + broken + unreached)) -eq 0 ]
