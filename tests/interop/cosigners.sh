#!/bin/bash
# omniwitness (transparency-dev/witness) and litewitness (filippo.io/torchwood)
# cosign our log: what they give back verifies, here and for them, and a log of
# ours that tells two histories is refused by each.
set -euo pipefail
# shellcheck source=tests/interop/lib.sh
. "$(dirname "$0")/lib.sh"
judges=(omniwitness 'litewitness, served')
build . ./cmd/newkey ./cmd/readlog
build ../judge/witness ./cmd/... filippo.io/torchwood/cmd/litewitness
build omniwitness github.com/transparency-dev/witness/cmd/omniwitness
cd "$work"

saksi log init log --origin interop.example/ours --open --interval 1s >log.vkey
cp -a log fork

# the two strangers
mkfifo hold
"$bin/agent" agent.sock <hold >agent.out &
pids+=($!)
exec 9>hold
key=$(wait_for agent.out '\(.*\)')
port=$(free_port)
start lite.out "$bin/litewitness" -name lite.example/w -key "$key" -ssh-agent agent.sock \
	-db lite.db -listen "127.0.0.1:$port"
lite=$(wait_for lite.out '.*vkey=\([^ "]*\).*')
lite_url=http://127.0.0.1:$port
"$bin/teach" lite.db "$(cat log.vkey)"

"$bin/newkey" omni.example/w omni.key --cosigner >omni.vkey
printf 'Logs:\n  - Origin: interop.example/ours\n    PublicKey: %s\n' "$(cat log.vkey)" >logs.yaml
port=$(free_port)
omni_url=http://127.0.0.1:$port
start omni.out "$bin/omniwitness" --listen "127.0.0.1:$port" --metrics_listen '' \
	--private_key_path omni.key --additional_logs logs.yaml --db_file omni.db
wait_for omni.out '.*\(HTTP server goroutine started\).*' >/dev/null

mkdir trust alone
cat >witnesses <<-END
	witness omni $(cat omni.vkey) $omni_url
	witness lite $lite $lite_url
	group strangers all omni lite
	quorum strangers
END
{ echo "log $(cat log.vkey)" && cat witnesses; } >trust/policy
cp witnesses log/policy
look() { saksi verify "$1" --trust trust --full --state "${2:-seen}"; }
# Both names in the list of cosigners that we found good?
both() { grep -q 'cosigned .*omni .*lite \|cosigned .*lite .*omni ' "$work/said"; }

sizes=(1 2 257 513)
[ -z "$quick" ] || sizes=(1 257)
size=0
for upto in "${sizes[@]}"; do
	rm -rf e
	entries $((size + 1)) "$upto" e
	saksi log add log e/* >/dev/null
	for judge in "${judges[@]}"; do
		must 0 "publishes $upto entries" saksi log publish log
	done
	size=$upto
	if [ "$(sed -n 2p log/public/checkpoint)" != "$upto" ]; then failed "$upto is not published"; fi
	judge=omniwitness
	must 0 "we verify $upto entries with both cosignatures" look log/public
	both || failed "verify does not name both at $upto"
	must 0 'torchwood verifies both' "$bin/cosigned" "$(cat omni.vkey)" "$lite" <log/public/checkpoint
done

# What must not pass: a damaged cosignature of each, and a checkpoint without it.
for name in omni lite; do
	judge=omniwitness
	[ $name = omni ] || judge='litewitness, served'
	cp -a log/public damaged
	line=$(grep -n "^— $name" damaged/checkpoint | cut -d: -f1)
	awk -v n="$line" 'NR == n { $3 = substr($3, 1, 40) (substr($3, 41, 1) == "A" ? "B" : "A") substr($3, 42) } 1' \
		log/public/checkpoint >damaged/checkpoint
	must 1 'a damaged cosignature' look damaged seen.damaged
	sed "${line}d" log/public/checkpoint >damaged/checkpoint
	must 4 'a checkpoint without one' look damaged seen.damaged
	rm -rf damaged seen.damaged
done

# Another history of the same key: as many entries, and more.
for more in "$size" $((size + 40)); do
	rm -rf lie lies
	cp -a fork lie
	entries 1 "$more" lies 'a lie'
	saksi log add lie lies/* >/dev/null
	for judge in "${judges[@]}"; do
		vkey=$(cat omni.vkey) url=$omni_url
		[ "$judge" = omniwitness ] || { vkey=$lite && url=$lite_url; }
		rm -rf told && cp -a lie told
		printf 'witness w %s %s\nquorum w\n' "$vkey" "$url" >told/policy
		must 4 "a fork of $more entries" saksi log publish told
		[ ! -e told/public/checkpoint ] || [ "$(sed -n 2p told/public/checkpoint)" != "$more" ] ||
			failed "a fork of $more entries was published"
	done
done
judge=omniwitness
must 0 'and the true log still holds' look log/public

# Their clients read what we serve.
start served.out "$SAKSI" serve log log --listen 127.0.0.1:0
url=$(wait_for served.out '^listening on \(.*\)')
judge='litewitness, served'
must 0 'torchwood reads every entry' "$bin/readlog" "$url" trust/policy
[ "$(cat said)" = "$size" ] || failed "torchwood read $(cat said) entries of $size"
echo "$size entries in ${#sizes[@]} checkpoints with both cosignatures; damaged copies and forks refused"
verdicts
