#!/bin/bash
# tools/differential.sh [--seconds N] [--seed N]: our reading of notes, keys,
# checkpoints, tile paths and proofs beside golang.org/x/mod's, on true ones and on
# changed ones.  A difference that tests/differential/cmd/differ/allowed.go does not
# name fails.  Before that each fault planted by a patch in
# tests/differential/planted must be found.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=5 seed=1
while [ $# -gt 0 ]; do
	case $1 in
	--seconds) seconds=$2 ;;
	--seed) seed=$2 ;;
	*)
		echo "tools/differential.sh: there is no option '$1'" >&2
		exit 2
		;;
	esac
	shift 2
done
skip() {
	echo "differential: not run ($1)"
	exit 77
}
command -v go >/dev/null || skip 'Go is not installed'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd tests/differential && GOFLAGS=-mod=readonly go build -o "$work/differ" ./cmd/differ) ||
	skip 'its modules could not be fetched or built'

build() { # SOURCES PROGRAM: the objects of files that are as ever are made once
	local room f o objects=()
	for room in base crypto merkle note; do
		for f in "$1/$room"/*.c; do
			o=$work/sound-$room-$(basename "$f" .c).o
			if ! cmp -s "$f" "src/${f#"$1"/}"; then o=$work/planted.o; fi
			if [ "$o" = "$work/planted.o" ] || [ ! -e "$o" ]; then
				"${CC:-cc}" -std=c17 -O2 -D_GNU_SOURCE -I"$1" -c -o "$o" "$f"
			fi
			objects+=("$o")
		done
	done
	"${CC:-cc}" -std=c17 -O2 -D_GNU_SOURCE -I"$1" -o "$2" tests/differential/ours/ours.c \
		"${objects[@]}" -lsodium -lcrypto
}

build src "$work/ours"
passed=0 failed=0
for p in tests/differential/planted/*.patch; do
	rm -rf "$work/src"
	cp -r src "$work/src"
	patch -s -p1 -d "$work" <"$p"
	build "$work/src" "$work/planted"
	if timeout 60 "$work/differ" --ours "$work/planted" --seconds 20 >"$work/said"; then
		echo "planted $(basename "$p" .patch): NOT FOUND"
		failed=$((failed + 1))
	else
		echo "planted $(basename "$p" .patch): found ($(grep -o '^DIFFERENT: [a-z ]*' "$work/said" ||
			echo 'it did not end well'))"
		passed=$((passed + 1))
	fi
done
echo "seed $seed, $seconds s:"
if "$work/differ" --ours "$work/ours" --seconds "$seconds" --seed "$seed"; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
