#!/bin/bash
# Tessera's hammer writes to POST /add of our log and verifies all it reads while it
# runs; meanwhile Tessera's fsck judges the growing log again and again.
set -euo pipefail
# shellcheck source=tests/interop/lib.sh
. "$(dirname "$0")/lib.sh"
judges=("Tessera's hammer" "Tessera's fsck, growing")
build . github.com/transparency-dev/tessera/internal/hammer
build ../judge/fsck .
cd "$work"
origin=interop.example/hammered
goal=100000 rate=20000 writers=256 readers=8
[ -z "$quick" ] || goal=20000 rate=5000

# It tells what was wrong in lines of warning and ends well all the same; "pushback"
# is our 503, which it is told to expect, and "canceled" its own end in the middle of
# a request.
complaints() {
	grep -E '^[WEF][0-9]' "$1" |
		grep -v -e 'requests received pushback' -e ': context canceled$' || :
}
hammer() { # FILE URL ARGUMENTS...
	local file=$1 url=$2
	shift 2
	code=0
	"$bin/hammer" --show_ui=false --log_public_key="$(cat log.vkey)" --log_url="$url" \
		--max_read_ops=2000 --num_readers_random=$readers --num_readers_full=$readers \
		--http_timeout=10s "$@" >"$file" 2>&1 </dev/null || code=$?
}
fsck() { "$bin/fsck" --dir "$1" --vkey log.vkey --origin "$origin"; }

saksi log init log --origin $origin --open --interval 1s >log.vkey
cp -a log fork
entries 1 700 first
saksi log add log first/* >/dev/null
saksi log publish log >publish.out

# The judges first.  One bit of any tile is for fsck to find: the hammer's readers,
# for all its documentation says, check signatures, growth and the form of bundles.
damaged=0
for tile in tile/0/000 tile/entries/001 tile/0/002.p/188; do
	cp -a log/public copy
	flip "copy/$tile"
	judge=${judges[1]}
	must 1 "fsck of a damaged $tile" fsck copy
	rm -rf copy
	damaged=$((damaged + 1))
done
judge=${judges[0]}
cp -a fork other
entries 1 900 lies 'a lie'
saksi log add other lies/* >/dev/null
saksi log publish other >publish.out
lie() { # FILE COMMAND...: to a copy of the log, one second after the hammer began
	local file=$1
	shift
	rm -rf copy
	cp -a log/public copy
	serve_files copy "served.$file"
	(
		sleep 1
		"$@"
	) &
	hammer "$file" "$served" --max_write_ops=0 --num_writers=0 --max_runtime=4s
	stop "${pids[-1]}"
	if [ "$file" = 'no lie' ]; then
		[ -z "$(complaints "$file")" ] || {
			complaints "$file" | head -n 5
			failed 'it complains of a sound log'
		}
	else
		[ -n "$(complaints "$file")" ] || failed "it takes a log with $file"
		damaged=$((damaged + 1))
	fi
}
nothing() { :; }
cut_bundle() { truncate -s -1 copy/tile/entries/000; }
bad_signature() { flip copy/checkpoint $(($(stat -c %s copy/checkpoint) - 20)); }
another_history() { cp -a other/public/. copy/; }
lie 'no lie' nothing
lie 'a cut bundle' cut_bundle
lie 'a bad signature' bad_signature
lie 'another history' another_history

start served.out "$SAKSI" serve log log --listen 127.0.0.1:0
server=$!
url=$(wait_for served.out '^listening on \(.*\)')
judge=${judges[0]}
started=$(date +%s%N)
hammer hammer.out "$url" --max_write_ops=$rate --num_writers=$writers \
	--leaf_write_goal=$goal --max_runtime=120s --dup_chance=0.1 &
hammering=$!
judge=${judges[1]}
looks=0 last=0 grew=0
while kill -0 $hammering 2>/dev/null; do
	must 0 'fsck of the growing log' fsck log/public
	now=$(sed -n 2p log/public/checkpoint)
	[ "$now" -eq "$last" ] || grew=$((grew + 1))
	last=$now looks=$((looks + 1))
	sleep 0.3
done
took=$((($(date +%s%N) - started) / 1000000))
judge=${judges[0]}
wait $hammering || failed 'it did not end well'
grep -q "Reached tree size goal of $((700 + goal))" hammer.out || {
	tail -n 5 hammer.out
	failed "it did not see $goal more entries"
}
said=$(complaints hammer.out)
if [ -n "$said" ]; then
	head -n 5 <<<"$said"
	failed 'it complains'
fi
stop $server
judge=${judges[1]}
[ $grew -ge 2 ] || failed "the log did not grow between $looks looks"
must 0 'fsck of the whole log' fsck log/public
must 0 'log check' saksi log check log
size=$(sed -n 2p log/public/checkpoint)
[ "$size" -ge $((700 + goal)) ] || failed "$size entries are fewer than were acknowledged"
flip log/public/tile/0/001
must 1 'fsck of the whole log, damaged' fsck log/public
echo "$((size - 700)) entries of the hammer in $took ms, $(grep -c pushback hammer.out || :) seconds with 503;" \
	"fsck $looks times at $grew sizes; $damaged damaged copies and lies refused first"
verdicts
