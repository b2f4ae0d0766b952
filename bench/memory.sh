#!/bin/bash
# Peak memory of saksi verify --full of a large log, and of saksi serve log while its
# tiles are read and entries are added.  The log is made at once by make_log (about 80
# bytes an entry on disk), and deleted afterwards; LOG100M=FOLDER takes one that is
# there.  --quick: two small logs, whose peaks must not differ.
source "$(dirname "$0")/lib.sh"
limit=65536
readers=8

make_one() { # DIR SIZE
	"$SAKSI" log init "$1" --origin "bench.example/$2" --open >/dev/null
	"$B/bench/make_log" "$1" "$2"
}
trust_in() { # LOG: a trust folder beside the scratch data
	mkdir -p "$scratch/trust"
	printf 'log %s\nquorum none\n' "$(cat "$1/public/vkey")" >"$scratch/trust/policy"
}
# verify_peak LOG: KiB
verify_peak() {
	trust_in "$1"
	"$B/bench/peak" "$SAKSI" verify "$1/public" --trust "$scratch/trust" --full \
		--no-state >"$scratch/verify.out" 2>"$scratch/verify.err" || {
		cat "$scratch/verify.out" "$scratch/verify.err" >&2
		return 1
	}
	field peak <"$scratch/verify.err"
}
# serve_peak LOG SIZE: KiB at the highest, with readers and writers
serve_peak() {
	local pid url bundles i got=()
	"$SAKSI" serve log "$1" --listen 127.0.0.1:0 >"$scratch/serve.out" 2>&1 &
	pid=$!
	pids+=("$pid")
	url=$(wait_for "$scratch/serve.out" '^listening on \(.*\)')
	bundles=$(($2 / 256000 > 0 ? $2 / 256000 : 1)) # thousands of full tiles
	for ((i = 0; i < readers; i++)); do
		local of="x$(printf %03d $((bundles * i / readers)))/"
		[ "$2" -ge 256000 ] || of=
		curl -sf --retry 3 -o /dev/null "$url/tile/0/$of[000-199]" \
			-o /dev/null "$url/tile/entries/$of[000-199]" &
		got+=($!)
	done
	for ((i = 0; i < 300; i++)); do
		curl -sf -o /dev/null --data-binary "new entry $i" "$url/add"
	done
	for i in "${got[@]}"; do wait "$i"; done
	sleep 2
	sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status"
	stop "$pid"
}
# row WHAT KIB NOTE
row() {
	result "$1" "$(calc "$2 / 1024" %.1f) MiB" - - - '64 MB' \
		"$(yes_if "$2 <= $limit")" "$3"
}

if [ -n "$QUICK" ]; then
	make_one "$scratch/small" 250000
	make_one "$scratch/large" 1000000
	for what in verify serve; do
		small=$("${what}_peak" "$scratch/small" 250000)
		large=$("${what}_peak" "$scratch/large" 1000000)
		if [ $((large - small)) -gt 6144 ]; then
			echo "$what: $small KiB for 250 k entries, $large KiB for 1 M: it grows" >&2
			exit 1
		fi
		row "memory: $what of a log of 1 M" "$large" "$small KiB for 250 k: flat"
	done
	exit 0
fi
size=100000000
log=${LOG100M:-}
if [ -z "$log" ]; then
	log=$scratch/log
	make_one "$log" $size
fi
row 'memory: verify --full of a log of 100 M' "$(verify_peak "$log")" \
	'without author roots: judging statements takes memory for each, besides'
row 'memory: serve log of 100 M' "$(serve_peak "$log" $size)" \
	"$readers readers of tiles and bundles, 300 entries added meanwhile; open log with its table of 262,144 newest entries"
