#!/bin/bash
# Let Prometheus' own parser and linter read what each kind of server answers for
# /metrics, and its rule reader our alert rules; every metric of a rule must be one
# that some server has.  The judge must first refuse damaged copies.
set -euo pipefail
cd "$(dirname "$0")/../.."
name='Prometheus on metrics and rules'
saksi=$(realpath "${SAKSI:-bin/saksi}")
skip() {
	echo "judge $name: not run ($1)"
	exit 0
}
fail() {
	echo "judge $name: failed, $1"
	exit 1
}
command -v go >/dev/null || skip 'Go is not installed'
command -v curl >/dev/null || skip 'curl is not installed'
work=$(mktemp -d)
pids=()
end() {
	local p
	for p in "${pids[@]}"; do kill "$p" 2>/dev/null || :; done
	for p in "${pids[@]}"; do wait "$p" 2>/dev/null || :; done
	rm -rf "$work"
}
trap end EXIT
(cd tests/judge/metrics && GOFLAGS=-mod=readonly go build -o "$work/metrics" .) >"$work/built" 2>&1 ||
	skip 'its modules could not be fetched or built'

rules=$PWD/conf/prometheus/saksi.rules.yml
cd "$work"
serve() { # NAME ARGUMENTS...: its metrics come to NAME.prom
	local name=$1 i
	shift
	"$saksi" serve "$@" --listen 127.0.0.1:0 --metrics 127.0.0.1:0 >"$name.out" 2>"$name.err" &
	pids+=($!)
	for ((i = 0; i < 200; i++)); do
		if grep -q ^metrics "$name.out"; then return 0; fi
		sleep 0.05
	done
	cat "$name.err"
	fail "serve $* did not begin"
}
url() { sed -n 's/^listening on //p' "$1.out"; }
fetch() { curl -sf "$(sed -n 's/^metrics on //p' "$1.out")" >"$1.prom"; }

"$saksi" witness init w --name w.example >w.vkey
"$saksi" witness init gone --name gone.example >gone.vkey
serve witness witness w
# A name that has to be escaped, on its way through a policy.
printf 'witness w %s %s\nwitness a"b\\c %s http://127.0.0.1:1\ngroup g 1 w a"b\\c\nquorum g\n' \
	"$(cat w.vkey)" "$(url witness)" "$(cat gone.vkey)" >policy
"$saksi" log init l --origin 'l.example/"x\y' --open --policy policy >l.vkey
"$saksi" witness add w --log "$(cat l.vkey)"
serve log log l
mkdir trust
{
	echo "log $(cat l.vkey)"
	cat policy
} >trust/policy
serve site site "$(url log)" --trust trust --no-state
for i in 1 2 3; do curl -sf --data-binary "entry $i" "$(url log)/add" >/dev/null; done
sleep 2
curl -s "$(url site)/" >/dev/null
for s in witness log site; do fetch $s; done
./metrics --rules "$rules" witness.prom log.prom site.prom || fail 'on what the servers answer'

refused=0
refuses() { # WHAT COMMAND...
	local what=$1
	shift
	if "$@" >said 2>&1; then fail "it takes $what"; fi
	refused=$((refused + 1))
}
changed() { # WHAT SED: a copy of the log's metrics, changed, must be refused
	sed -E "$2" log.prom >changed.prom
	if cmp -s log.prom changed.prom; then fail "nothing was changed for: $1"; fi
	refuses "$1" ./metrics changed.prom
}
changed 'a label that is not closed' 's/version="[^"]*"/version="1/'
changed 'a quote that is not escaped' 's/a\\"b/a"b/'
changed 'a value that is no number' 's/^(saksi_log_entries) .*/\1 three/'
changed 'a type nobody knows' 's/^(# TYPE saksi_log_entries) gauge/\1 dial/'
changed 'a sample twice' 's/^(saksi_log_entries .*)/\1\n\1/'
changed 'a counter without _total' 's/saksi_log_repeats_total/saksi_log_repeats/'
changed 'no help' '/^# HELP saksi_log_entries /d'
changed 'milliseconds' 's/publication_stage_seconds/publication_stage_milliseconds/'
changed 'a histogram without its total' 's/le="\+Inf"/le="soon"/'
# shellcheck disable=SC2016 # sed's own $
changed 'text that was cut' '$s/.$//;$s/ [^ ]*$//'
sed 's/saksi_log_queue/saksi_log_q/; s/expr: saksi_healthy == 0/expr: saksi_health == 0/' "$rules" >changed.yml
refuses 'a rule on what no server has' ./metrics --rules changed.yml witness.prom log.prom site.prom
sed 's/expr: saksi_healthy == 0/expr: saksi_healthy == /' "$rules" >changed.yml
refuses 'a rule that is no expression' ./metrics --rules changed.yml witness.prom log.prom site.prom
sed 's/for: 5m/for: soon/' "$rules" >changed.yml
refuses 'a time that is none' ./metrics --rules changed.yml witness.prom log.prom site.prom
echo "$refused damaged copies refused"
echo "judge $name: passed"
