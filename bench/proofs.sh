#!/bin/bash
# One inclusion and one consistency verification at a million leaves, warm, on one
# core, over 512 places and older sizes; x/mod tlog does the same checks.
source "$(dirname "$0")/lib.sh"
size=1000000
ms=400
[ -z "$QUICK" ] || ms=40
core=$(taskset -pc $$ | sed 's/.*: *//; s/[-,].*//')
three() { awk -v n="$1" '$1 == n { printf "%.2f (%.2f..%.2f)", $2, $3, $4 }' <<<"$2"; }
one() { awk -v n="$1" '$1 == n { print $2 }' <<<"$2"; }
ours=$(taskset -c "$core" "$B/bench/proof_bench" $size $ms)
peer=
if [ -z "$QUICK" ] && go_peer bench/peer/tlog . tlog; then
	peer=$(taskset -c "$core" "$B/bench/tlog" proofs $size $ms)
fi
# row NAME WHAT LIMIT-IN-MICROSECONDS SAID
row() {
	local theirs=- ratio=-
	if [ -n "$peer" ]; then
		theirs=$(three "$1" "$peer")
		ratio=$(calc "$(one "$1" "$peer") / $(one "$1" "$ours")")x
	fi
	result "$2, us" "$(three "$1" "$ours")" 'x/mod tlog' "$theirs" "$ratio" "$4" \
		"$(yes_if "$(one "$1" "$ours") <= $3")" \
		'one hash after another: the latency of SHA-256 bounds it'
}
row inclusion 'inclusion verify at 1 M' 15 '15 us'
row consistency 'consistency verify at 1 M' 1000 '1 ms'
