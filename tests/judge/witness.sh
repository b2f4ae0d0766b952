#!/bin/bash
# filippo.io/torchwood judges our witness, and its litewitness cosigns our log.
# SAKSI is the program.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
SAKSI=$(realpath "${SAKSI:-$here/../../bin/saksi}")
work=$(mktemp -d)
pids=()
end() {
	exec 9>&- || :
	local p
	for p in "${pids[@]}"; do kill "$p" 2>/dev/null || :; done
	for p in "${pids[@]}"; do wait "$p" 2>/dev/null || :; done
	rm -rf "$work"
}
trap end EXIT

not_run() {
	echo "judge witness: not run ($1)"
	echo "judge litewitness: not run ($1)"
	exit 0
}
failed() {
	echo "judge $1: failed ($2)"
	bad=1
}
bad=0

command -v go >/dev/null || not_run 'no Go'
if ! (cd "$here/witness" && go build -o "$work/" ./cmd/... \
	filippo.io/torchwood/cmd/litewitness) >"$work/build" 2>&1; then
	if grep -qE 'proxy|dial|lookup|toolchain|GOTOOLCHAIN' "$work/build"; then
		not_run 'its modules cannot be fetched'
	fi
	cat "$work/build"
	failed witness 'does not build'
	exit 1
fi

# wait_for FILE PATTERN: what sed -n s/PATTERN/\1/p first finds in FILE, within 10 s
wait_for() {
	local i found
	for ((i = 0; i < 200; i++)); do
		found=$(sed -n "s|$2|\1|p" "$1" | head -n 1)
		if [ -n "$found" ]; then
			echo "$found"
			return 0
		fi
		sleep 0.05
	done
	echo "no $2 in $1:" >&2
	cat "$1" >&2
	return 1
}

cd "$work"
"$SAKSI" witness init w --name witness.example/w1 >w.vkey
"$SAKSI" witness add w --log "$(./ask vkey)"
"$SAKSI" serve witness w --listen 127.0.0.1:0 >w.out 2>&1 &
pids+=($!)
url=$(wait_for w.out '^listening on \(.*\)')
if ./ask run "$url" "$(cat w.vkey)"; then
	echo 'judge witness: passed'
else
	failed witness 'see above'
fi

# Our log, cosigned by ours and by litewitness, both needed.
mkfifo hold
./agent agent.sock <hold >agent.out &
pids+=($!)
exec 9>hold
key=$(wait_for agent.out '\(.*\)')
port=$((20000 + $$ % 20000))
./litewitness -name lite.example/w -key "$key" -ssh-agent agent.sock -db lite.db \
	-listen "127.0.0.1:$port" >lite.out 2>&1 &
pids+=($!)
lite=$(wait_for lite.out '.*vkey=\([^ "]*\).*')
cat >policy <<-END
	witness ours $(cat w.vkey) $url
	witness lite $lite http://127.0.0.1:$port
	group both all ours lite
	quorum both
END
"$SAKSI" log init log --origin judge.example/ours --open --policy policy >log.vkey
"$SAKSI" witness add w --log "$(cat log.vkey)"
./teach lite.db "$(cat log.vkey)"
lite_ok=1
for upto in 1 2 300 513; do
	from=$(($(sed -n 2p log/public/checkpoint 2>/dev/null || echo 0) + 1))
	mapfile -t entries < <(seq -f 'e%g' "$from" "$upto")
	for e in "${entries[@]}"; do echo "entry $e" >"$e"; done
	"$SAKSI" log add log "${entries[@]}" >/dev/null
	if ! "$SAKSI" log publish log >publish.out 2>&1; then
		cat publish.out lite.out
		lite_ok=
		break
	fi
	if [ "$(sed -n 2p log/public/checkpoint)" != "$upto" ]; then
		echo "size $upto is not published"
		lite_ok=
	fi
	./cosigned "$(cat w.vkey)" "$lite" <log/public/checkpoint || lite_ok=
	# a damaged copy must not pass
	sed "2s/.*/$((upto + 1))/" log/public/checkpoint >copy
	if ./cosigned "$(cat w.vkey)" "$lite" <copy 2>/dev/null; then
		echo 'the judge takes a damaged checkpoint'
		lite_ok=
	fi
done
if [ -n "$lite_ok" ]; then
	echo 'judge litewitness: passed'
else
	failed litewitness 'see above'
fi
exit $bad
