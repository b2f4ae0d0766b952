#!/bin/bash
# tlog-proofs: those of `saksi prove` read by torchwood and by transparency-dev's
# formats, theirs read by `saksi verify`, and every changed copy judged alike.
set -euo pipefail
# shellcheck source=tests/interop/lib.sh
. "$(dirname "$0")/lib.sh"
judges=("torchwood and formats on our tlog-proofs" 'saksi on their tlog-proofs' 'tlog-proofs, changed')
build . ./cmd/proofs
cd "$work"
saksi log init log --origin interop.example/proofs --open >vkey
saksi witness init w --name witness.example/ours >w.vkey
saksi witness add w --log "$(cat vkey)"
start w.out "$SAKSI" serve witness w --listen 127.0.0.1:0
printf 'witness ours %s %s\nquorum ours\n' "$(cat w.vkey)" "$(wait_for w.out '^listening on \(.*\)')" >log/policy
mkdir trust
{ echo "log $(cat vkey)" && cat log/policy; } >trust/policy

proofs() { "$bin/proofs" "$@"; }
size=0 count=0
sizes=(1 2 256 257 1000) places=(0 1 100 255 256 511 512 998 999)
[ -z "$quick" ] || sizes=(1 257) places=(0 100 256)
for upto in "${sizes[@]}"; do
	rm -rf e
	entries $((size + 1)) "$upto" e
	saksi log add log e/* >/dev/null
	saksi log publish log >publish.out
	size=$upto
	for n in "${places[@]}"; do
		[ "$n" -lt "$size" ] || continue
		echo "entry $((n + 1)) of the truth" >entry
		echo "entry $((n + 2)) of the truth" >wrong
		rm -f our.tlog-proof their.*
		judge=${judges[0]}
		must 0 "prove $n of $size" saksi prove "$n" --trust trust --log log/public --no-state --output our.tlog-proof
		must 1 "they take another entry for $n" proofs check trust/policy wrong our.tlog-proof
		must 0 "they refuse our proof of $n of $size" proofs check trust/policy entry our.tlog-proof
		judge=${judges[1]}
		must 0 "they could not prove $n" proofs make trust/policy log/public "$n" their
		for kind in torchwood formats; do
			must 1 "another entry for $n by $kind" saksi verify "their.$kind" --trust trust --entry wrong
			must 3 "no entry for $n by $kind" saksi verify "their.$kind" --trust trust
			must 0 "the proof of $n by $kind" saksi verify "their.$kind" --trust trust --entry entry
		done
		count=$((count + 1))
	done
done

# The largest entry: its proof holds here and for torchwood; formats reads no line
# above 64 KiB, and the line of extra data is one.
judge=${judges[0]}
head -c 65535 /dev/zero | tr '\0' x >entry
saksi log add log entry >/dev/null
saksi log publish log >publish.out
rm -f big.tlog-proof
must 0 'prove the largest entry' saksi prove $size --trust trust --log log/public --no-state --output big.tlog-proof
must 0 'verify the largest entry' saksi verify big.tlog-proof --trust trust
must 1 'formats on a line above 64 KiB' proofs check trust/policy entry big.tlog-proof
grep -q 'missing required index' said || failed 'formats stops elsewhere than at the long line'
sed -i '/^extra /d' big.tlog-proof
must 0 'the largest entry without extra data' proofs check trust/policy entry big.tlog-proof

judge=${judges[2]}
step=5
[ -z "$quick" ] || step=31
echo 'entry 101 of the truth' >entry
rm -f our.tlog-proof their.*
saksi prove 100 --trust trust --log log/public --no-state --output our.tlog-proof >prove.out
proofs make trust/policy log/public 100 their
must 0 'changed copies of theirs' proofs mutate "$SAKSI" trust entry their.torchwood $step
told=$(cat said)
must 0 'changed copies of ours' proofs mutate "$SAKSI" trust entry our.tlog-proof $((3 * step))
# Lines: each left out, doubled, swapped with the next, with spaces or CR.
lines=$(wc -l <their.torchwood)
for ((i = 1; i <= lines; i++)); do
	[ -z "$quick" ] || [ $((i % 3)) -eq 0 ] || continue
	for how in "${i}d" "${i}p" "${i}s/^/ /" "${i}s/\$/ /" "${i}s/\$/\\r/" "${i}{h;d};$((i + 1))G"; do
		sed -e "$how" their.torchwood >changed
		cmp -s changed their.torchwood && continue
		exit_of saksi verify changed --as proof --trust trust --entry entry
		mine=$code
		exit_of proofs check trust/policy entry changed
		# A line of the same key twice: x/mod drops the second, ours refuses it.
		if [[ $how == *p ]] && sed -n "${i}p" their.torchwood | grep -q '^— '; then
			[ "$mine:$code" = 1:0 ] || failed "a signature twice: ours $mine, theirs $code"
			continue
		fi
		[ "$mine" -ne 0 ] || [ "$code" -eq 0 ] || failed "ours alone takes '$how'"
		[ "$mine" -eq 0 ] || [ "$code" -ne 0 ] || failed "ours alone refuses '$how'"
	done
done
echo "$count proofs each way; $told"
verdicts
