#!/bin/bash
# Adding, durable when answered: over HTTP on our log and on a Tessera POSIX log, the
# same generator for both, each with the best of some settings, in turns; Tessera's own
# load generator on both; and within one process beside what the disk alone does.
#
# bench/adds.sh [--quick] [--dir DIR]    B and QUICK as for the others of this folder
while [ $# -gt 0 ]; do
	case $1 in
	--quick) export QUICK=1 ;;
	--dir)
		dir=$(realpath "$2")
		shift
		;;
	*)
		echo 'usage: bench/adds.sh [--quick] [--dir DIR]' >&2
		exit 2
		;;
	esac
	shift
done
# shellcheck source=bench/lib.sh
source "$(dirname "$0")/lib.sh"
# Both logs on one file system, a disk's: by default that of the build.
work=$(mktemp -d "${dir:-$scratch}/adds-XXXXXX")
trap 'end; rm -rf "$work"' EXIT
load=$B/bench/adds_load
inside=$B/bench/adds_inside
seconds=10 trial=4 leaves=100000
[ -z "$QUICK" ] || seconds=2 trial=2 leaves=3000
# BATCH INTERVAL-MS CONNECTIONS, and for Tessera the age of a batch in ms
ours_tries=('4096 100 1024' '4096 200 2500' '16384 300 2900')
peer_tries=('256 100 1024 100' '1024 100 1024 100' '1024 100 2900 50' '4096 200 2900 100')
if [ -n "$QUICK" ]; then
	ours_tries=('4096 100 256')
	peer_tries=('1024 100 256 100')
fi

# Each leaves port, pid and vkey; identical entries are remembered by neither.
start_ours() { # BATCH INTERVAL
	rm -rf "$work/ours"
	vkey=$("$SAKSI" log init "$work/ours" --origin bench.example/log --open --batch "$1")
	sed -i "s/^interval_ms .*/interval_ms $2/; s/^dedup .*/dedup 0/" "$work/ours/config"
	"$SAKSI" serve log "$work/ours" --listen 127.0.0.1:0 >"$scratch/out" 2>"$scratch/err" &
	pid=$!
	pids+=("$pid")
	port=$(wait_for "$scratch/out" '^listening on http://127.0.0.1:\(.*\)')
}
start_peer() { # BATCH INTERVAL - AGE
	rm -rf "$work/peer"
	"$B/bench/tessera_posix" -dir "$work/peer" -batch "$1" -interval "$2ms" -age "$4ms" \
		>"$scratch/out" 2>"$scratch/err" &
	pid=$!
	pids+=("$pid")
	port=$(wait_for "$scratch/out" '^listening on http://127.0.0.1:\(.*\)')
	vkey=$(wait_for "$scratch/out" '^vkey \(.*\)')
}
# once WHO SECONDS SETTINGS...: into got: adds/s, p50, p99, CPU us an add, errors, never
# covered, the generator's share of a core
once() {
	local who=$1 s=$2
	shift 2
	"start_$who" "$@"
	if ! got=$("$load" "$port" "$3" "$s" "$pid"); then
		cat "$scratch/err" >&2
		return 1
	fi
	stop "$pid"
	rm -rf "${work:?}/$who"
	echo "$who $*: $got" >&2
}
# best WHO MOST-P99 TRY...: into chosen the settings of the most adds/s whose p99 is no
# more than that (when none is, of the most adds/s), into chosen_p99 that
best() {
	local who=$1 most=$2 t
	shift 2
	: >"$scratch/tries"
	for t in "$@"; do
		# shellcheck disable=SC2086 # settings are words
		once "$who" "$trial" $t
		awk -v m="$most" -v t="$t" '{ print ($3 <= m), $1, $3, t }' <<<"$got" >>"$scratch/tries"
	done
	read -r _ _ chosen_p99 chosen < <(sort -k1,1nr -k2,2nr "$scratch/tries")
}
column() { # NUMBER LINE...
	local n=$1
	shift
	printf '%s\n' "$@" | awk -v n="$n" '{ print $n }'
}
# shellcheck disable=SC2046 # numbers are words
columns() { spread $(column "$@"); }
# shellcheck disable=SC2046
middle() { median $(column "$@"); }

