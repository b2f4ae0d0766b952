#!/bin/bash
# Let golang.org/x/mod/sumdb read logs that the merkle and note rooms made: notes,
# cosignatures, tiles, entries, stored proofs.  The judge must first refuse every
# kind of damaged copy.
set -euo pipefail
cd "$(dirname "$0")/../.."
name='x/mod on logs'
skip() {
	echo "judge $name: not run ($1)"
	exit 0
}
command -v go >/dev/null || skip 'Go is not installed'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd tests/judge/note && GOFLAGS=-mod=readonly go build -o "$work/check" ./cmd/check) ||
	skip 'its modules could not be fetched or built'
"${CC:-cc}" -std=c17 -O2 -D_GNU_SOURCE -Isrc -o "$work/mklog" tests/judge/note/mklog/mklog.c \
	src/base/*.c src/crypto/*.c src/merkle/*.c src/note/*.c -lsodium -lcrypto

# judged DIR: what the judge says of a log, as an exit code.
judged() {
	local args=(--dir "$1") k p
	while read -r k; do args+=(--vkey "$k"); done <"$work/keys"
	for p in "$1"/*.tlog-proof; do
		if [ -e "$p" ]; then args+=(--proof "$p"); fi
	done
	"$work/check" "${args[@]}"
}

# damage FILE WHERE: change one bit of the byte there.
damage() {
	local byte
	byte=$(od -An -tu1 -j"$2" -N1 "$1")
	printf '%b' "$(printf '\\%03o' $((byte ^ 1)))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

good=0 refused=0
for n in 0 1 255 256 257 1000 65536 70000; do
	rm -rf "$work/log"
	"$work/mklog" "$work/log" "$n" >"$work/keys"
	if ! judged "$work/log"; then
		echo "judge $name: failed on $n entries"
		exit 1
	fi
	good=$((good + 1))
	mapfile -t files < <(cd "$work/log" && find . -type f | sort | awk 'NR % 97 == 1 || /checkpoint|proof|\.p\/|tile\/[12]/')
	for f in "${files[@]}"; do
		for where in 0 half last; do
			len=$(stat -c %s "$work/log/$f")
			at=0
			if [ $where = half ]; then at=$((len / 2)); fi
			if [ $where = last ]; then at=$((len - 2)); fi
			cp "$work/log/$f" "$work/kept"
			damage "$work/log/$f" $at
			rc=0
			judged "$work/log" >"$work/said" || rc=$?
			cp "$work/kept" "$work/log/$f"
			if [ $rc -ne 1 ]; then
				echo "judge $name: failed, it took $f of $n entries changed at $at"
				exit 1
			fi
			refused=$((refused + 1))
		done
	done
done
echo "$good logs hold, $refused damaged copies refused"
echo "judge $name: passed"
