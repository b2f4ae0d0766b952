#!/bin/bash
# Durable answers of a witness: the same load on ours, on litewitness and on
# omniwitness, each with a fresh state, one after the other, as often as there are
# tries.
source "$(dirname "$0")/lib.sh"
logs=64
ms=4000
steps=1500
if [ -n "$QUICK" ]; then
	ms=700
	steps=100
	logs=32
fi
load=$B/bench/witness_load
mapfile -t vkeys < <("$load" vkeys $logs)

# Each leaves port, vkey and pid of a witness that knows all logs.
start_ours() {
	local dir=$scratch/ours.$1 v
	vkey=$("$SAKSI" witness init "$dir" --name witness.example/ours)
	for v in "${vkeys[@]}"; do "$SAKSI" witness add "$dir" --log "$v" >/dev/null; done
	"$SAKSI" serve witness "$dir" --listen 127.0.0.1:0 >"$dir.out" 2>&1 &
	pid=$!
	pids+=("$pid")
	port=$(wait_for "$dir.out" '^listening on http://127.0.0.1:\(.*\)')
}
start_litewitness() {
	local dir=$scratch/lite.$1 v
	mkdir "$dir"
	port=$(free_port)
	"$B/bench/litewitness" -name witness.example/lite -key "$agent_key" \
		-ssh-agent "$scratch/agent.sock" -db "$dir/db" \
		-listen "127.0.0.1:$port" >"$dir/out" 2>&1 &
	pid=$!
	pids+=("$pid")
	vkey=$(wait_for "$dir/out" '.*vkey=\([^ "]*\).*')
	for v in "${vkeys[@]}"; do "$B/bench/teach" "$dir/db" "$v"; done
	wait_port "$port"
}
start_omniwitness() {
	local dir=$scratch/omni.$1 v
	mkdir "$dir"
	{
		echo Logs:
		for v in "${vkeys[@]}"; do
			echo "  - Origin: ${v%%+*}"
			echo "    PublicKey: $v"
			echo "    URL: http://127.0.0.1:9/"
		done
	} >"$dir/logs"
	"$B/bench/notekey" witness.example/omni >"$dir/key"
	vkey=$(sed -n 2p "$dir/key")
	sed -i 1q "$dir/key"
	port=$(free_port)
	"$B/bench/omniwitness" --private_key_path "$dir/key" --db_file "$dir/db" --db_max_conns "${OMNI_CONNS:-1}" \
		--additional_logs "$dir/logs" --listen "127.0.0.1:$port" \
		--metrics_listen '127.0.0.1:0' --stderrthreshold 3 >"$dir/out" 2>&1 &
	pid=$!
	pids+=("$pid")
	wait_port "$port"
}
# once WHO TRY: its rate, in ${WHO}_rates; p99 and processor time beside it
once() {
	local out used
	"start_$1" "$2"
	used=$(cpu_of "$pid")
	if ! out=$("$load" run 127.0.0.1 "$port" $logs $steps $ms "$vkey"); then
		tail -n 3 "$scratch"/*."$2".out "$scratch"/*."$2"/out >&2 || :
		return 1
	fi
	local -n rates=$1_rates p99s=$1_p99s cpus=$1_cpus
	rates+=("$(field rate <<<"$out")")
	p99s+=("$(field p99_ms <<<"$out")")
	cpus+=("$(calc "($(cpu_of "$pid") - $used) * 1e6 / $(field answers <<<"$out")" %.0f)")
	stop "$pid"
}

peers=()
missing=
if go_peer tests/judge/witness filippo.io/torchwood/cmd/litewitness litewitness &&
	go_peer tests/judge/witness ./cmd/teach teach &&
	go_peer tests/judge/witness ./cmd/agent agent; then
	peers+=(litewitness)
	mkfifo "$scratch/hold"
	"$B/bench/agent" "$scratch/agent.sock" <"$scratch/hold" >"$scratch/agent.out" &
	pids+=($!)
	exec 9>"$scratch/hold"
	agent_key=$(wait_for "$scratch/agent.out" '\(.*\)')
else
	missing+=" $why;"
fi
if go_peer bench/peer/omniwitness github.com/transparency-dev/witness/cmd/omniwitness \
	omniwitness && go_peer bench/peer/omniwitness ./notekey notekey; then
	peers+=(omniwitness)
else
	missing+=" $why;"
fi

# shellcheck disable=SC2034 # by name, in once
ours_rates=() ours_p99s=() ours_cpus=() litewitness_rates=() litewitness_p99s=() \
	litewitness_cpus=() omniwitness_rates=() omniwitness_p99s=() omniwitness_cpus=()
for ((t = 0; t < tries; t++)); do
	for who in ours "${peers[@]+"${peers[@]}"}"; do once "$who" $t; done
done
note="$logs logs, a connection each; p99 $(median "${ours_p99s[@]}") ms, $(median "${ours_cpus[@]}") us CPU each"
if [ ${#peers[@]} -eq 0 ]; then
	result 'witness answers/s, durable' "$(spread "${ours_rates[@]}")" \
		'litewitness, omniwitness' - - 2x 'not run' "$missing"
	exit 0
fi
best=0
for who in "${peers[@]}"; do
	declare -n rates=${who}_rates p99s=${who}_p99s cpus=${who}_cpus
	m=$(median "${rates[@]}")
	note+="; $who p99 $(median "${p99s[@]}") ms, $(median "${cpus[@]}") us CPU each"
	if [ "$(yes_if "$m > $best")" = yes ]; then
		best=$m
		best_who=$who
		best_spread=$(spread "${rates[@]}")
	fi
	all=${all:-}${all:+; }"$who $(spread "${rates[@]}")"
done
m=$(median "${ours_rates[@]}")
ratio=$(calc "$m / $best")
reached=$(yes_if "$ratio >= 2")
[ -z "$missing" ] || reached='not run'
result 'witness answers/s, durable' "$(spread "${ours_rates[@]}")" \
	"$best_who" "$best_spread" "${ratio}x" 2x "$reached" "$note; all: $all$missing"
