# What the scripts here share; sourced first.  Each prints, for whatever judges,
#   judge NAME: passed|failed|not run (reason)
# SAKSI is the program; INTEROP_BIN a folder that keeps what was built of the
# judges for the next script; --quick as first word: a shorter run.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C.UTF-8 TZ=UTC
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SAKSI=$(realpath "${SAKSI:-$here/../../bin/saksi}")
quick=
# shellcheck disable=SC2034 # for those who source this
if [ "${1:-}" = --quick ]; then quick=1; fi
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ]; then export TMPDIR=/dev/shm; fi
work=$(mktemp -d)
bin=${INTEROP_BIN:-$work/judges}
mkdir -p "$bin"
pids=() bad=0

end() {
	exec 9>&- || :
	local p
	for p in "${pids[@]}"; do kill "$p" 2>/dev/null || :; done
	for p in "${pids[@]}"; do wait "$p" 2>/dev/null || :; done
	rm -rf "$work"
}
trap end EXIT
trap 'exit 1' HUP INT TERM

saksi() { "$SAKSI" "$@"; }

# whom this script lets judge, and who is judging
judges=() judge=
not_run() {
	local j
	for j in "${judges[@]}"; do echo "judge $j: not run ($1)"; done
	exit 0
}
# failed WHAT: of the judge in $judge; says it once more at the end
failed() {
	echo "$judge: $1"
	bad=1
	wrong[$judge]=$1
}
declare -A wrong=()
verdicts() {
	local j
	for j in "${judges[@]}"; do
		if [ -n "${wrong[$j]:-}" ]; then
			echo "judge $j: failed (${wrong[$j]})"
		else
			echo "judge $j: passed"
		fi
	done
	exit "$bad"
}

# build FOLDER PACKAGE...: Go programs of a pinned module, into $bin
build() {
	local folder=$1 rc=0
	shift
	command -v go >/dev/null || not_run 'Go is not installed'
	# One at a time: other scripts build into the same folder.
	(
		cd "$here/$folder" || exit
		flock 8
		GOFLAGS="-mod=readonly ${GOFLAGS:-}" go build -o "$bin/" "$@"
	) 8>"$bin/.lock" >"$work/build" 2>&1 || rc=$?
	if [ $rc -eq 0 ]; then return 0; fi
	if grep -qE 'proxy|dial tcp|lookup|toolchain|requires go' "$work/build"; then
		not_run 'its modules cannot be fetched, or want a newer Go'
	fi
	cat "$work/build"
	for judge in "${judges[@]}"; do failed 'it cannot be built'; done
	verdicts
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

# start FILE COMMAND...: in the background until the script ends; $! is it
start() {
	local file=$1
	shift
	"$@" >"$file" 2>&1 </dev/null &
	pids+=($!)
}

# stop PID: ask it to end, and wait until it has
stop() {
	kill "$1" 2>/dev/null || :
	wait "$1" 2>/dev/null || :
}

free_port() {
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# serve_files DIR FILE: any static web server; prints nothing, its URL in $served
serve_files() {
	start "$2" python3 -u -m http.server 0 --bind 127.0.0.1 --directory "$1"
	served=http://127.0.0.1:$(wait_for "$2" '.* port \([0-9]*\).*')
}

# flip FILE [AT]: change one bit of its middle byte, or of the one at AT
flip() {
	local at=${2:-$(($(stat -c %s "$1") / 2))} was
	was=$(od -An -tu1 -j"$at" -N1 "$1")
	printf '%b' "$(printf '\\%03o' $((was ^ 1)))" |
		dd of="$1" bs=1 seek="$at" conv=notrunc status=none
}

# exit_of COMMAND...: its exit code into $code, its output into $work/said
exit_of() {
	code=0
	"$@" >"$work/said" 2>&1 || code=$?
}

# must CODE WHAT COMMAND...: it ends with CODE, else the judge failed at WHAT
must() {
	local want=$1 what=$2
	shift 2
	exit_of "$@"
	if [ "$code" -eq "$want" ]; then return 0; fi
	tail -n 20 "$work/said"
	failed "$what: exit $code, not $want"
}

# entries FROM TO DIR: files with one short entry each, named in order
entries() {
	local i
	mkdir -p "$3"
	for ((i = $1; i <= $2; i++)); do echo "entry $i of ${4:-the truth}" >"$3/$(printf %06d "$i")"; done
}
