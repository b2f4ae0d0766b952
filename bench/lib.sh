# For the scripts of this folder; each is run by tools/bench.sh with B (the build
# folder) and QUICK (empty or 1) set.  shellcheck shell=bash
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/.." && pwd)
B=$(realpath "${B:-$root/build}")
QUICK=${QUICK:-}
SAKSI=${SAKSI:-$B/saksi}
tries=5
[ -z "$QUICK" ] || tries=1
# Beside the build, so that figures of disks are those of this one.
scratch=$(mktemp -d "$B/bench-XXXXXX")
pids=()
end() {
	local p
	for p in "${pids[@]}"; do kill "$p" 2>/dev/null || :; done
	for p in "${pids[@]}"; do wait "$p" 2>/dev/null || :; done
	[ -n "${KEEP:-}" ] || rm -rf "$scratch"
}
trap end EXIT

# result WHAT OURS PEER-NAME PEER RATIO MUST REACHED NOTE
result() {
	local IFS=$'\t'
	echo "RESULT	$*"
}
# calc EXPRESSION [FORMAT]
calc() { awk "BEGIN { printf \"${2:-%.2f}\", $1 }"; }
yes_if() { awk "BEGIN { print ($1) ? \"yes\" : \"no\" }"; }
# field NAME: the word after NAME on standard input
field() { sed -n "s/^\(.* \)\{0,1\}$1 \([^ ]*\).*/\2/p" | head -n 1; }
# spread NUMBER...: MEDIAN (MIN..MAX)
spread() {
	printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 }
		END { if (NR == 1) print v[1]
		      else printf "%s (%s..%s)\n", v[int((NR + 1) / 2)], v[1], v[NR] }'
}
median() { printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"; }
# go_peer DIR PACKAGE NAME: builds it as $B/bench/NAME (a quick run takes what is there);
# says in $why when it cannot
why=
go_peer() {
	if [ -n "$QUICK" ] && [ ! -x "$B/bench/$3" ]; then
		why='quick: no peers'
		return 1
	fi
	if ! command -v go >/dev/null; then
		why='no Go here'
		return 1
	fi
	if ! (cd "$root/$1" && go build -o "$B/bench/$3" "$2") >"$scratch/go" 2>&1; then
		why="$3 cannot be built: $(tail -n 1 "$scratch/go" | cut -c 1-120)"
		return 1
	fi
}
# wait_for FILE PATTERN: what sed -n s|PATTERN|\1|p first finds there, within 20 s
wait_for() {
	local i found
	for ((i = 0; i < 400; i++)); do
		found=$(sed -n "s|$2|\1|p" "$1" 2>/dev/null | head -n 1)
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
# wait_port PORT: until something listens there
wait_port() {
	local i
	for ((i = 0; i < 400; i++)); do
		if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi
		sleep 0.05
	done
	echo "nothing listens on $1" >&2
	return 1
}
# a port that nobody uses now
free_port() {
	local p
	for ((p = 21000 + RANDOM % 9000; ; p++)); do
		if ! (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; then
			echo "$p"
			return
		fi
	done
}
# cpu_of PID: seconds of processor it used
cpu_of() { awk -v t="$(getconf CLK_TCK)" '{ print ($14 + $15) / t }' "/proc/$1/stat"; }
# stop PID: asks it to end and waits
stop() {
	local p rest=()
	kill "$1" 2>/dev/null || :
	wait "$1" 2>/dev/null || :
	for p in "${pids[@]}"; do [ "$p" = "$1" ] || rest+=("$p"); done
	pids=("${rest[@]+"${rest[@]}"}")
}