over_http() {
	local what='durable adds/s over HTTP, 200-byte entries' name='Tessera POSIX v1.0.4'
	local must='3x, p99 no worse, a third of the CPU' mine theirs a=() b=() i note p99 x c
	mine=${ours_tries[0]}
	if ! go_peer bench/peer/adds . tessera_posix; then
		for ((i = 0; i < tries; i++)); do
			# shellcheck disable=SC2086
			once ours $seconds $mine
			a+=("$got")
		done
		result "$what" "$(columns 1 "${a[@]}")" "$name" - - "$must" 'not run' "$why"
		return
	fi
	best peer 1000000 "${peer_tries[@]}"
	theirs=$chosen
	best ours "$chosen_p99" "${ours_tries[@]}"
	mine=$chosen
	for ((i = 0; i < tries; i++)); do
		# shellcheck disable=SC2086
		once ours $seconds $mine
		a+=("$got")
		# shellcheck disable=SC2086
		once peer $seconds $theirs
		b+=("$got")
	done
	note="best settings of each (batch, interval ms, connections): ours ${mine// /,}; Tessera ${theirs// /,} ms of age; no dedup, no witness on either; errors $(middle 5 "${a[@]}") and $(middle 5 "${b[@]}"); the generator took $(middle 7 "${a[@]}") % and $(middle 7 "${b[@]}") % of one of $(nproc) cores; load $(cut -d' ' -f1 /proc/loadavg)"
	x=$(calc "$(middle 1 "${a[@]}") / $(middle 1 "${b[@]}")")
	result "$what" "$(columns 1 "${a[@]}")" "$name" "$(columns 1 "${b[@]}")" "${x}x" 3x \
		"$(yes_if "$x >= 3")" "$note"
	result 'p50 ms, an add sent until a checkpoint covers it' "$(columns 2 "${a[@]}")" \
		"$name" "$(columns 2 "${b[@]}")" - - - 'at the rates above'
	p99=$(calc "$(middle 3 "${a[@]}") / $(middle 3 "${b[@]}")")
	result 'p99 ms, an add sent until a checkpoint covers it' "$(columns 3 "${a[@]}")" \
		"$name" "$(columns 3 "${b[@]}")" "${p99}x" 'no worse' "$(yes_if "$p99 <= 1")" \
		'at the rates above'
	c=$(calc "$(middle 4 "${a[@]}") / $(middle 4 "${b[@]}")")
	result 'server CPU, us an add' "$(columns 4 "${a[@]}")" "$name" "$(columns 4 "${b[@]}")" \
		"${c}x" 'a third' "$(yes_if "$c <= 1 / 3")" \
		'utime + stime until all are covered; what the kernel does for TCP on loopback is in both'
}

# Into got: leaves a second by Tessera's own generator, until LEAVES are written.
hammer() {
	local began
	"start_$1" 4096 100 0 100
	began=$(date +%s.%N)
	if ! timeout 300 "$B/bench/hammer" --log_url "http://127.0.0.1:$port/" \
		--log_public_key "$vkey" --num_writers 1024 --max_write_ops 100000 \
		--max_read_ops 0 --num_readers_random 0 --num_readers_full 0 --dup_chance 0 \
		--leaf_min_size 200 --leaf_write_goal $leaves --max_runtime 290s \
		--show_ui=false >"$scratch/hammer" 2>&1; then
		tail -n 2 "$scratch/hammer" >&2
		return 1
	fi
	got=$(calc "$leaves / ($(date +%s.%N) - $began)" %.0f)
	stop "$pid"
	rm -rf "${work:?}/$1"
}
by_hammer() {
	local what="adds/s by Tessera's own hammer" a b
	if ! go_peer bench/peer/adds . tessera_posix ||
		! go_peer bench/peer/adds github.com/transparency-dev/tessera/internal/hammer hammer; then
		result "$what" - 'Tessera POSIX v1.0.4' - - - 'not run' "$why"
		return
	fi
	hammer ours
	a=$got
	hammer peer
	b=$got
	result "$what" "$a" 'Tessera POSIX v1.0.4' "$b" "$(calc "$a / $b")x" - - \
		"one run of $leaves leaves each; the generator in Go is what limits both"
}

in_process() {
	local n=1000000 runs=$tries out adds all disk cpu last
	[ -z "$QUICK" ] || n=100000
	out=$("$inside" "$work/inside" $n "$runs")
	read -r adds all disk cpu last <<<"$out"
	result 'durable adds/s in process, 200-byte entries' "$adds" \
		'the disk alone: append + fdatasync of a batch (8192)' "$disk" \
		"$(calc "$adds / $disk")x" '100000 or half of the disk' \
		"$(yes_if "$adds >= 100000 || $adds >= $disk / 2")" \
		"$n entries; $cpu us of CPU each, hashing and publishing in it; all public $last ms after the last answer ($all/s); load $(cut -d' ' -f1 /proc/loadavg)"
}

over_http
by_hammer
in_process
