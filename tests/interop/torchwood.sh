#!/bin/bash
# A log made with filippo.io/torchwood: our witness cosigns it, torchwood finds the
# quorum met, a fork is refused; and our verify and prove work on it.
set -euo pipefail
# shellcheck source=tests/interop/lib.sh
. "$(dirname "$0")/lib.sh"
judges=('torchwood log, cosigned by ours')
judge=${judges[0]}
build . ./cmd/newkey ./cmd/torchlog ./cmd/proofs
build ../judge/witness ./cmd/cosigned
cd "$work"

"$bin/newkey" interop.example/torchwood key >vkey
for i in 1 2 3; do
	saksi witness init "w$i" --name "witness.example/w$i" >"w$i.vkey"
	saksi witness add "w$i" --log "$(cat vkey)"
	start "w$i.out" "$SAKSI" serve witness "w$i" --listen 127.0.0.1:0
done
mkdir trust
{
	echo "log $(cat vkey)"
	for i in 1 2 3; do
		echo "witness w$i $(cat "w$i.vkey") $(wait_for "w$i.out" '^listening on \(.*\)')"
	done
	printf 'group two 2 w1 w2 w3\nquorum two\n'
} >trust/policy
add() { "$bin/torchlog" "$1" key trust/policy e/*; }

size=0
for upto in 1 2 256 257 600; do
	rm -rf e
	entries $((size + 1)) "$upto" e
	must 0 "our witnesses cosign $upto entries" add log
	size=$upto
	must 0 "torchwood verifies the cosignatures of $upto" \
		"$bin/cosigned" "$(cat w1.vkey)" "$(cat w2.vkey)" "$(cat w3.vkey)" <log/checkpoint
	sed "2s/.*/$((upto + 1))/" log/checkpoint >lie
	must 1 'torchwood of a changed checkpoint' "$bin/cosigned" "$(cat w1.vkey)" <lie
	must 0 "we verify $upto entries" saksi verify log --trust trust --state seen --full
	[ "$upto" -ne 257 ] || { cp -a log branch && cp -a log.kept branch.kept; }
done
must 0 'prove an entry' saksi prove 599 --trust trust --log log --no-state --output p.tlog-proof
echo 'entry 600 of the truth' >entry
must 0 'torchwood on the proof' "$bin/proofs" check trust/policy entry p.tlog-proof

# Another history: of the same size, longer, from the start or from a branch.
cp -a branch branch2 && cp -a branch.kept branch2.kept
for lie in 'other 1 600' 'other2 1 700' 'branch 258 600' 'branch2 258 700'; do
	read -r dir from to <<<"$lie"
	rm -rf e
	entries "$from" "$to" e 'a lie'
	must 1 "a fork ($lie)" add "$dir"
	grep -q 'answered 4[02]' said || failed "the fork ($lie) is not refused by the witness"
done
echo "$size entries in 5 checkpoints cosigned by three witnesses; 4 forks refused"
verdicts
