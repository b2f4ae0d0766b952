#!/bin/bash
# tools/bench.sh [--quick] [NAME...]: runs bench/NAME.sh (all of them), each figure
# beside its peer in the same run, and writes bench/RESULTS.md.
#   --quick   seconds: prints the table, writes nothing; fails when a program breaks
#             or a figure is ten times from what it must be
# B is the build folder, SAKSI the program; KEEP=1 leaves scratch data in B.
set -euo pipefail
cd "$(dirname "$0")/.."
QUICK=
if [ "${1:-}" = --quick ]; then
	QUICK=1
	shift
fi
B=${B:-build}
export QUICK B
make -s B="$B" "$B/saksi" bench-programs
export SAKSI=${SAKSI:-$PWD/$B/saksi}
scripts=()
for n in "$@"; do scripts+=("bench/$n.sh"); done
if [ $# -eq 0 ]; then
	for s in bench/*.sh; do [ "$s" = bench/lib.sh ] || scripts+=("$s"); done
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rows=$work/rows
touch "$rows"
failed=0
for s in "${scripts[@]}"; do
	echo "== $s" >&2
	if bash "$s" >"$work/out"; then
		sed -n 's/^RESULT\t//p' "$work/out" >>"$rows"
	else
		echo "$s: failed" >&2
		failed=$((failed + 1))
	fi
done

# Columns: 1 what, 2 ours, 3 peer, 4 what it has, 5 ratio, 6 must reach, 7 reached,
# 8 what limits it.
if [ -n "$QUICK" ]; then
	awk -F '\t' '{ printf "%-52s %-14s %-14s must reach %s: %s\n", $1, $2, $5, $6, $7 }' "$rows"
	# Ten times from what it must be is no noise: something broke.
	awk -F '\t' '$7 != "no" { next }
		$6 ~ /^[0-9.]+x$/ && $5 + 0 < ($6 + 0) / 10 ||
		$6 == "not slower" && $5 + 0 < 0.1 ||
		$6 ~ / (us|ms|MB)$/ && $2 + 0 > 10 * ($6 + 0) { print "far off: " $1; n++ }
		END { exit n > 0 }' "$rows" >&2 || failed=$((failed + 1))
	# What was not run, or whose peer was not, is no pass.
	skipped=$(awk -F '\t' '$7 == "not run"' "$rows" | wc -l)
	echo "$(($(wc -l <"$rows") - skipped)) passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
	exit
fi

fsyncs() { # a second, of 4 KiB appended to a file beside the build
	local f=$B/fsync.tmp from to
	from=$(date +%s%N)
	dd if=/dev/zero of="$f" bs=4096 count=300 oflag=append,dsync status=none
	to=$(date +%s%N)
	rm -f "$f"
	echo $((300 * 1000000000 / (to - from)))
}
flags() {
	local f
	for f in sha_ni avx2 avx512f; do
		if grep -qw $f /proc/cpuinfo; then echo -n "$f "; else echo -n "(no $f) "; fi
	done
}
versions() { # of the peers, as their go.mod files pin them
	openssl version | cut -d' ' -f1,2
	if command -v go >/dev/null; then go version | cut -d' ' -f3; fi
	sed -n -E 's/^(require|\t)? *((golang.org\/x\/mod|github.com\/transparency-dev\/(tessera|witness)|filippo.io\/(torchwood|sunlight)) v[^ ]*).*/\2/p' \
		bench/peer/*/go.mod tests/judge/witness/go.mod | sort -u
}
{
	cat <<-END
		# Figures

		Written by \`make bench\`. Medians of five tries with (least..most), each beside its peer
		in the same run, in turns. "not run" says why; a figure not reached is written as
		not reached.

		- $(date -u +%Y-%m-%d), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores, $(flags)
		- $(awk '/MemTotal/ { printf "%.0f GB", $2 / 1e6 }' /proc/meminfo) memory, Linux $(uname -r), $(stat -f -c %T "$B") with $(fsyncs) writes of 4 KiB and fsync a second
		- load while it ran: $(cut -d' ' -f1-3 /proc/loadavg)
		- peers: $(versions | paste -sd, | sed 's/,/, /g')

		| what | ours | peer | the peer's | ratio | must reach | reached |
		|---|---|---|---|---|---|---|
	END
	awk -F '\t' '{ printf "| %s | %s | %s | %s | %s | %s | %s |\n", $1, $2, $3, $4, $5, $6, $7 }' "$rows"
	echo
	echo '## How, and what limits it'
	echo
	awk -F '\t' '$8 != "" { printf "- **%s**: %s\n", $1, $8 }' "$rows"
} >"$work/RESULTS.md"
cat "$work/RESULTS.md"
if [ "$failed" -gt 0 ] || [ $# -gt 0 ]; then
	echo 'bench/RESULTS.md is left as it was: not all of it ran' >&2
	[ "$failed" -eq 0 ]
	exit
fi
cp "$work/RESULTS.md" bench/RESULTS.md
