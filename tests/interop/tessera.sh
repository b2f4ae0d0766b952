#!/bin/bash
# A POSIX log made by Tessera's own command: our witness cosigns it, Tessera checks
# the cosignature, a fork is refused; and our verify, monitor and prove work on it
# as on a log of ours: its entries are bytes, not statements.
set -euo pipefail
# shellcheck source=tests/interop/lib.sh
. "$(dirname "$0")/lib.sh"
judges=('Tessera log, cosigned by ours' 'verify, monitor and prove on a Tessera log')
build . ./cmd/newkey ./cmd/readlog ./cmd/proofs github.com/transparency-dev/tessera/cmd/examples/posix-oneshot
build ../judge/fsck .
build ../judge/witness ./cmd/cosigned
cd "$work"
origin=interop.example/tessera

"$bin/newkey" $origin key >vkey
saksi witness init w --name witness.example/ours >w.vkey
saksi witness add w --log "$(cat vkey)"
start w.out "$SAKSI" serve witness w --listen 127.0.0.1:0
url=$(wait_for w.out '^listening on \(.*\)')
mkdir trust bare
printf 'log %s\nwitness ours %s %s\nquorum ours\n' "$(cat vkey)" "$(cat w.vkey)" "$url" >trust/policy
printf 'log %s\nquorum none\n' "$(cat vkey)" >bare/policy

# grow DIR FROM TO [WHAT]: Tessera adds entries and publishes once our witness signed
grow() {
	rm -rf e
	entries "$2" "$3" e "${4:-the truth}"
	exit_of timeout "${patience:-30}" "$bin/posix-oneshot" --storage_dir "$1" --entries 'e/*' \
		--private_key key --witness_policy_file trust/policy --witness_timeout 10s
}
size_of() { sed -n 2p "$1/checkpoint" 2>/dev/null || echo 0; }
look() { saksi "$1" "$2" --trust trust --state "${seen:-seen}" "${@:3}"; }

first=300 second=700
[ -z "$quick" ] || second=520
judge=${judges[0]}
grow log 1 $first
[ "$code" -eq 0 ] || { tail -5 said && failed 'Tessera could not publish with our witness'; }
cp -a log fork
[ "$(size_of log)" = $first ] || failed "$(size_of log) entries are published, not $first"
must 0 'torchwood verifies our cosignature' "$bin/cosigned" "$(cat w.vkey)" <log/checkpoint
sed '2s/.*/301/' log/checkpoint >lie
must 1 'torchwood of a changed checkpoint' "$bin/cosigned" "$(cat w.vkey)" <lie

judge=${judges[1]}
serve_files log web.out
for where in log "$served"; do
	must 0 'verify --full' look verify "$where" --full
	grep -q "$first entries" said || failed 'verify does not tell the size'
	must 0 'monitor' look monitor "$where" --once --full
done
judge=${judges[0]}
grow log $((first + 1)) $second
[ "$code" -eq 0 ] || failed 'Tessera could not grow with our witness'
[ "$(size_of log)" = $second ] || failed "$(size_of log) entries are published, not $second"
must 0 "Tessera's fsck" "$bin/fsck" --dir log --vkey vkey --origin $origin

judge=${judges[1]}
must 0 'monitor of the grown log' look monitor "$served" --once
grep -q 'entries *not read' said || failed 'monitor does not tell that it read no entry'
grep -q "grown  *from $first" said || failed 'monitor does not tell that it grew'
must 0 'verify of the log without a witness in the policy' \
	saksi verify log --trust bare --state seen.bare --full

# An offline proof of an entry that is no statement; torchwood reads it, too.
for n in 0 255 256 $((second - 1)); do
	rm -f "$n.tlog-proof"
	where=log
	[ "$n" -lt 256 ] || where=$served
	must 0 "prove $n" saksi prove "$n" --trust trust --log "$where" --no-state --output "$n.tlog-proof"
	must 0 "verify the proof of $n" saksi verify "$n.tlog-proof" --trust trust
	grep -q "entry $n is in log $origin" said || failed "the proof of $n is told wrongly"
	echo "entry $((n + 1)) of the truth" >entry
	must 0 "torchwood on our proof of $n" "$bin/proofs" check trust/policy entry "$n.tlog-proof"
	must 0 "our proof of $n with its entry" saksi verify "$n.tlog-proof" --trust trust --entry entry
	echo "entry $n of the truth" >entry
	must 1 "torchwood on another entry than $n" "$bin/proofs" check trust/policy entry "$n.tlog-proof"
	must 1 "another entry than $n" saksi verify "$n.tlog-proof" --trust trust --entry entry
done

# What is damaged is false, what is gone cannot be told.
damage() { # CODE WHAT COMMAND...: on a copy, with a memory of its own
	local want=$1 what=$2
	shift 2
	rm -rf copy seen.copy
	cp -a log copy
	"$@"
	seen=seen.copy must "$want" "verify with $what" look verify copy --full
	! grep -q 'derived again' said || failed "verify with $what tells that it derived the tree"
	seen=seen.copy must "$want" "monitor with $what" look monitor copy --once --full
}
last=tile/0/00$((second / 256)).p/$((second % 256))
damage 1 'a damaged tile' flip copy/tile/0/000
damage 1 'a damaged partial tile' flip "copy/$last"
damage 1 'a damaged tile of level 1' flip copy/tile/1/000.p/$((second / 256))
damage 1 'a damaged bundle' flip copy/tile/entries/001
damage 1 'a damaged checkpoint' sed -i '3s/^./&A/;3s/.A/A/' copy/checkpoint
damage 3 'a missing tile' rm copy/tile/0/000
damage 3 'a missing bundle' rm copy/tile/entries/001
damage 3 'no checkpoint' rm copy/checkpoint
damage 4 'no cosignature' sed -i '/witness.example/d' copy/checkpoint

# Another history, from the very start or from where we looked first.
judge=${judges[0]}
for what in other branch; do
	from=1
	[ $what = other ] || { cp -a fork branch && from=$((first + 1)); }
	patience=6 grow $what $from $((second + 30)) 'a lie'
	[ "$code" -ne 0 ] || failed "Tessera published a fork ($what)"
	[ "$(size_of $what)" != $((second + 30)) ] || failed "our witness cosigned a fork ($what)"
done
saksi witness status w >status 2>&1 || :
grep -qi 'refused' status || failed 'the witness does not tell what it refused'
must 0 'the true log goes on' grow log $((second + 1)) $((second + 5))
[ "$(size_of log)" = $((second + 5)) ] || failed 'the true log does not go on'

# Shown to one who asks no witness, the same lie is told by memory: split view.
judge=${judges[1]}
rm -rf split e
entries 1 $((second + 30)) e 'a lie'
exit_of timeout 30 "$bin/posix-oneshot" --storage_dir split --entries 'e/*' --private_key key
[ "$code" -eq 0 ] || failed 'Tessera could not make a fork without a witness'
rm -f ev.json
must 5 'a fork after the truth' saksi verify split --trust bare --state seen.bare --evidence ev.json
must 0 'the evidence of it' saksi verify ev.json --trust bare
must 5 'monitor of a fork' saksi monitor split --once --trust bare --state seen.bare --evidence ev.json
echo "$((second + 5)) entries of Tessera; verify, monitor and prove by folder and URL; 9 damages and 2 forks told"
verdicts
