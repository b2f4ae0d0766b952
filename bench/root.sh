#!/bin/bash
# The root of ten million entries from a log's public folder (warm in the page cache),
# by the clock on the wall: from the tiles, and from the entry bundles, on all cores (at
# most 8), as saksi verify --full does both; and on one, in the note.
source "$(dirname "$0")/lib.sh"
size=10000000
[ -z "$QUICK" ] || size=300000
"$SAKSI" log init "$scratch/log" --origin bench.example/root --open >/dev/null
"$B/bench/make_log" "$scratch/log" $size
public=$scratch/log/public
go=
go_peer bench/peer/tlog . tlog && go=1
must=$(sed -n 3p "$public/checkpoint" | base64 -d | od -An -tx1 | tr -d ' \n')
cores=$(nproc)
[ "$cores" -le 8 ] || cores=8
# once PROGRAM FROM THREADS|SIZE: seconds, after the root was seen to be the signed one
once() {
	local out
	out=$("$1" "$2" "$public" "$3")
	if [ "$(field root <<<"$out")" != "$must" ]; then
		echo "$1 $2: another root" >&2
		return 1
	fi
	field seconds <<<"$out"
}
for from in tiles entries; do
	ours=()
	peer=()
	one=()
	once "$B/bench/root_bench" $from "$cores" >/dev/null
	for ((t = 0; t < tries; t++)); do
		ours+=("$(once "$B/bench/root_bench" $from "$cores")")
		one+=("$(once "$B/bench/root_bench" $from 0)")
		[ -z "$go" ] || peer+=("$(once "$B/bench/tlog" $from $size)")
	done
	what="root of $((size / 1000)) k entries from $from, s"
	note="ours on $cores cores (on one: $(median "${one[@]}") s); x/mod as it is used, by one goroutine, at its fastest: whole tiles by HashFromTile, nothing stored between; both use SHA-NI where it is"
	must_be=5x
	[ $from = tiles ] || must_be=-
	if [ -z "$go" ]; then
		result "$what" "$(spread "${ours[@]}")" 'x/mod tlog' - - "$must_be" 'not run' "$why"
		continue
	fi
	ratio=$(calc "$(median "${peer[@]}") / $(median "${ours[@]}")")
	reached=$(yes_if "$ratio >= 5")
	[ $from = tiles ] || reached=-
	result "$what" "$(spread "${ours[@]}")" 'x/mod tlog' "$(spread "${peer[@]}")" \
		"${ratio}x" "$must_be" "$reached" "$note"
done
