#!/bin/sh
# Tessera's fsck over logs of several sizes that we built; each sound log must pass,
# each damaged copy must fail.  One line per size; ends with 0 only without a surprise.
#   usage: tests/judge/fsck.sh [PROGRAM]     needs Go and its module proxy
set -u
saksi=${1:-${SAKSI:-bin/saksi}}
case $saksi in /*) ;; *) saksi=$PWD/$saksi ;; esac
here=$(cd "$(dirname "$0")" && pwd)
command -v go >/dev/null || { echo "judge fsck: not run (no Go)"; exit 0; }
[ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] && export TMPDIR=/dev/shm
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
(cd "$here/fsck" && go build -o "$work/fsck" .) || {
	echo "judge fsck: not run (it could not be built)"
	exit 0
}
bad=0

surprise() {
	echo "fsck: SURPRISE: $*"
	bad=1
}
judge() { # DIR: does the public folder DIR pass?
	"$work/fsck" --dir "$1" --vkey "$work/log/public/vkey" \
		--origin judge.example/log >"$work/said" 2>&1
}
flip() { # FILE: its middle byte becomes another one
	at=$(($(wc -c <"$1") / 2))
	was=$(dd if="$1" bs=1 skip="$at" count=1 2>/dev/null | od -An -tu1)
	printf "\\$(printf %o $(((was + 1) % 256)))" |
		dd of="$1" bs=1 seek="$at" conv=notrunc 2>/dev/null
}
damaged() { # SIZE PATH: a copy with a flipped byte there must fail
	rm -rf "$work/copy"
	cp -a "$work/log/public" "$work/copy"
	[ -f "$work/copy/$2" ] || { surprise "size $1: no $2"; return; }
	flip "$work/copy/$2"
	judge "$work/copy" && surprise "size $1: passes with a damaged $2"
	caught=$((caught + 1))
}
last_of() { # LEVEL SIZE: the path of the last tile of that level
	case $1 in entries | 0) n=$2 ;; 1) n=$(($2 / 256)) ;; esac
	if [ $((n % 256)) -eq 0 ]; then
		printf 'tile/%s/%03d' "$1" $((n / 256 - 1))
	else
		printf 'tile/%s/%03d.p/%d' "$1" $((n / 256)) $((n % 256))
	fi
}

for size in 0 1 255 256 257 65536 70000; do
	rm -rf "$work/log" "$work/e"
	mkdir "$work/e"
	"$saksi" log init "$work/log" --origin judge.example/log --open >/dev/null || exit 2
	if [ "$size" -gt 0 ]; then
		seq "$size" | split -l 1 -a 5 - "$work/e/"
		(cd "$work/e" && find . -type f | sort | head -n $((size / 3)) |
			xargs -r -n 5000 "$saksi" log add "$work/log") >/dev/null || exit 2
		"$saksi" log publish "$work/log" >/dev/null || exit 2
		(cd "$work/e" && find . -type f | sort | tail -n +$((size / 3 + 1)) |
			xargs -n 5000 "$saksi" log add "$work/log") >/dev/null || exit 2
	fi
	"$saksi" log publish "$work/log" >/dev/null || exit 2
	"$saksi" log check "$work/log" >"$work/said" || surprise "size $size: $(cat "$work/said")"
	got=$(sed -n 2p "$work/log/public/checkpoint")
	[ "$got" = "$size" ] || surprise "asked for $size entries, published $got"
	if judge "$work/log/public"; then verdict=passes; else
		verdict=FAILS
		surprise "size $size: $(tail -n 1 "$work/said")"
	fi
	caught=0
	damaged "$size" checkpoint
	if [ "$size" -gt 0 ]; then
		damaged "$size" "$(last_of 0 "$size")"
		damaged "$size" "$(last_of entries "$size")"
	fi
	if [ "$size" -gt 255 ]; then
		damaged "$size" tile/0/000
		damaged "$size" tile/entries/000
		damaged "$size" "$(last_of 1 "$size")"
	fi
	echo "fsck: size $size: $verdict, $caught damaged copies fail"
done
if [ $bad -eq 0 ]; then echo "judge fsck: passed"; else echo "judge fsck: failed"; fi
exit $bad
