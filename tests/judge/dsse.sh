#!/bin/bash
# Let securesystemslib open the statements that a real log of this program holds:
# the one that ./run makes.  It must first refuse damaged copies.
set -euo pipefail
cd "$(dirname "$0")/../.."
name='securesystemslib on statements'
skip() {
	echo "judge $name: not run ($1)"
	exit 0
}
fail() {
	echo "judge $name: failed: $1"
	exit 1
}
command -v go >/dev/null || skip 'Go is not installed'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd tests/judge/dsse && GOFLAGS=-mod=readonly go build -o "$work/judge" .) ||
	skip 'its modules could not be fetched or built'
(cd tests/judge/dsse && go test ./...) >"$work/test.log" 2>&1 || {
	cat "$work/test.log"
	fail 'its own tests'
}
saksi=${SAKSI:-bin/saksi}
mkdir -m 700 "$work/keys"
for who in root-1 root-2 auditor; do
	"$saksi" key new "$work/keys/$who" --name "$who" >/dev/null
done
key() { "$saksi" key show "$work/keys/$1" --only key; }
cat >"$work/body" <<END
{"authors":[{"author":"auditor","role":"auditor","key":"$(key auditor)",
"kinds":["heartbeat"],"heartbeat_s":0}],"revoked":[]}
END
printf 'quorum 2\nroot one %s\nroot two %s\n' "$(key root-1)" "$(key root-2)" >"$work/roots"
"$saksi" statement new keys --author root --body "$work/body" --sequence 0 -o "$work/a"
"$saksi" statement sign "$work/a" --key "$work/keys/root-1" --key "$work/keys/root-2" -o "$work/b"
"$saksi" log init "$work/log" --origin judge.example/log --roots "$work/roots" >/dev/null
"$saksi" log add "$work/log" "$work/b" >/dev/null
"$saksi" log publish "$work/log" >/dev/null
# The entry as the log serves it: its two bytes of length cut off.
tail -c +3 "$work/log/public/tile/entries/000.p/1" >"$work/entry"

# Each signer by itself, since the library is content with one of several.
judged() {
	local who
	for who in root-1 root-2; do
		"$work/judge" --key "$(key $who)" --entry "$1" >/dev/null 2>&1 || return 1
	done
}
refused=0
# Bytes of the payload and of both signatures; names of members and key ids are
# hints to this library (and refused by ours when changed).
end=$(grep -abo '","payloadType"' "$work/entry" | cut -d: -f1)
mapfile -t places < <(seq 13 17 "$((end - 4))"
	grep -abo '"sig":"' "$work/entry" | while IFS=: read -r at _; do seq $((at + 8)) 9 $((at + 80)); done)
for at in "${places[@]}"; do
	cp "$work/entry" "$work/bad"
	byte=$(od -An -tu1 -j"$at" -N1 "$work/bad")
	printf '%b' "$(printf '\\%03o' $((byte ^ 1)))" |
		dd of="$work/bad" bs=1 seek="$at" conv=notrunc status=none
	if judged "$work/bad"; then fail "it took a copy damaged at byte $at"; fi
	refused=$((refused + 1))
done
"$work/judge" --key "$(key auditor)" --entry "$work/entry" >/dev/null 2>&1 && fail 'it took another key'
judged "$work/entry" || fail 'it refused a statement of ours'
echo "$refused damaged copies refused first"
echo "judge $name: passed"
